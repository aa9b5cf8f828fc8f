//! Points of a sorted sample.

/// The value below which this share of a sorted sample lies, linear between neighbours, as NumPy's
/// default.
pub(crate) fn percentile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let (below, part) = (place.floor() as usize, place.fract());
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + part * (sorted[above] - sorted[below])
}

#[cfg(test)]
mod tests {
    use super::percentile;

    #[test]
    fn points_are_those_of_numpy() {
        // numpy.quantile([1, 2, 4, 8], [0, 0.025, 0.5, 0.9, 1]).
        let found =
            [0.0, 0.025, 0.5, 0.9, 1.0].map(|share| percentile(&[1.0, 2.0, 4.0, 8.0], share));
        for (found, expected) in found.into_iter().zip([1.0, 1.075, 3.0, 6.8, 8.0]) {
            approx::assert_relative_eq!(found, expected, max_relative = 1e-14);
        }
        assert_eq!(percentile(&[3.0], 0.7), 3.0);
    }
}
