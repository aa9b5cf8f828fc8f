"""Units of the times of models of purchases."""

from __future__ import annotations

_DAYS = {"W": 7.0, "D": 1.0, "h": 1 / 24, "s": 1 / 86_400, "ms": 1 / 864e5, "us": 1 / 864e8}
_WORDS = {"W": "weeks", "D": "days", "h": "hours", "s": "seconds", "ms": "ms", "us": "µs"}


def in_words(time_unit: str) -> str:
    """A model's unit, of several."""
    return _WORDS.get(time_unit, time_unit)


def in_days(time_unit: str) -> float:
    """A model's unit in days; one that the core will refuse counts as a day."""
    return _DAYS.get(time_unit, 1.0)


def in_units(days: float, time_unit: str) -> float:
    """So many days in a model's unit."""
    return days / in_days(time_unit)
