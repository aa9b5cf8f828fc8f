//! A log read in parts from disk gives what one log in memory gives.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow_array::{Array, ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::DataType;
use tempfile::TempDir;
use winback::answer::Answer;
use winback::answer::output::write_table;
use winback::churn::ScoreOptions;
use winback::features::FeatureTable;
use winback::groups::GroupBy;
use winback::inactivity::{InactivityOptions, InactivityReport};
use winback::log::{EventLogBuilder, EventRole, MissingIds, PartitionOptions, PartitionedLog};
use winback::periods::PeriodOptions;
use winback::retention::{
    CohortMode, CohortOptions, CohortValue, Cohorts, CurveOptions, Flow, FlowOptions, Retention,
    RetentionCurve, RetentionOptions,
};
use winback::simulate::{Simulated, Simulation};
use winback::{CandidateOptions, ChurnModel, Error, Estimator, EventLog, Step, Timestamp};

pub(crate) const UNTIL: &str = "2025-01-01";

/// Memory for tests, in which the number of parts is asked for.
pub(crate) fn in_parts(parts: usize) -> PartitionOptions {
    PartitionOptions::new(1 << 30).least_parts(parts)
}

fn with_column(batch: &RecordBatch, name: &str, array: ArrayRef) -> RecordBatch {
    let fields = batch.schema();
    let columns = batch.columns().iter().zip(fields.fields());
    let columns = columns.map(|(column, field)| {
        let column = if field.name() == name { array.clone() } else { column.clone() };
        (field.name().clone(), column, true)
    });
    RecordBatch::try_from_iter_with_nullable(columns).unwrap()
}

/// A shop with texts for ids or integers, some of them missing, and some amounts of zero.
pub(crate) fn shop(seed: u64, text_ids: bool) -> Simulated {
    let mut shop = Simulation::default().seed(seed).customers(300).events(true).run().unwrap();
    let Simulated { transactions, tickets, surveys, events, .. } = &mut shop;
    for table in [transactions, tickets, surveys, events.as_mut().unwrap()] {
        let ids = table.column_by_name("customer_id").unwrap();
        let ids = arrow_cast::cast(ids, &DataType::Int64).unwrap();
        let ids = ids.as_any().downcast_ref::<Int64Array>().unwrap();
        let ids = ids.iter().enumerate().map(|(row, id)| id.filter(|_| row % 97 != 13));
        *table = with_column(table, "customer_id", Arc::new(Int64Array::from_iter(ids)));
    }
    let amounts = shop.transactions.column_by_name("amount").unwrap();
    let amounts = amounts.as_any().downcast_ref::<Float64Array>().unwrap().values().iter();
    let amounts = amounts.enumerate().map(|(row, &a)| if row % 31 == 5 { 0.0 } else { a });
    let amounts = Arc::new(Float64Array::from_iter_values(amounts));
    shop.transactions = with_column(&shop.transactions, "amount", amounts);
    if text_ids {
        let Simulated { transactions, tickets, surveys, events, customers, .. } = &mut shop;
        for table in [transactions, tickets, surveys, events.as_mut().unwrap(), customers] {
            let ids = table.column_by_name("customer_id").unwrap();
            let ids = arrow_cast::cast(ids, &DataType::Utf8).unwrap();
            *table = with_column(table, "customer_id", ids);
        }
    }
    shop
}

/// Writes a table as a folder of files, in folders below it.
fn write_folder(table: &RecordBatch, folder: &Path, files: usize) -> PathBuf {
    let rows = table.num_rows().div_ceil(files);
    for file in 0..files {
        let part = folder.join(format!("half={}/deep", file % 2));
        fs::create_dir_all(&part).unwrap();
        let from = (file * rows).min(table.num_rows());
        let rows = table.slice(from, rows.min(table.num_rows() - from));
        write_table(&rows, part.join(format!("part-{file}.parquet"))).unwrap();
    }
    fs::write(folder.join("_SUCCESS"), "").unwrap();
    fs::write(folder.join(".part.parquet.crc"), "x").unwrap();
    folder.to_owned()
}

pub(crate) fn write_shop(shop: &Simulated, folder: &Path) {
    write_folder(&shop.transactions, &folder.join("orders"), 5);
    write_folder(&shop.tickets, &folder.join("tickets"), 2);
    write_table(&shop.surveys, folder.join("surveys.parquet")).unwrap();
    write_folder(shop.events.as_ref().unwrap(), &folder.join("events"), 4);
    write_folder(&shop.customers, &folder.join("customers"), 3);
}

