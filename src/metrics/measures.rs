//! All measures of one score at once, fast enough to compute a thousand times on resampled rows.

use super::calibration::{BinnedError, Calibration, recalibration};
use super::inputs::{check_probabilities, check_scores};
use crate::error::Result;
use crate::models::odds::{logit, sigmoid};

/// Bins of the expected calibration error.
pub(crate) const BINS: usize = 10;
const SHARES: [f64; 3] = [0.05, 0.1, 0.2];

/// What can be measured about a score or a probability.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// [`super::roc_auc`].
    RocAuc,
    /// [`super::average_precision`].
    AveragePrecision,
    /// [`super::log_loss`].
    LogLoss,
    /// [`super::brier_score`].
    BrierScore,
    /// [`super::Calibration::slope`].
    CalibrationSlope,
    /// [`super::Calibration::intercept`].
    CalibrationIntercept,
    /// [`super::expected_calibration_error`] with 10 bins.
    ExpectedCalibrationError,
    /// [`super::lift`] of the top 5 %.
    Lift5,
    /// [`super::lift`] of the top 10 %.
    Lift10,
    /// [`super::lift`] of the top 20 %.
    Lift20,
    /// [`super::capture`] of the top 5 %.
    Capture5,
    /// [`super::capture`] of the top 10 %.
    Capture10,
    /// [`super::capture`] of the top 20 %.
    Capture20,
    /// [`super::lift_quality`].
    LiftQuality,
}

impl Measure {
    /// All of them.
    pub const ALL: [Measure; 14] = [
        Measure::RocAuc,
        Measure::AveragePrecision,
        Measure::LogLoss,
        Measure::BrierScore,
        Measure::CalibrationSlope,
        Measure::CalibrationIntercept,
        Measure::ExpectedCalibrationError,
        Measure::Lift5,
        Measure::Lift10,
        Measure::Lift20,
        Measure::Capture5,
        Measure::Capture10,
        Measure::Capture20,
        Measure::LiftQuality,
    ];

    /// Its name in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Measure::RocAuc => "roc_auc",
            Measure::AveragePrecision => "average_precision",
            Measure::LogLoss => "log_loss",
            Measure::BrierScore => "brier_score",
            Measure::CalibrationSlope => "calibration_slope",
            Measure::CalibrationIntercept => "calibration_intercept",
            Measure::ExpectedCalibrationError => "expected_calibration_error",
            Measure::Lift5 => "lift_5",
            Measure::Lift10 => "lift_10",
            Measure::Lift20 => "lift_20",
            Measure::Capture5 => "capture_5",
            Measure::Capture10 => "capture_10",
            Measure::Capture20 => "capture_20",
            Measure::LiftQuality => "lift_quality",
        }
    }

    /// How bad a value is: the greatest is the worst.
    pub(crate) fn badness(self, value: f64) -> f64 {
        match self {
            Measure::LogLoss | Measure::BrierScore | Measure::ExpectedCalibrationError => value,
            Measure::CalibrationSlope => (value - 1.0).abs(),
            Measure::CalibrationIntercept => value.abs(),
            _ => -value,
        }
    }
}

/// The value of every measure; NaN if undefined.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measures(pub(crate) [f64; Measure::ALL.len()]);

/// The measures by name, null where undefined.
impl serde::Serialize for Measures {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(Measure::ALL.map(|measure| (measure, self.get(measure))))
    }
}

impl Measures {
    /// All measures of the probabilities `p` of the outcome `y`.
    ///
    /// ```
    /// use winback::metrics::{Measure, Measures};
    /// let y = [false, false, true, true];
    /// let measures = Measures::of(&y, &[0.1, 0.4, 0.35, 0.8])?;
    /// assert_eq!(measures.get(Measure::RocAuc), Some(0.75));
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`super::brier_score`]. What is undefined for these rows, such as a ranking where all
    /// have one outcome, is none.
    pub fn of(y: &[bool], p: &[f64]) -> Result<Self> {
        check_probabilities(y, p)?;
        Ok(Sample::new(y, p, true)?.measures(None))
    }

    /// All measures of a score that only ranks; measures of probability are none.
    ///
    /// # Errors
    /// As [`super::roc_auc`], but it is no error if all rows have one outcome.
    pub fn of_score(y: &[bool], score: &[f64]) -> Result<Self> {
        Ok(Sample::new(y, score, false)?.measures(None))
    }

    /// The value of a measure, if defined.
    pub fn get(&self, measure: Measure) -> Option<f64> {
        Some(self.0[measure as usize]).filter(|value| !value.is_nan())
    }

    pub(crate) const UNDEFINED: Measures = Measures([f64::NAN; Measure::ALL.len()]);
}

