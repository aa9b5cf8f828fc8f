//! Customers by the period of their first purchase, followed through the periods after it.

use super::deeds::{Deed, deeds};
use crate::answer::options::options;
#[cfg(feature = "cli")]
use crate::answer::value;
use crate::error::{Error, Result};
use crate::log::{AllCustomers, EventLog, LogFacts, Mergeable, Part, known, over_customers};
use crate::periods::{PeriodOptions, Periods};
use crate::stats::{ExactSum, wilson_interval};
use crate::time::Window;

/// Most periods of a cohort table, which has the square of it as cells.
const MOST: usize = 1_000;

/// When a customer counts as active in a column of a cohort table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CohortMode {
    /// Active in that very period (default); Amplitude's "return on".
    #[default]
    On,
    /// Active in that period or a later one, as far as observed; Amplitude's "return on or after".
    /// It can still rise, and more so in cells of recent periods.
    OnOrAfter,
    /// Active in any of several periods, the brackets of [`CohortOptions::brackets`].
    Bracket,
}

impl CohortMode {
    const ALL: [CohortMode; 3] = [CohortMode::On, CohortMode::OnOrAfter, CohortMode::Bracket];

    /// `on`, `on_or_after` or `bracket`.
    pub const fn name(self) -> &'static str {
        match self {
            CohortMode::On => "on",
            CohortMode::OnOrAfter => "on_or_after",
            CohortMode::Bracket => "bracket",
        }
    }
}

impl std::fmt::Display for CohortMode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl std::str::FromStr for CohortMode {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        CohortMode::ALL.into_iter().find(|mode| mode.name() == name).ok_or_else(|| {
            let allowed = "\"on\", \"on_or_after\" or \"bracket\"";
            Error::text_argument("mode", name, allowed)
        })
    }
}

options! {
    /// Options of a cohort table.
    pub struct CohortOptions {
        /// Periods of the first purchase and of activity
        #[flatten(PeriodOptions)]
        periods: PeriodOptions = PeriodOptions::default(),
        /// Who counts as active: in that very period (on), in it or later (on_or_after), or in any
        /// of several periods (bracket)
        #[value(value_name = "MODE", value_parser = value::<CohortMode>)]
        mode: CohortMode = CohortMode::On,
        /// Bracket edges in periods since the first purchase, ascending: 0,1,5,13 means 0, 1-4 and
        /// 5-12
        #[option(value_name = "N,N,...", value_delimiter = ',', required_if_eq("mode", "bracket"))]
        brackets: Vec<u32> = Vec::new(),
    }
}

/// A value of a cohort table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CohortValue {
    /// Distinct active customers.
    Customers,
    /// Active customers / customers of the cohort.
    Share,
    /// Net spend of the cohort's customers.
    Revenue,
    /// Net spend / purchases.
    AverageCheck,
}

impl CohortValue {
    /// All four.
    pub const ALL: [CohortValue; 4] = [
        CohortValue::Customers,
        CohortValue::Share,
        CohortValue::Revenue,
        CohortValue::AverageCheck,
    ];

    /// `customers`, `share`, `revenue` or `average_check`.
    pub const fn name(self) -> &'static str {
        match self {
            CohortValue::Customers => "customers",
            CohortValue::Share => "share",
            CohortValue::Revenue => "revenue",
            CohortValue::AverageCheck => "average_check",
        }
    }
}

impl std::str::FromStr for CohortValue {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        CohortValue::ALL.into_iter().find(|value| value.name() == name).ok_or_else(|| {
            let expected = "\"customers\", \"share\", \"revenue\" or \"average_check\"";
            Error::text_argument("value", name, expected)
        })
    }
}

/// One cohort in one column. Only complete columns have cells; see [`Cohorts::cell`].
#[derive(Debug, Clone, Copy, PartialEq, Default, serde::Serialize)]
#[non_exhaustive]
pub struct CohortCell {
    /// Distinct active customers.
    pub customers: u64,
    /// Purchases of the cohort.
    pub purchases: u64,
    /// Net spend of the cohort's customers, active or not; NaN where the log has no amounts.
    pub revenue: f64,
}

