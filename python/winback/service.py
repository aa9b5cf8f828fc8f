"""What customers do after their tickets."""

from __future__ import annotations

from collections.abc import Iterable
from typing import SupportsFloat

from winback import _core
from winback._options import documented, to_options
from winback._parts import core_snapshots
from winback.answer import Answer
from winback.snapshot import PartitionedSnapshot, Snapshot


@documented("ServiceOptions")
def service(
    now: Snapshot | PartitionedSnapshot,
    *,
    fast_hours: float = 24,
    judged_after: str = "30d",
    horizon: str = "3mo",
    response_hours: Iterable[SupportsFloat] = (1, 8, 24),
    quiet_for: str = "6mo",
) -> Answer:
    """Whether customers buy, and how much, after their tickets went one way or another.

    A ticket is judged ``judged_after`` its opening, by what was known then, and the horizon begins
    then, so that nothing that happens in it decides how the ticket went. Each ticket counts once;
    intervals are by the variance between customers. None of it says what service causes.

    Args:
        now: The log at a cutoff, in memory or in parts; only what was known then is looked at.

    Returns:
        One table, ``rows``, all tickets first, then by topic:
        ``topic`` (None: all), ``grouping`` (``handling`` or ``first_response``), ``group``
        (``no_ticket``, ``resolved_fast``, ``resolved_slowly``, ``reopened``, ``unresolved``; bands
        as ``1h to 8h``), ``tickets``, ``customers``, ``purchased`` and the columns of the table
        ``afterwards`` of :func:`winback.surveys.nps`. ``no_ticket`` are the matched customers: for
        each ticket one who had opened none for ``quiet_for`` and had bought last at about the same
        time and about as often.

        Figures: ``tickets`` (opened before the cutoff), ``unfinished`` (of them, those that do not
        count since their horizon was not over), ``unmatched`` (of the others, those for which no
        customer without a ticket was found).

    Raises:
        ValueError: Spans without length; limits that do not rise or reach beyond ``judged_after``;
            a log without tickets or without ``resolved_at``; no ticket whose horizon was over.
        TypeError: An argument of another type.

    Examples:
        >>> import winback as wb
        >>> now = wb.simulate(customers=500).event_log().at("2025-01-01")
        >>> found = wb.service(now, judged_after="90d")
        >>> found["group"][:3]
        ['no_ticket', 'resolved_fast', 'resolved_slowly']
        >>> found.figures["tickets"] >= found.figures["unfinished"]
        True
        >>> wb.service(now, fast_hours=0)
        Traceback (most recent call last):
        ValueError: fast_hours: expected more than 0 and less than judged_after, 30d, got 0
    """
    options = to_options(
        fast_hours=fast_hours,
        judged_after=judged_after,
        horizon=horizon,
        response_hours=response_hours,
        quiet_for=quiet_for,
    )
    return Answer(_core.service(core_snapshots(now), options), now)
