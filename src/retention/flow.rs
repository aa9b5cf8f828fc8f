//! Who comes, stays, falls silent and returns, period by period.

use super::deeds::{Deed, deeds};
use crate::answer::options::options;
use crate::error::Result;
use crate::labels::{LifecycleLimits, LimitsAt, State};
use crate::log::{
    AllCustomers, EventLog, LogFacts, Mergeable, Part, Purchase, known, over_customers,
};
use crate::periods::{PeriodOptions, Periods};
use crate::stats::ExactSum;
use crate::time::{Timestamp, Window};

/// Where customers come from: nowhere (new ones), or one of the three states.
const FROM: [Option<State>; 4] =
    [None, Some(State::Active), Some(State::Lapsed), Some(State::Lost)];
const CELLS: usize = FROM.len() * State::ALL.len();

options! {
    /// Which periods are looked at, and when a customer is lapsed and lost.
    #[derive(Copy, Eq)]
    pub struct FlowOptions {
        /// The periods
        #[flatten(PeriodOptions)]
        periods: PeriodOptions = PeriodOptions::default(),
        /// The limits of the states
        #[flatten(LifecycleLimits)]
        limits: LifecycleLimits = LifecycleLimits::default(),
    }
}

/// Customers who went the same way in one period.
#[derive(Debug, Clone, Copy, PartialEq, Default, serde::Serialize)]
#[non_exhaustive]
pub struct FlowCell {
    /// How many.
    pub customers: u64,
    /// Their net spend in the period; NaN where the log has no amounts.
    pub revenue: f64,
    /// Their net spend in the period before; for those who lapse, the revenue they took with them.
    pub revenue_before: f64,
}

/// Customers who went the same way, while they are added.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
struct CellSum {
    customers: u64,
    revenue: ExactSum,
    revenue_before: ExactSum,
}

impl CellSum {
    fn add(&mut self, customers: u64, revenue: f64, revenue_before: f64) {
        self.customers += customers;
        self.revenue.add(revenue);
        self.revenue_before.add(revenue_before);
    }

    fn merge(&mut self, other: &CellSum) {
        self.customers += other.customers;
        self.revenue.merge(&other.revenue);
        self.revenue_before.merge(&other.revenue_before);
    }

    fn finish(&self, has_amounts: bool) -> FlowCell {
        let money = |sum: &ExactSum| if has_amounts { sum.value() } else { f64::NAN };
        let (revenue, revenue_before) = (money(&self.revenue), money(&self.revenue_before));
        FlowCell { customers: self.customers, revenue, revenue_before }
    }
}

/// All ways in one period.
#[derive(Debug, Clone, PartialEq)]
pub struct FlowPeriod {
    /// The period.
    pub window: Window,
    /// By state at its start (none first), then by state at its end; none while it is not over.
    cells: Option<[FlowCell; CELLS]>,
}

impl FlowPeriod {
    /// Those in state `from` at the period's start (none: before their first purchase) and `to` at
    /// its end; none while the period is not over.
    pub fn cell(&self, from: Option<State>, to: State) -> Option<&FlowCell> {
        let from = from.map_or(0, |state| state as usize + 1);
        self.cells.as_ref().map(|cells| &cells[from * State::ALL.len() + to as usize])
    }

    /// Sum of the cells whose states `of` selects; none while the period is not over.
    pub fn sum(&self, of: impl Fn(Option<State>, State) -> bool) -> Option<FlowCell> {
        let mut sum = CellSum::default();
        for (from, to) in ways().filter(|&(from, to)| of(from, to)) {
            let cell = self.cell(from, to)?;
            sum.add(cell.customers, cell.revenue, cell.revenue_before);
        }
        Some(sum.finish(true))
    }

    /// Customers in a state at the period's end.
    pub fn stock(&self, state: State) -> Option<FlowCell> {
        self.sum(|_, to| to == state)
    }

    /// Customers in a state at the period's start.
    pub fn stock_before(&self, state: State) -> Option<FlowCell> {
        self.sum(|from, _| from == Some(state))
    }
}

