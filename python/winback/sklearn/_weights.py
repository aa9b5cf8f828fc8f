"""Weights of rows, of their own and of their classes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from sklearn.utils import compute_sample_weight
from sklearn.utils.validation import _check_sample_weight

from winback._arguments import of_type, refusal, to_float

Column: TypeAlias = npt.NDArray[np.float64]


def of_rows(X: Any, sample_weight: Any) -> Column | None:
    """The sample weights; None where all are 1."""
    if sample_weight is None:
        return None
    try:
        weights = np.array(_check_sample_weight(sample_weight, X, dtype=np.float64))
    except ValueError as error:
        if "sample_weight" in str(error):
            raise
        raise ValueError(f"sample_weight: {error}") from None
    negative = np.flatnonzero(weights < 0)
    if len(negative):
        row = negative[0]
        expected = "finite numbers of 0 or more that are not all 0"
        raise refusal(ValueError, "sample_weight", expected, f"{weights[row]:g} (row {row})")
    return weights


def with_classes(X: Any, y: Any, sample_weight: Any, class_weight: Any) -> Column | None:
    """Weights of the rows times those of their classes; None where all are 1.

    Rows of both classes must weigh something.
    """
    own = of_rows(X, sample_weight)
    used = y if own is None else y[own > 0]
    classes = np.unique(used)
    if len(classes) < 2:
        which = "" if own is None else " with a sample_weight above 0"
        of = f"class {shown(classes[0])}" if len(classes) else "no class"
        raise ValueError(
            f"all {len(used)} rows{which} are of {of}; rows of two classes are needed "
            f"(n_samples = {len(used)})"
        )
    by_label = _checked(class_weight)
    if by_label is None:
        return own
    if by_label == "balanced" and own is not None:
        by_label = _balanced(y, own)
    of_classes: Column = compute_sample_weight(by_label, y)
    return of_classes if own is None else own * of_classes


def shown(label: Any) -> str:
    """A label as one writes it, without NumPy's type around it."""
    return repr(label.item() if isinstance(label, np.generic) else label)


def _checked(class_weight: Any) -> dict[Any, float] | str | None:
    expected = "'balanced', a dict of weights above 0 by label, or None"
    if class_weight is None or (isinstance(class_weight, str) and class_weight == "balanced"):
        return class_weight
    if isinstance(class_weight, str):
        raise refusal(ValueError, "class_weight", expected, repr(class_weight))
    if not isinstance(class_weight, Mapping):
        raise refusal(TypeError, "class_weight", expected, of_type(class_weight))
    weights = {}
    for label, weight in class_weight.items():
        weights[label] = to_float(f"class_weight[{shown(label)}]", weight)
        if not 0 < weights[label] < math.inf:
            given = f"{weights[label]:g} of label {shown(label)}"
            raise refusal(ValueError, "class_weight", expected, given)
    return weights


def _balanced(y: Any, weights: Column) -> dict[Any, float]:
    """Weights under which both classes weigh the same, and all rows as much as before."""
    sums = {label: float(weights[y == label].sum()) for label in np.unique(y)}
    total = sum(sums.values())
    return {label: total / (len(sums) * own) for label, own in sums.items()}
