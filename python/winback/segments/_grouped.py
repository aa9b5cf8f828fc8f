"""Customers by group: what RFM segments and loyalty groups share."""

from __future__ import annotations

from collections.abc import Sequence

from winback import _core, _html
from winback._arguments import to_names, to_str
from winback.segments._group_profile import GroupProfile
from winback.table import Table


class Grouped(Table):
    """A row a customer with the group, the groups themselves, and what each has in common."""

    def __init__(self, found: _core.RfmScores | _core.LoyaltyGroups, log: _core.EventLog) -> None:
        super().__init__(found.table())
        self.summary = Table(found.summary())
        self._found = found
        self._source = log

    def _profile(self, name: str, group: str, attributes: Sequence[str]) -> GroupProfile:
        """Of a group that the caller's parameter calls ``name``."""
        names = to_names("attributes", attributes)
        return GroupProfile(*self._found.profile(self._source, to_str(name, group), names))

    def __repr__(self) -> str:
        return f"{super().__repr__()}\n\n{self._found.describe()}"

    def _repr_html_(self) -> str:
        return super()._repr_html_() + _html.report(self._found.describe())
