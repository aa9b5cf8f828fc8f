//! What a fit found: parameters, how well the data tell them, and how the search ended.

use super::newton::{End, Optimum};
use crate::error::{Error, Result};
use crate::stats::Z95;

/// Parameters with their standard errors, and how the search for them ended.
///
/// ```
/// use winback::answer::Answer;
/// use winback::timing::{Buyers, ModifiedBetaGeo};
/// let frequency = [0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 2.0, 3.0, 5.0, 8.0];
/// let recency = [0.0, 0.0, 0.0, 0.0, 3.0, 20.0, 12.0, 31.0, 17.0, 30.0];
/// let buyers = Buyers::new(&frequency, &recency, &[35.0; 10])?;
/// let model = ModifiedBetaGeo::default().penalty(0.01).fit(&buyers)?;
/// let found = model.estimates();
/// assert_eq!(found.names(), ["r", "alpha", "a", "b"]);
/// assert!(found.converged() && found.standard_errors()[0].is_some());
/// assert_eq!(found.table("summary")?.num_rows(), 4);
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Estimates {
    pub(super) names: Vec<String>,
    pub(super) params: Vec<f64>,
    pub(super) standard_errors: Vec<Option<f64>>,
    /// Of the logarithms of all parameters; none where one of them has no standard error.
    #[serde(default)]
    pub(super) covariance: Option<Vec<Vec<f64>>>,
    pub(super) log_likelihood: Option<f64>,
    pub(super) customers: u64,
    pub(super) converged: bool,
    pub(super) remark: Option<String>,
}

impl Estimates {
    /// Adds a remark to those there are.
    pub(super) fn remark_too(&mut self, remark: String) {
        self.remark = Some(match self.remark.take() {
            Some(first) => format!("{first}; {remark}"),
            None => remark,
        });
    }

    /// Known parameters.
    ///
    /// # Errors
    /// [`Error::Argument`] for one that is not from 1e-100 to 1e100.
    pub(super) fn known(names: &[&'static str], params: &[f64]) -> Result<Self> {
        let known = Estimates {
            names: names.iter().map(|&name| name.to_owned()).collect(),
            params: params.to_vec(),
            standard_errors: vec![None; params.len()],
            covariance: None,
            log_likelihood: None,
            customers: 0,
            converged: true,
            remark: None,
        };
        known.check(names, params)?;
        Ok(known)
    }

    /// Whether they are of these parameters, all of which are in the range of what can be computed
    /// with.
    ///
    /// # Errors
    /// [`Error::Argument`] for the first that is not.
    pub(super) fn check(&self, names: &[&'static str], params: &[f64]) -> Result<()> {
        for (name, value) in names.iter().zip(params) {
            if !(1e-100..=1e100).contains(value) {
                return Err(Error::argument(name, value, "a number from 1e-100 to 1e100"));
            }
        }
        if self.names != names || self.params != params || self.standard_errors.len() != names.len()
        {
            return Err(Error::argument("params", self.names.join(", "), names.join(", ")));
        }
        let is_square = |rows: &Vec<Vec<f64>>| {
            rows.len() == names.len() && rows.iter().all(|row| row.len() == names.len())
        };
        if !self.covariance.as_ref().is_none_or(is_square) {
            return Err(Error::argument("covariance", "another shape", "a row a parameter"));
        }
        Ok(())
    }

    /// Found by a search among so many customers; `meaning` says what it means that a parameter runs
    /// to 0 or, where true, to infinity. `params` may be in other units than those of the search.
    pub(super) fn found<const N: usize>(
        names: &[&'static str; N],
        params: [f64; N],
        found: &Optimum<N>,
        (customers, log_likelihood): (u64, f64),
        meaning: impl Fn(usize, bool) -> String,
    ) -> Self {
        let covariance = found.covariance.filter(|_| found.end == End::Top);
        let relative = found.relative_errors(customers as f64);
        let errors = relative.iter().zip(&params);
        let standard_errors: Vec<Option<f64>> =
            errors.map(|(relative, value)| relative.map(|relative| relative * value)).collect();
        let remark = match found.end {
            End::RunsOff(place, up) => Some(meaning(place, up)),
            End::Stuck => Some("the search ended before the log-likelihood was flat".into()),
            End::Top if covariance.is_none() => {
                Some("the log-likelihood is flat, so that the parameters are not known".into())
            }
            End::Top => not_told(names, &standard_errors),
        };
        let all_known = standard_errors.iter().all(Option::is_some);
        let of_all =
            |row: [f64; N]| row.iter().map(|value| value / customers as f64).collect::<Vec<f64>>();
        Estimates {
            names: names.iter().map(|&name| name.to_owned()).collect(),
            params: params.to_vec(),
            covariance: covariance.filter(|_| all_known).map(|rows| rows.map(of_all).to_vec()),
            standard_errors,
            log_likelihood: Some(log_likelihood),
            customers,
            converged: covariance.is_some(),
            remark,
        }
    }

    /// Names of the parameters.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The parameters, in the order of their names.
    pub fn params(&self) -> &[f64] {
        &self.params
    }

    /// Their standard errors from the observed information. None for what the data do not tell:
    /// where the standard error would be larger than the parameter, and where the search did not
    /// converge.
    pub fn standard_errors(&self) -> &[Option<f64>] {
        &self.standard_errors
    }

    /// The covariance of the logarithms of the parameters, from the observed information. None where
    /// a parameter has no standard error.
    pub fn covariance(&self) -> Option<&[Vec<f64>]> {
        self.covariance.as_deref()
    }

    /// Their 95 % intervals, which are even on the scale of their logarithms.
    pub fn intervals(&self) -> Vec<Option<(f64, f64)>> {
        let ends = |(value, error): (&f64, &Option<f64>)| {
            let factor = (Z95 * (*error)? / value).exp();
            Some((value / factor, value * factor))
        };
        self.params.iter().zip(&self.standard_errors).map(ends).collect()
    }

    /// The log-likelihood of all customers, without the penalty; None for known parameters. Of
    /// regular purchases it includes the times between them.
    pub fn log_likelihood(&self) -> Option<f64> {
        self.log_likelihood
    }

    /// How many customers the model was fitted to; 0 for known parameters.
    pub fn customers(&self) -> u64 {
        self.customers
    }

    /// Whether the search ended at a top of the log-likelihood.
    pub fn converged(&self) -> bool {
        self.converged
    }

    /// Why it did not, or which parameters the data do not tell.
    pub fn remark(&self) -> Option<&str> {
        self.remark.as_deref()
    }
}

/// Which parameters have no standard error, of a search that converged.
fn not_told(names: &[&'static str], errors: &[Option<f64>]) -> Option<String> {
    let without = names.iter().zip(errors).filter(|(_, error)| error.is_none());
    let without: Vec<&str> = without.map(|(name, _)| *name).collect();
    (!without.is_empty()).then(|| {
        let names = without.join(", ");
        format!("the data do not tell {names}: standard errors would be larger than the values")
    })
}
