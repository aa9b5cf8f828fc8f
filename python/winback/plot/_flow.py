"""The flow of the customer base."""

from __future__ import annotations

from typing import TYPE_CHECKING

from winback.answer import Answer
from winback.plot._answers import expect_answer
from winback.plot._style import (
    COLORS,
    HATCH,
    ink,
    legend,
    name_ticks,
    new_axes,
    paper,
    period_labels,
    tidy,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COLUMNS = ("new", "kept", "reactivated_from_lapsed", "reactivated_from_lost", "lapsed", "lost")
_LOOKS = {
    "kept": (COLORS[0], ""),
    "reactivated": (COLORS[2], "...."),
    "new": (COLORS[5], ""),
    "lapsed": (COLORS[4], HATCH),
    "lost": (COLORS[1], "xxxx"),
}


def flow(flow: Answer, *, ax: Axes | None = None) -> Axes:
    """Who came, stayed and went in each period.

    Above zero those who are active at its end: kept, reactivated and new customers. Below zero
    those who lapsed or were lost in it. Periods that are not over are left out.

    Args:
        flow: What :func:`winback.retention.flow` gives.
        ax: Axes to draw on; by default a new figure.

    Returns:
        The axes.

    Raises:
        TypeError: ``flow`` is something else.
        ValueError: No period that is over.
        ImportError: matplotlib is not installed.

    Examples:
        >>> import winback as wb
        >>> log = wb.simulate(customers=500).event_log()
        >>> ax = wb.plot.flow(wb.retention.flow(log, "1q"))
        >>> [text.get_text() for text in ax.get_legend().get_texts()]
        ['new', 'reactivated', 'kept', 'lapsed', 'lost']
    """
    expect_answer("flow", flow, "periods", set(_COLUMNS), "retention.flow()")
    over = [row for row, new in enumerate(flow["new"]) if new is not None]
    if not over:
        raise ValueError("there is no period that is over")
    columns = {name: [flow[name][row] for row in over] for name in _COLUMNS}
    back = zip(columns["reactivated_from_lapsed"], columns["reactivated_from_lost"], strict=True)
    came = {
        "kept": columns["kept"],
        "reactivated": [sum(pair) for pair in back],
        "new": columns["new"],
    }
    went = {"lapsed": columns["lapsed"], "lost": columns["lost"]}
    ax = new_axes(ax, min(max(4.5 + 0.16 * len(over), 7.0), 11.0), 4.4)
    for parts, sign in ((came, 1), (went, -1)):
        bottom = [0] * len(over)
        for name, heights in parts.items():
            color, hatch = _LOOKS[name]
            ax.bar(
                range(len(over)),
                [sign * height for height in heights],
                bottom=bottom,
                width=0.84 if len(over) <= 60 else 1.0,
                color=color,
                hatch=hatch,
                edgecolor=paper(ax),
                linewidth=0,
                label=name,
            )
            bottom = [low + sign * h for low, h in zip(bottom, heights, strict=True)]
    from matplotlib.ticker import FuncFormatter

    ax.axhline(0, color=ink(ax), linewidth=1)
    tidy(ax, "Flow of the customer base", "period", "customers (below zero: went silent)")
    labels = period_labels(
        [flow["period"][row] for row in over], [flow["period_end"][row] for row in over]
    )
    name_ticks(ax, "x", labels)
    ax.set_xlim(-0.7, len(over) - 0.3)
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{abs(value):,.10g}"))
    handles = dict(zip(*reversed(ax.get_legend_handles_labels()), strict=True))
    order = ["new", "reactivated", "kept", "lapsed", "lost"]
    legend(ax, "outside", handles=[handles[name] for name in order])
    return ax
