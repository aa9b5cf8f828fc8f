"""What the tests read off plots."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.text import Text
from matplotlib.transforms import Bbox


def arguments(result: Any) -> tuple[Any, ...]:
    """What a plot of a result takes."""
    return result if isinstance(result, tuple) else (result,)


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


def shown(texts: list[Text]) -> list[tuple[str, Bbox]]:
    """The texts that are drawn and where; a little less than their boxes, which have margins."""
    seen = []
    for text in texts:
        if text.get_text() and text.get_visible() and getattr(text, "fits", lambda: True)():
            box = Text.get_window_extent(text)
            edge = 0.12 * box.height
            seen.append((text.get_text(), Bbox([[box.x0, box.y0 + edge], [box.x1, box.y1 - edge]])))
    return seen


def ticks_of(axis: Any) -> list[Text]:
    """The labels of ticks within the view."""
    low, high = sorted(axis.get_view_interval())
    ticks = zip(axis.get_majorticklocs(), axis.get_ticklabels(), strict=True)
    return [label for place, label in ticks if low <= place <= high]


def overlapping(boxes: list[tuple[str, Bbox]]) -> list[tuple[str, str]]:
    """The pairs of texts that run into each other."""
    return [
        (one, other)
        for i, (one, box) in enumerate(boxes)
        for other, its in boxes[i + 1 :]
        if box.overlaps(its)
    ]
