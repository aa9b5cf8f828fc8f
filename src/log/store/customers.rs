//! The customers table: attributes as they are now, numbers or texts.

use std::path::PathBuf;

use arrow_array::cast::AsArray;
use arrow_array::types::UInt64Type;
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;

use super::ids::{CustomerIds, IdColumn};
use super::placed::positions;
use super::pool::{NO_CODE, TextPool};
use super::table_report::TableReport;
use crate::error::{Error, ErrorCode, Result, shown};
use crate::log::read::cells::{self, Place};
use crate::log::read::identified::Identified;
use crate::log::read::input_files::file_of;
use crate::log::read::schema::{CUSTOMERS, Column};
use crate::log::read::source::TableReader;
use crate::log::read::texts::Texts;

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
    /// Rows without an id, which are not here.
    pub(crate) missing_ids: u64,
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
        ids: &CustomerIds,
        counts: &mut TableReport,
    ) -> Result<Vec<Attribute>> {
        let table = CUSTOMERS.name;
        counts.rows_read = self.rows_read;
        counts.missing_id = self.missing_ids;
        let owners = positions(&self.ids, ids);
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

    /// Rows with an id.
    pub(crate) fn rows(&self) -> u64 {
        self.ids.as_ref().map_or(0, |ids| ids.codes.len() as u64)
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
                // A column of nothing is of any type.
                (AttributeValues::Texts { codes, .. }, AttributeValues::Numbers(new))
                    if new.iter().all(|value| value.is_nan()) =>
                {
                    codes.extend(new.iter().map(|_| NO_CODE));
                }
                (AttributeValues::Numbers(values), AttributeValues::Texts { codes: new, pool })
                    if values.iter().all(|value| value.is_nan()) =>
                {
                    let mut codes = vec![NO_CODE; values.len()];
                    codes.extend(new);
                    attribute.values = AttributeValues::Texts { codes, pool: pool.clone() };
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
        self.missing_ids += other.missing_ids;
        self.numbers = other.numbers;
        self.files.clear();
        Ok(())
    }
}

pub(crate) fn read(reader: TableReader) -> Result<RawCustomers> {
    let id_column = reader.id_column();
    let mut ids = None;
    let (mut rows_read, mut rows_kept, mut missing) = (0, 0, 0);
    let mut numbers = reader.numbered.then(Vec::new);
    let mut parts: Vec<(u64, Identified)> = Vec::new();
    for batch in reader.batches {
        let batch = batch?;
        let place = Place {
            table: reader.table,
            column: &id_column,
            rows_before: rows_read,
            rows: None,
            untyped: reader.untyped,
            options: &reader.options,
        };
        let part = Identified::of(&batch, place)?;
        let place = Place { rows: part.rows.as_deref(), ..place };
        cells::read_ids(part.batch.column(0), place, &mut ids)?;
        if reader.numbered {
            let last = part.batch.columns().last().map(|last| last.as_primitive::<UInt64Type>());
            numbers.iter_mut().zip(last).for_each(|(all, last)| all.extend(last.values()));
        } else if part.rows.is_some() || numbers.is_some() {
            let numbers = numbers.get_or_insert_with(|| (1..=rows_kept).collect());
            numbers.extend((0..part.batch.num_rows()).map(|row| place.row(row)));
        }
        missing += part.missing.len() as u64;
        rows_kept += part.batch.num_rows() as u64;
        parts.push((rows_read, part));
        rows_read += batch.num_rows() as u64;
    }
    let table = Place {
        table: reader.table,
        column: &id_column,
        rows_before: 0,
        rows: None,
        untyped: reader.untyped,
        options: &reader.options,
    };
    let mut attributes = Vec::new();
    let mut ignored = reader.ignored;
    for (index, column) in reader.rest.iter().enumerate() {
        match read_attribute(table, column, index + 1, &parts)? {
            Some(values) => attributes.push(Attribute { name: column.input.clone(), values }),
            None => ignored.push(column.input.clone()),
        }
    }
    let files = reader.files;
    Ok(RawCustomers {
        ids,
        id_column,
        attributes,
        ignored,
        rows_read,
        missing_ids: missing,
        numbers,
        files,
    })
}

fn read_attribute(
    table: Place<'_>,
    column: &Column,
    index: usize,
    parts: &[(u64, Identified)],
) -> Result<Option<AttributeValues>> {
    let column = column.input.as_str();
    let parts: Vec<(ArrayRef, Place<'_>)> = parts
        .iter()
        .map(|(rows_before, part)| {
            let (rows_before, rows) = (*rows_before, part.rows.as_deref());
            let place = Place { column, rows_before, rows, ..table };
            Ok((cells::decoded(part.batch.column(index))?, place))
        })
        .collect::<Result<_>>()?;
    let numbers = || -> Result<Vec<f64>> {
        let mut values = Vec::new();
        for (part, place) in &parts {
            let part = match part.data_type() {
                DataType::Boolean => &arrow_cast::cast(part, &DataType::Float64)?,
                _ => part,
            };
            cells::read_numbers(part, *place, &mut values)?;
        }
        Ok(values)
    };
    let texts = || -> Result<AttributeValues> {
        let (mut codes, mut pool) = (Vec::new(), TextPool::default());
        for (part, place) in &parts {
            cells::read_texts(part, *place, &mut pool, &mut codes)?;
        }
        Ok(AttributeValues::Texts { codes, pool })
    };
    let Some(data_type) = parts.first().map(|(part, _)| part.data_type()) else {
        return Ok(Some(AttributeValues::Numbers(Vec::new())));
    };
    if cells::is_text(data_type) {
        // The cells of a CSV file are texts; a column of which all are numbers holds numbers.
        match numbers() {
            Ok(values) if table.untyped => Ok(Some(AttributeValues::Numbers(values))),
            _ if table.untyped => {
                refuse_misread(&parts)?;
                texts().map(Some)
            }
            _ => texts().map(Some),
        }
    } else if data_type.is_numeric() || matches!(data_type, DataType::Boolean | DataType::Null) {
        Ok(Some(AttributeValues::Numbers(numbers()?)))
    } else {
        Ok(None)
    }
}

/// Refuses a column that would hold numbers if a comma or a point had another meaning.
fn refuse_misread(parts: &[(ArrayRef, Place<'_>)]) -> Result<()> {
    let texts: Vec<Option<Texts>> = parts.iter().map(|(part, _)| Texts::of(part)).collect();
    let cells = texts.iter().enumerate().flat_map(|(part, texts)| {
        let rows = texts.iter().flat_map(Texts::iter).enumerate();
        rows.filter_map(move |(row, text)| Some(((part, row), text?)))
    });
    let Some((_, place)) = parts.first() else { return Ok(()) };
    let numbers = place.options.numbers;
    match numbers.misread(cells) {
        Some(((part, row), text)) => Err(parts[part].1.bad_cell(row, numbers.refusal(text))),
        None => Ok(()),
    }
}
