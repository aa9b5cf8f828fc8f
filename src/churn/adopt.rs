//! A customer's history that fits a model.

use super::ChurnModel;
use super::adopted::Adopted;
use crate::error::Result;
use crate::log::CustomerHistory;

impl ChurnModel {
    /// The same customer's history with the columns and rules of this model, as after a model was
    /// replaced by one of another training, and which attributes are still to be set. Columns and
    /// attributes that this model does not read are left out, and purchases are formed anew.
    ///
    /// ```
    /// # use winback::{ChurnModel, EventLog, log::NewTransaction, simulate::Simulation};
    /// # let shop = Simulation::default().customers(400).run()?;
    /// # let log = || EventLog::builder().transactions([shop.transactions.clone()])
    /// #     .observed_until("2025-01-01");
    /// let tickets = [shop.tickets.clone()];
    /// let with_tickets = ChurnModel::builder().fit(&log()?.tickets(tickets).build()?, "2024-10-01")?;
    /// let without = ChurnModel::builder().fit(&log()?.build()?, "2024-10-01")?;
    /// let mut customer = with_tickets.customer_history();
    /// let order = NewTransaction::at("2024-11-05T18:30:00".parse()?);
    /// customer.push_transaction(NewTransaction { amount: Some(35.0), ..order })?;
    /// let adopted = without.adopt(&customer)?;
    /// assert!(adopted.unset_attributes.is_empty());
    /// assert!(without.score_customer(&adopted.history, "2025-01-01")?.is_some());
    /// // No one can tell which tickets there were.
    /// assert!(with_tickets.adopt(&adopted.history).is_err());
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Table`](crate::Error::Table) and [`Error::Column`](crate::Error::Column) for a history
    /// with rows that lack what the model reads, [`Error::Argument`](crate::Error::Argument) for one by
    /// another time zone, or that left out amounts of zero that are purchases to this model.
    pub fn adopt(&self, customer: &CustomerHistory) -> Result<Adopted> {
        self.recipe.adopt(customer)
    }
}
