//! Cuts the customers of a log into parts of about equally many rows, by a sample of ids.

use crate::log::read::chunk_ids::ChunkIds;
use crate::log::store::customer_id::CustomerId;

/// Ids of one type, as they came or sorted.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Sample {
    Int(Vec<i64>),
    Text(Vec<String>),
}

/// The first id of every part but the first, rising: part `i` holds the ids from `firsts[i - 1]` to
/// below `firsts[i]`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Splits {
    firsts: Sample,
}

impl Sample {
    /// Every `step`th row's id.
    pub(crate) fn of(ids: &ChunkIds, step: usize) -> Self {
        let rows = (0..ids.len()).step_by(step);
        match ids {
            ChunkIds::Int(ids) => Sample::Int(rows.map(|row| ids[row]).collect()),
            ChunkIds::Text { texts, .. } => {
                let text = |row| texts.get(row).unwrap_or_default().to_owned();
                Sample::Text(rows.map(text).collect())
            }
        }
    }

    /// Both samples; none when they are of different types.
    pub(crate) fn and(self, other: Sample) -> Option<Sample> {
        match (self, other) {
            (Sample::Int(mut ids), Sample::Int(more)) => {
                ids.extend(more);
                Some(Sample::Int(ids))
            }
            (Sample::Text(mut ids), Sample::Text(more)) => {
                ids.extend(more);
                Some(Sample::Text(ids))
            }
            _ => None,
        }
    }
}

impl Splits {
    /// Cuts into at most `parts` parts. Each part has some of the sample, if there is any.
    pub(crate) fn new(sample: Sample, parts: usize) -> Self {
        fn cut<T: Ord + Clone>(mut sample: Vec<T>, parts: usize) -> Vec<T> {
            sample.sort_unstable();
            let place =
                |part: usize| (part as u128 * sample.len() as u128 / parts as u128) as usize;
            let mut firsts: Vec<T> =
                (1..parts).filter_map(|part| sample.get(place(part)).cloned()).collect();
            firsts.dedup();
            // A part that starts with the lowest id leaves none to the first.
            if firsts.first().is_some_and(|first| sample.first() == Some(first)) {
                firsts.remove(0);
            }
            firsts
        }
        let firsts = match sample {
            Sample::Int(ids) => Sample::Int(cut(ids, parts)),
            Sample::Text(ids) => Sample::Text(cut(ids, parts)),
        };
        Splits { firsts }
    }

    /// Cuts before these ids, rising.
    pub(crate) fn at(firsts: Sample) -> Self {
        Splits { firsts }
    }

    /// Number of parts.
    pub(crate) fn parts(&self) -> usize {
        1 + match &self.firsts {
            Sample::Int(firsts) => firsts.len(),
            Sample::Text(firsts) => firsts.len(),
        }
    }

    /// Whether ids are integers.
    pub(crate) fn are_integers(&self) -> bool {
        matches!(self.firsts, Sample::Int(_))
    }

    /// The part of a customer, who has an id of the same type.
    pub(crate) fn part(&self, id: CustomerId<'_>) -> u32 {
        let part = match (&self.firsts, id) {
            (Sample::Int(firsts), CustomerId::Int(id)) => firsts.partition_point(|&f| f <= id),
            (Sample::Text(firsts), CustomerId::Text(id)) => {
                firsts.partition_point(|first| first.as_str() <= id)
            }
            _ => 0,
        };
        part as u32
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn parts_rise_with_the_ids_and_none_is_empty(
            ids in proptest::collection::vec(-50i64..50, 1..200),
            parts in 1usize..20,
        ) {
            let splits = Splits::new(Sample::Int(ids.clone()), parts);
            prop_assert!(splits.parts() <= parts);
            let mut sorted = ids;
            sorted.sort_unstable();
            let found: Vec<u32> = sorted.iter().map(|&id| splits.part(id.into())).collect();
            prop_assert!(found.is_sorted());
            let mut distinct = found;
            distinct.dedup();
            prop_assert_eq!(distinct, (0..splits.parts() as u32).collect::<Vec<_>>());
        }
    }

    #[test]
    fn texts_are_cut_by_their_bytes() {
        let sample = ["b", "a", "d", "c"].map(str::to_owned).to_vec();
        let splits = Splits::new(Sample::Text(sample), 2);
        let parts = ["", "a", "bz", "c", "é"].map(|id| splits.part(id.into()));
        assert_eq!(parts, [0, 0, 0, 1, 1]);
    }
}
