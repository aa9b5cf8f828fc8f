"""Instants from Python to the core, which takes text."""

from __future__ import annotations

from datetime import date, datetime, timezone
from typing import TypeAlias

from winback._arguments import of_type, refusal

Instant: TypeAlias = str | date | datetime
"""A point in time: ISO text, a date (its first instant) or a datetime (naive: UTC)."""


def to_text(name: str, at: Instant) -> str:
    """ISO text of an instant, in UTC where it knows its zone."""
    if isinstance(at, datetime) and at.tzinfo is not None:
        return at.astimezone(timezone.utc).replace(tzinfo=None).isoformat()
    if isinstance(at, date):
        return at.isoformat()
    if isinstance(at, str):
        return at
    raise refusal(TypeError, name, "a str, a date or a datetime", of_type(at))


def to_texts(name: str, at: Instant | list[Instant] | tuple[Instant, ...]) -> list[str]:
    """ISO texts of one or several instants."""
    many = at if isinstance(at, (list, tuple)) else [at]
    return [to_text(name, one) for one in many]


def shown(at: datetime) -> str:
    """An instant to read: a date where it is the first one of a day."""
    midnight = at == at.replace(hour=0, minute=0, second=0, microsecond=0)
    return at.date().isoformat() if midnight else at.isoformat(sep=" ")
