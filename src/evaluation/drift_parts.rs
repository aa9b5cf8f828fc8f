//! Drift of customers who come in parts: the first pass counts them in the bins of the training rows, so
//! that it is known in which bins the medians lie; the second gathers the values there.

use std::cmp::Ordering;

use ndarray::ArrayView1;

use super::drift::{AskedDrift, Drift};
use crate::churn::ChurnModel;
use crate::churn::profile::ColumnProfile;
use crate::error::{Error, Result};
use crate::log::{LogFacts, Mergeable, Part};
use crate::snapshot::{AllCustomersAt, Beside, PartitionedSnapshot, Snapshot};

impl ChurnModel {
    /// As [`ChurnModel::drift`], bit-identical, of a log in parts. Each part is scored twice.
    ///
    /// # Errors
    /// As [`ChurnModel::drift`].
    pub fn drift_of_parts(&self, snapshot: &PartitionedSnapshot<'_>, level: f64) -> Result<Drift> {
        let counts = DriftCounts::part(self, snapshot, level)?.finish()?;
        Drift::part(self, snapshot, level, counts)?.finish()
    }
}

/// How many customers lie in each bin of the training rows, which a second pass is to be told.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct DriftCounts(Vec<Vec<u64>>);

impl DriftCounts {
    /// Of some customers, to be merged with those of others.
    ///
    /// # Errors
    /// As [`ChurnModel::drift`].
    pub fn part(
        model: &ChurnModel,
        snapshot: &impl AllCustomersAt,
        level: f64,
    ) -> Result<Part<DriftCounts>> {
        let asked = AskedDrift::of(model, level);
        Part::of(&Beside { now: snapshot, what: model.clone() }, &asked)
    }

    /// Whether there are counts of all bins of all columns.
    fn fits(&self, asked: &AskedDrift) -> bool {
        let columns = &asked.profile.columns;
        let same = |(counts, own): (&Vec<u64>, &ColumnProfile)| {
            !counts.is_empty() && counts.len() == own.counts.len()
        };
        self.0.len() == columns.len() && self.0.iter().zip(columns).all(same)
    }
}

impl Mergeable for DriftCounts {
    const NAME: &'static str = "drift_counts";
    type Log = (Snapshot, ChurnModel);
    type Asked = AskedDrift;
    type Sums = DriftCounts;

    fn sums((now, model): &Self::Log, _: &LogFacts, asked: &AskedDrift) -> Result<DriftCounts> {
        // A part without customers need not have all tables.
        if now.log().customers().is_empty() {
            let none = asked.profile.columns.iter().map(|own| vec![0; own.counts.len()]);
            return Ok(DriftCounts(none.collect()));
        }
        Ok(DriftCounts(model.of_columns(now, ColumnProfile::count)?))
    }

    fn merge(sums: &mut DriftCounts, other: DriftCounts) {
        let counts = sums.0.iter_mut().flatten().zip(other.0.into_iter().flatten());
        counts.for_each(|(own, other)| *own += other);
    }

    fn fits(sums: &DriftCounts, _: &LogFacts, asked: &AskedDrift) -> Result<bool> {
        Ok(sums.fits(asked))
    }

    fn finish(sums: DriftCounts, _: &LogFacts, _: &AskedDrift) -> Result<Self> {
        Ok(sums)
    }
}

/// The values in some neighbouring bins, ascending, each with how many have it: a median is among
/// them. As bits, for JSON has no infinity.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Around(Vec<(u64, u64)>);

fn order(a: u64, b: u64) -> Ordering {
    f64::from_bits(a).total_cmp(&f64::from_bits(b))
}

/// The bins of the middle value, or of the two in the middle; none without values.
fn middle(counts: &[u64]) -> Option<(usize, usize)> {
    let known = &counts[..counts.len() - 1];
    let all: u64 = known.iter().sum();
    let bin = |rank: u64| {
        let mut below = 0;
        known.iter().position(|count| {
            below += count;
            rank < below
        })
    };
    Some((bin(all.checked_sub(1)? / 2)?, bin(all / 2)?))
}

impl Around {
    fn of(profile: &ColumnProfile, values: ArrayView1<'_, f64>, counts: &[u64]) -> Around {
        let Some((first, last)) = middle(counts).filter(|_| profile.is_numeric()) else {
            return Around::default();
        };
        let here = |value: &f64| !value.is_nan() && (first..=last).contains(&profile.bin(*value));
        let mut inside: Vec<f64> = values.iter().copied().filter(here).collect();
        inside.sort_unstable_by(f64::total_cmp);
        let runs = inside.chunk_by(|a, b| a.to_bits() == b.to_bits());
        Around(runs.map(|run| (run[0].to_bits(), run.len() as u64)).collect())
    }

