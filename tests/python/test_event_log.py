"""The event log: every kind of table and of column gives the same log."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet
import pytest

import winback as wb

SHOP = wb.simulate(customers=60, seed=3, events=True)
TABLES = {"transactions": SHOP.transactions, "tickets": SHOP.tickets}
TABLES |= {"surveys": SHOP.surveys, "customers": SHOP.customers, "events": SHOP.events}
AT = "2024-09-01"


def to_relation(table: wb.Table, _: Path) -> Any:
    arrow = table.to_arrow()
    return duckdb.from_arrow(arrow)


def to_csv(table: wb.Table, folder: Path) -> Path:
    path = folder / f"{id(table)}.csv"
    table.write(path)
    return path


def to_csv_gz(table: wb.Table, folder: Path) -> str:
    path = folder / f"{id(table)}.csv.gz"
    table.to_pandas().to_csv(path, index=False)
    return str(path)


def to_parquet(table: wb.Table, folder: Path) -> Path:
    path = folder / f"{id(table)}.parquet"
    table.write(path)
    return path


def to_record_batch(table: wb.Table, _: Path) -> pa.RecordBatch:
    return table.to_arrow().combine_chunks().to_batches()[0]


KINDS: dict[str, Callable[[wb.Table, Path], Any]] = {
    "winback": lambda table, _: table,
    "pandas": lambda table, _: table.to_pandas(),
    "polars": lambda table, _: table.to_polars(),
    "pyarrow": lambda table, _: table.to_arrow(),
    "record batch": to_record_batch,
    "reader": lambda table, _: table.to_arrow().to_reader(max_chunksize=100),
    "duckdb": to_relation,
    "csv": to_csv,
    "csv.gz": to_csv_gz,
    "parquet": to_parquet,
}


@pytest.fixture(params=KINDS)
def tables(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, Any]:
    """The four tables of one shop, as one kind of table."""
    convert = KINDS[request.param]
    return {name: convert(table, tmp_path) for name, table in TABLES.items()}


def features(log: wb.EventLog) -> pl.DataFrame:
    table = log.at(AT).features(attributes=["segment", "age"])
    return table.to_polars().with_columns(pl.col("segment").cast(pl.String))


def test_every_kind_of_table_gives_the_same_features(tables: dict[str, Any]) -> None:
    log = wb.EventLog(**tables, observed_until="2025-01-01")
    expected = wb.EventLog(**TABLES, observed_until="2025-01-01")
    assert features(expected).height > 40
    assert features(log).equals(features(expected))
    assert log.report == expected.report


@pytest.mark.parametrize("order", ["reversed", "shuffled"])
def test_the_order_of_the_rows_does_not_matter(order: str) -> None:
    frame = SHOP.transactions.to_polars()
    frame = (
        frame.reverse() if order == "reversed" else frame.sample(fraction=1, shuffle=True, seed=1)
    )
    log = wb.EventLog(frame, observed_until="2025-01-01")
    expected = wb.EventLog(SHOP.transactions, observed_until="2025-01-01")
    assert log.at(AT).features().to_polars().equals(expected.at(AT).features().to_polars())


IDS: dict[str, Any] = {
    "int": [3, 1, 3],
    "int8": pa.array([3, 1, 3], pa.int8()),
    "uint64": pa.array([3, 1, 3], pa.uint64()),
    "float": [3.0, 1.0, 3.0],
    "text": ["3", "1", "3"],
    "large text": pa.array(["3", "1", "3"], pa.large_string()),
    "text view": pa.array(["3", "1", "3"], pa.string_view()),
    "dictionary": pa.array(["3", "1", "3"]).dictionary_encode(),
    "dictionary of int": pa.array([3, 1, 3]).dictionary_encode(),
    "run ends": pa.RunEndEncodedArray.from_arrays([1, 2, 3], [3, 1, 3]),
    "categorical": pd.Categorical(["3", "1", "3"]),
}


def frame_of(**columns: Any) -> Any:
    """A pandas frame where a column is pandas' own kind, else a pyarrow table."""
    if any(isinstance(column, pd.Categorical) for column in columns.values()):
        return pd.DataFrame(columns)
    return pa.table(columns)


