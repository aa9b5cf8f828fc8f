"""The Net Promoter Score, of a log or of counts, and whom to ask.

>>> import winback as wb
>>> wb.surveys.nps_of_counts(promoters=50, passives=33, detractors=17)
NPS 33.0 (17.6 to 46.5) of 100 answers
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import SupportsFloat, SupportsIndex

from winback import _core
from winback._arguments import of_type, refusal, to_count, to_float, to_floats
from winback._options import documented, to_options
from winback._parts import core_snapshots
from winback._time import Instant
from winback.answer import Answer
from winback.snapshot import PartitionedSnapshot, Snapshot, core_snapshot

__all__ = [
    "Nps",
    "NpsDifference",
    "nps",
    "nps_difference",
    "nps_of_counts",
    "nps_of_scores",
    "plan",
    "smallest_nps_difference",
]


@documented("NpsOptions")
def nps(
    now: Snapshot | PartitionedSnapshot,
    *,
    every: str = "3mo",
    start: Instant | None = None,
    group_by: str | None = None,
    horizon: str = "3mo",
    quiet_for: str = "6mo",
) -> Answer:
    """The Net Promoter Score by group, period and topic, and what customers did after answers.

    Every answer counts, also several of one customer; all intervals and tests are by the variance
    between customers. Figures that are not defined are None.

    Args:
        now: The log at a cutoff, in memory or in parts; only what was known then is looked at.

    Returns:
        Four tables. ``groups``: the scores of groups, all answers first: ``grouping`` (``all``;
        ``topic``; ``category`` and ``channel`` of the last purchase before the answer; what
        ``group_by`` names), ``group``, ``answers``, ``customers``, ``promoters``, ``passives``,
        ``detractors``, ``nps`` with its adjusted Wald interval (``nps_low``, ``nps_high``),
        ``standard_error``, ``effective_answers`` (as how many independent ones they count),
        ``difference`` from all other answers with its interval, ``p_value`` (of this one test; of
        twenty, one is below 0.05 by chance), ``smallest_difference`` (that two such samples show
        with a chance of 80 %).

        ``periods``, the main table: the same by ``period``, ``period_end``, ``finished`` (whether
        it was over), with the ``change`` from the period before in place of the difference.

        ``topics``: what topics add to the score, of all answers first (``period`` is None), then by
        period: ``period``, ``period_end``, ``topic``, ``answers``, ``share`` (of the answers looked
        at), ``nps``, ``contribution`` with its interval: share x (score of the topic - score of all
        answers). The contributions of all topics sum exactly to the score looked at - the score of
        all answers.

        ``afterwards``: what customers did within the horizon after an answer whose horizon was
        over: ``answer`` (``promoter``, ``passive``, ``detractor``, ``no_answer``), ``answers``,
        ``customers``, ``purchased``, ``purchase_share`` with Wilson's interval, ``mean_spend`` with
        a normal one, ``mean_spend_before`` (in as long before); of the answers with a matched
        customer ``matched`` (how many), that customer's ``base_purchase_share`` and
        ``base_mean_spend``, and ``share_difference`` and ``spend_difference`` from it, with
        intervals. ``no_answer`` are the matched customers: for each answer one who had given none
        for ``quiet_for`` and had bought last at about the same time and about as often.

        One figure, ``answers``.

    Raises:
        ValueError: Spans without length, more than 2,000 periods, a start not before the cutoff; an
            attribute that is not there or holds more than 20 different numbers; no answers.
        TypeError: An argument of another type.

    Examples:
        >>> import winback as wb
        >>> now = wb.simulate(customers=500).event_log().at("2025-01-01")
        >>> found = wb.surveys.nps(now, every="1mo", group_by="segment")
        >>> found.tables["groups"]["group"][0]
        'all'
        >>> found.tables["groups"]["answers"][0] == sum(found.tables["topics"]["answers"][:5])
        True
        >>> found.tables["afterwards"]["answer"]
        ['promoter', 'passive', 'detractor', 'no_answer']
        >>> wb.surveys.nps(now, horizon="0d")
        Traceback (most recent call last):
        ValueError: horizon: expected more than 0d, got 0d
    """
    options = to_options(
        every=every, start=start, group_by=group_by, horizon=horizon, quiet_for=quiet_for
    )
    return Answer(_core.nps_report(core_snapshots(now), options), now)


@documented("PlanOptions")
def plan(
    now: Snapshot,
    *,
    share: float = 0.005,
    salt: str = "winback",
    min_gap: str = "0d",
    skip_open_tickets: bool = False,
) -> Answer:
    """The customers to ask on a day, so that everyone is asked once before anyone is twice.

    Every customer has one day of the round, drawn by a hash of salt and id, and is asked on that
    day of every round: nothing has to be kept. Over any days as many as a round has everyone is
    asked exactly once, exactly a round lies between two questions, and who joins in mid-round is
    asked within a round's length. The promises hold as long as share and salt stay the same.

    Args:
        now: The log at the start of the day; only what was known then is used.

    Returns:
        One table, ``customers``: ``customer_id``, ``day``, ``round``. Figures: ``round`` (the one
        that the day lies in, counted from 1970-01-01), ``round_days`` (in which everyone is asked
        once), ``known`` (customers with a purchase before the day), ``due`` (of them, those whose
        day it is), ``open_ticket`` (of these, those left out for an open ticket).

    Raises:
        ValueError: A cutoff within a day, a ``share`` that is not above 0 and at most 1, a
            ``min_gap`` longer than a round, open tickets to be left out where the log does not tell
            of them.
        TypeError: An argument of another type.

    Examples:
        >>> import winback as wb
        >>> day = wb.simulate(customers=1000).event_log().at("2025-01-01")
        >>> plan = wb.surveys.plan(day, share=0.02, skip_open_tickets=True)
        >>> plan.column_names, plan.figures["round_days"]
        (['customer_id', 'day', 'round'], 50)
        >>> plan.figures["due"] == len(plan) + plan.figures["open_ticket"]
        True
        >>> wb.surveys.plan(day, share=0.02, min_gap="90d")
        Traceback (most recent call last):
        ValueError: min_gap: expected at most 50d, after which a share of 0.02 ..., got 90d
    """
    options = to_options(
        share=share, salt=salt, min_gap=min_gap, skip_open_tickets=skip_open_tickets
    )
    return Answer(_core.survey_plan(core_snapshot(now), options), now)


@dataclass(frozen=True)
class Nps:
    """A Net Promoter Score and its 95 % interval; see :func:`winback.surveys.nps_of_counts`.

    Attributes:
        promoters: Answers of 9 or 10.
        passives: Answers between.
        detractors: Answers of 0 to 6.
        answers: All answers.
        score: 100 (promoters - detractors) / n, from -100 to 100.
        variance: Variance of one answer, counted as 1, 0 or -1.
        standard_error: 100 sqrt(variance / n), in points.
        adjusted: The middle of the interval.
        low: Its lower end.
        high: Its upper end.

    Examples:
        >>> import winback as wb
        >>> score = wb.surveys.nps_of_counts(promoters=50, passives=33, detractors=17)
        >>> score.score, score.answers, round(score.low, 1)
        (33.0, 100, 17.6)
    """

    promoters: int
    passives: int
    detractors: int
    answers: int
    score: float
    variance: float
    standard_error: float
    adjusted: float
    low: float
    high: float

    def __repr__(self) -> str:
        ends = f"{self.low:.1f} to {self.high:.1f}"
        return f"NPS {self.score:.1f} ({ends}) of {self.answers} answers"


@dataclass(frozen=True)
class NpsDifference:
    """By how much two Net Promoter Scores differ; see :func:`winback.surveys.nps_difference`.

    Attributes:
        difference: The one score - the other, in points.
        standard_error: 100 sqrt(variance / n + other variance / other n).
        low: Lower end of its 95 % interval, difference ± 1.96 standard errors; None, as all that
            follows, where one of the two has a single answer, or all answers of each say the same:
            how much such scores vary is then not known.
        high: Upper end.
        z: difference / standard error.
        p_value: How probable a ``|z|`` of this size or more is where both have the same score.
        smallest_difference: The smallest true difference that two such samples show with a chance
            of 80 % at the level of 5 %.

    Examples:
        >>> import winback as wb
        >>> now = wb.surveys.nps_of_counts(200, 160, 140)
        >>> before = wb.surveys.nps_of_counts(250, 150, 100)
        >>> change = wb.surveys.nps_difference(now, before)
        >>> print(f"{change.low:.1f} to {change.high:.1f}")
        -27.9 to -8.1
    """

    difference: float
    standard_error: float
    low: float | None
    high: float | None
    z: float | None
    p_value: float | None
    smallest_difference: float | None


def nps_of_counts(
    promoters: SupportsIndex, passives: SupportsIndex, detractors: SupportsIndex
) -> Nps:
    """The Net Promoter Score of counts, with its adjusted Wald interval.

    The interval is the best in Rocks 2016 ("Interval estimation for the Net Promoter Score", The
    American Statistician 70): 3/4 of a promoter, 3/2 of a passive and 3/4 of a detractor are added,
    and it is the score then ± 1.96 standard errors then. Answers count as independent.

    Args:
        promoters: Answers of 9 or 10.
        passives: Answers of 7 or 8.
        detractors: Answers of 0 to 6.

    Returns:
        The score with its interval.

    Raises:
        ValueError: No answers, or a count below 0.
        TypeError: A count that is no int.

    Examples:
        >>> import winback as wb
        >>> found = wb.surveys.nps_of_counts(500, 300, 200)
        >>> found.score, round(found.low, 3), round(found.high, 3)
        (30.0, 25.077, 34.744)
        >>> wb.surveys.nps_of_counts(0, 0, 0)
        Traceback (most recent call last):
        ValueError: there are no answers
    """
    counts = (
        to_count("promoters", promoters),
        to_count("passives", passives),
        to_count("detractors", detractors),
    )
    found = _core.nps_of_counts(counts)
    if found is None:
        raise ValueError("there are no answers")
    return Nps(**found)


def nps_of_scores(scores: Iterable[SupportsFloat]) -> Nps:
    """The Net Promoter Score of scores from 0 to 10; see :func:`winback.surveys.nps_of_counts`.

    Args:
        scores: A list, a NumPy array, a pandas or polars column or an Arrow array. From 9 on a
            score is a promoter's, up to 6 a detractor's.

    Returns:
        The score with its interval.

    Raises:
        ValueError: No scores, or one outside 0 to 10.
        TypeError: Scores that are no numbers.

    Examples:
        >>> import winback as wb
        >>> wb.surveys.nps_of_scores([10, 9, 7, 3]).score
        25.0
    """
    return nps_of_counts(*_core.nps_counts(to_floats("scores", scores)))


def nps_difference(one: Nps, other: Nps) -> NpsDifference:
    """Tests whether two Net Promoter Scores differ: z test with the variance of each.

    The two must not share answers, and answers count as independent.

    Args:
        one: A score, as of the later wave.
        other: The one it is set beside.

    Returns:
        The difference with its interval and test.

    Raises:
        TypeError: An argument that is no :class:`Nps`.

    Examples:
        >>> import winback as wb
        >>> now = wb.surveys.nps_of_counts(200, 160, 140)
        >>> before = wb.surveys.nps_of_counts(250, 150, 100)
        >>> change = wb.surveys.nps_difference(now, before)
        >>> change.difference, change.p_value < 0.001
        (-18.0, True)
    """
    for name, value in (("one", one), ("other", other)):
        if not isinstance(value, Nps):
            raise refusal(TypeError, name, "a winback.surveys.Nps", of_type(value))
    found = _core.nps_difference(
        (one.promoters, one.passives, one.detractors),
        (other.promoters, other.passives, other.detractors),
    )
    if found is None:
        raise ValueError("there are no answers")
    return NpsDifference(**found)


def smallest_nps_difference(
    n: SupportsIndex,
    other_n: SupportsIndex | None = None,
    *,
    variance: float,
    level: float = 0.05,
    power: float = 0.8,
) -> float:
    """The smallest true difference of two scores, in points, that samples of this size show.

    (z(1 - level / 2) + z(power)) 100 sqrt(variance / n + variance / other_n).

    Args:
        n: Answers of the one wave.
        other_n: Answers of the other; by default as many.
        variance: Variance of one answer, counted as 1, 0 or -1, as :class:`Nps` has it; 0.6
            is usual, 1 the most there is.
        level: Level of the two-sided test.
        power: The chance with which the difference is to be shown.

    Returns:
        The difference, in points.

    Raises:
        ValueError: No answers, or a figure outside its range.
        TypeError: An argument of another type.

    Examples:
        >>> import winback as wb
        >>> round(wb.surveys.smallest_nps_difference(500, variance=0.6), 1)
        13.7
    """
    return _core.smallest_nps_difference(
        to_count("n", n),
        to_count("other_n", n if other_n is None else other_n),
        to_float("variance", variance),
        to_float("level", level),
        to_float("power", power),
    )
