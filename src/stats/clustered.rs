//! Means of observations that belong together, as those of one household, or of one customer.

use super::exact_sum::ExactSum;
use super::least_squares::mean_influences;
use super::means::Mean;

/// The mean of an arm, and how much whole clusters move it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct ClusteredMean {
    mean: f64,
    /// Over clusters, the squares of what each adds to the mean.
    squares: f64,
    clusters: f64,
    rows: f64,
    /// Columns of the regression, the constant among them.
    columns: f64,
}

impl ClusteredMean {
    /// The mean that the arm would have if its rows had the covariates 0, as
    /// [`adjusted_mean`](super::adjusted_mean); without covariates it is the mean. `cluster` is the
    /// number of each row's cluster. None of an arm with no more rows than columns.
    pub(crate) fn of(covariates: &[Vec<f64>], outcomes: &[f64], cluster: &[u32]) -> Option<Self> {
        let (mean, influences, columns) = mean_influences(covariates, outcomes)?;
        let mut order: Vec<usize> = (0..cluster.len()).collect();
        order.sort_unstable_by_key(|&row| cluster[row]);
        let (mut squares, mut clusters) = (ExactSum::default(), 0.0);
        for own in order.chunk_by(|&a, &b| cluster[a] == cluster[b]) {
            let sum: ExactSum = own.iter().map(|&row| influences[row]).collect();
            squares.add(sum.value() * sum.value());
            clusters += 1.0;
        }
        let rows = outcomes.len() as f64;
        Some(ClusteredMean {
            mean,
            squares: squares.value(),
            clusters,
            rows,
            columns: columns as f64,
        })
    }

    pub(crate) fn clusters(&self) -> f64 {
        self.clusters
    }

