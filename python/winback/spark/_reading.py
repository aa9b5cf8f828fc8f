"""How the tables of a part become its log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from winback.event_log import EventLog
from winback.spark._types import BLANKS, is_number, is_text

Span = tuple[datetime, datetime]

# Nobody's id where ids are texts, and where they are numbers, of floating point too.
_NOBODY: dict[bool, int | str] = {
    True: "winback: the first and the last transaction of all",
    False: 1 - 2**53,
}


@dataclass(frozen=True)
class Reading:
    """How the tables of a part become its log; the workers are told it.

    A part's log has one customer more, nobody, whose transactions are at the first and at the last
    time of all: so a part tells of the same time as the whole, and one without customers is a log
    too. Of nobody nothing is handed on.

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

    @property
    def nobody(self) -> int | str:
        """The id of the customer whom a part's log has more."""
        return _NOBODY[self._has_texts(self.time[0])]

    def _has_texts(self, table: str) -> bool:
        """Whether ids are texts; a table without ids the core refuses."""
        schema, own = self.schemas[table], self.ids[table]
        return own in schema.names and is_text(schema.field(own).type)

    def is_of(self, name: str, table: pa.Table, listed: pa.ChunkedArray) -> pa.ChunkedArray:
        """Which rows of a table are of customers that are listed."""
        ids = table[self.ids[name]]
        if self._has_texts(name):
            ids = pc.utf8_trim(ids, characters=BLANKS).cast(listed.type)
        else:
            ids = ids.cast(listed.type, safe=False)
        return pc.is_in(ids, value_set=listed)

    def log(self, tables: Mapping[str, pa.Table]) -> EventLog:
        """The log of a part, with nobody in it; errors name the customer."""
        return self.plain_log(tables, self._rows_of_nobody(*self.span))

    def plain_log(
        self, tables: Mapping[str, pa.Table], more: Mapping[str, pa.Table] | None = None
    ) -> EventLog:
        """The log of these tables and, behind their rows, some more."""
        read = {}
        for name, schema in self.schemas.items():
            given = [_in_utc(rows[name]) for rows in (tables, more or {}) if name in rows]
            found = pa.concat_tables(given, promote_options="permissive") if given else None
            read[name] = schema.empty_table() if found is None else found
        try:
            return EventLog(**read, **self.options)
        except (TypeError, ValueError) as error:
            raise self._by_customer(error, tables) from None

    def log_of_nobody(self, at: datetime) -> EventLog:
        """A log of one transaction, at this time."""
        return self.plain_log({}, self._rows_of_nobody(at, at))

    def without_nobody(self, found: pa.Table) -> pa.Table:
        """The rows of a result that are of the part's customers."""
        ids = found["customer_id"]
        return found.filter(pc.not_equal(ids, pa.scalar(self.nobody, ids.type)))

    def _rows_of_nobody(self, *times: datetime) -> dict[str, pa.Table]:
        """Nobody's transactions, and a row of attributes, whose cells tell what these are."""
        own = {self.time[0]: times, "customers": (None,)}
        return {
            table: pa.Table.from_arrays(
                [self._cells(table, field, own[table]) for field in schema], names=schema.names
            )
            for table, schema in self.schemas.items()
            if table in own
        }

    def _cells(self, table: str, field: pa.Field, times: tuple[datetime | None, ...]) -> pa.Array:
        names = (self.options.get("columns") or {}).get(table, {})
        if field.name == self.ids[table]:
            return pa.array([self.nobody] * len(times))
        if table == "customers":
            if is_text(field.type):
                return pa.array(["nobody"])
            return (
                pa.array([1]).cast(field.type) if is_number(field.type) else pa.nulls(1, field.type)
            )
        if field.name == self.time[1]:
            return self._clock(times, field.type)
        if field.name == names.get("amount", "amount"):
            return pa.array([1] * len(times)).cast(field.type)
        if table == "events" and field.name == names.get("kind", "kind"):
            return pa.array([self.options["activity"][0]] * len(times)).cast(field.type)
        return pa.nulls(len(times), field.type)

    def _clock(self, times: tuple[datetime | None, ...], of: pa.DataType) -> pa.Array:
        """Times of the log's clock in a column of times."""
        clock = pa.array(times, pa.timestamp("us"))
        if not pa.types.is_timestamp(of):
            return clock.cast(of)
        if of.tz is None:
            return clock
        zone = self.options.get("time_zone", "UTC")
        return pc.assume_timezone(clock, getattr(zone, "key", zone), ambiguous="earliest").cast(of)

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
