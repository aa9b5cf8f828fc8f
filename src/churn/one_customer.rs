//! One customer in a service: the score and the reasons, on the caller's thread, equal to those of a
//! batch to the bit.

use std::cell::RefCell;

use super::ChurnModel;
use super::customer_score::CustomerScore;
use super::reasons::Reasons;
use crate::error::Result;
use crate::explain::{Reason, ReasonOptions};
use crate::features::Scratch;
use crate::labels::State;
use crate::log::{CustomerHistory, History};
use crate::time::{IntoTimestamp, Timestamp};

/// What moves one customer's chance of a purchase: a row of [`Explanations`](super::Explanations).
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct CustomerExplanation {
    /// The score.
    pub score: CustomerScore,
    /// The mean log-odds of a purchase of the training rows of the customer's state.
    pub base: f64,
    /// What each of the [`ChurnModel::columns`] adds to the log-odds.
    pub contributions: Vec<f64>,
    /// The reasons, by direction.
    pub reasons: Reasons,
}

impl CustomerExplanation {
    /// The model's log-odds of a purchase, before calibration: base + contributions.
    pub fn log_odds(&self) -> f64 {
        // In the order in which the batch adds.
        self.base + ndarray::aview1(&self.contributions).sum()
    }

    /// The largest reasons in either direction, at most so many.
    pub fn largest(&self, count: usize) -> Vec<&Reason> {
        let mut all: Vec<&Reason> = self.reasons.up.iter().chain(&self.reasons.down).collect();
        all.sort_by(|a, b| b.contribution.abs().total_cmp(&a.contribution.abs()));
        all.truncate(count);
        all
    }
}

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

impl ChurnModel {
    /// The score of one customer, bit-identical to the batch score; none without a purchase before
    /// the cutoff.
    ///
    /// It runs on the caller's thread and enters no thread pool. Memory is reused from call to call,
    /// so nothing is allocated, unless the history changed since it was last read, a row became known
    /// after the cutoff or, with purchases by day, the cutoff splits a day with a purchase.
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
    /// [`Error::Argument`](crate::Error::Argument) for a history of other purchase rules than the
    /// model's and for a text that is not a time; [`Error::Table`](crate::Error::Table) and
    /// [`Error::Column`](crate::Error::Column) for a history that lacks what the model reads, or forgot
    /// it, [`Error::Column`](crate::Error::Column) for an attribute of another type than in training,
    /// [`Error::Data`](crate::Error::Data) for a value beyond numbers;
    /// [`Error::with_customer`](crate::Error::with_customer) names the customer.
    pub fn score_customer(
        &self,
        customer: &CustomerHistory,
        at: impl IntoTimestamp,
    ) -> Result<Option<CustomerScore>> {
        self.read_customer(customer, self.cutoff(at)?, |score, _| Ok(score))
    }

