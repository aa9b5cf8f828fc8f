//! A group's profile as a table and in words.

use std::fmt;

use arrow_array::RecordBatch;
use serde_json::{Map, Value};

use super::profile::{GroupProfile, ProfileRow, StandardisedDifference};
use crate::answer::columns::{batch, counts, numbers, texts};
use crate::answer::text_table::{decimals, percent, wrapped};
use crate::answer::{Analysis, Table, fields};
use crate::error::Result;
use crate::log::grouped;

/// Rows that are printed.
const SHOWN: usize = 12;

/// Small, medium and large differences, in standard deviations (Cohen 1988).
const SMALL: f64 = 0.2;
const MEDIUM: f64 = 0.5;
const LARGE: f64 = 0.8;

impl ProfileRow {
    /// The row in words, such as `purchase_count is much higher: 9.10 against 2.30 (+1.42 standard
    /// deviations, +1.33 to +1.50)`. Below 0.2 standard deviations it is `about the same`, below
    /// 0.5 `slightly higher`, below 0.8 `higher`, above that `much higher`, the sizes of Cohen
    /// (1988); `not clearly different` if the interval includes zero.
    pub fn words(&self) -> String {
        let (Some(own), Some(rest)) = (self.group_mean, self.rest_mean) else {
            return format!("{}: not defined for one of both", self.name());
        };
        let (own, rest) = (self.value(own), self.value(rest));
        let Some(difference) = self.difference else {
            return format!("{}: {own} against {rest}, the same for all of a group", self.name());
        };
        let StandardisedDifference { value, low, high } = difference;
        let word = if value > 0.0 { "higher" } else { "lower" };
        let size = match value.abs() {
            _ if !difference.is_clear() => "not clearly different".to_owned(),
            size if size < SMALL => "about the same".to_owned(),
            size if size < MEDIUM => format!("slightly {word}"),
            size if size < LARGE => word.to_owned(),
            _ => format!("much {word}"),
        };
        format!(
            "{} is {size}: {own} against {rest} ({value:+.2} standard deviations, {low:+.2} to \
             {high:+.2})",
            self.name()
        )
    }

    /// The column and, for a text attribute, its value.
    pub fn name(&self) -> String {
        match &self.level {
            Some(level) => format!("{} = {level}", self.column),
            None => self.column.clone(),
        }
    }

    fn value(&self, value: f64) -> String {
        if self.unit == "share" { percent(value) } else { decimals(value, 2) }
    }
}

impl GroupProfile {
    /// The rows that clearly differ by at least 0.2 standard deviations, in words.
    pub fn words(&self) -> Vec<String> {
        let told = |row: &&ProfileRow| {
            row.difference.is_some_and(|d| d.is_clear() && d.value.abs() >= SMALL)
        };
        self.rows.iter().filter(told).map(ProfileRow::words).collect()
    }

    fn profile(&self) -> Result<RecordBatch> {
        let rows = &self.rows;
        let raw = |row: &ProfileRow| Some(row.group_mean? - row.rest_mean?);
        let standardised = |of: fn(StandardisedDifference) -> f64| {
            rows.iter().map(move |row| row.difference.map(of))
        };
        batch(vec![
            texts("column", rows.iter().map(|row| row.column.as_str())),
            texts("level", rows.iter().map(|row| row.level.as_deref())),
            texts("unit", rows.iter().map(|row| row.unit)),
            counts("group_customers", rows.iter().map(|row| row.group_customers)),
            counts("rest_customers", rows.iter().map(|row| row.rest_customers)),
            numbers("group_mean", rows.iter().map(|row| row.group_mean)),
            numbers("rest_mean", rows.iter().map(|row| row.rest_mean)),
            numbers("difference", rows.iter().map(raw)),
            numbers("standardised_difference", standardised(|d| d.value)),
            numbers("low", standardised(|d| d.low)),
            numbers("high", standardised(|d| d.high)),
        ])
    }
}

impl Analysis for GroupProfile {
    /// - `profile`: `column`, `level` (of a text attribute, null for numbers), `unit`,
    ///   `group_customers`, `rest_customers`, `group_mean`, `rest_mean`, `difference` (of the
    ///   means), `standardised_difference`, `low`, `high`; null if undefined.
    const TABLES: &'static [Table<Self>] = &[("profile", Self::profile)];

    fn figures(&self) -> Map<String, Value> {
        let mut figures = fields(self);
        figures.insert("words".to_owned(), self.words().into());
        figures
    }
}

impl fmt::Display for GroupProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "\"{}\" at {}: {} customers against the {} others",
            self.group,
            self.at,
            grouped(self.customers),
            grouped(self.rest)
        )?;
        let words = self.words();
        if words.is_empty() {
            return write!(f, "\nnothing clearly differs by 0.2 standard deviations or more");
        }
        words
            .iter()
            .take(SHOWN)
            .try_for_each(|line| write!(f, "\n{}", wrapped(&format!("- {line}"), "  ")))?;
        match words.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, "\n... and {more} smaller differences"),
        }
    }
}
