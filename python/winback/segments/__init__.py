"""Which customers belong together: RFM segments, loyalty groups, concentration of revenue."""

from winback.segments._concentration import Concentration
from winback.segments._group_profile import GroupProfile
from winback.segments._loyalty_groups import LoyaltyGroups, loyalty_of
from winback.segments._loyalty_rules import LoyaltyRules
from winback.segments._rfm_scores import RfmScores
from winback.segments._rfm_segments import RfmSegments

__all__ = [
    "Concentration",
    "GroupProfile",
    "LoyaltyGroups",
    "LoyaltyRules",
    "RfmScores",
    "RfmSegments",
    "loyalty_of",
]
