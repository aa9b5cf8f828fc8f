//! The shifted beta-geometric model of a retention curve.

use crate::error::{Error, Result};

/// The slope of the log-likelihood, per customer and in ln α, ln β, at which the search ends.
const FLAT: f64 = 1e-13;
/// Above it the customers are as good as alike, and α and β have no optimum.
const LARGEST: f64 = 1e7;
const MOST_STEPS: usize = 1_000;

/// The shifted beta-geometric model (sBG) of Fader and Hardie (2007, "How to project customer
/// retention", Journal of Interactive Marketing 21, 76-90): how a retention curve continues.
///
/// Each customer leaves at the end of each period with their own constant chance θ; over the
/// customers, θ has a beta distribution with the parameters α and β. Those with a high θ leave
/// early, so the retention rate rises with a cohort's age although no customer's does:
///
/// - share that survives t periods: S(t) = B(α, β + t) / B(α, β);
/// - retention rate of period t: r(t) = S(t) / S(t − 1) = (β + t − 1) / (α + β + t − 1);
/// - mean chance of leaving: α / (α + β); the smaller α + β, the more customers differ.
///
/// It is meant for contracts, where it is known who has left. The curve of a cohort without
/// contracts, say in mode "on or after", can be projected too, but it falls too fast towards its
/// end, where those who would come back later are missing.
///
/// ```
/// use winback::timing::ShiftedBetaGeometric;
/// // "Regular" customers of the paper: percent surviving 0 to 7 years.
/// let survivors = [100.0, 63.1, 46.8, 38.2, 32.6, 28.9, 26.2, 24.1];
/// let model = ShiftedBetaGeometric::fit(&survivors)?;
/// assert!((model.alpha() - 0.704).abs() < 5e-4 && (model.beta() - 1.182).abs() < 5e-4);
/// assert!((model.survival(12)[12] - 0.170).abs() < 5e-4);
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct ShiftedBetaGeometric {
    alpha: f64,
    beta: f64,
    log_likelihood: f64,
}

impl ShiftedBetaGeometric {
    /// Fits α and β by maximum likelihood to the survivors of a cohort at ages 0, 1, 2, …: numbers
    /// of customers, or shares in any unit, which give the same α and β.
    ///
    /// The log-likelihood is Σₜ (N(t−1) − N(t)) ln(1 − r(t)) + N(t) ln r(t). It is maximised over
    /// ln α and ln β by Newton's method, damped if a step would not lead upwards, until its slope
    /// per customer is below 1e-13.
    ///
    /// # Errors
    /// [`Error::TooLittleData`] for fewer than three ages. [`Error::Argument`] for a number that is
    /// negative or not finite, survivors that rise, or none at age 0. [`Error::NotConverged`] if
    /// there is no optimum: nobody or everybody left, or the retention rate does not rise with age.
    pub fn fit(survivors: &[f64]) -> Result<Self> {
        check(survivors)?;
        // Shares have the same optimum, and the search one scale.
        let shares: Vec<f64> = survivors.iter().map(|n| n / survivors[0]).collect();
        let mut at = [0.0, 0.0];
        let mut here = Slope::new(&shares, at);
        let mut damping = 1e-3;
        for _ in 0..MOST_STEPS {
            if here.gradient.iter().all(|slope| slope.abs() < FLAT) {
                let [alpha, beta] = at.map(f64::exp);
                let log_likelihood = here.value * survivors[0];
                return Ok(ShiftedBetaGeometric { alpha, beta, log_likelihood });
            }
            let step = here.step(damping);
            let next_at = [at[0] + step[0].clamp(-2.0, 2.0), at[1] + step[1].clamp(-2.0, 2.0)];
            let next = Slope::new(&shares, next_at);
            // At the optimum values differ by rounding only, that of terms up to the cohort's size,
            // which is 1; a flatter place is then the better.
            let rounding = 1e-15 * here.value.abs().max(1.0);
            if next.value > here.value + rounding
                || (next.value >= here.value - rounding && next.steepness() < here.steepness())
            {
                (at, here) = (next_at, next);
                damping = (damping / 10.0).max(1e-12);
            } else if here.steepness() < 1e-11 {
                // As flat as rounding lets it be.
                let [alpha, beta] = at.map(f64::exp);
                let log_likelihood = here.value * survivors[0];
                return Ok(ShiftedBetaGeometric { alpha, beta, log_likelihood });
            } else {
                damping *= 10.0;
            }
            let [alpha, beta] = at.map(f64::exp);
            if alpha + beta > LARGEST || damping > 1e12 {
                break;
            }
        }
        Err(all_alike())
    }

    /// A model with known parameters.
    ///
    /// # Errors
    /// [`Error::Argument`] for a parameter that is not above 0 and finite.
    pub fn new(alpha: f64, beta: f64) -> Result<Self> {
        for (name, value) in [("alpha", alpha), ("beta", beta)] {
            if !(value > 0.0 && value.is_finite()) {
                return Err(Error::argument(name, value, "a finite number above 0"));
            }
        }
        Ok(ShiftedBetaGeometric { alpha, beta, log_likelihood: f64::NAN })
    }

