//! Why: what moves each customer's chance of a purchase.

use std::ops::Range;

use arrow_array::ArrayRef;
use ndarray::{Array2, ArrayView2, Axis};
use rayon::prelude::*;

use super::reasons::Reasons;
use super::recipe::Recipe;
use super::score::{ROWS_A_TELL, ScoreReport, Scored};
use super::{ChurnModel, CustomerScore};
use crate::answer::options::options;
use crate::error::{Error, Result};
use crate::explain::{Group, ReasonOptions, grouped};
use crate::labels::State;
use crate::log::{CustomerIndex, EventLog};
use crate::models::rows::selected;
use crate::progress::Progress;
use crate::snapshot::Snapshot;

options! {
    /// Which customers are explained, and how.
    pub struct ExplainOptions {
        /// Places of the customers in the log; by default all with a purchase before the cutoff
        #[skip(cli)]
        #[takes(into)]
        customers: Option<Vec<CustomerIndex>> = None,
        /// Reasons to give; the maximum applies separately to those that raise the chance and those
        /// that lower it
        #[flatten(ReasonOptions)]
        reasons: ReasonOptions = ReasonOptions::default(),
    }
}

/// What moves some customers' log-odds of a purchase at a cutoff.
///
/// For every customer, base + the sum of the contributions = the model's log-odds of a purchase.
/// The probability is the one of these log-odds or, if the model is calibrated, its calibrated
/// value, which does not change the ranking.
#[derive(Debug, Clone)]
pub struct Explanations {
    pub(crate) ids: ArrayRef,
    pub(crate) customers: Vec<CustomerIndex>,
    pub(crate) scores: Vec<CustomerScore>,
    pub(crate) base: Vec<f64>,
    pub(crate) contributions: Array2<f64>,
    pub(crate) reasons: Vec<Reasons>,
    pub(crate) names: Vec<String>,
    pub(crate) groups: Vec<Group>,
    pub(crate) group_of: Vec<usize>,
    pub(crate) options: ReasonOptions,
    pub(crate) report: ScoreReport,
    /// Ids of the customers, where they were named.
    pub(crate) labels: Vec<String>,
    pub(crate) chosen: bool,
    /// Whether it is activity that stands in place of purchases.
    pub(crate) of_activity: bool,
}

/// What there is to say of some customers, in one order.
pub(crate) struct ToldCustomers {
    pub(crate) customers: Vec<CustomerIndex>,
    pub(crate) scores: Vec<CustomerScore>,
    pub(crate) base: Vec<f64>,
    pub(crate) contributions: Array2<f64>,
    pub(crate) reasons: Vec<Reasons>,
}

impl ExplainOptions {
    /// The customers that are explained, of so many in the log.
    pub(crate) fn ranges(&self, count: usize) -> Result<Vec<Range<usize>>> {
        let Some(customers) = &self.customers else {
            return Ok(std::iter::once(0..count).collect());
        };
        if let Some(unknown) = customers.iter().find(|customer| customer.index() >= count) {
            let expected = format!("places of customers in the log, below {count}");
            return Err(Error::argument("customers", unknown, expected));
        }
        let mut distinct = customers.clone();
        distinct.sort_unstable();
        distinct.dedup();
        if distinct.len() < customers.len() {
            let got = customers.iter().map(CustomerIndex::to_string).collect::<Vec<_>>();
            let got = format!("[{}]", got.join(", "));
            return Err(Error::argument("customers", got, "each customer once"));
        }
        let places = customers.iter().map(|customer| customer.index());
        Ok(places.map(|place| place..place + 1).collect())
    }
}

impl Explanations {
    pub(crate) fn new(
        log: &EventLog,
        recipe: &Recipe,
        told: ToldCustomers,
        report: ScoreReport,
        options: &ExplainOptions,
    ) -> Explanations {
        let ToldCustomers { customers, scores, base, contributions, reasons } = told;
        let chosen = options.customers.is_some();
        let id = |&customer: &CustomerIndex| log.customers().get(customer).to_string();
        let names = recipe.names();
        let (groups, group_of) = grouped(&names);
        Explanations {
            ids: log.customers().take(customers.iter().copied()),
            labels: if chosen { customers.iter().map(id).collect() } else { Vec::new() },
            chosen,
            customers,
            scores,
            base,
            contributions,
            reasons,
            names,
            groups,
            group_of,
            options: options.reasons.clone(),
            report,
            of_activity: recipe.columns.tells_activity(),
        }
    }

    /// The customers that are explained, as their places in the log.
    pub fn customers(&self) -> &[CustomerIndex] {
        &self.customers
    }

    /// Their scores.
    pub fn scores(&self) -> &[CustomerScore] {
        &self.scores
    }

    /// For each customer, the mean log-odds of a purchase of the training rows of the customer's state.
    pub fn base(&self) -> &[f64] {
        &self.base
    }

    /// Names of the columns.
    pub fn columns(&self) -> &[String] {
        &self.names
    }

    /// What each column (across) adds to each customer's (down) log-odds of a purchase.
    pub fn contributions(&self) -> &Array2<f64> {
        &self.contributions
    }

