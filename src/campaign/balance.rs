//! Whether arms are alike in what was known before, and as large as they should be.

use arrow_array::RecordBatch;
use serde_json::{Value, json};

use crate::answer::columns::{batch, flags, numbers, texts};
use crate::error::Result;
use crate::stats::{Mean, chi_squared_tail, exact_sum, log_odds_gain};

/// A standardised difference beyond this is told.
pub(crate) const MOST_DIFFERENCE: f64 = 0.1;

/// A covariate in an arm and in control.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct BalanceRow {
    pub(crate) arm: usize,
    pub(crate) covariate: String,
    pub(crate) mean: f64,
    pub(crate) control_mean: f64,
    /// (m₁ − m₀) / √((s₁² + s₀²) / 2); none where neither varies.
    pub(crate) difference: Option<f64>,
}

impl BalanceRow {
    pub(crate) fn is_off(&self) -> bool {
        self.difference.is_some_and(|difference| difference.abs() > MOST_DIFFERENCE)
    }
}

/// An arm's covariates together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Omnibus {
    pub(crate) chi_squared: f64,
    pub(crate) degrees: usize,
    pub(crate) p_value: f64,
}

/// The covariates of an arm beside those of control, where both have two customers or more.
pub(crate) fn balance(
    covariates: &[(String, Vec<f64>)],
    of_row: &[usize],
    arm: usize,
    control: usize,
) -> Vec<BalanceRow> {
    let rows = |of: usize| (0..of_row.len()).filter(move |&row| of_row[row] == of);
    if rows(arm).count() < 2 || rows(control).count() < 2 {
        return Vec::new();
    }
    let row = |(name, values): &(String, Vec<f64>)| {
        let of = |arm: usize| Mean::of(rows(arm).map(|row| values[row]));
        let (one, zero) = (of(arm), of(control));
        let spread = |mean: Mean| mean.variance * (mean.degrees + 1.0);
        let scale = f64::midpoint(spread(one), spread(zero)).sqrt();
        BalanceRow {
            arm,
            covariate: name.clone(),
            mean: one.mean,
            control_mean: zero.mean,
            // What is left of a mean by rounding is no variance.
            difference: (scale > 1e-12 * one.mean.abs().max(zero.mean.abs()))
                .then(|| (one.mean - zero.mean) / scale),
        }
    };
    covariates.iter().map(row).collect()
}

/// Whether the covariates tell an arm from control: the likelihood ratio test of a logistic
/// regression of the arm on all of them.
pub(crate) fn omnibus(
    covariates: &[(String, Vec<f64>)],
    of_row: &[usize],
    arm: usize,
    control: usize,
) -> Option<Omnibus> {
    let rows: Vec<usize> =
        (0..of_row.len()).filter(|&row| of_row[row] == arm || of_row[row] == control).collect();
    let is_arm: Vec<bool> = rows.iter().map(|&row| of_row[row] == arm).collect();
    let columns: Vec<Vec<f64>> = covariates
        .iter()
        .map(|(_, values)| standardised(&rows.iter().map(|&row| values[row]).collect::<Vec<_>>()))
        .collect();
    if !is_arm.contains(&true) || !is_arm.contains(&false) || rows.len() < columns.len() + 2 {
        return None;
    }
    let (chi_squared, degrees) = log_odds_gain(&columns, &is_arm);
    (degrees > 0).then(|| Omnibus {
        chi_squared,
        degrees,
        p_value: chi_squared_tail(chi_squared, degrees),
    })
}

/// Values around 0 with a variance of 1; all 0 where they do not vary.
pub(crate) fn standardised(values: &[f64]) -> Vec<f64> {
    let n = values.len() as f64;
    let mean = exact_sum(values.iter().copied()) / n;
    let squares = exact_sum(values.iter().map(|value| (value - mean).powi(2)));
    let scale = (squares / n).sqrt();
    // What is left of the mean by rounding is no variance.
    if scale <= 1e-12 * mean.abs() {
        return vec![0.0; values.len()];
    }
    values.iter().map(|value| (value - mean) / scale).collect()
}

/// The chance of arms this far from their shares, or farther, if customers were drawn by them:
/// Pearson's test. Also χ².
pub(crate) fn ratio_test(counts: &[u64], shares: &[f64]) -> (f64, f64) {
    let n: u64 = counts.iter().sum();
    let all: f64 = shares.iter().sum();
    let term = |(&count, &share): (&u64, &f64)| {
        let expected = n as f64 * share / all;
        (count as f64 - expected).powi(2) / expected
    };
    let chi_squared = exact_sum(counts.iter().zip(shares).map(term));
    (chi_squared, chi_squared_tail(chi_squared, counts.len() - 1))
}

/// The balance of covariates as a table.
pub(crate) fn balance_batch(rows: &[BalanceRow], arms: &[String]) -> Result<RecordBatch> {
    let rows = || rows.iter();
    batch([
        texts("arm", rows().map(|row| arms[row.arm].as_str())),
        texts("covariate", rows().map(|row| row.covariate.as_str())),
        numbers("mean", rows().map(|row| row.mean)),
        numbers("control_mean", rows().map(|row| row.control_mean)),
        numbers("standardised_difference", rows().map(|row| row.difference)),
        flags("is_off", rows().map(BalanceRow::is_off)),
    ])
}

/// The tests of all covariates together, by arm.
pub(crate) fn omnibus_figures(tests: &[(usize, Omnibus)], arms: &[String]) -> Value {
    let figures = |(arm, test): &(usize, Omnibus)| {
        let Omnibus { chi_squared, degrees, p_value } = *test;
        (
            arms[*arm].clone(),
            json!({"chi_squared": chi_squared, "degrees": degrees, "p_value": p_value}),
        )
    };
    Value::Object(tests.iter().map(figures).collect())
}

/// Missing values by the mean of the others; none where all are missing.
pub(crate) fn filled(values: &[f64]) -> Option<Vec<f64>> {
    let known: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
    if known.is_empty() {
        return None;
    }
    let mean = exact_sum(known.iter().copied()) / known.len() as f64;
    Some(values.iter().map(|value| if value.is_nan() { mean } else { *value }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// scipy 1.17, `chisquare`.
    #[test]
    fn ratios_of_the_reference() {
        let (chi, p) = ratio_test(&[21_306, 21_307, 21_387], &[1.0 / 3.0; 3]);
        assert!(
            (chi / 0.202_531_25 - 1.0).abs() < 1e-9 && (p / 0.9036929575604196 - 1.0).abs() < 1e-9
        );
        let (_, p) = ratio_test(&[10_000, 10_500], &[0.5, 0.5]);
        assert!((p / 0.00047914643458730067 - 1.0).abs() < 1e-8);
    }

    #[test]
    fn what_does_not_vary_is_no_imbalance() {
        let covariates = vec![
            ("same".to_owned(), vec![0.1; 6]),
            ("other".to_owned(), vec![1.0, 2.0, 3.0, 5.0, 6.0, 7.0]),
        ];
        let arms = [0, 0, 0, 1, 1, 1];
        let found = balance(&covariates, &arms, 1, 0);
        assert_eq!((found[0].difference, found[1].difference), (None, Some(4.0)));
        assert!(found[1].is_off());
        assert_eq!(omnibus(&covariates[..1], &arms, 1, 0), None);
    }
}
