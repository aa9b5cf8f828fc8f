"""How much of the revenue few customers bring."""

from __future__ import annotations

from typing import Any

from winback import _html
from winback.table import Table


class Concentration:
    """How much of the revenue few customers bring.

    A revenue below zero (more returned than bought) counts as zero.

    Attributes:
        top: A row a top group: ``top_share``, ``customers`` (rounded up), ``revenue``,
            ``revenue_share``, ``threshold`` (the least revenue of one of them),
            ``customers_at_threshold`` (who bring at least that much).
        lorenz: The Lorenz curve: ``customer_share`` (of those who bring least, 0, 0.01 ... 1),
            ``revenue_share``.
        vip: The customers of the smallest top group and all who bring as much as the last of them:
            ``customer_id``, ``rank``, ``revenue``, ``revenue_share``.
        gini: The Gini coefficient: 0 where all bring the same, towards 1 where one brings all.
        customers: Customers with a purchase before the cutoff.
        revenue: Their revenue.
        negative_customers: Customers of a revenue below zero.
        negative_revenue: What it sums to.

    Examples:
        >>> import winback as wb
        >>> log = wb.simulate(customers=300).event_log()
        >>> shares = log.concentration(at="2025-01-01")
        >>> shares.lorenz["revenue_share"][0], shares.lorenz["revenue_share"][-1]
        (0.0, 1.0)
        >>> 0 < shares.gini < 1
        True
    """

    def __init__(self, values: dict[str, Any]) -> None:
        self.top = Table(values["top"])
        self.lorenz = Table(values["lorenz"])
        self.vip = Table(values["vip"])
        self.gini: float = values["gini"]
        self.customers: int = values["customers"]
        self.revenue: float = values["revenue"]
        self.negative_customers: int = values["negative_customers"]
        self.negative_revenue: float = values["negative_revenue"]
        self._text: str = values["text"]

    def __repr__(self) -> str:
        return self._text

    def _repr_html_(self) -> str:
        return _html.report(repr(self))
