"""What a table seems to be, and how to read it, before there is a log."""

from __future__ import annotations

from winback import _core
from winback._options import documented, to_options
from winback.answer import Answer
from winback.event_log import Source, to_source


@documented("TableCheckOptions")
def check(table: Source, *, quick: bool = False) -> Answer:
    """What a table or file seems to be, and how to read it: a newcomer's first minute.

    Says what each column seems to be, by its name (English, German or Russian) and its cells, and
    which table they make up; gives the call that reads it, ready to be copied; then reads it so,
    and says what was left out and what in the log may mislead (:meth:`winback.EventLog.check`).
    Columns are told by the first 10,000 rows and some more in between.

    Args:
        table: A table or a path, as for :class:`winback.EventLog`.

    Returns:
        Tables: ``columns``: ``column``, ``seems_to_be`` (its name in winback; None: not needed),
        ``cells`` (what they are), ``missing``, ``distinct`` (in the rows that were looked at),
        ``example``; ``findings``, as of :meth:`winback.EventLog.check`.

        Figures: ``table`` (``transactions``, ``tickets``, ``surveys``, ``events``, ``customers``,
        or ``none`` for what is no table of a log), ``rows`` (None where they were not counted),
        ``rows_seen``, ``python`` (the call that reads it), ``command_line``, ``arguments`` (those
        of the call but for the columns), ``problem`` (why it cannot be read so, if it cannot).

    Raises:
        ValueError: A file that cannot be read.
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
    return Answer(_core.check_table(source, to_options(quick=quick)))
