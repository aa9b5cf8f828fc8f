//! What the purchases of a customer are worth, should there be any.

use std::fmt;
use std::str::FromStr;

use rayon::prelude::*;
use serde::de::{self, Deserializer, Visitor};

use super::ChurnModel;
use crate::answer::columns::{Column, numbers};
use crate::error::{Error, Result};
use crate::features::{EMPTY_ROW, Scratch, Wanted, compute, find};
use crate::labels::outcome_window;
use crate::log::{AttributeValue, CustomerHistory, CustomerIndex, EventLog, History, LogColumns};
use crate::snapshot::Snapshot;
use crate::time::{IntoTimestamp, Timestamp};
use crate::timing::{Bought, SpendModel, TimedBy};

/// What a customer who buys within the outcome window is worth; times the chance of it, the
/// expected value.
///
/// ```
/// use winback::churn::Value;
/// assert_eq!("expected_spend".parse::<Value>()?, Value::ExpectedSpend);
/// assert_eq!("25".parse::<Value>()?, Value::Number(25.0));
/// assert_eq!("margin".parse::<Value>()?, Value::Column("margin".into()));
/// assert!("-1".parse::<Value>().is_err());
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[serde(into = "Written")]
pub enum Value {
    /// Purchases expected within the outcome window, given that there is one, times the expected
    /// check: by the MBG/NBD and the Gamma-Gamma model of the training, see
    /// [`SpendModel`](crate::timing::SpendModel).
    ExpectedSpend,
    /// The same for all; above 0.
    Number(f64),
    /// A feature or a column of the customers table, such as `average_check`: one purchase at the
    /// customer's own average check.
    Column(String),
}

/// Values after which work on them says how far it is.
const VALUES_A_TELL: usize = 4_096;
const EXPECTED_SPEND: &str = "expected_spend";
const ACCEPTED: &str =
    "expected_spend, a number above 0, or the name of a feature or of a column of customers";

/// A number or a text.
#[derive(serde::Serialize)]
#[serde(untagged)]
enum Written {
    Number(f64),
    Text(String),
}

impl Value {
    fn of_number(number: f64) -> Result<Self> {
        match number > 0.0 && number.is_finite() {
            true => Ok(Value::Number(number)),
            false => Err(Error::argument("value", number, ACCEPTED)),
        }
    }
}

impl<'de> serde::Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ReadValue)
    }
}

/// Says what it takes where a value is of another type.
struct ReadValue;

impl Visitor<'_> for ReadValue {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(ACCEPTED)
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Value, E> {
        self.visit_f64(number as f64)
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Value, E> {
        self.visit_f64(number as f64)
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Value, E> {
        Value::of_number(number).map_err(E::custom)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Value, E> {
        text.parse().map_err(E::custom)
    }
}

impl From<Value> for Written {
    fn from(value: Value) -> Self {
        match value {
            Value::Number(number) => Written::Number(number),
            text => Written::Text(text.to_string()),
        }
    }
}

impl FromStr for Value {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text.trim() {
            "" => Err(Error::text_argument("value", text, ACCEPTED)),
            EXPECTED_SPEND => Ok(Value::ExpectedSpend),
            text => match text.parse::<f64>() {
                Ok(number) => Value::of_number(number),
                Err(_) => Ok(Value::Column(text.to_owned())),
            },
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::ExpectedSpend => f.write_str(EXPECTED_SPEND),
            Value::Number(number) => write!(f, "{number}"),
            Value::Column(name) => f.write_str(name),
        }
    }
}

/// What a customer is worth who buys within the outcome window.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct CustomerValue {
    /// Days with a purchase expected within the outcome window, given that there is one; NaN unless
    /// by expected spend.
    pub purchases_if_any: f64,
    /// The spend expected on such a day; NaN unless by expected spend.
    pub expected_check: f64,
    /// The purchase probability × the value if there is a purchase.
    pub expected_value: f64,
    /// Whether the value was missing and counts as 0.
    pub missing: bool,
}

/// `expected_value` and, by expected spend, what it is the product of.
pub(crate) fn value_columns<'a>(
    value: &Value,
    values: impl Iterator<Item = &'a CustomerValue> + Clone,
) -> Vec<Column> {
    let mut columns = Vec::new();
    if *value == Value::ExpectedSpend {
        columns.push(numbers("purchases_if_any", values.clone().map(|v| v.purchases_if_any)));
        columns.push(numbers("expected_check", values.clone().map(|v| v.expected_check)));
    }
    columns.push(numbers("expected_value", values.map(|v| v.expected_value)));
    columns
}

/// Where values come from, checked.
enum Values<'a> {
    Spend {
        model: &'a crate::timing::SpendModel,
        days: f64,
    },
    Number(f64),
    /// A place in the catalogue.
    Feature(usize),
    Attribute(&'a str),
}

impl Values<'_> {
    fn of<'c>(
        &self,
        history: &History<'_>,
        scratch: &mut Scratch,
        chance: f64,
        attribute: impl Fn(&str) -> Result<AttributeValue<'c>>,
    ) -> Result<CustomerValue> {
        let (mut purchases_if_any, mut expected_check) = (f64::NAN, f64::NAN);
        let value = match self {
            Values::Spend { model, days } => Bought::of(history).map_or(f64::NAN, |bought| {
                purchases_if_any = model.purchases_if_any(&bought, *days);
                expected_check = model.expected_check(&bought);
                purchases_if_any * expected_check
            }),
            Values::Number(number) => *number,
            Values::Feature(place) => {
                let mut row = EMPTY_ROW;
                compute(history, Wanted::places(&[*place]), scratch, &mut row);
                row[*place]
            }
            Values::Attribute(name) => match attribute(name)? {
                AttributeValue::Missing => f64::NAN,
                AttributeValue::Number(number) => number,
                AttributeValue::Text(_) => {
                    let message = "is of texts, and a value is a number";
                    return Err(Error::bad_column("customers", *name, message));
                }
            },
        };
        let missing = !value.is_finite();
        let expected_value = chance * if missing { 0.0 } else { value };
        Ok(CustomerValue { purchases_if_any, expected_check, expected_value, missing })
    }
}

