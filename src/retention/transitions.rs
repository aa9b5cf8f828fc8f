//! How many customers went from which label to which, and what they spent meanwhile.

use super::alarm::Alarm;
use crate::stats::{ExactSum, wilson_interval};

/// One cell of a transition matrix.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct Transition {
    /// Label at the first cutoff; none for customers not in the base then, such as new ones.
    pub from: Option<String>,
    /// Label at the second cutoff; none for customers not in the base then.
    pub to: Option<String>,
    /// Customers.
    pub customers: u64,
    /// Customers in the whole row.
    pub of: u64,
    /// Their revenue between the cutoffs; none if unknown.
    pub revenue: Option<f64>,
    /// Whether the row has too few customers to judge.
    pub is_thin: bool,
}

impl Transition {
    /// Share of the row; none if the row is empty.
    pub fn share(&self) -> Option<f64> {
        (self.of > 0).then(|| self.customers as f64 / self.of as f64)
    }

    /// The 95 % Wilson interval of the share.
    pub fn share_interval(&self) -> Option<(f64, f64)> {
        wilson_interval(self.customers, self.of)
    }
}

/// Customers by their labels at two cutoffs, and what they spent in between: a row for each label at
/// the first, in it a column for each at the second; those in no base are last.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct TransitionSums {
    pub(super) cells: Vec<(u64, ExactSum)>,
    pub(super) has_amounts: bool,
}

impl TransitionSums {
    /// From the codes of all customers' labels, of so many; and what each customer spent.
    pub(super) fn of(
        (rows, before): (usize, &[Option<u32>]),
        (columns, after): (usize, &[Option<u32>]),
        revenue: Option<&[f64]>,
    ) -> Self {
        let mut cells = vec![(0, ExactSum::default()); (rows + 1) * (columns + 1)];
        let place = |code: Option<u32>, none: usize| code.map_or(none, |code| code as usize);
        for (customer, (&from, &to)) in before.iter().zip(after).enumerate() {
            let cell = &mut cells[place(from, rows) * (columns + 1) + place(to, columns)];
            cell.0 += 1;
            cell.1.add(revenue.map_or(0.0, |revenue| revenue[customer]));
        }
        TransitionSums { cells, has_amounts: revenue.is_some() }
    }

    /// Adds those of other customers.
    pub(super) fn merge(&mut self, other: &TransitionSums) {
        for (own, other) in self.cells.iter_mut().zip(&other.cells) {
            own.0 += other.0;
            own.1.merge(&other.1);
        }
        self.has_amounts |= other.has_amounts;
    }

    /// The cells of these labels, and a note on rows of fewer customers than this.
    pub(super) fn cells(
        mut self,
        before: &[String],
        after: &[String],
        min_customers: u64,
    ) -> (Vec<Transition>, Vec<String>) {
        let (rows, columns) = (before.len() + 1, after.len() + 1);
        // Those in neither base are nobody's.
        self.cells[rows * columns - 1] = Default::default();
        let has_none_after = self.cells.chunks(columns).any(|row| row[columns - 1].0 > 0);
        let mut cells = Vec::new();
        let mut thin = Vec::new();
        for (row, sums) in self.cells.chunks(columns).enumerate() {
            let of: u64 = sums.iter().map(|sum| sum.0).sum();
            let from = before.get(row);
            let is_thin = of < min_customers;
            if from.is_none() && of == 0 {
                continue;
            }
            if is_thin {
                thin.push(format!("{} ({of})", from.map_or("new", String::as_str)));
            }
            for (column, &(customers, ref spent)) in sums.iter().enumerate() {
                let to = after.get(column);
                if to.is_none() && (from.is_none() || !has_none_after) {
                    continue;
                }
                let revenue = self.has_amounts.then(|| spent.value());
                let (from, to) = (from.cloned(), to.cloned());
                cells.push(Transition { from, to, customers, of, revenue, is_thin });
            }
        }
        let mut notes = Vec::new();
        if !thin.is_empty() {
            notes.push(format!(
                "fewer than {min_customers} customers, too thin to judge: {}",
                thin.join(", ")
            ));
        }
        (cells, notes)
    }

    /// Whether the share of the vulnerable rose; none where there are none such, or a base is empty.
    pub(super) fn alarm(
        &self,
        before: &[String],
        after: &[String],
        vulnerable: &[String],
        level: f64,
    ) -> Option<Alarm> {
        if vulnerable.is_empty() {
            return None;
        }
        let flag =
            |names: &[String], place: usize| names.get(place).map(|name| vulnerable.contains(name));
        let columns = after.len() + 1;
        let cells = self.cells.iter().enumerate().map(|(place, cell)| {
            ((flag(before, place / columns), flag(after, place % columns)), cell.0)
        });
        Alarm::new(cells, level)
    }
}
