"""Which customers are leaving, and which of the silent ones are worth winning back.

>>> import winback as wb
>>> shop = wb.simulate(customers=300)
>>> log = shop.event_log()
>>> table = log.at("2024-09-01").features()
>>> table.column_names[:3]
['customer_id', 'days_since_last_purchase', 'purchase_count']
"""

from winback import metrics, plot
from winback._core import __version__
from winback._fitted_model import NotFittedError
from winback._threads import set_threads
from winback.answer import Answer
from winback.churn import ChurnModel
from winback.customer_history import CustomerHistory
from winback.event_log import EventLog
from winback.features import catalogue
from winback.partitioned_log import PartitionedLog
from winback.reports import InactivityReport
from winback.retention import (
    Cohorts,
    Flow,
    Migration,
    Retention,
    RetentionCurve,
    ShiftedBetaGeometric,
    migration,
)
from winback.rfm_summary import rfm_summary, summary_data_from_transaction_data
from winback.segments import (
    Concentration,
    GroupProfile,
    LoyaltyGroups,
    LoyaltyRules,
    RfmScores,
    RfmSegments,
)
from winback.simulate import Simulated, simulate
from winback.snapshot import PartitionedSnapshot, Snapshot
from winback.surveys import (
    Nps,
    NpsDifference,
    NpsReport,
    ServiceReport,
    SurveyPlan,
    nps,
    nps_difference,
    nps_of_scores,
    smallest_nps_difference,
)
from winback.table import Table

__all__ = [
    "Answer",
    "ChurnModel",
    "Cohorts",
    "Concentration",
    "CustomerHistory",
    "EventLog",
    "Flow",
    "GroupProfile",
    "InactivityReport",
    "LoyaltyGroups",
    "LoyaltyRules",
    "Migration",
    "NotFittedError",
    "Nps",
    "NpsDifference",
    "NpsReport",
    "PartitionedLog",
    "PartitionedSnapshot",
    "Retention",
    "RetentionCurve",
    "RfmScores",
    "RfmSegments",
    "ServiceReport",
    "ShiftedBetaGeometric",
    "Simulated",
    "Snapshot",
    "SurveyPlan",
    "Table",
    "__version__",
    "catalogue",
    "metrics",
    "migration",
    "nps",
    "nps_difference",
    "nps_of_scores",
    "plot",
    "rfm_summary",
    "set_threads",
    "simulate",
    "smallest_nps_difference",
    "summary_data_from_transaction_data",
]
