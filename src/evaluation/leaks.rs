//! Figures that are too good to be true: a column that gives away the outcome.

use hashbrown::HashMap;

use super::drawn::{Drawn, JudgedColumn};
use super::group_scores::outcome_name;
use crate::features::{DAYS_TO_RENEWAL, described};
use crate::labels::State;
use crate::metrics::roc_auc;

/// An AUC from which on a model is doubted.
const MODEL: f64 = 0.97;
/// An AUC from which on a single column is doubted.
const COLUMN: f64 = 0.95;
/// By how much a doubted AUC is above what needs no explanation.
const MORE: f64 = 0.01;
/// Customers from which on a column is judged.
const CUSTOMERS: usize = 50;
/// Customers of whom a rate of the outcome is known, and into how many parts a column of numbers is cut.
const FEW: usize = 20;
const PARTS: usize = 10;

/// What looks like a leak among the customers of a state at a test cutoff, of whom some are drawn; `auc` is
/// the model's on all of them, and the outcome window ends so many days `ahead`.
///
/// Columns that are made of the times of purchases alone cannot be written after the fact, and nothing is
/// too good that these tell as well: who is inside a yearly contract buys nothing.
pub(super) fn leaks(
    columns: &[JudgedColumn],
    drawn: &Drawn,
    (state, auc): (State, f64),
    ahead: f64,
) -> Vec<String> {
    let mut notes = Vec::new();
    if drawn.len() < CUSTOMERS {
        return notes;
    }
    let name = outcome_name(state);
    let outcome: Vec<bool> =
        drawn.purchased().map(|purchased| purchased != (state == State::Active)).collect();
    let of_times = |column: &usize| {
        described(&columns[*column].name).is_some_and(|feature| feature.is_of_purchase_times())
    };
    let told = |column: usize| told_by(&drawn.values(column), &outcome, columns[column].is_text);
    let (times, mut others): (Vec<usize>, Vec<usize>) = (0..columns.len()).partition(of_times);
    // Ends first: those that were agreed on explain what else tells when contracts are renewed.
    others.sort_by_key(|&column| columns[column].name != DAYS_TO_RENEWAL);
    let mut explained = times.into_iter().map(told).fold(0.5, f64::max);
    for column in others {
        let own = &columns[column].name;
        let (auc, asked) = match own.as_str() {
            DAYS_TO_RENEWAL => (
                told_by_end(&drawn.values(column), &outcome, state, ahead),
                "is the end in `valid_until` the one that was agreed on at the purchase, and not \
                 written when the customer left?",
            ),
            _ => (told(column), "is it known at the cutoff?"),
        };
        if auc >= COLUMN && auc > explained + MORE {
            notes.push(format!(
                "{state}: `{own}` alone tells who {name} too well to be true (AUC {auc:.3}); {asked}"
            ));
        } else if own == DAYS_TO_RENEWAL {
            explained = explained.max(told(column));
        }
    }
    if auc >= MODEL && auc > explained + MORE {
        notes.insert(
            0,
            format!(
                "{state}: the model tells who {name} too well to be true (AUC {auc:.3}); look for \
                 a column that is written after the fact, such as a status"
            ),
        );
    }
    notes
}

/// How well a column alone ranks by the outcome, whatever its direction, and whether or not it rises with
/// it; a missing value tells as others do.
fn told_by(values: &[f64], outcome: &[bool], is_text: bool) -> f64 {
    let levels = if is_text { values.iter().map(|v| v.to_bits()).collect() } else { parts(values) };
    let by_rates = ranks(outcome, &rates(&levels, outcome));
    if is_text {
        return by_rates;
    }
    let known: Vec<usize> = (0..values.len()).filter(|&i| !values[i].is_nan()).collect();
    if known.len() * 2 < values.len() || known.len() < CUSTOMERS {
        return by_rates;
    }
    let y: Vec<bool> = known.iter().map(|&i| outcome[i]).collect();
    let values: Vec<f64> = known.iter().map(|&i| values[i]).collect();
    let auc = ranks(&y, &values);
    by_rates.max(auc).max(1.0 - auc)
}

/// How well the ends of contracts tell the outcome in the way of ends that are written afterwards: that
/// there is one, or that it comes before the outcome window is over, means that the customer leaves.
/// An end that was agreed on means the opposite, for a contract is renewed at its end.
fn told_by_end(days: &[f64], outcome: &[bool], state: State, ahead: f64) -> f64 {
    let over = |&days: &f64| f64::from(u8::from(days < 0.0) + u8::from(days < ahead));
    let over = ranks(outcome, &days.iter().map(over).collect::<Vec<_>>());
    let leaves = if state == State::Active { over } else { 1.0 - over };
    let known: Vec<f64> = days.iter().map(|days| f64::from(u8::from(!days.is_nan()))).collect();
    let known = ranks(outcome, &known);
    leaves.max(known).max(1.0 - known)
}

