"""The Net Promoter Score over time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from winback.answer import Answer
from winback.plot._answers import expect_answer
from winback.plot._choose import rows_by_group
from winback.plot._style import (
    COLORS,
    LINES,
    MARKERS,
    intervals,
    legend,
    muted,
    name_ticks,
    new_axes,
    paper,
    period_labels,
    shorten,
    tidy,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def nps(
    report: Answer,
    *,
    grouping: str = "all",
    groups: Sequence[str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """The Net Promoter Score by period, with 95 % intervals.

    The point of a period that is not over is hollow.

    Args:
        report: What :func:`winback.surveys.nps` gives.
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
        >>> now = wb.simulate(customers=500).event_log().at("2025-01-01")
        >>> ax = wb.plot.nps(wb.surveys.nps(now), grouping="channel")
        >>> ax.get_ylabel()
        'Net Promoter Score (points)'
    """
    columns = {"grouping", "nps", "finished"}
    table = expect_answer("report", report, "periods", columns, "surveys.nps()").tables["periods"]
    chosen = rows_by_group(table, "answers", grouping, groups)
    score, low, high = table["nps"], table["nps_low"], table["nps_high"]
    starts, ends, finished = table["period"], table["period_end"], table["finished"]
    drawn = [row for rows in chosen.values() for row in rows]
    periods = sorted({(starts[row], ends[row]) for row in drawn})
    place = {start: i for i, (start, _) in enumerate(periods)}
    ax = new_axes(ax, min(max(4.5 + 0.22 * len(periods), 6.8), 11.0), 4.2)
    ax.axhline(0, color=muted(ax), linewidth=1, linestyle=":")
    for look, (group, rows) in enumerate(chosen.items()):
        seen = [row for row in rows if score[row] is not None]
        # Side by side, so that intervals do not hide each other.
        aside = 0.12 * (look - (len(chosen) - 1) / 2)
        x, y = [place[starts[row]] + aside for row in seen], [score[row] for row in seen]
        certain = [row for row in seen if low[row] is not None]
        intervals(
            ax,
            [place[starts[row]] + aside for row in certain],
            [low[row] for row in certain],
            [high[row] for row in certain],
            COLORS[look],
        )
        ax.plot(
            x,
            y,
            color=COLORS[look],
            linestyle=LINES[look],
            linewidth=1.8,
            marker=MARKERS[look],
            markersize=6,
            label=shorten(group, 20),
        )
        unfinished = [i for i, row in enumerate(seen) if not finished[row]]
        ax.plot(
            [x[i] for i in unfinished],
            [y[i] for i in unfinished],
            linestyle="none",
            marker=MARKERS[look],
            markersize=6,
            markerfacecolor=paper(ax),
            markeredgecolor=COLORS[look],
            zorder=3,
        )
    tidy(ax, "Net Promoter Score", "period of the answer", "Net Promoter Score (points)")
    labels = period_labels([start for start, _ in periods], [end for _, end in periods])
    name_ticks(ax, "x", labels)
    if grouping != "all":
        legend(ax, "outside", shorten(grouping, 20))
    return ax
