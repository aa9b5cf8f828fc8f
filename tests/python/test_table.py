"""The table of results and how it is handed on."""

from __future__ import annotations

import builtins
import math
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import polars.testing
import pyarrow as pa
import pyarrow.parquet
import pytest

import winback as wb

SHOP = wb.simulate(customers=40, seed=5)
LOG = SHOP.event_log()
FEATURES = LOG.panel(at=["2024-06-01", "2024-09-01"], attributes=["segment"])
PANEL = LOG.panel(at="2024-12-01")


def as_python(value: Any) -> Any:
    """None for all that is missing, so that libraries can be compared."""
    if isinstance(value, float) and math.isnan(value):
        return None
    return None if value is None or value is pd.NaT else value


@pytest.mark.parametrize(
    "table",
    [FEATURES, PANEL, *(table for table in vars(SHOP).values() if isinstance(table, wb.Table))],
    ids=lambda t: t.shape,
)
def test_every_library_reads_the_same_values(table: wb.Table) -> None:
    own = {name: [as_python(v) for v in table[name]] for name in table}
    polars = table.to_polars()
    assert {name: [as_python(v) for v in polars[name]] for name in polars.columns} == own
    arrow = table.to_arrow()
    assert {n: [as_python(v) for v in arrow[n].to_pylist()] for n in arrow.column_names} == own
    pandas = table.to_pandas()
    assert {n: [as_python(v) for v in pandas[n].to_list()] for n in pandas.columns} == own
    relation = duckdb.from_arrow(arrow)
    assert relation.columns == table.column_names
    assert len(relation) == len(table)
    direct = pd.DataFrame.from_arrow(table)
    pd.testing.assert_frame_equal(direct, pandas)


def test_shape_names_and_types() -> None:
    assert FEATURES.shape == (len(FEATURES), len(FEATURES.column_names))
    assert list(FEATURES) == FEATURES.column_names
    assert "customer_id" in FEATURES and "nothing" not in FEATURES
    types = dict(zip(FEATURES.column_names, FEATURES.column_types, strict=True))
    assert types["cutoff"] == "time"
    assert types["customer_id"] == "integer"
    assert types["gap_cv"] == "number"
    assert types["segment"] == "category"
    assert dict(zip(PANEL.column_names, PANEL.column_types, strict=True))["purchased"] == "boolean"


def test_values_of_a_column() -> None:
    assert FEATURES["cutoff"][0] == datetime(2024, 6, 1)
    assert set(FEATURES["segment"]) <= {"consumer", "family", "business"}
    assert None in SHOP.truth["left_at"]
    with pytest.raises(KeyError, match="nothing.*customer_id"):
        FEATURES["nothing"]


def test_repr_shows_the_first_rows_the_types_and_the_shape() -> None:
    lines = repr(FEATURES).splitlines()
    assert lines[0] == f"Table of {len(FEATURES)} rows and {FEATURES.shape[1]} columns"
    assert lines[1].split()[:3] == FEATURES.column_names[:3]
    assert lines[2].split()[:3] == ["time", "integer", "text"]
    assert lines[3].split()[0] == "2024-06-01" and "00:00" not in lines[3]
    assert lines[8] == f"... {len(FEATURES) - 5} more rows"
    assert lines[9].startswith("... more columns: ") and lines[-1].endswith(" segment")
    assert max(map(len, lines)) <= 100

    orders = pl.DataFrame({"customer_id": ["x" * 80], "time": [datetime(2024, 1, 1)]})
    log = wb.EventLog(orders, observed_until="2024-02-01")
    assert "…" in repr(log.at("2024-02-01").features())


def test_html_is_escaped() -> None:
    customers = pl.DataFrame({"customer_id": [1], "a<b": ["<script>"]})
    transactions = pl.DataFrame({"customer_id": [1], "time": [datetime(2024, 1, 1)]})
    log = wb.EventLog(transactions, customers=customers, observed_until="2024-02-01")
    page = log.at("2024-01-02").features(attributes=["a<b"])._repr_html_()
    assert page.count("<tr>") == 2
    assert "a<b" not in page and "<script>" not in page
    small = SHOP.truth._repr_html_()
    assert "left_at" in small and "more rows" in small


def test_html_shows_small_tables_whole_and_aligned() -> None:
    log = SHOP.event_log()
    page = wb.retention.rates(log, "1q")._repr_html_()
    assert page.count("<tr>") == 1 + 12 and "more rows" not in page
    assert ">2022-01-01</td>" in page and "00:00:00" not in page
    assert '<td style="text-align: right; white-space: nowrap">' in page
    assert "... " in log.at("2024-06-01").features()._repr_html_()
    report = wb.inactivity(log.at("2024-06-01"))
    assert "monospace" in report._repr_html_() and "white-space: pre;" in report._repr_html_()
    assert repr(report).count("\n") == report._repr_html_().count("\n")


