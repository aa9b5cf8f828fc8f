//! Regressions with few columns: a mean adjusted for covariates, and how much a logit gains by them.

use super::exact_sum::exact_sum;
use super::means::Mean;

/// Less of a column's variance than this, left over by the columns before it, is rounding.
const LEAST_PIVOT: f64 = 1e-10;

/// The mean outcome that an arm would have if its customers had the covariates 0, by a regression of
/// the arm's own on the covariates; its variance is robust (HC2).
///
/// Of two arms with covariates that are centred at their common mean, the difference is Lin's (2013)
/// estimate with full interactions. None of an arm with no more customers than columns.
pub(crate) fn adjusted_mean(covariates: &[Vec<f64>], outcomes: &[f64]) -> Option<Mean> {
    let n = outcomes.len();
    if n < covariates.len() + 3 {
        return None;
    }
    let fit = MeanFit::new(covariates, outcomes);
    let squares = (0..n).map(|i| {
        let Row { influence, left, leverage } = fit.row(i);
        let free = 1.0 - leverage;
        // A customer who alone has a covariate is fitted exactly, and tells nothing.
        if free < 1e-9 { 0.0 } else { influence * influence * left * left / free }
    });
    let squares: Vec<f64> = squares.collect();
    Some(Mean {
        mean: fit.coefficients[0],
        variance: exact_sum(squares),
        degrees: (n - fit.rows.width()) as f64,
    })
}

/// The same mean, what each row adds to its error, and the number of columns that are no sums of the
/// others. None of no more rows than columns.
pub(crate) fn mean_influences(
    covariates: &[Vec<f64>],
    outcomes: &[f64],
) -> Option<(f64, Vec<f64>, usize)> {
    let n = outcomes.len();
    if n < covariates.len() + 2 {
        return None;
    }
    let fit = MeanFit::new(covariates, outcomes);
    let own = |i: usize| {
        let Row { influence, left, .. } = fit.row(i);
        influence * left
    };
    Some((fit.coefficients[0], (0..n).map(own).collect(), rank(&fit.inverse)))
}

/// A regression of outcomes on covariates.
struct MeanFit<'a> {
    rows: Rows<'a>,
    outcomes: &'a [f64],
    inverse: Vec<Vec<f64>>,
    coefficients: Vec<f64>,
}

/// A row of it.
struct Row {
    /// How much the mean moves with its outcome.
    influence: f64,
    /// What the regression leaves of its outcome.
    left: f64,
    leverage: f64,
}

impl<'a> MeanFit<'a> {
    fn new(covariates: &'a [Vec<f64>], outcomes: &'a [f64]) -> Self {
        let n = outcomes.len();
        let rows = Rows { covariates, n };
        let inverse = inverse(&rows.gram(|_| 1.0));
        let moment: Vec<f64> = (0..rows.width())
            .map(|j| exact_sum((0..n).map(|i| rows.value(i, j) * outcomes[i])))
            .collect();
        let coefficients = times(&inverse, &moment);
        MeanFit { rows, outcomes, inverse, coefficients }
    }

    fn row(&self, i: usize) -> Row {
        let x: Vec<f64> = (0..self.rows.width()).map(|j| self.rows.value(i, j)).collect();
        let influences = times(&self.inverse, &x);
        Row {
            influence: influences[0],
            left: self.outcomes[i] - dot(&x, &self.coefficients),
            leverage: dot(&x, &influences),
        }
    }
}

/// The number of columns that are no sums of the others.
fn rank(inverse: &[Vec<f64>]) -> usize {
    inverse.iter().enumerate().filter(|(j, row)| row[*j] > 0.0).count()
}

