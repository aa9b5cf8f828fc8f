"""The churn model: who leaves, and who of the silent ones comes back."""

from __future__ import annotations

import copy
import inspect
import os
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Literal, TypeVar

from winback import _core
from winback._arguments import to_count, to_float, to_names, to_str
from winback._time import Instant, from_micros, to_text
from winback.event_log import EventLog
from winback.table import Table

_Model = TypeVar("_Model", bound="ChurnModel")


class NotFittedError(ValueError, AttributeError):
    """The model was not fitted yet.

    It is both a ValueError and an AttributeError, as scikit-learn's error of this name.
    """


class Scores(Table):
    """A table of customers at a cutoff that knows how many were scored, how many not and why.

    Attributes:
        report: ``at`` (naive, in UTC), ``customers`` (of the log), of them scored ``active``,
            ``lapsed`` and ``lost``, and not scored ``without_purchase`` (before the cutoff).

    Examples:
        >>> import winback as wb
        >>> log = wb.simulate(customers=1000).event_log()
        >>> scores = wb.ChurnModel().fit(log, until="2024-10-01").score(log, at="2024-10-01")
        >>> report = scores.report
        >>> report["active"] + report["lapsed"] + report["lost"] == len(scores)
        True
        >>> report["customers"] - len(scores) == report["without_purchase"]
        True
    """

    def __init__(self, table: _core.Table, report: dict[str, Any], text: str) -> None:
        super().__init__(table)
        self.report = report | {"at": from_micros(report["at"])}
        self._text = text

    def __repr__(self) -> str:
        return f"{super().__repr__()}\n{self._text}"

    def _repr_html_(self) -> str:
        return f"{super()._repr_html_()}<p>{escape(self._text)}</p>"


class QualityReport:
    """Quality of a model at a cutoff that its training never saw.

    Beside the model stands the baseline that knows only the days since the last purchase.

    Attributes:
        table: Two rows a state, one for the model and one for the baseline: ``state``,
            ``outcome`` (``churned`` for active customers, ``returned`` for the others), ``score``
            (``model`` or ``recency``), ``customers``, ``base_rate``,
            ``mean_probability`` (of the model), ``roc_auc``,
            ``average_precision``, ``brier_score``, ``log_loss``, ``lift_10`` (rate in the top
            tenth over the base rate).
    """

    def __init__(self, table: Table, values: dict[str, Any], text: str) -> None:
        self.table = table
        self._values = values
        self._text = text

    def to_dict(self) -> dict[str, Any]:
        """All of the report as a dict, instants as naive datetimes in UTC.

        Returns:
            ``at``, ``estimator``, ``trained_until``, ``lead``, ``horizon``, ``outcome_from``,
            ``outcome_until``, ``groups`` (a list of dicts with ``state``, ``outcome`` and the
            measures of ``model`` and ``recency``) and ``notes``.
        """
        return copy.deepcopy(self._values)

    def __repr__(self) -> str:
        return self._text.rstrip()

    def _repr_html_(self) -> str:
        return f"<pre>{escape(repr(self))}</pre>"


