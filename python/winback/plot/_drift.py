"""Which features have drifted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from winback._arguments import to_count
from winback.answer import Answer
from winback.plot._answers import expect_answer
from winback.plot._style import (
    COLORS,
    HATCH,
    beside,
    ink,
    legend,
    muted,
    new_axes,
    paper,
    row_size,
    shorten,
    text_size,
    tidy,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Where the axis ends at the latest: what lies beyond has moved, however far.
_END = 1.0
_LOOKS = {"stable": (COLORS[5], ""), "moderate": (COLORS[4], HATCH), "major": (COLORS[1], "xxxx")}


def drift(drift: Answer, *, top: int = 20, ax: Axes | None = None) -> Axes:
    """How far each feature and the score have moved since the training.

    The population stability index (PSI) of every column, with the conventional limits 0.1 and 0.25
    and, as a tick on each bar, the critical value that it stays below by chance. The axis ends at 1
    at the latest; what lies beyond is told by its number.

    Args:
        drift: What :meth:`winback.ChurnModel.drift` gives.
        top: The columns of the largest index, so many at most; the score is always there.
        ax: Axes to draw on; by default a new figure.

    Returns:
        The axes.

    Raises:
        TypeError: ``drift`` is something else, or ``top`` no int.
        ImportError: matplotlib is not installed.

    Examples:
        >>> import winback as wb
        >>> log = wb.simulate(customers=1000).event_log()
        >>> model = wb.ChurnModel().fit(log, until="2024-10-01")
        >>> ax = wb.plot.drift(model.drift(log.at("2025-01-01")), top=5)
        >>> [label.get_text() for label in ax.get_yticklabels()][-1]
        'purchase_probability (score)'
    """
    table = expect_answer("drift", drift, "columns", {"psi"}, "drift()")
    rows = list(
        zip(table["column"], table["psi"], table["critical_value"], table["stability"], strict=True)
    )
    shown = rows[:-1][: to_count("top", top)] + rows[-1:]
    ax = new_axes(ax, 6.8, 1.9 + 0.26 * len(shown))
    for stability, (color, hatch) in _LOOKS.items():
        places = [i for i, row in enumerate(shown) if row[3] == stability]
        if places:
            ax.barh(
                places,
                [shown[i][1] for i in places],
                height=0.7,
                color=color,
                hatch=hatch,
                edgecolor=paper(ax),
                linewidth=0,
                label=stability,
            )
    ax.plot(
        [row[2] for row in shown],
        range(len(shown)),
        linestyle="none",
        marker="|",
        markersize=9,
        markeredgewidth=1.5,
        color=ink(ax),
        label="critical value",
    )
    longest = max(row[1] for row in shown)
    end = min(_END, max(0.3, 1.12 * longest))
    size = row_size(ax, len(shown) + 0.2)
    number = min(max(1.1 * size, 6.0), 0.85 * text_size(ax))
    for i, row in enumerate(shown):
        text = f"{row[1]:.2f}" if row[1] <= _END else f"→ {row[1]:.2f}"
        # On the colour of the background, so that the lines of the limits do not cross it out.
        box = {"facecolor": paper(ax), "edgecolor": "none", "pad": 0.5}
        at, needs = (min(max(row[1], row[2]), end), i), (0, number * len(shown))
        beside(ax, text, at, (5, 0), size=number, needs=needs, bbox=box)
    for limit, label in ((0.1, "limits 0.1 and 0.25"), (0.25, None)):
        ax.axvline(limit, color=muted(ax), linewidth=1, linestyle="--", zorder=0.5, label=label)
    tidy(ax, "Drift since the training", "population stability index (PSI)", "", grid=False)
    names = [shorten(row[0]) for row in shown]
    names[-1] += " (score)"
    ax.set_yticks(range(len(shown)), names)
    ax.tick_params(axis="y", length=0, labelsize=size)
    ax.set_ylim(len(shown) - 0.4, -0.6)
    ax.set_xlim(0, end)
    legend(ax, "below")
    return ax
