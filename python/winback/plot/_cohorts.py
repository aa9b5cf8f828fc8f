"""Cohorts as a heat map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from winback._arguments import expect_one_of
from winback.answer import Answer
from winback.plot._answers import expect_answer
from winback.plot._heat_map import heat_map, write_cells
from winback.plot._style import (
    color_bar,
    compact,
    name_ticks,
    new_axes,
    percent,
    period_labels,
    thousands,
    tidy,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_VALUES = {
    "customers": "customers",
    "share": "share of the cohort",
    "revenue": "revenue (net)",
    "average_check": "average check",
}
_NOTES = {
    "customers": " (colours by square root)",
    "share": " (cells in %)",
    "revenue": " (colours by square root)",
}


def cohorts(
    cohorts: Answer,
    *,
    value: Literal["customers", "share", "revenue", "average_check"] = "share",
    ax: Axes | None = None,
) -> Axes:
    """Cohorts as a heat map: a row a cohort, a column an age; empty where the time is not over.

    Cells show their number where there is room for it; customers and revenue are coloured by their
    square root, so that one large cohort leaves some colours to the others. Shares are coloured
    without age 0, which is 100 % of every cohort. Cohorts without customers are left out.

    Args:
        cohorts: What :func:`winback.retention.cohorts` gives.
        value: ``"customers"``, ``"share"``, ``"revenue"`` or ``"average_check"``.
        ax: Axes to draw on; by default a new figure.

    Returns:
        The axes.

    Raises:
        TypeError: ``cohorts`` is something else.
        ValueError: Another value; no cohorts.
        ImportError: matplotlib is not installed.

    Examples:
        >>> import winback as wb
        >>> log = wb.simulate(customers=500).event_log()
        >>> ax = wb.plot.cohorts(wb.retention.cohorts(log, "1q"))
        >>> ax.get_ylabel()
        'first purchase (customers)'
    """
    expect_answer("cohorts", cohorts, "share", {"cohort", "cohort_size"}, "retention.cohorts()")
    expect_one_of("value", value, _VALUES)
    wide = cohorts.tables[value]
    there = [row for row, size in enumerate(wide["cohort_size"]) if size]
    if not there:
        raise ValueError("there are no cohorts")
    sizes = [wide["cohort_size"][row] for row in there]
    ages = [name for name in wide.column_names if name not in ("cohort", "cohort_size")]
    columns = [[wide[age][row] for row in there] for age in ages]
    rows = [list(row) for row in zip(*columns, strict=True)]
    width = min(max(2.8 + 0.42 * len(ages), 5.0), 11.0)
    ax = new_axes(ax, width, min(max(1.4 + 0.28 * len(rows), 3.0), 8.5))
    # Age 0 would leave the other ages with a few colours only.
    later = [x for column in columns[1:] for x in column if x is not None]
    scale = later or [x for x in columns[0] if x is not None]
    first = [x for x in columns[0] if x is not None]
    beyond = bool(first and scale) and max(first) > max(scale)
    root = value in ("customers", "revenue")
    mesh = heat_map(
        ax, rows, 0 if value != "average_check" else None, max(scale, default=1), root=root
    )
    texts = [[None if x is None else _cell(value, x) for x in row] for row in rows]
    write_cells(ax, mesh, texts)
    label = _VALUES[value] + _NOTES.get(value, "")
    bar = color_bar(ax, mesh, label, extend="max" if beyond else "neither")
    (percent if value == "share" else thousands)(bar.ax.yaxis)
    names = period_labels(wide["cohort"])
    tidy(
        ax,
        f"Cohorts: {_VALUES[value]}",
        cohorts._worded(f"{_units(names)} since the first purchase"),
        cohorts._worded("first purchase (customers)"),
        grid=False,
    )
    name_ticks(ax, "x", ages)
    name_ticks(
        ax,
        "y",
        [
            f"{label} ({size:,})"
            for label, size in zip((names[row] for row in there), sizes, strict=True)
        ],
    )
    return ax


def _units(names: list[str]) -> str:
    """What ages are counted in, by how periods are named."""
    if all(" Q" in name for name in names):
        return "quarters"
    return {4: "years", 7: "months"}.get(max(map(len, names)), "periods")


def _cell(value: str, number: float) -> str:
    return f"{100 * number:.0f}" if value == "share" else compact(number)
