"""Arguments checked where the core's own types would answer with a less helpful error."""

from __future__ import annotations

import operator
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, SupportsFloat, SupportsIndex, TypeAlias, TypeVar

Path: TypeAlias = str | os.PathLike[str]
Raised = TypeVar("Raised", TypeError, ValueError)


def refusal(kind: type[Raised], name: str, expected: str, got: object) -> Raised:
    """An exception of this kind with the text and the attributes that the core's errors have."""
    if isinstance(got, int) and abs(got) >= 10**24:
        got = "an int beyond 10**24" if got > 0 else "an int below -10**24"
    exception = kind(f"{name}: expected {expected}, got {got}")
    place = dict.fromkeys(("table", "column", "row", "customer"))
    vars(exception).update(code="bad-argument", argument=name, **place)
    return exception


def of_type(value: object) -> str:
    """What a value of a wrong type is called: by its type."""
    return "None" if value is None else type(value).__name__


def to_int(name: str, value: SupportsIndex) -> int:
    """A whole number, and no yes or no."""
    if isinstance(value, bool):
        raise refusal(TypeError, name, "an int", of_type(value))
    try:
        return operator.index(value)
    except TypeError:
        raise refusal(TypeError, name, "an int", of_type(value)) from None


def to_count(name: str, value: SupportsIndex) -> int:
    """A whole number from 0 that fits into 64 bits."""
    number = to_int(name, value)
    if not 0 <= number < 2**64:
        raise refusal(ValueError, name, "0 to 2**64 - 1", number)
    return number


def to_u32(name: str, value: SupportsIndex) -> int:
    """A whole number from 0 that fits into 32 bits."""
    number = to_int(name, value)
    if not 0 <= number < 2**32:
        raise refusal(ValueError, name, "0 to 2**32 - 1", number)
    return number


def at_least_one(name: str, value: SupportsIndex) -> int:
    """A number of things, no more than Spark and matplotlib can have of them."""
    count = to_int(name, value)
    if count < 1:
        raise refusal(ValueError, name, "1 or more", count)
    if count >= 2**31:
        raise refusal(ValueError, name, "less than 2**31", count)
    return count


def expect_one_of(name: str, value: object, allowed: Iterable[str]) -> None:
    """Refuses a choice that is not offered."""
    choices = list(allowed)
    if not isinstance(value, str):
        raise refusal(TypeError, name, f"one of {', '.join(choices)}", of_type(value))
    if value not in choices:
        raise refusal(ValueError, name, f"one of {', '.join(choices)}", repr(value))


def renamed(error: TypeError | ValueError, **names: str) -> TypeError | ValueError:
    """The same error of an argument that has another name where it was given."""
    name = getattr(error, "argument", None)
    if name not in names:
        return error
    text = str(error).replace(f"{name}: ", f"{names[name]}: ", 1)
    other = type(error)(text)
    vars(other).update(vars(error), argument=names[name])
    return other


def to_names(parameter: str, names: Sequence[str]) -> list[str]:
    """A list of names; a single text is refused, for it is a sequence of letters too."""
    if isinstance(names, str):
        raise refusal(TypeError, parameter, f"a list of names, such as [{names!r}]", "a str")
    if not isinstance(names, Iterable):
        raise refusal(TypeError, parameter, "a list of names", of_type(names))
    return [to_str(f"{parameter}[{i}]", name) for i, name in enumerate(names)]


def to_spans(parameter: str, spans: Sequence[str]) -> list[str]:
    """A list of spans, such as ``["30d", "3mo"]``; a single text is refused."""
    if isinstance(spans, str):
        raise refusal(TypeError, parameter, f"a list of spans, such as [{spans!r}]", "a str")
    if not isinstance(spans, Iterable):
        raise refusal(TypeError, parameter, "a list of spans, such as ['30d']", of_type(spans))
    return [to_str(parameter, span) for span in spans]


def to_str(name: str, value: str) -> str:
    """A text, such as a span."""
    if not isinstance(value, str):
        raise refusal(TypeError, name, "a str", of_type(value))
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            expected = "a text that UTF-8 can hold"
            raise refusal(ValueError, name, expected, repr(value)) from None
    return value


def to_binary(name: str, value: bytes | bytearray | memoryview) -> bytes:
    """Bytes, in whatever holds them."""
    if not isinstance(value, (bytes, bytearray, memoryview)):
        raise refusal(TypeError, name, "bytes", of_type(value))
    return bytes(value)