/// Customers by the period of their first purchase, followed through the periods after it.
///
/// Read along a row to see how many of those who came together are still there. Column 0 is the
/// period of the first purchase itself, so it has all of them. Read down a column to see whether
/// younger cohorts stay better than older ones did at the same age. A cell whose period is not over
/// is none, never 0.
///
/// ```
/// use winback::retention::{CohortOptions, CohortValue, Cohorts};
/// use winback::{EventLog, simulate::Simulation};
/// let shop = Simulation::default().customers(200).run()?;
/// let log = EventLog::builder()
///     .transactions([shop.transactions])
///     .observed_until("2024-12-15")?
///     .build()?;
/// let cohorts = Cohorts::new(&log, &CohortOptions::default())?;
/// let newest = cohorts.len() - 1;
/// assert_eq!(cohorts.value(0, 0, CohortValue::Share), Some(1.0));
/// assert!(cohorts.value(0, 1, CohortValue::Customers) <= cohorts.value(0, 0, CohortValue::Customers));
/// assert_eq!(cohorts.cell(newest, 0), None);   // December is not over
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Cohorts {
    periods: Periods,
    finished: usize,
    /// Periods since the first purchase: column j has those from `edges[j]` to before
    /// `edges[j + 1]`.
    edges: Vec<u32>,
    mode: CohortMode,
    sizes: Vec<u64>,
    /// By cohort, then by column.
    cells: Vec<CohortCell>,
    /// Notes for the reader.
    pub notes: Vec<String>,
}

/// One cohort in one column, while customers are added.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
struct CellSum {
    customers: u64,
    purchases: u64,
    revenue: ExactSum,
}

/// All cohorts while customers are added.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct CohortSums {
    sizes: Vec<u64>,
    cells: Vec<CellSum>,
    earlier: u64,
    has_amounts: bool,
}

impl Cohorts {
    /// The cohort table of a log.
    ///
    /// Customers whose first purchase is outside the periods belong to no cohort. A customer's rows
    /// before the period of its first purchase belong to no cell.
    ///
    /// # Errors
    /// As [`PeriodOptions::periods`]; [`Error::Argument`] for more than 1,000 periods, or brackets
    /// that are not ascending, are fewer than one, or begin after the last period.
    pub fn new(log: &impl AllCustomers, options: &CohortOptions) -> Result<Self> {
        Part::of(log, options)?.finish()
    }

    fn note(&mut self, earlier: u64) {
        if earlier > 0 {
            self.notes.push(format!(
                "{earlier} customers whose first purchase lies before {} are in no cohort",
                self.periods.window(0).start
            ));
        }
        if self.finished < self.periods.len() {
            self.notes.push(format!(
                "{} is not over: cells that need it are not known yet",
                self.periods.window(self.periods.len() - 1)
            ));
        }
        if self.mode == CohortMode::OnOrAfter {
            self.notes.push(
                "\"on or after\" knows only what was observed: who is still to come back is not \
                 counted, so that late columns are too low"
                    .to_owned(),
            );
        }
    }

    /// Number of cohorts; some may have no customers.
    #[expect(clippy::len_without_is_empty, reason = "there is always one")]
    pub fn len(&self) -> usize {
        self.sizes.len()
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.edges.len() - 1
    }

    /// The period of a cohort's first purchases.
    ///
    /// # Panics
    /// If there is no such cohort, as slices do.
    pub fn window(&self, cohort: usize) -> Window {
        self.periods.window(cohort)
    }

    /// First and last period of a column, counted from the period of the first purchase, 0.
    ///
    /// # Panics
    /// If there is no such column, as slices do.
    pub fn ages(&self, column: usize) -> (u32, u32) {
        (self.edges[column], self.edges[column + 1] - 1)
    }

    /// Customers of a cohort; none while its own period is not over.
    ///
    /// # Panics
    /// If there is no such cohort, as slices do.
    pub fn size(&self, cohort: usize) -> Option<u64> {
        (cohort < self.finished).then_some(self.sizes[cohort])
    }

