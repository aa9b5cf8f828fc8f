"""The log as known at a cutoff."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from winback import _core
from winback._arguments import of_type, refusal, to_names
from winback.table import Table


class Snapshot:
    """An event log as known at a cutoff, which :meth:`winback.EventLog.at` gives.

    Everything that is said about customers at a cutoff takes one: :meth:`winback.ChurnModel.score`
    as well as :func:`winback.segments.rfm`. States and features are computed once, when they are
    first asked for.

    Attributes:
        at: The cutoff, a naive datetime in UTC. An event at the cutoff itself comes after it.

    Examples:
        >>> import winback as wb
        >>> now = wb.simulate(customers=50).event_log().at("2024-07-01")
        >>> now
        Snapshot at 2024-07-01 of an EventLog of 50 customers
        >>> now.features(features=["purchase_count"]).column_names
        ['customer_id', 'purchase_count']
    """

    def __init__(self, snapshot: _core.Snapshot) -> None:
        self._snapshot = snapshot

    @property
    def at(self) -> datetime:
        """The cutoff, naive, in UTC."""
        return self._snapshot.at

    def features(
        self, *, features: Sequence[str] | None = None, attributes: Sequence[str] = ()
    ) -> Table:
        """Features of every customer with a purchase before the cutoff.

        Args:
            features: Names of the features to compute, in this order; by default all that the
                log's columns allow (see :func:`winback.catalogue`).
            attributes: Attributes of the customers table to take too.

        Returns:
            One row a customer, by ascending id: ``customer_id``, the features (NaN where not
            defined), the attributes.

        Raises:
            ValueError: A feature that is unknown, named twice, or that the log cannot give; an
                unknown attribute.
            TypeError: An argument of another type.

        Examples:
            >>> import winback as wb
            >>> now = wb.simulate(customers=50).event_log().at("2024-07-01")
            >>> now.features(attributes=["segment"]).column_names[-1]
            'segment'
        """
        names = None if features is None else to_names("features", features)
        return Table(self._snapshot.features(names, to_names("attributes", attributes)))

    def __repr__(self) -> str:
        at = self.at
        midnight = at == at.replace(hour=0, minute=0, second=0, microsecond=0)
        cutoff = at.date().isoformat() if midnight else at.isoformat(sep=" ")
        return f"Snapshot at {cutoff} of an EventLog of {self._snapshot.log.n_customers} customers"


def core_snapshot(now: Snapshot, name: str = "now") -> _core.Snapshot:
    """The core's snapshot, or an error that says what is needed."""
    if not isinstance(now, Snapshot):
        raise refusal(TypeError, name, "a winback.Snapshot, as log.at(cutoff) gives", of_type(now))
    return now._snapshot