    fn merge(&mut self, other: Around) {
        self.0.extend(other.0);
        self.0.sort_by(|a, b| order(a.0, b.0));
        self.0.dedup_by(|later, own| {
            let same = later.0 == own.0;
            own.1 += if same { later.1 } else { 0 };
            same
        });
    }

    /// The median of all values, of which so many lie in each bin.
    fn median(&self, counts: &[u64]) -> Result<Option<f64>> {
        let Some((first, _)) = middle(counts) else { return Ok(None) };
        let known = &counts[..counts.len() - 1];
        let (all, before): (u64, u64) = (known.iter().sum(), known[..first].iter().sum());
        let value = |rank: u64| {
            let mut left = rank - before;
            let found = self.0.iter().find(|(_, count)| {
                let here = left < *count;
                left -= if here { 0 } else { *count };
                here
            });
            let missing = || Error::damaged_model("values of other customers than were counted");
            found.map(|(bits, _)| f64::from_bits(*bits)).ok_or_else(missing)
        };
        Ok(Some(match all % 2 {
            1 => value(all / 2)?,
            _ => f64::midpoint(value(all / 2 - 1)?, value(all / 2)?),
        }))
    }
}

impl Drift {
    /// What the second pass finds in some customers, once all are counted.
    ///
    /// # Errors
    /// As [`ChurnModel::drift`].
    pub fn part(
        model: &ChurnModel,
        snapshot: &impl AllCustomersAt,
        level: f64,
        counts: DriftCounts,
    ) -> Result<Part<Drift>> {
        let asked = (AskedDrift::of(model, level), counts);
        Part::of(&Beside { now: snapshot, what: model.clone() }, &asked)
    }
}

impl Mergeable for Drift {
    const NAME: &'static str = "drift";
    type Log = (Snapshot, ChurnModel);
    type Asked = (AskedDrift, DriftCounts);
    type Sums = Vec<Around>;

    fn sums(
        (now, model): &Self::Log,
        _: &LogFacts,
        (asked, counts): &Self::Asked,
    ) -> Result<Vec<Around>> {
        if !counts.fits(asked) {
            return Err(Error::argument("first", "counts of another model", "those of this one"));
        }
        if now.log().customers().is_empty() {
            return Ok(vec![Around::default(); counts.0.len()]);
        }
        let mut counts = counts.0.iter();
        model.of_columns(now, |profile, values| {
            counts.next().map_or_else(Around::default, |own| Around::of(profile, values, own))
        })
    }

    fn merge(sums: &mut Vec<Around>, other: Vec<Around>) {
        sums.iter_mut().zip(other).for_each(|(own, other)| own.merge(other));
    }

    fn fits(sums: &Vec<Around>, _: &LogFacts, (asked, counts): &Self::Asked) -> Result<bool> {
        Ok(counts.fits(asked) && sums.len() == counts.0.len())
    }

    fn finish(sums: Vec<Around>, facts: &LogFacts, (asked, counts): &Self::Asked) -> Result<Self> {
        let columns = asked.profile.columns.iter().zip(sums.iter().zip(&counts.0));
        let medians = columns.map(|(profile, (around, counts))| {
            let median = profile.is_numeric().then(|| around.median(counts)).transpose()?;
            Ok((counts.clone(), median.flatten()))
        });
        let found: Vec<_> = medians.collect::<Result<_>>()?;
        asked.found(facts.cutoff(), found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The slow twin sorts all values.
    #[test]
    fn a_median_is_found_among_the_values_around_it() {
        let all: [&[f64]; 7] = [
            &[],
            &[3.25],
            &[1.0, 2.0],
            &[12.99, 10.13, 25.5],
            &[0.0, -0.0, 0.0, f64::NAN],
            &[5.0, 5.0, 5.0, 5.0, 7.5, 1.25],
            &[1.0, 2.0, 3.0, 4.0, 100.0, 101.0, 102.0, 103.0, f64::NAN],
        ];
        let training: Vec<f64> = (0..200).map(f64::from).collect();
        for training in [&training[..], &[5.0; 20], &[f64::NAN]] {
            let profile = ColumnProfile::of_numbers(ArrayView1::from(training));
            for values in all {
                let counts = profile.count(ArrayView1::from(values));
                let mut found = Around::default();
                for part in values.chunks(2).rev() {
                    found.merge(Around::of(&profile, ArrayView1::from(part), &counts));
                }
                let slow = crate::churn::profile::median_of(ArrayView1::from(values));
                let found = found.median(&counts).unwrap();
                assert_eq!(found.map(f64::to_bits), slow.map(f64::to_bits), "{values:?}");
            }
        }
    }
}
