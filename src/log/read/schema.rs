//! The input tables: their columns by default name, and names mapped by the user.

use std::collections::BTreeMap;

use crate::error::{Error, Result};

/// An input table and its columns under their default names.
#[derive(Debug)]
pub(crate) struct TableSpec {
    pub(crate) name: &'static str,
    pub(crate) needed: &'static [&'static str],
    pub(crate) optional: &'static [&'static str],
}

pub(crate) const TRANSACTIONS: TableSpec = TableSpec {
    name: "transactions",
    needed: &["customer_id", "time"],
    optional: &["amount", "order_id", "category", "channel", "discount", "valid_until", "known_at"],
};

pub(crate) const TICKETS: TableSpec = TableSpec {
    name: "tickets",
    needed: &["customer_id", "opened_at"],
    optional: &[
        "first_response_at",
        "resolved_at",
        "topic",
        "reopened_count",
        "satisfaction",
        "known_at",
    ],
};

pub(crate) const SURVEYS: TableSpec = TableSpec {
    name: "surveys",
    needed: &["customer_id", "time", "score"],
    optional: &["topic", "known_at"],
};

pub(crate) const EVENTS: TableSpec = TableSpec {
    name: "events",
    needed: &["customer_id", "time", "kind"],
    optional: &["value", "channel", "known_at"],
};

pub(crate) const CUSTOMERS: TableSpec =
    TableSpec { name: "customers", needed: &["customer_id"], optional: &[] };

/// A table of which nothing is known yet.
pub(crate) const ANY: TableSpec = TableSpec { name: "table", needed: &[], optional: &[] };

/// In the order in which they are told of.
pub(crate) const TABLES: [&TableSpec; 5] = [&TRANSACTIONS, &TICKETS, &SURVEYS, &EVENTS, &CUSTOMERS];

const EXPECTED_TABLE: &str =
    "one of the tables transactions, tickets, surveys, events and customers";

fn table_of(name: &str) -> Option<&'static TableSpec> {
    TABLES.into_iter().find(|spec| spec.name == name)
}

/// The name of a table that the argument `argument` names.
pub(crate) fn table_name(argument: &'static str, name: &str) -> Result<&'static str> {
    let spec =
        table_of(name).ok_or_else(|| Error::text_argument(argument, name, EXPECTED_TABLE))?;
    Ok(spec.name)
}

/// Which input column stands for which column of a table, or which text for all of its cells: one in
/// single quotes, as `'login'`.
#[derive(Debug, Clone, Default)]
pub(crate) struct ColumnNames(BTreeMap<(&'static str, &'static str), String>);

impl ColumnNames {
    /// `place` is `table.column` by default names.
    pub(crate) fn set(&mut self, place: &str, input: &str) -> Result<()> {
        let (table, column) = table_and_column("columns", place, |_| true)?;
        if constant_of(input).is_some_and(|text| text.trim().is_empty() || !may_be_constant(column))
        {
            let expected = format!(
                "the name of a column for {place}; a text in quotes stands for all cells of a kind, \
                 category, channel or topic"
            );
            return Err(Error::text_argument("columns", input, expected));
        }
        self.0.insert((table, column), input.to_owned());
        Ok(())
    }

    fn of(&self, table: &'static str, column: &'static str) -> Option<&str> {
        self.0.get(&(table, column)).map(String::as_str)
    }

    /// Takes over the names of others for tables that are `given` and have none.
    pub(crate) fn complete(&mut self, others: &Self, given: impl Fn(&str) -> bool) {
        let own = self.clone();
        let lacking = |table: &str| given(table) && !own.names_any_of(table);
        let more = others.0.iter().filter(|((table, _), _)| lacking(table));
        self.0.extend(more.map(|(place, input)| (*place, input.clone())));
    }

    /// The text that stands for all cells of a column.
    fn constant(&self, table: &'static str, column: &'static str) -> Option<&str> {
        self.of(table, column).and_then(constant_of)
    }

    /// Whether a column was named for this table.
    pub(crate) fn names_any_of(&self, table: &str) -> bool {
        self.0.keys().any(|(named, _)| *named == table)
    }
}

/// The text in single quotes.
fn constant_of(input: &str) -> Option<&str> {
    input.strip_prefix('\'')?.strip_suffix('\'')
}

/// Whether all cells of a column of this default name may be one text.
fn may_be_constant(name: &str) -> bool {
    matches!(name, "kind" | "category" | "channel" | "topic")
}

/// The table and the column, one of those that `fits`, that `place` names by default names.
pub(crate) fn table_and_column(
    argument: &'static str,
    place: &str,
    fits: impl Fn(&str) -> bool,
) -> Result<(&'static str, &'static str)> {
    let fail = |expected: String| Error::text_argument(argument, place, expected);
    let (table, column) = place
        .split_once('.')
        .ok_or_else(|| fail("a table and a column such as transactions.amount".into()))?;
    let spec = table_of(table).ok_or_else(|| fail(EXPECTED_TABLE.into()))?;
    let columns = || spec.needed.iter().chain(spec.optional).filter(|name| fits(name));
    let column = columns().find(|name| **name == column).ok_or_else(|| {
        let names: Vec<&str> = columns().copied().collect();
        fail(format!("one of the columns of {table}, {}", names.join(", ")))
    })?;
    Ok((spec.name, column))
}

/// Whether a column of this default name holds times.
pub(crate) fn holds_times(name: &str) -> bool {
    matches!(
        name,
        "time" | "opened_at" | "first_response_at" | "resolved_at" | "valid_until" | "known_at"
    )
}

/// What the cells of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cells {
    /// Ids, categories and other texts.
    Texts,
    /// Numbers and times.
    Values,
    /// Times at which rows became known. Only an empty cell says that a row was known at once: what
    /// else may stand for a missing time would let a model see what nobody knew.
    KnownAt,
}

