"""The Net Promoter Score over time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from winback.plot._style import expect
from winback.surveys import NpsReport

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def nps(
    report: NpsReport,
    *,
    grouping: str = "all",
    groups: Sequence[str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """The Net Promoter Score by period, with 95 % intervals.

    The point of a period that is not over is hollow.

    Args:
        report: What :meth:`winback.EventLog.nps` gives.
        grouping: Of which grouping: ``"all"``, ``"topic"``, ``"category"``, ``"channel"`` or the
            attribute of ``group_by``.
        groups: Which of its groups; by default up to six with the most answers.
        ax: Axes to draw on; by default a new figure.

    Returns:
        The axes.

    Raises:
        TypeError: ``report`` is something else, or an argument of another type.
        ValueError: A grouping or group that the report does not have; more than six groups.
        ImportError: matplotlib is not installed.

    Examples:
        >>> import winback as wb
        >>> log = wb.simulate(customers=500).event_log()
        >>> ax = wb.plot.nps(log.nps(until="2025-01-01"), grouping="channel")
        >>> ax.get_ylabel()
        'Net Promoter Score (points)'
    """
    expect("report", report, NpsReport, "nps()")
    raise NotImplementedError
