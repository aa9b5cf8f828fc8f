//! The normal distribution.

use super::special::chi_squared_quantile;

/// The 97.5 % point of the normal distribution, by which a 95 % interval is found.
pub(crate) const Z95: f64 = 1.959_963_984_540_054;

/// The value that a standard normal variable stays below with probability `p`, 0.5 ≤ p < 1.
pub(crate) fn normal_quantile(p: f64) -> f64 {
    chi_squared_quantile(2.0 * p - 1.0, 1).sqrt()
}

/// The chance that a standard normal variable lies as far from 0 as `z` or farther.
pub(crate) fn two_sided(z: f64) -> f64 {
    (2.0 * upper_tail(z.abs())).min(1.0)
}

/// The density of a standard normal number.
pub(crate) fn normal_density(z: f64) -> f64 {
    (-z * z / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt()
}

/// The chance that a standard normal number is above z: by its power series near 0 (Marsaglia 2004),
/// by Laplace's continued fraction further out.
pub(crate) fn upper_tail(z: f64) -> f64 {
    let density = normal_density(z);
    if z.abs() < 3.0 {
        let (mut term, mut sum, mut k) = (z, 0.0, 1.0);
        while sum + term != sum {
            sum += term;
            k += 2.0;
            term *= z * z / k;
        }
        return 0.5 - density * sum;
    }
    let tail = density / (1..=80).rev().fold(z.abs(), |rest, k| z.abs() + f64::from(k) / rest);
    if z > 0.0 { tail } else { 1.0 - tail }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    /// scipy.stats.norm.ppf and 2 norm.sf of scipy 1.17.1.
    #[test]
    fn normal_values_agree_with_scipy() {
        for (p, expected) in
            [(0.6, 0.2533471031357997), (0.8, 0.8416212335729143), (0.975, 1.959963984540054)]
        {
            assert_relative_eq!(normal_quantile(p), expected, max_relative = 1e-12);
        }
        assert!(normal_quantile(0.5) < 1e-9);
        for (z, expected) in [
            (0.0, 1.0),
            (0.3, 0.7641771556220948),
            (-1.959963984540054, 0.05),
            (4.0, 6.334248366623973e-5),
        ] {
            assert_relative_eq!(two_sided(z), expected, max_relative = 1e-10);
        }
    }

    /// scipy 1.17, `norm.sf`.
    #[test]
    fn tails_equal_scipy() {
        for (z, expected) in [
            (0.0, 0.5),
            (0.5, 0.3085375387259869),
            (1.0, 0.15865525393145707),
            (2.778, 0.002734730911641801),
            (5.0, 2.866515718791933e-07),
            (8.0, 6.22096057427174e-16),
            (-1.3, 0.9031995154143897),
        ] {
            assert_relative_eq!(upper_tail(z), expected, max_relative = 1e-11);
        }
    }
}
