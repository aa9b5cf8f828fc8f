"""Every function that takes a frame gives the same with every library and kind of column."""

from __future__ import annotations

import inspect
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import winback as wb

UNTIL = "2024-06-01"
AT = "2024-05-01"
TIMES = ["2024-01-01", "2024-01-05", "2024-02-01", "2024-02-01", "2024-03-01", "2024-04-01"]
DAYS = [datetime.fromisoformat(day) for day in TIMES]

TRANSACTIONS = pa.table(
    {
        "customer_id": pa.array([3, 1, 3, 2, 1, 3], pa.int64()),
        "time": pa.array(DAYS, pa.timestamp("us")),
        "amount": pa.array([10.0, 2.0, 3.0, 4.0, -1.0, 8.0]),
        "order_id": pa.array([1, 2, 3, 4, 5, 6], pa.int64()),
        "category": ["1", "2", "1", None, "3", "2"],
        "channel": ["true", None, "false", "true", "true", "false"],
        "discount": pa.array([2.0, None, 1.0, 0.0, 3.0, 2.0]),
        "known_at": pa.array([None, *DAYS[1:]], pa.timestamp("us")),
    }
)
TICKETS = pa.table(
    {
        "customer_id": pa.array([1, 3, 3, 2], pa.int64()),
        "opened_at": pa.array(DAYS[1:5], pa.timestamp("us")),
        "first_response_at": pa.array([DAYS[2], None, DAYS[3], None], pa.timestamp("us")),
        "resolved_at": pa.array([DAYS[2], None, DAYS[4], None], pa.timestamp("us")),
        "topic": ["1", "2", None, "1"],
        "reopened_count": pa.array([0, None, 2, 1], pa.int64()),
        "satisfaction": pa.array([5.0, None, 2.0, None]),
    }
)
SURVEYS = pa.table(
    {
        "customer_id": pa.array([1, 2, 2], pa.int64()),
        "time": pa.array(DAYS[3:], pa.timestamp("us")),
        "score": pa.array([9.0, 0.0, 7.0]),
        "topic": ["1", None, "2"],
    }
)
EVENTS = pa.table(
    {
        "customer_id": pa.array([1, 2, 2], pa.int64()),
        "time": pa.array(DAYS[3:], pa.timestamp("us")),
        "kind": ["1", "2", "1"],
        "value": pa.array([9.0, None, -7.0]),
        "channel": ["1", None, "2"],
    }
)
CUSTOMERS = pa.table(
    {
        "customer_id": pa.array([1, 2, 3], pa.int64()),
        "size": pa.array([4.0, None, 7.0]),
        "plan": ["free", None, "paid"],
    }
)
TABLES = {
    "transactions": TRANSACTIONS,
    "tickets": TICKETS,
    "surveys": SURVEYS,
    "events": EVENTS,
    "customers": CUSTOMERS,
}

Frame = Callable[[pa.Table], Any]


def as_objects(table: pa.Table) -> pd.DataFrame:
    """As pandas 2 holds texts: Python's own strings."""
    frame = table.to_pandas()
    for name in table.column_names:
        if pa.types.is_string(table.schema.field(name).type):
            frame[name] = pd.Series(table[name].to_pylist(), dtype=object)
    return frame


def as_nullable(table: pa.Table) -> pd.DataFrame:
    """Int64, boolean and string instead of NumPy's types."""
    with np.errstate(invalid="ignore"):  # pandas 2 casts an infinite number to see what it is
        return table.to_pandas().convert_dtypes()


def in_chunks(table: pa.Table) -> pa.Table:
    """Chunks of several sizes, one of them empty."""
    return pa.concat_tables([table[:1], table[1:1], table[1:3], table[3:]])


FRAMES: dict[str, Frame] = {
    "pandas": pa.Table.to_pandas,
    "pandas, objects": as_objects,
    "pandas, nullable": as_nullable,
    "pandas, Arrow types": lambda table: table.to_pandas(types_mapper=pd.ArrowDtype),
    "polars": lambda table: pl.DataFrame(pl.from_arrow(table)),
    "polars, in chunks": lambda table: pl.DataFrame(pl.from_arrow(in_chunks(table), rechunk=False)),
    "pyarrow": lambda table: table,
    "pyarrow, in chunks": in_chunks,
    "pyarrow, reader": lambda table: table.to_reader(max_chunksize=2),
    "DuckDB": duckdb.from_arrow,
}


