"""The event log: all that customers did, read once and sorted."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, Protocol, TypeAlias

from winback import _core
from winback._arguments import of_type, refusal, to_binary, to_count, to_names, to_path, to_str
from winback._frames import arrow_table
from winback._inputs import keep_log
from winback._options import documented
from winback._time import Instant, Instants, shown, to_text, to_texts
from winback._unmet import warn_of_unmet_ids
from winback.answer import Answer
from winback.snapshot import Snapshot
from winback.table import Table


class ArrowTable(Protocol):
    """Anything with the Arrow PyCapsule interface: a table of pandas, polars, pyarrow, DuckDB."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """A capsule with a stream of record batches."""


Source: TypeAlias = ArrowTable | str | os.PathLike[str]
"""An input table: an Arrow table, or a path to a file (.parquet, .csv, .csv.gz, .xlsx), to a folder
or to the files that a pattern matches."""


class EventLog:
    r"""All events of all customers, sorted by customer and time.

    The log does not depend on the order of the input's rows. Columns that are not listed here are
    ignored, in the customers table they are attributes.

    Args:
        transactions: Purchases and returns: ``customer_id``, ``time`` and, where there are any,
            ``amount`` (in your currency; negative: a return), ``order_id``, ``category``,
            ``channel``, ``discount`` (part of the price given away), ``valid_until`` (the end of a
            contract or of a paid period), ``known_at`` (when the row became known, for late
            imports).
        tickets: Support tickets: ``customer_id``, ``opened_at`` and, where there are any,
            ``first_response_at``, ``resolved_at`` (missing: open), ``topic``, ``reopened_count``,
            ``satisfaction``, ``known_at``.
        surveys: Survey answers: ``customer_id``, ``time``, ``score`` (0 to 10) and, where there
            are any, ``topic``, ``known_at``.
        events: What customers do and what is done to reach them: ``customer_id``, ``time``,
            ``kind`` (such as ``visit``, ``cart``, ``login``, ``email_sent``) and, where there are
            any, ``value`` (a number), ``channel``, ``known_at``. One row is one event. But for
            ``activity``, they form no purchases, make nobody a customer, and do not move
            ``first_event`` and ``last_event``.
        activity: Kinds of events that stand in place of purchases, such as ``["login"]``, for a
            service without any. There is no table of transactions then: the rows of these kinds
            become the customers' purchases, without amounts, and remain events too. States,
            models, retention and all else tell of activity, and texts say so; columns keep their
            names. With ``purchase_by="day"`` a day with any of them counts as one.
        contacts: Kinds of events that are acts of the business, such as ``["email_sent", "call"]``;
            all others are acts of the customer.
        roles: What kinds of events stand for, as ``{"visit": ["page_view"], "cart": ["add"]}``:
            ``visit``, ``cart``, ``abandoned`` (a checkout that was broken off), ``opened`` (a
            contact is opened or answered). Features of the way to a purchase and of what follows
            contacts need them.
        customers: Attributes: ``customer_id``, one row a customer, and any columns of numbers or
            texts. They are as they are now, and may tell the future (a status, a tier): only those
            you name are ever used.
        columns: The input's own names, as ``{"transactions": {"customer_id": "Customer ID"}}``. A
            text in single quotes stands for all cells of a column of kinds, categories, channels
            or topics: ``{"events": {"kind": "'login'"}}`` reads a plain table of log-ins.
        missing_ids: ``"error"`` refuses rows without a customer id, ``"drop"`` leaves them out and
            counts them.
        bad_rows: ``"error"`` refuses a table with a cell that cannot be used (an impossible time, a
            text where a number stands, a score outside 0 to 10, a customer described twice) and
            names the first; ``"drop"`` leaves such rows out, counts them and tells the first ten
            of each table.
        missing_values: The texts that stand for a missing value; by default ``NULL``, ``null`` and
            ``\N``, in columns of numbers and times also ``NaN``, ``nan``, ``NA``, ``N/A``,
            ``#N/A``, ``<NA>``, ``None``, ``-`` and ``?``. A list replaces all of these; empty and
            blank cells are missing in any case. In ``known_at`` only they are: there a text that
            stands for a missing time is a cell that cannot be used.
        purchase_by: Which rows of a customer are one purchase: those of one ``"order"`` (without
            order ids: of one instant), of one ``"timestamp"``, or of one ``"day"``.
        zero_amounts: Whether rows of amount zero are left out (``"ignore"``) or make a
            ``"purchase"``.
        observed_until: Up to when the log is complete (exclusive), for silence after it says
            nothing; or ``"last_event"``.
        span: Times of the first and the last transaction (or activity) of all customers, for a log
            of some of them: it may have no rows, and can be asked at any cutoff that the log of all
            can. Its tables need types, so none is a CSV file or a workbook.
        time_zone: The zone by whose clock the log goes, such as ``"Europe/Berlin"``: days, months
            and other periods begin when they begin there. Times with an offset or a zone are
            converted to it, those without are read as they stand; so are cutoffs.
        time_format: How texts are written in columns of times, as for ``strptime``
            (``"%d.%m.%Y %H:%M"``), or a dict of formats by column
            (``{"transactions.known_at": "%m/%d/%Y"}``). By default ISO 8601; dates such as
            ``2024/01/31`` and ``31.01.2024`` are read too, ``31/01/2024`` or ``1/31/2024`` where a
            row of the column shows which comes first.
        decimal: The decimal sign of numbers in CSV files, ``"."`` or ``","``.
        thousands: What sets thousands apart in numbers of CSV files: ``","``, ``"."``, ``"'"`` or
            ``" "``, which stands for narrow and non-breaking blanks too; by default nothing.
        csv_separator: One character, or ``"tab"``; by default that of a first line such as
            ``sep=;``, else the one of comma, semicolon, tab and ``|`` that stands most often in the
            header, and as often in the rows.
        skip_rows: Lines above the header of CSV files, such as a title.
        encoding: Of CSV files that do not show theirs: ``"utf-8"`` (the default), ``"utf-16"``,
            ``"cp1251"``, ``"cp1252"`` or another name of the web. UTF-16 and byte order marks are
            found without it.
        sheets: Which sheet of a workbook holds a table, as ``{"transactions": "Orders"}``; by
            default the only visible one with cells.
        limits: What one file may hold, so that a damaged or hostile one does not take all memory,
            as ``{"columns": 20_000}``: ``columns`` (10,000), ``record_bytes`` and ``cell_bytes``
            of CSV files (16 MiB and 1 MiB), and ``expanded_bytes`` (128 MiB), which a file may
            become in memory though they are more than 200 times its own.

    Tables are pandas or polars frames, tables, batches or readers of pyarrow, DuckDB relations,
    anything else with ``__arrow_c_stream__``, or paths: to ``.parquet``, ``.csv``, ``.csv.gz`` or
    ``.xlsx`` files, to folders of Parquet or of CSV files, plain or with folders named
    ``column=value``, or patterns such as ``"orders/2024-*.csv"``. Customer ids are integers or
    texts, the same in all tables. Blanks around ids and other texts are taken off. In CSV files ids
    are integers where all of them are written as such; ``007`` stays a text, and so does a column
    of attributes with a cell like it. A table of which no row is of a customer of the transactions
    (of 100 rows or more: fewer than 1 %) makes a ``UserWarning``, for its ids are probably written
    in another way.

    Columns may be of any type that fits: ids integers (also as whole floats or decimals) or texts,
    numbers integers, floats or decimals, times dates or timestamps of any unit and zone or ISO
    texts, texts plain, categorical, whole numbers or booleans. Any other type is refused by table
    and column. Columns of 64-bit numbers and of microseconds are read where they are, without a
    copy of the table.

    Attributes:
        report: What was read, and what was left out and why, as a dict.
        n_customers: Number of customers with a transaction row.
        tells_activity: Whether what are called purchases are events of the kinds of ``activity``.
        time_zone: Name of the zone by whose clock the log goes.
        first_event: Time of the first transaction, a naive datetime of that clock.
        last_event: Time of the last transaction, likewise.
        observed_until: Up to when the log is complete, likewise.
        share: The share of all customers that these are: 1, unless they were drawn.

    Raises:
        ValueError: A table cannot be used (the message names table, column and row), or an
            argument is not allowed.
        TypeError: An argument of another type.
        FileNotFoundError: There is no such file; other kinds of ``OSError`` likewise.

    Examples:
        >>> import pandas as pd
        >>> import winback as wb
        >>> orders = pd.DataFrame(
        ...     {
        ...         "Customer ID": [7, 7, 3],
        ...         "time": pd.to_datetime(["2024-01-05", "2024-03-01", "2024-02-10"]),
        ...         "amount": [20.0, 35.5, 12.0],
        ...     }
        ... )
        >>> log = wb.EventLog(
        ...     orders,
        ...     columns={"transactions": {"customer_id": "Customer ID"}},
        ...     observed_until="2024-04-01",
        ... )
        >>> log
        EventLog: 3 purchases of 2 customers
        transactions: 3 rows read, 3 kept
        from 2024-01-05 to 2024-03-01, complete up to 2024-04-01
        >>> log.at("2024-03-01").features()["total_spend"]
        [12.0, 20.0]

        A service without purchases, whose log-ins tell who is active:

        >>> logins = pd.DataFrame(
        ...     {"user": [7, 7, 3], "at": ["2024-01-05", "2024-03-01", "2024-02-10"]}
        ... )
        >>> wb.EventLog(
        ...     events=logins,
        ...     columns={"events": {"customer_id": "user", "time": "at", "kind": "'login'"}},
        ...     activity=["login"],
        ...     observed_until="2024-04-01",
        ... )
        EventLog: 3 activities of 2 customers
        activity: 3 rows read, 3 kept
        events: 3 rows read, 3 kept
        from 2024-01-05 to 2024-03-01, complete up to 2024-04-01
    """

    def __init__(
        self,
        transactions: Source | None = None,
        *,
        tickets: Source | None = None,
        surveys: Source | None = None,
        events: Source | None = None,
        activity: Sequence[str] = (),
        contacts: Sequence[str] = (),
        roles: Mapping[str, Sequence[str]] | None = None,
        customers: Source | None = None,
        columns: Mapping[str, Mapping[str, str]] | None = None,
        missing_ids: Literal["error", "drop"] = "error",
        bad_rows: Literal["error", "drop"] = "error",
        missing_values: Sequence[str] | None = None,
        purchase_by: Literal["order", "timestamp", "day"] = "order",
        zero_amounts: Literal["ignore", "purchase"] = "ignore",
        observed_until: Instant,
        span: tuple[Instant, Instant] | None = None,
        time_zone: str = "UTC",
        time_format: str | Mapping[str, str] | None = None,
        decimal: str | None = None,
        thousands: str | None = None,
        csv_separator: str | None = None,
        skip_rows: int = 0,
        encoding: str | None = None,
        sheets: Mapping[str, str] | None = None,
        limits: Mapping[str, int] | None = None,
    ) -> None:
        tables = {
            "transactions": transactions,
            "tickets": tickets,
            "surveys": surveys,
            "events": events,
            "customers": customers,
        }
        needed = () if activity else ("transactions",)
        self._log = _core.EventLog(
            {name: to_source(name, table, name in needed) for name, table in tables.items()}
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
                decimal,
                thousands,
                event_roles=core_roles(activity, contacts, roles),
                span=span,
            )
            | core_files(csv_separator, skip_rows, encoding, sheets, limits)
        )
        keep_log(self, *tables.values())
        warn_of_unmet_ids(self.report)

    def append(
        self,
        transactions: Source | None = None,
        *,
        tickets: Source | None = None,
        surveys: Source | None = None,
        events: Source | None = None,
        customers: Source | None = None,
        columns: Mapping[str, Mapping[str, str]] | None = None,
        missing_ids: Literal["error", "drop"] = "error",
        bad_rows: Literal["error", "drop"] = "error",
        missing_values: Sequence[str] | None = None,
        observed_until: Instant,
        time_format: str | Mapping[str, str] | None = None,
        decimal: str | None = None,
        thousands: str | None = None,
        csv_separator: str | None = None,
        skip_rows: int = 0,
        encoding: str | None = None,
        sheets: Mapping[str, str] | None = None,
        limits: Mapping[str, int] | None = None,
    ) -> EventLog:
        """A log with new rows, such as a day's orders; this one stays as it is.

        The result equals a log built from the rows of both, rows in any order of time, and takes a
        fraction of the time: only the customers that the transactions name, and their neighbours,
        are sorted anew, and both logs share the rest.

        Args:
            transactions: New rows, as for the constructor; so are the four that follow. Tables
                need the optional columns that the log has, and no others.
            tickets: New support tickets.
            surveys: New survey answers.
            events: New events.
            customers: Attributes of customers that the log's table does not describe.
            columns: Other names of columns. Of what is not given, from here on to ``sheets``, the
                log's holds, ``missing_ids``, ``bad_rows`` and ``skip_rows`` aside.
            missing_ids: What to do with rows without a customer id.
            bad_rows: What to do with rows that have a cell that cannot be used.
            missing_values: Texts that stand for a missing value.
            observed_until: Up to when the log is complete now; not before it was.
            time_format: As for the constructor; so are the seven that follow. Times are by the
                log's clock.
            decimal: The decimal sign of numbers in CSV files.
            thousands: What sets thousands apart there.
            csv_separator: One character, or ``"tab"``.
            skip_rows: Lines above the header.
            encoding: The encoding of CSV files.
            sheets: Which sheet of a workbook holds a table.
            limits: What one file may hold.

        Returns:
            The log of all rows.

        Raises:
            ValueError: As for the constructor; a table or column that the log has not, or a column
                that it has and the table lacks; ids of another type.
            TypeError: An argument of another type.

        Examples:
            >>> import winback as wb
            >>> shop = wb.simulate(customers=50)
            >>> orders = shop.transactions.to_polars()
            >>> log = wb.EventLog(orders[:100], observed_until="last_event")
            >>> log = log.append(orders[100:], observed_until="last_event")
            >>> log.report["transactions"]["rows_read"] == len(orders)
            True
        """
        tables = {
            "transactions": transactions,
            "tickets": tickets,
            "surveys": surveys,
            "events": events,
            "customers": customers,
        }
        log = EventLog.__new__(EventLog)
        log._log = self._log.append(
            {name: to_source(name, table) for name, table in tables.items()}
            | core_input(
                columns,
                missing_ids,
                bad_rows,
                missing_values,
                observed_until,
                time_format=time_format,
                decimal=decimal,
                thousands=thousands,
            )
            | core_files(csv_separator, skip_rows, encoding, sheets, limits)
        )
        keep_log(log, self, *tables.values())
        warn_of_unmet_ids(log.report)
        return log

    def to_bytes(self) -> bytes:
        """The log as bytes, about 15 a row: a part for :meth:`from_parts`.

        Returns:
            The bytes, to be sent from where some customers' rows are to where a model of all is
            trained.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=100).event_log()
            >>> wb.EventLog.from_parts([log.to_bytes()]).n_customers == log.n_customers
            True
        """
        return self._log.to_bytes()

    @classmethod
    def from_parts(cls, parts: Iterable[bytes]) -> EventLog:
        """The log of all customers of some parts.

        Neither the order of parts matters nor how customers are spread over them, and some parts
        may have none: what is computed of the log, and what is trained on it, is equal, to the bit,
        to the log that was read in one. Tickets, answers, events and attributes of customers
        without transactions are left behind; ``report`` counts them, and what else the parts left
        out, but names no single rows.

        Args:
            parts: What :meth:`to_bytes` gave, each of other customers, with the same columns and
                rules and the same ``observed_until``.

        Returns:
            The log.

        Raises:
            ValueError: Bytes that are damaged or something else, parts that differ in columns,
                rules, attributes or ``observed_until`` or have a customer in common, or no
                transactions in any of them.

        Examples:
            >>> import polars as pl
            >>> import winback as wb
            >>> shop = wb.simulate(customers=1000)
            >>> orders = shop.transactions.to_polars()
            >>> def part(number):
            ...     own = orders.filter(pl.col("customer_id") % 4 == number)
            ...     return wb.EventLog(own, observed_until="2025-01-01").to_bytes()
            >>> log = wb.EventLog.from_parts(part(number) for number in (3, 0, 2, 1))
            >>> whole = wb.EventLog(orders, observed_until="2025-01-01")
            >>> model = wb.ChurnModel("tree")
            >>> fitted = model.fit(log, until="2024-10-01").to_bytes()
            >>> fitted == model.fit(whole, until="2024-10-01").to_bytes()
            True
        """
        log = cls.__new__(cls)
        if isinstance(parts, (str, bytes, bytearray)) or not isinstance(parts, Iterable):
            expected = "a sequence of bytes that to_bytes() gave"
            raise refusal(TypeError, "parts", expected, of_type(parts))
        given = [to_binary(f"parts[{i}]", part) for i, part in enumerate(parts)]
        log._log = _core.EventLog.from_parts(given)
        return log

    @property
    def share(self) -> float:
        """The share of all customers that these are, drawn by their ids.

        1 for all, unless :meth:`winback.PartitionedLog.sample` or ``winback.spark`` drew them.
        """
        return self._log.share

    @property
    def report(self) -> dict[str, Any]:
        """What was read, and what was left out and why.

        For each table (``transactions``, ``tickets``, ``surveys``, ``events``,
        ``customer_attributes``; None where there is none) the counts ``rows_read``,
        ``missing_id``, ``bad_rows``, ``zero_amount``, ``unknown_customer``, ``rows_kept``, the
        last of which is the first less the others; further ``exact_duplicates`` (rows that repeat
        another one; they are kept),
        ``customers``, ``customers_with_purchase``, ``purchases``, and ``ignored_attributes``,
        ``unused_columns`` (neither of a default name nor mapped). ``dropped`` are the first ten
        bad rows of each table (``table``, ``column``, ``row``, ``file``, ``reason``),
        ``odd_cells`` columns of attributes that are texts because of few cells (``column``,
        ``odd``, ``cells``, and the ``row`` and ``text`` of the first), ``padded_ids`` the rows
        whose customer id had blanks around it, ``joined_ids`` the ids of transactions that were
        written in several ways but for blanks, ``unmet_ids`` the tables whose customers are not
        those of the transactions, in words.
        """
        return self._log.report()

    @property
    def tells_activity(self) -> bool:
        """Whether what are called purchases are events of the kinds of ``activity``."""
        return self._log.tells_activity

    @property
    def n_customers(self) -> int:
        """Number of customers with a transaction row."""
        return self._log.n_customers

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

    def at(self, cutoff: Instant) -> Snapshot:
        """The log as known at a cutoff; everything at a cutoff takes it.

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
            >>> import winback as wb
            >>> log = wb.simulate(customers=50).event_log()
            >>> log.at("2024-07-01")
            Snapshot at 2024-07-01 of an EventLog of 50 customers
            >>> log.at("2026-01-01")
            Traceback (most recent call last):
            ValueError: at: expected a time up to 2025-01-01...
        """
        return Snapshot(self._log.at(to_text("at", cutoff)), self)

    def check(self) -> Answer:
        """What in the log may mislead, before anything is built on it.

        Looks for tells such as orders whose numbers start again, rows that stand alone at the end
        (a typo in 2099 becomes the log's last event), placeholder dates (1970-01-01), one
        id for all guests, ids like ``unknown``, negative discounts, months without rows, an amount
        beyond all others. ``print(log)`` shows those of high severity as notes.

        Returns:
            Tables: ``findings``, the gravest first: ``severity`` (``high``, ``medium``, ``low``),
            ``check`` (its name), ``finding``, ``count``, ``share``, ``example``, ``advice``;
            ``looked_for``, everything that was looked for: ``check``, ``what``, ``result``
            (``found``, ``not found``, ``too few to tell`` with how many there are, or why it could
            not be looked for).

            Figures: ``rows``, ``customers``, ``high``, ``medium``, ``low`` (findings of each
            severity).

        Examples:
            >>> import polars as pl
            >>> import winback as wb
            >>> orders = wb.simulate(customers=200).transactions.to_polars()
            >>> wb.EventLog(orders, observed_until="2025-01-01").check()["check"]
            []
            >>> late = orders.head(1).with_columns(time=pl.datetime(2099, 1, 1, time_unit="us"))
            >>> log = wb.EventLog(pl.concat([orders, late]), observed_until="last_event")
            >>> log.check()["check"]
            ['lone-end', 'order-restarts']
        """
        return Answer(self._log.check(), self)

    @documented("PanelOptions", "LifecycleLimits")
    def panel(
        self,
        *,
        at: Instants | None = None,
        until: Instant | None = None,
        cutoffs: int = 6,
        stride: str = "30d",
        horizon: str = "3mo",
        lead: str = "0d",
        lapsed_after: str = "3mo",
        lost_after: str = "6mo",
        label: Literal["purchase", "kept_purchase"] = "purchase",
        attributes: Sequence[str] = (),
        kinds: Sequence[str] = (),
    ) -> Table:
        """Features, states and outcomes at several cutoffs: the table to train any model on.

        Args:
            at: The cutoffs; by default ``cutoffs`` of them, ``stride`` apart, the outcome window of
                the latest ending at ``until``. Those at or before the first transaction are then
                left out.
            until: What was not known before this instant is not used, neither in outcomes; by
                default ``observed_until``.
            cutoffs: Number of cutoffs, where ``at`` names none.
            stride: Their spacing.

        Returns:
            One row a customer and cutoff: ``cutoff``, ``customer_id``, ``state`` (active, lapsed,
            lost); the outcome: ``purchased`` (whether there was a purchase in the outcome window;
            None where that window was not observed to its end), ``days_to_purchase`` (from the
            start of the outcome window to the next purchase, in it or later; None where none was
            observed) and ``days_observed`` (for how many days one would have been; None where the
            window begins after what is known); the features and attributes. No model may learn
            from the outcome's columns.

        Raises:
            ValueError: A cutoff that is no time, not after the first transaction, or after
                ``observed_until``; an unknown attribute; a span that is none, a horizon without
                length, ``lost_after`` not above ``lapsed_after``.
            TypeError: An argument of another type.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=50).event_log()
            >>> panel = log.panel(at=["2024-09-01", "2024-12-01"], horizon="3mo")
            >>> panel.column_names[3:7]
            ['purchased', 'days_to_purchase', 'days_observed', 'days_since_last_purchase']
            >>> observed = zip(panel["cutoff"], panel["purchased"])
            >>> {f"{cutoff:%Y-%m}" for cutoff, purchased in observed if purchased is not None}
            {'2024-09'}
            >>> cutoffs = set(log.panel(until="2025-01-01", cutoffs=3, stride="1mo")["cutoff"])
            >>> [f"{cutoff:%Y-%m-%d}" for cutoff in sorted(cutoffs)]
            ['2024-08-01', '2024-09-01', '2024-10-01']
        """
        options = {
            "cutoffs": cutoffs,
            "stride": stride,
            "horizon": horizon,
            "lead": lead,
            "lapsed_after": lapsed_after,
            "lost_after": lost_after,
            "label": to_str("label", label),
            "attributes": to_names("attributes", attributes),
            "kinds": to_names("kinds", kinds),
        }
        chosen = None if at is None else to_texts("at", at)
        end = None if until is None else to_text("until", until)
        panel = Table(self._log.panel(chosen, end, options), self)
        panel._begins_at_cutoff = not any(digit in "123456789" for digit in lead)
        return panel

    def __repr__(self) -> str:
        first, last, until = map(shown, (self.first_event, self.last_event, self.observed_until))
        text = f"EventLog: {self._log.describe()}\nfrom {first} to {last}, complete up to {until}"
        text += by_clock(self.time_zone)
        return "\n".join([text, *(f"note: {note}" for note in self._log.notes())])


def by_clock(time_zone: str) -> str:
    """By what clock times are, where that is not the one of UTC."""
    return "" if time_zone == "UTC" else f", by the clock of {time_zone}"


def core_log(log: EventLog) -> _core.EventLog:
    """The core's log, or an error that says what is needed."""
    if not isinstance(log, EventLog):
        raise refusal(TypeError, "log", "a winback.EventLog", of_type(log))
    return log._log