pub(crate) fn builder(folder: &Path) -> EventLogBuilder {
    EventLog::builder()
        .missing_ids(MissingIds::Drop)
        .observed_until(UNTIL)
        .unwrap()
        .transactions_path(folder.join("orders"))
        .unwrap()
        .tickets_path(folder.join("tickets"))
        .unwrap()
        .surveys_path(folder.join("surveys.parquet"))
        .unwrap()
        .events_path(folder.join("events"))
        .unwrap()
        .contacts(["email_sent"])
        .event_role(EventRole::Visit, ["visit"])
        .customers_path(folder.join("customers"))
        .unwrap()
}

fn same_file(a: &Path, b: &Path) {
    let (a, b) = (fs::read_to_string(a).unwrap(), fs::read_to_string(b).unwrap());
    assert!(a.lines().count() > 1);
    for (a, b) in a.lines().zip(b.lines()) {
        assert_eq!(a, b);
    }
    assert_eq!(a.len(), b.len());
}

#[test]
fn parts_give_what_one_log_gives() {
    for (seed, text_ids, parts) in [(1, false, 1), (2, true, 4), (3, false, 30), (4, true, 300)] {
        let folder = TempDir::new().unwrap();
        let place = |name: &str| folder.path().join(name);
        write_shop(&shop(seed, text_ids), folder.path());
        let temp = place("temp");
        fs::create_dir(&temp).unwrap();
        let whole = builder(folder.path()).build().unwrap();
        let log = builder(folder.path()).partition(&in_parts(parts).temp_folder(&temp)).unwrap();
        assert!((parts.div_ceil(3)..=parts).contains(&log.parts()), "{} parts", log.parts());
        #[cfg(unix)]
        assert_eq!(fs::read_dir(&temp).unwrap().count(), 0, "files have no names");

        let cutoffs: Vec<Timestamp> =
            ["2023-09-01", "2025-01-01", "2024-01-01"].map(|at| at.parse().unwrap()).into();
        let attributes: Vec<String> = whole.attribute_names().map(str::to_owned).collect();
        assert!(!attributes.is_empty());
        let table = FeatureTable::extract(&whole, &cutoffs, &attributes).unwrap();
        write_table(&table.to_batch(&whole).unwrap(), place("a.csv")).unwrap();
        let written =
            FeatureTable::write(&log, &cutoffs, None, &attributes, place("b.csv")).unwrap();
        same_file(&place("a.csv"), &place("b.csv"));
        assert_eq!(&written.report, whole.report());
        assert_eq!(written.rows, table.len() as u64);

        let names = ["purchase_count", "mean_gap_days"];
        let table = FeatureTable::extract_some(&whole, &cutoffs[..1], &names, &[]).unwrap();
        write_table(&table.to_batch(&whole).unwrap(), place("a.csv")).unwrap();
        FeatureTable::write(&log, &cutoffs[..1], Some(&names), &[], place("b.csv")).unwrap();
        same_file(&place("a.csv"), &place("b.csv"));
    }
}

#[test]
fn analyses_of_all_customers_are_those_of_one_log() {
    for (seed, parts) in [(5, 1), (6, 7)] {
        let folder = TempDir::new().unwrap();
        write_shop(&shop(seed, true), folder.path());
        let whole = builder(folder.path()).build().unwrap();
        let log = builder(folder.path()).partition(&in_parts(parts)).unwrap();
        assert!(log.parts() > parts / 3);
        let periods = PeriodOptions::default().every("1q").unwrap();
        let rates = RetentionOptions::default().periods(periods);
        assert_eq!(
            Retention::by_period(&log, &rates).unwrap(),
            Retention::by_period(&whole, &rates).unwrap()
        );
        for mode in [CohortMode::On, CohortMode::OnOrAfter] {
            let options = CohortOptions::default().mode(mode);
            let [parts, one] = [Cohorts::new(&log, &options), Cohorts::new(&whole, &options)];
            let (parts, one) = (parts.unwrap(), one.unwrap());
            assert!(one.value(0, 1, CohortValue::Revenue).unwrap() > 0.0);
            assert_eq!(parts, one);
        }
        let flow = FlowOptions::default().periods(periods);
        assert_eq!(Flow::new(&log, &flow).unwrap(), Flow::new(&whole, &flow).unwrap());
        for by in [None, Some("segment"), Some("channel"), Some("age")] {
            let by: Option<GroupBy> = by.map(|by| by.parse().unwrap());
            let grouped = rates.clone().group_by(by.clone());
            let [parts, one] =
                [Retention::by_period(&log, &grouped), Retention::by_period(&whole, &grouped)];
            assert_eq!(parts.unwrap(), one.unwrap());
            let curve = CurveOptions::default().silent_for("90d").unwrap().group_by(by.clone());
            let [parts, one] =
                [RetentionCurve::new(&log, &curve), RetentionCurve::new(&whole, &curve)];
            assert_eq!(parts.unwrap(), one.unwrap());
            // Too many different ages are refused in the same words.
            let options = InactivityOptions::default().group_by(by);
            let parts = InactivityReport::build(&log.at(UNTIL).unwrap(), &options);
            let one = InactivityReport::build(&whole.at(UNTIL).unwrap(), &options);
            assert_eq!(
                parts.map_err(|error| error.to_string()),
                one.map_err(|error| error.to_string())
            );
        }
        assert_eq!(&log.report().unwrap(), whole.report());
    }
}

