"""Plots of the results, by matplotlib, which is loaded when the first one is drawn.

Every function draws on ``ax``, or on a new figure where none is given, and returns the ``Axes``.
Nothing is shown and no setting of matplotlib is changed. Texts and lines take their colours from
the axes, so that dark styles work; what differs in colour differs in line, marker, hatching or
lightness too. Numbers and names for which axes are too small when they are drawn are left out.

Curves of a score take outcomes and scores as scikit-learn does, all others a result of winback:

>>> import winback as wb
>>> log = wb.simulate(customers=1000).event_log()
>>> model = wb.ChurnModel().fit(log, until="2024-10-01")
>>> panel = log.panel(at="2024-10-01").to_polars().filter(state="active")
>>> scores = model.score(log.at("2024-10-01")).to_polars().filter(state="active")
>>> ax = wb.plot.roc_curve(~panel["purchased"], scores["churn_probability"])
>>> ax.get_xlabel()
'share of the others found (false positive rate)'
"""

from winback.plot._activity import activity
from winback.plot._backtest import backtest
from winback.plot._beeswarm import beeswarm
from winback.plot._budget import budget_curve
from winback.plot._campaign import balance, effect
from winback.plot._cohorts import cohorts
from winback.plot._coverage import coverage
from winback.plot._drift import drift
from winback.plot._flow import flow
from winback.plot._groups import lorenz_curve, shares
from winback.plot._inactivity import gap_distribution, return_curve
from winback.plot._migration import migration
from winback.plot._nps import nps
from winback.plot._over_time import effect_over_time
from winback.plot._profit import profit_curve
from winback.plot._purchases import frequency_recency, p_alive
from winback.plot._ranking import calibration_curve, gains_curve, lift_curve, roc_curve
from winback.plot._tracking import tracking
from winback.plot._uplift import qini_curve
from winback.plot._waterfall import waterfall

__all__ = [
    "activity",
    "backtest",
    "balance",
    "beeswarm",
    "budget_curve",
    "calibration_curve",
    "cohorts",
    "coverage",
    "drift",
    "effect",
    "effect_over_time",
    "flow",
    "frequency_recency",
    "gains_curve",
    "gap_distribution",
    "lift_curve",
    "lorenz_curve",
    "migration",
    "nps",
    "p_alive",
    "profit_curve",
    "qini_curve",
    "return_curve",
    "roc_curve",
    "shares",
    "tracking",
    "waterfall",
]
