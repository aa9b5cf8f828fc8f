"""RFM scores and segments of all customers at one cutoff."""

from __future__ import annotations

from collections.abc import Sequence

from winback import _core, _html
from winback._arguments import to_names, to_str
from winback._fitted_model import core_log
from winback.event_log import EventLog
from winback.segments._group_profile import GroupProfile
from winback.table import Table


class RfmScores(Table):
    """Scores and segments of all customers at a cutoff, a row a customer.

    Attributes:
        summary: A row a segment: ``segment``, ``customers``, ``share``, ``revenue``,
            ``revenue_share``, ``mean_recency``, ``mean_frequency``, ``mean_monetary``; None where
            not defined.

    Examples:
        >>> import winback as wb
        >>> log = wb.simulate(customers=300).event_log()
        >>> scores = wb.RfmSegments().fit_transform(log, at="2025-01-01")
        >>> sum(scores.summary["customers"]) == len(scores)
        True
    """

    def __init__(self, scores: _core.RfmScores, log: EventLog) -> None:
        super().__init__(scores.table())
        self.summary = Table(scores.summary())
        self._scores = scores
        self._source = log

    def profile(self, segment: str, *, attributes: Sequence[str] = ()) -> GroupProfile:
        """What the customers of a segment have in common against all others.

        Args:
            segment: Its name.
            attributes: Attributes of the customers table to compare too.

        Returns:
            The differences, the largest first.

        Raises:
            ValueError: An unknown segment or attribute; a segment of nobody, or of everybody.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=500).event_log()
            >>> scores = wb.RfmSegments().fit_transform(log, at="2025-01-01")
            >>> scores.profile("champions").table["column"][0] in wb.catalogue()["name"]
            True
        """
        names = to_names("attributes", attributes)
        segment = to_str("segment", segment)
        return GroupProfile(*self._scores.profile(core_log(self._source), segment, names))

    def __repr__(self) -> str:
        return f"{super().__repr__()}\n\n{self._scores.describe()}"

    def _repr_html_(self) -> str:
        return super()._repr_html_() + _html.report(self._scores.describe())
