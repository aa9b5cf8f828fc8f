//! A damaged cell is refused by table, column and row, or its row is left out and told, or it is
//! missing: never is it read as something else.

use std::path::Path;

use proptest::prelude::*;
use proptest::sample::Index;
use winback::error::ErrorCode;
use winback::log::{BadRows, EventLogBuilder, MissingIds, PartitionOptions, TableReport};
use winback::{Error, EventLog};

use crate::made_tables::{Made, Way, builder, made, seen};

/// What a damaged cell is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Becomes {
    Bad,
    Missing,
    MissingId,
}

use Becomes::{Bad, Missing, MissingId};

/// What may stand in a column, and what it is; the last only where cells have no type (CSV).
fn damages(column: &str) -> Vec<(&'static str, Becomes, bool)> {
    let time = [("never", Bad, false), ("2024-02-30", Bad, false), ("1500-01-01", Bad, false)];
    let numbers = [("inf", Bad, false), ("12 pieces", Bad, true), ("1,5", Bad, true)];
    let missing_values =
        [("", false), (" ", true), ("NULL", true), ("NaN", true), ("NA", true), ("-", true)];
    let missing = |becomes: Becomes, untyped: bool| {
        let only = move |only| untyped && only;
        missing_values.map(|(text, csv)| (text, becomes, only(csv)))
    };
    let mut damages = Vec::new();
    match column {
        "time" | "opened_at" => {
            damages.extend(time);
            damages.extend(missing(Bad, false));
        }
        "first_response_at" | "resolved_at" => {
            damages.extend(time);
            damages.push(("1999-12-31", Bad, false));
            damages.extend(missing(Missing, false));
        }
        "known_at" => {
            damages.extend(time);
            damages.extend(["NULL", "NaT", "-"].map(|text| (text, Bad, false)));
            damages.extend(["", "\u{a0}"].map(|text| (text, Missing, false)));
        }
        "amount" => {
            damages.extend(numbers);
            damages.push(("2e15", Bad, false));
            damages.extend(missing(Bad, true));
        }
        "score" => {
            damages.extend(numbers);
            damages.extend(["11", "-0.5"].map(|text| (text, Bad, false)));
            damages.extend(missing(Bad, true));
        }
        "discount" | "reopened_count" | "satisfaction" | "value" => {
            damages.extend(numbers);
            damages.extend(missing(Missing, true));
        }
        "age" => {
            // Another text makes the column one of texts.
            damages.extend(missing(Missing, true));
        }
        "kind" => damages.extend(["", "NULL", "\t"].map(|text| (text, Bad, false))),
        "customer_id" => {
            // Elsewhere such a text makes the ids texts.
            damages.extend(["NULL", " "].map(|text| (text, MissingId, true)));
            damages.push(("", MissingId, false));
        }
        _ => damages.extend(["", "NULL", "\\N", "\t"].map(|text| (text, Missing, false))),
    }
    damages
}

fn check_sums(log: &EventLog) {
    let report = log.report();
    let tables = [
        Some(report.transactions),
        report.tickets,
        report.surveys,
        report.events,
        report.customer_attributes,
    ];
    for counts in tables.into_iter().flatten() {
        let TableReport { missing_id, bad_rows, zero_amount, unknown_customer, rows_kept, .. } =
            counts;
        let sum = missing_id + bad_rows + zero_amount + unknown_customer + rows_kept;
        assert_eq!(counts.rows_read, sum, "{counts:?}");
    }
}

/// The rows of all parts.
fn in_parts(builder: EventLogBuilder) -> Result<Vec<String>, Error> {
    let log = builder.partition(&PartitionOptions::new(1 << 30).least_parts(3))?;
    let mut all = Vec::new();
    let mut bad = 0;
    for part in 0..log.parts() {
        let log = log.part(part)?;
        check_sums(&log);
        all.extend(seen(&log));
        bad += log.report().dropped.len();
    }
    assert!(bad <= 1);
    Ok(all)
}

