//! What a model was trained on, column by column, in bins: enough to tell whether what it sees
//! later still looks similar.

use ndarray::{Array2, ArrayView1, ArrayView2};
use serde::{Deserialize, Serialize};

use super::recipe::Recipe;
use crate::error::{Error, Result};
use crate::models::rows::of_columns;
use crate::stats::{SHARED, parting, rounded_among};
use crate::time::Timestamp;

/// Bins of equal count at most, of a column of numbers.
const BINS: usize = 10;

/// The customers of the latest training cutoff.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Profile {
    pub(crate) cutoff: Timestamp,
    /// As the columns that the model reads, then the purchase probability.
    pub(crate) columns: Vec<ColumnProfile>,
}

/// How the values of a column are spread.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ColumnProfile {
    bins: Bins,
    /// Rows in each bin, last those without a value.
    pub(crate) counts: Vec<u64>,
    /// None for texts and where no row has a value.
    pub(crate) median: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Bins {
    /// A bin ends below each of these; the last has no end.
    Edges(Vec<f64>),
    /// A bin for each level, and one for levels not seen in training.
    Levels(usize),
}

impl Profile {
    /// Of the rows of one cutoff and their purchase probabilities.
    pub(crate) fn of(
        cutoff: Timestamp,
        x: ArrayView2<'_, f64>,
        probability: &[f64],
        recipe: &Recipe,
    ) -> Profile {
        let categories = recipe.categories();
        let levels = |column: usize| {
            categories.iter().find(|(place, _)| *place == column).map(|(_, levels)| *levels)
        };
        let mut columns = of_columns(x, |column, values| match levels(column) {
            Some(levels) => ColumnProfile::new(Bins::Levels(levels), None, values.into()),
            None => ColumnProfile::of_numbers(values.into()),
        });
        columns.push(ColumnProfile::of_numbers(ArrayView1::from(probability)));
        Profile { cutoff, columns }
    }

    /// Refuses a profile that does not fit its recipe, as of a damaged file.
    pub(crate) fn check(&self, recipe: &Recipe) -> Result<()> {
        let sound = |column: &ColumnProfile| {
            let bins = match &column.bins {
                Bins::Edges(edges) if edges.windows(2).all(|pair| pair[0] < pair[1]) => {
                    edges.len().checked_add(2)
                }
                Bins::Levels(levels) => levels.checked_add(2),
                Bins::Edges(_) => None,
            };
            let total = column.counts.iter().try_fold(0u64, |sum, &n| sum.checked_add(n));
            bins == Some(column.counts.len()) && total.is_some_and(|rows| rows > 0)
        };
        if self.columns.len() == recipe.width() + 1 && self.columns.iter().all(sound) {
            Ok(())
        } else {
            Err(Error::model_file("its profile of the training rows is broken"))
        }
    }
}

impl ColumnProfile {
    /// Bins that end at the tenths of the rows.
    pub(crate) fn of_numbers(values: ArrayView1<'_, f64>) -> ColumnProfile {
        let sorted = sorted(values);
        let mut edges: Vec<f64> = Vec::new();
        for i in 0..BINS {
            let Some(&value) = sorted.get(i * sorted.len() / BINS) else { continue };
            let equal =
                sorted.partition_point(|&v| v <= value) - sorted.partition_point(|&v| v < value);
            // A value of a tenth of the rows or more has a bin of its own, or a column in which most
            // are equal could move unseen. An edge is no value of a few.
            if equal * BINS >= sorted.len() && equal >= SHARED {
                edges.extend([value, value.next_up()]);
            } else if let Some(&below) = sorted[..sorted.partition_point(|&v| v < value)].last() {
                edges.push(parting(below, value));
            }
        }
        edges.sort_unstable_by(f64::total_cmp);
        edges.dedup();
        ColumnProfile::new(Bins::Edges(edges), median(&sorted), values)
    }

    fn new(bins: Bins, median: Option<f64>, values: ArrayView1<'_, f64>) -> ColumnProfile {
        let mut profile = ColumnProfile { bins, counts: Vec::new(), median };
        profile.counts = profile.count(values);
        profile
    }

    /// Rows of these values in each bin, last those without one.
    pub(crate) fn count(&self, values: ArrayView1<'_, f64>) -> Vec<u64> {
        let mut counts = vec![0; self.bin(f64::NAN) + 1];
        values.iter().for_each(|&value| counts[self.bin(value)] += 1);
        counts
    }

