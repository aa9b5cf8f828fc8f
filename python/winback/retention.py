"""The customer base over time: tables that know what a reader should know."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any, Literal

from winback import _core
from winback._arguments import to_count, to_float, to_floats, to_labels, to_names
from winback.table import Table


class _Noted(Table):
    """A table with notes."""

    def __init__(self, table: _core.Table, notes: list[str]) -> None:
        super().__init__(table)
        self.notes = notes

    def __repr__(self) -> str:
        return "\n".join([super().__repr__(), *(f"note: {note}" for note in self.notes)])

    def _repr_html_(self) -> str:
        notes = "".join(f"<p>note: {escape(note)}</p>" for note in self.notes)
        return super()._repr_html_() + notes


class Retention(_Noted):
    """Retention rates, period by period; see :meth:`winback.EventLog.retention`.

    Attributes:
        notes: What a reader should know: a period that is not over, rates that count customers who
            came back as kept.

    Examples:
        >>> import winback as wb
        >>> log = wb.simulate(customers=300).event_log()
        >>> quarters = log.retention("1q")
        >>> quarters.column_names[2:5], len(quarters)
        (['active_before', 'active', 'new'], 12)
    """


class RetentionCurve(_Noted):
    """How long customers stay until a long silence; see :meth:`winback.EventLog.retention_curve`.

    Attributes:
        at_days: The curve at chosen days: ``group`` (with groups only), ``days``, ``at_risk``,
            ``survival``, ``survival_low``, ``survival_high``; None where nobody was followed so
            long.
        notes: What a reader should know: how many were seen to fall silent, and the median.

    Examples:
        >>> import winback as wb
        >>> log = wb.simulate(customers=300).event_log()
        >>> curve = log.retention_curve("90d", days=[180, 360])
        >>> curve.at_days["days"], len(curve.notes) > 0
        ([180, 360], True)
    """

    def __init__(self, table: _core.Table, at_days: Table, notes: list[str]) -> None:
        super().__init__(table, notes)
        self.at_days = at_days


class Cohorts(_Noted):
    """Customers by first purchase, a row a cohort and age; see :meth:`winback.EventLog.cohorts`.

    Attributes:
        notes: What a reader should know: a period that is not over, customers in no cohort.

    Examples:
        >>> import winback as wb
        >>> log = wb.simulate(customers=300).event_log()
        >>> cohorts = log.cohorts("1q")
        >>> cohorts.column_names[:4]
        ['cohort', 'age', 'age_end', 'cohort_size']
    """

    def __init__(
        self, table: _core.Table, wide: list[tuple[str, _core.Table]], notes: list[str]
    ) -> None:
        super().__init__(table, notes)
        self._wide = dict(wide)

    def wide(
        self, value: Literal["customers", "share", "revenue", "average_check"] = "customers"
    ) -> Table:
        """One value as a table with a row a cohort and a column for each age.

        Args:
            value: ``"customers"``, ``"share"``, ``"revenue"`` or ``"average_check"``.

        Returns:
            ``cohort``, ``cohort_size``, then the ages: ``0``, ``1``, ... or, of brackets, ``1-3``.
            None where the time is not over.

        Raises:
            ValueError: Another value.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=300).event_log()
            >>> log.cohorts("1q").wide("share")["0"][:2]
            [1.0, 1.0]
        """
        if value not in self._wide:
            raise ValueError(f"value = {value!r} is not allowed: one of {', '.join(self._wide)}")
        return Table(self._wide[value])


class Flow(_Noted):
    """Who comes, stays, falls silent and returns; see :meth:`winback.EventLog.flow`.

    Attributes:
        transitions: A row for each period and pair of states: ``period``, ``period_end``, ``way``
            (the name of its column in this table), ``from_state`` (None: before the first
            purchase), ``to_state``, ``customers``, ``revenue`` in the period, ``revenue_before``
            in the one before it.
        notes: What a reader should know: a period that is not over, or longer than a lapse.

    Examples:
        >>> import winback as wb
        >>> log = wb.simulate(customers=300).event_log()
        >>> flow = log.flow("1q")
        >>> flow.transitions.column_names[:3]
        ['period', 'period_end', 'way']
    """

    def __init__(self, table: _core.Table, transitions: Table, notes: list[str]) -> None:
        super().__init__(table, notes)
        self.transitions = transitions


class Migration(_Noted):
    """Transitions between the labels of two cutoffs; see :func:`winback.migration`.

    Attributes:
        alarm: The share of the vulnerable and the test of its rise, as a dict: ``rings``,
            ``customers_before``, ``customers_after``, ``vulnerable_before``, ``vulnerable_after``,
            ``became`` and ``recovered`` (of those in both bases), ``share_before``,
            ``share_after`` and ``rise``, each with ``_low`` and ``_high``, the ends of its 95 %
            interval, ``z``, ``p_value``, ``level``. None where nothing is vulnerable or a base is
            empty.
        notes: What a reader should know: rows too thin to judge, the alarm in words.

    Examples:
        >>> import winback as wb
        >>> log = wb.simulate(customers=300).event_log()
        >>> migration = log.migration("2024-01-01", "2024-07-01")
        >>> 0 < migration.alarm["share_before"] < 1, migration.alarm["level"]
        (True, 0.01)
    """

    def __init__(self, table: _core.Table, alarm: dict[str, Any] | None, notes: list[str]) -> None:
        super().__init__(table, notes)
        self.alarm = alarm


def migration(
    before: Sequence[str | None],
    after: Sequence[str | None],
    *,
    revenue: Sequence[float] | None = None,
    vulnerable: Sequence[str] = (),
    min_customers: int = 30,
    level: float = 0.01,
) -> Migration:
    """Where the customers of each label at one cutoff stand at another.

    The alarm's test is one-sided: z is the rise of the vulnerable share over its standard error if
    nothing had changed, for bases that overlap. Where the same customers stand in both it is
    McNemar's (1947) without correction, where nobody does the test of two independent shares. A
    rise beyond chance need not be a large one: read its interval, and compare with the same months
    of a year before.

    Args:
        before: A label of every customer at the first cutoff; None: not in the base.
        after: The same customers' labels at the second cutoff, in the same order.
        revenue: What each of them spent in between.
        vulnerable: Labels whose share rings the alarm when it rises; none: no alarm.
        min_customers: Rows with fewer are marked as too thin to judge.
        level: Level of the alarm's test.

    Returns:
        One row a pair of labels: ``from_label`` (None: not in the base, as new customers),
        ``to_label``, ``customers``, ``from_customers`` (of the whole row), ``share`` (of the row,
        in which they sum to 1) with the ends of its 95 % interval by Wilson, ``share_low`` and
        ``share_high``, ``revenue`` where it is known, ``thin`` (too few customers to judge).

    Raises:
        ValueError: Different numbers of customers, an unknown label, a level outside 0 to 1.
        TypeError: An argument of another type.

    Examples:
        >>> import winback as wb
        >>> before = ["loyal", "loyal", "loyal", "vulnerable", None]
        >>> after = ["loyal", "loyal", "vulnerable", "vulnerable", "loyal"]
        >>> migration = wb.migration(before, after, vulnerable=["vulnerable"])
        >>> list(zip(migration["from_label"], migration["to_label"], migration["customers"]))[:2]
        [('loyal', 'loyal', 2), ('loyal', 'vulnerable', 1)]
        >>> migration.alarm["rings"]
        False
    """
    table, alarm, notes = _core.label_migration(
        to_labels("before", before),
        to_labels("after", after),
        revenue=None if revenue is None else to_floats("revenue", revenue),
        vulnerable=to_names("vulnerable", vulnerable),
        min_customers=to_count("min_customers", min_customers),
        level=to_float("level", level),
    )
    return Migration(table, alarm, notes)


class ShiftedBetaGeometric:
    """How a retention curve goes on: the shifted beta-geometric model (sBG).

    Fader and Hardie (2007), "How to project customer retention". Each customer leaves at the end
    of each period with a chance of its own, which does not change; over the customers it has a
    beta distribution with the parameters alpha and beta. Those likely to leave do so early, so
    that the retention rate rises with a cohort's age although nobody's does. The share that
    survives t periods is B(alpha, beta + t) / B(alpha, beta), the retention rate of period t
    (beta + t - 1) / (alpha + beta + t - 1), the mean chance to leave alpha / (alpha + beta).

    It is meant for contracts, where it is known who has left. The curve of a cohort of mode
    ``"on_or_after"`` can be projected too, but falls too fast towards its end.

    Attributes:
        alpha_: First parameter, after :meth:`fit`.
        beta_: Second parameter.
        log_likelihood_: Log-likelihood at the optimum, in the unit of the survivors.

    Examples:
        >>> import winback as wb
        >>> years = [100, 63.1, 46.8, 38.2, 32.6, 28.9, 26.2, 24.1]  # percent, from year 0
        >>> model = wb.ShiftedBetaGeometric().fit(years)
        >>> round(model.alpha_, 3), round(model.beta_, 3)
        (0.704, 1.182)
        >>> [round(100 * share, 1) for share in model.survival(12)[8:]]
        [22.0, 20.4, 19.1, 18.0, 17.0]
    """

    alpha_: float
    beta_: float
    log_likelihood_: float

    def fit(self, survivors: Sequence[float | None]) -> ShiftedBetaGeometric:
        """Fits alpha and beta by maximum likelihood, by a damped Newton's method.

        Args:
            survivors: Of a cohort at ages 0, 1, 2, ...: numbers of customers, or shares in any
                unit. None at the end, as in a cohort's row, is left out.

        Returns:
            The model itself.

        Raises:
            ValueError: Fewer than three ages, survivors that rise or are negative, a curve that has
                no optimum (nobody or everybody left, or the retention rate does not rise).

        Examples:
            >>> import winback as wb
            >>> model = wb.ShiftedBetaGeometric().fit([1000, 869, 743, 653, 593, 551, 517, 491])
            >>> round(model.alpha_, 3), round(model.beta_, 3)  # "High End" customers of the paper
            (0.668, 3.806)
        """
        curve = list(survivors)
        while curve and curve[-1] is None:
            curve.pop()
        if any(value is None for value in curve):
            raise ValueError("survivors: None is allowed at the end only")
        self._model = _core.ShiftedBetaGeometric.fit([to_float("survivors", n or 0) for n in curve])
        self.alpha_ = self._model.alpha
        self.beta_ = self._model.beta
        self.log_likelihood_ = self._model.log_likelihood
        return self

    def survival(self, periods: int) -> list[float]:
        """The share of a cohort that survives 0, 1, ..., ``periods`` periods.

        Args:
            periods: How far to look; up to 65,535.

        Returns:
            The shares, the first of them 1.

        Raises:
            NotFittedError: The model was not fitted.

        Examples:
            >>> import winback as wb
            >>> model = wb.ShiftedBetaGeometric().fit([100, 63.1, 46.8, 38.2])
            >>> len(model.survival(12)), model.survival(12)[0]
            (13, 1.0)
        """
        return self._fitted().survival(_periods(periods))

    def retention_rates(self, periods: int) -> list[float]:
        """The retention rate of periods 1, ..., ``periods``.

        Of those who survived up to the period before, the share that survives this one.

        Args:
            periods: How far to look; up to 65,535.

        Returns:
            The rates; they rise.

        Raises:
            NotFittedError: The model was not fitted.

        Examples:
            >>> import winback as wb
            >>> model = wb.ShiftedBetaGeometric().fit([100, 63.1, 46.8, 38.2])
            >>> rates = model.retention_rates(12)
            >>> rates == sorted(rates)
            True
        """
        return self._fitted().retention_rates(_periods(periods))

    def _fitted(self) -> _core.ShiftedBetaGeometric:
        if not hasattr(self, "_model"):
            from winback._fitted_model import NotFittedError

            raise NotFittedError("this ShiftedBetaGeometric is not fitted yet: call fit() first")
        return self._model

    def __repr__(self) -> str:
        if not hasattr(self, "_model"):
            return "ShiftedBetaGeometric()"
        return f"ShiftedBetaGeometric: alpha {self.alpha_:.6g}, beta {self.beta_:.6g}"


def _periods(periods: int) -> int:
    count = to_count("periods", periods)
    if count >= 2**16:
        raise ValueError(f"periods = {count} is not allowed: up to 65,535")
    return count
