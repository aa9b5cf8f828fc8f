"""Which customers are leaving, and which of the silent ones are worth winning back.

>>> import winback as wb
>>> shop = wb.simulate(customers=300)
>>> log = shop.event_log()
>>> table = log.at("2024-09-01").features()
>>> table.column_names[:3]
['customer_id', 'days_since_last_purchase', 'purchase_count']
"""

from winback import campaign, events, metrics, plot, retention, segments, surveys, timing
from winback._core import __version__
from winback._parameters import NotFittedError
from winback._threads import set_threads
from winback.answer import Answer
from winback.check import check
from winback.churn import ChurnModel
from winback.customer_history import CustomerHistory
from winback.event_log import EventLog
from winback.features import catalogue
from winback.inactivity import inactivity
from winback.partitioned_log import PartitionedLog
from winback.service import service
from winback.simulate import Simulated, simulate
from winback.snapshot import PartitionedSnapshot, Snapshot
from winback.table import Table

__all__ = [
    "Answer",
    "ChurnModel",
    "CustomerHistory",
    "EventLog",
    "NotFittedError",
    "PartitionedLog",
    "PartitionedSnapshot",
    "Simulated",
    "Snapshot",
    "Table",
    "__version__",
    "campaign",
    "catalogue",
    "check",
    "events",
    "inactivity",
    "metrics",
    "plot",
    "retention",
    "segments",
    "service",
    "set_threads",
    "simulate",
    "surveys",
    "timing",
]
