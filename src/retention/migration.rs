//! Where the customers of each label at one cutoff are at another.

use std::fmt;

use arrow_array::RecordBatch;
use rayon::prelude::*;
use serde_json::{Map, Value};

use super::alarm::Alarm;
use super::transitions::{Transition, TransitionSums};
use crate::answer::columns::{batch, counts, flags, numbers, texts};
use crate::answer::options::options;
use crate::answer::text_table::signed;
use crate::answer::{Analysis, Table, write_table};
use crate::error::{Error, Result};
use crate::labels::{LifecycleLimits, State};
use crate::log::{CustomerIndex, Logs};
use crate::snapshot::{PartitionedSnapshot, Snapshot};
use crate::stats::exact_sum;
use crate::time::Timestamp;

/// A label for every customer at one cutoff: a lifecycle state, a segment, a group of any kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labels {
    names: Vec<String>,
    codes: Vec<Option<u32>>,
}

impl Labels {
    /// Labels from their names, in display order, and each customer's label number; none for a
    /// customer who is not in the base.
    ///
    /// # Errors
    /// [`Error::Shape`] for a number without a name, [`Error::Argument`] for a name that occurs
    /// twice.
    pub fn new(names: Vec<String>, codes: Vec<Option<u32>>) -> Result<Self> {
        if let Some(code) = codes.iter().flatten().find(|&&code| code as usize >= names.len()) {
            return Err(Error::Shape(format!("label {code}, but there are {} names", names.len())));
        }
        if let Some(i) = (1..names.len()).find(|&i| names[..i].contains(&names[i])) {
            return Err(Error::argument("names", format!("\"{}\"", names[i]), "each name once"));
        }
        Ok(Labels { names, codes })
    }

    /// Counts the customers from these labels to others.
    pub(super) fn to(&self, after: &Labels, revenue: Option<&[f64]>) -> TransitionSums {
        let (rows, columns) = (self.names.len(), after.names.len());
        TransitionSums::of((rows, &self.codes), (columns, &after.codes), revenue)
    }

    /// The lifecycle states of all customers of a log as of a cutoff; none for those without a
    /// purchase before it.
    ///
    /// # Errors
    /// As [`LifecycleLimits::at`].
    pub fn lifecycle(snapshot: &Snapshot, limits: LifecycleLimits) -> Result<Self> {
        let states = snapshot.states(limits)?;
        let mut codes = vec![None; snapshot.log().customers().len()];
        for (&customer, &state) in snapshot.customers().iter().zip(states.iter()) {
            codes[customer.index()] = Some(state as u32);
        }
        Ok(Labels { names: state_names(), codes })
    }
}

options! {
    /// What to report about a migration.
    pub struct MigrationOptions {
        /// Labels whose rising share triggers the alarm; by default lapsed and lost for states, the
        /// vulnerable group for loyalty groups, and none for other labels
        #[option(value_name = "NAMES", value_delimiter = ',')]
        #[takes(texts)]
        vulnerable: Vec<String> = Vec::new(),
        /// Rows with fewer customers are marked as too thin to judge
        #[value(value_name = "N")]
        min_customers: u64 = 30,
        /// Significance level of the alarm's test
        #[value(value_name = "P")]
        level: f64 = 0.01,
    }
}

/// Transitions of customers between the labels of two cutoffs.
///
/// Each row shows, for those with one label at the first cutoff, what share has which label at the
/// second.
///
/// ```
/// use winback::retention::{Labels, Migration, MigrationOptions};
/// let names = || vec!["loyal".to_owned(), "vulnerable".to_owned()];
/// let before = Labels::new(names(), vec![Some(0), Some(0), Some(0), Some(1), None])?;
/// let after = Labels::new(names(), vec![Some(0), Some(0), Some(1), Some(1), Some(0)])?;
/// let options = MigrationOptions::default().vulnerable(["vulnerable"]);
/// let migration = Migration::between(&before, &after, None, &options)?;
/// let cell = migration.cell(Some("loyal"), Some("vulnerable")).unwrap();
/// assert_eq!((cell.customers, cell.of, cell.is_thin), (1, 3, true));
/// assert!(!migration.alarm.unwrap().rings());   // from 1 of 4 to 2 of 5: chance explains it
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct Migration {
    /// By label at the first cutoff, then at the second; those not in the base come last.
    pub cells: Vec<Transition>,
    /// The share of vulnerable customers; none if no labels count as vulnerable, or a base is
    /// empty.
    pub alarm: Option<Alarm>,
    /// Notes for the reader.
    pub notes: Vec<String>,
}

