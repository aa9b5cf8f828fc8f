//! Values of the core as dicts, lists, texts, numbers and datetimes.

use std::fmt;

use pyo3::BoundObject;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use serde::ser::{self, Serialize, Serializer};
use winback::Timestamp;
use winback::answer::escape;

use crate::error::Result;

/// What a value holds, by its fields' names; numbers that are not finite are None.
pub(crate) fn to_python<'py>(py: Python<'py>, value: &impl Serialize) -> Result<Bound<'py, PyAny>> {
    value.serialize(ToPython(py)).map_err(|Failed(error)| error.into())
}

/// A text for HTML, between tags and in quoted attributes.
#[pyfunction]
pub(crate) fn for_html(text: &str) -> String {
    escape::html(text).into_owned()
}

/// A text for people, such as one that `print` shows; names from the data in it do not act on a terminal.
#[pyfunction]
pub(crate) fn for_people(text: &str) -> String {
    escape::terminal(text).into_owned()
}

/// A naive datetime in UTC.
pub(crate) fn datetime(py: Python<'_>, micros: i64) -> PyResult<Bound<'_, PyAny>> {
    let module = py.import("datetime")?;
    let epoch = module.getattr("datetime")?.call1((1970, 1, 1))?;
    epoch.add(module.getattr("timedelta")?.call1((0, 0, micros))?)
}

#[derive(Debug)]
struct Failed(PyErr);

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Failed {}

impl ser::Error for Failed {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Failed(pyo3::exceptions::PyValueError::new_err(message.to_string()))
    }
}

impl From<PyErr> for Failed {
    fn from(error: PyErr) -> Self {
        Failed(error)
    }
}

impl From<std::convert::Infallible> for Failed {
    fn from(never: std::convert::Infallible) -> Self {
        match never {}
    }
}

type Done<'py> = std::result::Result<Bound<'py, PyAny>, Failed>;
type Step = std::result::Result<(), Failed>;

#[derive(Clone, Copy)]
struct ToPython<'py>(Python<'py>);

/// A list or a dict that is being filled; with a name, the value of an enum's variant.
struct Filled<'py, C> {
    py: Python<'py>,
    items: Bound<'py, C>,
    key: Option<Bound<'py, PyAny>>,
    variant: Option<&'static str>,
}

impl<'py> ToPython<'py> {
    fn list(self, variant: Option<&'static str>) -> Filled<'py, PyList> {
        Filled { py: self.0, items: PyList::empty(self.0), key: None, variant }
    }

    fn dict(self, variant: Option<&'static str>) -> Filled<'py, PyDict> {
        Filled { py: self.0, items: PyDict::new(self.0), key: None, variant }
    }

    fn of<T: IntoPyObject<'py>>(self, value: T) -> Done<'py>
    where
        Failed: From<T::Error>,
    {
        Ok(value.into_pyobject(self.0)?.into_any().into_bound())
    }
}

impl<'py, C> Filled<'py, C> {
    fn end(self) -> Done<'py> {
        let Some(name) = self.variant else { return Ok(self.items.into_any()) };
        let named = PyDict::new(self.py);
        named.set_item(name, self.items.into_any())?;
        Ok(named.into_any())
    }
}

/// Methods for values that Python has as they are.
macro_rules! plain {
    ($($method:ident: $type:ty),* $(,)?) => {
        $(
            fn $method(self, value: $type) -> Done<'py> {
                self.of(value)
            }
        )*
    };
}

impl<'py> Serializer for ToPython<'py> {
    type Ok = Bound<'py, PyAny>;
    type Error = Failed;
    type SerializeSeq = Filled<'py, PyList>;
    type SerializeTuple = Filled<'py, PyList>;
    type SerializeTupleStruct = Filled<'py, PyList>;
    type SerializeTupleVariant = Filled<'py, PyList>;
    type SerializeMap = Filled<'py, PyDict>;
    type SerializeStruct = Filled<'py, PyDict>;
    type SerializeStructVariant = Filled<'py, PyDict>;

