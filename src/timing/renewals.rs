//! How many contracts are renewed, by their age.

use std::fmt;

use arrow_array::RecordBatch;
use rayon::prelude::*;

use super::contract_periods::{Contracts, Fate};
use super::geometric::ShiftedBetaGeometric;
use crate::answer::columns::{batch, counts, numbers, texts};
use crate::answer::options::options;
use crate::answer::text_table::columns;
#[cfg(feature = "cli")]
use crate::answer::value;
use crate::answer::{Analysis, Table, write_table};
use crate::error::{Error, Result};
use crate::groups::{Apart, GroupBy, Groups};
use crate::log::{EventLog, counted, grouped};
use crate::periods::Between;
use crate::stats::{IntervalKind, KaplanMeier, wilson_interval};
use crate::time::{Moment, Span};

options! {
    /// When a contract counts as renewed, and which contracts are counted.
    #[derive(Eq)]
    pub struct RenewalOptions {
        /// How long after its end a contract may still be renewed; a later purchase begins a new one
        #[value(value_name = "SPAN", value_parser = value::<Span>)]
        grace: Span = Span::days(7),
        /// Only what was known before this counts; by default all of the log
        #[option(value_name = "DATE", value_parser = value::<Moment>)]
        until: Option<Moment> = None,
        /// Include only contracts that began at or after this, such as those whose first period the
        /// log has
        #[option(value_name = "DATE", value_parser = value::<Moment>)]
        start: Option<Moment> = None,
        /// Include only contracts that began before this
        #[option(value_name = "DATE", value_parser = value::<Moment>)]
        end: Option<Moment> = None,
        /// Group customers by category or channel of the first purchase, or by a column of the
        /// customers table, which holds today's values; attribute:category is a column of that name
        #[option(value_name = "WHAT", value_parser = value::<GroupBy>)]
        group_by: Option<GroupBy> = None,
    }
}

/// What became of the periods of one age.
#[derive(Debug, Clone, Copy, Default, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct AgeRenewals {
    /// Periods of this number in their contract, 1 for the first, that are over, the grace too.
    pub due: u64,
    /// Those of them that were followed by another.
    pub renewed: u64,
    /// Periods that are not over, or whose grace is not.
    pub open: u64,
    /// The share of contracts that are renewed after so many periods (Kaplan and Meier 1958), of
    /// ages at which some were due.
    pub survival: Option<f64>,
    /// The ends of its 95 % interval.
    pub survival_interval: Option<(f64, f64)>,
}

/// The contracts of one group.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct GroupRenewals {
    /// The group; none if it is unknown or there are no groups.
    pub group: Option<String>,
    /// Contracts.
    pub contracts: u64,
    /// By age, from 1 on.
    pub ages: Vec<AgeRenewals>,
    /// How the renewal rate goes on.
    pub model: Option<ShiftedBetaGeometric>,
    /// Why there is no model.
    pub remark: Option<String>,
}

