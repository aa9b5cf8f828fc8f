"""Few groups of customers who are alike."""

from __future__ import annotations

from collections.abc import Sequence

from winback import _core
from winback._arguments import to_names
from winback._options import documented, to_options
from winback.answer import Answer
from winback.snapshot import Snapshot, core_snapshot


@documented("ClusterOptions")
def clusters(
    now: Snapshot,
    *,
    k: int | None = None,
    features: Sequence[str] = (),
    earlier: str = "3mo",
    seed: int = 0,
) -> Answer:
    """Few groups of customers who are alike in when, how often, for how much and what they buy.

    k-means on scaled columns: the logarithm of the number of purchases, square roots of shares,
    sign(x) ln(1 + abs(x)) of all else, standardised; missing values stand at the mean. The shares
    of all categories weigh together as one column, and those of all channels. The best of 12 seeded
    starts is taken; where there are more than 50,000 customers, centres are found among so many,
    drawn by their ids.

    Groups cut what is a continuum. How well they last is the adjusted Rand index of the groups of
    today's customers by the centres of today and by those found ``earlier``, by what was known
    then. The largest number of groups is taken of which it is at most 0.03 below the best, and none
    of which is smaller than 2 %; a note tells of an index below 0.9.

    Args:
        now: The log at a cutoff.

    Returns:
        ``customers``: ``customer_id``, ``cluster`` (1: most revenue), ``group`` (its name, what
        sets it apart most). ``clusters``: ``cluster``, ``group``, ``customers``, ``share``,
        ``revenue_share`` (of net spend before the cutoff), ``description`` (the name with figures),
        then the median of every column in the group, of shares the mean. ``trials``: the numbers of
        groups that were looked at: ``k``, ``stability`` (adjusted Rand index with those found
        earlier), ``smallest_share``, ``inertia`` (sum of squared distances), ``chosen``.

        Figures: ``at``, ``customers``, ``k``, ``columns``. :func:`profile` compares a group with
        all others in every feature.

    Raises:
        ValueError: A number of groups that is not 2 to 20, fewer than ten customers a group, a
            feature that is unknown or that the log cannot give.
        TypeError: An argument of another type.

    Examples:
        >>> import winback as wb
        >>> now = wb.simulate(customers=1_000).event_log().at("2025-01-01")
        >>> found = wb.segments.clusters(now, k=3)
        >>> len(found), sum(found.tables["clusters"]["customers"])
        (1000, 1000)
        >>> group = found.tables["clusters"]["group"][0]
        >>> wb.segments.profile(now, found, group).figures["customers"] > 0
        True
        >>> wb.segments.clusters(now, k=1)
        Traceback (most recent call last):
        ValueError: k: expected 2 to 20, got 1
    """
    options = to_options(k=k, features=to_names("features", features), earlier=earlier, seed=seed)
    return Answer(_core.clusters(core_snapshot(now), options), now)
