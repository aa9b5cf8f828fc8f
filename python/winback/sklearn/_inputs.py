"""What estimators are given, checked by scikit-learn's own rules."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import validate_data

from winback.sklearn._columns import encode, find_levels
from winback.sklearn._frames import is_frame, name, to_frame, with_names

Matrix: TypeAlias = npt.NDArray[np.float64]


def training_matrix(estimator: Any, X: Any, y: Any = "no_validation", *, gaps: bool) -> Any:
    """X, and y where it is given, of a fit; sets what the estimator remembers of its columns.

    Where there are columns of texts, the estimator gets their levels as ``_levels``. Without
    ``gaps``, missing values and texts are refused.
    """
    X = to_frame(X)
    estimator._levels = find_levels(X)
    if estimator._levels is not None:
        if not gaps:
            texts = [name(X, i) for i, known in enumerate(estimator._levels) if known is not None]
            raise TypeError(
                f"column {texts[0]!r} of X holds texts, which {type(estimator).__name__} cannot "
                "take; put winback.sklearn.Preprocess before it"
            )
        X = encode(X, estimator._levels)
    if y is not None and not isinstance(y, str) and _has_none(y):
        raise ValueError("Input y contains missing values; leave out rows without an outcome")
    return _validated(estimator, X, y, gaps=gaps)


def matrix(estimator: Any, X: Any, *, gaps: bool) -> Matrix:
    """X of a prediction, checked against the fit."""
    X = to_frame(X)
    if is_frame(X) or estimator._levels is not None:
        validate_data(estimator, with_names(X), reset=False, skip_check_array=True)
        X = encode(X, estimator._levels)
    return aligned(_validated(estimator, X, gaps=gaps, reset=False))


def aligned(X: Any) -> Matrix:
    """The same numbers, copied only where the core could not read them where they lie."""
    return np.require(X, np.float64, "A")


def labels(y: Any) -> tuple[npt.NDArray[Any], npt.NDArray[np.bool_]]:
    """The two classes, sorted, and for every row whether it is of the second."""
    check_classification_targets(y)
    kind = type_of_target(y, input_name="y", raise_unknown=True)
    if kind != "binary":
        raise ValueError(
            f"Only binary classification is supported. The type of the target is {kind}."
        )
    classes, places = np.unique(y, return_inverse=True)
    return classes, places == 1


@contextmanager
def terms_of_here() -> Iterator[None]:
    """The core's errors with the parameter ``C`` as it is called here, and short numbers."""
    try:
        yield
    except ValueError as error:
        message = str(error).replace("a finite c ", "a finite C ")
        # A float that is written out in full.
        message = re.sub(r"\d{25,}", lambda digits: f"{float(digits[0]):g}", message)
        short = ValueError(message)
        vars(short).update(vars(error))
        raise short from None


def _has_none(y: Any) -> bool:
    values = np.asarray(y, dtype=object) if not hasattr(y, "dtype") else np.asarray(y)
    return values.dtype == object and any(
        value is None or type(value).__name__ == "NAType" for value in values.ravel()
    )


def _validated(estimator: Any, X: Any, *y: Any, gaps: bool, reset: bool = True) -> Any:
    finite = "allow-nan" if gaps else True
    options = {"dtype": np.float64, "ensure_all_finite": finite, "reset": reset}
    try:
        return validate_data(estimator, with_names(X), *y, **options)
    except ValueError as error:
        message = str(error)
        if message.startswith("Input X contains NaN"):
            advice = "For columns with missing values, put winback.sklearn.Preprocess before it."
            raise ValueError(f"{message}\n{advice}") from None
        if "could not convert string to float" in message:
            _refuse_texts(X)
        raise


def _refuse_texts(X: Any) -> None:
    """Says which column of an array holds texts."""
    rows = np.asarray(X, dtype=object)
    for i, column in enumerate(rows.T if rows.ndim == 2 else []):
        for value in column:
            if isinstance(value, str) and not _is_number(value):
                raise TypeError(
                    f"column {i} of X holds texts, such as {str(value)!r}; texts need a frame, "
                    "such as a DataFrame of pandas or polars"
                ) from None


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