fn model(log: &EventLog, estimator: Estimator) -> ChurnModel {
    let attributes = log.attribute_names().map(str::to_owned).collect::<Vec<_>>();
    let builder = ChurnModel::builder().estimator(estimator).unwrap().attributes(attributes);
    builder.fit(log, "2024-10-01").unwrap()
}

#[test]
fn scores_and_candidates_of_parts_are_those_of_one_log() {
    for estimator in ["average", "logistic", "boosting"] {
        let folder = TempDir::new().unwrap();
        let place = |name: &str| folder.path().join(name);
        write_shop(&shop(7, false), folder.path());
        let whole = builder(folder.path()).build().unwrap();
        let log = builder(folder.path()).partition(&in_parts(9)).unwrap();
        let model = model(&whole, estimator.parse().unwrap());

        let scores = model.score(&whole.at(UNTIL).unwrap()).unwrap();
        write_table(&scores.main_table().unwrap(), place("a.csv")).unwrap();
        let written = model
            .write_scores(&log.at(UNTIL).unwrap(), &ScoreOptions::default(), place("b.csv"))
            .unwrap();
        same_file(&place("a.csv"), &place("b.csv"));
        assert_eq!((&written.scores, &written.log), (scores.report(), whole.report()));

        for top in [None, Some(1), Some(17), Some(100_000)] {
            let options = CandidateOptions::default().top(top).control_share(0.3);
            let found = model.candidates(&whole.at(UNTIL).unwrap(), &options).unwrap();
            write_table(&found.main_table().unwrap(), place("a.csv")).unwrap();
            let written =
                model.write_candidates(&log.at(UNTIL).unwrap(), &options, place("b.csv")).unwrap();
            same_file(&place("a.csv"), &place("b.csv"));
            assert_eq!(written.candidates, found.rows().len());
            assert_eq!(written.lapsed, found.lapsed());
            let control = found.rows().iter().filter(|row| row.arm.name() == "control").count();
            assert_eq!(written.control, control);
            assert_eq!(&written.scores, found.report());
        }
    }
}

#[test]
fn folders_name_columns_and_their_files_are_one_table() {
    let folder = TempDir::new().unwrap();
    let shop = Simulation::default().customers(50).run().unwrap();
    let orders = folder.path().join("orders");
    for (name, from) in [("channel=web%2Fapp", 0), ("channel=__HIVE_DEFAULT_PARTITION__", 100)] {
        let rows = shop.transactions.slice(from, 100);
        let keep: Vec<usize> = (0..rows.num_columns())
            .filter(|&i| rows.schema().field(i).name() != "channel")
            .collect();
        fs::create_dir_all(orders.join(name)).unwrap();
        write_table(&rows.project(&keep).unwrap(), orders.join(name).join("a.parquet")).unwrap();
    }
    let builder =
        || EventLog::builder().transactions_path(&orders).unwrap().observed_until(UNTIL).unwrap();
    let log = builder().build().unwrap();
    assert_eq!(log.report().transactions.rows_read, 200);
    let parts = builder().partition(&in_parts(3)).unwrap();
    let (mut rows, mut web) = (0, 0);
    for log in [log].into_iter().chain((0..parts.parts()).map(|part| parts.part(part).unwrap())) {
        for customer in log.customers().indices() {
            for line in log.history(customer, UNTIL.parse().unwrap()).lines() {
                assert!(line.channel.is_none_or(|code| log.channel(code) == Some("web/app")));
                web += usize::from(line.channel.is_some());
                rows += 1;
            }
        }
    }
    assert_eq!((rows, web), (2 * 200, 2 * 100));
}

/// The error of building a log from a folder, which is the same for parts.
fn error_of(builder: impl Fn() -> EventLogBuilder) -> String {
    let error = builder().build().unwrap_err().to_string();
    let in_parts = builder().partition(&in_parts(4)).and_then(|log| all_parts(&log));
    assert_eq!(in_parts.unwrap_err().to_string(), error);
    error
}

fn all_parts(log: &PartitionedLog) -> Result<(), Error> {
    (0..log.parts()).try_for_each(|part| log.part(part).map(drop))
}

