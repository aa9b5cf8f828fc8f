//! k-means: few points that are close to all.

use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use rayon::prelude::*;

use crate::error::Result;
use crate::progress::Progress;

/// So many times a point is moved to the mean of what is closest to it.
const MOST_ROUNDS: usize = 300;
/// What moves less than this, in relation to all that there is, stays.
const STILL: f64 = 1e-12;
/// What takes long.
const GROUPING: &str = "finding groups";

/// Rows of numbers, all of one width.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rows<'a> {
    pub(super) values: &'a [f64],
    pub(super) width: usize,
}

impl<'a> Rows<'a> {
    pub(super) fn len(self) -> usize {
        self.values.len() / self.width
    }

    fn iter(self) -> impl Iterator<Item = &'a [f64]> {
        self.values.chunks_exact(self.width)
    }

    fn row(self, place: usize) -> &'a [f64] {
        &self.values[place * self.width..][..self.width]
    }
}

/// The centres, and the sum of squared distances to the closest.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Centres {
    pub(super) values: Vec<f64>,
    pub(super) width: usize,
    pub(super) inertia: f64,
}

fn distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}

impl Centres {
    /// The best of so many starts from seeded places (Arthur and Vassilvitskii 2007, "k-means++"),
    /// each moved until it stays (Lloyd 1982).
    ///
    /// # Errors
    /// [`Error::Interrupted`](crate::Error::Interrupted) where the work is to end.
    pub(super) fn fit(
        rows: Rows<'_>,
        count: usize,
        starts: usize,
        seed: u64,
        progress: &Progress,
    ) -> Result<Centres> {
        let one = |start: usize| {
            progress.tell(GROUPING, 0, 0)?;
            let mut random = Xoshiro256PlusPlus::seed_from_u64(seed ^ (start as u64) << 32);
            Centres::seeded(rows, count, &mut random).moved(rows, progress)
        };
        let found: Result<Vec<Centres>> = (0..starts.max(1)).into_par_iter().map(one).collect();
        let best = found?.into_iter().reduce(|a, b| if b.inertia < a.inertia { b } else { a });
        Ok(best.unwrap_or(Centres { values: Vec::new(), width: rows.width, inertia: 0.0 }))
    }

    /// Rows drawn one after the other, each by its squared distance to those drawn before.
    fn seeded(rows: Rows<'_>, count: usize, random: &mut Xoshiro256PlusPlus) -> Centres {
        let first = random.random_range(0..rows.len());
        let mut values = rows.row(first).to_vec();
        let mut closest: Vec<f64> = rows.iter().map(|row| distance(row, &values)).collect();
        for _ in 1..count {
            let all: f64 = closest.iter().sum();
            let mut left = random.random::<f64>() * all;
            let drawn = closest.iter().position(|distance| {
                left -= distance;
                left < 0.0
            });
            // All rows are drawn already where there are fewer different ones than centres.
            let new = rows.row(drawn.unwrap_or(first));
            values.extend_from_slice(new);
            for (closest, row) in closest.iter_mut().zip(rows.iter()) {
                *closest = closest.min(distance(row, new));
            }
        }
        Centres { values, width: rows.width, inertia: f64::INFINITY }
    }

    /// Moves every centre to the mean of the rows that are closest to it, until the sum stays.
    fn moved(mut self, rows: Rows<'_>, progress: &Progress) -> Result<Centres> {
        let count = self.values.len() / self.width;
        for _ in 0..MOST_ROUNDS {
            progress.tell(GROUPING, 0, 0)?;
            let mut sums = vec![0.0; self.values.len()];
            let mut members = vec![0usize; count];
            let mut inertia = 0.0;
            for row in rows.iter() {
                let (place, distance) = self.closest(row);
                inertia += distance;
                members[place] += 1;
                let sums = &mut sums[place * self.width..][..self.width];
                sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
            }
            let means = sums.chunks_exact(self.width).zip(&members);
            for (centre, (sums, &members)) in
                self.values.chunks_exact_mut(self.width).zip(means).filter(|(_, (_, m))| **m > 0)
            {
                centre.iter_mut().zip(sums).for_each(|(own, sum)| *own = sum / members as f64);
            }
            let is_still = self.inertia - inertia <= STILL * inertia;
            self.inertia = inertia;
            if is_still {
                break;
            }
        }
        self.inertia = rows.iter().map(|row| self.closest(row).1).sum();
        Ok(self)
    }