impl Migration {
    /// Transitions between any labels of the same customers, in the same order; `revenue` is what
    /// each of them spent in between.
    ///
    /// # Errors
    /// [`Error::Shape`] when the numbers of customers differ; [`Error::Argument`] for a revenue
    /// that is not finite, a vulnerable label that does not exist, or a level outside 0 to 1.
    pub fn between(
        before: &Labels,
        after: &Labels,
        revenue: Option<&[f64]>,
        options: &MigrationOptions,
    ) -> Result<Self> {
        check(before, after, revenue, options)?;
        let sums = before.to(after, revenue);
        Ok(Migration::of_sums(sums, &before.names, &after.names, options))
    }

    /// Transitions between the lifecycle states as of two cutoffs, with net spend from the first to
    /// the second. Unless others are given, lapsed and lost are the vulnerable labels.
    ///
    /// # Errors
    /// As [`Labels::lifecycle`] and [`Migration::between`]; [`Error::Argument`] when the second
    /// cutoff is not later than the first.
    pub fn lifecycle(
        before: &Snapshot,
        after: &Snapshot,
        limits: LifecycleLimits,
        options: &MigrationOptions,
    ) -> Result<Self> {
        let label = |snapshot: &Snapshot| Labels::lifecycle(snapshot, limits);
        Self::of_snapshots(before, after, label, &of_states(options))
    }

    /// Transitions between the labels that `label` gives all customers of a log at two cutoffs,
    /// with net spend from the first to the second.
    ///
    /// # Errors
    /// Those of `label` and of [`Migration::between`]; [`Error::Argument`] when the second cutoff
    /// is not later than the first, or belongs to another log.
    pub fn of_snapshots(
        before: &Snapshot,
        after: &Snapshot,
        label: impl Fn(&Snapshot) -> Result<Labels>,
        options: &MigrationOptions,
    ) -> Result<Self> {
        check_order(before.at(), after.at())?;
        if !after.log().is(before.log()) {
            return Err(of_another_log());
        }
        let revenue = spent_between(before, after);
        Self::between(&label(before)?, &label(after)?, revenue.as_deref(), options)
    }

    /// As [`Migration::of_snapshots`], bit-identical, of a log in parts.
    ///
    /// # Errors
    /// As [`Migration::of_snapshots`].
    pub fn of_parts(
        before: &PartitionedSnapshot<'_>,
        after: &PartitionedSnapshot<'_>,
        label: impl Fn(&Snapshot) -> Result<Labels>,
        options: &MigrationOptions,
    ) -> Result<Self> {
        check_order(before.at(), after.at())?;
        if !after.log().is(before.log()) {
            return Err(of_another_log());
        }
        let mut all: Option<(TransitionSums, [Vec<String>; 2])> = None;
        before.log().each_log(|log| {
            let (before, after) = (log.at(before.at())?, log.at(after.at())?);
            let revenue = spent_between(&before, &after);
            let (from, to) = (label(&before)?, label(&after)?);
            let sums = from.to(&to, revenue.as_deref());
            match &mut all {
                Some((all, _)) => all.merge(&sums),
                None => all = Some((sums, [from.names, to.names])),
            }
            Ok(())
        })?;
        let (sums, [from, to]) = all.ok_or_else(|| Error::Shape("the log has no parts".into()))?;
        check_options(&from, &to, options)?;
        Ok(Migration::of_sums(sums, &from, &to, options))
    }

    pub(super) fn of_sums(
        sums: TransitionSums,
        before: &[String],
        after: &[String],
        options: &MigrationOptions,
    ) -> Self {
        let alarm = sums.alarm(before, after, &options.vulnerable, options.level);
        let (cells, mut notes) = sums.cells(before, after, options.min_customers);
        notes.extend(alarm.map(|alarm| in_words(&alarm, options)));
        Migration { cells, alarm, notes }
    }

    /// The cell of two labels, if it exists.
    pub fn cell(&self, from: Option<&str>, to: Option<&str>) -> Option<&Transition> {
        self.cells.iter().find(|cell| cell.from.as_deref() == from && cell.to.as_deref() == to)
    }

    fn transitions(&self) -> Result<RecordBatch> {
        let cells = || self.cells.iter();
        let mut columns = vec![
            texts("from_label", cells().map(|cell| cell.from.as_deref())),
            texts("to_label", cells().map(|cell| cell.to.as_deref())),
            counts("customers", cells().map(|cell| Some(cell.customers))),
            counts("from_customers", cells().map(|cell| Some(cell.of))),
            numbers("share", cells().map(Transition::share)),
            numbers("share_low", cells().map(|cell| cell.share_interval().map(|i| i.0))),
            numbers("share_high", cells().map(|cell| cell.share_interval().map(|i| i.1))),
        ];
        if cells().any(|cell| cell.revenue.is_some()) {
            columns.push(numbers("revenue", cells().map(|cell| cell.revenue)));
        }
        columns.push(flags("thin", cells().map(|cell| cell.is_thin)));
        batch(columns)
    }
}

