"""How long customers are silent and who comes back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from winback._arguments import to_names, to_str
from winback.plot._style import (
    COLORS,
    LINES,
    MARKERS,
    expect,
    legend,
    muted,
    new_axes,
    paper,
    percent,
    shorten,
    thousands,
    tidy,
)
from winback.reports import InactivityReport
from winback.table import Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_QUANTILES = [10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 99]
_MOST = len(COLORS)


def return_curve(
    report: InactivityReport,
    *,
    grouping: str = "all",
    groups: Sequence[str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """What share of the silent comes back, by the length of the silence.

    Of the silences that lasted so long or longer, the share that ends within the horizon, with
    Wilson's 95 % interval, and, where all customers are one group, the share that ends at all (by
    Kaplan-Meier). The suggested limits of inactivity are marked.

    Args:
        report: What :meth:`winback.EventLog.inactivity` gives.
        grouping: Of which grouping: ``"all"``, ``"purchases"`` or the attribute of ``group_by``.
        groups: Which of its groups; by default up to six with the most silences.
        ax: Axes to draw on; by default a new figure.

    Returns:
        The axes.

    Raises:
        TypeError: ``report`` is something else, or an argument of another type.
        ValueError: A grouping or group that the report does not have; more than six groups.
        ImportError: matplotlib is not installed.

    Examples:
        >>> import winback as wb
        >>> log = wb.simulate(customers=1000).event_log()
        >>> report = log.inactivity(until="2025-01-01")
        >>> ax = wb.plot.return_curve(report)
        >>> ax.get_xlabel()
        'length of the silence (days)'
        >>> ax = wb.plot.return_curve(report, grouping="purchases")
        >>> [text.get_text() for text in ax.get_legend().get_texts()]
        ['1', '2-3', '4-9', '10+']
    """
    raise NotImplementedError


def gap_distribution(
    report: InactivityReport,
    *,
    grouping: str = "all",
    groups: Sequence[str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """How long the gaps between purchases are: the share of gaps up to each length.

    By Kaplan-Meier, with the silences that still last as censored; where all customers are one
    group, the gaps that ended stand beside it, which look shorter than they are.

    Args:
        report: As for :func:`return_curve`, and so are the others.
        grouping: Of which grouping.
        groups: Which of its groups.
        ax: Axes to draw on.

    Returns:
        The axes.

    Raises:
        TypeError: As :func:`return_curve`.
        ValueError: As :func:`return_curve`.
        ImportError: As :func:`return_curve`.

    Examples:
        >>> import winback as wb
        >>> log = wb.simulate(customers=1000).event_log()
        >>> ax = wb.plot.gap_distribution(log.inactivity(until="2025-01-01"))
        >>> ax.get_ylabel()
        'share of gaps that are not longer'
    """
    raise NotImplementedError
