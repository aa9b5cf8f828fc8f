//! Are the probabilities calibrated?

use super::inputs::{check_probabilities, check_weights};
use crate::error::{Error, Result};
use crate::models::odds::{logit, sigmoid};

/// Steps of Newton's method at most.
const STEPS: usize = 100;

/// How probabilities relate to the outcomes: the recalibration that would correct them.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Calibration {
    /// Slope b of the logistic regression logit P(y) = a + b·logit(p): 1 when probabilities are
    /// spread as they should be, below 1 when they are too extreme (overfitted).
    pub slope: f64,
    /// Intercept of logit P(y) = a + logit(p), with the slope held at 1: 0 when outcomes are as
    /// frequent as predicted, above 0 when they are more frequent.
    pub intercept: f64,
}

/// Calibration slope and intercept (Cox 1958; Van Calster and others 2016, "A calibration hierarchy
/// for risk models was defined", J. Clin. Epidemiol. 74).
///
/// Both by maximum likelihood, unpenalised. Probabilities are clipped to [ε, 1 − ε], ε =
/// [`f64::EPSILON`]. Agrees with statsmodels' `GLM` with a binomial family; for the intercept, with
/// `offset=logit(p)`.
///
/// ```
/// use winback::metrics::calibration;
/// let y = [false, true, false, true, false, true, true, false];
/// let p = [0.2, 0.4, 0.6, 0.7, 0.1, 0.9, 0.5, 0.5];
/// let found = calibration(&y, &p, None)?;
/// assert!(found.slope > 0.0 && found.intercept.abs() < 0.2);
/// # Ok::<(), winback::Error>(())
/// ```
///
/// # Errors
/// As [`super::brier_score`]; [`Error::TooLittleData`] when all rows have one outcome, when all
/// probabilities are equal, or when the probabilities separate the outcomes completely, so that no
/// finite slope is best.
pub fn calibration(y: &[bool], p: &[f64], weights: Option<&[f64]>) -> Result<Calibration> {
    recalibration(y, p, weights).map(|(found, _)| found)
}

/// As [`calibration`], with the intercept beside the slope.
pub(crate) fn recalibration(
    y: &[bool],
    p: &[f64],
    weights: Option<&[f64]>,
) -> Result<(Calibration, f64)> {
    check_probabilities(y, p)?;
    check_weights(y, weights)?;
    let weight = |row: usize| weights.map_or(1.0, |weights| weights[row]);
    let logits: Vec<f64> = p.iter().map(|&p| logit(p)).collect();
    let used = || (0..y.len()).filter(|&row| weight(row) > 0.0);
    let refused =
        |why: &str| Err(Error::TooLittleData(format!("a calibration slope does not exist: {why}")));
    let extremes = |outcome: bool| {
        used()
            .filter(|&row| y[row] == outcome)
            .map(|row| logits[row])
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), logit| {
                (low.min(logit), high.max(logit))
            })
    };
    let (with, without) = (extremes(true), extremes(false));
    if with.0 > with.1 || without.0 > without.1 {
        return refused("all rows have one outcome");
    }
    if with.0.min(without.0) == with.1.max(without.1) {
        return refused("all probabilities are equal");
    }
    if with.0 >= without.1 || without.0 >= with.1 {
        return refused("the probabilities part the outcomes completely");
    }
    let intercept = intercept_fit(y, &logits, &weight);
    let [beside, slope] = slope_fit(y, &logits, &weight, intercept);
    Ok((Calibration { slope, intercept }, beside))
}

/// The intercept with the slope held at 1, by Newton's method.
fn intercept_fit(y: &[bool], logits: &[f64], weight: &impl Fn(usize) -> f64) -> f64 {
    let mut intercept = 0.0;
    for _ in 0..STEPS {
        let (mut gradient, mut curvature) = (0.0, 0.0);
        for (row, (&y, &x)) in y.iter().zip(logits).enumerate() {
            let fitted = sigmoid(intercept + x);
            gradient += weight(row) * (f64::from(u8::from(y)) - fitted);
            curvature += weight(row) * fitted * (1.0 - fitted);
        }
        let step = (gradient / curvature).clamp(-4.0, 4.0);
        intercept += step;
        if step.abs() < 1e-13 {
            break;
        }
    }
    intercept
}