@pytest.mark.parametrize("kind", IDS)
def test_kinds_of_ids(kind: str) -> None:
    times = [datetime(2024, 1, 1), datetime(2024, 1, 2), datetime(2024, 1, 3)]
    log = wb.EventLog(frame_of(customer_id=IDS[kind], time=times), observed_until="2024-02-01")
    table = log.at("2024-02-01").features()
    first = table["customer_id"][0]
    assert [int(customer) for customer in table["customer_id"]] == [1, 3]
    assert isinstance(
        first,
        str
        if isinstance(IDS[kind][0], str) or "text" in kind or kind in ("dictionary", "categorical")
        else int,
    )
    assert table["purchase_count"] == [1.0, 2.0]


def test_ids_that_pandas_made_floats() -> None:
    frame = pd.DataFrame({"customer_id": [3, None, 1], "time": pd.to_datetime(["2024-01-01"] * 3)})
    assert frame["customer_id"].dtype == float
    log = wb.EventLog(frame, missing_ids="drop", observed_until="2024-02-01")
    assert log.at("2024-02-01").features()["customer_id"] == [1, 3]
    assert log.report["transactions"]["missing_id"] == 1


AMOUNTS: dict[str, Any] = {
    "float": [20.5, 10.25, -1.5],
    "float32": pa.array([20.5, 10.25, -1.5], pa.float32()),
    "float16": pa.array([20.5, 10.25, -1.5], pa.float16()),
    "decimal": [Decimal("20.50"), Decimal("10.25"), Decimal("-1.50")],
    "decimal256": pa.array(
        [Decimal("20.50"), Decimal("10.25"), Decimal("-1.50")], pa.decimal256(40, 4)
    ),
    "dictionary": pa.array([20.5, 10.25, -1.5]).dictionary_encode(),
}


@pytest.mark.parametrize("kind", AMOUNTS)
def test_kinds_of_amounts(kind: str) -> None:
    times = [datetime(2024, 1, 1), datetime(2024, 1, 2), datetime(2024, 1, 3)]
    table = pa.table({"customer_id": [1, 1, 1], "time": times, "amount": AMOUNTS[kind]})
    log = wb.EventLog(table, observed_until="2024-02-01")
    assert log.at("2024-02-01").features()["total_spend"] == [29.25]


ZONE = timezone(timedelta(hours=2))
TIMES: dict[str, Any] = {
    "naive": [datetime(2024, 1, 1, 22), datetime(2024, 1, 3)],
    "aware": [datetime(2024, 1, 2, 0, tzinfo=ZONE), datetime(2024, 1, 3, 2, tzinfo=ZONE)],
    "pandas zone": pd.to_datetime(["2024-01-02T00:00", "2024-01-03T02:00"]).tz_localize(
        "Etc/GMT-2"
    ),
    "seconds": pa.array([1704146400, 1704240000], pa.timestamp("s")),
    "milliseconds": pa.array([1704146400000, 1704240000000], pa.timestamp("ms", "UTC")),
    "nanoseconds": pa.array([1704146400 * 10**9 + 1, 1704240000 * 10**9], pa.timestamp("ns")),
    "text": ["2024-01-01T22:00:00", "2024-01-03"],
    "text with zones": ["2024-01-02T00:00:00+02:00", "2024-01-03 00:00:00Z"],
    "date64": pa.array([1704146400000, 1704240000000], pa.timestamp("ms")).cast("date64"),
    "date": [date(2024, 1, 1), date(2024, 1, 3)],
}


@pytest.mark.parametrize("kind", TIMES)
def test_kinds_of_times(kind: str) -> None:
    log = wb.EventLog(
        pa.table({"customer_id": [1, 1], "time": TIMES[kind]}), observed_until="2024-02-01"
    )
    evening = 0 if kind.startswith("date") else 22
    assert log.first_event == datetime(2024, 1, 1, evening)
    assert log.last_event == datetime(2024, 1, 3)


@pytest.mark.parametrize(
    "at",
    [
        "2024-09-01",
        date(2024, 9, 1),
        datetime(2024, 9, 1),
        datetime(2024, 9, 1, 2, tzinfo=ZONE),
        pd.Timestamp("2024-09-01"),
        pd.Timestamp("2024-09-01T02:00", tz=ZONE),
    ],
    ids=repr,
)
def test_kinds_of_cutoffs(at: Any) -> None:
    log = wb.EventLog(SHOP.transactions, observed_until=datetime(2025, 1, 1))
    assert log.at(at).features().to_polars().equals(log.at("2024-09-01").features().to_polars())


