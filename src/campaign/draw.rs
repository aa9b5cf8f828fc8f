//! Draws arms: by salt and id alone, or balanced within strata and blocks.

use super::shares::Shares;
use crate::hash::drawn_share;

/// The longest block.
const LONGEST_BLOCK: usize = 100;

/// The arm that a number from 0 to below 1 falls into.
pub(crate) fn arm_at(drawn: f64, ends: &[f64]) -> usize {
    ends.iter().position(|&end| drawn < end).unwrap_or(ends.len() - 1)
}

/// The arms of customers by salt and id alone: the same for each of them whoever else is there.
pub(crate) fn plain(ids: &[String], shares: &Shares, salt: &str) -> Vec<usize> {
    let ends = shares.ends();
    ids.iter().map(|id| arm_at(drawn_share(salt, id), &ends)).collect()
}

/// The arms of customers with these ids, each of a stratum, ranked within it by `ranks` (lower first;
/// ties and customers without ranks in a random order). Neighbours form blocks in which each arm has
/// its share; which customers of a block are in which arm is drawn by salt and id, and so is nothing
/// that depends on the order of rows.
pub(crate) fn balanced(
    ids: &[String],
    strata: &[String],
    ranks: &[f64],
    shares: &Shares,
    salt: &str,
) -> Vec<usize> {
    let block = block_of(shares);
    let inside = format!("{salt}/block");
    let drawn: Vec<f64> = ids.iter().map(|id| drawn_share(salt, id)).collect();
    let mut order: Vec<usize> = (0..ids.len()).collect();
    order.sort_by(|&a, &b| {
        strata[a]
            .cmp(&strata[b])
            .then_with(|| ranks[a].total_cmp(&ranks[b]))
            .then_with(|| drawn[a].total_cmp(&drawn[b]))
            .then_with(|| ids[a].cmp(&ids[b]))
    });
    let mut arms = vec![0; ids.len()];
    for stratum in order.chunk_by(|&a, &b| strata[a] == strata[b]) {
        for (number, members) in stratum.chunks(block.len()).enumerate() {
            let mut members = members.to_vec();
            members.sort_by(|&a, &b| {
                let place = |customer: usize| drawn_share(&inside, &ids[customer]);
                place(a).total_cmp(&place(b)).then_with(|| ids[a].cmp(&ids[b]))
            });
            // Of a block that is not full, which of its places are taken is drawn too.
            let mut places: Vec<usize> = (0..block.len()).collect();
            if members.len() < block.len() {
                let key = format!("{}/{number}", strata[members[0]]);
                places.sort_by(|&a, &b| {
                    let drawn = |place: usize| drawn_share(&inside, format!("{key}/{place}"));
                    drawn(a).total_cmp(&drawn(b))
                });
            }
            for (&member, &place) in members.iter().zip(&places) {
                arms[member] = block[place];
            }
        }
    }
    arms
}

/// The arms of the places of a block: the shortest in which each arm has a whole number of places,
/// or else the one with the nearest.
fn block_of(shares: &Shares) -> Vec<usize> {
    let off = |length: usize| {
        let parts = shares.iter().map(|(_, share)| share * length as f64);
        let off = parts.map(|part| if part < 0.5 { 1.0 } else { (part - part.round()).abs() });
        off.fold(0.0, f64::max)
    };
    let lengths = || shares.iter().count()..=LONGEST_BLOCK;
    let nearest = || lengths().min_by(|&a, &b| off(a).total_cmp(&off(b)));
    let length =
        lengths().find(|&length| off(length) < 1e-9).or_else(nearest).unwrap_or(LONGEST_BLOCK);
    // The ends of the shares, so that the places sum to the length.
    let ends: Vec<f64> = shares.ends().iter().map(|end| (end * length as f64).round()).collect();
    (0..length).map(|place| arm_at(place as f64, &ends)).collect()
}

