//! The report's tables in Arrow.

use arrow_array::RecordBatch;
use serde_json::{Map, Value};

use super::curve::{Estimate, Returns};
use super::report::InactivityReport;
use super::rows::{GapRow, Group};
use crate::answer::columns::{Column, batch, counts, flags, numbers, texts, whole, with_ends};
use crate::answer::{Analysis, Table, fields};
use crate::error::Result;

fn groups<'a>(groups: impl Iterator<Item = &'a Group> + Clone) -> [Column; 2] {
    [
        texts("grouping", groups.clone().map(|group| group.grouping.as_str())),
        texts("group", groups.map(|group| group.name.as_str())),
    ]
}

/// `silences`, `returned`, the two shares with their intervals, `late_return_share`.
fn returns(rows: impl Iterator<Item = Option<Returns>> + Clone) -> Vec<Column> {
    let count = |of: fn(Returns) -> u64| rows.clone().map(move |row| row.map(|r| of(r) as i64));
    let mut columns =
        vec![whole("silences", count(|r| r.silences)), whole("returned", count(|r| r.returned))];
    type Of = fn(Returns) -> Option<Estimate>;
    for (name, of) in
        [("return_share", (|r| r.within_horizon) as Of), ("return_share_at_all", |r| r.at_all)]
    {
        let estimates =
            rows.clone().map(move |row| row.and_then(of).map(|e| (e.share, e.interval)));
        columns.extend(with_ends(name, estimates));
    }
    columns.push(numbers("late_return_share", rows.map(|row| row?.late_returns)));
    columns
}

impl InactivityReport {
    fn gaps(&self) -> Result<RecordBatch> {
        let rows = &self.gaps;
        let mut columns: Vec<Column> = groups(rows.iter().map(|row| &row.group)).into();
        columns.push(texts("method", rows.iter().map(|row| row.method.name())));
        columns.push(counts("customers", rows.iter().map(|row| row.customers)));
        columns.push(counts("silences", rows.iter().map(|row| row.silences)));
        columns.push(counts("gaps", rows.iter().map(|row| row.gaps)));
        for (i, q) in GapRow::QUANTILES.iter().enumerate() {
            let name = format!("p{:.0}", q * 100.0);
            columns.push(numbers(name, rows.iter().map(|row| row.quantiles[i])));
        }
        for (i, months) in GapRow::MONTHS.iter().enumerate() {
            let name = format!("under_{months}mo");
            columns.push(numbers(name, rows.iter().map(|row| row.under[i])));
        }
        batch(columns)
    }

    fn returns(&self) -> Result<RecordBatch> {
        let rows = &self.returns;
        let mut columns: Vec<Column> = groups(rows.iter().map(|row| &row.group)).into();
        columns.push(counts("silence_days", rows.iter().map(|row| u64::from(row.days))));
        columns.extend(returns(rows.iter().map(|row| Some(row.returns))));
        batch(columns)
    }

    fn limits(&self) -> Result<RecordBatch> {
        let rows = &self.limits;
        let mut columns: Vec<Column> = groups(rows.iter().map(|row| &row.group)).into();
        columns.push(counts("customers", rows.iter().map(|row| row.customers)));
        columns.push(texts("limit", rows.iter().map(|row| row.limit.name())));
        columns.push(texts("source", rows.iter().map(|row| row.source.name())));
        columns.push(whole("days", rows.iter().map(|row| row.days.map(i64::from))));
        columns.extend(returns(rows.iter().map(|row| row.returns)));
        columns.push(whole("days_later", rows.iter().map(|row| row.days_later)));
        columns.push(flags("too_thin", rows.iter().map(|row| row.too_thin)));
        batch(columns)
    }
}

impl Analysis for InactivityReport {
    /// - `returns`: who comes back after how long a silence, one row per group and length:
    ///   `grouping`, `group`, `silence_days`, `silences` (that lasted this long or longer, with the
    ///   whole horizon after it observed), `returned` (within the horizon), `return_share` with
    ///   Wilson's interval (`return_share_low`, `return_share_high`), `return_share_at_all` with
    ///   its interval (by Kaplan-Meier, as far as the log can tell), `late_return_share` (of all
    ///   silences that end, the share that last this long); null if undefined.
    /// - `limits`: the limits and what they cost, four rows per group: `grouping`, `group`,
    ///   `customers`, `limit` (`lapsed_after` or `lost_after`), `source` (`suggested` or `given`),
    ///   `days` (null if none is suggested), the columns of the table `returns` for
    ///   the silences that reached it, `days_later` (how much later than with the given limit a
    ///   leaving customer is noticed), `too_thin` (fewer than 100 silences).
    /// - `gaps`: the distribution of gaps, two rows per group: `grouping`, `group`, `method`
    ///   (`completed` or `kaplan_meier`), `customers`, `silences`, `gaps`, the quantiles in days as
    ///   `p10` to `p99` (null if that many were never seen to end), the shares of shorter gaps as
    ///   `under_1mo`, `under_3mo`, `under_6mo`, `under_12mo`.
    const TABLES: &'static [Table<Self>] =
        &[("returns", Self::returns), ("limits", Self::limits), ("gaps", Self::gaps)];

    fn figures(&self) -> Map<String, Value> {
        let mut figures = fields(self);
        let rhythms = self.rhythms.iter().map(|rhythm| rhythm.period.name());
        figures.insert("rhythms".to_owned(), rhythms.collect());
        figures
    }

    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }
}
