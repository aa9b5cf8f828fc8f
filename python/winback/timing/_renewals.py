"""How many contracts are renewed, by their age."""

from __future__ import annotations

from typing import TYPE_CHECKING

from winback import _core
from winback._options import documented, to_options
from winback.answer import Answer
from winback.event_log import core_log

if TYPE_CHECKING:
    from winback._time import Instant
    from winback.event_log import EventLog


@documented("RenewalOptions")
def renewals(
    log: EventLog,
    *,
    grace: str = "7d",
    until: Instant | None = None,
    start: Instant | None = None,
    end: Instant | None = None,
    group_by: str | None = None,
) -> Answer:
    """How many contracts are renewed, by the number of the period that ends.

    From the column ``valid_until`` of the transactions. What a customer buys on one day is a
    period, until its latest end. It is renewed by the next purchase that lasts longer, before the
    end or within the grace; a later purchase begins a new contract. A purchase without an end is an
    open contract. What becomes of a period counts when its grace is over, and contracts that are
    still running are censored. A return that has an end says when what it takes back ends.

    Args:
        log: The event log.

    Returns:
        ``ages``: a row for each age: ``group`` (with groups only), ``age`` (1 for the first
        period), ``due`` (periods that are over), ``renewed``, ``open`` (periods that are not),
        ``renewal_rate`` with its 95 % interval ``renewal_rate_low`` and ``renewal_rate_high``,
        ``model_rate``, ``survival`` (the share of contracts renewed after so many periods) with
        ``survival_low`` and ``survival_high``. ``models``: the :class:`ShiftedBetaGeometric` model
        of each group: ``group`` (with groups only), ``contracts``, ``alpha``,
        ``alpha_standard_error``, ``beta``, ``beta_standard_error``, ``mean_churn`` (the mean chance
        to leave at the end of the first period), ``log_likelihood``, ``remark`` (why there is no
        model).

    Raises:
        ValueError: No column ``valid_until``, no contract that began in time, an ``until`` after
            the end of observation, an end not after the start, an unknown attribute.
        TypeError: An argument of another type.

    Examples:
        >>> import polars as pl
        >>> import winback as wb
        >>> contracts = pl.DataFrame(
        ...     {
        ...         "customer_id": [1, 1, 2, 3],
        ...         "time": ["2021-03-01", "2022-03-02", "2021-06-01", "2023-02-01"],
        ...         "valid_until": ["2022-03-01", "2023-03-01", "2022-06-01", "2024-02-01"],
        ...     }
        ... )
        >>> found = wb.timing.renewals(wb.EventLog(contracts, observed_until="2023-07-01"))
        >>> found["age"], found["due"], found["renewed"], found["open"]
        ([1, 2], [2, 1], [1, 0], [1, 0])
    """
    options = to_options(grace=grace, until=until, start=start, end=end, group_by=group_by)
    return Answer(_core.renewals(core_log(log), options), log)
