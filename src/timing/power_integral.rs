//! Integrals of two falling powers, (1 + y/c₁)^−p₁ (1 + y/c₂)^−p₂, over y from 0 on.

use super::quadrature::gauss_legendre;

/// The logarithm of what is too small to matter beside the largest.
const NOTHING: f64 = 42.0;

/// The constants and powers; all above 0, but p₂ may be 0.
#[derive(Debug, Clone, Copy)]
pub(super) struct PowerIntegral {
    pub(super) c1: f64,
    pub(super) p1: f64,
    pub(super) c2: f64,
    pub(super) p2: f64,
}

/// A node of the quadrature.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node {
    pub(super) y: f64,
    /// ln(1 + y/c₁) and ln(1 + y/c₂).
    pub(super) log1: f64,
    pub(super) log2: f64,
    /// The quadrature's weight times the function.
    pub(super) weight: f64,
}

impl PowerIntegral {
    /// The function.
    pub(super) fn at(&self, y: f64) -> f64 {
        (-self.p1 * (y / self.c1).ln_1p() - self.p2 * (y / self.c2).ln_1p()).exp()
    }

    /// How fast the function times dy/dz falls in z = ln(1 + y / the smaller constant); it grows
    /// with z.
    pub(super) fn rate(&self, z: f64) -> f64 {
        let [(c_low, p_low), (c_high, p_high)] = self.by_constant();
        let reached = c_low * z.exp();
        p_low - 1.0 + p_high * (reached / (c_high - c_low + reached))
    }

    /// The integral up to `upper`, which may be infinity, of the function times yⁿ, n = `moment`;
    /// it has to be finite.
    pub(super) fn integral(&self, upper: f64, moment: i32) -> f64 {
        let mut sum = 0.0;
        let rest = self.each_node(upper, moment, |node| sum += node.weight * node.y.powi(moment));
        sum + rest
    }

    /// The integral from `lower` to infinity, by the hypergeometric series, if it converges soon.
    ///
    /// With c the larger constant, p its power and d, q the other it is, at 0,
    /// c (d/c)ᵠ / (p + q − 1) · ₂F₁(q, p + q − 1; p + q; 1 − d/c), with terms of one sign. The tail
    /// of such an integral is another one.
    pub(super) fn tail(&self, lower: f64) -> f64 {
        let [(d, q), (c, p)] = self.by_constant();
        let (d, c) = (d + lower, c + lower);
        let (apart, sum_of_powers) = ((c - d) / c, p + q);
        if apart > 0.8 {
            let rest = PowerIntegral { c1: self.c1 + lower, c2: self.c2 + lower, ..*self };
            return self.at(lower) * rest.integral(f64::INFINITY, 0);
        }
        let (mut term, mut sum, mut count) = (1.0, 1.0, 0.0);
        while term > 1e-17 * sum {
            term *= apart * (q + count) / (count + 1.0) * (sum_of_powers - 1.0 + count)
                / (sum_of_powers + count);
            sum += term;
            count += 1.0;
        }
        self.at(lower) * c * (d / c).powf(q) / (sum_of_powers - 1.0) * sum
    }