    /// The closest centre, the first of several, and its squared distance.
    pub(super) fn closest(&self, row: &[f64]) -> (usize, f64) {
        let mut best = (0, f64::INFINITY);
        for (place, centre) in self.values.chunks_exact(self.width).enumerate() {
            let distance = distance(row, centre);
            if distance < best.1 {
                best = (place, distance);
            }
        }
        best
    }

    pub(super) fn assign(&self, rows: Rows<'_>) -> Vec<usize> {
        rows.values.par_chunks_exact(rows.width).map(|row| self.closest(row).0).collect()
    }
}

/// How far two ways to group the same things agree: 1 for the same groups, 0 for groups at random
/// (Hubert and Arabie 1985, adjusted Rand index). None where all are in one group by both.
pub(super) fn adjusted_rand(one: &[usize], other: &[usize]) -> Option<f64> {
    let groups = |of: &[usize]| of.iter().max().map_or(0, |most| most + 1);
    let (rows, columns) = (groups(one), groups(other));
    let mut table = vec![0u64; rows * columns];
    for (&a, &b) in one.iter().zip(other) {
        table[a * columns + b] += 1;
    }
    let pairs = |count: u64| count as f64 * (count as f64 - 1.0) / 2.0;
    let sum = |counts: &mut dyn Iterator<Item = u64>| counts.map(pairs).sum::<f64>();
    let together = sum(&mut table.iter().copied());
    let own = sum(&mut table.chunks(columns.max(1)).map(|row| row.iter().sum()));
    let its = sum(&mut (0..columns).map(|b| (0..rows).map(|a| table[a * columns + b]).sum()));
    let expected = own * its / pairs(one.len() as u64);
    let most = (own + its) / 2.0;
    (most > expected).then(|| (together - expected) / (most - expected))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit(rows: Rows<'_>, count: usize, starts: usize, seed: u64) -> Centres {
        Centres::fit(rows, count, starts, seed, &Progress::default()).unwrap()
    }

    #[test]
    fn groups_that_are_apart_are_found() {
        let mut values = Vec::new();
        for row in 0..300 {
            let near = f64::from(row % 7) / 10.0;
            values.extend([[0.0, 0.0], [9.0, 1.0], [4.0, 8.0]][row as usize % 3].map(|c| c + near));
        }
        let rows = Rows { values: &values, width: 2 };
        let found = fit(rows, 3, 5, 0);
        let groups = found.assign(rows);
        let meant: Vec<usize> = (0..300).map(|row| row % 3).collect();
        assert_eq!(adjusted_rand(&groups, &meant), Some(1.0));
        assert_eq!(found, fit(rows, 3, 5, 0));
        let direct: f64 = rows.iter().map(|row| found.closest(row).1).sum();
        assert_eq!(found.inertia, direct);
    }

    #[test]
    fn few_different_rows_have_no_more_groups() {
        let values = [1.0, 1.0, 1.0, 5.0, 5.0];
        let rows = Rows { values: &values, width: 1 };
        let found = fit(rows, 4, 3, 1);
        assert_eq!(found.inertia, 0.0);
        assert_eq!(found.assign(Rows { values: &values[..1], width: 1 }).len(), 1);
    }

    #[test]
    fn agreement_is_that_of_scikit_learn() {
        // sklearn.metrics.adjusted_rand_score, scikit-learn 1.9.1.
        let one = [0, 0, 1, 1, 2, 2, 2, 0];
        let other = [0, 0, 1, 2, 2, 2, 1, 0];
        let found = adjusted_rand(&one, &other).unwrap();
        assert!((found - 0.428_571_428_571_428_55).abs() < 1e-12, "{found}");
        assert_eq!(adjusted_rand(&one, &one), Some(1.0));
        assert_eq!(adjusted_rand(&[0, 0], &[0, 0]), None);
        let crossed = adjusted_rand(&[0, 0, 1, 1], &[0, 1, 0, 1]).unwrap();
        assert!((crossed + 0.5).abs() < 1e-12, "{crossed}");
    }
}
