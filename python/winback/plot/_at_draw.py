"""What is decided when a figure is drawn: a layout changes the size of axes until then."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.axis import Axis
from matplotlib.backend_bases import RendererBase
from matplotlib.text import Annotation
from matplotlib.ticker import Locator
from matplotlib.transforms import Bbox, IdentityTransform


def size_in_points(axes: Any) -> tuple[float, float]:
    """Width and height of axes."""
    box, points = axes.get_window_extent(), 72 / axes.figure.dpi
    return box.width * points, box.height * points


class RoomyText(Annotation):
    """A text that is left out where its axes are smaller than it and its neighbours need."""

    def __init__(self, text: str, at: tuple[float, float], **look: Any) -> None:
        self.needs: tuple[float, float] = look.pop("needs", (0.0, 0.0))
        super().__init__(text, at, **({"clip_on": False} | look))
        self.set_transform(IdentityTransform())

    def fits(self) -> bool:
        """Whether the axes are large enough, as they are now."""
        width, height = size_in_points(self.axes)
        return width >= self.needs[0] and height >= self.needs[1]

    def draw(self, renderer: RendererBase) -> None:
        """Draws it where it fits."""
        if self.fits():
            super().draw(renderer)

    def get_tightbbox(self, renderer: RendererBase | None = None) -> Bbox | None:
        """No room for what is not drawn."""
        return super().get_tightbbox(renderer) if self.fits() else Bbox.null()


class RoomyLocator(Locator):
    """Of several choices of ticks the first whose labels do not run into each other."""

    def __init__(self, axis: Axis, choices: Sequence[Sequence[int]], needed: float) -> None:
        self._of, self._choices, self._needed = axis, choices, needed

    def __call__(self) -> Any:
        """The places of the ticks."""
        width, height = size_in_points(self._of.axes)
        low, high = self._of.get_view_interval()
        unit = (width if self._of is self._of.axes.xaxis else height) / abs(high - low)
        for places in self._choices:
            gaps = (end - start for start, end in zip(places, places[1:], strict=False))
            if min(gaps, default=1) * unit >= self._needed:
                return list(places)
        return list(self._choices[-1])

    def tick_values(self, vmin: float, vmax: float) -> Any:
        """As for the axis as it is."""
        return self()