/// Intercept and slope of the logistic regression on the logits, by Newton's method with halved
/// steps.
fn slope_fit(y: &[bool], logits: &[f64], weight: &impl Fn(usize) -> f64, start: f64) -> [f64; 2] {
    let loss = |[a, b]: [f64; 2]| -> f64 {
        let row = |row: usize| {
            let margin = a + b * logits[row];
            let margin = if y[row] { -margin } else { margin };
            weight(row) * (margin.max(0.0) + (-margin.abs()).exp().ln_1p())
        };
        (0..y.len()).map(row).sum()
    };
    let mut at = [start, 1.0];
    let mut best = loss(at);
    for _ in 0..STEPS {
        let Sums { gradient, hessian: [h0, h1, h2] } = sums(y, logits, weight, at);
        let determinant = h0 * h2 - h1 * h1;
        let step = [
            (h2 * gradient[0] - h1 * gradient[1]) / determinant,
            (h0 * gradient[1] - h1 * gradient[0]) / determinant,
        ];
        if !step.iter().all(|s| s.is_finite()) {
            break;
        }
        let mut scale = 1.0;
        let moved = loop {
            let next = [at[0] + scale * step[0], at[1] + scale * step[1]];
            let value = loss(next);
            // Near the optimum the loss is flat, and rounding must not hold a step back.
            if value <= best + 1e-12 * best.abs() || scale < 1e-10 {
                break (next, value);
            }
            scale /= 2.0;
        };
        let distance = (moved.0[0] - at[0]).abs().max((moved.0[1] - at[1]).abs());
        (at, best) = moved;
        if distance < 1e-12 * (1.0 + at[1].abs()) {
            break;
        }
    }
    at
}

struct Sums {
    gradient: [f64; 2],
    /// 1·1, 1·x and x·x.
    hessian: [f64; 3],
}

fn sums(y: &[bool], logits: &[f64], weight: &impl Fn(usize) -> f64, at: [f64; 2]) -> Sums {
    let (mut gradient, mut hessian) = ([0.0; 2], [0.0; 3]);
    for (row, (&y, &x)) in y.iter().zip(logits).enumerate() {
        let fitted = sigmoid(at[0] + at[1] * x);
        let residual = weight(row) * (f64::from(u8::from(y)) - fitted);
        let curvature = weight(row) * fitted * (1.0 - fitted);
        gradient[0] += residual;
        gradient[1] += residual * x;
        hessian[0] += curvature;
        hessian[1] += curvature * x;
        hessian[2] += curvature * x * x;
    }
    Sums { gradient, hessian }
}

/// Expected calibration error: the mean difference between predicted and actual rate, over `bins`
/// bins of equally many rows by ascending probability.
///
/// Σ (nᵦ/n) |mean pᵦ − mean yᵦ| (Naeini, Cooper and Hauskrecht 2015, with bins of equal counts).
/// Rows with the same probability count in each bin with their mean outcome, so the order of rows
/// does not matter. It depends on `bins` and is above 0 by chance even for perfect probabilities:
/// compare like with like.
///
/// ```
/// use winback::metrics::expected_calibration_error;
/// let y = [false, false, true, true];
/// assert!((expected_calibration_error(&y, &[0.1, 0.3, 0.7, 0.7], 2, None)? - 0.25).abs() < 1e-12);
/// # Ok::<(), winback::Error>(())
/// ```
///
/// # Errors
/// As [`super::brier_score`]; [`Error::Argument`] for no bins.
pub fn expected_calibration_error(
    y: &[bool],
    p: &[f64],
    bins: usize,
    weights: Option<&[f64]>,
) -> Result<f64> {
    check_probabilities(y, p)?;
    check_weights(y, weights)?;
    if bins == 0 {
        return Err(Error::argument("bins", bins, "1 or more"));
    }
    let weight = |row: usize| weights.map_or(1.0, |weights| weights[row]);
    let mut order: Vec<usize> = (0..y.len()).collect();
    order.sort_unstable_by(|&a, &b| p[a].total_cmp(&p[b]));
    let total: f64 = (0..y.len()).map(weight).sum();
    let mut error = BinnedError::new(total, bins);
    for tied in order.chunk_by(|&a, &b| p[a] == p[b]) {
        let size: f64 = tied.iter().map(|&row| weight(row)).sum();
        let positive: f64 = tied.iter().filter(|&&row| y[row]).map(|&row| weight(row)).sum();
        error.add(size, positive, p[tied[0]]);
    }
    Ok(error.finish())
}

/// Adds up rows by rising or falling probability into bins of equal weight.
pub(crate) struct BinnedError {
    total: f64,
    bins: usize,
    /// The bin that is being filled, what is in all bins, and the excess of outcomes in this one.
    bin: usize,
    filled: f64,
    excess: f64,
    error: f64,
}

impl BinnedError {
    pub(crate) fn new(total: f64, bins: usize) -> Self {
        BinnedError { total, bins, bin: 1, filled: 0.0, excess: 0.0, error: 0.0 }
    }

