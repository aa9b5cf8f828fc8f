//! Which shard a customer belongs to. Shards hold ascending, neighbouring ids, so the shards in
//! sequence are the customers in their order.

/// Places in the table that shortens the search.
const TABLE: usize = 1 << 12;

/// Cuts the keys of ids, numbers in the order of the ids, into shards of about equally many rows.
#[derive(Debug, Clone)]
pub(crate) struct Partition {
    /// The first key of every shard but the first, rising.
    firsts: Vec<u64>,
    lowest: u64,
    shift: u32,
    /// How many of `firsts` lie in the places before this one.
    before: Vec<u16>,
}

impl Partition {
    /// Cuts into at most `shards` shards, at most 65,535, by a sample of the rows' keys.
    pub(crate) fn by_sample(mut sample: Vec<u64>, shards: usize) -> Self {
        sample.sort_unstable();
        let shards = shards.clamp(1, usize::from(u16::MAX));
        let mut firsts: Vec<u64> = (1..shards)
            .filter_map(|shard| sample.get(shard * sample.len() / shards).copied())
            .collect();
        firsts.dedup();
        // A shard that starts with the lowest key leaves none to the first.
        if firsts.first() == sample.first() && !firsts.is_empty() {
            firsts.remove(0);
        }
        let lowest = firsts.first().copied().unwrap_or(0);
        let width = firsts.last().copied().unwrap_or(0) - lowest;
        let shift = (u64::BITS - width.leading_zeros()).saturating_sub(TABLE.ilog2());
        let mut partition = Partition { firsts, lowest, shift, before: vec![0; TABLE + 1] };
        for i in 0..partition.firsts.len() {
            let place = partition.place(partition.firsts[i]);
            partition.before[place + 1] += 1;
        }
        for place in 0..TABLE {
            partition.before[place + 1] += partition.before[place];
        }
        partition
    }

    /// Number of shards.
    pub(crate) fn shards(&self) -> usize {
        self.firsts.len() + 1
    }

    /// The shard of a key.
    pub(crate) fn shard(&self, key: u64) -> usize {
        let place = self.place(key);
        let (from, to) = (usize::from(self.before[place]), usize::from(self.before[place + 1]));
        from + self.firsts[from..to].partition_point(|&first| first <= key)
    }

    fn place(&self, key: u64) -> usize {
        ((key.saturating_sub(self.lowest) >> self.shift) as usize).min(TABLE - 1)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn keys() -> impl Strategy<Value = Vec<u64>> {
        let wide = proptest::collection::vec(any::<u64>(), 0..300);
        let narrow = proptest::collection::vec(0u64..40, 0..300);
        let ends = proptest::collection::vec(prop_oneof![Just(0), Just(u64::MAX), 5u64..9], 0..30);
        prop_oneof![wide, narrow, ends]
    }

    proptest! {
        #[test]
        fn shards_are_rising_and_found_as_by_a_plain_search(
            sample in keys(),
            asked in keys(),
            shards in 0usize..40,
        ) {
            let partition = Partition::by_sample(sample.clone(), shards);
            prop_assert!(partition.shards() <= shards.max(1));
            for key in asked.into_iter().chain(sample) {
                let plain = partition.firsts.iter().filter(|&&first| first <= key).count();
                prop_assert_eq!(partition.shard(key), plain);
            }
        }
    }

    #[test]
    fn distinct_keys_are_shared_equally() {
        let partition = Partition::by_sample((0..10_000).map(|key| key * key).collect(), 16);
        let mut counts = [0; 16];
        (0..10_000u64).for_each(|key| counts[partition.shard(key * key)] += 1);
        assert_eq!(counts, [625; 16]);
    }

    #[test]
    fn one_key_is_one_shard() {
        assert_eq!(Partition::by_sample(vec![7; 100], 8).shards(), 1);
    }
}
