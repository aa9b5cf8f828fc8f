"""The churn model: who leaves, and who of the silent ones comes back."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeVar

from winback import _core
from winback._arguments import Path, of_type, refusal, to_bool, to_dict, to_names, to_path
from winback._fitted_model import Language, core_log, reasons_of, tests_of
from winback._inspected import Inspected
from winback._judged import Judged
from winback._parameters import Parameters
from winback._progress import Progress, teller
from winback._time import Instant, to_text
from winback.answer import Answer
from winback.customer_history import CustomerHistory
from winback.event_log import EventLog
from winback.snapshot import PartitionedSnapshot, Snapshot, core_parts, core_snapshot

_Model = TypeVar("_Model", bound="ChurnModel")


class ChurnModel(Parameters, Judged, Inspected):
    """Predicts who of the active customers leaves and who of the silent ones returns.

    One model scores the active customers, another one the silent ones, lapsed and lost: few of
    either return, and it learns more from both together. Both are trained at several past cutoffs
    and predict a purchase inside the outcome window [cutoff + lead, cutoff + lead + horizon); the
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
            otherwise none. Cutoffs so far apart that their outcomes were known at the next (by
            ``horizon``) are needed for this, as ten of them give with the defaults. Isotonic
            regression is left out with fewer than 1,000 outcomes of a kind.
            :meth:`calibration_table` says what was done, with figures.
        progress: Whether work that takes longer than a second shows on stderr how far it is; by
            default in a terminal and in a notebook, unless the environment variable
            ``WINBACK_PROGRESS`` is ``0``. Or what to call meanwhile, from any thread, with what is
            being done, how much of it is done, and how much there is (0: not known); an exception
            that it raises ends the work. Ctrl-C ends all work within a second, and
            leaves the model as it was. Kept in no file: a loaded model has the default.

    Attributes:
        training_: From what it was trained: ``until`` and ``cutoffs``, a list of dicts with
            ``cutoff`` and, for ``active``, ``lapsed`` and ``lost`` customers, the numbers of rows
            that ``purchased`` and that have ``not_purchased``.
        columns_: Names of the columns it reads, features and then attributes.

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

    _core_type = _core.ChurnModel

    def __init__(
        self,
        estimator: Literal["logistic", "tree", "boosting"] = "logistic",
        *,
        horizon: str = "3mo",
        lead: str = "0d",
        lapsed_after: str = "3mo",
        lost_after: str = "6mo",
        attributes: Sequence[str] = (),
        params: Mapping[str, Any] | Literal["lightgbm"] | None = None,
        monotone: bool = True,
        calibration: Literal["auto", "none", "platt", "isotonic", "beta"] = "auto",
        progress: bool | Progress | None = None,
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
        self.progress = progress

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
                either outcome among active or among silent customers.
            TypeError: An argument of another type.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=1000).event_log()
            >>> model = wb.ChurnModel().fit(log, until="2024-10-01", cutoffs=3, stride="1mo")
            >>> [f"{cutoff['cutoff']:%Y-%m-%d}" for cutoff in model.training_["cutoffs"]]
            ['2024-05-01', '2024-06-01', '2024-07-01']
            >>> wb.ChurnModel().fit(log, until="2026-01-01")
            Traceback (most recent call last):
            ValueError: until = 2026-01-01 is not allowed: ...
        """
        options, params = self._options(cutoffs, stride)
        end, progress = to_text("until", until), teller(self.progress)
        self._model = _core.ChurnModel.fit(core_log(log), options, params, end, progress)
        return self

    def _options(self, cutoffs: int, stride: str) -> tuple[dict[str, Any], str | dict[str, Any]]:
        """What is to be learned, and the estimator's parameters, as the core takes them."""
        options = self.get_params()
        params = options.pop("params")
        del options["progress"]
        options |= {"cutoffs": cutoffs, "stride": stride}
        options["attributes"] = to_names("attributes", self.attributes)
        return options, params if isinstance(params, str) else to_dict("params", params)

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
    ) -> Answer:
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
            A row for each state and score at each cutoff, their mean and the worst: ``part``
            (``cutoff``, ``mean``, ``worst``), ``cutoff`` (None for summaries), ``state``,
            ``outcome`` (``churned`` for active customers, ``returned`` for the others), ``score``
            (``model``, ``recency`` or ``rhythm``), ``customers``, ``base_rate``,
            ``mean_probability``, ``roc_auc_se`` (DeLong's standard error), then of every measure
            its value and the ends of its 95 % interval, as ``roc_auc``, ``roc_auc_low``,
            ``roc_auc_high``: ``roc_auc``, ``average_precision``, ``log_loss``, ``brier_score``,
            ``calibration_slope`` (1: as far apart as they should be), ``calibration_intercept``
            (0: as frequent as predicted), ``expected_calibration_error`` (10 bins of equal count),
            ``lift_5``, ``lift_10``, ``lift_20``, ``capture_5``, ``capture_10``, ``capture_20``,
            ``lift_quality`` (0: no information, 100: perfect). None where not defined.
            Among the figures are the ``cutoffs`` that were tested. Notes: cutoffs that could not be
            tested, figures too good to be true, baselines that the model does not beat.

        Raises:
            ValueError: As :meth:`fit`; a cutoff outside the log or whose outcome window it does
                not cover; no cutoff at which a model can be trained and judged.
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
        chosen = tests_of(at, tests, test_stride, draws, seed)
        progress = teller(self.progress)
        return Answer(_core.ChurnModel.backtest(core_log(log), options, params, chosen, progress))

    def score(
        self,
        now: Snapshot,
        *,
        reasons: int = 0,
        min_contribution: float = 0.05,
        language: Language = "en",
        drift: bool = False,
    ) -> Answer:
        """Scores every customer with a purchase before the cutoff.

        Args:
            now: The log at a cutoff; it has the columns of the one that the model was trained on.
            reasons: Reasons to tell of each customer at most.
            min_contribution: Log-odds that a reason must move at least.
            language: Language of the reasons, ``"en"`` or ``"ru"``.
            drift: Whether to warn (``UserWarning``) when customers no longer look like those of the
                training; see :meth:`drift`.

        Returns:
            One row a customer, by ascending id: ``customer_id``, ``state`` (active, lapsed, lost),
            ``days_since_last_purchase``, ``purchase_count``, ``average_check`` (where the log has
            amounts), ``purchase_probability``, ``churn_probability``, and ``reason_1`` and so on
            (None where there are fewer). Figures: ``at``, ``customers`` (of the log), of them
            scored ``active``, ``lapsed`` and ``lost``, and not scored ``without_purchase`` (before
            the cutoff).

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
        chosen = reasons_of(reasons, min_contribution, language)
        scores = Answer(self._telling().score(core_snapshot(now), chosen))
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
            raise refusal(TypeError, "customer", "a winback.CustomerHistory", of_type(customer))
        return customer._history.score(self._fitted(), to_text("at", at))

    def candidates(
        self,
        now: Snapshot,
        *,
        top: int | None = None,
        control_share: float = 0.0,
        salt: str = "winback",
        reasons: int = 3,
        min_contribution: float = 0.05,
        language: Language = "en",
    ) -> Answer:
        """The lapsed customers, ranked by what their return is worth, with reasons.

        Args:
            now: The log at a cutoff; it has the columns of the one that the model was trained on.
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
            to ``reason_3`` (None where there are fewer). Figures as of :meth:`score`, and of
            ``candidates`` the number and those for ``control``.

        Raises:
            NotFittedError: The model was not fitted.
            ValueError: As :meth:`score`; ``top`` or ``control_share`` out of range.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=1000).event_log()
            >>> model = wb.ChurnModel().fit(log, until="2024-10-01")
            >>> best = model.candidates(log.at("2025-01-01"), top=5, control_share=0.2)
            >>> best["rank"], best["expected_value"] == sorted(best["expected_value"], reverse=True)
            ([1, 2, 3, 4, 5], True)
        """
        chosen = reasons_of(reasons, min_contribution, language)
        chosen |= {"top": top, "control_share": control_share, "salt": salt}
        return Answer(self._telling().candidates(core_snapshot(now), chosen))

    def write_scores(
        self,
        now: PartitionedSnapshot,
        path: Path,
        *,
        reasons: int = 0,
        min_contribution: float = 0.05,
        language: Language = "en",
    ) -> dict[str, Any]:
        """Writes the rows of :meth:`score` for a log larger than memory.

        Args:
            now: The log at a cutoff; it has the columns of the one that the model was trained on.
            path: The file, ending in ``.parquet`` or ``.csv``; it is replaced as a whole once all
                is written.
            reasons: As for :meth:`score`; so are the next two.
            min_contribution: Log-odds that a reason must move at least.
            language: Language of the reasons.

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
        chosen = reasons_of(reasons, min_contribution, language)
        parts, file = core_parts(now), to_path("path", path)
        return self._told_by_parts().write_scores(parts, file, chosen)

    def write_candidates(
        self,
        now: PartitionedSnapshot,
        path: Path,
        *,
        top: int | None = None,
        control_share: float = 0.0,
        salt: str = "winback",
        reasons: int = 3,
        min_contribution: float = 0.05,
        language: Language = "en",
    ) -> dict[str, Any]:
        """Writes the rows of :meth:`candidates` for a log larger than memory.

        Args:
            now: The log at a cutoff; it has the columns of the one that the model was trained on.
            path: As for :meth:`write_scores`.
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
        chosen = reasons_of(reasons, min_contribution, language)
        chosen |= {"top": top, "control_share": control_share, "salt": salt}
        parts, file = core_parts(now), to_path("path", path)
        return self._told_by_parts().write_candidates(parts, file, chosen)

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
        self._fitted().save(path)

    @classmethod
    def load(cls: type[_Model], path: Path) -> _Model:
        """Reads a model that :meth:`save` wrote; it scores equally, to the bit.

        Args:
            path: The file.

        Returns:
            The fitted model.

        Raises:
            ValueError: The file is damaged, of another version, or no model.
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
        fitted = _core.ChurnModel.load(path)
        parameters = fitted.parameters()
        # As the defaults say it: no parameters rather than an empty dict.
        parameters["params"] = parameters["params"] or None
        parameters["attributes"] = tuple(parameters["attributes"])
        model = cls(**parameters)
        model._model = fitted
        return model