#[test]
fn what_is_wrong_in_a_folder_names_the_file() {
    let folder = TempDir::new().unwrap();
    let shop = Simulation::default().customers(50).run().unwrap();
    let rows = shop.transactions.num_rows();
    let place = |name: &str| folder.path().join(name);
    fs::create_dir(place("orders")).unwrap();
    let first = shop.transactions.slice(0, 40);
    write_table(&first, place("orders/1.parquet")).unwrap();
    let second = |table: &RecordBatch| write_table(table, place("orders/2.parquet")).unwrap();
    let builder = || {
        let builder = EventLog::builder().transactions_path(place("orders")).unwrap();
        builder.observed_until(UNTIL).unwrap()
    };

    let rest = shop.transactions.slice(40, rows - 40);
    let amounts = rest.column_by_name("amount").unwrap();
    let amounts = amounts.as_any().downcast_ref::<Float64Array>().unwrap().values().iter();
    let amounts = amounts.enumerate().map(|(row, &a)| if row == 6 { f64::NAN } else { a });
    second(&with_column(&rest, "amount", Arc::new(Float64Array::from_iter_values(amounts))));
    let error = error_of(builder);
    let expected = format!(
        "transactions.amount, row 7: is missing or not a number (row of {})",
        place("orders/2.parquet").display()
    );
    assert_eq!(error, expected);

    let texts = Arc::new(StringArray::from_iter_values((0..rows - 40).map(|_| "12")));
    second(&with_column(&rest, "amount", texts));
    let error = error_of(builder);
    assert!(error.contains("2.parquet: column `amount` is of type"), "{error}");

    let index = rest.schema().index_of("amount").unwrap();
    let keep: Vec<usize> = (0..rest.num_columns()).filter(|&i| i != index).collect();
    second(&rest.project(&keep).unwrap());
    let error = error_of(builder);
    assert!(error.contains("2.parquet: has no column `amount`"), "{error}");

    second(&first);
    write_table(&rest.project(&keep).unwrap(), place("orders/0.parquet")).unwrap();
    let error = error_of(builder);
    assert!(error.contains("1.parquet: has a column `amount`"), "{error}");
    fs::remove_file(place("orders/0.parquet")).unwrap();

    let whole = fs::read(place("orders/2.parquet")).unwrap();
    fs::write(place("orders/2.parquet"), &whole[..whole.len() / 2]).unwrap();
    let error = error_of(builder);
    assert!(error.contains("2.parquet"), "{error}");

    fs::remove_file(place("orders/1.parquet")).unwrap();
    fs::remove_file(place("orders/2.parquet")).unwrap();
    let error = error_of(builder);
    assert!(error.ends_with("orders: the folder holds no .parquet and no .csv file"), "{error}");
}

#[test]
fn what_is_wrong_in_other_tables_is_said_as_in_memory() {
    let folder = TempDir::new().unwrap();
    let place = |name: &str| folder.path().join(name);
    let shop = Simulation::default().customers(60).run().unwrap();
    write_table(&shop.transactions, place("orders.parquet")).unwrap();
    let table = |name: &str, table: &RecordBatch| {
        write_table(table, place("other.parquet")).unwrap();
        let name = name.to_owned();
        let path = place("other.parquet");
        let orders = place("orders.parquet");
        error_of(move || {
            let builder = EventLog::builder().transactions_path(&orders).unwrap();
            let builder = builder.observed_until(UNTIL).unwrap();
            match name.as_str() {
                "tickets" => builder.tickets_path(&path).unwrap(),
                "surveys" => builder.surveys_path(&path).unwrap(),
                _ => builder.customers_path(&path).unwrap(),
            }
        })
    };
    let ids = |rows: usize, id: fn(usize) -> Option<i64>| -> ArrayRef {
        Arc::new(Int64Array::from_iter((0..rows).map(id)))
    };
    let rows = shop.tickets.num_rows();
    let error = table(
        "tickets",
        &with_column(&shop.tickets, "customer_id", ids(rows, |row| (row != 4).then_some(3))),
    );
    assert!(error.starts_with("tickets.customer_id, row 5: has no customer id"), "{error}");

    let texts =
        arrow_cast::cast(shop.surveys.column_by_name("customer_id").unwrap(), &DataType::Utf8);
    let error = table("surveys", &with_column(&shop.surveys, "customer_id", texts.unwrap()));
    assert_eq!(error, "surveys: customer ids are texts here and integers in transactions");

    let scores = Float64Array::from_iter_values((0..shop.surveys.num_rows()).map(|row| row as f64));
    let error = table("surveys", &with_column(&shop.surveys, "score", Arc::new(scores)));
    assert!(error.starts_with("surveys.score, row 12: 11 lies outside"), "{error}");

    let customers = shop.customers.num_rows();
    let twice = |row: usize| Some(if row == 30 { 10 } else { row as i64 });
    let table_of_twice = with_column(&shop.customers, "customer_id", ids(customers, twice));
    let known = shop.transactions.column_by_name("customer_id").unwrap();
    let known = known.as_any().downcast_ref::<Int64Array>().unwrap();
    assert!(known.iter().any(|id| id == Some(10)));
    let error = table("customers", &table_of_twice);
    assert_eq!(error, "customers.customer_id, row 31: customer 10 is there already, in row 11");
}

