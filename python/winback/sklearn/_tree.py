"""One decision tree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from winback import _core
from winback._arguments import to_count, to_float
from winback.sklearn._classifier import Trees

Self = TypeVar("Self", bound="TreeClassifier")


class TreeClassifier(Trees):
    """One decision tree that gives probabilities, for two classes.

    A node is split by the question that lowers the log loss most. Its probability is
    (P + m q) / (T + m), where T is the weight of its rows, P that of the second class among them,
    m ``smoothing`` and q its parent's probability. Missing values (NaN) go to the side where they
    fit better; columns of texts or categories of a frame are divided by their levels.

    Args:
        max_depth: Most questions asked in a row, 0 to 64; None for no limit but 64.
        min_child_samples: Least weight of a leaf, which without weights is its least number of
            rows; 1 or more.
        min_gain: Log loss (in nats, summed over rows) that a split must save, 0 or more.
        max_bin: Most bins of a column, 2 to 255.
        smoothing: Rows at its parent's probability that every node gets, 0 or more.
        class_weight: Weights above 0 by label, ``"balanced"`` or None for 1; as in scikit-learn.

    Attributes:
        classes_: The two labels, sorted.
        feature_importances_: Share of each column in what all splits gained.
        n_features_in_: Number of columns.
        feature_names_in_: Their names, where X was a frame with names that are texts.

    Examples:
        >>> import pandas as pd
        >>> from winback.sklearn import TreeClassifier
        >>> customers = pd.DataFrame(
        ...     {"silence": [3, 5, 8, None, 40, 55] * 9, "plan": ["basic", "pro"] * 27}
        ... )
        >>> left = [False, False, False, True, True, True] * 9
        >>> model = TreeClassifier(max_depth=2).fit(customers, left)
        >>> new = pd.DataFrame({"silence": [4.0, None], "plan": ["pro", "unheard-of"]})
        >>> model.predict(new)
        array([False, True])
        >>> model.feature_importances_
        array([1., 0.])
    """

    def __init__(
        self,
        max_depth: int | None = 6,
        *,
        min_child_samples: int = 20,
        min_gain: float = 4.0,
        max_bin: int = 255,
        smoothing: float = 20.0,
        class_weight: Mapping[Any, float] | str | None = None,
    ) -> None:
        self.max_depth = max_depth
        self.min_child_samples = min_child_samples
        self.min_gain = min_gain
        self.max_bin = max_bin
        self.smoothing = smoothing
        self.class_weight = class_weight

    def fit(self: Self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Grows the tree.

        Args:
            X: Rows x columns of numbers, NaN where missing: an array, or a frame, which may have
                columns of texts or categories, or a table of Arrow's interface.
            y: One of two labels for each row.
            sample_weight: How often each row counts, 0 or more; by default once.

        Returns:
            The estimator itself.

        Raises:
            ValueError: A parameter that is not allowed; infinite values; other than two classes;
                weights that cannot count rows.
            TypeError: A parameter of another type; a sparse matrix; a LazyFrame; texts in an array;
                a column of neither numbers nor texts, or of both.

        Examples:
            >>> from winback.sklearn import TreeClassifier
            >>> X = [[0.0], [1.0], [2.0], [3.0]] * 10
            >>> y = ["stays", "stays", "leaves", "leaves"] * 10
            >>> TreeClassifier(min_child_samples=5).fit(X, y).predict([[0.5], [2.5]]).tolist()
            ['stays', 'leaves']
        """
        return self._fit(X, y, sample_weight)

    def _learn(self, rows: dict[str, Any], held_out: Any) -> _core.TreeEnsemble:
        params = {
            "max_depth": self._depth(0),
            "min_child_samples": to_count("min_child_samples", self.min_child_samples),
            "min_gain": to_float("min_gain", self.min_gain),
            "max_bin": to_count("max_bin", self.max_bin),
            "smoothing": to_float("smoothing", self.smoothing),
        }
        return _core.TreeEnsemble.fit_tree(params, rows, self._categories())
