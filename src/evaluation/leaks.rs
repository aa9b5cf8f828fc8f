//! Figures that are too good to be true: a column that gives away the outcome.

use hashbrown::HashMap;

use super::group_scores::{GroupScores, outcome_name};
use crate::churn::ChurnModel;
use crate::churn::score::Scored;
use crate::features::DAYS_TO_RENEWAL;
use crate::labels::State;
use crate::metrics::roc_auc;

/// An AUC from which on a model is doubted.
const MODEL: f64 = 0.97;
/// An AUC from which on a single column is doubted.
const COLUMN: f64 = 0.95;
/// Customers from which on a column is judged.
const CUSTOMERS: usize = 50;

/// What looks like a leak among the customers of a state at a test cutoff.
pub(crate) fn leaks(
    model: &ChurnModel,
    scored: &Scored,
    group: &GroupScores,
    state: State,
) -> Vec<String> {
    let mut notes = Vec::new();
    if group.rows.len() < CUSTOMERS {
        return notes;
    }
    let outcome = outcome_name(state);
    let reads_ends = model.recipe.names().iter().any(|name| name == DAYS_TO_RENEWAL);
    let explained = match reads_ends {
        true => {
            "ends of contracts may explain it, if they were agreed on at the purchase; else look for \
             a column that is written after the fact"
        }
        false => "look for a column that is written after the fact, such as a status",
    };
    if let Ok(auc) = roc_auc(&group.outcome, &group.model, None)
        && auc >= MODEL
    {
        notes.push(format!(
            "{state}: the model tells who {outcome} too well to be true (AUC {auc:.3}); \
             {explained}"
        ));
    }
    let first_attribute = model.recipe.features.len();
    for (column, name) in model.recipe.names().iter().enumerate() {
        let is_text = column
            .checked_sub(first_attribute)
            .and_then(|i| model.recipe.attributes.get(i))
            .is_some_and(|attribute| attribute.levels.is_some());
        let values: Vec<f64> = group.rows.iter().map(|&row| scored.x[[row, column]]).collect();
        let values = if is_text { rates(&values, &group.outcome) } else { values };
        let (y, values): (Vec<bool>, Vec<f64>) = group
            .outcome
            .iter()
            .zip(values)
            .filter(|(_, value)| !value.is_nan())
            .map(|(&y, value)| (y, value))
            .unzip();
        if y.len() * 2 < group.rows.len() || y.len() < CUSTOMERS {
            continue;
        }
        let Ok(auc) = roc_auc(&y, &values, None) else { continue };
        if auc.max(1.0 - auc) >= COLUMN {
            let asked = match name.as_str() {
                DAYS_TO_RENEWAL => {
                    "is the end in `valid_until` the one that was agreed on at the purchase, and not \
                     written when the customer left?"
                }
                _ => "is it known at the cutoff?",
            };
            notes.push(format!(
                "{state}: `{name}` alone tells who {outcome} too well to be true (AUC {:.3}); {asked}",
                auc.max(1.0 - auc)
            ));
        }
    }
    notes
}

/// Each level's rate of the outcome, for texts have no order of their own; levels of few customers
/// count as the mean.
fn rates(codes: &[f64], outcome: &[bool]) -> Vec<f64> {
    const FEW: usize = 20;
    let mean = outcome.iter().filter(|&&y| y).count() as f64 / outcome.len() as f64;
    let mut levels: HashMap<u64, (usize, usize)> = HashMap::new();
    for (code, &y) in codes.iter().zip(outcome).filter(|(code, _)| !code.is_nan()) {
        let (all, with) = levels.entry(code.to_bits()).or_default();
        *all += 1;
        *with += usize::from(y);
    }
    let rate = |code: &f64| match levels.get(&code.to_bits()) {
        Some(&(all, with)) if all >= FEW => with as f64 / all as f64,
        _ => mean,
    };
    codes.iter().map(rate).collect()
}
