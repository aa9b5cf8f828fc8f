//! The columns of record batches, found by name in each of them.

use std::sync::Arc;

use arrow_array::{RecordBatch, RecordBatchOptions, new_null_array};
use arrow_schema::{DataType, Field, Schema, SchemaRef};

use super::cells::common_type;
use super::schema::{Column, ColumnNames, TableSpec};
use crate::error::{Error, Result};

/// The metadata by which a field of nulls tells that it stands for a column whose type its reader
/// does not know, and what type that is. Such a column may be there as long as it is not used.
pub const UNKNOWN_TYPE: &str = "winback:unknown_type";

/// Which columns of a table's batches are read, and in what order.
pub(crate) struct Arranged {
    table: &'static str,
    /// Of the first batch.
    schema: SchemaRef,
    wanted: Vec<usize>,
    /// Of columns that are nulls in some batches, the type that they have in others.
    typed: Vec<(String, DataType)>,
    /// Names that are read wherever they occur; none where all are.
    read: Option<Vec<String>>,
}

impl Arranged {
    /// The columns `wanted` of `schema`. With `rest_is_read` no batch may have other columns.
    pub(crate) fn new(
        spec: &TableSpec,
        names: &ColumnNames,
        schema: SchemaRef,
        columns: &[Column],
        rest: &[Column],
        rest_is_read: bool,
    ) -> Result<Self> {
        let read = (!rest_is_read).then(|| spec.inputs(names));
        let wanted = columns.iter().chain(rest).map(|column| column.index).collect();
        let typed = Vec::new();
        let arranged = Arranged { table: spec.name, schema, wanted, typed, read };
        arranged.check_types(&arranged.schema, &arranged.wanted)?;
        Ok(arranged)
    }

    /// Gives nulls of no type in some of these batches the type of the others.
    pub(crate) fn type_nulls(&mut self, batches: &[RecordBatch]) {
        for &place in &self.wanted {
            let name = self.schema.field(place).name();
            let own = batches.iter().filter_map(|batch| batch.column_by_name(name));
            let types = || own.clone().map(|column| column.data_type());
            let (nulls, typed): (Vec<_>, Vec<_>) = types().partition(|own| own.is_null());
            if let (false, Some(typed)) = (nulls.is_empty(), typed.first()) {
                self.typed.push((name.clone(), common_type(typed)));
            }
        }
    }

    /// The columns of the first batch.
    pub(crate) fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    /// The columns of a batch. Another batch may hold them in another order.
    pub(crate) fn columns(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        let batch = self.in_order(batch)?;
        if self.typed.is_empty() {
            return Ok(batch);
        }
        let (schema, mut columns, rows) = batch.into_parts();
        let mut fields = schema.fields().to_vec();
        for (column, field) in columns.iter_mut().zip(&mut fields) {
            let typed = self.typed.iter().find(|(name, _)| name == field.name());
            if let (true, Some((name, data_type))) = (column.data_type().is_null(), typed) {
                *column = new_null_array(data_type, rows);
                *field = Arc::new(Field::new(name, data_type.clone(), true));
            }
        }
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        let schema = Arc::new(Schema::new(fields));
        Ok(RecordBatch::try_new_with_options(schema, columns, &options)?)
    }

    fn in_order(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        let own = batch.schema_ref();
        if Arc::ptr_eq(own, &self.schema) || own.fields() == self.schema.fields() {
            return Ok(batch.project(&self.wanted)?);
        }
        let name = |place: &usize| self.schema.field(*place).name();
        let places: Vec<usize> =
            self.wanted.iter().map(|place| self.place(own, name(place))).collect::<Result<_>>()?;
        let is_read = |name: &String| self.read.as_ref().is_none_or(|read| read.contains(name));
        let names = own.fields().iter().map(|field| field.name());
        let is_new = |name: &&String| self.schema.index_of(name).is_err();
        match names.filter(|name| is_read(name)).find(is_new) {
            Some(name) => Err(self.in_some(name)),
            None => {
                self.check_types(own, &places)?;
                Ok(batch.project(&places)?)
            }
        }
    }

    fn place(&self, schema: &SchemaRef, name: &str) -> Result<usize> {
        let mut places = (0..schema.fields().len()).filter(|&i| schema.field(i).name() == name);
        match (places.next(), places.next()) {
            (Some(place), None) => Ok(place),
            (Some(_), Some(_)) => Err(Error::bad_column(self.table, name, "is there twice")),
            (None, _) => Err(self.in_some(name)),
        }
    }

    fn in_some(&self, name: &str) -> Error {
        Error::bad_column(self.table, name, "is in some batches and not in others")
    }

    /// Refuses types that are not known, and PostgreSQL's type `money`: its driver gives the cents,
    /// as plain integers.
    fn check_types(&self, schema: &SchemaRef, places: &[usize]) -> Result<()> {
        for &place in places {
            let field = schema.field(place);
            let metadata = field.metadata();
            let message = if let Some(unknown) = unknown_type(field) {
                let advice = match unknown {
                    PERIOD => "; .dt.to_timestamp() makes times of it",
                    _ => "",
                };
                format!("is of type {unknown}, which cannot be read{advice}")
            } else if metadata.get("POSTGRESQL:type").is_some_and(|kind| kind == "money") {
                "is of PostgreSQL's type money, which arrives in cents; cast it in the query, as \
                 in amount::numeric::float8"
                    .to_owned()
            } else {
                continue;
            };
            return Err(Error::bad_column(self.table, field.name(), message));
        }
        Ok(())
    }
}

/// The type of pandas for months, quarters and the like, which arrives as plain integers.
const PERIOD: &str = "pandas.period";

/// The type of a column of which Arrow alone does not say what it means.
fn unknown_type(field: &Field) -> Option<&str> {
    let metadata = field.metadata();
    let named = metadata.get("ARROW:extension:name").filter(|name| *name == PERIOD);
    metadata.get(UNKNOWN_TYPE).or(named).map(String::as_str)
}

/// Columns whose types are not known, which stand for attributes that are not read.
pub(crate) fn unknown_types(schema: &SchemaRef, rest: &mut Vec<Column>) -> Vec<String> {
    let unknown = |column: &mut Column| unknown_type(schema.field(column.index)).is_some();
    rest.extract_if(.., unknown).map(|column| column.input).collect()
}
