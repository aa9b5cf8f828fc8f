//! The beta distribution: its cumulative distribution function.

use std::f64::consts::PI;

/// Terms of the continued fraction; about √max(a, b) are needed.
const MOST_TERMS: usize = 100_000;

/// The regularised incomplete beta function Iₓ(a, b): the chance that a Beta(a, b) variable is at
/// most `x`; 0 below 0 and 1 above 1. For a and b above 0.
///
/// By the continued fraction 8.17.22 of the Digital Library of Mathematical Functions, evaluated as
/// Lentz (1976) does, on the side of the mean where it converges fast.
pub(crate) fn beta_cdf(x: f64, a: f64, b: f64) -> f64 {
    beta_cdf_of(x, 1.0 - x, a, b)
}

/// The same where 1 − x is known more exactly than x tells.
pub(super) fn beta_cdf_of(x: f64, y: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 {
        0.0
    } else if y <= 0.0 {
        1.0
    } else if x < (a + 1.0) / (a + b + 2.0) {
        lower_tail(x, y, a, b)
    } else {
        1.0 - lower_tail(y, x, b, a)
    }
}

/// Iₓ(a, b) for x up to about the mean; y is 1 − x.
fn lower_tail(x: f64, y: f64, a: f64, b: f64) -> f64 {
    (power_term(x, y, a, b) * fraction(x, a, b)).clamp(0.0, 1.0)
}

/// xᵃ yᵇ / (a B(a, b)).
///
/// Written with what Stirling's formula leaves over, so that the large logarithms of the gamma
/// functions cancel on paper and not in the computer (Loader 2000, "Fast and accurate computation of
/// binomial probabilities").
fn power_term(x: f64, y: f64, a: f64, b: f64) -> f64 {
    let n = a + b;
    let off = x * b - y * a; // n x − a
    let deviance = |count: f64, off: f64| count * (off / count - (off / count).ln_1p());
    let exponent = stirling_error(n)
        - stirling_error(a)
        - stirling_error(b)
        - deviance(a, off)
        - deviance(b, -off);
    (b / (2.0 * PI * a * n)).sqrt() * exponent.exp()
}

/// ln Γ(z + 1) − (z + ½) ln z + z − ½ ln 2π, for z above 0.
fn stirling_error(z: f64) -> f64 {
    const LARGE: f64 = 16.0;
    if z >= LARGE {
        let s = 1.0 / (z * z);
        let series = [1.0 / 1188.0, -1.0 / 1680.0, 1.0 / 1260.0, -1.0 / 360.0, 1.0 / 12.0];
        return series.iter().fold(0.0, |sum, term| sum * s + term) / z;
    }
    // Γ(z + 1) from Γ(w + 1) with a large w = z + whole number.
    let (mut w, mut product) = (z, 1.0);
    while w < LARGE {
        w += 1.0;
        product *= w;
    }
    let leading = |z: f64| (z + 0.5) * z.ln() - z;
    stirling_error(w) + leading(w) - leading(z) - product.ln()
}

/// The continued fraction, by Lentz's method.
fn fraction(x: f64, a: f64, b: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let away = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / away(1.0 - (a + b) * x / (a + 1.0));
    let mut value = d;
    for m in 1..MOST_TERMS {
        let m = m as f64;
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut change = 1.0;
        for term in [even, odd] {
            d = 1.0 / away(1.0 + term * d);
            c = away(1.0 + term / c);
            change = c * d;
            value *= change;
        }
        if (change - 1.0).abs() <= f64::EPSILON {
            break;
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use proptest::prelude::*;

    use super::*;

    /// scipy.special.betainc of scipy 1.17.1, (x, a, b, value); those of a and b below 5,000 checked
    /// with mpmath 1.3.0 at 50 digits.
    const GOLDEN: [(f64, f64, f64, f64); 21] = [
        (0.3, 6.0, 14.0, 0.5261374757264855),
        (0.05, 6.0, 14.0, 0.00024068987676022363),
        (0.9, 6.0, 14.0, 0.9999999999287227),
        (1e-06, 6.0, 14.0, 2.7131697673587196e-32),
        (0.5, 0.5, 0.5, 0.5),
        (0.01, 0.1, 0.2, 0.43249697421610594),
        (0.999, 0.1, 0.2, 0.9139598779614837),
        (0.25, 1.0, 1.0, 0.25),
        (0.7, 1.0, 3.0, 0.973),
        (0.2, 300.0, 1200.0, 0.5051508795759546),
        (0.21, 3000.0, 12000.0, 0.9987726933913118),
        (0.3, 600000.0, 1400000.0, 0.5000820775134075),
        (0.3004, 600000.0, 1400000.0, 0.8914580151988237),
        (0.5, 0.001, 0.001, 0.5),
        (0.999999, 2.0, 0.001, 0.012734235869409418),
        (0.001, 0.001, 1000.0, 0.9997803918879468),
        (0.999, 1000.0, 0.001, 0.0002196081120532488),
        (0.5, 1000000.0, 1000000.0, 0.5),
        (0.4995, 1000000.0, 1000000.0, 0.07864957758091215),
        (0.1, 20.0, 2.0, 1.9e-19),
        (0.02, 2.0, 100.0, 0.6021413323157412),
    ];

    #[test]
    fn values_agree_with_scipy() {
        for (x, a, b, expected) in GOLDEN {
            assert_relative_eq!(beta_cdf(x, a, b), expected, max_relative = 1e-12);
        }
    }

    #[test]
    fn outside_0_and_1_nothing_is_left() {
        for (x, expected) in [(-0.5, 0.0), (0.0, 0.0), (1.0, 1.0), (7.0, 1.0)] {
            assert_eq!(beta_cdf(x, 6.0, 14.0), expected);
        }
    }

    proptest! {
        #[test]
        fn prop_both_tails_make_one(x in 0.0..1.0f64, a in -3.0..5.0f64, b in -3.0..5.0f64) {
            let (a, b) = (10f64.powf(a), 10f64.powf(b));
            prop_assert!((beta_cdf(x, a, b) + beta_cdf(1.0 - x, b, a) - 1.0).abs() < 1e-12);
        }

        #[test]
        fn prop_it_rises_with_x(x in 0.0..1.0f64, y in 0.0..1.0f64, a in 0.1..50.0f64, b in 0.1..50.0f64) {
            prop_assert!(beta_cdf(x.min(y), a, b) <= beta_cdf(x.max(y), a, b) + 1e-14);
        }

        /// DLMF 8.17.20.
        #[test]
        fn prop_one_more_a_takes_one_term_away(x in 0.01..0.99f64, a in 0.1..500.0f64, b in 0.1..500.0f64) {
            let step = power_term(x, 1.0 - x, a, b);
            let found = beta_cdf(x, a, b) - beta_cdf(x, a + 1.0, b);
            prop_assert!((found - step).abs() < 1e-12, "{found} and {step}");
        }

        /// For whole a and b it is a binomial tail (DLMF 8.17.5).
        #[test]
        fn prop_whole_numbers_give_a_binomial_tail(x in 0.0..1.0f64, a in 1..12u32, b in 1..12u32) {
            let n = a + b - 1;
            let choose = |k: u32| (0..k).map(|i| f64::from(n - i) / f64::from(i + 1)).product::<f64>();
            let tail: f64 = (a..=n)
                .map(|k| choose(k) * x.powi(k as i32) * (1.0 - x).powi((n - k) as i32))
                .sum();
            prop_assert!((beta_cdf(x, f64::from(a), f64::from(b)) - tail).abs() < 1e-12);
        }
    }
}
