//! How the tables of a log were read, for those that are appended to it.

use super::input_options::InputOptions;
use super::schema::ColumnNames;
use crate::time::DayOrder;

/// What rows that come later are read by too, unless they are said to be written otherwise.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reading {
    names: ColumnNames,
    options: InputOptions,
    pub(crate) orders: DayOrders,
}

impl Reading {
    pub(crate) fn new(names: ColumnNames, options: InputOptions, orders: DayOrders) -> Self {
        Reading { names, options, orders }
    }

    /// The names and options with those of the log where none are given; names and formats are of
    /// tables that are `given`.
    pub(crate) fn complete(
        &self,
        names: &mut ColumnNames,
        options: &mut InputOptions,
        given: impl Fn(&str) -> bool,
    ) {
        names.complete(&self.names, &given);
        let own = &self.options;
        if options.missing_values.is_none() {
            options.missing_values.clone_from(&own.missing_values);
        }
        options.separator = options.separator.or(own.separator);
        options.encoding = options.encoding.or(own.encoding);
        options.numbers = options.numbers.or(own.numbers);
        options.time_formats.complete(&own.time_formats, &given);
        for (table, sheet) in &own.sheets {
            options.sheets.entry(table).or_insert_with(|| sheet.clone());
        }
    }
}

/// Which of day and month comes first in columns of dates such as `31/1/2024`, by table and name in
/// the input, as far as their rows have shown it.
#[derive(Debug, Clone, Default)]
pub(crate) struct DayOrders(Vec<(&'static str, String, DayOrder)>);

impl DayOrders {
    pub(crate) fn of(&self, table: &str, column: &str) -> Option<DayOrder> {
        let is_it = |(t, c, _): &&(&'static str, String, DayOrder)| *t == table && c == column;
        self.0.iter().find(is_it).map(|(_, _, order)| *order)
    }

    pub(crate) fn add(&mut self, table: &'static str, column: &str, order: DayOrder) {
        if self.of(table, column).is_none() {
            self.0.push((table, column.to_owned(), order));
        }
    }
}
