"""Instants from Python to the core, which takes text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timezone
from typing import TYPE_CHECKING, Any, TypeAlias

from winback._arguments import of_type, refusal, to_str

if TYPE_CHECKING:
    import numpy as np

Instant: TypeAlias = "str | date | datetime | np.datetime64"
"""A point in time: ISO text, a date (its first instant), a datetime, also of pandas, or a
``numpy.datetime64``. Without an offset or a zone it is by the log's clock, with one an instant."""

Instants: TypeAlias = "Instant | Iterable[Instant]"
"""One or several of them: a list, an array, a column or an index of dates."""


def is_instant(at: object) -> bool:
    """Whether this is a time of Python, pandas or NumPy; a text may be anything."""
    return isinstance(at, date) or _is_of_numpy(at)


def to_text(name: str, at: Instant) -> str:
    """ISO text of an instant, with the offset of UTC where it knows its zone."""
    if isinstance(at, str):
        return str(to_str(name, at))
    if isinstance(at, datetime) and at.tzinfo is not None:
        return at.astimezone(timezone.utc).isoformat()
    if isinstance(at, date):
        return at.isoformat()
    if _is_of_numpy(at):
        return str(at.astype("datetime64[us]"))
    raise refusal(TypeError, name, "a str, a date or a datetime", of_type(at))


def to_texts(name: str, at: Instants) -> list[str]:
    """ISO texts of one or several instants."""
    if isinstance(at, (str, Mapping)) or is_instant(at) or not isinstance(at, Iterable):
        return [to_text(name, at)]  # type: ignore[arg-type]  # refused if it is none
    return [to_text(name, one) for one in at]


def _is_of_numpy(at: Any) -> bool:
    return type(at).__name__ == "datetime64" and type(at).__module__ == "numpy"


def shown(at: datetime) -> str:
    """An instant to read: a date where it is the first one of a day."""
    midnight = at == at.replace(hour=0, minute=0, second=0, microsecond=0)
    return at.date().isoformat() if midnight else at.isoformat(sep=" ")
