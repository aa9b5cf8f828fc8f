//! How many customers of one period are still there in the next.

use std::fmt;

use arrow_array::RecordBatch;

use super::deeds::{Deed, deeds};
use crate::answer::columns::{batch, counts, numbers, texts, times};
use crate::answer::options::options;
use crate::answer::text_table::columns;
#[cfg(feature = "cli")]
use crate::answer::value;
use crate::answer::{Analysis, Table, write_table};
use crate::error::Result;
use crate::groups::{Apart, ByGroup, GroupBy, Groups};
use crate::log::{AllCustomers, EventLog, LogFacts, Mergeable, Part, known, over_customers};
use crate::periods::{PeriodOptions, Periods};
use crate::stats::{ExactSum, wilson_interval};
use crate::time::Window;

options! {
    /// Which periods are compared, and how customers are grouped.
    #[derive(Eq)]
    pub struct RetentionOptions {
        /// The periods
        #[flatten(PeriodOptions)]
        periods: PeriodOptions = PeriodOptions::default(),
        /// Group customers by category or channel of the first purchase, or by a column of the
        /// customers table, which holds today's values; attribute:category is a column of that name
        #[option(value_name = "WHAT", value_parser = value::<GroupBy>)]
        #[takes(into)]
        group_by: Option<GroupBy> = None,
    }
}

/// What the customers of the previous period spent then and now.
///
/// A customer's spend in a period counts as 0 if net spend is negative (more returned than bought),
/// so gross never exceeds 100 % or net.
#[derive(Debug, Clone, Copy, PartialEq, Default, serde::Serialize)]
#[non_exhaustive]
pub struct RevenueRetention {
    /// Spend in the previous period by the customers active in it.
    pub before: f64,
    /// For each of them, the smaller of spend before and spend now, summed.
    pub kept: f64,
    /// Their spend in this period.
    pub now: f64,
}

impl RevenueRetention {
    /// Gross revenue retention in percent, kept / before · 100: what is left, not counting those
    /// who spend more. None if nothing was spent before.
    pub fn grr(&self) -> Option<f64> {
        (self.before > 0.0).then(|| self.kept / self.before * 100.0)
    }

    /// Net revenue retention in percent, now / before · 100; above 100 if those who stay spend so
    /// much more that they make up for those who left. None if nothing was spent before.
    pub fn nrr(&self) -> Option<f64> {
        (self.before > 0.0).then(|| self.now / self.before * 100.0)
    }
}

/// Retention in one period, of all customers or of a group.
///
/// A customer is active in a period if it makes a purchase in it.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct RetentionRow {
    /// The group; none if it is unknown or there are no groups.
    pub group: Option<String>,
    /// The period.
    pub window: Window,
    /// S, customers active in the previous period.
    pub active_before: u64,
    /// The counts of this period; none while it is unfinished.
    pub counts: Option<RetentionCounts>,
    /// Revenue; none while unfinished or if the log has no amounts.
    pub revenue: Option<RevenueRetention>,
}

/// Customers of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct RetentionCounts {
    /// E, customers active in the period.
    pub active: u64,
    /// N, those of them whose first purchase ever is in this period.
    pub new: u64,
    /// Active in the period and in the previous one.
    pub retained: u64,
}

impl RetentionCounts {
    /// Active in the period, not in the previous one, but at some time before that: E − N −
    /// retained.
    pub fn reactivated(&self) -> u64 {
        self.active - self.new - self.retained
    }
}

impl RetentionRow {
    /// The customer retention rate as it is usually defined, in percent: (E − N) / S · 100.
    ///
    /// E − N counts reactivated customers as kept, so it exceeds the share really retained and can
    /// exceed 100; since it is not a share of S, it has no interval. None for S = 0 or while
    /// unfinished.
    pub fn crr(&self) -> Option<f64> {
        let counts = self.counts.filter(|_| self.active_before > 0)?;
        Some((counts.active - counts.new) as f64 / self.active_before as f64 * 100.0)
    }

    /// The share really retained, in percent: retained / S · 100.
    pub fn retained_percent(&self) -> Option<f64> {
        let counts = self.counts.filter(|_| self.active_before > 0)?;
        Some(counts.retained as f64 / self.active_before as f64 * 100.0)
    }

    /// The 95 % Wilson interval of the share really retained, in percent.
    pub fn retained_interval(&self) -> Option<(f64, f64)> {
        let (low, high) = wilson_interval(self.counts?.retained, self.active_before)?;
        Some((low * 100.0, high * 100.0))
    }
}

