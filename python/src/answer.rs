//! What any analysis gives, and options from a dict.

use std::fmt;

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{DeserializeOwned, Deserializer, Expected, IntoDeserializer, Unexpected, Visitor};
use serde::forward_to_deserialize_any;

use winback::answer::AnswerParts;
use winback::arrow_array::RecordBatch;

use crate::error::Result;
use crate::table::Table;
use crate::to_python::for_people;
use crate::values::to_python;

/// The tables, figures, notes and readable form of an analysis.
#[pyclass(frozen, module = "winback._core")]
pub(crate) struct Answer {
    tables: Vec<(&'static str, Py<Table>)>,
    /// The parts that a page shows.
    parts: AnswerParts,
    figures: Py<PyAny>,
    #[pyo3(get)]
    notes: Vec<String>,
    /// None where it is the table, which may have very many rows.
    #[pyo3(get)]
    text: Option<String>,
    /// Whether its text is more than what stands in its tables.
    #[pyo3(get)]
    is_report: bool,
    of_activity: bool,
}

impl Answer {
    pub(crate) fn new(py: Python<'_>, answer: &dyn winback::answer::Answer) -> Result<Self> {
        Answer::told(py, answer, false)
    }

    /// The answer of a log, which may be one of activity in place of purchases.
    pub(crate) fn told(
        py: Python<'_>,
        answer: &dyn winback::answer::Answer,
        of_activity: bool,
    ) -> Result<Self> {
        let of_activity = of_activity || answer.says_activity();
        let told = |text: String| match of_activity && !answer.says_activity() {
            true => for_people(&winback::answer::of_activity(&text)),
            false => for_people(&text),
        };
        let mut parts = AnswerParts::of(answer)?;
        parts.of_activity = of_activity;
        parts.notes = parts.notes.into_iter().map(told).collect();
        let names = answer.table_names().into_iter().zip(&parts.tables);
        let table = |(name, (_, batch)): (&'static str, &(String, RecordBatch))| {
            Ok((name, Py::new(py, Table { batch: batch.clone() })?))
        };
        Ok(Answer {
            tables: names.map(table).collect::<Result<_>>()?,
            figures: to_python(py, &parts.figures)?.unbind(),
            notes: parts.notes.clone(),
            parts,
            text: (!answer.is_table()).then(|| told(answer.to_string())),
            is_report: answer.is_report(),
            of_activity,
        })
    }
}

impl Answer {
    pub(crate) fn parts(&self) -> AnswerParts {
        self.parts.clone()
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

    /// A text about purchases, about activity where the answer is of activity in their place.
    fn worded(&self, text: &str) -> String {
        if self.of_activity { winback::answer::of_activity(text) } else { text.to_owned() }
    }
}

/// Options from a dict of arguments; those that are not there have their defaults.
pub(crate) fn options<T: DeserializeOwned>(given: &Bound<'_, PyDict>) -> Result<T> {
    let mut all = Vec::new();
    for (name, value) in given {
        let (name, plain): (String, _) = (name.extract()?, Plain::of(&value)?);
        // Alone, so that an error has a name.
        let one = MapDeserializer::new([(name.as_str(), plain.clone())].into_iter());
        T::deserialize(one).map_err(|error: Refused| error.of(given.py(), &name))?;
        all.push((name, plain));
    }
    let all = MapDeserializer::new(all.into_iter());
    Ok(T::deserialize(all).map_err(|error: Refused| error.of(given.py(), "options"))?)
}

/// The exception of an argument that is refused, with the attributes that the core's errors have.
pub(crate) fn refused(py: Python<'_>, name: &str, text: String, is_type: bool) -> PyErr {
    Refused { is_type, text }.of(py, name)
}

/// Why an option does not take a value: its type, or the value itself.
#[derive(Debug)]
struct Refused {
    is_type: bool,
    text: String,
}

impl Refused {
    /// The exception, with the attributes that the core's errors have.
    fn of(self, py: Python<'_>, name: &str) -> PyErr {
        let text = format!("{name}: {}", self.text);
        let error = match self.is_type {
            true => PyTypeError::new_err(text),
            false => PyValueError::new_err(text),
        };
        let value = error.value(py);
        let set = || -> PyResult<()> {
            value.setattr("code", "bad-argument")?;
            value.setattr("argument", name)?;
            let places = ["table", "column", "row", "customer"];
            places.into_iter().try_for_each(|place| value.setattr(place, py.None()))
        };
        set().err().unwrap_or(error)
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Refused {}

impl serde::de::Error for Refused {
    /// Errors of the core say what was expected after a name that is not the user's.
    fn custom<T: fmt::Display>(text: T) -> Self {
        let text = text.to_string();
        let expected = text.find(": expected ").map_or(text.as_str(), |name| &text[name + 2..]);
        Refused { is_type: false, text: expected.to_owned() }
    }

    fn invalid_type(got: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let got = match got {
            Unexpected::Bool(_) => "bool",
            Unexpected::Signed(_) | Unexpected::Unsigned(_) => "int",
            Unexpected::Float(_) => "float",
            Unexpected::Str(_) => "str",
            Unexpected::Unit | Unexpected::Option => "None",
            Unexpected::Seq => "list",
            _ => "another type",
        };
        let text = format!("expected {}, got {got}", in_python(expected));
        Refused { is_type: true, text }
    }

    fn invalid_value(got: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let got = match got {
            Unexpected::Signed(number) => number.to_string(),
            got => got.to_string(),
        };
        let text = format!("expected {}, got {got}", in_python(expected));
        Refused { is_type: false, text }
    }

    fn unknown_variant(got: &str, expected: &'static [&'static str]) -> Self {
        let text = format!("expected one of {}, got {got:?}", expected.join(", "));
        Refused { is_type: false, text }
    }
}

/// A type of Rust as Python calls it.
fn in_python(expected: &dyn Expected) -> String {
    match expected.to_string().as_str() {
        "a string" | "string or map" | "any value" | "anything at all" => "a str",
        "a boolean" => "a bool",
        "a sequence" => "a list",
        "f64" => "a number",
        "u32" => "an int from 0 to 4294967295",
        "u64" | "usize" => "an int from 0",
        other => other,
    }
    .to_owned()
}

/// A value of an option.
#[derive(Clone)]
enum Plain {
    None,
    Bool(bool),
    Int(i64),
    /// Beyond the others.
    Large(u64),
    Float(f64),
    Text(String),
    List(Vec<Plain>),
    /// No value of an option: its type, or a number beyond 64 bits.
    Other {
        got: String,
        is_type: bool,
    },
}

impl Plain {
    fn of(value: &Bound<'_, PyAny>) -> PyResult<Self> {
        let kind = value.get_type().name()?.to_string();
        let method = |name| value.hasattr(name).unwrap_or(false);
        Ok(if value.is_none() {
            Plain::None
        } else if kind == "bool" || kind == "bool_" {
            Plain::Bool(value.is_truthy()?)
        } else if value.is_instance_of::<PyString>() {
            let lone = |_| Plain::Other { got: "a lone surrogate".into(), is_type: false };
            value.extract().map(Plain::Text).unwrap_or_else(lone)
        } else if value.is_instance_of::<PyDict>() {
            Plain::Other { got: kind, is_type: true }
        } else if let Ok(values) = value.try_iter() {
            // Before numbers, as which NumPy's arrays can be read too.
            Plain::List(values.map(|value| Plain::of(&value?)).collect::<PyResult<_>>()?)
        } else if method("__index__") {
            let large = |_| value.extract().map(Plain::Large);
            let beyond = |_| {
                let digits = value.to_string();
                let is_long = digits.len() > 24;
                let got = if is_long { "an int beyond 64 bits".to_owned() } else { digits };
                Plain::Other { got, is_type: false }
            };
            value.extract().map(Plain::Int).or_else(large).unwrap_or_else(beyond)
        } else if method("__float__") {
            // What only looks like a number, as NaT does.
            let other = |_| Plain::Other { got: kind, is_type: true };
            value.extract().map(Plain::Float).unwrap_or_else(other)
        } else {
            Plain::Other { got: kind, is_type: true }
        })
    }
}

impl<'de> Deserializer<'de> for Plain {
    type Error = Refused;