    /// The bin of a value.
    pub(crate) fn bin(&self, value: f64) -> usize {
        match &self.bins {
            Bins::Edges(edges) if value.is_nan() => edges.len() + 1,
            Bins::Levels(levels) if value.is_nan() => levels + 1,
            Bins::Edges(edges) => edges.partition_point(|&edge| edge <= value),
            Bins::Levels(levels) => (value as usize).min(*levels),
        }
    }

    /// Whether its values are numbers.
    pub(crate) fn is_numeric(&self) -> bool {
        matches!(self.bins, Bins::Edges(_))
    }
}

/// The values there are, ascending.
fn sorted(values: ArrayView1<'_, f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
    values.sort_unstable_by(f64::total_cmp);
    values
}

/// The middle of ascending values, or the mean of the middle two.
fn middle(sorted: &[f64]) -> Option<f64> {
    let middle = sorted.len() / 2;
    Some(match sorted.len() % 2 {
        1 => sorted[middle],
        _ => f64::midpoint(*sorted.get(middle.wrapping_sub(1))?, sorted[middle]),
    })
}

/// About the middle of ascending values, in so few digits that it is no one's own.
fn median(sorted: &[f64]) -> Option<f64> {
    let median = middle(sorted)?;
    let equal = sorted.partition_point(|&v| v <= median) - sorted.partition_point(|&v| v < median);
    Some(rounded_among(sorted, median, equal as f64))
}

/// The median of the values there are, exactly: for results, not for what is kept.
pub(crate) fn median_of(values: ArrayView1<'_, f64>) -> Option<f64> {
    middle(&sorted(values))
}

/// Of each column the median, of `categories` the most frequent value; none where half of the rows or
/// more have none.
pub(crate) fn typical(x: &Array2<f64>, categories: &[(usize, usize)]) -> Vec<Option<f64>> {
    let of = |column: usize, values: &[f64]| {
        let rows = values.len();
        let values = sorted(values.into());
        if values.len() * 2 <= rows {
            return None;
        }
        if categories.iter().any(|(category, _)| *category == column) {
            // Of equally frequent ones the first.
            let runs = values.chunk_by(|a, b| a == b).rev();
            return runs.max_by_key(|run| run.len()).map(|run| run[0]);
        }
        median(&values)
    };
    of_columns(x.view(), of)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tenths_of_the_rows_lie_in_each_bin() {
        let values: Vec<f64> = (0..1_000).map(|i| f64::from(i * 7 % 1_000)).collect();
        let profile = ColumnProfile::of_numbers(ArrayView1::from(&values));
        assert_eq!(profile.counts, [100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 0]);
        assert_eq!(profile.median, Some(500.0));
        let later = [-5.0, 0.0, 950.0, 1e9, f64::NAN];
        assert_eq!(profile.count(ArrayView1::from(&later)), [2, 0, 0, 0, 0, 0, 0, 0, 0, 2, 1]);
    }

    #[test]
    fn few_distinct_values_make_few_bins_and_none_make_one() {
        let values = [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 2.0, f64::NAN];
        let profile = ColumnProfile::of_numbers(ArrayView1::from(&values));
        assert_eq!(profile.counts.iter().sum::<u64>(), 11);
        // Below 0, exactly 0, from there to .5, to 1.5, beyond, missing: 1 and 2 are of one row each.
        assert_eq!(profile.counts, [0, 8, 0, 1, 1, 1]);
        let later = [0.0, 0.5, 3.0, 3.0, -1.0];
        assert_eq!(profile.count(ArrayView1::from(&later)), [1, 1, 0, 1, 2, 0]);
        let constant = ColumnProfile::of_numbers(ArrayView1::from(&[0.0; 20]));
        assert_eq!(constant.count(ArrayView1::from(&[0.0, 1.0, 1.0])), [0, 1, 2, 0]);
        let none = ColumnProfile::of_numbers(ArrayView1::from(&[f64::NAN, f64::NAN]));
        assert_eq!((none.counts, none.median), (vec![0, 2], None));
    }

    #[test]
    fn the_typical_text_is_the_most_frequent_one() {
        let x = Array2::from_shape_vec(
            (5, 2),
            vec![1.0, 1.0, 2.0, 0.0, 4.0, 1.0, 8.0, 2.0, f64::NAN, f64::NAN],
        )
        .unwrap();
        assert_eq!(typical(&x, &[(1, 3)]), [Some(3.0), Some(1.0)]);
    }
}
