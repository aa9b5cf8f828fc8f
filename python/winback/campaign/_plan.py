"""How many customers a campaign needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from winback import _core
from winback._options import documented, to_options
from winback.answer import Answer
from winback.campaign._by_name import shares


@documented("CampaignPlanOptions")
def plan(
    *,
    baseline: float | None = None,
    effect: float | None = None,
    relative_lift: float | None = None,
    deviation: float | None = None,
    customers: int | None = None,
    customers_per_day: float | None = None,
    window: str = "30d",
    arms: Mapping[str, float] | None = None,
    control_share: float | None = None,
    control: str = "control",
    formula: Literal["unpooled", "pooled", "arcsine"] = "unpooled",
    level: float = 0.05,
    power: float = 0.8,
    explained: float = 0.0,
    cluster_size: float = 1.0,
    cluster_variation: float = 0.0,
    correlation: float = 0.0,
) -> Answer:
    """How many customers show an effect, and which effect a list shows.

    Size a campaign by the outcome that is paid for: many more customers are needed for spend than
    for visits. The three formulas for shares give 8,155, 8,158 and 8,143 customers an arm for 6 %
    beside 5 %, and differ far more where arms are unequal; the one used is among the figures.

    Args:
        arms: Arms and their shares, as ``{"control": 0.1, "offer_a": 0.45, "offer_b": 0.45}``, or
            with whole numbers in their place; instead of a control share.

    Returns:
        One table, ``arms``: ``arm``, ``share``, ``needed`` (customers for the effect),
        ``customers`` (of the list), ``smallest_effect`` (that the list shows with the power),
        ``power`` (with which it shows the effect).

        Figures: ``needed`` (customers in all), ``customers``, ``effect``, ``relative_lift``,
        ``smallest_effect``, ``smallest_loss`` (downward), ``power``, ``days``,
        ``best_control_share`` (with which the fewest are needed), ``design_effect``,
        ``level_per_offer``, ``formula``.

    Raises:
        ValueError: Options out of range; neither an effect nor customers.
        TypeError: An argument of another type.

    Examples:
        >>> import winback as wb
        >>> wb.campaign.plan(baseline=0.05, effect=0.01).figures["needed"]
        16310
        >>> found = wb.campaign.plan(baseline=0.1, customers=20_000, control_share=0.1)
        >>> round(found.figures["smallest_effect"], 4)
        0.02
    """
    options = to_options(
        baseline=baseline,
        effect=effect,
        relative_lift=relative_lift,
        deviation=deviation,
        customers=customers,
        customers_per_day=customers_per_day,
        window=window,
        arms=shares("arms", arms),
        control_share=control_share,
        control=control,
        formula=formula,
        level=level,
        power=power,
        explained=explained,
        cluster_size=cluster_size,
        cluster_variation=cluster_variation,
        correlation=correlation,
    )
    return Answer(_core.campaign_plan(options))