@pytest.fixture(params=FRAMES)
def frame(request: pytest.FixtureRequest) -> Frame:
    """Makes of an Arrow table a frame of one library."""
    return FRAMES[request.param]


def features(log: wb.EventLog) -> pl.DataFrame:
    names = [name for name in ("size", "plan") if name not in log.report["ignored_attributes"]]
    table = log.at(AT).features(attributes=names).to_polars()
    return table.with_columns(pl.col(pl.Categorical).cast(pl.String))


def log_of(tables: dict[str, Any]) -> wb.EventLog:
    return wb.EventLog(**tables, observed_until=UNTIL)


EXPECTED = features(log_of(TABLES))


# Every function


def of_log(frame: Frame) -> Any:
    log = log_of({name: frame(table) for name, table in TABLES.items()})
    return features(log), log.report


def of_append(frame: Frame) -> Any:
    first = {name: frame(table[:1]) for name, table in TABLES.items()}
    with pytest.warns(UserWarning, match="none of 1 row is of a customer"):
        log = wb.EventLog(**first, observed_until="2024-01-02")
    rest = {name: frame(table[1:]) for name, table in TABLES.items()}
    log = log.append(**rest, observed_until=UNTIL)
    return features(log), log.report


def of_rfm_summary(frame: Frame) -> Any:
    found = wb.timing.rfm_summary(frame(TRANSACTIONS), "customer_id", "time", "amount")
    return found.to_polars()


def of_summary_data(frame: Frame) -> Any:
    columns = ("customer_id", "time", "amount", None, "2024-03-15", "W")
    return wb.timing.summary_data_from_transaction_data(frame(TRANSACTIONS), *columns).to_polars()


def of_check(frame: Frame) -> Any:
    found = wb.check(frame(TRANSACTIONS))
    return found["column"], found["seems_to_be"], found.figures["arguments"]


def of_assign(frame: Frame) -> Any:
    return wb.campaign.assign(frame(TRANSACTIONS), control_share=0.5).to_polars()


def of_effect(frame: Frame) -> Any:
    arms = pa.table({"arm": ["control", "offer"] * 6, "bought": [0, 1, 1, 1, 0, 0] * 2})
    return wb.campaign.effect(frame(arms), metrics=["bought"]).to_polars()


def of_write(frame: Frame) -> Any:
    arms = pa.table({"customer_id": [1, 2, 3], "arm": ["offer", "control", "offer"]})
    phones = pa.table({"customer_id": [3, 2, 1], "phone": [79161234567, None, 79161234568]})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list.csv"
        found = wb.campaign.write(frame(arms), path, identifiers=frame(phones), identifier="phone")
        return found.tables["left_out"].to_polars(), path.read_text()


def of_compensation_outcomes(frame: Frame) -> Any:
    log = log_of(TABLES)
    arms = pa.table({"customer_id": [1, 2, 3], "arm": ["a", "b", "a"]})
    return wb.campaign.compensation_outcomes(frame(arms), log, start="2024-02-01").to_polars()


FUNCTIONS: dict[str, Callable[[Frame], Any]] = {
    "assign": of_assign,
    "effect": of_effect,
    "EventLog": of_log,
    "EventLog.append": of_append,
    "check": of_check,
    "compensation_outcomes": of_compensation_outcomes,
    "write": of_write,
    "rfm_summary": of_rfm_summary,
    "summary_data_from_transaction_data": of_summary_data,
}


def equal(one: Any, other: Any) -> bool:
    if isinstance(one, tuple):
        return len(one) == len(other) and all(map(equal, one, other))
    return bool(one.equals(other)) if isinstance(one, pl.DataFrame) else bool(one == other)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_function_gives_the_same_for_every_frame(function: str, frame: Frame) -> None:
    found = FUNCTIONS[function](frame)
    assert equal(found, FUNCTIONS[function](lambda table: table))
    if function == "EventLog":
        assert EXPECTED.height == 3 and found[0].equals(EXPECTED)


def test_no_function_that_takes_a_frame_is_left_out() -> None:
    taking = set()
    for name in wb.__all__:
        thing = getattr(wb, name)
        members = {name: thing}
        if inspect.ismodule(thing):
            members = {n: getattr(thing, n) for n in getattr(thing, "__all__", ())}
        if inspect.isclass(thing):
            own = {n: m for n, m in vars(thing).items() if not n.startswith("_")}
            members |= {f"{name}.{n}": m for n, m in own.items() if callable(m)}
        for path, member in members.items():
            try:
                parameters = inspect.signature(member).parameters.values()
            except (TypeError, ValueError):
                continue
            if any(
                "Source" in str(p.annotation) or "Arrow" in str(p.annotation) for p in parameters
            ):
                taking.add(path)
    assert taking - {"PartitionedLog"} == set(FUNCTIONS), "PartitionedLog takes paths only"


