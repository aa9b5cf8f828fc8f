//! How the texts of time columns are read: by a format, or by the order of day and month that a
//! column shows as a whole.

use std::collections::BTreeMap;

use arrow_array::RecordBatch;

use super::cells::decoded;
use super::schema::{holds_times, table_and_column};
use super::source::{Batches, TableReader};
use super::texts::Texts;
use crate::error::{Error, Result, quoted};
use crate::time::{
    DayOrder, Evidence, TimeFormat, TimeZone, Timestamp, Unread, evidence, read_text,
};

/// Formats of times, for all columns or for one of them.
#[derive(Debug, Clone, Default)]
pub(crate) struct TimeFormats {
    of_all: Option<TimeFormat>,
    of_one: BTreeMap<(&'static str, &'static str), TimeFormat>,
}

impl TimeFormats {
    #[cfg(test)]
    pub(crate) const NONE: TimeFormats = TimeFormats { of_all: None, of_one: BTreeMap::new() };

    pub(crate) fn set(&mut self, format: &str) -> Result<()> {
        self.of_all = Some(TimeFormat::of_argument("time_format", format)?);
        Ok(())
    }

    /// `place` is `table.column` by default names.
    pub(crate) fn set_column(&mut self, place: &str, format: &str) -> Result<()> {
        let column = table_and_column("time_format", place, holds_times)?;
        self.of_one.insert(column, TimeFormat::of_argument("time_format", format)?);
        Ok(())
    }

    /// Whether a format is that of a column of this table.
    pub(crate) fn name_any_of(&self, table: &str) -> bool {
        self.of_one.keys().any(|(named, _)| *named == table)
    }

    fn get(&self, table: &'static str, column: &'static str) -> Option<&TimeFormat> {
        self.of_one.get(&(table, column)).or(self.of_all.as_ref())
    }
}

/// How the texts of each column of a table are read, by its name in the input; as ISO 8601 and the
/// like if it is not there.
#[derive(Debug, Clone, Default)]
pub(crate) struct TimeTexts(Vec<(String, TimeText)>);

#[derive(Debug, Clone)]
enum TimeText {
    Format(TimeFormat),
    Order(DayOrder),
}

/// How the texts of one column are read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ColumnTimes<'a> {
    how: Option<&'a TimeText>,
    zone: TimeZone,
}

impl TimeTexts {
    #[cfg(test)]
    pub(crate) const NONE: TimeTexts = TimeTexts(Vec::new());

    pub(crate) fn of(&self, column: &str, zone: TimeZone) -> ColumnTimes<'_> {
        let found = self.0.iter().find(|(name, _)| name == column);
        ColumnTimes { how: found.map(|(_, how)| how), zone }
    }
}

impl ColumnTimes<'_> {
    /// What the log's clock shows at the time of a text; an error ends a sentence about the text.
    pub(crate) fn read(self, text: &str) -> Result<Timestamp, String> {
        let read = match self.how {
            Some(TimeText::Format(format)) => format.parse(text),
            Some(TimeText::Order(order)) => read_text(text, Some(*order)),
            None => read_text(text, None),
        };
        read.and_then(|moment| moment.row(self.zone)).map_err(|unread| match (unread, self.how) {
            (Unread::Form, Some(TimeText::Format(format))) => {
                format!("is not a time written as \"{format}\"")
            }
            (Unread::Order, _) => "is written in another way than the first time of its column; \
                                   give time_format="
                .to_owned(),
            (unread, _) => unread.why(remedy(text)),
        })
    }
}

/// What format a text may have, where it has none of its own.
fn remedy(text: &str) -> &'static str {
    match read_text(text, None) {
        Err(Unread::Number) => ", or give time_format=\"%s\" for seconds",
        Err(Unread::ShortYear) => "; give time_format=, such as \"%d.%m.%y\" or \"%m/%d/%y\"",
        Err(Unread::HalfDay) => "; give time_format=, such as \"%m/%d/%Y %I:%M %p\"",
        Err(Unread::Form) => ", or give time_format=",
        _ => "",
    }
}

