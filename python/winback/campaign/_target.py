"""Whom to contact with which offer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, SupportsFloat, TypeAlias

from winback import _core
from winback._arguments import of_type, refusal, to_figure, to_floats, to_values
from winback._options import documented, to_options
from winback.answer import Answer

Figure: TypeAlias = SupportsFloat | Iterable[SupportsFloat]
_ONLY = "offer"


@documented("TargetOptions")
def target(
    customer_ids: Iterable[Any],
    gain: Iterable[SupportsFloat] | Mapping[str, Iterable[SupportsFloat]],
    cost: Figure | Mapping[str, Figure],
    *,
    budget: float | None = None,
    capacity: int | None = None,
    control_share: float = 0.0,
    salt: str = "winback",
    more: float = 1000.0,
) -> Answer:
    """Whom to contact with which offer, so that a budget brings most.

    Each customer gets at most one offer, and none that costs more than it brings. Where all costs
    are equal the list is the best there is. Else the price at which the money runs out decides (the
    linear relaxation of a multiple-choice knapsack), what is left is spent on what brings most for
    it, and the ``bound`` that no list can exceed is told beside. Neither the order of the customers
    nor the number of threads changes anything.

    Args:
        customer_ids: Ids of the customers, whole numbers or texts, each once.
        gain: What an offer is expected to bring from each customer before its cost: uplift times
            margin. It is the change that the offer makes; what would be bought anyway is no gain.
            Of several offers by name: ``{"letter": [...], "call": [...]}``.
        cost: What an offer costs, 0 or more: one number for all customers, or one for each; of
            several offers by name, or the same for all.

    Returns:
        Three tables. ``list``: who gets an offer, the most profitable first, and who in control
        would at the same price of money: ``customer_id``, ``offer``, ``gain``, ``cost``,
        ``profit``, ``arm`` (``contact`` or ``control``). ``offers``, a row for each: ``offer``,
        ``customers``, ``control``, ``spend``, ``gain``, ``profit``. ``curve``, lists within other
        budgets: ``spend``, ``profit``, ``customers``, ``price`` (what another unit of money would
        bring).

        Figures: ``customers``, ``contacted``, ``control``, ``budget``, ``capacity``, ``spend``,
        ``gain``, ``profit``, ``bound``, ``gap`` (between profit and bound), ``price``, ``more``,
        ``profit_of_more`` and ``customers_of_more`` (what ``more`` money would add).

    Raises:
        ValueError: A customer twice or no customers; a gain that is not finite; a cost below 0;
            offers that differ in ``gain`` and ``cost``; an option out of its range; lengths that
            differ.
        TypeError: An argument of another type.

    Examples:
        >>> import winback as wb
        >>> found = wb.campaign.target(
        ...     ["Ann", "Bob", "Cy"],
        ...     gain={"letter": [3.0, 9.0, 2.5], "call": [9.0, 12.0, 3.0]},
        ...     cost={"letter": 2, "call": 5},
        ...     budget=7,
        ... )
        >>> found["customer_id"], found["offer"]
        (['Bob', 'Ann'], ['letter', 'call'])
        >>> found.figures["profit"], found.figures["spend"]
        (11.0, 7.0)
    """
    gains = gain if isinstance(gain, Mapping) else {_ONLY: gain}
    costs = cost if isinstance(cost, Mapping) else dict.fromkeys(gains, cost)
    if set(gains) != set(costs):
        expected = f"costs of the offers of gain, {', '.join(map(str, gains))}"
        raise refusal(ValueError, "cost", expected, ", ".join(map(str, costs)) or "none")
    offers = [
        (_name(name), to_floats(_of("gain", name, gain), its), _cost(cost, name, costs[name]))
        for name, its in gains.items()
    ]
    options = to_options(
        budget=budget, capacity=capacity, control_share=control_share, salt=salt, more=more
    )
    return Answer(_core.target(to_ids("customer_ids", customer_ids), offers, options))


def to_ids(name: str, values: Any) -> list[Any]:
    """Ids of customers, all whole numbers or all texts."""
    ids = to_values(name, values, "ids")
    kinds = {type(value) for value in ids}
    if not (kinds <= {int} or kinds <= {str}):
        got = " and ".join(sorted(kind.__name__ for kind in kinds))
        raise refusal(TypeError, name, "whole numbers, or texts", got)
    return ids


def _name(name: Any) -> str:
    if not isinstance(name, str):
        raise refusal(TypeError, "gain", "offers by name", of_type(name))
    return name


def _of(argument: str, name: str, given: Any) -> str:
    return f"{argument}[{name!r}]" if isinstance(given, Mapping) else argument


def _cost(given: Any, name: str, cost: Any) -> float | list[float]:
    return to_figure(_of("cost", name, given), cost)
