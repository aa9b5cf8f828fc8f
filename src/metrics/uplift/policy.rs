//! What it is worth to treat those who score highest, by a test in which chance decided.

use arrow_array::RecordBatch;

use super::ranking::{check_length, check_test};
use crate::answer::columns::{batch, numbers};
use crate::error::{Error, Result};
use crate::metrics::PerCustomer;
use crate::stats::{LEAST_RATIO_P_VALUE, exact_sum, two_sided};

/// A test that policies are judged by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PolicyTest<'a> {
    /// The outcome of each customer, such as his spend times its margin.
    pub y: &'a [f64],
    /// The score that the policies rank by. It must not have seen these outcomes.
    pub uplift: &'a [f64],
    /// Who was treated.
    pub treated: &'a [bool],
    /// The chance of each customer to be treated, above 0 and below 1, as the test was planned.
    pub propensity: PerCustomer<'a>,
    /// What it costs to treat a customer, in units of the outcome.
    pub cost: f64,
    /// What a model expects of each customer in control and treated; the means of the arms where there
    /// is none. Doubly robust values are right whatever is expected, and the more precise the better
    /// it is. It must not have seen these outcomes either.
    pub expected: Option<(&'a [f64], &'a [f64])>,
}

/// An estimate with its standard error.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct Gain {
    /// For each customer, treated or not.
    pub value: f64,
    /// Of the mean over independent customers.
    pub standard_error: f64,
}

/// What it is worth to treat the top of the ranking.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct PolicyPoint {
    /// The share that is asked for.
    pub share: f64,
    /// How many are treated, ⌊share × customers⌋.
    pub customers: f64,
    /// Mean outcome less cost, by inverse propensity: of those whose arm was as the policy wants.
    pub ipw: Gain,
    /// The same as means within the top and the rest (Hájek); none where an arm has nobody there.
    pub hajek: Option<f64>,
    /// The same, doubly robust.
    pub dr: Gain,
    /// Doubly robust gain over treating nobody.
    pub over_nobody: Gain,
    /// Over treating everybody.
    pub over_everybody: Gain,
    /// Over treating as many, drawn at random.
    pub over_random: Gain,
}

/// What it is worth to treat the top of the ranking, at several shares.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct PolicyValues {
    /// One for each share.
    pub points: Vec<PolicyPoint>,
}

