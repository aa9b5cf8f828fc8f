//! Scoring: every customer's chance of a purchase at a cutoff.

use std::cell::RefCell;
use std::fmt;
use std::ops::Range;

use arrow_array::{ArrayRef, RecordBatch};
use ndarray::Array2;
use rayon::prelude::*;
use serde_json::{Map, Value};

use super::ChurnModel;
use crate::answer::columns::{batch, counts, numbers, texts};
use crate::answer::options::options;
use crate::answer::{Analysis, Table, fields, write_notes};
use crate::error::{Error, Result};
use crate::explain::{Reason, ReasonOptions, reason_columns};
use crate::features::{Scratch, find};
use crate::labels::State;
use crate::log::{CustomerHistory, EventLog, grouped};
use crate::snapshot::Snapshot;
use crate::time::{IntoTimestamp, Timestamp};

/// Rows after which work on them says how far it is.
pub(crate) const ROWS_A_TELL: usize = 4_096;

/// The score of one customer.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct CustomerScore {
    /// State at the cutoff.
    pub state: State,
    /// Days since the last purchase.
    pub days_since_last_purchase: f64,
    /// Purchases before the cutoff.
    pub purchase_count: u64,
    /// Net spend per purchase; NaN when the log has no amounts.
    pub average_check: f64,
    /// Chance of a purchase in the outcome window.
    pub purchase_probability: f64,
    /// One minus the purchase probability.
    pub churn_probability: f64,
}

/// How many customers were scored, and how many were not and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
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
}

impl ScoreReport {
    /// Of no customers.
    pub(crate) fn none(model: &ChurnModel, at: Timestamp) -> Self {
        ScoreReport::new(model, at, 0, std::iter::empty())
    }

    fn new(
        model: &ChurnModel,
        at: Timestamp,
        customers: usize,
        states: impl Iterator<Item = State>,
    ) -> Self {
        let (mut active, mut lapsed, mut lost) = (0, 0, 0);
        for state in states {
            match state {
                State::Active => active += 1,
                State::Lapsed => lapsed += 1,
                State::Lost => lost += 1,
            }
        }
        let without_purchase = customers - active - lapsed - lost;
        let trained_until = model.training().until;
        ScoreReport { at, trained_until, customers, active, lapsed, lost, without_purchase }
    }

    /// Whether the model has seen outcomes after the cutoff, as a note.
    pub(crate) fn notes(&self) -> Vec<String> {
        let (at, until) = (self.at, self.trained_until);
        let note = || {
            format!(
                "the model was trained on outcomes up to {until}, after the cutoff {at}: it looks better \
             here than it would have been then"
            )
        };
        (at < until).then(note).into_iter().collect()
    }

    /// Counts other customers too.
    pub(crate) fn add(&mut self, other: &ScoreReport) {
        self.customers += other.customers;
        self.active += other.active;
        self.lapsed += other.lapsed;
        self.lost += other.lost;
        self.without_purchase += other.without_purchase;
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
        match self.without_purchase {
            0 => Ok(()),
            none => write!(f, "; {} not scored: no purchase before the cutoff", n(none)),
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
    }
}

/// The scores of all customers with a purchase before the cutoff, by ascending id.
#[derive(Debug, Clone)]
pub struct Scores {
    ids: ArrayRef,
    rows: Vec<CustomerScore>,
    report: ScoreReport,
    has_amounts: bool,
    reasons: Vec<Vec<Reason>>,
    reason_count: usize,
    unseen_kinds: Option<String>,
}

impl Scores {
    /// The scores.
    pub fn rows(&self) -> &[CustomerScore] {
        &self.rows
    }

    /// How many customers were scored, and how many were not and why.
    pub fn report(&self) -> &ScoreReport {
        &self.report
    }

    /// The reasons of each customer, largest first; empty if none were requested.
    pub fn reasons(&self) -> &[Vec<Reason>] {
        &self.reasons
    }

