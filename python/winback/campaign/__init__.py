"""Campaigns, from the list to the money that they made.

:meth:`winback.ChurnModel.candidates` says whom to contact; here is what comes before and after it.
"""

__all__: list[str] = []
