"""How long customers are silent."""

from __future__ import annotations

from winback import _core
from winback._options import documented, to_options
from winback._parts import core_snapshots
from winback.answer import Answer
from winback.snapshot import PartitionedSnapshot, Snapshot


@documented("InactivityOptions")
def inactivity(
    now: Snapshot | PartitionedSnapshot,
    *,
    horizon: str = "3mo",
    lapsed_after: str = "3mo",
    lost_after: str = "6mo",
    lapsed_share: float = 0.2,
    lost_share: float = 0.05,
    group_by: str | None = None,
) -> Answer:
    """Who comes back after which silence, and which limits of inactivity that suggests.

    A silence begins on each day with a purchase and ends on the customer's next one; the last
    one still lasts. Months are counted as 30.44 days. The limits that are given are judged beside
    those that are suggested. Of more than 20 groups those with most customers are told apart.

    Args:
        now: The log at a cutoff, in memory or in parts; only what was known then is looked at.

    Returns:
        Three tables, in which ``grouping`` and ``group`` say whose silences a row is about:
        ``all``; ``purchases`` (made when the silence began: ``1``, ``2-3``, ``4-9``, ``10+``); what
        ``group_by`` names.

        ``returns``: who comes back after which silence, a row for each ``silence_days``:
        ``silences`` (that lasted so long or longer, with the whole horizon after it seen),
        ``returned`` (with a purchase inside the horizon), ``return_share`` with Wilson's 95 %
        interval (``return_share_low``, ``return_share_high``), ``return_share_at_all`` with its
        interval (by Kaplan-Meier, up to the longest silence that at least 100 reached),
        ``late_return_share`` (of all silences that end by then, those of this length or more).

        ``limits``: the limits and what they cost in wrong alarms, four rows a group: ``customers``,
        ``limit`` (``lapsed_after`` or ``lost_after``), ``source`` (``suggested`` or ``given``),
        ``days`` (None where none is suggested), the columns of ``returns`` for the silences that
        reached it, ``days_later`` (than by the given limit a leaving customer is noticed),
        ``too_thin`` (fewer than 100 silences: too few to rely on).

        ``gaps``: the distribution of gaps, two rows a group: by ``method`` ``completed``, from the
        gaps that ended, which makes them look short, and ``kaplan_meier``, with the silences that
        still last as censored: ``customers``, ``silences``, ``gaps``, the quantiles in days ``p10``
        to ``p99`` (None where never so many were seen to end), the shares of shorter gaps
        ``under_1mo``, ``under_3mo``, ``under_6mo``, ``under_12mo``.

        Figures: ``suggested_lapsed_after``, as ``"93d"``, or None: the shortest silence after which
        less than ``lapsed_share`` return within the horizon, if at no longer one clearly as many
        do, and beyond the days of a calendar rhythm; ``suggested_lost_after`` likewise;
        ``suggested_horizon``: the shortest whole months, up to 24, in which two thirds of the
        returns come, or None; ``rhythms``, mostly none: ``monthly``, ``quarterly``,
        ``half-yearly``, ``yearly``, where returns a day are at least twice as frequent as on as
        many days before and after; ``customers``, ``silences``, ``gaps_ended``.

    Raises:
        ValueError: A horizon or limits without length; shares that do not lie between 0 and 1, or
            of which the lost one is not the lower; an attribute that is not there or holds more
            than 20 different numbers; no purchase before the cutoff.
        TypeError: An argument of another type.

    Examples:
        >>> import winback as wb
        >>> now = wb.simulate(customers=1000).event_log().at("2025-01-01")
        >>> found = wb.inactivity(now, group_by="segment")
        >>> found.figures["suggested_lapsed_after"].endswith("d"), found.figures["rhythms"]
        (True, [])
        >>> sorted(set(found.tables["limits"]["source"]))
        ['given', 'suggested']
        >>> wb.inactivity(now, lapsed_share=2)
        Traceback (most recent call last):
        ValueError: lapsed_share: expected more than 0 and less than 1, got 2
    """
    options = to_options(
        horizon=horizon,
        lapsed_after=lapsed_after,
        lost_after=lost_after,
        lapsed_share=lapsed_share,
        lost_share=lost_share,
        group_by=group_by,
    )
    return Answer(_core.inactivity(core_snapshots(now), options), now)
