"""How long customers are silent and who comes back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from winback._arguments import to_count
from winback.answer import Answer
from winback.plot._answers import expect_answer
from winback.plot._choose import rows_by_group
from winback.plot._style import (
    COLORS,
    LINES,
    MARKERS,
    ink,
    legend,
    muted,
    new_axes,
    paper,
    percent,
    shorten,
    thousands,
    tidy,
)
from winback.table import Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_QUANTILES = [10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 99]


def return_curve(
    report: Answer,
    *,
    grouping: str = "all",
    groups: Sequence[str] | None = None,
    min_silences: int = 30,
    ax: Axes | None = None,
) -> Axes:
    """What share of the silent comes back, by the length of the silence.

    Of the silences that lasted so long or longer, the share that ends within the horizon, with
    Wilson's 95 % interval, and, where all customers are one group, the share that ends at all (by
    Kaplan-Meier). The suggested limits of inactivity are marked.

    Args:
        report: What :func:`winback.inactivity` gives.
        grouping: Of which grouping: ``"all"``, ``"purchases"`` or the attribute of ``group_by``.
        groups: Which of its groups; by default up to six with the most silences.
        min_silences: What fewer silences reached is not drawn.
        ax: Axes to draw on; by default a new figure.

    Returns:
        The axes.

    Raises:
        TypeError: ``report`` is something else, or an argument of another type.
        ValueError: A grouping or group that the report does not have; more than six groups.
        ImportError: matplotlib is not installed.

    Examples:
        >>> import winback as wb
        >>> report = wb.inactivity(wb.simulate(customers=1000).event_log().at("2025-01-01"))
        >>> ax = wb.plot.return_curve(report)
        >>> ax.get_xlabel()
        'length of the silence (days)'
        >>> ax = wb.plot.return_curve(report, grouping="purchases")
        >>> [text.get_text() for text in ax.get_legend().get_texts()]
        ['1', '2-3', '4-9', '10+', 'suggested lapsed_after', 'suggested lost_after']
    """
    table = _table(report, "returns", "silence_days")
    chosen = rows_by_group(table, "silences", grouping, groups)
    least = to_count("min_silences", min_silences)
    limits = _limits(report.tables["limits"], grouping, least)
    days, share = table["silence_days"], table["return_share"]
    low, high = table["return_share_low"], table["return_share_high"]
    ax = new_axes(ax, 6.8, 4.6 if grouping == "all" else 4.2)
    for look, (group, rows) in enumerate(chosen.items()):
        seen = [row for row in rows if share[row] is not None and table["silences"][row] >= least]
        x = [days[row] for row in seen]
        ax.fill_between(
            x,
            [low[row] for row in seen],
            [high[row] for row in seen],
            color=COLORS[look],
            alpha=0.2,
            linewidth=0,
        )
        ax.plot(
            x,
            [share[row] for row in seen],
            color=COLORS[look],
            linestyle=LINES[look],
            linewidth=2,
            label="within the horizon" if grouping == "all" else shorten(group),
        )
    if grouping == "all":
        at_all = table["return_share_at_all"]
        seen = [row for rows in chosen.values() for row in rows if at_all[row] is not None]
        ax.plot(
            [days[row] for row in seen],
            [at_all[row] for row in seen],
            color=muted(ax, 0.7),
            linestyle="--",
            linewidth=1.5,
            label="at all (Kaplan-Meier)",
        )
    for name, marker in (("lapsed_after", MARKERS[0]), ("lost_after", MARKERS[1])):
        points = [limits[group, name] for group in chosen if (group, name) in limits]
        if not points:
            continue
        ax.plot(
            [x for x, _ in points],
            [y for _, y in points],
            linestyle="none",
            marker=marker,
            markersize=8,
            color=ink(ax),
            markeredgecolor=paper(ax),
            zorder=3,
            label=f"suggested {name}" + (f": {points[0][0]} days" if grouping == "all" else ""),
        )
        if grouping == "all":
            ((end, height),) = points
            ax.plot([end, end], [0, height], color=muted(ax), linewidth=1, linestyle=":")
    tidy(
        ax,
        "Who comes back after a silence",
        "length of the silence (days)",
        "share that comes back",
    )
    _days_and_shares(ax)
    ax.set_xlim(left=0)
    if grouping == "all":
        legend(ax, "below")
    else:
        legend(ax, "outside", shorten(grouping))
    return ax


def gap_distribution(
    report: Answer,
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
        >>> report = wb.inactivity(wb.simulate(customers=1000).event_log().at("2025-01-01"))
        >>> ax = wb.plot.gap_distribution(report)
        >>> ax.get_ylabel()
        'share of gaps that are not longer'
    """
    table = _table(report, "gaps", "method")
    chosen = rows_by_group(table, "silences", grouping, groups)
    methods = {"kaplan_meier": "all silences (Kaplan-Meier)", "completed": "gaps that ended only"}
    ax = new_axes(ax, 6.8, 4.2)
    look = 0
    for group, rows in chosen.items():
        for row in sorted(rows, key=lambda row: table["method"][row] == "completed"):
            method = table["method"][row]
            if method == "completed" and grouping != "all":
                continue
            points = [(table[f"p{q}"][row], q / 100) for q in _QUANTILES]
            seen = [(days, share) for days, share in points if days is not None]
            ax.plot(
                [days for days, _ in seen],
                [share for _, share in seen],
                color=COLORS[look],
                linestyle=LINES[look],
                linewidth=2,
                marker=MARKERS[look],
                markersize=5,
                label=methods[method] if grouping == "all" else shorten(group),
            )
            look += 1
    tidy(
        ax,
        report._worded("Gaps between purchases"),
        "length of the gap (days, logarithmic)",
        "share of gaps that are not longer",
    )
    ax.set_xscale("log")
    ax.set_xticks([1, 2, 7, 14, 30, 90, 180, 365, 730, 1461])
    ax.set_xticks([], minor=True)
    _days_and_shares(ax)
    ax.autoscale(axis="x")
    legend(ax, "lower right", None if grouping == "all" else shorten(grouping))
    return ax


def _table(report: Answer, name: str, column: str) -> Table:
    return expect_answer("report", report, name, {column}, "inactivity()").tables[name]


def _limits(table: Table, grouping: str, least: int) -> dict[tuple[str, str], tuple[int, float]]:
    """The suggested limits of each group: days and the share that still comes back."""
    names = ("grouping", "group", "limit", "source", "days", "return_share", "silences")
    return {
        (group, limit): (days, share)
        for kind, group, limit, source, days, share, silences in zip(
            *(table[name] for name in names), strict=True
        )
        if kind == grouping and source == "suggested" and share is not None and silences >= least
    }


def _days_and_shares(ax: Axes) -> None:
    thousands(ax.xaxis)
    percent(ax.yaxis)
    ax.set_ylim(0, 1.02)
