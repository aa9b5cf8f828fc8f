"""When customers come back, and how long they stay.

>>> import winback as wb
>>> now = wb.simulate(customers=300).event_log().at("2025-01-01")
>>> wb.timing.rfm_summary(now, time_unit="W").column_names
['customer_id', 'frequency', 'recency', 'T', 'monetary_value']

The table that buy-till-you-die models start from has the names that its users know. Its columns are
those of lifetimes and PyMC-Marketing, not those of :func:`winback.catalogue`:

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

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from winback import _core
from winback._arguments import of_type, refusal, to_bool, to_count, to_float
from winback._options import documented, to_options
from winback._parameters import NotFittedError
from winback._time import Instant, to_text
from winback.answer import Answer
from winback.snapshot import Snapshot

if TYPE_CHECKING:
    from winback.event_log import ArrowTable

__all__ = ["ShiftedBetaGeometric", "rfm_summary", "summary_data_from_transaction_data"]


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
    options = to_options(time_unit=time_unit, time_scaler=time_scaler)
    columns = to_options(
        customer_id_col=customer_id_col,
        datetime_col=datetime_col,
        monetary_value_col=monetary_value_col,
        datetime_format=datetime_format,
    )
    end = None if observation_period_end is None else _end(observation_period_end)
    if isinstance(data, Snapshot):
        for name, value in {**columns, "observation_period_end": end}.items():
            if value is not None:
                raise refusal(ValueError, name, "nothing next to a snapshot", repr(value))
        return Answer(_core.rfm_summary(data._snapshot, options))
    if not hasattr(data, "__arrow_c_stream__"):
        expected = (
            "a winback.Snapshot or a table with the Arrow PyCapsule interface (pandas 2.2 or "
            "newer, polars, pyarrow, DuckDB)"
        )
        raise refusal(TypeError, "data", expected, of_type(data))
    return Answer(_core.summarise_transactions(data, columns, end, missing_ids, options))


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


def _end(end: Any) -> str:
    """ISO text of an instant; of a period of pandas that of its start."""
    if type(end).__name__ == "Period":
        end = end.to_timestamp()
    return to_text("observation_period_end", end)


class ShiftedBetaGeometric:
    """How a retention curve goes on: the shifted beta-geometric model (sBG).

    Fader and Hardie (2007), "How to project customer retention". Each customer leaves at the end
    of each period with a chance of its own, which does not change; over the customers it has a
    beta distribution with the parameters alpha and beta. Those likely to leave do so early, so
    that the retention rate rises with a cohort's age although nobody's does. The share that
    survives t periods is B(alpha, beta + t) / B(alpha, beta), the retention rate of period t
    (beta + t - 1) / (alpha + beta + t - 1), the mean chance to leave alpha / (alpha + beta).

    It is meant for contracts, where it is known who has left. The curve of a cohort of mode
    ``"on_or_after"`` can be projected too, but falls too fast towards its end.

    Attributes:
        alpha_: First parameter, after :meth:`fit`.
        beta_: Second parameter.
        log_likelihood_: Log-likelihood at the optimum, in the unit of the survivors.

    Examples:
        >>> import winback as wb
        >>> years = [100, 63.1, 46.8, 38.2, 32.6, 28.9, 26.2, 24.1]  # percent, from year 0
        >>> model = wb.timing.ShiftedBetaGeometric().fit(years)
        >>> round(model.alpha_, 3), round(model.beta_, 3)
        (0.704, 1.182)
        >>> [round(100 * share, 1) for share in model.survival(12)[8:]]
        [22.0, 20.4, 19.1, 18.0, 17.0]
    """

    alpha_: float
    beta_: float
    log_likelihood_: float

    def fit(self, survivors: Sequence[float | None]) -> ShiftedBetaGeometric:
        """Fits alpha and beta by maximum likelihood, by a damped Newton's method.

        Args:
            survivors: Of a cohort at ages 0, 1, 2, ...: numbers of customers, or shares in any
                unit. None at the end, as in a cohort's row, is left out.

        Returns:
            The model itself.

        Raises:
            ValueError: Fewer than three ages, survivors that rise or are negative, a curve that has
                no optimum (nobody or everybody left, or the retention rate does not rise).

        Examples:
            >>> import winback as wb
            >>> high_end = [1000, 869, 743, 653, 593, 551, 517, 491]  # customers of the paper
            >>> model = wb.timing.ShiftedBetaGeometric().fit(high_end)
            >>> round(model.alpha_, 3), round(model.beta_, 3)
            (0.668, 3.806)
        """
        curve = list(survivors)
        while curve and curve[-1] is None:
            curve.pop()
        if any(value is None for value in curve):
            raise refusal(ValueError, "survivors", "None at the end only", "one before it")
        self._model = _core.ShiftedBetaGeometric.fit([to_float("survivors", n or 0) for n in curve])
        self.alpha_ = self._model.alpha
        self.beta_ = self._model.beta
        self.log_likelihood_ = self._model.log_likelihood
        return self

    def survival(self, periods: int) -> list[float]:
        """The share of a cohort that survives 0, 1, ..., ``periods`` periods.

        Args:
            periods: How far to look; up to 65,535.

        Returns:
            The shares, the first of them 1.

        Raises:
            NotFittedError: The model was not fitted.

        Examples:
            >>> import winback as wb
            >>> model = wb.timing.ShiftedBetaGeometric().fit([100, 63.1, 46.8, 38.2])
            >>> len(model.survival(12)), model.survival(12)[0]
            (13, 1.0)
        """
        return self._fitted().survival(_periods(periods))

    def retention_rates(self, periods: int) -> list[float]:
        """The retention rate of periods 1, ..., ``periods``.

        Of those who survived up to the period before, the share that survives this one.

        Args:
            periods: How far to look; up to 65,535.

        Returns:
            The rates; they rise.

        Raises:
            NotFittedError: The model was not fitted.

        Examples:
            >>> import winback as wb
            >>> model = wb.timing.ShiftedBetaGeometric().fit([100, 63.1, 46.8, 38.2])
            >>> rates = model.retention_rates(12)
            >>> rates == sorted(rates)
            True
        """
        return self._fitted().retention_rates(_periods(periods))

    def _fitted(self) -> _core.ShiftedBetaGeometric:
        if not hasattr(self, "_model"):
            raise NotFittedError("this ShiftedBetaGeometric is not fitted yet: call fit() first")
        return self._model

    def __repr__(self) -> str:
        if not hasattr(self, "_model"):
            return "ShiftedBetaGeometric()"
        return f"ShiftedBetaGeometric: alpha {self.alpha_:.6g}, beta {self.beta_:.6g}"


def _periods(periods: int) -> int:
    count = to_count("periods", periods)
    if count >= 2**16:
        raise refusal(ValueError, "periods", "up to 65535", count)
    return count