def test_several_cutoffs_are_blocks_of_rows() -> None:
    log = SHOP.event_log()
    both = log.panel(at=("2024-03-01", date(2024, 9, 1))).to_polars()
    for at in [datetime(2024, 3, 1), datetime(2024, 9, 1)]:
        table = log.at(at).features()
        block = both.filter(pl.col("cutoff") == at).select(table.column_names)
        assert block.equals(table.to_polars())


def test_columns_are_mapped_and_the_rest_is_ignored() -> None:
    frame = SHOP.transactions.to_polars()
    renamed = frame.rename({"customer_id": "Kunde", "time": "Zeit", "amount": "Betrag"})
    renamed = renamed.with_columns(amount=pl.lit("not a number"))
    columns = {"transactions": {"customer_id": "Kunde", "time": "Zeit", "amount": "Betrag"}}
    log = wb.EventLog(renamed, columns=columns, observed_until="2025-01-01")
    expected = wb.EventLog(frame, observed_until="2025-01-01")
    assert log.at(AT).features().to_polars().equals(expected.at(AT).features().to_polars())


def test_attributes_of_the_log() -> None:
    log = SHOP.event_log()
    report = log.report
    assert report["customers"] == log.n_customers == 60
    assert report["transactions"]["rows_read"] == len(SHOP.transactions)
    assert report["tickets"]["rows_kept"] == len(SHOP.tickets)
    assert report["ignored_attributes"] == []
    assert log.first_event == min(SHOP.transactions["time"])
    assert log.last_event == max(SHOP.transactions["time"])
    assert log.observed_until == datetime(2025, 1, 1)
    lines = repr(log).splitlines()
    assert lines[0].startswith("EventLog: ") and "purchases of 60 customers" in lines[0]
    assert lines[-1].endswith("complete up to 2025-01-01")


def test_observed_until_the_last_event() -> None:
    log = wb.EventLog(SHOP.transactions, observed_until="last_event")
    assert log.observed_until == log.last_event + timedelta(microseconds=1)
    with pytest.raises(TypeError, match="observed_until"):
        wb.EventLog(SHOP.transactions)  # type: ignore[call-arg]


def test_purchase_rules() -> None:
    frame = pl.DataFrame(
        {
            "customer_id": [1] * 4,
            "time": [datetime(2024, 1, 1), datetime(2024, 1, 1, 5), datetime(2024, 1, 2)] * 1
            + [datetime(2024, 1, 3)],
            "order_id": ["a", "a", "b", "c"],
            "amount": [1.0, 2.0, 3.0, 0.0],
        }
    )

    def count(**options: str) -> float:
        log = wb.EventLog(frame, observed_until="2024-02-01", **options)  # type: ignore[arg-type]
        return log.at("2024-02-01").features()["purchase_count"][0]

    assert count() == 2
    assert count(purchase_by="timestamp") == 3
    assert count(purchase_by="day") == 2
    assert count(zero_amounts="purchase") == 3


def test_a_panel_has_states_and_outcomes() -> None:
    log = SHOP.event_log()
    panel = log.panel(at=["2024-06-01", "2024-11-01"], horizon="3mo").to_polars()
    early = panel.filter(pl.col("cutoff") == datetime(2024, 6, 1))
    late = panel.filter(pl.col("cutoff") == datetime(2024, 11, 1))
    assert early["purchased"].null_count() == 0
    assert late["purchased"].null_count() == late.height > 0
    # The states by the days themselves: 1 March and 1 December lie 92 and 183 days before.
    days = pl.col("days_since_last_purchase")
    state = pl.when(days < 92).then(pl.lit("active"))
    state = state.when(days < 183).then(pl.lit("lapsed")).otherwise(pl.lit("lost"))
    assert early.select(state.alias("state"))["state"].to_list() == early["state"].to_list()
    # The outcomes by the features three months later.
    later = (
        log.at("2024-09-01").features().to_polars().select("customer_id", later="purchase_count")
    )
    pairs = early.join(later, on="customer_id")
    more = (pairs["later"] > pairs["purchase_count"]).to_list()
    assert pairs["purchased"].to_list() == more and any(more) and not all(more)
    censored = log.panel(at="2024-06-01", until="2024-08-01").to_polars()
    assert censored["purchased"].null_count() == censored.height


