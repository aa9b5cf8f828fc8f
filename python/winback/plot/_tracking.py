"""Purchases by period of a test, and how many were expected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from winback.answer import Answer
from winback.plot._answers import expect_answer
from winback.plot._style import (
    COLORS,
    LINES,
    fit_title,
    ink,
    legend,
    name_ticks,
    new_axes,
    thousands,
    tidy,
)

if TYPE_CHECKING:
    from datetime import datetime

    from matplotlib.axes import Axes


def tracking(backtest: Answer, *, ax: Axes | None = None) -> Axes:
    """Purchases by period of a test, and how many models of purchases expected.

    A last period that is shorter than the others, since the test ends in it, is left out.

    Args:
        backtest: What :func:`winback.timing.backtest` gives.
        ax: Axes to draw on; by default a new figure.

    Returns:
        The axes.

    Raises:
        TypeError: ``backtest`` is something else.
        ImportError: matplotlib is not installed.

    Examples:
        >>> import winback as wb
        >>> now = wb.simulate(customers=2_000).event_log().at("2024-07-01")
        >>> ax = wb.plot.tracking(wb.timing.backtest(now, horizon="6mo"))
        >>> [text.get_text() for text in ax.get_legend().get_texts()]
        ['bought', 'modified_beta_geo', 'beta_geo', 'pareto_nbd']
    """
    found = expect_answer(
        "backtest", backtest, "tracking", {"period", "end", "whole"}, "timing.backtest()"
    )
    table = found.tables["tracking"]
    columns = ("model", "end", "purchases", "expected_purchases")
    bought: dict[datetime, float] = {}
    models: dict[str, list[float]] = {}
    for model, end, purchases, expected in zip(*(table[name] for name in columns), strict=True):
        bought[end] = purchases
        models.setdefault(model, []).append(expected)
    ends = list(bought)
    # A last period that the test cuts short would look like a fall.
    if len(ends) > 1 and not table["whole"][-1]:
        del ends[-1]
    count = len(ends)
    ax = new_axes(ax, 6.8, 3.8)
    title = found._worded("Purchases, and what was expected")
    tidy(ax, title, "end of the period", found._worded("days with a purchase"))
    ax.plot(range(count), [bought[end] for end in ends], color=ink(ax), linewidth=2, label="bought")
    for (model, expected), color, line in zip(models.items(), COLORS, LINES, strict=False):
        ax.plot(range(count), expected[:count], color=color, linestyle=line, label=model)
    ax.set_ylim(bottom=0)
    thousands(ax.yaxis)
    name_ticks(ax, "x", [f"{end:%Y-%m-%d}" for end in ends])
    fit_title(ax)
    legend(ax, "below")
    return ax