# Every kind of column


def cast(column: pa.ChunkedArray, kind: pa.DataType) -> Any:
    if pa.types.is_decimal(kind):  # pyarrow casts integers to wide ones only
        values = column.to_pylist()
        return pa.array([None if v is None else Decimal(str(v)) for v in values], kind)
    return column.cast(kind)


def encoded(name: str, table: pa.Table, keys: pa.DataType | None = None) -> dict[str, Any]:
    column = table[name].combine_chunks().dictionary_encode()
    return {
        name: column if keys is None else column.cast(pa.dictionary(keys, column.type.value_type))
    }


def every(names: str, kind: pa.DataType, table: str) -> tuple[str, dict[str, Any]]:
    return table, {name: cast(TABLES[table][name], kind) for name in names.split()}


IN_TIME = "time known_at"
ZONE = "Europe/Berlin"
TICKET_TIMES = "opened_at first_response_at resolved_at"
COLUMNS: dict[str, tuple[str, dict[str, Any]]] = {
    **{
        f"ids, {kind}": every("customer_id order_id", kind, "transactions")
        for kind in (pa.int8(), pa.int16(), pa.int32(), pa.uint8(), pa.uint32(), pa.uint64())
    },
    "ids, float32": every("customer_id order_id", pa.float32(), "transactions"),
    "ids, float64": every("customer_id order_id", pa.float64(), "transactions"),
    "ids, decimal": every("customer_id order_id", pa.decimal128(38, 0), "transactions"),
    "ids, dictionary": ("transactions", encoded("customer_id", TRANSACTIONS)),
    "order ids, text": ("transactions", {"order_id": pa.array(list("abcdef"))}),
    "order ids, dictionary": ("transactions", encoded("order_id", TRANSACTIONS)),
    **{
        f"times, {unit}": every(IN_TIME, pa.timestamp(unit), "transactions")
        for unit in ("s", "ms", "ns")
    },
    **{
        f"times with a zone, {unit}": every(IN_TIME, pa.timestamp(unit, zone), "transactions")
        for unit, zone in (("s", "UTC"), ("ms", ZONE), ("us", "UTC"), ("us", ZONE), ("ns", ZONE))
    },
    "dates": every(IN_TIME, pa.date32(), "transactions"),
    "dates of milliseconds": every(IN_TIME, pa.date64(), "transactions"),
    "times as texts": ("transactions", {"time": pa.array(TIMES)}),
    "times as dictionary": ("transactions", encoded("time", TRANSACTIONS)),
    "amounts, int16": every("amount discount", pa.int16(), "transactions"),
    "amounts, int64": every("amount discount", pa.int64(), "transactions"),
    "amounts, float16": every("amount discount", pa.float16(), "transactions"),
    "amounts, float32": every("amount discount", pa.float32(), "transactions"),
    "amounts, decimal": every("amount discount", pa.decimal128(12, 2), "transactions"),
    "amounts, wide decimal": every("amount discount", pa.decimal128(38, 10), "transactions"),
    "amounts, dictionary": ("transactions", encoded("amount", TRANSACTIONS)),
    "discounts, dictionary": ("transactions", encoded("discount", TRANSACTIONS)),
    "texts, large": every("category channel", pa.large_string(), "transactions"),
    "texts, view": every("category channel", pa.string_view(), "transactions"),
    "texts, dictionary": ("transactions", encoded("category", TRANSACTIONS)),
    "texts, dictionary of int8": ("transactions", encoded("channel", TRANSACTIONS, pa.int8())),
    "texts, dictionary of uint64": ("transactions", encoded("channel", TRANSACTIONS, pa.uint64())),
    "categories, int64": every("category", pa.int64(), "transactions"),
    "channels, boolean": every("channel", pa.bool_(), "transactions"),
    "tickets, int32": every("customer_id reopened_count satisfaction", pa.int32(), "tickets"),
    "tickets, decimal": every("reopened_count satisfaction", pa.decimal128(9, 1), "tickets"),
    "tickets, dates": every(TICKET_TIMES, pa.date32(), "tickets"),
    "tickets, times with a zone": every(TICKET_TIMES, pa.timestamp("ms", ZONE), "tickets"),
    "tickets, dictionary": ("tickets", encoded("topic", TICKETS)),
    "tickets, topics as int64": every("topic", pa.int64(), "tickets"),
    "surveys, int8": every("score", pa.int8(), "surveys"),
    "surveys, decimal": every("score", pa.decimal128(5, 2), "surveys"),
    "surveys, dictionary": ("surveys", encoded("topic", SURVEYS)),
    "attributes, int64": every("size", pa.int64(), "customers"),
    "attributes, decimal": every("size", pa.decimal128(9, 3), "customers"),
    "attributes, dictionary": ("customers", encoded("plan", CUSTOMERS)),
    "attributes, text view": every("plan", pa.string_view(), "customers"),
}