    plain! {
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64,
        serialize_char: char, serialize_str: &str, serialize_bytes: &[u8],
    }

    fn is_human_readable(&self) -> bool {
        // Instants are no texts here.
        false
    }

    fn serialize_bool(self, value: bool) -> Done<'py> {
        Ok(value.into_pyobject(self.0)?.to_owned().into_any())
    }

    fn serialize_f32(self, value: f32) -> Done<'py> {
        self.serialize_f64(value.into())
    }

    fn serialize_f64(self, value: f64) -> Done<'py> {
        if value.is_finite() { self.of(value) } else { self.serialize_none() }
    }

    fn serialize_none(self) -> Done<'py> {
        Ok(self.0.None().into_bound(self.0))
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Done<'py> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Done<'py> {
        self.serialize_none()
    }

    fn serialize_unit_struct(self, _: &'static str) -> Done<'py> {
        self.serialize_none()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Done<'py> {
        self.of(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Done<'py> {
        let value = value.serialize(self)?;
        match name {
            Timestamp::SERDE_NAME => Ok(datetime(self.0, value.extract()?)?),
            _ => Ok(value),
        }
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Done<'py> {
        let named = PyDict::new(self.0);
        named.set_item(variant, value.serialize(self)?)?;
        Ok(named.into_any())
    }

    fn serialize_seq(self, _: Option<usize>) -> std::result::Result<Filled<'py, PyList>, Failed> {
        Ok(self.list(None))
    }

    fn serialize_tuple(self, _: usize) -> std::result::Result<Filled<'py, PyList>, Failed> {
        Ok(self.list(None))
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> std::result::Result<Filled<'py, PyList>, Failed> {
        Ok(self.list(None))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> std::result::Result<Filled<'py, PyList>, Failed> {
        Ok(self.list(Some(variant)))
    }

    fn serialize_map(self, _: Option<usize>) -> std::result::Result<Filled<'py, PyDict>, Failed> {
        Ok(self.dict(None))
    }

    fn serialize_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> std::result::Result<Filled<'py, PyDict>, Failed> {
        Ok(self.dict(None))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> std::result::Result<Filled<'py, PyDict>, Failed> {
        Ok(self.dict(Some(variant)))
    }
}

/// Implements the traits of things in a row, which differ by name only.
macro_rules! rows {
    ($($name:ident::$method:ident),*) => {
        $(
            impl<'py> ser::$name for Filled<'py, PyList> {
                type Ok = Bound<'py, PyAny>;
                type Error = Failed;

                fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Step {
                    Ok(self.items.append(value.serialize(ToPython(self.py))?)?)
                }

                fn end(self) -> Done<'py> {
                    Filled::end(self)
                }
            }
        )*
    };
}

rows!(
    SerializeSeq::serialize_element,
    SerializeTuple::serialize_element,
    SerializeTupleStruct::serialize_field,
    SerializeTupleVariant::serialize_field
);

/// Implements the traits of things with named fields, which differ by name only.
macro_rules! fields {
    ($($name:ident),*) => {
        $(
            impl<'py> ser::$name for Filled<'py, PyDict> {
                type Ok = Bound<'py, PyAny>;
                type Error = Failed;

                fn serialize_field<T: Serialize + ?Sized>(
                    &mut self,
                    key: &'static str,
                    value: &T,
                ) -> Step {
                    Ok(self.items.set_item(key, value.serialize(ToPython(self.py))?)?)
                }

                fn end(self) -> Done<'py> {
                    Filled::end(self)
                }
            }
        )*
    };
}

fields!(SerializeStruct, SerializeStructVariant);

impl<'py> ser::SerializeMap for Filled<'py, PyDict> {
    type Ok = Bound<'py, PyAny>;
    type Error = Failed;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Step {
        self.key = Some(key.serialize(ToPython(self.py))?);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Step {
        let value = value.serialize(ToPython(self.py))?;
        self.key.take().map_or(Ok(()), |key| Ok(self.items.set_item(key, value)?))
    }

    fn end(self) -> Done<'py> {
        Filled::end(self)
    }
}