impl ChurnModel {
    /// Whether customers can be valued so; not by expected spend without amounts.
    pub(crate) fn can_value(&self, value: &Value) -> bool {
        *value != Value::ExpectedSpend || self.spend.is_some()
    }

    /// What tells the time of customers: the training's models of purchases and of spend.
    pub(crate) fn timed(&self) -> TimedBy<'_> {
        let own = self.spend.as_ref().and_then(SpendModel::purchases);
        let purchases = own.or_else(|| self.recipe.learned.purchases());
        TimedBy { purchases, spend: self.spend.as_ref() }
    }

    /// What is to be known of the time of customers.
    pub(crate) fn timing_note(&self) -> Option<String> {
        let without = "the model was trained without amounts: there is no lifetime_value";
        self.spend.is_none().then(|| without.to_owned())
    }

    /// What is to be known of values.
    pub(crate) fn value_notes(&self, value: &Value) -> Vec<String> {
        match (value, &self.spend) {
            (Value::ExpectedSpend, Some(spend)) => spend.notes(),
            _ => Vec::new(),
        }
    }

    fn values<'a>(
        &'a self,
        value: &'a Value,
        columns: &LogColumns,
        log: Option<&EventLog>,
        at: Timestamp,
    ) -> Result<Values<'a>> {
        match value {
            Value::ExpectedSpend => {
                let window = outcome_window(at, self.lead(), self.horizon())?;
                let days = window.end.days_since(window.start);
                let model = self.spend.as_ref().ok_or_else(|| {
                    let expected =
                        "a number or a column, for the model was trained without amounts";
                    Error::argument("value", EXPECTED_SPEND, expected)
                })?;
                Ok(Values::Spend { model, days })
            }
            Value::Number(number) => Ok(Values::Number(*number)),
            Value::Column(name) => match find(name) {
                Ok((place, feature)) if feature.available(columns) => Ok(Values::Feature(place)),
                Ok((_, feature)) => {
                    let lacks = feature.lacking_in(columns);
                    let expected = format!("another one: the log lacks {lacks}");
                    Err(Error::text_argument("value", name, expected))
                }
                Err(_) => {
                    let known = |log: &EventLog| log.attribute_names().any(|known| known == name);
                    match log.is_none_or(known) {
                        true => Ok(Values::Attribute(name)),
                        false => Err(Error::text_argument("value", name, ACCEPTED)),
                    }
                }
            },
        }
    }

    /// What customers are worth who buy with these chances.
    pub(crate) fn values_of(
        &self,
        snapshot: &Snapshot,
        customers: &[(CustomerIndex, f64)],
        value: &Value,
    ) -> Result<Vec<CustomerValue>> {
        let log = snapshot.log();
        let values = self.values(value, &log.columns(), Some(log), snapshot.at())?;
        let told = snapshot.progress().pieces("valuing", customers.len() as u64);
        customers
            .par_iter()
            .enumerate()
            .with_min_len(256)
            .map_init(Scratch::default, |scratch, (i, &(customer, chance))| {
                if i % VALUES_A_TELL == 0 {
                    told.add(VALUES_A_TELL)?;
                }
                let history = snapshot.history(customer);
                values.of(&history, scratch, chance, |name| log.attribute(customer, name))
            })
            .collect()
    }

    /// What one customer is worth, bit-identical to the batch; none without a purchase before the
    /// cutoff.
    ///
    /// ```
    /// # use winback::{ChurnModel, EventLog, log::NewTransaction, simulate::Simulation};
    /// # let shop = Simulation::default().customers(400).run()?;
    /// # let log = EventLog::builder().transactions([shop.transactions])
    /// #     .observed_until("2025-01-01")?.build()?;
    /// # let model = ChurnModel::builder().fit(&log, "2024-10-01")?;
    /// use winback::churn::Value;
    /// let mut customer = model.customer_history();
    /// let order = NewTransaction::at("2024-08-05T18:30:00".parse()?);
    /// customer.push_transaction(NewTransaction { amount: Some(35.0), ..order })?;
    /// let value = model.value_customer(&customer, "2025-01-01", &Value::ExpectedSpend)?;
    /// assert!(value.is_some_and(|value| value.purchases_if_any > 1.0));
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`ChurnModel::score_customer`]; [`Error::Argument`] for a value that cannot be had,
    /// [`Error::Column`] for an attribute of texts.
    pub fn value_customer(
        &self,
        customer: &CustomerHistory,
        at: impl IntoTimestamp,
        value: &Value,
    ) -> Result<Option<CustomerValue>> {
        let at = at.into_argument("at", self.purchase_rules().time_zone)?;
        let Some(score) = self.score_customer(customer, at)? else { return Ok(None) };
        let values = self.values(value, &customer.columns(), None, at)?;
        let attribute = |name: &str| Ok(customer.attribute(name).clone());
        let (history, scratch) = (customer.history(at), &mut Scratch::default());
        values.of(&history, scratch, score.purchase_probability, attribute).map(Some)
    }
}
