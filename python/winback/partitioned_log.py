"""A log larger than memory: read from Parquet files, in parts on disk."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from winback import _core
from winback._arguments import (
    Path,
    of_type,
    refusal,
    to_count,
    to_float,
    to_int,
    to_path,
    to_str,
)
from winback._inputs import keep_log
from winback._progress import Progress
from winback._time import Instant, shown, to_text
from winback.event_log import EventLog, by_clock, core_files, core_input, core_roles
from winback.snapshot import PartitionedSnapshot


class PartitionedLog:
    """An event log larger than memory.

    The rows are brought together by customer in temporary files, then one part of neighbouring
    customers at a time is read. What is written of it at a cutoff (see :meth:`at`), and what
    ``winback.retention``, :func:`winback.inactivity`, :meth:`winback.ChurnModel.evaluate` and
    ``drift`` and, of ``winback.segments``, RFM, loyalty and concentration say of it, is what an
    :class:`winback.EventLog` of all rows gives, to the bit and in the same order. Models learn from
    a share of its customers, by default the largest for which the memory is enough
    (:meth:`winback.ChurnModel.fit`, ``backtest``); :meth:`sample` is the log of a share, for
    everything else.

    Args:
        transactions: A ``.parquet`` file, a folder of them, plain or with folders named
            ``column=value``, or a pattern such as ``"orders/2024-*.parquet"``; columns as for
            :class:`winback.EventLog`. So are the next four. The files need the same columns of
            the same kinds (texts, numbers, or times; nulls are of any kind), as far as they are
            read. Names with a leading ``.`` or ``_`` are left out, and a file's own column goes
            before its folder's.
        tickets: Support tickets.
        surveys: Survey answers.
        events: What customers do and what is done to reach them.
        activity: Kinds of events that stand in place of purchases, as for
            :class:`winback.EventLog`; there are no transactions then.
        contacts: Kinds of events that are acts of the business, likewise.
        roles: What kinds of events stand for, likewise.
        customers: Attributes of customers.
        columns: The input's own names, as for :class:`winback.EventLog`; so are the next six.
        missing_ids: What to do with rows without a customer id.
        bad_rows: What to do with rows that have a cell that cannot be used.
        missing_values: Texts that stand for a missing value.
        purchase_by: Which rows of a customer are one purchase.
        zero_amounts: What rows of amount zero are.
        observed_until: Up to when the log is complete (exclusive).
        time_zone: The zone by whose clock the log goes.
        time_format: How texts are written in columns of times.
        memory: Memory to keep to, in bytes or as ``"2GB"``; at least 256 MiB. One customer's
            rows stay together; if those of one alone take too much, that is an error, which names
            the customer.
        temp_folder: Folder on whose disk the parts are kept, about as large as the columns read
            are without compression; by default the system's folder for temporary files, which on
            some systems is in memory: name another there. The files have no names and are gone
            with the process, whatever happens.
        least_parts: More parts than the memory asks for, at most 2,048.
        limits: What one file may hold, as for :class:`winback.EventLog`.
        progress: Called now and then, from any thread, with what is being done, how much of it is
            done, and how much there is; an exception that it raises ends the work.

    Attributes:
        n_parts: How many parts there are.
        time_zone: Name of the zone by whose clock the log goes.
        first_event: Time of the first transaction, a naive datetime of that clock.
        last_event: Time of the last transaction, likewise.
        observed_until: Up to when the log is complete, likewise.
        report: What was read, and what was left out and why.

    Raises:
        ValueError: A table cannot be used (the message names table, column, row and file), is no
            Parquet file, or an argument is not allowed.
        TypeError: An argument of another type.
        OSError: A file cannot be read, or the temporary folder not be written (a full disk).

    Examples:
        >>> import pathlib, tempfile
        >>> import polars as pl
        >>> import winback as wb
        >>> folder = pathlib.Path(tempfile.mkdtemp())
        >>> shop = wb.simulate(customers=400)
        >>> shop.transactions.write(folder / "orders.parquet")
        >>> log = wb.PartitionedLog(
        ...     folder / "orders.parquet", observed_until="2025-01-01", memory="1GB"
        ... )
        >>> log
        PartitionedLog: 1 part
        from 2022-01-01... to 2024-12-31..., complete up to 2025-01-01
        >>> written = log.at("2025-01-01").write_features(folder / "features.parquet")
        >>> written["rows"] == len(pl.read_parquet(folder / "features.parquet"))
        True
    """

    def __init__(
        self,
        transactions: Path | None = None,
        *,
        tickets: Path | None = None,
        surveys: Path | None = None,
        events: Path | None = None,
        activity: Sequence[str] = (),
        contacts: Sequence[str] = (),
        roles: Mapping[str, Sequence[str]] | None = None,
        customers: Path | None = None,
        columns: Mapping[str, Mapping[str, str]] | None = None,
        missing_ids: Literal["error", "drop"] = "error",
        bad_rows: Literal["error", "drop"] = "error",
        missing_values: Sequence[str] | None = None,
        purchase_by: Literal["order", "timestamp", "day"] = "order",
        zero_amounts: Literal["ignore", "purchase"] = "ignore",
        observed_until: Instant,
        time_zone: str = "UTC",
        time_format: str | Mapping[str, str] | None = None,
        memory: int | str,
        temp_folder: Path | None = None,
        least_parts: int = 1,
        limits: Mapping[str, int] | None = None,
        progress: Progress | None = None,
    ) -> None:
        if progress is not None and not callable(progress):
            raise refusal(TypeError, "progress", "what can be called", of_type(progress))
        tables = {
            "transactions": transactions,
            "tickets": tickets,
            "surveys": surveys,
            "events": events,
            "customers": customers,
        }
        needed = () if activity else ("transactions",)
        paths = {
            name: None if path is None and name not in needed else to_path(name, path)
            for name, path in tables.items()
        }
        self._log = _core.PartitionedLog(
            paths
            | core_input(
                columns,
                missing_ids,
                bad_rows,
                missing_values,
                observed_until,
                purchase_by,
                zero_amounts,
                time_zone,
                time_format,
                event_roles=core_roles(activity, contacts, roles),
            )
            | core_files(limits=limits),
            _memory(memory),
            None if temp_folder is None else to_path("temp_folder", temp_folder),
            to_count("least_parts", least_parts),
            progress,
        )
        keep_log(self, *tables.values())

    @property
    def n_parts(self) -> int:
        """How many parts there are."""
        return self._log.n_parts

    @property
    def time_zone(self) -> str:
        """Name of the zone by whose clock the log goes."""
        return self._log.time_zone

    @property
    def first_event(self) -> datetime:
        """Time of the first transaction, naive, by the log's clock."""
        return self._log.first_event

    @property
    def last_event(self) -> datetime:
        """Time of the last transaction, naive, by the log's clock."""
        return self._log.last_event

    @property
    def observed_until(self) -> datetime:
        """Up to when the log is complete (exclusive), naive, by the log's clock."""
        return self._log.observed_until

    @property
    def report(self) -> dict[str, Any]:
        """What was read, and what was left out and why, as :attr:`winback.EventLog.report`.

        It is known once all parts were gone through; that is done when it is first asked for,
        unless something else did so before.
        """
        return self._log.report

    def part(self, number: int) -> EventLog:
        """The log of one part: some neighbouring customers with all their events.

        Args:
            number: From 0 to below ``n_parts``; the parts one after the other hold all customers
                by ascending id, so that a single one is no random sample.

        Returns:
            The log of its customers.

        Raises:
            IndexError: There is no such part.

        Examples:
            >>> import pathlib, tempfile
            >>> import winback as wb
            >>> path = pathlib.Path(tempfile.mkdtemp()) / "orders.parquet"
            >>> wb.simulate(customers=100).transactions.write(path)
            >>> log = wb.PartitionedLog(
            ...     path, observed_until="2025-01-01", memory="1GB", least_parts=2
            ... )
            >>> sum(log.part(number).n_customers for number in range(log.n_parts))
            100
        """
        number = to_int("number", number)
        if not 0 <= number < self.n_parts:
            raise IndexError(f"there are {self.n_parts} parts, counted from 0; not {number}")
        log = EventLog.__new__(EventLog)
        log._log = self._log.part(number)
        keep_log(log, self)
        return log

    def sample(self, share: float, *, salt: str = "winback") -> EventLog:
        """The log of a share of the customers, in memory: for analyses that take no log in parts.

        Those are taken who are drawn by their ids, so that they are the same however the log is cut
        into parts, and the same as ``winback.spark`` draws to learn from. It knows the span of the
        whole log, and tells its share as :attr:`winback.EventLog.share`.

        Args:
            share: Share of the customers, above 0 and at most 1; with 1 it is the log that is read
                at once.
            salt: Text that decides which customers these are: others than those of a control group
                with the same salt.

        Returns:
            The log of these customers.

        Raises:
            ValueError: A share out of range, that nobody is in, or for which the ``memory`` is not
                enough.
            TypeError: An argument of another type.

        Examples:
            >>> import pathlib, tempfile
            >>> import winback as wb
            >>> path = pathlib.Path(tempfile.mkdtemp()) / "orders.parquet"
            >>> wb.simulate(customers=400).transactions.write(path)
            >>> log = wb.PartitionedLog(path, observed_until="2025-01-01", memory="1GB")
            >>> sample = log.sample(0.25)
            >>> sample.n_customers, sample.share
            (84, 0.25)
        """
        log = EventLog.__new__(EventLog)
        log._log = self._log.sample(to_float("share", share), to_str("salt", salt))
        keep_log(log, self)
        return log

    def at(self, cutoff: Instant) -> PartitionedSnapshot:
        """The log as known at a cutoff.

        Args:
            cutoff: The cutoff: ISO text, a date or a datetime. What happens at the cutoff itself
                comes after it.

        Returns:
            The snapshot.

        Raises:
            ValueError: A cutoff that is no time, not after the first transaction, or after
                ``observed_until``.
            TypeError: A cutoff of another type.

        Examples:
            >>> import pathlib, tempfile
            >>> import winback as wb
            >>> path = pathlib.Path(tempfile.mkdtemp()) / "orders.parquet"
            >>> wb.simulate(customers=100).transactions.write(path)
            >>> log = wb.PartitionedLog(path, observed_until="2025-01-01", memory="1GB")
            >>> log.at("2025-01-01")
            PartitionedSnapshot at 2025-01-01
        """
        return PartitionedSnapshot(self._log.at(to_text("at", cutoff)), self)

    def __repr__(self) -> str:
        first, last, until = map(shown, (self.first_event, self.last_event, self.observed_until))
        parts = "1 part" if self.n_parts == 1 else f"{self.n_parts} parts"
        span = f"from {first} to {last}, complete up to {until}{by_clock(self.time_zone)}"
        return f"PartitionedLog: {parts}\n{span}"


def _memory(memory: int | str) -> str:
    if isinstance(memory, str):
        return memory
    try:
        return str(operator.index(memory))
    except TypeError:
        expected = "an int or a str such as '2GB'"
        raise refusal(TypeError, "memory", expected, of_type(memory)) from None
