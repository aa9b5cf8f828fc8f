//! The two models of a churn model, for active and for silent customers, and what the customers of
//! each state are compared with.

use ndarray::{Array2, ArrayView2, Axis};

use super::profile::{Profile, typical};
use super::recipe::Recipe;
use super::state_model::StateModel;
use super::training_rows::{MIN_OUTCOMES, OutcomeCounts, TrainingRows};
use crate::error::{Error, Result};
use crate::labels::State;
use crate::models::logistic::{FittedLogistic, Logistic};
use crate::panel::Panel;

/// By how many of a state's training rows its mean customer is found, at most; they are spread evenly.
const MEAN_OF: usize = 4_096;

/// A model of the active customers and one of the silent ones.
///
/// Lapsed and lost customers differ in how long they have been silent, which the model reads. Few of
/// either return: it learns more from both together than from each alone.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub(crate) struct StateModels {
    pub(crate) active: StateModel,
    pub(crate) silent: StateModel,
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

/// The model that scores the customers of a state, beside what they are compared with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ModelOf<'a> {
    pub(crate) model: &'a StateModel,
    reference: &'a Reference,
}

impl StateModels {
    /// Each with the rows from which it learned.
    pub(crate) fn new(
        (active, active_rows): (StateModel, &TrainingRows),
        (silent, silent_rows): (StateModel, &TrainingRows),
        recipe: &Recipe,
    ) -> Result<StateModels> {
        let references = [
            Reference::of(State::Active, &active, active_rows, recipe)?,
            Reference::of(State::Lapsed, &silent, silent_rows, recipe)?,
            Reference::of(State::Lost, &silent, silent_rows, recipe)?,
        ];
        Ok(StateModels { active, silent, references })
    }

    /// The model that scores the customers of a state.
    pub(crate) fn of(&self, state: State) -> ModelOf<'_> {
        let [active, lapsed, lost] = &self.references;
        let (model, reference) = match state {
            State::Active => (&self.active, active),
            State::Lapsed => (&self.silent, lapsed),
            State::Lost => (&self.silent, lost),
        };
        ModelOf { model, reference }
    }

    /// Of the rows of the latest cutoff.
    pub(crate) fn profile(&self, panel: &Panel, recipe: &Recipe) -> Result<Profile> {
        let features = panel.features();
        let latest = features.cutoffs().len() - 1;
        let rows: Vec<usize> = features.rows_of(latest).collect();
        let x = recipe.matrix(features, &rows)?;
        let mut buffer = Vec::new();
        let score = |(i, &row): (usize, &usize)| {
            let values = x.row(i);
            let model = self.of(panel.states()[row]).model;
            model.purchase_probability(values.as_slice().unwrap_or_default(), &mut buffer)
        };
        let probability = rows.iter().enumerate().map(score).collect::<Result<Vec<f64>>>()?;
        Ok(Profile::of(features.cutoffs()[latest], &x, &probability, recipe))
    }

    /// Refuses models that do not fit their recipe, as of a damaged file.
    pub(crate) fn check(&self, recipe: &Recipe) -> Result<()> {
        self.active.check(recipe)?;
        self.silent.check(recipe)?;
        self.references.iter().try_for_each(|reference| reference.check(recipe))
    }
}

impl Reference {
    /// Of the rows of one state that a model learned from; where these are too few, of all.
    fn of(
        state: State,
        model: &StateModel,
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
        if own.is_empty() || own.len() == all.len() {
            let (typical, mean) = (typical(x, &recipe.categories()), vec![0.0; x.ncols()]);
            return Ok(Reference { recency, typical, mean });
        }
        let typical = typical(&x.select(Axis(0), &own), &recipe.categories());
        let some: Vec<usize> = own.iter().copied().step_by(own.len().div_ceil(MEAN_OF)).collect();
        let parts = model.estimator.contributions_of(x.select(Axis(0), &some).view())?;
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
    /// Of each column the usual value among the customers of the state.
    pub(crate) fn typical(self) -> &'a [Option<f64>] {
        &self.reference.typical
    }

    /// The log-odds of a purchase of the mean training row of the state.
    pub(crate) fn base(self) -> f64 {
        self.model.estimator.base() + self.reference.mean.iter().sum::<f64>()
    }

    /// What each column adds to the log-odds of a purchase, against the mean training row of the state.
    pub(crate) fn contributions(self, row: &[f64]) -> Result<Vec<f64>> {
        let mut parts = self.model.estimator.contributions(row)?;
        parts.iter_mut().zip(&self.reference.mean).for_each(|(part, mean)| *part -= mean);
        Ok(parts)
    }

    /// The same of many rows, on all threads.
    pub(crate) fn contributions_of(self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        let mut parts = self.model.estimator.contributions_of(x)?;
        for (mut column, &mean) in parts.columns_mut().into_iter().zip(&self.reference.mean) {
            column.mapv_inplace(|part| part - mean);
        }
        Ok(parts)
    }

    /// The baseline's chance of a purchase.
    pub(crate) fn recency_probability(self, days: f64) -> Result<f64> {
        self.reference.recency.probability_row(&[days.ln_1p()])
    }
}
