//! The customers table: attributes as they are now, numbers or texts.

use std::path::PathBuf;

use arrow_array::cast::AsArray;
use arrow_array::types::UInt64Type;
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;

use super::ids::{CustomerIds, IdColumn};
use super::options::MissingIds;
use super::placed::known_owners;
use super::pool::{NO_CODE, TextPool};
use super::table_report::TableReport;
use crate::error::{Error, ErrorCode, Result, shown};
use crate::log::read::cells::{self, Place};
use crate::log::read::input_files::file_of;
use crate::log::read::schema::{CUSTOMERS, Column};
use crate::log::read::source::TableReader;

/// One attribute of all customers.
#[derive(Debug, Clone)]
pub(crate) struct Attribute {
    pub(crate) name: String,
    pub(crate) values: AttributeValues,
}

#[derive(Debug, Clone)]
pub(crate) enum AttributeValues {
    /// NaN: unknown.
    Numbers(Vec<f64>),
    /// [`NO_CODE`]: not known.
    Texts { codes: Vec<u32>, pool: TextPool },
}

/// The value of an attribute of one customer.
#[derive(Debug, Clone, PartialEq)]
pub enum AttributeValue<'a> {
    /// Unknown.
    Missing,
    /// A number; booleans are 0 and 1.
    Number(f64),
    /// A text.
    Text(std::borrow::Cow<'a, str>),
}

