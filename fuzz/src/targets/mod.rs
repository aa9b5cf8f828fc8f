//! The readers that are attacked.

mod histories;
mod models;
mod packed;
mod tables;
mod texts;

use std::sync::LazyLock;

use winback::EventLog;
use winback::simulate::{Simulated, Simulation};

use crate::target::Target;

/// All of them.
pub(crate) const TARGETS: [&Target; 9] = [
    &tables::CSV,
    &packed::GZIP,
    &tables::PARQUET,
    &packed::WORKBOOK,
    &packed::SHEET,
    &models::MODELS,
    &histories::HISTORIES,
    &texts::TIMES,
    &texts::PLANS,
];

/// A few customers, whose tables are changed and on whom models are used.
static SHOP: LazyLock<Simulated> =
    LazyLock::new(|| Simulation::default().customers(150).run().unwrap());

static LOG: LazyLock<EventLog> = LazyLock::new(|| {
    let shop = SHOP.clone();
    let builder = EventLog::builder().transactions([shop.transactions]).tickets([shop.tickets]);
    builder.customers([shop.customers]).observed_until("2025-01-01").unwrap().build().unwrap()
});

/// What is written as it is.
fn same(bytes: Vec<u8>) -> Vec<u8> {
    bytes
}
