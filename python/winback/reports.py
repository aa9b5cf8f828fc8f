"""What the churn model answers: tables of scores and its quality."""

from __future__ import annotations

import copy
from datetime import datetime
from html import escape
from typing import Any

from winback import _core, _html
from winback.table import Table


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
        self.report = report
        self._text = text

    def __repr__(self) -> str:
        return f"{super().__repr__()}\n{self._text}"

    def _repr_html_(self) -> str:
        return f"{super()._repr_html_()}<p>{escape(self._text)}</p>"


class Backtest:
    """How good a model would have been at several past cutoffs.

    Attributes:
        table: A row for each state and score at each cutoff, their mean and the worst: ``part``
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
        cutoffs: The cutoffs that were tested, naive datetimes in UTC.
        notes: What a reader should know: cutoffs that could not be tested, figures too good to be
            true, baselines that the model does not beat.

    Examples:
        >>> import winback as wb
        >>> log = wb.simulate(customers=1000).event_log()
        >>> backtest = wb.ChurnModel().backtest(log, tests=2, draws=0)
        >>> table = backtest.table.to_polars().filter(part="mean", state="active")
        >>> table["score"].to_list()
        ['model', 'recency', 'rhythm']
        >>> len(backtest.cutoffs)
        2
    """

    def __init__(self, table: Table, notes: list[str], cutoffs: list[datetime], text: str) -> None:
        self.table = table
        self.notes = notes
        self.cutoffs = cutoffs
        self._text = text

    def __repr__(self) -> str:
        return self._text.rstrip()

    def _repr_html_(self) -> str:
        return _html.report(repr(self))


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

    Examples:
        >>> import winback as wb
        >>> log = wb.simulate(customers=1000).event_log()
        >>> model = wb.ChurnModel().fit(log, until="2024-10-01")
        >>> report = model.evaluate(log, at="2024-10-01")
        >>> table = report.table.to_polars()
        >>> table.filter(state="active")["score"].to_list()
        ['model', 'recency']
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

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=1000).event_log()
            >>> model = wb.ChurnModel().fit(log, until="2024-10-01")
            >>> report = model.evaluate(log, at="2024-10-01").to_dict()
            >>> [group["state"] for group in report["groups"]][:2]
            ['active', 'lapsed']
        """
        return copy.deepcopy(self._values)

    def __repr__(self) -> str:
        return self._text.rstrip()

    def _repr_html_(self) -> str:
        return _html.report(repr(self))


class ProfitReport:
    """What contacting active customers would have earned at a past cutoff.

    Attributes:
        table: The model's profit curve, as :func:`winback.metrics.profit_curve` gives it; its
            ``threshold`` is a churn probability.
        notes: What a reader should know: customers worth nothing, a score that does not pay.

    Examples:
        >>> import winback as wb
        >>> log = wb.simulate(customers=1000).event_log()
        >>> model = wb.ChurnModel().fit(log, until="2024-10-01")
        >>> figures = {"clv": 200, "incentive_cost": 10, "contact_cost": 1, "accept_rate": 0.3}
        >>> report = model.profit(log, at="2024-10-01", **figures)
        >>> report.table.column_names[:3]
        ['share', 'customers', 'churners']
    """

    def __init__(self, table: Table, values: dict[str, Any], text: str) -> None:
        self.table = table
        self.notes: list[str] = values["notes"]
        self._values = values
        self._text = text

    def to_dict(self) -> dict[str, Any]:
        """All of the report but the curve as a dict, instants as naive datetimes in UTC.

        Returns:
            ``at``, ``estimator``, ``trained_until``, ``lead``, ``horizon``, ``outcome_from``,
            ``outcome_until``, ``customers`` (active ones) and of them ``churners``, ``clv``,
            ``mean_clv``, ``worthless`` (customers of a clv of 0), ``incentive_cost``,
            ``contact_cost``, ``accept_rate`` (or its mean), ``alpha``, ``beta``; the points
            ``model`` (its best), ``recency`` (the best of the days since the last purchase) and
            ``everybody``, each with the columns of ``table``; ``expected`` (``profit`` and
            ``share`` of :func:`winback.metrics.empc`; None without ``alpha`` and ``beta``) and
            ``notes``.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=1000).event_log()
            >>> model = wb.ChurnModel().fit(log, until="2024-10-01")
            >>> figures = {"clv": 200, "incentive_cost": 10, "contact_cost": 1, "accept_rate": 0.3}
            >>> report = model.profit(log, at="2024-10-01", **figures).to_dict()
            >>> report["model"]["total_profit"] >= report["everybody"]["total_profit"]
            True
        """
        return copy.deepcopy(self._values)

    def __repr__(self) -> str:
        return self._text.rstrip()

    def _repr_html_(self) -> str:
        return _html.report(repr(self))