/// How many contracts are renewed, by the number of the period that ends, with the shifted
/// beta-geometric model of each group: from the column `valid_until` of the transactions.
///
/// What a customer buys on one day is a period, until its latest end. It is renewed by the next
/// purchase that lasts longer, before the end or at most `grace` after it. A purchase without an end
/// is an open contract. What becomes of a period counts when its grace is over; contracts that are
/// still running are censored. Returns end contracts as
/// [`History::valid_until`](crate::log::History::valid_until) says.
///
/// ```
/// use winback::log::{EventLog, IdSlice, TransactionSlices};
/// use winback::timing::{RenewalOptions, Renewals};
/// // Yearly contracts: customer 1 renews once, 2 does not, 3 has just begun.
/// let time = ["2021-03-01", "2022-03-02", "2021-06-01", "2023-02-01"];
/// let end = ["2022-03-01", "2023-03-01", "2022-06-01", "2024-02-01"];
/// let time: Vec<_> = time.iter().map(|t| t.parse()).collect::<Result<_, _>>()?;
/// let end: Vec<_> = end.iter().map(|t| t.parse().map(Some)).collect::<Result<_, _>>()?;
/// let orders = TransactionSlices {
///     customer_id: IdSlice::Int(&[1, 1, 2, 3]),
///     time: &time,
///     valid_until: Some(&end),
///     ..TransactionSlices::default()
/// };
/// let log = EventLog::builder()
///     .transactions([orders.to_batch()?])
///     .observed_until("2023-07-01")?
///     .build()?;
/// let found = Renewals::new(&log, &RenewalOptions::default())?;
/// let ages = &found.groups[0].ages;
/// assert_eq!((ages[0].due, ages[0].renewed, ages[0].open), (2, 1, 1));
/// assert_eq!((ages[1].due, ages[1].renewed), (1, 0));
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct Renewals {
    /// By group.
    pub groups: Vec<GroupRenewals>,
    /// Whether there are groups.
    pub grouped: bool,
    /// Notes for the reader.
    pub notes: Vec<String>,
}

impl Renewals {
    /// Counts the contracts of all customers, or of each group. Groups without a contract are left
    /// out.
    ///
    /// # Errors
    /// [`Error::Column`] for a log without the column `valid_until`; [`Error::Argument`] for an
    /// `until` after the end of observation, an end not after the start, an unknown attribute, a
    /// column that the log does not have, or more than 1,000 groups; [`Error::TooLittleData`] where
    /// no contract is known or none began between start and end.
    pub fn new(log: &EventLog, options: &RenewalOptions) -> Result<Self> {
        if !log.columns().valid_until {
            return Err(Error::bad_column("transactions", "valid_until", "is needed for renewals"));
        }
        let (zone, observed) = (log.time_zone(), log.observed_until());
        let until = options.until.map(|until| until.on("until", zone)).transpose()?;
        let until = until.unwrap_or(observed);
        if until > observed {
            let expected = format!("a time up to {observed}, where observation ends");
            return Err(Error::argument("until", until, expected));
        }
        let between = Between::new(options.start, options.end, zone)?;
        let by = options.group_by.as_ref();
        let groups = Groups::of_customers(log, until, by, "group_by", Apart::All)?;
        let of = |customer| Contracts::of(&log.history(customer, until), options.grace);
        let all = log.customers().par_indices().with_min_len(1_024);
        let contracts: Vec<Contracts> = all.map(of).collect();
        let mut by_group: Vec<Tally> = vec![Tally::default(); groups.names.len()];
        let (mut void, mut customers) = (0, 0);
        for (of_customer, &group) in contracts.iter().zip(&groups.group) {
            void += of_customer.void;
            let mut any = false;
            let own = of_customer.contracts.iter().filter(|(began, _)| between.holds(*began));
            for (_, fates) in own {
                by_group[group as usize].add(fates);
                any = true;
            }
            customers += u64::from(any);
        }
        let found = groups.names.into_iter().zip(by_group).filter(|(_, tally)| tally.contracts > 0);
        let groups: Vec<GroupRenewals> =
            found.map(|(group, tally)| tally.finish(group)).collect::<Result<_>>()?;
        if groups.is_empty() {
            let message = format!("no contract that began in time is known before {until}");
            return Err(Error::TooLittleData(message));
        }
        let notes = notes(&groups, customers, void, options.grace);
        Ok(Renewals { groups, grouped: by.is_some(), notes })
    }

    /// Periods that are over, and those of them that were renewed.
    pub(crate) fn totals(&self) -> (u64, u64) {
        let ages = || self.groups.iter().flat_map(|group| &group.ages);
        (ages().map(|age| age.due).sum(), ages().map(|age| age.renewed).sum())
    }