fn ranks(outcome: &[bool], score: &[f64]) -> f64 {
    roc_auc(outcome, score, None).unwrap_or(0.5)
}

/// Numbers cut into parts of about a tenth, of equal values only together; last those that are missing.
fn parts(values: &[f64]) -> Vec<u64> {
    let size = (values.len() / PARTS).max(FEW);
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_unstable_by(|&a, &b| {
        values[a].is_nan().cmp(&values[b].is_nan()).then(values[a].total_cmp(&values[b]))
    });
    let (mut levels, mut level, mut count) = (vec![0; values.len()], 0, 0);
    for (place, &row) in order.iter().enumerate() {
        let before = place.checked_sub(1).map(|before| values[order[before]]);
        let differs = before.is_some_and(|before| before < values[row]);
        let is_first_missing =
            values[row].is_nan() && before.is_some_and(|before| !before.is_nan());
        if (differs && count >= size) || is_first_missing {
            (level, count) = (level + 1, 0);
        }
        levels[row] = level;
        count += 1;
    }
    levels
}

/// Each level's rate of the outcome; levels of few customers count as the mean.
fn rates(levels: &[u64], outcome: &[bool]) -> Vec<f64> {
    let mean = outcome.iter().filter(|&&y| y).count() as f64 / outcome.len() as f64;
    let mut counts: HashMap<u64, (usize, usize)> = HashMap::new();
    for (level, &y) in levels.iter().zip(outcome) {
        let (all, with) = counts.entry(*level).or_default();
        *all += 1;
        *with += usize::from(y);
    }
    let rate = |level: &u64| match counts.get(level) {
        Some(&(all, with)) if all >= FEW => with as f64 / all as f64,
        _ => mean,
    };
    levels.iter().map(rate).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of each number, so many customers with and without the outcome.
    fn column(rows: &[(f64, usize, usize)]) -> (Vec<f64>, Vec<bool>) {
        let of = |&(value, with, without): &(f64, usize, usize)| {
            let rows = std::iter::repeat_n((value, true), with);
            rows.chain(std::iter::repeat_n((value, false), without))
        };
        rows.iter().flat_map(of).unzip()
    }

    #[test]
    fn a_column_tells_in_any_direction_and_by_what_is_missing() {
        let (values, outcome) = column(&[(1.0, 0, 50), (2.0, 50, 0), (3.0, 0, 50)]);
        assert_eq!(told_by(&values, &outcome, false), 1.0);
        let (values, outcome) = column(&[(1.0, 50, 0), (2.0, 0, 50)]);
        assert_eq!(told_by(&values, &outcome, false), 1.0);
        let (values, outcome) = column(&[(f64::NAN, 60, 0), (2.0, 0, 60)]);
        assert_eq!(told_by(&values, &outcome, false), 1.0);
        let (values, outcome) = column(&[(1.0, 30, 30), (2.0, 30, 30), (f64::NAN, 30, 30)]);
        assert_eq!(told_by(&values, &outcome, false), 0.5);
        // A text of few customers tells nothing.
        let (codes, outcome) = column(&[(0.0, 5, 0), (1.0, 0, 5), (2.0, 40, 40)]);
        assert_eq!(told_by(&codes, &outcome, true), 0.5);
    }

    #[test]
    fn ends_that_were_agreed_on_tell_the_other_way() {
        // Who is within the contract buys nothing, and is renewed at its end.
        let (days, churned) = column(&[(300.0, 90, 0), (30.0, 5, 90)]);
        assert_eq!(told_by_end(&days, &churned, State::Active, 91.0), 0.5);
        // The end of who leaves is the last day, or there is none while nobody leaves.
        let (days, churned) = column(&[(-20.0, 90, 0), (300.0, 5, 90), (30.0, 0, 10)]);
        assert!(told_by_end(&days, &churned, State::Active, 91.0) > 0.95);
        let (days, returned) = column(&[(-20.0, 0, 90), (300.0, 90, 0)]);
        assert!(told_by_end(&days, &returned, State::Lapsed, 91.0) > 0.95);
        let (days, churned) = column(&[(f64::NAN, 0, 90), (300.0, 90, 0)]);
        assert!(told_by_end(&days, &churned, State::Active, 91.0) > 0.95);
    }
}
