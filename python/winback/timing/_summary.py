"""Frequency, recency, T and monetary value of every customer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from winback import _core
from winback._arguments import expect_one_of, of_type, refusal, renamed, to_bool, to_str
from winback._frames import arrow_table
from winback._options import documented, to_options
from winback._time import Instant, to_text
from winback.answer import Answer
from winback.snapshot import Snapshot

if TYPE_CHECKING:
    from winback.event_log import ArrowTable


@documented("RfmSummaryOptions")
def rfm_summary(
    data: Snapshot | ArrowTable,
    customer_id_col: str | None = None,
    datetime_col: str | None = None,
    monetary_value_col: str | None = None,
    datetime_format: str | None = None,
    observation_period_end: Instant | None = None,
    time_unit: str = "D",
    time_scaler: float = 1,
    include_first_transaction: bool = False,
    sort_transactions: bool = True,
    *,
    missing_ids: Literal["error", "drop"] = "error",
) -> Answer:
    """Frequency, recency, T and monetary value of every customer, as PyMC-Marketing gives them.

    What a customer buys within one period (a UTC day) is one purchase. Of a snapshot the log's
    purchases before the cutoff count: returns, and zero amounts unless the log takes them, are
    none; the last observed period is the one before the cutoff. Of a table every row counts,
    whatever its amount. The definitions are those of Fader, Hardie and Lee 2005 ("Counting your
    customers the easy way"), the figures those of lifetimes 0.11.3.

    The columns differ from winback's own features: ``frequency`` is not ``purchase_count`` (it
    leaves out the first), ``recency`` not ``days_since_last_purchase`` (it runs from the first to
    the last purchase, so that a high one means bought lately), ``T`` not quite ``tenure_days`` (it
    counts whole periods, up to the last observed one), ``monetary_value`` not ``average_check`` (it
    leaves out the first).

    Args:
        data: A snapshot; or a frame or table with ``__arrow_c_stream__`` (pandas, polars, pyarrow,
            DuckDB), one row a transaction, in any order, which the arguments from
            ``customer_id_col`` to ``observation_period_end`` and ``missing_ids`` are about.
        customer_id_col: Its column of customer ids, integers or texts.
        datetime_col: Its column of dates or times; without a zone they are UTC.
        monetary_value_col: Its column of amounts; without it there is no ``monetary_value``.
        datetime_format: How times are written where they are texts or integers, as ``strptime``
            takes it (``%.f`` are the digits after a second's point); by default ISO 8601.
        observation_period_end: The last period, a whole one, that counts; rows after it do not. A
            text, date, datetime or ``pandas.Period``. None is the last transaction, as in
            PyMC-Marketing, which makes ``T`` too short where the log is complete beyond it: say the
            day up to which your data reach.
        include_first_transaction: Only False. PyMC-Marketing's True gives other quantities under
            the same names: they are ``purchase_count``, ``days_since_last_purchase`` and
            ``average_check`` of :meth:`winback.Snapshot.features`.
        sort_transactions: Without effect: rows need no order, and having one saves nothing.
        missing_ids: ``"error"`` refuses rows without a customer id, ``"drop"`` leaves them out, as
            PyMC-Marketing does without a word. Missing times and amounts are always refused.

    Returns:
        One table, ``summary``, a row a customer, by ascending id: ``customer_id``, ``frequency``,
        ``recency``, ``T`` and, where there are amounts, ``monetary_value``; all but the id floats.
        Figures: ``time_unit`` and ``time_scaler``, by which a model refuses times in another unit.

    Raises:
        ValueError: A table that cannot be used (the message names column and row), a unit or an
            option that is refused, an end before the first transaction.
        TypeError: An argument of another type.

    Examples:
        >>> import polars as pl
        >>> import winback as wb
        >>> orders = pl.DataFrame(
        ...     {
        ...         "customer": [1, 1, 1, 2],
        ...         "date": ["2024-01-05", "2024-01-15", "2024-01-15", "2024-01-20"],
        ...         "amount": [20.0, 30.0, 5.0, 12.0],
        ...     }
        ... )
        >>> table = wb.timing.rfm_summary(
        ...     orders, "customer", "date", "amount", observation_period_end="2024-01-31"
        ... )
        >>> table.to_polars().rows()
        [(1, 1.0, 10.0, 26.0, 35.0), (2, 0.0, 0.0, 11.0, 0.0)]
        >>> now = wb.simulate(customers=50).event_log().at("2024-09-01")
        >>> wb.timing.rfm_summary(now, time_unit="W").column_names
        ['customer_id', 'frequency', 'recency', 'T', 'monetary_value']
        >>> wb.timing.rfm_summary(now, time_unit="M")
        Traceback (most recent call last):
        ValueError: time_unit: expected one of W, D, h, s, ms, us; months and years ...
    """
    to_bool("sort_transactions", sort_transactions)
    if to_bool("include_first_transaction", include_first_transaction):
        expected = (
            "False: it would put other quantities under the names of frequency, recency and "
            "monetary_value; take purchase_count, days_since_last_purchase and average_check of "
            "Snapshot.features"
        )
        raise refusal(ValueError, "include_first_transaction", expected, "True")
    to_str("missing_ids", missing_ids)
    options = to_options(time_unit=time_unit, time_scaler=time_scaler)
    columns = to_options(
        customer_id_col=customer_id_col,
        datetime_col=datetime_col,
        monetary_value_col=monetary_value_col,
        datetime_format=datetime_format,
    )
    end = None if observation_period_end is None else _end(observation_period_end)
    found = Answer(_summarised(data, columns, end, missing_ids, options), data)
    # So that a model in another unit can refuse it.
    found.figures |= {"time_unit": time_unit, "time_scaler": time_scaler}
    return found


def _summarised(
    data: Any,
    columns: dict[str, Any],
    end: str | None,
    missing_ids: str,
    options: dict[str, Any],
) -> _core.Answer:
    if isinstance(data, Snapshot):
        for name, value in {**columns, "observation_period_end": end}.items():
            if value is not None:
                raise refusal(ValueError, name, "nothing next to a snapshot", repr(value))
        expect_one_of("missing_ids", missing_ids, ("error", "drop"))
        return _core.rfm_summary(data._snapshot, options)
    if not hasattr(data, "__arrow_c_stream__"):
        expected = (
            "a winback.Snapshot or a table with the Arrow PyCapsule interface (pandas 2.2 or "
            "newer, polars, pyarrow, DuckDB)"
        )
        raise refusal(TypeError, "data", expected, of_type(data))
    return _core.summarise_transactions(
        arrow_table("data", data), columns, end, missing_ids, options
    )


def summary_data_from_transaction_data(
    transactions: ArrowTable,
    customer_id_col: str,
    datetime_col: str,
    monetary_value_col: str | None = None,
    datetime_format: str | None = None,
    observation_period_end: Instant | None = None,
    freq: str = "D",
    freq_multiplier: float = 1,
    include_first_transaction: bool = False,
    *,
    missing_ids: Literal["error", "drop"] = "error",
) -> Answer:
    """As :func:`winback.timing.rfm_summary`, with the arguments of lifetimes.

    Args:
        transactions: The table, as ``data`` there, and so are the others but these.
        customer_id_col: Its column of customer ids. lifetimes makes them the index; here they are
            the column ``customer_id``.
        datetime_col: Its column of dates or times.
        monetary_value_col: Its column of amounts.
        datetime_format: How times are written.
        observation_period_end: The last period that counts; None is the last transaction.
        freq: The period, ``time_unit`` there.
        freq_multiplier: ``time_scaler`` there.
        include_first_transaction: Only False.
        missing_ids: What to do with rows without a customer id.

    Returns:
        As :func:`rfm_summary`.

    Raises:
        ValueError: As :func:`rfm_summary`.
        TypeError: An argument of another type.

    Examples:
        >>> import winback as wb
        >>> orders = wb.simulate(customers=50).transactions
        >>> columns = ("customer_id", "time")
        >>> table = wb.timing.summary_data_from_transaction_data(orders, *columns, freq="W")
        >>> table.column_names
        ['customer_id', 'frequency', 'recency', 'T']
    """
    try:
        return rfm_summary(
            transactions,
            customer_id_col,
            datetime_col,
            monetary_value_col,
            datetime_format,
            observation_period_end,
            freq,
            freq_multiplier,
            include_first_transaction,
            missing_ids=missing_ids,
        )
    except (TypeError, ValueError) as error:
        own = {"data": "transactions", "time_unit": "freq", "time_scaler": "freq_multiplier"}
        raise renamed(error, **own) from None


def _end(end: Any) -> str:
    """ISO text of an instant; of a period of pandas that of its start."""
    if type(end).__name__ == "Period":
        end = end.to_timestamp()
    return to_text("observation_period_end", end)