/// The table with what tells how its columns of texts are read as times. Columns that begin with
/// dates such as `1/2/2024` are looked at as a whole, whatever the pieces in which they come; for
/// that, `again` reads the table anew, or else all of its batches are kept.
pub(crate) fn settled(
    mut reader: TableReader,
    again: Option<impl FnOnce() -> Result<Batches>>,
) -> Result<TableReader> {
    let options = &reader.options;
    let times = reader.columns.iter().enumerate().filter(|(_, column)| holds_times(column.name));
    let (mut found, mut open) = (Vec::new(), Vec::new());
    for (place, column) in times {
        match options.time_formats.get(reader.table, column.name) {
            Some(format) => found.push((column.input.clone(), TimeText::Format(format.clone()))),
            None => open.push(Orders { place, column: column.input.clone(), ..Orders::default() }),
        }
    }
    let mut first = Vec::new();
    let mut rows = 0;
    while open.iter().any(|orders| orders.is_text.is_none()) {
        let Some(batch) = reader.batches.next() else { break };
        if let Ok(batch) = &batch {
            open.iter_mut().try_for_each(|orders| orders.begin(batch))?;
        }
        let is_last = batch.is_err();
        first.push(batch);
        if is_last {
            break; // told where the table is read
        }
    }
    open.retain(|orders| orders.is_text == Some(true));
    if !open.is_empty() && first.iter().all(Result::is_ok) {
        let mut look = |batch: &RecordBatch| -> Result<()> {
            open.iter_mut().try_for_each(|orders| orders.look(batch, rows))?;
            rows += batch.num_rows() as u64;
            Ok(())
        };
        match again {
            Some(again) => again()?.try_for_each(|batch| look(&batch?))?,
            None => {
                first.extend(reader.batches.by_ref());
                first.iter().flatten().try_for_each(look)?;
            }
        }
        for orders in open {
            let order = orders.settle(reader.table)?;
            found.push((orders.column, TimeText::Order(order)));
        }
    }
    if !found.is_empty() {
        let mut own = reader.options.as_ref().clone();
        own.time_texts = TimeTexts(found);
        reader.options = own.into();
    }
    reader.batches = Box::new(first.into_iter().chain(reader.batches));
    Ok(reader)
}

/// What the dates of a column show.
#[derive(Debug, Default)]
struct Orders {
    place: usize,
    column: String,
    /// Whether the first cell is a date such as `1/2/2024`; none before there is one.
    is_text: Option<bool>,
    /// The first rows, counted from 1, that show that the day or the month comes first, and the
    /// first that shows neither.
    day_first: Option<(u64, String)>,
    month_first: Option<(u64, String)>,
    either: Option<(u64, String)>,
}

impl Orders {
    fn begin(&mut self, batch: &RecordBatch) -> Result<()> {
        if self.is_text.is_none() {
            let array = decoded(batch.column(self.place))?;
            self.is_text = match Texts::of(&array) {
                None if array.data_type().is_null() => None,
                None => Some(false),
                Some(texts) => {
                    let first = texts.iter().flatten().find(|text| !text.trim().is_empty());
                    first.map(|text| evidence(text).is_some())
                }
            };
        }
        Ok(())
    }

    fn look(&mut self, batch: &RecordBatch, rows_before: u64) -> Result<()> {
        let array = decoded(batch.column(self.place))?;
        let texts = Texts::of(&array);
        for (row, text) in texts.iter().flat_map(Texts::iter).enumerate() {
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

    fn settle(&self, table: &'static str) -> Result<DayOrder> {
        const FORMATS: &str = "give time_format=, such as \"%d/%m/%Y\" or \"%m/%d/%Y\"";
        let refused = |row: u64, message: String| {
            Err(Error::data(table, self.column.as_str(), row, message))
        };
        match (&self.day_first, &self.month_first, &self.either) {
            (Some((day, day_text)), Some((month, month_text)), _) => {
                let (row, text, kind, other, other_text) = match day > month {
                    true => (*day, day_text, "day", month, month_text),
                    false => (*month, month_text, "month", day, day_text),
                };
                refused(
                    row,
                    format!(
                        "{} has its {kind} first, unlike {} in row {other}; {FORMATS}",
                        quoted(text),
                        quoted(other_text)
                    ),
                )
            }
            (None, None, Some((row, text))) => refused(
                *row,
                format!(
                    "{} may have its day or its month first, and no other row of the column tells \
                     which; {FORMATS}",
                    quoted(text)
                ),
            ),
            (None, Some(_), _) => Ok(DayOrder::MonthFirst),
            _ => Ok(DayOrder::DayFirst),
        }
    }
}