def core_input(
    columns: Mapping[str, Mapping[str, str]] | None,
    missing_ids: str,
    bad_rows: str,
    missing_values: Sequence[str] | None,
    observed_until: Instant,
    purchase_by: str | None = None,
    zero_amounts: str | None = None,
    time_zone: str | None = None,
    time_format: str | Mapping[str, str] | None = None,
    decimal: str | None = None,
    thousands: str | None = None,
    event_roles: list[tuple[str, list[str]]] | None = None,
    span: tuple[Instant, Instant] | None = None,
) -> dict[str, Any]:
    """How tables are read, as the core takes it; a log that is there has its rules and zone."""
    rules = {
        "purchase_by": purchase_by,
        "zero_amounts": zero_amounts,
        "time_zone": getattr(time_zone, "key", time_zone),  # that of a zoneinfo.ZoneInfo
    }
    return {
        "columns": _flat({} if columns is None else columns),
        "roles": event_roles or [],
        "missing_ids": to_str("missing_ids", missing_ids),
        "bad_rows": to_str("bad_rows", bad_rows),
        "missing_values": None if missing_values is None else _texts(missing_values),
        "observed_until": to_text("observed_until", observed_until),
        "span": None if span is None else _span(span),
        "time_format": _formats(time_format),
        "decimal": None if decimal is None else _character("decimal", decimal),
        "thousands": None if thousands is None else _character("thousands", thousands),
        **{name: None if rule is None else to_str(name, rule) for name, rule in rules.items()},
    }


