//! Student's t distribution, of any number of degrees of freedom above 0.

use std::f64::consts::PI;

use super::beta::beta_cdf_of;
use super::normal::normal_quantile;
use super::special::ln_gamma;

/// The chance that a t variable lies as far from 0 as `t` or farther.
pub(crate) fn student_two_sided(t: f64, degrees: f64) -> f64 {
    let square = t * t;
    let whole = degrees + square;
    if !whole.is_finite() {
        return if t.is_nan() { f64::NAN } else { 0.0 };
    }
    beta_cdf_of(degrees / whole, square / whole, degrees / 2.0, 0.5)
}

/// The chance that a t variable is at most `t`.
pub(crate) fn student_cdf(t: f64, degrees: f64) -> f64 {
    let tail = student_two_sided(t, degrees) / 2.0;
    if t > 0.0 { 1.0 - tail } else { tail }
}

/// What a t variable lies as far from 0 as, or farther, with the chance `level`; 0 < level < 1.
///
/// By Newton's method on the logarithm of the tail, kept inside a bracket.
pub(crate) fn student_quantile(level: f64, degrees: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    while student_two_sided(high, degrees) > level && high < 1e300 {
        (low, high) = (high, high * 2.0);
    }
    let z = normal_quantile(1.0 - level / 2.0);
    let mut t = (z + (z.powi(3) + z) / (4.0 * degrees)).clamp(low, high);
    for _ in 0..200 {
        let tail = student_two_sided(t, degrees);
        if tail > level {
            low = t
        } else {
            high = t
        }
        let step = (tail / level).ln() * tail / (2.0 * density(t, degrees));
        let next = match t + step {
            next if next > low && next < high => next,
            _ => f64::midpoint(low, high),
        };
        if (next - t).abs() <= 1e-14 * next {
            return next;
        }
        t = next;
    }
    t
}

fn density(t: f64, degrees: f64) -> f64 {
    let constant = ln_gamma(f64::midpoint(degrees, 1.0)) - ln_gamma(degrees / 2.0);
    let power = -f64::midpoint(degrees, 1.0) * (t * t / degrees).ln_1p();
    (constant + power).exp() / (degrees * PI).sqrt()
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use proptest::prelude::*;

    use super::*;

    /// scipy 1.17.1: (t, degrees, 2 t.sf(t, degrees)).
    const GOLDEN: [(f64, f64, f64); 7] = [
        (0.5, 1.0, 0.7048327646991335),
        (2.0, 3.5, 0.12613852257591343),
        (5.3001403584, 36671.157977, 1.1638149682998763e-07),
        (1.96, 100000000.0, 0.04999579306932808),
        (12.0, 7.25, 4.8139194529047434e-06),
        (40.0, 200.0, 2.2487396535202197e-97),
        (0.001, 12.0, 0.9992185475306494),
    ];

    #[test]
    fn tails_agree_with_scipy() {
        for (t, degrees, expected) in GOLDEN {
            for t in [t, -t] {
                let found = student_two_sided(t, degrees);
                // The more degrees of freedom there are, the more rounding.
                assert!((found / expected - 1.0).abs() < 1e-12 + 1e-16 * degrees, "{t} {degrees}");
            }
        }
    }

    /// scipy 1.17.1: t.isf(level / 2, degrees).
    #[test]
    fn quantiles_agree_with_scipy() {
        for (level, degrees, expected) in SCIPY_Q {
            assert_relative_eq!(student_quantile(level, degrees), expected, max_relative = 1e-11);
        }
    }

    const SCIPY_Q: [(f64, f64, f64); 6] = [
        (0.05, 1.0, 12.706204736174705),
        (0.05, 4.2, 2.725072722592375),
        (0.01, 30.0, 2.749995653567226),
        (0.05, 36671.157977, 1.9600286770213087),
        (0.5, 2.5, 0.7850136829922992),
        (0.001, 1000.0, 3.3002826484239134),
    ];

    proptest! {
        #[test]
        fn prop_the_quantile_undoes_the_tail(level in 1e-6..0.999f64, degrees in 0.5..1e6f64) {
            let t = student_quantile(level, degrees);
            prop_assert!((student_two_sided(t, degrees) / level - 1.0).abs() < 1e-9);
            prop_assert!((student_cdf(t, degrees) - (1.0 - level / 2.0)).abs() < 1e-9);
        }
    }
}
