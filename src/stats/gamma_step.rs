//! The logarithm of the gamma function with its derivatives, and its differences over whole steps.

/// From here on Stirling's series has the accuracy of a float.
const LARGE: f64 = 16.0;

/// A function's value at a place, its slope and its curvature.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Jet {
    pub(crate) value: f64,
    pub(crate) slope: f64,
    pub(crate) curvature: f64,
}

/// ln Γ(z), digamma and trigamma, for z above 0 (Digital Library of Mathematical Functions, 5.11).
pub(crate) fn log_gamma(z: f64) -> Jet {
    if z < LARGE {
        let steps = (LARGE - z).ceil();
        let (above, below) = (log_gamma(z + steps), short_step(z, steps as u64));
        return Jet {
            value: above.value - below.value,
            slope: above.slope - below.slope,
            curvature: above.curvature - below.curvature,
        };
    }
    let rest = stirling(z);
    let half_ln_tau = 0.918_938_533_204_672_8; // ½ ln 2π
    Jet {
        value: (z - 0.5) * z.ln() - z + half_ln_tau + rest.value,
        slope: z.ln() - 0.5 / z + rest.slope,
        curvature: 1.0 / z + 0.5 / (z * z) + rest.curvature,
    }
}

/// ln Γ(z + steps) − ln Γ(z) and its derivatives in z, for z above 0: without the cancellation that
/// two logarithms of gamma functions would bring.
pub(crate) fn log_gamma_step(z: f64, steps: u64) -> Jet {
    if steps <= 24 {
        return short_step(z, steps);
    }
    let shift = (LARGE - z).ceil().max(0.0);
    let m = steps as f64;
    // Γ(z + m) / Γ(z) = (Γ(w + m) / Γ(w)) · (z)ₛ / (z + m)ₛ, where s is the shift to w.
    let (low, high) = (short_step(z, shift as u64), short_step(z + m, shift as u64));
    let far = far_step(z + shift, m);
    Jet {
        value: far.value + low.value - high.value,
        slope: far.slope + low.slope - high.slope,
        curvature: far.curvature + low.curvature - high.curvature,
    }
}

/// ln Γ(w + m) − ln Γ(w) and its derivatives in w, for w from 16 on and any m from 0 on.
pub(crate) fn far_step(w: f64, m: f64) -> Jet {
    let (from, to) = (stirling(w), stirling(w + m));
    let growth = (m / w).ln_1p();
    let (below, above) = (1.0 / w, 1.0 / (w + m));
    let fall = m * below * above; // 1/w − 1/(w + m)
    Jet {
        value: (w - 0.5) * growth + m * (w + m).ln() - m + to.value - from.value,
        slope: growth + 0.5 * fall + to.slope - from.slope,
        curvature: -fall * (1.0 + 0.5 * (above + below)) + to.curvature - from.curvature,
    }
}

/// ln z(z + 1)…(z + steps − 1), by its factors.
fn short_step(z: f64, steps: u64) -> Jet {
    let mut jet = Jet::default();
    let mut product = 1.0;
    for i in 0..steps {
        let factor = z + i as f64;
        product *= factor;
        if !(1e-200..1e200).contains(&product) {
            jet.value += product.ln();
            product = 1.0;
        }
        let inverse = 1.0 / factor;
        jet.slope += inverse;
        jet.curvature -= inverse * inverse;
    }
    jet.value += product.ln();
    jet
}

/// What Stirling's formula leaves of ln Γ(z): 1/12z − 1/360z³ + …
fn stirling(z: f64) -> Jet {
    const TERMS: [f64; 8] = [
        1.0 / 12.0,
        -1.0 / 360.0,
        1.0 / 1260.0,
        -1.0 / 1680.0,
        1.0 / 1188.0,
        -691.0 / 360_360.0,
        1.0 / 156.0,
        -3617.0 / 122_400.0,
    ];
    let inverse = 1.0 / z;
    let square = inverse * inverse;
    let mut jet = Jet::default();
    let mut power = inverse;
    for (i, term) in TERMS.iter().enumerate() {
        let degree = (2 * i + 1) as f64;
        jet.value += term * power;
        jet.slope -= degree * term * power * inverse;
        jet.curvature += degree * (degree + 1.0) * term * power * square;
        power *= square;
    }
    jet
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use proptest::prelude::*;

    use super::*;

    /// mpmath 1.4.1 at 40 digits: (z, ln Γ, digamma, trigamma).
    const GAMMA: [(f64, f64, f64, f64); 7] = [
        (1e-08, 18.42068073818021, -100000000.57721564, 1.0000000000000002e+16),
        (0.1, 2.252712651734206, -10.423754940411076, 101.43329915079275),
        (0.5, 0.5723649429247001, -1.9635100260214235, 4.934802200544679),
        (2.5, 0.2846828704729192, 0.7031566406452432, 0.49035775610023485),
        (15.9, 27.625493215168692, 2.734543070175774, 0.06491228159906011),
        (123.4, 469.3360974421906, 4.8113737751162775, 0.008136651610865263),
        (10000000.0, 151180949.3694739, 16.11809560095832, 1.0000000500000017e-07),
    ];

    /// The same for steps: (z, steps, difference, its slope, its curvature).
    const STEPS: [(f64, u64, f64, f64, f64); 8] = [
        (1e-08, 3, -17.72753354839242, 100000001.49999999, -1e+16),
        (0.24, 1, -1.4271163556401458, 4.166666666666667, -17.36111111111111),
        (0.24, 30, 70.73909851724088, 7.798700386828552, -18.53823660077986),
        (1e-08, 2000, 13180.50276739209, 100000008.17786808, -1.0000000000000002e+16),
        (5.5, 100000, 1051347.0723734945, 9.901882315142686, -0.19933238748960275),
        (10000000.0, 3, 48.35428725287493, 2.99999970000005e-07, -2.99999940000015e-14),
        (10000000.0, 40, 644.7239040382301, 3.99999220002054e-06, -3.99998440006162e-13),
        (30.2, 25, 93.18551875471474, 0.6106833614781125, -0.015385827489893507),
    ];

    #[test]
    fn values_agree_with_mpmath() {
        let near = |jet: Jet, expected: [f64; 3], epsilon: f64| {
            for (found, expected) in [jet.value, jet.slope, jet.curvature].iter().zip(expected) {
                assert_relative_eq!(*found, expected, max_relative = 1e-14, epsilon = epsilon);
            }
        };
        for (z, value, slope, curvature) in GAMMA {
            near(log_gamma(z), [value, slope, curvature], 4e-15);
        }
        for (z, steps, value, slope, curvature) in STEPS {
            near(log_gamma_step(z, steps), [value, slope, curvature], 0.0);
        }
        assert_eq!(log_gamma_step(0.3, 0), Jet::default());
    }

    proptest! {
        #[test]
        fn prop_steps_add_up(z in -8.0..6.0f64, one in 0..200u64, two in 0..200u64) {
            let z = 10f64.powf(z);
            let whole = log_gamma_step(z, one + two);
            let (first, second) = (log_gamma_step(z, one), log_gamma_step(z + one as f64, two));
            let near = |a: f64, b: f64| (a - b).abs() <= 1e-12 * a.abs().max(b.abs()).max(1e-3);
            prop_assert!(near(whole.value, first.value + second.value));
            prop_assert!(near(whole.slope, first.slope + second.slope));
            prop_assert!(near(whole.curvature, first.curvature + second.curvature));
        }
    }
}
