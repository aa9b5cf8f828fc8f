//! Customers of a test, or some of them.

use ndarray::Array2;

use crate::hash;
use crate::models::rows::selected;
use crate::progress::Stop;

/// Rows of a test, checked.
#[derive(Debug, Clone)]
pub(super) struct Sample<'a> {
    pub(super) x: Array2<f64>,
    pub(super) arm: Vec<u32>,
    pub(super) y: Vec<f64>,
    /// Customers × arms.
    pub(super) propensity: Vec<f64>,
    pub(super) key: Vec<u64>,
    pub(super) arms: usize,
    pub(super) is_yes_or_no: bool,
    /// Whether what is learned from them is to end.
    pub(super) stop: Stop<'a>,
}

impl Sample<'_> {
    pub(super) fn len(&self) -> usize {
        self.y.len()
    }

    /// The chance of a row to be in an arm.
    pub(super) fn chance(&self, row: usize, arm: usize) -> f64 {
        self.propensity[row * self.arms + arm]
    }

    pub(super) fn select(&self, rows: &[usize]) -> Self {
        let chances =
            rows.iter().flat_map(|&row| &self.propensity[row * self.arms..(row + 1) * self.arms]);
        Sample {
            x: selected(self.x.view(), rows),
            arm: rows.iter().map(|&row| self.arm[row]).collect(),
            y: rows.iter().map(|&row| self.y[row]).collect(),
            propensity: chances.copied().collect(),
            key: rows.iter().map(|&row| self.key[row]).collect(),
            arms: self.arms,
            is_yes_or_no: self.is_yes_or_no,
            stop: self.stop,
        }
    }

    /// The rows of an arm, and where it is not the control those of the control, too.
    pub(super) fn pair(&self, arm: u32) -> Self {
        let rows: Vec<usize> =
            (0..self.len()).filter(|&row| self.arm[row] == 0 || self.arm[row] == arm).collect();
        self.select(&rows)
    }

    pub(super) fn of_arm(&self, arm: u32) -> Self {
        let rows: Vec<usize> = (0..self.len()).filter(|&row| self.arm[row] == arm).collect();
        self.select(&rows)
    }

    /// Each part's own rows and all others. The parts are drawn by the customers' keys.
    pub(super) fn parts(&self, parts: usize, seed: u64) -> Vec<(Vec<usize>, Vec<usize>)> {
        let salt = hash::draw(seed);
        let part_of =
            |row: &usize| (hash::share(hash::draw(self.key[*row] ^ salt)) * parts as f64) as usize;
        let of: Vec<usize> = (0..self.len()).map(|row| part_of(&row)).collect();
        (0..parts)
            .map(|part| (0..self.len()).partition(|&row| of[row] == part))
            .filter(|(own, _): &(Vec<usize>, Vec<usize>)| !own.is_empty())
            .collect()
    }

    /// The chance to be in an arm rather than in control, given that it is one of them.
    pub(super) fn chance_of_pair(&self, row: usize, arm: usize) -> f64 {
        let (treated, control) = (self.chance(row, arm), self.chance(row, 0));
        treated / (treated + control)
    }
}
