//! Scoring: every customer's chance of a purchase at a cutoff.

use std::fmt;
use std::ops::Range;

use arrow_array::RecordBatch;
use ndarray::Array2;
use rayon::prelude::*;
use serde_json::{Map, Value};

use super::ChurnModel;
use super::customer_score::CustomerScore;
use super::value::{CustomerValue, Value as Worth, value_columns};
use crate::answer::columns::{batch, counts, numbers, texts};
use crate::answer::options::options;
#[cfg(feature = "cli")]
use crate::answer::value;
use crate::answer::{Analysis, Table, fields, write_notes};
use crate::error::{Error, Result, names};
use crate::explain::{Reason, ReasonOptions, reason_columns};
use crate::features::find;
use crate::labels::State;
use crate::log::{CustomerId, CustomerIds, CustomerIndex, EventLog, grouped};
use crate::models::rows::selected;
use crate::progress::Progress;
use crate::snapshot::Snapshot;
use crate::time::Timestamp;
use crate::timing::{CustomerTiming, timing_columns};

/// Rows after which work on them says how far it is.
pub(crate) const ROWS_A_TELL: usize = 4_096;

/// How many customers were scored, and how many were not and why.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct ScoreReport {
    /// The cutoff.
    pub at: Timestamp,
    /// The end of the model's training: it has seen outcomes up to here.
    pub trained_until: Timestamp,
    /// Customers in the log.
    pub customers: usize,
    /// Active customers scored.
    pub active: usize,
    /// Lapsed customers scored.
    pub lapsed: usize,
    /// Lost customers scored.
    pub lost: usize,
    /// Customers not scored, because they have no purchase before the cutoff.
    pub without_purchase: usize,
    /// Customers not scored, because a value that the model reads is beyond numbers.
    pub unusable: usize,
    /// What is wrong with the first of them; its id is in it.
    pub first_unusable: Option<String>,
    /// Customers whose value is missing and counts as 0.
    pub without_value: usize,
    /// Kinds of events that training did not see and that count as `other`, by name.
    pub unseen_kinds: Vec<String>,
}

/// So many days after its training a model is told to be old: a season and more.
const OLD_DAYS: f64 = 366.0;

/// What to know of a model that was trained on outcomes up to an instant and is asked at a cutoff.
pub(crate) fn of_training(at: Timestamp, until: Timestamp) -> Option<String> {
    let days = at.days_since(until);
    if days < 0.0 {
        return Some(format!(
            "the model was trained on outcomes up to {until}, after the cutoff {at}: it looks better \
             here than it would have been then"
        ));
    }
    (days > OLD_DAYS).then(|| {
        format!(
            "the model knows no outcomes after {until}, {} days before the cutoff: train it anew",
            grouped(days as u64)
        )
    })
}

impl ScoreReport {
    /// Of no customers.
    pub(crate) fn none(model: &ChurnModel, at: Timestamp) -> Self {
        ScoreReport::new([at, model.training().until], 0, &[], &[])
    }

    pub(crate) fn new(
        [at, trained_until]: [Timestamp; 2],
        customers: usize,
        scored: &[CustomerScore],
        unusable: &[Error],
    ) -> Self {
        let (mut active, mut lapsed, mut lost) = (0, 0, 0);
        for score in scored {
            match score.state {
                State::Active => active += 1,
                State::Lapsed => lapsed += 1,
                State::Lost => lost += 1,
            }
        }
        ScoreReport {
            at,
            trained_until,
            customers,
            active,
            lapsed,
            lost,
            without_purchase: customers - scored.len() - unusable.len(),
            unusable: unusable.len(),
            first_unusable: unusable.first().map(Error::to_string),
            without_value: 0,
            unseen_kinds: Vec::new(),
        }
    }

    /// Whether the model has seen outcomes after the cutoff, and who cannot be scored, as notes.
    pub(crate) fn notes(&self) -> Vec<String> {
        let (at, until) = (self.at, self.trained_until);
        let unusable = self.first_unusable.as_ref().map(|first| {
            let count = grouped(self.unusable as u64);
            format!("customers with values beyond numbers are not scored: {count}; first {first}")
        });
        let unseen = || {
            let kinds = names(self.unseen_kinds.iter().map(String::as_str));
            format!("events of kinds that were new or rare in training count as other: {kinds}")
        };
        let unseen = (!self.unseen_kinds.is_empty()).then(unseen);
        of_training(at, until).into_iter().chain(unusable).chain(unseen).collect()
    }

