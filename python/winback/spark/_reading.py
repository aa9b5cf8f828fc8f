"""How the tables of a part become its log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from winback.event_log import EventLog

Span = tuple[datetime, datetime]

Tables = Mapping[str, pa.Table]


@dataclass(frozen=True)
class Reading:
    """How the tables of a part become its log; the workers are told it.

    Attributes:
        schemas: The columns of each table that are read.
        ids: The name of each table's id column.
        time: The table whose rows purchases are formed of, and its column of times.
        options: Those of the event log.
        span: The times of the first and the last transaction of all parts, by the log's clock.
        share: The share of all customers whose rows the tables have.
    """

    schemas: dict[str, pa.Schema]
    ids: dict[str, str]
    time: tuple[str, str]
    options: dict[str, Any]
    span: Span
    share: float

    def log(self, tables: Tables, knows_span: bool = True) -> EventLog:
        """The log of a part, perhaps of nobody; errors name the customer."""
        read = {
            name: _in_utc(tables[name]) if name in tables else schema.empty_table()
            for name, schema in self.schemas.items()
        }
        span = self.span if knows_span else None
        try:
            log = EventLog(**read, **self.options, span=span)
        except (TypeError, ValueError) as error:
            raise self._by_customer(error, tables) from None
        return self.told(log)

    def told(self, log: EventLog) -> EventLog:
        """The log, which knows the share of the customers that it holds."""
        log._log = log._log.with_share(self.share)
        return log

    def _by_customer(self, error: Exception, tables: Tables) -> Exception:
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