def test_an_empty_table() -> None:
    transactions = pl.DataFrame({"customer_id": [1], "time": ["2024-01-01"], "amount": [-5.0]})
    table = wb.EventLog(transactions, observed_until="2024-02-01").at("2024-01-02").features()
    assert len(table) == 0
    assert table["customer_id"] == []
    assert repr(table).startswith("Table of 0 rows")
    assert "<table>" in table._repr_html_()
    assert table.to_polars().height == len(table.to_pandas()) == table.to_arrow().num_rows == 0


def test_a_table_outlives_what_it_came_from() -> None:
    def made() -> pa.Table:
        return wb.simulate(customers=20, seed=9).event_log().at("2024-09-01").features().to_arrow()

    table = made()
    assert table.num_rows == len(made().to_pandas()) > 0


def test_a_stream_can_be_taken_again_but_each_only_once() -> None:
    capsule = PANEL.__arrow_c_stream__()
    log_columns = {"transactions": {"customer_id": "customer_id", "time": "cutoff"}}

    class Once:
        def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
            return capsule

    log = wb.EventLog(Once(), columns=log_columns, observed_until="2025-01-01")
    assert log.n_customers == len(PANEL)
    with pytest.raises(ValueError, match="released"):
        wb.EventLog(Once(), columns=log_columns, observed_until="2025-01-01")
    assert pa.table(PANEL).num_rows == len(PANEL)


@pytest.mark.parametrize("method", ["to_pandas", "to_polars", "to_arrow"])
def test_what_is_not_installed_is_said(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    missing = {"to_pandas": "pandas", "to_polars": "polars", "to_arrow": "pyarrow"}[method]
    original = builtins.__import__

    def refuse(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == missing:
            raise ImportError(name)
        return original(name, *args, **kwargs)

    monkeypatch.delitem(sys.modules, missing)
    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(ImportError, match=r"pip install \"winback\[(pandas|polars)\]\""):
        getattr(PANEL, method)()


@pytest.mark.parametrize("table", [FEATURES, PANEL, SHOP.transactions, SHOP.tickets, SHOP.truth])
def test_files_read_back_equal(table: wb.Table, tmp_path: Path) -> None:
    expected = table.to_polars()
    table.write(tmp_path / "t.parquet")
    back = pl.read_parquet(tmp_path / "t.parquet")
    texts = pl.selectors.categorical()
    polars.testing.assert_frame_equal(
        back.with_columns(texts.cast(pl.String)), expected.with_columns(texts.cast(pl.String))
    )
    table.write(str(tmp_path / "t.csv"))
    back = pl.read_csv(tmp_path / "t.csv", schema_overrides=dict.fromkeys(table, pl.String))
    assert back.columns == table.column_names
    for name, kind in zip(table.column_names, table.column_types, strict=True):
        values = [as_python(value) for value in table[name]]
        texts_back = back[name].to_list()
        if kind == "number":
            assert [None if t is None else float(t) for t in texts_back] == values, name
        elif kind == "integer":
            assert [int(t) for t in texts_back] == values, name
        elif kind == "time":
            times = [None if t is None else datetime.fromisoformat(t) for t in texts_back]
            assert times == values, name
        elif kind != "boolean":
            assert texts_back == values, name
    assert sorted(path.name for path in tmp_path.iterdir()) == ["t.csv", "t.parquet"]


def test_places_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"\.parquet or \.csv"):
        PANEL.write(tmp_path / "t.xlsx")
    with pytest.raises(FileNotFoundError) as missing:
        PANEL.write(tmp_path / "no" / "t.csv")
    assert missing.value.filename == str(tmp_path / "no")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(OSError):
        PANEL.write(tmp_path / "folder.csv")
    (tmp_path / "file").write_text("kept")
    with pytest.raises(OSError):
        PANEL.write(tmp_path / "file" / "t.csv")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder.csv"]
    assert (tmp_path / "file").read_text() == "kept"


def test_a_table_is_no_array_and_pandas_says_so() -> None:
    table = wb.simulate(customers=3).customers
    for make in [np.asarray, pd.DataFrame]:
        with pytest.raises(TypeError, match=r"a winback.Table is no array: take to_pandas\(\)"):
            make(table)


def test_as_many_columns_are_printed_as_fit() -> None:
    log = wb.simulate(customers=300).event_log()
    text = repr(log.at("2024-10-01").features())
    assert max(map(len, text.splitlines())) <= 150 and "... more columns: " in text
    retention = wb.retention.rates(log, "1q")
    assert len(retention) == 12 and "more rows" not in repr(retention)