class ChurnModel:
    """Predicts who of the active customers leaves and who of the silent ones returns.

    Active, lapsed and lost customers have a model each, trained at several past cutoffs; where
    training had too few outcomes of lost customers, the model of the lapsed ones scores them. All
    predict a purchase inside the outcome window [cutoff + lead, cutoff + lead + horizon); the
    probability of churn is one minus it.

    The class follows scikit-learn's conventions: arguments are only stored, and checked by
    :meth:`fit`; ``get_params``, ``set_params`` and ``sklearn.base.clone`` work. It takes an event
    log in place of ``X`` and ``y``.

    Args:
        estimator: ``"logistic"`` (logistic regression on preprocessed features) or ``"tree"`` (one
            decision tree).
        horizon: Length of the outcome window, as ``30d``, ``12w``, ``3mo`` or ``1y``.
        lead: Pause between cutoff and outcome window, for late data and time to act.
        lapsed_after: Inactivity from which on a customer is lapsed.
        lost_after: Inactivity from which on a customer is lost.
        attributes: Columns of the customers table that enter the model. Their last-known values
            may tell the outcome, so that none is taken by itself.
        params: Parameters of the estimator. Of ``"logistic"``: ``c`` (inverse of the penalty, 1),
            ``fit_intercept`` (True), ``solver`` (``"auto"``, ``"newton-cholesky"`` or
            ``"lbfgs"``), ``tol`` (3e-6), ``max_iter`` (1000). Of ``"tree"``: ``max_depth`` (6),
            ``min_child_samples`` (20), ``min_gain`` (4.0), ``max_bin`` (255), ``smoothing`` (20.0).

    Attributes:
        training_: From what it was trained: ``until`` and ``cutoffs``, a list of dicts with
            ``cutoff`` and, for ``active``, ``lapsed`` and ``lost`` customers, the numbers of rows
            that ``purchased`` and that have ``not_purchased``.
        columns_: Names of the columns it reads, features and then attributes.

    Examples:
        >>> import winback as wb
        >>> log = wb.simulate(customers=1000).event_log()
        >>> model = wb.ChurnModel(horizon="3mo").fit(log, until="2024-10-01")
        >>> candidates = model.candidates(log, at="2025-01-01", top=10, control_share=0.1)
        >>> candidates.column_names[:2], len(candidates)
        (['customer_id', 'rank'], 10)
        >>> report = model.evaluate(log, at="2024-10-01")
        >>> report.table["score"][:2]
        ['model', 'recency']
    """

    _model: _core.ChurnModel | None = None

    def __init__(
        self,
        estimator: Literal["logistic", "tree"] = "logistic",
        *,
        horizon: str = "3mo",
        lead: str = "0d",
        lapsed_after: str = "3mo",
        lost_after: str = "6mo",
        attributes: Sequence[str] = (),
        params: Mapping[str, Any] | None = None,
    ) -> None:
        self.estimator = estimator
        self.horizon = horizon
        self.lead = lead
        self.lapsed_after = lapsed_after
        self.lost_after = lost_after
        self.attributes = attributes
        self.params = params

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The constructor's arguments.

        Args:
            deep: Of no effect; it is there for scikit-learn.

        Returns:
            Argument names and their values.
        """
        return {name: getattr(self, name) for name in _PARAMETERS}

    def set_params(self: _Model, **params: Any) -> _Model:
        """Changes arguments of the constructor; a fitted model changes with the next fit.

        Args:
            **params: Argument names and their new values.

        Returns:
            The model itself.

        Raises:
            ValueError: There is no such argument.
        """
        for name, value in params.items():
            if name not in _PARAMETERS:
                raise ValueError(
                    f"{name!r} is no parameter of ChurnModel: {', '.join(_PARAMETERS)}"
                )
            setattr(self, name, value)
        return self

    def fit(
        self: _Model, log: EventLog, *, until: Instant, cutoffs: int = 6, stride: str = "30d"
    ) -> _Model:
        """Trains on what was known before ``until``.

        Args:
            log: The event log.
            until: The end of the latest outcome window; nothing at or after it is used.
            cutoffs: Number of cutoffs to learn from. Those at or before the first transaction are
                left out.
            stride: Spacing of the cutoffs.

        Returns:
            The model itself.

        Raises:
            ValueError: An argument, or one of the constructor's, that is not allowed; ``until``
                after the log's ``observed_until``; no cutoff inside the log; fewer than 30 rows of
                either outcome among active or among lapsed customers.
            TypeError: An argument of another type.
        """
        self._model = _core.ChurnModel.fit(
            _log(log),
            estimator=to_str("estimator", self.estimator),
            params=dict(self.params or {}),
            horizon=to_str("horizon", self.horizon),
            lead=to_str("lead", self.lead),
            lapsed_after=to_str("lapsed_after", self.lapsed_after),
            lost_after=to_str("lost_after", self.lost_after),
            attributes=to_names("attributes", self.attributes),
            until=to_text("until", until),
            cutoffs=to_count("cutoffs", cutoffs),
            stride=to_str("stride", stride),
        )
        return self

    def score(self, log: EventLog, *, at: Instant) -> Scores:
        """Scores every customer with a purchase before the cutoff.

        Args:
            log: An event log with the columns of the one it was trained on.
            at: The cutoff.

        Returns:
            One row a customer, by ascending id: ``customer_id``, ``state`` (active, lapsed, lost),
            ``days_since_last_purchase``, ``purchase_count``, ``average_check`` (where the log has
            amounts), ``purchase_probability``, ``churn_probability``; its ``report`` says how many
            customers were scored, how many not and why.

        Raises:
            NotFittedError: The model was not fitted.
            ValueError: A cutoff outside the log; a log with other columns or rules.
        """
        return Scores(*self._fitted().score(_log(log), to_text("at", at)))

    def candidates(
        self,
        log: EventLog,
        *,
        at: Instant,
        top: int | None = None,
        control_share: float = 0.0,
        salt: str = "winback",
    ) -> Scores:
        """The lapsed customers, ranked by what their return is worth, with reasons.

        Args:
            log: An event log with the columns of the one it was trained on.
            at: The cutoff.
            top: Keep so many of the best; all by default.
            control_share: Share of the candidates not to be contacted, so that the campaign's
                effect can be measured; from 0 to below 1.
            salt: Text mixed into the draw of the control: the same salt, the same customers.

        Returns:
            One row a candidate: ``customer_id``, ``rank`` (from 1), ``last_purchase``,
            ``days_since_last_purchase``, ``purchase_count``, ``average_check``,
            ``return_probability``, ``expected_value`` (return probability times average check;
            both need amounts), ``arm`` (contact or control), ``reason_1`` to ``reason_3``.

        Raises:
            NotFittedError: The model was not fitted.
            ValueError: As :meth:`score`; ``top`` or ``control_share`` out of range.
        """
        count = None if top is None else to_count("top", top)
        return Scores(
            *self._fitted().candidates(
                _log(log),
                to_text("at", at),
                count,
                to_float("control_share", control_share),
                to_str("salt", salt),
            )
        )

    def evaluate(self, log: EventLog, *, at: Instant) -> QualityReport:
        """The model's quality at a cutoff that its training never saw.

        Args:
            log: An event log that reaches to the end of the cutoff's outcome window.
            at: The cutoff, not before the ``until`` of the training.

        Returns:
            The quality for each state, beside that of the days since the last purchase alone.

        Raises:
            NotFittedError: The model was not fitted.
            ValueError: As :meth:`score`; a cutoff that the training saw, or whose outcome window
                the log does not cover; no state in which both outcomes occur.
        """
        table, values, text = self._fitted().evaluate(_log(log), to_text("at", at))
        for name in ("at", "trained_until", "outcome_from", "outcome_until"):
            values[name] = from_micros(values[name])
        return QualityReport(Table(table), values, text)

    def coefficients(self) -> Table:
        """Coefficients of a logistic model, on the scale of the preprocessed columns.

        Returns:
            One row a column of the model of each ``state``: ``feature`` (``(intercept)`` first),
            ``coefficient`` (change of the log-odds of a purchase per unit of the preprocessed
            column), ``standard_error`` (None where there is none), ``odds_ratio``.

        Raises:
            NotFittedError: The model was not fitted.
            ValueError: The model is not logistic.
        """
        table = self._fitted().coefficients()
        if table is None:
            raise ValueError(f"only logistic models have coefficients, not {self.estimator!r}")
        return Table(table)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the fitted model to a file, which holds data and no code.

        Raises:
            NotFittedError: The model was not fitted.
            OSError: The file cannot be written; nothing half-written stays.
        """
        self._fitted().save(path)

    @classmethod
    def load(cls: type[_Model], path: str | os.PathLike[str]) -> _Model:
        """Reads a model that :meth:`save` wrote; it scores equally, to the bit.

        Raises:
            ValueError: The file is damaged, of another version, or no model.
            FileNotFoundError: There is no such file; other kinds of ``OSError`` likewise.
        """
        fitted = _core.ChurnModel.load(path)
        parameters = fitted.parameters()
        # As the defaults say it: no parameters rather than an empty dict.
        parameters["params"] = parameters["params"] or None
        parameters["attributes"] = tuple(parameters["attributes"])
        model = cls(**parameters)
        model._model = fitted
        return model

    @property
    def training_(self) -> dict[str, Any]:
        """From what it was trained, instants as naive datetimes in UTC."""
        training = self._fitted().training()
        training["until"] = from_micros(training["until"])
        for cutoff in training["cutoffs"]:
            cutoff["cutoff"] = from_micros(cutoff["cutoff"])
        return training

    @property
    def columns_(self) -> list[str]:
        """Names of the columns it reads, features and then attributes."""
        return self._fitted().columns()

    def __getstate__(self) -> dict[str, Any]:
        state = vars(self).copy()
        if self._model is not None:
            state["_model"] = self._model.to_bytes()
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        if "_model" in state:
            self._model = _core.ChurnModel.from_bytes(state["_model"])

    def __repr__(self) -> str:
        changed = [
            f"{name}={value!r}"
            for name, value in self.get_params().items()
            if repr(value) != repr(_PARAMETERS[name].default)
        ]
        text = f"ChurnModel({', '.join(changed)})"
        return text if self._model is None else f"{text}\n{self._model.describe()}"

    def _fitted(self) -> _core.ChurnModel:
        if self._model is None:
            raise NotFittedError("this ChurnModel is not fitted; call fit(log, until=...) first")
        return self._model


_PARAMETERS = {
    name: parameter
    for name, parameter in inspect.signature(ChurnModel.__init__).parameters.items()
    if name != "self"
}


def _log(log: EventLog) -> _core.EventLog:
    if not isinstance(log, EventLog):
        raise TypeError(f"log must be a winback.EventLog, not {type(log).__name__}")
    return log._log
