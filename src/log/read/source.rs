//! Where a table comes from, as a stream of Arrow record batches.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::{RecordBatch, RecordBatchReader};
use arrow_schema::{DataType, SchemaRef};

use super::arranged::{Arranged, unknown_types};
use super::csv::CsvTable;
use super::input_options::InputOptions;
use super::parquet_files::{ParquetFiles, is_parquet};
use super::schema::{Column, ColumnNames, TableSpec};
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

/// A kind of file that can be read, by its ending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileKind {
    Parquet,
    Csv { gzip: bool },
}

pub(crate) fn file_kind(path: &Path) -> Result<FileKind> {
    let name = path.to_string_lossy().to_ascii_lowercase();
    if is_parquet(path) || path.is_dir() {
        Ok(FileKind::Parquet)
    } else if name.ends_with(".csv") || name.ends_with(".tsv") || name.ends_with(".txt") {
        Ok(FileKind::Csv { gzip: false })
    } else if name.ends_with(".csv.gz") || name.ends_with(".tsv.gz") || name.ends_with(".txt.gz") {
        Ok(FileKind::Csv { gzip: true })
    } else {
        let expected = "a file ending in .parquet, .csv or .csv.gz, or a folder of .parquet files";
        Err(Error::path_argument("path", path, expected))
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
    /// The files of a folder and the rows before each.
    pub(crate) files: Vec<(u64, PathBuf)>,
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
    let (mut unused, mut files) = (Vec::new(), Vec::new());
    let (mut rows, mut ignored, mut kept) = (0, Vec::new(), Vec::new());
    let mut resolve = |found: Vec<String>| -> Result<(Vec<Column>, Vec<Column>)> {
        let columns = spec.resolve(&found, names)?;
        let others = other_columns(&found, &columns);
        if rest_is_read {
            return Ok((columns, others));
        }
        unused = others.into_iter().map(|column| column.input).collect();
        Ok((columns, Vec::new()))
    };
    let untyped = matches!(&source, Source::Path(path) if file_kind(path)? != FileKind::Parquet);
    let (columns, rest, batches): (_, _, Batches) = match source {
        Source::Batches { schema, batches } => {
            let (columns, mut rest) = resolve(field_names(&schema))?;
            ignored = unknown_types(&schema, &mut rest);
            let mut arranged = Arranged::new(spec, names, schema, &columns, &rest, rest_is_read)?;
            arranged.type_nulls(&batches);
            let batches = batches.into_iter().map(move |batch| arranged.columns(&batch));
            (columns, rest, Box::new(batches))
        }
        Source::Stream(stream) => {
            let schema = stream.schema();
            let (columns, mut rest) = resolve(field_names(&schema))?;
            ignored = unknown_types(&schema, &mut rest);
            let arranged = Arranged::new(spec, names, schema, &columns, &rest, rest_is_read)?;
            let batches = stream.map(move |batch| arranged.columns(&batch?));
            (columns, rest, Box::new(batches))
        }
        Source::Path(path) => match file_kind(&path)? {
            FileKind::Csv { gzip } => {
                let csv = CsvTable::open(&path, table, gzip, options.separator)?;
                let (columns, rest) = resolve(csv.header().to_vec())?;
                let batches = csv.batches(indices(&columns, &rest));
                (columns, rest, Box::new(batches))
            }
            FileKind::Parquet => {
                let found = ParquetFiles::open(&path)?;
                let (columns, rest) = resolve(found.names())?;
                let wanted = indices(&columns, &rest);
                let read = spec.inputs(names);
                found.check(&wanted, |name| rest_is_read || read.iter().any(|own| own == name))?;
                rows = found.rows();
                if path.is_dir() {
                    files = found.starts();
                }
                let places = columns.iter().chain(&rest);
                kept = places.map(|c| found.kept_type(c.index, !c.holds_ids())).collect();
                (columns, rest, Box::new(found.batches(wanted, kept.clone())))
            }
        },
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
    Ok(reader)
}

fn field_names(schema: &SchemaRef) -> Vec<String> {
    schema.fields().iter().map(|field| field.name().clone()).collect()
}

fn indices(columns: &[Column], rest: &[Column]) -> Vec<usize> {
    columns.iter().chain(rest).map(|column| column.index).collect()
}

fn other_columns(found: &[String], columns: &[Column]) -> Vec<Column> {
    (0..found.len())
        .filter(|index| columns.iter().all(|column| column.index != *index))
        .map(|index| Column { name: "", input: found[index].clone(), index })
        .collect()
}
