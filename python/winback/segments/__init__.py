"""Which customers belong together: RFM segments, loyalty groups, concentration of revenue."""

from winback.segments._groups import concentration, profile
from winback.segments._loyalty import LoyaltyRules, loyalty
from winback.segments._rfm import RfmSegments, rfm

__all__ = ["LoyaltyRules", "RfmSegments", "concentration", "loyalty", "profile", "rfm"]
