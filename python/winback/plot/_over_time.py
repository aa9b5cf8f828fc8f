"""What was known of a campaign's effect while it ran."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from winback._arguments import expect_one_of, refusal
from winback.answer import Answer
from winback.plot._answers import expect_answer
from winback.plot._style import (
    COLORS,
    LINES,
    fit_title,
    legend,
    muted,
    name_ticks,
    new_axes,
    period_labels,
    shorten,
    thousands,
    tidy,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def effect_over_time(result: Answer, *, metric: str | None = None, ax: Axes | None = None) -> Axes:
    """What was known of an outcome's difference from control on the days of the window.

    The bands are intervals that hold at whatever day one looks: where a band leaves the line at 0,
    the campaign had shown its effect by then.

    Args:
        result: What :func:`winback.campaign.effect` gives with ``looks``.
        metric: The outcome; by default the first one.
        ax: Axes to draw on; by default a new figure.

    Returns:
        The axes.

    Raises:
        TypeError: ``result`` is something else.
        ValueError: It was made without ``looks``; there is no such outcome; more than six offers.
        ImportError: matplotlib is not installed.

    Examples:
        >>> import winback as wb
        >>> shop = wb.simulate(2_000, campaign={"start": "2024-10-01"})
        >>> found = wb.campaign.effect(
        ...     shop.campaign, shop.event_log(), start="2024-10-01", window="30d", looks=6
        ... )
        >>> ax = wb.plot.effect_over_time(found)
        >>> len(ax.lines[-1].get_xdata())
        6
    """
    how = "campaign.effect(..., looks=)"
    found = expect_answer("result", result, "over_time", {"until", "difference_low"}, how)
    table = found.tables["over_time"].to_polars().drop_nulls("difference")
    if table.is_empty():
        raise refusal(ValueError, "result", f"what {how} gives", "an effect without looks")
    metrics = table["metric"].unique(maintain_order=True).to_list()
    chosen = metrics[0] if metric is None else metric
    expect_one_of("metric", chosen, metrics)
    table = table.filter(metric=chosen)
    arms = table["arm"].unique(maintain_order=True).to_list()
    if len(arms) > len(COLORS):
        raise refusal(ValueError, "result", "up to six offers", len(arms))
    effects = found.tables["effects"].to_polars().filter(metric=chosen)
    is_share = effects["kind"][0] == "share"
    days: list[datetime] = table["until"].unique().sort().to_list()
    ax = new_axes(ax, 6.8, 3.8)
    ax.axhline(0, color=muted(ax), linewidth=1, linestyle=":")
    for arm, color, line in zip(arms, COLORS, LINES, strict=False):
        own = table.filter(arm=arm).sort("until")
        places = [days.index(day) for day in own["until"]]
        middle, low, high = (
            (own[name] * (100.0 if is_share else 1.0)).to_list()
            for name in ("difference", "difference_low", "difference_high")
        )
        ax.fill_between(places, low, high, color=color, alpha=0.2, linewidth=0)
        ax.plot(places, middle, color=color, linestyle=line, linewidth=2, label=shorten(arm, 20))
    unit = "percentage points" if is_share else f"{chosen} per customer"
    title = f"Effect on {shorten(chosen)}, by what was known until then"
    tidy(ax, title, "known until", f"difference from control\n({unit})")
    thousands(ax.yaxis)
    name_ticks(ax, "x", period_labels(days))
    fit_title(ax)
    if len(arms) > 1:
        legend(ax, "below")
    return ax