/// Twice the gain in log-likelihood that these columns give a logistic regression over its intercept
/// alone, and the number of columns that are no sums of the others. By Newton's method.
pub(crate) fn log_odds_gain(covariates: &[Vec<f64>], is_one: &[bool]) -> (f64, usize) {
    let n = is_one.len();
    let rows = Rows { covariates, n };
    let ones = is_one.iter().filter(|&&one| one).count() as f64;
    let base = (ones / (n as f64 - ones)).ln();
    let mut coefficients = vec![0.0; rows.width()];
    coefficients[0] = base;
    let score = |coefficients: &[f64], i: usize| -> f64 {
        (0..rows.width()).map(|j| rows.value(i, j) * coefficients[j]).sum()
    };
    let likelihood = |coefficients: &[f64]| {
        let term = |i: usize| {
            let score = score(coefficients, i);
            let signed = if is_one[i] { -score } else { score };
            -(signed.max(0.0) + (-signed.abs()).exp().ln_1p())
        };
        exact_sum((0..n).map(term))
    };
    let start = likelihood(&coefficients);
    let mut best = start;
    let rank = rank(&inverse(&rows.gram(|_| 1.0)));
    for _ in 0..50 {
        let chances: Vec<f64> =
            (0..n).map(|i| 1.0 / (1.0 + (-score(&coefficients, i)).exp())).collect();
        let gradient: Vec<f64> = (0..rows.width())
            .map(|j| {
                exact_sum(
                    (0..n)
                        .map(|i| rows.value(i, j) * (f64::from(u8::from(is_one[i])) - chances[i])),
                )
            })
            .collect();
        let step = times(&inverse(&rows.gram(|i| chances[i] * (1.0 - chances[i]))), &gradient);
        let mut scale = 1.0;
        let (next, found) = loop {
            let next: Vec<f64> =
                coefficients.iter().zip(&step).map(|(own, step)| own + scale * step).collect();
            let found = likelihood(&next);
            if found >= best || scale < 1e-6 {
                break (next, found);
            }
            scale /= 2.0;
        };
        let gain = found - best;
        if gain > 0.0 {
            (coefficients, best) = (next, found);
        }
        if gain <= 1e-10 * (1.0 + best.abs()) {
            break;
        }
    }
    (2.0 * (best - start), rank.saturating_sub(1))
}

/// The rows of a regression: 1 and the covariates.
#[derive(Clone, Copy)]
struct Rows<'a> {
    covariates: &'a [Vec<f64>],
    n: usize,
}

impl Rows<'_> {
    fn width(&self) -> usize {
        self.covariates.len() + 1
    }

    fn value(&self, row: usize, column: usize) -> f64 {
        column.checked_sub(1).map_or(1.0, |column| self.covariates[column][row])
    }

    fn gram(&self, weight: impl Fn(usize) -> f64) -> Vec<Vec<f64>> {
        let sum = |a: usize, b: usize| {
            exact_sum((0..self.n).map(|i| weight(i) * self.value(i, a) * self.value(i, b)))
        };
        let lower: Vec<Vec<f64>> =
            (0..self.width()).map(|a| (0..=a).map(|b| sum(a, b)).collect()).collect();
        let row = |a: usize| (0..self.width()).map(|b| lower[a.max(b)][a.min(b)]).collect();
        (0..self.width()).map(row).collect()
    }
}

/// The inverse of a symmetric matrix that is nowhere negative, by Cholesky's method; rows and columns
/// that the ones before them make up are 0, which leaves their covariates out.
fn inverse(matrix: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let width = matrix.len();
    let mut lower = vec![vec![0.0; width]; width];
    let mut is_kept = vec![true; width];
    for j in 0..width {
        let own = matrix[j][j] - dot(&lower[j][..j], &lower[j][..j]);
        if own <= LEAST_PIVOT * matrix[j][j] || own <= 0.0 {
            is_kept[j] = false;
            lower[j].fill(0.0);
            continue;
        }
        lower[j][j] = own.sqrt();
        for i in j + 1..width {
            lower[i][j] = (matrix[i][j] - dot(&lower[i][..j], &lower[j][..j])) / lower[j][j];
        }
    }
    let mut inverse = vec![vec![0.0; width]; width];
    for column in (0..width).filter(|&column| is_kept[column]) {
        let mut x = vec![0.0; width];
        for i in (0..width).filter(|&i| is_kept[i]) {
            let target = f64::from(u8::from(i == column));
            x[i] = (target - dot(&lower[i][..i], &x[..i])) / lower[i][i];
        }
        for i in (0..width).rev().filter(|&i| is_kept[i]) {
            let above: f64 = (i + 1..width).map(|k| lower[k][i] * x[k]).sum();
            x[i] = (x[i] - above) / lower[i][i];
        }
        for (i, value) in x.into_iter().enumerate() {
            inverse[i][column] = value;
        }
    }
    inverse
}

