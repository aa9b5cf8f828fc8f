//! What a retention campaign costs and what it saves.

use crate::error::{Error, Result};

/// Amounts of money stay below this, so that no sum of them overflows.
const MOST: f64 = 1e100;
/// The parameters of a beta distribution: narrower or more extreme ones say nothing more.
const SHAPE: std::ops::RangeInclusive<f64> = 1e-3..=1e6;

/// One figure for all customers, or one for each customer in the order of the outcomes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum PerCustomer<'a> {
    /// The same for all.
    All(f64),
    /// One for each.
    Each(&'a [f64]),
}

impl From<f64> for PerCustomer<'_> {
    fn from(value: f64) -> Self {
        PerCustomer::All(value)
    }
}

impl<'a> From<&'a [f64]> for PerCustomer<'a> {
    fn from(values: &'a [f64]) -> Self {
        PerCustomer::Each(values)
    }
}

impl PerCustomer<'_> {
    /// The figure of a customer; lengths are checked before.
    pub(crate) fn of(&self, row: usize) -> f64 {
        match self {
            PerCustomer::All(value) => *value,
            PerCustomer::Each(values) => values[row],
        }
    }

    /// One for each of `n` rows, where there is one for each, and all of them allowed.
    pub(crate) fn check(
        &self,
        name: &'static str,
        n: usize,
        expected: &str,
        is_allowed: impl Fn(f64) -> bool,
    ) -> Result<()> {
        match self {
            PerCustomer::All(value) if is_allowed(*value) => Ok(()),
            PerCustomer::All(value) => Err(Error::argument(name, value, expected)),
            PerCustomer::Each(values) if values.len() != n => Err(Error::Shape(format!(
                "y has {n} values, {name} has {}; it must be one number for all or the same number",
                values.len()
            ))),
            PerCustomer::Each(values) => {
                match values.iter().position(|&value| !is_allowed(value)) {
                    Some(i) => {
                        Err(Error::argument(name, format!("{} at index {i}", values[i]), expected))
                    }
                    None => Ok(()),
                }
            }
        }
    }
}

/// The share of contacted churners who accept the offer and stay.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum AcceptRate<'a> {
    /// A share from 0 to 1 that is taken as known.
    Known(PerCustomer<'a>),
    /// An unknown share, distributed as Beta(`alpha`, `beta`): its mean is α / (α + β), and the
    /// larger their sum, the more certain it is. Each from 0.001 to 1,000,000.
    Beta {
        /// α.
        alpha: f64,
        /// β.
        beta: f64,
    },
}

impl From<f64> for AcceptRate<'_> {
    fn from(rate: f64) -> Self {
        AcceptRate::Known(rate.into())
    }
}

impl<'a> From<&'a [f64]> for AcceptRate<'a> {
    fn from(rates: &'a [f64]) -> Self {
        AcceptRate::Known(rates.into())
    }
}

impl AcceptRate<'_> {
    /// The factor on what a kept churner is worth: 1 where the rates are in it already.
    pub(crate) fn factor(&self) -> f64 {
        match self {
            AcceptRate::Known(_) => 1.0,
            AcceptRate::Beta { alpha, beta } => alpha / (alpha + beta),
        }
    }

    pub(crate) fn check(&self, n: usize) -> Result<()> {
        match self {
            AcceptRate::Known(rates) => {
                rates.check("accept_rate", n, "from 0 to 1", |r| (0.0..=1.0).contains(&r))
            }
            AcceptRate::Beta { alpha, beta } => {
                for (name, value) in [("alpha", alpha), ("beta", beta)] {
                    if !SHAPE.contains(value) {
                        return Err(Error::argument(name, value, "from 0.001 to 1,000,000"));
                    }
                }
                Ok(())
            }
        }
    }
}

