"""Events around the last purchase."""

from __future__ import annotations

from typing import TYPE_CHECKING

from winback.answer import Answer
from winback.plot._answers import expect_answer
from winback.plot._style import COLORS, LINES, MARKERS, ink, legend, new_axes, shorten, tidy

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COLUMNS = {"kind", "week", "customers", "events_per_customer"}


def activity(summary: Answer, *, ax: Axes | None = None) -> Axes:
    """What customers did in the weeks around the last purchase before they fell silent.

    The most frequent kinds of events, at most six, by week: how many there are for each customer
    whose last purchase was 12 weeks or more before the end of the log.

    Args:
        summary: What :func:`winback.events.summary` gives.
        ax: Axes to draw on; by default a new figure.

    Returns:
        The axes.

    Raises:
        TypeError: ``summary`` is something else.
        ValueError: No customer who bought no more for so long.
        ImportError: matplotlib is not installed.

    Examples:
        >>> import winback as wb
        >>> log = wb.simulate(customers=500, events=True).event_log()
        >>> ax = wb.plot.activity(wb.events.summary(log))
        >>> ax.get_xlabel()
        'weeks after the last purchase'
    """
    expect_answer("summary", summary, "around_purchase", _COLUMNS, "events.summary()")
    table = summary.tables["around_purchase"]
    if not len(table) or not table["customers"][0]:
        raise ValueError("there is no customer who bought no more for 12 weeks")
    kinds = list(dict.fromkeys(table["kind"]))[: len(COLORS)]
    ax = new_axes(ax, 7.0, 4.2)
    ax.axvline(0, color=ink(ax), linewidth=1)
    rows = list(zip(table["kind"], table["week"], table["events_per_customer"], strict=True))
    for place, kind in enumerate(kinds):
        # In the middle of the week.
        points = [(week + 0.5, count) for of, week, count in rows if of == kind]
        ax.plot(
            *zip(*points, strict=True),
            color=COLORS[place],
            linestyle=LINES[place],
            marker=MARKERS[place],
            markersize=4,
            label=shorten(kind),
        )
    last = "last activity" if summary.figures["tells_activity"] else "last purchase"
    tidy(
        ax,
        f"Events around the {last}",
        f"weeks after the {last}",
        "events per customer and week",
    )
    ax.set_ylim(bottom=0)
    ax.set_xlim(min(table["week"]), max(table["week"]) + 1)
    legend(ax, "upper right")
    return ax
