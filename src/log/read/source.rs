//! Where a table comes from, as a stream of Arrow record batches.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::{ArrayRef, LargeStringArray, RecordBatch, RecordBatchReader};
use arrow_schema::{DataType, Field, Schema, SchemaRef};

use super::arranged::{Arranged, unknown_types};
use super::csv::CsvFiles;
use super::expansion::Expansion;
use super::file_starts::FileStarts;
use super::input_options::InputOptions;
use super::parquet_files::ParquetFiles;
use super::schema::{CUSTOMERS, Column, ColumnNames, TableSpec};
#[cfg(feature = "xlsx")]
use super::sheet::Sheet;
use super::table_files::{FileKind, TableFiles};
use super::unchanged::Unchanged;
use crate::error::{Error, Result};

/// One input table before it is read.
pub(crate) enum Source {
    Batches { schema: SchemaRef, batches: Vec<RecordBatch> },
    Stream(Box<dyn RecordBatchReader + Send>),
    Path(PathBuf),
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Source::Batches { batches, .. } => write!(f, "{} record batches", batches.len()),
            Source::Stream(_) => f.write_str("a stream of record batches"),
            Source::Path(path) => write!(f, "{}", path.display()),
        }
    }
}

pub(crate) type Batches = Box<dyn Iterator<Item = Result<RecordBatch>> + Send>;

/// The batches of one table; each holds the columns of `columns`, in their order.
pub(crate) struct TableReader {
    pub(crate) table: &'static str,
    pub(crate) columns: Vec<Column>,
    /// Other columns of the input, which only the customers table reads.
    pub(crate) rest: Vec<Column>,
    /// Columns of the input that are not read.
    pub(crate) unused: Vec<String>,
    /// Other columns of the customers table, of types that are not known.
    pub(crate) ignored: Vec<String>,
    /// Of Parquet files, the type that holds a column of all files, column by column.
    pub(crate) kept: Vec<DataType>,
    /// Whether cells are texts whose type is not known (CSV).
    pub(crate) untyped: bool,
    /// Whether the rows' numbers in the input come last.
    pub(crate) numbered: bool,
    /// Rows there are; 0 where that is not known before they are read.
    pub(crate) rows: u64,
    /// Where the rows of each file begin, if there are several.
    pub(crate) files: FileStarts,
    /// How the cells are read.
    pub(crate) options: Arc<InputOptions>,
    pub(crate) batches: Batches,
}

impl TableReader {
    /// The name of the id column in the input.
    pub(crate) fn id_column(&self) -> String {
        self.columns.first().map_or(String::new(), |id| id.input.clone())
    }

    /// The columns that are not read, as `table.column`.
    pub(crate) fn unused_places(&self) -> impl Iterator<Item = String> + '_ {
        self.unused.iter().map(|column| format!("{}.{column}", self.table))
    }
}

