//! Attributes of customers, as they are now: numbers or texts.

use super::pool::{NO_CODE, TextPool};

/// One attribute of all customers.
#[derive(Debug, Clone)]
pub(crate) struct Attribute {
    pub(crate) name: String,
    pub(crate) values: AttributeValues,
}

#[derive(Debug, Clone)]
pub(crate) enum AttributeValues {
    /// NaN: unknown.
    Numbers(Vec<f64>),
    /// [`NO_CODE`]: not known.
    Texts { codes: Vec<u32>, pool: TextPool },
}

/// The value of an attribute of one customer.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[serde(untagged)]
pub enum AttributeValue<'a> {
    /// Unknown.
    Missing,
    /// A number; booleans are 0 and 1.
    Number(f64),
    /// A text.
    Text(std::borrow::Cow<'a, str>),
}

impl From<f64> for AttributeValue<'_> {
    fn from(number: f64) -> Self {
        AttributeValue::Number(number)
    }
}

impl<'a> From<&'a str> for AttributeValue<'a> {
    fn from(text: &'a str) -> Self {
        AttributeValue::Text(text.into())
    }
}

impl<'a> From<&'a AttributeValue<'_>> for AttributeValue<'a> {
    fn from(value: &'a AttributeValue<'_>) -> Self {
        match value {
            AttributeValue::Missing => AttributeValue::Missing,
            AttributeValue::Number(number) => AttributeValue::Number(*number),
            AttributeValue::Text(text) => AttributeValue::Text(text.as_ref().into()),
        }
    }
}

impl Attribute {
    pub(crate) fn get(&self, row: usize) -> AttributeValue<'_> {
        match &self.values {
            AttributeValues::Numbers(values) if values[row].is_nan() => AttributeValue::Missing,
            AttributeValues::Numbers(values) => AttributeValue::Number(values[row]),
            AttributeValues::Texts { codes, .. } if codes[row] == NO_CODE => {
                AttributeValue::Missing
            }
            AttributeValues::Texts { codes, pool } => {
                AttributeValue::Text(pool.get(codes[row]).into())
            }
        }
    }

    /// One value a customer: that of the row given, missing where there is none.
    pub(crate) fn take(&self, rows: &[Option<u32>]) -> Attribute {
        let values = match &self.values {
            AttributeValues::Numbers(values) => AttributeValues::Numbers(
                rows.iter().map(|row| row.map_or(f64::NAN, |r| values[r as usize])).collect(),
            ),
            AttributeValues::Texts { codes, pool } => AttributeValues::Texts {
                codes: rows.iter().map(|row| row.map_or(NO_CODE, |r| codes[r as usize])).collect(),
                pool: pool.clone(),
            },
        };
        Attribute { name: self.name.clone(), values }
    }
}