    fn deserialize_any<V: Visitor<'de>>(
        self,
        visitor: V,
    ) -> std::result::Result<V::Value, Refused> {
        match self {
            Plain::None => visitor.visit_unit(),
            Plain::Bool(value) => visitor.visit_bool(value),
            Plain::Int(value) => visitor.visit_i64(value),
            Plain::Large(value) => visitor.visit_u64(value),
            Plain::Float(value) => visitor.visit_f64(value),
            Plain::Text(value) => visitor.visit_string(value),
            Plain::List(values) => visitor.visit_seq(SeqDeserializer::new(values.into_iter())),
            Plain::Other { got, is_type } => {
                let text = format!("expected {}, got {got}", in_python(&visitor));
                Err(Refused { is_type, text })
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(
        self,
        visitor: V,
    ) -> std::result::Result<V::Value, Refused> {
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
    ) -> std::result::Result<V::Value, Refused> {
        match self {
            Plain::Text(value) => {
                value.into_deserializer().deserialize_enum(name, variants, visitor)
            }
            value => match value.deserialize_any(NamedChoice(variants)) {
                Err(refused) => Err(refused),
                Ok(never) => match never {},
            },
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct newtype_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

/// Takes nothing: what is no text is none of these choices.
struct NamedChoice(&'static [&'static str]);

impl Visitor<'_> for NamedChoice {
    type Value = std::convert::Infallible;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "one of {}", self.0.join(", "))
    }
}

impl IntoDeserializer<'_, Refused> for Plain {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}
