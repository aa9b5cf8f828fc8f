//! Cholesky decomposition of small symmetric matrices, in one fixed order of operations.

use rayon::prelude::*;

/// A factor L with A = L Lᵀ, row by row.
#[derive(Debug)]
pub(super) struct Cholesky {
    size: usize,
    lower: Vec<f64>,
    /// Rows that depend on the rows before them; L has zeros there.
    pub(super) dependent: Vec<usize>,
}

impl Cholesky {
    /// Decomposes the matrix whose lower triangle is in `a`, row by row.
    ///
    /// A row counts as dependent on earlier rows when less than `tolerance` of its diagonal
    /// element remains after they are taken out.
    pub(super) fn new(mut a: Vec<f64>, size: usize, tolerance: f64) -> Self {
        let mut dependent = Vec::new();
        for i in 0..size {
            let (above, rest) = a.split_at_mut(i * size);
            let row = &mut rest[..size];
            for j in 0..i {
                let other = &above[j * size..j * size + j + 1];
                row[j] =
                    if other[j] == 0.0 { 0.0 } else { (row[j] - dot(row, other, j)) / other[j] };
            }
            let pivot = row[i] - dot(row, row, i);
            if pivot > tolerance * row[i] && pivot.is_finite() {
                row[i] = pivot.sqrt();
            } else {
                row[i] = 0.0;
                dependent.push(i);
            }
        }
        Self { size, lower: a, dependent }
    }

    /// L⁻¹ b, in place; zero for dependent rows.
    pub(super) fn forward(&self, b: &mut [f64]) {
        for i in 0..self.size {
            let row = &self.lower[i * self.size..(i + 1) * self.size];
            b[i] = if row[i] == 0.0 { 0.0 } else { (b[i] - dot(row, b, i)) / row[i] };
        }
    }

    /// A⁻¹ b, in place; zero for dependent rows.
    pub(super) fn solve(&self, b: &mut [f64]) {
        self.forward(b);
        for i in (0..self.size).rev() {
            let row = &self.lower[i * self.size..(i + 1) * self.size];
            if row[i] != 0.0 {
                b[i] /= row[i];
                let value = b[i];
                b[..i].iter_mut().zip(row).for_each(|(b, l)| *b -= l * value);
            }
        }
    }

    /// The diagonal of A⁻¹; zero for dependent rows.
    pub(super) fn inverse_diagonal(&self) -> Vec<f64> {
        (0..self.size)
            .into_par_iter()
            .map(|j| {
                let mut unit = vec![0.0; self.size];
                unit[j] = 1.0;
                self.forward(&mut unit);
                unit.iter().map(|v| v * v).sum()
            })
            .collect()
    }
}

/// Σ aᵢ bᵢ over the first `n` elements, in four lanes for the vector unit.
fn dot(a: &[f64], b: &[f64], n: usize) -> f64 {
    let (a, a_rest) = a[..n].as_chunks::<4>();
    let (b, b_rest) = b[..n].as_chunks::<4>();
    let mut lanes = [0.0; 4];
    for (a, b) in a.iter().zip(b) {
        for l in 0..4 {
            lanes[l] += a[l] * b[l];
        }
    }
    let rest: f64 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    (lanes[0] + lanes[2]) + (lanes[1] + lanes[3]) + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn solve_is_the_inverse_of_multiplication() {
        let a = [[4.0, 2.0, 0.6], [2.0, 3.0, 0.4], [0.6, 0.4, 1.5]];
        let x = [1.0, -2.0, 0.5];
        let mut b: Vec<f64> =
            a.iter().map(|row| row.iter().zip(x).map(|(a, x)| a * x).sum()).collect();
        let factor = Cholesky::new(a.concat(), 3, 1e-12);
        factor.solve(&mut b);
        for (b, x) in b.iter().zip(x) {
            assert_relative_eq!(*b, x, max_relative = 1e-13);
        }
        let inverse = factor.inverse_diagonal();
        for j in 0..3 {
            let mut unit = vec![0.0; 3];
            unit[j] = 1.0;
            factor.solve(&mut unit);
            assert_relative_eq!(inverse[j], unit[j], max_relative = 1e-13);
        }
    }

    #[test]
    fn a_dependent_row_is_found_and_left_out() {
        // The third row is the sum of the first two.
        let a = vec![2.0, 0.0, 0.0, 1.0, 3.0, 0.0, 3.0, 4.0, 7.0];
        let factor = Cholesky::new(a, 3, 1e-12);
        assert_eq!(factor.dependent, [2]);
        let mut b = vec![4.0, 7.0, 11.0];
        factor.solve(&mut b);
        assert_relative_eq!(b[0], 1.0, max_relative = 1e-13);
        assert_relative_eq!(b[1], 2.0, max_relative = 1e-13);
        assert_eq!(b[2], 0.0);
    }
}
