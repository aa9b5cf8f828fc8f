//! The order of day and month in dates such as `1/2/2024`, which a column shows as a whole.

use std::sync::Arc;

use arrow_array::RecordBatch;

use super::cells::{decoded, is_text};
use super::input_options::InputOptions;
use super::reading::DayOrders;
use super::schema::{ColumnNames, TableSpec, holds_times};
use super::source::{self, Batches, Source, TableReader};
use super::texts::Texts;
use super::time_texts::{TimeText, TimeTexts};
use crate::error::{Error, Result, quoted};
use crate::time::{DayOrder, Evidence, evidence};

/// Opens a source and settles how its columns of texts are read as times. Columns that begin with
/// dates such as `1/2/2024` are looked at as a whole, whatever the pieces in which they come: files
/// are read twice for that, and all batches of a stream are kept.
pub(crate) fn open(
    source: Source,
    spec: &TableSpec,
    names: &ColumnNames,
    options: &Arc<InputOptions>,
    rest_is_read: bool,
    known: &mut DayOrders,
) -> Result<TableReader> {
    let path = match &source {
        Source::Path(path) => Some(path.clone()),
        Source::Batches { .. } | Source::Stream(_) => None,
    };
    let again = path.map(|path| {
        move || Ok(source::open(Source::Path(path), spec, names, options, rest_is_read)?.batches)
    });
    settled(source::open(source, spec, names, options, rest_is_read)?, again, known)
}

/// Without `again`, batches that were looked at are kept.
fn settled(
    mut reader: TableReader,
    again: Option<impl FnOnce() -> Result<Batches>>,
    known: &mut DayOrders,
) -> Result<TableReader> {
    let options = &reader.options;
    let times = reader.columns.iter().enumerate().filter(|(_, column)| holds_times(column.name));
    let (mut found, mut open) = (Vec::new(), Vec::new());
    for (place, column) in times {
        let may_be_text = reader.kept.get(place).is_none_or(is_text);
        match options.time_formats.get(reader.table, column.name) {
            Some(format) => found.push((column.input.clone(), TimeText::Format(format.clone()))),
            None if !may_be_text => {}
            None => open.push(Orders { place, column: column.input.clone(), ..Orders::default() }),
        }
    }
    let mut seen = Vec::new();
    match again {
        _ if open.is_empty() => {}
        Some(again) => look_at(&mut open, again()?, options, |_| {})?,
        None => look_at(&mut open, reader.batches.by_ref(), options, |batch| seen.push(Ok(batch)))?,
    }
    for orders in open.into_iter().filter(|orders| orders.begins == Some(true)) {
        let order = orders.settle(reader.table, known)?;
        found.push((orders.column, TimeText::Order(order)));
    }
    if !found.is_empty() {
        let mut own = reader.options.as_ref().clone();
        own.time_texts = TimeTexts(found);
        reader.options = own.into();
    }
    if !seen.is_empty() {
        reader.batches = Box::new(seen.into_iter().chain(reader.batches));
    }
    Ok(reader)
}

/// Looks at columns as long as there is more to see; each batch is then handed on.
fn look_at(
    open: &mut Vec<Orders>,
    batches: impl Iterator<Item = Result<RecordBatch>>,
    options: &InputOptions,
    mut hand_on: impl FnMut(RecordBatch),
) -> Result<()> {
    let mut rows = 0;
    for batch in batches {
        let batch = batch?;
        open.iter_mut().try_for_each(|orders| orders.look(&batch, rows, options))?;
        open.retain(|orders| orders.begins != Some(false));
        rows += batch.num_rows() as u64;
        hand_on(batch);
        if open.is_empty() {
            break;
        }
    }
    Ok(())
}

/// What the dates of a column show.
#[derive(Debug, Default)]
struct Orders {
    place: usize,
    column: String,
    /// Whether the first cell is a date such as `1/2/2024`; none before there is one.
    begins: Option<bool>,
    /// The first rows, counted from 1, that show that the day or the month comes first, and the
    /// first that shows neither.
    day_first: Option<(u64, String)>,
    month_first: Option<(u64, String)>,
    either: Option<(u64, String)>,
}

impl Orders {
    fn look(
        &mut self,
        batch: &RecordBatch,
        rows_before: u64,
        options: &InputOptions,
    ) -> Result<()> {
        let array = decoded(batch.column(self.place))?;
        let Some(texts) = Texts::of(&array) else {
            self.begins = (!array.data_type().is_null()).then_some(false).or(self.begins);
            return Ok(());
        };
        if self.begins.is_none() {
            let first = texts.iter().flatten().find(|text| options.value(text).is_some());
            self.begins = first.map(|text| evidence(text).is_some());
        }
        if self.begins != Some(true) {
            return Ok(());
        }
        for (row, text) in texts.iter().enumerate() {
            let slot = match text.and_then(evidence) {
                Some(Evidence::Shows(DayOrder::DayFirst)) => &mut self.day_first,
                Some(Evidence::Shows(DayOrder::MonthFirst)) => &mut self.month_first,
                Some(Evidence::Either) => &mut self.either,
                Some(Evidence::Same) | None => continue,
            };
            if slot.is_none() {
                *slot = text.map(|text| (rows_before + row as u64 + 1, text.to_owned()));
            }
        }
        Ok(())
    }

    /// The order, which joins the `known` ones if the rows show it.
    fn settle(&self, table: &'static str, known: &mut DayOrders) -> Result<DayOrder> {
        const FORMATS: &str = "give time_format=, such as \"%d/%m/%Y\" or \"%m/%d/%Y\"";
        let refused =
            |row: u64, message: String| Err(Error::data(table, self.column.as_str(), row, message));
        let before = known.of(table, &self.column);
        let (order, row, text) = match (&self.day_first, &self.month_first) {
            (Some((row, text)), None) => (DayOrder::DayFirst, row, text),
            (None, Some((row, text))) => (DayOrder::MonthFirst, row, text),
            (Some((day, day_text)), Some((month, month_text))) => {
                let (row, text, kind, other, other_text) = match day > month {
                    true => (*day, day_text, "day", month, month_text),
                    false => (*month, month_text, "month", day, day_text),
                };
                let (text, other_text) = (quoted(text), quoted(other_text));
                return refused(
                    row,
                    format!(
                        "{text} has its {kind} first, unlike {other_text} in row {other}; {FORMATS}"
                    ),
                );
            }
            (None, None) => match (before, &self.either) {
                (Some(order), _) => return Ok(order),
                (None, None) => return Ok(DayOrder::DayFirst),
                (None, Some((row, text))) => {
                    let text = quoted(text);
                    return refused(
                        *row,
                        format!(
                            "{text} may have its day or its month first, and no other row of the \
                             column tells which; {FORMATS}"
                        ),
                    );
                }
            },
        };
        if before.is_some_and(|before| before != order) {
            let kind = if order == DayOrder::DayFirst { "day" } else { "month" };
            let text = quoted(text);
            return refused(
                *row,
                format!("{text} has its {kind} first, unlike the log; {FORMATS}"),
            );
        }
        known.add(table, &self.column, order);
        Ok(order)
    }
}
