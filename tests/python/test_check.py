"""What a table seems to be, and what in a log may mislead."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pandas as pd
import polars as pl
import pytest

import winback as wb


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
    assert "stand alone at the end" in repr(log)


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


def test_no_log_is_told_as_such() -> None:
    table = pl.DataFrame({"customer_id": [1, 1, 2], "visits": [3, 4, 5]})
    found = wb.check(table)
    assert found.figures["table"] == "none" and found.figures["python"] is None
    assert "is not a log: customers come several times" in str(found)