    /// The scores of several customers, in their order, each as [`ChurnModel::score_customer`] gives
    /// it. One that cannot be scored does not keep the others from it. They are computed one by one,
    /// as they are asked for, on the caller's thread.
    ///
    /// ```
    /// # use winback::{ChurnModel, EventLog, log::NewTransaction, simulate::Simulation};
    /// # let shop = Simulation::default().customers(400).run()?;
    /// # let log = EventLog::builder().transactions([shop.transactions])
    /// #     .observed_until("2025-01-01")?.build()?;
    /// # let model = ChurnModel::builder().fit(&log, "2024-10-01")?;
    /// let customers = [model.customer_history(), model.customer_history()];
    /// let scores = model.score_customers(&customers, "2025-01-01")?;
    /// assert_eq!(scores.collect::<winback::Result<Vec<_>>>()?, [None, None]);
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`](crate::Error::Argument) for a text that is not a time; of each customer as
    /// [`ChurnModel::score_customer`].
    pub fn score_customers<'a>(
        &self,
        customers: impl IntoIterator<Item = &'a CustomerHistory>,
        at: impl IntoTimestamp,
    ) -> Result<impl Iterator<Item = Result<Option<CustomerScore>>>> {
        let cutoff = self.cutoff(at)?;
        let score = move |customer| self.read_customer(customer, cutoff, |score, _| Ok(score));
        Ok(customers.into_iter().map(score))
    }

    /// What moves one customer's chance of a purchase, in log-odds and in words, bit-identical to
    /// [`ChurnModel::explain`]; none without a purchase before the cutoff. The maximum of reasons
    /// applies separately to those that raise the chance and those that lower it.
    ///
    /// It runs on the caller's thread and enters no thread pool.
    ///
    /// ```
    /// # use winback::{ChurnModel, EventLog, log::NewTransaction, simulate::Simulation};
    /// # let shop = Simulation::default().customers(400).run()?;
    /// # let log = EventLog::builder().transactions([shop.transactions])
    /// #     .observed_until("2025-01-01")?.build()?;
    /// # let model = ChurnModel::builder().fit(&log, "2024-10-01")?;
    /// use winback::explain::ReasonOptions;
    /// let mut customer = model.customer_history();
    /// let order = NewTransaction::at("2024-11-05T18:30:00".parse()?);
    /// customer.push_transaction(NewTransaction { amount: Some(35.0), ..order })?;
    /// let options = ReasonOptions::default().currency("EUR");
    /// let explained = model.explain_customer(&customer, "2025-01-01", &options)?;
    /// for reason in explained.iter().flat_map(|explained| explained.largest(3)) {
    ///     println!("{reason}"); // one purchase so far (typical: 7): lowers the chance of a purchase
    /// }
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`ChurnModel::score_customer`]; [`Error::Argument`](crate::Error::Argument) for options out
    /// of range.
    pub fn explain_customer(
        &self,
        customer: &CustomerHistory,
        at: impl IntoTimestamp,
        options: &ReasonOptions,
    ) -> Result<Option<CustomerExplanation>> {
        options.check()?;
        self.read_customer(customer, self.cutoff(at)?, |score, row| {
            let model = self.model_of(score.state);
            let contributions = model.contributions(row)?;
            let reasons = self.told(score.state, row, &contributions, options);
            Ok(CustomerExplanation { score, base: model.base()?, contributions, reasons })
        })
    }

    fn cutoff(&self, at: impl IntoTimestamp) -> Result<Timestamp> {
        at.into_argument("at", self.purchase_rules().time_zone)
    }

    /// Scores one customer and hands on the score and the row that it was made of.
    fn read_customer<T>(
        &self,
        customer: &CustomerHistory,
        cutoff: Timestamp,
        answer: impl FnOnce(CustomerScore, &[f64]) -> Result<T>,
    ) -> Result<Option<T>> {
        self.recipe.check_history(customer, cutoff)?;
        let history = customer.history(cutoff);
        let Some(last) = history.last_purchase() else { return Ok(None) };
        let state = self.limits().at(cutoff)?.state(last);
        ROOM.with_borrow_mut(|room| {
            let score = self.score_in(room, customer, &history, (state, last))?;
            answer(score, &room.row).map(Some)
        })
    }

    fn score_in(
        &self,
        Room { scratch, row, buffer }: &mut Room,
        customer: &CustomerHistory,
        history: &History<'_>,
        (state, last): (State, Timestamp),
    ) -> Result<CustomerScore> {
        self.recipe.row(customer, history, scratch, row)?;
        let check = self.recipe.average_check();
        let purchase = self.model_of(state).purchase_probability(row, buffer);
        let purchase_probability = purchase.map_err(|error| self.recipe.unusable(row, error))?;
        Ok(CustomerScore {
            state,
            days_since_last_purchase: history.cutoff().days_since(last),
            purchase_count: history.purchases().len() as u64,
            average_check: check.map_or(f64::NAN, |column| row[column]),
            purchase_probability,
            churn_probability: 1.0 - purchase_probability,
        })
    }
}
