"""What estimators are given, checked by scikit-learn's own rules."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from sklearn.utils import compute_sample_weight
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import _check_sample_weight, validate_data

from winback.sklearn._columns import encode, find_levels, with_names

Matrix: TypeAlias = npt.NDArray[np.float64]
Column: TypeAlias = npt.NDArray[np.float64]


def training_matrix(estimator: Any, X: Any, y: Any = "no_validation", *, gaps: bool) -> Any:
    """X, and y where it is given, of a fit; sets what the estimator remembers of its columns.

    Where there are columns of texts, the estimator gets their levels as ``_levels``. Without
    ``gaps``, missing values and texts are refused.
    """
    estimator._levels = find_levels(X)
    if estimator._levels is not None:
        if not gaps:
            texts = [X.columns[i] for i, known in enumerate(estimator._levels) if known is not None]
            raise TypeError(
                f"column {texts[0]!r} of X holds texts, which {type(estimator).__name__} cannot "
                "take; put winback.sklearn.Preprocess before it"
            )
        X = encode(X, estimator._levels)
    if y is not None and not isinstance(y, str) and _has_none(y):
        raise ValueError("Input y contains missing values; leave out rows without an outcome")
    return validate_data(estimator, with_names(X), y, **_options(gaps))


def matrix(estimator: Any, X: Any, *, gaps: bool) -> Matrix:
    """X of a prediction, checked against the fit."""
    if estimator._levels is not None:
        validate_data(estimator, with_names(X), reset=False, skip_check_array=True)
        X = encode(X, estimator._levels)
    X = validate_data(estimator, with_names(X), reset=False, **_options(gaps))
    return aligned(X)


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


def weights(X: Matrix, y: Any, sample_weight: Any, class_weight: Any) -> Column | None:
    """Weights of the rows; None where all are 1. Rows of both classes must weigh something."""
    all_weights = None
    if sample_weight is not None:
        all_weights = np.array(_check_sample_weight(sample_weight, X, dtype=np.float64))
    if class_weight is not None:
        if isinstance(class_weight, str) and class_weight == "balanced" and all_weights is not None:
            class_weight = _balanced(y, all_weights)
        of_classes = compute_sample_weight(class_weight, y)
        all_weights = of_classes if all_weights is None else all_weights * of_classes
    used = y if all_weights is None else y[all_weights > 0]
    classes = np.unique(used)
    if len(classes) < 2:
        of = f"class {classes[0]!r}" if len(classes) else "no class"
        raise ValueError(
            f"all {len(used)} rows of weight are of {of}; rows of two classes are needed "
            f"(n_samples = {len(used)})"
        )
    return all_weights


def _balanced(y: Any, weights: Column) -> dict[Any, float]:
    """Weights under which both classes weigh the same, and all rows as much as before."""
    sums = {label: float(weights[y == label].sum()) for label in np.unique(y)}
    total = sum(sums.values())
    return {label: total / (len(sums) * own) for label, own in sums.items() if own > 0}


def _has_none(y: Any) -> bool:
    values = np.asarray(y, dtype=object) if not hasattr(y, "dtype") else np.asarray(y)
    return values.dtype == object and any(
        value is None or type(value).__name__ == "NAType" for value in values.ravel()
    )


def _options(gaps: bool) -> dict[str, Any]:
    return {"dtype": np.float64, "ensure_all_finite": "allow-nan" if gaps else True}
