//! A test with a control arm, as it is given.

use ndarray::{ArrayView2, Axis};

use super::sample::Sample;
use crate::campaign::balance::ratio_test;
use crate::error::{Error, Result, number};
use crate::hash;
use crate::log::{CustomerId, IdSlice, grouped};
use crate::progress::Stop;
use crate::stats::LEAST_RATIO_P_VALUE;

/// More arms than anyone tests at once.
const MOST_ARMS: usize = 100;

/// The chance of each customer to be in each arm.
#[derive(Debug, Clone, Copy)]
pub enum Propensity<'a> {
    /// The arms' shares of the customers: all had the same chance.
    Shares,
    /// As planned, the same for all: one for each arm, summing to 1.
    Known(&'a [f64]),
    /// Of each customer, customers × arms; each row sums to 1.
    Each(ArrayView2<'a, f64>),
    /// Not known: learned from the columns, by logistic regressions that have not seen the customer.
    /// What differs between the arms and is in no column is taken for the effect.
    Estimated,
}

/// Customers of a test with a control arm: what was known of them before, in which arm they were, and
/// what came of it.
#[derive(Debug, Clone)]
pub struct Trial<'a> {
    /// What was known before the test, customers × columns.
    pub x: ArrayView2<'a, f64>,
    /// The arm of each customer, as its place in `arms`.
    pub arm: &'a [u32],
    /// The names of the arms, that of the control first.
    pub arms: &'a [&'a str],
    /// Outcomes: yes or no as 1 and 0, or amounts.
    pub y: &'a [f64],
    /// The chances of the arms.
    pub propensity: Propensity<'a>,
    /// Ids, by which customers are divided into parts, so that rows of one are in one part and the order
    /// of the rows does not matter; by default each row is a customer, known by its number.
    pub customer_ids: Option<IdSlice<'a>>,
}