/// Opens a source and finds the table's columns. With `rest_is_read` all other columns are read too.
pub(crate) fn open(
    source: Source,
    spec: &TableSpec,
    names: &ColumnNames,
    options: &Arc<InputOptions>,
    rest_is_read: bool,
) -> Result<TableReader> {
    let table = spec.name;
    let (mut unused, files) = (Vec::new(), FileStarts::default());
    let (mut rows, mut ignored, mut kept) = (0, Vec::new(), Vec::new());
    let mut untyped = false;
    let mut expansion = Expansion::new(table, options.limits);
    let mut resolve = |found: Vec<String>| -> Result<(Vec<Column>, Vec<Column>)> {
        let columns = spec.resolve(&found, names)?;
        let others = other_columns(&found, &columns);
        if rest_is_read {
            if table == CUSTOMERS.name {
                refuse_twice(table, &others)?;
            }
            return Ok((columns, others));
        }
        unused = others.into_iter().map(|column| column.input).collect();
        Ok((columns, Vec::new()))
    };
    let (columns, rest, batches): (_, _, Batches) = match source {
        Source::Batches { schema, batches } => {
            let (columns, mut rest) = resolve(field_names(&schema))?;
            ignored = unknown_types(&schema, &mut rest);
            let mut arranged = Arranged::new(spec, names, schema, &columns, &rest, rest_is_read)?;
            arranged.type_nulls(&batches);
            let blank = options.is_part.then(|| RecordBatch::new_empty(arranged.schema()));
            let batches = or_blank(batches.into_iter(), blank);
            let batches = batches.map(move |batch| {
                let batch = arranged.columns(&batch)?;
                expansion.add(&batch).map(|()| batch)
            });
            (columns, rest, Box::new(batches))
        }
        Source::Stream(stream) => {
            let schema = stream.schema();
            let (columns, mut rest) = resolve(field_names(&schema))?;
            ignored = unknown_types(&schema, &mut rest);
            let arranged = Arranged::new(spec, names, schema, &columns, &rest, rest_is_read)?;
            let blank = options.is_part.then(|| Ok(RecordBatch::new_empty(arranged.schema())));
            let batches = or_blank(stream, blank).map(move |batch| {
                let batch = arranged.columns(&batch?)?;
                expansion.add(&batch).map(|()| batch)
            });
            (columns, rest, Box::new(batches))
        }
        Source::Path(path) => {
            let found = TableFiles::of(&path)?;
            let unchanged = Unchanged::of(&path, &found.files);
            let read = spec.inputs(names);
            let is_read = |name: &str| rest_is_read || read.iter().any(|own| own == name);
            untyped = found.kind != FileKind::Parquet;
            let (columns, rest, batches): (_, _, Batches) = match found.kind {
                FileKind::Csv => {
                    let csv = CsvFiles::open(found, table, options)?;
                    let (columns, rest) = resolve(csv.names())?;
                    let wanted = indices(&columns, &rest);
                    csv.check(&wanted, is_read)?;
                    (columns, rest, Box::new(csv.batches(wanted, files.clone())))
                }
                #[cfg(feature = "xlsx")]
                FileKind::Xlsx => {
                    let sheet = Sheet::open(&path, table, options)?;
                    let (columns, rest) = resolve(sheet.names())?;
                    let batches = sheet.batches([columns.clone(), rest.clone()].concat());
                    (columns, rest, Box::new(batches))
                }
                #[cfg(not(feature = "xlsx"))]
                FileKind::Xlsx => {
                    let message =
                        "is a workbook, which winback reads if built with its feature xlsx";
                    return Err(Error::file(&path, message));
                }
                FileKind::Parquet => {
                    let is_one = found.root.is_none();
                    let parquet = ParquetFiles::open(found)?;
                    let (columns, rest) = resolve(parquet.names())?;
                    let wanted = indices(&columns, &rest);
                    parquet.check(&wanted, is_read)?;
                    parquet.check_limits(&wanted, options.limits)?;
                    rows = parquet.rows();
                    if !is_one {
                        parquet.tell(&files);
                    }
                    let places = places_of(&columns, &rest);
                    kept = places.map(|c| parquet.kept_type(c.index, !c.holds_ids())).collect();
                    let fields = places_of(&columns, &rest).zip(&kept);
                    let fields = fields.map(|(c, kind)| Field::new(&c.input, kind.clone(), true));
                    let schema = Schema::new(fields.collect::<Vec<_>>());
                    let blank = options.is_part.then(|| Ok(RecordBatch::new_empty(schema.into())));
                    let batches = parquet.batches(wanted, kept.clone(), options.limits);
                    (columns, rest, Box::new(or_blank(batches, blank)))
                }
            };
            (columns, rest, Box::new(unchanged.guard(batches)))
        }
    };
    let numbered = false;
    let reader = TableReader {
        table,
        columns,
        rest,
        unused,
        ignored,
        kept,
        untyped,
        numbered,
        rows,
        files,
        options: options.clone(),
        batches,
    };
    Ok(with_constants(reader, spec.constants(names)))
}

/// The table with columns whose cells are all one text, after its own. Only tables of which all
/// columns are known have such.
fn with_constants(mut reader: TableReader, constants: Vec<(Column, String)>) -> TableReader {
    if constants.is_empty() {
        return reader;
    }
    let (columns, texts): (Vec<Column>, Vec<String>) = constants.into_iter().unzip();
    if !reader.kept.is_empty() {
        reader.kept.extend(columns.iter().map(|_| DataType::LargeUtf8));
    }
    let named: Vec<(&'static str, String)> =
        columns.iter().map(|column| column.name).zip(texts).collect();
    reader.columns.extend(columns);
    reader.batches = Box::new(reader.batches.map(move |batch| {
        let batch = batch?;
        let mut fields = batch.schema_ref().fields().to_vec();
        let mut arrays = batch.columns().to_vec();
        for (name, text) in &named {
            fields.push(Arc::new(Field::new(*name, DataType::LargeUtf8, true)));
            let cells = std::iter::repeat_n(text, batch.num_rows());
            arrays.push(Arc::new(LargeStringArray::from_iter_values(cells)) as ArrayRef);
        }
        Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)?)
    }));
    reader
}

fn field_names(schema: &SchemaRef) -> Vec<String> {
    schema.fields().iter().map(|field| field.name().clone()).collect()
}

fn places_of<'a>(columns: &'a [Column], rest: &'a [Column]) -> impl Iterator<Item = &'a Column> {
    columns.iter().chain(rest)
}

fn indices(columns: &[Column], rest: &[Column]) -> Vec<usize> {
    places_of(columns, rest).map(|column| column.index).collect()
}

/// The batches; if there are none, the one without rows, which tells what columns there are.
fn or_blank<T>(
    mut batches: impl Iterator<Item = T>,
    mut blank: Option<T>,
) -> impl Iterator<Item = T> {
    std::iter::from_fn(move || match batches.next() {
        Some(batch) => {
            blank = None;
            Some(batch)
        }
        None => blank.take(),
    })
}

/// The columns that are not of the table itself. Those without a name, as trailing separators make
/// them, are none.
fn other_columns(found: &[String], columns: &[Column]) -> Vec<Column> {
    (0..found.len())
        .filter(|index| columns.iter().all(|column| column.index != *index))
        .filter(|index| !found[*index].is_empty())
        .map(|index| Column { name: "", input: found[index].clone(), index })
        .collect()
}

/// Refuses columns of one name, of which nobody could say which is meant.
fn refuse_twice(table: &'static str, columns: &[Column]) -> Result<()> {
    let mut seen = HashSet::new();
    match columns.iter().find(|column| !seen.insert(column.input.as_str())) {
        None => Ok(()),
        Some(twice) => Err(Error::bad_column(table, twice.input.as_str(), "is there twice")),
    }
}