#[test]
fn a_customer_in_two_files_names_both() {
    let folder = TempDir::new().unwrap();
    let place = |name: &str| folder.path().join(name);
    let shop = Simulation::default().customers(60).run().unwrap();
    write_table(&shop.transactions, place("orders.parquet")).unwrap();
    fs::create_dir(place("customers")).unwrap();
    let (first, second) = (place("customers/1.parquet"), place("customers/2.parquet"));
    write_table(&shop.customers.slice(0, 40), &first).unwrap();
    write_table(&shop.customers.slice(35, 20), &second).unwrap();
    let ids = shop.customers.column_by_name("customer_id").unwrap();
    let ids = ids.as_any().downcast_ref::<Int64Array>().unwrap();
    let known = shop.transactions.column_by_name("customer_id").unwrap();
    let known = known.as_any().downcast_ref::<Int64Array>().unwrap();
    assert!(known.iter().any(|id| id == Some(ids.value(35))));
    let error = error_of(|| {
        let builder = EventLog::builder().transactions_path(place("orders.parquet")).unwrap();
        let builder = builder.customers_path(place("customers")).unwrap();
        builder.observed_until(UNTIL).unwrap()
    });
    let expected = format!(
        "customers.customer_id, row 1: customer {} is there already, in row 36 of {} (row of {})",
        ids.value(35),
        first.display(),
        second.display()
    );
    assert_eq!(error, expected);
}

#[test]
fn what_cannot_be_read_in_parts_is_refused() {
    let folder = TempDir::new().unwrap();
    let place = |name: &str| folder.path().join(name);
    let shop = Simulation::default().customers(20).run().unwrap();
    write_table(&shop.transactions, place("orders.parquet")).unwrap();
    write_table(&shop.transactions, place("orders.csv")).unwrap();
    let builder = |name: &str| {
        EventLog::builder().transactions_path(place(name)).unwrap().observed_until(UNTIL).unwrap()
    };
    let said = |log: Result<PartitionedLog, Error>| log.unwrap_err().to_string();
    let options = || PartitionOptions::new(1 << 30);
    let error = said(builder("orders.csv").partition(&options()));
    assert!(
        error.starts_with("memory: expected none, or tables in Parquet files")
            && error.contains("orders.csv"),
        "{error}"
    );
    let batches = EventLog::builder().transactions([shop.transactions.clone()]);
    let error = said(batches.observed_until(UNTIL).unwrap().partition(&options()));
    assert!(error.contains("transactions is 1 record batches"), "{error}");
    let error = said(EventLog::builder().observed_until(UNTIL).unwrap().partition(&options()));
    assert!(error.contains("transactions: expected a table or a path, or activity in"), "{error}");
    let error = said(
        EventLog::builder()
            .transactions_path(place("orders.parquet"))
            .unwrap()
            .partition(&options()),
    );
    assert!(error.starts_with("observed_until: expected a date or time up to which the log is complete, or \"last_event\", got nothing"), "{error}");
    let error = said(builder("orders.parquet").partition(&PartitionOptions::new(1 << 20)));
    assert!(error.contains("at least 268435456 bytes"), "{error}");
    let error = said(builder("orders.parquet").partition(&options().least_parts(0)));
    assert!(crate::common::says(&error, "least_parts: … got 0"), "{error}");
    let error = said(builder("orders.parquet").partition(&options().temp_folder(place("none"))));
    assert!(error.contains("none: "), "{error}");
    let log = builder("orders.parquet").partition(&options().least_parts(3)).unwrap();
    let early = ["2001-01-01"];
    let written = FeatureTable::write(&log, early, None, &[], place("f.csv"));
    assert!(
        written.unwrap_err().to_string().contains("expected a time after the first transaction")
    );
    assert!(!place("f.csv").exists());
}