/// Rows from the highest score down, with all that does not depend on their weights.
#[derive(Debug)]
pub(crate) struct Sample {
    /// The place of each row in the input.
    rows: Vec<u32>,
    y: Vec<bool>,
    /// Ends of the groups of equal scores.
    ends: Vec<u32>,
    probability: Option<Probability>,
}

/// Terms of the measures of probability, row by row.
#[derive(Debug)]
struct Probability {
    p: Vec<f64>,
    log_loss: Vec<f64>,
    squared: Vec<f64>,
    /// The recalibration of all rows, and each row's part in its gradient and curvature.
    slope: Option<Newton>,
}

#[derive(Debug)]
struct Newton {
    slope: f64,
    intercept: f64,
    /// Of the logistic regression with a slope: gradient 1 and x, curvature 1·1, 1·x, x·x; then of
    /// that without: gradient and curvature.
    terms: Vec<[f64; 7]>,
}

impl Sample {
    pub(crate) fn new(y: &[bool], score: &[f64], is_probability: bool) -> Result<Self> {
        check_scores(y, score)?;
        let mut rows: Vec<u32> = (0..y.len() as u32).collect();
        rows.sort_unstable_by(|&a, &b| score[b as usize].total_cmp(&score[a as usize]));
        let mut ends = Vec::new();
        for tied in rows.chunk_by(|&a, &b| score[a as usize] == score[b as usize]) {
            ends.push(ends.last().copied().unwrap_or(0) + tied.len() as u32);
        }
        let sorted: Vec<bool> = rows.iter().map(|&row| y[row as usize]).collect();
        let probability = is_probability.then(|| {
            let p: Vec<f64> = rows.iter().map(|&row| score[row as usize]).collect();
            Probability::new(&sorted, p)
        });
        Ok(Sample { rows, y: sorted, ends, probability })
    }

    /// All measures, rows weighted by `weights` in the order of the input.
    pub(crate) fn measures(&self, weights: Option<&[f64]>) -> Measures {
        let mut measures = Measures::UNDEFINED;
        let values = &mut measures.0;
        let weights: Vec<f64> = match weights {
            Some(weights) => self.rows.iter().map(|&row| weights[row as usize]).collect(),
            None => vec![1.0; self.rows.len()],
        };
        let total: f64 = weights.iter().sum();
        let positive: f64 =
            weights.iter().zip(&self.y).filter(|(_, y)| **y).map(|(weight, _)| weight).sum();
        if total <= 0.0 {
            return measures;
        }
        self.rank(&weights, total, positive, values);
        if let Some(probability) = &self.probability {
            probability.measure(&self.y, &self.ends, &weights, total, positive, values);
        }
        measures
    }

    /// Measures of ranking.
    fn rank(&self, weights: &[f64], total: f64, positive: f64, values: &mut [f64]) {
        let negative = total - positive;
        if positive <= 0.0 {
            return;
        }
        let (mut above, mut taken) = (0.0, 0.0);
        let (mut area, mut precision, mut lifts) = (0.0, 0.0, 0.0);
        let mut captures = [f64::NAN; SHARES.len()];
        let mut start = 0;
        for &end in &self.ends {
            let (mut size, mut found) = (0.0, 0.0);
            let rows = start..end as usize;
            for (&weight, &y) in weights[rows.clone()].iter().zip(&self.y[rows]) {
                size += weight;
                found += if y { weight } else { 0.0 };
            }
            start = end as usize;
            if size <= 0.0 {
                continue;
            }
            area += (size - found) * (above + found / 2.0);
            precision += found * (above + found) / (taken + size);
            lifts += lift_integral(
                taken / total,
                (taken + size) / total,
                above / positive,
                (above + found) / positive,
            );
            for (capture, share) in captures.iter_mut().zip(SHARES) {
                let room = share * total - taken;
                if capture.is_nan() && room <= size {
                    *capture = (above + found * room / size) / positive;
                }
            }
            above += found;
            taken += size;
        }
        let mut set = |measure: Measure, value: f64| values[measure as usize] = value;
        set(Measure::AveragePrecision, (precision / positive).min(1.0));
        let captured = [Measure::Capture5, Measure::Capture10, Measure::Capture20];
        let lifted = [Measure::Lift5, Measure::Lift10, Measure::Lift20];
        for (i, (capture, lift)) in captured.into_iter().zip(lifted).enumerate() {
            set(capture, captures[i]);
            set(lift, captures[i] / SHARES[i]);
        }
        if negative > 0.0 {
            set(Measure::RocAuc, (area / positive / negative).min(1.0));
            set(Measure::LiftQuality, 100.0 * (lifts - 1.0) / -(positive / total).ln());
        }
    }
}

