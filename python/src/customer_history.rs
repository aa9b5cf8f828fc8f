//! One customer's events in a service.

use std::sync::{Mutex, MutexGuard, PoisonError};

use pyo3::prelude::*;
use pyo3::types::PyDict;
use winback::Timestamp;
use winback::features::of_history;
use winback::log::{AttributeValue, CustomerId, NewEvent, NewTicket, NewTransaction};

use crate::churn::ChurnModel;
use crate::error::Result;
use crate::values::instant;

/// One customer's events, appended in any order.
#[pyclass(frozen, module = "winback._core")]
pub(crate) struct CustomerHistory {
    history: Mutex<winback::log::CustomerHistory>,
}

/// An order id: a number or a text.
#[derive(FromPyObject)]
enum Id {
    Int(i64),
    Text(String),
}

/// The value of an attribute.
#[derive(FromPyObject)]
enum Value {
    Number(f64),
    Text(String),
}

impl CustomerHistory {
    /// The time by the clock of the log.
    fn time(&self, name: &'static str, text: &str) -> Result<Timestamp> {
        Ok(self.lock().clock(name, text)?)
    }

    fn optional_time(&self, name: &'static str, text: Option<&str>) -> Result<Option<Timestamp>> {
        text.map(|text| self.time(name, text)).transpose()
    }

    /// What another thread left, as it is: every change is one step.
    fn lock(&self) -> MutexGuard<'_, winback::log::CustomerHistory> {
        self.history.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[pymethods]
impl CustomerHistory {
    /// An empty history for a model.
    #[new]
    fn new(model: &ChurnModel) -> Self {
        CustomerHistory { history: Mutex::new(model.model.customer_history()) }
    }

    #[pyo3(signature = (at, *, amount, order_id, category, channel, discount, known_at))]
    #[expect(clippy::too_many_arguments, reason = "named in Python")]
    fn push_transaction(
        &self,
        at: &str,
        amount: Option<f64>,
        order_id: Option<Id>,
        category: Option<&str>,
        channel: Option<&str>,
        discount: Option<f64>,
        known_at: Option<&str>,
    ) -> Result<()> {
        let row = NewTransaction {
            time: self.time("time", at)?,
            amount,
            order_id: order_id.as_ref().map(|id| match id {
                Id::Int(id) => CustomerId::Int(*id),
                Id::Text(id) => CustomerId::Text(id),
            }),
            category,
            channel,
            discount,
            known_at: self.optional_time("known_at", known_at)?,
        };
        Ok(self.lock().push_transaction(row)?)
    }

    #[pyo3(signature = (
        opened_at, *, first_response_at, resolved_at, topic, reopened_count, satisfaction, known_at
    ))]
    #[expect(clippy::too_many_arguments, reason = "named in Python")]
    fn push_ticket(
        &self,
        opened_at: &str,
        first_response_at: Option<&str>,
        resolved_at: Option<&str>,
        topic: Option<&str>,
        reopened_count: Option<f64>,
        satisfaction: Option<f64>,
        known_at: Option<&str>,
    ) -> Result<()> {
        let ticket = NewTicket {
            opened_at: self.time("opened_at", opened_at)?,
            first_response_at: self.optional_time("first_response_at", first_response_at)?,
            resolved_at: self.optional_time("resolved_at", resolved_at)?,
            topic,
            reopened_count,
            satisfaction,
            known_at: self.optional_time("known_at", known_at)?,
        };
        Ok(self.lock().push_ticket(ticket)?)
    }

    fn clear_tickets(&self) {
        self.lock().clear_tickets();
    }

    #[pyo3(signature = (at, score, *, known_at))]
    fn push_answer(&self, at: &str, score: f64, known_at: Option<&str>) -> Result<()> {
        let at = self.time("time", at)?;
        let known_at = self.optional_time("known_at", known_at)?;
        Ok(self.lock().push_answer(at, score, known_at)?)
    }

    #[pyo3(signature = (at, kind, *, value, channel, known_at))]
    fn push_event(
        &self,
        at: &str,
        kind: &str,
        value: Option<f64>,
        channel: Option<&str>,
        known_at: Option<&str>,
    ) -> Result<()> {
        let time = self.time("time", at)?;
        let known_at = self.optional_time("known_at", known_at)?;
        let event = NewEvent { time, kind, value, channel, known_at };
        Ok(self.lock().push_event(event)?)
    }

    #[pyo3(signature = (name, value))]
    fn set_attribute(&self, name: &str, value: Option<Value>) {
        let value = match value {
            None => AttributeValue::Missing,
            Some(Value::Number(value)) => AttributeValue::Number(value),
            Some(Value::Text(text)) => AttributeValue::Text(text.into()),
        };
        self.lock().set_attribute(name, value);
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

    /// The score by a model as a dict; none without a purchase before the cutoff.
    fn score<'py>(
        &self,
        py: Python<'py>,
        model: &ChurnModel,
        at: &str,
    ) -> Result<Option<Bound<'py, PyDict>>> {
        let at = instant("at", at)?;
        let Some(score) = model.model.score_customer(&self.lock(), at)? else { return Ok(None) };
        let values = PyDict::new(py);
        values.set_item("state", score.state.name())?;
        values.set_item("days_since_last_purchase", score.days_since_last_purchase)?;
        values.set_item("purchase_count", score.purchase_count)?;
        values.set_item("average_check", score.average_check)?;
        values.set_item("purchase_probability", score.purchase_probability)?;
        values.set_item("churn_probability", score.churn_probability)?;
        Ok(Some(values))
    }
}