/// Who comes, stays, falls silent and returns, period by period.
///
/// At each period's end every customer with a purchase is active, lapsed or lost, by the days since
/// the last purchase ([`LifecycleLimits`]). The customers in a state at the end are those in it at
/// the start, plus those who came in, minus those who went out. Each path has a name
/// ([`Flow::way`]): `new`, `kept` (active and still active), `lapsed`, `lost`,
/// `reactivated_from_lapsed`, `reactivated_from_lost`, `still_lapsed`, `still_lost`.
///
/// ```
/// use winback::labels::State;
/// use winback::retention::{Flow, FlowOptions};
/// use winback::{EventLog, simulate::Simulation};
/// let shop = Simulation::default().customers(200).run()?;
/// let log = EventLog::builder()
///     .transactions([shop.transactions])
///     .observed_until("2025-01-01")?
///     .build()?;
/// let flow = Flow::new(&log, &FlowOptions::default())?;
/// for months in flow.periods.windows(2) {
///     let (before, after) = (months[0].stock(State::Active), months[1].stock_before(State::Active));
///     assert_eq!(before.unwrap().customers, after.unwrap().customers);
/// }
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Flow {
    /// Limits of the lifecycle states.
    pub limits: LifecycleLimits,
    /// The periods, ascending.
    pub periods: Vec<FlowPeriod>,
    /// Notes for the reader.
    pub notes: Vec<String>,
}

/// All ways there are.
pub(super) fn ways() -> impl Iterator<Item = (Option<State>, State)> {
    FROM.into_iter().flat_map(|from| State::ALL.into_iter().map(move |to| (from, to)))
}

impl Flow {
    /// The flow of a log's customer base.
    ///
    /// # Errors
    /// As [`PeriodOptions::periods`] and [`LifecycleLimits::at`].
    pub fn new(log: &impl AllCustomers, options: &FlowOptions) -> Result<Self> {
        Part::of(log, options)?.finish()
    }

    /// The name of a path. A customer who was lost, bought again and has lapsed again by the
    /// period's end still counts as `reactivated_from_lost`.
    pub const fn way(from: Option<State>, to: State) -> &'static str {
        match (from, to) {
            (None, _) => "new",
            (Some(State::Active), State::Active) => "kept",
            (Some(State::Active), State::Lapsed) => "lapsed",
            (Some(State::Active | State::Lapsed), State::Lost) => "lost",
            (Some(State::Lapsed), State::Active) => "reactivated_from_lapsed",
            (Some(State::Lost), State::Active | State::Lapsed) => "reactivated_from_lost",
            (Some(State::Lapsed), State::Lapsed) => "still_lapsed",
            (Some(State::Lost), State::Lost) => "still_lost",
        }
    }
}

impl Mergeable for Flow {
    const NAME: &'static str = "flow";
    type Log = EventLog;
    type Asked = FlowOptions;
    type Sums = FlowSums;

    fn sums(log: &EventLog, facts: &LogFacts, options: &FlowOptions) -> Result<FlowSums> {
        let (periods, finished) = periods(facts, options)?;
        let ends = || (0..finished).map(|i| periods.window(i).end);
        let bounds = Bounds {
            // Of the end of every period, so that number i + 1 begins where limits[i] look back.
            limits: ends().map(|end| options.limits.at(end)).collect::<Result<_>>()?,
            ends: ends().map(Timestamp::micros).collect(),
        };
        let part = |range| {
            let mut sums = FlowSums::new(periods.len(), log.columns().amount);
            let mut done = Vec::new();
            for customer in range {
                let history = known(log, customer);
                if !history.purchases().is_empty() {
                    deeds(&history, &periods, &mut done);
                    sums.add_customer(history.purchases(), &done, &bounds);
                }
            }
            sums
        };
        Ok(over_customers(log, periods.len() * (CELLS * 7 + 1), part, Self::merge))
    }

    fn merge(sums: &mut FlowSums, other: FlowSums) {
        sums.add(&other);
    }

    fn fits(sums: &FlowSums, facts: &LogFacts, options: &FlowOptions) -> Result<bool> {
        let all = periods(facts, options)?.0.len();
        Ok(sums.cells.len() == all && sums.lost_from.len() == all)
    }