/// Customer and revenue retention, period by period.
///
/// Next to the usual rate, CRR = (E − N) / S · 100, is the share really retained: on CDNOW the two
/// diverge by the second quarter, and half of the "retained" are customers who came back.
///
/// ```
/// use winback::periods::PeriodOptions;
/// use winback::retention::{Retention, RetentionOptions};
/// use winback::{EventLog, simulate::Simulation};
/// let shop = Simulation::default().customers(200).run()?;
/// let log = EventLog::builder()
///     .transactions([shop.transactions])
///     .observed_until("2025-01-01")?
///     .build()?;
/// let quarters = PeriodOptions::default().every("1q")?;
/// let retention = Retention::by_period(&log, &RetentionOptions::default().periods(quarters))?;
/// for row in &retention.rows[1..] {
///     assert!(row.crr() >= row.retained_percent());
/// }
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct Retention {
    /// By group, then by period.
    pub rows: Vec<RetentionRow>,
    /// Whether there are groups.
    pub grouped: bool,
    /// Notes for the reader.
    pub notes: Vec<String>,
}

/// Sums of one group in one period.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
struct Sums {
    counts: RetentionCounts,
    /// Revenue of those active in the period before: then, kept and now.
    revenue: [ExactSum; 3],
}

/// Sums of each group in all periods.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct RetentionSums {
    has_amounts: bool,
    groups: ByGroup<Vec<Sums>>,
}

impl Sums {
    fn add(&mut self, other: &Sums) {
        self.counts.active += other.counts.active;
        self.counts.new += other.counts.new;
        self.counts.retained += other.counts.retained;
        let revenue = self.revenue.iter_mut().zip(&other.revenue);
        revenue.for_each(|(sum, other)| sum.merge(other));
    }

    fn revenue(&self) -> RevenueRetention {
        let [before, kept, now] = self.revenue.each_ref().map(ExactSum::value);
        RevenueRetention { before, kept, now }
    }
}

impl Retention {
    /// The retention of each period compared with the previous one, for all customers or by group.
    ///
    /// The first period is compared with one span of time before it. If the log begins with the
    /// first period, nobody was active then, and there are no rates.
    ///
    /// # Errors
    /// As [`PeriodOptions::periods`]; [`crate::Error::Argument`] for an unknown attribute, a column
    /// that the log does not have, or more than 1,000 groups.
    pub fn by_period(log: &impl AllCustomers, options: &RetentionOptions) -> Result<Self> {
        Part::of(log, options)?.finish()
    }

    fn shown(&self) -> Result<RecordBatch> {
        columns(&self.rates()?, |name| {
            let ends = name.ends_with("_low") || name.ends_with("_high");
            name != "period_end" && !name.starts_with("revenue") && !ends
        })
    }

    fn rates(&self) -> Result<RecordBatch> {
        let rows = || self.rows.iter();
        let count = |name, of: fn(&RetentionCounts) -> u64| {
            counts(name, rows().map(|row| row.counts.as_ref().map(of)))
        };
        let revenue = |name, of: fn(&RevenueRetention) -> Option<f64>| {
            numbers(name, rows().map(|row| row.revenue.as_ref().and_then(of)))
        };
        let mut columns = Vec::new();
        if self.grouped {
            columns.push(texts("group", rows().map(|row| row.group.as_deref())));
        }
        columns.extend([
            times("period", rows().map(|row| row.window.start)),
            times("period_end", rows().map(|row| row.window.end)),
            counts("active_before", rows().map(|row| Some(row.active_before))),
            count("active", |counts| counts.active),
            count("new", |counts| counts.new),
            count("retained", |counts| counts.retained),
            count("reactivated", RetentionCounts::reactivated),
            numbers("crr_percent", rows().map(RetentionRow::crr)),
            numbers("retained_percent", rows().map(RetentionRow::retained_percent)),
            numbers("retained_percent_low", rows().map(|r| r.retained_interval().map(|i| i.0))),
            numbers("retained_percent_high", rows().map(|r| r.retained_interval().map(|i| i.1))),
        ]);
        if self.rows.iter().any(|row| row.revenue.is_some()) {
            columns.extend([
                revenue("revenue_before", |revenue| Some(revenue.before)),
                revenue("revenue_kept", |revenue| Some(revenue.kept)),
                revenue("revenue_now", |revenue| Some(revenue.now)),
                revenue("grr_percent", RevenueRetention::grr),
                revenue("nrr_percent", RevenueRetention::nrr),
            ]);
        }
        batch(columns)
    }
}

/// The periods, with one before them.
fn periods(facts: &LogFacts, options: &RetentionOptions) -> Result<Periods> {
    options.periods.periods_of(facts)?.with_one_before()
}

impl Mergeable for Retention {
    const NAME: &'static str = "retention_rates";
    type Log = EventLog;
    type Asked = RetentionOptions;
    type Sums = RetentionSums;

