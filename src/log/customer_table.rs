//! A table with a row for each customer that belongs to no log: a list, arms, what customers did.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, RecordBatch, RecordBatchReader};
use arrow_schema::{DataType, Field, Schema};

use super::read::cells::{self, Place};
use super::read::identified::{Identified, read_batches};
use super::read::input_options::InputOptions;
use super::read::schema::{Column, ColumnNames, TableSpec};
use super::read::source::{self, Source, TableReader};
use super::read::table_files::check_path;
use super::store::attribute_cells::AttributeCells;
use super::store::attributes::{Attribute, AttributeValue, AttributeValues};
use super::store::customer_id::{CustomerId, untyped_integer};
use super::store::customer_index::CustomerIndex;
use super::store::customers::judge;
use super::store::ids::{CustomerIds, IdColumn};
use crate::error::{Error, Result, names, shown};

const ID: &str = "customer_id";

/// As what the columns of a table are read.
#[derive(Debug, Clone, Copy)]
enum Values {
    /// Numbers where all cells are, else texts.
    AsMeant,
    Texts,
}

/// A table with a row for each customer: `customer_id` and any other columns, of numbers or texts.
///
/// Rows are in the order of their ids, so that nothing depends on the order of the input. A table
/// without ids keeps its order.
///
/// ```
/// use winback::log::{CustomerTable, IdSlice, TransactionSlices};
/// # let at = ["2024-01-05".parse()?, "2024-03-01".parse()?];
/// # let batch = TransactionSlices { customer_id: IdSlice::Int(&[7, 3]), time: &at,
/// #     amount: Some(&[20.0, 35.5]), ..TransactionSlices::default() }.to_batch()?;
/// let table = CustomerTable::of_batches("list", [batch])?;
/// assert_eq!(table.ids().get(0.into()).integer(), Some(3));
/// assert_eq!(table.numbers("amount")?, [35.5, 20.0]);
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct CustomerTable {
    name: &'static str,
    has_ids: bool,
    /// Distinct, ascending.
    ids: CustomerIds,
    /// Of each row the place of its id.
    owners: Vec<CustomerIndex>,
    columns: Vec<Attribute>,
    ignored: Vec<String>,
}

impl CustomerTable {
    /// Reads a file, or a folder of files; `name` is what errors call the table.
    ///
    /// # Errors
    /// As [`CustomerTable::of_batches`], and [`Error::Io`] or [`Error::File`] for a file that cannot
    /// be read.
    pub fn of_path(name: &'static str, path: impl AsRef<Path>) -> Result<Self> {
        check_path(path.as_ref())?;
        Self::read(name, Source::Path(path.as_ref().to_owned()), Values::AsMeant)
    }

    /// As [`CustomerTable::of_path`], with all columns as texts, so that codes and phone numbers stay
    /// as they stand.
    ///
    /// # Errors
    /// As [`CustomerTable::of_path`]; [`Error::Data`] for a number so large that digits may be lost.
    pub fn texts_of_path(name: &'static str, path: impl AsRef<Path>) -> Result<Self> {
        check_path(path.as_ref())?;
        Self::read(name, Source::Path(path.as_ref().to_owned()), Values::Texts)
    }

    /// Of a stream of record batches.
    ///
    /// # Errors
    /// As [`CustomerTable::of_batches`], and [`Error::Arrow`] from the stream.
    pub fn of_stream(
        name: &'static str,
        stream: Box<dyn RecordBatchReader + Send>,
    ) -> Result<Self> {
        Self::read(name, Source::Stream(stream), Values::AsMeant)
    }

    /// As [`CustomerTable::of_stream`] and [`CustomerTable::texts_of_path`].
    ///
    /// # Errors
    /// As they have.
    pub fn texts_of_stream(
        name: &'static str,
        stream: Box<dyn RecordBatchReader + Send>,
    ) -> Result<Self> {
        Self::read(name, Source::Stream(stream), Values::Texts)
    }

    /// Of record batches.
    ///
    /// # Errors
    /// [`Error::Table`] for a table without rows, [`Error::Data`] for a row without an id or a
    /// number that cannot be used, [`Error::Column`] for columns of one name.
    pub fn of_batches(
        name: &'static str,
        batches: impl IntoIterator<Item = RecordBatch>,
    ) -> Result<Self> {
        let batches: Vec<RecordBatch> = batches.into_iter().collect();
        let schema = batches.first().map_or_else(|| Schema::empty().into(), RecordBatch::schema);
        Self::read(name, Source::Batches { schema, batches }, Values::AsMeant)
    }