def _span(span: tuple[Instant, Instant]) -> tuple[str, str]:
    times = to_texts("span", span)
    if len(times) != 2:
        raise refusal(ValueError, "span", "the first and the last time", f"{len(times)} times")
    return times[0], times[1]


def core_roles(
    activity: Sequence[str],
    contacts: Sequence[str],
    roles: Mapping[str, Sequence[str]] | None,
) -> list[tuple[str, list[str]]]:
    """What kinds of events stand for, as the core takes it."""
    given: list[tuple[str, list[str]]] = [
        ("activity", to_names("activity", activity)),
        ("contact", to_names("contacts", contacts)),
    ]
    if roles is not None and not isinstance(roles, Mapping):
        like = 'a dict like {"visit": ["page_view"]}'
        raise refusal(TypeError, "roles", like, of_type(roles))
    for role, kinds in (roles or {}).items():
        given.append((to_str("roles", role), to_names("roles", kinds)))
    return given


def _texts(missing_values: Sequence[str]) -> list[str]:
    texts = to_names("missing_values", missing_values)
    for text in texts:
        to_str("missing_values", text)
    return texts


def core_files(
    csv_separator: str | None = None,
    skip_rows: int = 0,
    encoding: str | None = None,
    sheets: Mapping[str, str] | None = None,
    limits: Mapping[str, int] | None = None,
) -> dict[str, Any]:
    """How files are read, as the core takes it."""
    return {
        "csv_separator": None if csv_separator is None else _separator(csv_separator),
        "skip_rows": to_count("skip_rows", skip_rows),
        "encoding": None if encoding is None else to_str("encoding", encoding),
        "sheets": _items("sheets", sheets, to_str, 'a dict like {"transactions": "Orders"}'),
        "limits": _items("limits", limits, to_count, 'a dict like {"columns": 20_000}'),
    }