/// What the damage of one cell does to the log of these tables.
fn check(tables: &[Made; 5], table: usize, row: usize, column: usize, way: Way, folder: &Path) {
    let name = tables[table].header[column];
    let all = |tables: &[Made]| {
        let builder = builder(tables, way, folder);
        builder.missing_ids(MissingIds::Error)
    };
    for (text, becomes, only_csv) in damages(name) {
        if only_csv && way != Way::Csv {
            continue;
        }
        let mut damaged = tables.clone();
        damaged[table].rows[row][column] = text.to_owned();
        let mut without = tables.clone();
        without[table].rows.remove(row);
        let mut missing = tables.clone();
        missing[table].rows[row][column] = String::new();
        let what = format!("{}.{name}, row {}: {text:?}", tables[table].name, row + 1);
        match becomes {
            Missing => {
                let expected = seen(&all(&missing).build().unwrap());
                assert_eq!(seen(&all(&damaged).build().unwrap()), expected, "{what}");
            }
            MissingId => {
                let error = all(&damaged).build().unwrap_err();
                assert_eq!(error.code(), ErrorCode::MissingId, "{what}");
                assert_eq!(error.row(), Some(row as u64 + 1), "{what}");
                let error = all(&damaged).bad_rows(BadRows::Drop).build().unwrap_err();
                assert_eq!(error.code(), ErrorCode::MissingId, "{what}");
                let expected = seen(&all(&without).build().unwrap());
                let log = all(&damaged).missing_ids(MissingIds::Drop).build().unwrap();
                assert_eq!(seen(&log), expected, "{what}");
                check_sums(&log);
            }
            Bad => {
                let error = all(&damaged).build().unwrap_err();
                let place = (error.table(), error.column(), error.row());
                let expected = (Some(tables[table].name), Some(name), Some(row as u64 + 1));
                assert_eq!(place, expected, "{what}: {error}");
                let expected = seen(&all(&without).build().unwrap());
                let log = all(&damaged).bad_rows(BadRows::Drop).build().unwrap();
                assert_eq!(seen(&log), expected, "{what}");
                check_sums(&log);
                let [dropped] = &log.report().dropped[..] else { panic!("{what}") };
                assert_eq!((dropped.table, dropped.column.as_str()), (tables[table].name, name));
                assert_eq!((dropped.row, &dropped.file), (row as u64 + 1, &None));
                assert!(error.to_string().ends_with(&dropped.reason), "{error}");
                assert!(log.report().to_string().contains(&format!("left out: {dropped}")));
                if way == Way::Parquet {
                    let error = in_parts(all(&damaged)).unwrap_err();
                    assert_eq!(error.row(), Some(row as u64 + 1), "{what}: {error}");
                    let parts = in_parts(all(&damaged).bad_rows(BadRows::Drop)).unwrap();
                    assert_eq!(parts, expected, "{what}");
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_damaged_cell_is_told_or_missing(
        seed in any::<u64>(),
        rows in 6usize..20,
        (table, column, row) in any::<(Index, Index, Index)>(),
        way in prop_oneof![Just(Way::Csv), Just(Way::Arrow), Just(Way::Parquet)],
    ) {
        let tables = made(seed, rows);
        let table = table.index(tables.len());
        let column = column.index(tables[table].header.len());
        let folder = tempfile::tempdir().unwrap();
        check(&tables, table, row.index(rows), column, way, folder.path());
    }
}

#[test]
fn every_column_can_be_damaged() {
    let tables = made(7, 12);
    let folder = tempfile::tempdir().unwrap();
    let mut bad = 0;
    for (table, of) in tables.iter().enumerate() {
        for (column, name) in of.header.iter().enumerate() {
            bad += damages(name).iter().filter(|(_, becomes, _)| *becomes == Bad).count();
            for way in [Way::Csv, Way::Arrow, Way::Parquet] {
                check(&tables, table, 8, column, way, folder.path());
            }
        }
    }
    assert!(bad > 60, "{bad} bad cells");
}

#[test]
fn all_bad_rows_of_a_table_are_counted_and_ten_told() {
    let folder = tempfile::tempdir().unwrap();
    let mut tables = made(3, 2_000);
    let mut without = tables.clone();
    // In several columns, and in rows next to each other.
    let bad = |row: usize| row.is_multiple_of(7) || (1_000..1_040).contains(&row);
    for (table, column, text) in
        [(0, 1, "never"), (0, 2, "inf"), (1, 3, "1999-01-01"), (2, 2, "12")]
    {
        for row in (0..2_000).filter(|&row| bad(row) && row % 2 == column % 2) {
            tables[table].rows[row][column] = text.to_owned();
        }
    }
    for (table, without) in without.iter_mut().take(3).enumerate() {
        let column = |row: usize| match table {
            0 => true,
            1 => row % 2 == 1,
            _ => row.is_multiple_of(2),
        };
        let mut row = 0;
        without.rows.retain(|_| {
            row += 1;
            !(bad(row - 1) && column(row - 1))
        });
    }
    // Customers described twice; the second row is left out, and so is one that cannot be read.
    let again: Vec<Vec<String>> = without[3].rows[..30].to_vec();
    tables[3].rows.splice(40..40, again);
    for way in [Way::Csv, Way::Arrow, Way::Parquet] {
        let log = builder(&tables, way, folder.path()).bad_rows(BadRows::Drop).build().unwrap();
        let expected = builder(&without, way, folder.path()).build().unwrap();
        assert_eq!(seen(&log), seen(&expected), "{way:?}");
        check_sums(&log);
        let report = log.report();
        let dropped = |table: usize| (2_000 - without[table].rows.len()) as u64;
        assert_eq!(report.transactions.bad_rows, dropped(0));
        assert_eq!(report.tickets.unwrap().bad_rows, dropped(1));
        assert_eq!(report.surveys.unwrap().bad_rows, dropped(2));
        assert_eq!(report.customer_attributes.unwrap().bad_rows, 30);
        let told: Vec<(&str, u64)> = report.dropped.iter().map(|d| (d.table, d.row)).collect();
        assert_eq!(told.len(), 40);
        assert_eq!(told[..3], [("transactions", 1), ("transactions", 8), ("transactions", 15)]);
        assert_eq!(told[10..12], [("tickets", 8), ("tickets", 22)]);
        assert_eq!(told[30..32], [("customers", 41), ("customers", 42)]);
        assert!(report.dropped[30].reason.starts_with("customer 0 is there already, in row 1"));
        if way != Way::Parquet {
            continue;
        }
        let options = PartitionOptions::new(1 << 30).least_parts(4);
        let all = || builder(&tables, way, folder.path()).bad_rows(BadRows::Drop);
        let parts = all().partition(&options).unwrap();
        let path = folder.path().join("features.csv");
        let written =
            winback::features::FeatureTable::write(&parts, ["2024-04-01"], None, &[], path)
                .unwrap();
        assert_eq!(&written.report, report);
    }
}

#[test]
fn bad_rows_that_are_appended_are_as_in_one_build() {
    let folder = tempfile::tempdir().unwrap();
    let mut tables = made(5, 40);
    tables[0].rows[30][1] = "never".to_owned();
    tables[1].rows[3][6] = "inf".to_owned();
    tables[1].rows[35][1] = "never".to_owned();
    tables[2].rows[39][2] = "11".to_owned();
    tables[3].rows[25][0] = "3".to_owned();
    tables[3].rows[26][0] = "22".to_owned();
    let part = |rows: std::ops::Range<usize>| {
        let mut part = tables.clone();
        part.iter_mut().for_each(|table| table.rows = table.rows[rows.clone()].to_vec());
        builder(&part, Way::Arrow, folder.path()).bad_rows(BadRows::Drop)
    };
    let first = part(0..20).build().unwrap();
    let both = part(20..40).append_to(&first).unwrap();
    let all = part(0..40).build().unwrap();
    assert_eq!(seen(&both), seen(&all));
    check_sums(&both);
    let counts = |log: &EventLog| {
        let report = log.report();
        (report.transactions, report.tickets, report.surveys, report.customer_attributes)
    };
    assert_eq!(counts(&both), counts(&all));
    assert_eq!(all.report().customer_attributes.unwrap().bad_rows, 2);
    assert_eq!(all.report().dropped.len(), 6);
    let told = |log: &EventLog| -> Vec<(&str, u64)> {
        log.report().dropped.iter().map(|dropped| (dropped.table, dropped.row)).collect()
    };
    let in_appended =
        |(table, row): (&'static str, u64)| (table, if row > 20 { row - 20 } else { row });
    let expected: Vec<_> = all
        .report()
        .dropped
        .iter()
        .map(|dropped| in_appended((dropped.table, dropped.row)))
        .collect();
    assert_eq!(told(&both), expected);
}

#[test]
fn files_are_named_and_tables_without_a_usable_row_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut tables = made(9, 12);
    let part = |tables: &[Made; 5], rows: std::ops::Range<usize>, name: &str| {
        let rows = Made { rows: tables[0].rows[rows].to_vec(), ..tables[0].clone() };
        let path = folder.path().join("orders").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        winback::answer::output::write_table(&rows.batch(), &path).unwrap();
    };
    tables[0].rows[8][1] = "never".to_owned();
    part(&tables, 0..6, "a.parquet");
    part(&tables, 6..12, "b.parquet");
    let orders = || {
        let builder = EventLog::builder().transactions_path(folder.path().join("orders")).unwrap();
        builder.observed_until("2024-04-01").unwrap().bad_rows(BadRows::Drop)
    };
    let log = orders().build().unwrap();
    let dropped = &log.report().dropped[0];
    assert_eq!(dropped.row, 3);
    assert!(dropped.file.as_ref().unwrap().ends_with("b.parquet"));
    let parts = orders().partition(&PartitionOptions::new(1 << 30)).unwrap();
    assert_eq!(&parts.part(0).unwrap().report().dropped[0], dropped);

    for row in &mut tables[0].rows {
        row[1] = "never".to_owned();
    }
    let text = "transactions: has no usable rows; the first that was left out: transactions.time, row 1: \
                \"never\" ";
    let builder = || builder(&tables[..1], Way::Parquet, folder.path()).bad_rows(BadRows::Drop);
    let error = builder().build().unwrap_err().to_string();
    assert!(error.starts_with(text), "{error}");
    let parts = builder().partition(&PartitionOptions::new(1 << 30));
    assert_eq!(parts.unwrap_err().to_string(), error);
}

#[test]
fn what_is_wrong_with_a_whole_column_stays_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let mut tables = made(9, 12);
    tables[0].header[1] = "when";
    let error = builder(&tables, Way::Csv, folder.path()).bad_rows(BadRows::Drop).build();
    assert_eq!(error.unwrap_err().code(), ErrorCode::MissingColumn);
    tables[0].header[1] = "time";
    tables[0].header[2] = "price";
    let builder = builder(&tables, Way::Arrow, folder.path()).bad_rows(BadRows::Drop);
    let error = builder.column("transactions.amount", "price").unwrap().build().unwrap_err();
    assert_eq!(error.code(), ErrorCode::BadColumn);
}
