//! What customers are grouped by, as numbers of like size.

use rayon::prelude::*;

use super::k_means::Rows;
use crate::error::{Error, Result};
use crate::features::{FeatureTable, Unit, described};
use crate::groups::PurchaseText;
use crate::log::{CustomerIndex, History};
use crate::snapshot::Snapshot;
use crate::stats::exact_sum;

/// What is grouped by where nothing is said, as far as the log gives it.
const USUAL: [&str; 5] = [
    "days_since_last_purchase",
    "purchase_count",
    "overdue_ratio",
    "average_check",
    "discount_share",
];
/// Categories and channels of which the share in a customer's purchases is a column.
const MOST_TEXTS: usize = 5;
/// A text that fewer customers have bought says nothing of groups.
const LEAST_SHARE: f64 = 0.02;

/// One column.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Column {
    /// A feature.
    Feature { name: &'static str, unit: Unit },
    /// The share of a category or a channel in the rows bought.
    Text { of: PurchaseText, name: String, code: u32 },
}

impl Column {
    pub(super) fn name(&self) -> String {
        match self {
            Column::Feature { name, .. } => (*name).to_owned(),
            Column::Text { of, name, .. } => format!("{}={name}", of.name()),
        }
    }
}

/// The columns of a snapshot, and what they are scaled by.
#[derive(Debug, Clone)]
pub(super) struct Table {
    /// The customers of the rows.
    pub(super) customers: Vec<CustomerIndex>,
    pub(super) columns: Vec<Column>,
    /// Row by row, as they are.
    raw: Vec<f64>,
    /// Row by row, scaled.
    pub(super) scaled: Vec<f64>,
    scale: Vec<Scale>,
}

/// A column's mean and spread, and what counts in it.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Scale {
    mean: f64,
    spread: f64,
    weight: f64,
}

/// What makes numbers of a column comparable: a customer of 40 purchases is to one of 20 what one of
/// 2 is to one of 1. Of shares the square root (Hellinger).
fn transformed(column: &Column, value: f64) -> f64 {
    match column {
        Column::Text { .. } | Column::Feature { unit: Unit::Share, .. } => value.max(0.0).sqrt(),
        Column::Feature { name: "purchase_count", .. } => value.ln(),
        Column::Feature { .. } => value.signum() * value.abs().ln_1p(),
    }
}

impl Table {
    /// By these features, or by the usual ones and what is bought where.
    pub(super) fn of(snapshot: &Snapshot, features: &[String]) -> Result<Table> {
        let columns = match features {
            [] => usual(snapshot),
            names => named(names)?,
        };
        Self::with(snapshot, columns)
    }

    /// By the columns of another snapshot of the log.
    pub(super) fn with(snapshot: &Snapshot, columns: Vec<Column>) -> Result<Table> {
        let names: Vec<&str> = columns
            .iter()
            .filter_map(|column| match column {
                Column::Feature { name, .. } => Some(*name),
                Column::Text { .. } => None,
            })
            .collect();
        let table = snapshot.some_features(&names, &[])?;
        let numbers: Vec<&[f64]> =
            names.iter().map(|name| table.numbers(name)).collect::<Result<_>>()?;
        let texts = [PurchaseText::Category, PurchaseText::Channel].map(|of| {
            let own = columns.iter().filter_map(|column| match column {
                Column::Text { of: its, code, .. } if *its == of => Some(*code),
                _ => None,
            });
            (of, own.collect::<Vec<u32>>())
        });
        let width = columns.len();
        let mut raw = vec![0.0; snapshot.customers().len() * width];
        raw.par_chunks_exact_mut(width).zip(snapshot.customers()).enumerate().for_each(
            |(row, (out, &customer))| {
                let mut numbers = numbers.iter();
                let history = snapshot.history(customer);
                let shares = texts.each_ref().map(|(of, codes)| shares(&history, *of, codes));
                let mut of_text = shares.iter().flatten();
                for (out, column) in out.iter_mut().zip(&columns) {
                    *out = match column {
                        Column::Feature { .. } => numbers.next().map_or(0.0, |values| values[row]),
                        Column::Text { .. } => of_text.next().copied().unwrap_or(0.0),
                    };
                }
            },
        );
        let customers = snapshot.customers().to_vec();
        let mut table = Table { customers, scaled: Vec::new(), scale: Vec::new(), columns, raw };
        table.scale = (0..width).map(|place| table.scale_of(place)).collect();
        table.scaled = table.by(&table);
        Ok(table)
    }

    pub(super) fn width(&self) -> usize {
        self.columns.len()
    }