    /// Counts other customers too.
    pub(crate) fn add(&mut self, other: &ScoreReport) {
        self.customers += other.customers;
        self.active += other.active;
        self.lapsed += other.lapsed;
        self.lost += other.lost;
        self.without_purchase += other.without_purchase;
        self.unusable += other.unusable;
        self.first_unusable = self.first_unusable.take().or(other.first_unusable.clone());
        self.without_value += other.without_value;
        self.unseen_kinds.extend_from_slice(&other.unseen_kinds);
        self.unseen_kinds.sort_unstable();
        self.unseen_kinds.dedup();
    }

    /// Counts those whose value is missing.
    pub(crate) fn count_missing(&mut self, values: &[CustomerValue]) {
        self.without_value += values.iter().filter(|value| value.missing).count();
    }

    /// Customers scored.
    pub fn scored(&self) -> usize {
        self.active + self.lapsed + self.lost
    }
}

impl fmt::Display for ScoreReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let n = |count: usize| grouped(count as u64);
        write!(
            f,
            "{} of {} customers scored at {}: {} active, {} lapsed, {} lost",
            n(self.scored()),
            n(self.customers),
            self.at,
            n(self.active),
            n(self.lapsed),
            n(self.lost),
        )?;
        if self.without_purchase > 0 {
            let none = n(self.without_purchase);
            write!(f, "; {none} not scored: no purchase before the cutoff")?;
        }
        if self.unusable > 0 {
            write!(f, "; {} not scored: values beyond numbers", n(self.unusable))?;
        }
        match self.without_value {
            0 => Ok(()),
            none => write!(f, "; {} without a value, which counts as 0", n(none)),
        }
    }
}

options! {
    /// What to give for each customer besides the scores.
    #[command(mut_arg("count", |count| count.default_value("0")))]
    pub struct ScoreOptions {
        /// Reasons to give for each customer; by default none
        #[flatten(ReasonOptions)]
        reasons: ReasonOptions = ReasonOptions::default().count(0),
        /// Adds expected_value, the purchase probability times what a customer who buys within the
        /// outcome window is worth: expected_spend (purchases expected of them times the expected
        /// check, both given beside it), a number, or the name of a feature or of a column of
        /// the customers table, which counts as 0 where it is missing; by default not
        #[option(value_name = "VALUE", value_parser = value::<Worth>)]
        #[takes(into)]
        value: Option<Worth> = None,
        /// Adds next_purchase (median date, none where a next purchase is less likely than not),
        /// alarm_date (after it silence means that the customer has left, with 90 % certainty) and
        /// lifetime_value (expected spend of the next year), by the training's model of purchases
        #[option()]
        timing: bool = false,
    }
}

/// The scores of all customers with a purchase before the cutoff, by ascending id.
#[derive(Debug, Clone)]
pub struct Scores {
    ids: CustomerIds,
    customers: Vec<CustomerIndex>,
    rows: Vec<CustomerScore>,
    report: ScoreReport,
    has_amounts: bool,
    reasons: Vec<Vec<Reason>>,
    reason_count: usize,
    values: Option<(Worth, Vec<CustomerValue>)>,
    timing: Option<Vec<CustomerTiming>>,
    notes: Vec<String>,
}

impl Scores {
    /// The scores.
    pub fn rows(&self) -> &[CustomerScore] {
        &self.rows
    }

    /// The customers that the scores are of, as their places in the log.
    ///
    /// ```
    /// # use winback::{ChurnModel, EventLog, simulate::Simulation};
    /// # let shop = Simulation::default().customers(400).run()?;
    /// # let log = EventLog::builder().transactions([shop.transactions])
    /// #     .observed_until("2025-01-01")?.build()?;
    /// # let model = ChurnModel::builder().fit(&log, "2024-10-01")?;
    /// let scores = model.score(&log.at("2025-01-01")?)?;
    /// for (&customer, score) in scores.customers().iter().zip(scores.rows()).take(3) {
    ///     println!("{}: {:.2}", log.customers().get(customer), score.churn_probability);
    /// }
    /// # Ok::<(), winback::Error>(())
    /// ```
    pub fn customers(&self) -> &[CustomerIndex] {
        &self.customers
    }

