"""Simulated customers with a known process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from winback import _core
from winback._arguments import (
    refusal,
    to_bool,
    to_count,
    to_dict,
    to_float,
    to_str,
    to_u32,
)
from winback._options import to_options
from winback._time import Instant, Instants, to_text, to_texts
from winback.event_log import EventLog, to_source
from winback.table import Table


@dataclass(frozen=True, repr=False)
class Simulated:
    """Simulated events as tables, under winback's default column names.

    Attributes:
        transactions: ``customer_id``, ``time``, ``amount`` (negative: a return), ``order_id``,
            ``category``, ``channel``, ``discount`` (part of the price given away); one row per
            order line.
        tickets: ``customer_id``, ``opened_at``, ``first_response_at``, ``resolved_at`` (None:
            open), ``topic``, ``reopened_count``, ``satisfaction`` (1 to 5).
        surveys: ``customer_id``, ``time``, ``score`` (0 to 10), ``topic``.
        events: ``customer_id``, ``time``, ``kind`` (``visit``, ``cart``, ``checkout_abandoned``,
            ``email_sent``, ``email_open``), ``value`` (pages of a visit), ``channel``; None if not
            asked for.
        customers: ``customer_id``, ``segment``, ``region``, ``age``; one row each.
        truth: ``customer_id`` and ``left_at``, when the customer left for good (None: not before
            the end), which no real log holds.
        end: Up to when the log is complete.
        campaign: Of a campaign, one row for each customer of its list: ``customer_id``, ``arm``,
            and what no real campaign tells: ``type`` (``persuadable``, ``sure_thing``,
            ``lost_cause``, ``sleeping_dog``), ``purchased_without`` and ``spend_without`` (what the
            customer does in the window without the offer), ``purchased_effect`` and
            ``spend_effect`` (what the offer changes in the chance of a purchase and in the spend to
            be expected, given that); None if not asked for.

    Examples:
        >>> import winback as wb
        >>> shop = wb.simulate(customers=10)
        >>> shop.surveys.column_names, shop.end
        (['customer_id', 'time', 'score', 'topic'], '2025-01-01')
    """

    transactions: Table
    tickets: Table
    surveys: Table
    customers: Table
    truth: Table
    end: Instant
    events: Table | None = None
    campaign: Table | None = None
    _parameters: dict[str, Any] | None = None

    def event_log(self) -> EventLog:
        """All tables but the truth as an event log, complete up to the simulation's end.

        Its kinds of events have their roles.

        Returns:
            The log.

        Examples:
            >>> import winback as wb
            >>> wb.simulate(customers=10).event_log().n_customers
            10
        """
        known: dict[str, Any] = {}
        if self.events is not None:
            known["events"] = self.events
            known["contacts"] = ["email_sent"]
            known["roles"] = {
                "visit": ["visit"],
                "cart": ["cart"],
                "abandoned": ["checkout_abandoned"],
                "opened": ["email_open"],
            }
        return EventLog(
            self.transactions,
            tickets=self.tickets,
            surveys=self.surveys,
            customers=self.customers,
            observed_until=self.end,
            **known,
        )

    def oracle(self, at: Instants, *, horizon: str = "3mo", lead: str = "0d") -> Table:
        """What could be known of purchases after one or several cutoffs.

        The chance that a customer purchases in the outcome window, as well as anybody can know it
        who sees all tables up to the cutoff and knows how customers behave, with all parameters,
        but not what a customer is up to: who pauses, who has decided to leave. No model can do
        better, but for luck; ``backtest(log, oracle=shop)`` says which share of this skill a model
        reached.

        The chances come from a particle filter (Doucet, de Freitas, Murphy, Russell 2000,
        "Rao-Blackwellised particle filtering for dynamic Bayesian networks", UAI) of 500 guesses a
        customer, so each is off by a percentage point or two. It takes about as long as a fit.

        Args:
            at: Cutoffs, after the start and not after the end.
            horizon: Length of the outcome window.
            lead: Pause between cutoff and outcome window.

        Returns:
            A row for each customer with a purchase before the cutoff: ``customer_id``, ``cutoff``,
            ``purchase_probability``.

        Raises:
            ValueError: A cutoff outside the simulated time; a horizon without a length; customers
                whom a campaign changes.
            TypeError: An argument of another type.

        Examples:
            >>> import winback as wb
            >>> shop = wb.simulate(customers=100, joined_at_start=1)
            >>> known = shop.oracle("2024-10-01", horizon="3mo")
            >>> known.column_names, len(known)
            (['customer_id', 'cutoff', 'purchase_probability'], 100)
        """
        lead, horizon = to_str("lead", lead), to_str("horizon", horizon)
        return Table(self._core().oracle(to_texts("at", at), lead, horizon))

    def _core(self) -> _core.Simulation:
        if self.campaign is not None:
            expected = "customers whom no campaign changes"
            raise refusal(ValueError, "oracle", expected, "a simulation with one")
        return _core.Simulation(**(self._parameters or {}))

    def __repr__(self) -> str:
        events = "" if self.events is None else f", {len(self.events):,} events"
        return (
            f"Simulated({len(self.customers):,} customers, {len(self.transactions):,} transaction "
            f"rows, {len(self.tickets):,} tickets, {len(self.surveys):,} survey answers{events})"
        )


def simulate(
    customers: int = 5000,
    *,
    start: Instant = "2022-01-01",
    end: Instant = "2025-01-01",
    seed: int = 1,
    joined_at_start: float = 0.3,
    purchases_per_year: float = 16.0,
    regularity: int = 1,
    average_check: float = 45.0,
    lifetime_years: float = 2.0,
    fade_days: float = 90.0,
    pauses_per_year: float = 0.5,
    pause_months: float = 4.5,
    december_peak: float = 1.6,
    ticket_share: float = 0.15,
    bad_service_share: float = 0.3,
    complaint_effect: float = 8.0,
    return_share: float = 0.03,
    survey_share: float = 0.2,
    events: bool = False,
    campaign: Mapping[str, Any] | None = None,
) -> Simulated:
    """Simulates customers who buy, complain, pause and leave.

    Buying and leaving follow the Pareto/NBD idea (Schmittlein, Morrison, Colombo 1987): everybody
    buys at a rate and leaves at a hazard of his own. Badly handled tickets raise the hazard; who
    leaves fades out first; pauses look like leaving and end.

    Args:
        customers: Number of customers, 1 to 100 million.
        start: First instant.
        end: Instant up to which the log is complete (exclusive), at most 100 years after start.
        seed: Seed, 0 to 2**64 - 1. Same arguments: same rows, on any number of threads.
        joined_at_start: Share of customers who join within the first 30 days, 0 to 1; the others
            join at any time up to the end.
        purchases_per_year: Mean purchases in a year without pauses, 0.001 to 365; of all segments
            together 16 / 15 of it.
        regularity: How evenly purchases come, 1 to 100: a gap, season, pauses and fade aside, is
            a sum of so many exponential ones. 1: purely random purchases; 25: a subscription or,
            with one purchase a year, yearly donors.
        average_check: Mean of the order total before discounts, 0.01 to 1,000,000.
        lifetime_years: Mean life of a customer of average hazard without complaints, in years,
            0.001 to 1,000.
        fade_days: Mean days from the decision to leave to the last instant, 0 to 365.
        pauses_per_year: Mean number of pauses in a year, 0 to 12.
        pause_months: Mean length of a pause in months of 30.4 days, 0.001 to 120.
        december_peak: Purchase rate in mid December over the usual rate, 1 to 10.
        ticket_share: Chance that a purchase leads to a ticket, 0 to 1.
        bad_service_share: Chance that a ticket is handled badly, 0 to 1.
        complaint_effect: How many times the customer's own hazard of leaving each badly handled
            ticket adds, 0 to 100.
        return_share: Chance that an order line is returned, 0 to 1.
        survey_share: Chance that a purchase leads to an answered survey, 0 to 1.
        events: Whether to simulate visits, carts and letters too, which follow what the customer
            is up to: visits stop before purchases do. The other tables are the same either way.
        campaign: A campaign with an offer whose effect on each customer is known, as
            ``{"start": "2024-10-01"}``; who is not reached does the same as without it. ``start``
            and ``window`` (``"30d"``) say when the offer works. Arms are drawn as by
            :func:`winback.campaign.assign`, with ``control_share`` (0.5), ``salt`` and ``control``,
            or given as a table, ``arms``, of customers who joined before the start. Who would not
            buy in the window is a ``persuadable``, and places one order more with chance
            ``persuaded`` (0.25), but for those who have left or whose ticket was badly handled in
            the 180 days before: a ``lost_cause``. Who would buy is a ``sure_thing``, and with such
            a ticket a ``sleeping_dog``, who places none of these orders with chance ``annoyed``
            (0.25).

    Returns:
        The tables.

    Raises:
        ValueError: An argument outside its range.
        TypeError: An argument of another type.

    Examples:
        >>> import winback as wb
        >>> shop = wb.simulate(customers=100, seed=7)
        >>> shop.transactions.column_names[:4]
        ['customer_id', 'time', 'amount', 'order_id']
        >>> shop.event_log().n_customers
        100
        >>> shop = wb.simulate(customers=100, campaign={"start": "2024-10-01"})
        >>> shop.campaign.column_names[:3]
        ['customer_id', 'arm', 'type']
        >>> wb.simulate(customers=0)
        Traceback (most recent call last):
        ValueError: customers: expected 1 to 100000000, got 0
    """
    how = to_dict("campaign", campaign)
    known = _core.option_fields("SimulatedCampaign")
    for name in how.keys() - known.keys():
        raise refusal(ValueError, "campaign", f"some of {', '.join(known)}", repr(name))
    arms = how.pop("arms", None)
    parameters: dict[str, Any] = {
        "customers": to_count("customers", customers),
        "start": to_text("start", start),
        "end": to_text("end", end),
        "seed": to_count("seed", seed),
        "joined_at_start": to_float("joined_at_start", joined_at_start),
        "purchases_per_year": to_float("purchases_per_year", purchases_per_year),
        "regularity": to_u32("regularity", regularity),
        "average_check": to_float("average_check", average_check),
        "lifetime_years": to_float("lifetime_years", lifetime_years),
        "fade_days": to_float("fade_days", fade_days),
        "pauses_per_year": to_float("pauses_per_year", pauses_per_year),
        "pause_months": to_float("pause_months", pause_months),
        "december_peak": to_float("december_peak", december_peak),
        "ticket_share": to_float("ticket_share", ticket_share),
        "bad_service_share": to_float("bad_service_share", bad_service_share),
        "complaint_effect": to_float("complaint_effect", complaint_effect),
        "return_share": to_float("return_share", return_share),
        "survey_share": to_float("survey_share", survey_share),
        "events": to_bool("events", events),
    }
    tables, acts, met = _core.Simulation(
        **parameters,
        campaign=None if campaign is None else to_options(**how),
        arms=None if arms is None else to_source("arms", arms, is_needed=True),
    ).run()
    transactions, tickets, surveys, people, truth = map(Table, tables)
    events_table, met_table = (None if made is None else Table(made) for made in (acts, met))
    return Simulated(
        transactions, tickets, surveys, people, truth, end, events_table, met_table, parameters
    )
