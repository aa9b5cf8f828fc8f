"""The log as known at a cutoff."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from winback import _core
from winback._arguments import Path, of_type, refusal, to_names
from winback._inputs import keep_log, to_output
from winback._time import shown
from winback._unmet import warn_of_unmet_ids
from winback.table import Table


class Snapshot:
    """An event log as known at a cutoff, which :meth:`winback.EventLog.at` gives.

    Everything that is said about customers at a cutoff takes one: :meth:`winback.ChurnModel.score`
    as well as :func:`winback.segments.rfm`. States and features are computed once, when they are
    first asked for.

    Attributes:
        at: The cutoff, a naive datetime of the log's clock. An event at the cutoff itself comes
            after it.

    Examples:
        >>> import winback as wb
        >>> now = wb.simulate(customers=50).event_log().at("2024-07-01")
        >>> now
        Snapshot at 2024-07-01 of an EventLog of 50 customers
        >>> now.features(features=["purchase_count"]).column_names
        ['customer_id', 'purchase_count']
    """

    def __init__(self, snapshot: _core.Snapshot, *made_of: object) -> None:
        self._snapshot = snapshot
        keep_log(self, *made_of)

    @property
    def at(self) -> datetime:
        """The cutoff, naive, by the log's clock."""
        return self._snapshot.at

    def features(
        self,
        *,
        features: Sequence[str] | None = None,
        attributes: Sequence[str] = (),
        kinds: Sequence[str] = (),
    ) -> Table:
        """Features of every customer with a purchase before the cutoff.

        Args:
            features: Names of the features to compute, in this order; by default all that the
                log's columns allow (see :func:`winback.catalogue`).
            attributes: Attributes of the customers table to take too.
            kinds: Kinds of events that have columns of their own, such as
                ``event_visit_count_30d``; all other kinds count as ``other``.
                :meth:`winback.ChurnModel.features` has those of a model.

        Returns:
            One row a customer, by ascending id: ``customer_id``, the features (NaN where not
            defined), the attributes, the features of the kinds.

        Raises:
            ValueError: A feature that is unknown, named twice, or that the log cannot give; an
                unknown attribute; kinds of a log without events, or one named twice.
            TypeError: An argument of another type.

        Examples:
            >>> import winback as wb
            >>> now = wb.simulate(customers=50).event_log().at("2024-07-01")
            >>> now.features(attributes=["segment"]).column_names[-1]
            'segment'
            >>> now = wb.simulate(customers=50, events=True).event_log().at("2024-07-01")
            >>> now.features(features=["open_carts"], kinds=["visit"]).column_names[:3]
            ['customer_id', 'open_carts', 'event_visit_count_7d']
        """
        names = None if features is None else to_names("features", features)
        wanted = to_names("attributes", attributes)
        return Table(self._snapshot.features(names, wanted, to_names("kinds", kinds)), self)

    def __repr__(self) -> str:
        customers = self._snapshot.log.n_customers
        return f"Snapshot at {shown(self.at)} of an EventLog of {customers:,} customers"


class PartitionedSnapshot:
    """A log larger than memory as known at a cutoff, which :meth:`winback.PartitionedLog.at` gives.

    What is said about its customers is written to files: :meth:`write_features`,
    :meth:`winback.ChurnModel.write_scores`, :meth:`winback.ChurnModel.write_candidates`.

    Attributes:
        at: The cutoff, a naive datetime of the log's clock.

    Examples:
        >>> import pathlib, tempfile
        >>> import winback as wb
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "orders.parquet"
        >>> wb.simulate(customers=100).transactions.write(path)
        >>> log = wb.PartitionedLog(path, observed_until="2025-01-01", memory="1GB")
        >>> log.at("2024-07-01").at
        datetime.datetime(2024, 7, 1, 0, 0)
    """

    def __init__(self, snapshot: _core.PartitionedSnapshot, *made_of: object) -> None:
        self._snapshot = snapshot
        keep_log(self, *made_of)

    @property
    def at(self) -> datetime:
        """The cutoff, naive, by the log's clock."""
        return self._snapshot.at

    def write_features(
        self,
        path: Path,
        *,
        features: Sequence[str] | None = None,
        attributes: Sequence[str] = (),
        kinds: Sequence[str] = (),
    ) -> dict[str, Any]:
        """Writes the rows of :meth:`winback.Snapshot.features` to a file.

        Args:
            path: The file, ending in ``.parquet`` or ``.csv``; it is replaced as a whole once all
                is written.
            features: Names of the features to compute; by default all that the columns allow.
            attributes: Attributes of the customers table to take too.
            kinds: Kinds of events that have columns of their own.

        Returns:
            ``rows`` and ``columns`` (features and attributes) that were written, and ``log``: what
            was read, and what was left out and why, as :attr:`winback.EventLog.report`.

        Raises:
            ValueError: As :meth:`winback.Snapshot.features`; a path of another ending, or of a
                table that was read; a customer described twice.
            TypeError: An argument of another type.
            OSError: The file or temporary files cannot be written.

        Examples:
            >>> import pathlib, tempfile
            >>> import winback as wb
            >>> folder = pathlib.Path(tempfile.mkdtemp())
            >>> wb.simulate(customers=100).transactions.write(folder / "orders.parquet")
            >>> log = wb.PartitionedLog(
            ...     folder / "orders.parquet", observed_until="2025-01-01", memory="1GB"
            ... )
            >>> log.at("2025-01-01").write_features(folder / "features.parquet")["rows"]
            100
        """
        names = None if features is None else to_names("features", features)
        wanted = to_names("attributes", attributes)
        listed = to_names("kinds", kinds)
        written = self._snapshot.write_features(to_output(path, self), names, wanted, listed)
        warn_of_unmet_ids(written["log"])
        return written

    def __repr__(self) -> str:
        return f"PartitionedSnapshot at {shown(self.at)}"


def core_snapshot(now: Snapshot, name: str = "now") -> _core.Snapshot:
    """The core's snapshot, or an error that says what is needed."""
    if not isinstance(now, Snapshot):
        expected = "a winback.Snapshot, as log.at(cutoff) gives"
        if isinstance(now, PartitionedSnapshot):
            expected += "; of a log in parts take a share, parts.sample(share).at(cutoff)"
        raise refusal(TypeError, name, expected, of_type(now))
    return now._snapshot


def core_parts(now: PartitionedSnapshot) -> _core.PartitionedSnapshot:
    """The core's snapshot of a log in parts, or an error that says what is needed."""
    if not isinstance(now, PartitionedSnapshot):
        expected = "a winback.PartitionedSnapshot, as parts.at(cutoff) gives"
        raise refusal(TypeError, "now", expected, of_type(now))
    return now._snapshot
