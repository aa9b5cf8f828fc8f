"""What the tests read off plots."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes


def labelled(ax: Axes, start: str) -> Any:
    """The line whose label starts so."""
    (line,) = [line for line in ax.lines if str(line.get_label()).startswith(start)]
    return line


def points(line: Any) -> list[tuple[float, float]]:
    return list(zip(line.get_xdata(), line.get_ydata(), strict=True))


def legend_of(ax: Axes) -> list[str]:
    legend = ax.get_legend()
    assert legend is not None
    return [text.get_text() for text in legend.get_texts()]
