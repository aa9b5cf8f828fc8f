//! Checks that every measure makes before it computes.

use crate::error::{Error, Result};

/// Sums outside this range would overflow or vanish once two of them are multiplied.
const WEIGHT_SUM: std::ops::RangeInclusive<f64> = 1e-100..=1e100;

/// Outcomes and scores of equal length, at least one, no score NaN.
pub(crate) fn check_scores(y: &[bool], score: &[f64]) -> Result<()> {
    check_lengths(y, score, "score")?;
    match score.iter().position(|s| s.is_nan()) {
        Some(i) => Err(Error::argument(
            "score",
            format!("NaN at index {i}"),
            "numbers, infinite ones included",
        )),
        None => Ok(()),
    }
}

/// Outcomes and probabilities of equal length, at least one, every probability in [0, 1].
pub(crate) fn check_probabilities(y: &[bool], p: &[f64]) -> Result<()> {
    check_lengths(y, p, "p")?;
    match p.iter().position(|p| !(0.0..=1.0).contains(p)) {
        Some(i) => Err(Error::argument(
            "p",
            format!("{} at index {i}", p[i]),
            "every probability must lie within 0 and 1",
        )),
        None => Ok(()),
    }
}

/// Weights, where given: one per outcome, finite, not negative, of a positive sum.
pub(crate) fn check_weights(y: &[bool], weights: Option<&[f64]>) -> Result<()> {
    let Some(weights) = weights else { return Ok(()) };
    if weights.len() != y.len() {
        return Err(Error::Shape(format!(
            "y has {} values, weights has {}; they must be the same number",
            y.len(),
            weights.len()
        )));
    }
    if let Some(i) = weights.iter().position(|w| !(w.is_finite() && *w >= 0.0)) {
        return Err(Error::argument(
            "weights",
            format!("{} at index {i}", weights[i]),
            "every weight must be finite and not negative",
        ));
    }
    let sum: f64 = weights.iter().sum();
    if WEIGHT_SUM.contains(&sum) {
        Ok(())
    } else {
        let expected = "weights with a sum from 1e-100 to 1e100";
        Err(Error::argument("weights", format!("a sum of {sum}"), expected))
    }
}

/// The share of rows that count as the top, in (0, 1].
pub(crate) fn check_share(share: f64) -> Result<()> {
    if share > 0.0 && share <= 1.0 {
        Ok(())
    } else {
        Err(Error::argument("share", share, "above 0 and at most 1 (0.1 is the top tenth)"))
    }
}

fn check_lengths(y: &[bool], score: &[f64], name: &str) -> Result<()> {
    if y.len() != score.len() {
        return Err(Error::Shape(format!(
            "y has {} values, {name} has {}; they must be the same number",
            y.len(),
            score.len()
        )));
    }
    if y.is_empty() {
        return Err(Error::TooLittleData(format!("y and {name} are empty; nothing to judge")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn different_lengths_and_empty_input_are_refused() {
        assert!(matches!(check_scores(&[true], &[0.1, 0.2]), Err(Error::Shape(_))));
        assert!(matches!(check_probabilities(&[true, false], &[0.1]), Err(Error::Shape(_))));
        assert!(matches!(check_weights(&[true], Some(&[1.0, 1.0])), Err(Error::Shape(_))));
        assert!(matches!(check_scores(&[], &[]), Err(Error::TooLittleData(_))));
        assert!(matches!(check_probabilities(&[], &[]), Err(Error::TooLittleData(_))));
    }

    #[test]
    fn nan_scores_are_refused_with_their_index_and_infinite_ones_are_not() {
        let error = check_scores(&[true, false], &[0.1, f64::NAN]).unwrap_err();
        assert!(error.to_string().ends_with(", got NaN at index 1"), "{error}");
        assert!(check_scores(&[true, false], &[f64::INFINITY, f64::NEG_INFINITY]).is_ok());
    }

    #[test]
    fn probabilities_outside_0_and_1_are_refused() {
        for p in [-0.001, 1.001, f64::NAN, f64::INFINITY] {
            let error = check_probabilities(&[true, false], &[0.5, p]).unwrap_err();
            assert!(matches!(error, Error::Argument { name: "p", .. }), "{error}");
        }
        assert!(check_probabilities(&[true, false], &[0.0, 1.0]).is_ok());
    }

    #[test]
    fn bad_weights_are_refused() {
        for bad in [-1.0, f64::NAN, f64::INFINITY, 1e101] {
            let error = check_weights(&[true, false], Some(&[1.0, bad])).unwrap_err();
            assert!(matches!(error, Error::Argument { name: "weights", .. }), "{error}");
        }
        assert!(check_weights(&[true, false], Some(&[0.0, 0.0])).is_err());
        assert!(check_weights(&[true, false], Some(&[0.0, 2.0])).is_ok());
    }

    #[test]
    fn shares_outside_0_and_1_are_refused() {
        for share in [0.0, -0.1, 1.0001, f64::NAN] {
            assert!(matches!(check_share(share), Err(Error::Argument { name: "share", .. })));
        }
        assert!(check_share(1.0).is_ok());
    }
}