    fn ages(&self) -> Result<RecordBatch> {
        let rows = || {
            self.groups.iter().flat_map(|group| {
                // One rate for each age; beyond u16 there are none.
                let longest = u16::try_from(group.ages.len()).unwrap_or(u16::MAX);
                let rates = group.model.as_ref().map(|model| model.retention_rates(longest));
                let rate = move |age: usize| rates.as_ref().and_then(|r| r.get(age).copied());
                group.ages.iter().enumerate().map(move |(age, row)| (group, age, row, rate(age)))
            })
        };
        let interval = |row: &AgeRenewals| wilson_interval(row.renewed, row.due);
        let share = |row: &AgeRenewals| (row.due > 0).then(|| row.renewed as f64 / row.due as f64);
        let mut columns = Vec::new();
        if self.grouped {
            columns.push(texts("group", rows().map(|(group, ..)| group.group.as_deref())));
        }
        columns.extend([
            counts("age", rows().map(|(_, age, ..)| Some(age as u64 + 1))),
            counts("due", rows().map(|(_, _, row, _)| Some(row.due))),
            counts("renewed", rows().map(|(_, _, row, _)| Some(row.renewed))),
            counts("open", rows().map(|(_, _, row, _)| Some(row.open))),
            numbers("renewal_rate", rows().map(|(_, _, row, _)| share(row))),
            numbers("renewal_rate_low", rows().map(|(_, _, row, _)| Some(interval(row)?.0))),
            numbers("renewal_rate_high", rows().map(|(_, _, row, _)| Some(interval(row)?.1))),
            numbers("model_rate", rows().map(|(.., rate)| rate)),
            numbers("survival", rows().map(|(_, _, row, _)| row.survival)),
            numbers(
                "survival_low",
                rows().map(|(_, _, row, _)| row.survival_interval.map(|ends| ends.0)),
            ),
            numbers(
                "survival_high",
                rows().map(|(_, _, row, _)| row.survival_interval.map(|ends| ends.1)),
            ),
        ]);
        batch(columns)
    }

    fn models(&self) -> Result<RecordBatch> {
        let of = |value: fn(&ShiftedBetaGeometric) -> Option<f64>| {
            self.groups.iter().map(move |group| group.model.as_ref().and_then(value))
        };
        let mut columns = Vec::new();
        if self.grouped {
            columns.push(texts("group", self.groups.iter().map(|group| group.group.as_deref())));
        }
        columns.extend([
            counts("contracts", self.groups.iter().map(|group| Some(group.contracts))),
            numbers("alpha", of(|model| Some(model.alpha()))),
            numbers("alpha_standard_error", of(|model| model.standard_errors()[0])),
            numbers("beta", of(|model| Some(model.beta()))),
            numbers("beta_standard_error", of(|model| model.standard_errors()[1])),
            numbers("mean_churn", of(|model| Some(model.mean_churn()))),
            numbers("log_likelihood", of(|model| Some(model.log_likelihood()))),
            texts("remark", self.groups.iter().map(|group| group.remark.as_deref())),
        ]);
        batch(columns)
    }

    fn shown(&self) -> Result<RecordBatch> {
        columns(&self.ages()?, |name| !name.ends_with("_low") && !name.ends_with("_high"))
    }
}

/// What is counted of a group.
#[derive(Debug, Clone, Default)]
struct Tally {
    contracts: u64,
    ages: Vec<AgeRenewals>,
}

impl Tally {
    fn add(&mut self, fates: &[Fate]) {
        self.contracts += 1;
        if self.ages.len() < fates.len() {
            self.ages.resize(fates.len(), AgeRenewals::default());
        }
        for (age, fate) in self.ages.iter_mut().zip(fates) {
            age.due += u64::from(*fate != Fate::Open);
            age.renewed += u64::from(*fate == Fate::Renewed);
            age.open += u64::from(*fate == Fate::Open);
        }
    }

