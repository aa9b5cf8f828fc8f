"""The churn model: who leaves, and who of the silent ones comes back."""

from __future__ import annotations

import json
import math
import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, SupportsFloat, TypeAlias, TypeVar, overload

from winback import _core
from winback._arguments import (
    Path,
    of_type,
    refusal,
    to_binary,
    to_bool,
    to_count,
    to_dict,
    to_float,
    to_names,
    to_path,
    to_str,
)
from winback._inputs import keep, to_output
from winback._onnx import models_to_onnx
from winback._options import documented
from winback._parameters import NotFittedError, Parameters
from winback._parts import core_logs, core_snapshots, to_sample, warn_of_share
from winback._progress import Progress, teller
from winback._reasons import Language, to_customer_ids, to_reasons
from winback._time import Instant, Instants, to_text, to_texts
from winback._unmet import warn_of_unmet_ids
from winback.answer import Answer
from winback.customer_history import CustomerHistory
from winback.event_log import EventLog, core_log
from winback.partitioned_log import PartitionedLog
from winback.simulate import Simulated
from winback.snapshot import PartitionedSnapshot, Snapshot, core_parts, core_snapshot
from winback.table import Table

if TYPE_CHECKING:
    import onnx

State: TypeAlias = Literal["active", "lapsed", "lost"]
_Model = TypeVar("_Model", bound="ChurnModel")


