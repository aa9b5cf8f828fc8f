//! What the report says, computed before a word of it is written.

use super::contracts::RunningContracts;
use super::due::Due;
use super::options::ReportOptions;
use super::periods::{self, Lengths};
use super::texts as t;
use super::words::Words;
use crate::campaign::{AtRisk, CandidateOptions, Candidates};
use crate::churn::{ChurnModel, ExplainOptions, Reasons, ScoreReport};
use crate::error::{Error, Result};
use crate::evaluation::{Backtest, BacktestOptions};
use crate::events::{EventsOptions, EventsSummary};
use crate::explain::{Group, ReasonOptions};
use crate::features::available;
use crate::inactivity::CalendarRhythm;
use crate::labels::{State, latest_cutoff};
use crate::log::{CustomerIndex, EventLog};
use crate::panel::Spacing;
use crate::retention::{Cohorts, Flow, Retention};
use crate::segments::{LoyaltyGroups, LoyaltyRules};
use crate::service::{ServiceOptions, ServiceReport};
use crate::snapshot::Snapshot;
use crate::surveys::{NpsOptions, NpsReport};
use crate::time::{Span, Timestamp};

/// What is looked at, one after the other.
const STEPS: u64 = 7;

/// Quarters of survey answers that are looked at.
const NPS_PERIODS: u32 = 8;

/// All that the page is written from.
pub(super) struct Facts<'a> {
    pub(super) model: &'a ChurnModel,
    pub(super) log: &'a EventLog,
    pub(super) at: Timestamp,
    pub(super) options: &'a ReportOptions,
    pub(super) words: Words<'a>,
    pub(super) states: ScoreReport,
    /// Sums over the customers of each state.
    pub(super) sums: [StateSums; 3],
    /// Active customers who are expected to buy nothing, but for those within a contract.
    pub(super) leaving: f64,
    pub(super) contracts: Option<RunningContracts>,
    pub(super) risk: Risk,
    pub(super) candidates: Candidates,
    pub(super) due: Option<Due>,
    pub(super) flow: Option<Flow>,
    pub(super) retention: Option<Retention>,
    pub(super) cohorts: Option<Cohorts>,
    pub(super) loyalty: LoyaltyGroups,
    /// Active customers of each loyalty group, in the groups' order.
    pub(super) loyalty_active: [u64; 3],
    pub(super) nps: Option<NpsReport>,
    pub(super) service: Option<ServiceReport>,
    pub(super) events: Option<EventsSummary>,
    pub(super) rhythms: Vec<CalendarRhythm>,
    pub(super) test: Test,
}

/// Sums over customers.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct StateSums {
    /// Net spend of the last 365 days; 0 without amounts.
    pub(super) spend: f64,
    /// Chances of a purchase: how many are expected.
    pub(super) purchase: f64,
}

/// The active customers that are likelier to leave than to stay.
pub(super) struct Risk {
    pub(super) customers: usize,
    pub(super) spend: f64,
    /// By main reason, the largest group first.
    pub(super) groups: Vec<RiskGroup>,
    /// Those from whom most is at stake.
    pub(super) top: Vec<RiskRow>,
}

/// Customers of one main reason.
pub(super) struct RiskGroup {
    pub(super) group: Option<Group>,
    pub(super) customers: usize,
    /// Sum of the chances of churn.
    pub(super) churn: f64,
    pub(super) spend: f64,
}

/// A customer likely to leave.
pub(super) struct RiskRow {
    pub(super) at_risk: AtRisk,
    pub(super) spend: f64,
    pub(super) last_purchase: Option<Timestamp>,
    pub(super) reasons: Reasons,
}

/// What a test on the past found.
pub(super) enum Test {
    NotAsked,
    /// There is too little past, and why.
    TooLittle(String),
    Done(Backtest),
}

impl<'a> Facts<'a> {
    /// The time in which purchases are predicted, as it is said of the report's cutoff.
    pub(super) fn window(&self) -> String {
        let (horizon, lead, words) = (self.model.horizon(), self.model.lead(), self.words);
        match lead.is_zero() {
            true => words.say(t::WINDOW, &[&words.span(horizon)]),
            false => words.say(t::WINDOW_LATER, &[&words.span(horizon), &words.span(lead)]),
        }
    }