    /// One cell; none if its period is not over or lies beyond the periods.
    ///
    /// # Panics
    /// If there is no such cohort or column, as slices do.
    pub fn cell(&self, cohort: usize, column: usize) -> Option<&CohortCell> {
        let (_, last) = self.ages(column);
        let whole = cohort + (last as usize) < self.finished;
        whole.then(|| &self.cells[cohort * self.columns() + column])
    }

    /// One value of one cell; none if there is no cell, and also for the share of an empty cohort,
    /// an average check without purchases, and money without amounts.
    ///
    /// # Panics
    /// As [`Cohorts::cell`].
    pub fn value(&self, cohort: usize, column: usize, value: CohortValue) -> Option<f64> {
        let cell = self.cell(cohort, column)?;
        let found = match value {
            CohortValue::Customers => cell.customers as f64,
            CohortValue::Share => cell.customers as f64 / self.sizes[cohort] as f64,
            CohortValue::Revenue => cell.revenue,
            CohortValue::AverageCheck if cell.purchases == 0 => f64::NAN,
            CohortValue::AverageCheck => cell.revenue / cell.purchases as f64,
        };
        (!found.is_nan()).then_some(found)
    }

    /// The 95 % Wilson interval of a cell's share.
    ///
    /// # Panics
    /// As [`Cohorts::cell`].
    pub fn share_interval(&self, cohort: usize, column: usize) -> Option<(f64, f64)> {
        wilson_interval(self.cell(cohort, column)?.customers, self.sizes[cohort])
    }

    /// A cohort's active customers, column by column up to the last complete one: a retention curve
    /// for [`ShiftedBetaGeometric::fit`](crate::timing::ShiftedBetaGeometric::fit), which needs a curve that never rises, as in mode
    /// [`CohortMode::OnOrAfter`].
    ///
    /// # Panics
    /// If there is no such cohort, as slices do.
    pub fn survivors(&self, cohort: usize) -> Vec<f64> {
        let cells = (0..self.columns()).map_while(|column| self.cell(cohort, column));
        cells.map(|cell| cell.customers as f64).collect()
    }
}

/// The periods, and the edges of the columns.
fn grid(facts: &LogFacts, options: &CohortOptions) -> Result<(Periods, Vec<u32>)> {
    let periods = options.periods.periods_of(facts)?;
    let all = periods.len();
    if all > MOST {
        let expected = format!("at most {MOST} periods in a cohort table");
        return Err(Error::argument("every", periods.every(), expected));
    }
    let edges = edges(options, all)?;
    Ok((periods, edges))
}

impl Mergeable for Cohorts {
    const NAME: &'static str = "cohorts";
    type Log = EventLog;
    type Asked = CohortOptions;
    type Sums = CohortSums;

    fn sums(log: &EventLog, facts: &LogFacts, options: &CohortOptions) -> Result<CohortSums> {
        let (periods, edges) = grid(facts, options)?;
        let (all, columns) = (periods.len(), edges.len() - 1);
        // The column of every age, if it has one.
        let mut column_of = vec![None; all];
        for (column, ages) in edges.windows(2).enumerate() {
            for age in ages[0]..ages[1].min(all as u32) {
                column_of[age as usize] = Some(column);
            }
        }
        let only_last = options.mode == CohortMode::OnOrAfter;
        let part = |range| {
            let mut sums = CohortSums {
                sizes: vec![0; all],
                cells: vec![CellSum::default(); all * columns],
                earlier: 0,
                has_amounts: log.columns().amount,
            };
            let mut done = Vec::new();
            for customer in range {
                let history = known(log, customer);
                let Some(first) = history.purchases().first() else { continue };
                let Some(cohort) = periods.of(first.time) else {
                    sums.earlier += u64::from(first.time < periods.window(0).start.micros());
                    continue;
                };
                sums.sizes[cohort] += 1;
                deeds(&history, &periods, &mut done);
                let cells = &mut sums.cells[cohort * columns..(cohort + 1) * columns];
                add_customer(cells, &done, cohort, &column_of, only_last);
            }
            sums
        };
        Ok(over_customers(log, all * columns * 5, part, Self::merge))
    }

