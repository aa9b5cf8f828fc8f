"""What a score is worth: the profit of contacting its top, and the effect of doing so.

Profit of a churn score is named as in empulse; unlike there, no figure has a default and a ``clv``
of each customer is his own and not only its mean. Uplift is named and defined as in scikit-uplift;
unlike there, equal scores are never told apart by the order of the rows. Outcomes, scores and
figures of each customer may be a list, a NumPy array, a pandas or polars column or an Arrow array.

>>> from winback import metrics
>>> churned = [0, 1, 0, 1, 0, 1, 0, 1]
>>> score = [0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 0.8, 0.9]
>>> metrics.mpc(churned, score, clv=200, incentive_cost=10, contact_cost=1, accept_rate=0.3)
(23.875, 0.875)
>>> bought, uplift, treated = [1, 0, 1, 0, 0, 1], [6, 5, 4, 3, 2, 1], [1, 0, 1, 0, 1, 0]
>>> metrics.uplift_at_k(bought, uplift, treated, k=0.5)
1.0
"""

from winback.metrics._policy import policy_values
from winback.metrics._profit import empc, empc_score, mpc, mpc_score, profit_curve
from winback.metrics._uplift import (
    auuc,
    qini,
    radcliffe_q,
    uplift_at_k,
    uplift_curve,
    uplift_intervals,
)

__all__ = [
    "auuc",
    "empc",
    "empc_score",
    "mpc",
    "mpc_score",
    "policy_values",
    "profit_curve",
    "qini",
    "radcliffe_q",
    "uplift_at_k",
    "uplift_curve",
    "uplift_intervals",
]
