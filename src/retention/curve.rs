//! How long customers stay before a long silence: a survival curve from the log.

use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroU32;

use arrow_array::RecordBatch;
use rayon::prelude::*;

use crate::answer::columns::{batch, counts, numbers, texts};
use crate::answer::options::options;
use crate::answer::text_table::of_batch;
#[cfg(feature = "cli")]
use crate::answer::value;
use crate::answer::{Analysis, Table, notes_text, write_table};
use crate::error::{Error, Result};
use crate::groups::{Apart, ByGroup, GroupBy, Groups};
use crate::log::{AllCustomers, CustomerIndex, EventLog, LogFacts, Mergeable, Part, known};
use crate::periods::Between;
use crate::stats::{IntervalKind, KaplanMeier, Step};
use crate::time::{MICROS_PER_DAY, Moment, Span, Timestamp};

/// Days between the rows that are printed.
const SHOWN_EVERY: NonZeroU32 = NonZeroU32::new(30).unwrap();

options! {
    /// When a customer counts as gone, and which customers are followed.
    #[derive(Eq)]
    pub struct CurveOptions {
        /// Silence after which a customer counts as gone
        #[value(value_name = "SPAN", value_parser = value::<Span>)]
        #[takes(span)]
        silent_for: Span = Span::months(6),
        /// Include only customers whose first purchase is at or after this
        #[option(value_name = "DATE", value_parser = value::<Moment>)]
        #[takes(time)]
        start: Option<Moment> = None,
        /// Include only customers whose first purchase is before this
        #[option(value_name = "DATE", value_parser = value::<Moment>)]
        #[takes(time)]
        end: Option<Moment> = None,
        /// Group customers by category or channel of the first purchase, or by a column of the
        /// customers table, which holds today's values; attribute:category is a column of that name
        #[option(value_name = "WHAT", value_parser = value::<GroupBy>)]
        #[takes(into)]
        group_by: Option<GroupBy> = None,
        /// Days since the first purchase in the table at_days
        #[values(value_name = "DAYS")]
        days: Vec<u32> = (0..=360).step_by(30).collect(),
    }
}

/// The curve of one group.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct GroupCurve {
    /// The group; none if it is unknown or there are no groups.
    pub group: Option<String>,
    /// Customers followed.
    pub customers: u64,
    /// How many of them were seen to fall silent.
    pub silent: u64,
    /// Kaplan-Meier estimate over the whole days since the first purchase.
    pub estimate: KaplanMeier,
}

/// The share of customers who have not yet been silent for long, by days since their first purchase
/// (Kaplan and Meier 1958, with Greenwood's standard errors).
///
/// A customer's time runs from the first purchase to the moment when the first silence of
/// `silent_for` is complete. A customer who has not been silent for that long when the log ends is
/// censored then. Because the moment of completion counts, not the last purchase, nothing that
/// comes after a day decides who is still there on that day. A customer who returns after such a
/// silence stays gone; [`super::Flow`] counts returns.
///
/// ```
/// use winback::retention::{CurveOptions, RetentionCurve};
/// use winback::{EventLog, simulate::Simulation};
/// let shop = Simulation::default().customers(200).run()?;
/// let log = EventLog::builder()
///     .transactions([shop.transactions])
///     .observed_until("2025-01-01")?
///     .build()?;
/// let options = CurveOptions::default().silent_for("90d")?;
/// let curve = RetentionCurve::new(&log, &options)?;
/// let estimate = &curve.groups[0].estimate;
/// assert_eq!(estimate.survival_at(89.0), Some(1.0));   // nobody can be silent for 90 days yet
/// assert!(estimate.survival_at(180.0) < Some(1.0));
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct RetentionCurve {
    /// By group.
    pub groups: Vec<GroupCurve>,
    /// Whether there are groups.
    pub grouped: bool,
    /// Days in the table `at_days`.
    pub days: Vec<u32>,
    /// Notes for the reader.
    pub notes: Vec<String>,
}

impl RetentionCurve {
    /// The curve of all customers or of each group. Groups without a followed customer are left
    /// out.
    ///
    /// # Errors
    /// [`Error::Argument`] for a silence without length, an end not after the start, an unknown
    /// attribute, a column that the log does not have, or more than 1,000 groups;
    /// [`Error::TooLittleData`] when no first purchase lies between start and end.
    pub fn new(log: &impl AllCustomers, options: &CurveOptions) -> Result<Self> {
        Part::of(log, options)?.finish()
    }

