"""The table that buy-till-you-die models start from, under the names its users know.

The columns are those of lifetimes and PyMC-Marketing, not those of :func:`winback.catalogue`:

- ``frequency``: periods with a purchase, less the first (BTYD's x, repeat purchases).
  ``purchase_count`` counts all purchases.
- ``recency``: from the first period with a purchase to the last (BTYD's t_x), so that a high one
  means bought lately. ``days_since_last_purchase`` is the silence up to the cutoff, where a low one
  means bought lately; in whole periods it is ``T - recency``.
- ``T``: from the first period with a purchase to the last observed one. ``tenure_days`` runs from
  the first purchase to the cutoff.
- ``monetary_value``: mean of what the periods with a purchase sum to, without the first; 0 where
  nothing was bought again. ``average_check`` is net spend per purchase, the first too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from winback import _core
from winback._arguments import to_bool, to_float, to_str
from winback._time import Instant, to_text
from winback.table import Table

if TYPE_CHECKING:
    from winback.event_log import ArrowTable


def rfm_summary(
    transactions: ArrowTable,
    customer_id_col: str,
    datetime_col: str,
    monetary_value_col: str | None = None,
    datetime_format: str | None = None,
    observation_period_end: Instant | None = None,
    time_unit: str = "D",
    time_scaler: float = 1,
    include_first_transaction: bool = False,
    sort_transactions: bool = True,
    *,
    missing_ids: Literal["error", "drop"] = "error",
) -> Table:
    """Frequency, recency, T and monetary value of every customer, as PyMC-Marketing gives them.

    What a customer buys within one period (a UTC day) is one purchase. Every row counts, whatever
    its amount: leave returns out first, or take :meth:`winback.EventLog.rfm_summary`, which counts
    purchases. The definitions are those of Fader, Hardie and Lee 2005 ("Counting your customers the
    easy way"), the figures those of lifetimes 0.11.3.

    The columns differ from winback's own features: ``frequency`` is not ``purchase_count`` (it
    leaves out the first), ``recency`` not ``days_since_last_purchase`` (it runs from the first to
    the last purchase, so that a high one means bought lately), ``T`` not quite ``tenure_days`` (it
    counts whole periods, up to the last observed one), ``monetary_value`` not ``average_check`` (it
    leaves out the first).

    Args:
        transactions: A frame or table with ``__arrow_c_stream__`` (pandas, polars, pyarrow,
            DuckDB), one row a transaction, in any order.
        customer_id_col: Its column of customer ids, integers or texts.
        datetime_col: Its column of dates or times; without a zone they are UTC.
        monetary_value_col: Its column of amounts; without it there is no ``monetary_value``.
        datetime_format: How times are written where they are texts or integers, as ``strptime``
            takes it (``%.f`` are the digits after a second's point); by default ISO 8601.
        observation_period_end: The last period, a whole one, that counts; rows after it do not. A
            text, date, datetime or ``pandas.Period``. None is the last transaction, as in
            PyMC-Marketing, which makes ``T`` too short where the log is complete beyond it: say the
            day up to which your data reach.
        time_unit: The period: ``"D"`` (days), ``"W"`` (weeks from Monday), ``"h"``, ``"s"``,
            ``"ms"`` or ``"us"``. Months and years differ in length and are refused; days with a
            ``time_scaler`` of 30.436875 measure in mean months.
        time_scaler: ``recency`` and ``T`` are divided by it: ``"h"`` and 24 give days with
            fractions.
        include_first_transaction: Only False. PyMC-Marketing's True gives other quantities under
            the same names: they are ``purchase_count``, ``days_since_last_purchase`` and
            ``average_check`` of :meth:`winback.EventLog.features`.
        sort_transactions: Without effect: rows need no order, and having one saves nothing.
        missing_ids: ``"error"`` refuses rows without a customer id, ``"drop"`` leaves them out, as
            PyMC-Marketing does without a word. Missing times and amounts are always refused.

    Returns:
        One row a customer, by ascending id: ``customer_id``, ``frequency``, ``recency``, ``T``,
        ``monetary_value``; all but the id floats.

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
        >>> table = wb.rfm_summary(
        ...     orders, "customer", "date", "amount", observation_period_end="2024-01-31"
        ... )
        >>> table.to_polars().rows()
        [(1, 1.0, 10.0, 26.0, 35.0), (2, 0.0, 0.0, 11.0, 0.0)]
        >>> wb.rfm_summary(orders, "customer", "date", time_unit="M")
        Traceback (most recent call last):
        ValueError: time_unit = "M" is not allowed: one of W, D, h, s, ms, us; months and years ...
    """
    to_bool("sort_transactions", sort_transactions)
    if to_bool("include_first_transaction", include_first_transaction):
        raise ValueError(
            "include_first_transaction = True is not allowed: it would put other quantities under "
            "the names of frequency, recency and monetary_value; take purchase_count, "
            "days_since_last_purchase and average_check of EventLog.features"
        )
    if not hasattr(transactions, "__arrow_c_stream__"):
        raise TypeError(
            "transactions must be a frame or table with the Arrow PyCapsule interface (pandas 2.2 "
            f"or newer, polars, pyarrow, DuckDB), not {type(transactions).__name__}"
        )
    return Table(
        _core.summarise_transactions(
            transactions,
            customer_id=to_str("customer_id_col", customer_id_col),
            datetime=to_str("datetime_col", datetime_col),
            monetary_value=_optional("monetary_value_col", monetary_value_col),
            datetime_format=_optional("datetime_format", datetime_format),
            end=None if observation_period_end is None else _end(observation_period_end),
            time_unit=to_str("time_unit", time_unit),
            time_scaler=to_float("time_scaler", time_scaler),
            missing_ids=missing_ids,
        )
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
) -> Table:
    """As :func:`winback.rfm_summary`, with the arguments of lifetimes.

    Args:
        transactions: As there, and so are the others but these.
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
        One row a customer: ``customer_id``, ``frequency``, ``recency``, ``T``, ``monetary_value``.

    Raises:
        ValueError: As :func:`winback.rfm_summary`.
        TypeError: An argument of another type.

    Examples:
        >>> import winback as wb
        >>> orders = wb.simulate(customers=50).transactions
        >>> table = wb.summary_data_from_transaction_data(orders, "customer_id", "time", freq="W")
        >>> table.column_names
        ['customer_id', 'frequency', 'recency', 'T']
    """
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


def _optional(name: str, value: str | None) -> str | None:
    return None if value is None else to_str(name, value)


def _end(end: Any) -> str:
    """ISO text of an instant; of a period of pandas that of its start."""
    if type(end).__name__ == "Period":
        end = end.to_timestamp()
    return to_text("observation_period_end", end)
