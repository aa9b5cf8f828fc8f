"""How much of the revenue few customers bring, and what the customers of a group have in common."""

from __future__ import annotations

from collections.abc import Sequence

from winback import _core
from winback._arguments import of_type, refusal, to_names, to_str
from winback._options import documented, to_options
from winback._parts import core_snapshots
from winback.answer import Answer
from winback.snapshot import PartitionedSnapshot, Snapshot, core_snapshot
from winback.table import Table

_COLUMNS = ("segment", "group", "state")
"""Columns that say to which group a customer belongs, as results have them."""


@documented("ConcentrationOptions")
def concentration(
    now: Snapshot | PartitionedSnapshot,
    *,
    top_shares: Sequence[float] = (0.01, 0.1, 0.2),
    revenue: str = "total_spend",
) -> Answer:
    """How much of the revenue few customers bring.

    The Gini coefficient is 2 sum(i x_i) / (n sum(x)) - (n + 1) / n of the rising revenues x: 0
    where all bring the same, towards 1 where one brings all. A revenue below zero (more returned
    than bought) counts as zero.

    Args:
        now: The log at a cutoff, in memory or in parts; revenue before it counts.

    Returns:
        ``vip``: the customers of the smallest top group and all who bring as much as the last of
        them: ``customer_id``, ``rank``, ``revenue``, ``revenue_share``. ``top``: a row a top group:
        ``top_share``, ``customers``, ``revenue``, ``revenue_share``, ``threshold`` (the least
        revenue of one of them), ``customers_at_threshold`` (who bring at least that much).
        ``lorenz``: the Lorenz curve: ``customer_share`` (of those who bring least, 0, 0.01 ... 1),
        ``revenue_share``.

        Figures: ``gini``, ``customers`` (with a purchase before the cutoff), ``revenue`` (theirs),
        ``negative_customers`` (of a revenue below zero), ``negative_revenue`` (what it sums to).

    Raises:
        ValueError: A share that is not above 0 and up to 1; another revenue, or a log without
            amounts; no revenue above zero.
        TypeError: An argument of another type.

    Examples:
        >>> import winback as wb
        >>> now = wb.simulate(customers=500).event_log().at("2025-01-01")
        >>> found = wb.segments.concentration(now, top_shares=[0.2])
        >>> found.tables["top"]["customers"], 0.2 < found.tables["top"]["revenue_share"][0] < 1
        ([100], True)
        >>> 0 < found.figures["gini"] < 1
        True
        >>> wb.segments.concentration(now, top_shares=[2])
        Traceback (most recent call last):
        ValueError: top_shares: expected above 0 and up to 1, got 2
    """
    options = to_options(top_shares=top_shares, revenue=revenue)
    return Answer(_core.concentration(core_snapshots(now), options), now)


def profile(now: Snapshot, groups: Table, group: str, *, attributes: Sequence[str] = ()) -> Answer:
    """What the customers of a group have in common against all others.

    Args:
        now: The snapshot that the groups are of.
        groups: What :func:`rfm`, :func:`loyalty`, :func:`clusters`, :meth:`RfmSegments.score` or
            :meth:`winback.ChurnModel.score` gave for it: a row a customer, with the column
            ``segment``, ``group`` or ``state``.
        group: The group.
        attributes: Attributes of the customers table to compare too.

    Returns:
        One table, ``profile``, a row a feature, number or value of a text attribute, the largest
        differences first: ``column``, ``level`` (None for numbers), ``unit``, ``group_customers``
        and ``rest_customers`` (for whom it is defined), ``group_mean``, ``rest_mean`` (of a value:
        the shares), ``difference``, ``standardised_difference`` (in pooled standard deviations:
        Hedges' g) with its 95 % interval ``low``, ``high`` (Hedges and Olkin 1985); None where
        there is no spread. Each interval is for itself: of twenty columns that do not differ, one
        looks as if it did.

        Figures: ``customers`` of the group, ``rest``, ``words``: the differences of at least 0.2
        standard deviations whose interval leaves out zero, in words.

    Raises:
        ValueError: An unknown group or attribute; a group of everybody; groups of other customers.
        TypeError: An argument of another type.

    Examples:
        >>> import winback as wb
        >>> now = wb.simulate(customers=500).event_log().at("2025-01-01")
        >>> scores = wb.segments.rfm(now)
        >>> found = wb.segments.profile(now, scores, "champions", attributes=["segment"])
        >>> found["column"][0] in wb.catalogue()["name"]
        True
        >>> len(found.figures["words"]) <= len(found)
        True
    """
    names = getattr(groups, "column_names", ())
    column = next((name for name in _COLUMNS if name in names), None)
    if not isinstance(groups, Table) or column is None:
        expected = "a table of customers with the column segment, group or state"
        raise refusal(TypeError, "groups", expected, of_type(groups))
    taken = to_names("attributes", attributes)
    return Answer(
        _core.profile(core_snapshot(now), groups._table, column, to_str("group", group), taken),
        now,
        groups,
    )