    /// α, the first parameter of the chances of leaving.
    pub fn alpha(&self) -> f64 {
        self.alpha
    }

    /// β, the second parameter.
    pub fn beta(&self) -> f64 {
        self.beta
    }

    /// The log-likelihood at the optimum, in the unit of the survivors; NaN for a model that was
    /// not fitted.
    pub fn log_likelihood(&self) -> f64 {
        self.log_likelihood
    }

    /// The share of a cohort that survives 0, 1, …, `periods` periods; `periods + 1` values.
    pub fn survival(&self, periods: u16) -> Vec<f64> {
        let start = std::iter::once(1.0);
        let rates = self.retention_rates(periods);
        start
            .chain(rates.into_iter().scan(1.0, |share, rate| {
                *share *= rate;
                Some(*share)
            }))
            .collect()
    }

    /// The retention rate of periods 1, …, `periods`: of those who survived up to the period
    /// before, the share that survives this one.
    pub fn retention_rates(&self, periods: u16) -> Vec<f64> {
        let rate = |t: u16| {
            let age = f64::from(t - 1);
            (self.beta + age) / (self.alpha + self.beta + age)
        };
        (1..=periods).map(rate).collect()
    }
}

fn check(survivors: &[f64]) -> Result<()> {
    if survivors.len() < 3 {
        return Err(Error::TooLittleData(format!(
            "survivors at {} ages; at least three, from age 0 on, are needed for two parameters",
            survivors.len()
        )));
    }
    let name = "survivors";
    if let Some(bad) = survivors.iter().find(|n| !(n.is_finite() && **n >= 0.0)) {
        return Err(Error::argument(name, bad, "finite numbers, not negative"));
    }
    if survivors[0] <= 0.0 {
        return Err(Error::argument(name, survivors[0], "more than 0 at age 0"));
    }
    if let Some(age) = (1..survivors.len()).find(|&age| survivors[age] > survivors[age - 1]) {
        let expected =
            format!("no more than at the age before, {} at age {}", survivors[age - 1], age - 1);
        return Err(Error::argument(name, format!("{} at age {age}", survivors[age]), expected));
    }
    let last = survivors[survivors.len() - 1];
    if last == survivors[0] || survivors[1] == 0.0 {
        let who = if last == survivors[0] { "nobody left" } else { "everybody left at once" };
        return Err(Error::NotConverged(format!("{who}: alpha and beta have no optimum")));
    }
    if differences(survivors) <= 0.0 { Err(all_alike()) } else { Ok(()) }
}

/// How the log-likelihood rises with 1 / (α + β) where that is 0, the customers all alike and the
/// mean chance to leave the best one for them: Σₜ (t − 1) (N(t) / (1 − mean) − N(t − 1)), per
/// customer. What is rounding is 0.
fn differences(survivors: &[f64]) -> f64 {
    let steps = || survivors.windows(2).enumerate();
    let exposed: f64 = steps().map(|(_, pair)| pair[0]).sum();
    let kept: f64 = steps().map(|(_, pair)| pair[1]).sum();
    let scale = exposed / kept;
    let slope: f64 = steps().map(|(age, pair)| age as f64 * (pair[1] * scale - pair[0])).sum();
    let size: f64 = steps().map(|(age, pair)| age as f64 * pair[0]).sum();
    if slope.abs() <= 1e-9 * size { 0.0 } else { slope / survivors[0] }
}

fn all_alike() -> Error {
    Error::NotConverged(
        "the retention rate does not rise with age, so that the customers' chances to leave show \
         no difference: alpha and beta have no optimum"
            .into(),
    )
}

/// The log-likelihood of a cohort of size 1 and its derivatives in ln α and ln β.
struct Slope {
    value: f64,
    gradient: [f64; 2],
    /// Second derivatives: αα, αβ, ββ.
    curvature: [f64; 3],
}

impl Slope {
    fn new(shares: &[f64], at: [f64; 2]) -> Self {
        let [alpha, beta] = at.map(f64::exp);
        let (mut value, mut gradient, mut curvature) = (0.0, [0.0; 2], [0.0; 3]);
        for (age, pair) in shares.windows(2).enumerate() {
            let (before, stay) = (pair[0], pair[1]);
            let (kept, all) = (beta + age as f64, alpha + beta + age as f64);
            let (of_stay, of_all) = (beta / kept, before / all);
            value += (before - stay) * (alpha / all).ln() + stay * (kept / all).ln();
            gradient[0] += (before - stay) - of_all * alpha;
            gradient[1] += stay * of_stay - of_all * beta;
            curvature[0] += -of_all * alpha * (1.0 - alpha / all);
            curvature[1] += of_all * alpha * beta / all;
            curvature[2] += stay * of_stay * (1.0 - of_stay) - of_all * beta * (1.0 - beta / all);
        }
        Slope { value, gradient, curvature }
    }

