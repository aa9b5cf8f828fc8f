"""The profit curve of a score."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from winback._arguments import of_type, refusal
from winback.answer import Answer
from winback.plot._style import (
    COLORS,
    LINES,
    MARKERS,
    legend,
    muted,
    new_axes,
    percent,
    thousands,
    tidy,
)
from winback.table import Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def profit_curve(report: Table, *, ax: Axes | None = None) -> Axes:
    """What contacting the top of the ranking earns, by the share that is contacted.

    Marked are the best share, contacting everybody, and of a report the best share of a ranking by
    recency, the days since the last purchase. Profit is in the currency of ``clv``.

    Args:
        report: What :meth:`winback.ChurnModel.profit` gives, or a table of
            :func:`winback.metrics.profit_curve`.
        ax: Axes to draw on; by default a new figure.

    Returns:
        The axes.

    Raises:
        TypeError: ``report`` is something else.
        ValueError: A table without the columns of a profit curve.
        ImportError: matplotlib is not installed.

    Examples:
        >>> import winback as wb
        >>> curve = wb.metrics.profit_curve(
        ...     [1, 0, 1], [3, 2, 2], clv=80, incentive_cost=16, contact_cost=1, accept_rate=0.5
        ... )
        >>> ax = wb.plot.profit_curve(curve)
        >>> [float(y) for y in ax.lines[1].get_ydata()]
        [0.0, 31.0, 45.0]
    """
    points: list[tuple[str, dict[str, Any]]]
    if not isinstance(report, Table):
        expected = "what profit() or winback.metrics.profit_curve() gives"
        raise refusal(TypeError, "report", expected, of_type(report))
    missing = [name for name in ("share", "total_profit") if name not in report.column_names]
    if missing:
        raise ValueError(f"the table is no profit curve: it has no column {missing[0]}")
    share, profit = report["share"], report["total_profit"]
    if isinstance(report, Answer):
        points = [
            ("best share", report.figures["model"]),
            ("best by recency", report.figures["recency"]),
            ("everybody", report.figures["everybody"]),
        ]
    else:
        best = max(range(len(profit)), key=profit.__getitem__)
        points = [
            ("best share", {"share": share[best], "total_profit": profit[best]}),
            ("everybody", {"share": share[-1], "total_profit": profit[-1]}),
        ]
    ax = new_axes(ax, 6.4, 4.5)
    ax.axhline(0, color=muted(ax), linewidth=1, linestyle=":")
    ax.plot(share, profit, color=COLORS[0], linestyle=LINES[0], linewidth=2)
    for i, (name, point) in enumerate(points):
        text = f"{name}: {point['total_profit']:,.0f}"
        if name != "everybody":
            text += f" at {point['share']:.0%}".replace("%", " %")
        ax.plot(
            [point["share"]],
            [point["total_profit"]],
            color=COLORS[i],
            marker=MARKERS[i],
            markersize=8,
            linestyle="none",
            clip_on=False,
            zorder=3,
            label=text,
        )
    tidy(
        ax,
        "Profit curve",
        "share of customers contacted",
        "profit (in the currency of\nthe customer lifetime value)",
    )
    percent(ax.xaxis)
    thousands(ax.yaxis)
    ax.set_xlim(0, 1)
    legend(ax, "below")
    return ax
