//! Survey answers.

use super::feature::{Family::Surveys, Feature, Needs, Unit, says};
use super::reason_group::ReasonGroup;
use super::tickets::Mean;
use crate::log::History;
use crate::time::MICROS_PER_DAY;

const NAN: f64 = f64::NAN;

pub(super) const FEATURES: [Feature; 5] = [
    Feature {
        name: "last_survey_score",
        family: Surveys,
        unit: Unit::Score,
        needs: Needs::Surveys,
        empty: NAN,
        expected_sign: 1,
        group: ReasonGroup::Surveys,
        meaning: "Score of the last answer; of several at one instant the highest.",
        words: says("last survey score: {}", "последняя оценка в опросе: {}")
            .missing("no answer so far", "ответов не было"),
    },
    Feature {
        name: "mean_survey_score",
        family: Surveys,
        unit: Unit::Score,
        needs: Needs::Surveys,
        empty: NAN,
        expected_sign: 1,
        group: ReasonGroup::Surveys,
        meaning: "Mean score of all answers.",
        words: says("mean survey score: {}", "средняя оценка в опросах: {}")
            .missing("no answer so far", "ответов не было"),
    },
    Feature {
        name: "days_since_last_survey",
        family: Surveys,
        unit: Unit::Days,
        needs: Needs::Surveys,
        empty: NAN,
        expected_sign: 0,
        group: ReasonGroup::Surveys,
        meaning: "Cutoff − last answer.",
        words: says("time since the last survey answer: {}", "с последнего ответа на опрос: {}")
            .missing("no answer so far", "ответов не было"),
    },
    Feature {
        name: "lowest_survey_score",
        family: Surveys,
        unit: Unit::Score,
        needs: Needs::Surveys,
        empty: NAN,
        expected_sign: 1,
        group: ReasonGroup::Surveys,
        meaning: "Lowest score of all answers.",
        words: says("lowest survey score: {}", "самая низкая оценка в опросах: {}")
            .missing("no answer so far", "ответов не было"),
    },
    Feature {
        name: "survey_score_change",
        family: Surveys,
        unit: Unit::Score,
        needs: Needs::Surveys,
        empty: NAN,
        expected_sign: 1,
        group: ReasonGroup::Surveys,
        meaning: "last_survey_score − mean score of the answers before it; not defined with fewer than two.",
        words: says(
            "last survey score against earlier ones: {}",
            "последняя оценка в опросе к прежним: {}",
        )
        .missing("fewer than two answers so far", "меньше двух ответов"),
    },
];

pub(super) fn compute(history: &History<'_>) -> [f64; FEATURES.len()] {
    let Some(answers) = history.answers() else { return [NAN; FEATURES.len()] };
    let mut mean = Mean::default();
    let (mut last_score, mut last_time, mut lowest) = (NAN, None, NAN);
    let mut earlier = NAN;
    for answer in answers {
        earlier = mean.value();
        mean.add(answer.score);
        // A minimum with NaN is the other.
        lowest = answer.score.min(lowest);
        (last_score, last_time) = (answer.score, Some(answer.time));
    }
    let days_since = |time: i64| (history.cutoff().micros() - time) as f64 / MICROS_PER_DAY as f64;
    [last_score, mean.value(), last_time.map_or(NAN, days_since), lowest, last_score - earlier]
}
