//! Whether customers at a new cutoff still look like those the model was trained on.

use std::fmt;

use arrow_array::RecordBatch;
use ndarray::{Array1, ArrayView1};
use serde_json::{Map, Value};

use crate::answer::columns::{batch, numbers, texts};
use crate::answer::{Analysis, Table, fields};
use crate::churn::ChurnModel;
use crate::churn::profile::{ColumnProfile, Profile, median_of};
use crate::error::Result;
use crate::features::is_calendar;
use crate::log::grouped;
use crate::metrics::{Stability, StabilityIndex, population_stability_index};
use crate::snapshot::Snapshot;
use crate::time::Timestamp;

/// The name of the score among the columns.
const SCORE: &str = "purchase_probability";

/// How far each column and the score have moved since the latest training cutoff.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct Drift {
    /// The new cutoff.
    pub at: Timestamp,
    /// The latest training cutoff, which it is compared with.
    pub trained_at: Timestamp,
    /// Customers then and now.
    pub customers: (u64, u64),
    /// Probability of reporting a column as moved when it has not.
    pub level: f64,
    /// The columns that the model reads, by decreasing index, with the score last.
    #[serde(skip)]
    pub columns: Vec<ColumnDrift>,
}

/// How far one column has moved.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct ColumnDrift {
    /// Name of the feature or attribute; `purchase_probability` is the score.
    pub column: String,
    /// The index, its critical value and how to read it.
    pub index: StabilityIndex,
    /// Medians then and now; none for texts and if there are no values.
    pub median: (Option<f64>, Option<f64>),
    /// Shares of customers without a value, then and now.
    pub missing_share: (f64, f64),
}

impl ChurnModel {
    /// Compares the customers at a cutoff with those of the latest training cutoff: the population
    /// stability index of every column that the model reads and of its score.
    ///
    /// Numbers are binned into tenths of the training rows, texts by level, and missing values get
    /// their own bin; see [`population_stability_index`]. Customers of all states count. `level` is
    /// the probability of reporting a column as moved when it has not, usually 0.01. Columns that
    /// grow with a young log, such as `tenure_days`, always move.
    ///
    /// ```
    /// # use winback::{ChurnModel, EventLog, simulate::Simulation};
    /// # let shop = Simulation::default().customers(400).run()?;
    /// # let log = EventLog::builder().transactions([shop.transactions])
    /// #     .observed_until("2025-01-01")?.build()?;
    /// let model = ChurnModel::builder().fit(&log, "2024-10-01")?;
    /// let drift = model.drift(&log.at("2025-01-01")?, 0.01)?;
    /// println!("{drift}");
    /// assert_eq!(drift.columns.last().map(|last| &last.column[..]), Some("purchase_probability"));
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`ChurnModel::score`]; [`Error::Argument`](crate::Error::Argument) for a `level` that is
    /// not a probability; [`Error::TooLittleData`](crate::Error::TooLittleData) when there are no
    /// customers at the cutoff.
    pub fn drift(&self, snapshot: &Snapshot, level: f64) -> Result<Drift> {
        let found = self.of_columns(snapshot, |profile, values| {
            let median = profile.is_numeric().then(|| median_of(values)).flatten();
            (profile.count(values), median)
        })?;
        AskedDrift::of(self, level).found(snapshot.at(), found)
    }

    /// What `of` finds in each column of the profile, of all customers at a cutoff.
    pub(super) fn of_columns<T>(
        &self,
        snapshot: &Snapshot,
        mut of: impl FnMut(&ColumnProfile, ArrayView1<'_, f64>) -> T,
    ) -> Result<Vec<T>> {
        let scored = self.scored_all(snapshot)?;
        let score: Array1<f64> = scored.rows.iter().map(|row| row.purchase_probability).collect();
        let values = scored.x.columns().into_iter().chain([score.view()]);
        Ok(self.profile.columns.iter().zip(values).map(|(own, values)| of(own, values)).collect())
    }
}

/// What customers are compared with, and how.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskedDrift {
    /// Of the columns that the model reads.
    names: Vec<String>,
    pub(super) profile: Profile,
    level: f64,
}

