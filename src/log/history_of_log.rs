//! The history of one customer of a log: what a service starts with.

use super::customer_history::{CustomerHistory, rows};
use super::event_log::EventLog;
use super::store::customer_index::CustomerIndex;
use crate::error::{Error, Result};

impl EventLog {
    /// One customer of the log as a history: all rows, attributes, columns and rules, as if the rows of
    /// the tables were pushed one by one. Features and scores are those of the batch, to the bit. A model
    /// that was trained on a log of other columns or rules [adopts](crate::ChurnModel::adopt) it.
    ///
    /// So a service is filled from tables once, and goes on from there.
    ///
    /// ```
    /// # use winback::{ChurnModel, EventLog, log::CustomerId, simulate::Simulation};
    /// # let shop = Simulation::default().customers(400).run()?;
    /// # let log = EventLog::builder().transactions([shop.transactions])
    /// #     .observed_until("2025-01-01")?.build()?;
    /// # let model = ChurnModel::builder().fit(&log, "2024-10-01")?;
    /// let scores = model.score(&log.at("2025-01-01")?)?;
    /// for customer in log.customers().indices().take(5) {
    ///     let history = log.customer_history(customer)?;
    ///     let score = model.score_customer(&history, "2025-01-01")?;
    ///     assert_eq!(score.as_ref(), scores.of(log.customers().get(customer)));
    /// }
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] where there is no such customer; [`Error::Data`] for a customer of more kinds
    /// of events than [`CustomerHistory::push_event`] takes.
    pub fn customer_history(&self, customer: CustomerIndex) -> Result<CustomerHistory> {
        let count = self.customers().len();
        if customer.index() >= count {
            let expected = format!("the place of one of the log's {count} customers");
            return Err(Error::argument("customer", customer, expected));
        }
        let (shard, place) = self.place(customer);
        let (own, events, topics) = (shard.rows_of(place), &shard.events, &self.inner.topics);
        let mut history = CustomerHistory::new(self.columns(), self.purchase_rules())
            .with_event_roles(self.event_roles().clone())
            .with_zero_amounts(shard.zero_amounts.get(place).copied().unwrap_or(0));
        if !self.columns().tells_activity() {
            let row = |row| rows::transaction(&events.transactions, topics, row);
            history.extend_transactions(own.transactions.map(row))?;
        }
        for row in own.tickets {
            let Some(tickets) = &events.tickets else { break };
            history.push_ticket(rows::ticket(tickets, topics, row))?;
        }
        for row in own.surveys {
            let Some(answers) = &events.surveys else { break };
            history.push_answer(rows::answer(answers, topics, row))?;
        }
        for row in own.events {
            let Some(events) = &events.events else { break };
            history.push_event(rows::event(events, topics, row))?;
        }
        for attribute in &self.inner.attributes {
            history.set_attribute(&attribute.name, attribute.get(customer.index()))?;
        }
        Ok(history)
    }
}