    /// The score of the customer with this id; none for one that was not scored.
    ///
    /// ```
    /// # use winback::{ChurnModel, EventLog, simulate::Simulation};
    /// # let shop = Simulation::default().customers(400).run()?;
    /// # let log = EventLog::builder().transactions([shop.transactions])
    /// #     .observed_until("2025-01-01")?.build()?;
    /// # let model = ChurnModel::builder().fit(&log, "2024-10-01")?;
    /// let scores = model.score(&log.at("2025-01-01")?)?;
    /// assert!(scores.of(7).is_some_and(|score| score.churn_probability < 1.0));
    /// assert!(scores.of("nobody").is_none());
    /// # Ok::<(), winback::Error>(())
    /// ```
    pub fn of<'a>(&self, id: impl Into<CustomerId<'a>>) -> Option<&CustomerScore> {
        self.ids.position(id.into()).map(|place| &self.rows[place.index()])
    }

    /// How many customers were scored, and how many were not and why.
    pub fn report(&self) -> &ScoreReport {
        &self.report
    }

    /// The reasons of each customer, largest first; empty if none were requested.
    pub fn reasons(&self) -> &[Vec<Reason>] {
        &self.reasons
    }

    /// What each customer is worth, if it was requested.
    pub fn values(&self) -> Option<&[CustomerValue]> {
        self.values.as_ref().map(|(_, values)| &values[..])
    }

    fn scores(&self) -> Result<RecordBatch> {
        let number = |name: &str, value: fn(&CustomerScore) -> f64| {
            numbers(name, self.rows.iter().map(value))
        };
        let mut columns = vec![
            ("customer_id".into(), self.ids.array()),
            texts("state", self.rows.iter().map(|row| row.state.name())),
            number("days_since_last_purchase", |row| row.days_since_last_purchase),
            counts("purchase_count", self.rows.iter().map(|row| row.purchase_count)),
        ];
        if self.has_amounts {
            columns.push(number("average_check", |row| row.average_check));
        }
        columns.push(number("purchase_probability", |row| row.purchase_probability));
        columns.push(number("churn_probability", |row| row.churn_probability));
        if let Some((value, values)) = &self.values {
            columns.extend(value_columns(value, values.iter()));
        }
        if let Some(timing) = &self.timing {
            columns.extend(timing_columns(timing.iter()));
        }
        columns.extend(reason_columns(self.reasons.iter().map(Vec::as_slice), self.reason_count));
        batch(columns)
    }
}

/// All customers at one cutoff, as the model reads them, with their scores.
pub(crate) struct Scored {
    pub(crate) customers: Vec<CustomerIndex>,
    pub(crate) x: Array2<f64>,
    pub(crate) rows: Vec<CustomerScore>,
    pub(crate) report: ScoreReport,
    /// What is wrong with customers who cannot be scored, who are left out.
    unusable: Vec<Error>,
}

impl Scored {
    /// Some of the customers with their chances of a purchase.
    pub(crate) fn chances(
        &self,
        whose: impl Fn(&CustomerScore) -> bool,
    ) -> Vec<(CustomerIndex, f64)> {
        let rows = self.customers.iter().zip(&self.rows).filter(|(_, row)| whose(row));
        rows.map(|(&customer, row)| (customer, row.purchase_probability)).collect()
    }
}

impl ChurnModel {
    /// The chance of a purchase for every customer with a purchase before the cutoff.
    ///
    /// Lost customers are scored too, and marked by their state. A customer with a value beyond
    /// numbers, such as an attribute of 1e308, has no score; the report counts such customers.
    ///
    /// # Errors
    /// [`Error::Argument`] for a log that was read by other rules; [`Error::Table`] or
    /// [`Error::Column`] for a log that lacks what the model reads.
    pub fn score(&self, snapshot: &Snapshot) -> Result<Scores> {
        self.score_with(snapshot, &ScoreOptions::default())
    }

