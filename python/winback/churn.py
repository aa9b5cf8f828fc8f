"""The churn model: who leaves, and who of the silent ones comes back."""

from __future__ import annotations

import inspect
import json
import math
import os
import warnings
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Literal, SupportsFloat, TypeAlias, TypeVar, overload

from winback import _core
from winback._arguments import to_bool, to_count, to_dict, to_float, to_names, to_str
from winback._onnx import tree_ensemble_to_onnx
from winback._time import Instant, from_micros, to_text, to_texts
from winback.customer_history import CustomerHistory
from winback.event_log import EventLog
from winback.explanation import Drift, Explanation, ModelCard
from winback.partitioned_log import PartitionedLog
from winback.reports import Backtest, ProfitReport, QualityReport, Scores
from winback.table import Table

if TYPE_CHECKING:
    import onnx

State: TypeAlias = Literal["active", "lapsed", "lost"]
Language: TypeAlias = Literal["en", "ru"]

_Model = TypeVar("_Model", bound="ChurnModel")


class NotFittedError(ValueError, AttributeError):
    """The model was not fitted yet.

    It is both a ValueError and an AttributeError, as scikit-learn's error of this name.
    """


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
        estimator: ``"logistic"`` (logistic regression on preprocessed features), ``"tree"`` (one
            decision tree) or ``"boosting"`` (boosted trees).
        horizon: Length of the outcome window, as ``30d``, ``12w``, ``3mo`` or ``1y``.
        lead: Pause between cutoff and outcome window, for late data and time to act.
        lapsed_after: Inactivity from which on a customer is lapsed.
        lost_after: Inactivity from which on a customer is lost.
        attributes: Columns of the customers table that enter the model. Their last-known values
            may tell the outcome, so that none is taken by itself.
        params: Parameters of the estimator; these are their defaults.
            Of ``"logistic"``: ``c=1.0`` (inverse of the penalty), ``fit_intercept=True``,
            ``solver="auto"`` (or ``"newton-cholesky"``, ``"lbfgs"``), ``tol=3e-6``,
            ``max_iter=1000``.
            Of ``"tree"``: ``max_depth=6``, ``min_child_samples=20``, ``min_gain=4.0`` (log loss
            saved that a split must exceed), ``max_bin=255``, ``smoothing=20.0`` (rows of the
            parent's rate added to each leaf).
            Of ``"boosting"``, with LightGBM's names: ``n_estimators=200`` (most trees),
            ``learning_rate=0.05``, ``num_leaves=15``, ``max_depth=64`` (-1 means 64 as well),
            ``min_child_samples=20``, ``min_child_weight=0.001``, ``min_split_gain=2.0``,
            ``lambda_l2=5.0``, ``max_bin=255``, ``subsample=1.0``, ``colsample_bytree=0.5``,
            ``early_stopping_rounds=50``, ``seed=0``. Unless ``early_stopping_rounds`` is 0, the
            number of trees is the one with the lowest log loss at the latest training cutoff,
            for trees grown from the cutoffs whose outcome windows end before it; so many trees are
            then grown from all cutoffs. Where either has fewer than 30 outcomes of a kind,
            ``n_estimators`` trees are grown; ``print(model)`` says so. Other names than in
            LightGBM's scikit-learn interface: ``lambda_l2`` (``reg_lambda``) and ``seed``
            (``random_state``); ``subsample`` draws anew for every tree.
        calibration: How probabilities are calibrated: ``"none"``, ``"platt"``, ``"isotonic"``,
            ``"beta"`` (Kull 2017), or ``"auto"``: that of them which, fitted at one training
            cutoff, lowers the log loss at the latest one most, if it lowers it by more than two
            standard errors there and did so once before, from a still earlier cutoff to that one;
            otherwise none. Cutoffs so far apart that their outcomes were known at the next (by
            ``horizon``) are needed for this, as ten of them give with the defaults. Isotonic
            regression is left out with fewer than 1,000 outcomes of a kind.
            :meth:`calibration_table` says what was done, with figures.
        monotone: Whether boosted trees keep to the signs that common sense knows, the
            ``expected_sign`` of :func:`winback.catalogue`: more purchases and better ratings never
            lower the chance of a purchase; more returned goods, open or reopened tickets and longer
            waits never raise it. Of no effect on other estimators.

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
        estimator: Literal["logistic", "tree", "boosting"] = "logistic",
        *,
        horizon: str = "3mo",
        lead: str = "0d",
        lapsed_after: str = "3mo",
        lost_after: str = "6mo",
        attributes: Sequence[str] = (),
        params: Mapping[str, Any] | None = None,
        monotone: bool = True,
        calibration: Literal["auto", "none", "platt", "isotonic", "beta"] = "auto",
    ) -> None:
        self.estimator = estimator
        self.horizon = horizon
        self.lead = lead
        self.lapsed_after = lapsed_after
        self.lost_after = lost_after
        self.attributes = attributes
        self.params = params
        self.monotone = monotone
        self.calibration = calibration

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
        options = self._options(cutoffs, stride)
        self._model = _core.ChurnModel.fit(_log(log), options, to_text("until", until))
        return self

    def _options(self, cutoffs: int, stride: str) -> dict[str, Any]:
        """What is to be learned, as the core takes it."""
        return {
            "estimator": to_str("estimator", self.estimator),
            "params": to_dict("params", self.params),
            "horizon": to_str("horizon", self.horizon),
            "lead": to_str("lead", self.lead),
            "lapsed_after": to_str("lapsed_after", self.lapsed_after),
            "lost_after": to_str("lost_after", self.lost_after),
            "attributes": to_names("attributes", self.attributes),
            "monotone": to_bool("monotone", self.monotone),
            "calibration": to_str("calibration", self.calibration),
            "cutoffs": to_count("cutoffs", cutoffs),
            "stride": to_str("stride", stride),
        }

    def backtest(
        self,
        log: EventLog,
        *,
        at: Instant | list[Instant] | tuple[Instant, ...] | None = None,
        tests: int = 6,
        test_stride: str = "30d",
        cutoffs: int = 6,
        stride: str = "30d",
        draws: int = 1000,
        seed: int = 0,
    ) -> Backtest:
        """Trains anew before each of several past cutoffs and judges by what came after.

        The model itself stays as it is; it need not be fitted. Beside it stand two baselines: one
        that knows only the days since the last purchase (``recency``), and one that knows only
        these days by the customer's own rhythm (``rhythm``, the feature ``overdue_ratio``).

        Args:
            log: The event log.
            at: The test cutoffs; by default ``tests`` of them, ``test_stride`` apart, the outcome
                window of the latest ending with the log.
            tests: Number of test cutoffs.
            test_stride: Their spacing.
            cutoffs: Number of training cutoffs before each, as for :meth:`fit`.
            stride: Their spacing.
            draws: Resampled sets of customers by which 95 % intervals are found; 0 for none.
            seed: Seed of the draws.

        Returns:
            The figures by cutoff, state and score, their mean and the worst.

        Raises:
            ValueError: As :meth:`fit`; a cutoff outside the log or whose outcome window it does
                not cover; no cutoff at which a model can be trained and judged.
            TypeError: An argument of another type.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=1000).event_log()
            >>> backtest = wb.ChurnModel().backtest(log, tests=2, draws=100)
            >>> frame = backtest.table.to_polars()
            >>> frame["part"].unique().sort().to_list()
            ['cutoff', 'mean', 'worst']
            >>> {"roc_auc", "roc_auc_low", "lift_quality"} <= set(frame.columns)
            True
        """
        options = self._options(cutoffs, stride)
        chosen = _tests(at, tests, test_stride, draws, seed)
        table, notes, cutoffs_used, text = _core.ChurnModel.backtest(_log(log), options, chosen)
        return Backtest(Table(table), notes, [from_micros(at) for at in cutoffs_used], text)

    def score(
        self,
        log: EventLog,
        *,
        at: Instant,
        reasons: int = 0,
        min_contribution: float = 0.05,
        language: Language = "en",
        drift: bool = False,
    ) -> Scores:
        """Scores every customer with a purchase before the cutoff.

        Args:
            log: An event log with the columns of the one it was trained on.
            at: The cutoff.
            reasons: Reasons to tell of each customer at most.
            min_contribution: Log-odds that a reason must move at least.
            language: Language of the reasons, ``"en"`` or ``"ru"``.
            drift: Whether to warn (``UserWarning``) when customers no longer look like those of the
                training; see :meth:`drift`.

        Returns:
            One row a customer, by ascending id: ``customer_id``, ``state`` (active, lapsed, lost),
            ``days_since_last_purchase``, ``purchase_count``, ``average_check`` (where the log has
            amounts), ``purchase_probability``, ``churn_probability``, and ``reason_1`` and so on
            (None where there are fewer); its ``report`` says how many customers were scored, how
            many not and why.

        Raises:
            NotFittedError: The model was not fitted.
            ValueError: A cutoff outside the log; a log with other columns or rules; an argument out
                of range.
        """
        fitted, chosen = self._fitted(), _reasons(reasons, min_contribution, language)
        scores = Scores(*fitted.score(_log(log), to_text("at", at), chosen))
        if to_bool("drift", drift):
            found = self.drift(log, at=at)
            if found.moved:
                warnings.warn(str(found), UserWarning, stacklevel=2)
        return scores

    def customer_history(self) -> CustomerHistory:
        """An empty history to which a service adds one customer's events.

        It has the columns and rules of the log that the model was trained on.

        Raises:
            NotFittedError: The model was not fitted.
        """
        return CustomerHistory(_core.CustomerHistory(self._fitted()))

    def score_customer(self, customer: CustomerHistory, *, at: Instant) -> dict[str, Any] | None:
        """Scores one customer, the same to the bit as in a batch.

        Args:
            customer: The customer's events, from :meth:`customer_history`.
            at: The cutoff.

        Returns:
            The columns of :meth:`score` but ``customer_id``, by name; None without a purchase
            before the cutoff.

        Raises:
            NotFittedError: The model was not fitted.
            ValueError: A cutoff that is no time; an attribute of another type than in training.
            TypeError: An argument of another type.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=400).event_log()
            >>> model = wb.ChurnModel("boosting").fit(log, until="2024-10-01")
            >>> customer = model.customer_history()
            >>> customer.push_transaction("2024-11-05", amount=35.0)
            >>> 0.0 < model.score_customer(customer, at="2025-01-01")["churn_probability"] < 1.0
            True
        """
        if not isinstance(customer, CustomerHistory):
            kind = type(customer).__name__
            raise TypeError(f"customer must be a winback.CustomerHistory, not {kind}")
        return customer._history.score(self._fitted(), to_text("at", at))

    def candidates(
        self,
        log: EventLog,
        *,
        at: Instant,
        top: int | None = None,
        control_share: float = 0.0,
        salt: str = "winback",
        reasons: int = 3,
        min_contribution: float = 0.05,
        language: Language = "en",
    ) -> Scores:
        """The lapsed customers, ranked by what their return is worth, with reasons.

        Args:
            log: An event log with the columns of the one it was trained on.
            at: The cutoff.
            top: Keep so many of the best; all by default.
            control_share: Share of the candidates not to be contacted, so that the campaign's
                effect can be measured; from 0 to below 1.
            salt: Text mixed into the draw of the control: the same salt, the same customers.
            reasons: Reasons to tell of each at most.
            min_contribution: Log-odds that a reason must move at least.
            language: Language of the reasons, ``"en"`` or ``"ru"``.

        Returns:
            One row a candidate: ``customer_id``, ``rank`` (from 1), ``last_purchase``,
            ``days_since_last_purchase``, ``purchase_count``, ``average_check``,
            ``return_probability``, ``expected_value`` (return probability times average check;
            both need amounts), ``arm`` (contact or control), ``reason_1``
            to ``reason_3`` (None where there are fewer).

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
                _reasons(reasons, min_contribution, language),
            )
        )

    def write_scores(
        self,
        log: PartitionedLog,
        path: str | os.PathLike[str],
        *,
        at: Instant,
        reasons: int = 0,
        min_contribution: float = 0.05,
        language: Language = "en",
    ) -> dict[str, Any]:
        """Writes the rows of :meth:`score` for a log larger than memory.

        Args:
            log: A log with the columns of the one it was trained on.
            path: The file, ending in ``.parquet`` or ``.csv``; it is replaced as a whole once all
                is written.
            at: The cutoff.
            reasons: As for :meth:`score`; so are the next two.
            min_contribution: Log-odds that a reason must move at least.
            language: Language of the reasons.

        Returns:
            The ``report`` of :class:`winback.Scores`, and ``log``: what was read, and what was
            left out and why, as :attr:`winback.EventLog.report`.

        Raises:
            NotFittedError: The model was not fitted.
            ValueError: As :meth:`score`, or a path of another ending.
            OSError: The file or temporary files cannot be written.
        """
        written = self._fitted().write_scores(
            _parts(log),
            os.fspath(path),
            to_text("at", at),
            _reasons(reasons, min_contribution, language),
        )
        return written | {"at": from_micros(written["at"])}

    def write_candidates(
        self,
        log: PartitionedLog,
        path: str | os.PathLike[str],
        *,
        at: Instant,
        top: int | None = None,
        control_share: float = 0.0,
        salt: str = "winback",
        reasons: int = 3,
        min_contribution: float = 0.05,
        language: Language = "en",
    ) -> dict[str, Any]:
        """Writes the rows of :meth:`candidates` for a log larger than memory.

        Args:
            log: A log with the columns of the one it was trained on.
            path: As for :meth:`write_scores`.
            at: The cutoff.
            top: As for :meth:`candidates`; so are the next five.
            control_share: Share of the candidates not to be contacted.
            salt: Text mixed into the draw of the control.
            reasons: Reasons to tell of each at most.
            min_contribution: Log-odds that a reason must move at least.
            language: Language of the reasons.

        Returns:
            As :meth:`write_scores`, with the number of ``candidates`` written and, of them, of
            those for ``control``.

        Raises:
            NotFittedError: The model was not fitted.
            ValueError: As :meth:`candidates`, or a path of another ending.
            OSError: The file or temporary files cannot be written.
        """
        count = None if top is None else to_count("top", top)
        written = self._fitted().write_candidates(
            _parts(log),
            os.fspath(path),
            to_text("at", at),
            count,
            to_float("control_share", control_share),
            to_str("salt", salt),
            _reasons(reasons, min_contribution, language),
        )
        return written | {"at": from_micros(written["at"])}

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

    def explain(
        self,
        log: EventLog,
        *,
        at: Instant,
        customer_id: int | str | Sequence[int | str] | None = None,
        reasons: int = 3,
        min_contribution: float = 0.05,
        language: Language = "en",
    ) -> Explanation:
        """What moves each customer's chance of a purchase, in log-odds and in words.

        Exact for logistic regression (coefficient x (value - mean)), path-dependent TreeSHAP
        (Lundberg, Erion and Lee 2018) for trees. Columns that tell of the same thing count together
        as a group. Reasons say what the model looked at, not what causes a purchase.

        Args:
            log: An event log with the columns of the one it was trained on.
            at: The cutoff.
            customer_id: One customer or several; all with a purchase before the cutoff by default.
            reasons: At most so many that raise each customer's chance, and as many that lower it;
                0 for none, which saves memory when all of a large base are explained.
            min_contribution: Log-odds that a reason must move at least.
            language: Language of the reasons, ``"en"`` or ``"ru"``.

        Returns:
            Contributions, reasons, importance and main reasons.

        Raises:
            NotFittedError: The model was not fitted.
            ValueError: As :meth:`score`; a customer that the log does not have.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=1000).event_log()
            >>> model = wb.ChurnModel("boosting").fit(log, until="2024-10-01")
            >>> why = model.explain(log, at="2025-01-01", customer_id=17)
            >>> why.reasons["customer_id"][0]
            17
            >>> {"direction", "group", "typical", "reason"} <= set(why.reasons.column_names)
            True
        """
        ids: list[str] | None = None
        if customer_id is not None:
            if isinstance(customer_id, str) or not isinstance(customer_id, Iterable):
                customer_id = [customer_id]
            ids = [str(each) for each in customer_id]
        tables, report, text = self._fitted().explain(
            _log(log), to_text("at", at), ids, _reasons(reasons, min_contribution, language)
        )
        return Explanation([Table(table) for table in tables], report, text)

    def drift(self, log: EventLog, *, at: Instant, level: float = 0.01) -> Drift:
        """Whether customers at a cutoff still look like those of the latest training cutoff.

        The population stability index of every column that the model reads and of its score:
        numbers are parted into tenths of the training rows, texts by level, missing values for
        themselves. Below 0.1, or within chance, a column is stable, from 0.25 on its shift is
        major. Columns that grow with a young log, such as ``tenure_days``, always move.

        Args:
            log: An event log with the columns of the one it was trained on.
            at: The cutoff.
            level: Probability of calling a column moved that did not; above 0 and below 1.

        Returns:
            The index of every column, and which have moved.

        Raises:
            NotFittedError: The model was not fitted.
            ValueError: As :meth:`score`; ``level`` out of range.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=1000).event_log()
            >>> model = wb.ChurnModel().fit(log, until="2024-10-01")
            >>> drift = model.drift(log, at="2025-01-01")
            >>> drift.table["column"][-1]
            'purchase_probability'
        """
        fitted = self._fitted()
        table, moved, text = fitted.drift(_log(log), to_text("at", at), to_float("level", level))
        return Drift(Table(table), moved, text)

    def card(
        self,
        log: EventLog,
        *,
        at: Instant | list[Instant] | tuple[Instant, ...] | None = None,
        tests: int = 6,
        test_stride: str = "30d",
        draws: int = 1000,
        seed: int = 0,
    ) -> ModelCard:
        """The model's card: data, label, quality out of time, calibration, limits, versions.

        Its figures come from a backtest of the model's own settings on this log, to which the
        arguments belong; see :meth:`backtest`.

        Args:
            log: The event log.
            at: The test cutoffs; by default ``tests`` of them, ending with the log.
            tests: Number of test cutoffs.
            test_stride: Their spacing.
            draws: Resampled sets of customers by which 95 % intervals are found; 0 for none.
            seed: Seed of the draws.

        Returns:
            The card, as Markdown and as a dict.

        Raises:
            NotFittedError: The model was not fitted.
            ValueError: As :meth:`backtest` and :meth:`score`.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=1000).event_log()
            >>> model = wb.ChurnModel().fit(log, until="2024-10-01")
            >>> card = model.card(log, tests=2, draws=100)
            >>> str(card).splitlines()[0]
            '# Churn model: logistic'
            >>> card.to_dict()["horizon"]
            '3mo'
        """
        chosen = _tests(at, tests, test_stride, draws, seed)
        return ModelCard(*self._fitted().card(_log(log), chosen))

    def calibration_table(self) -> Table:
        """The probabilities before and after calibration.

        They are judged at the latest training cutoff, of a model that learned only from outcomes
        that ended before it, calibrated by what was known at a cutoff before.

        Returns:
            One row for each ``state`` and ``method`` that could be judged (``none``: as they are):
            ``used``, ``customers`` (by whom it was judged), ``log_loss``, ``gain`` (log loss
            saved), ``gain_se`` (its standard error), ``brier_score``, ``calibration_slope``,
            ``calibration_intercept``, ``expected_calibration_error`` (10 bins of equal count). No
            rows where the training cutoffs do not reach far enough back.

        Raises:
            NotFittedError: The model was not fitted.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=1000).event_log()
            >>> model = wb.ChurnModel("boosting").fit(log, until="2024-10-01", cutoffs=10)
            >>> model.calibration_table()["method"][0]
            'none'
        """
        return Table(self._fitted().calibration())

    @overload
    def profit(
        self,
        log: EventLog,
        *,
        at: Instant,
        clv: SupportsFloat | str,
        incentive_cost: SupportsFloat,
        contact_cost: SupportsFloat,
        accept_rate: SupportsFloat,
    ) -> ProfitReport: ...

    @overload
    def profit(
        self,
        log: EventLog,
        *,
        at: Instant,
        clv: SupportsFloat | str,
        incentive_cost: SupportsFloat,
        contact_cost: SupportsFloat,
        alpha: SupportsFloat,
        beta: SupportsFloat,
    ) -> ProfitReport: ...

    def profit(
        self,
        log: EventLog,
        *,
        at: Instant,
        clv: SupportsFloat | str | None = None,
        incentive_cost: SupportsFloat | None = None,
        contact_cost: SupportsFloat | None = None,
        accept_rate: SupportsFloat | None = None,
        alpha: SupportsFloat | None = None,
        beta: SupportsFloat | None = None,
    ) -> ProfitReport:
        """What contacting the likeliest churners would have earned at a past cutoff.

        Of the customers active at the cutoff, those of the highest churn probability are contacted;
        beside them stand everybody, nobody and those silent longest. An active customer without a
        purchase in the outcome window has churned. No figure is assumed: all must be given, the
        accept rate either as one number or by its distribution. The best shares are found with the
        outcomes known: a share chosen beforehand earns no more.

        Args:
            log: An event log that reaches to the end of the cutoff's outcome window.
            at: The cutoff, not before the ``until`` of the training.
            clv: Customer lifetime value, lost when a customer leaves: a number above 0, or the text
                of a number times a feature that the model reads, as ``"0.3*total_spend_365d"``, a
                margin of 30 % on a year's spend. Customers whose feature is missing or not above 0
                are worth 0, and counted.
            incentive_cost: What the incentive costs when it is taken; who would have stayed takes
                it too. 0 or more and at most a ``clv`` that is a number.
            contact_cost: What it costs to contact a customer, with the same bounds.
            accept_rate: Share of contacted churners who accept the offer and stay, from 0 to 1.
            alpha: In place of ``accept_rate``: it is distributed as Beta(alpha, beta). Each from
                0.001 to 1,000,000.
            beta: With ``alpha``.

        Returns:
            The profit curve and its best point; with ``alpha`` and ``beta`` the expected maximum
            profit as well.

        Raises:
            NotFittedError: The model was not fitted.
            TypeError: A figure is missing, or an argument of another type.
            ValueError: As :meth:`evaluate`; a figure out of its range; a feature that the model
                does not read; active customers of one outcome only, or none worth anything.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=1000).event_log()
            >>> model = wb.ChurnModel().fit(log, until="2024-10-01")
            >>> report = model.profit(
            ...     log,
            ...     at="2024-10-01",
            ...     clv="0.3*total_spend_365d",
            ...     incentive_cost=5,
            ...     contact_cost=0.5,
            ...     accept_rate=0.3,
            ... )
            >>> best = report.to_dict()["model"]
            >>> best["total_profit"] == max(report.table["total_profit"])
            True
        """
        given: dict[str, Any] = {
            "clv": clv,
            "incentive_cost": incentive_cost,
            "contact_cost": contact_cost,
        }
        if alpha is None and beta is None:
            given["accept_rate"] = accept_rate
        else:
            given |= {"alpha": alpha, "beta": beta}
        missing = [name for name, value in given.items() if value is None]
        if missing:
            also = " (or alpha and beta)" if "accept_rate" in missing else ""
            names = ", ".join(missing)
            raise TypeError(f"profit() needs {names}{also}: no economics are assumed")
        if accept_rate is not None and alpha is not None:
            raise ValueError("give either accept_rate or alpha and beta, not both")
        text = given.pop("clv")
        figures = {name: to_float(name, value) for name, value in given.items()}
        table, values, words = self._fitted().profit(
            _log(log),
            to_text("at", at),
            clv=text if isinstance(text, str) else repr(to_float("clv", text)),
            incentive_cost=figures["incentive_cost"],
            contact_cost=figures["contact_cost"],
            accept_rate=figures.get("accept_rate"),
            alpha=figures.get("alpha", math.nan),
            beta=figures.get("beta", math.nan),
        )
        for name in ("at", "trained_until", "outcome_from", "outcome_until"):
            values[name] = from_micros(values[name])
        return ProfitReport(Table(table), values, words)

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
        fitted = self._fitted()
        table = fitted.coefficients()
        if table is None:
            estimator = fitted.parameters()["estimator"]
            raise ValueError(f"only logistic models have coefficients, not {estimator!r}")
        return Table(table)

    def importances(self) -> Table:
        """What each column is worth to the trees.

        Returns:
            One row a column for the model of each ``state`` (active, lapsed and, where it has one
            of its own, lost), by falling gain: ``feature``, ``gain`` (what its splits gained,
            summed: for one tree the log loss saved, in nats over the training rows; for boosted
            trees about twice that, as LightGBM's ``importance_type="gain"`` counts it),
            ``splits`` (their number).

        Raises:
            NotFittedError: The model was not fitted.
            ValueError: The model is logistic, which has :meth:`coefficients`.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=1000).event_log()
            >>> table = wb.ChurnModel("tree").fit(log, until="2024-10-01").importances()
            >>> table.column_names
            ['state', 'feature', 'gain', 'splits']
            >>> table["gain"][0] > 0
            True
        """
        return Table(self._fitted().importances())

    def tree_text(self, state: State = "lapsed", tree: int | None = None) -> str:
        """The trees that score customers of a state, as text.

        A line per question and leaf, with the number of training rows that came to it in brackets.
        The leaves of a single tree show the probability of a purchase, those of boosted trees what
        they add to its log-odds.

        Args:
            state: ``"active"``, ``"lapsed"`` or ``"lost"``. Where lost customers have no model of
                their own, it is that of the lapsed ones.
            tree: One tree alone, counted from 0; all by default.

        Raises:
            NotFittedError: The model was not fitted.
            ValueError: Another state; no such tree; the model is logistic.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=1000).event_log()
            >>> model = wb.ChurnModel("tree", params={"max_depth": 1}).fit(log, until="2024-10-01")
            >>> print(model.tree_text("active"), end="")
            total_spend_30d < 10.9...? [18...]
              yes: probability 0.53... [7...]
              no: probability 0.81... [10...]
        """
        count = None if tree is None else to_count("tree", tree)
        return self._fitted().tree_text(to_str("state", state), count)

    def graphviz(self, state: State = "lapsed", tree: int = 0) -> str:
        """One of the trees that score customers of a state, in the DOT language of Graphviz.

        Args:
            state: As in :meth:`tree_text`.
            tree: Which tree, counted from 0; a decision tree is number 0.

        Returns:
            The source, as for ``graphviz.Source(...)`` or the program ``dot``.

        Raises:
            NotFittedError: The model was not fitted.
            ValueError: Another state; no such tree; the model is logistic.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=1000).event_log()
            >>> model = wb.ChurnModel("tree").fit(log, until="2024-10-01")
            >>> model.graphviz().splitlines()[0]
            'digraph tree_0 {'
        """
        return self._fitted().graphviz(to_str("state", state), to_count("tree", tree))

    def to_onnx(self, state: State = "lapsed") -> onnx.ModelProto:
        """The trees that score customers of a state as an ONNX model.

        The model takes ``features`` (doubles, rows x columns) and gives ``probabilities`` (doubles,
        rows x 2: of no purchase and of a purchase inside the outcome window) and ``label`` (int64,
        1 where a purchase is the likelier). The columns are those of :attr:`columns_`, in their
        order; NaN where a value is missing. In place of a text stands the text's position in the
        attribute's list of ``categories``; any other number, such as -1, for a text that training
        did not see.

        Its metadata are texts: ``columns`` (JSON, their names), ``categories`` (JSON, the list of
        texts of each attribute that holds texts), ``state``, ``horizon``, ``lead``,
        ``trained_until`` (ISO 8601, in UTC) and ``winback_version``.

        Needs the package onnx; a runtime must know version 5 of the ``ai.onnx.ml`` operators, as
        onnxruntime does from 1.21 on.

        Args:
            state: ``"active"``, ``"lapsed"`` or ``"lost"``. Where lost customers have no model of
                their own, it is that of the lapsed ones.

        Raises:
            NotFittedError: The model was not fitted.
            ValueError: Another state; the model is logistic.
            ImportError: onnx is not installed.

        Examples:
            >>> import json
            >>> import onnxruntime
            >>> import polars as pl
            >>> import winback as wb
            >>> log = wb.simulate(customers=1000).event_log()
            >>> model = wb.ChurnModel("tree", attributes=["segment"]).fit(log, until="2024-10-01")
            >>> file = model.to_onnx("active").SerializeToString()

            Elsewhere, with this file and the features of customers who are active:

            >>> session = onnxruntime.InferenceSession(file)
            >>> metadata = session.get_modelmeta().custom_metadata_map
            >>> table = log.features(at="2025-01-01", attributes=["segment"]).to_polars()
            >>> table = table.filter(pl.col("days_since_last_purchase") < 60)
            >>> for name, texts in json.loads(metadata["categories"]).items():
            ...     codes = {text: code for code, text in enumerate(texts)}
            ...     column = pl.col(name).cast(pl.String).replace_strict(codes, default=-1)
            ...     table = table.with_columns(column)
            >>> rows = table.select(pl.col(json.loads(metadata["columns"])).cast(pl.Float64))
            >>> rows = rows.fill_null(float("nan")).to_numpy()
            >>> label, probabilities = session.run(None, {"features": rows})
            >>> probabilities.shape == (len(table), 2)
            True
        """
        fitted = self._fitted()
        trees = fitted.trees(to_str("state", state))
        parameters = fitted.parameters()
        metadata = {
            "categories": json.dumps(fitted.categories(), ensure_ascii=False),
            "state": state,
            "horizon": parameters["horizon"],
            "lead": parameters["lead"],
            "trained_until": self.training_["until"].isoformat(),
            "winback_version": version("winback"),
        }
        return tree_ensemble_to_onnx(
            trees,
            names=fitted.columns(),
            calibrator=fitted.calibrator(state),
            producer_version=version("winback"),
            metadata=metadata,
        )

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


def _reasons(reasons: int, min_contribution: float, language: str) -> dict[str, Any]:
    """Which reasons are told, as the core takes it."""
    return {
        "reasons": to_count("reasons", reasons),
        "min_contribution": to_float("min_contribution", min_contribution),
        "language": to_str("language", language),
    }


def _tests(
    at: Instant | list[Instant] | tuple[Instant, ...] | None,
    tests: int,
    test_stride: str,
    draws: int,
    seed: int,
) -> dict[str, Any]:
    """At which cutoffs a model is tested, as the core takes it."""
    return {
        "at": None if at is None else to_texts("at", at),
        "tests": to_count("tests", tests),
        "test_stride": to_str("test_stride", test_stride),
        "draws": to_count("draws", draws),
        "seed": to_count("seed", seed),
    }


_PARAMETERS = {
    name: parameter
    for name, parameter in inspect.signature(ChurnModel.__init__).parameters.items()
    if name != "self"
}


def _parts(log: PartitionedLog) -> _core.PartitionedLog:
    if not isinstance(log, PartitionedLog):
        raise TypeError(f"log must be a winback.PartitionedLog, not {type(log).__name__}")
    return log._log


def _log(log: EventLog) -> _core.EventLog:
    if not isinstance(log, EventLog):
        raise TypeError(f"log must be a winback.EventLog, not {type(log).__name__}")
    return log._log
