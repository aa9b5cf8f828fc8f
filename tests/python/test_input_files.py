"""Files as they come, by the keywords of Python."""

from __future__ import annotations

import ast
import gzip
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import winback as wb

UNTIL = "2024-06-01"
CSV = "customer_id;time;amount;category\n7;2024-01-05;3.5;чай\n9;2024-01-06;4;кофе\n"
ORDERS = {"customer_id": [7, 9], "time": ["2024-01-05", "2024-01-06"], "amount": [3.5, 4.0]}


def log_of(path: Path, **options: Any) -> wb.EventLog:
    return wb.EventLog(path, observed_until=UNTIL, **options)


def error_of(act: Callable[[], Any], kind: type[Exception] = ValueError) -> str:
    with pytest.raises(kind) as error:
        act()
    return str(error.value)


def write_workbook(path: Path, sheets: dict[str, list[list[Any]]]) -> None:
    """The least that is a workbook, all of it in plain sight."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006/relationships"

    def cell(value: object) -> str:
        text = f'<c t="inlineStr"><is><t>{value}</t></is></c>'
        return text if isinstance(value, str) else f"<c><v>{value}</v></c>"

    named = "".join(
        f'<sheet name="{name}" sheetId="{i}" r:id="r{i}"/>' for i, name in enumerate(sheets, 1)
    )
    targets = "".join(
        f'<Relationship Id="r{i}" Type="{office}/worksheet" Target="worksheets/sheet{i}.xml"/>'
        for i in range(1, len(sheets) + 1)
    )
    files = {
        "_rels/.rels": f'<Relationships xmlns="{package}"><Relationship Id="r1" '
        f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>{named}</sheets>'
        "</workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}">{targets}</Relationships>',
    }
    for i, rows in enumerate(sheets.values(), 1):
        cells = "".join(f"<row>{''.join(map(cell, row))}</row>" for row in rows)
        files[f"xl/worksheets/sheet{i}.xml"] = (
            f'<worksheet xmlns="{main}"><sheetData>{cells}</sheetData></worksheet>'
        )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for name, text in files.items():
            book.writestr(name, text)


def spend(log: wb.EventLog) -> list[float]:
    return log.at("2024-05-01").features()["total_spend"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf_16_le", "cp1251"])
def test_what_python_encodes_is_read(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes(CSV.encode(encoding))
    log = log_of(path, encoding=encoding)
    assert spend(log) == [3.5, 4.0]
    assert spend(log.append(path, encoding=encoding, observed_until=UNTIL)) == [7.0, 8.0]


def test_the_encoding_is_proposed(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes(CSV.encode("cp1251"))
    message = error_of(lambda: log_of(path))
    assert message == (
        'transactions.category, row 1: is not UTF-8 text; encoding="cp1251" reads it as "чай"'
    )
    assert "encoding" in error_of(lambda: log_of(path, encoding=1251), TypeError)
    assert "name of an encoding" in error_of(lambda: log_of(path, encoding="klingon"))


@pytest.mark.parametrize("lines", ["\n", "\r\n", "\r"])
def test_lines_above_the_header(tmp_path: Path, lines: str) -> None:
    path = tmp_path / "orders.csv"
    text = f"Orders, and returns\n;;;\n{CSV}".replace("\n", lines)
    path.write_bytes(text.encode("utf-16"))
    log = log_of(path, skip_rows=2)
    assert spend(log) == [3.5, 4.0]
    assert spend(log.append(path, skip_rows=2, observed_until=UNTIL)) == [7.0, 8.0]
    bad = text.replace("3.5", "x")
    path.write_bytes(bad.encode())
    assert "transactions.amount, row 1" in error_of(lambda: log_of(path, skip_rows=2))
    path.write_bytes(text.replace(";4;", ";").encode())
    assert "row 2 (line 5)" in error_of(lambda: log_of(path, skip_rows=2))
    assert "no such column" in error_of(lambda: log_of(path, skip_rows=1))
    assert "is empty" in error_of(lambda: log_of(path, skip_rows=9))
    assert "skip_rows" in error_of(lambda: log_of(path, skip_rows=-1))
    assert "skip_rows" in error_of(lambda: log_of(path, skip_rows="2"), TypeError)


def test_folders_and_patterns(tmp_path: Path) -> None:
    for month, customer in [("01", 1), ("02", 2), ("03", 3)]:
        text = f"customer_id,time\n{customer},2024-{month}-01\n"
        (tmp_path / f"2024-{month}.csv.gz").write_bytes(gzip.compress(text.encode()))
    assert log_of(tmp_path).n_customers == 3
    assert log_of(tmp_path / "2024-0[12]*").n_customers == 2
    with pytest.raises(FileNotFoundError):
        log_of(tmp_path / "2023-*.csv")
    pl.DataFrame(ORDERS).write_parquet(tmp_path / "orders.parquet")
    assert "two kinds" in error_of(lambda: log_of(tmp_path))


def test_a_sheet(tmp_path: Path) -> None:
    path = tmp_path / "orders.xlsx"
    rows = [list(ORDERS), *map(list, zip(*ORDERS.values(), strict=True))]
    write_workbook(path, {"Orders": rows, "More": rows, "Empty": []})
    assert "several sheets with cells, Orders, More" in error_of(lambda: log_of(path))
    assert spend(log_of(path, sheets={"transactions": "Orders"})) == [3.5, 4.0]
    assert "sheets" in error_of(lambda: log_of(path, sheets={"transactions": "Orders?"}))
    assert "sheets" in error_of(lambda: log_of(path, sheets="Orders"), TypeError)
    assert "sheets" in error_of(lambda: log_of(path, sheets={"orders": "Orders"}))


def test_limits(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(CSV, encoding="utf-8")
    message = error_of(lambda: log_of(path, limits={"columns": 3}))
    assert message == f"{path}: has 4 columns; the limit `columns` is 3"
    assert log_of(path, limits={"columns": 4}).n_customers == 2
    for limits in [{"rows": 1}, {"columns": 0}, {"columns": -1}]:
        assert "limits" in error_of(lambda limits=limits: log_of(path, limits=limits))
    for limits in [["columns"], {"columns": "many"}]:
        assert "limits" in error_of(lambda limits=limits: log_of(path, limits=limits), TypeError)
    orders = tmp_path / "orders.parquet"
    pl.DataFrame(ORDERS).write_parquet(orders)
    with pytest.raises(ValueError, match="the limit `columns` is 2"):
        wb.PartitionedLog(orders, observed_until=UNTIL, memory="1GB", limits={"columns": 2})


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_pipes_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "orders.csv")
    assert "is a pipe" in error_of(lambda: log_of(tmp_path / "orders.csv"))
    assert "is a pipe" in error_of(lambda: log_of(tmp_path))


def test_no_input_of_a_log_is_written_over(tmp_path: Path) -> None:
    orders, links, folder = tmp_path / "orders.csv", tmp_path / "link.csv", tmp_path / "parts"
    pl.DataFrame(ORDERS).write_csv(orders)
    folder.mkdir()
    pl.DataFrame(ORDERS).write_parquet(folder / "a.parquet")
    links.symlink_to(orders)
    before = orders.read_bytes()
    log, of_folder = log_of(orders), log_of(folder)
    table = log.at(UNTIL).features()
    model = wb.ChurnModel().fit(wb.simulate(customers=400).event_log(), until="2024-10-01")
    segments = wb.segments.RfmSegments().fit(log.at(UNTIL))
    for path in (orders, links, folder / "b.parquet"):
        for write in (table.write, model.save, segments.save):
            assert "input" in error_of(lambda write=write, path=path: write(path))
    assert orders.read_bytes() == before and not (folder / "b.parquet").exists()
    table.write(tmp_path / "features.csv")
    # Nobody has the log any more.
    del log, of_folder, table
    wb.simulate(customers=5).transactions.write(orders)
    assert orders.read_bytes() != before


def made_of_a_file(path: str) -> dict[str, Callable[[str], Any]]:
    """What may hold a path longer than anybody holds its log."""
    return {
        "features": lambda to: log_of(Path(path)).at(UNTIL).features().write(to),
        "panel": lambda to: log_of(Path(path)).panel(at=["2024-02-01"]).write(to),
        "rfm_summary": lambda to: wb.timing.rfm_summary(log_of(Path(path)).at(UNTIL)).write(to),
        "rates": lambda to: wb.retention.rates(log_of(Path(path)), "1mo").tables["rates"].write(to),
        "segments": lambda to: wb.segments.RfmSegments().fit(log_of(Path(path)).at(UNTIL)).save(to),
        "check": lambda to: wb.check(path).write(to),
        "log check": lambda to: log_of(Path(path)).check().write(to),
        "assign": lambda to: wb.campaign.assign(path).write(to),
        "plan": lambda to: wb.campaign.assign(path, plan=to),
    }


@pytest.mark.parametrize("name", made_of_a_file(""))
def test_nothing_made_of_a_file_is_written_over_it(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    monkeypatch.chdir(tmp_path)
    pl.DataFrame(ORDERS).write_csv("orders.csv")
    before = Path("orders.csv").read_bytes()
    assert "input" in error_of(lambda: made_of_a_file("orders.csv")[name]("orders.csv"))
    write = made_of_a_file("orders.csv")[name]
    assert "input" in error_of(lambda: write(str(tmp_path / "other" / ".." / "orders.csv")))
    assert Path("orders.csv").read_bytes() == before


def test_paths_are_those_of_the_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "later").mkdir()
    monkeypatch.chdir(tmp_path)
    pl.DataFrame(ORDERS).write_csv("orders.csv")
    log = log_of(Path("orders.csv"))
    tables = [log.at(UNTIL).features(), wb.check("orders.csv"), wb.campaign.assign("orders.csv")]
    del log
    monkeypatch.chdir("later")
    for table in tables:
        assert "input" in error_of(lambda table=table: table.write("../orders.csv"))
        # Another file of that name is none.
        table.write("orders.csv")


def test_parts_and_logs_that_grew_keep_their_files(tmp_path: Path) -> None:
    path = tmp_path / "orders.parquet"
    pl.DataFrame(ORDERS).write_parquet(path)
    part = wb.PartitionedLog(path, observed_until=UNTIL, memory="256MiB").part(0)
    found = part.at(UNTIL).features()
    del part
    assert "input" in error_of(lambda: found.write(path))
    more = tmp_path / "more.csv"
    pl.DataFrame(ORDERS).write_csv(more)
    found = log_of(path).append(more, observed_until=UNTIL).at(UNTIL).features()
    for each in (path, more):
        assert "input" in error_of(lambda each=each: found.write(each))


def test_every_table_says_what_it_is_made_of() -> None:
    package = Path(wb.__file__).parent
    # Made of columns, of numbers, or on Spark.
    apart = {"features.py", "simulate.py", "_plan.py", "_target.py", "metrics", "spark"}
    for path in sorted(package.rglob("*.py")):
        if apart.intersection(path.relative_to(package).parts):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("Table", "Answer"):
                text = ast.unparse(node)
                assert len(node.args) > 1 or "label_migration" in text, f"{path}: {text}"
