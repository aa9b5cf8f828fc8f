//! How the texts and numbers of time columns are read: by a format, or by the order of day and month that a
//! column shows as a whole.

use std::collections::BTreeMap;

use super::schema::{holds_times, table_and_column};
use crate::error::Result;
use crate::time::{DayOrder, TimeFormat, TimeZone, Timestamp, Unread, read_text};

/// Formats of times, for all columns or for one of them.
#[derive(Debug, Clone, Default)]
pub(crate) struct TimeFormats {
    of_all: Option<TimeFormat>,
    of_one: BTreeMap<(&'static str, &'static str), TimeFormat>,
}

impl TimeFormats {
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

    /// Takes over the formats of others where there are none, those of columns for tables that are
    /// `given`.
    pub(crate) fn complete(&mut self, others: &Self, given: impl Fn(&str) -> bool) {
        if self.of_all.is_some() || !self.of_one.is_empty() {
            return;
        }
        self.of_all.clone_from(&others.of_all);
        let more = others.of_one.iter().filter(|((table, _), _)| given(table));
        self.of_one.extend(more.map(|(place, format)| (*place, format.clone())));
    }

    /// Whether a format is that of a column of this table.
    pub(crate) fn name_any_of(&self, table: &str) -> bool {
        self.of_one.keys().any(|(named, _)| *named == table)
    }

    pub(crate) fn get(&self, table: &'static str, column: &'static str) -> Option<&TimeFormat> {
        self.of_one.get(&(table, column)).or(self.of_all.as_ref())
    }
}

/// How the texts of each column of a table are read, by its name in the input; as ISO 8601 and the
/// like if it is not there.
#[derive(Debug, Clone, Default)]
pub(crate) struct TimeTexts(pub(crate) Vec<(String, TimeText)>);

#[derive(Debug, Clone)]
pub(crate) enum TimeText {
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
    pub(crate) fn of(&self, column: &str, zone: TimeZone) -> ColumnTimes<'_> {
        let found = self.0.iter().find(|(name, _)| name == column);
        ColumnTimes { how: found.map(|(_, how)| how), zone }
    }
}

impl ColumnTimes<'_> {
    /// Whether a format was given, by which numbers are times too.
    pub(crate) fn are_by_format(self) -> bool {
        matches!(self.how, Some(TimeText::Format(_)))
    }

    /// What the log's clock shows at the time of a text; an error ends a sentence about the text.
    pub(crate) fn read(self, text: &str) -> Result<Timestamp, String> {
        self.time(text).map_err(|unread| self.why(text, unread))
    }

    /// As [`ColumnTimes::read`], of the end of a contract: none for a day after all times there are,
    /// such as 9999-12-31, which stands for no end.
    pub(crate) fn read_end(self, text: &str) -> Result<Option<Timestamp>, String> {
        match self.time(text) {
            Ok(end) => Ok(Some(end)),
            Err(Unread::Late) => Ok(None),
            Err(unread) => Err(self.why(text, unread)),
        }
    }

    fn time(self, text: &str) -> Result<Timestamp, Unread> {
        let read = match self.how {
            Some(TimeText::Format(format)) => format.parse(text),
            Some(TimeText::Order(order)) => read_text(text, Some(*order)),
            None => read_text(text, None),
        };
        read.and_then(|moment| moment.row(self.zone))
    }

    fn why(self, text: &str, unread: Unread) -> String {
        match (unread, self.how) {
            (Unread::Form, Some(TimeText::Format(format))) => {
                format!("is not a time written as \"{format}\"")
            }
            (Unread::Order, _) => "is written in another way than the first time of its column; \
                                   give time_format="
                .to_owned(),
            (unread, _) => unread.why(remedy(text)),
        }
    }
}

/// What format a text may have, where it has none of its own.
fn remedy(text: &str) -> &'static str {
    match read_text(text, None) {
        Err(Unread::Number) => match text.trim().find('.').unwrap_or(text.trim().len()) {
            5 => " (of days, as Excel counts them?)",
            8 => ", or give time_format=, such as \"%d%m%Y\"",
            9 | 10 => ", or give time_format=\"%s\" if these are seconds since 1970",
            13 => ", or give time_format=\"epoch_ms\" if these are milliseconds since 1970",
            16 => ", or give time_format=\"epoch_us\" if these are microseconds since 1970",
            19 => ", or give time_format=\"epoch_ns\" if these are nanoseconds since 1970",
            14 => ", or give time_format=\"%Y%m%d%H%M%S\"",
            _ => "",
        },
        Err(Unread::ShortYear) => "; give time_format=, such as \"%d.%m.%y\" or \"%m/%d/%y\"",
        Err(Unread::HalfDay) => "; give time_format=, such as \"%m/%d/%Y %I:%M %p\"",
        Err(Unread::Form) => ", or give time_format=",
        _ => "",
    }
}
