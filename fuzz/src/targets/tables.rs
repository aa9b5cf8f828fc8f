//! Tables in files: as each table of a log, as one beside it, and as one that nobody knows yet.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use tempfile::TempDir;
use winback::answer::output::write_table;
use winback::arrow_array::RecordBatch;
use winback::check::{Reading, TableCheck, TableCheckOptions};
use winback::log::{BadRows, CustomerTable, EventLogBuilder, MissingIds};
use winback::{EventLog, Result};

use super::{SHOP, same};
use crate::target::Target;

pub(super) const CSV: Target = Target {
    name: "csv",
    seeds: csv,
    mend: same,
    run: |bytes| read(bytes, "csv"),
    unpacked: <[u8]>::len,
};

pub(super) const PARQUET: Target = Target {
    name: "parquet",
    seeds: || seeds("parquet"),
    mend: parquet_marks,
    run: |bytes| read(bytes, "parquet"),
    unpacked,
};

/// What a packed table may become before it is refused.
pub(super) fn unpacked(bytes: &[u8]) -> usize {
    (8 << 20).max(bytes.len())
}

static FOLDER: LazyLock<TempDir> = LazyLock::new(|| {
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
    tempfile::tempdir_in(folder).unwrap()
});

/// The tables of a shop as such files, the first rows of each.
pub(super) fn seeds(ending: &str) -> Vec<Vec<u8>> {
    let shop = SHOP.clone();
    let few = |table: &RecordBatch| table.slice(0, table.num_rows().min(40));
    let written = |table: RecordBatch| {
        let path = place(ending);
        write_table(&few(&table), &path).unwrap();
        std::fs::read(path).unwrap()
    };
    [shop.transactions, shop.tickets, shop.surveys, shop.customers].map(written).into()
}

fn csv() -> Vec<Vec<u8>> {
    let other: [&[u8]; 4] = [
        b"customer_id;time;amount;order_id\n\"0 7\";31.12.2023 14:05;\"1.234,50\";A-1\n8;01.01.2024;12,00;\n",
        b"\xef\xbb\xbfcustomer_id,time,amount,known_at\r\n1,2024-01-05T10:00:00+02:00,5,\r\n2,1704450000,-5,2024-02-01\r\n",
        b"customer_id\ttime\tkind\tvalue\n1\t2024-01-05\temail\t2.5\n1\t2024-01-06\tvisit\t\n",
        b"\"customer_id\",\"time\",\"category\"\n\"a \"\"b\"\"\",\"2024-01-05\",\"x\ny\"\n",
    ];
    seeds("csv").into_iter().chain(other.map(<[u8]>::to_vec)).collect()
}

fn parquet_marks(mut bytes: Vec<u8>) -> Vec<u8> {
    let end = bytes.len().saturating_sub(4);
    if end >= 8 {
        bytes[..4].copy_from_slice(b"PAR1");
        bytes[end..].copy_from_slice(b"PAR1");
    }
    bytes
}

pub(super) fn place(ending: &str) -> PathBuf {
    FOLDER.path().join(format!("case.{ending}"))
}

/// Reads a file in every way. The error is that of a table of transactions.
pub(super) fn read(bytes: &[u8], ending: &str) -> Result<()> {
    let path = place(ending);
    std::fs::write(&path, bytes).unwrap();
    let _ = TableCheck::of_path_by(&path, &Reading::default(), &TableCheckOptions::default());
    if let Ok(table) = CustomerTable::of_path("customers", &path) {
        for name in table.column_names() {
            let cells = match table.numbers(name) {
                Ok(numbers) => Ok(numbers.len()),
                Err(_) => table.texts(name).map(|texts| texts.len()),
            };
            assert!(cells.is_ok_and(|cells| cells == table.rows()), "a column without all rows");
        }
    }
    type With = fn(EventLogBuilder, &Path) -> Result<EventLogBuilder>;
    let others: [With; 4] = [
        |log, path| log.tickets_path(path),
        |log, path| log.surveys_path(path),
        |log, path| log.events_path(path),
        |log, path| log.customers_path(path),
    ];
    for with in others {
        let shop = || EventLog::builder().transactions([SHOP.transactions.slice(0, 200)]);
        let _ = both_ways(|| with(shop(), &path));
    }
    both_ways(|| EventLog::builder().transactions_path(&path))
}

/// What is taken as it is means the same where bad rows may be left out.
fn both_ways(log: impl Fn() -> Result<EventLogBuilder>) -> Result<()> {
    let strict = log()?.observed_until("last_event")?.build();
    let lax = log()?.observed_until("last_event")?;
    let lax = lax.bad_rows(BadRows::Drop).missing_ids(MissingIds::Drop).build();
    if let Ok(lax) = &lax {
        used(lax)?;
    }
    let strict = strict?;
    let lax = lax.expect("what is taken with all rows is taken");
    assert_eq!(used(&strict)?, used(&lax)?, "no row is bad, and another log");
    Ok(())
}

/// The bits of all features at the end of the log.
fn used(log: &EventLog) -> Result<Vec<u64>> {
    let table = log.at(log.observed_until())?.features()?;
    let numbers = table.columns().iter().filter_map(|column| table.numbers(&column.name).ok());
    let bits: Vec<u64> = numbers.flatten().map(|number| number.to_bits()).collect();
    assert!(bits.iter().all(|&bits| !f64::from_bits(bits).is_infinite()), "an infinite feature");
    Ok(bits)
}
