"""Which customers belong together: RFM segments, loyalty groups, clusters, shares of revenue.

>>> import winback as wb
>>> now = wb.simulate(customers=300).event_log().at("2025-01-01")
>>> wb.segments.loyalty(now).tables["groups"]["group"]
['loyal', 'neutral', 'vulnerable']
"""

from winback.segments._clusters import clusters
from winback.segments._groups import concentration, profile
from winback.segments._loyalty import LoyaltyRules, loyalty
from winback.segments._rfm import RfmSegments, rfm

__all__ = ["LoyaltyRules", "RfmSegments", "clusters", "concentration", "loyalty", "profile", "rfm"]
