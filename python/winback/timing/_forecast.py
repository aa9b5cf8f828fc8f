"""What models of purchases and checks say of the customers of a log, in one table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from winback import _core
from winback._options import documented, to_options
from winback.answer import Answer
from winback.snapshot import core_snapshot

if TYPE_CHECKING:
    from winback.snapshot import Snapshot


@documented("ForecastOptions")
def forecast(
    now: Snapshot,
    *,
    model: Literal["modified_beta_geo", "beta_geo", "pareto_nbd"] = "modified_beta_geo",
    within: str = "3mo",
    certainty: float = 0.9,
    horizon: str = "12mo",
    discount_rate: float = 0.0,
    margin: float = 1.0,
) -> Answer:
    """When customers buy next, when they leave and what they are worth.

    Fits a model of purchases and, where the log has amounts, one of checks to the customers with a
    purchase before the cutoff, and asks them about each.

    Args:
        now: The log at a cutoff.

    Returns:
        A row a customer: ``customer_id``; ``p_alive``, the chance to be a customer still;
        ``purchase_probability`` and ``expected_purchases`` within the time; ``p_ever``, the chance
        ever to buy again; ``next_purchase`` with ``next_purchase_low`` and ``next_purchase_high``,
        between which it lies with a chance of 80 %, None where it is less likely than not;
        ``alarm_date``, after which silence means that the customer has left; with amounts
        ``expected_check`` and ``lifetime_value`` with ``lifetime_value_low`` and
        ``lifetime_value_high``, see :meth:`ModifiedBetaGeo.lifetime_value`. Figures: the
        parameters, ``log_likelihood``, ``converged``, the ``expected_purchases`` and
        ``lifetime_value`` of all, the ``correlation`` of number and size of checks.

    Raises:
        ValueError: Nobody bought on a second day; an argument out of range.
        TypeError: An argument of another type.

    Examples:
        >>> import winback as wb
        >>> now = wb.simulate(customers=2_000).event_log().at("2024-07-01")
        >>> found = wb.timing.forecast(now, within="30d")
        >>> found.column_names[:4]
        ['customer_id', 'p_alive', 'purchase_probability', 'expected_purchases']
        >>> found.column_names[-4:]
        ['expected_check', 'lifetime_value', 'lifetime_value_low', 'lifetime_value_high']
    """
    options = to_options(
        model=model,
        within=within,
        certainty=certainty,
        horizon=horizon,
        discount_rate=discount_rate,
        margin=margin,
    )
    return Answer(_core.forecast(core_snapshot(now), options), now)