    fn finish(sums: FlowSums, facts: &LogFacts, options: &FlowOptions) -> Result<Self> {
        let (periods, finished) = periods(facts, options)?;
        let limits = options.limits;
        let has_amounts = sums.has_amounts;
        let periods_out = (1..periods.len()).zip(sums.with_lost().into_iter().skip(1));
        let of_period = |(period, cells): (usize, [CellSum; CELLS])| {
            let cells = cells.each_ref().map(|cell| cell.finish(has_amounts));
            let window = periods.window(period);
            FlowPeriod { window, cells: (period < finished).then_some(cells) }
        };
        let periods_out: Vec<FlowPeriod> = periods_out.map(of_period).collect();
        let notes = notes(&periods, finished, limits);
        Ok(Flow { limits, periods: periods_out, notes })
    }
}

/// The periods, with one before them, and how many are finished.
fn periods(facts: &LogFacts, options: &FlowOptions) -> Result<(Periods, usize)> {
    let periods = options.periods.periods_of(facts)?.with_one_before()?;
    let finished = periods.finished(facts.observed_until);
    Ok((periods, finished))
}

/// Ends of the finished periods, and the limits of the states there.
struct Bounds {
    limits: Vec<LimitsAt>,
    ends: Vec<i64>,
}

/// All periods while customers are added.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct FlowSums {
    cells: Vec<[CellSum; CELLS]>,
    /// Customers lost for good, from this period on.
    lost_from: Vec<u64>,
    has_amounts: bool,
}

impl FlowSums {
    fn new(periods: usize, has_amounts: bool) -> Self {
        let cells = vec![Default::default(); periods];
        FlowSums { cells, lost_from: vec![0; periods], has_amounts }
    }

    fn add_customer(&mut self, purchases: &[Purchase], done: &[Deed], bounds: &Bounds) {
        let first = purchases[0].time;
        let Bounds { limits, ends } = bounds;
        // Its first purchase lies in this period, or before the first one of all.
        let mut period = ends.partition_point(|&end| end <= first);
        let mut made = 0;
        let mut from = None;
        let mut next_deed = 0;
        while period < ends.len() {
            while made < purchases.len() && purchases[made].time < ends[period] {
                made += 1;
            }
            let to = limits[period].state_of(purchases[made - 1].time);
            let (mut revenue, mut revenue_before) = (0.0, 0.0);
            while next_deed < done.len() && done[next_deed].period + 1 < period {
                next_deed += 1;
            }
            for deed in done[next_deed..].iter().take_while(|deed| deed.period <= period) {
                match deed.period == period {
                    true => revenue = deed.spend,
                    false => revenue_before = deed.spend,
                }
            }
            let is_last = next_deed == done.len() && made == purchases.len();
            if is_last && from == Some(State::Lost) && to == State::Lost {
                self.lost_from[period] += 1;
                return;
            }
            let place = from.map_or(0, |state: State| state as usize + 1) * State::ALL.len();
            self.cells[period][place + to as usize].add(1, revenue, revenue_before);
            from = Some(to);
            period += 1;
        }
    }

    fn add(&mut self, other: &FlowSums) {
        self.has_amounts |= other.has_amounts;
        for (cells, others) in self.cells.iter_mut().zip(&other.cells) {
            cells.iter_mut().zip(others).for_each(|(cell, other)| cell.merge(other));
        }
        self.lost_from.iter_mut().zip(&other.lost_from).for_each(|(sum, other)| *sum += other);
    }

    /// The cells with those lost for good in every period that they are.
    fn with_lost(mut self) -> Vec<[CellSum; CELLS]> {
        let mut lost = 0;
        for (cells, from) in self.cells.iter_mut().zip(&self.lost_from) {
            lost += from;
            cells[CELLS - 1].customers += lost;
        }
        self.cells
    }
}

fn notes(periods: &Periods, finished: usize, limits: LifecycleLimits) -> Vec<String> {
    let mut notes = Vec::new();
    if finished < periods.len() {
        let last = periods.window(periods.len() - 1);
        notes.push(format!("{last} is not over: its figures are not known yet"));
    }
    if periods.every().approx_days() > limits.lapsed_after.approx_days() {
        notes.push(format!(
            "periods of {} are longer than the {} after which a customer is lapsed: who lapsed and \
             came back within one period is not seen to move",
            periods.every(),
            limits.lapsed_after
        ));
    }
    notes
}
