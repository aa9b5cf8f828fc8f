//! The solver for wide tables: linfa's L-BFGS, with its result checked.

use linfa::DatasetBase;
use linfa::traits::Fit;
use linfa_logistic::LogisticRegression;
use ndarray::{Array1, Array2};

use super::newton::{DEPENDENT, Optimum, SEPARATED, max_abs, newton_step, separable};
use super::objective::{evaluate, largest_move};
use super::table::Table;
use crate::error::{Error, Result};
use crate::models::cholesky::Cholesky;

/// Above this many columns `auto` takes L-BFGS, which forms no matrix of columns × columns.
/// Measured on standard normal columns: Newton takes half the time of L-BFGS at 300 columns (5,000
/// rows), the same at 1,000 (5,000 and 20,000 rows) and twice the time at 2,000 (3,000 rows).
pub(super) const WIDE: usize = 1000;

/// Largest component of the gradient that is accepted, for columns of about unit deviation and
/// the loss of one average row. The line search can't do much better: it compares losses.
pub(super) const GRADIENT: f64 = 1e-6;

/// Fits with linfa, orients the result and checks that it is an optimum.
pub(super) fn lbfgs(table: &Table<'_>, c: f64, tol: f64, max_iter: usize) -> Result<Optimum> {
    let tolerance = tol.max(GRADIENT);
    // linfa has one penalty for all columns: scaling them is possible only without one.
    let scaled: Vec<f64> =
        table.columns.iter().map(|col| if table.penalised { 1.0 } else { col.factor }).collect();
    let mut records = Array2::zeros((table.rows(), table.columns.len()));
    for ((mut to, column), factor) in
        records.columns_mut().into_iter().zip(&table.columns).zip(&scaled)
    {
        let from = table.x();
        to.iter_mut()
            .zip(from.column(column.source))
            .for_each(|(to, from)| *to = (from - column.centre) * factor);
    }
    // linfa sums over rows and stops by the norm: aim ten times below what is checked afterwards.
    let steepest = (table.columns.iter().zip(&scaled))
        .map(|(column, scaled)| column.factor / scaled)
        .fold(f64::from(u8::from(table.intercept)), f64::max);
    let rows = table.rows() as f64;
    // linfa minimises Σ loss + ½ alpha |w|²; equal weights multiply the loss.
    let alpha = if table.penalised { rows / (c * table.total_weight) } else { 0.0 };
    let aim = 0.1 * tolerance * rows / steepest;
    let model = LogisticRegression::default()
        .alpha(alpha)
        .with_intercept(table.intercept)
        .max_iterations(max_iter as u64)
        .gradient_tolerance(aim.clamp(f64::MIN_POSITIVE, f64::MAX))
        .fit(&DatasetBase::new(records, Array1::from(table.labels().to_vec())))
        .map_err(|e| not_converged(&e.to_string()))?;

    // linfa calls the more frequent class positive, whatever its label.
    let sign = if model.labels().pos.class { 1.0 } else { -1.0 };
    let intercept = table.intercept.then(|| sign * model.intercept());
    let point: Vec<f64> = intercept
        .into_iter()
        .chain(
            (model.params().iter().zip(&table.columns).zip(&scaled))
                .map(|((w, column), scaled)| sign * w * (scaled / column.factor)),
        )
        .collect();
    check(table, point, tolerance)
}

fn check(table: &Table<'_>, point: Vec<f64>, tolerance: f64) -> Result<Optimum> {
    let with_hessian = table.columns.len() <= WIDE;
    let here = evaluate(table, &point, with_hessian, 1);
    let steepest = max_abs(&here.gradient);
    // A NaN among the gradient's parts makes the value one too.
    if steepest > tolerance || !here.value.is_finite() {
        return Err(not_converged(&format!("the gradient is {steepest:.1e} where it stopped")));
    }
    let mut factor = None;
    if with_hessian {
        let hessian = Cholesky::new(here.hessian.clone(), point.len(), DEPENDENT);
        let step = newton_step(&hessian, &here);
        // Along a direction that separates, the gradient vanishes while Newton's step keeps moving
        // the separated rows by about 1.
        if !table.penalised && largest_move(table, &step) > SEPARATED {
            return Err(separable());
        }
        factor = hessian.dependent.is_empty().then_some(hessian);
    }
    Ok(Optimum { point, log_loss: here.log_loss, factor, iterations: None, converged: true })
}

fn not_converged(why: &str) -> Error {
    Error::NotConverged(format!(
        "lbfgs: {why}; standardise the columns, raise max_iter, or use newton-cholesky"
    ))
}
