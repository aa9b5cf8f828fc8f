//! Explanations as tables, and a short summary.

use std::fmt;

use arrow_array::{RecordBatch, UInt32Array};
use arrow_select::take::take;
use serde_json::{Map, Value};

use super::explain::Explanations;
use super::score::ScoreReport;
use crate::answer::columns::{Column, batch, counts, numbers, texts, whole};
use crate::answer::text_table::signed;
use crate::answer::{Analysis, Table, fields, write_notes};
use crate::error::Result;
use crate::explain::{
    CHANCE, HOLDS_BACK, MEAN_CHANCE, MOVES, Reason, no_reason, pointed, state_head,
};
use crate::labels::State;
use crate::language::{Language, Speech, in_language, thousands};

/// Lines of each list that are printed.
const LINES: usize = 5;

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
    fn contributions_table(&self) -> Result<RecordBatch> {
        let mut columns = self.head();
        for (name, values) in self.names.iter().zip(self.contributions.columns()) {
            columns.push(numbers(format!("contribution_{name}"), values.iter().copied()));
        }
        batch(columns)
    }

    fn groups_table(&self) -> Result<RecordBatch> {
        let mut columns = self.head();
        let totals = self.group_contributions();
        for (group, values) in self.groups.iter().zip(totals.columns()) {
            columns.push(numbers(format!("contribution_{group}"), values.iter().copied()));
        }
        batch(columns)
    }

    fn head(&self) -> Vec<Column> {
        let scores = || self.scores.iter();
        let rows = 0..self.scores.len();
        vec![
            ("customer_id".into(), self.ids.clone()),
            texts("state", scores().map(|score| score.state.name())),
            numbers("purchase_probability", scores().map(|score| score.purchase_probability)),
            numbers("base", self.base.iter().copied()),
            numbers("log_odds", rows.map(|row| self.log_odds(row))),
        ]
    }

    fn reasons_table(&self) -> Result<RecordBatch> {
        let mut rows = Vec::new();
        for (customer, reasons) in self.reasons.iter().enumerate() {
            for (direction, reasons) in [("up", &reasons.up), ("down", &reasons.down)] {
                let ranked = reasons.iter().enumerate();
                rows.extend(ranked.map(|(i, reason)| (customer, direction, i as i64 + 1, reason)));
            }
        }
        let places = UInt32Array::from_iter_values(rows.iter().map(|row| row.0 as u32));
        let score = |row: usize| &self.scores[row];
        let text = |name: &str, of: fn(&Reason) -> &str| {
            texts(name, rows.iter().map(move |row| of(row.3)))
        };
        batch([
            ("customer_id".into(), take(&self.ids, &places, None)?),
            texts("state", rows.iter().map(|row| score(row.0).state.name())),
            numbers("purchase_probability", rows.iter().map(|r| score(r.0).purchase_probability)),
            texts("direction", rows.iter().map(|row| row.1)),
            whole("rank", rows.iter().map(|row| Some(row.2))),
            text("group", |reason| reason.group.name()),
            text("feature", |reason| &reason.feature),
            text("value", |reason| &reason.value),
            text("typical", |reason| &reason.typical),
            numbers("contribution", rows.iter().map(|row| row.3.contribution)),
            text("reason", |reason| &reason.text),
        ])
    }

    fn importance(&self) -> Result<RecordBatch> {
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
        batch([
            texts("state", rows.iter().map(|row| row.0.name())),
            texts("group", rows.iter().map(|row| self.groups[row.1].name())),
            texts("feature", rows.iter().map(|row| row.2.map(|c| self.names[c].as_str()))),
            numbers("mean_abs_contribution", rows.iter().map(|row| row.3)),
            numbers("mean_contribution", rows.iter().map(|row| row.4)),
        ])
    }

    fn main_reasons_table(&self) -> Result<RecordBatch> {
        let rows = self.main_reasons();
        let rows = || rows.iter();
        batch([
            texts("state", rows().map(|row| row.state.name())),
            texts("group", rows().map(|row| row.group.map(|group| self.groups[group].name()))),
            texts("label", rows().map(|row| self.label(row.group))),
            counts("customers", rows().map(|row| row.customers as u64)),
            numbers("share", rows().map(|row| row.customers as f64 / row.of as f64)),
            numbers("mean_contribution", rows().map(|r| r.group.map(|_| r.contribution))),
            numbers("mean_purchase_probability", rows().map(|row| row.probability)),
        ])
    }

    fn label(&self, group: Option<usize>) -> &str {
        group.map_or(no_reason(self.options.language), |group| {
            self.groups[group].label(self.speech())
        })
    }

    fn speech(&self) -> Speech {
        Speech { language: self.options.language, of_activity: self.of_activity }
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
            let size = pointed(&format!("{:>6}", signed(reason.contribution, 2)), language);
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
        let count = thousands(&rows.len().to_string(), language);
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
    let count = |customers: usize| thousands(&customers.to_string(), language);
    let [customers, active, lapsed, lost] =
        [report.customers, report.active, report.lapsed, report.lost].map(count);
    let scored = count(report.scored());
    let none = match report.without_purchase {
        0 => String::new(),
        n => format!("; без покупок до этого {}", count(n)),
    };
    format!(
        "{}: оценено клиентов {scored} из {customers}: активных {active}, замолчавших {lapsed}, \
         потерянных {lost}{none}",
        report.at
    )
}

impl Analysis for Explanations {
    /// - `reasons`: one row per reason: `customer_id`, `state`, `purchase_probability`, `direction`
    ///   (`up` or `down`), `rank` (from 1 in each direction), `group`, `feature`, `value`,
    ///   `typical`, `contribution`, `reason` (the sentence).
    /// - `contributions`: one row per customer: `customer_id`, `state`, `purchase_probability`,
    ///   `base`, `log_odds` (before calibration), then `contribution_<column>` for every column.
    /// - `groups`: the same by group: `contribution_<group>` for every group.
    /// - `importance`: what matters over all customers of a state: `state`, `group`, `feature`
    ///   (null: the group as a whole), `mean_abs_contribution` (mean absolute contribution, in
    ///   log-odds), `mean_contribution`. Groups by decreasing size, each followed by its columns.
    /// - `main_reasons`: each state's customers grouped by their strongest negative reason:
    ///   `state`, `group` (null: nothing lowers the chance by the stated size), `label` (in words),
    ///   `customers`, `share` (of the state's customers), `mean_contribution` (of the group),
    ///   `mean_purchase_probability`. By decreasing number of customers.
    const TABLES: &'static [Table<Self>] = &[
        ("reasons", Self::reasons_table),
        ("contributions", Self::contributions_table),
        ("groups", Self::groups_table),
        ("importance", Self::importance),
        ("main_reasons", Self::main_reasons_table),
    ];
    const IS_REPORT: bool = true;

    fn figures(&self) -> Map<String, Value> {
        fields(&self.report)
    }

    fn notes(&self) -> Vec<String> {
        self.report.notes()
    }
}

impl fmt::Display for Explanations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&scored_in(&self.report, self.options.language))?;
        if self.chosen {
            (0..self.scores.len()).try_for_each(|row| self.write_customer(f, row))?;
        } else {
            State::ALL.into_iter().try_for_each(|state| self.write_state(f, state))?;
        }
        write_notes(f, &self.report.notes())
    }
}
