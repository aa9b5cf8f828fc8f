"""Cohorts as a heat map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from winback.plot._style import expect
from winback.retention import Cohorts

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def cohorts(
    cohorts: Cohorts,
    *,
    value: Literal["customers", "share", "revenue", "average_check"] = "share",
    ax: Axes | None = None,
) -> Axes:
    """Cohorts as a heat map: a row a cohort, a column an age; empty where the time is not over.

    Cells show their number where there is room for it. Shares are coloured without age 0, which is
    100 % of every cohort.

    Args:
        cohorts: What :meth:`winback.EventLog.cohorts` gives.
        value: ``"customers"``, ``"share"``, ``"revenue"`` or ``"average_check"``.
        ax: Axes to draw on; by default a new figure.

    Returns:
        The axes.

    Raises:
        TypeError: ``cohorts`` is something else.
        ValueError: Another value; no cohorts.
        ImportError: matplotlib is not installed.

    Examples:
        >>> import winback as wb
        >>> log = wb.simulate(customers=500).event_log()
        >>> ax = wb.plot.cohorts(log.cohorts("1q"))
        >>> ax.get_ylabel()
        'cohort (period of the first purchase) and its customers'
    """
    expect("cohorts", cohorts, Cohorts, "cohorts()")
    raise NotImplementedError