/// ∫ capture(s) / s ds between two shares of the ranking; capture is a straight line there.
pub(crate) fn lift_integral(from: f64, to: f64, capture_from: f64, capture_to: f64) -> f64 {
    let rise = (capture_to - capture_from) / (to - from);
    let base = capture_from - rise * from;
    // The first group begins at 0, where base is 0.
    let curved = if from > 0.0 && base != 0.0 { base * (to / from).ln() } else { 0.0 };
    curved + rise * (to - from)
}

impl Probability {
    fn new(y: &[bool], p: Vec<f64>) -> Self {
        let clipped = |p: f64| p.clamp(f64::EPSILON, 1.0 - f64::EPSILON);
        let loss = |(&y, &p): (&bool, &f64)| {
            let p = clipped(p);
            if y { -p.ln() } else { -(-p).ln_1p() }
        };
        let log_loss = y.iter().zip(&p).map(loss).collect();
        let squared =
            y.iter().zip(&p).map(|(&y, &p)| (p - f64::from(u8::from(y))).powi(2)).collect();
        let found = recalibration(y, &p, None).ok();
        let slope = found.map(|(found, beside)| Newton::new(y, &p, found, beside));
        Probability { p, log_loss, squared, slope }
    }

    fn measure(
        &self,
        y: &[bool],
        ends: &[u32],
        weights: &[f64],
        total: f64,
        positive: f64,
        values: &mut [f64],
    ) {
        let mean = |of: &[f64]| weights.iter().zip(of).map(|(w, v)| w * v).sum::<f64>() / total;
        values[Measure::LogLoss as usize] = mean(&self.log_loss);
        values[Measure::BrierScore as usize] = mean(&self.squared);
        let mut error = BinnedError::new(total, BINS);
        let mut start = 0;
        for &end in ends {
            let rows = start..end as usize;
            let size: f64 = weights[rows.clone()].iter().sum();
            let found: f64 = rows.clone().filter(|&row| y[row]).map(|row| weights[row]).sum();
            error.add(size, found, self.p[start]);
            start = end as usize;
        }
        values[Measure::ExpectedCalibrationError as usize] = error.finish();
        if let Some(newton) = &self.slope
            && positive > 0.0
            && positive < total
        {
            let [slope, intercept] = newton.step(weights);
            values[Measure::CalibrationSlope as usize] = slope;
            values[Measure::CalibrationIntercept as usize] = intercept;
        }
    }
}

impl Newton {
    fn new(y: &[bool], p: &[f64], found: Calibration, beside: f64) -> Self {
        let logits: Vec<f64> = p.iter().map(|&p| logit(p)).collect();
        let terms = y.iter().zip(&logits).map(|(&y, &x)| {
            let y = f64::from(u8::from(y));
            let sloped = sigmoid(beside + found.slope * x);
            let plain = sigmoid(found.intercept + x);
            let (residual, curvature) = (y - sloped, sloped * (1.0 - sloped));
            [
                residual,
                residual * x,
                curvature,
                curvature * x,
                curvature * x * x,
                y - plain,
                plain * (1.0 - plain),
            ]
        });
        Newton { slope: found.slope, intercept: found.intercept, terms: terms.collect() }
    }

