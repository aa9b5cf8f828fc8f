//! How many are needed to see an effect, and which effect so many show.

use super::normal::{normal_quantile, upper_tail};

/// By which formula two arms are sized. They differ, most where arms are unequal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SizeMethod {
    /// Shares, each with its own variance.
    Unpooled,
    /// Shares, with the variance of the common share where there is no effect (Fleiss 1981, without
    /// correction for continuity).
    Pooled,
    /// Shares by the arcsine of their roots (Cohen 1988).
    Arcsine,
    /// Means, with one variance for both arms and the normal distribution.
    Mean,
}

/// A control arm, and an offer's arm that is `ratio` times as large.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Arms {
    pub(crate) method: SizeMethod,
    /// The share or the mean without the offer.
    pub(crate) base: f64,
    /// Of values; of means only.
    pub(crate) variance: f64,
    pub(crate) ratio: f64,
    /// Two-sided chance of a false alarm.
    pub(crate) level: f64,
    /// Chance to see the effect.
    pub(crate) power: f64,
    /// What the variances are multiplied by: design effect, variance that covariates leave.
    pub(crate) factor: f64,
}

impl Arms {
    /// Customers of the control arm needed for an effect; not rounded.
    pub(crate) fn control_size(&self, effect: f64) -> f64 {
        let (alpha, beta) = (normal_quantile(1.0 - self.level / 2.0), quantile(self.power));
        let (null, own) = self.deviations(effect);
        self.factor * ((alpha * null + beta * own) / self.distance(effect)).powi(2)
    }

    /// The chance that a control arm of this size shows the effect, in either direction.
    pub(crate) fn power_at(&self, effect: f64, control: f64) -> f64 {
        let alpha = normal_quantile(1.0 - self.level / 2.0);
        let (null, own) = self.deviations(effect);
        let distance = self.distance(effect).abs() * (control / self.factor).sqrt();
        if own <= 0.0 {
            return f64::from(u8::from(distance > alpha * null));
        }
        upper_tail((alpha * null - distance) / own) + upper_tail((alpha * null + distance) / own)
    }

    /// The smallest effect, upward or downward, that a control arm of this size shows; none where
    /// no share can.
    pub(crate) fn smallest_effect(&self, control: f64, is_rise: bool) -> Option<f64> {
        let sign = if is_rise { 1.0 } else { -1.0 };
        if self.method == SizeMethod::Mean {
            // Needed customers are as the inverse square of the effect.
            return Some(sign * (self.control_size(1.0) / control).sqrt());
        }
        let (mut low, mut high) = (0.0, if is_rise { 1.0 - self.base } else { self.base });
        if self.control_size(sign * high) > control {
            return None;
        }
        for _ in 0..200 {
            let middle = f64::midpoint(low, high);
            if self.control_size(sign * middle) > control { low = middle } else { high = middle }
        }
        Some(sign * high)
    }

    /// The share of the control arm at which the fewest customers are needed, with so many offers of
    /// equal size.
    pub(crate) fn best_control_share(&self, effect: f64, offers: usize) -> f64 {
        let (zero, one) = match self.method {
            SizeMethod::Unpooled => (spread(self.base).sqrt(), spread(self.base + effect).sqrt()),
            _ => (1.0, 1.0),
        };
        zero / (zero + one * (offers as f64).sqrt())
    }

    /// What the standard error is by, times the root of the control arm: without an effect and with
    /// it.
    fn deviations(&self, effect: f64) -> (f64, f64) {
        let (zero, one) = (self.base, self.base + effect);
        let own = (spread(zero) + spread(one) / self.ratio).sqrt();
        match self.method {
            SizeMethod::Unpooled => (own, own),
            SizeMethod::Pooled => {
                let common = (zero + self.ratio * one) / (1.0 + self.ratio);
                ((spread(common) * (1.0 + 1.0 / self.ratio)).sqrt(), own)
            }
            SizeMethod::Arcsine => {
                let error = (1.0 + 1.0 / self.ratio).sqrt();
                (error, error)
            }
            SizeMethod::Mean => {
                let error = (self.variance * (1.0 + 1.0 / self.ratio)).sqrt();
                (error, error)
            }
        }
    }

    fn distance(&self, effect: f64) -> f64 {
        let angle = |share: f64| 2.0 * share.clamp(0.0, 1.0).sqrt().asin();
        match self.method {
            SizeMethod::Arcsine => angle(self.base + effect) - angle(self.base),
            _ => effect,
        }
    }
}