#[test]
fn work_in_parts_tells_how_far_it_is_and_stops_when_asked() {
    let folder = TempDir::new().unwrap();
    let place = |name: &str| folder.path().join(name);
    let shop = Simulation::default().customers(80).run().unwrap();
    write_table(&shop.transactions, place("orders.parquet")).unwrap();
    write_table(&shop.tickets, place("tickets.parquet")).unwrap();
    let at = ["2024-06-01"];
    let run = |stop_after: u64| -> (Vec<Step>, Result<(), Error>) {
        let steps = Arc::new(std::sync::Mutex::new(Vec::new()));
        let (told, count) = (steps.clone(), AtomicU64::new(0));
        let tell = Arc::new(move |step| {
            told.lock().unwrap().push(step);
            count.fetch_add(1, Ordering::Relaxed) < stop_after
        });
        let again = Arc::clone(&tell);
        let builder = EventLog::builder()
            .transactions_path(place("orders.parquet"))
            .unwrap()
            .tickets_path(place("tickets.parquet"))
            .unwrap()
            .observed_until(UNTIL)
            .unwrap()
            .on_progress(move |step| tell(step));
        let result = builder.partition(&in_parts(5)).and_then(|log| {
            let log = log.on_progress(move |step| again(step));
            FeatureTable::write(&log, at, None, &[], place("features.csv")).map(drop)
        });
        let steps = steps.lock().unwrap().clone();
        (steps, result)
    };
    let (steps, result) = run(u64::MAX);
    result.unwrap();
    assert!(steps.iter().all(|step| step.done <= step.of));
    let mut names: Vec<&str> = steps.iter().map(|step| step.what).collect();
    names.dedup();
    assert_eq!(names, ["customer ids", "transactions", "tickets", "rows in parts"]);
    assert_eq!(steps.last().map(|step| step.done), steps.last().map(|step| step.of));
    fs::remove_file(place("features.csv")).unwrap();
    for stop_after in 0..steps.len() as u64 {
        let (_, result) = run(stop_after);
        assert!(matches!(result, Err(Error::Interrupted)), "{stop_after}: {result:?}");
        let left = fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(left, 2, "only the tables are there");
    }
}

#[test]
fn attributes_of_few_customers_are_written_from_many_parts() {
    let folder = TempDir::new().unwrap();
    let place = |name: &str| folder.path().join(name);
    let shop = Simulation::default().customers(60).run().unwrap();
    write_table(&shop.transactions, place("orders.parquet")).unwrap();
    for described in [shop.customers.slice(0, 8), shop.customers.slice(50, 10)] {
        write_table(&described, place("customers.parquet")).unwrap();
        let builder = || {
            let builder = EventLog::builder().transactions_path(place("orders.parquet")).unwrap();
            let builder = builder.customers_path(place("customers.parquet")).unwrap();
            builder.observed_until(UNTIL).unwrap()
        };
        let whole = builder().build().unwrap();
        let names: Vec<String> = whole.attribute_names().map(str::to_owned).collect();
        let at = [UNTIL, "2024-01-01"];
        let table = FeatureTable::extract(&whole, at, &names).unwrap().to_batch(&whole).unwrap();
        write_table(&table, place("a.parquet")).unwrap();
        let log = builder().partition(&in_parts(7)).unwrap();
        FeatureTable::write(&log, at, None, &names, place("b.parquet")).unwrap();
        assert_eq!(read_texts(&place("a.parquet")), read_texts(&place("b.parquet")));
    }
}

/// All cells of a Parquet file as texts.
fn read_texts(path: &Path) -> Vec<String> {
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
    let file = fs::File::open(path).unwrap();
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
    let mut cells = Vec::new();
    for batch in reader {
        let batch = batch.unwrap();
        for row in 0..batch.num_rows() {
            let line = batch
                .columns()
                .iter()
                .map(|column| arrow_cast::display::array_value_to_string(column, row).unwrap());
            cells.push(line.collect::<Vec<_>>().join("|"));
        }
    }
    assert!(!cells.is_empty());
    cells
}

