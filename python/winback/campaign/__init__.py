"""Campaigns, from the list to the money that they made.

:meth:`winback.ChurnModel.candidates` says whom to contact; here is what comes before and after it.
"""

from winback.campaign._target import target
from winback.campaign._uplift import Uplift

__all__ = ["Uplift", "target"]
