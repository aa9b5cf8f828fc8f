//! The models of a churn model, for active and for silent customers, and what the customers of each state
//! are compared with.

use ndarray::{Array1, Array2, ArrayView2};

use super::calibration::StateCalibration;
use super::member::{Member, sum_of_weights};
use super::recipe::Recipe;
use crate::error::{Error, Result};
use crate::labels::State;
use crate::models::logistic::FittedLogistic;
use crate::models::odds::sigmoid;

/// The models of a churn model: of the active customers, of the silent ones, and of all. A customer's
/// log-odds are the mean of those that the models of such customers tell.
///
/// Lapsed and lost customers differ in how long they have been silent, which the models read. Few of
/// either return: more is learned from both together than from each alone.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub(crate) struct StateModels {
    pub(super) members: Vec<Member>,
    /// Of the probabilities of active and of silent customers; none: not wanted, or too few outcomes to
    /// judge by.
    pub(super) calibrations: [Option<StateCalibration>; 2],
    /// In the order of [`State::ALL`].
    pub(super) references: [Reference; 3],
}

/// What the customers of a state are compared with.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub(super) struct Reference {
    /// The baseline that knows only ln(1 + days since the last purchase).
    pub(super) recency: FittedLogistic,
    /// Of each column the median of the training rows, of texts the most frequent; none where half of
    /// the rows have no value.
    pub(super) typical: Vec<Option<f64>>,
    /// What each column adds, on average, to the log-odds of the state's training rows: against the mean
    /// rows of regressions, and beside what trees tell of the state's rows in groups.
    pub(super) mean: Vec<f64>,
}

/// The models that score the customers of a state, beside what they are compared with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ModelOf<'a> {
    models: &'a StateModels,
    state: State,
}

impl StateModels {
    /// Those that score the customers of a state.
    pub(crate) fn of(&self, state: State) -> ModelOf<'_> {
        ModelOf { models: self, state }
    }

    /// Refuses models that do not fit their recipe, as of a damaged file.
    pub(crate) fn check(&self, recipe: &Recipe) -> Result<()> {
        let missing = |state| !self.members.iter().any(|member| member.whom.includes(state));
        if State::ALL.into_iter().any(missing) {
            return Err(Error::model_file("it has no model of some customers"));
        }
        for member in &self.members {
            if member.estimator.checked_columns()? != recipe.width() {
                return Err(Error::model_file("model and recipe differ in their columns"));
            }
            member.check()?;
        }
        self.references.iter().try_for_each(|reference| reference.check(recipe))
    }
}

impl Reference {
    fn check(&self, recipe: &Recipe) -> Result<()> {
        let width = recipe.width();
        let typical =
            self.typical.len() == width && !self.typical.iter().flatten().any(|v| v.is_nan());
        let mean = self.mean.len() == width && self.mean.iter().all(|v| v.is_finite());
        match typical && mean && self.recency.coefficients().len() == 1 {
            true => Ok(()),
            false => Err(Error::model_file("its typical values are not those of its columns")),
        }
    }
}

impl<'a> ModelOf<'a> {
    /// The models, whose mean it is.
    pub(crate) fn members(self) -> impl Iterator<Item = &'a Member> {
        self.models.members.iter().filter(move |member| member.whom.includes(self.state))
    }

    fn reference(self) -> &'a Reference {
        &self.models.references[self.state as usize]
    }

    /// How the probabilities are calibrated.
    pub(crate) fn calibration(self) -> Option<&'a StateCalibration> {
        self.models.calibrations[usize::from(self.state != State::Active)].as_ref()
    }

    /// The chance of a purchase for one row, calibrated; `buffer` is kept from row to row.
    pub(crate) fn purchase_probability(self, row: &[f64], buffer: &mut Vec<f64>) -> Result<f64> {
        let (mut sum, mut count) = (0.0, 0.0);
        for member in self.members() {
            sum += member.weight * member.estimator.log_odds(row, buffer)?;
            count += member.weight;
        }
        Ok(self.calibrated(sum / count))
    }

    /// The same of many rows, each to the bit.
    pub(crate) fn purchase_probabilities(self, x: ArrayView2<'_, f64>) -> Vec<Result<f64>> {
        let together = || {
            let (mut sum, mut count) = (Array1::zeros(x.nrows()), 0.0);
            for member in self.members() {
                sum.scaled_add(member.weight, &member.estimator.log_odds_of(x)?);
                count += member.weight;
            }
            Ok::<_, Error>(sum / count)
        };
        match together() {
            Ok(log_odds) => log_odds.iter().map(|&mean| Ok(self.calibrated(mean))).collect(),
            // Which rows are unusable they say one by one.
            Err(_) => {
                let mut buffer = Vec::new();
                let rows = x.rows().into_iter();
                rows.map(|row| self.purchase_probability(&row.to_vec(), &mut buffer)).collect()
            }
        }
    }

    fn calibrated(self, log_odds: f64) -> f64 {
        let probability = sigmoid(log_odds);
        self.calibration().map_or(probability, |found| found.apply(probability))
    }

    /// Of each column the usual value among the customers of the state.
    pub(crate) fn typical(self) -> &'a [Option<f64>] {
        &self.reference().typical
    }

    /// The mean log-odds of a purchase of the state's training rows.
    pub(crate) fn base(self) -> Result<f64> {
        let (mut sum, mut count) = (0.0, 0.0);
        for member in self.members() {
            sum += member.weight * member.estimator.base(member.background(self.state))?;
            count += member.weight;
        }
        Ok(sum / count + self.reference().mean.iter().sum::<f64>())
    }

    /// What each column adds to the log-odds of a purchase, against the training rows of the state.
    pub(crate) fn contributions(self, row: &[f64]) -> Result<Vec<f64>> {
        let mut all = vec![0.0; row.len()];
        let mut count = 0.0;
        for member in self.members() {
            let parts = member.estimator.contributions(member.background(self.state), row)?;
            all.iter_mut().zip(parts).for_each(|(sum, part)| *sum += member.weight * part);
            count += member.weight;
        }
        let mean = &self.reference().mean;
        all.iter_mut().zip(mean).for_each(|(sum, mean)| *sum = *sum / count - mean);
        Ok(all)
    }

    /// The same of many rows, on all threads.
    pub(crate) fn contributions_of(self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        let members: Vec<&Member> = self.members().collect();
        let mut parts = Array2::zeros(x.raw_dim());
        for member in &members {
            let own = member.estimator.contributions_of(member.background(self.state), x)?;
            parts.scaled_add(member.weight, &own);
        }
        parts /= sum_of_weights(members.into_iter());
        for (mut column, &mean) in parts.columns_mut().into_iter().zip(&self.reference().mean) {
            column.mapv_inplace(|part| part - mean);
        }
        Ok(parts)
    }

    /// The baseline's chance of a purchase.
    pub(crate) fn recency_probability(self, days: f64) -> Result<f64> {
        self.reference().recency.probability_row(&[days.ln_1p()])
    }
}
