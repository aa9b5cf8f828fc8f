//! Special functions of statistics.

/// Steps of a series, a continued fraction or a search at most.
const STEPS: usize = 1_000;

/// ln Γ(x) for x > 0 (Lanczos' approximation with g = 7 and nine terms; Godfrey 2001).
pub(crate) fn ln_gamma(x: f64) -> f64 {
    const TERMS: [f64; 8] = [
        676.520_368_121_885_1,
        -1_259.139_216_722_402_8,
        771.323_428_777_653_1,
        -176.615_029_162_140_6,
        12.507_343_278_686_905,
        -0.138_571_095_265_720_12,
        9.984_369_578_019_572e-6,
        1.505_632_735_149_311_6e-7,
    ];
    if x < 0.5 {
        let pi = std::f64::consts::PI;
        return (pi / (pi * x).sin()).ln() - ln_gamma(1.0 - x);
    }
    let x = x - 1.0;
    let sum = TERMS
        .iter()
        .enumerate()
        .fold(0.999_999_999_999_809_9, |sum, (i, term)| sum + term / (x + i as f64 + 1.0));
    let t = x + 7.5;
    0.5 * (2.0 * std::f64::consts::PI).ln() + (x + 0.5) * t.ln() - t + sum.ln()
}

/// The regularised lower incomplete gamma function P(a, x) for a > 0, x ≥ 0: by its series below
/// a + 1, by the continued fraction of its complement above (Press and others, Numerical Recipes,
/// 6.2).
pub(crate) fn gamma_p(a: f64, x: f64) -> f64 {
    match x {
        x if x <= 0.0 => 0.0,
        x if x < a + 1.0 => gamma_series(a, x),
        x => 1.0 - gamma_fraction(a, x),
    }
}

/// The chance that a chi-squared variable of so many degrees of freedom is above `x`.
pub(crate) fn chi_squared_tail(x: f64, degrees: usize) -> f64 {
    let (a, x) = (degrees as f64 / 2.0, x / 2.0);
    match x {
        x if x <= 0.0 || degrees == 0 => 1.0,
        x if x < a + 1.0 => 1.0 - gamma_series(a, x),
        x => gamma_fraction(a, x),
    }
}

/// xᵃ e⁻ˣ / Γ(a).
fn gamma_front(a: f64, x: f64) -> f64 {
    (a * x.ln() - x - ln_gamma(a)).exp()
}

fn gamma_series(a: f64, x: f64) -> f64 {
    let (mut term, mut sum) = (1.0 / a, 1.0 / a);
    for n in 1..STEPS {
        term *= x / (a + n as f64);
        sum += term;
        if term < sum * 1e-17 {
            break;
        }
    }
    gamma_front(a, x) * sum
}

fn gamma_fraction(a: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let mut b = x + 1.0 - a;
    let mut c = 1.0 / TINY;
    let mut d = 1.0 / b;
    let mut fraction = d;
    for n in 1..STEPS {
        let n = n as f64;
        let step = -n * (n - a);
        b += 2.0;
        d = step * d + b;
        d = if d.abs() < TINY { 1.0 / TINY } else { 1.0 / d };
        c = b + step / c;
        c = if c.abs() < TINY { TINY } else { c };
        fraction *= d * c;
        if (d * c - 1.0).abs() < 1e-16 {
            break;
        }
    }
    gamma_front(a, x) * fraction
}

/// The value that a chi-squared variable of so many degrees of freedom stays below with probability
/// `p`, 0 < p < 1; 0 without degrees of freedom.
pub(crate) fn chi_squared_quantile(p: f64, degrees: usize) -> f64 {
    if degrees == 0 {
        return 0.0;
    }
    let half = degrees as f64 / 2.0;
    let below = |x: f64| gamma_p(half, x / 2.0) < p;
    let (mut low, mut high) = (0.0, degrees as f64);
    while below(high) && high < 1e9 {
        high *= 2.0;
    }
    for _ in 0..STEPS {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            break;
        }
        if below(middle) { low = middle } else { high = middle }
    }
    high
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    /// scipy.stats.chi2.sf of scipy 1.17.1.
    #[test]
    fn tails_agree_with_scipy() {
        for (x, degrees, expected) in [
            (12.195121951219512, 1, 0.00047914643458730067),
            (0.20253125, 2, 0.9036929575604196),
            (8.61586773, 10, 0.56890504),
            (600.0, 4, 1.5496082669460377e-128),
            (-1.0, 3, 1.0),
        ] {
            assert!((chi_squared_tail(x, degrees) / expected - 1.0).abs() < 1e-7, "{x} {degrees}");
        }
    }

    #[test]
    fn values_agree_with_scipy() {
        // scipy.special.gammaln and gammainc, scipy.stats.chi2.ppf of scipy 1.17.1.
        for (x, expected) in GAMMALN {
            assert_relative_eq!(ln_gamma(x), expected, max_relative = 1e-13, epsilon = 1e-14);
        }
        for (a, x, expected) in GAMMAINC {
            assert_relative_eq!(gamma_p(a, x), expected, max_relative = 1e-12);
        }
        for (p, degrees, expected) in CHI2 {
            assert_relative_eq!(chi_squared_quantile(p, degrees), expected, max_relative = 1e-10);
        }
        assert_eq!(chi_squared_quantile(0.99, 0), 0.0);
        assert_eq!(gamma_p(2.0, 0.0), 0.0);
    }

    const GAMMALN: [(f64, f64); 7] = [
        (0.1, 2.252712651734206),
        (0.5, 0.5723649429247),
        (1.0, 0.0),
        (1.5, -0.12078223763524526),
        (2.5, 0.2846828704729192),
        (10.0, 12.801827480081469),
        (123.4, 469.3360974421906),
    ];
    const GAMMAINC: [(f64, f64, f64); 7] = [
        (0.5, 0.1, 0.34527915398142317),
        (0.5, 2.0, 0.9544997361036415),
        (3.0, 1.0, 0.08030139707139418),
        (3.0, 8.0, 0.986246032255997),
        (50.0, 40.0, 0.07033506665939494),
        (50.0, 70.0, 0.994859497541494),
        (1.0, 30.0, 0.9999999999999064),
    ];
    const CHI2: [(f64, usize, f64); 6] = [
        (0.95, 1, 3.841458820694124),
        (0.99, 9, 21.665994333461924),
        (0.999, 9, 27.877164871256568),
        (0.5, 20, 19.337429229428256),
        (0.01, 3, 0.11483180189911707),
        (0.99, 100, 135.80672317102676),
    ];
}