pub(super) fn state_names() -> Vec<String> {
    State::ALL.map(|state| state.name().to_owned()).into()
}

/// Unless others are given, lapsed and lost are the vulnerable states.
pub(super) fn of_states(options: &MigrationOptions) -> MigrationOptions {
    let mut options = options.clone();
    if options.vulnerable.is_empty() {
        options.vulnerable = [State::Lapsed, State::Lost].map(|s| s.name().to_owned()).into();
    }
    options
}

/// What each customer spent from the first cutoff to the second, as known then; none where the log has
/// no amounts.
pub(super) fn spent_between(before: &Snapshot, after: &Snapshot) -> Option<Vec<f64>> {
    let (log, from) = (after.log(), before.at());
    let spent = |customer: CustomerIndex| -> f64 {
        let history = after.history(customer);
        let rows = history.lines().rev().take_while(|line| line.time >= from.micros());
        exact_sum(rows.map(|line| line.amount))
    };
    log.columns().amount.then(|| log.customers().par_indices().map(spent).collect())
}

pub(super) fn check_order(before: Timestamp, after: Timestamp) -> Result<()> {
    if after > before {
        return Ok(());
    }
    let expected = format!("a time later than the first cutoff, {before}");
    Err(Error::argument("after", after, expected))
}

pub(super) fn of_another_log() -> Error {
    Error::argument("after", "one of another log", "a snapshot of the log that the first one is of")
}

fn check(
    before: &Labels,
    after: &Labels,
    revenue: Option<&[f64]>,
    options: &MigrationOptions,
) -> Result<()> {
    let customers = before.codes.len();
    let others = [Some(after.codes.len()), revenue.map(<[f64]>::len)];
    if let Some(other) = others.into_iter().flatten().find(|&other| other != customers) {
        let message = format!("labels of {customers} customers, but {other} values beside them");
        return Err(Error::Shape(message));
    }
    if let Some(bad) = revenue.and_then(|r| r.iter().find(|value| !value.is_finite())) {
        return Err(Error::argument("revenue", bad, "finite numbers"));
    }
    check_options(&before.names, &after.names, options)
}

pub(super) fn check_options(
    before: &[String],
    after: &[String],
    options: &MigrationOptions,
) -> Result<()> {
    for name in &options.vulnerable {
        if !before.contains(name) && !after.contains(name) {
            let expected = format!("one of the labels {}", before.join(", "));
            return Err(Error::text_argument("vulnerable", name, expected));
        }
    }
    if !(options.level > 0.0 && options.level < 1.0) {
        return Err(Error::argument("level", options.level, "above 0 and below 1"));
    }
    Ok(())
}

fn in_words(alarm: &Alarm, options: &MigrationOptions) -> String {
    let percent = |share: f64| share * 100.0;
    let verdict = match alarm.rings() {
        true => "ALARM: more than chance explains",
        false => "no alarm",
    };
    format!(
        "share of {}: {:.2} % of {} before, {:.2} % of {} after; rise {} points (95 % {} to {}), \
         one-sided p = {:.2e} at level {}: {verdict}",
        options.vulnerable.join(" + "),
        percent(alarm.share_before().0),
        alarm.before.0,
        percent(alarm.share_after().0),
        alarm.after.0,
        signed(percent(alarm.rise), 2),
        signed(percent(alarm.rise_interval.0), 2),
        signed(percent(alarm.rise_interval.1), 2),
        alarm.p_value,
        alarm.level
    )
}

impl Analysis for Migration {
    /// - `transitions`: a row for each of [`Migration::cells`]: `from_label` (null: not in the
    ///   base, such as new customers), `to_label`, `customers`, `from_customers` (of the whole
    ///   row), `share` (of the row), `share_low`, `share_high` (Wilson, 95 %), `revenue` between
    ///   the cutoffs if known, and `thin`, whether the row has too few customers to judge.
    const TABLES: &'static [Table<Self>] = &[("transitions", Self::transitions)];

    const IS_TABLE: bool = true;

    fn figures(&self) -> Map<String, Value> {
        let alarm = self.alarm.as_ref().map_or(Value::Null, Alarm::figures);
        [("alarm".to_owned(), alarm)].into_iter().collect()
    }

    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }
}

/// The transitions, then the notes.
impl fmt::Display for Migration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_table(f, self.transitions(), &self.notes)
    }
}