def to_path(name: str, path: Path | None) -> str:
    """A path as text."""
    text = os.fspath(path) if isinstance(path, (str, os.PathLike)) else path
    if not isinstance(text, str):
        raise refusal(TypeError, name, "a path", of_type(path))
    try:
        os.fsencode(text)
    except UnicodeEncodeError:
        raise refusal(ValueError, name, "a path that the system can hold", repr(text)) from None
    return text


def to_bool(name: str, value: bool) -> bool:
    """A yes or no, and nothing that could be taken for one."""
    if not _is_bool(value):
        raise refusal(TypeError, name, "a bool", of_type(value))
    return bool(value)


def _is_bool(value: object) -> bool:
    return type(value).__name__ in ("bool", "bool_")  # numpy's count too


def to_dict(name: str, value: Mapping[str, Any] | None) -> dict[str, Any]:
    """Names and values; None stands for none."""
    if value is not None and not isinstance(value, Mapping):
        raise refusal(TypeError, name, "a dict of names and values", of_type(value))
    return dict(value or {})


def to_fitted(name: str, model: Any, kind: type, expected: str) -> Any:
    """The core's model of a fitted one, which has to be of this kind."""
    is_model = hasattr(model, "_fitted") and not isinstance(model, type)
    fitted = model._fitted() if is_model else None
    if not isinstance(fitted, kind):
        raise refusal(TypeError, name, expected, of_type(model))
    return fitted


def to_float(name: str, value: SupportsFloat) -> float:
    """A number; a yes or no is none, nor is a text, though Python reads some as numbers."""
    if isinstance(value, str) or _is_bool(value) or not hasattr(value, "__float__"):
        raise refusal(TypeError, name, "a number", of_type(value))
    try:
        return float(value)
    except (TypeError, ValueError):  # What only looks like one, as NaT does.
        raise refusal(TypeError, name, "a number", of_type(value)) from None
    except OverflowError:
        raise refusal(ValueError, name, "a number of 64 bits", value) from None


def to_values(name: str, values: Any, of: str = "numbers") -> list[Any]:
    """The values of a list, a NumPy, pandas or polars column or an Arrow array."""
    # A table is a sequence of the names of its columns, too.
    is_table = hasattr(values, "columns") or hasattr(values, "column_names")
    is_other = isinstance(values, (str, bytes, Mapping)) or not hasattr(values, "__iter__")
    if is_table or is_other:
        expected = f"a sequence of {of}" + (", as one column of the table" if is_table else "")
        raise refusal(TypeError, name, expected, of_type(values))
    for method in ("to_pylist", "tolist", "to_list"):
        if hasattr(values, method):
            values = getattr(values, method)()
            break
    try:
        return list(values)
    except TypeError:  # What only looks like a sequence, as an array without dimensions does.
        raise refusal(TypeError, name, f"a sequence of {of}", of_type(values)) from None


def to_labels(name: str, values: Any) -> list[str | None]:
    """A sequence of texts; whatever a library writes for a missing one is None."""
    labels = [None if _is_missing(value) else value for value in to_values(name, values, "labels")]
    for i, label in enumerate(labels):
        if label is not None and not isinstance(label, str):
            raise refusal(TypeError, f"{name}[{i}]", "a str or None", of_type(label))
    return labels


def _is_missing(value: Any) -> bool:
    return value is None or type(value).__name__ == "NAType" or value != value


def to_floats(name: str, values: Any) -> list[float]:
    """A sequence of numbers; each yes is 1 and each no 0."""
    if type(values).__module__ == "numpy" and values.dtype.kind in "biuf" and values.ndim == 1:
        return values.astype(float).tolist()  # type: ignore[no-any-return]
    return [
        float(value) if _is_bool(value) else to_float(f"{name}[{i}]", value)
        for i, value in enumerate(to_values(name, values))
    ]


def to_outcomes(name: str, values: Any) -> list[bool]:
    """A sequence of yes and no, or of 1 and 0."""
    is_sequence = hasattr(values, "__len__") and not isinstance(values, str)
    first = next(iter(values), None) if is_sequence else None
    if isinstance(first, str):
        expected = f"True or False, 1 or 0, as {name} == {first!r} gives them"
        raise refusal(TypeError, name, expected, "texts")
    outcomes = to_floats(name, values)
    for i, outcome in enumerate(outcomes):
        if outcome not in (0.0, 1.0):
            raise refusal(ValueError, f"{name}[{i}]", "True or False, 1 or 0", outcome)
    return [outcome == 1.0 for outcome in outcomes]


def to_figure(name: str, value: Any) -> float | list[float]:
    """One number for all customers or a sequence with one for each."""
    if hasattr(value, "__iter__") and not isinstance(value, str):
        return to_floats(name, value)
    return to_float(name, value)