    fn merge(sums: &mut CohortSums, other: CohortSums) {
        sums.sizes.iter_mut().zip(other.sizes).for_each(|(sum, other)| *sum += other);
        sums.cells.iter_mut().zip(&other.cells).for_each(|(sum, other)| sum.add(other));
        sums.earlier += other.earlier;
        sums.has_amounts |= other.has_amounts;
    }

    fn fits(sums: &CohortSums, facts: &LogFacts, options: &CohortOptions) -> Result<bool> {
        let (periods, edges) = grid(facts, options)?;
        let cells = periods.len() * (edges.len() - 1);
        Ok((sums.sizes.len(), sums.cells.len()) == (periods.len(), cells))
    }

    fn finish(sums: CohortSums, facts: &LogFacts, options: &CohortOptions) -> Result<Self> {
        let (periods, edges) = grid(facts, options)?;
        let columns = edges.len() - 1;
        let CohortSums { sizes, mut cells, earlier, has_amounts } = sums;
        let mode = options.mode;
        if mode == CohortMode::OnOrAfter {
            for row in cells.chunks_mut(columns) {
                for column in (0..columns - 1).rev() {
                    let (own, later) = row.split_at_mut(column + 1);
                    own[column].add(&later[0]);
                }
            }
        }
        let cells = cells.iter().map(|cell| cell.finish(has_amounts)).collect();
        let finished = periods.finished(facts.observed_until);
        let mut cohorts =
            Cohorts { periods, finished, edges, mode, sizes, cells, notes: Vec::new() };
        cohorts.note(earlier);
        Ok(cohorts)
    }
}

impl CellSum {
    fn add(&mut self, other: &CellSum) {
        self.customers += other.customers;
        self.purchases += other.purchases;
        self.revenue.merge(&other.revenue);
    }

    fn finish(&self, has_amounts: bool) -> CohortCell {
        let CellSum { customers, purchases, ref revenue } = *self;
        let revenue = if has_amounts { revenue.value() } else { f64::NAN };
        CohortCell { customers, purchases, revenue }
    }
}

fn edges(options: &CohortOptions, periods: usize) -> Result<Vec<u32>> {
    let edges = &options.brackets;
    if options.mode != CohortMode::Bracket {
        return match edges.is_empty() {
            true => Ok((0..=periods as u32).collect()),
            false => Err(Error::argument(
                "brackets",
                format!("{edges:?}"),
                "nothing without the mode bracket",
            )),
        };
    }
    let ascend = edges.len() > 1 && edges.windows(2).all(|pair| pair[0] < pair[1]);
    if ascend && edges.len() <= MOST && (edges[0] as usize) < periods {
        return Ok(edges.clone());
    }
    let expected = format!(
        "two or more ascending numbers of periods since the first purchase, the first below \
         {periods}, as 0, 1, 4, 13"
    );
    Err(Error::argument("brackets", format!("{edges:?}"), expected))
}

/// Adds one customer to the cells of its cohort.
fn add_customer(
    cells: &mut [CellSum],
    done: &[Deed],
    cohort: usize,
    column_of: &[Option<usize>],
    only_last: bool,
) {
    // Columns ascend with the periods, so that one column's periods come one after the other.
    let mut counted = None;
    for deed in done.iter().filter(|deed| deed.period >= cohort) {
        let Some(column) = column_of[deed.period - cohort] else { continue };
        let cell = &mut cells[column];
        cell.revenue.add(deed.spend);
        cell.purchases += u64::from(deed.purchases);
        if deed.purchases > 0 && counted != Some(column) {
            cell.customers += u64::from(!only_last);
            counted = Some(column);
        }
    }
    if only_last && let Some(column) = counted {
        cells[column].customers += 1;
    }
}
