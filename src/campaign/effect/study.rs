//! What is known of the customers of a campaign, wherever it comes from.

use crate::error::{Error, Result, quoted, shown};
use crate::log::{CustomerTable, counted};
use crate::time::Timestamp;

use super::arms::ArmsOf;
use super::clusters::{Clusters, is_customer};
use super::options::EffectOptions;
use crate::campaign::balance::filled;

/// A larger outcome is a mistake, and its square hides all others.
const MOST: f64 = 1e15;

/// The most values of a column that are segments.
const MOST_SEGMENTS: usize = 50;

/// Whether an outcome is yes or no for each customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Share,
    Mean,
}

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Kind::Share => "share",
            Kind::Mean => "mean",
        }
    }
}

/// An outcome, one value a customer.
#[derive(Debug, Clone)]
pub(super) struct Metric {
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) values: Vec<f64>,
    /// The variance between customers before the start, from which τ comes if none is given.
    pub(super) variance_before: Option<f64>,
}

impl Metric {
    pub(super) fn new(name: &str, values: Vec<f64>) -> Self {
        let is_share = values.iter().all(|value| *value == 0.0 || *value == 1.0);
        let kind = if is_share { Kind::Share } else { Kind::Mean };
        Metric { name: name.to_owned(), kind, values, variance_before: None }
    }
}

/// Values of customers by which they are grouped; none where there is none.
#[derive(Debug, Clone)]
pub(super) struct Grouping {
    pub(super) name: String,
    pub(super) of_customer: Vec<Option<String>>,
}

/// Outcomes as they were known on a day within the window.
#[derive(Debug, Clone)]
pub(super) struct Look {
    pub(super) until: Timestamp,
    /// As [`Study::metrics`].
    pub(super) metrics: Vec<Metric>,
}

/// Outcomes, covariates and groups of all customers, by ascending id. Where customers repeat, of all
/// rows.
#[derive(Debug, Clone)]
pub(super) struct Study {
    pub(super) arms: ArmsOf,
    /// What was drawn as a whole, where that was not each customer.
    pub(super) clusters: Option<Clusters>,
    pub(super) metrics: Vec<Metric>,
    /// By rising time.
    pub(super) looks: Vec<Look>,
    /// By which effects are adjusted.
    pub(super) covariates: Vec<(String, Vec<f64>)>,
    /// What was known before, for the balance of arms.
    pub(super) known_before: Vec<(String, Vec<f64>)>,
    pub(super) groupings: Vec<Grouping>,
    /// Who bought, for the cost of incentives.
    pub(super) bought: Option<Vec<bool>>,
    /// Who was contacted after the start, if the log tells.
    pub(super) contacted: Option<Vec<bool>>,
    /// Whether outcomes may still come.
    pub(super) is_interim: bool,
    pub(super) notes: Vec<String>,
}

impl Study {
    /// Of a table that has the outcomes itself.
    pub(super) fn of_table(
        table: &CustomerTable,
        arms: ArmsOf,
        options: &EffectOptions,
    ) -> Result<Self> {
        if options.metrics.is_empty() {
            let expected = "the columns of the table that are outcomes, or a log that tells them";
            return Err(Error::missing_argument("metrics", expected));
        }
        if let Some(looks) = options.looks.filter(|looks| *looks > 0) {
            let expected = "0 without a log, which tells what was known on a day";
            return Err(Error::argument("looks", looks, expected));
        }
        let is_by_row = is_customer(options.cluster.as_deref());
        if arms.repeated > 0 && !is_by_row {
            let message = "has several rows of a customer; expected the outcomes of each in one row, or \
                           errors clustered by customer_id";
            return Err(Error::bad_table(table.name(), message));
        }
        let arms = if is_by_row { arms.by_row(table) } else { arms };
        let clusters = Clusters::read(table, &arms, options.cluster.as_deref())?;
        let outcome = |name: &String| {
            let values = table.numbers(name)?;
            if let Some(row) = values.iter().position(|value| value.is_nan()) {
                let id = table.ids().get(table.owners()[row]);
                return Err(Error::bad_table(
                    table.name(),
                    format!(
                        "customer {id} has no {}; an outcome that nobody knows cannot be left out, for \
                         it may be missing because of the campaign",
                        quoted(name)
                    ),
                ));
            }
            if let Some(large) = values.iter().find(|value| value.abs() > MOST) {
                let message = format!("holds {large:e}; expected numbers up to {MOST:e}");
                return Err(Error::bad_column(table.name(), name.as_str(), message));
            }
            Ok(Metric::new(name, values.to_vec()))
        };
        let metrics: Vec<Metric> = options.metrics.iter().map(outcome).collect::<Result<_>>()?;
        let revenue = metrics.iter().find(|metric| metric.name == options.revenue);
        let bought =
            revenue.map(|revenue| revenue.values.iter().map(|value| *value > 0.0).collect());
        let mut study = Study {
            arms,
            clusters,
            metrics,
            looks: Vec::new(),
            covariates: Vec::new(),
            known_before: Vec::new(),
            groupings: Vec::new(),
            bought,
            contacted: None,
            is_interim: false,
            notes: Vec::new(),
        };
        study.add_covariates(table, options, &[])?;
        study.add_groupings(table, options, |name| table.texts(name))?;
        Ok(study)
    }