    /// The model's log-odds of a purchase for a customer, before calibration: base + contributions.
    ///
    /// # Panics
    /// If there is no such row, as slices do.
    pub fn log_odds(&self, row: usize) -> f64 {
        self.base[row] + self.contributions.row(row).sum()
    }

    /// The reasons of each customer.
    pub fn reasons(&self) -> &[Reasons] {
        &self.reasons
    }

    /// Groups of columns that count together.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// What each group (across) adds to each customer's (down) log-odds of a purchase.
    pub fn group_contributions(&self) -> Array2<f64> {
        let mut totals = Array2::zeros((self.contributions.nrows(), self.groups.len()));
        for (column, &group) in self.contributions.columns().into_iter().zip(&self.group_of) {
            let mut total = totals.column_mut(group);
            total += &column;
        }
        totals
    }

    /// How many customers were scored, and how many were not and why.
    pub fn report(&self) -> &ScoreReport {
        &self.report
    }
}

impl ChurnModel {
    /// What moves each customer's chance of a purchase at a cutoff, in log-odds and in words.
    ///
    /// Shapley values against all training rows of the customer's state: coefficient × (value − mean) for
    /// logistic regression, interventional TreeSHAP (Lundberg et al. 2020) for trees. A customer in
    /// `options.customers` without a purchase before the cutoff is left out.
    ///
    /// ```
    /// use winback::{ChurnModel, EventLog, churn::ExplainOptions, simulate::Simulation};
    /// let shop = Simulation::default().customers(400).run()?;
    /// let log = EventLog::builder()
    ///     .transactions([shop.transactions])
    ///     .observed_until("2025-01-01")?
    ///     .build()?;
    /// let model = ChurnModel::builder().fit(&log, "2024-10-01")?;
    /// let explained = model.explain(&log.at("2025-01-01")?, &ExplainOptions::default())?;
    /// println!("{explained}");
    /// for reason in &explained.reasons()[0].down {
    ///     println!("{reason}"); // last purchase 118 days ago (typical: 121 days) ...
    /// }
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`ChurnModel::score`]; [`Error::Argument`] for options out of range or a customer that the
    /// log does not have.
    pub fn explain(&self, snapshot: &Snapshot, options: &ExplainOptions) -> Result<Explanations> {
        let log = snapshot.log();
        options.reasons.check()?;
        let ranges = options.ranges(log.customers().len())?;
        let mut parts: Vec<Scored> =
            ranges.into_iter().map(|range| self.scored(snapshot, range)).collect::<Result<_>>()?;
        let mut report = parts
            .first()
            .map_or(ScoreReport::none(self, snapshot.at()), |part| part.report.clone());
        parts.iter().skip(1).for_each(|part| report.add(&part.report));
        parts.retain(|part| !part.rows.is_empty());
        let customers: Vec<CustomerIndex> =
            parts.iter().flat_map(|part| part.customers.iter().copied()).collect();
        let scores: Vec<CustomerScore> =
            parts.iter().flat_map(|part| part.rows.iter().copied()).collect();
        let views: Vec<ArrayView2<'_, f64>> = parts.iter().map(|part| part.x.view()).collect();
        let x = match views.is_empty() {
            true => Array2::zeros((0, self.recipe.width())),
            false => ndarray::concatenate(Axis(0), &views)
                .map_err(|error| Error::Shape(error.to_string()))?,
        };
        let progress = snapshot.progress();
        let contributions = self.contributions_of(&x, &scores, progress)?;
        let told = progress.pieces("finding reasons", scores.len() as u64);
        let reasons: Vec<Reasons> = scores
            .par_iter()
            .enumerate()
            .with_min_len(64)
            .map(|(i, score)| {
                if i % ROWS_A_TELL == 0 {
                    told.add(ROWS_A_TELL)?;
                }
                let (row, parts) = (x.row(i).to_vec(), contributions.row(i).to_vec());
                Ok(self.told(score.state, &row, &parts, &options.reasons))
            })
            .collect::<Result<_>>()?;
        let [active, lapsed, lost] = State::ALL.map(|state| self.model_of(state).base());
        let bases = [active?, lapsed?, lost?];
        let base = scores.iter().map(|score| bases[score.state as usize]).collect();
        let told = ToldCustomers { customers, scores, base, contributions, reasons };
        Ok(Explanations::new(log, &self.recipe, told, report, options))
    }

    /// What each column adds to the log-odds of each row.
    pub(crate) fn contributions_of(
        &self,
        x: &Array2<f64>,
        scores: &[CustomerScore],
        progress: &Progress,
    ) -> Result<Array2<f64>> {
        let mut all = Array2::zeros(x.raw_dim());
        let told = progress.pieces("finding contributions", scores.len() as u64);
        for state in State::ALL {
            let rows: Vec<usize> =
                (0..scores.len()).filter(|&row| scores[row].state == state).collect();
            for rows in rows.chunks(ROWS_A_TELL) {
                let some = selected(x.view(), rows);
                let found = self.model_of(state).contributions_of(some.view())?;
                for (&row, parts) in rows.iter().zip(found.rows()) {
                    all.row_mut(row).assign(&parts);
                }
                told.add(rows.len())?;
            }
        }
        Ok(all)
    }
}