/// One column that is read: default name, name in the input, position in the input.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    pub(crate) name: &'static str,
    pub(crate) input: String,
    pub(crate) index: usize,
}

impl Column {
    /// Whether this column holds dates or times.
    #[cfg(feature = "xlsx")]
    pub(crate) fn holds_times(&self) -> bool {
        holds_times(self.name)
    }

    /// Whether numbers in this column are ids or codes.
    pub(crate) fn holds_ids(&self) -> bool {
        matches!(self.name, "customer_id" | "order_id" | "category" | "channel" | "topic" | "kind")
    }

    /// Whether one column of the input may stand for both: two times, or two codes.
    fn may_share_with(&self, other: &Column) -> bool {
        let is_code = |column: &Column| column.holds_ids() && column.name != "customer_id";
        holds_times(self.name) && holds_times(other.name) || is_code(self) && is_code(other)
    }

    /// What its cells are. What an attribute is turns out when all of its cells are read.
    pub(crate) fn cells(&self) -> Cells {
        match self.name {
            "known_at" => Cells::KnownAt,
            "" => Cells::Texts,
            _ if self.holds_ids() => Cells::Texts,
            _ => Cells::Values,
        }
    }
}

impl TableSpec {
    /// The names of input columns that are read where there are such.
    pub(crate) fn inputs(&self, names: &ColumnNames) -> Vec<String> {
        let columns = self.needed.iter().chain(self.optional);
        columns.map(|name| names.of(self.name, name).unwrap_or(name).to_owned()).collect()
    }

    /// Finds this table's columns among the input's. A needed column or one that the user named
    /// must be there; an optional one may be missing.
    pub(crate) fn resolve(&self, found: &[String], names: &ColumnNames) -> Result<Vec<Column>> {
        let mut columns = Vec::new();
        for (&name, needed) in
            self.needed.iter().map(|n| (n, true)).chain(self.optional.iter().map(|n| (n, false)))
        {
            if names.constant(self.name, name).is_some() {
                continue;
            }
            let mapped = names.of(self.name, name);
            let input = mapped.unwrap_or(name);
            let mut places = (0..found.len()).filter(|&i| found[i] == input);
            match (places.next(), places.next()) {
                (Some(index), None) => {
                    let column = Column { name, input: input.to_owned(), index };
                    let same = columns.iter().find(|other: &&Column| other.index == index);
                    if let Some(other) = same.filter(|other| !other.may_share_with(&column)) {
                        let message = format!("is given for both {} and {name}", other.name);
                        return Err(Error::bad_column(self.name, input, message));
                    }
                    columns.push(column);
                }
                (Some(_), Some(_)) => {
                    return Err(Error::bad_column(self.name, input, "is there twice"));
                }
                (None, _) if needed || mapped.is_some() => {
                    let found: Vec<&str> = found.iter().map(String::as_str).collect();
                    let given_for = mapped.map(|_| name);
                    return Err(Error::missing_column(self.name, input, given_for, &found));
                }
                (None, _) => {}
            }
        }
        Ok(columns)
    }

