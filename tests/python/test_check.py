"""What a table seems to be, and what in a log may mislead."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pandas as pd
import polars as pl
import pytest

import winback as wb
from test_input_files import write_workbook


def orders() -> pl.DataFrame:
    return wb.simulate(customers=200).transactions.to_polars()


def test_a_log_without_tells_has_no_findings() -> None:
    log = wb.EventLog(orders(), observed_until="2025-01-01")
    check = log.check()
    assert len(check) == 0
    assert check.figures["high"] == check.figures["medium"] == check.figures["low"] == 0
    assert set(check.tables["looked_for"]["result"]) >= {"not found", "no tickets"}
    assert "note" not in repr(log)


def test_grave_findings_are_notes_of_the_log() -> None:
    rows = orders()
    typo = rows.head(1).with_columns(time=pl.lit(datetime(2099, 1, 1)).cast(pl.Datetime("us")))
    log = wb.EventLog(pl.concat([rows, typo]), observed_until="2099-01-02")
    check = log.check()
    # The typo has the number of an order, too.
    assert check["check"] == ["lone-end", "order-restarts"]
    assert check["severity"] == ["high", "medium"] and check["count"][0] == 1
    assert check["example"][0].endswith("2099-01-01")
    assert "(lone-end)" in repr(log)


@pytest.mark.parametrize("to", [pl.DataFrame, pd.DataFrame])
def test_the_proposed_call_reads_the_table(to: type) -> None:
    table = to(
        {
            "Клиент": ["a", "a", None, "b"],
            "Дата покупки": [datetime(2024, 1, day, 12) for day in (3, 5, 9, 20)],
            "Сумма": [20.0, 35.5, 1.0, 12.0],
            "Комментарий": ["", "x", "", ""],
        }
    )
    found = wb.check(table)
    assert found["seems_to_be"] == ["customer_id", "time", "amount", None]
    assert found.figures["arguments"] == {"missing_ids": "drop", "observed_until": "2024-01-21"}
    assert found.figures["problem"] is None
    names: dict[str, object] = {"table": table}
    exec(found.figures["python"], names)
    log = names["log"]
    assert isinstance(log, wb.EventLog)
    assert log.report["transactions"]["missing_id"] == 1
    assert log.at("2024-01-21").features()["total_spend"] == [55.5, 12.0]


def test_a_file_and_its_command_line(tmp_path: Path) -> None:
    path = tmp_path / "my orders.csv"
    path.write_text("user_id,date,total\n1,2024-01-05,20\n1,2024-02-05,30\n2,2024-02-07,5\n")
    found = wb.check(path)
    assert found.figures["rows"] == found.figures["rows_seen"] == 3
    assert f"'{path}'" in found.figures["command_line"]
    assert wb.check(path, quick=True).figures["problem"] is None
    with pytest.raises(FileNotFoundError):
        wb.check(tmp_path / "none.csv")
    with pytest.raises(TypeError, match="table: expected a table"):
        wb.check(None)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="quick: expected a bool"):
        wb.check(path, quick="yes")  # type: ignore[arg-type]


def test_formats_are_proposed_and_read(tmp_path: Path) -> None:
    path = tmp_path / "заказы.csv"
    text = "Отчет\n\nКлиент;Дата;Сумма\nа;31.01.2024;1 250,50\nб;01.02.2024;99,90\n"
    path.write_bytes(text.encode("cp1251"))
    found = wb.check(path)
    assert found.figures["arguments"] == {
        "encoding": "cp1251",
        "skip_rows": 1,
        "decimal": ",",
        "thousands": " ",
        "observed_until": "2024-02-02",
    }
    names: dict[str, object] = {}
    exec(found.figures["python"], names)
    log = names["log"]
    assert isinstance(log, wb.EventLog)
    assert log.at("2024-02-02").features()["total_spend"] == [1250.5, 99.9]


def test_what_is_given_is_used_or_refused(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text("who;when;worth\na;1/2/2024;1.000\nb;3/4/2024;2.500\n")
    found = wb.check(
        path,
        columns={"transactions": {"customer_id": "who", "time": "when", "amount": "worth"}},
        time_format="%m/%d/%Y",
        thousands=".",
        decimal=",",
        observed_until=datetime(2024, 6, 1),
    )
    assert found.figures["arguments"] == {
        "time_format": "%m/%d/%Y",
        "decimal": ",",
        "thousands": ".",
        "observed_until": "2024-06-01T00:00:00",
    }
    log = read_as_proposed(found)
    assert log.at("2024-06-01").features()["total_spend"] == [1000.0, 2500.0]
    with pytest.raises(ValueError, match="encoding: expected none"):
        wb.check(orders(), encoding="cp1251")
    with pytest.raises(ValueError, match="thousands: expected one character"):
        wb.check(path, thousands="..")
    with pytest.raises(TypeError, match="skip_rows"):
        wb.check(path, skip_rows="1")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="is not among the columns"):
        wb.check(path, columns={"transactions": {"time": "day"}})


def test_a_sheet_of_several_is_named(tmp_path: Path) -> None:
    path = tmp_path / "shop.xlsx"
    rows = [["user_id", "date", "total"], ["a", "2024-01-05", 5]]
    write_workbook(path, {"Orders": rows, "More": rows})
    with pytest.raises(ValueError, match="`sheets` says which one is meant"):
        wb.check(path)
    for sheets in ("More", {"transactions": "More"}):
        found = wb.check(path, sheets=sheets)
        assert found.figures["arguments"]["sheets"] == {"transactions": "More"}
        assert read_as_proposed(found).n_customers == 1


def test_made_amounts_are_those_of_the_call(tmp_path: Path) -> None:
    path = tmp_path / "lines.csv"
    lines = [f"00{i % 3};{i % 28 + 1:02d}.01.2024;{i % 4 + 1};1.00{i % 9},50 €" for i in range(40)]
    path.write_bytes("\n".join(["Käufer;Datum;Menge;Preis", *lines]).encode("cp1252"))
    found = wb.check(path)
    log = read_as_proposed(found)
    expected = sum((i % 4 + 1) * (1000 + i % 9 + 0.5) for i in range(40))
    assert sum(log.at(log.observed_until).features()["total_spend"]) == pytest.approx(expected)
    assert f"{log.report['purchases']} purchases of 3 customers" in str(found)
    frame = pd.DataFrame({"user_id": [1, 2], "date": ["2024-01-05"] * 2, "total": ["$1,250", "$2"]})
    log = read_as_proposed(wb.check(frame), table=frame)
    assert log.at("2024-01-06").features()["total_spend"] == [1250.0, 2.0]


@pytest.mark.parametrize(
    ("text", "table"),
    [
        ("user_id,opened_at,priority,ticket\n1,2024-01-05,high,7\n,2024-01-06,low,8\n", "tickets"),
        ("user_id;answered_at;nps\n1;05.01.2024;9\n2;06.01.2024;3\n", "surveys"),
        ("user_id,plan\n1,a\n2,b\n", "customers"),
    ],
)
def test_calls_beside_transactions_run_once_filled_in(
    tmp_path: Path, text: str, table: str
) -> None:
    path, own = tmp_path / "table.csv", tmp_path / "own.csv"
    path.write_text(text)
    own.write_text("customer_id,time\n1,2024-01-01\n2,2024-01-02\n")
    found = wb.check(path)
    assert found.figures["table"] == table
    code = found.figures["python"].replace("YOUR_ORDERS.csv", str(own))
    names: dict[str, object] = {}
    exec(code.replace("YYYY-MM-DD", "2024-06-01"), names)
    log = names["log"]
    assert isinstance(log, wb.EventLog) and log.n_customers == 2


def read_as_proposed(found: wb.Answer, **names: object) -> wb.EventLog:
    exec(found.figures["python"], names)
    log = names["log"]
    assert isinstance(log, wb.EventLog)
    return log


def test_no_log_is_told_as_such() -> None:
    table = pl.DataFrame({"customer_id": [1, 1, 2], "visits": [3, 4, 5]})
    found = wb.check(table)
    assert found.figures["table"] == "none" and found.figures["python"] is None
    assert "is not a log: customers come several times" in str(found)


@pytest.mark.parametrize(
    ("amounts", "sign"),
    [(["20", "35.5", "1"], ""), (["20 €", "35,5 €", "1 €"], "€"), (["20,0", "35,5", "1,0"], "")],
)
def test_amounts_that_are_texts_in_a_frame_are_cast(amounts: list[str], sign: str) -> None:
    table = pl.DataFrame(
        {
            "customer_id": [1, 1, 2],
            "time": [datetime(2024, 1, day) for day in (3, 5, 9)],
            "amount": amounts,
        }
    )
    found = wb.check(table)
    names: dict[str, object] = {"table": table}
    exec(found.figures["python"], names)
    log = names["log"]
    assert isinstance(log, wb.EventLog)
    assert log.at("2024-01-10").features()["total_spend"] == [55.5, 1.0]


@pytest.mark.parametrize(
    ("per_second", "time_format"),
    [(1, "%s"), (10**3, "epoch_ms"), (10**6, "epoch_us"), (10**9, "epoch_ns")],
)
@pytest.mark.parametrize("to", [int, float])
def test_counts_since_1970_are_told_and_read(per_second: int, time_format: str, to: type) -> None:
    # One is missing, for which pandas makes floats of whole numbers.
    times = [1_704_276_000, 1_704_448_800, None, 1_704_794_400]
    counts = [None if time is None else to(time * per_second) for time in times]
    table = pl.DataFrame({"customer_id": [1, 1, 2, 2], "time": counts, "amount": [1.0, 2, 3, 4]})
    found = wb.check(table)
    assert found.figures["arguments"]["time_format"] == time_format
    names: dict[str, object] = {"table": table}
    exec(found.figures["python"], names)
    log = names["log"]
    assert isinstance(log, wb.EventLog)
    assert str(log.first_event) == "2024-01-03 10:00:00"
    assert str(log.last_event) == "2024-01-09 10:00:00"


def test_fractions_of_seconds_are_read_from_texts_and_numbers(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("customer_id,time\n1,1704276000.1\n")
    table = pl.DataFrame({"customer_id": [1], "time": [1704276000.1]})
    for source in (table, tmp_path / "a.csv"):
        log = wb.EventLog(source, time_format="%s", observed_until="2024-02-01")
        assert log.first_event.microsecond == 100_000


def test_a_column_of_several_types_is_named() -> None:
    days = [datetime(2024, 1, 1)] * 4
    found = wb.check(pd.DataFrame({"customer_id": [1, "a", 2, "b"], "time": days}))
    assert found.figures["table"] == "none"
    assert found["cells"] == ["dates", "not readable"]
    assert 'the column "customer_id" is of a type that cannot be read' in str(found)


def test_dates_of_customers_are_no_attributes() -> None:
    days = [datetime(1980, 1, day) for day in range(1, 5)]
    found = wb.check(pl.DataFrame({"customer_id": [1, 2, 3, 4], "born": days, "plan": ["a"] * 4}))
    assert found.figures["table"] == "customers"
    assert '"born" become no attributes' in str(found)


def test_ids_that_differ_in_case_between_tables_are_told() -> None:
    rows = pl.DataFrame(
        {"customer_id": ["C1", "C2", "C3"], "time": [datetime(2024, 1, day) for day in (1, 2, 3)]}
    )
    days = [datetime(2024, 1, 1)] * 4
    tickets = pl.DataFrame(
        {"customer_id": ["C1", "C2", "C3", "c1"], "opened_at": days, "resolved_at": days}
    )
    log = wb.EventLog(rows, tickets=pl.concat([tickets] * 3), observed_until="2024-02-01")
    [finding] = log.check()["finding"]
    assert "3 of 12 tickets are of customers without transactions" in finding
    assert 'most of their ids differ in case, such as "c1" and "C1"' in finding


def test_a_quantity_that_is_text_is_one(tmp_path: Path) -> None:
    table = pl.DataFrame(
        {
            "customer_id": [1, 1, 2],
            "time": [datetime(2024, 1, day) for day in (3, 5, 9)],
            "price": [2.0, 3.0, 4.0],
            "quantity": ["10", "2", "1"],
        }
    )
    found = wb.check(table)
    assert found["seems_to_be"] == ["customer_id", "time", "price", "quantity"]
    names: dict[str, object] = {"table": table}
    exec(found.figures["python"], names)
    log = names["log"]
    assert isinstance(log, wb.EventLog)
    assert log.at("2024-01-10").features()["total_spend"] == [26.0, 4.0]


def test_texts_among_amounts_are_no_sign_of_a_currency() -> None:
    amounts = [f"{number}.50" for number in range(60)]
    amounts[7] = "free"
    table = pl.DataFrame(
        {
            "customer_id": [number % 9 for number in range(60)],
            "time": [datetime(2024, 1, 1 + number % 28) for number in range(60)],
            "amount": amounts,
        }
    )
    found = wb.check(table)
    assert not any("have the sign" in note for note in found.notes)
    names: dict[str, object] = {"table": table}
    exec(found.figures["python"], names)
    assert isinstance(names["log"], wb.EventLog)


def test_what_could_not_be_read_is_named() -> None:
    days = [datetime(2024, 1, day) for day in range(1, 5)]
    table = pd.DataFrame({"customer_id": [1, 2, 1, 2], "time": days, "amount": [1.5, "free", 2, 3]})
    assert any('"amount" is not used' in note for note in wb.check(table).notes)


def test_ids_that_are_whole_floats_look_like_integers() -> None:
    rows = pl.DataFrame(
        {
            "customer_id": ["12", "12.0", "13", "14"],
            "time": [datetime(2024, 1, day) for day in (1, 2, 3, 4)],
        }
    )
    check = wb.EventLog(rows, observed_until="2024-02-01").check()
    assert "ids-alike" in check["check"]


@pytest.mark.parametrize(("one", "other"), [("7", "007"), ("12345", "00012345"), ("0", "000")])
def test_ids_that_differ_in_leading_zeros_look_alike(one: str, other: str) -> None:
    days = [datetime(2024, 1, day) for day in (1, 2, 3, 4)]
    rows = pl.DataFrame({"customer_id": [one, other, "a07", "a7"], "time": days})
    check = wb.EventLog(rows, observed_until="2024-02-01").check()
    [finding] = check.to_polars().filter(check="ids-alike")["finding"]
    assert finding.startswith("1 id looks like another but for case, blanks, leading zeros")