    /// Covariates that are asked for: of these that a log tells, or columns of the table.
    pub(super) fn add_covariates(
        &mut self,
        table: &CustomerTable,
        options: &EffectOptions,
        told: &[(String, Vec<f64>)],
    ) -> Result<()> {
        for name in &options.covariates {
            if options.metrics.contains(name) {
                let expected = "what was known before the start; this is an outcome";
                return Err(Error::text_argument("covariates", name, expected));
            }
            let own: Vec<f64> = match told.iter().find(|(own, _)| own == name) {
                Some((_, values)) => values.clone(),
                None => {
                    let column = table.numbers(name)?;
                    self.arms.first.iter().map(|&row| column[row]).collect()
                }
            };
            let missing = own.iter().filter(|value| value.is_nan()).count();
            let Some(known) = filled(&own) else {
                let message = "holds no number";
                return Err(Error::bad_column(table.name(), name.as_str(), message));
            };
            if missing > 0 {
                self.notes.push(format!(
                    "{name} is missing for {}, who count as having its mean",
                    counted(missing as u64, "customer", "customers")
                ));
            }
            self.covariates.push((name.clone(), known));
        }
        for (name, values) in told.iter().chain(&self.covariates) {
            let is_new = self.known_before.iter().all(|(own, _)| own != name);
            if let (true, Some(known)) = (is_new, filled(values)) {
                self.known_before.push((name.clone(), known));
            }
        }
        Ok(())
    }

    /// Groups that are asked for, whose values of all rows of the table `read` gives.
    pub(super) fn add_groupings(
        &mut self,
        table: &CustomerTable,
        options: &EffectOptions,
        read: impl Fn(&str) -> Result<Vec<Option<String>>>,
    ) -> Result<()> {
        for name in &options.segments {
            let values = read(name)?;
            let of_customer: Vec<Option<String>> =
                self.arms.first.iter().map(|&row| values[row].clone()).collect();
            let mut all: Vec<&String> = of_customer.iter().flatten().collect();
            all.sort_unstable();
            all.dedup();
            if all.len() > MOST_SEGMENTS {
                let message = format!(
                    "holds {} different values; expected at most {} segments",
                    all.len(),
                    MOST_SEGMENTS
                );
                return Err(Error::bad_column(table.name(), name.as_str(), message));
            }
            let missing = of_customer.iter().filter(|own| own.is_none()).count();
            if missing > 0 {
                let customers = counted(missing as u64, "customer", "customers");
                self.notes
                    .push(format!("{customers} without {} are in no segment of it", shown(name)));
            }
            self.groupings.push(Grouping { name: name.clone(), of_customer });
        }
        Ok(())
    }

    /// Values of an arm's customers.
    pub(super) fn of_arm<'a>(
        &'a self,
        values: &'a [f64],
        arm: usize,
    ) -> impl Iterator<Item = f64> + Clone + 'a {
        let arms = self.arms.of_customer.iter().zip(values);
        arms.filter(move |(own, _)| **own == arm).map(|(_, value)| *value)
    }
}
