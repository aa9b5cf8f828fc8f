//! Arrow tables in and out, by the Arrow PyCapsule interface. The only unsafe code of the project.

use std::collections::HashMap;
use std::ffi::{CStr, c_int};
use std::sync::Arc;

use arrow_array::ffi::{FFI_ArrowArray, FFI_ArrowSchema, from_ffi_and_data_type};
use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::{
    ArrayRef, RecordBatch, RecordBatchIterator, RecordBatchOptions, RecordBatchReader, make_array,
    new_null_array,
};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyCapsuleMethods};
use winback::log::UNKNOWN_TYPE;

use crate::error::Result;

const STREAM: &CStr = c"arrow_array_stream";
const SCHEMA: &CStr = c"arrow_schema";

/// A stream of record batches from any object that has `__arrow_c_stream__`, given as the argument
/// `name`.
pub(crate) fn import_stream(
    name: &str,
    object: &Bound<'_, PyAny>,
) -> Result<Box<dyn RecordBatchReader + Send>> {
    let py = object.py();
    let capsule = object.call_method0(intern!(py, "__arrow_c_stream__"))?;
    let capsule = capsule
        .cast_into::<PyCapsule>()
        .map_err(|_| PyTypeError::new_err("__arrow_c_stream__ did not give a PyCapsule"))?;
    let pointer = capsule.pointer_checked(Some(STREAM))?.cast::<FFI_ArrowArrayStream>();
    // SAFETY: by the PyCapsule interface a capsule of this name points to an initialised
    // ArrowArrayStream, which the capsule keeps alive during this call. The stream is moved out and
    // marked as released in the capsule, so that it is released once.
    let stream = unsafe { FFI_ArrowArrayStream::from_raw(pointer.as_ptr()) };
    match Columns::of(stream)? {
        Some(columns) => Ok(Box::new(columns)),
        None => {
            let kind = object.get_type().qualname()?;
            let refused = format!("{name}: expected a table, got one column ({kind})");
            Err(PyTypeError::new_err(refused).into())
        }
    }
}

/// The tables of a stream from elsewhere. Each column is imported by itself: of one whose type is
/// not known here the type is told with the schema, and a column of nulls has no cells to import.
/// Cells are refused where they break Arrow's own rules (texts that are not UTF-8, offsets or
/// dictionary keys out of range), on which safe code relies.
struct Columns {
    stream: FFI_ArrowArrayStream,
    schema: SchemaRef,
}

impl Columns {
    /// None of a stream of one column.
    fn of(mut stream: FFI_ArrowArrayStream) -> Result<Option<Self>, ArrowError> {
        let get_schema =
            stream.get_schema().ok_or_else(|| broken("was released: it can be taken once"))?;
        let mut table = FFI_ArrowSchema::empty();
        // SAFETY: the stream is initialised and not released, as it has its callbacks, and the
        // callback fills in the schema.
        let code = unsafe { get_schema(&raw mut stream, &raw mut table) };
        if code != 0 {
            return Err(failed(&mut stream, "schema", code));
        }
        if table.format() != "+s" {
            return Ok(None);
        }
        let fields: Vec<Field> = table.children().map(field).collect();
        Ok(Some(Columns { stream, schema: Arc::new(Schema::new(fields)) }))
    }

    fn columns(&self, table: FFI_ArrowArray) -> Result<RecordBatch, ArrowError> {
        if table.num_children() != self.schema.fields().len() {
            return Err(broken("gives other columns than its schema"));
        }
        let table = Arc::new(table);
        let column = |(place, field): (usize, &Arc<Field>)| -> Result<ArrayRef, ArrowError> {
            if field.data_type().is_null() {
                return Ok(new_null_array(&DataType::Null, table.len()));
            }
            // SAFETY: by the stream interface the column is one of its type in the schema.
            let data =
                unsafe { from_ffi_and_data_type(child(&table, place), field.data_type().clone()) };
            let data = data.and_then(|data| data.validate_full().map(|()| data));
            let column = make_array(data.map_err(|error| {
                ArrowError::CDataInterface(format!("column `{}`: {error}", field.name()))
            })?);
            if column.len() < table.offset() + table.len() {
                return Err(broken("gives a column that is too short"));
            }
            Ok(column.slice(table.offset(), table.len()))
        };
        let columns = self.schema.fields().iter().enumerate().map(column);
        let options = RecordBatchOptions::new().with_row_count(Some(table.len()));
        let columns = columns.collect::<Result<_, _>>()?;
        RecordBatch::try_new_with_options(self.schema.clone(), columns, &options)
    }
}

