//! The models of a churn model, for active and for silent customers, and what the customers of each state
//! are compared with.

use ndarray::{Array2, ArrayView2, Axis};

use super::calibration::StateCalibration;
use super::member::Member;
use super::profile::{Profile, typical};
use super::recipe::Recipe;
use super::training_rows::{MIN_OUTCOMES, OutcomeCounts, TrainingRows};
use super::whom::Whom;
use crate::error::{Error, Result};
use crate::features::FeatureTable;
use crate::labels::State;
use crate::models::logistic::{FittedLogistic, Logistic};
use crate::models::odds::sigmoid;

/// By how many of a state's training rows its mean customer is found, at most; they are spread evenly.
const MEAN_OF: usize = 4_096;

/// The models of a churn model: of the active customers, of the silent ones, and of all. A customer's
/// log-odds are the mean of those that the models of such customers tell.
///
/// Lapsed and lost customers differ in how long they have been silent, which the models read. Few of
/// either return: more is learned from both together than from each alone.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub(crate) struct StateModels {
    members: Vec<Member>,
    /// Of the probabilities of active and of silent customers; none: not wanted, or too few outcomes to
    /// judge by.
    calibrations: [Option<StateCalibration>; 2],
    /// In the order of [`State::ALL`].
    references: [Reference; 3],
}

/// What the customers of a state are compared with.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
struct Reference {
    /// The baseline that knows only ln(1 + days since the last purchase).
    recency: FittedLogistic,
    /// Of each column the median of the training rows, of texts the most frequent; none where half of
    /// the rows have no value.
    typical: Vec<Option<f64>>,
    /// What each column adds, on average, to the log-odds of the state's training rows.
    mean: Vec<f64>,
}

/// The models that score the customers of a state, beside what they are compared with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ModelOf<'a> {
    models: &'a StateModels,
    state: State,
}

impl StateModels {
    /// `rows`: those of active and those of silent customers.
    pub(crate) fn new(
        members: Vec<Member>,
        calibrations: [Option<StateCalibration>; 2],
        rows: [&TrainingRows; 2],
        recipe: &Recipe,
    ) -> Result<StateModels> {
        let reference = |state| {
            let members = members.iter().filter(|member| member.whom.includes(state));
            let rows = rows[usize::from(state != State::Active)];
            Reference::of(state, &members.collect::<Vec<_>>(), rows, recipe)
        };
        let [active, lapsed, lost] = State::ALL;
        let references = [reference(active)?, reference(lapsed)?, reference(lost)?];
        Ok(StateModels { members, calibrations, references })
    }

    /// Those that score the customers of a state.
    pub(crate) fn of(&self, state: State) -> ModelOf<'_> {
        ModelOf { models: self, state }
    }

    /// Of the rows of the latest cutoff.
    pub(crate) fn profile(
        &self,
        features: &FeatureTable,
        states: &[State],
        recipe: &Recipe,
    ) -> Result<Profile> {
        let latest = features.cutoffs().len() - 1;
        let rows: Vec<usize> = features.rows_of(latest).collect();
        let x = recipe.matrix(features, &rows)?;
        let mut buffer = Vec::new();
        let score = |(i, &row): (usize, &usize)| {
            let values = x.row(i);
            let model = self.of(states[row]);
            model.purchase_probability(values.as_slice().unwrap_or_default(), &mut buffer)
        };
        let probability = rows.iter().enumerate().map(score).collect::<Result<Vec<f64>>>()?;
        Ok(Profile::of(features.cutoffs()[latest], &x, &probability, recipe))
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
        }
        self.references.iter().try_for_each(|reference| reference.check(recipe))
    }
}

impl Reference {
    /// Of the rows of one state that a model learned from; where these are too few, of all.
    fn of(
        state: State,
        members: &[&Member],
        learned: &TrainingRows,
        recipe: &Recipe,
    ) -> Result<Reference> {
        let TrainingRows { x, days, purchased, states, .. } = learned;
        let all: Vec<usize> = (0..purchased.len()).collect();
        let own: Vec<usize> = all.iter().copied().filter(|&row| states[row] == state).collect();
        let few = OutcomeCounts::of(&own, purchased).least() < MIN_OUTCOMES;
        let rows = if few { &all } else { &own };
        let ln_days: Vec<f64> = rows.iter().map(|&row| days[row].ln_1p()).collect();
        let ln_days = Array2::from_shape_vec((rows.len(), 1), ln_days)
            .map_err(|error| Error::Shape(error.to_string()))?;
        let outcomes: Vec<bool> = rows.iter().map(|&row| purchased[row]).collect();
        let recency = Logistic::scikit_learn()
            .fit_weighted(ln_days.view(), &outcomes, None)?
            .with_names(vec!["ln(1 + days_since_last_purchase)".into()])?;

        // Those of the model itself, whose mean row adds nothing.
        let same = members.iter().all(|member| member.whom != Whom::All) && own.len() == all.len();
        if own.is_empty() || same {
            let (typical, mean) = (typical(x, &recipe.categories()), vec![0.0; x.ncols()]);
            return Ok(Reference { recency, typical, mean });
        }
        let typical = typical(&x.select(Axis(0), &own), &recipe.categories());
        let some: Vec<usize> = own.iter().copied().step_by(own.len().div_ceil(MEAN_OF)).collect();
        let parts = mean_contributions(members, x.select(Axis(0), &some).view())?;
        let mean = parts.sum_axis(Axis(0)) / some.len() as f64;
        Ok(Reference { recency, typical, mean: mean.to_vec() })
    }

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
            sum += member.estimator.log_odds(row, buffer)?;
            count += 1.0;
        }
        let probability = sigmoid(sum / count);
        Ok(self.calibration().map_or(probability, |found| found.apply(probability)))
    }

    /// Of each column the usual value among the customers of the state.
    pub(crate) fn typical(self) -> &'a [Option<f64>] {
        &self.reference().typical
    }

    /// The log-odds of a purchase of the mean training row of the state.
    pub(crate) fn base(self) -> f64 {
        let (mut sum, mut count) = (0.0, 0.0);
        for member in self.members() {
            sum += member.estimator.base();
            count += 1.0;
        }
        sum / count + self.reference().mean.iter().sum::<f64>()
    }

    /// What each column adds to the log-odds of a purchase, against the mean training row of the state.
    pub(crate) fn contributions(self, row: &[f64]) -> Result<Vec<f64>> {
        let mut all = vec![0.0; row.len()];
        let mut count = 0.0;
        for member in self.members() {
            let parts = member.estimator.contributions(row)?;
            all.iter_mut().zip(parts).for_each(|(sum, part)| *sum += part);
            count += 1.0;
        }
        let mean = &self.reference().mean;
        all.iter_mut().zip(mean).for_each(|(sum, mean)| *sum = *sum / count - mean);
        Ok(all)
    }

    /// The same of many rows, on all threads.
    pub(crate) fn contributions_of(self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        let mut parts = mean_contributions(&self.members().collect::<Vec<_>>(), x)?;
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

/// What each column adds to the mean of the members' log-odds.
fn mean_contributions(members: &[&Member], x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
    let mut all = Array2::zeros(x.raw_dim());
    for member in members {
        all += &member.estimator.contributions_of(x)?;
    }
    all /= members.len() as f64;
    Ok(all)
}
