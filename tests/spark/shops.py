"""Logs as DataFrames of Spark and in one process, and results to compare."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

import winback as wb


class Shop:
    """The tables of a log as DataFrames and as Arrow tables."""

    def __init__(self, session: Any, tables: dict[str, pa.Table], **options: Any) -> None:
        self.frames = {name: to_spark(session, table) for name, table in tables.items()}
        self.tables, self.options = tables, options

    @property
    def log(self) -> wb.EventLog:
        return wb.EventLog(**self.tables, **self.options)

    @property
    def spark(self) -> dict[str, Any]:
        """All that functions take, the transactions by their place aside."""
        others = {name: frame for name, frame in self.frames.items() if name != "transactions"}
        return {**others, **self.options}

    @property
    def orders(self) -> Any:
        return self.frames.get("transactions")


def to_spark(session: Any, table: pa.Table) -> Any:
    """A DataFrame of an Arrow table; texts of a dictionary as plain ones."""
    plain = [
        pa.field(field.name, pa.string() if is_text(field.type) else field.type)
        for field in table.schema
    ]
    path = Path(os.environ["PYTEST_SPARK_FILES"]) / f"{id(table)}.parquet"
    pq.write_table(table.cast(pa.schema(plain)), path)
    return session.read.parquet(str(path))


def is_text(of: pa.DataType) -> bool:
    texts = (pa.types.is_dictionary, pa.types.is_large_string, pa.types.is_string_view)
    return any(fits(of) for fits in texts)


@cache
def simulated(customers: int = 400) -> wb.Simulated:
    return wb.simulate(customers=customers, events=customers < 1000)


def tables_of(shop: wb.Simulated) -> dict[str, pa.Table]:
    names = ("transactions", "tickets", "surveys", "events", "customers")
    return {name: pa.table(getattr(shop, name)) for name in names}


def rows(found: Any) -> list[tuple[Any, ...]]:
    """The rows of a result, sorted by customer, floats by their bits."""
    if hasattr(found, "mapInArrow"):
        names = found.columns
        cells = [tuple(row) for row in found.collect()]
    else:
        names = found.column_names
        cells = list(zip(*(found[name] for name in names), strict=True))
    order = [
        names.index(name)
        for name in ("customer_id", "cutoff", "direction", "rank")
        if name in names
    ]
    exact = [tuple(c.hex() if isinstance(c, float) else c for c in row) for row in cells]
    return [tuple(names), *sorted(exact, key=lambda row: [row[place] for place in order])]
