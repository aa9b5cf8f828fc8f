//! Explanations as tables, and in a few words.

use std::fmt;
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, Int64Array, LargeStringArray, RecordBatch, UInt32Array};
use arrow_select::take::take;

use super::explain::Explanations;
use super::score::ScoreReport;
use crate::error::Result;
use crate::explain::{CHANCE, HOLDS_BACK, MEAN_CHANCE, MOVES, no_reason, pointed, state_head};
use crate::labels::State;
use crate::language::{Language, in_language};
use crate::log::grouped as with_commas;

/// Lines of each list that are printed.
const LINES: usize = 5;

fn texts<T: AsRef<str>>(texts: impl Iterator<Item = T>) -> ArrayRef {
    Arc::new(LargeStringArray::from_iter_values(texts))
}

fn numbers(values: impl Iterator<Item = f64>) -> ArrayRef {
    Arc::new(Float64Array::from_iter_values(values))
}

/// What holds customers of a state back, or draws them.
struct MainReason {
    state: State,
    group: Option<usize>,
    customers: usize,
    of: usize,
    contribution: f64,
    probability: f64,
}

impl Explanations {
    /// The contributions as an Arrow table, a row a customer: `customer_id`, `state`,
    /// `purchase_probability`, `base`, `log_odds` (before calibration), then
    /// `contribution_<column>` of every column.
    ///
    /// # Errors
    /// None in practice; [`crate::Error::Arrow`] is passed on.
    pub fn to_batch(&self) -> Result<RecordBatch> {
        let mut columns = self.head();
        for (name, values) in self.names.iter().zip(self.contributions.columns()) {
            columns.push((format!("contribution_{name}"), numbers(values.iter().copied())));
        }
        Ok(RecordBatch::try_from_iter(columns)?)
    }

    /// The same by group: `contribution_<group>` of every group.
    ///
    /// # Errors
    /// As [`Explanations::to_batch`].
    pub fn groups_to_batch(&self) -> Result<RecordBatch> {
        let mut columns = self.head();
        let totals = self.group_contributions();
        for (group, values) in self.groups.iter().zip(totals.columns()) {
            columns.push((format!("contribution_{group}"), numbers(values.iter().copied())));
        }
        Ok(RecordBatch::try_from_iter(columns)?)
    }

    fn head(&self) -> Vec<(String, ArrayRef)> {
        let rows = 0..self.scores.len();
        vec![
            ("customer_id".into(), self.ids.clone()),
            ("state".into(), texts(self.scores.iter().map(|score| score.state.name()))),
            (
                "purchase_probability".into(),
                numbers(self.scores.iter().map(|score| score.purchase_probability)),
            ),
            ("base".into(), numbers(self.base.iter().copied())),
            ("log_odds".into(), numbers(rows.map(|row| self.log_odds(row)))),
        ]
    }

    /// The reasons as an Arrow table, a row a reason: `customer_id`, `state`,
    /// `purchase_probability`, `direction` (`up` or `down`), `rank` (from 1 in each direction),
    /// `group`, `feature`, `value`, `typical`, `contribution`, `reason`
    /// (the sentence).
    ///
    /// # Errors
    /// As [`Explanations::to_batch`].
    pub fn reasons_to_batch(&self) -> Result<RecordBatch> {
        let mut rows = Vec::new();
        for (customer, reasons) in self.reasons.iter().enumerate() {
            for (direction, reasons) in [("up", &reasons.up), ("down", &reasons.down)] {
                let ranked = reasons.iter().enumerate();
                rows.extend(ranked.map(|(i, reason)| (customer, direction, i as i64 + 1, reason)));
            }
        }
        let places = UInt32Array::from_iter_values(rows.iter().map(|row| row.0 as u32));
        let score = |row: usize| &self.scores[row];
        let columns: [(&str, ArrayRef); 11] = [
            ("customer_id", take(&self.ids, &places, None)?),
            ("state", texts(rows.iter().map(|row| score(row.0).state.name()))),
            (
                "purchase_probability",
                numbers(rows.iter().map(|row| score(row.0).purchase_probability)),
            ),
            ("direction", texts(rows.iter().map(|row| row.1))),
            ("rank", Arc::new(Int64Array::from_iter_values(rows.iter().map(|row| row.2)))),
            ("group", texts(rows.iter().map(|row| row.3.group.name()))),
            ("feature", texts(rows.iter().map(|row| &row.3.feature))),
            ("value", texts(rows.iter().map(|row| &row.3.value))),
            ("typical", texts(rows.iter().map(|row| &row.3.typical))),
            ("contribution", numbers(rows.iter().map(|row| row.3.contribution))),
            ("reason", texts(rows.iter().map(|row| &row.3.text))),
        ];
        Ok(RecordBatch::try_from_iter(columns)?)
    }

