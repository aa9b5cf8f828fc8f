"""What all plots share: axes, colours that suit any background, labels."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from winback._arguments import of_type, refusal

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.cm import ScalarMappable
    from matplotlib.colorbar import Colorbar
    from matplotlib.colors import ListedColormap
    from matplotlib.legend import Legend

# Okabe and Ito (2008), without the two that vanish on white or on black.
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
LINES: tuple[Any, ...] = ("-", "--", "-.", (0, (1, 1.2)), (0, (6, 1, 1, 1, 1, 1)), (0, (8, 3)))
MARKERS = ("o", "s", "^", "D", "v", "P")
UP, DOWN = COLORS[0], COLORS[1]
HATCH = "////"
# Names of months that start a quarter; of months and quarters that start a year.
_STARTS = (r"\d{4}-(01|04|07|10)(?![-\d])", r"\d{4}(-01| Q1)(?![-\d])")


def new_axes(ax: Axes | None, width: float, height: float) -> Axes:
    """The axes given, or those of a new figure of so many inches."""
    try:
        from matplotlib.axes import Axes
    except ImportError as error:
        raise ImportError('winback.plot needs matplotlib: pip install "winback[plot]"') from error
    if ax is None:
        from matplotlib import pyplot

        return pyplot.subplots(figsize=(width, height), layout="constrained")[1]
    if not isinstance(ax, Axes):
        raise refusal(TypeError, "ax", "Axes of matplotlib", of_type(ax))
    return ax


def paper(ax: Axes) -> tuple[float, float, float]:
    """The colour behind the axes."""
    from matplotlib.colors import to_rgb, to_rgba

    for color in (ax.get_facecolor(), ax.figure.get_facecolor()):
        if to_rgba(color)[3] > 0:
            return to_rgb(color)
    light = luminance(ink(ax)) < 0.5
    return (1.0, 1.0, 1.0) if light else (0.0, 0.0, 0.0)


def ink(ax: Axes) -> tuple[float, float, float]:
    """The colour of the axes' texts."""
    from matplotlib.colors import to_rgb

    return to_rgb(ax.xaxis.label.get_color())


def text_size(ax: Axes) -> float:
    """The size of the axes' labels, in points."""
    return float(ax.xaxis.label.get_fontsize())


def muted(ax: Axes, strength: float = 0.55) -> tuple[float, float, float]:
    """A colour between that of the background (0) and that of texts (1)."""
    back, front = paper(ax), ink(ax)
    red, green, blue = (b + strength * (f - b) for b, f in zip(back, front, strict=True))
    return red, green, blue


def luminance(color: Any) -> float:
    """Relative luminance by WCAG 2, from 0 (black) to 1."""
    from matplotlib.colors import to_rgb

    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(color)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def readable_on(ax: Axes, color: Any) -> tuple[float, float, float]:
    """Of the background's colour and that of texts the one that is easier to read on a colour."""

    def contrast(text: Any) -> float:
        low, high = sorted((luminance(text), luminance(color)))
        return (high + 0.05) / (low + 0.05)

    return max(ink(ax), paper(ax), key=contrast)


def sequential(ax: Axes) -> ListedColormap:
    """Viridis without the end that is hard to tell from the background, which stands for little."""
    from matplotlib import colormaps
    from matplotlib.colors import ListedColormap

    viridis = colormaps["viridis"]
    ends = (0.82, 0.08) if luminance(paper(ax)) > 0.5 else (0.2, 1.0)
    return ListedColormap([viridis(ends[0] + i / 255 * (ends[1] - ends[0])) for i in range(256)])


def tidy(ax: Axes, title: str, xlabel: str, ylabel: str, *, grid: bool = True) -> None:
    """Title, labels, a faint horizontal grid behind the data, no frame above and to the right."""
    ax.set_title(title)
    ax.set_xlabel(xlabel)
    ax.set_ylabel(ylabel)
    ax.spines[["top", "right"]].set_visible(False)
    ax.set_axisbelow(True)
    ax.grid(False)
    if grid:
        ax.grid(True, axis="y", color=muted(ax, 0.15), linewidth=0.8, linestyle="-")


def percent(axis: Axis) -> None:
    """Shares as percentages, with decimals only where they say something."""
    from matplotlib.ticker import FuncFormatter

    axis.set_major_formatter(FuncFormatter(lambda share, _: f"{round(100 * share, 6):.10g} %"))


