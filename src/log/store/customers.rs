//! The customers table: one row a customer, with attributes as they are now.

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::UInt64Type;

use super::attribute_cells::{AttributeCells, OddCells, are_numbers, read_attribute_numbers};
use super::attributes::{Attribute, AttributeValues};
use super::customer_id::CustomerId;
use super::dropped::Dropped;
use super::ids::{CustomerIds, IdColumn};
use super::options::BadRows;
use super::placed::positions;
use super::pool::NO_CODE;
use super::table_report::TableReport;
use super::transactions::take;
use crate::error::{Error, ErrorCode, Result, shown};
use crate::log::read::cells::{self, Place, decoded_type};
use crate::log::read::file_starts::FileStarts;
use crate::log::read::identified::{Identified, RowCounts, read_batches};
use crate::log::read::schema::{CUSTOMERS, Column};
use crate::log::read::source::TableReader;

#[derive(Debug, Clone)]
pub(crate) struct RawCustomers {
    pub(crate) ids: Option<IdColumn>,
    pub(crate) id_column: String,
    pub(crate) attributes: Vec<Attribute>,
    /// Columns that are neither numbers nor texts.
    pub(crate) ignored: Vec<String>,
    /// Columns of numbers, but for some cells that are none.
    pub(crate) odd_cells: Vec<OddCells>,
    /// Of the table that was read; rows that were left out are not here.
    pub(crate) counts: RowCounts,
    pub(crate) bad_rows: BadRows,
    /// The rows' numbers in the input, where they are not those here.
    pub(crate) numbers: Option<Vec<u64>>,
    /// Where the rows of each file begin, if there are several.
    pub(crate) files: FileStarts,
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
        counts.rows_read = self.counts.rows_read;
        counts.missing_id = self.counts.missing_ids;
        counts.bad_rows = self.counts.dropped.rows;
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
                let id = ids.get(owner.into());
                return Err(self.repeated(first.into(), row as u64, rows_before, id));
            }
            *slot = Some(row as u32);
            counts.rows_kept += 1;
        }
        Ok(self.attributes.iter().map(|attribute| attribute.take(&row_of_customer)).collect())
    }

    /// Drops rows of customers that have one already, where bad rows are dropped. Those before
    /// `rows_before` went through this.
    pub(crate) fn drop_repeated(&mut self, rows_before: u64, known: &CustomerIds) {
        let Some(own) = self.ids.as_ref().filter(|_| self.bad_rows == BadRows::Drop) else {
            return;
        };
        // Codes are numbers in the order in which the ids come.
        let mut ids = IdColumn::like(known);
        ids.extend(own);
        let (mut firsts, mut kept) = (Vec::new(), Vec::new());
        let mut dropped = Dropped::default();
        for (row, &code) in (0u32..).zip(&ids.codes) {
            match firsts.get(code as usize) {
                Some(&first) => {
                    let id = ids.keys.id(code);
                    dropped.push(self.repeated(first, row.into(), rows_before, id));
                }
                None => {
                    if code != NO_CODE {
                        firsts.push(u64::from(row));
                    }
                    kept.push(row);
                }
            }
        }
        if dropped.rows == 0 {
            return;
        }
        let new = kept.iter().filter_map(|&row| u64::from(row).checked_sub(rows_before));
        self.numbers = Some(new.map(|row| self.number(row)).collect());
        dropped.locate(&self.files);
        self.counts.dropped.add(dropped);
        let rows: Vec<Option<u32>> = kept.iter().map(|&row| Some(row)).collect();
        for attribute in &mut self.attributes {
            *attribute = attribute.take(&rows);
        }
        if let Some(own) = &mut self.ids {
            own.codes = take(&own.codes, &kept);
        }
    }

    /// What is wrong with a row of a customer whose row is the other one.
    fn repeated(&self, first: u64, row: u64, rows_before: u64, id: CustomerId<'_>) -> Error {
        let place = match first.checked_sub(rows_before) {
            Some(first) => self.place_of(self.number(first)),
            None => "in the log".to_owned(),
        };
        Error::Data {
            code: ErrorCode::DuplicateCustomer,
            table: CUSTOMERS.name,
            column: self.id_column.clone(),
            row: Some(self.number(row.saturating_sub(rows_before))),
            customer: Some(id.to_string()),
            message: format!("customer {} is there already, {place}", shown(&id.to_string())),
        }
    }

    /// A row of the input in words.
    fn place_of(&self, number: u64) -> String {
        match self.files.file_of(number) {
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
        let own = self.numbers.as_ref().and_then(|numbers| numbers.get(row as usize));
        own.copied().unwrap_or(row + 1)
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
        self.counts.add(other.counts);
        self.bad_rows = other.bad_rows;
        self.numbers = other.numbers;
        self.files = other.files;
        Ok(())
    }
}

pub(crate) fn read(reader: TableReader) -> Result<RawCustomers> {
    let (table, id_column, untyped) = (reader.table, reader.id_column(), reader.untyped);
    let columns: Vec<Column> = reader.columns.iter().chain(&reader.rest).cloned().collect();
    let (files, options) = (reader.files.clone(), reader.options.clone());
    let (mut ids, mut ignored, numbered) = (None, reader.ignored.clone(), reader.numbered);
    let mut numbers = numbered.then(Vec::new);
    let mut rows_kept = 0;
    let mut parts: Vec<(u64, Identified)> = Vec::new();
    let judge = |batch: &RecordBatch, place: Place<'_>| judge(&columns, batch, place);
    let counts = read_batches(reader, judge, |part, place| {
        let own = part.place(place);
        cells::read_ids(part.batch.column(0), own, &mut ids)?;
        if numbered {
            let last = part.batch.columns().last().map(|last| last.as_primitive::<UInt64Type>());
            numbers.iter_mut().zip(last).for_each(|(all, last)| all.extend(last.values()));
        } else if part.rows.is_some() || numbers.is_some() {
            let numbers = numbers.get_or_insert_with(|| (1..=rows_kept).collect());
            numbers.extend((0..part.batch.num_rows()).map(|row| own.row(row)));
        }
        rows_kept += part.batch.num_rows() as u64;
        parts.push((place.rows_before, part));
        Ok(())
    })?;
    let place =
        Place { table, column: &id_column, rows_before: 0, rows: None, untyped, options: &options };
    let (mut attributes, mut odd_cells) = (Vec::new(), Vec::new());
    for (index, column) in columns.iter().enumerate().skip(1) {
        let name = column.input.as_str();
        match AttributeCells::of(&parts, index, Place { column: name, ..place })?.read()? {
            Some((values, odd)) => {
                attributes.push(Attribute { name: name.to_owned(), values });
                odd_cells.extend(odd);
            }
            None => ignored.push(name.to_owned()),
        }
    }
    let bad_rows = options.bad_rows;
    Ok(RawCustomers {
        ids,
        id_column,
        attributes,
        ignored,
        odd_cells,
        counts,
        bad_rows,
        numbers,
        files,
    })
}

/// Refuses rows that cannot be used.
pub(crate) fn judge(columns: &[Column], batch: &RecordBatch, place: Place<'_>) -> Result<()> {
    cells::read_ids(batch.column(0), place, &mut None)?;
    for (column, array) in columns.iter().zip(batch.columns()).skip(1) {
        if are_numbers(decoded_type(array.data_type())) {
            read_attribute_numbers(
                array,
                Place { column: &column.input, ..place },
                &mut Vec::new(),
            )?;
        }
    }
    Ok(())
}