    fn curve(&self) -> Result<RecordBatch> {
        let steps = || {
            let groups = self.groups.iter();
            groups.flat_map(|group| group.estimate.steps().iter().map(move |step| (group, step)))
        };
        let interval = |step: &Step| step.interval(IntervalKind::LogLog);
        let mut columns = Vec::new();
        if self.grouped {
            columns.push(texts("group", steps().map(|(group, _)| group.group.as_deref())));
        }
        columns.extend([
            counts("days", steps().map(|(_, step)| Some(step.time as u64))),
            counts("at_risk", steps().map(|(_, step)| Some(step.at_risk))),
            counts("silent", steps().map(|(_, step)| Some(step.events))),
            counts("censored", steps().map(|(_, step)| Some(step.censored))),
            numbers("survival", steps().map(|(_, step)| Some(step.survival))),
            numbers("standard_error", steps().map(|(_, step)| step.standard_error())),
            numbers("survival_low", steps().map(|(_, step)| interval(step).map(|i| i.0))),
            numbers("survival_high", steps().map(|(_, step)| interval(step).map(|i| i.1))),
        ]);
        batch(columns)
    }

    /// The curve at days of your choice, with a row for each group and day: `group` (if there are
    /// groups), `days`, `at_risk` (customers followed for that long and not gone before),
    /// `survival`, `survival_low`, `survival_high`; the last three are null if nobody was followed
    /// for that long.
    ///
    /// # Errors
    /// None in practice; [`Error::Arrow`] is passed on.
    pub fn at_days(&self, days: &[u32]) -> Result<RecordBatch> {
        let rows =
            || self.groups.iter().flat_map(|group| days.iter().map(move |&day| (group, day)));
        let survival = |(group, day): (&GroupCurve, u32)| group.estimate.survival_at(day.into());
        let interval = |(group, day): (&GroupCurve, u32)| {
            group.estimate.interval_at(day.into(), IntervalKind::LogLog)
        };
        let at_risk = |(group, day): (&GroupCurve, u32)| {
            let steps = group.estimate.steps();
            let next = steps.partition_point(|step| step.time < f64::from(day));
            steps.get(next).map_or(0, |step| step.at_risk)
        };
        let mut columns = Vec::new();
        if self.grouped {
            columns.push(texts("group", rows().map(|(group, _)| group.group.as_deref())));
        }
        columns.extend([
            counts("days", rows().map(|(_, day)| Some(day.into()))),
            counts("at_risk", rows().map(|row| Some(at_risk(row)))),
            numbers("survival", rows().map(survival)),
            numbers("survival_low", rows().map(|row| interval(row).map(|i| i.0))),
            numbers("survival_high", rows().map(|row| interval(row).map(|i| i.1))),
        ]);
        batch(columns)
    }

    /// The readable form, with a row every `days` days; `to_string` uses 30.
    ///
    /// # Errors
    /// None in practice; [`Error::Arrow`] is passed on.
    pub fn text_every(&self, days: NonZeroU32) -> Result<String> {
        Ok(of_batch(&self.every(days)?) + &notes_text(&self.notes))
    }

    fn every(&self, days: NonZeroU32) -> Result<RecordBatch> {
        let days: Vec<u32> = (0..=self.longest()).step_by(days.get() as usize).collect();
        self.at_days(&days)
    }

    /// The longest time that any customer was followed, in whole days.
    pub fn longest(&self) -> u32 {
        let last = |group: &GroupCurve| group.estimate.steps().last().map_or(0, |s| s.time as u32);
        self.groups.iter().map(last).max().unwrap_or(0)
    }
}

/// Whole days from the first purchase to the end of the first long silence, or to the log's end,
/// and whether it was the silence; none for customers who are not followed.
fn time_to_silence(
    log: &EventLog,
    customer: CustomerIndex,
    silent_for: Span,
    between: Between,
) -> Result<Option<(i64, bool)>> {
    let history = known(log, customer);
    let purchases = history.purchases();
    let Some(first) = purchases.first().map(|purchase| purchase.time) else { return Ok(None) };
    if !between.holds(first) {
        return Ok(None);
    }
    let observed = log.observed_until().micros();
    let days = |until: i64| (until - first).div_euclid(MICROS_PER_DAY);
    for (place, purchase) in purchases.iter().enumerate() {
        let next = purchases.get(place + 1).map_or(observed, |next| next.time);
        let silent =
            Timestamp::from_micros(purchase.time)?.add_argument("silent_for", silent_for)?.micros();
        if silent <= next {
            return Ok(Some((days(silent), true)));
        }
    }
    Ok(Some((days(observed), false)))
}