    fn scores(&self) -> Result<RecordBatch> {
        let number = |name: &str, value: fn(&CustomerScore) -> f64| {
            numbers(name, self.rows.iter().map(value))
        };
        let mut columns = vec![
            ("customer_id".into(), self.ids.clone()),
            texts("state", self.rows.iter().map(|row| row.state.name())),
            number("days_since_last_purchase", |row| row.days_since_last_purchase),
            counts("purchase_count", self.rows.iter().map(|row| row.purchase_count)),
        ];
        if self.has_amounts {
            columns.push(number("average_check", |row| row.average_check));
        }
        columns.push(number("purchase_probability", |row| row.purchase_probability));
        columns.push(number("churn_probability", |row| row.churn_probability));
        columns.extend(reason_columns(self.reasons.iter().map(Vec::as_slice), self.reason_count));
        batch(columns)
    }
}

/// All customers at one cutoff, as the model reads them, with their scores.
pub(crate) struct Scored {
    pub(crate) customers: Vec<u32>,
    pub(crate) x: Array2<f64>,
    pub(crate) rows: Vec<CustomerScore>,
    pub(crate) report: ScoreReport,
}

impl ChurnModel {
    /// The chance of a purchase for every customer with a purchase before the cutoff.
    ///
    /// Lost customers are scored too, and marked by their state.
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
            _ => self.all_reasons(&scored, &options.reasons)?,
        };
        Ok(Scores {
            ids: log.customers().take(scored.customers.iter().map(|&c| c as usize)),
            rows: scored.rows,
            report: scored.report,
            has_amounts: log.columns().amount,
            reasons,
            reason_count: options.reasons.count,
            unseen_kinds: self.recipe.unseen_kinds(log),
        })
    }

    fn all_reasons(&self, scored: &Scored, options: &ReasonOptions) -> Result<Vec<Vec<Reason>>> {
        let names = self.recipe.names();
        let contributions = self.contributions_of(&scored.x, &scored.rows)?;
        let reasons = |(i, score): (usize, &CustomerScore)| {
            let (row, parts) = (scored.x.row(i).to_vec(), contributions.row(i).to_vec());
            self.reasons(score.state, &names, &row, &parts, options)
        };
        let told = self.progress().pieces("finding reasons", scored.rows.len() as u64);
        let told_reasons = |(i, score): (usize, &CustomerScore)| {
            if i % ROWS_A_TELL == 0 {
                told.add(ROWS_A_TELL)?;
            }
            Ok(reasons((i, score)))
        };
        scored.rows.par_iter().enumerate().with_min_len(64).map(told_reasons).collect()
    }

    /// The score of one customer, bit-identical to the batch score; none without a purchase before
    /// the cutoff.
    ///
    /// Memory is reused from call to call, so nothing is allocated, unless a row became known after
    /// the cutoff or, with purchases by day, the cutoff splits a day with a purchase.
    ///
    /// ```
    /// # use winback::{ChurnModel, EventLog, log::NewTransaction, simulate::Simulation};
    /// # let shop = Simulation::default().customers(400).run()?;
    /// # let log = EventLog::builder().transactions([shop.transactions])
    /// #     .observed_until("2025-01-01")?.build()?;
    /// # let model = ChurnModel::builder().fit(&log, "2024-10-01")?;
    /// let mut customer = model.customer_history();
    /// let order = NewTransaction::at("2024-11-05T18:30:00".parse()?);
    /// customer.push_transaction(NewTransaction { amount: Some(35.0), ..order })?;
    /// let score = model.score_customer(&customer, "2025-01-01")?;
    /// assert!(score.is_some_and(|score| score.churn_probability > 0.0));
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] for a history of other purchase rules than the model's and for a text that
    /// is not a time; [`Error::Table`] and [`Error::Column`] for a history that lacks what the model
    /// reads, [`Error::Column`] for an attribute of another type than in training.
    pub fn score_customer(
        &self,
        customer: &CustomerHistory,
        at: impl IntoTimestamp,
    ) -> Result<Option<CustomerScore>> {
        let zone = self.purchase_rules().time_zone;
        self.score_history(customer, at.into_argument("at", zone)?)
    }

    fn score_history(
        &self,
        customer: &CustomerHistory,
        cutoff: Timestamp,
    ) -> Result<Option<CustomerScore>> {
        /// Kept by every thread from call to call.
        #[derive(Default)]
        struct Room {
            scratch: Scratch,
            row: Vec<f64>,
            buffer: Vec<f64>,
        }
        thread_local! {
            static ROOM: RefCell<Room> = RefCell::default();
        }
        self.recipe.check_history(customer)?;
        let history = customer.history(cutoff);
        let Some(last) = history.last_purchase() else { return Ok(None) };
        let state = self.limits().at(cutoff)?.state(last);
        let (average_check, purchase_probability) = ROOM.with_borrow_mut(|room| {
            let Room { scratch, row, buffer } = room;
            self.recipe.row(customer, &history, scratch, row)?;
            let features = self.recipe.features.iter();
            let place =
                features.map(|place| place.feature()).position(|f| f.name == "average_check");
            let average_check = place.map_or(f64::NAN, |i| row[i]);
            let purchase = self.model_of(state).model.purchase_probability(row, buffer)?;
            Ok::<_, Error>((average_check, purchase))
        })?;
        Ok(Some(CustomerScore {
            state,
            days_since_last_purchase: cutoff.days_since(last),
            purchase_count: history.purchases().len() as u64,
            average_check,
            purchase_probability,
            churn_probability: 1.0 - purchase_probability,
        }))
    }

    /// All customers at a cutoff.
    pub(crate) fn scored_all(&self, snapshot: &Snapshot) -> Result<Scored> {
        self.scored(snapshot, 0..snapshot.log().customers().len())
    }

    /// Some neighbouring customers at a cutoff.
    pub(crate) fn scored(&self, snapshot: &Snapshot, customers: Range<usize>) -> Result<Scored> {
        let log = snapshot.log();
        self.recipe.check_log(log)?;
        let (limits, attributes) = (self.limits(), self.recipe.attribute_names());
        let count = customers.len();
        let progress = self.progress();
        let places = self.places(log);
        let (table, states) = snapshot.rows(customers, &places, &attributes, limits, progress)?;
        let all: Vec<usize> = (0..table.len()).collect();
        let table = table.with_kinds(log, &self.recipe.kinds)?;
        let x = self.recipe.matrix(&table, &all)?;
        let days = table.numbers("days_since_last_purchase")?;
        let checks = table.numbers("average_check").ok();
        let told = progress.pieces("scoring", all.len() as u64);
        let rows: Vec<CustomerScore> = all
            .par_iter()
            .with_min_len(1_024)
            .map_init(Vec::new, |buffer, &row| {
                if row % ROWS_A_TELL == 0 {
                    told.add(ROWS_A_TELL)?;
                }
                let history = snapshot.history(table.customers()[row] as usize);
                let state = states[row];
                let values = x.row(row);
                let values = values.as_slice().unwrap_or_default();
                let purchase_probability =
                    self.model_of(state).model.purchase_probability(values, buffer)?;
                Ok(CustomerScore {
                    state,
                    days_since_last_purchase: days[row],
                    purchase_count: history.purchases().len() as u64,
                    average_check: checks.map_or(f64::NAN, |checks| checks[row]),
                    purchase_probability,
                    churn_probability: 1.0 - purchase_probability,
                })
            })
            .collect::<Result<_>>()?;
        let report = ScoreReport::new(self, snapshot.at(), count, rows.iter().map(|row| row.state));
        Ok(Scored { customers: table.customers().to_vec(), x, rows, report })
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
    ///   and, if reasons were requested, `reason_1`, `reason_2` and so on (null when there are
    ///   fewer).
    const TABLES: &'static [Table<Self>] = &[("scores", Self::scores)];

    fn figures(&self) -> Map<String, Value> {
        fields(&self.report)
    }

    fn notes(&self) -> Vec<String> {
        self.report.notes().into_iter().chain(self.unseen_kinds.clone()).collect()
    }
}

impl fmt::Display for Scores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.report.fmt(f)?;
        write_notes(f, &self.notes())
    }
}