    fn read(name: &'static str, source: Source, values: Values) -> Result<Self> {
        let spec = TableSpec { name, needed: &[], optional: &[ID] };
        let options = Arc::new(InputOptions::default());
        let mut reader = source::open(source, &spec, &ColumnNames::default(), &options, true)?;
        let mut seen = HashSet::new();
        if let Some(twice) = reader.rest.iter().find(|column| !seen.insert(&column.input)) {
            return Err(Error::bad_column(name, twice.input.as_str(), "is there twice"));
        }
        let has_ids = !reader.columns.is_empty();
        if !has_ids {
            number_rows(&mut reader);
        }
        let (untyped, id_column) = (reader.untyped, reader.id_column());
        let columns: Vec<Column> = reader.columns.iter().chain(&reader.rest).cloned().collect();
        let mut ignored = reader.ignored.clone();
        let (mut ids, mut parts): (Option<IdColumn>, Vec<(u64, Identified)>) = (None, Vec::new());
        let judged = |batch: &RecordBatch, place: Place<'_>| judge(&columns, batch, place);
        read_batches(reader, judged, |part, place| {
            cells::read_ids(part.batch.column(0), part.place(place), &mut ids)?;
            parts.push((place.rows_before, part));
            Ok(())
        })?;
        let Some(ids) = ids.filter(|ids| !ids.codes.is_empty()) else {
            return Err(Error::bad_table(name, "has no rows"));
        };
        let place = Place {
            table: name,
            column: &id_column,
            rows_before: 0,
            rows: None,
            untyped,
            options: &options,
        };
        let as_integers = match ids.keys.is_typed_as() {
            Some(kind) => kind == "integers",
            None => ids.keys.all_integers(),
        };
        let (sorted, positions) = ids.keys.sorted(as_integers);
        let owner = |row: usize| positions[ids.codes[row] as usize];
        let mut order: Vec<u32> = (0..ids.codes.len() as u32).collect();
        order.sort_by_key(|&row| owner(row as usize));
        let rows: Vec<Option<u32>> = order.iter().map(|&row| Some(row)).collect();
        let mut attributes = Vec::new();
        for (index, column) in columns.iter().enumerate().skip(1) {
            let own = Place { column: &column.input, ..place };
            let cells = AttributeCells::of(&parts, index, own)?;
            let read = match values {
                Values::AsMeant => cells.read()?.map(|(values, _)| values),
                Values::Texts => cells.read_as_texts()?,
            };
            match read {
                Some(values) => {
                    let attribute = Attribute { name: column.input.clone(), values };
                    attributes.push(attribute.take(&rows));
                }
                None => ignored.push(column.input.clone()),
            }
        }
        Ok(CustomerTable {
            name,
            has_ids,
            ids: sorted,
            owners: order.iter().map(|&row| owner(row as usize).into()).collect(),
            columns: attributes,
            ignored,
        })
    }

    /// Whether it has a column `customer_id`; else ids are the numbers of its rows.
    pub fn has_ids(&self) -> bool {
        self.has_ids
    }

    /// The ids, each once, ascending.
    pub fn ids(&self) -> &CustomerIds {
        &self.ids
    }

    /// Rows, by id.
    pub fn rows(&self) -> usize {
        self.owners.len()
    }

    /// Whose each row is, of [`CustomerTable::ids`]; they do not fall.
    pub(crate) fn owners(&self) -> &[CustomerIndex] {
        &self.owners
    }

    /// The first row of each id.
    pub(crate) fn first_rows(&self) -> impl Iterator<Item = usize> {
        self.ids.indices().map(|id| self.owners.partition_point(|&owner| owner < id))
    }