def thousands(axis: Axis) -> None:
    """Numbers with a comma between thousands."""
    from matplotlib.ticker import FuncFormatter

    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))


def legend(
    ax: Axes, where: str, title: str | None = None, *, handles: Sequence[Any] | None = None
) -> None:
    """A legend in a corner that is mostly free, beside the axes (``outside``) or ``below`` them.

    Below too if it is so large that it would reach from its corner over the diagonal.
    """
    look: dict[str, Any] = {
        "labelcolor": ink(ax),
        "facecolor": paper(ax),
        "edgecolor": "none",
        "framealpha": 0.75,
        "title": title,
        "title_fontproperties": {"weight": "bold"},
    }
    if handles is not None:
        look["handles"] = handles
    # A layout will make the axes smaller than they are now.
    width, height = (0.8 * size for size in _size(ax))
    if where == "outside":
        look |= {"loc": "upper left", "bbox_to_anchor": (1.01, 1.0), "borderaxespad": 0.0}
        made = ax.legend(**look)
    elif where == "below":
        made = _legend_below(ax, look, width)
    else:
        made = ax.legend(**(look | {"loc": where}))
        box, points = made.get_window_extent(), 72 / ax.figure.dpi
        if box.width * points / width + box.height * points / height > 1:
            made = _legend_below(ax, look, width)
    made.get_title().set_color(ink(ax))


def _legend_below(ax: Axes, look: dict[str, Any], width: float) -> Legend:
    """Below the label of the x axis, in as few lines as the width allows."""
    from matplotlib.transforms import ScaledTranslation

    labels = ax.xaxis.get_tightbbox()
    under = 0.0 if labels is None else ax.get_window_extent().y0 - labels.y0
    inches = under / ax.figure.dpi + 0.05
    # Long names beside the axes leave room under them.
    aside = _beside_axes(ax) > 0.3 * width
    width += _beside_axes(ax) if aside else 0.0
    look = look | {
        "loc": "upper right" if aside else "upper center",
        "bbox_to_anchor": (1.0 if aside else 0.5, 0.0),
        "bbox_transform": ax.transAxes + ScaledTranslation(0.0, -inches, ax.figure.dpi_scale_trans),
        "borderaxespad": 0.0,
    }
    made = ax.legend(**look)
    count = len(made.get_texts())
    for size in (None, "small"):
        for columns in range(count, 0, -1):
            made = ax.legend(**look, ncols=columns, fontsize=size)
            if made.get_window_extent().width * 72 / ax.figure.dpi <= width:
                return made
    return made


def beside(
    ax: Axes, text: str, at: tuple[float, float], offset: tuple[float, float] = (4, 0), **look: Any
) -> None:
    """A small text beside a point, so many points (1/72 inch) away.

    With ``needs`` it is left out of axes of less width and height, in points.
    """
    from winback.plot._at_draw import RoomyText

    look = {"size": "small", "va": "center", "color": ink(ax)} | look
    ax.add_artist(RoomyText(text, at, xytext=offset, textcoords="offset points", **look))


def intervals(
    ax: Axes, x: Sequence[float], low: Sequence[float], high: Sequence[float], color: str
) -> None:
    """Thin bars from one end of an interval to the other, which need not hold the point."""
    ax.vlines(x, low, high, colors=color, linewidth=1.2, alpha=0.6)


def color_bar(ax: Axes, colors: ScalarMappable, label: str, *, extend: str = "neither") -> Colorbar:
    """A narrow colour bar whose texts have the colour of those of the axes."""
    width = 12 * ax.figure.dpi / 72 / ax.get_window_extent().width
    room = ax.inset_axes((1 + width, 0.0, width, 1.0))
    bar = ax.figure.colorbar(colors, cax=room, extend=extend)
    bar.set_label(label, color=ink(ax))
    bar.ax.tick_params(colors=ink(ax))
    bar.outline.set_visible(False)
    return bar


def drawn(ax: Axes, kind: str) -> int:
    """How many curves of a kind the axes hold, so that the next one looks different."""
    return sum(line.get_gid() == kind for line in ax.lines)


def shorten(text: str, length: int = 28) -> str:
    """A long name without its middle."""
    if len(text) <= length:
        return text
    head = (length - 1) * 2 // 3
    return f"{text[:head]}…{text[len(text) - (length - 1 - head) :]}"