/// Mean ranks of several columns, from 0 to 1, by which customers are neighbours; missing values
/// rank last.
pub(crate) fn mean_ranks(columns: &[&[f64]], rows: usize) -> Vec<f64> {
    let mut sums = vec![0.0; rows];
    for column in columns {
        let mut order: Vec<usize> = (0..rows).collect();
        order.sort_by(|&a, &b| column[a].total_cmp(&column[b]));
        for tie in order.chunk_by(|&a, &b| column[a].total_cmp(&column[b]).is_eq()) {
            let first =
                order.partition_point(|&row| column[row].total_cmp(&column[tie[0]]).is_lt());
            let rank = first as f64 + (tie.len() - 1) as f64 / 2.0;
            tie.iter().for_each(|&row| sums[row] += rank / rows as f64);
        }
    }
    let count = columns.len().max(1) as f64;
    sums.into_iter().map(|sum| sum / count).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ids(n: usize) -> Vec<String> {
        (0..n).map(|id| id.to_string()).collect()
    }

    #[test]
    fn blocks_hold_whole_customers_of_each_arm() {
        for (shares, length, counts) in [
            ("control=0.5,a=0.5", 2, vec![1, 1]),
            ("control=0.1,a=0.45,b=0.45", 20, vec![2, 9, 9]),
            ("control=1,a=1,b=1", 3, vec![1, 1, 1]),
            ("control=0.05,a=0.95", 20, vec![1, 19]),
        ] {
            let shares: Shares = shares.parse().unwrap();
            let block = block_of(&shares);
            assert_eq!(block.len(), length, "{shares}");
            for (arm, count) in counts.iter().enumerate() {
                assert_eq!(block.iter().filter(|own| **own == arm).count(), *count);
            }
        }
        let odd: Shares = "control=0.013,a=0.987".parse().unwrap();
        assert!(block_of(&odd).contains(&0));
    }

    #[test]
    fn pairs_of_neighbours_are_parted() {
        let shares: Shares = "control=0.5,a=0.5".parse().unwrap();
        let ids = ids(100);
        let score: Vec<f64> = (0..100).map(|i| f64::from(i * 37 % 100)).collect();
        let strata = vec![String::new(); 100];
        let arms = balanced(&ids, &strata, &mean_ranks(&[&score], 100), &shares, "x");
        let at = |score_of: f64| arms[score.iter().position(|s| *s == score_of).unwrap()];
        for pair in 0..50 {
            let pair = f64::from(pair);
            assert_ne!(at(2.0 * pair), at(2.0 * pair + 1.0));
        }
    }

    /// Of a stratum of one customer each, every arm still has its share.
    #[test]
    fn small_strata_do_not_favour_an_arm() {
        let shares: Shares = "control=0.2,a=0.8".parse().unwrap();
        let ids = ids(5_000);
        let arms = balanced(&ids, &ids, &[0.0; 5_000], &shares, "x");
        let control = arms.iter().filter(|arm| **arm == 0).count();
        assert!((880..1_120).contains(&control), "{control}");
    }

    proptest! {
        #[test]
        fn prop_order_does_not_matter(seed in 0u64..1_000, n in 1usize..60) {
            let shares: Shares = "control=0.25,a=0.75".parse().unwrap();
            let all = ids(n);
            let strata: Vec<String> = (0..n).map(|i| (i % 3).to_string()).collect();
            let ranks: Vec<f64> = (0..n).map(|i| f64::from((i * 7 % 5) as u32)).collect();
            let arms = balanced(&all, &strata, &ranks, &shares, "s");
            let mut order: Vec<usize> = (0..n).collect();
            order.sort_by_key(|&i| crate::hash::draw(seed + i as u64));
            let pick = |of: &[String]| order.iter().map(|&i| of[i].clone()).collect::<Vec<_>>();
            let shuffled: Vec<f64> = order.iter().map(|&i| ranks[i]).collect();
            let again = balanced(&pick(&all), &pick(&strata), &shuffled, &shares, "s");
            for (place, &i) in order.iter().enumerate() {
                prop_assert_eq!(again[place], arms[i]);
            }
            // Every whole block has its shares.
            let control = arms.iter().filter(|arm| **arm == 0).count() as f64;
            prop_assert!((control - n as f64 / 4.0).abs() <= 3.0);
        }
    }
}
