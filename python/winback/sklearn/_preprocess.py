"""Columns prepared for a linear model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import _check_feature_names_in, check_is_fitted

from winback import _core
from winback._arguments import of_type, refusal
from winback.sklearn import _inputs, _weights

Self = TypeVar("Self", bound="Preprocess")


class Preprocess(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Columns as a linear model can take them, as :class:`winback.ChurnModel` prepares them.

    - a number: missing values get the training median, then (value - mean) / standard deviation
    - a skewed number (money, counts, days): ``sign(v) ln(1 + |v|)`` first
    - a text or category of a frame: one 0/1 column a level, but none for the level most frequent
      in training; zeros for a level that training has not seen
    - a column with missing values in training also gives ``<name>_missing``, 1 where it is missing

    Args:
        skewed: Names or positions of the columns that are skewed; ``"catalogue"`` for those with
            the name of a feature of :func:`winback.catalogue` that counts days, hours, purchases
            or money, or is a ratio; None for none.

    Attributes:
        n_features_in_: Number of columns.
        feature_names_in_: Their names, where X was a frame with names that are texts.

    Examples:
        >>> import pandas as pd
        >>> from winback.sklearn import Preprocess
        >>> X = pd.DataFrame({"spend": [10.0, None, 1000.0], "city": ["Oslo", "Oslo", "Bergen"]})
        >>> prepared = Preprocess(skewed=["spend"]).set_output(transform="pandas").fit_transform(X)
        >>> prepared.round(2)
           spend  spend_missing  city=Bergen
        0  -1.22            0.0          0.0
        1  -0.01            1.0          0.0
        2   1.23            0.0          1.0
    """

    _model: _core.FittedPreprocess
    _levels: list[list[str] | None] | None
    n_features_in_: int

    def __init__(self, skewed: str | Sequence[str] | Sequence[int] | None = "catalogue") -> None:
        self.skewed = skewed

    def fit(self: Self, X: Any, y: Any = None, sample_weight: Any = None) -> Self:
        """Learns medians, means, deviations and levels.

        Args:
            X: Rows x columns of numbers, NaN where missing: an array, or a frame, which may have
                columns of texts or categories, or a table of Arrow's interface.
            y: Of no effect; it is there for pipelines.
            sample_weight: How often each row counts, 0 or more; by default once.

        Returns:
            The transformer itself.

        Raises:
            ValueError: A skewed column that is not there or holds texts; infinite values, or such
                beyond 1e300; weights that cannot count rows.
            TypeError: Another type of ``skewed``; a sparse matrix; a LazyFrame; texts in an array;
                a column of neither numbers nor texts, or of both.

        Examples:
            >>> from winback.sklearn import Preprocess
            >>> Preprocess().fit([[1.0], [2.0], [4.0]]).n_features_in_
            1
        """
        X = _inputs.training_matrix(self, X, gaps=True)
        weights = _weights.of_rows(X, sample_weight)
        names = [str(name) for name in _check_feature_names_in(self)]
        levels = self._levels or [None] * len(names)
        skewed = self._skewed(names)
        for i in skewed:
            if levels[i] is not None:
                raise ValueError(f"skewed: column {names[i]!r} of X holds texts")
        columns = []
        for i, (name, known) in enumerate(zip(names, levels, strict=True)):
            kind = "skewed" if i in skewed else "number" if known is None else "category"
            columns.append((name, kind, known or []))
        with _inputs.terms_of_here():
            self._model = _core.FittedPreprocess.fit(_inputs.aligned(X), columns, weights)
        self._n_features_out = len(self._model.names())
        return self

    def _skewed(self, names: list[str]) -> set[int]:
        if self.skewed is None:
            return set()
        if isinstance(self.skewed, str):
            if self.skewed != "catalogue":
                expected = "'catalogue', a list of columns or None"
                raise refusal(ValueError, "skewed", expected, repr(self.skewed))
            wanted: set[Any] = set(_core.skewed_features())
            # A category of that name is none of the catalogue's features.
            levels = self._levels or [None] * len(names)
            return {i for i, name in enumerate(names) if name in wanted and levels[i] is None}
        if not hasattr(self.skewed, "__iter__"):
            expected = "a list of names or positions of columns, 'catalogue' or None"
            raise refusal(TypeError, "skewed", expected, of_type(self.skewed))
        places = set()
        for column in self.skewed:
            if isinstance(column, str):
                if column not in names:
                    raise ValueError(f"skewed: {column!r} is no name of a column of X")
                places.add(names.index(column))
            elif isinstance(column, (int, np.integer)) and not isinstance(column, bool):
                if not 0 <= column < len(names):
                    raise ValueError(f"skewed: {column} is no position of {len(names)} columns")
                places.add(int(column))
            else:
                expected = "names or positions of columns"
                raise refusal(TypeError, "skewed", expected, of_type(column))
        return places

    def transform(self, X: Any) -> npt.NDArray[np.float64]:
        """The derived columns of every row.

        Args:
            X: Rows x columns, as in :meth:`fit`.

        Returns:
            Rows x derived columns; a frame after ``set_output``.

        Raises:
            NotFittedError: There was no fit.
            ValueError: Other columns than in the fit, or infinite values.

        Examples:
            >>> from winback.sklearn import Preprocess
            >>> Preprocess().fit_transform([[1.0], [2.0], [4.0]]).shape
            (3, 1)
        """
        check_is_fitted(self)
        return self._model.transform(_inputs.matrix(self, X, gaps=True))

    def get_feature_names_out(self, input_features: Any = None) -> npt.NDArray[np.object_]:
        """Names of the derived columns: ``<name>``, ``<name>=<level>``, ``<name>_missing``.

        Args:
            input_features: Names of the columns, where X had none.

        Returns:
            The names, as texts in an array of objects.

        Raises:
            NotFittedError: There was no fit.
            ValueError: Other names than in the fit, or another number of them.

        Examples:
            >>> from winback.sklearn import Preprocess
            >>> len(Preprocess().fit([[1.0], [2.0], [4.0]]).get_feature_names_out())
            1
        """
        check_is_fitted(self, "_n_features_out")
        given = [str(name) for name in _check_feature_names_in(self, input_features)]
        known = [str(name) for name in _check_feature_names_in(self)]
        names = [given[source] + name[len(known[source]) :] for name, source in self._model.names()]
        return np.array(names, dtype=object)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = True
        return tags