/// A column of gains by its name.
type GainColumn = (&'static str, fn(&PolicyPoint) -> Gain);

impl PolicyTest<'_> {
    /// What it is worth to treat the first of the ranking, for each of these shares from 0 to 1.
    ///
    /// Equal scores that straddle the end are treated in part, as if drawn at random among them.
    ///
    /// ```
    /// use winback::metrics::PolicyTest;
    /// let test = PolicyTest {
    ///     y: &[1.0, 0.0, 1.0, 0.0, 0.0, 1.0],
    ///     uplift: &[0.9, 0.8, 0.7, 0.3, 0.2, 0.1],
    ///     treated: &[true, false, true, false, true, false],
    ///     propensity: 0.5.into(),
    ///     cost: 0.0,
    ///     expected: None,
    /// };
    /// let half = test.values(&[0.5])?.points[0];
    /// assert_eq!(half.hajek, Some(0.75)); // treated at the top 1, the others 0.5
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Shape`] when lengths differ; [`Error::Argument`] for a number out of its range;
    /// [`Error::TooLittleData`] when one of the arms is empty.
    pub fn values(&self, shares: &[f64]) -> Result<PolicyValues> {
        self.check()?;
        if let Some(share) = shares.iter().find(|share| !(0.0..=1.0).contains(*share)) {
            return Err(Error::argument("shares", share, "shares from 0 to 1"));
        }
        let mut order: Vec<usize> = (0..self.y.len()).collect();
        order.sort_by(|&a, &b| self.uplift[b].total_cmp(&self.uplift[a]));
        let scored = self.scored();
        let points = shares.iter().map(|&share| self.point(share, &order, &scored));
        Ok(PolicyValues { points: points.collect() })
    }

    fn check(&self) -> Result<()> {
        let n = self.y.len();
        check_test(self.y, self.treated)?;
        check_length("uplift", self.uplift.len(), n)?;
        let inside = |p: f64| p > 0.0 && p < 1.0;
        self.propensity.check("propensity", n, "above 0 and below 1", inside)?;
        // Arms that were not drawn so make all that is weighed by it wrong.
        let (mut drawn, mut expected, mut variance) = (0.0, 0.0, 0.0);
        for row in 0..n {
            let p = self.propensity.of(row);
            drawn += f64::from(u8::from(self.treated[row]));
            expected += p;
            variance += p * (1.0 - p);
        }
        if two_sided((drawn - expected) / f64::sqrt(variance)) < LEAST_RATIO_P_VALUE {
            let got = format!("on average {:.3}", expected / n as f64);
            let expected = format!(
                "the chances by which {drawn} of {n} were drawn to be treated (sample-ratio mismatch)"
            );
            return Err(Error::argument("propensity", got, expected));
        }
        if let Some(i) = self.uplift.iter().position(|score| score.is_nan()) {
            return Err(Error::argument("uplift", format!("NaN at index {i}"), "numbers"));
        }
        if !(0.0..=1e100).contains(&self.cost) {
            return Err(Error::argument("cost", self.cost, "0 or more"));
        }
        let Some((control, treated)) = self.expected else { return Ok(()) };
        for (name, values) in [("expected_control", control), ("expected_treated", treated)] {
            check_length(name, values.len(), n)?;
            let each = PerCustomer::Each(values);
            each.check(name, n, "finite numbers", |value| value.abs() <= 1e100)?;
        }
        Ok(())
    }

    /// The doubly robust scores of each customer in control and treated.
    fn scored(&self) -> Vec<(f64, f64)> {
        let mean = |arm: bool| {
            let of_arm = || (0..self.y.len()).filter(|&row| self.treated[row] == arm);
            exact_sum(of_arm().map(|row| self.y[row])) / of_arm().count() as f64
        };
        let means = (mean(false), mean(true));
        let expected = |row: usize| self.expected.map_or(means, |(c, t)| (c[row], t[row]));
        (0..self.y.len()).map(|row| self.score(row, expected(row))).collect()
    }

    fn score(&self, row: usize, (control, treated): (f64, f64)) -> (f64, f64) {
        let (y, p) = (self.y[row], self.propensity.of(row));
        match self.treated[row] {
            true => (control, treated + (y - treated) / p - self.cost),
            false => (control + (y - control) / (1.0 - p), treated - self.cost),
        }
    }

    fn point(&self, share: f64, order: &[usize], scored: &[(f64, f64)]) -> PolicyPoint {
        let n = self.y.len() as f64;
        let customers = (n * share).floor();
        let chosen = self.chosen(customers, order);
        let each = |of: &dyn Fn(usize, f64) -> f64| {
            mean_of(chosen.iter().enumerate().map(|(row, &part)| of(row, part)).collect())
        };
        let effect = |row: usize| scored[row].1 - scored[row].0;
        let taken = customers / n;
        PolicyPoint {
            share,
            customers,
            ipw: each(&|row, part| {
                let (control, treated) = self.score(row, (0.0, 0.0));
                part * treated + (1.0 - part) * control
            }),
            hajek: self.hajek(&chosen, taken),
            dr: each(&|row, part| part * scored[row].1 + (1.0 - part) * scored[row].0),
            over_nobody: each(&|row, part| part * effect(row)),
            over_everybody: each(&|row, part| (part - 1.0) * effect(row)),
            over_random: each(&|row, part| (part - taken) * effect(row)),
        }
    }

    /// In what part each customer is treated.
    fn chosen(&self, customers: f64, order: &[usize]) -> Vec<f64> {
        let mut chosen = vec![0.0; order.len()];
        let mut left = customers;
        for tied in order.chunk_by(|&a, &b| self.uplift[a] == self.uplift[b]) {
            let part = (left / tied.len() as f64).min(1.0);
            tied.iter().for_each(|&row| chosen[row] = part);
            left -= part * tied.len() as f64;
            if left <= 0.0 {
                break;
            }
        }
        chosen
    }

    /// The top's mean when treated and the rest's in control, by their shares.
    fn hajek(&self, chosen: &[f64], taken: f64) -> Option<f64> {
        let mean = |arm: bool| {
            let weights = || {
                (0..chosen.len()).filter(|&row| self.treated[row] == arm).map(|row| {
                    let p = self.propensity.of(row);
                    (row, if arm { chosen[row] / p } else { (1.0 - chosen[row]) / (1.0 - p) })
                })
            };
            let total = exact_sum(weights().map(|(_, weight)| weight));
            let sum = exact_sum(weights().map(|(row, weight)| weight * self.y[row]));
            (total > 0.0).then(|| sum / total)
        };
        let part = |share: f64, mean: Option<f64>| match share > 0.0 {
            true => mean.map(|mean| share * mean),
            false => Some(0.0),
        };
        Some(part(taken, mean(true))? - self.cost * taken + part(1.0 - taken, mean(false))?)
    }
}

/// The mean of independent customers. Sums are exact, so the order of the rows does not matter.
pub(crate) fn mean_of(values: Vec<f64>) -> Gain {
    let n = values.len() as f64;
    let mean = exact_sum(values.iter().copied()) / n;
    let squares = exact_sum(values.iter().map(|value| (value - mean).powi(2)));
    Gain { value: mean, standard_error: (squares / (n - 1.0) / n).sqrt() }
}

impl PolicyValues {
    /// As a table: `share`, `customers`, then `ipw`, `dr`, `over_nobody`, `over_everybody` and
    /// `over_random`, each with its standard error (`ipw_se` and so on), and `hajek`.
    ///
    /// # Errors
    /// None in practice; [`Error::Arrow`] is passed on.
    pub fn to_batch(&self) -> Result<RecordBatch> {
        let points = || self.points.iter();
        let mut columns = vec![
            numbers("share", points().map(|point| point.share)),
            numbers("customers", points().map(|point| point.customers)),
            numbers("hajek", points().map(|point| point.hajek)),
        ];
        let gains: [GainColumn; 5] = [
            ("ipw", |point| point.ipw),
            ("dr", |point| point.dr),
            ("over_nobody", |point| point.over_nobody),
            ("over_everybody", |point| point.over_everybody),
            ("over_random", |point| point.over_random),
        ];
        for (name, gain) in gains {
            columns.push(numbers(name, points().map(|point| gain(point).value)));
            let errors = points().map(|point| gain(point).standard_error);
            columns.push(numbers(format!("{name}_se"), errors));
        }
        batch(columns)
    }
}
