"""Heat maps: cells by colour and, where there is room, by number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from winback.plot._style import beside, paper, readable_on, sequential, text_size

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import QuadMesh


def heat_map(
    ax: Axes,
    rows: Sequence[Sequence[float | None]],
    low: float | None,
    high: float,
    *,
    root: bool = False,
) -> QuadMesh:
    """Cells by colour, the first row on top; a cell without a value, or with 0, has none.

    With ``root`` colours follow the square root, so that one large cell leaves some to the others.
    """
    import numpy as np
    from matplotlib.colors import ListedColormap, Normalize, PowerNorm

    cells = np.ma.masked_invalid(
        [[np.nan if cell is None else float(cell) for cell in row] for row in rows]
    )
    least = float(cells.min()) if low is None and cells.count() else low or 0.0
    most = high if high > least else least + 1
    ends = (least, most)
    colors = sequential(ax)
    if low == 0:
        # So fine that only 0 has the first colour, or what is 4,000 times less than the most.
        colors = ListedColormap([paper(ax), *(colors(i // 16) for i in range(1, 4096))])
    mesh = ax.pcolormesh(
        np.arange(cells.shape[1] + 1) - 0.5,
        np.arange(cells.shape[0] + 1) - 0.5,
        cells,
        cmap=colors,
        norm=(PowerNorm(0.5, *ends) if root else Normalize(*ends)),
    )
    ax.set_ylim(cells.shape[0] - 0.5, -0.5)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    return mesh


def write_cells(ax: Axes, mesh: QuadMesh, texts: Sequence[Sequence[str | None]]) -> None:
    """Writes into the cells, unless they are too small for any of the texts when drawn."""
    lines = [text.split("\n") for row in texts for text in row if text is not None]
    cells = mesh.get_array()
    if not lines or cells is None:
        return
    size = 0.85 * text_size(ax)
    width = size * 0.64 * (max(len(line) for text in lines for line in text) + 1)
    needs = (width * len(texts[0]), size * 1.25 * max(map(len, lines)) * len(texts))
    colors = mesh.to_rgba(cells).reshape(len(texts), len(texts[0]), 4)
    for y, row in enumerate(texts):
        for x, text in enumerate(row):
            if text is not None:
                color = readable_on(ax, colors[y, x])
                beside(ax, text, (x, y), (0, 0), ha="center", size=size, color=color, needs=needs)
