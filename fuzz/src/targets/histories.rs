//! Saved histories of customers.

use winback::log::{
    CustomerHistory, EventLogColumns, EventRole, EventRoles, LogColumns, NewEvent, NewTransaction,
    PurchaseRules,
};
use winback::{EventLog, Result};

use crate::target::Target;

pub(super) const HISTORIES: Target =
    Target { name: "histories", seeds, mend: checksum, run: read, unpacked: <[u8]>::len };

const AT: &str = "2025-01-01";

fn seeds() -> Vec<Vec<u8>> {
    let first_version = include_bytes!("../../../tests/it/data/customer_history_v1.bin");
    let columns = EventLogColumns { value: true, ..EventLogColumns::default() };
    let columns = LogColumns { valid_until: true, events: Some(columns), ..LogColumns::default() };
    let roles = EventRoles::default().with(EventRole::Contact, ["email"]);
    let mut customer =
        CustomerHistory::new(columns, PurchaseRules::default()).with_event_roles(roles);
    let day = |day: &str| day.parse().unwrap();
    for (of, until) in [("2024-01-05", Some("2025-01-05")), ("2024-03-01", None)] {
        let row = NewTransaction { valid_until: until.map(day), ..NewTransaction::at(day(of)) };
        customer.push_transaction(row).unwrap();
    }
    for (of, kind) in [("2024-02-01", "email"), ("2024-02-02", "visit")] {
        customer.push_event(NewEvent { value: Some(2.5), ..NewEvent::at(day(of), kind) }).unwrap();
    }
    vec![first_version.to_vec(), customer.to_bytes()]
}

fn checksum(mut bytes: Vec<u8>) -> Vec<u8> {
    if let Some((content, sum)) = bytes.split_last_chunk_mut::<4>() {
        *sum = crc32fast::hash(content).to_le_bytes();
    }
    bytes
}

fn read(bytes: &[u8]) -> Result<()> {
    let read = CustomerHistory::from_bytes(bytes)?;
    let written = read.to_bytes();
    let mut again = CustomerHistory::from_bytes(&written).expect("what was written is read");
    assert!(again.to_bytes() == written, "read again, it is another one");
    let builder = EventLog::builder().histories([(7.into(), &read)])?;
    let log = builder.observed_until(AT)?.build()?;
    log.at(AT)?.features()?;
    again.forget_before(AT)?;
    CustomerHistory::from_bytes(&again.to_bytes()).expect("what was forgotten is no damage");
    Ok(())
}