    /// The means of two arms, none of whose clusters is in both, and the degrees of freedom of their
    /// difference: clusters − 1. Variances are those of Liang and Zeger (1986), enlarged for few
    /// clusters as by Stata and statsmodels: × G / (G − 1) × (N − 1) / (N − K).
    pub(crate) fn pair(one: Self, zero: Self) -> (Mean, Mean, f64) {
        let (g, n) = (one.clusters + zero.clusters, one.rows + zero.rows);
        let factor = g / (g - 1.0) * (n - 1.0) / (n - one.columns - zero.columns);
        let mean = |of: Self| Mean {
            mean: of.mean,
            variance: factor * of.squares,
            degrees: of.clusters - 1.0,
        };
        (mean(one), mean(zero), g - 1.0)
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use proptest::prelude::*;

    use super::super::means::MeanDifference;
    use super::*;

    /// Rows of a test: arm, cluster, two covariates and the outcome.
    fn row(i: u32, clusters: u32) -> (bool, u32, [f64; 2], f64) {
        let arm = i.is_multiple_of(3);
        let cluster = (i * i + i / 5) % clusters + if arm { 1_000 } else { 0 };
        let x = [f64::from((i * 37) % 19) / 7.0, f64::from((i * 11) % 5)];
        let treated = f64::from(u8::from(arm));
        let y = f64::from((i * 53) % 23) / 3.0 + 0.5 * x[0] - 0.25 * x[1] * treated
            + 1.2 * treated
            + f64::from((cluster * 7) % 5) / 2.0;
        (arm, cluster, x, y)
    }

    fn difference(n: u32, clusters: u32, covariates: usize) -> MeanDifference {
        let rows: Vec<_> = (0..n).map(|i| row(i, clusters)).collect();
        let centred: Vec<Vec<f64>> = (0..covariates)
            .map(|column| {
                let values: Vec<f64> = rows.iter().map(|row| row.2[column]).collect();
                let mean = values.iter().sum::<f64>() / values.len() as f64;
                values.iter().map(|value| value - mean).collect()
            })
            .collect();
        let of = |arm: bool| {
            let own: Vec<usize> = (0..rows.len()).filter(|&i| rows[i].0 == arm).collect();
            let columns: Vec<Vec<f64>> =
                centred.iter().map(|column| own.iter().map(|&i| column[i]).collect()).collect();
            let y: Vec<f64> = own.iter().map(|&i| rows[i].3).collect();
            let cluster: Vec<u32> = own.iter().map(|&i| rows[i].1).collect();
            ClusteredMean::of(&columns, &y, &cluster).unwrap()
        };
        let (one, zero, degrees) = ClusteredMean::pair(of(true), of(false));
        MeanDifference { degrees, ..MeanDifference::new(one, zero) }
    }

    /// statsmodels 0.15.0: `OLS(y, [1, arm, x, x * arm])` with centred x, `cov_type="cluster"`,
    /// `use_t=True`.
    #[test]
    fn errors_are_those_of_statsmodels() {
        for (n, clusters, covariates, value, error, p, low, high) in [
            (
                60,
                17,
                0,
                1.1124999999999994,
                0.7126478284480855,
                0.1297377860568946,
                -0.3472929013779318,
                2.5722929013779305,
            ),
            (
                60,
                17,
                1,
                1.2400008767597352,
                0.6811997060776481,
                0.0794158936902179,
                -0.1553734661585413,
                2.6353752196780116,
            ),
            (
                60,
                17,
                2,
                1.2388607155857443,
                0.692004551673249,
                0.08423392839951863,
                -0.17864635021655606,
                2.6563677813880444,
            ),
            (
                400,
                40,
                0,
                0.7950043017992743,
                0.30816287631904893,
                0.011738880813477912,
                0.1816214398449023,
                1.4083871637536463,
            ),
            (
                400,
                40,
                2,
                0.802507767426661,
                0.2869704442058041,
                0.006484957827687481,
                0.2313073864273849,
                1.373708148425937,
            ),
            (
                200,
                300,
                1,
                0.8266407471371363,
                0.35150048542752316,
                0.019731528865691256,
                0.13320054941626558,
                1.520080944858007,
            ),
        ] {
            let found = difference(n, clusters, covariates);
            let half = found.reach(0.05) * found.standard_error;
            assert_relative_eq!(found.difference, value, max_relative = 1e-11);
            assert_relative_eq!(found.standard_error, error, max_relative = 1e-11);
            assert_relative_eq!(found.p_value(), p, max_relative = 1e-9);
            assert_relative_eq!(found.difference - half, low, max_relative = 1e-9);
            assert_relative_eq!(found.difference + half, high, max_relative = 1e-9);
        }
    }

    #[test]
    fn an_arm_without_more_rows_than_columns_has_none() {
        assert_eq!(ClusteredMean::of(&[vec![1.0, 2.0]], &[1.0, 2.0], &[0, 1]), None);
        assert!(ClusteredMean::of(&[], &[1.0, 2.0], &[0, 1]).is_some());
    }

    proptest! {
        /// Rows that are there twice in their cluster say nothing new, but for the enlargement.
        #[test]
        fn prop_repeated_rows_are_no_new_customers(y in prop::collection::vec(-100.0..100.0f64, 4..30)) {
            let cluster: Vec<u32> = (0..y.len() as u32).collect();
            let once = ClusteredMean::of(&[], &y, &cluster).unwrap();
            let again = ClusteredMean::of(&[], &[&y[..], &y].concat(), &[&cluster[..], &cluster].concat());
            prop_assert!((once.squares - again.unwrap().squares).abs() <= 1e-12 * once.squares);
        }

        #[test]
        fn prop_the_order_of_rows_does_not_matter(mut rows in prop::collection::vec((-100.0..100.0f64, 0u32..5), 3..30)) {
            let of = |rows: &[(f64, u32)]| {
                let (y, cluster): (Vec<f64>, Vec<u32>) = rows.iter().copied().unzip();
                ClusteredMean::of(&[], &y, &cluster)
            };
            let before = of(&rows);
            rows.reverse();
            prop_assert_eq!(before, of(&rows));
        }
    }
}
