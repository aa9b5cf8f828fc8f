"""What a cell means: missing values, bad rows, and tables whose ids do not meet."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import winback as wb

UNTIL = "2024-04-01"


def orders(**columns: list[Any]) -> pl.DataFrame:
    rows = {"customer_id": ["a", "b ", "b"], "time": ["2024-01-05", " 2024-02-05", "2024-02-06"]}
    return pl.DataFrame(rows | columns)


def missing_categories(log: wb.EventLog) -> list[float]:
    return list(log.at(UNTIL).features(features=["category_count"])["category_count"])


def test_bad_rows_are_refused_or_left_out_and_told(tmp_path: Path) -> None:
    frame = orders(time=["2024-01-05", "never", "2024-02-06"])
    with pytest.raises(ValueError, match=r'transactions.time, row 2: "never" is not a date'):
        wb.EventLog(frame, observed_until=UNTIL)
    log = wb.EventLog(frame, bad_rows="drop", observed_until=UNTIL)
    counts = log.report["transactions"]
    assert (counts["rows_read"], counts["bad_rows"], counts["rows_kept"]) == (3, 1, 2)
    [told] = log.report["dropped"]
    assert (told["table"], told["column"], told["row"]) == ("transactions", "time", 2)
    assert told["file"] is None
    assert f"left out: transactions.time, row 2: {told['reason']}" in repr(log)

    frame.write_parquet(tmp_path / "orders.parquet")
    parts = wb.PartitionedLog(
        tmp_path / "orders.parquet", bad_rows="drop", observed_until=UNTIL, memory="1GB"
    )
    written = parts.at(UNTIL).write_features(tmp_path / "features.csv")
    assert written["log"] == log.report

    both = log.append(frame, bad_rows="drop", observed_until=UNTIL)
    assert both.report["transactions"]["bad_rows"] == 2
    with pytest.raises(ValueError, match="row 2"):
        log.append(frame, observed_until=UNTIL)


def test_missing_values_can_be_named(tmp_path: Path) -> None:
    frame = orders(category=["NULL", "none", "tea"])
    counts = [
        missing_categories(wb.EventLog(frame, missing_values=values, observed_until=UNTIL))
        for values in (None, [], ["none"], ["NULL", "none"])
    ]
    assert counts == [[0.0, 2.0], [1.0, 2.0], [1.0, 1.0], [0.0, 1.0]]
    # Rows that are added are read as those that are there.
    log = wb.EventLog(frame, missing_values=["none"], observed_until=UNTIL)
    assert missing_categories(log.append(frame, observed_until=UNTIL)) == [1.0, 1.0]
    path = tmp_path / "orders.parquet"
    frame.write_parquet(path)
    parts = wb.PartitionedLog(path, missing_values=["none"], observed_until=UNTIL, memory="1GB")
    assert missing_categories(wb_part(parts)) == [1.0, 1.0]


def wb_part(parts: wb.PartitionedLog) -> wb.EventLog:
    log = wb.EventLog.__new__(wb.EventLog)
    log._log = parts._log.part(0)
    return log


@pytest.mark.parametrize(
    ("options", "kind", "text"),
    [
        ({"bad_rows": "keep"}, ValueError, 'bad_rows: expected .*, got "keep"'),
        ({"bad_rows": True}, TypeError, "bad_rows: expected a str, got bool"),
        ({"missing_values": "NULL"}, TypeError, "missing_values: expected a list of names"),
        ({"missing_values": [7]}, TypeError, r"missing_values\[0\]: expected a str, got int"),
    ],
)
def test_other_rules_are_refused(options: dict[str, Any], kind: type[Exception], text: str) -> None:
    with pytest.raises(kind, match=text):
        wb.EventLog(orders(), **options, observed_until=UNTIL)


def test_blanks_around_ids_are_told_once() -> None:
    log = wb.EventLog(orders(), observed_until="2024-03-01")
    assert log.n_customers == 2
    assert (log.report["padded_ids"], log.report["joined_ids"]) == (1, 1)
    note = "customer ids: 1 rows had blanks around the id, which were taken off; 1 ids became one"
    assert repr(log).count(note) == 1


def test_tables_whose_ids_do_not_meet_are_warned_of(tmp_path: Path) -> None:
    tickets = pl.DataFrame({"customer_id": ["A", "B"], "opened_at": ["2024-01-06"] * 2})
    text = (
        "tickets: none of 2 rows is of a customer of the transactions; ids are A, B here and a, b "
        "there, which differ in case"
    )
    with pytest.warns(UserWarning) as told:
        log = wb.EventLog(orders(), tickets=tickets, observed_until=UNTIL)
    assert [str(each.message) for each in told] == [text]
    assert told[0].filename == __file__
    assert log.report["unmet_ids"] == [text]
    assert repr(log).count(text) == 1
    with pytest.warns(UserWarning, match="none of 4 rows"):
        log.append(tickets=tickets, observed_until=UNTIL)
    orders().write_parquet(tmp_path / "orders.parquet")
    tickets.write_parquet(tmp_path / "tickets.parquet")
    parts = wb.PartitionedLog(
        tmp_path / "orders.parquet",
        tickets=tmp_path / "tickets.parquet",
        observed_until=UNTIL,
        memory="1GB",
        least_parts=2,
    )
    with pytest.warns(UserWarning) as told:
        parts.at(UNTIL).write_features(tmp_path / "features.csv")
    assert [(str(each.message), each.filename) for each in told] == [(text, __file__)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        met = tickets.with_columns(pl.col("customer_id").str.to_lowercase())
        wb.EventLog(orders(), tickets=met, observed_until=UNTIL)


@pytest.mark.parametrize(
    ("time_format", "cells"),
    [
        ("%s", [1704412800, 1707177599, 1707177600]),
        ("epoch_ms", [1704412800000, 1707177599000, 1707177600000]),
        ("epoch_us", [1704412800000000, 1707177599000000, 1707177600000000]),
        ("epoch_ns", [1704412800000000000, 1707177599000000000, 1707177600000000000]),
    ],
)
def test_counts_since_1970_are_times(time_format: str, cells: list[int], tmp_path: Path) -> None:
    meant = orders(time=["2024-01-05", "2024-02-05T23:59:59", "2024-02-06"])
    expected = wb.EventLog(meant, observed_until=UNTIL).at(UNTIL).features().to_polars()
    numbers = orders(time=cells)
    for name in ("orders.csv", "orders.parquet"):
        path = tmp_path / name
        numbers.write_csv(path) if name.endswith("csv") else numbers.write_parquet(path)
        log = wb.EventLog(path, time_format=time_format, observed_until=UNTIL)
        assert log.at(UNTIL).features().to_polars().equals(expected)
        found = wb.check(path)
        assert f'time_format="{time_format}"' in str(found) or time_format == "epoch_ns"
    log = wb.EventLog(numbers, time_format={"transactions.time": time_format}, observed_until=UNTIL)
    assert log.at(UNTIL).features().to_polars().equals(expected)
    with pytest.raises(ValueError, match=r"transactions.time: is of type Int64; expected dates"):
        wb.EventLog(numbers, observed_until=UNTIL)
    with pytest.raises(ValueError, match=r"transactions.time, row 2: 5 is not a time written"):
        wb.EventLog(orders(time=[20240105, 5, 6]), time_format="%Y%m%d", observed_until=UNTIL)


def test_attributes_are_of_one_type_in_every_source(tmp_path: Path) -> None:
    customers = pl.DataFrame(
        {
            "customer_id": ["a", "b"],
            "member": [True, None],
            "since": ["2021-03-01", "2022-04-02"],
            "seen": ["2021-03-01 10:00", None],
            "plan": ["TRUE", "basic"],
        }
    ).with_columns(pl.col("since").str.to_date())
    customers.write_csv(tmp_path / "customers.csv")
    table = customers.with_columns(pl.col("seen").str.to_datetime("%Y-%m-%d %H:%M"))
    logs = [
        wb.EventLog(orders(), customers=given, observed_until=UNTIL)
        for given in (table, tmp_path / "customers.csv")
    ]
    for log in logs:
        assert log.report["ignored_attributes"] == ["since", "seen"]
    first, second = (log.at(UNTIL).features(attributes=["member", "plan"]) for log in logs)
    assert first.to_polars().equals(second.to_polars())
    assert first["member"][0] == 1.0
