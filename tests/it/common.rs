//! Shared by the integration tests: real data and simulated logs.

use std::path::PathBuf;

use winback::EventLog;
use winback::simulate::{Simulated, Simulation};

/// The folder of real data that `WINBACK_DATA` names. Without it a test that needs it is skipped,
/// and says so; with `WINBACK_REQUIRE_DATA=1` it fails.
pub(crate) fn data(file: &str) -> Option<PathBuf> {
    let Some(folder) = std::env::var_os("WINBACK_DATA") else {
        assert!(
            std::env::var_os("WINBACK_REQUIRE_DATA").is_none(),
            "WINBACK_REQUIRE_DATA is set but WINBACK_DATA is not"
        );
        eprintln!("skipped: WINBACK_DATA names no folder with {file}");
        return None;
    };
    let path = PathBuf::from(folder).join(file);
    assert!(path.exists(), "{} is not there", path.display());
    Some(path)
}

/// A CDNOW log: the rows of one customer of one date are one purchase.
pub(crate) fn cdnow() -> Option<EventLog> {
    cdnow_with(winback::log::ZeroAmounts::Ignore)
}

pub(crate) fn cdnow_with(zero_amounts: winback::log::ZeroAmounts) -> Option<EventLog> {
    let path = data("cdnow/cdnow_master.parquet")?;
    let log = EventLog::builder()
        .zero_amounts(zero_amounts)
        .transactions_path(path)
        .unwrap()
        .column("transactions.time", "date")
        .unwrap()
        .column("transactions.amount", "dollar_value")
        .unwrap()
        .purchase_by(winback::log::PurchaseBy::Day)
        .observed_until("1998-07-01")
        .unwrap()
        .build();
    Some(log.unwrap())
}

pub(crate) fn simulated(customers: usize) -> Simulated {
    Simulation::default().customers(customers).seed(7).run().unwrap()
}

pub(crate) fn simulated_log(customers: usize) -> EventLog {
    log_of(&simulated(customers))
}

pub(crate) fn log_of(shop: &Simulated) -> EventLog {
    EventLog::builder()
        .transactions([shop.transactions.clone()])
        .tickets([shop.tickets.clone()])
        .surveys([shop.surveys.clone()])
        .customers([shop.customers.clone()])
        .observed_until("2025-01-01")
        .unwrap()
        .build()
        .unwrap()
}

/// Runs `work` on this many threads.
pub(crate) fn on_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(work)
}
