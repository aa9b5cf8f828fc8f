"""The kinds of frames that X may be: pandas, polars, and whatever becomes one of them by Arrow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.utils.validation import _get_feature_names


def to_frame(X: Any) -> Any:
    """A table with Arrow's interface as a frame of polars or pandas; all else as it is."""
    if type(X).__name__ == "LazyFrame" and hasattr(X, "collect"):
        raise TypeError("X is a LazyFrame, which holds no rows yet; collect it first: .collect()")
    if is_frame(X) or not hasattr(X, "__arrow_c_stream__") or _is_one_column(X):
        return X
    try:
        import polars as pl
    except ImportError:
        return _to_pandas(X)
    return pl.DataFrame(X)


def is_frame(X: Any) -> bool:
    """Whether X is a frame of pandas or polars."""
    return is_pandas(X) or (hasattr(X, "with_columns") and hasattr(X, "get_columns"))


def is_pandas(X: Any) -> bool:
    """Whether X is a frame with the methods of pandas."""
    return hasattr(X, "iloc") and hasattr(X, "columns")


def name(X: Any, i: int) -> Any:
    """The name of a column, which in pandas may be no text."""
    return X.columns[i]


def values(X: Any, i: int) -> list[Any]:
    """The values of a column."""
    values = X.iloc[:, i].tolist() if is_pandas(X) else X.to_series(i).to_list()
    return list(values)


def is_empty(X: Any, i: int) -> bool:
    """Whether all values of a column are missing; NaN is, too."""
    if is_pandas(X):
        return bool(X.iloc[:, i].isna().all())
    column = X.to_series(i)
    if column.dtype.is_float():
        column = column.fill_nan(None)
    return bool(column.null_count() == len(column))


def replace(X: Any, columns: Mapping[int, npt.NDArray[np.float64]]) -> Any:
    """A frame with numbers in place of some of its columns."""
    if is_pandas(X):
        X = X.copy(deep=False)
        for i, numbers in columns.items():
            X.isetitem(i, numbers)
        return X
    import polars as pl

    return X.with_columns([pl.Series(name(X, i), numbers) for i, numbers in columns.items()])


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


def _is_one_column(X: Any) -> bool:
    """Whether X is a Series or an array of Arrow, which scikit-learn refuses in its own words."""
    return len(getattr(X, "shape", (0, 0))) < 2 or hasattr(X, "chunks")


def _to_pandas(X: Any) -> Any:
    try:
        import pandas  # noqa: F401
        import pyarrow
    except ImportError as error:
        raise ImportError(
            f"X is a {type(X).__name__}, which is read by polars or by pandas with pyarrow: "
            'pip install "winback[polars]"'
        ) from error
    return pyarrow.table(X).to_pandas()
