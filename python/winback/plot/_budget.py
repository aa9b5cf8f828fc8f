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
    """What the best lists bring, by what is spent.

    It rises ever more slowly: the first money goes to those with whom it brings most. Of a list
    within a budget what is expected, less its cost; marked are the list that was found and where
    more money would bring nothing. Of a test what it says that lists bring for each customer, with
    95 % intervals, beside the same offers at random.

    Args:
        found: What :func:`winback.campaign.target` or
            :meth:`winback.campaign.Uplift.recommend` gives.
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
    how = "winback.campaign.target() or Uplift.recommend()"
    found = expect_answer("found", found, "curve", {"spend"}, how)
    is_judged = "over_random" in found.tables["curve"].column_names
    return _judged(found, ax) if is_judged else _expected(found, ax)


def _expected(found: Answer, ax: Axes | None) -> Axes:
    """Of a list within a budget."""
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


def _judged(found: Answer, ax: Axes | None) -> Axes:
    """Of the customers of a test."""
    curve = found.tables["curve"]
    spend = curve["spend"]
    ax = new_axes(ax, 6.4, 4.5)
    ax.axhline(0, color=muted(ax), linewidth=1, linestyle=":")
    for name, label, i in (("gain", "the best list", 0), ("at_random", "as many at random", 1)):
        ends = curve[f"{name}_low"], curve[f"{name}_high"]
        ax.fill_between(spend, *ends, color=COLORS[i], alpha=0.15, linewidth=0)
        look = {"color": COLORS[i], "linestyle": LINES[i], "linewidth": 2, "label": label}
        ax.plot(spend, curve[name], gid="budget", **look)
    tidy(ax, "What a budget brings", "spend per customer", "gain per customer\n(before costs)")
    thousands(ax.xaxis)
    thousands(ax.yaxis)
    ax.set_xlim(left=0)
    legend(ax, "below")
    return ax
