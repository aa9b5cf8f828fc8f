"""When customers come back, and how long they stay.

>>> import winback as wb
>>> now = wb.simulate(customers=300).event_log().at("2025-01-01")
>>> wb.timing.rfm_summary(now, time_unit="W").column_names
['customer_id', 'frequency', 'recency', 'T', 'monetary_value']

Models of purchases say who is a customer still, who buys again and when:
:class:`ModifiedBetaGeo` (start with this one), :class:`BetaGeo` and :class:`ParetoNBD`;
:class:`GammaGamma` says for how much. :func:`forecast` has all of it in one table.
:class:`TimeToPurchase` says when from all features of a log. :func:`renewals` counts contracts that
are renewed, by age, and :class:`ShiftedBetaGeometric` says how their rate goes on.

The table that they start from has the names that its users know. Its columns are
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

from winback.timing._backtest import backtest
from winback.timing._checks import GammaGamma
from winback.timing._forecast import forecast
from winback.timing._geometric import ShiftedBetaGeometric
from winback.timing._purchases import BetaGeo, ModifiedBetaGeo, ParetoNBD
from winback.timing._renewals import renewals
from winback.timing._summary import rfm_summary, summary_data_from_transaction_data
from winback.timing._time_to_purchase import TimeToPurchase

__all__ = [
    "BetaGeo",
    "GammaGamma",
    "ModifiedBetaGeo",
    "ParetoNBD",
    "ShiftedBetaGeometric",
    "TimeToPurchase",
    "backtest",
    "forecast",
    "renewals",
    "rfm_summary",
    "summary_data_from_transaction_data",
]
