"""Campaigns, from the list to the money that they made.

:meth:`winback.ChurnModel.candidates` says whom to contact; here is what comes before and after it:
:func:`plan` says how many customers are needed, :func:`assign` draws the arms, :func:`effect` says
what the campaign changed; :class:`Uplift` learns whom, and :func:`target` whom a budget reaches;
:func:`write` makes the files for the tool that sends. :func:`compensation` is for those who were
treated badly.

>>> import winback as wb
>>> wb.campaign.plan(baseline=0.05, effect=0.01).figures["needed"]
16310
"""

from winback.campaign._assign import assign
from winback.campaign._compensation import compensation, compensation_outcomes
from winback.campaign._effect import effect
from winback.campaign._offers import offers
from winback.campaign._plan import plan
from winback.campaign._report import report
from winback.campaign._share import share
from winback.campaign._target import target
from winback.campaign._uplift import Uplift
from winback.campaign._write import write

__all__ = [
    "Uplift",
    "assign",
    "compensation",
    "compensation_outcomes",
    "effect",
    "offers",
    "plan",
    "report",
    "share",
    "target",
    "write",
]
