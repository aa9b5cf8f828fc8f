//! One customer's events in a service.

use std::sync::{Mutex, MutexGuard, PoisonError};

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyString};
use winback::churn::{ScoreOptions, Value as Worth};
use winback::explain::ReasonOptions;
use winback::features::of_history;
use winback::hazard::PurchaseTimesOptions;
use winback::log::{AttributeValue, NewAnswer, NewEvent, NewTicket, NewTransaction, OrderId};
use winback::time::Moment;

use crate::churn::ChurnModel;
use crate::error::Result;
use crate::given::{Given, number, optional, text, wrong};
use crate::time_to_purchase::TimeToPurchase;
use crate::values::{instant, span, to_python};

/// One customer's events, appended in any order.
#[pyclass(frozen, module = "winback._core")]
pub(crate) struct CustomerHistory {
    history: Mutex<winback::log::CustomerHistory>,
}

/// A model that customers have histories for.
#[derive(FromPyObject)]
enum Model<'py> {
    Churn(PyRef<'py, ChurnModel>),
    Times(PyRef<'py, TimeToPurchase>),
}

impl CustomerHistory {
    /// What another thread left, as it is: every change is one step.
    fn lock(&self) -> MutexGuard<'_, winback::log::CustomerHistory> {
        self.history.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn optional_time(name: &'static str, text: Option<&str>) -> Result<Option<Moment>> {
    text.map(|text| instant(name, text)).transpose()
}

/// The end of a contract; none for a day such as 9999-12-31, which stands for no end.
fn end(name: &'static str, text: Option<&str>) -> Result<Option<Moment>> {
    Ok(text.map(|text| Moment::of_end(name, text)).transpose()?.flatten())
}

/// An order id: a number or a text.
fn order<'a>(name: &str, value: &'a Bound<'_, PyAny>) -> Result<OrderId<'a>> {
    if value.is_instance_of::<PyString>() {
        return Ok(OrderId::Text(text(name, value)?));
    }
    let number: Option<i64> =
        if value.is_instance_of::<PyBool>() { None } else { value.extract().ok() };
    Ok(OrderId::Int(number.ok_or_else(|| wrong(name, "an int of 64 bits or a str", value))?))
}

/// The value of an attribute: a number or a text.
fn attribute<'a>(name: &str, value: &'a Bound<'_, PyAny>) -> Result<AttributeValue<'a>> {
    if value.is_instance_of::<PyString>() {
        return Ok(text(name, value)?.into());
    }
    let other = |_| wrong(name, "a number, a str or None", value);
    Ok(AttributeValue::Number(number(name, value).map_err(other)?))
}

#[pymethods]
impl CustomerHistory {
    /// An empty history for a model.
    #[new]
    fn new(model: Model<'_>) -> Self {
        let history = match model {
            Model::Churn(model) => model.model.customer_history(),
            Model::Times(model) => model.model.customer_history(),
        };
        CustomerHistory { history: Mutex::new(history) }
    }

    #[pyo3(signature = (at, *, amount, order_id, category, channel, discount, valid_until, known_at, key))]
    #[expect(clippy::too_many_arguments, reason = "named in Python")]
    fn push_transaction(
        &self,
        at: &str,
        amount: Given<'_>,
        order_id: Given<'_>,
        category: Given<'_>,
        channel: Given<'_>,
        discount: Given<'_>,
        valid_until: Option<&str>,
        known_at: Option<&str>,
        key: Given<'_>,
    ) -> Result<()> {
        let row = NewTransaction {
            time: instant("time", at)?,
            amount: optional("amount", &amount, number)?,
            order_id: optional("order_id", &order_id, order)?,
            category: optional("category", &category, text)?,
            channel: optional("channel", &channel, text)?,
            discount: optional("discount", &discount, number)?,
            valid_until: end("valid_until", valid_until)?,
            known_at: optional_time("known_at", known_at)?,
            key: optional("key", &key, text)?,
        };
        self.lock().push_transaction(row)?;
        Ok(())
    }

    #[pyo3(signature = (
        opened_at, *, first_response_at, resolved_at, topic, reopened_count, satisfaction, known_at,
        id
    ))]
    #[expect(clippy::too_many_arguments, reason = "named in Python")]
    fn push_ticket(
        &self,
        opened_at: &str,
        first_response_at: Option<&str>,
        resolved_at: Option<&str>,
        topic: Given<'_>,
        reopened_count: Given<'_>,
        satisfaction: Given<'_>,
        known_at: Option<&str>,
        id: Given<'_>,
    ) -> Result<()> {
        let ticket = NewTicket {
            opened_at: instant("opened_at", opened_at)?,
            first_response_at: optional_time("first_response_at", first_response_at)?,
            resolved_at: optional_time("resolved_at", resolved_at)?,
            topic: optional("topic", &topic, text)?,
            reopened_count: optional("reopened_count", &reopened_count, number)?,
            satisfaction: optional("satisfaction", &satisfaction, number)?,
            known_at: optional_time("known_at", known_at)?,
            id: optional("id", &id, text)?,
        };
        self.lock().push_ticket(ticket)?;
        Ok(())
    }

    fn clear_tickets(&self) {
        self.lock().clear_tickets();
    }

    #[pyo3(signature = (at, score, *, topic, known_at, id))]
    fn push_answer(
        &self,
        at: &str,
        score: &Bound<'_, PyAny>,
        topic: Given<'_>,
        known_at: Option<&str>,
        id: Given<'_>,
    ) -> Result<()> {
        let time = instant("time", at)?;
        let score = number("score", score)?;
        let (topic, id) = (optional("topic", &topic, text)?, optional("id", &id, text)?);
        let known_at = optional_time("known_at", known_at)?;
        self.lock().push_answer(NewAnswer { time, score, topic, known_at, id })?;
        Ok(())
    }

    /// How many transaction rows were left out because their amount is zero.
    fn zero_amounts(&self) -> u64 {
        self.lock().zero_amounts()
    }

    fn remove_transaction(&self, key: &Bound<'_, PyAny>) -> Result<bool> {
        let key = text("key", key)?;
        Ok(self.lock().remove_transaction(key))
    }

    fn remove_ticket(&self, id: &Bound<'_, PyAny>) -> Result<bool> {
        let id = text("id", id)?;
        Ok(self.lock().remove_ticket(id))
    }

    fn remove_answer(&self, id: &Bound<'_, PyAny>) -> Result<bool> {
        let id = text("id", id)?;
        Ok(self.lock().remove_answer(id))
    }

    fn forget_before(&self, at: &str) -> Result<usize> {
        let at = instant("at", at)?;
        Ok(self.lock().forget_before(at)?)
    }

    fn to_bytes(&self) -> Vec<u8> {
        self.lock().to_bytes()
    }

    #[staticmethod]
    fn from_bytes(data: &[u8]) -> Result<Self> {
        let history = winback::log::CustomerHistory::from_bytes(data)?;
        Ok(CustomerHistory { history: Mutex::new(history) })
    }

    fn __len__(&self) -> usize {
        self.lock().len()
    }

    #[pyo3(signature = (at, kind, *, value, channel, known_at))]
    fn push_event(
        &self,
        at: &str,
        kind: &Bound<'_, PyAny>,
        value: Given<'_>,
        channel: Given<'_>,
        known_at: Option<&str>,
    ) -> Result<()> {
        let time = instant("time", at)?;
        let kind = text("kind", kind)?;
        let value = optional("value", &value, number)?;
        let channel = optional("channel", &channel, text)?;
        let known_at = optional_time("known_at", known_at)?;
        let event = NewEvent { time, kind, value, channel, known_at };
        self.lock().push_event(event)?;
        Ok(())
    }

    #[pyo3(signature = (name, value))]
    fn set_attribute(&self, name: &Bound<'_, PyAny>, value: Given<'_>) -> Result<()> {
        let name = text("name", name)?;
        let value = optional("value", &value, attribute)?.unwrap_or(AttributeValue::Missing);
        Ok(self.lock().set_attribute(name, value)?)
    }

    /// All features that the model's log has, by name.
    fn features<'py>(&self, py: Python<'py>, at: &str) -> Result<Bound<'py, PyDict>> {
        let history = self.lock();
        let at = instant("at", at)?.on("at", history.time_zone())?;
        let values = of_history(&history.history(at));
        let features = PyDict::new(py);
        for (feature, value) in values {
            features.set_item(feature.name, value)?;
        }
        Ok(features)
    }

    /// The score by a model as a dict; none without a purchase before the cutoff. Of the options only
    /// the value counts.
    fn score<'py>(
        &self,
        py: Python<'py>,
        model: &ChurnModel,
        at: &str,
        options: &Bound<'py, PyDict>,
    ) -> Result<Option<Bound<'py, PyDict>>> {
        let at = instant("at", at)?;
        let ScoreOptions { value, .. } = crate::answer::options(options)?;
        let customer = self.lock();
        let Some(score) = model.model.score_customer(&customer, at)? else { return Ok(None) };
        let values = PyDict::new(py);
        values.set_item("state", score.state.name())?;
        values.set_item("days_since_last_purchase", score.days_since_last_purchase)?;
        values.set_item("purchase_count", score.purchase_count)?;
        values.set_item("average_check", score.average_check)?;
        values.set_item("purchase_probability", score.purchase_probability)?;
        values.set_item("churn_probability", score.churn_probability)?;
        let valued = value.as_ref().map(|value| model.model.value_customer(&customer, at, value));
        if let Some(valued) = valued.transpose()?.flatten() {
            if value == Some(Worth::ExpectedSpend) {
                values.set_item("purchases_if_any", valued.purchases_if_any)?;
                values.set_item("expected_check", valued.expected_check)?;
            }
            values.set_item("expected_value", valued.expected_value)?;
        }
        Ok(Some(values))
    }

    /// The time to the next purchase by a model as a dict; none without a purchase before the cutoff.
    fn purchase_time<'py>(
        &self,
        py: Python<'py>,
        model: &TimeToPurchase,
        at: &str,
        options: &Bound<'py, PyDict>,
    ) -> Result<Option<Bound<'py, PyDict>>> {
        let at = instant("at", at)?;
        let options: PurchaseTimesOptions = crate::answer::options(options)?;
        let Some(time) = model.model.score_customer(&self.lock(), at, &options)? else {
            return Ok(None);
        };
        let values = PyDict::new(py);
        values.set_item("state", time.state.name())?;
        values.set_item("days_since_last_purchase", time.days_since_last_purchase)?;
        for (span, chance) in options.within.iter().zip(time.purchase_probability) {
            values.set_item(format!("purchase_probability_{span}"), chance)?;
        }
        for (name, at) in [
            ("next_purchase", time.next_purchase),
            ("next_purchase_low", time.next_purchase_low),
            ("next_purchase_high", time.next_purchase_high),
        ] {
            values.set_item(name, to_python(py, &at)?)?;
        }
        Ok(Some(values))
    }

    /// Why, by a model, within a time, as a dict; none without a purchase before the cutoff.
    fn purchase_reasons<'py>(
        &self,
        py: Python<'py>,
        model: &TimeToPurchase,
        at: &str,
        within: &str,
        options: &Bound<'py, PyDict>,
    ) -> Result<Option<Bound<'py, PyAny>>> {
        let options: ReasonOptions = crate::answer::options(options)?;
        let (model, at, within) = (&model.model, instant("at", at)?, span("within", within)?);
        let found = model.explain_customer(&self.lock(), at, within, &options)?;
        found.map(|found| to_python(py, &found)).transpose()
    }
}