def _items(
    name: str,
    given: Mapping[str, Any] | None,
    to_value: Callable[[str, Any], Any],
    like: str,
) -> list[tuple[str, Any]]:
    if given is None:
        return []
    if not isinstance(given, Mapping):
        raise refusal(TypeError, name, like, of_type(given))
    return [(to_str(name, key), to_value(name, value)) for key, value in given.items()]


def to_source(name: str, table: Source | None, is_needed: bool = False) -> object:
    """An input table as the core takes it, or an error that says what would be taken."""
    if table is None and not is_needed:
        return None
    if hasattr(table, "__arrow_c_stream__") and not isinstance(table, type):
        return arrow_table(name, table)
    if isinstance(table, (str, os.PathLike)):
        return to_path(name, table)
    hint = "; collect it first: .collect()" if type(table).__name__ == "LazyFrame" else ""
    expected = (
        "a table (of pandas, polars, pyarrow, DuckDB or another library with __arrow_c_stream__) "
        "or a path"
    )
    if name == "transactions" and table is None:
        expected += ', or kinds of events in their place, as activity=["login"]'
    raise refusal(TypeError, name, expected, f"{of_type(table)}{hint}")


def _flat(columns: Mapping[str, Mapping[str, str]]) -> list[tuple[str, str]]:
    like = 'a dict like {"transactions": {"customer_id": "Customer ID"}}'
    if not isinstance(columns, Mapping):
        raise refusal(TypeError, "columns", like, of_type(columns))
    places = []
    for table, names in columns.items():
        if not isinstance(names, Mapping):
            raise refusal(TypeError, "columns", like, f"{of_type(names)} for {table!r}")
        for column, name in names.items():
            if not isinstance(name, str):
                got = f"{of_type(name)} for {table}.{column}"
                raise refusal(TypeError, "columns", like, got)
            places.append((f"{table}.{column}", name))
    return places


def _formats(time_format: str | Mapping[str, str] | None) -> list[tuple[str | None, str]]:
    """Formats of times with the columns that they are of; of all where there is one format."""
    if time_format is None:
        return []
    if isinstance(time_format, Mapping):
        return [(place, to_str("time_format", one)) for place, one in time_format.items()]
    return [(None, to_str("time_format", time_format))]


def _character(name: str, text: str) -> str:
    if len(to_str(name, text)) != 1:
        raise refusal(ValueError, name, "one character", repr(text))
    return text


def _separator(separator: str) -> int:
    text = to_str("csv_separator", separator)
    if text == "tab":
        return ord("\t")
    if len(text) != 1 or not text.isascii() or text in '"\r\n':
        expected = 'one ASCII character, no quote or line break, or "tab"'
        raise refusal(ValueError, "csv_separator", expected, repr(text))
    return ord(text)
