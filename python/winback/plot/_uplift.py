"""The Qini curve of a score of uplift."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from winback._arguments import of_type, refusal
from winback.plot._style import COLORS, LINES, drawn, legend, muted, new_axes, percent, tidy
from winback.table import Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def qini_curve(curve: Table, *, label: str | None = None, ax: Axes | None = None) -> Axes:
    """What treating the top of a ranking adds, by the share that is treated.

    The dotted line is treating as many, drawn at random. A curve above it finds those whom a
    contact changes; where it falls, contacts do harm.

    Args:
        curve: A table of :func:`winback.metrics.uplift_curve`.
        label: Name of the score, for the legend.
        ax: Axes to draw on, also those of another Qini curve of the same test; by default a new
            figure.

    Returns:
        The axes.

    Raises:
        TypeError: ``curve`` is something else.
        ValueError: A table without the columns of a Qini curve.
        ImportError: matplotlib is not installed.

    Examples:
        >>> import winback as wb
        >>> curve = wb.metrics.uplift_curve([1, 0, 1, 0], [2, 2, 1, 1], [1, 0, 0, 1])
        >>> ax = wb.plot.qini_curve(curve, label="model")
        >>> [float(y) for y in ax.lines[-1].get_ydata()]
        [0.0, 1.0, 0.0]
    """
    if not isinstance(curve, Table):
        raise refusal(
            TypeError, "curve", "what winback.metrics.uplift_curve() gives", of_type(curve)
        )
    missing = [name for name in ("share", "qini") if name not in curve.column_names]
    if missing:
        raise ValueError(f"the table is no Qini curve: it has no column {missing[0]}")
    share, qini = curve["share"], curve["qini"]
    ax = new_axes(ax, 6.0, 4.2)
    number = drawn(ax, "qini")
    if not number:
        style: dict[str, Any] = {"color": muted(ax), "linewidth": 1}
        ax.plot([0, 1], [0, qini[-1]], linestyle=":", label="random order", **style)
    look = number % len(COLORS)
    ax.plot(
        share,
        qini,
        color=COLORS[look],
        linestyle=LINES[look],
        linewidth=2,
        label="score" if label is None else label,
        gid="qini",
    )
    tidy(
        ax,
        "Qini curve",
        "share of customers, from the highest score down",
        "what treatment added\n(sum of outcomes)",
    )
    percent(ax.xaxis)
    ax.set_xlim(0, 1)
    legend(ax, "below")
    return ax