@documented("PanelOptions", "LifecycleLimits")
class ChurnModel(Parameters):
    """Predicts who of the active customers leaves and who of the silent ones returns.

    Active customers and silent ones, lapsed and lost, are scored by models of their own: few of
    either of the latter return, and more is learned from both together. They are trained at several
    past cutoffs and predict a purchase inside the outcome window [cutoff + lead, cutoff + lead +
    horizon); the probability of churn is one minus it.

    The class follows scikit-learn's conventions: arguments are only stored, and checked by
    :meth:`fit`; ``get_params``, ``set_params`` and ``sklearn.base.clone`` work. It takes an event
    log in place of ``X`` and ``y``.

    Args:
        estimator: ``"average"`` (the mean of the log-odds of three models: a logistic regression of
            active or of silent customers, a logistic regression of all and boosted trees of all,
            which count 1 + customers / 6,000 times as much as a regression, 4 times at most; older
            cutoffs count less, those of the same season more; where the training cutoffs cover less
            than a year and a half, the column ``mbg_nbd_log_odds`` counts half as much as a
            regression), ``"logistic"`` (logistic regression on preprocessed features), ``"tree"``
            (one decision tree) or ``"boosting"`` (boosted trees). ``"average"`` is the best known
            for most logs.
        attributes: Columns of the customers table that enter the model. Their last-known values
            may tell the outcome, so that none is taken by itself. One whose texts tell persons
            apart, such as an address, is refused: more than one text for two customers.
        params: Parameters of the estimator; these are their defaults.
            Of ``"average"``, those of its regressions and its trees: ``c=0.03``,
            ``fit_intercept=True``, ``solver="auto"``, ``tol=3e-6``, ``max_iter=1000``,
            ``n_estimators=200``, ``learning_rate=0.05``, ``num_leaves=15``, ``max_depth=64``,
            ``min_child_samples=20``, ``min_child_weight=0.001``, ``min_split_gain=2.0``,
            ``lambda_l2=5.0``, ``max_bin=255``, ``subsample=1.0``, ``colsample_bytree=0.5``,
            ``early_stopping_rounds=50``, ``seed=0``.
            Of ``"logistic"``: ``c=0.1`` (inverse of the penalty), ``fit_intercept=True``,
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
            Or ``"lightgbm"``, which gives ``"boosting"`` the defaults of
            :class:`winback.sklearn.BoostingClassifier`, near LightGBM's, for large tables with
            much to learn; nothing chooses them by the size of a table.
        monotone: Whether boosted trees keep to the signs that common sense knows, the
            ``expected_sign`` of :func:`winback.catalogue`: more purchases and better ratings never
            lower the chance of a purchase; more returned goods, open or reopened tickets and longer
            waits never raise it. Of no effect on other estimators.
        calibration: How probabilities are calibrated: ``"none"``, ``"platt"``, ``"isotonic"``,
            ``"beta"`` (Kull 2017), or ``"auto"``: that of them which, fitted at one training
            cutoff, lowers the log loss at the latest one most, if it lowers it by more than two
            standard errors there and did so once before, from a still earlier cutoff to that one;
            otherwise none, and none for ``"average"``. Cutoffs so far apart that their outcomes
            were known at the next (by ``horizon``) are needed for this, as ten of them give with
            the default stride. Isotonic regression is left out with fewer than 1,000 outcomes of a
            kind. :meth:`calibration_table` says what was done, with figures.
        most_kinds: How many kinds of events may have columns of their own, at most 200: those with
            most events known at the latest training cutoff, and of them those whose number in 30
            days or a year says something of purchases to come (by three standard errors, among
            customers of one state and about as many purchases). All others count as one kind,
            ``other``, and so do kinds that training did not see. 0: none.
        min_level: Fewest customers who must share a text of an attribute (at the training cutoffs
            together) or a kind of events (at the latest) for it to be told apart: all rarer ones
            count as one, ``other``, and so do those that training did not see. A model keeps no
            text that fewer have. 0: every text is told apart.
        progress: Whether work that takes longer than a second shows on stderr how far it is; by
            default in a terminal and in a notebook, unless the environment variable
            ``WINBACK_PROGRESS`` is ``0``. Or what to call meanwhile, from any thread, with what is
            being done, how much of it is done, and how much there is (0: not known); an exception
            that it raises ends the work. Ctrl-C ends all work within a second, and
            leaves the model as it was. Kept in no file: a loaded model has the default.

    Attributes:
        training_: From what it was trained: ``until`` and ``cutoffs``, a list of dicts with
            ``cutoff`` and, for ``active``, ``lapsed`` and ``lost`` customers, the numbers of rows
            that ``purchased`` and that have ``not_purchased``; the number of ``customers`` at the
            latest cutoff, and the ``share`` of all that they were drawn from (1: all).
        columns_: Names of the columns it reads: features, attributes, features of kinds of events,
            and what was learned of all customers together.
        kinds_: The kinds of events that have columns, the most frequent of training first.
        pooled_levels_: The attributes with texts of fewer than ``min_level`` customers, and how
            many texts these are.

    Examples:
        >>> import winback as wb
        >>> log = wb.simulate(customers=1000).event_log()
        >>> model = wb.ChurnModel(horizon="3mo").fit(log, until="2024-10-01")
        >>> candidates = model.candidates(log.at("2025-01-01"), top=10, control_share=0.1)
        >>> candidates.column_names[:2], len(candidates)
        (['customer_id', 'rank'], 10)
        >>> model.evaluate(log.at("2024-10-01"))["score"][:2]
        ['model', 'recency']
    """

    _model: _core.ChurnModel | None = None
    _core_type = _core.ChurnModel

    def __init__(
        self,
        estimator: Literal["average", "logistic", "tree", "boosting"] = "average",
        *,
        horizon: str = "3mo",
        lead: str = "0d",
        lapsed_after: str = "3mo",
        lost_after: str = "6mo",
        label: Literal["purchase", "kept_purchase"] = "purchase",
        attributes: Sequence[str] = (),
        params: Mapping[str, Any] | Literal["lightgbm"] | None = None,
        monotone: bool = True,
        calibration: Literal["auto", "none", "platt", "isotonic", "beta"] = "auto",
        most_kinds: int = 12,
        min_level: int = 5,
        progress: bool | Progress | None = None,
    ) -> None:
        self.estimator = estimator
        self.horizon = horizon
        self.lead = lead
        self.lapsed_after = lapsed_after
        self.lost_after = lost_after
        self.label = label
        self.attributes = attributes
        self.params = params
        self.monotone = monotone
        self.calibration = calibration
        self.most_kinds = most_kinds
        self.min_level = min_level
        self.progress = progress

    @documented("SampleOptions")
    def fit(
        self: _Model,
        log: EventLog | PartitionedLog,
        *,
        until: Instant,
        cutoffs: int = 24,
        stride: str = "30d",
        share: float | None = None,
        salt: str = "winback",
    ) -> _Model:
        """Trains on what was known before ``until``.

        Args:
            log: The event log, or one in parts: of that, a share of the customers is taken into
                memory. With a share of 1 the model is the one of an event log, to the bit.
            until: The end of the latest outcome window; nothing at or after it is used.
            cutoffs: Most cutoffs to learn from. Those at or before the first transaction are left
                out. Where they cover one and a half years, the model learns the seasons too.
            stride: Spacing of the cutoffs.

        Returns:
            The model itself. It warns (``UserWarning``) where the memory was not enough for all
            customers; ``training_["share"]`` is the share that it learned from.

        Raises:
            ValueError: An argument, or one of the constructor's, that is not allowed; ``until``
                after the log's ``observed_until``; no cutoff inside the log; fewer than 30 rows of
                either outcome among active or among silent customers; a share for which the log's
                ``memory`` is not enough (the message says how much is), or of an event log.
            TypeError: An argument of another type.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=1000).event_log()
            >>> model = wb.ChurnModel().fit(log, until="2024-10-01", cutoffs=3, stride="1mo")
            >>> [f"{cutoff['cutoff']:%Y-%m-%d}" for cutoff in model.training_["cutoffs"]]
            ['2024-05-01', '2024-06-01', '2024-07-01']
            >>> wb.ChurnModel().fit(log, until="2026-01-01")
            Traceback (most recent call last):
            ValueError: until: expected a time up to 2025-01-01, ...
        """
        options, params = self._options(cutoffs, stride)
        end, progress = to_text("until", until), teller(self.progress)
        of, options = core_logs(log), options | to_sample(log, share, salt)
        self._model = _core.ChurnModel.fit(of, options, params, end, progress)
        warn_of_share(log, share, self._model.training())
        keep(self, log)
        return self

    def _options(self, cutoffs: int, stride: str) -> tuple[dict[str, Any], str | dict[str, Any]]:
        """What is to be learned, and the estimator's parameters, as the core takes them."""
        options = self.get_params()
        params = options.pop("params")
        del options["progress"]
        options |= {"cutoffs": cutoffs, "stride": stride}
        options["attributes"] = to_names("attributes", self.attributes)
        options["most_kinds"] = to_count("most_kinds", self.most_kinds)
        options["min_level"] = to_count("min_level", self.min_level)
        return options, params if isinstance(params, str) else to_dict("params", params)

    @documented("BacktestOptions", "SampleOptions")
    def backtest(
        self,
        log: EventLog | PartitionedLog,
        *,
        at: Instants | None = None,
        tests: int = 6,
        test_stride: str | None = None,
        cutoffs: int = 24,
        stride: str = "30d",
        draws: int = 1000,
        seed: int = 0,
        share: float | None = None,
        salt: str = "winback",
        oracle: Simulated | None = None,
    ) -> Answer:
        """Trains anew before each of several past cutoffs and judges by what came after.

        The model itself stays as it is; it need not be fitted. Beside it stand two baselines: one
        that knows only the days since the last purchase (``recency``), and the chance of a purchase
        by an MBG/NBD model of what was bought before the cutoff (``mbg_nbd``).

        Args:
            log: The event log, or one in parts: of that, a share of the customers is taken into
                memory, and one cutoff is tested after the other.
            cutoffs: Most training cutoffs before each, as for :meth:`fit`.
            stride: Their spacing.
            oracle: The simulated customers whom the event log is of, what ``simulate()`` gave. Then
                what could be known of them (``shop.oracle()``) stands beside the baselines, and the
                rows say which share of the skill that can be had a score reached.

        Returns:
            A row for each state and score at each cutoff, their mean and the worst: ``part``
            (``cutoff``, ``mean``, ``worst``), ``cutoff`` (None for summaries), ``state``,
            ``outcome`` (``churned`` for active customers, ``returned`` for the others), ``score``
            (``model``, ``recency``, ``mbg_nbd`` or ``oracle``), ``customers``, ``base_rate``,
            ``mean_probability``, ``log_odds_off`` (how far the two are apart, in log-odds; of the
            mean, the mean over the cutoffs), ``roc_auc_se`` (DeLong's standard error), then of
            every measure its value and the ends of its 95 % interval, as ``roc_auc``,
            ``roc_auc_low``, ``roc_auc_high``: ``roc_auc``, ``average_precision``, ``log_loss``,
            ``brier_score``, ``calibration_slope`` (1: as far apart as they should be),
            ``calibration_intercept`` (0: as frequent as predicted), ``expected_calibration_error``
            (10 bins of equal count), ``lift_5``, ``lift_10``, ``lift_20``, ``capture_5``,
            ``capture_10``, ``capture_20``, ``lift_quality`` (0: no information, 100: perfect), then
            ``roc_auc_skill_share``, (AUC - 1/2) / (AUC of the oracle - 1/2), and
            ``log_loss_skill_share``, (log loss of a constant - log loss) / (log loss of a
            constant - that of the oracle), where the constant is the true rate, with their
            intervals. None where not defined.
            ``tables["months"]``: what the model predicted and what came, by calendar month of the
            cutoff: ``month``, ``state``, ``outcome``, ``cutoffs``, ``customers``,
            ``mean_probability``, ``base_rate``, ``log_odds_bias`` (predicted less actual).
            Among the figures are the ``cutoffs`` that were tested. Notes: cutoffs that could not be
            tested, figures too good to be true, baselines that the model does not beat, the share
            of the customers where they were not all taken.

        Raises:
            ValueError: As :meth:`fit`; a cutoff outside the log or whose outcome window it does
                not cover; no cutoff at which a model can be trained and judged; a log of others
                than the simulated customers, or in parts beside ``oracle``.
            TypeError: An argument of another type.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=1000).event_log()
            >>> backtest = wb.ChurnModel().backtest(log, tests=2, draws=100)
            >>> frame = backtest.to_polars()
            >>> frame["part"].unique().sort().to_list()
            ['cutoff', 'mean', 'worst']
            >>> {"roc_auc", "roc_auc_low", "lift_quality"} <= set(frame.columns)
            True
        """
        options, params = self._options(cutoffs, stride)
        chosen = _tests(at, tests, test_stride, draws, seed)
        if not isinstance(oracle, Simulated | None):
            expected = "what winback.simulate() gave, or None"
            raise refusal(TypeError, "oracle", expected, of_type(oracle))
        if oracle is not None and isinstance(log, PartitionedLog):
            raise refusal(ValueError, "oracle", "None for a log in parts", "simulated customers")
        known = None if oracle is None else oracle._core()
        of, chosen = core_logs(log), chosen | to_sample(log, share, salt)
        found = _core.ChurnModel.backtest(of, options, params, chosen, teller(self.progress), known)
        return Answer(found, log)

    @documented("ScoreOptions", reasons="count")
    def score(
        self,
        now: Snapshot,
        *,
        value: str | float | None = None,
        timing: bool = False,
        reasons: int = 0,
        min_contribution: float = 0.05,
        language: Language = "en",
        currency: str = "",
        drift: bool = False,
    ) -> Answer:
        """Scores every customer with a purchase before the cutoff.

        Args:
            now: The log at a cutoff; it has the columns of the one that the model was trained on.
            drift: Whether to warn (``UserWarning``) when customers no longer look like those of the
                training; see :meth:`drift`.

        Returns:
            One row a customer, by ascending id: ``customer_id``, ``state`` (active, lapsed, lost),
            ``days_since_last_purchase``, ``purchase_count``, ``average_check`` (where the log has
            amounts), ``purchase_probability``, ``churn_probability``, with ``value`` also
            ``expected_value`` (by expected spend after ``purchases_if_any`` and
            ``expected_check``), with ``timing`` ``next_purchase``, ``alarm_date`` and
            ``lifetime_value``, and ``reason_1`` and so on (None where there are fewer). Figures:
            ``at``, ``customers`` (of the log), of them scored ``active``, ``lapsed`` and ``lost``,
            and not scored ``without_purchase`` (before the cutoff); those ``without_value``,
            which counts as 0; and ``unseen_kinds``: kinds of events that training did not see.

        Raises:
            NotFittedError: The model was not fitted.
            ValueError: A log with other columns or rules; an argument out of range.
            TypeError: An argument of another type.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=1000).event_log()
            >>> model = wb.ChurnModel().fit(log, until="2024-10-01")
            >>> scores = model.score(log.at("2025-01-01"))
            >>> scores.column_names[:2]
            ['customer_id', 'state']
            >>> all(0 <= chance <= 1 for chance in scores["churn_probability"])
            True
        """
        chosen = to_reasons(reasons, min_contribution, language, currency) | {
            "value": value,
            "timing": to_bool("timing", timing),
        }
        scores = Answer(self._telling().score(core_snapshot(now), chosen), now, self)
        if to_bool("drift", drift):
            found = self.drift(now)
            if found.figures["moved"]:
                warnings.warn(str(found), UserWarning, stacklevel=2)
        return scores

    def customer_history(self) -> CustomerHistory:
        """An empty history to which a service adds one customer's events.

        It has the columns and rules of the log that the model was trained on.

        Returns:
            The history, without any event.

        Raises:
            NotFittedError: The model was not fitted.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=1000).event_log()
            >>> model = wb.ChurnModel().fit(log, until="2024-10-01")
            >>> customer = model.customer_history()
            >>> customer.push_transaction("2024-12-24", amount=20.0)
            >>> model.score_customer(customer, at="2025-01-01")["purchase_count"]
            1
        """
        return CustomerHistory(_core.CustomerHistory(self._fitted()))

    def score_customer(
        self,
        customer: CustomerHistory,
        *,
        at: Instant,
        value: str | float | None = None,
    ) -> dict[str, Any] | None:
        """Scores one customer, the same to the bit as in a batch.

        Args:
            customer: The customer's events, from :meth:`customer_history`.
            at: The cutoff.
            value: As of :meth:`score`; a name that is no feature is one of the customer's
                attributes.

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
            >>> valued = model.score_customer(customer, at="2025-01-01", value="expected_spend")
            >>> valued["purchases_if_any"] > 1.0, valued["expected_value"] > 0.0
            (True, True)
        """
        if not isinstance(customer, CustomerHistory):
            raise refusal(TypeError, "customer", "a winback.CustomerHistory", of_type(customer))
        return customer._history.score(self._fitted(), to_text("at", at), {"value": value})

    @documented("CandidateOptions", reasons="count")
    def candidates(
        self,
        now: Snapshot,
        *,
        value: str | float = "expected_spend",
        timing: bool = False,
        top: int | None = None,
        control_share: float = 0.0,
        salt: str = "winback",
        reasons: int = 3,
        min_contribution: float = 0.05,
        language: Language = "en",
        currency: str = "",
    ) -> Answer:
        """The lapsed customers, ranked by what their return is worth, with reasons.

        Args:
            now: The log at a cutoff; it has the columns of the one that the model was trained on.

        Returns:
            One row a candidate: ``customer_id``, ``rank`` (from 1), ``last_purchase``,
            ``days_since_last_purchase``, ``purchase_count``, ``average_check``,
            ``return_probability``, ``purchases_if_any`` (days with a purchase expected in the
            outcome window, given that there is one), ``expected_check`` (spend expected on such a
            day), ``expected_value`` (the product of the three; with another ``value`` of the
            chance and that value), with ``timing`` ``next_purchase``, ``alarm_date`` and
            ``lifetime_value``, ``arm`` (contact or control), ``reason_1`` to ``reason_3`` (None
            where there are fewer). The columns of ``timing`` are by the model of purchases, which
            knows less than the churn model and may contradict it: rank and choose by the return
            probability and the expected value. Without amounts there is no ``average_check`` and,
            by expected spend, no value. Figures as of :meth:`score`, and of ``candidates`` the
            number and those for ``control``.

        Raises:
            NotFittedError: The model was not fitted.
            ValueError: As :meth:`score`; ``top``, ``control_share`` or ``value`` out of range.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=1000).event_log()
            >>> model = wb.ChurnModel().fit(log, until="2024-10-01")
            >>> best = model.candidates(log.at("2025-01-01"), top=5, control_share=0.2)
            >>> best["rank"], best["expected_value"] == sorted(best["expected_value"], reverse=True)
            ([1, 2, 3, 4, 5], True)
            >>> model.candidates(log.at("2025-01-01"), value="average_check").column_names[6:8]
            ['return_probability', 'expected_value']
        """
        chosen = to_reasons(reasons, min_contribution, language, currency)
        chosen |= {"value": value, "timing": to_bool("timing", timing)}
        chosen |= {"top": top, "control_share": control_share, "salt": salt}
        return Answer(self._telling().candidates(core_snapshot(now), chosen), now, self)

    @documented("ScoreOptions", reasons="count")
    def write_scores(
        self,
        now: PartitionedSnapshot,
        path: Path,
        *,
        value: str | float | None = None,
        timing: bool = False,
        reasons: int = 0,
        min_contribution: float = 0.05,
        language: Language = "en",
        currency: str = "",
    ) -> dict[str, Any]:
        """Writes the rows of :meth:`score` for a log larger than memory.

        Args:
            now: The log at a cutoff; it has the columns of the one that the model was trained on.
            path: The file, ending in ``.parquet`` or ``.csv``; it is replaced as a whole once all
                is written.

        Returns:
            The figures of :meth:`score`, and ``log``: what was read, and what was left out and why,
            as :attr:`winback.EventLog.report`.

        Raises:
            NotFittedError: The model was not fitted.
            ValueError: As :meth:`score`, or a path of another ending.
            OSError: The file or temporary files cannot be written.

        Examples:
            >>> import pathlib, tempfile
            >>> import winback as wb
            >>> folder = pathlib.Path(tempfile.mkdtemp())
            >>> wb.simulate(customers=1000).transactions.write(folder / "orders.parquet")
            >>> file = folder / "orders.parquet"
            >>> log = wb.EventLog(file, observed_until="2025-01-01")
            >>> model = wb.ChurnModel().fit(log, until="2024-10-01")
            >>> parts = wb.PartitionedLog(file, observed_until="2025-01-01", memory="1GB")
            >>> written = model.write_scores(parts.at("2025-01-01"), folder / "scores.csv")
            >>> written["active"] + written["lapsed"] + written["lost"] <= written["customers"]
            True
        """
        chosen = to_reasons(reasons, min_contribution, language, currency) | {
            "value": value,
            "timing": to_bool("timing", timing),
        }
        parts, file = core_parts(now), to_output(path, now, self)
        written = self._fitted().write_scores(parts, file, chosen)
        warn_of_unmet_ids(written["log"])
        return written

    @documented("CandidateOptions", reasons="count")
    def write_candidates(
        self,
        now: PartitionedSnapshot,
        path: Path,
        *,
        value: str | float = "expected_spend",
        timing: bool = False,
        top: int | None = None,
        control_share: float = 0.0,
        salt: str = "winback",
        reasons: int = 3,
        min_contribution: float = 0.05,
        language: Language = "en",
        currency: str = "",
    ) -> dict[str, Any]:
        """Writes the rows of :meth:`candidates` for a log larger than memory.

        Args:
            now: The log at a cutoff; it has the columns of the one that the model was trained on.
            path: As for :meth:`write_scores`.

        Returns:
            As :meth:`write_scores`, with the number of ``candidates`` written and, of them, of
            those for ``control``.

        Raises:
            NotFittedError: The model was not fitted.
            ValueError: As :meth:`candidates`, or a path of another ending.
            OSError: The file or temporary files cannot be written.

        Examples:
            >>> import pathlib, tempfile
            >>> import winback as wb
            >>> folder = pathlib.Path(tempfile.mkdtemp())
            >>> wb.simulate(customers=1000).transactions.write(folder / "orders.parquet")
            >>> file = folder / "orders.parquet"
            >>> log = wb.EventLog(file, observed_until="2025-01-01")
            >>> model = wb.ChurnModel().fit(log, until="2024-10-01")
            >>> parts = wb.PartitionedLog(file, observed_until="2025-01-01", memory="1GB")
            >>> path = folder / "candidates.csv"
            >>> model.write_candidates(parts.at("2025-01-01"), path, top=10)["candidates"]
            10
        """
        chosen = to_reasons(reasons, min_contribution, language, currency)
        chosen |= {"value": value, "timing": to_bool("timing", timing)}
        chosen |= {"top": top, "control_share": control_share, "salt": salt}
        parts, file = core_parts(now), to_output(path, now, self)
        written = self._fitted().write_candidates(parts, file, chosen)
        warn_of_unmet_ids(written["log"])
        return written

    def evaluate(self, now: Snapshot | PartitionedSnapshot) -> Answer:
        """The model's quality at a cutoff that its training never saw.

        Beside the model stands the baseline that knows only the days since the last purchase.

        Args:
            now: The log at a cutoff, in memory or in parts, not before the ``until`` of the
                training; it reaches to the end of the cutoff's outcome window.

        Returns:
            Two rows a state, one for the model and one for the baseline: ``state``, ``outcome``
            (``churned`` for active customers, ``returned`` for the others), ``score`` (``model`` or
            ``recency``), ``customers``, ``base_rate``, ``mean_probability`` (of the model),
            ``roc_auc``, ``average_precision``, ``brier_score``, ``log_loss``, ``lift_10`` (rate in
            the top tenth over the base rate). Figures: ``at``, ``estimator``, ``trained_until``,
            ``lead``, ``horizon``, ``outcome_from``, ``outcome_until`` and ``groups`` (of each
            state ``model`` and ``recency``, with their numbers of customers and of outcomes).

        Raises:
            NotFittedError: The model was not fitted.
            ValueError: As :meth:`score`; a cutoff that the training saw, or whose outcome window
                the log does not cover; no state in which both outcomes occur.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=1000).event_log()
            >>> model = wb.ChurnModel().fit(log, until="2024-10-01")
            >>> quality = model.evaluate(log.at("2024-10-01"))
            >>> quality["score"][:2], quality.figures["trained_until"]
            (['model', 'recency'], '2024-10-01')
            >>> model.evaluate(log.at("2024-09-01"))
            Traceback (most recent call last):
            ValueError: at: expected a time from 2024-10-01 on, up to which the training saw ...
        """
        return Answer(self._telling().evaluate(core_snapshots(now)), now, self)

    def drift(self, now: Snapshot | PartitionedSnapshot, *, level: float = 0.01) -> Answer:
        """Whether customers at a cutoff still look like those of the latest training cutoff.

        The population stability index of every column that the model reads and of its score:
        numbers are parted into tenths of the training rows, texts by level, missing values for
        themselves. Below 0.1, or within chance, a column is stable, from 0.25 on its shift is
        major. Columns that grow with a young log, such as ``tenure_days``, always move.

        Args:
            now: The log at a cutoff, in memory or in parts (each is scored twice); it has the
                columns of the one that the model was trained on.
            level: Probability of calling a column moved that did not; above 0 and below 1.

        Returns:
            A row a column, by falling index, last the score ``purchase_probability``:
            ``column``, ``psi`` (population stability index), ``critical_value`` (what it stays
            below by chance), ``stability`` (``stable``, ``moderate``, ``major``),
            ``training_median``, ``median`` (None for texts), ``training_missing_share``,
            ``missing_share``. Figures: ``at``, ``trained_at``, ``customers`` (then and now),
            ``level``, ``moved`` (the columns that are not stable).

        Raises:
            NotFittedError: The model was not fitted.
            ValueError: As :meth:`score`; ``level`` out of range.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=1000).event_log()
            >>> model = wb.ChurnModel().fit(log, until="2024-10-01")
            >>> drift = model.drift(log.at("2025-01-01"))
            >>> drift["column"][-1]
            'purchase_probability'
            >>> set(drift.figures["moved"]) <= set(drift["column"])
            True
        """
        return Answer(
            self._telling().drift(core_snapshots(now), to_float("level", level)), now, self
        )

    @documented("BacktestOptions")
    def card(
        self,
        log: EventLog,
        *,
        at: Instants | None = None,
        tests: int = 6,
        test_stride: str | None = None,
        draws: int = 1000,
        seed: int = 0,
    ) -> Answer:
        """The model's card: data, label, quality out of time, calibration, limits, versions.

        Its figures come from a backtest of the model's own settings on this log, to which the
        arguments belong; see :meth:`backtest`.

        Args:
            log: The event log.

        Returns:
            ``str(card)`` is Markdown. Its table has a row for each ``state``, ``outcome``,
            ``score`` and ``measure``: ``mean`` of the test cutoffs, ``low`` and ``high`` (the ends
            of its 95 % interval; None without draws), ``worst``. Its figures are all of the card:
            ``winback_version``, ``model_file_version``, ``estimator`` (name and parameters),
            ``monotone``, ``data`` (``first_event``, ``until``, ``customers``, ``purchase_rules``,
            ``data_hash``, ``cutoffs``), ``eligibility``, ``label``, ``horizon``, ``lead``,
            ``limits``, ``columns``, ``calibration``, ``calibration_choice``, ``tested_at``,
            ``draws``, ``tests``, ``metrics`` and ``limitations``.

        Raises:
            NotFittedError: The model was not fitted.
            ValueError: As :meth:`backtest` and :meth:`score`.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=1000).event_log()
            >>> model = wb.ChurnModel().fit(log, until="2024-10-01")
            >>> card = model.card(log, tests=2, draws=100)
            >>> str(card).splitlines()[0]
            '# Churn model: average'
            >>> card.figures["horizon"], len(card.figures["tested_at"])
            ('3mo', 2)
        """
        chosen = _tests(at, tests, test_stride, draws, seed)
        return Answer(self._telling().card(core_log(log), chosen), log, self, is_markdown=True)

    def calibration_table(self) -> Table:
        """The probabilities before and after calibration.

        They are judged at the latest training cutoff, of a model that learned only from outcomes
        that ended before it, calibrated by what was known at a cutoff before.

        Returns:
            One row for each ``state`` (lapsed and lost customers share a model, and so these rows)
            and ``method`` that could be judged (``none``: as they are):
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
        return Table(self._fitted().calibration(), self)

    @overload
    def profit(
        self,
        now: Snapshot,
        *,
        clv: SupportsFloat | str,
        incentive_cost: SupportsFloat,
        contact_cost: SupportsFloat,
        accept_rate: SupportsFloat,
    ) -> Answer: ...

    @overload
    def profit(
        self,
        now: Snapshot,
        *,
        clv: SupportsFloat | str,
        incentive_cost: SupportsFloat,
        contact_cost: SupportsFloat,
        alpha: SupportsFloat,
        beta: SupportsFloat,
    ) -> Answer: ...

    def profit(
        self,
        now: Snapshot,
        *,
        clv: SupportsFloat | str | None = None,
        incentive_cost: SupportsFloat | None = None,
        contact_cost: SupportsFloat | None = None,
        accept_rate: SupportsFloat | None = None,
        alpha: SupportsFloat | None = None,
        beta: SupportsFloat | None = None,
    ) -> Answer:
        """What contacting the likeliest churners would have earned at a past cutoff.

        Of the customers active at the cutoff, those of the highest churn probability are contacted;
        beside them stand everybody, nobody and those silent longest. An active customer without a
        purchase in the outcome window has churned. No figure is assumed: all must be given, the
        accept rate either as one number or by its distribution. The best shares are found with the
        outcomes known: a share chosen beforehand earns no more.

        Args:
            now: The log at a cutoff, not before the ``until`` of the training; it reaches to the
                end of the cutoff's outcome window.
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
            The model's profit curve, as :func:`winback.metrics.profit_curve` gives it; its
            ``threshold`` is a churn probability. Figures: ``at``, ``estimator``,
            ``trained_until``, ``lead``, ``horizon``, ``outcome_from``, ``outcome_until``,
            ``customers`` (active ones) and of them ``churners``, ``clv``, ``mean_clv``,
            ``worthless`` (customers of a clv of 0), ``incentive_cost``, ``contact_cost``,
            ``accept_rate`` (or its mean), ``alpha``, ``beta``; the points ``model`` (its best),
            ``recency`` (the best of the days since the last purchase) and ``everybody``, each with
            the columns of the curve; ``expected`` (``profit`` and ``share`` of
            :func:`winback.metrics.empc`; None without ``alpha`` and ``beta``). Notes: customers
            worth nothing, a score that does not pay.

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
            ...     log.at("2024-10-01"),
            ...     clv="0.3*total_spend_365d",
            ...     incentive_cost=5,
            ...     contact_cost=0.5,
            ...     accept_rate=0.3,
            ... )
            >>> report.figures["model"]["total_profit"] == max(report["total_profit"])
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
        found = self._telling().profit(
            core_snapshot(now),
            clv=text if isinstance(text, str) else repr(to_float("clv", text)),
            incentive_cost=figures["incentive_cost"],
            contact_cost=figures["contact_cost"],
            accept_rate=figures.get("accept_rate"),
            alpha=figures.get("alpha", math.nan),
            beta=figures.get("beta", math.nan),
        )
        return Answer(found, now, self)

    @documented("ExplainOptions", reasons="count")
    def explain(
        self,
        now: Snapshot,
        *,
        customer_id: int | str | Sequence[int | str] | None = None,
        reasons: int = 3,
        min_contribution: float = 0.05,
        language: Language = "en",
        currency: str = "",
    ) -> Answer:
        """What moves each customer's chance of a purchase, in log-odds and in words.

        Shapley values against all training rows of the customer's state: coefficient x (value -
        mean) for logistic regression, interventional TreeSHAP (Lundberg et al. 2020) for trees.
        Columns that tell of the same thing count together as a group. Reasons say what the model
        looked at, not what causes a purchase.

        Args:
            now: The log at a cutoff; it has the columns of the one that the model was trained on.
            customer_id: One customer or several; all with a purchase before the cutoff by default.
            reasons: At most so many that raise each customer's chance, and as many that lower it;
                0 for none, which saves memory when all of a large base are explained.

        Returns:
            Of every customer, ``base`` plus the sum of the contributions is ``log_odds``, the
            model's log-odds of a purchase; ``purchase_probability`` is that of these log-odds, or
            their calibrated one where the model is calibrated. Figures as of :meth:`score`. Tables:

            ``reasons``: a row a reason, with ``customer_id``, ``state``, ``purchase_probability``,
            ``direction`` (``up`` or ``down``), ``rank`` (from 1 in each direction), ``group``,
            ``feature`` (that column of the group which moves the chance most in its direction, is
            not at its typical value and does not contradict ``expected_sign`` of
            :func:`winback.catalogue`; a group without one is no reason), ``value``, ``typical``
            (median of the training rows of the state, for texts the most frequent one),
            ``contribution`` (of the group), ``reason`` (the sentence).

            ``contributions``: a row a customer, with ``customer_id``, ``state``,
            ``purchase_probability``, ``base``, ``log_odds``, then ``contribution_<column>`` of
            every column.

            ``groups``: the same by group of columns that tell of the same thing: ``recency``,
            ``frequency``, ``check``, ``rhythm``, ``basket``, ``returns``, ``discounts``,
            ``tickets``, ``service``, ``surveys``, ``activity``, ``paths``, ``contacts``,
            ``contract``, and every attribute for itself.

            ``importance``: what matters over all customers of a ``state``: ``group``, ``feature``
            (None: the group as a whole), ``mean_abs_contribution`` and ``mean_contribution``, in
            log-odds.

            ``main_reasons``: the customers of each ``state`` by what holds them back most:
            ``group`` (None: nothing of the stated size), ``label`` (in words), ``customers``,
            ``share``, ``mean_contribution``, ``mean_purchase_probability``.

        Raises:
            NotFittedError: The model was not fitted.
            ValueError: As :meth:`score`; a customer that the log does not have.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=1000).event_log()
            >>> model = wb.ChurnModel("boosting").fit(log, until="2024-10-01")
            >>> why = model.explain(log.at("2025-01-01"), customer_id=17)
            >>> why["customer_id"][0]
            17
            >>> row = why.tables["groups"].to_polars().row(0, named=True)
            >>> parts = [value for name, value in row.items() if name.startswith("contribution_")]
            >>> abs(row["base"] + sum(parts) - row["log_odds"]) < 1e-9
            True
        """
        ids = to_customer_ids(customer_id)
        chosen = to_reasons(reasons, min_contribution, language, currency)
        return Answer(self._telling().explain(core_snapshot(now), ids, chosen), now, self)

    @documented("ReportOptions")
    def report(
        self,
        now: Snapshot,
        path: Path,
        *,
        top: int = 20,
        control_share: float = 0.0,
        salt: str = "winback",
        language: Language = "en",
        currency: str = "",
        tests: int = 3,
        test_stride: str = "30d",
        draws: int = 200,
        seed: int = 0,
    ) -> None:
        """Writes a report for those who read no statistics, as one HTML file.

        Customers by state and how that changed, revenue at stake, who is leaving and why, whom to
        win back, how good the predictions were on the past, retention and cohorts, loyalty,
        surveys and support where the log has any, what the words mean, and how the report was
        made. The page needs no network and no script, opens on a phone, prints, and follows dark
        mode. Its figures are those of the other methods. The same input gives the same bytes.

        The quality comes from a backtest: the model's settings, trained anew before each of
        several past cutoffs. Where the log has too little past for that, the report says so.

        Args:
            now: The log at a cutoff; it has the columns of the one that the model was trained on.
            path: The file, ending in ``.html`` or ``.htm``; it is replaced as a whole once all is
                done.

        Raises:
            NotFittedError: The model was not fitted.
            ValueError: As :meth:`score`; an argument out of its range; a path of another ending.
            TypeError: An argument of another type.
            OSError: The file cannot be written.

        Examples:
            >>> import pathlib, tempfile
            >>> import winback as wb
            >>> log = wb.simulate(customers=1000).event_log()
            >>> model = wb.ChurnModel().fit(log, until="2024-10-01")
            >>> path = pathlib.Path(tempfile.mkdtemp()) / "report.html"
            >>> model.report(log.at("2025-01-01"), path, top=10, tests=1, draws=50)
            >>> path.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
            True
        """
        options = {
            "top": top,
            "control_share": control_share,
            "salt": salt,
            "language": language,
            "currency": currency,
            "tests": tests,
            "test_stride": test_stride,
            "draws": draws,
            "seed": seed,
        }
        self._telling().report(core_snapshot(now), to_output(path, now, self), options)

    def coefficients(self) -> Table:
        """Coefficients of a logistic model, on the scale of the preprocessed columns.

        Returns:
            One row a column of the model of each ``state``; lapsed and lost customers share one,
            whose rows stand under both: ``feature`` (``(intercept)`` first),
            ``coefficient`` (change of the log-odds of a purchase per unit of the preprocessed
            column), ``standard_error`` (None where there is none), ``odds_ratio``.

        Raises:
            NotFittedError: The model was not fitted.
            ValueError: The model is not logistic.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=1000).event_log()
            >>> model = wb.ChurnModel("logistic").fit(log, until="2024-10-01")
            >>> table = model.coefficients()
            >>> table["state"][0], table["feature"][0]
            ('active', '(intercept)')
        """
        fitted = self._fitted()
        table = fitted.coefficients()
        if table is None:
            estimator = fitted.parameters()["estimator"]
            raise ValueError(f"only logistic models have coefficients, not {estimator!r}")
        return Table(table, self)

    def importances(self) -> Table:
        """What each column is worth to the trees.

        Returns:
            One row a column for the model of each ``state`` (lapsed and lost customers share one,
            whose rows stand under both), by falling gain: ``feature``, ``gain`` (what its splits
            gained, summed: for one tree the log loss saved, in nats over the training rows; for
            boosted trees about twice that, as LightGBM's ``importance_type="gain"`` counts it),
            ``splits`` (their number).

        Raises:
            NotFittedError: The model was not fitted.
            ValueError: The model is not of trees alone.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=1000).event_log()
            >>> table = wb.ChurnModel("tree").fit(log, until="2024-10-01").importances()
            >>> table.column_names
            ['state', 'feature', 'gain', 'splits']
            >>> table["gain"][0] > 0
            True
        """
        return Table(self._fitted().importances(), self)

    def tree_text(self, state: State = "lapsed", tree: int | None = None) -> str:
        """The trees that score customers of a state, as text.

        A line per question and leaf, with the number of training rows that came to it in brackets.
        The leaves of a single tree show the probability of a purchase, those of boosted trees what
        they add to its log-odds.

        Args:
            state: ``"active"``, ``"lapsed"`` or ``"lost"``; the last two share a model.
            tree: One tree alone, counted from 0; all by default.

        Returns:
            The text, with a line break at its end.

        Raises:
            NotFittedError: The model was not fitted.
            ValueError: Another state; no such tree; the model is not of trees alone.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=1000).event_log()
            >>> model = wb.ChurnModel("tree", params={"max_depth": 1}).fit(log, until="2024-10-01")
            >>> print(model.tree_text("active"), end="")
            mbg_nbd_log_odds < 1.05...? [7...]
              yes: probability 0.52... [3...]
              no: probability 0.83... [4...]
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
            ValueError: Another state; no such tree; the model is not of trees alone.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=1000).event_log()
            >>> model = wb.ChurnModel("tree").fit(log, until="2024-10-01")
            >>> model.graphviz().splitlines()[0]
            'digraph tree_0 {'
        """
        return self._fitted().graphviz(to_str("state", state), to_count("tree", tree))

    def to_onnx(self, state: State = "lapsed") -> onnx.ModelProto:
        """What scores customers of a state as an ONNX model.

        The model takes ``features`` (doubles, rows x columns) and gives ``probabilities`` (doubles,
        rows x 2: of no purchase and of a purchase inside the outcome window) and ``label`` (int64,
        1 where a purchase is the likelier). The columns are those of :attr:`columns_`, in their
        order; NaN where a value is missing. In place of a text stands the text's position in the
        attribute's list of ``categories``, and the list's length for every other text: one that is
        rare (:attr:`pooled_levels_`) or that training did not see.

        Its metadata are texts: ``columns`` (JSON, their names), ``categories`` (JSON, the list of
        texts of each attribute that holds texts), ``state``, ``horizon``, ``lead``,
        ``trained_until`` (ISO 8601, in UTC) and ``winback_version``.

        Needs the package onnx; a runtime must know version 5 of the ``ai.onnx.ml`` operators, as
        onnxruntime does from 1.21 on.

        Args:
            state: ``"active"``, ``"lapsed"`` or ``"lost"``; the last two share their models.

        Returns:
            The model, an ``onnx.ModelProto``; ``SerializeToString()`` gives the bytes of a file.

        Raises:
            NotFittedError: The model was not fitted.
            ValueError: Another state.
            ImportError: onnx is not installed.

        Examples:
            >>> import json
            >>> import onnxruntime
            >>> import polars as pl
            >>> import winback as wb
            >>> log = wb.simulate(customers=1000).event_log()
            >>> model = wb.ChurnModel(attributes=["segment"]).fit(log, until="2024-10-01")
            >>> file = model.to_onnx("active").SerializeToString()

            Elsewhere, with this file and the features of customers who are active:

            >>> session = onnxruntime.InferenceSession(file)
            >>> metadata = session.get_modelmeta().custom_metadata_map
            >>> table = model.features(log.at("2025-01-01")).to_polars()
            >>> table = table.filter(pl.col("days_since_last_purchase") < 60)
            >>> for name, texts in json.loads(metadata["categories"]).items():
            ...     codes = {text: code for code, text in enumerate(texts)}
            ...     other = len(texts)
            ...     column = pl.col(name).cast(pl.String).replace_strict(codes, default=other)
            ...     table = table.with_columns(column)
            >>> rows = table.select(pl.col(json.loads(metadata["columns"])).cast(pl.Float64))
            >>> rows = rows.fill_null(float("nan")).to_numpy()
            >>> label, probabilities = session.run(None, {"features": rows})
            >>> probabilities.shape == (len(table), 2)
            True
        """
        fitted = self._fitted()
        models, weights = zip(*fitted.models(to_str("state", state)), strict=True)
        parameters = fitted.parameters()
        metadata = {
            "categories": json.dumps(fitted.categories(), ensure_ascii=False),
            "state": state,
            "horizon": parameters["horizon"],
            "lead": parameters["lead"],
            "trained_until": self.training_["until"].isoformat(),
            "winback_version": _core.__version__,
        }
        return models_to_onnx(
            models,
            names=fitted.columns(),
            weights=weights,
            calibrator=fitted.calibrator(state),
            producer_version=_core.__version__,
            metadata=metadata,
        )

    @property
    def training_(self) -> dict[str, Any]:
        """From what it was trained, instants as naive datetimes of the log's clock."""
        return self._fitted().training()

    @property
    def columns_(self) -> list[str]:
        """Names of the columns it reads, which are features, attributes and features of kinds."""
        return self._fitted().columns()

    @property
    def kinds_(self) -> list[str]:
        """The kinds of events that have columns, the most frequent of training first."""
        return self._fitted().kinds()

    @property
    def pooled_levels_(self) -> dict[str, int]:
        """How many texts of fewer than ``min_level`` customers count as one, by attribute."""
        return self._fitted().pooled_levels()

    def features(self, now: Snapshot) -> Table:
        """What the model reads of every customer with a purchase before the cutoff.

        Features of single kinds of events are here and not in :meth:`winback.Snapshot.features`,
        for which kinds have columns is learned in training; and so are ``mbg_nbd_log_odds``,
        ``silence_end_log_odds`` and ``log_gap_z``, which take what was learned of all customers,
        and the time of the year (``season_sine``, ``season_cosine``), where training covers it.

        Args:
            now: The log as known at the cutoff, ``log.at(cutoff)``.

        Returns:
            One row a customer, by ascending id: ``customer_id``, then the columns of
            :attr:`columns_`.

        Raises:
            ValueError: A log that lacks what the model reads, or was read by other rules.
            TypeError: ``now`` is no snapshot.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=1000, events=True).event_log()
            >>> model = wb.ChurnModel(most_kinds=2).fit(log, until="2024-10-01")
            >>> model.kinds_
            ['email_sent', 'visit']
            >>> model.features(log.at("2025-01-01")).column_names[-6:]
            ['event_other_trend', 'mbg_nbd_log_odds', 'silence_end_log_odds', 'log_gap_z',
             'season_sine', 'season_cosine']
        """
        return Table(self._telling().features(core_snapshot(now)), now, self)

    def save(self, path: Path) -> None:
        """Writes the fitted model to a file, which holds data and no code.

        Args:
            path: The file.

        Raises:
            NotFittedError: The model was not fitted.
            OSError: The file cannot be written; nothing half-written stays.

        Examples:
            >>> import pathlib, tempfile
            >>> import winback as wb
            >>> log = wb.simulate(customers=1000).event_log()
            >>> model = wb.ChurnModel().fit(log, until="2024-10-01")
            >>> path = pathlib.Path(tempfile.mkdtemp()) / "churn.winback"
            >>> model.save(path)
            >>> path.stat().st_size > 0
            True
        """
        self._fitted().save(to_output(path, self))

    def to_bytes(self) -> bytes:
        """The fitted model as bytes, those of the file that :meth:`save` writes.

        Returns:
            The bytes.

        Raises:
            NotFittedError: The model was not fitted.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=1000).event_log()
            >>> model = wb.ChurnModel().fit(log, until="2024-10-01")
            >>> again = wb.ChurnModel.from_bytes(model.to_bytes())
            >>> again.to_bytes() == model.to_bytes()
            True
        """
        return self._fitted().to_bytes()

    @classmethod
    def load(cls: type[_Model], path: Path) -> _Model:
        """Reads a model that :meth:`save` wrote; it scores equally, to the bit.

        Args:
            path: The file.

        Returns:
            The fitted model.

        Raises:
            ValueError: The file is damaged, of another version, or no model.
            TypeError: Something else than bytes.
            FileNotFoundError: There is no such file; other kinds of ``OSError`` likewise.

        Examples:
            >>> import pathlib, tempfile
            >>> import winback as wb
            >>> log = wb.simulate(customers=1000).event_log()
            >>> model = wb.ChurnModel().fit(log, until="2024-10-01")
            >>> path = pathlib.Path(tempfile.mkdtemp()) / "churn.winback"
            >>> model.save(path)
            >>> now = log.at("2025-01-01")
            >>> again = wb.ChurnModel.load(path).score(now)
            >>> again["churn_probability"] == model.score(now)["churn_probability"]
            True
        """
        return cls._of(_core.ChurnModel.load(to_path("path", path)))

    @classmethod
    def from_bytes(cls: type[_Model], data: bytes) -> _Model:
        """The model that :meth:`to_bytes` gave as bytes; it scores equally, to the bit.

        Args:
            data: The bytes, or those of a saved file.

        Returns:
            The fitted model.

        Raises:
            ValueError: The bytes are damaged, of another version, or no model.
            TypeError: Something else than bytes.

        Examples:
            >>> import winback as wb
            >>> wb.ChurnModel.from_bytes(b"")
            Traceback (most recent call last):
            ValueError: model file: ...
        """
        return cls._of(_core.ChurnModel.from_bytes(to_binary("data", data)))

    @classmethod
    def _of(cls: type[_Model], fitted: _core.ChurnModel) -> _Model:
        """The model with the parameters of what was fitted."""
        parameters = fitted.parameters()
        # As the defaults say it: no parameters rather than an empty dict.
        parameters["params"] = parameters["params"] or None
        parameters["attributes"] = tuple(parameters["attributes"])
        model = cls(**parameters)
        model._model = fitted
        return model

    def _fitted(self) -> _core.ChurnModel:
        if self._model is None:
            raise NotFittedError("this ChurnModel is not fitted; call fit(log, until=...) first")
        return self._model

    def _telling(self) -> _core.ChurnModel:
        """The fitted model, about to do long work that tells how far it is."""
        return self._fitted().telling(teller(self.progress))


def _tests(
    at: Instants | None,
    tests: int,
    test_stride: str | None,
    draws: int,
    seed: int,
) -> dict[str, Any]:
    """At which cutoffs a model is tested, as the core takes it."""
    return {
        "at": None if at is None else to_texts("at", at),
        "tests": tests,
        "test_stride": test_stride,
        "draws": draws,
        "seed": seed,
    }