impl Attribute {
    pub(crate) fn get(&self, row: usize) -> AttributeValue<'_> {
        match &self.values {
            AttributeValues::Numbers(values) if values[row].is_nan() => AttributeValue::Missing,
            AttributeValues::Numbers(values) => AttributeValue::Number(values[row]),
            AttributeValues::Texts { codes, .. } if codes[row] == NO_CODE => {
                AttributeValue::Missing
            }
            AttributeValues::Texts { codes, pool } => {
                AttributeValue::Text(pool.get(codes[row]).into())
            }
        }
    }

    /// One value a customer: that of the row given, missing where there is none.
    pub(crate) fn take(&self, rows: &[Option<u32>]) -> Attribute {
        let values = match &self.values {
            AttributeValues::Numbers(values) => AttributeValues::Numbers(
                rows.iter().map(|row| row.map_or(f64::NAN, |r| values[r as usize])).collect(),
            ),
            AttributeValues::Texts { codes, pool } => AttributeValues::Texts {
                codes: rows.iter().map(|row| row.map_or(NO_CODE, |r| codes[r as usize])).collect(),
                pool: pool.clone(),
            },
        };
        Attribute { name: self.name.clone(), values }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct RawCustomers {
    pub(crate) ids: Option<IdColumn>,
    pub(crate) id_column: String,
    pub(crate) attributes: Vec<Attribute>,
    /// Columns that are neither numbers nor texts.
    pub(crate) ignored: Vec<String>,
    pub(crate) rows_read: u64,
    /// The rows' numbers in the input, where they are not those here.
    pub(crate) numbers: Option<Vec<u64>>,
    /// The files of a folder and the rows before each.
    pub(crate) files: Vec<(u64, PathBuf)>,
}

impl RawCustomers {
    /// The attributes of these customers; what becomes of all rows is counted. Messages count rows
    /// from `rows_before` on.
    pub(crate) fn of_customers(
        &self,
        rows_before: u64,
        missing_ids: MissingIds,
        ids: &CustomerIds,
        counts: &mut TableReport,
    ) -> Result<Vec<Attribute>> {
        let table = CUSTOMERS.name;
        counts.rows_read = self.rows_read;
        let owners = known_owners(&self.ids, &self.id_column, table, missing_ids, ids, counts)?;
        let mut row_of_customer: Vec<Option<u32>> = vec![None; ids.len()];
        let codes = self.ids.iter().flat_map(|ids| &ids.codes);
        for (row, (&owner, &code)) in owners.iter().zip(codes).enumerate() {
            if owner == NO_CODE {
                counts.unknown_customer += u64::from(code != NO_CODE);
                continue;
            }
            let slot = &mut row_of_customer[owner as usize];
            if let Some(first) = *slot {
                let id = ids.get(owner as usize);
                let place = match u64::from(first).checked_sub(rows_before) {
                    Some(first) => self.place_of(self.number(first)),
                    None => "in the log".to_owned(),
                };
                let message =
                    format!("customer {} is there already, {place}", shown(&id.to_string()));
                let row = self.number((row as u64).saturating_sub(rows_before));
                return Err(Error::Data {
                    code: ErrorCode::DuplicateCustomer,
                    table,
                    column: self.id_column.clone(),
                    row: Some(row),
                    customer: Some(id.to_string()),
                    message,
                });
            }
            *slot = Some(row as u32);
            counts.rows_kept += 1;
        }
        Ok(self.attributes.iter().map(|attribute| attribute.take(&row_of_customer)).collect())
    }

    /// A row of the input in words.
    fn place_of(&self, number: u64) -> String {
        match file_of(&self.files, number) {
            Some((path, row)) => format!("in row {row} of {}", path.display()),
            None => format!("in row {number}"),
        }
    }

    /// The number of a row in the input, counted from 1.
    fn number(&self, row: u64) -> u64 {
        self.numbers.as_ref().map_or(row + 1, |numbers| numbers[row as usize])
    }

    /// Appends the rows of a table with the same attributes.
    pub(crate) fn append(&mut self, other: RawCustomers) -> Result<()> {
        let table = CUSTOMERS.name;
        for attribute in &other.attributes {
            if self.attributes.iter().all(|own| own.name != attribute.name) {
                let message = "the log has no such column; build it anew from all rows";
                return Err(Error::bad_column(table, attribute.name.as_str(), message));
            }
        }
        for attribute in &mut self.attributes {
            let name = attribute.name.as_str();
            let new = other.attributes.iter().find(|new| new.name == name).ok_or_else(|| {
                Error::bad_column(table, name, "the log has this column; rows to append need it")
            })?;
            match (&mut attribute.values, &new.values) {
                (AttributeValues::Numbers(values), AttributeValues::Numbers(new)) => {
                    values.extend_from_slice(new);
                }
                (
                    AttributeValues::Texts { codes, pool },
                    AttributeValues::Texts { codes: new, pool: texts },
                ) => {
                    let own: Vec<u32> = texts.iter().map(|text| pool.code(text)).collect();
                    let code = |&code: &u32| own.get(code as usize).copied().unwrap_or(NO_CODE);
                    codes.extend(new.iter().map(code));
                }
                (values, _) => {
                    let kind = match values {
                        AttributeValues::Numbers(_) => "numbers",
                        AttributeValues::Texts { .. } => "texts",
                    };
                    return Err(Error::bad_column(table, name, format!("the log has {kind} here")));
                }
            }
        }
        match (&mut self.ids, other.ids) {
            (Some(own), Some(new)) => own.extend(&new),
            (own @ None, new) => *own = new,
            (Some(_), None) => {}
        }
        self.rows_read += other.rows_read;
        self.numbers = None;
        self.files.clear();
        Ok(())
    }
}

pub(crate) fn read(reader: TableReader) -> Result<RawCustomers> {
    let id_column = reader.id_column();
    let mut ids = None;
    let mut rows_read = 0u64;
    let mut numbers = reader.numbered.then(Vec::new);
    let mut arrays: Vec<Vec<ArrayRef>> = reader.rest.iter().map(|_| Vec::new()).collect();
    for batch in reader.batches {
        let batch = batch?;
        let place = Place {
            table: reader.table,
            column: &id_column,
            rows_before: rows_read,
            untyped: reader.untyped,
        };
        cells::read_ids(batch.column(0), place, &mut ids)?;
        if let (Some(numbers), Some(last)) = (&mut numbers, batch.columns().last()) {
            numbers.extend_from_slice(last.as_primitive::<UInt64Type>().values());
        }
        for (parts, array) in arrays.iter_mut().zip(&batch.columns()[1..]) {
            parts.push(cells::decoded(array)?);
        }
        rows_read += batch.num_rows() as u64;
    }
    let mut attributes = Vec::new();
    let mut ignored = reader.ignored;
    for (column, parts) in reader.rest.iter().zip(arrays) {
        match read_attribute(reader.table, column, &parts, reader.untyped)? {
            Some(values) => attributes.push(Attribute { name: column.input.clone(), values }),
            None => ignored.push(column.input.clone()),
        }
    }
    let files = reader.files;
    Ok(RawCustomers { ids, id_column, attributes, ignored, rows_read, numbers, files })
}

fn read_attribute(
    table: &'static str,
    column: &Column,
    parts: &[ArrayRef],
    untyped: bool,
) -> Result<Option<AttributeValues>> {
    let place = |rows_before: u64| Place { table, column: &column.input, rows_before, untyped };
    let numbers = || -> Result<Vec<f64>> {
        let mut values = Vec::new();
        for part in parts {
            let part = match part.data_type() {
                DataType::Boolean => &arrow_cast::cast(part, &DataType::Float64)?,
                _ => part,
            };
            cells::read_numbers(part, place(values.len() as u64), &mut values)?;
        }
        Ok(values)
    };
    let texts = || -> Result<AttributeValues> {
        let (mut codes, mut pool) = (Vec::new(), TextPool::default());
        for part in parts {
            cells::read_texts(part, place(codes.len() as u64), &mut pool, &mut codes)?;
        }
        Ok(AttributeValues::Texts { codes, pool })
    };
    let Some(data_type) = parts.first().map(|part| part.data_type()) else {
        return Ok(Some(AttributeValues::Numbers(Vec::new())));
    };
    if cells::is_text(data_type) {
        // The cells of a CSV file are texts; a column of which all are numbers holds numbers.
        match numbers() {
            Ok(values) if untyped => Ok(Some(AttributeValues::Numbers(values))),
            _ => texts().map(Some),
        }
    } else if data_type.is_numeric() || matches!(data_type, DataType::Boolean | DataType::Null) {
        Ok(Some(AttributeValues::Numbers(numbers()?)))
    } else {
        Ok(None)
    }
}