    /// As [`ChurnModel::score`], with reasons.
    ///
    /// ```
    /// # use winback::{ChurnModel, EventLog, simulate::Simulation};
    /// # let shop = Simulation::default().customers(400).run()?;
    /// # let log = EventLog::builder().transactions([shop.transactions])
    /// #     .observed_until("2025-01-01")?.build()?;
    /// # let model = ChurnModel::builder().fit(&log, "2024-10-01")?;
    /// use winback::{answer::Answer, churn::ScoreOptions, explain::ReasonOptions};
    /// let options = ScoreOptions::default().reasons(ReasonOptions::default().count(2));
    /// let scores = model.score_with(&log.at("2025-01-01")?, &options)?;
    /// assert!(scores.main_table()?.column_by_name("reason_2").is_some());
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`ChurnModel::score`]; [`Error::Argument`] for options out of range.
    pub fn score_with(&self, snapshot: &Snapshot, options: &ScoreOptions) -> Result<Scores> {
        options.reasons.check()?;
        self.scores_of(snapshot, options, 0..snapshot.log().customers().len())
    }

    /// The scores of some neighbouring customers.
    pub(crate) fn scores_of(
        &self,
        snapshot: &Snapshot,
        options: &ScoreOptions,
        customers: Range<usize>,
    ) -> Result<Scores> {
        let (log, scored) = (snapshot.log(), self.scored(snapshot, customers)?);
        let reasons = match options.reasons.count {
            0 => Vec::new(),
            _ => self.all_reasons(&scored, &options.reasons, snapshot.progress())?,
        };
        let mut report = scored.report.clone();
        let mut notes = Vec::new();
        let values = match &options.value {
            None => None,
            Some(value) => {
                let values = self.values_of(snapshot, &scored.chances(|_| true), value)?;
                report.count_missing(&values);
                notes = self.value_notes(value);
                Some((value.clone(), values))
            }
        };
        let timing = match options.timing {
            true => {
                notes.extend(self.timing_notes());
                Some(self.timed().timing_of(snapshot, &scored.customers))
            }
            false => None,
        };
        Ok(Scores {
            values,
            timing,
            notes,
            ids: log.customers().some(&scored.customers),
            customers: scored.customers,
            rows: scored.rows,
            report,
            has_amounts: log.columns().amount,
            reasons,
            reason_count: options.reasons.count,
        })
    }

    fn all_reasons(
        &self,
        scored: &Scored,
        options: &ReasonOptions,
        progress: &Progress,
    ) -> Result<Vec<Vec<Reason>>> {
        let contributions = self.contributions_of(&scored.x, &scored.rows, progress)?;
        let reasons = |(i, score): (usize, &CustomerScore)| {
            let (row, parts) = (scored.x.row(i).to_vec(), contributions.row(i).to_vec());
            self.reasons(score.state, &row, &parts, options)
        };
        let told = progress.pieces("finding reasons", scored.rows.len() as u64);
        let told_reasons = |(i, score): (usize, &CustomerScore)| {
            if i % ROWS_A_TELL == 0 {
                told.add(ROWS_A_TELL)?;
            }
            Ok(reasons((i, score)))
        };
        scored.rows.par_iter().enumerate().with_min_len(64).map(told_reasons).collect()
    }

    /// All customers at a cutoff, in the order of [`Snapshot::customers`]; an error where one of them
    /// cannot be scored.
    pub(crate) fn scored_all(&self, snapshot: &Snapshot) -> Result<Scored> {
        self.all_scored(snapshot, 0..snapshot.log().customers().len())
    }

    /// As [`ChurnModel::scored_all`], of some neighbouring customers.
    pub(crate) fn all_scored(
        &self,
        snapshot: &Snapshot,
        customers: Range<usize>,
    ) -> Result<Scored> {
        let mut scored = self.scored(snapshot, customers)?;
        match scored.unusable.pop() {
            Some(error) => Err(error),
            None => Ok(scored),
        }
    }

    /// Some neighbouring customers at a cutoff, without those that cannot be scored.
    pub(crate) fn scored(&self, snapshot: &Snapshot, customers: Range<usize>) -> Result<Scored> {
        let log = snapshot.log();
        self.recipe.check_log(log)?;
        let (limits, attributes) = (self.limits(), self.recipe.attribute_names());
        let count = customers.len();
        let places = self.places(log);
        let (table, states) = snapshot.rows(customers, &places, &attributes, limits)?;
        let all: Vec<usize> = (0..table.len()).collect();
        let table = self.recipe.complete(table, log)?;
        let x = self.recipe.matrix(&table, &all)?;
        let days = table.numbers("days_since_last_purchase")?;
        let checks = table.numbers("average_check").ok();
        let chances = self.purchase_probabilities(&x, &states, snapshot.progress())?;
        let score = |(row, chance): (usize, Result<f64>)| {
            let history = snapshot.history(table.customers()[row]);
            let purchase_probability = chance.map_err(|error| {
                let id = log.customers().get(table.customers()[row]);
                self.recipe.unusable(&x.row(row).to_vec(), error).with_customer(id)
            })?;
            Ok(CustomerScore {
                state: states[row],
                days_since_last_purchase: days[row],
                purchase_count: history.purchases().len() as u64,
                average_check: checks.map_or(f64::NAN, |checks| checks[row]),
                purchase_probability,
                churn_probability: 1.0 - purchase_probability,
            })
        };
        let found: Vec<Result<CustomerScore>> =
            chances.into_par_iter().enumerate().with_min_len(1_024).map(score).collect();
        let mut customers = table.customers().to_vec();
        let mut x = x;
        if found.iter().any(Result::is_err) {
            let usable: Vec<usize> = all.into_iter().filter(|&row| found[row].is_ok()).collect();
            customers = usable.iter().map(|&row| customers[row]).collect();
            x = selected(x.view(), &usable);
        }
        let (mut rows, mut unusable) = (Vec::with_capacity(found.len()), Vec::new());
        for score in found {
            match score {
                Ok(score) => rows.push(score),
                Err(error) => unusable.push(error),
            }
        }
        let times = [snapshot.at(), self.training.until];
        let mut report = ScoreReport::new(times, count, &rows, &unusable);
        report.unseen_kinds = self.recipe.unseen_kinds(log);
        Ok(Scored { customers, x, rows, report, unusable })
    }

    /// The chance of a purchase of each row, or what is wrong with it.
    fn purchase_probabilities(
        &self,
        x: &Array2<f64>,
        states: &[State],
        progress: &Progress,
    ) -> Result<Vec<Result<f64>>> {
        let told = progress.pieces("scoring", states.len() as u64);
        let mut all: Vec<Result<f64>> = states.iter().map(|_| Ok(f64::NAN)).collect();
        for state in State::ALL {
            let of_state = |&row: &usize| states[row] == state;
            let rows: Vec<usize> = (0..states.len()).filter(of_state).collect();
            let of_some = |rows: &[usize]| {
                let some = selected(x.view(), rows);
                told.add(rows.len())?;
                Ok(self.model_of(state).purchase_probabilities(some.view()))
            };
            let found: Vec<Vec<Result<f64>>> =
                rows.par_chunks(ROWS_A_TELL).map(of_some).collect::<Result<_>>()?;
            for (row, chance) in rows.into_iter().zip(found.into_iter().flatten()) {
                all[row] = chance;
            }
        }
        Ok(all)
    }

    /// Places in the catalogue of the features that are read: the model's, and those that are told
    /// beside the scores.
    fn places(&self, log: &EventLog) -> Vec<usize> {
        let mut places: Vec<usize> = self.recipe.features.iter().map(|place| place.0).collect();
        for name in ["days_since_last_purchase", "average_check"] {
            if let Ok((place, feature)) = find(name)
                && feature.available(&log.columns())
                && !places.contains(&place)
            {
                places.push(place);
            }
        }
        places
    }
}

impl Analysis for Scores {
    /// - `scores`: `customer_id`, `state`, `days_since_last_purchase`, `purchase_count`,
    ///   `average_check` (when the log has amounts), `purchase_probability`, `churn_probability`
    ///   and, if they were requested, `expected_value` (by expected spend after `purchases_if_any`
    ///   and `expected_check`), `next_purchase`, `alarm_date`, `lifetime_value` and `reason_1`, `reason_2` and so on (null when there are
    ///   fewer).
    const TABLES: &'static [Table<Self>] = &[("scores", Self::scores)];

    fn figures(&self) -> Map<String, Value> {
        fields(&self.report)
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = self.report.notes();
        notes.extend(self.notes.iter().cloned());
        notes
    }
}

impl fmt::Display for Scores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.report.fmt(f)?;
        write_notes(f, &Analysis::notes(self))
    }
}
