//! The Pareto/NBD model.

use super::buyers::Buyers;
use super::pareto_kernel::ParetoKernel;
use super::purchase_model::{FittedPurchaseModel, Process};
use crate::answer::options::options;
use crate::error::Result;

options! {
    /// The Pareto/NBD model of Schmittlein, Morrison and Colombo (1987, "Counting your customers: who
    /// are they and what will they do next?", Management Science 33, 1-24).
    ///
    /// While they are customers, they buy at random with a rate of their own, which over the
    /// customers has a gamma distribution with the shape r and the rate alpha. They leave at any time,
    /// with a rate of their own that has a gamma distribution with s and beta.
    ///
    /// ```
    /// use winback::timing::{Buyers, ParetoNBD};
    /// let frequency = [0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 2.0, 3.0, 5.0, 8.0];
    /// let recency = [0.0, 0.0, 0.0, 0.0, 3.0, 20.0, 12.0, 31.0, 17.0, 30.0];
    /// let buyers = Buyers::new(&frequency, &recency, &[35.0; 10])?;
    /// let model = ParetoNBD::default().penalty(0.01).fit(&buyers)?;
    /// assert!(model.estimates().converged());
    /// assert!(model.p_alive(buyers.rows()[9]) > model.p_alive(buyers.rows()[8]));
    /// # Ok::<(), winback::Error>(())
    /// ```
    pub struct ParetoNBD {
        /// Draws the parameters towards 0: the mean log-likelihood of a customer is lessened by so
        /// many times the sum of their squares, alpha and beta in units of the longest T. 0 or more
        #[skip(cli)]
        penalty: f64 = 0.0,
    }
}

impl ParetoNBD {
    /// Fits r, alpha, s and beta by maximum likelihood: Newton's method in their logarithms.
    ///
    /// # Errors
    /// [`Error::TooLittleData`](crate::Error::TooLittleData) where nobody bought again,
    /// [`Error::Argument`](crate::Error::Argument) for a penalty below 0.
    pub fn fit(&self, buyers: &Buyers) -> Result<FittedPurchaseModel> {
        let process = Process::Pareto(ParetoKernel { at: [1.0; 4] });
        FittedPurchaseModel::fit(process, self.penalty, buyers)
    }

    /// The model with known parameters r, alpha, s and beta.
    ///
    /// # Errors
    /// [`Error::Argument`](crate::Error::Argument) for a parameter that is not from 1e-100 to 1e100.
    pub fn with_params(&self, params: [f64; 4]) -> Result<FittedPurchaseModel> {
        FittedPurchaseModel::known(Process::Pareto(ParetoKernel { at: params }))
    }
}
