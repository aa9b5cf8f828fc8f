//! The shifted beta-geometric model of a retention curve.

use super::geometric_fit::{Found, Renewed};
use crate::error::{Error, Result};

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
    standard_errors: [Option<f64>; 2],
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
        Ok(Self::of(Renewed::of_survivors(survivors)?.maximise()?))
    }

    /// Fits α and β to contracts that began at different times: for ages 1, 2, …, how many were due
    /// to be renewed and how many of these were. Contracts that are not due yet at an age count at
    /// the ages before, as `Renewals` counts them.
    ///
    /// The log-likelihood is Σₜ (due(t) − renewed(t)) ln(1 − r(t)) + renewed(t) ln r(t); see
    /// [`ShiftedBetaGeometric::fit`].
    ///
    /// ```
    /// use winback::timing::ShiftedBetaGeometric;
    /// // A cohort of 100 of whom 63.1 are there after a year, and so on, is a special case.
    /// let whole = ShiftedBetaGeometric::fit(&[100.0, 63.1, 46.8, 38.2])?;
    /// let same = ShiftedBetaGeometric::fit_renewals(&[100.0, 63.1, 46.8], &[63.1, 46.8, 38.2])?;
    /// assert_eq!(whole, same);
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::TooLittleData`] for fewer than two ages at which some were due, [`Error::Shape`] for
    /// columns of different lengths, [`Error::Argument`] for a number that is negative or not finite,
    /// more renewed than due, or none due at age 1. [`Error::NotConverged`] as for survivors.
    pub fn fit_renewals(due: &[f64], renewed: &[f64]) -> Result<Self> {
        Ok(Self::of(Renewed::new(due, renewed)?.maximise()?))
    }

    fn of(found: Found) -> Self {
        let [alpha, beta] = found.at;
        let Found { standard_errors, log_likelihood, .. } = found;
        ShiftedBetaGeometric { alpha, beta, standard_errors, log_likelihood }
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
        let standard_errors = [None; 2];
        Ok(ShiftedBetaGeometric { alpha, beta, standard_errors, log_likelihood: f64::NAN })
    }

    /// α, the first parameter of the chances of leaving.
    pub fn alpha(&self) -> f64 {
        self.alpha
    }

    /// β, the second parameter.
    pub fn beta(&self) -> f64 {
        self.beta
    }

    /// The standard errors of α and β from the observed information, for as many customers as were
    /// given, which shares are not. None for what the data do not tell, where the error would be
    /// larger than the parameter, and for a model that was not fitted.
    pub fn standard_errors(&self) -> [Option<f64>; 2] {
        self.standard_errors
    }

    /// The mean chance to leave at the end of the first period, α / (α + β).
    pub fn mean_churn(&self) -> f64 {
        self.alpha / (self.alpha + self.beta)
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

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;
    use proptest::prelude::*;

    const CONTRACTS: [f64; 5] = [
        1.08536260680628,
        1.61904379916743,
        0.20970766276116,
        0.364316273890284,
        -1123.57084186431,
    ];
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

    /// α, β, their standard errors and the log-likelihood by mpmath 1.3 at 30 digits: `findroot` on
    /// the gradient, and the inverse of the Hessian in the logarithms.
    #[test]
    fn contracts_of_several_cohorts() {
        let (due, renewed) = ([1000.0, 500.0, 220.0, 60.0], [600.0, 350.0, 170.0, 50.0]);
        let model = ShiftedBetaGeometric::fit_renewals(&due, &renewed).unwrap();
        assert_relative_eq!(model.alpha(), CONTRACTS[0], max_relative = 1e-8);
        assert_relative_eq!(model.beta(), CONTRACTS[1], max_relative = 1e-8);
        for (error, expected) in model.standard_errors().iter().zip(&CONTRACTS[2..]) {
            assert_relative_eq!(error.unwrap(), *expected, max_relative = 1e-7);
        }
        assert_relative_eq!(model.log_likelihood(), CONTRACTS[4], max_relative = 1e-12);
        // Ages that nobody has reached say nothing.
        let longer = [&due[..], &[0.0]].concat();
        let again = ShiftedBetaGeometric::fit_renewals(&longer, &[&renewed[..], &[0.0]].concat());
        assert_eq!(again.unwrap(), model);
        // Four times the customers halve the errors.
        let [due, renewed] = [due, renewed].map(|column| column.map(|n| 4.0 * n));
        let more = ShiftedBetaGeometric::fit_renewals(&due, &renewed).unwrap();
        for (less, own) in more.standard_errors().iter().zip(model.standard_errors()) {
            assert_relative_eq!(less.unwrap(), own.unwrap() / 2.0, max_relative = 1e-9);
        }
    }

    #[test]
    fn counts_that_cannot_be_are_refused() {
        let fit = |due: &[f64], renewed: &[f64]| ShiftedBetaGeometric::fit_renewals(due, renewed);
        assert!(matches!(fit(&[9.0, 5.0], &[5.0]), Err(Error::Shape(_))));
        assert!(matches!(fit(&[9.0, 0.0], &[5.0, 0.0]), Err(Error::TooLittleData(_))));
        for (due, renewed) in [
            ([9.0, 5.0], [5.0, 6.0]),
            ([9.0, -1.0], [5.0, -2.0]),
            ([9.0, f64::NAN], [5.0, 1.0]),
            ([0.0, 5.0], [0.0, 1.0]),
        ] {
            assert!(matches!(fit(&due, &renewed), Err(Error::Argument { .. })), "{due:?}");
        }
        for (due, renewed) in [([9.0, 5.0], [9.0, 5.0]), ([9.0, 5.0], [0.0, 2.0])] {
            assert!(matches!(fit(&due, &renewed), Err(Error::NotConverged(_))), "{due:?}");
        }
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
