//! What was learned about one column, and how its values are written.

use serde::{Deserialize, Serialize};

use super::spec::{ColumnKind, ColumnSpec};
use crate::error::{Error, Result, number};
use crate::stats::{SHARED, ln_1p, rounded_among};

/// Magnitudes above this overflow when means are taken.
const LARGEST: f64 = 1e300;

/// One input column after training.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct FittedColumn {
    pub(super) name: String,
    /// Whether a training value was missing, so that there is a `<name>_missing` column.
    missing_seen: bool,
    encoding: Encoding,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Encoding {
    Number {
        skewed: bool,
        /// Of the present training values, after the logarithm; 0 when there were none.
        median: f64,
        mean: f64,
        scale: f64,
    },
    Category {
        levels: Vec<String>,
        /// Levels with a column of their own, rising: all seen in training but the most frequent.
        shown: Vec<usize>,
    },
}

impl FittedColumn {
    pub(super) fn fit(
        spec: &ColumnSpec,
        column: usize,
        values: &[f64],
        weights: Option<&[f64]>,
    ) -> Result<Self> {
        let bad = |row: usize, value: f64, need: &str| {
            Error::Shape(format!(
                "x[{row}, {column}] (`{}`) = {} (row and column from 0); {need} is needed",
                spec.name,
                number(value)
            ))
        };
        if let Some(i) = values.iter().position(|v| v.abs() > LARGEST) {
            return Err(bad(i, values[i], "NaN or a number up to 1e300"));
        }
        let weight = |i: usize| weights.map_or(1.0, |w| w[i]);
        let counted =
            || values.iter().enumerate().map(|(i, v)| (*v, weight(i))).filter(|p| p.1 > 0.0);
        let missing_seen = counted().any(|(value, _)| value.is_nan());
        let encoding = match &spec.kind {
            ColumnKind::Category { levels } => {
                let place = |v: f64| v >= 0.0 && v < levels.len() as f64 && v.fract() == 0.0;
                if let Some(i) = values.iter().position(|v| !v.is_nan() && !place(*v)) {
                    let need = format!("NaN or a whole number below {}", levels.len());
                    return Err(bad(i, values[i], &need));
                }
                let present = counted().filter(|(value, _)| !value.is_nan());
                Encoding::category(levels, present.map(|(v, w)| (v as usize, w)))
            }
            kind => {
                let skewed = *kind == ColumnKind::Skewed;
                let all = counted().map(|(v, w)| (if skewed { shorten(v) } else { v }, w));
                Encoding::number(skewed, all.collect(), weights.is_some())
            }
        };
        Ok(Self { name: spec.name.clone(), missing_seen, encoding })
    }

    /// Number of derived columns.
    pub(super) fn width(&self) -> usize {
        usize::from(self.missing_seen)
            + match &self.encoding {
                Encoding::Number { .. } => 1,
                Encoding::Category { shown, .. } => shown.len(),
            }
    }

    /// Names of derived columns, in the order in which values are written.
    pub(super) fn names(&self) -> Vec<String> {
        let mut names = match &self.encoding {
            Encoding::Number { .. } => vec![self.name.clone()],
            Encoding::Category { levels, shown } => shown
                .iter()
                .filter_map(|&level| levels.get(level))
                .map(|level| format!("{}={level}", self.name))
                .collect(),
        };
        if self.missing_seen {
            names.push(format!("{}_missing", self.name));
        }
        names
    }

    /// Hands on the derived values of `value`, [`FittedColumn::width`] of them; false when `value` is
    /// infinite or too large.
    #[inline]
    pub(super) fn derive(&self, value: f64, put: &mut impl FnMut(f64)) -> bool {
        let is_usable = match &self.encoding {
            Encoding::Number { skewed, median, mean, scale } => {
                let value = if value.is_nan() {
                    *median
                } else if *skewed {
                    shorten(value)
                } else {
                    value
                };
                let standardised = (value - mean) / scale;
                put(standardised);
                standardised.is_finite()
            }
            Encoding::Category { shown, .. } => {
                // The bound keeps the cast exact: beyond it a whole number need not be a level.
                let is_level = value >= 0.0 && value < 2f64.powi(52) && value.fract() == 0.0;
                for &level in shown {
                    put(f64::from(u8::from(is_level && level == value as usize)));
                }
                !value.is_infinite()
            }
        };
        if self.missing_seen {
            put(f64::from(u8::from(value.is_nan())));
        }
        is_usable
    }

