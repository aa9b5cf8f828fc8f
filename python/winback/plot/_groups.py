"""How large groups are and how much of the revenue they bring."""

from __future__ import annotations

from typing import TYPE_CHECKING

from winback.plot._style import expect
from winback.reports import Scores
from winback.segments import Concentration, LoyaltyGroups, RfmScores

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def lorenz_curve(
    concentration: Concentration, *, label: str | None = None, ax: Axes | None = None
) -> Axes:
    """The Lorenz curve of the revenue, with the Gini coefficient.

    What share of the revenue the customers bring who bring least. The diagonal is that of customers
    who all bring the same; the Gini coefficient is twice the area between the two. The top groups
    are marked.

    Args:
        concentration: What :meth:`winback.EventLog.concentration` gives.
        label: Name of the curve, for the legend.
        ax: Axes to draw on, also those of another Lorenz curve; by default a new figure.

    Returns:
        The axes.

    Raises:
        TypeError: ``concentration`` is something else.
        ImportError: matplotlib is not installed.

    Examples:
        >>> import winback as wb
        >>> log = wb.simulate(customers=500).event_log()
        >>> ax = wb.plot.lorenz_curve(log.concentration(at="2025-01-01"))
        >>> ax.get_xlabel()
        'share of customers, from the least revenue up'
    """
    expect("concentration", concentration, Concentration, "concentration()")
    raise NotImplementedError


def shares(groups: Scores | RfmScores | LoyaltyGroups, *, ax: Axes | None = None) -> Axes:
    """How many customers are in each state, segment or loyalty group, and what they bring.

    Args:
        groups: What :meth:`winback.ChurnModel.score` gives (states),
            :meth:`winback.RfmSegments.transform` (segments) or :meth:`winback.EventLog.loyalty`
            (loyalty groups).
        ax: Axes to draw on; by default a new figure.

    Returns:
        The axes.

    Raises:
        TypeError: ``groups`` is something else.
        ImportError: matplotlib is not installed.

    Examples:
        >>> import winback as wb
        >>> log = wb.simulate(customers=500).event_log()
        >>> ax = wb.plot.shares(log.loyalty(at="2025-01-01"))
        >>> [label.get_text() for label in ax.get_yticklabels()]
        ['loyal', 'neutral', 'vulnerable']
    """
    raise NotImplementedError