    /// Slope and intercept of weighted rows: one step of Newton's method from those of all rows.
    fn step(&self, weights: &[f64]) -> [f64; 2] {
        let mut sums = [0.0; 7];
        for (weight, terms) in weights.iter().zip(&self.terms) {
            for (sum, term) in sums.iter_mut().zip(terms) {
                *sum += weight * term;
            }
        }
        let [g0, g1, h0, h1, h2, gradient, curvature] = sums;
        let determinant = h0 * h2 - h1 * h1;
        let slope = self.slope + (h0 * g1 - h1 * g0) / determinant;
        [slope, self.intercept + gradient / curvature]
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_abs_diff_eq;
    use proptest::prelude::*;

    use super::super::*;
    use super::*;

    /// Every measure by its own function.
    fn alone(measure: Measure, y: &[bool], p: &[f64]) -> Result<f64> {
        match measure {
            Measure::RocAuc => roc_auc(y, p, None),
            Measure::AveragePrecision => average_precision(y, p, None),
            Measure::LogLoss => log_loss(y, p, None),
            Measure::BrierScore => brier_score(y, p, None),
            Measure::CalibrationSlope => calibration(y, p, None).map(|c| c.slope),
            Measure::CalibrationIntercept => calibration(y, p, None).map(|c| c.intercept),
            Measure::ExpectedCalibrationError => expected_calibration_error(y, p, BINS, None),
            Measure::Lift5 => lift(y, p, 0.05),
            Measure::Lift10 => lift(y, p, 0.1),
            Measure::Lift20 => lift(y, p, 0.2),
            Measure::Capture5 => capture(y, p, 0.05),
            Measure::Capture10 => capture(y, p, 0.1),
            Measure::Capture20 => capture(y, p, 0.2),
            Measure::LiftQuality => lift_quality(y, p),
        }
    }

    proptest! {
        #[test]
        fn all_at_once_are_what_each_is_alone(
            rows in proptest::collection::vec((any::<bool>(), 1u8..12), 1..60),
        ) {
            let (y, p): (Vec<bool>, Vec<f64>) =
                rows.into_iter().map(|(y, p)| (y, f64::from(p) / 12.0)).unzip();
            let all = Measures::of(&y, &p).unwrap();
            for measure in Measure::ALL {
                match (all.get(measure), alone(measure, &y, &p)) {
                    (Some(value), Ok(alone)) => {
                        prop_assert!((value - alone).abs() < 1e-9, "{measure:?}: {value} {alone}");
                    }
                    (None, Err(_)) => {}
                    other => prop_assert!(false, "{measure:?}: {other:?}"),
                }
            }
        }

        #[test]
        fn a_weight_of_two_is_a_row_twice(
            rows in proptest::collection::vec((any::<bool>(), 1u8..12, 0u8..3), 4..60),
        ) {
            let y: Vec<bool> = rows.iter().map(|row| row.0).collect();
            let p: Vec<f64> = rows.iter().map(|row| f64::from(row.1) / 12.0).collect();
            let weights: Vec<f64> = rows.iter().map(|row| f64::from(row.2)).collect();
            let repeated: Vec<usize> =
                rows.iter().enumerate().flat_map(|(i, row)| vec![i; usize::from(row.2)]).collect();
            prop_assume!(!repeated.is_empty());
            let weighted = Sample::new(&y, &p, true).unwrap().measures(Some(&weights));
            let y: Vec<bool> = repeated.iter().map(|&i| y[i]).collect();
            let p: Vec<f64> = repeated.iter().map(|&i| p[i]).collect();
            let plain = Measures::of(&y, &p).unwrap();
            for measure in Measure::ALL {
                // Slope and intercept are one step away.
                if matches!(measure, Measure::CalibrationSlope | Measure::CalibrationIntercept) {
                    continue;
                }
                let (a, b) = (weighted.get(measure), plain.get(measure));
                prop_assert_eq!(a.is_some(), b.is_some(), "{:?}", measure);
                if let (Some(a), Some(b)) = (a, b) {
                    prop_assert!((a - b).abs() < 1e-9, "{measure:?}: {a} {b}");
                }
            }
        }
    }

    #[test]
    fn one_step_is_near_the_recalibration_of_resampled_rows() {
        let n = 4_000;
        let p: Vec<f64> =
            (0..n).map(|i| 0.02 + 0.96 * (f64::from(i) + 0.5) / f64::from(n)).collect();
        let uniform =
            |i: u32, salt: u64| crate::hash::share(crate::hash::spread(u64::from(i) ^ salt << 32));
        let y: Vec<bool> = p.iter().zip(0..).map(|(&p, i)| uniform(i, 1) < p).collect();
        let weights: Vec<f64> = (0..n as u32).map(|i| (uniform(i, 2) * 3.0).floor()).collect();
        let step = Sample::new(&y, &p, true).unwrap().measures(Some(&weights));
        let exact = calibration(&y, &p, Some(&weights)).unwrap();
        assert_abs_diff_eq!(
            step.0[Measure::CalibrationSlope as usize],
            exact.slope,
            epsilon = 5e-3
        );
        let intercept = step.0[Measure::CalibrationIntercept as usize];
        assert_abs_diff_eq!(intercept, exact.intercept, epsilon = 5e-3);
    }
}