@pytest.mark.parametrize("kind", COLUMNS)
def test_every_kind_of_column_gives_the_same(kind: str, frame: Frame) -> None:
    if frame is FRAMES["DuckDB"] and kind == "amounts, float16":
        return  # DuckDB has no such type
    name, columns = COLUMNS[kind]
    table = TABLES[name]
    for column, values in columns.items():
        table = table.set_column(table.column_names.index(column), column, values)
    given = frame(table)
    assert features(log_of({**TABLES, name: given})).equals(EXPECTED)


@pytest.mark.parametrize(
    "kind",
    [pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string())],
)
def test_every_kind_of_text_ids(kind: pa.DataType, frame: Frame) -> None:
    tables = {}
    for name, table in TABLES.items():
        ids = pa.array([f"c{one}" for one in table["customer_id"].to_pylist()]).cast(kind)
        tables[name] = frame(table.set_column(0, "customer_id", ids))
    ids = EXPECTED["customer_id"].cast(pl.String)
    assert features(log_of(tables)).equals(EXPECTED.with_columns(customer_id="c" + ids))


def test_what_pandas_makes_of_missing_integers() -> None:
    """NumPy's integers have no missing values: pandas turns the column into floats."""
    table = TRANSACTIONS.set_column(4, "category", TRANSACTIONS["category"].cast(pa.int64()))
    frame = table.to_pandas()
    assert frame["category"].dtype == float
    assert features(log_of({**TABLES, "transactions": frame})).equals(EXPECTED)
    nullable = frame.astype({"category": "Int64", "customer_id": "Int64", "amount": "Float64"})
    assert features(log_of({**TABLES, "transactions": nullable})).equals(EXPECTED)


def test_pandas_columns_of_python_objects() -> None:
    frame = TRANSACTIONS.to_pandas()
    frame["amount"] = pd.Series([Decimal(f"{x:.2f}") for x in frame["amount"]], dtype=object)
    frame["time"] = pd.Series(DAYS, dtype=object)
    frame["channel"] = pd.Series([True, None, False, True, True, False], dtype=object)
    frame["category"] = frame["category"].astype("category")
    assert features(log_of({**TABLES, "transactions": frame})).equals(EXPECTED)
    frame["category"] = pd.Series([1, "2", "1", None, "3", "2"], dtype=object)
    with pytest.raises((TypeError, ValueError), match="category|str"):
        log_of({**TABLES, "transactions": frame})


def test_booleans_are_numbers_as_attributes(frame: Frame) -> None:
    table = CUSTOMERS.append_column("vip", pa.array([True, None, False]))
    log = log_of({**TABLES, "customers": frame(table)})
    values = log.at(AT).features(attributes=["vip"]).to_polars()["vip"].to_list()
    assert str(values) == "[1.0, nan, 0.0]"


