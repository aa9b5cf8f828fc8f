"""The Net Promoter Score of counts or scores, and what the reports on surveys and service hold.

>>> import winback as wb
>>> wb.nps(promoters=50, passives=33, detractors=17)
NPS 33.0 (17.6 to 46.5) of 100 answers
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import Any, SupportsFloat, SupportsIndex

from winback import _core, _html
from winback._arguments import to_count, to_float, to_floats
from winback.table import Table

__all__ = [
    "Nps",
    "NpsDifference",
    "NpsReport",
    "ServiceReport",
    "SurveyPlan",
    "nps",
    "nps_difference",
    "nps_of_scores",
    "smallest_nps_difference",
]


@dataclass(frozen=True)
class Nps:
    """A Net Promoter Score and its 95 % interval; see :func:`winback.nps`.

    Attributes:
        promoters: Answers of 9 or 10.
        passives: Answers between.
        detractors: Answers of 0 to 6.
        score: 100 (promoters - detractors) / n, from -100 to 100.
        variance: Variance of one answer, counted as 1, 0 or -1.
        standard_error: 100 sqrt(variance / n), in points.
        adjusted: The middle of the interval.
        low: Its lower end.
        high: Its upper end.

    Examples:
        >>> import winback as wb
        >>> score = wb.nps(promoters=50, passives=33, detractors=17)
        >>> score.score, score.answers, round(score.low, 1)
        (33.0, 100, 17.6)
    """

    promoters: int
    passives: int
    detractors: int
    score: float
    variance: float
    standard_error: float
    adjusted: float
    low: float
    high: float

    @property
    def answers(self) -> int:
        """All answers."""
        return self.promoters + self.passives + self.detractors

    def __repr__(self) -> str:
        ends = f"{self.low:.1f} to {self.high:.1f}"
        return f"NPS {self.score:.1f} ({ends}) of {self.answers} answers"


@dataclass(frozen=True)
class NpsDifference:
    """By how much two Net Promoter Scores differ; see :func:`winback.nps_difference`.

    Attributes:
        difference: The one score - the other, in points.
        standard_error: 100 sqrt(variance / n + other variance / other n).
        low: Lower end of its 95 % interval, difference ± 1.96 standard errors.
        high: Upper end.
        z: difference / standard error; None where all answers of both say the same.
        p_value: How probable a ``|z|`` of this size or more is where both have the same score.
        smallest_difference: The smallest true difference that two such samples show with a chance
            of 80 % at the level of 5 %.

    Examples:
        >>> import winback as wb
        >>> change = wb.nps_difference(wb.nps(200, 160, 140), wb.nps(250, 150, 100))
        >>> round(change.low, 1), round(change.high, 1)
        (-27.9, -8.1)
    """

    difference: float
    standard_error: float
    low: float
    high: float
    z: float | None
    p_value: float | None
    smallest_difference: float | None


def nps(promoters: SupportsIndex, passives: SupportsIndex, detractors: SupportsIndex) -> Nps:
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
        >>> found = wb.nps(500, 300, 200)
        >>> found.score, round(found.low, 3), round(found.high, 3)
        (30.0, 25.077, 34.744)
        >>> wb.nps(0, 0, 0)
        Traceback (most recent call last):
        ValueError: there are no answers
    """
    counts = (
        to_count("promoters", promoters),
        to_count("passives", passives),
        to_count("detractors", detractors),
    )
    return _some(_core.nps(counts))


def nps_of_scores(scores: Iterable[SupportsFloat]) -> Nps:
    """The Net Promoter Score of scores from 0 to 10; see :func:`winback.nps`.

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
        >>> wb.nps_of_scores([10, 9, 7, 3]).score
        25.0
    """
    return _some(_core.nps_of_scores(to_floats("scores", scores)))


def _some(values: dict[str, Any] | None) -> Nps:
    if values is None:
        raise ValueError("there are no answers")
    return Nps(**values)


