//! A table of results.

use std::path::PathBuf;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Float64Type, Int32Type, Int64Type, TimestampMicrosecondType, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, TimeUnit};
use pyo3::exceptions::{PyKeyError, PyNotImplementedError};
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyList};
use winback::Error;
use winback::answer::output::TableWriter;

use crate::arrow::{export_schema, export_stream};
use crate::error::Result;
use crate::long::Watch;
use crate::to_python::datetime;

/// Rows that are written before Ctrl-C is looked for again.
const ROWS_AT_ONCE: usize = 1 << 16;

/// A table in Arrow's memory format, shared with other libraries without a copy.
#[pyclass(frozen, module = "winback._core")]
pub(crate) struct Table {
    pub(crate) batch: RecordBatch,
}

#[pymethods]
impl Table {
    /// Takes the first stream of tables from an object that has `__arrow_c_stream__`.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> Result<Bound<'py, PyCapsule>> {
        // The interface lets a producer ignore the wish for another schema.
        let _ = requested_schema;
        export_stream(py, &self.batch)
    }

    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyCapsule>> {
        export_schema(py, &self.batch)
    }

    fn __len__(&self) -> usize {
        self.batch.num_rows()
    }

    #[getter]
    fn column_names(&self) -> Vec<String> {
        self.batch.schema_ref().fields().iter().map(|field| field.name().clone()).collect()
    }

    #[getter]
    fn column_types(&self) -> Vec<&'static str> {
        self.batch.columns().iter().map(|column| type_name(column.data_type())).collect()
    }

    /// The first `limit` values of a column, all without a limit.
    #[pyo3(signature = (name, limit=None))]
    fn values<'py>(
        &self,
        py: Python<'py>,
        name: &str,
        limit: Option<usize>,
    ) -> Result<Bound<'py, PyList>> {
        let column = self.batch.column_by_name(name).ok_or_else(|| {
            PyKeyError::new_err(format!(
                "{name:?}; the columns are {}",
                self.column_names().join(", ")
            ))
        })?;
        let rows = limit.unwrap_or(usize::MAX).min(column.len());
        values(py, &column.slice(0, rows))
    }

    fn write(&self, py: Python<'_>, path: PathBuf) -> Result<()> {
        let watch = Watch::calm(None);
        watch.run(py, || {
            let mut writer = TableWriter::create(path, self.batch.schema_ref())?;
            let rows = self.batch.num_rows();
            for start in (0..rows).step_by(ROWS_AT_ONCE) {
                if !watch.goes_on() {
                    return Err(Error::Interrupted);
                }
                writer.write(&self.batch.slice(start, ROWS_AT_ONCE.min(rows - start)))?;
            }
            writer.finish()
        })
    }
}

fn type_name(data_type: &DataType) -> &'static str {
    match data_type {
        DataType::Int64 | DataType::Int32 | DataType::UInt32 | DataType::UInt64 => "integer",
        DataType::Float64 => "number",
        DataType::Boolean => "boolean",
        DataType::Utf8 | DataType::LargeUtf8 => "text",
        DataType::Dictionary(..) => "category",
        DataType::Timestamp(..) => "time",
        _ => "other",
    }
}

fn values<'py>(py: Python<'py>, array: &ArrayRef) -> Result<Bound<'py, PyList>> {
    let list = match array.data_type() {
        DataType::Int64 => PyList::new(py, array.as_primitive::<Int64Type>().iter()),
        DataType::Int32 => PyList::new(py, array.as_primitive::<Int32Type>().iter()),
        DataType::UInt32 => PyList::new(py, array.as_primitive::<UInt32Type>().iter()),
        DataType::UInt64 => PyList::new(py, array.as_primitive::<UInt64Type>().iter()),
        DataType::Float64 => PyList::new(py, array.as_primitive::<Float64Type>().iter()),
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            let times = array.as_primitive::<TimestampMicrosecondType>().iter();
            let time = |micros: Option<i64>| micros.map(|m| datetime(py, m)).transpose();
            PyList::new(py, times.map(time).collect::<PyResult<Vec<_>>>()?)
        }
        DataType::Boolean => PyList::new(py, array.as_boolean().iter().collect::<Vec<_>>()),
        DataType::Utf8 => PyList::new(py, array.as_string::<i32>().iter().collect::<Vec<_>>()),
        DataType::LargeUtf8 => PyList::new(py, array.as_string::<i64>().iter().collect::<Vec<_>>()),
        DataType::Dictionary(..) => {
            let texts = values(py, array.as_any_dictionary().values())?;
            let keys: Vec<Option<usize>> = match array.as_dictionary_opt::<Int32Type>() {
                Some(array) => array.keys_iter().collect(),
                None => array.as_dictionary::<UInt32Type>().keys_iter().collect(),
            };
            let cells = keys.into_iter().map(|key| match key {
                Some(key) => texts.get_item(key),
                None => Ok(py.None().into_bound(py)),
            });
            PyList::new(py, cells.collect::<PyResult<Vec<_>>>()?)
        }
        other => Err(PyNotImplementedError::new_err(format!("values of type {other}"))),
    };
    Ok(list?)
}

/// Refuses to write over what was read, or among it.
#[pyfunction]
pub(crate) fn check_spared(path: PathBuf, inputs: Vec<PathBuf>) -> Result<()> {
    Ok(winback::log::check_spared(&path, &inputs)?)
}
