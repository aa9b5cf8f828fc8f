//! Measures of probability: are the numbers themselves right, not only their order?

use super::inputs::{check_probabilities, check_weights};
use crate::error::Result;

/// Brier score: the mean squared distance between probability and outcome; 0 is perfect.
///
/// Σ wᵢ (pᵢ − yᵢ)² / Σ wᵢ (Brier 1950), all weights 1 by default. A constant probability equal to
/// the base rate b scores b (1 − b); a higher score is worse than knowing nothing about anybody. As
/// scikit-learn's `brier_score_loss`.
///
/// ```
/// use winback::metrics::brier_score;
/// let brier = brier_score(&[true, false, false, true], &[0.9, 0.1, 0.5, 0.5], None)?;
/// assert!((brier - 0.13).abs() < 1e-12);
/// # Ok::<(), winback::Error>(())
/// ```
///
/// # Errors
/// [`Error::Shape`](crate::Error::Shape) when lengths differ;
/// [`Error::Argument`](crate::Error::Argument) for a probability outside [0, 1], a negative or
/// infinite weight or weights that sum to zero;
/// [`Error::TooLittleData`](crate::Error::TooLittleData) for no rows.
pub fn brier_score(y: &[bool], p: &[f64], weights: Option<&[f64]>) -> Result<f64> {
    weighted_mean(y, p, weights, |y, p| (p - f64::from(u8::from(y))).powi(2))
}

/// Log loss: the mean negative log-likelihood, in nats; 0 is perfect.
///
/// −Σ wᵢ (yᵢ ln pᵢ + (1 − yᵢ) ln(1 − pᵢ)) / Σ wᵢ, all weights 1 by default. Probabilities are first
/// clipped to [ε, 1 − ε], ε = [`f64::EPSILON`], so one certain but wrong probability costs 36.04
/// rather than infinity. As scikit-learn's `log_loss`, except that rows of only one outcome are no
/// error.
///
/// ```
/// use winback::metrics::log_loss;
/// assert!((log_loss(&[true, false], &[0.5, 0.5], None)? - 2f64.ln()).abs() < 1e-12);
/// assert!((log_loss(&[true], &[0.0], None)? - 36.04365338911715).abs() < 1e-12);
/// # Ok::<(), winback::Error>(())
/// ```
///
/// # Errors
/// As [`brier_score`].
pub fn log_loss(y: &[bool], p: &[f64], weights: Option<&[f64]>) -> Result<f64> {
    weighted_mean(y, p, weights, |y, p| {
        let p = p.clamp(f64::EPSILON, 1.0 - f64::EPSILON);
        if y { -p.ln() } else { -(-p).ln_1p() }
    })
}

fn weighted_mean(
    y: &[bool],
    p: &[f64],
    weights: Option<&[f64]>,
    loss: impl Fn(bool, f64) -> f64,
) -> Result<f64> {
    check_probabilities(y, p)?;
    check_weights(y, weights)?;
    let (mut total, mut sum) = (0.0, 0.0);
    for (i, (&y, &p)) in y.iter().zip(p).enumerate() {
        let weight = weights.map_or(1.0, |w| w[i]);
        total += weight;
        sum += weight * loss(y, p);
    }
    Ok(sum / total)
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use proptest::prelude::*;

    use super::*;
    use crate::Error;

    const Y: [bool; 12] =
        [false, true, false, true, true, false, false, true, false, false, true, false];
    const P: [f64; 12] = [0.1, 0.4, 0.4, 0.35, 0.8, 0.8, 0.2, 0.9, 0.05, 0.4, 0.4, 0.6];
    const WEIGHTS: [f64; 12] = [1.0, 2.0, 0.5, 1.0, 3.0, 0.25, 1.0, 0.0, 2.0, 1.5, 0.75, 4.0];

    #[test]
    fn brier_score_and_log_loss_agree_with_scikit_learn() {
        // brier_score_loss and log_loss of scikit-learn 1.9.1 on the same arrays, with and without
        // sample_weight; tolerance: rounding of sums.
        let brier = |w| brier_score(&Y, &P, w).unwrap();
        let loss = |w| log_loss(&Y, &P, w).unwrap();
        assert_relative_eq!(brier(None), 0.21375, max_relative = 1e-12);
        assert_relative_eq!(brier(Some(&WEIGHTS)), 0.20632352941176468, max_relative = 1e-12);
        assert_relative_eq!(loss(None), 0.5948404090349039, max_relative = 1e-12);
        assert_relative_eq!(loss(Some(&WEIGHTS)), 0.5740774470576174, max_relative = 1e-12);
    }

    #[test]
    fn certain_and_wrong_is_clipped_as_in_scikit_learn() {
        // log_loss of scikit-learn 1.9.1.
        let loss = |y: &[bool], p: &[f64]| log_loss(y, p, None).unwrap();
        let mixed = loss(&[false, true, true, false], &[0.0, 1.0, 0.0, 0.5]);
        assert_relative_eq!(mixed, 9.184200142419275, max_relative = 1e-12);
        assert_relative_eq!(
            loss(&[false, true], &[1.0, 1.0]),
            18.021826694558577,
            max_relative = 1e-12
        );
        assert!(loss(&[true, false], &[1.0, 0.0]) < 1e-15);
    }

    #[test]
    fn bad_input_is_refused() {
        for measure in [brier_score, log_loss] {
            assert!(matches!(measure(&[true], &[0.1, 0.2], None), Err(Error::Shape(_))));
            assert!(matches!(measure(&[], &[], None), Err(Error::TooLittleData(_))));
            let outside = measure(&[true], &[1.5], None);
            assert!(matches!(outside, Err(Error::Argument { name: "p", .. })));
            let weightless = measure(&[true], &[0.5], Some(&[0.0]));
            assert!(matches!(weightless, Err(Error::Argument { name: "weights", .. })));
        }
    }

    proptest! {
        #[test]
        fn the_base_rate_is_the_best_constant(y in prop::collection::vec(any::<bool>(), 1..50),
                                              other in 0.0..=1.0f64) {
            let n = y.len();
            let base_rate = y.iter().filter(|&&y| y).count() as f64 / n as f64;
            for measure in [brier_score, log_loss] {
                let best = measure(&y, &vec![base_rate; n], None).unwrap();
                prop_assert!(best <= measure(&y, &vec![other; n], None).unwrap() + 1e-12);
            }
            let brier = brier_score(&y, &vec![base_rate; n], None).unwrap();
            prop_assert!((brier - base_rate * (1.0 - base_rate)).abs() < 1e-12);
        }

        #[test]
        fn exchanging_outcomes_and_row_order_change_nothing(
            rows in prop::collection::vec((any::<bool>(), 0.0..=1.0f64), 1..50)
        ) {
            let (y, p): (Vec<bool>, Vec<f64>) = rows.iter().copied().unzip();
            let (z, q): (Vec<bool>, Vec<f64>) =
                rows.iter().rev().map(|(y, p)| (!y, 1.0 - p)).unzip();
            for measure in [brier_score, log_loss] {
                let (a, b) = (measure(&y, &p, None).unwrap(), measure(&z, &q, None).unwrap());
                prop_assert!((a - b).abs() <= 1e-12 * a.max(1.0));
            }
        }
    }
}
