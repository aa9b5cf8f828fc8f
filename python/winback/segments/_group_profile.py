"""What a group of customers has in common."""

from __future__ import annotations

from winback import _core, _html
from winback.table import Table


class GroupProfile:
    """What a group of customers has in common against all others, the largest differences first.

    Attributes:
        table: A row a feature, number or value of a text attribute: ``column``, ``level`` (None for
            numbers), ``unit``, ``group_customers`` and ``rest_customers`` (for whom it is defined),
            ``group_mean``, ``rest_mean`` (of a value: the shares), ``difference``,
            ``standardised_difference`` (in pooled standard deviations: Hedges' g) with its 95 %
            interval ``low``, ``high`` (Hedges and Olkin 1985); None where there is no spread. Each
            interval is for itself: of twenty columns that do not differ, one looks as if it did.
        words: The differences of at least 0.2 standard deviations whose interval leaves out zero,
            in words.

    Examples:
        >>> import winback as wb
        >>> log = wb.simulate(customers=300).event_log()
        >>> profile = log.loyalty(at="2025-01-01").profile("loyal")
        >>> len(profile.words) <= len(profile.table)
        True
    """

    def __init__(self, table: _core.Table, words: list[str], text: str) -> None:
        self.table = Table(table)
        self.words = words
        self._text = text

    def __repr__(self) -> str:
        return self._text

    def _repr_html_(self) -> str:
        return _html.report(repr(self))
