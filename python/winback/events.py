"""What customers do besides buying, and what it comes before.

>>> import winback as wb
>>> log = wb.simulate(customers=300, events=True).event_log()
>>> wb.events.summary(log)["kind"][:2]
['email_sent', 'visit']
"""

from __future__ import annotations

from winback import _core
from winback._options import documented, to_options
from winback.answer import Answer
from winback.event_log import EventLog, core_log

__all__ = ["summary"]


@documented("EventsOptions")
def summary(
    log: EventLog,
    *,
    within: str = "30d",
    horizon: str = "30d",
    silence: str = "3mo",
    cutoffs: int = 6,
    stride: str = "30d",
) -> Answer:
    """Which events there are, and what active customers with one of them do next.

    At each cutoff the customers who are active then are looked at: those with an event of a kind
    in the time before it, and those without. A lift is how many times as likely as without
    something is with such an event, among customers who had bought as recently and as often: the
    risk ratio of Mantel and Haenszel over the cutoffs, thirds of the time since the last purchase,
    and 1, 2-3, 4-9, 10 or more purchases. Its interval is by the variance between customers. It
    tells what customers with such an event do, not what the event causes.

    Args:
        log: All events.

    Returns:
        Two tables.

        ``kinds``: one row a kind, most events first: ``kind``, ``roles`` (what it stands for),
        ``events``, ``customers``, ``share`` (of the log's customers), ``first``, ``last``; of the
        50 most frequent kinds also ``rows`` (customers active at a cutoff with such an event before
        it), ``purchase_share`` (of these rows, those with a purchase within the horizon),
        ``purchase_share_without`` (of the other rows), ``purchase_lift`` with its 95 % interval
        (``purchase_lift_low``, ``purchase_lift_high``), and the same columns of ``silence``.

        ``around_purchase``: events by week around the last purchase of customers who bought no
        more for 12 weeks or longer: ``kind``, ``week`` (-12 to 11; 0 begins with the purchase),
        ``customers``, ``events``, ``events_per_customer``.

        Figures: ``events``, ``customers``, ``cutoffs``, ``rows`` (customers active at a cutoff,
        over all of them), ``options``, ``tells_activity`` (of the log).

    Raises:
        ValueError: A log without a table of events; spans without length.
        TypeError: An argument of another type.

    Examples:
        >>> import winback as wb
        >>> log = wb.simulate(customers=500, events=True).event_log()
        >>> found = wb.events.summary(log)
        >>> dict(zip(found["kind"], found["purchase_lift"]))["visit"] > 1
        True
        >>> found.tables["around_purchase"]["week"][0]
        -12
    """
    options = to_options(
        within=within, horizon=horizon, silence=silence, cutoffs=cutoffs, stride=stride
    )
    return Answer(_core.events_summary(core_log(log), options), log)
