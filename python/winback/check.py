"""What a table seems to be, and how to read it, before there is a log."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from winback import _core
from winback._options import documented, to_options
from winback._time import Instant
from winback.answer import Answer
from winback.event_log import Source, core_files, core_input, to_source


@documented("TableCheckOptions")
def check(
    table: Source,
    *,
    quick: bool = False,
    columns: Mapping[str, Mapping[str, str]] | None = None,
    missing_ids: Literal["error", "drop"] | None = None,
    bad_rows: Literal["error", "drop"] | None = None,
    missing_values: Sequence[str] | None = None,
    purchase_by: Literal["order", "timestamp", "day"] | None = None,
    zero_amounts: Literal["ignore", "purchase"] | None = None,
    observed_until: Instant | None = None,
    time_zone: str | None = None,
    time_format: str | Mapping[str, str] | None = None,
    decimal: str | None = None,
    thousands: str | None = None,
    csv_separator: str | None = None,
    skip_rows: int | None = None,
    encoding: str | None = None,
    sheets: str | Mapping[str, str] | None = None,
    limits: Mapping[str, int] | None = None,
) -> Answer:
    """What a table or file seems to be, and how to read it: a newcomer's first minute.

    Says what each column seems to be, by its name (English, German or Russian) and its cells, and
    which table they make up; gives the call that reads it, ready to be copied; then reads it so,
    and says what was left out and what in the log may mislead (:meth:`winback.EventLog.check`).
    Columns are told by the first 10,000 rows and some more in between; where these do not tell how
    numbers or times are written, all rows do. What is known already may be given, by the names of
    :class:`winback.EventLog`: it is taken as it is, and the rest is found out.

    Args:
        table: A table or a path, as for :class:`winback.EventLog`.
        columns: The names of columns that are known, and with them which table it is, as
            ``{"transactions": {"customer_id": "KdNr"}}``.
        missing_ids: As for the log; so are those that follow, but for ``sheets``.
        bad_rows: What to do with rows that have a cell that cannot be used.
        missing_values: Texts that stand for a missing value.
        purchase_by: Which rows of a customer are one purchase.
        zero_amounts: What to do with rows of amount zero.
        observed_until: Up to when the log is complete.
        time_zone: The zone by whose clock the log goes.
        time_format: How times are written.
        decimal: The decimal sign of numbers in CSV files.
        thousands: What sets thousands apart there.
        csv_separator: One character, or ``"tab"``.
        skip_rows: Lines above the header.
        encoding: The encoding of a CSV file.
        sheets: The sheet of a workbook, as ``"Orders"`` or ``{"transactions": "Orders"}``.
        limits: What one file may hold.

    Returns:
        Tables: ``columns``: ``column``, ``seems_to_be`` (its name in winback; None: not needed),
        ``cells`` (what they are), ``missing``, ``distinct`` (in the rows that were looked at),
        ``example``; ``findings`` and ``looked_for``, as of :meth:`winback.EventLog.check`.

        Figures: ``table`` (``transactions``, ``tickets``, ``surveys``, ``events``, ``customers``,
        or ``none`` for what is no table of a log), ``rows`` (None where they were not counted),
        ``rows_seen``, ``python`` (the call that reads it), ``command_line``, ``arguments`` (those
        of the call but for the columns), ``problem`` (why it cannot be read so, if it cannot).

    Raises:
        ValueError: A file that cannot be read, a column that is not there, an argument that says
            nothing of such a table, as ``encoding`` of a frame.
        TypeError: An argument of another type.
        FileNotFoundError: There is no such file.

    Examples:
        >>> import pandas as pd
        >>> import winback as wb
        >>> orders = pd.DataFrame(
        ...     {
        ...         "Kunde": [7, 7, 3],
        ...         "Datum": pd.to_datetime(["2024-01-05", "2024-03-01", "2024-02-10"]),
        ...         "Betrag": [20.0, 35.5, 12.0],
        ...     }
        ... )
        >>> found = wb.check(orders)
        >>> found["seems_to_be"]
        ['customer_id', 'time', 'amount']
        >>> print(found.figures["python"])
        import winback as wb
        <BLANKLINE>
        log = wb.EventLog(
            table,
            columns={"transactions": {"customer_id": "Kunde", "time": "Datum", "amount": "Betrag"}},
            observed_until="2024-03-02",  # the day after the last row: is that right?
        )
    """
    source = to_source("table", table, is_needed=True)
    lines = 0 if skip_rows is None else skip_rows
    by_table = {"transactions": sheets} if isinstance(sheets, str) else sheets
    read = core_input(
        columns,
        "error" if missing_ids is None else missing_ids,
        "error" if bad_rows is None else bad_rows,
        missing_values,
        "last_event" if observed_until is None else observed_until,
        purchase_by,
        zero_amounts,
        time_zone,
        time_format,
        decimal,
        thousands,
    ) | core_files(csv_separator, lines, encoding, by_table, limits)
    # Checked above; in the core's form as in the proposal's.
    given: dict[str, Any] = {
        "columns": columns,
        "missing_ids": missing_ids,
        "bad_rows": bad_rows,
        "missing_values": read["missing_values"],
        "purchase_by": purchase_by,
        "zero_amounts": zero_amounts,
        "observed_until": None if observed_until is None else read["observed_until"],
        "time_zone": read["time_zone"],
        "time_format": time_format,
        "decimal": decimal,
        "thousands": thousands,
        "csv_separator": None if csv_separator is None else chr(read["csv_separator"]),
        "skip_rows": None if skip_rows is None else read["skip_rows"],
        "encoding": encoding,
        "sheets": sheets,
        "limits": None if limits is None else dict(read["limits"]),
    }
    plain = {name: _plain(value) for name, value in given.items() if value is not None}
    found = _core.check_table(source, to_options(quick=quick), json.dumps(plain))
    return Answer(found, table)


def _plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return value if isinstance(value, (str, int)) else list(value)
