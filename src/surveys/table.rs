//! The report's tables in Arrow.

use arrow_array::RecordBatch;
use serde_json::{Map, Value};

use super::nps::{Nps, NpsCounts, NpsDifference};
use super::report::NpsReport;
use crate::answer::columns::{Column, batch, counts, flags, numbers, texts, times, with_ends};
use crate::answer::{Analysis, Table, fields};
use crate::error::Result;
use crate::followup::Afterwards;
use crate::periods::Period;

/// `answers`, `customers`, `promoters`, `passives`, `detractors`, `nps` with its interval,
/// `standard_error`, `effective_answers`.
fn scores(rows: impl Iterator<Item = (NpsCounts, u64, Option<Nps>)> + Clone) -> Vec<Column> {
    let count = |of: fn(&NpsCounts) -> u64| rows.clone().map(move |row| of(&row.0));
    let nps = rows.clone().map(|row| row.2);
    let mut columns = vec![
        counts("answers", count(NpsCounts::answers)),
        counts("customers", rows.clone().map(|row| row.1)),
        counts("promoters", count(|counts| counts.promoters)),
        counts("passives", count(|counts| counts.passives)),
        counts("detractors", count(|counts| counts.detractors)),
    ];
    let ends = |nps: Nps| (nps.score, Some((nps.low, nps.high)));
    columns.extend(with_ends("nps", nps.clone().map(move |nps| nps.map(ends))));
    let error = nps.clone().map(|nps| nps.map(|nps| nps.standard_error));
    columns.push(numbers("standard_error", error));
    columns.push(numbers("effective_answers", nps.map(|nps| nps.map(|nps| nps.effective))));
    columns
}

/// The difference with its interval, `p_value`, `smallest_difference`.
fn differences(
    name: &str,
    rows: impl Iterator<Item = Option<NpsDifference>> + Clone,
) -> Vec<Column> {
    let ends = |found: NpsDifference| (found.difference, found.low.zip(found.high));
    let mut columns: Vec<Column> =
        with_ends(name, rows.clone().map(move |found| found.map(ends))).into();
    columns.push(numbers("p_value", rows.clone().map(|found| found?.p_value)));
    columns.push(numbers("smallest_difference", rows.map(|found| found?.smallest_difference)));
    columns
}

fn of_periods(periods: impl Iterator<Item = Option<Period>> + Clone) -> [Column; 2] {
    let start = periods.clone().map(|period| period.map(|period| period.window.start));
    let end = periods.map(|period| period.map(|period| period.window.end));
    [times("period", start), times("period_end", end)]
}

impl NpsReport {
    fn groups(&self) -> Result<RecordBatch> {
        let rows = &self.groups;
        let mut columns = vec![
            texts("grouping", rows.iter().map(|row| row.grouping.as_str())),
            texts("group", rows.iter().map(|row| row.group.as_str())),
        ];
        columns.extend(scores(rows.iter().map(|row| (row.counts, row.customers, row.nps))));
        columns.extend(differences("difference", rows.iter().map(|row| row.against_others)));
        batch(columns)
    }

    fn periods(&self) -> Result<RecordBatch> {
        let rows = &self.periods;
        let mut columns = vec![
            texts("grouping", rows.iter().map(|row| row.grouping.as_str())),
            texts("group", rows.iter().map(|row| row.group.as_str())),
        ];
        columns.extend(of_periods(rows.iter().map(|row| Some(row.period))));
        columns.push(flags("finished", rows.iter().map(|row| row.period.finished)));
        columns.extend(scores(rows.iter().map(|row| (row.counts, row.customers, row.nps))));
        columns.extend(differences("change", rows.iter().map(|row| row.change)));
        batch(columns)
    }

    fn topics(&self) -> Result<RecordBatch> {
        let rows = &self.topics;
        let mut columns: Vec<Column> = of_periods(rows.iter().map(|row| row.period)).into();
        columns.push(texts("topic", rows.iter().map(|row| row.topic.as_str())));
        columns.push(counts("answers", rows.iter().map(|row| row.counts.answers())));
        columns.push(numbers("share", rows.iter().map(|row| Some(row.share))));
        let nps = rows.iter().map(|row| row.counts.nps().map(|nps| nps.score));
        columns.push(numbers("nps", nps));
        let found = rows.iter().map(|row| row.contribution);
        let found = found.map(|found| Some((found.points, found.low.zip(found.high))));
        columns.extend(with_ends("contribution", found));
        batch(columns)
    }

    fn afterwards(&self) -> Result<RecordBatch> {
        let rows = &self.afterwards;
        let mut columns = vec![texts("answer", rows.iter().map(|row| row.answer))];
        columns.extend(Afterwards::columns("answers", rows.iter().map(|row| &row.afterwards)));
        batch(columns)
    }
}

impl Analysis for NpsReport {
    /// - `periods`: the scores of groups by period: `grouping`, `group`, `period`, `period_end`,
    ///   `finished`, the figures of the table `groups`, `change` from the same group in
    ///   the previous period with its interval, `p_value` and `smallest_difference`.
    /// - `groups`: the scores of groups, all answers first: `grouping` (`all`; `topic`; `category`
    ///   and `channel`, of the last purchase before the answer; an attribute), `group`, `answers`,
    ///   `customers`, `promoters`, `passives`, `detractors`, `nps` with its adjusted Wald interval
    ///   (`nps_low`, `nps_high`), `standard_error`, `effective_answers` (the number of independent
    ///   answers they count as), `difference` from all other answers with its interval, its
    ///   `p_value`, `smallest_difference` (that these two samples would detect with a power of 80
    ///   %); null if undefined.
    /// - `topics`: what topics add to the score, for all answers first (`period` is null), then by
    ///   period: `period`, `period_end`, `topic`, `answers`, `share` (of the answers looked at),
    ///   `nps`, `contribution` (to the difference between the score looked at and the score of all
    ///   answers; those of all topics sum exactly to it) with its interval.
    /// - `afterwards`: what customers did after answers, four rows: `answer` (`promoter`,
    ///   `passive`, `detractor`, `no_answer`), `answers`, `customers`, `purchased`,
    ///   `purchase_share`, `mean_spend` (each with its interval), `mean_spend_before`; for the
    ///   answers with a matched customer `matched` (how many), that customer's
    ///   `base_purchase_share` and `base_mean_spend`, and `share_difference` and `spend_difference`
    ///   from it, with intervals; see [`Afterwards`].
    const TABLES: &'static [Table<Self>] = &[
        ("periods", Self::periods),
        ("groups", Self::groups),
        ("topics", Self::topics),
        ("afterwards", Self::afterwards),
    ];

    fn figures(&self) -> Map<String, Value> {
        fields(self)
    }

    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }
}
