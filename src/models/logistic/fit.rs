//! The fit of a logistic regression, by the solver that suits the table.

use ndarray::ArrayView2;

use super::lbfgs::{self, WIDE};
use super::newton;
use super::table::Table;
use super::{FittedLogistic, Logistic, Solver};
use crate::error::{Error, Result};
use crate::progress::Stop;

impl Logistic {
    /// Fits to the rows of `x` (rows × columns, any memory layout), where `y` says yes or no.
    ///
    /// `weights` counts row i `weights[i]` times; a row of weight 0 is ignored. The result is
    /// bit-identical on any number of threads.
    ///
    /// A column with a single value gets the coefficient 0. With `c` infinite, a column that is a
    /// combination of columns before it also gets 0 and is listed by [`FittedLogistic::aliased`],
    /// as in R's `glm`.
    ///
    /// # Errors
    /// - [`Error::Argument`]: see [`Logistic::validate`]; a weight that is negative or not finite,
    ///   weights that are all 0, unequal weights with `lbfgs`.
    /// - [`Error::Shape`]: lengths differ, or `x` holds a value that is NaN, infinite or beyond
    ///   1e306.
    /// - [`Error::TooLittleData`]: no rows, or rows of one class only.
    /// - [`Error::NotConverged`]: the classes are separable and `c` is infinite; or `max_iter` was
    ///   reached. A Newton fit that stopped within 1e-5 of the optimum (the measure of `tol`) is
    ///   returned, with [`FittedLogistic::converged`] false.
    pub fn fit_weighted(
        &self,
        x: ArrayView2<'_, f64>,
        y: &[bool],
        weights: Option<&[f64]>,
    ) -> Result<FittedLogistic> {
        self.fit_stoppable(x, y, weights, Stop::NEVER)
    }

    /// As [`Logistic::fit_weighted`], until `go_on`, which is called often and from any thread,
    /// returns false; the steps of `lbfgs` are linfa's and cannot be interrupted.
    ///
    /// # Errors
    /// As [`Logistic::fit_weighted`], and [`Error::Interrupted`] once `go_on` has returned false.
    ///
    /// ```
    /// use ndarray::array;
    /// use winback::{Error, models::Logistic};
    ///
    /// let (x, y) = (array![[1.0], [2.0]], [false, true]);
    /// let stopped = Logistic::default().fit_while(x.view(), &y, None, &|| false);
    /// assert!(matches!(stopped, Err(Error::Interrupted)));
    /// ```
    pub fn fit_while(
        &self,
        x: ArrayView2<'_, f64>,
        y: &[bool],
        weights: Option<&[f64]>,
        go_on: &(dyn Fn() -> bool + Sync),
    ) -> Result<FittedLogistic> {
        self.fit_stoppable(x, y, weights, Stop::unless(go_on))
    }

    fn fit_stoppable(
        &self,
        x: ArrayView2<'_, f64>,
        y: &[bool],
        weights: Option<&[f64]>,
        stop: Stop<'_>,
    ) -> Result<FittedLogistic> {
        self.validate()?;
        let mut table = Table::new(x.reborrow(), y, weights, self.fit_intercept, self.c)?;
        table.stop = stop;
        let solver = self.choose(&table)?;
        let aliased = if table.penalised { Vec::new() } else { newton::drop_dependent(&mut table) };
        let optimum = match solver {
            Solver::Lbfgs => lbfgs::lbfgs(&table, self.c, self.tol, self.max_iter),
            _ => newton::newton(&table, self.tol, self.max_iter),
        };
        // First, for sums that were not finished have no optimum.
        stop.check()?;
        FittedLogistic::new(&table, &optimum?, solver, aliased)
    }

    fn choose(&self, table: &Table<'_>) -> Result<Solver> {
        let wide = table.columns.len() > WIDE;
        match self.solver {
            Solver::Auto if wide && table.penalised && !table.weights_differ() => Ok(Solver::Lbfgs),
            Solver::Auto => Ok(Solver::NewtonCholesky),
            Solver::Lbfgs if table.weights_differ() => Err(Error::argument(
                "solver",
                self.solver,
                "newton-cholesky or auto where rows have unequal weights",
            )),
            Solver::Lbfgs if wide && !table.penalised => Err(Error::argument(
                "c",
                self.c,
                format!("a finite number for lbfgs with more than {WIDE} columns"),
            )),
            solver => Ok(solver),
        }
    }
}
