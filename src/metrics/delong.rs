//! How precise is an area under the ROC curve?

use super::inputs::check_scores;
use crate::error::{Error, Result};

/// Standard error of [`super::roc_auc`] by DeLong, DeLong and Clarke-Pearson (1988, "Comparing the
/// areas under two or more correlated receiver operating characteristic curves", Biometrics 44).
///
/// √(s₁/m + s₀/n) with s₁ the sample variance, over the m rows with the outcome, of the share of
/// the other rows that score lower (a tie counting one half), and s₀ the same the other way round;
/// in O(n log n) by ranks (Sun and Xu 2014). It treats rows as independent; rows of one customer at
/// several cutoffs are not.
///
/// ```
/// use winback::metrics::roc_auc_standard_error;
/// let y = [false, false, true, true];
/// let error = roc_auc_standard_error(&y, &[0.1, 0.4, 0.35, 0.8])?;
/// assert!((error - 0.125_f64.sqrt()).abs() < 1e-12);
/// # Ok::<(), winback::Error>(())
/// ```
///
/// # Errors
/// [`Error::Shape`] when lengths differ; [`Error::Argument`] for a NaN score;
/// [`Error::TooLittleData`] when either outcome has fewer than two rows.
pub fn roc_auc_standard_error(y: &[bool], score: &[f64]) -> Result<f64> {
    check_scores(y, score)?;
    let positives = y.iter().filter(|&&y| y).count();
    let negatives = y.len() - positives;
    if positives < 2 || negatives < 2 {
        return Err(Error::TooLittleData(format!(
            "a standard error of the area under the ROC curve needs two rows of either outcome; {} \
             rows have {positives} with y = true",
            y.len()
        )));
    }
    let mut order: Vec<usize> = (0..y.len()).collect();
    order.sort_unstable_by(|&a, &b| score[a].total_cmp(&score[b]));
    // Sums and sums of squares of the shares, for the rows with and without the outcome.
    let (mut with, mut without) = (Moments::default(), Moments::default());
    let (mut positives_below, mut negatives_below) = (0, 0);
    for tied in order.chunk_by(|&a, &b| score[a] == score[b]) {
        let tied_positives = tied.iter().filter(|&&row| y[row]).count();
        let tied_negatives = tied.len() - tied_positives;
        let share =
            |below: usize, tied: usize, of: usize| (below as f64 + tied as f64 / 2.0) / of as f64;
        with.add(share(negatives_below, tied_negatives, negatives), tied_positives);
        without.add(share(positives_below, tied_positives, positives), tied_negatives);
        positives_below += tied_positives;
        negatives_below += tied_negatives;
    }
    Ok((with.variance() / positives as f64 + without.variance() / negatives as f64).sqrt())
}

/// Mean and squared distances from it, updated value by value (Welford).
#[derive(Default)]
struct Moments {
    count: f64,
    mean: f64,
    squares: f64,
}

impl Moments {
    fn add(&mut self, value: f64, times: usize) {
        if times == 0 {
            return;
        }
        let times = times as f64;
        let delta = value - self.mean;
        self.count += times;
        self.mean += delta * times / self.count;
        self.squares += delta * (value - self.mean) * times;
    }

    fn variance(&self) -> f64 {
        (self.squares / (self.count - 1.0)).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The definition, pair by pair.
    fn plain(y: &[bool], score: &[f64]) -> f64 {
        let of = |outcome: bool| -> Vec<f64> {
            score.iter().zip(y).filter(|(_, y)| **y == outcome).map(|(s, _)| *s).collect()
        };
        let (x, z) = (of(true), of(false));
        let psi = |x: f64, z: f64| {
            if x > z {
                1.0
            } else if x == z {
                0.5
            } else {
                0.0
            }
        };
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let variance = |values: &[f64]| {
            let m = mean(values);
            values.iter().map(|v| (v - m).powi(2)).sum::<f64>() / (values.len() - 1) as f64
        };
        let with: Vec<f64> =
            x.iter().map(|&x| mean(&z.iter().map(|&z| psi(x, z)).collect::<Vec<_>>())).collect();
        let without: Vec<f64> =
            z.iter().map(|&z| mean(&x.iter().map(|&x| psi(x, z)).collect::<Vec<_>>())).collect();
        (variance(&with) / x.len() as f64 + variance(&without) / z.len() as f64).sqrt()
    }

    proptest! {
        #[test]
        fn ranks_give_what_pairs_give(
            rows in proptest::collection::vec((any::<bool>(), -3i32..4), 4..60),
        ) {
            let (y, score): (Vec<bool>, Vec<f64>) =
                rows.into_iter().map(|(y, score)| (y, f64::from(score))).unzip();
            let positives = y.iter().filter(|&&y| y).count();
            prop_assume!(positives >= 2 && y.len() - positives >= 2);
            let found = roc_auc_standard_error(&y, &score).unwrap();
            prop_assert!((found - plain(&y, &score)).abs() < 1e-12);
        }
    }

    #[test]
    fn too_few_rows_of_an_outcome_are_refused() {
        let error = roc_auc_standard_error(&[true, false, false], &[1.0, 2.0, 3.0]).unwrap_err();
        assert!(matches!(error, Error::TooLittleData(_)), "{error}");
    }
}