    /// Calls `each` with the nodes up to `upper`, and returns what lies beyond them.
    ///
    /// In z the function is analytic as far as π from the real line, whatever its constants, and
    /// falls exponentially; so pieces that are neither long nor fall by much are integrated to the
    /// accuracy of a float.
    #[inline]
    pub(super) fn each_node(&self, upper: f64, moment: i32, mut each: impl FnMut(Node)) -> f64 {
        let [(c_low, p_low), (c_high, p_high)] = self.by_constant();
        let first_is_low = self.c1 <= self.c2;
        let power = f64::from(moment);
        let end = (upper / c_low).ln_1p();
        // Beyond it only the sum of both powers counts.
        let far = (1.0 + (c_high - c_low) / c_low * 1e17).ln() + 1e-3 + 40.0 * power;
        let log_at = |z: f64| -> (f64, f64, f64) {
            let y = c_low * z.exp_m1();
            let log_high = (y / c_high).ln_1p();
            (y, log_high, -p_low * z - p_high * log_high)
        };
        let (mut z, mut highest) = (0.0, 0.0f64);
        while z < end {
            let mut width = (end - z).min(3.0);
            let mut rate = self.rate(z + width);
            while rate * width > 14.0 {
                width /= 2.0;
                rate = self.rate(z + width);
            }
            let few = width < 1.0 && rate.abs() * width < 3.0;
            gauss_legendre(z, z + width, few, |z, weight| {
                let (y, log_high, log) = log_at(z);
                let (log1, log2) = if first_is_low { (z, log_high) } else { (log_high, z) };
                each(Node { y, log1, log2, weight: weight * log.exp() * (c_low + y) });
            });
            z += width;
            let (y, _, log) = log_at(z);
            let size = log + (1.0 + power) * z;
            highest = highest.max(size);
            if z >= far && end == f64::INFINITY {
                return (log + power * y.ln()).exp() * (c_low + y) / (self.rate(z) - power);
            }
            if size < highest - NOTHING && self.rate(z) > power {
                break;
            }
        }
        0.0
    }

    /// Constant and power of the factor with the smaller constant, and of the other.
    fn by_constant(&self) -> [(f64, f64); 2] {
        let (one, two) = ((self.c1, self.p1), (self.c2, self.p2));
        if self.c1 <= self.c2 { [one, two] } else { [two, one] }
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use proptest::prelude::*;

    use super::*;

    /// mpmath 1.4.1 at 40 digits: (c₁, p₁, c₂, p₂, upper end, moment, integral).
    const GOLDEN: [(f64, f64, f64, f64, f64, i32, f64); 11] = [
        (10.6, 0.55, 11.7, 1.6, 38.9, 0, 8.116496833165561),
        (10.6, 2.55, 0.05, 1.6, 8.0, 0, 0.07295605359373696),
        (49.0, 12.5, 30.0, 1.6, 19.0, 0, 3.4596315266939026),
        (0.001, 0.2, 50.0, 1.0, 100.0, 0, 7.353957360307594),
        (50.0, 2000.5, 11.0, 3.0, 20.0, 0, 0.024837162061541063),
        (20.0, 300.0, 0.0001, 0.3, 30.0, 0, 0.012203456694907222),
        (1.0, 1.3, 1.0, 0.2, f64::INFINITY, 0, 1.9999999999999998),
        (49.0, 3.55, 51.0, 0.6, f64::INFINITY, 0, 15.644844187201336),
        (49.0, 3.55, 51.0, 0.6, f64::INFINITY, 1, 358.61719047609887),
        (40.0, 1.05, 0.5, 0.1, f64::INFINITY, 0, 175.99102692930035),
        (0.5, 1.2, 70.0, 1.1, f64::INFINITY, 1, 46.73351750951192),
    ];

    #[test]
    fn integrals_agree_with_mpmath() {
        for (c1, p1, c2, p2, upper, moment, expected) in GOLDEN {
            let found = PowerIntegral { c1, p1, c2, p2 }.integral(upper, moment);
            assert_relative_eq!(found, expected, max_relative = 1e-13);
            // Which factor comes first does not matter.
            let turned = PowerIntegral { c1: c2, p1: p2, c2: c1, p2: p1 }.integral(upper, moment);
            assert_relative_eq!(turned, expected, max_relative = 1e-13);
        }
    }

    proptest! {
        #[test]
        fn prop_series_and_quadrature_agree(
            c1 in -3.0..6.0f64, c2 in -3.0..6.0f64,
            p1 in 1.05..300.0f64, p2 in 0.01..50.0f64, upper in -6.0..3.0f64,
        ) {
            let (c1, c2) = (c1.exp(), c2.exp());
            let (powers, upper) = (PowerIntegral { c1, p1, c2, p2 }, c1 * upper.exp());
            let (whole, tail) = (powers.tail(0.0), powers.tail(upper));
            let found = powers.integral(upper, 0);
            prop_assert!((whole - tail - found).abs() < 2e-13 * whole, "{whole} {tail} {found}");
        }
    }
}
