"""The customer base over time: the methods of the event log that look at all customers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, SupportsFloat

from winback import _core
from winback._arguments import to_bool, to_count, to_days, to_float, to_floats, to_str
from winback._time import Instant, to_text
from winback.retention import Cohorts, Flow, Migration, Retention, RetentionCurve
from winback.surveys import NpsReport, ServiceReport, SurveyPlan
from winback.table import Table

if TYPE_CHECKING:
    from winback.churn import ChurnModel
    from winback.segments import Concentration, LoyaltyGroups, LoyaltyRules


class BaseOverTime:
    """Groups, retention, service and surveys of all customers of an event log."""

    _log: _core.EventLog

    def retention(
        self,
        every: str = "1mo",
        *,
        start: Instant | None = None,
        end: Instant | None = None,
        by: Literal["category", "channel"] | None = None,
        attribute: str | None = None,
    ) -> Retention:
        """Retention rates of customers and revenue, period by period.

        A customer is active in a period when it makes a purchase in it. With S, the customers
        active in the period before, E, those active in this one, and N, of these those whose first
        purchase ever it is, the usual rate is CRR = (E - N) / S x 100. E - N counts customers who
        came back as kept, so that CRR may pass 100; beside it stands the share of S that is really
        there again.

        Gross revenue retention (GRR) sums over the customers of S the smaller one of their spend
        then and now, net (NRR) their spend now, both over their spend then; spend is net of
        returns, and counts as 0 for a customer with more returned than bought in a period.

        Args:
            every: Length of a period, as ``1w``, ``1mo``, ``1q`` or ``1y``.
            start: Start of the first period; by default that of the calendar period of the first
                transaction.
            end: No period begins at or after it; by default ``observed_until``.
            by: Groups customers by the category or channel of their first purchase (of its rows
                the one of the largest amount).
            attribute: Groups customers by a column of the customers table, as it is now.

        Returns:
            One row a period, and group: ``group`` (with groups only; None: not known), ``period``,
            ``period_end``, ``active_before`` (S), ``active`` (E), ``new`` (N), ``retained``,
            ``reactivated`` (E - N - retained), ``crr_percent``, ``retained_percent`` with the ends
            of its 95 % interval by Wilson (1927), ``retained_percent_low``,
            ``retained_percent_high``; where the log has amounts ``revenue_before``,
            ``revenue_kept``, ``revenue_now``, ``grr_percent``, ``nrr_percent``. None where S is 0
            or nothing was spent, and in a period that is not over.

        Raises:
            ValueError: A span or time that is none, more than 2,000 periods, an end after
                ``observed_until``, an unknown attribute, a column that the log has not.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=200).event_log()
            >>> quarters = log.retention("1q").to_polars()
            >>> (quarters["crr_percent"] >= quarters["retained_percent"]).all()
            True
            >>> log.retention("1q", by="channel").column_names[:2]
            ['group', 'period']
        """
        table, notes = _core.retention(
            self._log,
            every=to_str("every", every),
            start=None if start is None else to_text("start", start),
            end=None if end is None else to_text("end", end),
            by=None if by is None else to_str("by", by),
            attribute=None if attribute is None else to_str("attribute", attribute),
        )
        return Retention(table, notes)

    def retention_curve(
        self,
        silent_for: str = "6mo",
        *,
        start: Instant | None = None,
        end: Instant | None = None,
        by: Literal["category", "channel"] | None = None,
        attribute: str | None = None,
        days: Sequence[int] = tuple(range(0, 361, 30)),
    ) -> RetentionCurve:
        """The share of customers not yet silent for long, by the days since the first purchase.

        The Kaplan-Meier estimate (1958): a customer's time runs from the first purchase to the
        moment at which its first silence of ``silent_for`` is complete; whoever was not silent for
        so long when the log ends is censored then. With d customers gone of n still followed on a
        day, the share is the product of (1 - d / n) over the days so far; its standard error is
        Greenwood's (1926), its interval lies on the scale of ln(-ln S). Whoever returns after such
        a silence stays gone here; :meth:`flow` counts returns.

        Args:
            silent_for: A customer is gone once there was no purchase for so long.
            start: Only customers whose first purchase is not before it.
            end: Only customers whose first purchase is before it.
            by: Groups customers by the category or channel of their first purchase.
            attribute: Groups customers by a column of the customers table, as it is now.
            days: The days that ``at_days`` of :class:`winback.RetentionCurve` has.

        Returns:
            One row for each day on which the curve changes or a customer is censored, and group:
            ``group`` (with groups only), ``days``, ``at_risk``, ``silent``, ``censored``,
            ``survival``, ``standard_error``, ``survival_low``, ``survival_high``; the last three
            are None once nobody is left.

        Raises:
            ValueError: A silence without length, an end not after the start, nobody who first
                bought between them, an unknown attribute, a column that the log has not.
            TypeError: An argument of another type.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=300).event_log()
            >>> curve = log.retention_curve("90d", days=[89, 180, 360])
            >>> curve.at_days["survival"][0], curve.at_days["survival"][1] < 1
            (1.0, True)
            >>> log.retention_curve("0d")
            Traceback (most recent call last):
            ValueError: silent_for = 0d is not allowed: more than 0d
        """
        table, at_days, notes = _core.retention_curve(
            self._log,
            silent_for=to_str("silent_for", silent_for),
            start=None if start is None else to_text("start", start),
            end=None if end is None else to_text("end", end),
            by=None if by is None else to_str("by", by),
            attribute=None if attribute is None else to_str("attribute", attribute),
            days=to_days("days", days),
        )
        return RetentionCurve(table, Table(at_days), notes)

    def cohorts(
        self,
        every: str = "1mo",
        *,
        start: Instant | None = None,
        end: Instant | None = None,
        mode: Literal["on", "on_or_after", "bracket"] = "on",
        brackets: Sequence[int] | None = None,
    ) -> Cohorts:
        """Customers by the period of their first purchase, followed through the periods after it.

        Age 0 is the period of the first purchase itself, so all of the cohort.

        Args:
            every: Length of a period, as ``1w``, ``1mo`` or ``1q``.
            start: Start of the first period, as for :meth:`retention`. Customers whose first
                purchase lies before it are in no cohort.
            end: No period begins at or after it; by default ``observed_until``.
            mode: Who counts as active: ``"on"``, with a purchase in that very period;
                ``"on_or_after"``, in it or later, as far as observed; ``"bracket"``, in any of
                several periods.
            brackets: For ``"bracket"``, their edges in periods since the first purchase:
                ``[0, 1, 4, 13]`` are the brackets 0, 1 to 3 and 4 to 12.

        Returns:
            One row a cohort and age: ``cohort`` (start of its period), ``age`` and ``age_end``
            (first and last period of the column), ``cohort_size``, ``customers``, ``share`` with
            the ends of its 95 % interval by Wilson, ``share_low`` and ``share_high``,
            ``purchases``, ``revenue`` (net spend), ``average_check``. None where the time is not
            over, never 0. Its method ``wide`` gives one value with a column for each age.

        Raises:
            ValueError: As :meth:`retention`; brackets without their mode, or not ascending; more
                than 1,000 periods.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=200).event_log()
            >>> log.cohorts("1q").wide("share").to_polars()["0"].drop_nulls().unique().to_list()
            [1.0]
            >>> log.cohorts(mode="bracket", brackets=[0, 1, 4, 13]).wide().column_names
            ['cohort', 'cohort_size', '0', '1-3', '4-12']
        """
        table, wide, notes = _core.cohorts(
            self._log,
            every=to_str("every", every),
            start=None if start is None else to_text("start", start),
            end=None if end is None else to_text("end", end),
            mode=to_str("mode", mode),
            brackets=None if brackets is None else [to_count("brackets", b) for b in brackets],
        )
        return Cohorts(table, wide, notes)

    def flow(
        self,
        every: str = "1mo",
        *,
        start: Instant | None = None,
        end: Instant | None = None,
        lapsed_after: str = "3mo",
        lost_after: str = "6mo",
    ) -> Flow:
        """Who comes, stays, falls silent and returns, period by period.

        At each period's end every customer with a purchase is active, lapsed or lost, by the time
        since the last one. What is in a state at the end is what was in it at the start, and what
        came in, less what went out.

        Args:
            every: Length of a period, as ``1w``, ``1mo`` or ``1q``.
            start: Start of the first period, as for :meth:`retention`; customers from before it are
                there from its start on.
            end: No period begins at or after it; by default ``observed_until``.
            lapsed_after: Inactivity from which on a customer is lapsed.
            lost_after: Inactivity from which on a customer is lost.

        Returns:
            One row a period: ``period``, ``period_end``; how many customers are ``new``, ``kept``
            (active and still active), ``lapsed`` (of the active), ``lost`` (of the active or
            lapsed), ``reactivated_from_lapsed``, ``reactivated_from_lost``, ``still_lapsed``,
            ``still_lost``; ``active_customers``, ``lapsed_customers``, ``lost_customers`` at its
            end; where the log has amounts ``revenue`` in the period, that of the new, kept and
            reactivated ones (``new_revenue``, ...), and what those who lapsed or were lost spent
            in the period before (``lapsed_revenue_before``, ``lost_revenue_before``). None in a
            period that is not over. Its attribute ``transitions`` has a row for each pair of
            states.

        Raises:
            ValueError: As :meth:`retention`; ``lost_after`` not above ``lapsed_after``.

        Examples:
            >>> import winback as wb
            >>> flow = wb.simulate(customers=200).event_log().flow("1q").to_polars()
            >>> came = flow["new"] + flow["reactivated_from_lapsed"] + flow["reactivated_from_lost"]
            >>> (came + flow["kept"] == flow["active_customers"]).all()
            True
        """
        table, transitions, notes = _core.flow(
            self._log,
            every=to_str("every", every),
            start=None if start is None else to_text("start", start),
            end=None if end is None else to_text("end", end),
            lapsed_after=to_str("lapsed_after", lapsed_after),
            lost_after=to_str("lost_after", lost_after),
        )
        return Flow(table, Table(transitions), notes)

    def migration(
        self,
        start: Instant,
        end: Instant,
        *,
        lapsed_after: str = "3mo",
        lost_after: str = "6mo",
        min_customers: int = 30,
        level: float = 0.01,
    ) -> Migration:
        """Where the customers of each lifecycle state at one cutoff stand at another.

        Args:
            start: The first cutoff; states are as known then.
            end: The second cutoff, likewise.
            lapsed_after: Inactivity from which on a customer is lapsed.
            lost_after: Inactivity from which on a customer is lost.
            min_customers: Rows with fewer are marked as too thin to judge.
            level: Level of the alarm's test, see :func:`winback.migration`; the vulnerable are the
                lapsed and lost.

        Returns:
            As :func:`winback.migration`, with net spend from the first cutoff to the second.

        Raises:
            ValueError: A cutoff outside the log, an end not after the start, a level outside 0 to
                1, ``lost_after`` not above ``lapsed_after``.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=300).event_log()
            >>> migration = log.migration("2024-01-01", "2024-07-01")
            >>> migration["from_label"][:3], migration["to_label"][:3]
            (['active', 'active', 'active'], ['active', 'lapsed', 'lost'])
            >>> sorted(migration.alarm)[:2]
            ['became', 'customers_after']
        """
        table, alarm, notes = _core.migration(
            self._log,
            to_text("start", start),
            to_text("end", end),
            lapsed_after=to_str("lapsed_after", lapsed_after),
            lost_after=to_str("lost_after", lost_after),
            min_customers=to_count("min_customers", min_customers),
            level=to_float("level", level),
        )
        return Migration(table, alarm, notes)

    def loyalty(
        self,
        *,
        at: Instant,
        rules: LoyaltyRules | Sequence[Mapping[str, Any]] | None = None,
        model: ChurnModel | None = None,
    ) -> LoyaltyGroups:
        """Which customers are loyal, neutral or vulnerable, and by which rule.

        Args:
            at: The cutoff.
            rules: The rules, of which the first that fits decides; by default those of
                :class:`winback.LoyaltyRules`. Rules that read what the log has not (tickets,
                surveys), or a churn probability without a model, are left out, and named.
            model: A fitted model, whose ``churn_probability`` rules may read.

        Returns:
            One row a customer with a purchase before the cutoff, by ascending id: ``customer_id``,
            ``group``, ``rule`` (the one that decided), ``conditions``, then what the rules read.

        Raises:
            ValueError: A cutoff outside the log, rules that are not allowed, or a model that cannot
                score this log.
            TypeError: An argument of another type.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=500).event_log()
            >>> groups = log.loyalty(at="2024-10-01")
            >>> groups.summary.column_names
            ['group', 'customers', 'share', 'revenue_share']
            >>> profile = groups.profile("loyal", attributes=["segment"])
            >>> profile.table.column_names[:3]
            ['column', 'level', 'unit']
        """
        from winback.segments import loyalty_of

        return loyalty_of(self, at, rules, model)

    def concentration(
        self,
        *,
        at: Instant,
        top: Sequence[float] = (0.01, 0.1, 0.2),
        revenue: str = "total_spend",
    ) -> Concentration:
        """How much of the revenue few customers bring.

        Args:
            at: The cutoff; revenue before it counts.
            top: The top groups, as shares of the customers; their number is rounded up.
            revenue: ``"total_spend"``, or that of the last days before the cutoff:
                ``"total_spend_30d"``, ``_90d``, ``_180d``, ``_365d``.

        Returns:
            Shares of the top groups with their thresholds, the VIP list, the Lorenz curve and the
            Gini coefficient 2 sum(i x_i) / (n sum(x)) - (n + 1) / n of the rising revenues x. A
            revenue below zero counts as zero.

        Raises:
            ValueError: A cutoff outside the log; a share that is not above 0 and up to 1; another
                revenue, or a log without amounts; no revenue above zero.
            TypeError: An argument of another type.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=500).event_log()
            >>> shares = log.concentration(at="2025-01-01", top=[0.2])
            >>> shares.top["customers"], 0.2 < shares.top["revenue_share"][0] < 1
            ([100], True)
            >>> log.concentration(at="2025-01-01", top=[2])
            Traceback (most recent call last):
            ValueError: top = 2 is not allowed: above 0 and up to 1
        """
        from winback.segments import Concentration

        shares = to_floats("top", top)
        text = to_text("at", at)
        return Concentration(
            _core.concentration(self._log, text, shares, to_str("revenue", revenue))
        )

    def nps(
        self,
        *,
        until: Instant,
        every: str = "1q",
        start: Instant | None = None,
        group_by: str | None = None,
        horizon: str = "3mo",
        quiet_for: str = "6mo",
    ) -> NpsReport:
        """The Net Promoter Score of the answers, and what customers did after they answered.

        Args:
            until: Only what was known before this instant is looked at.
            every: Length of a period, as ``1w``, ``1mo``, ``1q`` or any other span.
            start: Start of the first period; answers before it are left out. By default all answers
                count, in periods from the start of the first answer's calendar period on.
            group_by: An attribute of the customers by which to group too, as it is now.
            horizon: The time after an answer in which purchases are looked at.
            quiet_for: Customers who did not answer: not in this time before.

        Returns:
            Scores by group and period with intervals and tests, contributions of topics, and what
            customers did within the horizon after an answer.

        Raises:
            ValueError: ``until`` outside the log; spans without length, more than 2,000 periods, a
                start not before ``until``; an attribute that is not there or holds more than 20
                different numbers; no answers.
            TypeError: An argument of another type.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=500).event_log()
            >>> report = log.nps(until="2025-01-01", every="1mo", group_by="segment")
            >>> report.groups["group"][0], report.groups["answers"][0] == sum(
            ...     report.topics["answers"][:5]
            ... )
            ('all', True)
            >>> report.afterwards["answer"]
            ['promoter', 'passive', 'detractor', 'no_answer']
            >>> log.nps(until="2025-01-01", horizon="0d")
            Traceback (most recent call last):
            ValueError: horizon = 0d is not allowed: more than 0d
        """
        values = _core.nps_report(
            self._log,
            until=to_text("until", until),
            every=to_str("every", every),
            start=None if start is None else to_text("start", start),
            group_by=None if group_by is None else to_str("group_by", group_by),
            horizon=to_str("horizon", horizon),
            quiet_for=to_str("quiet_for", quiet_for),
        )
        return NpsReport(values)

    def survey_plan(
        self,
        *,
        day: Instant,
        share: float = 0.005,
        salt: str = "winback",
        min_gap: str = "0d",
        skip_open_tickets: bool = False,
    ) -> SurveyPlan:
        """The customers to ask on a day, so that everyone is asked once before anyone is twice.

        Every customer has one day of the round, drawn by a hash of salt and id, and is asked on
        that day of every round: nothing has to be kept. Over any days as many as a round has
        everyone is asked exactly once, exactly a round lies between two questions, and who joins in
        mid-round is asked within a round's length. The promises hold as long as share and salt stay
        the same.

        Args:
            day: The day (UTC); only what was known before it is used.
            share: The share of the customers asked on each day, at most: a round takes 1 / share
                days, rounded up; by default 200.
            salt: Text that draws the days; another one draws them anew.
            min_gap: The least time between two questions to one customer; refused if a round is
                shorter.
            skip_open_tickets: Leave out customers with an open ticket on the day; they are asked in
                the next round.

        Returns:
            ``customer_id``, ``day``, ``round``, with counts of those left out.

        Raises:
            ValueError: A ``day`` that is no whole day or outside the log, a ``share`` that is not
                above 0 and at most 1, a ``min_gap`` longer than a round, open tickets to be left
                out where the log does not tell of them.
            TypeError: An argument of another type.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=1000).event_log()
            >>> plan = log.survey_plan(day="2025-01-01", share=0.02, skip_open_tickets=True)
            >>> plan.column_names, plan.round_days
            (['customer_id', 'day', 'round'], 50)
            >>> plan.due == len(plan) + plan.open_ticket
            True
            >>> log.survey_plan(day="2025-01-01", share=0.02, min_gap="90d")
            Traceback (most recent call last):
            ValueError: min_gap = 90d is not allowed: a share of 0.02 asks everyone every 50 days...
        """
        values = _core.survey_plan(
            self._log,
            day=to_text("day", day),
            share=to_float("share", share),
            salt=to_str("salt", salt),
            min_gap=to_str("min_gap", min_gap),
            skip_open_tickets=to_bool("skip_open_tickets", skip_open_tickets),
        )
        return SurveyPlan(values)

    def service(
        self,
        *,
        until: Instant,
        fast_hours: float = 24,
        judged_after: str = "30d",
        horizon: str = "3mo",
        response_hours: Iterable[SupportsFloat] = (1, 8, 24),
        quiet_for: str = "6mo",
    ) -> ServiceReport:
        """Whether customers buy again after their tickets went well or badly.

        A ticket is judged ``judged_after`` its opening, by what was known then, and the horizon
        begins then, so that nothing that happens in it decides how the ticket went.

        Args:
            until: Only what was known before this instant is looked at.
            fast_hours: A ticket resolved within so many hours of its opening is resolved fast.
            judged_after: How long after its opening a ticket is judged. Customers who leave seldom
                leave at once: judge later, or take a longer horizon, to see them.
            horizon: The time from then on in which purchases are looked at.
            response_hours: Upper limits of the bands of first response, in hours, rising.
            quiet_for: Customers without a ticket: none in this time before.

        Returns:
            The share of customers with a purchase and their mean net spend, by how their tickets
            went, by bands of first response and by topic, beside matched customers without a
            ticket.

        Raises:
            ValueError: ``until`` outside the log; spans without length; limits that do not rise or
                reach beyond ``judged_after``; a log without tickets or without ``resolved_at``; no
                ticket whose horizon was over.
            TypeError: An argument of another type.

        Examples:
            >>> import winback as wb
            >>> log = wb.simulate(customers=500).event_log()
            >>> report = log.service(until="2025-01-01", judged_after="90d")
            >>> report.table["group"][:3]
            ['no_ticket', 'resolved_fast', 'resolved_slowly']
            >>> log.service(until="2025-01-01", fast_hours=0)
            Traceback (most recent call last):
            ValueError: fast_hours = 0 is not allowed: more than 0 and less than judged_after, 30d
        """
        values = _core.service(
            self._log,
            until=to_text("until", until),
            fast_hours=to_float("fast_hours", fast_hours),
            judged_after=to_str("judged_after", judged_after),
            horizon=to_str("horizon", horizon),
            response_hours=to_floats("response_hours", response_hours),
            quiet_for=to_str("quiet_for", quiet_for),
        )
        return ServiceReport(values)
