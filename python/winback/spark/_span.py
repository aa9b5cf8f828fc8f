"""How many rows the tables have, and the times of the first and the last transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from winback.spark._reading import Reading, Span
from winback.spark._tables import column
from winback.spark._types import is_text, quoted

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_EPOCH = datetime(1970, 1, 1)

EVER: Span = (datetime(1677, 9, 22), datetime(2262, 4, 10))
"""All times that a log can have."""


def measured(
    keyed: Mapping[str, DataFrame], reading: Reading, is_plain: bool
) -> tuple[int, Span | None]:
    """The number of rows of all tables and, if they tell it by themselves, the span."""
    told = None
    for table, frame in keyed.items():
        own = ["count(1) AS rows"]
        if is_plain and table == reading.time[0]:
            time = _time(reading)
            own += [f"min({time}) AS first", f"max({time}) AS last"]
        counted = frame.selectExpr(*own)
        told = counted if told is None else told.unionByName(counted, allowMissingColumns=True)
    assert told is not None
    rows = [row.asDict() for row in told.collect()]
    first, last = (_found(rows, end) for end in ("first", "last"))
    span = None if first is None or last is None else (_clock(first), _clock(last))
    return sum(row["rows"] for row in rows), span


def _found(rows: list[dict[str, Any]], end: str) -> Any:
    return next((row[end] for row in rows if row.get(end) is not None), None)


def tells_by_itself(reading: Reading) -> bool:
    """Whether it can be seen in the columns alone which rows of the transactions the log keeps."""
    table, options = reading.time[0], reading.options
    ids = reading.schemas[table].field(reading.ids[table]).type
    drops = options.get("missing_ids", "error") == "drop" and not pa.types.is_integer(ids)
    return table == "transactions" and options.get("bad_rows", "error") == "error" and not drops


def _time(reading: Reading) -> str:
    """The time of a row that the log keeps, by the log's clock."""
    table, name = reading.time
    schema, options = reading.schemas[table], reading.options
    time, of = f"{table}.{quoted(name)}", schema.field(name).type
    if pa.types.is_timestamp(of) and of.tz is not None:
        zone = options.get("time_zone", "UTC")
        zone = str(getattr(zone, "key", zone))
        if zone != "UTC":
            time = f"from_utc_timestamp({time}, '{zone}')"
        time = f"unix_micros({time})"
    kept = [f"{table}.{quoted(reading.ids[table])} IS NOT NULL"]
    amount = column(options.get("columns") or {}, table, "amount")
    ignores = options.get("zero_amounts", "ignore") == "ignore"
    if ignores and amount in schema.names and not is_text(schema.field(amount).type):
        cell = f"{table}.{quoted(amount)}"
        kept.append(f"({cell} IS NULL OR {cell} <> 0)")
    return f"CASE WHEN {' AND '.join(kept)} THEN {time} END"


def _clock(time: int | date | datetime) -> datetime:
    """A time of Spark by the log's clock; what is out of range the core refuses by its row."""
    if isinstance(time, int):
        first, last = ((end - _EPOCH) // timedelta(microseconds=1) for end in EVER)
        return _EPOCH + timedelta(microseconds=min(max(time, first), last))
    if not isinstance(time, datetime):
        time = datetime(time.year, time.month, time.day)
    return min(max(time, EVER[0]), EVER[1])
