"""Logs that hold all customers: in memory, or in parts."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

from winback import _core
from winback._arguments import of_type, refusal, to_float, to_str
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


def to_sample(of: EventLog | PartitionedLog, share: float | None, salt: str) -> dict[str, Any]:
    """Which customers of a log in parts to take into memory, as the core takes it."""
    if share is not None and not isinstance(of, PartitionedLog):
        expected = "none, for only of a winback.PartitionedLog a share is taken into memory"
        raise refusal(ValueError, "share", expected, share)
    taken = None if share is None else to_float("share", share)
    return {"share": taken, "salt": to_str("salt", salt)}


def warn_of_share(
    of: EventLog | PartitionedLog, asked: float | None, training: Mapping[str, Any]
) -> None:
    """Warns the caller's caller that a model learned from fewer customers than there are."""
    share = training["share"]
    if isinstance(of, PartitionedLog) and asked is None and share < 1.0:
        warnings.warn(
            f"trained on a share of {share} of the customers, for whom the memory is enough: give "
            "the log more memory to learn from more of them, or pass this share to quiet this",
            UserWarning,
            stacklevel=3,
        )