    /// What is wrong with a column that was read from a file.
    pub(super) fn check(&self) -> Result<(), &'static str> {
        match &self.encoding {
            Encoding::Number { median, mean, scale, .. } => {
                if ![median, mean].iter().all(|v| v.abs() <= LARGEST) {
                    return Err("the median or the mean is not a finite number up to 1e300");
                }
                if !(scale.is_finite() && *scale > 0.0) {
                    return Err("the scale is not a finite number above 0");
                }
            }
            Encoding::Category { levels, shown } => {
                if !shown.is_sorted_by(|a, b| a < b) || shown.last() >= Some(&levels.len()) {
                    return Err("the shown levels do not rise or do not exist");
                }
            }
        }
        Ok(())
    }
}

impl Encoding {
    /// From all values that count and their weights, which are 1 unless they are weighted; NaN is a missing
    /// value.
    fn number(skewed: bool, mut values: Vec<(f64, f64)>, weighted: bool) -> Self {
        let mut present: Vec<(f64, f64)> =
            values.iter().copied().filter(|(v, _)| !v.is_nan()).collect();
        if weighted {
            // Of equal values the weights are added up in the order of the rows.
            present.sort_by(|a, b| a.0.total_cmp(&b.0));
        } else {
            present.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        }
        // In few digits, so that it is no row's own; money as it is, before the logarithm.
        let as_given = |value: f64| if skewed { lengthen(value) } else { value };
        let middle = as_given(median(&present));
        let equal = &present[present.partition_point(|(v, _)| as_given(*v) < middle)..];
        let equal = &equal[..equal.partition_point(|(v, _)| as_given(*v) <= middle)];
        let shared = equal.iter().map(|(_, weight)| weight).sum::<f64>();
        let rounded = if shared >= SHARED as f64 {
            middle
        } else {
            let sorted: Vec<f64> = present.iter().map(|(value, _)| as_given(*value)).collect();
            rounded_among(&sorted, middle, shared)
        };
        let median = if skewed { shorten(rounded) } else { rounded };
        for (value, _) in &mut values {
            if value.is_nan() {
                *value = median;
            }
        }
        let (mean, deviation) = moments(&values);
        Encoding::Number {
            skewed,
            median,
            mean,
            scale: if deviation > 0.0 { deviation } else { 1.0 },
        }
    }

    fn category(levels: &[String], present: impl Iterator<Item = (usize, f64)>) -> Self {
        let mut weights = vec![0.0; levels.len()];
        present.for_each(|(level, weight)| weights[level] += weight);
        let heaviest = weights.iter().fold(0.0, |most: f64, w| most.max(*w));
        let reference = weights.iter().position(|w| *w == heaviest);
        let shown = (0..levels.len()).filter(|&l| weights[l] > 0.0 && Some(l) != reference);
        Encoding::Category { levels: levels.to_vec(), shown: shown.collect() }
    }
}

/// sign(v) ln(1 + |v|)
fn shorten(v: f64) -> f64 {
    ln_1p(v.abs()).copysign(v)
}

/// What [`shorten`] made shorter.
fn lengthen(v: f64) -> f64 {
    v.abs().exp_m1().copysign(v)
}

/// Median of ascending (value, weight); 0 without values.
///
/// A weight of 2 is a value that is there twice: between the two middle values lies the half.
fn median(values: &[(f64, f64)]) -> f64 {
    let half = values.iter().map(|(_, w)| w).sum::<f64>() / 2.0;
    let mut before = 0.0;
    for (i, (value, weight)) in values.iter().enumerate() {
        before += weight;
        if before > half || i + 1 == values.len() {
            return *value;
        }
        if before == half {
            return value / 2.0 + values[i + 1].0 / 2.0;
        }
    }
    0.0
}

/// Weighted mean and standard deviation (divisor: the sum of weights) of (value, weight).
fn moments(values: &[(f64, f64)]) -> (f64, f64) {
    let total: f64 = values.iter().map(|(_, w)| w).sum();
    let low = values.iter().fold(f64::INFINITY, |low, (v, _)| low.min(*v));
    let high = values.iter().fold(f64::NEG_INFINITY, |high, (v, _)| high.max(*v));
    if low >= high {
        // Exactly, where a sum of equal values could be off by rounding.
        return (low, 0.0);
    }
    let average =
        |of: &dyn Fn(f64) -> f64| values.iter().map(|(v, w)| of(*v) * (w / total)).sum::<f64>();
    let rough = average(&|v| v);
    // The second pass recovers the digits that a large offset took from the first.
    let mean = (rough + average(&|v| v - rough)).clamp(low, high);
    // Distances are divided by the largest before they are squared, or 1e200 would overflow.
    let reach = (high - mean).max(mean - low);
    let square = average(&|v| ((v - mean) / reach) * ((v - mean) / reach));
    (mean, reach * square.sqrt())
}