fn times(matrix: &[Vec<f64>], vector: &[f64]) -> Vec<f64> {
    matrix.iter().map(|row| dot(row, vector)).collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use proptest::prelude::*;

    use super::*;

    /// Of numpy 2.2.6: the intercept of `lstsq` and its variance by the formula of HC2.
    #[test]
    fn an_adjusted_mean_by_numpy() {
        let x = vec![
            vec![-2.0, -1.0, 0.5, 1.0, 3.0, 0.0, -0.5],
            vec![1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 1.0],
        ];
        let y = [1.0, 2.5, 2.0, 4.0, 7.5, 3.0, 1.5];
        let found = adjusted_mean(&x, &y).unwrap();
        assert_relative_eq!(found.mean, 2.9748784440842773, max_relative = 1e-12);
        assert_relative_eq!(found.variance, 0.8658905313699973, max_relative = 1e-11);
        // A column that is there twice changes nothing but the degrees of freedom.
        let twice = vec![x[0].clone(), x[1].clone(), x[0].clone()];
        let again = adjusted_mean(&twice, &y).unwrap();
        assert_relative_eq!(again.mean, found.mean, max_relative = 1e-12);
        assert_relative_eq!(again.variance, found.variance, max_relative = 1e-11);
        assert_eq!(adjusted_mean(&x, &y[..4]), None);
    }

    /// Without covariates it is the mean, and HC2 its usual variance.
    #[test]
    fn without_covariates_it_is_the_mean() {
        let y = [1.0, 4.0, 7.5, 2.0];
        let (found, expected) = (adjusted_mean(&[], &y).unwrap(), Mean::of(y.iter().copied()));
        assert_relative_eq!(found.mean, expected.mean, max_relative = 1e-14);
        assert_relative_eq!(found.variance, expected.variance, max_relative = 1e-12);
    }

    /// Of one yes-or-no column the gain is that of a table of four, in closed form.
    #[test]
    fn the_gain_of_a_table_of_four() {
        let mut x = vec![1.0; 60];
        x.resize(100, 0.0);
        let mut y: Vec<bool> = (0..60).map(|i| i < 40).collect();
        y.extend((0..40).map(|i| i < 12));
        let term = |k: f64, n: f64| k * (k / n).ln();
        let all = term(40.0, 60.0) + term(20.0, 60.0) + term(12.0, 40.0) + term(28.0, 40.0)
            - term(52.0, 100.0)
            - term(48.0, 100.0);
        let (gain, columns) = log_odds_gain(&[x.clone(), x.iter().map(|v| 1.0 - v).collect()], &y);
        assert_relative_eq!(gain, 2.0 * all, max_relative = 1e-9);
        assert_eq!(columns, 1);
    }

    proptest! {
        #[test]
        fn prop_outcomes_on_a_plane_are_fitted_exactly(a in -5.0..5.0f64, b in -3.0..3.0f64, x in prop::collection::vec(-10.0..10.0f64, 6..30)) {
            let y: Vec<f64> = x.iter().map(|x| a + b * x).collect();
            let found = adjusted_mean(&[x], &y).unwrap();
            prop_assert!((found.mean - a).abs() < 1e-9 && found.variance < 1e-15);
        }
    }
}
