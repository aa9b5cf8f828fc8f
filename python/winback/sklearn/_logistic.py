"""Logistic regression."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeVar

import numpy as np
import numpy.typing as npt
from sklearn.utils.validation import check_is_fitted

from winback import _core
from winback._arguments import to_bool, to_count, to_float, to_str
from winback.sklearn._classifier import BinaryClassifier

Self = TypeVar("Self", bound="LogisticClassifier")


class LogisticClassifier(BinaryClassifier):
    """Logistic regression with a squared penalty, for two classes.

    It minimises ``|w|^2 / 2 + C sum s_i loss_i`` as scikit-learn's ``LogisticRegression`` does,
    with s the sample weights; the intercept is not penalised. Columns are numbers without gaps; for
    others, and for scales that differ, put :class:`Preprocess` before it.

    Args:
        C: Inverse of the penalty, above 0; ``float("inf")`` for none. Default 1;
            :class:`winback.ChurnModel` starts with 0.1.
        fit_intercept: Whether there is an intercept.
        solver: ``"newton-cholesky"`` (exact to rounding), ``"lbfgs"`` (for wide tables of rows of
            equal weight) or ``"auto"``, which takes the latter above 1,000 columns.
        tol: When to stop, above 0 and below 1: for ``newton-cholesky`` the Newton decrement of an
            average row's loss, for ``lbfgs`` the largest component of its gradient.
        max_iter: Most steps, 1 or more.
        class_weight: Weights above 0 by label, ``"balanced"`` or None for 1; as in scikit-learn.

    Attributes:
        classes_: The two labels, sorted; probabilities and coefficients are of the second.
        coef_: Change of the log-odds per unit of each column, 1 x columns; 0 for a column of one
            value.
        intercept_: Log-odds of a row of zeros, one number in an array.
        n_iter_: Steps taken, one number in an array; not there with ``lbfgs``, which does not tell.
        n_features_in_: Number of columns.
        feature_names_in_: Their names, where X was a frame with names that are texts.

    Examples:
        >>> import numpy as np
        >>> from winback.sklearn import LogisticClassifier
        >>> silence = np.array([[1.0], [2.0], [3.0], [4.0], [5.0], [6.0]])
        >>> left = np.array(["no", "no", "yes", "no", "yes", "yes"])
        >>> model = LogisticClassifier(C=10).fit(silence, left)
        >>> model.predict([[1.5], [5.5]])
        array(['no', 'yes'], dtype='<U3')
        >>> model.coef_.round(3)
        array([[1.126]])
        >>> LogisticClassifier(C=0).fit(silence, left)
        Traceback (most recent call last):
        ValueError: C: expected a number above 0, or infinity, got 0
    """

    _takes_gaps = False
    _model: _core.FittedLogistic

    def __init__(
        self,
        C: float = 1.0,
        *,
        fit_intercept: bool = True,
        solver: Literal["auto", "newton-cholesky", "lbfgs"] = "auto",
        tol: float = 3e-6,
        max_iter: int = 1000,
        class_weight: Mapping[Any, float] | str | None = None,
    ) -> None:
        self.C = C
        self.fit_intercept = fit_intercept
        self.solver = solver
        self.tol = tol
        self.max_iter = max_iter
        self.class_weight = class_weight

    def fit(self: Self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Finds the coefficients.

        Args:
            X: Rows x columns of finite numbers: an array, a frame, or a table of Arrow's interface.
            y: One of two labels for each row.
            sample_weight: How often each row counts, 0 or more; by default once.

        Returns:
            The estimator itself.

        Raises:
            ValueError: A parameter that is not allowed; values that are missing or not finite;
                other than two classes; weights that cannot count rows, or differ with ``lbfgs``;
                no optimum, as where a column separates the classes and C is infinite.
            TypeError: A parameter of another type; a sparse matrix; a column of texts.

        Examples:
            >>> from winback.sklearn import LogisticClassifier
            >>> X = [[0.0], [1.0], [2.0], [3.0]] * 10
            >>> y = ["stays", "stays", "leaves", "leaves"] * 10
            >>> LogisticClassifier().fit(X, y).coef_.shape
            (1, 1)
        """
        return self._fit(X, y, sample_weight)

    def _learn(self, rows: dict[str, Any], held_out: Any) -> _core.FittedLogistic:
        params = {
            "c": to_float("C", self.C),
            "fit_intercept": to_bool("fit_intercept", self.fit_intercept),
            "solver": to_str("solver", self.solver),
            "tol": to_float("tol", self.tol),
            "max_iter": to_count("max_iter", self.max_iter),
        }
        return _core.FittedLogistic.fit(params, rows)

    @property
    def coef_(self) -> npt.NDArray[np.float64]:
        """Change of the log-odds per unit of each column, 1 x columns."""
        check_is_fitted(self)
        return self._model.coefficients()[np.newaxis, :]

    @property
    def intercept_(self) -> npt.NDArray[np.float64]:
        """Log-odds of a row of zeros, one number in an array."""
        check_is_fitted(self)
        return np.array([self._model.intercept])

    @property
    def n_iter_(self) -> npt.NDArray[np.int64]:
        """Steps taken, one number in an array."""
        check_is_fitted(self)
        if self._model.n_iter is None:
            raise AttributeError("lbfgs does not tell its number of steps")
        return np.array([self._model.n_iter])