impl AskedDrift {
    pub(super) fn of(model: &ChurnModel, level: f64) -> Self {
        AskedDrift { names: model.recipe.names(), profile: (*model.profile).clone(), level }
    }

    /// Of each column of the profile how many customers are in each bin now, and their median.
    pub(super) fn found(
        &self,
        at: Timestamp,
        now: impl IntoIterator<Item = (Vec<u64>, Option<f64>)>,
    ) -> Result<Drift> {
        let mut customers = (0, 0);
        let names = self.names.iter().map(String::as_str).chain([SCORE]);
        let mut columns = Vec::with_capacity(self.profile.columns.len());
        for ((name, profile), (now, median)) in names.zip(&self.profile.columns).zip(now) {
            // The time of the year moves without anything having changed.
            if is_calendar(name) {
                continue;
            }
            let share = |counts: &[u64]| {
                let all: u64 = counts.iter().sum();
                counts.last().map_or(0.0, |&missing| missing as f64 / all.max(1) as f64)
            };
            customers = (profile.counts.iter().sum(), now.iter().sum());
            columns.push(ColumnDrift {
                column: name.to_owned(),
                index: population_stability_index(&profile.counts, &now, self.level)?,
                median: (profile.median, median),
                missing_share: (share(&profile.counts), share(&now)),
            });
        }
        let score = columns.pop();
        columns.sort_by(|a, b| b.index.psi.total_cmp(&a.index.psi));
        columns.extend(score);
        let (trained_at, level) = (self.profile.cutoff, self.level);
        Ok(Drift { at, trained_at, customers, level, columns })
    }
}

impl Drift {
    /// The columns that have moved, the most moved first.
    pub fn moved(&self) -> impl Iterator<Item = &ColumnDrift> {
        self.columns.iter().filter(|column| column.index.stability != Stability::Stable)
    }

    fn rows_table(&self) -> Result<RecordBatch> {
        let columns = || self.columns.iter();
        batch([
            texts("column", columns().map(|column| column.column.as_str())),
            numbers("psi", columns().map(|column| column.index.psi)),
            numbers("critical_value", columns().map(|column| column.index.critical_value)),
            texts("stability", columns().map(|column| column.index.stability.name())),
            numbers("training_median", columns().map(|column| column.median.0)),
            numbers("median", columns().map(|column| column.median.1)),
            numbers("training_missing_share", columns().map(|column| column.missing_share.0)),
            numbers("missing_share", columns().map(|column| column.missing_share.1)),
        ])
    }
}

impl Analysis for Drift {
    /// - `columns`: `column`, `psi`, `critical_value`, `stability` (`stable`, `moderate`,
    ///   `major`), `training_median`, `median` (null for texts), `training_missing_share`,
    ///   `missing_share`.
    const TABLES: &'static [Table<Self>] = &[("columns", Self::rows_table)];
    const IS_REPORT: bool = true;

    fn figures(&self) -> Map<String, Value> {
        let moved: Vec<Value> = self.moved().map(|column| column.column.as_str().into()).collect();
        let mut figures = fields(self);
        figures.insert("moved".to_owned(), moved.into());
        figures
    }
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} customers at {} against {} at {}, the latest training cutoff",
            grouped(self.customers.1),
            self.at,
            grouped(self.customers.0),
            self.trained_at
        )?;
        let moved = self.moved().count();
        if moved == 0 {
            return write!(f, "nothing has moved (population stability index)");
        }
        let all = self.columns.len();
        writeln!(f, "{moved} of {all} distributions have moved")?;
        let head = ["stability index", "by chance", "", "then", "now"];
        write!(f, "{:<26}{:>16}{:>11}  {:<9}", "", head[0], head[1], head[2])?;
        write!(f, "{:>12}{:>12}", head[3], head[4])?;
        let number = |value: Option<f64>| value.map_or("-".into(), |value| format!("{value:.2}"));
        for column in self.moved() {
            let StabilityIndex { psi, critical_value, stability } = column.index;
            let (then, now) = column.median;
            write!(f, "\n{:<26}{psi:>16.3}{critical_value:>11.3}  {stability:<9}", column.column)?;
            write!(f, "{:>12}{:>12}", number(then), number(now))?;
        }
        Ok(())
    }
}