/// The economics of contacting customers to keep them. You give every figure; there are no
/// defaults.
///
/// Contacting a customer costs `contact_cost`. A churner accepts the offer with the accept rate,
/// then costs `incentive_cost` and stays, which saves `clv`; otherwise the churner leaves all the
/// same. Customers who would have stayed take the incentive too. Names as in empulse.
///
/// ```
/// use winback::metrics::{Economics, mpc};
/// let clv = [150.0, 300.0, 80.0];
/// let economics = Economics {
///     clv: clv[..].into(), // or 200.0.into(), the same for all
///     incentive_cost: 10.0.into(),
///     contact_cost: 1.0.into(),
///     accept_rate: 0.3.into(),
/// };
/// let best = mpc(&[false, true, false], &[0.2, 0.9, 0.4], &economics)?;
/// // The second alone: 0.3 (300 − 10) − 1, of three customers.
/// assert!((best.profit - 86.0 / 3.0).abs() < 1e-12 && best.share == 1.0 / 3.0);
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Economics<'a> {
    /// Customer lifetime value: what is lost when a customer leaves. Above 0; for single customers
    /// 0 is allowed, meaning that nothing is lost.
    pub clv: PerCustomer<'a>,
    /// Cost of the incentive when a customer takes it; 0 or more and, if both are the same for all,
    /// at most `clv`.
    pub incentive_cost: PerCustomer<'a>,
    /// Cost of contacting a customer, whatever the customer does; 0 or more, with the same bound.
    pub contact_cost: PerCustomer<'a>,
    /// The share of contacted churners who accept the offer.
    pub accept_rate: AcceptRate<'a>,
}

/// What contacting a customer earns: γ `kept` − `spent`, where γ is [`AcceptRate::factor`] or, if
/// the rate is not known, the rate itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Gain {
    pub(crate) kept: f64,
    pub(crate) spent: f64,
}

