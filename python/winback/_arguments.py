"""Arguments checked where the core's own types would answer with a less helpful error."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, SupportsFloat, SupportsIndex


def to_count(name: str, value: SupportsIndex) -> int:
    """A whole number from 0 that fits into 64 bits."""
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{name} must be an int, not {type(value).__name__}") from None
    if not 0 <= number < 2**64:
        raise ValueError(f"{name} = {number} is not allowed: 0 to 2**64 - 1")
    return number


def to_days(name: str, values: Sequence[SupportsIndex]) -> list[int]:
    """A list of counts of days from anything like it."""
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise TypeError(f"{name} must be a list of int, not {type(values).__name__}")
    days = [to_count(name, value) for value in values]
    if any(day >= 2**32 for day in days):
        raise ValueError(f"{name}: numbers of days up to 4294967295")
    return days


def to_names(parameter: str, names: Sequence[str]) -> list[str]:
    """A list of names; a single text is refused, for it is a sequence of letters too."""
    if isinstance(names, str):
        raise TypeError(f"{parameter} must be a list of names, such as [{names!r}]")
    return list(names)


def to_str(name: str, value: str) -> str:
    """A text, such as a span."""
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a str, not {type(value).__name__}")
    return value


def to_bool(name: str, value: bool) -> bool:
    """A yes or no, and nothing that could be taken for one."""
    if type(value).__name__ not in ("bool", "bool_"):  # numpy's count too
        raise TypeError(f"{name} must be a bool, not {type(value).__name__}")
    return bool(value)


def to_dict(name: str, value: Mapping[str, Any] | None) -> dict[str, Any]:
    """Names and values; None stands for none."""
    if value is not None and not isinstance(value, Mapping):
        raise TypeError(f"{name} must be a dict of names and values, not {type(value).__name__}")
    return dict(value or {})


def to_float(name: str, value: SupportsFloat) -> float:
    """A number; texts are refused, though Python reads some as numbers."""
    if isinstance(value, str) or not hasattr(value, "__float__"):
        raise TypeError(f"{name} must be a number, not {type(value).__name__}")
    return float(value)


def to_values(name: str, values: Any, of: str = "numbers") -> list[Any]:
    """The values of a list, a NumPy, pandas or polars column or an Arrow array."""
    if isinstance(values, (str, bytes, Mapping)) or not hasattr(values, "__iter__"):
        raise TypeError(f"{name} must be a sequence of {of}, not {type(values).__name__}")
    for method in ("to_pylist", "tolist", "to_list"):
        if hasattr(values, method):
            values = getattr(values, method)()
            break
    return list(values)


def to_labels(name: str, values: Any) -> list[str | None]:
    """A sequence of texts; whatever a library writes for a missing one is None."""
    labels = [None if _is_missing(value) else value for value in to_values(name, values, "labels")]
    for i, label in enumerate(labels):
        if label is not None and not isinstance(label, str):
            raise TypeError(f"{name}[{i}] must be a str or None, not {type(label).__name__}")
    return labels


def _is_missing(value: Any) -> bool:
    return value is None or type(value).__name__ == "NAType" or value != value


def to_floats(name: str, values: Any) -> list[float]:
    """A sequence of numbers."""
    return [to_float(f"{name}[{i}]", value) for i, value in enumerate(to_values(name, values))]


def to_outcomes(name: str, values: Any) -> list[bool]:
    """A sequence of yes and no, or of 1 and 0."""
    is_sequence = hasattr(values, "__getitem__") and not isinstance(values, str)
    first = next(iter(values), None) if is_sequence else None
    if isinstance(first, str):
        raise TypeError(f"{name} must be True or False, 1 or 0, as {name} == {first!r} gives them")
    outcomes = to_floats(name, values)
    for i, outcome in enumerate(outcomes):
        if outcome not in (0.0, 1.0):
            raise ValueError(f"{name}[{i}] = {outcome} is not allowed: True or False, 1 or 0")
    return [outcome == 1.0 for outcome in outcomes]


def to_figure(name: str, value: Any) -> float | list[float]:
    """One number for all customers or a sequence with one for each."""
    if hasattr(value, "__iter__") and not isinstance(value, str):
        return to_floats(name, value)
    return to_float(name, value)
