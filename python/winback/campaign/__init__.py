"""Campaigns, from the list to the money that they made.

:meth:`winback.ChurnModel.candidates` says whom to contact; here is what comes before and after it.
"""

from winback.campaign._offers import offers

__all__ = ["offers"]
