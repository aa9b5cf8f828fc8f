"""Compensations for those who were treated badly."""

from __future__ import annotations

from typing import Literal

from winback import _core
from winback._options import documented, to_options
from winback._time import Instant
from winback.answer import Answer
from winback.event_log import EventLog, Source, core_log, to_source
from winback.snapshot import Snapshot, core_snapshot


@documented("CompensationOptions")
def compensation(
    now: Snapshot,
    *,
    unresolved: float | None = None,
    unresolved_after: str = "7d",
    reopened: float | None = None,
    slow: float | None = None,
    slow_hours: float = 48.0,
    badly_rated: float | None = None,
    bad_rating: float = 2.0,
    low_score: float | None = None,
    bad_score: float = 6.0,
    returned: float | None = None,
    since: str = "90d",
    fund: float | None = None,
    control_share: float = 0.0,
    salt: str = "winback",
    language: Literal["en", "ru"] = "en",
) -> Answer:
    """Who gets which compensation for what they went through, out of a fund.

    You say what is compensated and by how much. Each customer gets one compensation, the highest of
    those that he is owed. If the fund does not reach for all, it goes to those who together bought
    for most in the year before, as nearly as :func:`target` finds them: the figure ``gap`` says
    which part more those of another list could have bought for at most. Customers in control are
    drawn by their ids and get nothing, so that :func:`effect` can tell what compensation changed.

    Args:
        now: The log at a cutoff: only what was known then counts.

    Returns:
        Three tables. ``list``: who is compensated and who is drawn to get nothing, the best
        customers first: ``customer_id``, ``arm`` (``compensate``, ``control``), ``compensation``,
        ``by`` (the harm that decides the amount), ``spend_365d`` (of a log without amounts
        purchases), ``harms`` (their number), ``reasons`` in words. ``harms``: ``harm``,
        ``compensation``, ``customers``, ``compensated`` (by it), ``cost``. ``beyond_fund``: as
        ``list``, of those whom the fund does not reach.

        Figures: ``customers`` (who were treated badly), ``compensated``, ``control``,
        ``beyond_fund``, ``fund``, ``cost``, ``cost_beyond_fund``, ``gap``, ``ratings`` (the lowest
        and the highest of tickets, with ``badly_rated``).

    Raises:
        ValueError: No amount; options out of range; harm that the log cannot tell.
        TypeError: An argument of another type.

    Examples:
        >>> import winback as wb
        >>> now = wb.simulate(customers=800).event_log().at("2025-01-01")
        >>> owed = wb.campaign.compensation(now, unresolved=10, badly_rated=5, fund=200)
        >>> owed.figures["cost"] <= 200
        True
        >>> owed["reasons"][0].startswith("a ticket")
        True
    """
    options = to_options(
        unresolved=unresolved,
        unresolved_after=unresolved_after,
        reopened=reopened,
        slow=slow,
        slow_hours=slow_hours,
        badly_rated=badly_rated,
        bad_rating=bad_rating,
        low_score=low_score,
        bad_score=bad_score,
        returned=returned,
        since=since,
        fund=fund,
        control_share=control_share,
        salt=salt,
        language=language,
    )
    return Answer(_core.compensation(core_snapshot(now), options), now)


@documented("CompensationOutcomeOptions")
def compensation_outcomes(
    arms: Source,
    log: EventLog,
    *,
    arm: str = "arm",
    start: Instant | None = None,
    window: str = "90d",
) -> Answer:
    """What customers did after they were compensated, beside those who were not.

    An observation, and no effect: who was compensated was chosen, and the others went through
    something else. What compensation changed, :func:`effect` tells of arms that were drawn.

    Args:
        arms: A table with ``customer_id`` and the column of the arm, one row a customer, such as
            what :func:`compensation` gives; or a path.
        log: All events.

    Returns:
        One table, ``groups``, a row for each arm, means of its customers in the window and in as
        long a time before the start: ``arm``, ``customers``, ``purchased_before`` (the share),
        ``purchased``, ``spend_before``, ``spend``, ``tickets_before``, ``tickets``.

        Figures: ``start``, ``end``, ``known_until``, ``is_over``.

    Raises:
        ValueError: No start; a window of which nothing is observed yet; a customer in two arms or
            in none; customers none of whom the log knows.
        TypeError: An argument of another type.

    Examples:
        >>> import winback as wb
        >>> log = wb.simulate(customers=800).event_log()
        >>> owed = wb.campaign.compensation(log.at("2024-07-01"), unresolved=10)
        >>> after = wb.campaign.compensation_outcomes(owed, log, start="2024-07-01")
        >>> after["arm"]
        ['compensate']
    """
    options = to_options(arm=arm, start=start, window=window)
    table = to_source("arms", arms, is_needed=True)
    return Answer(_core.compensation_outcomes(table, core_log(log), options), arms, log)
