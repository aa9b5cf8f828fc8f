"""Options of the log and of an analysis, told apart by the functions that have them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from winback._arguments import refusal
from winback.event_log import EventLog

# A DataFrame has columns of numbers and times, and no file.
_OF_FILES = {
    "time_format",
    "decimal",
    "thousands",
    "csv_separator",
    "skip_rows",
    "encoding",
    "sheets",
    "limits",
}

TABLES = ("transactions", "tickets", "surveys", "events", "customers")
"""The tables of a log."""

LOG_OPTIONS = frozenset(inspect.signature(EventLog).parameters) - _OF_FILES - {*TABLES, "span"}
"""Options of the event log that a log of DataFrames has too."""

_COMMON = {*TABLES[1:], *LOG_OPTIONS, "partitions", "threads"}


def split(
    name: str,
    given: Mapping[str, Any],
    of: Callable[..., Any] | None = None,
    without: tuple[str, ...] = (),
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The options of the function ``of``, and those of the log."""
    own = set() if of is None else set(inspect.signature(of).parameters) - {"self", *without}
    for option in given:
        if option not in own | _COMMON:
            expected = f"an option of spark.{name} or of winback.EventLog for a DataFrame"
            raise refusal(TypeError, option, expected, "another one")
    mine = {option: value for option, value in given.items() if option in own}
    return mine, {option: value for option, value in given.items() if option not in own}