    /// What matters over all customers of a state, as an Arrow table: `state`, `group`, `feature`
    /// (null: the group as a whole), `mean_abs_contribution` (mean of the contributions' sizes, in
    /// log-odds), `mean_contribution`. Groups by falling size, each followed by its columns.
    ///
    /// # Errors
    /// As [`Explanations::to_batch`].
    pub fn importance_to_batch(&self) -> Result<RecordBatch> {
        let totals = self.group_contributions();
        let mut rows: Vec<(State, usize, Option<usize>, f64, f64)> = Vec::new();
        for state in State::ALL {
            let customers = self.rows_of(state);
            if customers.is_empty() {
                continue;
            }
            let n = customers.len() as f64;
            let mean = |of: &dyn Fn(usize) -> f64| {
                let sum = |f: &dyn Fn(f64) -> f64| -> f64 {
                    customers.iter().map(|&row| f(of(row))).sum::<f64>() / n
                };
                (sum(&f64::abs), sum(&|value| value))
            };
            for (group, size, signed) in self.by_size(&customers, &totals) {
                rows.push((state, group, None, size, signed));
                let mut columns: Vec<(usize, f64, f64)> = (0..self.names.len())
                    .filter(|&column| self.group_of[column] == group)
                    .map(|column| {
                        let (size, signed) = mean(&|row| self.contributions[[row, column]]);
                        (column, size, signed)
                    })
                    .collect();
                columns.sort_by(|a, b| b.1.total_cmp(&a.1));
                rows.extend(
                    columns
                        .into_iter()
                        .map(|(c, size, signed)| (state, group, Some(c), size, signed)),
                );
            }
        }
        let features = rows.iter().map(|row| row.2.map(|column| self.names[column].as_str()));
        let features: ArrayRef = Arc::new(LargeStringArray::from_iter(features));
        Ok(RecordBatch::try_from_iter_with_nullable([
            ("state", texts(rows.iter().map(|row| row.0.name())), false),
            ("group", texts(rows.iter().map(|row| self.groups[row.1].name())), false),
            ("feature", features, true),
            ("mean_abs_contribution", numbers(rows.iter().map(|row| row.3)), false),
            ("mean_contribution", numbers(rows.iter().map(|row| row.4)), false),
        ])?)
    }

    /// The customers of each state by the reason that holds them back most, as an Arrow table:
    /// `state`, `group` (null: nothing lowers the chance by the stated size), `label` (in words),
    /// `customers`, `share` (of the state's customers), `mean_contribution` (of the group),
    /// `mean_purchase_probability`. By falling number of customers.
    ///
    /// # Errors
    /// As [`Explanations::to_batch`].
    pub fn main_reasons_to_batch(&self) -> Result<RecordBatch> {
        let rows = self.main_reasons();
        let groups = rows.iter().map(|row| row.group.map(|group| self.groups[group].name()));
        let groups: ArrayRef = Arc::new(LargeStringArray::from_iter(groups));
        let counts = rows.iter().map(|row| row.customers as i64);
        let contributions = rows.iter().map(|row| row.group.map(|_| row.contribution));
        let contributions: ArrayRef = Arc::new(Float64Array::from_iter(contributions));
        let probability = numbers(rows.iter().map(|row| row.probability));
        Ok(RecordBatch::try_from_iter_with_nullable([
            ("state", texts(rows.iter().map(|row| row.state.name())), false),
            ("group", groups, true),
            ("label", texts(rows.iter().map(|row| self.label(row.group))), false),
            ("customers", Arc::new(Int64Array::from_iter_values(counts)), false),
            ("share", numbers(rows.iter().map(|row| row.customers as f64 / row.of as f64)), false),
            ("mean_contribution", contributions, true),
            ("mean_purchase_probability", probability, false),
        ])?)
    }

    fn label(&self, group: Option<usize>) -> &str {
        let language = self.options.language;
        group.map_or(no_reason(language), |group| self.groups[group].label(language))
    }

    fn rows_of(&self, state: State) -> Vec<usize> {
        (0..self.scores.len()).filter(|&row| self.scores[row].state == state).collect()
    }

    /// The groups by the falling mean size of their contributions, with it and the signed mean.
    fn by_size(&self, rows: &[usize], totals: &ndarray::Array2<f64>) -> Vec<(usize, f64, f64)> {
        let n = rows.len() as f64;
        let mut groups: Vec<(usize, f64, f64)> = (0..self.groups.len())
            .map(|group| {
                let of = |row: &usize| totals[[*row, group]];
                let size = rows.iter().map(|row| of(row).abs()).sum::<f64>() / n;
                (group, size, rows.iter().map(of).sum::<f64>() / n)
            })
            .collect();
        groups.sort_by(|a, b| b.1.total_cmp(&a.1));
        groups
    }