REFUSED: dict[str, tuple[str, str, pa.Array, str]] = {
    "ids, half": ("transactions", "customer_id", pa.array([1.5] * 6), "row 1: 1.5 is not a whole"),
    "ids, decimal": (
        "transactions",
        "customer_id",
        pa.array([Decimal("1.5")] * 6, pa.decimal128(5, 1)),
        "row 1: is not a whole number",
    ),
    "ids, boolean": ("transactions", "customer_id", pa.array([True] * 6), "is of type Boolean"),
    "ids, missing": (
        "transactions",
        "customer_id",
        pa.array([1, 2, None, 3, 4, 5]),
        "row 3: has no customer id",
    ),
    "times, integer": (
        "transactions",
        "time",
        pa.array([1] * 6),
        "is of type Int64; expected dates",
    ),
    "times, missing": (
        "transactions",
        "time",
        pa.array([*DAYS[:5], None], pa.timestamp("us")),
        "row 6: ",
    ),
    "amounts, text": (
        "transactions",
        "amount",
        pa.array(["1"] * 6),
        "Utf8.*; expected numbers; conv",
    ),
    "amounts, boolean": (
        "transactions",
        "amount",
        pa.array([True] * 6),
        "is of type Boolean; expected",
    ),
    "amounts, missing": (
        "transactions",
        "amount",
        pa.array([1.0, None, 1.0, 1.0, 1.0, 1.0]),
        "row 2: is missing or not a number",
    ),
    "amounts, infinite": (
        "transactions",
        "amount",
        pa.array([1.0, 1.0, 1.0, float("inf"), 1.0, 1.0]),
        "row 4: is infinite",
    ),
    "categories, half": (
        "transactions",
        "category",
        pa.array([0.5] * 6),
        "row 1: 0.5 is not a whole",
    ),
    "categories, date": (
        "transactions",
        "category",
        pa.array(DAYS, pa.date32()),
        "is of type Date32; expected texts",
    ),
    "tickets, text": ("tickets", "satisfaction", pa.array(["good"] * 4), "expected numbers"),
    "surveys, above 10": ("surveys", "score", pa.array([1.0, 11.0, 2.0]), "row 2: 11 lies outside"),
    "customers, ids of two kinds": ("customers", "customer_id", pa.array(["a", "b", "c"]), ""),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_refused_names_the_table_and_the_column(kind: str, frame: Frame) -> None:
    name, column, values, message = REFUSED[kind]
    table = TABLES[name]
    table = table.set_column(table.column_names.index(column), column, values)
    given = frame(table)
    with pytest.raises(ValueError, match=rf"^{name}(\.{column}|:).*{message}"):
        log_of({**TABLES, name: given})


def test_columns_that_are_no_attributes_are_said(frame: Frame) -> None:
    table = CUSTOMERS.append_column("since", pa.array(DAYS[:3], pa.timestamp("us")))
    log = log_of({**TABLES, "customers": frame(table)})
    assert log.report["ignored_attributes"] == ["since"]


# Columns instead of frames

SERIES: dict[str, Callable[[list[Any]], Any]] = {
    "list": list,
    "tuple": tuple,
    "NumPy": np.array,
    "pandas": pd.Series,
    "pandas, nullable": lambda values: pd.Series(values).convert_dtypes(),
    "pandas, Arrow types": lambda values: pd.Series(
        pa.array(values), dtype=pd.ArrowDtype(pa.array(values).type)
    ),
    "polars": pl.Series,
    "pyarrow": pa.array,
    "pyarrow, in chunks": lambda values: pa.chunked_array([values[:2], values[2:]]),
}


@pytest.mark.parametrize("kind", SERIES)
def test_columns_of_every_library(kind: str) -> None:
    series = SERIES[kind]
    scores = [10, 9, 7, 0, 3]
    assert wb.surveys.nps_of_scores(series(scores)) == wb.surveys.nps_of_scores(scores)
    bought, score = [True, False, True, False, True], [0.9, 0.2, 0.6, 0.4, 0.1]
    costs = {"incentive_cost": 2.0, "contact_cost": 1.0, "accept_rate": 0.3}
    clv = [10.0, 20.0, 30.0, 40.0, 50.0]
    found = wb.metrics.profit_curve(series(bought), series(score), clv=series(clv), **costs)
    expected = wb.metrics.profit_curve(bought, score, clv=clv, **costs)
    assert found.to_polars().equals(expected.to_polars())
    before = ["loyal", "loyal", None, "lost", "loyal"]
    after = ["loyal", "lost", "loyal", None, "lost"]
    revenue = [1.0, 2.0, 3.0, 4.0, 5.0]
    found = wb.retention.label_migration(series(before), series(after), revenue=series(revenue))
    assert found.to_polars().equals(
        wb.retention.label_migration(before, after, revenue=revenue).to_polars()
    )
    with pytest.raises(TypeError, match="after: expected a sequence of labels, got str"):
        wb.retention.label_migration(["a"], "a")


# No hidden copies


def address(frame: Any, column: str) -> int:
    """Where the values of a frame's column begin, by the library's own word."""
    if isinstance(frame, pd.DataFrame):
        return int(frame[column].to_numpy().__array_interface__["data"][0])
    if isinstance(frame, pl.DataFrame):
        values = frame[column].to_physical().to_numpy(allow_copy=False)
        return int(values.__array_interface__["data"][0])
    return int(frame[column].chunk(0).buffers()[1].address)


NUMERIC = pa.table(
    {
        "customer_id": pa.array(np.arange(5000) % 70),
        "time": pa.array(np.arange(5000) * 10**9 + 10**15, pa.timestamp("us")),
        "amount": pa.array(np.arange(5000) / 4 + 1),
    }
)


@pytest.mark.parametrize("kind", ["pandas", "polars", "pyarrow"])
def test_numeric_columns_come_through_the_interface_where_they_are(kind: str) -> None:
    frame = FRAMES[kind](NUMERIC)
    got = pa.RecordBatchReader.from_stream(frame).read_all()
    for column in NUMERIC.column_names:
        assert got[column].num_chunks == 1
        assert address(got, column) == address(frame, column), column


def test_results_are_handed_on_without_a_copy() -> None:
    table = wb.simulate(customers=30).event_log().at("2024-06-01").features()
    arrow = table.to_arrow()
    for column in ("customer_id", "purchase_count", "tenure_days"):
        assert address(arrow, column) == address(table.to_arrow(), column)
        assert address(table.to_polars(), column) == address(arrow, column)


PEAK = """
import re, sys
import numpy as np, pandas as pd, polars as pl, pyarrow as pa
import winback as wb

def memory(which):
    return int(re.search(which + r":\\s+(\\d+) kB", open("/proc/self/status").read())[1]) / 1024

def table(rows, time):
    return pa.table({
        "customer_id": pa.array(np.arange(rows) % (rows // 10)),
        "time": pa.array(np.arange(rows) * 1000 + 10**15).cast(pa.timestamp("us")).cast(time),
        "amount": pa.array(np.arange(rows) / 4 + 1),
    })

kind, time, rows = sys.argv[1], sys.argv[2], int(sys.argv[3])
frame = {"pandas": pa.Table.to_pandas, "polars": pl.from_arrow, "pyarrow": lambda t: t}[kind]
time = pa.timestamp(time)

def read(transactions):
    # Ids of another kind are refused once all tables are read and before they are sorted.
    tickets = pa.table({"customer_id": ["a"], "opened_at": ["2024-01-01"]})
    try:
        wb.EventLog(transactions, tickets=tickets, observed_until="last_event")
    except ValueError as error:
        assert "customer ids are texts here" in str(error), error
    else:
        raise AssertionError("was not refused")

read(frame(table(1000, time)))  # what is loaded once
given = frame(table(rows, time))
pa.default_memory_pool().release_unused()
before = memory("VmRSS")
open("/proc/self/clear_refs", "w").write("5")  # the peak starts anew
read(given)
print(memory("VmHWM") - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="peaks are read from /proc")
def test_reading_numeric_columns_copies_nothing() -> None:
    rows = 3_000_000
    column = rows * 8 / 2**20  # MiB

    def peak(kind: str, time: str) -> float:
        command = [sys.executable, "-c", PEAK, kind, time, str(rows)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return float(done.stdout)

    for kind in ("pandas", "polars", "pyarrow"):
        assert peak(kind, "us") < 0.5 * column, kind
    # The measure sees a copy: times of another unit have to be converted.
    assert peak("pyarrow", "ms") > 0.9 * column


def test_columns_of_mixed_objects_matter_only_where_they_are_used() -> None:
    days = [datetime(2024, 1, 5), datetime(2024, 2, 5)]
    frame = pd.DataFrame({"customer_id": [1, 2], "time": days, "note": ["paid", 17]})
    assert wb.EventLog(frame, observed_until="2024-03-01").report["purchases"] == 2
    mixed = pd.DataFrame({"customer_id": [1, "two"], "time": days})
    refused = r"transactions.customer_id: is of type object \((int, str|str, int)\)"
    with pytest.raises(ValueError, match=refused):
        wb.EventLog(mixed, observed_until="2024-03-01")


@pytest.mark.parametrize(
    "column", [pd.Series([1, 2]), pl.Series([1, 2]), pa.chunked_array([[1, 2]])]
)
def test_a_column_is_no_table(column: Any) -> None:
    kind = type(column).__name__
    message = rf"transactions: expected a table, got one column \({kind}\)"
    with pytest.raises(TypeError, match=message):
        wb.EventLog(column, observed_until="2024-03-01")
