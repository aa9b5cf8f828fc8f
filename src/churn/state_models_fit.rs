//! The models of a churn model from what its members learned.

use ndarray::{Array1, Array2, ArrayView1, Axis, Slice};

use super::calibration::StateCalibration;
use super::member::{Member, sum_of_weights};
use super::outcome_counts::{MIN_OUTCOMES, OutcomeCounts};
use super::profile::{Profile, typical};
use super::recipe::Recipe;
use super::state_models::{Reference, StateModels};
use super::training_rows::TrainingRows;
use super::whom::Whom;
use crate::error::{Error, Result};
use crate::labels::State;
use crate::models::logistic::Logistic;
use crate::models::rows::selected;

/// Training rows that are explained at once.
const ROWS_AT_ONCE: usize = 65_536;

impl StateModels {
    /// `rows`: those of all customers, each of which counts once.
    pub(crate) fn new(
        members: Vec<Member>,
        calibrations: [Option<StateCalibration>; 2],
        rows: &TrainingRows,
        recipe: &Recipe,
    ) -> Result<StateModels> {
        let members: Vec<Member> = members
            .into_iter()
            .map(|member| member.with_backgrounds(rows))
            .collect::<Result<_>>()?;
        let reference = |state| {
            let members = members.iter().filter(|member| member.whom.includes(state));
            Reference::of(state, &members.collect::<Vec<_>>(), rows, recipe)
        };
        let [active, lapsed, lost] = State::ALL;
        let references = [reference(active)?, reference(lapsed)?, reference(lost)?];
        Ok(StateModels { members, calibrations, references })
    }

    /// Of the rows of the latest cutoff, which come last.
    pub(crate) fn profile(&self, rows: &TrainingRows, recipe: &Recipe) -> Result<Profile> {
        let none = || Error::TooLittleData("no training rows".into());
        let latest = rows.times.last().ok_or_else(none)?.cutoff;
        let first = rows.times.partition_point(|time| time.cutoff < latest);
        let x = rows.x.slice_axis(Axis(0), Slice::from(first..));
        let mut buffer = Vec::new();
        let score = |(values, &state): (ArrayView1<'_, f64>, &State)| {
            let model = self.of(state);
            model.purchase_probability(values.as_slice().unwrap_or_default(), &mut buffer)
        };
        let states = &rows.states[first..];
        let probability =
            x.rows().into_iter().zip(states).map(score).collect::<Result<Vec<_>>>()?;
        Ok(Profile::of(latest, x, &probability, recipe))
    }
}

impl Reference {
    /// Of the rows of one state that a model learned from; where these are too few, of its kind.
    fn of(
        state: State,
        members: &[&Member],
        learned: &TrainingRows,
        recipe: &Recipe,
    ) -> Result<Reference> {
        let TrainingRows { x, days, purchased, states, .. } = learned;
        let all = learned.places(Whom::of(state));
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

        let compared = learned.compared_with(state);
        let typical = typical(&selected(x.view(), &compared), &recipe.categories());
        let mean = mean_contributions(members, state, x, &compared)?;
        Ok(Reference { recency, typical, mean })
    }
}

/// What each column adds to these rows' log-odds, on average.
fn mean_contributions(
    members: &[&Member],
    state: State,
    x: &Array2<f64>,
    rows: &[usize],
) -> Result<Vec<f64>> {
    let mut sums = Array1::zeros(x.ncols());
    for member in members {
        for rows in rows.chunks(ROWS_AT_ONCE) {
            let some = selected(x.view(), rows);
            let parts = member.estimator.contributions_of(member.background(state), some.view())?;
            sums.scaled_add(member.weight, &parts.sum_axis(Axis(0)));
        }
    }
    sums /= rows.len() as f64 * sum_of_weights(members.iter().copied());
    Ok(sums.to_vec())
}