fn spread(share: f64) -> f64 {
    (share * (1.0 - share)).max(0.0)
}

/// The normal quantile of a chance on either side of one half.
fn quantile(p: f64) -> f64 {
    if p >= 0.5 { normal_quantile(p) } else { -normal_quantile(1.0 - p) }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use proptest::prelude::*;

    use super::*;

    fn arms(method: SizeMethod, base: f64, ratio: f64) -> Arms {
        Arms { method, base, variance: 1.0, ratio, level: 0.05, power: 0.8, factor: 1.0 }
    }

    /// By the formulas; for arcsine of statsmodels 0.15 (`NormalIndPower`), which counts the chance of
    /// the other tail, a millionth, too.
    #[test]
    fn sizes_of_the_reference() {
        use SizeMethod::{Arcsine, Pooled, Unpooled};
        for (base, effect, ratio, unpooled, pooled, arcsine) in [
            (0.05, 0.01, 1.0, 8154.98604399, 8157.73144785, 8142.59539444),
            (0.1, 0.02, 1.0, 3838.10219010, 3840.84748244, 3834.59573988),
            (0.2, -0.02, 1.0, 6035.78851571, 6038.53388476, 6035.93672074),
            (0.106167, 0.013833, 1.0, 8223.93554408, 8226.68094877, 8220.66685813),
            (0.05, 0.01, 9.0, 4220.08100384, 4650.54216060, 4523.66410789),
            (0.05, 0.01, 1.0 / 9.0, 43569.13140537, 39624.29302352, 40712.97697102),
        ] {
            for (method, expected) in [(Unpooled, unpooled), (Pooled, pooled), (Arcsine, arcsine)] {
                let found = arms(method, base, ratio).control_size(effect);
                assert_relative_eq!(
                    found,
                    expected,
                    max_relative = if method == Arcsine { 1e-5 } else { 1e-9 }
                );
            }
        }
        let mean = arms(SizeMethod::Mean, 0.0, 1.0).control_size(0.2);
        assert_relative_eq!(mean, 392.44398671745444, max_relative = 1e-9);
    }

    #[test]
    fn power_and_smallest_effects_of_the_reference() {
        let found = arms(SizeMethod::Unpooled, 0.05, 1.0).power_at(0.01, 8155.0);
        assert_relative_eq!(found, 0.8000016316864071, max_relative = 1e-8);
        for (base, one, zero, expected) in [
            (0.1, 10_000.0, 10_000.0, 0.0121993073),
            (0.1, 9_000.0, 1_000.0, 0.0283543479),
            (0.1, 19_000.0, 1_000.0, 0.0274286692),
            (0.05, 45_000.0, 5_000.0, 0.0091801780),
        ] {
            let found = arms(SizeMethod::Unpooled, base, one / zero).smallest_effect(zero, true);
            assert_relative_eq!(found.unwrap(), expected, max_relative = 1e-7);
        }
        let spend = Arms {
            variance: 11.5881996813f64.powi(2),
            ..arms(SizeMethod::Mean, 0.0, 21_307.0 / 21_306.0)
        };
        let found = spend.smallest_effect(21_306.0, true).unwrap();
        assert_relative_eq!(found, 0.3145420755102081, max_relative = 1e-8);
        assert_eq!(arms(SizeMethod::Unpooled, 0.1, 1.0).smallest_effect(10.0, false), None);
    }

    #[test]
    fn the_best_share_of_control() {
        let found = arms(SizeMethod::Unpooled, 0.05, 1.0).best_control_share(0.01, 1);
        assert_relative_eq!(found, 0.4785457503854083, max_relative = 1e-9);
        assert_relative_eq!(arms(SizeMethod::Mean, 1.0, 1.0).best_control_share(0.1, 4), 1.0 / 3.0);
    }

    proptest! {
        #[test]
        fn prop_the_size_has_the_power(base in 0.02..0.4f64, effect in 0.005..0.2f64, ratio in 0.1..10.0f64) {
            for method in [SizeMethod::Unpooled, SizeMethod::Pooled, SizeMethod::Arcsine, SizeMethod::Mean] {
                let arms = arms(method, base, ratio);
                let n = arms.control_size(effect);
                // The other tail adds a little.
                prop_assert!((arms.power_at(effect, n) - 0.8).abs() < 1e-3);
                let smallest = arms.smallest_effect(n, true).unwrap();
                prop_assert!((smallest / effect - 1.0).abs() < 1e-6);
            }
        }
    }
}
