//! What the oracle of a simulation knows of the customers of a log.

use hashbrown::HashMap;

use crate::error::{Error, Result};
use crate::labels::State;
use crate::log::{CustomerId, CustomerIndex, EventLog};
use crate::panel::PanelOptions;
use crate::simulate::Simulation;
use crate::time::Timestamp;

/// Chances of a purchase in the outcome window, by cutoff and customer of the log.
pub(crate) struct Oracle(HashMap<(Timestamp, CustomerIndex), f64>);

impl Oracle {
    pub(crate) fn ask(
        simulation: &Simulation,
        log: &EventLog,
        cutoffs: &[Timestamp],
        panel: &PanelOptions,
    ) -> Result<Self> {
        let numbers = numbers(simulation, log)?;
        let foreseen = simulation.foreseen(cutoffs, panel.lead, panel.horizon, log.progress())?;
        let of_log = foreseen.iter().filter_map(|own| {
            numbers.get(&own.number).map(|&customer| ((own.at, customer), own.chance))
        });
        Ok(Oracle(of_log.collect()))
    }

    /// The chances of the outcome of a state: that active customers churn, that others return.
    pub(crate) fn chances(
        &self,
        at: Timestamp,
        state: State,
        customers: &[CustomerIndex],
    ) -> Result<Vec<f64>> {
        let chance = |customer: &CustomerIndex| {
            // Who bought by the log and not by the simulation is of another one.
            let p = self.0.get(&(at, *customer)).copied().ok_or_else(|| {
                Error::argument(
                    "oracle",
                    "another one",
                    "the simulation whose customers the log has",
                )
            })?;
            Ok(if state == State::Active { 1.0 - p } else { p })
        };
        customers.iter().map(chance).collect()
    }
}

/// Customers of the log by their number in the simulation.
fn numbers(simulation: &Simulation, log: &EventLog) -> Result<HashMap<i64, CustomerIndex>> {
    let ids = log.customers();
    let number = |customer: CustomerIndex| {
        let id = ids.get(customer);
        let number = match id {
            CustomerId::Int(number) => Some(number),
            CustomerId::Text(text) => text.parse().ok(),
        };
        match number.filter(|number| (1..=simulation.customers as i64).contains(number)) {
            Some(number) => Ok((number, customer)),
            None => {
                let expected = format!(
                    "a log of the customers 1 to {} of the simulation",
                    simulation.customers
                );
                Err(Error::argument("oracle", id, expected))
            }
        }
    };
    ids.indices().map(number).collect()
}
