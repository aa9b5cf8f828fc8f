//! Shared by the integration tests: real data and simulated logs, each read or made once.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::PathBuf;
use std::sync::{LazyLock, Mutex};

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::DataType;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use winback::EventLog;
use winback::log::{EventRole, PurchaseBy, ZeroAmounts};
use winback::simulate::{Simulated, Simulation};

/// A file of the real data. A test that needs one is marked
/// `#[ignore = "needs the real data in WINBACK_DATA"]`: it is reported as ignored where the
/// variable is not set, and `make test` runs it where it is.
pub(crate) fn data(file: &str) -> PathBuf {
    let folder = std::env::var_os("WINBACK_DATA").expect("WINBACK_DATA names no folder");
    let path = PathBuf::from(folder).join(file);
    assert!(path.exists(), "{} is not there", path.display());
    path
}

/// The rows of a Parquet file of the real data.
pub(crate) fn parquet(file: &str) -> Vec<RecordBatch> {
    let file = File::open(data(file)).unwrap();
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
    reader.map(Result::unwrap).collect()
}

fn cast(table: &[RecordBatch], name: &str, to: &DataType) -> Vec<ArrayRef> {
    let column = |batch: &RecordBatch| batch.column_by_name(name).unwrap().clone();
    table.iter().map(|batch| arrow_cast::cast(&column(batch), to).unwrap()).collect()
}

/// A column of numbers of such rows, without missing ones.
pub(crate) fn numbers(table: &[RecordBatch], name: &str) -> Vec<f64> {
    let parts = cast(table, name, &DataType::Float64);
    let values = parts.iter().flat_map(|part| part.as_primitive::<Float64Type>().iter());
    values.map(Option::unwrap).collect()
}

/// A column of texts of such rows, without missing ones.
pub(crate) fn texts(table: &[RecordBatch], name: &str) -> Vec<String> {
    let parts = cast(table, name, &DataType::Utf8);
    let values = parts.iter().flat_map(|part| part.as_string::<i32>().iter());
    values.map(|text| text.unwrap().to_owned()).collect()
}

/// Whether an error's text holds what is expected; with `…`, its start and its end.
pub(crate) fn says(text: &str, expected: &str) -> bool {
    match expected.split_once('…') {
        Some((start, end)) => says(text, start) && text.ends_with(end),
        None => text.contains(expected),
    }
}

/// CDNOW: the rows of one customer of one date are one purchase.
pub(crate) fn cdnow() -> EventLog {
    static LOG: LazyLock<EventLog> = LazyLock::new(|| read_cdnow(ZeroAmounts::Ignore));
    LOG.clone()
}

/// CDNOW where rows of amount zero count as purchases.
pub(crate) fn cdnow_with_zeros() -> EventLog {
    static LOG: LazyLock<EventLog> = LazyLock::new(|| read_cdnow(ZeroAmounts::Purchase));
    LOG.clone()
}

fn read_cdnow(zero_amounts: ZeroAmounts) -> EventLog {
    EventLog::builder()
        .zero_amounts(zero_amounts)
        .transactions_path(data("cdnow/cdnow_master.parquet"))
        .unwrap()
        .column("transactions.time", "date")
        .unwrap()
        .column("transactions.amount", "dollar_value")
        .unwrap()
        .purchase_by(PurchaseBy::Day)
        .observed_until("1998-07-01")
        .unwrap()
        .build()
        .unwrap()
}

/// Gifts to a public broadcaster, many of them yearly.
pub(crate) fn donations() -> EventLog {
    static LOG: LazyLock<EventLog> = LazyLock::new(|| {
        EventLog::builder()
            .transactions_path(data("donations_2005_2015/purchases.parquet"))
            .unwrap()
            .column("transactions.time", "date_of_purchase")
            .unwrap()
            .column("transactions.amount", "purchase_amount")
            .unwrap()
            .observed_until("2016-01-01")
            .unwrap()
            .build()
            .unwrap()
    });
    LOG.clone()
}

/// A subscription business: orders from subscriptions, trials too, and tickets.
pub(crate) fn saas() -> EventLog {
    static LOG: LazyLock<EventLog> = LazyLock::new(|| {
        let folder = "ravenstack_saas_synthetic";
        let mut builder = EventLog::builder()
            .transactions_path(data(&format!("{folder}/subscriptions.parquet")))
            .unwrap()
            .tickets_path(data(&format!("{folder}/support_tickets.parquet")))
            .unwrap()
            .zero_amounts(ZeroAmounts::Purchase)
            .observed_until("2025-01-01")
            .unwrap();
        for (place, input) in [
            ("transactions.customer_id", "account_id"),
            ("transactions.time", "start_date"),
            ("transactions.amount", "mrr_amount"),
            ("transactions.order_id", "subscription_id"),
            ("transactions.category", "plan_tier"),
            ("tickets.customer_id", "account_id"),
            ("tickets.opened_at", "submitted_at"),
            ("tickets.resolved_at", "closed_at"),
            ("tickets.topic", "priority"),
            ("tickets.satisfaction", "satisfaction_score"),
        ] {
            builder = builder.column(place, input).unwrap();
        }
        builder.build().unwrap()
    });
    LOG.clone()
}

/// The tables of a simulated shop.
pub(crate) fn simulated(customers: usize) -> Simulated {
    static SHOPS: Mutex<BTreeMap<usize, Simulated>> = Mutex::new(BTreeMap::new());
    let mut shops = SHOPS.lock().unwrap();
    let simulate = || Simulation::default().customers(customers).seed(7).run().unwrap();
    shops.entry(customers).or_insert_with(simulate).clone()
}

/// The same with events.
pub(crate) fn simulated_with_events(customers: usize) -> Simulated {
    Simulation::default().customers(customers).seed(7).events(true).run().unwrap()
}

/// The log of a simulated shop.
pub(crate) fn simulated_log(customers: usize) -> EventLog {
    static LOGS: Mutex<BTreeMap<usize, EventLog>> = Mutex::new(BTreeMap::new());
    let mut logs = LOGS.lock().unwrap();
    logs.entry(customers).or_insert_with(|| log_of(&simulated(customers))).clone()
}

pub(crate) fn log_of(shop: &Simulated) -> EventLog {
    let builder = EventLog::builder();
    let builder = match &shop.events {
        None => builder,
        Some(events) => builder
            .events([events.clone()])
            .contacts(["email_sent"])
            .event_role(EventRole::Visit, ["visit"])
            .event_role(EventRole::Cart, ["cart"])
            .event_role(EventRole::Abandoned, ["checkout_abandoned"])
            .event_role(EventRole::Opened, ["email_open"]),
    };
    builder
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
