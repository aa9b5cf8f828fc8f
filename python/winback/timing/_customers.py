"""The customers that models of purchases are fitted to or asked about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from winback import _core
from winback._arguments import of_type, refusal, to_float, to_floats, to_str
from winback._frames import arrow_table
from winback.snapshot import Snapshot

if TYPE_CHECKING:
    from winback.event_log import ArrowTable

    Customers: TypeAlias = Snapshot | ArrowTable | None
"""A snapshot, a table with the columns frequency, recency and T, or None next to arrays."""


def to_customers(data: Any, time_unit: str, columns: dict[str, Any]) -> _core.BuyerTable:
    """The core's customers, of a snapshot, a table or columns by name."""
    unit = to_str("time_unit", time_unit)
    given = {name: column for name, column in columns.items() if column is not None}
    if data is None:
        frequency, recency, t = (to_column(name, given.get(name)) for name in _NEEDED)
        log_gaps, checks = (
            to_column(name, given[name]) if name in given else None for name in _MORE
        )
        return _core.BuyerTable.of_columns(frequency, recency, t, log_gaps, checks, unit)
    for name in given:
        raise refusal(ValueError, name, "nothing next to data", of_type(given[name]))
    if isinstance(data, Snapshot):
        return _core.BuyerTable.of_snapshot(data._snapshot, unit)
    if not hasattr(data, "__arrow_c_stream__"):
        expected = (
            "a winback.Snapshot or a table with the Arrow PyCapsule interface (pandas 2.2 or "
            "newer, polars, pyarrow, DuckDB); or frequency, recency and T by name"
        )
        raise refusal(TypeError, "data", expected, of_type(data))
    return _core.BuyerTable.of_table(arrow_table("data", data), unit)


_NEEDED = ("frequency", "recency", "T")
_MORE = ("log_gaps", "monetary_value")


def to_column(name: str, values: Any) -> list[float]:
    """A column of numbers; one number is a column of one."""
    if values is None:
        raise refusal(TypeError, name, "a number or a sequence of numbers", "None")
    if not is_column(values):
        return [to_float(name, values)]
    return to_floats(name, values)


def is_column(values: Any) -> bool:
    """Whether it is more than one number."""
    return hasattr(values, "__iter__") and not isinstance(values, str)
