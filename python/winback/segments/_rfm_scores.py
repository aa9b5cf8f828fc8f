"""RFM scores and segments of all customers at one cutoff."""

from __future__ import annotations

from collections.abc import Sequence

from winback.segments._group_profile import GroupProfile
from winback.segments._grouped import Grouped


class RfmScores(Grouped):
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
        return self._profile("segment", segment, attributes)