impl Iterator for Columns {
    type Item = std::result::Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let Some(get_next) = self.stream.get_next() else {
            return Some(Err(broken("has no get_next")));
        };
        let mut table = FFI_ArrowArray::empty();
        // SAFETY: as for the schema; the callback fills in the table.
        let code = unsafe { get_next(&raw mut self.stream, &raw mut table) };
        if code != 0 {
            return Some(Err(failed(&mut self.stream, "next batch", code)));
        }
        (!table.is_released()).then(|| self.columns(table))
    }
}

impl RecordBatchReader for Columns {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }
}

/// A column of the schema. One of a type that is not known, or that no column of a log can have, is
/// one of nulls that tells its type.
fn field(column: &FFI_ArrowSchema) -> Field {
    let unknown = |data_type: String| {
        let metadata: HashMap<String, String> = [(UNKNOWN_TYPE.to_owned(), data_type)].into();
        let name = column.name().unwrap_or_default();
        Field::new(name, DataType::Null, true).with_metadata(metadata)
    };
    match Field::try_from(column) {
        Ok(field) if field.data_type().is_nested() => unknown(field.data_type().to_string()),
        Ok(field) => field,
        Err(_) => unknown(format!("`{}`", column.format())),
    }
}

/// A column of a table, which it keeps from being released.
fn child(table: &Arc<FFI_ArrowArray>, place: usize) -> FFI_ArrowArray {
    unsafe extern "C" fn release(column: *mut FFI_ArrowArray) {
        // SAFETY: this is called once, for a column made below, whose private data is the table.
        unsafe {
            drop(Box::from_raw((*column).private_data().cast::<Arc<FFI_ArrowArray>>()));
            (*column).set_release(None);
        }
    }
    let owner = Box::into_raw(Box::new(table.clone()));
    // SAFETY: what the column points to lives as long as the table, which it holds; its own release
    // is replaced, so that the table alone releases it.
    unsafe {
        let mut column = std::ptr::read(table.child(place));
        column.set_private_data(owner.cast());
        column.set_release(Some(release));
        column
    }
}

fn broken(what: &str) -> ArrowError {
    ArrowError::CDataInterface(format!("the stream {what}"))
}

/// What a stream says about its failure.
fn failed(stream: &mut FFI_ArrowArrayStream, what: &str, code: c_int) -> ArrowError {
    let mut message = format!("Cannot get {what} from input stream. Error code: {code}");
    if let Some(last_error) = stream.get_last_error() {
        // SAFETY: the last call on this stream failed, so its text may be asked for; it is read
        // before the next call.
        let text = unsafe {
            let text = last_error(stream);
            (!text.is_null()).then(|| CStr::from_ptr(text).to_string_lossy().into_owned())
        };
        message.extend(text.map(|text| format!(". Producer error: {text}")));
    }
    ArrowError::CDataInterface(message)
}

/// A capsule with a stream of this one batch; its columns are shared, not copied.
pub(crate) fn export_stream<'py>(
    py: Python<'py>,
    batch: &RecordBatch,
) -> Result<Bound<'py, PyCapsule>> {
    let reader = RecordBatchIterator::new([Ok(batch.clone())], batch.schema());
    let stream = FFI_ArrowArrayStream::new(Box::new(reader));
    Ok(PyCapsule::new_with_value(py, stream, STREAM)?)
}

/// A capsule with the schema of a batch.
pub(crate) fn export_schema<'py>(
    py: Python<'py>,
    batch: &RecordBatch,
) -> Result<Bound<'py, PyCapsule>> {
    let schema = FFI_ArrowSchema::try_from(batch.schema().as_ref())?;
    Ok(PyCapsule::new_with_value(py, schema, SCHEMA)?)
}
