"""The migration matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING

from winback.plot._style import expect
from winback.retention import Migration

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def migration(migration: Migration, *, ax: Axes | None = None) -> Axes:
    """Where the customers of each label went: a row a label before, a column a label after.

    Cells show the share of the row and the number of customers. Rows with too few customers to
    judge are hatched.

    Args:
        migration: What :func:`winback.migration` or :meth:`winback.EventLog.migration` gives.
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
        >>> ax = wb.plot.migration(log.migration("2024-07-01", "2025-01-01"))
        >>> [label.get_text() for label in ax.get_xticklabels()]
        ['active', 'lapsed', 'lost']
    """
    expect("migration", migration, Migration, "migration()")
    raise NotImplementedError