def period_labels(starts: Sequence[datetime], ends: Sequence[datetime] | None = None) -> list[str]:
    """Periods by name: ``2024``, ``2024 Q3``, ``2024-09``, or the date on which they start."""
    following = ends if ends is not None else starts[1:]
    days = min(
        ((end - start).days for start, end in zip(starts, following, strict=False)), default=0
    )
    first = all(start.day == 1 and start.hour == 0 for start in starts)
    if first and 365 <= days <= 366 and all(start.month == 1 for start in starts):
        return [f"{start:%Y}" for start in starts]
    if first and 89 <= days <= 92 and all(start.month % 3 == 1 for start in starts):
        return [f"{start:%Y} Q{start.month // 3 + 1}" for start in starts]
    return [f"{start:%Y-%m}" if first and days >= 28 else f"{start:%Y-%m-%d}" for start in starts]


def name_ticks(ax: Axes, axis: str, labels: Sequence[str]) -> None:
    """Names the places 0, 1, ..., as many of them as there is room for when it is drawn."""
    from matplotlib.ticker import FuncFormatter

    from winback.plot._at_draw import RoomyLocator

    letters = 0.65 * max(map(len, labels), default=1) + 1
    needed = text_size(ax) * (letters if axis == "x" else 1.25)
    names = dict(enumerate(labels))
    target = ax.xaxis if axis == "x" else ax.yaxis
    target.set_major_locator(RoomyLocator(target, thinned(labels), needed))
    target.set_major_formatter(FuncFormatter(lambda place, _: names.get(round(place), "")))


def thinned(labels: Sequence[str]) -> list[list[int]]:
    """All places, then ever fewer of them: of months those that start quarters, then years."""
    everything = list(range(len(labels)))
    starts = [[i for i in everything if re.match(start, labels[i])] for start in _STARTS]
    some = [places for places in starts if len(places) > 1]
    if some:
        return [everything, *some, *(some[-1][::step] for step in (2, 5, 10, 20, 50))]
    return [everything[::step] for step in (1, 2, 3, 4, 6, 12, 24, 48, 120, 360, 1000)]


def fit_names(ax: Axes, labels: Sequence[str]) -> None:
    """Names all places on the x axis, slanted or upright where they would run into each other."""
    # A layout will make the axes smaller than they are now.
    room = 0.75 * _size(ax)[0] / max(len(labels), 1)
    size = text_size(ax)
    look: dict[str, Any] = {}
    if 0.62 * size * (max(map(len, labels), default=0) + 1) > room:
        look = {"rotation": 35, "ha": "right", "rotation_mode": "anchor"}
        if room < 1.9 * size:
            look = {"rotation": 90, "size": min(size, max(room / 1.15, 5.5))}
    ax.set_xticks(range(len(labels)), list(labels), **look)


def row_size(ax: Axes, rows: float) -> float:
    """The size of texts of which so many stand one above the other, in points."""
    return min(text_size(ax), max(0.8 * _size(ax)[1] / rows / 1.2, 5.5))


def fit_title(ax: Axes) -> None:
    """Breaks the title into lines where it is longer than the axes will be wide."""
    letters = (1.2 * _size(ax)[0] - _beside_axes(ax)) / (0.55 * float(ax.title.get_fontsize()))
    ax.set_title(textwrap.fill(ax.get_title(), max(int(letters), 16)))


def _beside_axes(ax: Axes) -> float:
    """The width of the labels of the y axis, in points."""
    labels = ax.yaxis.get_tightbbox()
    return 0.0 if labels is None else (ax.get_window_extent().x0 - labels.x0) * 72 / ax.figure.dpi


def _size(ax: Axes) -> tuple[float, float]:
    """Width and height as they are now, in points."""
    from winback.plot._at_draw import size_in_points

    return size_in_points(ax)


def signed(value: float, digits: str = ".2f") -> str:
    """A number with a true minus sign."""
    text = format(value, digits)
    if not text.strip("+-0.,%"):
        text = text.lstrip("+-")  # nearly nothing has no sign
    return text.replace("-", "\N{MINUS SIGN}")


def compact(value: float) -> str:
    """A number in few letters: 940, 12.4k, 3.1M."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= 0.9995 * size:
            return signed(value / size, ".3g") + letter
    return signed(value, ".3g")
