//! Measures of ranking: area under the ROC curve, average precision, lift and capture.
//!
//! Only the order of the scores counts, so any score will do. Rows with equal scores form a group
//! that is judged as a whole; neither row order nor the label decides within it.

use super::inputs::{check_scores, check_share, check_weights};
use super::measures::lift_integral;
use crate::error::{Error, Result};

/// Area under the ROC curve: the chance that a customer with the outcome scores higher than one
/// without it, a tie counting one half.
///
/// 0.5 is a ranking without information, 1 a perfect one. With weights `w`: `Σᵢ Σⱼ wᵢ wⱼ ([sᵢ >
/// sⱼ] + ½ [sᵢ = sⱼ]) / (Σᵢ wᵢ Σⱼ wⱼ)` over i with and j without the outcome (Hanley and McNeil
/// 1982); computed by sorting, in O(n log n). As scikit-learn's `roc_auc_score`.
///
/// ```
/// use winback::metrics::roc_auc;
/// assert_eq!(roc_auc(&[false, false, true, true], &[0.1, 0.4, 0.35, 0.8], None)?, 0.75);
/// assert_eq!(roc_auc(&[false, true], &[3.0, 3.0], None)?, 0.5);
/// assert!(roc_auc(&[true, true], &[0.1, 0.2], None).is_err()); // nobody to compare with
/// # Ok::<(), winback::Error>(())
/// ```
///
/// # Errors
/// [`Error::Shape`] when lengths differ; [`Error::Argument`] for a NaN score, a negative or
/// infinite weight or weights that sum to zero; [`Error::TooLittleData`] for no rows, or when
/// either outcome has no row (of positive weight).
pub fn roc_auc(y: &[bool], score: &[f64], weights: Option<&[f64]>) -> Result<f64> {
    let Ranking { groups, positive, negative } = Ranking::new(y, score, weights)?;
    if positive == 0.0 || negative == 0.0 {
        return Err(Error::TooLittleData(format!(
            "the area under the ROC curve compares two outcomes and all {} rows have y = {}",
            y.len(),
            positive > 0.0
        )));
    }
    let (mut above, mut area) = (0.0, 0.0);
    for group in groups {
        area += group.negative * (above + group.positive / 2.0);
        above += group.positive;
    }
    // Rounding of weighted sums can carry a perfect ranking above 1.
    Ok((area / positive / negative).min(1.0))
}

/// Average precision: the mean precision over the customers with the outcome, from the top of the
/// ranking down.
///
/// Σₖ (Rₖ − Rₖ₋₁) Pₖ over the distinct scores from the highest, with Pₖ and Rₖ the precision and
/// recall when everyone at or above the k-th score is selected. A ranking without information gives
/// about the base rate. No interpolation; as scikit-learn's `average_precision_score`, except that
/// having no positive row is an error here and 0 there.
///
/// ```
/// use winback::metrics::average_precision;
/// let ap = average_precision(&[false, false, true, true], &[0.1, 0.4, 0.35, 0.8], None)?;
/// assert!((ap - 5.0 / 6.0).abs() < 1e-12); // half of the recall at precision 1, half at 2/3
/// # Ok::<(), winback::Error>(())
/// ```
///
/// # Errors
/// As [`roc_auc`], but rows without the outcome are not needed.
pub fn average_precision(y: &[bool], score: &[f64], weights: Option<&[f64]>) -> Result<f64> {
    let Ranking { groups, positive, .. } = Ranking::new(y, score, weights)?;
    if positive == 0.0 {
        return Err(no_positives("average precision", y.len()));
    }
    let (mut found, mut taken, mut sum) = (0.0, 0.0, 0.0);
    for group in groups.iter().filter(|group| group.size() > 0.0) {
        found += group.positive;
        taken += group.size();
        sum += group.positive * (found / taken);
    }
    Ok((sum / positive).min(1.0))
}

/// Lift: the rate in the top `share` of the ranking divided by the base rate.
///
/// (rate of the outcome among the `share`·n highest scores) / (rate among all); 1 is a ranking
/// without information, 1 / `share` the maximum. `share`·n need not be whole: the last row, like a
/// group of equal scores that straddles the boundary, counts with its expected value under a random
/// order, so scores without information give 1.
///
/// ```
/// use winback::metrics::lift;
/// let y = [true, false, false, false, true, false, false, false, false, false];
/// let score = [9.0, 8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0, 0.0];
/// assert_eq!(lift(&y, &score, 0.1)?, 5.0); // the top row has the outcome; 2 in 10 do
/// assert_eq!(lift(&y, &score, 0.2)?, 2.5);
/// assert_eq!(lift(&y, &[0.0; 10], 0.2)?, 1.0);
/// # Ok::<(), winback::Error>(())
/// ```
///
/// # Errors
/// [`Error::Shape`] when lengths differ; [`Error::Argument`] for a NaN score or a share outside
/// (0, 1]; [`Error::TooLittleData`] for no rows or none with the outcome.
pub fn lift(y: &[bool], score: &[f64], share: f64) -> Result<f64> {
    Ok(capture_of("lift", y, score, share)? / share)
}