    pub(super) fn rows(&self) -> Rows<'_> {
        Rows { values: &self.scaled, width: self.width() }
    }

    /// A column as it is.
    pub(super) fn raw(&self, place: usize) -> impl Iterator<Item = f64> + Clone + '_ {
        self.raw.iter().skip(place).step_by(self.width()).copied()
    }

    /// A column's median in some rows; of shares, which are 0 for many, the mean.
    pub(super) fn middle(&self, place: usize, is_one: impl Fn(usize) -> bool) -> f64 {
        let own = self.raw(place).enumerate().filter(|(row, _)| is_one(*row));
        let mut values: Vec<f64> = own.map(|(_, value)| value).filter(|v| !v.is_nan()).collect();
        if values.is_empty() {
            return f64::NAN;
        }
        match self.columns[place] {
            Column::Text { .. } | Column::Feature { unit: Unit::Share, .. } => {
                exact_sum(values.iter().copied()) / values.len() as f64
            }
            Column::Feature { .. } => {
                values.sort_by(f64::total_cmp);
                let (low, high) = ((values.len() - 1) / 2, values.len() / 2);
                (values[low] + values[high]) / 2.0
            }
        }
    }

    /// How far the mean of some rows is from that of all, in standard deviations of all.
    pub(super) fn distance(&self, place: usize, is_one: impl Fn(usize) -> bool) -> f64 {
        let scaled = self.scaled.iter().skip(place).step_by(self.width()).enumerate();
        let own = scaled.filter(|(row, _)| is_one(*row));
        let (count, sum) = own.fold((0u64, 0.0), |(n, sum), (_, value)| (n + 1, sum + value));
        sum / count.max(1) as f64 / self.scale[place].weight
    }

    /// This table's rows by the scale of another.
    pub(super) fn by(&self, other: &Table) -> Vec<f64> {
        let cell = |(column, (scale, value)): (&Column, (&Scale, &f64))| match value.is_nan() {
            true => 0.0,
            false => (transformed(column, *value) - scale.mean) / scale.spread * scale.weight,
        };
        let row = |row: &[f64]| -> Vec<f64> {
            self.columns.iter().zip(other.scale.iter().zip(row)).map(cell).collect()
        };
        self.raw.par_chunks_exact(self.width().max(1)).flat_map_iter(row).collect()
    }

    /// A missing value stands at the mean. All categories together count as one column, and all
    /// channels.
    fn scale_of(&self, place: usize) -> Scale {
        let column = &self.columns[place];
        let values: Vec<f64> = self.raw(place).filter(|value| !value.is_nan()).collect();
        let values: Vec<f64> = values.iter().map(|value| transformed(column, *value)).collect();
        let count = values.len().max(1) as f64;
        let mean = values.iter().sum::<f64>() / count;
        let spread = (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / count).sqrt();
        let alike = match column {
            Column::Feature { .. } => 1,
            Column::Text { of, .. } => {
                let is_alike =
                    |other: &&Column| matches!(other, Column::Text { of: its, .. } if its == of);
                self.columns.iter().filter(is_alike).count()
            }
        };
        let spread = if spread > 0.0 { spread } else { 1.0 };
        Scale { mean, spread, weight: 1.0 / (alike as f64).sqrt() }
    }
}

fn feature(name: &'static str) -> Option<Column> {
    described(name).map(|feature| Column::Feature { name: feature.name, unit: feature.unit })
}

fn usual(snapshot: &Snapshot) -> Vec<Column> {
    let log = snapshot.log();
    let is_there = |name: &&str| FeatureTable::places(log, &[*name]).is_ok();
    let mut columns: Vec<Column> = USUAL.into_iter().filter(is_there).filter_map(feature).collect();
    for of in [PurchaseText::Category, PurchaseText::Channel] {
        if of.is_in(log) {
            columns.extend(frequent(snapshot, of));
        }
    }
    columns
}

fn named(names: &[String]) -> Result<Vec<Column>> {
    let mut columns = Vec::new();
    for (place, name) in names.iter().enumerate() {
        let found = described(name).filter(|feature| feature.name == name);
        let Some(found) = found.filter(|_| !names[..place].contains(name)) else {
            let expected = "features of the catalogue, each once";
            return Err(Error::text_argument("features", name, expected));
        };
        columns.push(Column::Feature { name: found.name, unit: found.unit });
    }
    Ok(columns)
}

/// The texts that most customers have bought; of two, one says all.
fn frequent(snapshot: &Snapshot, of: PurchaseText) -> Vec<Column> {
    let customers = snapshot.customers().iter();
    let bought = customers.map(|&c| of.distinct(&snapshot.history(c), i64::MIN));
    let mut texts = of.by_buyers(snapshot.log(), bought);
    let least = LEAST_SHARE * snapshot.customers().len() as f64;
    texts.retain(|(count, ..)| *count as f64 >= least);
    let count = if texts.len() < 3 { texts.len().saturating_sub(1) } else { MOST_TEXTS };
    let texts = texts.into_iter().take(count);
    texts.map(|(_, name, code)| Column::Text { of, name: name.to_owned(), code }).collect()
}

/// The shares of these categories or channels in the rows that a customer bought.
fn shares(history: &History<'_>, of: PurchaseText, codes: &[u32]) -> Vec<f64> {
    let mut counts = vec![0.0; codes.len()];
    if codes.is_empty() {
        return counts;
    }
    let mut all = 0.0;
    for (_, code) in of.of_rows(history) {
        all += 1.0;
        if let Some(place) = codes.iter().position(|own| *own == code) {
            counts[place] += 1.0;
        }
    }
    counts.iter().map(|count| if all > 0.0 { count / all } else { 0.0 }).collect()
}
