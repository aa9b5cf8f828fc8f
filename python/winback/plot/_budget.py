"""What lists within other budgets would bring."""

from __future__ import annotations

from typing import TYPE_CHECKING

from winback.answer import Answer
from winback.plot._answers import expect_answer
from winback.plot._style import (
    COLORS,
    LINES,
    MARKERS,
    legend,
    muted,
    new_axes,
    thousands,
    tidy,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def budget_curve(found: Answer, *, ax: Axes | None = None) -> Axes:
    """What the best lists are expected to bring, less their cost, by what is spent.

    It rises ever more slowly: the first money goes to those with whom it brings most. Marked are
    the list that was found and where more money would bring nothing.

    Args:
        found: What :func:`winback.campaign.target` gives.
        ax: Axes to draw on; by default a new figure.

    Returns:
        The axes.

    Raises:
        TypeError: ``found`` is something else.
        ImportError: matplotlib is not installed.

    Examples:
        >>> import winback as wb
        >>> found = wb.campaign.target(["Ann", "Bob", "Cy"], [9, 5, 4], 2, budget=4)
        >>> ax = wb.plot.budget_curve(found)
        >>> [text.get_text() for text in ax.get_legend().get_texts()]
        ['this list: 10 for 4', 'all that pays: 12 for 6']
    """
    columns = {"spend", "profit"}
    found = expect_answer("found", found, "curve", columns, "winback.campaign.target()")
    curve = found.tables["curve"]
    spend, profit = curve["spend"], curve["profit"]
    ax = new_axes(ax, 6.4, 4.5)
    ax.axhline(0, color=muted(ax), linewidth=1, linestyle=":")
    ax.plot(spend, profit, color=COLORS[0], linestyle=LINES[0], linewidth=2, gid="budget")
    points = [
        ("this list", found.figures["spend"], found.figures["profit"]),
        ("all that pays", spend[-1], profit[-1]),
    ]
    for i, (name, x, y) in enumerate(points):
        ax.plot(
            [x],
            [y],
            color=COLORS[i],
            marker=MARKERS[i],
            markersize=8,
            linestyle="none",
            clip_on=False,
            zorder=3,
            label=f"{name}: {y:,.0f} for {x:,.0f}",
        )
    tidy(ax, "What a budget brings", "spend", "expected profit\n(gain less spend)")
    thousands(ax.xaxis)
    thousands(ax.yaxis)
    ax.set_xlim(left=0)
    legend(ax, "below")
    return ax
