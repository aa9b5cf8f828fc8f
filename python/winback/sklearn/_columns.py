"""Columns of texts and categories of a frame, as the numbers of their levels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from sklearn.utils.validation import _get_feature_names

Levels: TypeAlias = list[list[str] | None]
"""Of every column the texts that it held in the fit, sorted; None for a column of numbers."""

_PANDAS_TEXTS = {"string", "categorical"}
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


def encode(X: Any, levels: Levels) -> Any:
    """A frame with the numbers of levels in place of texts.

    Missing texts become NaN, texts without a level the number after the last.
    """
    texts = _text_columns(X)
    if not texts:
        raise TypeError(
            "X must be a pandas or polars DataFrame, as in fit, where columns held texts; it is "
            f"{type(X).__name__}"
        )
    for i, (is_text, known) in enumerate(zip(texts, levels, strict=True)):
        if is_text != (known is not None):
            kinds = ("texts", "numbers") if is_text else ("numbers", "texts")
            raise ValueError(f"column {_name(X, i)!r} of X holds {kinds[0]}; in fit, {kinds[1]}")
    if _is_pandas(X):
        X = X.copy(deep=False)
        for i, known in enumerate(levels):
            if known is not None:
                X.isetitem(i, _codes(_values(X, i), known))
        return X
    import polars as pl

    coded = [
        pl.Series(_name(X, i), _codes(_values(X, i), known))
        for i, known in enumerate(levels)
        if known is not None
    ]
    return X.with_columns(coded)


def with_names(X: Any) -> Any:
    """The frame, in a form of which this scikit-learn reads the names of columns."""
    if hasattr(X, "get_columns") and _get_feature_names(X) is None:
        return _Named(X)
    return X


class _Named:
    """A polars frame with the names that scikit-learn before 1.9 asks for.

    It reads them by ``__dataframe__``, which polars 2 has no longer.
    """

    def __init__(self, frame: Any) -> None:
        self._frame = frame
        self.shape = frame.shape

    def __len__(self) -> int:
        return int(self.shape[0])

    def __dataframe__(self, **options: Any) -> _Named:
        return self

    def column_names(self) -> list[str]:
        return list(self._frame.columns)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> npt.NDArray[Any]:
        return np.asarray(self._frame.to_numpy(), dtype=dtype)


def _is_pandas(X: Any) -> bool:
    return hasattr(X, "iloc") and hasattr(X, "columns")


def _text_columns(X: Any) -> list[bool]:
    """Whether each column of a frame holds texts; empty for what is no frame."""
    if _is_pandas(X):
        import pandas as pd

        kinds = [pd.api.types.infer_dtype(X.iloc[:, i], skipna=True) for i in range(len(X.columns))]
        for i, kind in enumerate(kinds):
            if kind in _PANDAS_OTHERS:
                raise _refused(X, i, X.dtypes.iloc[i])
        return [kind in _PANDAS_TEXTS for kind in kinds]
    if hasattr(X, "with_columns") and hasattr(X, "get_columns"):
        kinds = [dtype.base_type().__name__ for dtype in X.dtypes]
        for i, kind in enumerate(kinds):
            if kind not in _POLARS_TEXTS | _POLARS_NUMBERS:
                raise _refused(X, i, X.dtypes[i])
        return [kind in _POLARS_TEXTS for kind in kinds]
    return []


def _refused(X: Any, i: int, dtype: object) -> TypeError:
    return TypeError(
        f"column {_name(X, i)!r} of X is of type {dtype}; numbers, texts and categories can be "
        "used (of a time make a number, such as the days since then)"
    )


def _name(X: Any, i: int) -> Any:
    return X.columns[i]


def _values(X: Any, i: int) -> list[Any]:
    values = X.iloc[:, i].tolist() if _is_pandas(X) else X.get_column(_name(X, i)).to_list()
    return list(values)


def _distinct(X: Any, i: int) -> list[str]:
    distinct = set(_values(X, i))
    for value in distinct:
        # What is missing is None, NaN or pandas' NA.
        if not isinstance(value, str) and type(value).__name__ not in (
            "NoneType",
            "float",
            "NAType",
        ):
            raise TypeError(
                f"column {_name(X, i)!r} of X has categories that are no texts, such as "
                f"{value!r}; make them texts or numbers"
            )
    if any(isinstance(value, float) and value == value for value in distinct):
        raise TypeError(
            f"column {_name(X, i)!r} of X has numbers as categories; make them texts or numbers"
        )
    return sorted(value for value in distinct if isinstance(value, str))


def _codes(values: Sequence[Any], levels: list[str]) -> npt.NDArray[np.float64]:
    places = {level: float(place) for place, level in enumerate(levels)}
    unknown = float(len(levels))
    coded = (places.get(value, unknown) if isinstance(value, str) else np.nan for value in values)
    return np.fromiter(coded, dtype=np.float64, count=len(values))