def test_a_log_can_be_read_by_several_threads() -> None:
    from concurrent.futures import ThreadPoolExecutor

    log = SHOP.event_log()
    expected = log.at(AT).features().to_polars()
    with ThreadPoolExecutor(4) as pool:
        tables = list(pool.map(lambda _: log.at(AT).features().to_polars(), range(16)))
    assert all(table.equals(expected) for table in tables)


def test_the_catalogue_lists_the_columns() -> None:
    catalogue = wb.catalogue().to_polars()
    columns = SHOP.event_log().at(AT).features().column_names[1:]
    assert " ".join(catalogue.columns) == "name family unit needs empty expected_sign meaning"
    signs = dict(catalogue.select("name", "expected_sign").iter_rows())
    assert set(signs.values()) == {-1, 0, 1}
    assert [signs[name] for name in ("purchase_count", "open_ticket_count", "tenure_days")] == [
        1,
        -1,
        0,
    ]
    # There are no contracts.
    assert columns == catalogue.filter(pl.col("family") != "contract")["name"].to_list()
    only_times = wb.EventLog(
        SHOP.transactions.to_polars().select("customer_id", "time"), observed_until="2025-01-01"
    )
    fewer = catalogue.filter(pl.col("needs") == "nothing more")["name"].to_list()
    assert only_times.at(AT).features().column_names[1:] == fewer


def test_appended_rows_give_the_log_of_all_rows() -> None:
    orders = SHOP.transactions.to_pandas().sample(frac=1.0, random_state=1)
    orders = orders.rename(columns={"time": "when"})
    tickets = SHOP.tickets.to_polars()
    names = {"transactions": {"time": "when"}}
    log = wb.EventLog(
        orders[:500], tickets=tickets[:40], columns=names, observed_until="2024-06-01"
    )
    before = log.at("2024-06-01").features().to_polars()
    for start in range(500, len(orders), 700):
        log_now = log.append(orders[start : start + 700], observed_until="2025-01-01")
        assert log.at("2024-06-01").features().to_polars().equals(before)
        log, before = log_now, log_now.at("2024-06-01").features().to_polars()
    log = log.append(tickets=pa.table(tickets[40:]), observed_until=datetime(2025, 1, 1))
    everything = wb.EventLog(orders, tickets=tickets, columns=names, observed_until="2025-01-01")
    assert log.report == everything.report
    for at in ("2023-01-01", "2024-06-01", "2025-01-01"):
        assert log.at(at).features().to_polars().equals(everything.at(at).features().to_polars())
    with pytest.raises(ValueError, match="surveys: is new to the log"):
        log.append(surveys=SHOP.surveys, observed_until="2025-01-01")
    with pytest.raises(ValueError, match=r"transactions\.amount: the log has this column"):
        log.append(orders.drop(columns="amount"), observed_until="2025-01-01")
    with pytest.raises(ValueError, match="observed_until: expected a time not before"):
        log.append(observed_until="2024-01-01")


def test_what_a_reader_should_know_of_a_log() -> None:
    day = {"customer_id": [1], "time": ["2024-01-05"]}
    with_amounts = pl.DataFrame(day | {"amount": [1.0]})
    text = repr(wb.EventLog(with_amounts, observed_until="2024-01-20"))
    assert "note:" not in text
    text = repr(wb.EventLog(with_amounts, observed_until="2024-03-20"))
    assert "note: nothing happened in the last 75 days before observed_until" in text
    text = repr(wb.EventLog(pl.DataFrame(day), observed_until="2024-01-20"))
    assert "note: transactions have no amount: every row counts as bought" in text


def test_a_missing_column_tells_how_to_name_it() -> None:
    orders = pl.DataFrame({"id": [1], "time": ["2024-01-05"]})
    with pytest.raises(ValueError) as error:
        wb.EventLog(orders, observed_until="2024-02-01")
    assert str(error.value) == (
        "transactions.customer_id: no such column; found: id, time; another name is mapped by "
        'columns={"transactions": {"customer_id": "..."}}'
    )


def test_frames_of_pandas_ask_for_pyarrow(monkeypatch: pytest.MonkeyPatch) -> None:
    orders = pl.DataFrame({"customer_id": [1], "time": ["2024-01-05"]}).to_pandas()
    monkeypatch.setattr("winback._frames.find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r'transactions: .* pip install "winback\[pandas\]"'):
        wb.EventLog(orders, observed_until="2024-02-01")