#[cfg(unix)]
#[test]
fn no_result_replaces_an_input_and_links_are_followed_once() {
    use std::os::unix::fs::symlink;
    let folder = TempDir::new().unwrap();
    let place = |name: &str| folder.path().join(name);
    let shop = Simulation::default().customers(300).run().unwrap();
    let rows = shop.transactions.num_rows() as u64;
    for name in ["orders", "elsewhere"] {
        fs::create_dir(place(name)).unwrap();
    }
    write_table(&shop.transactions.slice(0, 100), place("orders/a.parquet")).unwrap();
    let rest = shop.transactions.slice(100, rows as usize - 100);
    write_table(&rest, place("elsewhere/b.parquet")).unwrap();
    symlink("../elsewhere/b.parquet", place("orders/b.parquet")).unwrap();
    symlink(".", place("orders/loop")).unwrap();
    symlink("a.parquet", place("orders/again.parquet")).unwrap();
    let builder = || {
        let builder = EventLog::builder().transactions_path(place("orders")).unwrap();
        builder.observed_until(UNTIL).unwrap()
    };
    assert_eq!(builder().build().unwrap().report().transactions.rows_read, rows);
    let log = builder().partition(&in_parts(3)).unwrap();
    let model = model(&builder().build().unwrap(), "tree".parse().unwrap());
    let at = [UNTIL];
    for output in ["orders/a.parquet", "orders/f.parquet", "elsewhere/b.parquet"] {
        let options = CandidateOptions::default();
        let errors = [
            FeatureTable::write(&log, at, None, &[], place(output)).unwrap_err(),
            model
                .write_scores(&log.at(UNTIL).unwrap(), &ScoreOptions::default(), place(output))
                .unwrap_err(),
            model.write_candidates(&log.at(UNTIL).unwrap(), &options, place(output)).unwrap_err(),
        ];
        for error in errors {
            let said = error.to_string();
            assert!(
                said.starts_with("output: expected ") && said.contains("input table"),
                "{said}"
            );
        }
    }
    assert_eq!(builder().build().unwrap().report().transactions.rows_read, rows);
    FeatureTable::write(&log, at, None, &[], place("elsewhere/f.parquet")).unwrap();
}

/// The transactions with a column of long order ids.
fn with_long_orders(transactions: &RecordBatch, bytes: usize) -> RecordBatch {
    let orders = (0..transactions.num_rows()).map(|row| format!("{row:>bytes$}"));
    let orders: ArrayRef = Arc::new(StringArray::from_iter_values(orders));
    let fields = transactions.schema();
    let own = fields.fields().iter().zip(transactions.columns());
    let own = own.map(|(field, column)| (field.name().clone(), column.clone(), true));
    let own = own.filter(|(name, ..)| name != "order_id");
    let more = [("order_id".to_owned(), orders, true)];
    RecordBatch::try_from_iter_with_nullable(own.chain(more)).unwrap()
}

#[test]
fn parts_that_rows_make_too_large_are_cut_again() {
    for text_ids in [false, true] {
        let (folder, out) = (TempDir::new().unwrap(), TempDir::new().unwrap());
        let place = |name: &str| folder.path().join(name);
        fs::create_dir(place("orders")).unwrap();
        let Simulated { transactions, tickets, .. } = shop(5, text_ids);
        let rest = transactions.num_rows() - 50;
        write_table(&with_long_orders(&transactions.slice(0, 50), 4), place("orders/a.parquet"))
            .unwrap();
        // Nobody sees by the first rows how long they become.
        let long = with_long_orders(&transactions.slice(50, rest), (50 << 20) / rest);
        write_table(&long, place("orders/b.parquet")).unwrap();
        // Of customers who bought nothing, as many as fill parts of their own.
        let strangers = (0..tickets.num_rows()).map(|row| format!("{}", 1_000_000 + row));
        let strangers: ArrayRef = Arc::new(StringArray::from_iter_values(strangers));
        let of_type = if text_ids { DataType::Utf8 } else { DataType::Int64 };
        let strangers = arrow_cast::cast(&strangers, &of_type).unwrap();
        let tickets = with_column(&tickets, "customer_id", strangers);
        let topic = "y".repeat((60 << 20) / tickets.num_rows());
        let topics = (0..tickets.num_rows()).map(|_| topic.as_str());
        let tickets =
            with_column(&tickets, "topic", Arc::new(StringArray::from_iter_values(topics)));
        write_table(&tickets.slice(0, 1), place("tickets-1.parquet")).unwrap();
        write_table(&tickets.slice(1, tickets.num_rows() - 1), place("tickets-2.parquet")).unwrap();
        let builder = || {
            let builder = EventLog::builder().transactions_path(place("orders")).unwrap();
            let builder = builder.tickets_path(place("tickets-*.parquet")).unwrap();
            let builder = builder.limit("expanded_bytes", 1 << 30).unwrap();
            builder.missing_ids(MissingIds::Drop).observed_until(UNTIL).unwrap()
        };
        let whole = builder().build().unwrap();
        let log = builder().partition(&PartitionOptions::new(256 << 20)).unwrap();
        assert!((5..20).contains(&log.parts()), "{} parts", log.parts());
        let table = FeatureTable::extract(&whole, [UNTIL], &[]).unwrap();
        write_table(&table.to_batch(&whole).unwrap(), out.path().join("a.csv")).unwrap();
        FeatureTable::write(&log, [UNTIL], None, &[], out.path().join("b.csv")).unwrap();
        same_file(&out.path().join("a.csv"), &out.path().join("b.csv"));
        assert_eq!(log.report().unwrap(), *whole.report());
    }
}

