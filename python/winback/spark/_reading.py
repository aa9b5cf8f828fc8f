"""How the tables of a part become its log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from winback.event_log import EventLog
from winback.spark._types import BLANKS, is_text

Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Reading:
    """How the tables of a part become its log; the workers are told it.

    Attributes:
        schemas: The columns of each table that are read.
        ids: The name of each table's id column.
        time: The table whose rows purchases are formed of, and its column of times.
        options: Those of the event log.
        span: The times of the first and the last transaction of all parts, by the log's clock.
    """

    schemas: dict[str, pa.Schema]
    ids: dict[str, str]
    time: tuple[str, str]
    options: dict[str, Any]
    span: Span

    def is_of(self, name: str, table: pa.Table, listed: pa.ChunkedArray) -> pa.ChunkedArray:
        """Which rows of a table are of customers that are listed."""
        ids = table[self.ids[name]]
        if is_text(self.schemas[name].field(self.ids[name]).type):
            ids = pc.utf8_trim(ids, characters=BLANKS).cast(listed.type)
        else:
            ids = ids.cast(listed.type, safe=False)
        return pc.is_in(ids, value_set=listed)

    def log(self, tables: Mapping[str, pa.Table], knows_span: bool = True) -> EventLog:
        """The log of a part, perhaps of nobody; errors name the customer."""
        read = {
            name: _in_utc(tables[name]) if name in tables else schema.empty_table()
            for name, schema in self.schemas.items()
        }
        span = self.span if knows_span else None
        try:
            return EventLog(**read, **self.options, span=span)
        except (TypeError, ValueError) as error:
            raise self._by_customer(error, tables) from None

    def _by_customer(self, error: Exception, tables: Mapping[str, pa.Table]) -> Exception:
        """The error, with the customer in place of the row, which depends on the partition."""
        row, table = getattr(error, "row", None), str(getattr(error, "table", None))
        if row is None or table not in tables:
            return error
        customer = tables[table].column(self.ids[table])[row - 1].as_py()
        place = "" if customer is None else f", customer {customer}"
        named = type(error)(str(error).replace(f", row {row}", place))
        told = None if customer is None else str(customer)
        vars(named).update(vars(error), row=None, customer=told)
        return named


def _in_utc(table: pa.Table) -> pa.Table:
    """Instants with UTC as their zone, in place of the session's: they stay the same instants."""
    fields = [
        field.with_type(pa.timestamp("us", "UTC"))
        if pa.types.is_timestamp(field.type) and field.type.tz is not None
        else field
        for field in table.schema
    ]
    return table.cast(pa.schema(fields))