    pub(super) fn gather(
        model: &'a ChurnModel,
        snapshot: &'a Snapshot,
        options: &'a ReportOptions,
    ) -> Result<Self> {
        let (log, at) = (snapshot.log(), snapshot.at());
        let step = |done: u64| snapshot.progress().tell("making the report", done, STEPS);
        step(0)?;
        // All features at once: whoever asks for some later finds them.
        snapshot.table(&available(&log.columns()), &[])?;
        let scored = model.scored_all(snapshot)?;
        let spend = spend_365(snapshot)?;
        let mut sums = [StateSums::default(); 3];
        for (score, spend) in scored.rows.iter().zip(&spend) {
            let sum = &mut sums[score.state as usize];
            sum.spend += spend;
            sum.purchase += score.purchase_probability;
        }
        let states = scored.report.clone();
        step(1)?;
        let contracts = RunningContracts::find(model, snapshot, &scored)?;
        let may_leave = |place: &usize| {
            scored.rows[*place].state == State::Active
                && !contracts.as_ref().is_some_and(|contracts| contracts.outlasts(*place))
        };
        let active = (0..scored.rows.len()).filter(may_leave);
        let leaving = active.map(|place| scored.rows[place].churn_probability).sum();
        let mut at_risk = model.at_risk(&scored, &options.reasons(), snapshot.progress())?;
        at_risk.retain(|at_risk| may_leave(&at_risk.row));
        let risk = risk(model, snapshot, at_risk, options, &spend)?;
        step(2)?;
        let candidates = model.candidates_of(snapshot, &scored, &options.candidates(), None)?;
        let active: Vec<CustomerIndex> =
            (0..scored.rows.len()).filter(may_leave).map(|place| scored.customers[place]).collect();
        let due = Due::find(model, snapshot, &active, options.top)?;
        step(3)?;
        let Lengths { flow, retention } = periods::lengths(model.limits());
        let flow = periods::flow(log, at, flow, model.limits())?;
        let retention = periods::retention(log, at, retention)?;
        let cohorts = periods::cohorts(log, at)?;
        step(4)?;
        let loyalty = {
            let churn = || Ok(scored.rows.iter().map(|row| row.churn_probability).collect());
            LoyaltyRules::default().group_with(snapshot, Some(churn))?
        };
        // Both are all customers with a purchase before the cutoff, by ascending id.
        let mut loyalty_active = [0; 3];
        for (group, score) in loyalty.groups().zip(&scored.rows) {
            loyalty_active[group as usize] += u64::from(score.state == State::Active);
        }
        step(5)?;
        let nps = if_enough(log.columns().surveys, || {
            let every = Span::months(3);
            let start = Some(at.sub_times("every", every, NPS_PERIODS)?);
            NpsReport::build(
                snapshot,
                &NpsOptions { every, start: start.map(Into::into), ..Default::default() },
            )
        })?;
        let resolved = log.columns().tickets.is_some_and(|tickets| tickets.resolved_at);
        let service =
            if_enough(resolved, || ServiceReport::build(snapshot, &ServiceOptions::default()))?;
        let events = if_enough(log.columns().events.is_some(), || {
            EventsSummary::before(log, at, &EventsOptions::default())
        })?;
        let limits = model.limits();
        let mut rhythms = CalendarRhythm::find(snapshot);
        rhythms.retain(|rhythm| rhythm.contradicts(limits));
        step(6)?;
        let test = test(model, snapshot, options)?;
        step(STEPS)?;
        Ok(Facts {
            words: Words {
                language: options.language,
                of_activity: log.columns().tells_activity(),
                currency: &options.currency,
                zone: snapshot.log().time_zone(),
            },
            model,
            log,
            at,
            options,
            states,
            sums,
            leaving,
            contracts,
            risk,
            candidates,
            due,
            flow,
            retention,
            cohorts,
            loyalty,
            loyalty_active,
            nps,
            service,
            events,
            rhythms,
            test,
        })
    }

    /// What is to be said of contracts, if there are any.
    pub(super) fn of_contracts(&self) -> Vec<String> {
        let contracts = self.contracts.iter();
        contracts.flat_map(|contracts| contracts.sentences(self.words)).collect()
    }

    pub(super) fn has_amounts(&self) -> bool {
        self.log.columns().amount
    }

    pub(super) fn customers(&self, state: State) -> u64 {
        let count = match state {
            State::Active => self.states.active,
            State::Lapsed => self.states.lapsed,
            State::Lost => self.states.lost,
        };
        count as u64
    }

    pub(super) fn sums(&self, state: State) -> StateSums {
        self.sums[state as usize]
    }
}

