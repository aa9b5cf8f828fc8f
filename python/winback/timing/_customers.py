"""The customers that models of purchases are fitted to or asked about."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import wraps
from inspect import signature
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast

from winback import _core
from winback._arguments import of_type, refusal, to_float, to_floats, to_str
from winback._frames import arrow_table
from winback.answer import Answer
from winback.snapshot import Snapshot
from winback.timing._units import in_days, in_words

if TYPE_CHECKING:
    from winback.event_log import ArrowTable

    Customers: TypeAlias = Snapshot | ArrowTable | None
"""A snapshot, a table with the columns frequency, recency and T, or None next to arrays."""

_Method = TypeVar("_Method", bound=Callable[..., Any])

_NEEDED = ("frequency", "recency", "T")
_MORE = ("log_gaps", "monetary_value")


def by_name(method: _Method) -> _Method:
    """A method that says how columns are given where they come by position or do not matter."""
    names = [name for name in signature(method).parameters if name not in ("self", "data")]
    refused = {*_NEEDED, *_MORE}.difference(names)

    @wraps(method)
    def checked(self: Any, *data: Any, **given: Any) -> Any:
        if len(data) > 1:
            rest = ", ".join(f"{name}=" for name in names)
            expected = f"one snapshot or table, and all else by name ({rest})"
            raise refusal(TypeError, "data", expected, f"{len(data)} arguments by position")
        for name in given:
            if name in refused:
                only = ", ".join(each for each in names if each in (*_NEEDED, *_MORE))
                raise refusal(TypeError, name, f"{only} only", of_type(given[name]))
        return method(self, *data, **given)

    return cast(_Method, checked)


def expect_unit(data: object, time_unit: str) -> None:
    """Refuses a summary whose times are in another unit than the model's; tables do not tell."""
    told = data.figures if isinstance(data, Answer) else {}
    if "time_unit" not in told:
        return
    unit, scaler = told["time_unit"], told["time_scaler"]
    if not math.isclose(in_days(unit) * scaler, in_days(time_unit)):
        times = "" if scaler == 1 else f"{scaler:g} "
        got = f"one in {times}{in_words(unit)} (time_unit={unit!r})"
        raise refusal(ValueError, "data", f"a summary in {in_words(time_unit)}, as the model", got)


def to_customers(
    data: Any,
    time_unit: str,
    columns: dict[str, Any],
    of_table: Callable[[Any, str], _core.BuyerTable] = _core.BuyerTable.of_table,
) -> _core.BuyerTable:
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
    return of_table(arrow_table("data", data), unit)


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