    /// What errors call it.
    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    /// Names of the columns of numbers or texts, without the ids.
    pub fn column_names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| column.name.as_str())
    }

    /// Whether there is a column of this name.
    pub(crate) fn has(&self, column: &str) -> bool {
        self.column_names().any(|name| name == column)
    }

    /// Whether it has a column that may be there or not. One that holds neither numbers nor texts, or
    /// whose name is written otherwise, is refused: what it says must not be passed over.
    ///
    /// # Errors
    /// [`Error::Column`].
    pub(crate) fn has_readable(&self, column: &str) -> Result<bool> {
        if self.has(column) {
            return Ok(true);
        }
        if self.ignored.iter().any(|name| name == column) {
            return self.column(column).map(|_| true);
        }
        let all = self.column_names().chain(self.ignored.iter().map(String::as_str));
        refuse_misspelt(self.name, all, column).map(|()| false)
    }

    /// A column of numbers, one a row; NaN where one is missing.
    ///
    /// # Errors
    /// [`Error::MissingColumn`] and [`Error::Column`].
    pub fn numbers(&self, column: &str) -> Result<&[f64]> {
        match &self.column(column)?.values {
            AttributeValues::Numbers(values) => Ok(values),
            AttributeValues::Texts { .. } => {
                Err(Error::bad_column(self.name, column, "holds texts; expected numbers"))
            }
        }
    }

    /// Whether a column holds numbers.
    pub(crate) fn holds_numbers(&self, column: &str) -> bool {
        self.numbers(column).is_ok()
    }

    /// A column as texts, one a row; none where one is missing.
    ///
    /// # Errors
    /// [`Error::MissingColumn`].
    pub fn texts(&self, column: &str) -> Result<Vec<Option<String>>> {
        let column = self.column(column)?;
        let text = |row| match column.get(row) {
            AttributeValue::Missing => None,
            AttributeValue::Number(value) => Some(value.to_string()),
            AttributeValue::Text(text) => Some(text.into_owned()),
        };
        Ok((0..self.rows()).map(text).collect())
    }

    fn column(&self, name: &str) -> Result<&Attribute> {
        if let Some(column) = self.columns.iter().find(|column| column.name == name) {
            return Ok(column);
        }
        if self.ignored.iter().any(|ignored| ignored == name) {
            let message = "holds neither numbers nor texts";
            return Err(Error::bad_column(self.name, name, message));
        }
        let found: Vec<&str> = self.column_names().collect();
        Err(Error::missing_column(self.name, name, None, &found))
    }

    /// Of each id the customer of a log; none where the log has no such customer. Whole numbers and
    /// texts of their digits are the same ids.
    ///
    /// # Errors
    /// [`Error::Table`] where it has no ids, or none that the log knows.
    pub(crate) fn customers_of(&self, log: &CustomerIds) -> Result<Vec<Option<CustomerIndex>>> {
        if !self.has_ids {
            let found = names(self.column_names());
            return Err(Error::bad_table(
                self.name,
                format!(
                    "has no column customer_id, by which its rows are those of the log; found: {found}"
                ),
            ));
        }
        let are_integers = log.data_type() == DataType::Int64;
        let place = |own: CustomerIndex| {
            let id = self.ids.get(own);
            match (id, are_integers) {
                (CustomerId::Text(text), true) => {
                    log.position(CustomerId::Int(untyped_integer(text)?))
                }
                (CustomerId::Int(_), false) => log.position(CustomerId::Text(&id.to_string())),
                _ => log.position(id),
            }
        };
        let places: Vec<Option<CustomerIndex>> = self.ids.indices().map(place).collect();
        if places.iter().all(Option::is_none) {
            let (own, other) = (self.ids.get(0.into()).to_string(), log.first());
            let other = other.map_or_else(|| "none".to_owned(), |id| shown(&id.to_string()));
            return Err(Error::bad_table(
                self.name,
                format!(
                    "the log knows none of its customers; an id here is {}, one of the log {other}",
                    shown(&own)
                ),
            ));
        }
        Ok(places)
    }
}

/// Refuses a table of which another column has this name but for capitals, blanks and the like: what it
/// says would be passed over.
pub(crate) fn refuse_misspelt<'a>(
    table: &'static str,
    mut columns: impl Iterator<Item = &'a str>,
    name: &str,
) -> Result<()> {
    let plain = |name: &str| -> String {
        let letters = name.chars().filter(|c| c.is_alphanumeric());
        letters.flat_map(char::to_lowercase).collect()
    };
    match columns.find(|column| *column != name && plain(column) == plain(name)) {
        Some(near) => {
            let message = format!("would not be read; it is to be called {name}");
            Err(Error::bad_column(table, near, message))
        }
        None => Ok(()),
    }
}

/// Makes the numbers of the rows their ids.
fn number_rows(reader: &mut TableReader) {
    reader.columns = vec![Column { name: ID, input: ID.to_owned(), index: usize::MAX }];
    let batches = std::mem::replace(&mut reader.batches, Box::new(std::iter::empty()));
    let mut before = 0;
    reader.batches = Box::new(batches.map(move |batch| {
        let batch = batch?;
        let numbers = before + 1..=before + batch.num_rows() as i64;
        before += batch.num_rows() as i64;
        let mut fields = vec![Arc::new(Field::new(ID, DataType::Int64, true))];
        fields.extend(batch.schema_ref().fields().iter().cloned());
        let mut arrays: Vec<ArrayRef> = vec![Arc::new(Int64Array::from_iter_values(numbers))];
        arrays.extend(batch.columns().iter().cloned());
        Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)?)
    }));
}