/// Capture: the share of all customers with the outcome that are in the top `share` of the ranking.
///
/// A cumulative gains curve read at `share`, from 0 to 1; equal to [`lift`] × `share`, with the
/// same rule for ties.
///
/// ```
/// use winback::metrics::capture;
/// let y = [true, false, false, false, true];
/// assert_eq!(capture(&y, &[5.0, 4.0, 3.0, 2.0, 1.0], 0.4)?, 0.5);
/// # Ok::<(), winback::Error>(())
/// ```
///
/// # Errors
/// As [`lift`].
pub fn capture(y: &[bool], score: &[f64], share: f64) -> Result<f64> {
    capture_of("capture", y, score, share)
}

/// Lift quality: the mean lift over all shares of the ranking, from 0 (a ranking without
/// information) to 100 (a perfect one); below 0 for a ranking that is worse than none.
///
/// 100 (∫₀¹ lift(s) ds − 1) / (−ln b) with the base rate b: a perfect ranking's lift is 1/b up to
/// the share b and 1/s from there, which makes 1 − ln b. This is how Braze documents the quality of
/// its churn predictions: "the average lift the prediction provides across all possible audience
/// sizes", 60 to 100 excellent, 40 to 60 good, 20 to 40 fair, below 20 poor. Ties count as in
/// [`lift`].
///
/// ```
/// use winback::metrics::lift_quality;
/// let y = [true, false, false, true];
/// assert!((lift_quality(&y, &[4.0, 2.0, 1.0, 3.0])? - 100.0).abs() < 1e-9);
/// assert!(lift_quality(&y, &[1.0; 4])?.abs() < 1e-9);
/// # Ok::<(), winback::Error>(())
/// ```
///
/// # Errors
/// As [`roc_auc`], without weights.
pub fn lift_quality(y: &[bool], score: &[f64]) -> Result<f64> {
    let Ranking { groups, positive, negative } = Ranking::new(y, score, None)?;
    if positive == 0.0 || negative == 0.0 {
        return Err(Error::TooLittleData(format!(
            "lift quality compares two outcomes and all {} rows have y = {}",
            y.len(),
            positive > 0.0
        )));
    }
    let total = positive + negative;
    let (mut taken, mut found, mut mean) = (0.0, 0.0, 0.0);
    for group in &groups {
        let next = (taken + group.size(), found + group.positive);
        mean += lift_integral(taken / total, next.0 / total, found / positive, next.1 / positive);
        (taken, found) = next;
    }
    Ok(100.0 * (mean - 1.0) / -(positive / total).ln())
}

fn capture_of(measure: &str, y: &[bool], score: &[f64], share: f64) -> Result<f64> {
    check_share(share)?;
    let Ranking { groups, positive, .. } = Ranking::new(y, score, None)?;
    if positive == 0.0 {
        return Err(no_positives(measure, y.len()));
    }
    let (mut room, mut found) = (share * y.len() as f64, 0.0);
    for group in groups {
        if room < group.size() {
            found += group.positive * room / group.size();
            break;
        }
        room -= group.size();
        found += group.positive;
    }
    Ok(found / positive)
}

fn no_positives(measure: &str, rows: usize) -> Error {
    Error::TooLittleData(format!("{measure} needs rows with y = true and none of {rows} has it"))
}

/// Rows of one score.
struct Group {
    positive: f64,
    negative: f64,
}

impl Group {
    fn size(&self) -> f64 {
        self.positive + self.negative
    }
}

/// Groups from the highest score down, and the total weights.
struct Ranking {
    groups: Vec<Group>,
    positive: f64,
    negative: f64,
}

impl Ranking {
    fn new(y: &[bool], score: &[f64], weights: Option<&[f64]>) -> Result<Self> {
        check_scores(y, score)?;
        check_weights(y, weights)?;
        let mut order: Vec<usize> = (0..y.len()).collect();
        order.sort_unstable_by(|&a, &b| score[b].total_cmp(&score[a]));
        let groups: Vec<Group> = order
            .chunk_by(|&a, &b| score[a] == score[b]) // -0.0 and 0.0 are neighbours and tie
            .map(|rows| {
                let mut group = Group { positive: 0.0, negative: 0.0 };
                for &i in rows {
                    let weight = weights.map_or(1.0, |w| w[i]);
                    *(if y[i] { &mut group.positive } else { &mut group.negative }) += weight;
                }
                group
            })
            .collect();
        let positive = groups.iter().map(|g| g.positive).sum();
        let negative = groups.iter().map(|g| g.negative).sum();
        Ok(Ranking { groups, positive, negative })
    }
}

#[cfg(test)]
mod tests;