#[test]
fn a_customer_too_large_for_the_memory_is_named() {
    let folder = TempDir::new().unwrap();
    let place = |name: &str| folder.path().join(name);
    let shop = Simulation::default().customers(300).run().unwrap();
    let rows = shop.transactions.num_rows();
    let ids = (0..rows as i64).map(|row| if row % 10 == 0 { row } else { 77 });
    let ids: ArrayRef = Arc::new(Int64Array::from_iter_values(ids));
    let transactions = with_column(&shop.transactions, "customer_id", ids);
    let long = with_long_orders(&transactions, (40 << 20) / rows);
    write_table(&long, place("orders.parquet")).unwrap();
    let partition = |memory| {
        let builder = EventLog::builder().transactions_path(place("orders.parquet")).unwrap();
        let builder = builder.limit("expanded_bytes", 1 << 30).unwrap();
        builder.observed_until(UNTIL).unwrap().partition(&PartitionOptions::new(memory))
    };
    let said = partition(256 << 20).unwrap_err().to_string();
    assert!(
        said.starts_with("memory: expected at least ") && said.contains(" customer 77 "),
        "{said}"
    );
    // What is asked for is enough.
    let asked = said.split(' ').nth(4).unwrap().parse().unwrap();
    assert!(partition(asked).unwrap().parts() > 1);
    assert!(partition(asked - (1 << 20)).is_err());
}

#[test]
fn files_of_other_writers_agree_in_kind() {
    let folder = TempDir::new().unwrap();
    let shop = Simulation::default().customers(50).run().unwrap();
    let (first, rest) = (shop.transactions.slice(0, 90), shop.transactions.slice(90, 200));
    let cast = |name: &str, to: DataType| {
        arrow_cast::cast(rest.column_by_name(name).unwrap(), &to).unwrap()
    };
    let rest = with_column(&rest, "customer_id", cast("customer_id", DataType::Int32));
    let dictionary = DataType::Dictionary(Box::new(DataType::Int16), Box::new(DataType::Utf8));
    let rest = with_column(&rest, "category", cast("category", dictionary));
    let rest = with_column(&rest, "amount", cast("amount", DataType::Float32));
    write_table(&first, folder.path().join("1.parquet")).unwrap();
    write_table(&rest, folder.path().join("2.parquet")).unwrap();
    let builder = || {
        let builder = EventLog::builder().transactions_path(folder.path()).unwrap();
        builder.observed_until(UNTIL).unwrap()
    };
    let whole = builder().build().unwrap();
    let at = [UNTIL];
    let out = TempDir::new().unwrap();
    let table = FeatureTable::extract(&whole, at, &[]).unwrap().to_batch(&whole).unwrap();
    write_table(&table, out.path().join("a.csv")).unwrap();
    let log = builder().partition(&in_parts(4)).unwrap();
    FeatureTable::write(&log, at, None, &[], out.path().join("b.csv")).unwrap();
    same_file(&out.path().join("a.csv"), &out.path().join("b.csv"));
}

#[test]
fn a_bad_id_names_its_file_and_nothing_is_read_after_it() {
    let folder = TempDir::new().unwrap();
    let shop = Simulation::default().customers(50).run().unwrap();
    let ids = |bad: bool| -> ArrayRef {
        let id = move |row: usize| if bad && row == 7 { 1.5 } else { row as f64 };
        Arc::new(Float64Array::from_iter_values((0..50).map(id)))
    };
    for (name, bad) in [("1.parquet", false), ("2.parquet", true)] {
        let rows = with_column(&shop.transactions.slice(0, 50), "customer_id", ids(bad));
        write_table(&rows, folder.path().join(name)).unwrap();
    }
    let error = error_of(|| {
        let builder = EventLog::builder().transactions_path(folder.path()).unwrap();
        builder.observed_until(UNTIL).unwrap()
    });
    assert!(error.starts_with("transactions.customer_id, row 8: 1.5 is not a whole"), "{error}");
    assert!(error.ends_with("2.parquet)"), "{error}");

    let many = TempDir::new().unwrap();
    for file in 0..60 {
        let path = many.path().join(format!("{file:02}.parquet"));
        write_table(&shop.transactions.slice(file, 50), path).unwrap();
    }
    let calls = Arc::new(AtomicU64::new(0));
    let count = calls.clone();
    let builder =
        EventLog::builder().transactions_path(many.path()).unwrap().on_progress(move |_| {
            count.fetch_add(1, Ordering::Relaxed);
            false
        });
    let result = builder.observed_until(UNTIL).unwrap().partition(&in_parts(2));
    assert!(matches!(result, Err(Error::Interrupted)));
    assert!(calls.load(Ordering::Relaxed) < 30, "{calls:?} of 60 files were read");
}
