//! Arrow tables in and out, by the Arrow PyCapsule interface. The only unsafe code of the project.

use std::ffi::CStr;

use arrow_array::ffi::FFI_ArrowSchema;
use arrow_array::ffi_stream::{FFI_ArrowArrayStream, RecordBatchStreamReader};
use arrow_array::{Array, RecordBatch, RecordBatchIterator, RecordBatchReader};
use arrow_schema::{ArrowError, SchemaRef};
use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyCapsuleMethods};

use crate::error::Result;

const STREAM: &CStr = c"arrow_array_stream";
const SCHEMA: &CStr = c"arrow_schema";

/// A stream of record batches from any object that has `__arrow_c_stream__`.
pub(crate) fn import_stream(
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
    Ok(Box::new(CheckedReader(RecordBatchStreamReader::try_new(stream)?)))
}

/// The contents of a stream from elsewhere, refused where they break Arrow's own rules (texts that
/// are not UTF-8, offsets or dictionary keys out of range), on which safe code relies.
struct CheckedReader(RecordBatchStreamReader);

impl Iterator for CheckedReader {
    type Item = std::result::Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let batch = self.0.next()?;
        Some(batch.and_then(|batch| {
            batch.columns().iter().try_for_each(|column| column.to_data().validate_full())?;
            Ok(batch)
        }))
    }
}

impl RecordBatchReader for CheckedReader {
    fn schema(&self) -> SchemaRef {
        self.0.schema()
    }
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
