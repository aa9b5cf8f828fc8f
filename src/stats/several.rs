//! Several tests at once: p values that hold for all of them.

/// By Holm (1979): the chance of one false discovery or more among all tests stays below the level.
pub(crate) fn holm(p_values: &[f64]) -> Vec<f64> {
    let order = rising(p_values);
    let m = p_values.len();
    let mut adjusted = vec![1.0; m];
    let mut highest = 0.0f64;
    for (rank, &test) in order.iter().enumerate() {
        highest = highest.max((m - rank) as f64 * p_values[test]).min(1.0);
        adjusted[test] = highest;
    }
    adjusted
}

/// By Benjamini and Hochberg (1995): the share of false ones among discoveries stays below the level.
pub(crate) fn benjamini_hochberg(p_values: &[f64]) -> Vec<f64> {
    let order = rising(p_values);
    let m = p_values.len();
    let mut adjusted = vec![1.0; m];
    let mut lowest = 1.0f64;
    for (rank, &test) in order.iter().enumerate().rev() {
        lowest = lowest.min(m as f64 / (rank + 1) as f64 * p_values[test]);
        adjusted[test] = lowest;
    }
    adjusted
}

fn rising(p_values: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|&a, &b| p_values[a].total_cmp(&p_values[b]));
    order
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn assert_all(found: &[f64], expected: &[f64]) {
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-8, "{found} {expected}");
        }
    }

    /// statsmodels 0.15, `multipletests`.
    #[test]
    fn values_agree_with_statsmodels() {
        let five = [0.01, 0.02, 0.03, 0.04, 0.05];
        assert_all(&holm(&five), &[0.05, 0.08, 0.09, 0.09, 0.09]);
        assert_all(&benjamini_hochberg(&five), &[0.05; 5]);
        let four = [0.001, 0.04, 0.03, 0.5];
        assert_all(&holm(&four), &[0.004, 0.09, 0.09, 0.5]);
        assert_all(&benjamini_hochberg(&four), &[0.004, 0.053_333_333_3, 0.053_333_333_3, 0.5]);
        assert!(holm(&[]).is_empty());
    }

    proptest! {
        #[test]
        fn prop_adjusted_values_keep_their_order(p in prop::collection::vec(0.0..=1.0f64, 1..12)) {
            let (h, b) = (holm(&p), benjamini_hochberg(&p));
            for i in 0..p.len() {
                prop_assert!(p[i] <= b[i] + 1e-15 && b[i] <= h[i] + 1e-15 && h[i] <= 1.0);
                for j in 0..p.len() {
                    prop_assert!(p[i] > p[j] || (h[i] <= h[j] && b[i] <= b[j]));
                }
            }
        }
    }
}