    /// Rows of one probability.
    pub(crate) fn add(&mut self, size: f64, positive: f64, p: f64) {
        if size <= 0.0 {
            return;
        }
        let each = positive / size - p;
        let mut rest = size;
        loop {
            let room = self.total * self.bin as f64 / self.bins as f64 - self.filled;
            if rest <= room || self.bin == self.bins {
                self.excess += rest * each;
                self.filled += rest;
                return;
            }
            self.excess += room * each;
            self.filled += room;
            rest -= room;
            self.error += self.excess.abs();
            self.excess = 0.0;
            self.bin += 1;
        }
    }

    pub(crate) fn finish(self) -> f64 {
        (self.error + self.excess.abs()) / self.total
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use proptest::prelude::*;

    use super::*;

    const Y: [bool; 12] =
        [false, true, false, true, true, false, false, true, false, false, true, false];
    const P: [f64; 12] = [0.1, 0.4, 0.4, 0.35, 0.8, 0.8, 0.2, 0.9, 0.05, 0.4, 0.4, 0.6];
    const GLM: [f64; 4] =
        [0.7200862799475398, -0.18892538977948525, 0.874826673814757, -0.2835214288918735];
    const WEIGHTS: [f64; 12] = [1.0, 2.0, 0.5, 1.0, 3.0, 0.25, 1.0, 0.0, 2.0, 1.5, 0.75, 4.0];

    #[test]
    fn slope_and_intercept_agree_with_statsmodels() {
        // GLM(y, X, family=Binomial(), freq_weights=w, offset=...) of statsmodels 0.15.0, tol 1e-14.
        let found = calibration(&Y, &P, None).unwrap();
        assert_relative_eq!(found.slope, GLM[0], max_relative = 1e-9);
        assert_relative_eq!(found.intercept, GLM[1], max_relative = 1e-9);
        let found = calibration(&Y, &P, Some(&WEIGHTS)).unwrap();
        assert_relative_eq!(found.slope, GLM[2], max_relative = 1e-9);
        assert_relative_eq!(found.intercept, GLM[3], max_relative = 1e-9);
    }

    #[test]
    fn where_no_slope_is_best_an_error_says_why() {
        for (y, p, why) in [
            ([true, true, true], [0.1, 0.5, 0.9], "one outcome"),
            ([true, false, true], [0.5, 0.5, 0.5], "equal"),
            ([false, false, true], [0.1, 0.5, 0.9], "completely"),
            ([false, true, true], [0.1, 0.1, 0.9], "completely"),
            ([true, false, false], [0.1, 0.5, 0.9], "completely"),
        ] {
            let error = calibration(&y, &p, None).unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
    }

    proptest! {
        #[test]
        fn shifted_probabilities_are_found_out(shift in -1.0f64..1.0, factor in 0.3f64..3.0) {
            // Outcomes in exact proportion to the true probabilities, as weights.
            let truth: Vec<f64> = (1..20).map(|i| f64::from(i) / 20.0).collect();
            let y: Vec<bool> = truth.iter().flat_map(|_| [true, false]).collect();
            let w: Vec<f64> = truth.iter().flat_map(|&p| [p, 1.0 - p]).collect();
            let twice = |f: &dyn Fn(f64) -> f64| -> Vec<f64> {
                truth.iter().flat_map(|&p| [f(p), f(p)]).collect()
            };
            let spread = calibration(&y, &twice(&|p| sigmoid(factor * logit(p))), Some(&w)).unwrap();
            prop_assert!((spread.slope * factor - 1.0).abs() < 1e-9);
            let moved = calibration(&y, &twice(&|p| sigmoid(logit(p) - shift)), Some(&w)).unwrap();
            prop_assert!((moved.intercept - shift).abs() < 1e-9);
            let error = expected_calibration_error(&y, &twice(&|p| p), 7, Some(&w)).unwrap();
            prop_assert!(error < 1e-12);
        }

        #[test]
        fn the_error_does_not_depend_on_the_order_of_rows(
            rows in proptest::collection::vec((any::<bool>(), 0u8..5), 1..40),
            bins in 1usize..12,
        ) {
            let of = |rows: &[(bool, u8)]| {
                let y: Vec<bool> = rows.iter().map(|row| row.0).collect();
                let p: Vec<f64> = rows.iter().map(|row| f64::from(row.1) / 4.0).collect();
                expected_calibration_error(&y, &p, bins, None).unwrap()
            };
            let mut reversed = rows.clone();
            reversed.reverse();
            prop_assert!((of(&rows) - of(&reversed)).abs() < 1e-12);
            prop_assert!((0.0..=1.0 + 1e-12).contains(&of(&rows)));
        }
    }
}