/// Of each day, how many fell silent and how many were censored.
type Days = BTreeMap<i64, (u64, u64)>;

impl Mergeable for RetentionCurve {
    const NAME: &'static str = "retention_curve";
    type Log = EventLog;
    type Asked = CurveOptions;
    type Sums = ByGroup<Days>;

    fn sums(log: &EventLog, facts: &LogFacts, options: &CurveOptions) -> Result<Self::Sums> {
        if options.silent_for.is_zero() {
            return Err(Error::argument("silent_for", options.silent_for, "more than 0d"));
        }
        let between = Between::new(options.start, options.end, facts.rules.time_zone)?;
        let (by, until) = (options.group_by.as_ref(), facts.observed_until);
        let groups = Groups::of_customers(log, until, by, "group_by", Apart::All)?;
        let time =
            |customer: CustomerIndex| time_to_silence(log, customer, options.silent_for, between);
        let times: Vec<Option<(i64, bool)>> =
            log.customers().par_indices().map(time).collect::<Result<_>>()?;
        let mut by_group = vec![Days::new(); groups.names.len()];
        for (time, &group) in times.iter().zip(&groups.group) {
            let Some((days, is_silent)) = *time else { continue };
            let (silent, censored) = by_group[group as usize].entry(days).or_default();
            *(if is_silent { silent } else { censored }) += 1;
        }
        Ok(ByGroup::new(&groups, by_group))
    }

    fn merge(sums: &mut Self::Sums, other: Self::Sums) {
        sums.merge(other, |own, other| {
            for (day, (silent, censored)) in other {
                let own = own.entry(day).or_default();
                *own = (own.0 + silent, own.1 + censored);
            }
        });
    }

    fn fits(_: &Self::Sums, _: &LogFacts, _: &CurveOptions) -> Result<bool> {
        Ok(true)
    }

    fn finish(sums: Self::Sums, _: &LogFacts, options: &CurveOptions) -> Result<Self> {
        sums.check("group_by")?;
        let followed = sums.0.iter().filter(|(_, days)| !days.is_empty());
        let curves: Vec<GroupCurve> =
            followed.map(|(key, days)| curve(key.name(), days)).collect::<Result<_>>()?;
        if curves.is_empty() {
            let message = "no customer's first purchase lies between start and end";
            return Err(Error::TooLittleData(message.into()));
        }
        Ok(RetentionCurve {
            notes: notes(&curves, options),
            groups: curves,
            grouped: options.group_by.is_some(),
            days: options.days.clone(),
        })
    }
}

fn curve(group: Option<String>, days: &Days) -> Result<GroupCurve> {
    let silent = days.values().map(|day| day.0).sum();
    let of_a_day = days.iter().map(|(&day, &(silent, censored))| (day as f64, silent, censored));
    Ok(GroupCurve {
        group,
        customers: silent + days.values().map(|day| day.1).sum::<u64>(),
        silent,
        estimate: KaplanMeier::from_counts(of_a_day)?,
    })
}

fn notes(groups: &[GroupCurve], options: &CurveOptions) -> Vec<String> {
    let of = |group: &GroupCurve| {
        let median = group.estimate.median().map_or_else(
            || "fewer than half were seen to fall silent".to_owned(),
            |days| format!("half had by day {days}"),
        );
        let name = group.group.as_deref().map_or_else(String::new, |name| format!("{name}: "));
        let (silent, customers) = (group.silent, group.customers);
        format!(
            "{name}{silent} of {customers} customers fell silent for {}; {median}",
            options.silent_for
        )
    };
    groups.iter().map(of).collect()
}

impl Analysis for RetentionCurve {
    /// - `curve`: a row for each group and day with an end or a censoring: `group` (where
    ///   there are groups), `days` since the first purchase, `at_risk` (customers followed
    ///   so long and not gone before), `silent` (who completed the silence that day),
    ///   `censored` (whom the log follows no longer), `survival` (the share not gone by the
    ///   end of that day), `standard_error` (Greenwood), `survival_low` and `survival_high`
    ///   (95 %, on the scale of ln(−ln S)). The last three are null once nobody is left.
    /// - `at_days`: the curve at the days of the options, see [`RetentionCurve::at_days`].
    const TABLES: &'static [Table<Self>] =
        &[("curve", Self::curve), ("at_days", |found| found.at_days(&found.days))];

    const IS_TABLE: bool = true;

    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }
}

/// The curve every 30 days, then the notes.
impl fmt::Display for RetentionCurve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_table(f, self.every(SHOWN_EVERY), &self.notes)
    }
}
