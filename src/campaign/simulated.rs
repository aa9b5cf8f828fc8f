//! Simulated campaigns with the arms that were drawn for them.

use super::effect::ArmsOf;
use crate::error::{Error, Result};
use crate::log::{CustomerIndex, CustomerTable};
use crate::simulate::SimulatedCampaign;

impl SimulatedCampaign {
    /// With the arms of a table such as an [`Assignment`](super::Assignment) has, in the column `arm`.
    ///
    /// # Errors
    /// [`Error::Table`] for a table without control, with a customer in two arms or in none, or with
    /// ids that are no simulated customer's.
    pub fn with_arms_of(self, table: &CustomerTable) -> Result<Self> {
        let drawn = ArmsOf::read(table, "arm", &self.control)?;
        let arm =
            |(customer, &arm): (CustomerIndex, &usize)| match table.ids().get(customer).integer() {
                Some(id) if table.has_ids() => Ok((id, drawn.names[arm].clone())),
                _ => {
                    let message =
                        "has no customer_id of whole numbers, as simulated customers have";
                    Err(Error::bad_table(table.name(), message))
                }
            };
        let arms = table.ids().indices().zip(&drawn.of_customer).map(arm).collect::<Result<_>>()?;
        Ok(self.arms(Some(arms)))
    }
}
