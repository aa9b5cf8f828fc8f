"""What the three classifiers have in common."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from winback import _core
from winback._arguments import of_type, refusal
from winback.sklearn import _inputs, _weights
from winback.sklearn._inputs import Matrix

Self = TypeVar("Self", bound="BinaryClassifier")

_DEEPEST = 64


class BinaryClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A classifier of two classes whose fitted part is of the core."""

    _takes_gaps = True
    _model: _core.FittedLogistic | _core.TreeEnsemble
    _levels: list[list[str] | None] | None
    classes_: npt.NDArray[Any]
    n_features_in_: int
    class_weight: Any

    def _fit(self: Self, X: Any, y: Any, sample_weight: Any, held_out: Any = None) -> Self:
        X, y = _inputs.training_matrix(self, X, y, gaps=self._takes_gaps)
        classes, is_second = _inputs.labels(y)
        weights = _weights.with_classes(X, y, sample_weight, self.class_weight)
        rows = {"x": _inputs.aligned(X), "y": is_second, "weights": weights}
        with _inputs.terms_of_here():
            self._model = self._learn(rows, held_out)
        self.classes_ = classes
        return self

    def _learn(self, rows: dict[str, Any], held_out: Any) -> Any:
        raise NotImplementedError

    def _categories(self) -> list[tuple[int, int]]:
        """Columns of categories and their numbers of levels."""
        levels = enumerate(self._levels or [])
        return [(i, len(known)) for i, known in levels if known]

    def decision_function(self, X: Any) -> npt.NDArray[np.float64]:
        """Log-odds ln(p / (1 - p)) of the second class, ``classes_[1]``.

        Args:
            X: Rows x columns, as in :meth:`fit`.

        Returns:
            One number a row.

        Raises:
            NotFittedError: There was no fit.
            ValueError: Other columns than in the fit, or values that cannot be used.

        Examples:
            >>> from winback.sklearn import LogisticClassifier
            >>> X = [[0.0], [1.0], [2.0], [3.0]] * 10
            >>> y = ["stays", "stays", "leaves", "leaves"] * 10
            >>> LogisticClassifier().fit(X, y).decision_function([[0.0], [3.0]]) > 0
            array([ True, False])
        """
        check_is_fitted(self)
        return self._model.log_odds(_inputs.matrix(self, X, gaps=self._takes_gaps))

    def predict_proba(self, X: Any) -> npt.NDArray[np.float64]:
        """Probabilities of the two classes.

        Args:
            X: Rows x columns, as in :meth:`fit`.

        Returns:
            Rows x 2, in the order of ``classes_``.

        Raises:
            NotFittedError: There was no fit.
            ValueError: Other columns than in the fit, or values that cannot be used.

        Examples:
            >>> from winback.sklearn import LogisticClassifier
            >>> X = [[0.0], [1.0], [2.0], [3.0]] * 10
            >>> y = ["stays", "stays", "leaves", "leaves"] * 10
            >>> LogisticClassifier().fit(X, y).predict_proba([[1.5]]).sum(axis=1)
            array([1.])
        """
        check_is_fitted(self)
        second = self._model.probabilities(_inputs.matrix(self, X, gaps=self._takes_gaps))
        return np.column_stack([1.0 - second, second])

    def predict(self, X: Any) -> npt.NDArray[Any]:
        """The likelier class of every row; the first where both are as likely.

        Args:
            X: Rows x columns, as in :meth:`fit`.

        Returns:
            One of ``classes_`` for each row.

        Raises:
            NotFittedError: There was no fit.
            ValueError: Other columns than in the fit, or values that cannot be used.

        Examples:
            >>> from winback.sklearn import LogisticClassifier
            >>> X = [[0.0], [1.0], [2.0], [3.0]] * 10
            >>> y = ["stays", "stays", "leaves", "leaves"] * 10
            >>> LogisticClassifier().fit(X, y).predict([[0.0], [3.0]]).tolist()
            ['stays', 'leaves']
        """
        is_second = self.decision_function(X) > 0
        return self.classes_[is_second.astype(np.intp)]

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.input_tags.allow_nan = self._takes_gaps
        return tags


class Trees(BinaryClassifier):
    """A classifier of one or many trees."""

    _model: _core.TreeEnsemble
    max_depth: int | None

    def _depth(self, least: int) -> int:
        """Most questions in a row; None is no limit, beyond which no tree can grow."""
        depth = self.max_depth
        if depth is None:
            return _DEEPEST
        if not isinstance(depth, (int, np.integer)):
            raise refusal(TypeError, "max_depth", "an int or None", of_type(depth))
        if not least <= depth <= _DEEPEST:
            expected = f"{least} to {_DEEPEST}, or None for no limit"
            raise refusal(ValueError, "max_depth", expected, depth)
        return int(depth)

    @property
    def feature_importances_(self) -> Matrix:
        """Share of each column in what all splits gained; zeros without any split."""
        check_is_fitted(self)
        gains = self._model.gains()
        total = gains.sum()
        return gains / total if total > 0 else gains

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.categorical = True
        return tags
