"""Logs that hold all customers: in memory, or in parts."""

from __future__ import annotations

from winback import _core
from winback._arguments import of_type, refusal
from winback.event_log import EventLog
from winback.partitioned_log import PartitionedLog
from winback.snapshot import PartitionedSnapshot, Snapshot


def core_logs(log: EventLog | PartitionedLog) -> _core.EventLog | _core.PartitionedLog:
    """The core's log, or an error that says what is needed."""
    if not isinstance(log, (EventLog, PartitionedLog)):
        raise refusal(
            TypeError, "log", "a winback.EventLog or a winback.PartitionedLog", of_type(log)
        )
    return log._log


def core_snapshots(
    now: Snapshot | PartitionedSnapshot, name: str = "now"
) -> _core.Snapshot | _core.PartitionedSnapshot:
    """The core's snapshot, or an error that says what is needed."""
    if not isinstance(now, (Snapshot, PartitionedSnapshot)):
        raise refusal(TypeError, name, "a winback.Snapshot, as log.at(cutoff) gives", of_type(now))
    return now._snapshot
