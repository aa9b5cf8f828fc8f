"""Boosted trees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from sklearn.utils.validation import check_is_fitted

from winback import _core
from winback._arguments import of_type, refusal, to_count, to_float
from winback.sklearn._classifier import Trees
from winback.sklearn._weights import shown

Self = TypeVar("Self", bound="BoostingClassifier")


class BoostingClassifier(Trees):
    """Gradient-boosted trees with LightGBM's parameter names, for two classes.

    Every tree is a Newton step on the log loss, grown leaf by leaf. Missing values (NaN) go to the
    side where they gain more; columns of texts or categories of a frame are divided by their
    levels.

    The defaults are close to LightGBM's, which suit large tables; ``min_split_gain`` is 0.3 rather
    than 0. On panels of customers, which are small and noisy, cautious settings are better:
    ``learning_rate=0.05, n_estimators=200, num_leaves=15, min_split_gain=2, lambda_l2=5,
    colsample_bytree=0.5``. They are what ``"boosting"`` means in :class:`winback.ChurnModel`, which
    has the defaults here by the name ``params="lightgbm"``.

    Some names and habits are other than in LightGBM's interface for scikit-learn:

    - ``lambda_l2`` is its ``reg_lambda`` and ``seed`` its ``random_state``; there is no
      ``reg_alpha``.
    - ``subsample`` is drawn anew for every tree; there is no ``subsample_freq``.
    - There is no ``n_jobs``: the threads are those of the process, as many as there are cores or as
      the environment's RAYON_NUM_THREADS says when winback first computes.
    - Trees stop early only by ``held_out`` in :meth:`fit`; there is no ``eval_set``.

    Args:
        n_estimators: Most trees, 1 to 100,000.
        learning_rate: Share of every tree's values that is added, above 0 to 1.
        num_leaves: Most leaves of a tree, 2 to 65,536.
        max_depth: Most questions asked in a row, 1 to 64; None or -1 for no limit but 64.
        min_child_samples: Least number of rows of a leaf, whatever their weight; 1 or more.
        min_child_weight: Least sum of hessians w p (1 - p) of a leaf, 0 or more.
        min_split_gain: Gain that a split must exceed, 0 or more; where no split does, no more trees
            are grown.
        lambda_l2: Penalty on the squared values of leaves, 0 or more.
        max_bin: Most bins of a column, 2 to 255.
        subsample: Share of the rows that each tree is grown from, above 0 to 1.
        colsample_bytree: Share of the columns that each tree may ask, above 0 to 1.
        monotone_constraints: Of every column whether the log-odds of ``classes_[1]`` must not fall
            as it rises (1), must not rise (-1) or may do either (0): a sequence, or a dict by name
            of column; None for 0. Columns of texts or categories have 0.
        early_stopping_rounds: Trees without a lower log loss on the rows that are held out after
            which no more are grown; 0 to grow all. It works only where :meth:`fit` is given
            ``held_out``; without it all trees are grown.
        seed: Of the draws of rows and columns; always a number, so that a fit can be repeated.
        class_weight: Weights above 0 by label, ``"balanced"`` or None for 1; as in scikit-learn.

    Attributes:
        classes_: The two labels, sorted.
        n_estimators_: Number of trees grown.
        feature_importances_: Share of each column in what all splits gained.
        n_features_in_: Number of columns.
        feature_names_in_: Their names, where X was a frame with names that are texts.

    Examples:
        >>> import numpy as np
        >>> from winback.sklearn import BoostingClassifier
        >>> rng = np.random.default_rng(0)
        >>> X = rng.normal(size=(500, 3))
        >>> y = X[:, 0] + rng.normal(size=500) > 0
        >>> model = BoostingClassifier(num_leaves=7, monotone_constraints=[1, 0, 0]).fit(X, y)
        >>> int(model.feature_importances_.argmax())
        0
        >>> bool(np.diff(model.predict_proba([[-1.0, 0, 0], [1, 0, 0]])[:, 1])[0] >= 0)
        True
        >>> BoostingClassifier(num_leaves=1).fit(X, y)
        Traceback (most recent call last):
        ValueError: num_leaves: expected 2 to 65536, got 1
    """

    def __init__(
        self,
        n_estimators: int = 100,
        *,
        learning_rate: float = 0.1,
        num_leaves: int = 31,
        max_depth: int | None = -1,
        min_child_samples: int = 20,
        min_child_weight: float = 1e-3,
        min_split_gain: float = 0.3,
        lambda_l2: float = 0.0,
        max_bin: int = 255,
        subsample: float = 1.0,
        colsample_bytree: float = 1.0,
        monotone_constraints: Sequence[int] | Mapping[str, int] | None = None,
        early_stopping_rounds: int = 50,
        seed: int = 0,
        class_weight: Mapping[Any, float] | str | None = None,
    ) -> None:
        self.n_estimators = n_estimators
        self.learning_rate = learning_rate
        self.num_leaves = num_leaves
        self.max_depth = max_depth
        self.min_child_samples = min_child_samples
        self.min_child_weight = min_child_weight
        self.min_split_gain = min_split_gain
        self.lambda_l2 = lambda_l2
        self.max_bin = max_bin
        self.subsample = subsample
        self.colsample_bytree = colsample_bytree
        self.monotone_constraints = monotone_constraints
        self.early_stopping_rounds = early_stopping_rounds
        self.seed = seed
        self.class_weight = class_weight

    def fit(self: Self, X: Any, y: Any, sample_weight: Any = None, *, held_out: Any = None) -> Self:
        """Grows the trees.

        Args:
            X: Rows x columns of numbers, NaN where missing: an array, or a frame, which may have
                columns of texts or categories, or a table of Arrow's interface.
            y: One of two labels for each row.
            sample_weight: What a row's part in the log loss is multiplied by, 0 or more; by
                default 1.
            held_out: Of every row whether no tree is grown from it and it only tells when to stop
                (see ``early_stopping_rounds``): the latest rows, never random ones. By default
                none is.

        Returns:
            The estimator itself.

        Raises:
            ValueError: A parameter that is not allowed; infinite values; other than two classes;
                weights or marks of rows held out that do not fit the rows or leave one class.
            TypeError: A parameter of another type; a sparse matrix; a LazyFrame; texts in an array;
                a column of neither numbers nor texts, or of both.

        Examples:
            >>> from winback.sklearn import BoostingClassifier
            >>> X = [[0.0], [1.0], [2.0], [3.0]] * 10
            >>> y = ["stays", "stays", "leaves", "leaves"] * 10
            >>> model = BoostingClassifier(n_estimators=10, min_child_samples=5).fit(X, y)
            >>> model.classes_.tolist()
            ['leaves', 'stays']
        """
        return self._fit(X, y, sample_weight, held_out)

    def _learn(self, rows: dict[str, Any], held_out: Any) -> _core.TreeEnsemble:
        params: dict[str, Any] = {
            name: to_float(name, getattr(self, name))
            for name in (
                "learning_rate",
                "min_child_weight",
                "min_split_gain",
                "lambda_l2",
                "subsample",
                "colsample_bytree",
            )
        }
        for name in (
            "n_estimators",
            "num_leaves",
            "min_child_samples",
            "max_bin",
            "early_stopping_rounds",
        ):
            params[name] = to_count(name, getattr(self, name))
        if self.seed is None:
            expected = "an int, for every draw has a seed, so that a fit can be repeated"
            raise refusal(TypeError, "seed", expected, "None")
        params["seed"] = to_count("seed", self.seed)
        lightgbm_none = isinstance(self.max_depth, (int, np.integer)) and self.max_depth == -1
        params["max_depth"] = -1 if lightgbm_none else self._depth(1)
        marks = np.array([], dtype=np.bool_) if held_out is None else _marks(held_out, rows)
        return _core.TreeEnsemble.fit_boosting(
            params, rows, self._categories(), self._signs(), marks
        )

    def _signs(self) -> list[int]:
        signs = self.monotone_constraints
        if signs is None:
            return []
        if isinstance(signs, Mapping):
            names = list(getattr(self, "feature_names_in_", []))
            unknown = [name for name in signs if name not in names]
            if unknown:
                raise ValueError(
                    f"monotone_constraints: {unknown[0]!r} is no name of a column of X"
                )
            signs = [signs.get(name, 0) for name in names]
        elif isinstance(signs, str) or not hasattr(signs, "__iter__"):
            expected = "a sequence of -1, 0 and 1, one a column, or a dict"
            raise refusal(TypeError, "monotone_constraints", expected, of_type(signs))
        return [self._sign(column, sign) for column, sign in enumerate(signs)]

    def _sign(self, column: int, sign: Any) -> int:
        names = getattr(self, "feature_names_in_", [])
        where = f"column {names[column]!r}" if column < len(names) else f"column {column}"
        if isinstance(sign, str) or sign not in (-1, 0, 1):
            given = f"{shown(sign)} ({where})"
            expected = "-1, 0 or 1 for every column"
            raise refusal(ValueError, "monotone_constraints", expected, given)
        if sign != 0 and any(column == category for category, _ in self._categories()):
            given = f"{int(sign)} ({where})"
            raise refusal(ValueError, "monotone_constraints", "0 for texts and categories", given)
        return int(sign)

    @property
    def n_estimators_(self) -> int:
        """Number of trees grown."""
        check_is_fitted(self)
        return self._model.tree_count


def _marks(held_out: Any, rows: dict[str, Any]) -> npt.NDArray[np.bool_]:
    marks = np.asarray(held_out)
    if marks.ndim != 1 or marks.dtype != np.bool_:
        expected = "a sequence of True and False, one a row"
        raise refusal(TypeError, "held_out", expected, of_type(held_out))
    if len(marks) == len(rows["y"]):
        left = ~marks if rows["weights"] is None else ~marks & (rows["weights"] > 0)
        if len(np.unique(rows["y"][left])) < 2:
            which = "only rows of one class" if left.any() else "no rows"
            raise ValueError(
                f"held_out leaves {which} to learn from; rows of two classes are needed"
            )
    return np.ascontiguousarray(marks)