    fn steepness(&self) -> f64 {
        self.gradient[0].abs().max(self.gradient[1].abs())
    }

    /// Newton's step upwards; the damping makes the surface bend downwards where it does not.
    fn step(&self, damping: f64) -> [f64; 2] {
        let [aa, ab, bb] = self.curvature;
        let (mean, apart) = ((aa + bb) / 2.0, ((aa - bb) / 2.0).hypot(ab));
        let shift = (mean + apart).max(0.0) + damping * (mean.abs() + apart);
        let (aa, bb) = (aa - shift, bb - shift);
        let determinant = aa * bb - ab * ab;
        let [a, b] = self.gradient;
        [-(bb * a - ab * b) / determinant, -(aa * b - ab * a) / determinant]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;
    use proptest::prelude::*;

    const REGULAR: [f64; 8] = [100.0, 63.1, 46.8, 38.2, 32.6, 28.9, 26.2, 24.1];

    /// Fader and Hardie (2007), table 4 and figure 5: α, β, and years 8 to 12 in percent. The digits
    /// after the third from scipy 1.17, `minimize` and `root` on the gradient.
    #[test]
    fn the_paper_s_regular_customers() {
        let model = ShiftedBetaGeometric::fit(&REGULAR).unwrap();
        assert_relative_eq!(model.alpha(), 0.704077298474, max_relative = 1e-8);
        assert_relative_eq!(model.beta(), 1.182043026209, max_relative = 1e-8);
        assert_relative_eq!(model.log_likelihood(), -168.02651884632868, max_relative = 1e-12);
        let survival = model.survival(12);
        assert_eq!(survival[0], 1.0);
        for (share, expected) in survival[8..].iter().zip([22.0, 20.4, 19.1, 18.0, 17.0]) {
            assert!((share * 100.0 - expected).abs() < 0.05, "{share}");
        }
    }

    /// "High end" of the paper; by scipy as above.
    #[test]
    fn the_paper_s_high_end_customers() {
        let survivors = [1000.0, 869.0, 743.0, 653.0, 593.0, 551.0, 517.0, 491.0];
        let model = ShiftedBetaGeometric::fit(&survivors).unwrap();
        assert_relative_eq!(model.alpha(), 0.668088351106, max_relative = 1e-8);
        assert_relative_eq!(model.beta(), 3.806094964058, max_relative = 1e-8);
    }

    #[test]
    fn curves_without_an_optimum_are_refused() {
        let fit = |survivors: &[f64]| ShiftedBetaGeometric::fit(survivors).unwrap_err();
        assert!(matches!(fit(&[100.0, 50.0]), Error::TooLittleData(_)));
        for bad in [[100.0, 50.0, 60.0], [0.0, 0.0, 0.0], [100.0, 50.0, -1.0], [1.0, f64::NAN, 0.1]]
        {
            assert!(matches!(fit(&bad), Error::Argument { name: "survivors", .. }), "{bad:?}");
        }
        for none in [
            [100.0, 100.0, 100.0],
            [100.0, 0.0, 0.0],
            [100.0, 50.0, 25.0], // everybody alike
            [100.0, 90.0, 30.0], // falling faster and faster
        ] {
            assert!(matches!(fit(&none), Error::NotConverged(_)), "{none:?}");
        }
        for (alpha, beta) in [(0.0, 1.0), (1.0, -1.0), (f64::NAN, 1.0), (1.0, f64::INFINITY)] {
            assert!(ShiftedBetaGeometric::new(alpha, beta).is_err());
        }
    }

    proptest! {
        #[test]
        fn prop_a_curve_of_the_model_gives_its_parameters(
            alpha in 0.05..20.0f64, beta in 0.05..20.0f64, periods in 3u16..20,
        ) {
            let curve = ShiftedBetaGeometric::new(alpha, beta).unwrap().survival(periods);
            let fitted = ShiftedBetaGeometric::fit(&curve).unwrap();
            prop_assert!((fitted.alpha() / alpha - 1.0).abs() < 1e-5, "{fitted:?}");
            prop_assert!((fitted.beta() / beta - 1.0).abs() < 1e-5, "{fitted:?}");
        }

        #[test]
        fn prop_the_unit_of_the_survivors_does_not_matter(unit in 0.001..1e6f64) {
            let scaled = REGULAR.map(|n| n * unit);
            let fitted = ShiftedBetaGeometric::fit(&scaled).unwrap();
            let whole = ShiftedBetaGeometric::fit(&REGULAR).unwrap();
            prop_assert!((fitted.alpha() / whole.alpha() - 1.0).abs() < 1e-9);
            prop_assert!((fitted.beta() / whole.beta() - 1.0).abs() < 1e-9);
        }

        #[test]
        fn prop_retention_rates_rise_with_age(alpha in 0.01..50.0f64, beta in 0.01..50.0f64) {
            let rates = ShiftedBetaGeometric::new(alpha, beta).unwrap().retention_rates(20);
            prop_assert!(rates.windows(2).all(|pair| pair[0] < pair[1]));
        }
    }
}