    fn main_reasons(&self) -> Vec<MainReason> {
        let totals = self.group_contributions();
        let mut all = Vec::new();
        for state in State::ALL {
            let rows = self.rows_of(state);
            let mut found: Vec<MainReason> = (0..=self.groups.len())
                .map(|place| MainReason {
                    state,
                    group: (place < self.groups.len()).then_some(place),
                    customers: 0,
                    of: rows.len(),
                    contribution: 0.0,
                    probability: 0.0,
                })
                .collect();
            for &row in &rows {
                let parts = totals.row(row);
                let largest = (0..parts.len()).min_by(|&a, &b| parts[a].total_cmp(&parts[b]));
                let held = largest
                    .filter(|&g| parts[g] < 0.0 && -parts[g] >= self.options.min_contribution);
                let reason = &mut found[held.unwrap_or(self.groups.len())];
                reason.customers += 1;
                reason.contribution += held.map_or(0.0, |group| parts[group]);
                reason.probability += self.scores[row].purchase_probability;
            }
            found.retain(|reason| reason.customers > 0);
            for reason in &mut found {
                reason.contribution /= reason.customers as f64;
                reason.probability /= reason.customers as f64;
            }
            found.sort_by_key(|reason| std::cmp::Reverse(reason.customers));
            all.extend(found);
        }
        all
    }
}

impl Explanations {
    /// One customer's chance and reasons.
    fn write_customer(&self, f: &mut fmt::Formatter<'_>, row: usize) -> fmt::Result {
        let (score, reasons) = (&self.scores[row], &self.reasons[row]);
        let language = self.options.language;
        let chance = in_language(CHANCE, language);
        let percent = pointed(&format!("{:.1}", score.purchase_probability * 100.0), language);
        write!(f, "\n\n{}: {chance} {percent} %", self.labels[row])?;
        for reason in reasons.down.iter().chain(&reasons.up) {
            let size = pointed(&format!("{:>+6.2}", reason.contribution), language);
            write!(f, "\n  {size}  {reason}")?;
        }
        if reasons.down.is_empty() && reasons.up.is_empty() {
            write!(f, "\n  {}", no_reason(self.options.language))?;
        }
        Ok(())
    }

    /// What moves the customers of a state, and what holds them back.
    fn write_state(&self, f: &mut fmt::Formatter<'_>, state: State) -> fmt::Result {
        let rows = self.rows_of(state);
        if rows.is_empty() {
            return Ok(());
        }
        let language = self.options.language;
        let count = with_commas(rows.len() as u64);
        write!(f, "\n\n{}: {count}\n", state_head(state, language))?;
        writeln!(f, "{}", in_language(MOVES, language))?;
        let totals = self.group_contributions();
        for (group, size, _) in self.by_size(&rows, &totals).into_iter().take(LINES) {
            let size = pointed(&format!("{size:>6.3}"), language);
            writeln!(f, "  {size}  {}", self.label(Some(group)))?;
        }
        write!(f, "{}", in_language(HOLDS_BACK, language))?;
        let main = self.main_reasons();
        for reason in main.iter().filter(|reason| reason.state == state).take(LINES) {
            let share = reason.customers as f64 / reason.of as f64 * 100.0;
            let (label, p) = (self.label(reason.group), reason.probability * 100.0);
            let chance = in_language(MEAN_CHANCE, language);
            let [share, p] = [format!("{share:>5.1}"), format!("{p:.1}")];
            let [share, p] = [share, p].map(|number| pointed(&number, language));
            write!(f, "\n  {share} %  {label}; {chance} {p} %")?;
        }
        Ok(())
    }
}

/// How many customers were scored.
fn scored_in(report: &ScoreReport, language: Language) -> String {
    if language == Language::English {
        return report.to_string();
    }
    let [customers, active, lapsed, lost] =
        [report.customers, report.active, report.lapsed, report.lost]
            .map(|n| with_commas(n as u64));
    let scored = with_commas(report.scored() as u64);
    let none = match report.without_purchase {
        0 => String::new(),
        n => format!("; без покупок до этого {}", with_commas(n as u64)),
    };
    format!(
        "{}: оценено клиентов {scored} из {customers}: активных {active}, замолчавших {lapsed}, \
         потерянных {lost}{none}",
        report.at
    )
}

impl fmt::Display for Explanations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&scored_in(&self.report, self.options.language))?;
        if self.chosen {
            return (0..self.scores.len()).try_for_each(|row| self.write_customer(f, row));
        }
        State::ALL.into_iter().try_for_each(|state| self.write_state(f, state))
    }
}
