"""The catalogue of features."""

from __future__ import annotations

from winback import _core
from winback.table import Table


def catalogue() -> Table:
    """Lists all features there are, in the order of their columns.

    Returns:
        One row a feature: ``name``; ``family`` (rfm, windows, rhythm, basket, tickets, surveys,
        activity, paths, contacts);
        ``unit`` (days, hours, count, currency, share, ...); ``needs``, the columns or tables that
        a log must have for it; ``empty``, its value for a customer without any event (NaN: not
        defined); ``expected_sign``, 1 where the chance of a purchase can be expected never to fall
        as the feature rises, -1 where never to rise, 0 where common sense does not know (boosted
        trees keep to it, see ``monotone`` of :class:`winback.ChurnModel`); ``meaning``, with the
        formula.

    Examples:
        >>> import winback as wb
        >>> features = wb.catalogue()
        >>> dict(zip(features["name"], features["unit"]))["average_check"]
        'currency'
        >>> dict(zip(features["name"], features["expected_sign"]))["return_share"]
        -1
    """
    return Table(_core.catalogue())
