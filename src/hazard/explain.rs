//! Why: what moves the chance of a purchase within a time.

use std::ops::Range;

use ndarray::Array2;
use rayon::prelude::*;

use super::hazards::Parts;
use super::model::TimeToPurchase;
use crate::churn::explain::ToldCustomers;
use crate::churn::reasons::RowParts;
use crate::churn::score::{ROWS_A_TELL, ScoreReport};
use crate::churn::{CustomerExplanation, CustomerScore, ExplainOptions, Explanations};
use crate::error::{Error, Result};
use crate::explain::ReasonOptions;
use crate::features::Scratch;
use crate::labels::State;
use crate::log::{CustomerHistory, CustomerIndex, History};
use crate::snapshot::Snapshot;
use crate::time::{IntoTimestamp, Span, Timestamp};

/// What is explained: the chance of a purchase within some days.
struct Asked<'a> {
    days: f64,
    /// The periods, each with its share of the days.
    shares: Vec<(usize, f64)>,
    options: &'a ReasonOptions,
}

/// Some neighbouring customers, their explanations, and who has none and why.
type Explained = (Vec<CustomerIndex>, Vec<CustomerExplanation>, Vec<Error>);

impl TimeToPurchase {
    /// What moves each customer's chance of a purchase within a time, in log-odds and in words, as
    /// [`ChurnModel::explain`](crate::ChurnModel::explain) tells it.
    ///
    /// What is explained is the mean of the log-odds of a purchase in each period up to then, given that
    /// there was none before, weighted by its days: base + contributions. What changes as the silence
    /// goes on counts with the column that tells it as of the cutoff. Customers are compared with those
    /// of their state at the training cutoffs: by Shapley values against the rows that the models of the
    /// period learned from, less those of customers of the state in the same period, on average. The
    /// probability is that of a purchase within the time.
    ///
    /// ```
    /// # use winback::{EventLog, churn::ExplainOptions, hazard::TimeToPurchase, simulate::Simulation};
    /// # let shop = Simulation::default().customers(400).run()?;
    /// # let log = EventLog::builder().transactions([shop.transactions])
    /// #     .observed_until("2025-01-01")?.build()?;
    /// # let model = TimeToPurchase::builder().max_horizon("3mo")?.fit(&log, "2024-10-01")?;
    /// let explained = model.explain(&log.at("2025-01-01")?, "30d", &ExplainOptions::default())?;
    /// for reason in &explained.reasons()[0].up {
    ///     println!("{reason}"); // last purchase 8 days ago (typical: 31 days) ...
    /// }
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`TimeToPurchase::score`]; [`Error::Argument`] for a time beyond the model's periods, options
    /// out of range, or a customer that the log does not have.
    pub fn explain<T: TryInto<Span>>(
        &self,
        snapshot: &Snapshot,
        within: T,
        options: &ExplainOptions,
    ) -> Result<Explanations>
    where
        Error: From<T::Error>,
    {
        let log = snapshot.log();
        options.reasons.check()?;
        let asked = self.asked(snapshot.at(), within.try_into()?, &options.reasons)?;
        self.recipe.check_log(log)?;
        let times = [snapshot.at(), self.training.until];
        let mut report = ScoreReport::new(times, 0, &[], &[]);
        let (mut customers, mut rows) = (Vec::new(), Vec::new());
        for range in options.ranges(log.customers().len())? {
            let count = range.len();
            let (own, explained, unusable) = self.explained(snapshot, range, &asked)?;
            let scores: Vec<CustomerScore> = explained.iter().map(|row| row.score).collect();
            report.add(&ScoreReport::new(times, count, &scores, &unusable));
            customers.extend(own);
            rows.extend(explained);
        }
        report.unseen_kinds = self.recipe.unseen_kinds(log);
        let mut contributions = Array2::zeros((rows.len(), self.recipe.width()));
        for (mut cells, row) in contributions.rows_mut().into_iter().zip(&rows) {
            cells.iter_mut().zip(&row.contributions).for_each(|(cell, part)| *cell = *part);
        }
        let told = ToldCustomers {
            customers,
            scores: rows.iter().map(|row| row.score).collect(),
            base: rows.iter().map(|row| row.base).collect(),
            contributions,
            reasons: rows.into_iter().map(|row| row.reasons).collect(),
        };
        Ok(Explanations::new(log, &self.recipe, told, report, options))
    }

    /// What moves one customer's chance of a purchase within a time, bit-identical to
    /// [`TimeToPurchase::explain`]; none without a purchase before the cutoff. It runs on the caller's
    /// thread and enters no thread pool.
    ///
    /// # Errors
    /// As [`TimeToPurchase::score_customer`]; [`Error::Argument`] for a time beyond the model's periods
    /// and options out of range.
    pub fn explain_customer<T: TryInto<Span>>(
        &self,
        customer: &CustomerHistory,
        at: impl IntoTimestamp,
        within: T,
        options: &ReasonOptions,
    ) -> Result<Option<CustomerExplanation>>
    where
        Error: From<T::Error>,
    {
        options.check()?;
        let cutoff = at.into_argument("at", self.purchase_rules().time_zone)?;
        let asked = self.asked(cutoff, within.try_into()?, options)?;
        self.recipe.check_history(customer, cutoff)?;
        let history = customer.history(cutoff);
        let Some(last) = history.last_purchase() else { return Ok(None) };
        let state = self.limits().at(cutoff)?.state(last);
        let mut row = Vec::new();
        self.recipe.row(customer, &history, &mut Scratch::default(), &mut row)?;
        self.explanation(&history, state, &asked, row, &mut Vec::new()).map(Some)
    }

    fn asked<'a>(
        &self,
        at: Timestamp,
        within: Span,
        options: &'a ReasonOptions,
    ) -> Result<Asked<'a>> {
        let days = at.add_argument("within", within)?.days_since(at);
        let longest = self.periods.longest();
        if days <= 0.0 || days > longest {
            let expected = format!(
                "more than 0d and at most {longest} days, as far as the outcomes of training reach"
            );
            return Err(Error::argument("within", within, expected));
        }
        let shares = self.periods.shares(days).collect();
        Ok(Asked { days, shares, options })
    }

    fn explained(
        &self,
        snapshot: &Snapshot,
        customers: Range<usize>,
        asked: &Asked<'_>,
    ) -> Result<Explained> {
        let log = snapshot.log();
        let places: Vec<usize> = self.recipe.features.iter().map(|place| place.0).collect();
        let attributes = self.recipe.attribute_names();
        let (table, states) = snapshot.rows(customers, &places, &attributes, self.limits())?;
        let table = self.recipe.complete(table, log)?;
        let all: Vec<usize> = (0..table.len()).collect();
        let x = self.recipe.matrix(&table, &all)?;
        let told = snapshot.progress().pieces("finding reasons", all.len() as u64);
        let found: Vec<Result<CustomerExplanation>> = all
            .par_iter()
            .with_min_len(64)
            .map_init(Vec::new, |buffer, &row| {
                if row % ROWS_A_TELL == 0 {
                    told.add(ROWS_A_TELL)?;
                }
                let customer = table.customers()[row];
                let (history, values) = (snapshot.history(customer), x.row(row).to_vec());
                let found = self.explanation(&history, states[row], asked, values, buffer);
                Ok(found.map_err(|error| error.with_customer(log.customers().get(customer))))
            })
            .collect::<Result<_>>()?;
        let (mut numbers, mut rows, mut unusable) = (Vec::new(), Vec::new(), Vec::new());
        for (found, &customer) in found.into_iter().zip(table.customers()) {
            match found {
                Ok(row) => {
                    numbers.push(customer);
                    rows.push(row);
                }
                Err(error) => unusable.push(error),
            }
        }
        Ok((numbers, rows, unusable))
    }

    /// Of a row of the recipe's columns.
    fn explanation(
        &self,
        history: &History<'_>,
        state: State,
        asked: &Asked<'_>,
        mut row: Vec<f64>,
        buffer: &mut Vec<f64>,
    ) -> Result<CustomerExplanation> {
        let hazards = self.hazards();
        let reference = &self.references[state as usize];
        let survival = hazards.chances(history, state, &mut row, buffer);
        let survival = survival.map(|chances| self.periods.survival(chances));
        let survival = survival.map_err(|error| self.recipe.unusable(&row, error))?;
        let chance = self.periods.purchase_probability(&survival, asked.days);
        let purchase_probability = chance.unwrap_or(f64::NAN);
        let Parts { base, contributions } =
            reference.parts(hazards, history, state, &asked.shares, &mut row)?;
        row.truncate(self.recipe.width());
        let typical = &reference.typical;
        let parts = RowParts { row: &row, contributions: &contributions, typical };
        let reasons = self.recipe.told(parts, asked.options);
        let check = self.recipe.average_check();
        let last = history.last_purchase().unwrap_or(history.cutoff());
        let score = CustomerScore {
            state,
            days_since_last_purchase: history.cutoff().days_since(last),
            purchase_count: history.purchases().len() as u64,
            average_check: check.map_or(f64::NAN, |column| row[column]),
            purchase_probability,
            churn_probability: 1.0 - purchase_probability,
        };
        Ok(CustomerExplanation { score, base, contributions, reasons })
    }
}
