"""Columns of texts and categories of a frame, as the numbers of their levels."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from winback.sklearn._frames import is_empty, is_frame, is_pandas, name, replace, values

Levels: TypeAlias = list[list[str] | None]
"""Of every column the texts that it held in the fit, sorted; None for a column of numbers."""

_PANDAS_TEXTS = {"string", "categorical"}
_PANDAS_MIXED = {"mixed", "mixed-integer"}
_PANDAS_OTHERS = {
    "bytes",
    "complex",
    "date",
    "datetime",
    "datetime64",
    "interval",
    "period",
    "time",
    "timedelta",
    "timedelta64",
}
_POLARS_TEXTS = {"String", "Categorical", "Enum"}
_POLARS_NUMBERS = {"Boolean", "Decimal", "Null", "Float16", "Float32", "Float64"} | {
    f"{sign}Int{bits}" for sign in ("", "U") for bits in (8, 16, 32, 64, 128)
}


def find_levels(X: Any) -> Levels | None:
    """The levels of a training frame; None where it has no column of texts, or is no frame."""
    texts = _text_columns(X)
    if not any(texts):
        return None
    return [_distinct(X, i) if is_text else None for i, is_text in enumerate(texts)]


def encode(X: Any, levels: Levels | None) -> Any:
    """A frame with the numbers of levels in place of texts.

    Missing texts become NaN, texts without a level the number after the last. A column without any
    value is of the kind that it had in the fit.
    """
    if not is_frame(X):
        if levels is None:
            return X
        raise TypeError(
            "X must be a pandas or polars DataFrame, as in fit, where columns held texts; it is "
            f"{type(X).__name__}"
        )
    texts = _text_columns(X)
    numbers: dict[int, npt.NDArray[np.float64]] = {}
    for i, (is_text, known) in enumerate(zip(texts, levels or [None] * len(texts), strict=True)):
        if is_text != (known is not None):
            if not is_empty(X, i):
                now, then = ("texts", "numbers or nothing") if is_text else ("numbers", "texts")
                raise ValueError(f"column {name(X, i)!r} of X holds {now}; in fit, {then}")
            numbers[i] = np.full(len(X), np.nan)
        elif known is not None:
            numbers[i] = _codes(X, i, known)
    return replace(X, numbers) if numbers else X


def _text_columns(X: Any) -> list[bool]:
    """Whether each column of a frame holds texts; empty for what is no frame."""
    if is_pandas(X):
        kinds = [_pandas_kind(X.iloc[:, i]) for i in range(len(X.columns))]
        for i, kind in enumerate(kinds):
            if kind in _PANDAS_OTHERS:
                raise _refused(X, i, X.dtypes.iloc[i])
            if kind in _PANDAS_MIXED:
                _check_mixed(X, i)
        return [kind in _PANDAS_TEXTS for kind in kinds]
    if is_frame(X):
        kinds = [dtype.base_type().__name__ for dtype in X.dtypes]
        for i, kind in enumerate(kinds):
            if kind not in _POLARS_TEXTS | _POLARS_NUMBERS:
                raise _refused(X, i, X.dtypes[i])
        return [kind in _POLARS_TEXTS for kind in kinds]
    return []


def _pandas_kind(column: Any) -> str:
    import pandas as pd

    kind = pd.api.types.infer_dtype(column, skipna=True)
    if kind == "unknown-array":  # a type of Arrow's, such as a dictionary
        kind = pd.api.types.infer_dtype(column.astype(object), skipna=True)
    return str(kind)


def _check_mixed(X: Any, i: int) -> None:
    """Refuses a column of objects that hold more than numbers."""
    present = [value for value in values(X, i) if not _is_missing(value)]
    for value in present:
        if isinstance(value, str):
            other = next(other for other in present if not isinstance(other, str))
            raise TypeError(
                f"column {name(X, i)!r} of X mixes texts and others, such as {value!r} and "
                f"{other!r}; make all of them texts or all numbers"
            )
        if not hasattr(value, "__float__"):
            raise _refused(X, i, type(value).__name__)


def _refused(X: Any, i: int, dtype: object) -> TypeError:
    return TypeError(
        f"column {name(X, i)!r} of X is of type {dtype}; numbers, texts and categories can be "
        "used (of a time make a number, such as the days since then)"
    )


def _distinct(X: Any, i: int) -> list[str]:
    return sorted({text for text in _texts(X, i) if text is not None})


def _codes(X: Any, i: int, levels: Sequence[str]) -> npt.NDArray[np.float64]:
    places = {level: float(place) for place, level in enumerate(levels)}
    unknown = float(len(levels))
    texts = _texts(X, i)
    coded = (np.nan if text is None else places.get(text, unknown) for text in texts)
    return np.fromiter(coded, dtype=np.float64, count=len(texts))


def _texts(X: Any, i: int) -> list[str | None]:
    """The texts of a column; None where missing.

    Categories of whole numbers and booleans are their texts: beside a missing value pandas gives
    the number 1 as 1.0.
    """
    texts: dict[Any, str | None] = {}
    column = values(X, i)
    for value in set(column):
        if isinstance(value, str):
            texts[value] = value
        elif _is_missing(value):
            texts[value] = None
        elif isinstance(value, (bool, np.bool_)):
            texts[value] = str(bool(value))
        elif isinstance(value, Integral) or (isinstance(value, float) and value.is_integer()):
            texts[value] = str(int(value))
        else:
            raise TypeError(
                f"column {name(X, i)!r} of X has categories that are neither texts nor whole "
                f"numbers, such as {value!r}; make them texts or numbers"
            )
    return [texts[value] for value in column]


def _is_missing(value: Any) -> bool:
    """What is missing is None, NaN or pandas' NA."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, float) and value != value
