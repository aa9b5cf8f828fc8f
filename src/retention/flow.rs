//! Who comes, stays, falls silent and returns, period by period.

use super::deeds::{Deed, deeds};
use crate::error::Result;
use crate::labels::{LifecycleLimits, LimitsAt, State};
use crate::log::{EventLog, Purchase};
use crate::log::{known, over_customers};
use crate::periods::{PeriodOptions, Periods};
use crate::time::Window;

/// Where customers come from: nowhere (new ones), or one of the three states.
const FROM: [Option<State>; 4] =
    [None, Some(State::Active), Some(State::Lapsed), Some(State::Lost)];
const CELLS: usize = FROM.len() * State::ALL.len();

/// Customers who went the same way in one period.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[non_exhaustive]
pub struct FlowCell {
    /// How many.
    pub customers: u64,
    /// Their net spend in the period; NaN where the log has no amounts.
    pub revenue: f64,
    /// Their net spend in the period before: what those who lapse took with them.
    pub revenue_before: f64,
}

impl FlowCell {
    fn add(&mut self, other: &FlowCell) {
        self.customers += other.customers;
        self.revenue += other.revenue;
        self.revenue_before += other.revenue_before;
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

    /// Sum of the cells that `of` chooses by their states; none while the period is not over.
    pub fn sum(&self, of: impl Fn(Option<State>, State) -> bool) -> Option<FlowCell> {
        let mut sum = FlowCell::default();
        for (from, to) in ways().filter(|&(from, to)| of(from, to)) {
            sum.add(self.cell(from, to)?);
        }
        Some(sum)
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
/// the last purchase ([`LifecycleLimits`]). What is in a state at the end is what was in it at the
/// start, and what came in, less what went out. The ways have names ([`Flow::way`]): `new`, `kept`
/// (active and still active), `lapsed`, `lost`, `reactivated_from_lapsed`, `reactivated_from_lost`,
/// `still_lapsed`, `still_lost`.
///
/// ```
/// use winback::labels::{LifecycleLimits, State};
/// use winback::retention::Flow;
/// use winback::periods::PeriodOptions;
/// use winback::{EventLog, simulate::Simulation};
/// let shop = Simulation::default().customers(200).run()?;
/// let log = EventLog::builder()
///     .transactions([shop.transactions])
///     .observed_until("2025-01-01")?
///     .build()?;
/// let flow = Flow::new(&log, &PeriodOptions::default(), LifecycleLimits::default())?;
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
    /// What a reader should know.
    pub notes: Vec<String>,
}

/// All ways there are.
pub(super) fn ways() -> impl Iterator<Item = (Option<State>, State)> {
    FROM.into_iter().flat_map(|from| State::ALL.into_iter().map(move |to| (from, to)))
}

impl Flow {
    /// The flow of a log's base.
    ///
    /// # Errors
    /// As [`PeriodOptions::periods`] and [`LifecycleLimits::at`].
    pub fn new(log: &EventLog, options: &PeriodOptions, limits: LifecycleLimits) -> Result<Self> {
        let periods = options.periods(log)?.with_one_before()?;
        let finished = periods.finished(log.observed_until());
        let bounds = Bounds {
            // Of the end of every period, so that number i + 1 begins where limits[i] look back.
            limits: (0..finished)
                .map(|i| limits.at(periods.window(i).end))
                .collect::<Result<_>>()?,
            ends: (0..finished).map(|i| periods.window(i).end.micros()).collect(),
        };
        let sums = over_customers(
            log.customers().len(),
            periods.len() * (CELLS * 3 + 1),
            |range| {
                let mut sums = Sums::new(periods.len());
                let mut done = Vec::new();
                for customer in range {
                    let history = known(log, customer);
                    if !history.purchases().is_empty() {
                        deeds(&history, &periods, &mut done);
                        sums.add_customer(history.purchases(), &done, &bounds);
                    }
                }
                sums
            },
            |sums, part| sums.add(&part),
        );
        let has_amounts = log.columns().amount;
        let periods_out = (1..periods.len()).zip(sums.with_lost().into_iter().skip(1));
        let of_period = |(period, mut cells): (usize, [FlowCell; CELLS])| {
            if !has_amounts {
                let none = |cell: &mut FlowCell| {
                    (cell.revenue, cell.revenue_before) = (f64::NAN, f64::NAN);
                };
                cells.iter_mut().for_each(none);
            }
            let window = periods.window(period);
            FlowPeriod { window, cells: (period < finished).then_some(cells) }
        };
        let periods_out: Vec<FlowPeriod> = periods_out.map(of_period).collect();
        let notes = notes(&periods, finished, limits);
        Ok(Flow { limits, periods: periods_out, notes })
    }

    /// The name of a way. One who was lost, bought again and has lapsed again by the period's end
    /// is `reactivated_from_lost` all the same.
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

/// Ends of the finished periods, and the limits of the states there.
struct Bounds {
    limits: Vec<LimitsAt>,
    ends: Vec<i64>,
}

struct Sums {
    cells: Vec<[FlowCell; CELLS]>,
    /// Customers lost for good, from this period on.
    lost_from: Vec<u64>,
}

impl Sums {
    fn new(periods: usize) -> Self {
        Sums { cells: vec![Default::default(); periods], lost_from: vec![0; periods] }
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
            self.cells[period][place + to as usize].add(&FlowCell {
                customers: 1,
                revenue,
                revenue_before,
            });
            from = Some(to);
            period += 1;
        }
    }

    fn add(&mut self, other: &Sums) {
        for (cells, others) in self.cells.iter_mut().zip(&other.cells) {
            cells.iter_mut().zip(others).for_each(|(cell, other)| cell.add(other));
        }
        self.lost_from.iter_mut().zip(&other.lost_from).for_each(|(sum, other)| *sum += other);
    }

    /// The cells with those lost for good in every period that they are.
    fn with_lost(mut self) -> Vec<[FlowCell; CELLS]> {
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
