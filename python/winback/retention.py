"""Whether the customer base is getting better: retention, cohorts, flow and migration.

>>> import winback as wb
>>> log = wb.simulate(customers=300).event_log()
>>> wb.retention.rates(log, "1q").column_names[2:5]
['active_before', 'active', 'new']
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from winback import _core
from winback._arguments import to_floats, to_labels
from winback._options import documented, to_options
from winback._parts import core_logs, core_snapshots
from winback._time import Instant
from winback.answer import Answer
from winback.event_log import EventLog
from winback.partitioned_log import PartitionedLog
from winback.snapshot import PartitionedSnapshot, Snapshot

__all__ = ["cohorts", "curve", "flow", "label_migration", "migration", "rates"]


@documented("RetentionOptions")
def rates(
    log: EventLog | PartitionedLog,
    every: str = "1mo",
    *,
    start: Instant | None = None,
    end: Instant | None = None,
    group_by: str | None = None,
) -> Answer:
    """Retention rates of customers and revenue, period by period.

    A customer is active in a period when it makes a purchase in it. With S, the customers active in
    the period before, E, those active in this one, and N, of these those whose first purchase ever
    it is, the usual rate is CRR = (E - N) / S x 100. E - N counts customers who came back as kept,
    so that CRR may pass 100; beside it stands the share of S that is really there again.

    Gross revenue retention (GRR) sums over the customers of S the smaller one of their spend then
    and now, net (NRR) their spend now, both over their spend then; spend is net of returns, and
    counts as 0 for a customer with more returned than bought in a period.

    Of several rows of a first purchase the one of the largest amount gives the category or channel
    by which the customer is grouped.

    Args:
        log: The event log, in memory or in parts.

    Returns:
        One table, ``rates``, a row a period, and group: ``group`` (with groups only; None: not
        known), ``period``, ``period_end``, ``active_before`` (S), ``active`` (E), ``new`` (N),
        ``retained``, ``reactivated`` (E - N - retained), ``crr_percent``, ``retained_percent`` with
        the ends of its 95 % interval by Wilson (1927), ``retained_percent_low``,
        ``retained_percent_high``; where the log has amounts ``revenue_before``, ``revenue_kept``,
        ``revenue_now``, ``grr_percent``, ``nrr_percent``. None where S is 0 or nothing was spent,
        and in a period that is not over.

    Raises:
        ValueError: A span or time that is none, more than 2,000 periods, an end after
            ``observed_until``, an unknown attribute, a column that the log has not.
        TypeError: An argument of another type.

    Examples:
        >>> import winback as wb
        >>> log = wb.simulate(customers=200).event_log()
        >>> quarters = wb.retention.rates(log, "1q").to_polars()
        >>> (quarters["crr_percent"] >= quarters["retained_percent"]).all()
        True
        >>> wb.retention.rates(log, "1q", group_by="channel").column_names[:2]
        ['group', 'period']
    """
    options = to_options(every=every, start=start, end=end, group_by=group_by)
    return Answer(_core.retention_rates(core_logs(log), options), log)


@documented("CurveOptions")
def curve(
    log: EventLog | PartitionedLog,
    silent_for: str = "6mo",
    *,
    start: Instant | None = None,
    end: Instant | None = None,
    group_by: str | None = None,
    days: Sequence[int] = tuple(range(0, 361, 30)),
) -> Answer:
    """The share of customers not yet silent for long, by the days since the first purchase.

    The Kaplan-Meier estimate (1958): a customer's time runs from the first purchase to the moment
    at which its first silence of ``silent_for`` is complete; whoever was not silent for so long
    when the log ends is censored then. With d customers gone of n still followed on a day, the
    share is the product of (1 - d / n) over the days so far; its standard error is Greenwood's
    (1926), its interval lies on the scale of ln(-ln S). Whoever returns after such a silence stays
    gone here; :func:`flow` counts returns.

    Args:
        log: The event log, in memory or in parts.

    Returns:
        ``curve``: a row for each day on which the curve changes or a customer is censored, and
        group: ``group`` (with groups only), ``days``, ``at_risk``, ``silent``, ``censored``,
        ``survival``, ``standard_error``, ``survival_low``, ``survival_high``; the last three are
        None once nobody is left. ``at_days``: the curve at chosen days: ``group`` (with groups
        only), ``days``, ``at_risk``, ``survival``, ``survival_low``, ``survival_high``; None where
        nobody was followed so long. The notes say how many were seen to fall silent, and the
        median.

    Raises:
        ValueError: A silence without length, an end not after the start, nobody who first bought
            between them, an unknown attribute, a column that the log has not.
        TypeError: An argument of another type.

    Examples:
        >>> import winback as wb
        >>> log = wb.simulate(customers=300).event_log()
        >>> curve = wb.retention.curve(log, "90d", days=[89, 180, 360])
        >>> first, second, _ = curve.tables["at_days"]["survival"]
        >>> first, second < 1
        (1.0, True)
        >>> wb.retention.curve(log, "0d")
        Traceback (most recent call last):
        ValueError: silent_for: expected more than 0d, got 0d
    """
    options = to_options(silent_for=silent_for, start=start, end=end, group_by=group_by, days=days)
    return Answer(_core.retention_curve(core_logs(log), options), log)


@documented("CohortOptions")
def cohorts(
    log: EventLog | PartitionedLog,
    every: str = "1mo",
    *,
    start: Instant | None = None,
    end: Instant | None = None,
    mode: Literal["on", "on_or_after", "bracket"] = "on",
    brackets: Sequence[int] = (),
) -> Answer:
    """Customers by the period of their first purchase, followed through the periods after it.

    Age 0 is the period of the first purchase itself, so all of the cohort. Customers whose first
    purchase lies before the first period are in no cohort.

    Args:
        log: The event log, in memory or in parts.

    Returns:
        ``cohorts``: a row a cohort and age: ``cohort`` (start of its period), ``age`` and
        ``age_end`` (first and last period of the column), ``cohort_size``, ``customers``, ``share``
        with the ends of its 95 % interval by Wilson, ``share_low`` and ``share_high``,
        ``purchases``, ``revenue`` (net spend), ``average_check``. ``customers``, ``share``,
        ``revenue``, ``average_check``: that value, a row a cohort: ``cohort``, ``cohort_size``, a
        column for each age, ``0``, ``1``, ... or, of brackets, ``1-3``. None where the time is not
        over, never 0.

    Raises:
        ValueError: As :func:`rates`; brackets without their mode, or not ascending; more than 1,000
            periods.
        TypeError: An argument of another type.

    Examples:
        >>> import winback as wb
        >>> log = wb.simulate(customers=200).event_log()
        >>> wb.retention.cohorts(log, "1q").tables["share"]["0"][:2]
        [1.0, 1.0]
        >>> found = wb.retention.cohorts(log, mode="bracket", brackets=[0, 1, 4, 13])
        >>> found.tables["customers"].column_names
        ['cohort', 'cohort_size', '0', '1-3', '4-12']
    """
    options = to_options(every=every, start=start, end=end, mode=mode, brackets=brackets)
    return Answer(_core.cohorts(core_logs(log), options), log)


@documented("FlowOptions")
def flow(
    log: EventLog | PartitionedLog,
    every: str = "1mo",
    *,
    start: Instant | None = None,
    end: Instant | None = None,
    lapsed_after: str = "3mo",
    lost_after: str = "6mo",
) -> Answer:
    """Who comes, stays, falls silent and returns, period by period.

    At each period's end every customer with a purchase is active, lapsed or lost, by the time since
    the last one. What is in a state at the end is what was in it at the start, and what came in,
    less what went out. Customers from before the first period are there from its start on.

    Args:
        log: The event log, in memory or in parts.

    Returns:
        ``periods``: a row a period: ``period``, ``period_end``; how many customers are ``new``,
        ``kept`` (active and still active), ``lapsed`` (of the active), ``lost`` (of the active or
        lapsed), ``reactivated_from_lapsed``, ``reactivated_from_lost``, ``still_lapsed``,
        ``still_lost``; ``active_customers``, ``lapsed_customers``, ``lost_customers`` at its end;
        where the log has amounts ``revenue`` in the period, that of the new, kept and reactivated
        ones (``new_revenue``, ...), and what those who lapsed or were lost spent in the period
        before (``lapsed_revenue_before``, ``lost_revenue_before``). ``ways``: a row for each period
        and pair of states: ``period``, ``period_end``, ``way`` (the name of its column in
        ``periods``), ``from_state`` (None: before the first purchase), ``to_state``, ``customers``,
        ``revenue``, ``revenue_before``. None in a period that is not over.

    Raises:
        ValueError: As :func:`rates`; ``lost_after`` not above ``lapsed_after``.
        TypeError: An argument of another type.

    Examples:
        >>> import winback as wb
        >>> log = wb.simulate(customers=200).event_log()
        >>> flow = wb.retention.flow(log, "1q").to_polars()
        >>> came = flow["new"] + flow["reactivated_from_lapsed"] + flow["reactivated_from_lost"]
        >>> (came + flow["kept"] == flow["active_customers"]).all()
        True
    """
    options = to_options(
        every=every, start=start, end=end, lapsed_after=lapsed_after, lost_after=lost_after
    )
    return Answer(_core.flow(core_logs(log), options), log)


@documented("LifecycleLimits", "MigrationOptions")
def migration(
    before: Snapshot | PartitionedSnapshot,
    after: Snapshot | PartitionedSnapshot,
    *,
    lapsed_after: str = "3mo",
    lost_after: str = "6mo",
    min_customers: int = 30,
    level: float = 0.01,
) -> Answer:
    """Where the customers of each lifecycle state at one cutoff stand at another.

    The vulnerable, whose rising share rings the alarm, are the lapsed and lost.

    Args:
        before: The log at the first cutoff; states are as known then.
        after: The same log at a later cutoff, likewise.

    Returns:
        As :func:`label_migration`, with net spend from the first cutoff to the second.

    Raises:
        ValueError: A second cutoff that is not later or of another log, a level outside 0 to 1,
            ``lost_after`` not above ``lapsed_after``.
        TypeError: An argument of another type.

    Examples:
        >>> import winback as wb
        >>> log = wb.simulate(customers=300).event_log()
        >>> moved = wb.retention.migration(log.at("2024-01-01"), log.at("2024-07-01"))
        >>> moved["from_label"][:3], moved["to_label"][:3]
        (['active', 'active', 'active'], ['active', 'lapsed', 'lost'])
        >>> 0 < moved.figures["alarm"]["share_before"] < 1
        True
    """
    options = to_options(
        lapsed_after=lapsed_after,
        lost_after=lost_after,
        min_customers=min_customers,
        level=level,
    )
    first, second = core_snapshots(before, "before"), core_snapshots(after, "after")
    return Answer(_core.lifecycle_migration(first, second, options), before, after)


@documented("MigrationOptions")
def label_migration(
    before: Sequence[str | None],
    after: Sequence[str | None],
    *,
    revenue: Sequence[float] | None = None,
    vulnerable: Sequence[str] = (),
    min_customers: int = 30,
    level: float = 0.01,
) -> Answer:
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

    Returns:
        One table, ``transitions``, a row a pair of labels: ``from_label`` (None: not in the base,
        as new customers), ``to_label``, ``customers``, ``from_customers`` (of the whole row),
        ``share`` (of the row, in which they sum to 1) with the ends of its 95 % interval by Wilson,
        ``share_low`` and ``share_high``, ``revenue`` where it is known, ``thin`` (too few customers
        to judge).

        One figure, ``alarm``: the share of the vulnerable and the test of its rise, as a dict:
        ``rings``, ``customers_before``, ``customers_after``, ``vulnerable_before``,
        ``vulnerable_after``, ``became`` and ``recovered`` (of those in both bases),
        ``share_before``, ``share_after`` and ``rise``, each with ``_low`` and ``_high``, the ends
        of its 95 % interval, ``z``, ``p_value``, ``level``. None where nothing is vulnerable or a
        base is empty. The notes name rows too thin to judge, and say the alarm in words.

    Raises:
        ValueError: Different numbers of customers, an unknown label, a level outside 0 to 1.
        TypeError: An argument of another type.

    Examples:
        >>> import winback as wb
        >>> before = ["loyal", "loyal", "loyal", "vulnerable", None]
        >>> after = ["loyal", "loyal", "vulnerable", "vulnerable", "loyal"]
        >>> moved = wb.retention.label_migration(before, after, vulnerable=["vulnerable"])
        >>> list(zip(moved["from_label"], moved["to_label"], moved["customers"]))[:2]
        [('loyal', 'loyal', 2), ('loyal', 'vulnerable', 1)]
        >>> moved.figures["alarm"]["rings"]
        False
    """
    options = to_options(vulnerable=vulnerable, min_customers=min_customers, level=level)
    first, second = to_labels("before", before), to_labels("after", after)
    spent = None if revenue is None else to_floats("revenue", revenue)
    return Answer(_core.label_migration(first, second, spent, options))
