//! Survey answers.

use super::catalogue::{Family::Surveys, Feature, Needs, Unit, feature};
use super::tickets::Mean;
use crate::log::History;
use crate::time::MICROS_PER_DAY;

const NAN: f64 = f64::NAN;

pub(super) const FEATURES: [Feature; 3] = [
    feature(
        Surveys,
        "last_survey_score",
        Unit::Score,
        Needs::Surveys,
        NAN,
        "Score of the last answer; of several at one instant the highest.",
    ),
    feature(
        Surveys,
        "mean_survey_score",
        Unit::Score,
        Needs::Surveys,
        NAN,
        "Mean score of all answers.",
    ),
    feature(
        Surveys,
        "days_since_last_survey",
        Unit::Days,
        Needs::Surveys,
        NAN,
        "Cutoff − last answer.",
    ),
];

pub(super) fn compute(history: &History<'_>, out: &mut [f64]) {
    out.fill(NAN);
    let Some(answers) = history.answers() else { return };
    let mut mean = Mean::default();
    for answer in answers {
        mean.add(answer.score);
        out[0] = answer.score;
        out[2] = (history.cutoff().micros() - answer.time) as f64 / MICROS_PER_DAY as f64;
    }
    out[1] = mean.value();
}
