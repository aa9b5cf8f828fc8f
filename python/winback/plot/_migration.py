"""The migration matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING

from winback.answer import Answer
from winback.plot._answers import expect_answer
from winback.plot._heat_map import heat_map, write_cells
from winback.plot._style import (
    HATCH,
    color_bar,
    fit_names,
    muted,
    new_axes,
    percent,
    shorten,
    tidy,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def migration(migration: Answer, *, ax: Axes | None = None) -> Axes:
    """Where the customers of each label went: a row a label before, a column a label after.

    Cells show the share of the row and the number of customers. Rows with too few customers to
    judge are hatched.

    Args:
        migration: What :func:`winback.retention.migration` gives, or any other migration.
        ax: Axes to draw on; by default a new figure.

    Returns:
        The axes.

    Raises:
        TypeError: ``migration`` is something else.
        ValueError: No labels.
        ImportError: matplotlib is not installed.

    Examples:
        >>> import winback as wb
        >>> log = wb.simulate(customers=500).event_log()
        >>> moved = wb.retention.migration(log.at("2024-07-01"), log.at("2025-01-01"))
        >>> ax = wb.plot.migration(moved)
        >>> [label.get_text() for label in ax.get_xticklabels()]
        ['active', 'lapsed', 'lost']
    """
    labels = {"from_label", "to_label"}
    expect_answer("migration", migration, "transitions", labels, "retention.migration()")
    before = list(dict.fromkeys(migration["from_label"]))
    after = list(dict.fromkeys(migration["to_label"]))
    if not before:
        raise ValueError("there are no labels")
    names = ("from_label", "to_label", "customers", "share", "from_customers", "thin")
    columns = zip(*(migration[name] for name in names), strict=True)
    cells = {(a, b): rest for a, b, *rest in columns}
    # A label of nobody, before as after, says nothing.
    met = {label for (a, b), cell in cells.items() if cell[0] for label in (a, b)}
    before, after = (
        [a for a in before if a in met] or before,
        [b for b in after if b in met] or after,
    )
    shares = [[cells[a, b][1] if (a, b) in cells else None for b in after] for a in before]
    texts = [[_cell(*cells[a, b][:2]) if (a, b) in cells else None for b in after] for a in before]
    rows = {a: cells[a, b][2:] for a in before for b in after if (a, b) in cells}
    ax = new_axes(ax, min(3.0 + 1.0 * len(after), 11.0), min(1.5 + 0.6 * len(before), 9.0))
    from matplotlib.patches import Rectangle

    mesh = heat_map(ax, shares, 0, 1)
    for y, label in enumerate(before):
        if rows[label][1]:
            ax.add_patch(
                Rectangle(
                    (-0.5, y - 0.5),
                    len(after),
                    1,
                    fill=False,
                    hatch=HATCH,
                    edgecolor=muted(ax, 0.4),
                    linewidth=0,
                )
            )
    write_cells(ax, mesh, texts)
    percent(color_bar(ax, mesh, "share of the row").ax.yaxis)
    tidy(ax, "Migration", "label after", "label before and its customers", grid=False)
    fit_names(ax, [_label(label) for label in after])
    ax.set_yticks(
        range(len(before)),
        [
            f"{_label(label)} ({rows[label][0]:,}{', too few' if rows[label][1] else ''})"
            for label in before
        ],
    )
    return ax


def _cell(customers: int, share: float | None) -> str:
    if not share:
        return f"{customers:,}"
    return f"{'<1' if share < 0.005 else format(100 * share, '.0f')} %\n{customers:,}"


def _label(label: str | None) -> str:
    return "not in the base" if label is None else shorten(label, 20)