    /// The columns whose cells are all one text, and these texts.
    pub(crate) fn constants(&self, names: &ColumnNames) -> Vec<(Column, String)> {
        let columns = self.needed.iter().chain(self.optional);
        let constant = |&name: &&'static str| {
            let text = names.constant(self.name, name)?.to_owned();
            Some((Column { name, input: name.to_owned(), index: usize::MAX }, text))
        };
        columns.filter_map(constant).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(names: &[&str]) -> Vec<String> {
        names.iter().map(|n| n.to_string()).collect()
    }

    #[test]
    fn a_missing_column_names_those_that_were_found() {
        let error = TRANSACTIONS
            .resolve(&found(&["id", "time"]), &ColumnNames::default())
            .unwrap_err()
            .to_string();
        assert_eq!(error, "transactions.customer_id: no such column; found: id, time");
    }

    #[test]
    fn a_mapped_optional_column_must_be_there() {
        let mut names = ColumnNames::default();
        names.set("transactions.amount", "total").unwrap();
        let columns = found(&["customer_id", "time", "amount"]);
        let error = TRANSACTIONS.resolve(&columns, &names).unwrap_err().to_string();
        assert!(error.contains("transactions.total: no such column (given for `amount`)"));
    }

    #[test]
    fn a_column_twice_in_the_input_is_refused() {
        let columns = found(&["customer_id", "time", "time"]);
        assert!(TRANSACTIONS.resolve(&columns, &ColumnNames::default()).is_err());
    }

    #[test]
    fn a_column_stands_for_two_only_where_both_can_be_meant() {
        let columns = found(&["customer_id", "time", "shop", "amount"]);
        for (name, input, fits) in [
            ("amount", "time", false),
            ("amount", "customer_id", false),
            ("discount", "amount", false),
            ("order_id", "customer_id", false),
            ("time", "amount", false),
            ("known_at", "time", true),
        ] {
            let mut names = ColumnNames::default();
            names.set(&format!("transactions.{name}"), input).unwrap();
            let found = TRANSACTIONS.resolve(&columns, &names);
            assert_eq!(found.is_ok(), fits, "{name} {input}");
        }
        let mut names = ColumnNames::default();
        names.set("transactions.category", "shop").unwrap();
        names.set("transactions.channel", "shop").unwrap();
        assert_eq!(TRANSACTIONS.resolve(&columns, &names).unwrap().len(), 5);
        names.set("transactions.amount", "shop").unwrap();
        let error = TRANSACTIONS.resolve(&columns, &names).unwrap_err().to_string();
        assert_eq!(error, "transactions.shop: is given for both amount and category");
    }

    #[test]
    fn a_text_in_quotes_stands_for_all_cells() {
        let mut names = ColumnNames::default();
        names.set("events.kind", "'log in'").unwrap();
        let columns = EVENTS.resolve(&found(&["customer_id", "time"]), &names).unwrap();
        assert_eq!(columns.len(), 2);
        let constants = EVENTS.constants(&names);
        assert_eq!((constants[0].0.name, constants[0].1.as_str()), ("kind", "log in"));
        for (place, input) in [("events.time", "'2024-01-01'"), ("events.kind", "''")] {
            assert!(names.set(place, input).is_err(), "{place} {input}");
        }
    }

    #[test]
    fn unknown_tables_and_columns_cannot_be_named() {
        let mut names = ColumnNames::default();
        for place in ["amount", "orders.amount", "transactions.price", "customers.plan"] {
            assert!(names.set(place, "x").is_err(), "{place}");
        }
    }
}
