"""The flow of the customer base."""

from __future__ import annotations

from typing import TYPE_CHECKING

from winback.plot._style import expect
from winback.retention import Flow

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def flow(flow: Flow, *, ax: Axes | None = None) -> Axes:
    """Who came, stayed and went in each period.

    Above zero those who are active at its end: kept, reactivated and new customers. Below zero
    those who lapsed or were lost in it. Periods that are not over are left out.

    Args:
        flow: What :meth:`winback.EventLog.flow` gives.
        ax: Axes to draw on; by default a new figure.

    Returns:
        The axes.

    Raises:
        TypeError: ``flow`` is something else.
        ValueError: No period that is over.
        ImportError: matplotlib is not installed.

    Examples:
        >>> import winback as wb
        >>> ax = wb.plot.flow(wb.simulate(customers=500).event_log().flow("1q"))
        >>> [text.get_text() for text in ax.get_legend().get_texts()]
        ['new', 'reactivated', 'kept', 'lapsed', 'lost']
    """
    expect("flow", flow, Flow, "flow()")
    raise NotImplementedError