impl Trial<'_> {
    /// The customers, checked.
    pub(super) fn sample<'a>(&self, takes_gaps: bool, stop: Stop<'a>) -> Result<Sample<'a>> {
        let n = self.x.nrows();
        for (name, given) in [("treatment", self.arm.len()), ("y", self.y.len())] {
            if given != n {
                return Err(Error::Shape(format!(
                    "X has {n} rows, {name} has {given} values; they must be the same number"
                )));
            }
        }
        if self.x.ncols() == 0 {
            return Err(Error::Shape("X has no columns".to_owned()));
        }
        check_columns(self.x, takes_gaps)?;
        if let Some(i) = self.y.iter().position(|y| !(-1e100..=1e100).contains(y)) {
            let got = format!("{} at index {i}", self.y[i]);
            return Err(Error::argument("y", got, "finite outcomes, of at most 1e100"));
        }
        self.check_arms()?;
        Ok(Sample {
            // By rows, so that sums do not depend on how it lies in memory.
            x: self.x.as_standard_layout().into_owned(),
            arm: self.arm.to_vec(),
            y: self.y.to_vec(),
            propensity: self.propensities()?,
            key: self.keys(n)?,
            arms: self.arms.len(),
            is_yes_or_no: self.y.iter().all(|&y| y == 0.0 || y == 1.0),
            stop,
        })
    }

    fn check_arms(&self) -> Result<()> {
        if !(2..=MOST_ARMS).contains(&self.arms.len()) {
            let expected = format!("the control and 1 to {} other arms", MOST_ARMS - 1);
            return Err(Error::argument("treatment", self.arms.len(), expected));
        }
        let mut counts = vec![0_u64; self.arms.len()];
        for &arm in self.arm {
            match counts.get_mut(arm as usize) {
                Some(count) => *count += 1,
                None => {
                    let expected = format!("arms from 0 to {}", self.arms.len() - 1);
                    return Err(Error::argument("treatment", arm, expected));
                }
            }
        }
        match counts.iter().position(|&count| count == 0) {
            Some(arm) => {
                Err(Error::TooLittleData(format!("arm {} has no customers", self.arms[arm])))
            }
            None => Ok(()),
        }
    }

    /// Refuses chances by which arms of these sizes are not drawn.
    fn check_ratio(&self, chances: &[f64]) -> Result<()> {
        let mut sizes = vec![0_u64; self.arms.len()];
        self.arm.iter().for_each(|&arm| sizes[arm as usize] += 1);
        let (_, p_value) = ratio_test(&sizes, chances);
        if p_value >= LEAST_RATIO_P_VALUE {
            return Ok(());
        }
        let sizes: Vec<String> = sizes.iter().map(|&size| grouped(size)).collect();
        let got: Vec<String> = chances.iter().map(|&p| number(p)).collect();
        Err(Error::argument(
            "propensity",
            got.join(", "),
            format!(
                "the chances by which arms of {} customers were drawn (sample-ratio mismatch)",
                sizes.join(", ")
            ),
        ))
    }

    /// One for each customer and arm.
    fn propensities(&self) -> Result<Vec<f64>> {
        let (n, arms) = (self.arm.len(), self.arms.len());
        let expected = "chances above 0 that sum to 1, one for each arm";
        let is_usable = |row: &[f64]| {
            row.len() == arms
                && row.iter().all(|&p| p > 0.0 && p < 1.0)
                && (row.iter().sum::<f64>() - 1.0).abs() < 1e-6
        };
        let of_all = |row: &[f64]| row.repeat(n);
        match self.propensity {
            // Estimated ones are put in their place.
            Propensity::Shares | Propensity::Estimated => {
                let share = |arm: usize| {
                    self.arm.iter().filter(|&&own| own as usize == arm).count() as f64 / n as f64
                };
                Ok(of_all(&(0..arms).map(share).collect::<Vec<f64>>()))
            }
            Propensity::Known(chances) if is_usable(chances) => {
                self.check_ratio(chances)?;
                Ok(of_all(chances))
            }
            Propensity::Known(chances) => {
                let got: Vec<String> = chances.iter().map(|&p| number(p)).collect();
                Err(Error::argument("propensity", got.join(", "), expected))
            }
            Propensity::Each(chances) if chances.dim() == (n, arms) => {
                let rows = chances.axis_iter(Axis(0)).map(|row| row.to_vec());
                let rows: Vec<Vec<f64>> = rows.collect();
                match rows.iter().position(|row| !is_usable(row)) {
                    Some(i) => {
                        let got: Vec<String> = rows[i].iter().map(|&p| number(p)).collect();
                        let got = format!("{} in row {i}", got.join(", "));
                        Err(Error::argument("propensity", got, expected))
                    }
                    None => Ok(rows.concat()),
                }
            }
            Propensity::Each(chances) => {
                let (rows, columns) = chances.dim();
                Err(Error::Shape(format!(
                    "propensity has {rows} rows and {columns} columns; {n} customers have {arms} arms"
                )))
            }
        }
    }

    /// Numbers of the customers that divide them into parts.
    fn keys(&self, n: usize) -> Result<Vec<u64>> {
        let Some(ids) = self.customer_ids else {
            return Ok((0..n as u64).map(hash::draw).collect());
        };
        let keys: Option<Vec<u64>> =
            ids.all().map(|ids| ids.into_iter().map(CustomerId::key).collect());
        match keys {
            Some(keys) if keys.len() == n => Ok(keys),
            Some(keys) => Err(Error::Shape(format!(
                "X has {n} rows, customer_ids has {} values; they must be the same number",
                keys.len()
            ))),
            None => Err(Error::missing_argument("customer_ids", "an id in every row")),
        }
    }
}

/// Columns of numbers: with regressions finite ones, with trees maybe missing.
pub(super) fn check_columns(x: ArrayView2<'_, f64>, takes_gaps: bool) -> Result<()> {
    let usable = |value: f64| value.abs() <= 1e100 || (takes_gaps && value.is_nan());
    match x.indexed_iter().find(|(_, value)| !usable(**value)) {
        Some(((i, j), value)) => Err(Error::Shape(format!(
            "X[{i}, {j}] = {} (row and column from 0); {}",
            number(*value),
            match takes_gaps {
                true => "numbers up to 1e100 or missing values can be used",
                false => "regressions need finite numbers: fill what is missing, or take boosting",
            }
        ))),
        None => Ok(()),
    }
}
