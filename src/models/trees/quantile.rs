//! Where one column of numbers is cut into bins.

use crate::stats::parting;

/// Edges of the bins of values, given by their keys: bin `b` holds the values in
/// [edge b-1, edge b), and edges rise.
///
/// Every distinct value gets its own bin while they are no more than `max_bin`; else bins hold about
/// equally many values, and a value that fills a bin alone gets one alone. An edge is the decimal of
/// fewest digits between the values it parts, as near as can be to midway, so that no edge is a value
/// of a row. NaN must have been left out.
pub(crate) fn edges_of_keys(keys: &mut [u64], max_bin: usize) -> Vec<f64> {
    keys.sort_unstable();
    // Runs of equal keys are looked at twice rather than kept: they can be as many as the rows.
    let runs = || keys.chunk_by(|a, b| a == b);
    let between = |a: &[u64], b: &[u64]| parting(value_of(a[0]), value_of(b[0]));
    if runs().nth(max_bin).is_none() {
        return runs().zip(runs().skip(1)).map(|(a, b)| between(a, b)).collect();
    }

    // Values that fill a bin alone are set apart first; the rest share what bins remain.
    let fair = keys.len() as f64 / max_bin as f64;
    let fills = |run: &[u64]| run.len() as f64 >= fair;
    let (full_bins, full_values) =
        runs().filter(|run| fills(run)).fold((0, 0), |(b, v), run| (b + 1, v + run.len()));
    let mut bins_left = max_bin.saturating_sub(full_bins).max(1);
    let mut values_left = keys.len() - full_values;

    let mut edges = Vec::with_capacity(max_bin - 1);
    let mut in_bin = 0;
    for (run, next) in runs().zip(runs().skip(1)) {
        in_bin += run.len();
        let share = values_left as f64 / bins_left as f64;
        let next_alone = fills(next) && in_bin as f64 >= share / 2.0;
        if fills(run) || in_bin as f64 >= share || next_alone {
            edges.push(between(run, next));
            if edges.len() == max_bin - 1 {
                break;
            }
            if !fills(run) {
                values_left = values_left.saturating_sub(in_bin);
                bins_left = (bins_left - 1).max(1);
            }
            in_bin = 0;
        }
    }
    edges
}

/// A whole number that sorts as `value` does, twice as fast; -0 and 0 are one value.
pub(crate) fn key_of(value: f64) -> u64 {
    let bits = (value + 0.0).to_bits();
    if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
}

pub(crate) fn value_of(key: u64) -> f64 {
    f64::from_bits(if key >> 63 == 1 { key & !(1 << 63) } else { !key })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn edges_of(values: &[f64], max_bin: usize) -> Vec<f64> {
        edges_of_keys(&mut values.iter().copied().map(key_of).collect::<Vec<_>>(), max_bin)
    }

    #[test]
    fn few_distinct_values_are_parted_midway() {
        assert_eq!(edges_of(&[3.0, 1.0, 1.0, 2.0, 3.0], 255), [1.5, 2.5]);
        assert_eq!(edges_of(&[-0.0, 0.0, 1.0], 255), [0.5]);
        assert_eq!(edges_of(&[7.0, 7.0], 255), [0.0; 0]);
        assert_eq!(edges_of(&[], 255), [0.0; 0]);
    }

    #[test]
    fn a_heavy_value_gets_a_bin_alone() {
        let mut values = vec![50.0; 1000];
        values.extend((0..100).map(f64::from));
        let edges = edges_of(&values, 10);
        assert!(edges.contains(&49.5) && edges.contains(&50.5), "{edges:?}");
    }

    #[test]
    fn many_values_share_the_bins_evenly() {
        let values: Vec<f64> = (0..10_000).map(|i| f64::from(i * 7919 % 10_000)).collect();
        let edges = edges_of(&values, 100);
        assert_eq!(edges.len(), 99);
        for (i, edge) in edges.iter().enumerate() {
            assert_eq!(*edge, (i + 1) as f64 * 100.0 - 0.5);
        }
    }

    proptest! {
        #[test]
        fn prop_keys_keep_order_and_value(a in any::<f64>(), b in any::<f64>()) {
            prop_assume!(!a.is_nan() && !b.is_nan());
            prop_assert_eq!(value_of(key_of(a)), a);
            prop_assert_eq!(key_of(a).cmp(&key_of(b)), a.partial_cmp(&b).unwrap());
        }

        #[test]
        fn prop_edges_rise_and_are_no_more_than_allowed(
            values in proptest::collection::vec((0..40i32).prop_map(f64::from), 0..300),
            max_bin in 2..50usize,
        ) {
            let edges = edges_of(&values, max_bin);
            prop_assert!(edges.len() < max_bin);
            prop_assert!(edges.windows(2).all(|w| w[0] < w[1]));
        }
    }
}
