//! What any analysis gives, and options from a dict.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyString};
use serde::de::DeserializeOwned;
use serde::de::value::{Error as PlainError, MapDeserializer, SeqDeserializer};
use serde::de::{Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

use crate::error::Result;
use crate::table::Table;
use crate::values::to_python;

/// The tables, figures, notes and readable form of an analysis.
#[pyclass(frozen, module = "winback._core")]
pub(crate) struct Answer {
    tables: Vec<(&'static str, Py<Table>)>,
    figures: Py<PyAny>,
    #[pyo3(get)]
    notes: Vec<String>,
    #[pyo3(get)]
    text: String,
    /// Whether its text is more than what stands in its tables.
    #[pyo3(get)]
    is_report: bool,
}

impl Answer {
    pub(crate) fn new(py: Python<'_>, answer: &dyn winback::answer::Answer) -> Result<Self> {
        let table = |name| -> Result<(&'static str, Py<Table>)> {
            Ok((name, Py::new(py, Table { batch: answer.table(name)? })?))
        };
        Ok(Answer {
            tables: answer.table_names().into_iter().map(table).collect::<Result<_>>()?,
            figures: to_python(py, &answer.figures())?.unbind(),
            notes: answer.notes(),
            text: answer.to_string(),
            is_report: answer.is_report(),
        })
    }
}

#[pymethods]
impl Answer {
    /// The tables by name, the main one first.
    #[getter]
    fn tables<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let tables = PyDict::new(py);
        self.tables.iter().try_for_each(|(name, table)| tables.set_item(name, table))?;
        Ok(tables)
    }

    #[getter]
    fn figures(&self, py: Python<'_>) -> Py<PyAny> {
        self.figures.clone_ref(py)
    }
}

/// Options from a dict of arguments; those that are not there have their defaults.
pub(crate) fn options<T: DeserializeOwned>(given: &Bound<'_, PyDict>) -> Result<T> {
    let mut all = Vec::new();
    for (name, value) in given {
        let name: String = name.extract()?;
        let plain = Plain::of(&value).ok_or_else(|| {
            PyTypeError::new_err(format!("{name}: {} is no value of an option", value.get_type()))
        })?;
        // Alone, so that an error has a name.
        let one = MapDeserializer::new([(name.as_str(), plain.clone())].into_iter());
        T::deserialize(one)
            .map_err(|error: PlainError| PyTypeError::new_err(format!("{name}: {error}")))?;
        all.push((name, plain));
    }
    let all = MapDeserializer::new(all.into_iter());
    Ok(T::deserialize(all).map_err(|error: PlainError| PyTypeError::new_err(error.to_string()))?)
}

/// A value of an option.
#[derive(Clone)]
enum Plain {
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    List(Vec<Plain>),
}

impl Plain {
    fn of(value: &Bound<'_, PyAny>) -> Option<Self> {
        if value.is_none() {
            Some(Plain::None)
        } else if value.is_instance_of::<PyBool>() {
            value.extract().ok().map(Plain::Bool)
        } else if value.is_instance_of::<PyInt>() {
            value.extract().ok().map(Plain::Int)
        } else if value.is_instance_of::<PyFloat>() {
            value.extract().ok().map(Plain::Float)
        } else if value.is_instance_of::<PyString>() {
            value.extract().ok().map(Plain::Text)
        } else {
            let values = value.try_iter().ok()?;
            let values: Option<_> = values.map(|value| Plain::of(&value.ok()?)).collect();
            values.map(Plain::List)
        }
    }
}

impl<'de> Deserializer<'de> for Plain {
    type Error = PlainError;

    fn deserialize_any<V: Visitor<'de>>(
        self,
        visitor: V,
    ) -> std::result::Result<V::Value, PlainError> {
        match self {
            Plain::None => visitor.visit_unit(),
            Plain::Bool(value) => visitor.visit_bool(value),
            Plain::Int(value) => visitor.visit_i64(value),
            Plain::Float(value) => visitor.visit_f64(value),
            Plain::Text(value) => visitor.visit_string(value),
            Plain::List(values) => visitor.visit_seq(SeqDeserializer::new(values.into_iter())),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(
        self,
        visitor: V,
    ) -> std::result::Result<V::Value, PlainError> {
        match self {
            Plain::None => visitor.visit_none(),
            value => visitor.visit_some(value),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> std::result::Result<V::Value, PlainError> {
        match self {
            Plain::Text(value) => {
                value.into_deserializer().deserialize_enum(name, variants, visitor)
            }
            value => value.deserialize_any(visitor),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct newtype_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

impl IntoDeserializer<'_, PlainError> for Plain {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}