    fn finish(mut self, group: Option<String>) -> Result<GroupRenewals> {
        let open = |age: usize| self.ages.get(age).map_or(0, |row| row.open);
        let ends = self.ages.iter().enumerate();
        // A contract whose period of an age is open was renewed at the age before, and no more is
        // known of it.
        let of_ages =
            ends.map(|(age, row)| (age as f64 + 1.0, row.due - row.renewed, open(age + 1)));
        let estimate = KaplanMeier::from_counts([(0.0, 0, open(0))].into_iter().chain(of_ages))?;
        for (age, row) in self.ages.iter_mut().enumerate().filter(|(_, row)| row.due > 0) {
            row.survival = estimate.survival_at(age as f64 + 1.0);
            row.survival_interval = estimate.interval_at(age as f64 + 1.0, IntervalKind::LogLog);
        }
        let column = |of: fn(&AgeRenewals) -> u64| -> Vec<f64> {
            self.ages.iter().map(|row| of(row) as f64).collect()
        };
        let (due, renewed) = (column(|row| row.due), column(|row| row.renewed));
        let fitted = if due.iter().any(|&due| due > 0.0) {
            ShiftedBetaGeometric::fit_renewals(&due, &renewed)
        } else {
            Err(Error::TooLittleData("no contract is over yet".into()))
        };
        let (model, remark) = match fitted {
            Ok(model) => (Some(model), None),
            Err(Error::TooLittleData(why) | Error::NotConverged(why)) => (None, Some(why)),
            Err(error) => return Err(error),
        };
        let Tally { contracts, ages } = self;
        Ok(GroupRenewals { group, contracts, ages, model, remark })
    }
}

fn notes(groups: &[GroupRenewals], customers: u64, void: u64, grace: Span) -> Vec<String> {
    let of = |group: &GroupRenewals| {
        let name = group.group.as_deref().map_or_else(String::new, |name| format!("{name}: "));
        let due: u64 = group.ages.iter().map(|age| age.due).sum();
        let renewed: u64 = group.ages.iter().map(|age| age.renewed).sum();
        let contracts = counted(group.contracts, "contract", "contracts");
        let over = counted(due, "period that is over", "periods that are over");
        let mut said = format!(
            "{name}{contracts}; renewed before the end or within {grace} after it: {} of {over}",
            grouped(renewed)
        );
        if let Some(remark) = &group.remark {
            said.push_str(&format!("; no model: {remark}"));
        }
        said
    };
    let mut notes: Vec<String> = groups.iter().map(of).collect();
    let contracts: u64 = groups.iter().map(|group| group.contracts).sum();
    if contracts > customers {
        let again = counted(contracts - customers, "contract", "contracts");
        notes.push(format!("{again} of customers who had one before and let it end"));
    }
    if void > 0 {
        let days = counted(void, "purchase", "purchases");
        notes.push(format!("{days} left out whose end is not after their beginning"));
    }
    notes
}

impl Analysis for Renewals {
    /// - `ages`: a row for each group and age: `group` (where there are groups), `age` (the number of
    ///   the period in its contract), `due` (periods of this age that are over, the grace too),
    ///   `renewed`, `open` (periods that are not over), `renewal_rate` with the ends of its 95 %
    ///   interval by Wilson, `renewal_rate_low` and `renewal_rate_high`, `model_rate` (that of the
    ///   model), `survival` (the share of contracts renewed after so many periods) with
    ///   `survival_low` and `survival_high` (95 %, on the scale of ln(−ln S)).
    /// - `models`: a row for each group: `group` (where there are groups), `contracts`, `alpha` and
    ///   `beta` of the shifted beta-geometric model with `alpha_standard_error` and
    ///   `beta_standard_error`, `mean_churn` (the mean chance to leave at the end of the first
    ///   period), `log_likelihood`, `remark` (why there is no model).
    const TABLES: &'static [Table<Self>] = &[("ages", Self::ages), ("models", Self::models)];

    const IS_TABLE: bool = true;

    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }
}

/// The ages without their intervals, then the notes.
impl fmt::Display for Renewals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_table(f, self.shown(), &self.notes)
    }
}
