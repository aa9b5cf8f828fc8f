"""How good a churn model is, what it would have earned, and whether it still may be relied on."""

from __future__ import annotations

import math
from typing import Any, SupportsFloat, overload

from winback._arguments import to_float
from winback._fitted_model import FittedModel, core_log, tests_of
from winback._time import Instant
from winback.answer import Answer
from winback.event_log import EventLog
from winback.snapshot import Snapshot, core_snapshot
from winback.table import Table


class Judged(FittedModel):
    """The part of a churn model that judges it."""

    def evaluate(self, now: Snapshot) -> Answer:
        """The model's quality at a cutoff that its training never saw.

        Beside the model stands the baseline that knows only the days since the last purchase.

        Args:
            now: The log at a cutoff, not before the ``until`` of the training; it reaches to the
                end of the cutoff's outcome window.

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
        return Answer(self._telling().evaluate(core_snapshot(now)))

    def drift(self, now: Snapshot, *, level: float = 0.01) -> Answer:
        """Whether customers at a cutoff still look like those of the latest training cutoff.

        The population stability index of every column that the model reads and of its score:
        numbers are parted into tenths of the training rows, texts by level, missing values for
        themselves. Below 0.1, or within chance, a column is stable, from 0.25 on its shift is
        major. Columns that grow with a young log, such as ``tenure_days``, always move.

        Args:
            now: The log at a cutoff; it has the columns of the one that the model was trained on.
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
        return Answer(self._telling().drift(core_snapshot(now), to_float("level", level)))

    def card(
        self,
        log: EventLog,
        *,
        at: Instant | list[Instant] | tuple[Instant, ...] | None = None,
        tests: int = 6,
        test_stride: str = "30d",
        draws: int = 1000,
        seed: int = 0,
    ) -> Answer:
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
            '# Churn model: logistic'
            >>> card.figures["horizon"], len(card.figures["tested_at"])
            ('3mo', 2)
        """
        chosen = tests_of(at, tests, test_stride, draws, seed)
        return Answer(self._telling().card(core_log(log), chosen), is_markdown=True)

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
        return Table(self._fitted().calibration())

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
        return Answer(found)