    fn sums(log: &EventLog, facts: &LogFacts, options: &RetentionOptions) -> Result<Self::Sums> {
        let periods = periods(facts, options)?;
        let (by, until) = (options.group_by.as_ref(), facts.observed_until);
        let groups = Groups::of_customers(log, until, by, "group_by", Apart::All)?;
        let all = periods.len();
        let cells = all * groups.names.len();
        let sums = over_customers(
            log,
            cells * 12,
            |range| {
                let mut sums = vec![Sums::default(); cells];
                let mut done = Vec::new();
                for customer in range {
                    let history = known(log, customer);
                    let Some(first) = history.purchases().first() else { continue };
                    deeds(&history, &periods, &mut done);
                    let group = groups.group[customer.index()] as usize * all;
                    add_customer(&mut sums[group..group + all], &done, periods.of(first.time));
                }
                sums
            },
            |sums, part| sums.iter_mut().zip(&part).for_each(|(sum, part)| sum.add(part)),
        );
        let groups = ByGroup::new(&groups, sums.chunks(all).map(<[Sums]>::to_vec));
        Ok(RetentionSums { has_amounts: log.columns().amount, groups })
    }

    fn merge(sums: &mut RetentionSums, other: RetentionSums) {
        sums.has_amounts |= other.has_amounts;
        sums.groups.merge(other.groups, |own, other| {
            own.iter_mut().zip(&other).for_each(|(sum, other)| sum.add(other));
        });
    }

    fn fits(sums: &RetentionSums, facts: &LogFacts, options: &RetentionOptions) -> Result<bool> {
        let all = periods(facts, options)?.len();
        Ok(sums.groups.0.values().all(|sums| sums.len() == all))
    }

    fn finish(sums: RetentionSums, facts: &LogFacts, options: &RetentionOptions) -> Result<Self> {
        let RetentionSums { has_amounts, groups } = sums;
        groups.check("group_by")?;
        let periods = periods(facts, options)?;
        let finished = periods.finished(facts.observed_until);
        let mut rows = Vec::with_capacity(groups.0.len() * periods.len());
        for (name, sums) in groups.0.iter().map(|(key, sums)| (key.name(), sums)) {
            for period in 1..periods.len() {
                let over = period < finished;
                rows.push(RetentionRow {
                    group: name.clone(),
                    window: periods.window(period),
                    active_before: sums[period - 1].counts.active,
                    counts: over.then_some(sums[period].counts),
                    revenue: (over && has_amounts).then(|| sums[period].revenue()),
                });
            }
        }
        let notes = notes(&rows, &periods, finished);
        Ok(Retention { rows, grouped: options.group_by.is_some(), notes })
    }
}

/// Adds one customer, whose first purchase lies in period `first` unless it lies outside of all.
fn add_customer(sums: &mut [Sums], done: &[Deed], first: Option<usize>) {
    let mut before: Option<&Deed> = None;
    for (place, deed) in done.iter().enumerate() {
        let base = before.filter(|before| before.period + 1 == deed.period && before.purchases > 0);
        before = Some(deed);
        let is_active = deed.purchases > 0;
        if is_active {
            let counts = &mut sums[deed.period].counts;
            counts.active += 1;
            counts.new += u64::from(first == Some(deed.period));
            counts.retained += u64::from(base.is_some());
        }
        if is_active && deed.period + 1 < sums.len() {
            let next = done.get(place + 1).filter(|next| next.period == deed.period + 1);
            let (then, now) = (deed.spend.max(0.0), next.map_or(0.0, |next| next.spend.max(0.0)));
            let revenue = sums[deed.period + 1].revenue.iter_mut();
            revenue.zip([then, then.min(now), now]).for_each(|(sum, value)| sum.add(value));
        }
    }
}

fn notes(rows: &[RetentionRow], periods: &Periods, finished: usize) -> Vec<String> {
    let mut notes = Vec::new();
    if finished < periods.len() {
        notes.push(format!(
            "{} is not over: its figures are not known yet",
            periods.window(periods.len() - 1)
        ));
    }
    let passing = rows
        .iter()
        .filter(|row| row.counts.is_some_and(|counts| counts.reactivated() > counts.retained));
    let passing = passing.filter(|row| row.active_before > 0).count();
    if passing > 0 {
        notes.push(format!(
            "CRR counts customers who came back as kept; in {passing} of {} rows they are more than \
             those really retained: read retained_percent",
            rows.len()
        ));
    }
    notes
}

impl Analysis for Retention {
    /// - `rates`: a row for each of [`Retention::rows`]: `group` (with groups only), `period`,
    ///   `period_end`, the counts `active_before` (S), `active` (E), `new` (N), `retained`,
    ///   `reactivated`; in percent `crr_percent`, `retained_percent`, `retained_percent_low`,
    ///   `retained_percent_high`; and if the log has amounts `revenue_before`, `revenue_kept`,
    ///   `revenue_now`, `grr_percent`, `nrr_percent`. Null where undefined and while unfinished.
    const TABLES: &'static [Table<Self>] = &[("rates", Self::rates)];

    const IS_TABLE: bool = true;

    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }
}

/// The rates, without the sums of revenue, then the notes.
impl fmt::Display for Retention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_table(f, self.shown(), &self.notes)
    }
}