/// What there is too little data for is left out of the report.
fn if_enough<T>(there: bool, build: impl FnOnce() -> Result<T>) -> Result<Option<T>> {
    if !there {
        return Ok(None);
    }
    match build() {
        Ok(built) => Ok(Some(built)),
        Err(Error::TooLittleData(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Net spend of the last 365 days of every customer that is scored, by ascending id; zeros without
/// amounts.
fn spend_365(snapshot: &Snapshot) -> Result<Vec<f64>> {
    if !snapshot.log().columns().amount {
        return Ok(vec![0.0; snapshot.customers().len()]);
    }
    let table = snapshot.some_features(&["total_spend_365d"], &[])?;
    let none = |value: &f64| if value.is_finite() { *value } else { 0.0 };
    Ok(table.numbers("total_spend_365d")?.iter().map(none).collect())
}

fn risk(
    model: &ChurnModel,
    snapshot: &Snapshot,
    all: Vec<AtRisk>,
    options: &ReportOptions,
    spend: &[f64],
) -> Result<Risk> {
    let has_amounts = snapshot.log().columns().amount;
    let mut groups: Vec<RiskGroup> = Vec::new();
    let mut rows = Vec::with_capacity(all.len());
    let (customers, mut total) = (all.len(), 0.0);
    for at_risk in all {
        let spend = spend.get(at_risk.row).copied().unwrap_or(0.0);
        total += spend;
        let known = groups.iter().position(|known| known.group == at_risk.main);
        let place = known.unwrap_or_else(|| {
            let group = at_risk.main.clone();
            groups.push(RiskGroup { group, customers: 0, churn: 0.0, spend: 0.0 });
            groups.len() - 1
        });
        let group = &mut groups[place];
        group.customers += 1;
        group.churn += at_risk.score.churn_probability;
        group.spend += spend;
        let churn = at_risk.score.churn_probability;
        rows.push((if has_amounts { churn * spend } else { churn }, spend, at_risk));
    }
    // Equal ones stay by ascending id, equal groups in the order in which they first occur.
    groups.sort_by_key(|group| std::cmp::Reverse(group.customers));
    rows.sort_by(|a, b| b.0.total_cmp(&a.0));
    rows.truncate(options.top);
    let customers_of_top = rows.iter().map(|(_, _, at_risk)| at_risk.customer).collect();
    let explained = model.explain(
        snapshot,
        &ExplainOptions { customers: Some(customers_of_top), reasons: options.reasons() },
    )?;
    let top = rows.into_iter().zip(explained.reasons());
    let top = top.map(|((_, spend, at_risk), reasons)| RiskRow {
        last_purchase: snapshot.history(at_risk.customer).last_purchase(),
        spend,
        at_risk,
        reasons: reasons.clone(),
    });
    Ok(Risk { customers, spend: total, top: top.collect(), groups })
}

/// The model of these settings, trained anew before each of several past cutoffs whose outcomes were
/// known at the report's.
fn test(model: &ChurnModel, snapshot: &Snapshot, options: &ReportOptions) -> Result<Test> {
    let (log, at) = (snapshot.log(), snapshot.at());
    if options.tests == 0 {
        return Ok(Test::NotAsked);
    }
    let (lead, horizon) = (model.lead(), model.horizon());
    let spacing =
        Spacing { count: ("tests", options.tests), stride: ("test_stride", options.test_stride) };
    let mut cutoffs = spacing.cutoffs(at, lead, horizon)?;
    // There must be something to learn from before it.
    let first = log.first_event();
    cutoffs.retain(|&t| t > first && latest_cutoff(t, lead, horizon).is_ok_and(|c| c > first));
    if cutoffs.is_empty() {
        return Ok(Test::TooLittle(format!(
            "a test needs {horizon} to learn from and {horizon} to judge by before {at}, and the \
             log begins at {first}"
        )));
    }
    let backtest = model.settings().backtest(
        log,
        &BacktestOptions {
            at: Some(cutoffs.into_iter().map(Into::into).collect()),
            draws: options.draws,
            seed: options.seed,
            ..BacktestOptions::default()
        },
    );
    match backtest {
        Ok(backtest) => Ok(Test::Done(backtest)),
        Err(Error::TooLittleData(why)) => Ok(Test::TooLittle(why)),
        Err(error) => Err(error),
    }
}

impl ReportOptions {
    pub(super) fn candidates(&self) -> CandidateOptions {
        CandidateOptions {
            top: Some(self.top),
            control_share: self.control_share,
            salt: self.salt.clone(),
            reasons: self.reasons(),
            ..CandidateOptions::default()
        }
    }

    fn reasons(&self) -> ReasonOptions {
        ReasonOptions::default().language(self.language).currency(self.currency.clone())
    }
}