impl Economics<'_> {
    /// What contacting each customer earns, `y` telling who churns.
    pub(crate) fn gains(&self, y: &[bool]) -> Result<Vec<Gain>> {
        self.check(y.len())?;
        let gain = |(row, &churns): (usize, &bool)| {
            let (incentive, contact) = (self.incentive_cost.of(row), self.contact_cost.of(row));
            if !churns {
                return Gain { kept: 0.0, spent: incentive + contact };
            }
            let rate = match &self.accept_rate {
                AcceptRate::Known(rates) => rates.of(row),
                AcceptRate::Beta { .. } => 1.0,
            };
            Gain { kept: rate * (self.clv.of(row) - incentive), spent: contact }
        };
        Ok(y.iter().enumerate().map(gain).collect())
    }

    fn check(&self, n: usize) -> Result<()> {
        let money = |value: f64| (0.0..=MOST).contains(&value);
        match self.clv {
            PerCustomer::All(_) => {
                self.clv.check("clv", n, "above 0, at most 1e100", |v| v > 0.0 && money(v))?;
            }
            PerCustomer::Each(_) => self.clv.check("clv", n, "from 0 to 1e100", money)?,
        }
        for (name, cost) in
            [("incentive_cost", self.incentive_cost), ("contact_cost", self.contact_cost)]
        {
            cost.check(name, n, "from 0 to 1e100", money)?;
            if let (PerCustomer::All(cost), PerCustomer::All(clv)) = (cost, self.clv)
                && cost > clv
            {
                let expected = format!("at most clv, {clv}, for more could never pay");
                return Err(Error::argument(name, cost, expected));
            }
        }
        self.accept_rate.check(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: Economics<'_> = Economics {
        clv: PerCustomer::All(200.0),
        incentive_cost: PerCustomer::All(10.0),
        contact_cost: PerCustomer::All(1.0),
        accept_rate: AcceptRate::Known(PerCustomer::All(0.3)),
    };

    fn message(economics: Economics<'_>) -> String {
        economics.gains(&[true, false]).unwrap_err().to_string()
    }

    #[test]
    fn figures_out_of_range_are_named_with_their_index() {
        let each = [5.0, f64::NAN];
        let negative = [5.0, -1.0];
        let rates = [0.5, 1.5];
        for (economics, expected) in [
            (Economics { clv: 0.0.into(), ..GOOD }, "clv: expected above 0"),
            (Economics { clv: (-3.0).into(), ..GOOD }, "clv: … got -3"),
            (Economics { clv: f64::INFINITY.into(), ..GOOD }, "clv: … got inf"),
            (Economics { clv: each[..].into(), ..GOOD }, "clv: … got NaN at index 1"),
            (Economics { clv: negative[..].into(), ..GOOD }, "clv: … got -1 at index 1"),
            (Economics { incentive_cost: (-1.0).into(), ..GOOD }, "incentive_cost: … got -1"),
            (Economics { incentive_cost: 201.0.into(), ..GOOD }, "at most clv, 200"),
            (Economics { contact_cost: f64::NAN.into(), ..GOOD }, "contact_cost: … got NaN"),
            (
                Economics { contact_cost: negative[..].into(), ..GOOD },
                "contact_cost: … got -1 at index 1",
            ),
            (Economics { contact_cost: 200.1.into(), ..GOOD }, "at most clv, 200"),
            (Economics { accept_rate: 1.1.into(), ..GOOD }, "accept_rate: … got 1.1"),
            (Economics { accept_rate: f64::NAN.into(), ..GOOD }, "accept_rate: … got NaN"),
            (
                Economics { accept_rate: rates[..].into(), ..GOOD },
                "accept_rate: … got 1.5 at index 1",
            ),
            (
                Economics { accept_rate: AcceptRate::Beta { alpha: 0.0, beta: 1.0 }, ..GOOD },
                "alpha: expected from 0.001 to 1,000,000",
            ),
            (
                Economics { accept_rate: AcceptRate::Beta { alpha: 1.0, beta: 1e7 }, ..GOOD },
                "beta: … got 10000000",
            ),
            (
                Economics { accept_rate: AcceptRate::Beta { alpha: f64::NAN, beta: 1.0 }, ..GOOD },
                "alpha: … got NaN",
            ),
        ] {
            let message = message(economics);
            let (start, end) = expected.split_once('…').unwrap_or((expected, ""));
            assert!(message.contains(start) && message.ends_with(end), "{message}");
        }
    }

    #[test]
    fn figures_of_each_customer_are_as_many_as_the_outcomes() {
        for economics in [
            Economics { clv: [5.0][..].into(), ..GOOD },
            Economics { incentive_cost: [5.0; 3][..].into(), ..GOOD },
            Economics { contact_cost: [][..].into(), ..GOOD },
            Economics { accept_rate: [0.5; 3][..].into(), ..GOOD },
        ] {
            assert!(matches!(economics.gains(&[true, false]), Err(Error::Shape(_))));
        }
    }

    #[test]
    fn single_customers_may_be_worth_nothing_or_less_than_the_offer() {
        let economics = Economics { clv: [0.0, 4.0][..].into(), ..GOOD };
        let gains = economics.gains(&[true, true]).unwrap();
        assert_eq!((gains[0].kept, gains[0].spent), (0.3 * -10.0, 1.0));
        assert_eq!((gains[1].kept, gains[1].spent), (0.3 * -6.0, 1.0));
    }

    #[test]
    fn gains_follow_from_the_outcome() {
        let gains = GOOD.gains(&[true, false]).unwrap();
        assert_eq!((gains[0].kept, gains[0].spent), (0.3 * 190.0, 1.0));
        assert_eq!((gains[1].kept, gains[1].spent), (0.0, 11.0));
        let unknown = AcceptRate::Beta { alpha: 6.0, beta: 14.0 };
        let gains = Economics { accept_rate: unknown, ..GOOD }.gains(&[true]).unwrap();
        assert_eq!((gains[0].kept, gains[0].spent), (190.0, 1.0));
        assert_eq!(unknown.factor(), 0.3);
    }
}