def nps_difference(one: Nps, other: Nps) -> NpsDifference:
    """Tests whether two Net Promoter Scores differ: z test with the variance of each.

    The two must not share answers, and answers count as independent.

    Args:
        one: A score, as of the later wave.
        other: The one it is set beside.

    Returns:
        The difference with its interval and test.

    Raises:
        TypeError: An argument that is no :class:`winback.Nps`.

    Examples:
        >>> import winback as wb
        >>> change = wb.nps_difference(wb.nps(200, 160, 140), wb.nps(250, 150, 100))
        >>> change.difference, change.p_value < 0.001
        (-18.0, True)
    """
    for name, value in (("one", one), ("other", other)):
        if not isinstance(value, Nps):
            raise TypeError(f"{name} must be a winback.Nps, not {type(value).__name__}")
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
        variance: Variance of one answer, counted as 1, 0 or -1, as :class:`winback.Nps` has it; 0.6
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
        >>> round(wb.smallest_nps_difference(500, variance=0.6), 1)
        13.7
    """
    return _core.smallest_nps_difference(
        to_count("n", n),
        to_count("other_n", n if other_n is None else other_n),
        to_float("variance", variance),
        to_float("level", level),
        to_float("power", power),
    )


class NpsReport:
    """The Net Promoter Score by group, period and topic, and what customers did after answers.

    Every answer counts, also several of one customer; all intervals and tests are by the variance
    between customers. Figures that are not defined are None.

    Attributes:
        groups: The scores of groups, all answers first: ``grouping`` (``all``; ``topic``;
            ``category`` and ``channel`` of the last purchase before the answer; the attribute named
            by ``group_by``), ``group``, ``answers``, ``customers``, ``promoters``, ``passives``,
            ``detractors``, ``nps`` with its adjusted Wald interval (``nps_low``, ``nps_high``),
            ``standard_error``, ``effective_answers`` (as how many independent ones they count),
            ``difference`` from all other answers with its interval, ``p_value`` (of this one test;
            of twenty, one is below 0.05 by chance), ``smallest_difference`` (that two such samples
            show with a chance of 80 %).
        periods: The same by ``period``, ``period_end``, ``finished`` (whether it was over), with
            the ``change`` from the period before in place of the difference.
        topics: What topics add to the score, of all answers first (``period`` is None), then by
            period: ``period``, ``period_end``, ``topic``, ``answers``, ``share`` (of the answers
            looked at), ``nps``, ``contribution`` with its interval: share x (score of the topic -
            score of all answers). The contributions of all topics sum exactly to the score looked
            at - the score of all answers.
        afterwards: What customers did within the horizon after an answer whose horizon was over:
            ``answer`` (``promoter``, ``passive``, ``detractor``, ``no_answer``), ``answers``,
            ``customers``, ``purchased``, ``purchase_share`` with Wilson's interval, ``mean_spend``
            with a normal one, ``mean_spend_before`` (in as long before); of the answers with a
            matched customer ``matched`` (how many), that customer's ``base_purchase_share`` and
            ``base_mean_spend``, and ``share_difference`` and ``spend_difference`` from it, with
            intervals. ``no_answer`` are the matched customers: for each answer one who had given
            none for ``quiet_for`` and had bought last at about the same time and about as often.
        notes: What a reader should know.

    Examples:
        >>> import winback as wb
        >>> log = wb.simulate(customers=300).event_log()
        >>> report = log.nps(until="2025-01-01")
        >>> report.topics.column_names[:4]
        ['period', 'period_end', 'topic', 'answers']
    """

    def __init__(self, values: dict[str, Any]) -> None:
        self.groups = Table(values["groups"])
        self.periods = Table(values["periods"])
        self.topics = Table(values["topics"])
        self.afterwards = Table(values["afterwards"])
        self.notes: list[str] = values["notes"]
        self._text: str = values["text"]

    def __repr__(self) -> str:
        return self._text.rstrip()

    def _repr_html_(self) -> str:
        return _html.report(repr(self))


class SurveyPlan(Table):
    """The customers to ask on one day: ``customer_id``, ``day``, ``round``.

    Attributes:
        round: The round the day lies in, counted from 1970-01-01.
        round_days: Days of a round, in which everyone is asked once.
        known: Customers with a purchase before the day.
        due: Of them, those whose day it is.
        open_ticket: Of these, those left out for an open ticket.

    Examples:
        >>> import winback as wb
        >>> log = wb.simulate(customers=1000).event_log()
        >>> plan = log.survey_plan(day="2025-01-01", share=0.01)
        >>> plan.round_days, plan.due == len(plan)
        (100, True)
    """

    def __init__(self, values: dict[str, Any]) -> None:
        super().__init__(values["table"])
        self.round: int = values["round"]
        self.round_days: int = values["round_days"]
        self.known: int = values["known"]
        self.due: int = values["due"]
        self.open_ticket: int = values["open_ticket"]
        self._text: str = values["text"]

    def __repr__(self) -> str:
        return f"{super().__repr__()}\n{self._text}"

    def _repr_html_(self) -> str:
        return f"{super()._repr_html_()}<p>{escape(self._text)}</p>"


class ServiceReport:
    """Whether customers buy, and how much, after their tickets went one way or another.

    Each ticket counts once; intervals are by the variance between customers. None of it says what
    service causes.

    Attributes:
        table: ``topic`` (None: all tickets), ``grouping`` (``handling`` or ``first_response``),
            ``group`` (``no_ticket``, ``resolved_fast``, ``resolved_slowly``, ``reopened``,
            ``unresolved``; bands as ``1h to 8h``), ``tickets``, ``customers``, ``purchased``, and
            the other columns of ``afterwards`` of :class:`winback.NpsReport`. ``no_ticket`` are the
            matched customers: for each ticket one who had opened none for ``quiet_for`` and had
            bought last at about the same time and about as often.
        tickets: Tickets opened before ``until``.
        unfinished: Of them, those that do not count since their horizon was not over.
        unmatched: Of the others, those for which no customer without a ticket was found.
        notes: What a reader should know.

    Examples:
        >>> import winback as wb
        >>> log = wb.simulate(customers=500).event_log()
        >>> report = log.service(until="2025-01-01")
        >>> report.tickets >= report.unfinished
        True
    """

    def __init__(self, values: dict[str, Any]) -> None:
        self.table = Table(values["table"])
        self.tickets: int = values["tickets"]
        self.unfinished: int = values["unfinished"]
        self.unmatched: int = values["unmatched"]
        self.notes: list[str] = values["notes"]
        self._text: str = values["text"]

    def __repr__(self) -> str:
        return self._text.rstrip()

    def _repr_html_(self) -> str:
        return _html.report(repr(self))
