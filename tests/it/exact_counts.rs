//! What is counted, and from which instant to which: nothing, one or several, more than is looked at
//! at once. Expected values are worked out by hand.

use std::sync::{Arc, Mutex};

use winback::answer::output::write_table;
use winback::features::FeatureTable;
use winback::log::{
    BadRows, EventLogBuilder, EventSlices, IdSlice, MissingIds, PartitionOptions, TransactionSlices,
};
use winback::panel::{Panel, PanelOptions};
use winback::time::{Span, Timestamp};
use winback::{Error, EventLog, Step};

use crate::exact_edges::{at, feature, log};

/// The only value of a feature at a cutoff is this.
fn is_near(log: &EventLog, cutoff: &str, name: &str, expected: f64) {
    let found = feature(log, cutoff, name);
    assert!((found[0] - expected).abs() < 1e-12, "{name} at {cutoff}: {found:?}, not {expected}");
}

/// One kind of event of customer 1 at these times.
fn with_events<'a>(
    kind: &'a str,
    times: &'a [&'a str],
) -> impl FnOnce(EventLogBuilder) -> EventLogBuilder + 'a {
    move |builder| {
        let time: Vec<_> = times.iter().map(|time| at(time)).collect();
        let (ids, kinds) = (vec![1; time.len()], vec![kind; time.len()]);
        let events = EventSlices {
            customer_id: IdSlice::Int(&ids),
            time: &time,
            kind: &kinds,
            ..EventSlices::default()
        };
        builder.events([events.to_batch().unwrap()])
    }
}

#[test]
fn an_anniversary_is_due_from_90_days_before_it() {
    let log = log("customer_id,time\n1,2023-01-01\n", |builder| builder);
    is_near(&log, "2023-10-02T23:59:59.999999", "anniversary_due", 0.0);
    is_near(&log, "2023-10-03", "anniversary_due", 1.0);
    is_near(&log, "2024-01-01", "anniversary_due", 1.0);
    // The months to come end where the purchase was 275 days before, and do not hold it.
    is_near(&log, "2023-10-03", "season_purchase_share", 0.0);
    is_near(&log, "2023-10-03T00:00:00.000001", "season_purchase_share", 1.0);
}

/// 1,460 days are four years of 365, 1,825 are five: of these only the last four count.
#[test]
fn four_years_are_looked_back_and_the_fourth_is_one_of_them() {
    // The fourth time, the 90 days end with 2020-03-31.
    for (first, share, of_purchases) in [
        ("2020-01-01T23:59:59.999999", 0.3 / 5.0, 0.0),
        ("2020-01-02", 1.3 / 5.0, 1.0),
        ("2020-03-31T23:59:59.999999", 1.3 / 5.0, 1.0),
        ("2020-04-01", 0.3 / 4.0, 0.0),
        ("2019-01-02", 0.3 / 5.0, 1.0),
        ("2023-12-31", 0.3, 0.0),
    ] {
        let log = log(&format!("customer_id,time\n1,{first}\n"), |builder| builder);
        is_near(&log, "2024-01-01", "season_year_share", share);
        is_near(&log, "2024-01-01", "season_purchase_share", of_purchases);
    }
}

#[test]
fn a_gap_is_due_if_it_is_longer_than_the_silence_by_90_days_or_less() {
    // A gap of 100 days, and a silence of ten or just less.
    let once = log("customer_id,time\n1,2024-01-01\n1,2024-04-10\n", |builder| builder);
    is_near(&once, "2024-04-20", "due_gap_share", 1.6 / 3.0);
    is_near(&once, "2024-04-19T23:59:59.999999", "due_gap_share", 0.6 / 3.0);
    // Gaps of ten days and 20: a gap as long as the silence is not longer.
    let rows = "customer_id,time\n1,2024-01-01\n1,2024-01-11\n1,2024-01-31\n";
    let twice = log(rows, |builder| builder);
    is_near(&twice, "2024-02-10", "due_gap_share", 1.6 / 3.0);
    is_near(&twice, "2024-02-09T23:59:59.999999", "due_gap_share", 2.6 / 4.0);
    // And where none is longer, there are only the two that are added.
    is_near(&twice, "2024-02-20", "due_gap_share", 0.3);
}

#[test]
fn a_contact_counts_once_it_is_a_week_old_and_needs_other_time() {
    let rows = "customer_id,time\n1,2024-01-01\n1,2024-02-03\n";
    let build = |rows: &str| {
        let events = with_events("letter", &["2024-02-01"]);
        log(rows, |builder| events(builder).contacts(["letter"]))
    };
    let bought = build(rows);
    let difference = "contact_purchase_difference";
    let is_undefined = |cutoff: &str, name: &str| feature(&bought, cutoff, name)[0].is_nan();
    assert!(is_undefined("2024-02-07T23:59:59.999999", "contact_purchase_share"));
    assert!(is_undefined("2024-02-07T23:59:59.999999", difference));
    is_near(&bought, "2024-02-08", "contact_purchase_share", 1.0);
    assert!(is_undefined("2024-02-08", difference));
    // One purchase in a week, and none in the instant after it.
    is_near(&bought, "2024-02-08T00:00:00.000001", difference, 1.0);
    is_near(&bought, "2024-03-02", "contact_count_30d", 1.0);
    is_near(&bought, "2024-03-02T00:00:00.000001", "contact_count_30d", 0.0);
    // A purchase exactly a week later is not within the week.
    let late = build("customer_id,time\n1,2024-01-01\n1,2024-02-08\n");
    is_near(&late, "2024-03-02", "contact_purchase_share", 0.0);
}

#[test]
fn events_of_the_last_30_days_are_counted_from_the_first_instant_on() {
    // Six hours apart, on one day as it is counted back from the cutoff; the first at a purchase.
    let events = with_events("visit", &["2024-02-01", "2024-02-01T06:00"]);
    let log = log("customer_id,time\n1,2024-01-01\n1,2024-02-01\n", events);
    for (cutoff, counts) in [
        ("2024-03-02", [2.0, 1.0, 1.0 / 30.0]),
        ("2024-03-02T00:00:00.000001", [1.0, 1.0, 2.0 / 31.0]),
    ] {
        let names = ["event_count_30d", "active_days_30d", "active_day_share"];
        names.into_iter().zip(counts).for_each(|(name, count)| is_near(&log, cutoff, name, count));
        is_near(&log, cutoff, "event_count_90d", 2.0);
        is_near(&log, cutoff, "events_since_purchase", 1.0);
        is_near(&log, cutoff, "longest_event_pause_days", 0.25);
    }
    // Two active days only once the cutoff lies between the times of day.
    assert!(feature(&log, "2024-03-02", "mean_event_gap_days")[0].is_nan());
    is_near(&log, "2024-03-02T00:00:00.000001", "mean_event_gap_days", 1.0);
    is_near(&log, "2024-03-02", "event_trend", 3f64.ln());
    is_near(&log, "2024-03-02T00:00:00.000001", "event_trend", 0.0);
}

/// Category 0 is bought once, 1 twice, 2 three times, 3 once again, and so on.
#[test]
fn very_many_categories_are_counted_as_few_are() {
    let names: Vec<String> = (0..200).map(|i| format!("category {i}")).collect();
    let bought: Vec<usize> = (0..200).flat_map(|i| vec![i; 1 + i % 3]).collect();
    // Two customers, for what was counted of one must be forgotten of the next.
    let ids: Vec<i64> = [1, 2].into_iter().flat_map(|id| vec![id; bought.len()]).collect();
    let category: Vec<Option<&str>> =
        bought.iter().chain(&bought).map(|&i| Some(names[i].as_str())).collect();
    let time = vec![at("2024-01-01"); ids.len()];
    let rows = TransactionSlices {
        customer_id: IdSlice::Int(&ids),
        time: &time,
        category: Some(&category),
        ..TransactionSlices::default()
    };
    let builder = EventLog::builder().transactions([rows.to_batch().unwrap()]);
    let log = builder.observed_until("2024-06-01").unwrap().build().unwrap();
    let all = bought.len() as f64;
    let entropy: f64 = (0..200)
        .map(|i| {
            let share = (1 + i % 3) as f64 / all;
            -share * share.ln()
        })
        .sum();
    assert_eq!(feature(&log, "2024-02-01", "category_count"), [200.0; 2]);
    assert_eq!(feature(&log, "2024-02-01", "top_category_share"), [3.0 / all; 2]);
    for found in feature(&log, "2024-02-01", "category_entropy") {
        assert!((found - entropy).abs() < 1e-9, "{found}, not {entropy}");
    }
}

/// Features are computed of some thousand customers at once; those who have not bought yet have none.
#[test]
fn customers_beyond_the_first_thousands_keep_their_features_at_every_cutoff() {
    let ids: Vec<i64> = (0..5_000).collect();
    let early = |id: i64| id % 3 != 0;
    let time: Vec<Timestamp> =
        ids.iter().map(|&id| at(if early(id) { "2024-01-01" } else { "2024-03-01" })).collect();
    let amount: Vec<f64> = ids.iter().map(|&id| (id + 1) as f64).collect();
    let rows = TransactionSlices {
        customer_id: IdSlice::Int(&ids),
        time: &time,
        amount: Some(&amount),
        ..TransactionSlices::default()
    };
    let builder = EventLog::builder().transactions([rows.to_batch().unwrap()]);
    let log = builder.observed_until("2024-06-01").unwrap().build().unwrap();
    let cutoffs = ["2024-02-01", "2024-04-01"];
    let table = FeatureTable::extract_some(&log, cutoffs, &["total_spend"], &[]).unwrap();
    let spent = table.numbers("total_spend").unwrap();
    let found: Vec<(String, f64)> = table
        .customers()
        .iter()
        .zip(spent)
        .map(|(&customer, &spent)| (log.customers().get(customer).to_string(), spent))
        .collect();
    let first = ids.iter().filter(|&&id| early(id));
    let expected: Vec<(String, f64)> =
        first.chain(&ids).map(|&id| (id.to_string(), (id + 1) as f64)).collect();
    assert_eq!(found, expected);
}

#[test]
fn a_table_names_its_cutoffs_where_there_are_several() {
    let log_of = |rows: &str| log(&format!("customer_id,time\n{rows}"), |builder| builder);
    let two = log_of("1,2024-01-01\n2,2024-01-02\n");
    let table = |cutoffs: &[&str]| {
        FeatureTable::extract_some(&two, cutoffs.iter().copied(), &["purchase_count"], &[]).unwrap()
    };
    let names = |cutoffs: &[&str]| -> Vec<String> {
        let batch = table(cutoffs).to_batch(&two).unwrap();
        batch.schema().fields().iter().map(|field| field.name().clone()).collect()
    };
    assert_eq!(names(&["2024-02-01"]), ["customer_id", "purchase_count"]);
    // One that is given twice is one.
    assert_eq!(names(&["2024-02-01", "2024-02-01"]), ["customer_id", "purchase_count"]);
    let expected = ["cutoff", "customer_id", "purchase_count"];
    assert_eq!(names(&["2024-02-01", "2024-03-01"]), expected);
    let refused = table(&["2024-02-01"]).to_batch(&log_of("1,2024-01-01\n")).unwrap_err();
    assert!(matches!(refused, Error::Argument { name: "log", .. }), "{refused}");
    // Another log of as many customers cannot be told from it.
    assert!(table(&["2024-02-01"]).to_batch(&log_of("1,2024-01-01\n3,2024-01-02\n")).is_ok());
}

#[test]
fn rows_that_are_written_are_counted_over_parts_and_cutoffs() {
    let folder = tempfile::tempdir().unwrap();
    let (orders, features) =
        (folder.path().join("orders.parquet"), folder.path().join("features.csv"));
    let times = [at("2024-01-01"), at("2024-03-01"), at("2024-03-01")];
    let rows = TransactionSlices {
        customer_id: IdSlice::Int(&[1, 2, 3]),
        time: &times,
        ..TransactionSlices::default()
    };
    write_table(&rows.to_batch().unwrap(), &orders).unwrap();
    let builder = EventLog::builder().transactions_path(&orders).unwrap();
    let options = PartitionOptions::new(1 << 30).least_parts(2);
    let log = builder.observed_until("2024-06-01").unwrap().partition(&options).unwrap();
    // Customer 1, and then all of them.
    let cutoffs = ["2024-02-01", "2024-04-01"];
    let names = ["purchase_count", "days_since_last_purchase"];
    let written = FeatureTable::write(&log, cutoffs, Some(&names), &[], &features).unwrap();
    assert_eq!((written.rows, written.columns), (4, 2));
    assert_eq!(std::fs::read_to_string(&features).unwrap().lines().count(), 5);
}

#[test]
fn outcomes_are_told_after_each_cutoff() {
    let told: Arc<Mutex<Vec<(u64, u64)>>> = Arc::default();
    let heard = Arc::clone(&told);
    let log = log("customer_id,time\n1,2024-01-10\n", |builder| builder);
    let log = log.on_progress(move |step: Step| {
        if step.what == "looking at outcomes" {
            heard.lock().unwrap().push((step.done, step.of));
        }
        true
    });
    let options = PanelOptions::default().horizon(Span::days(10)).unwrap();
    let cutoffs = ["2024-01-20", "2024-02-01"].map(at);
    Panel::build(&log, cutoffs, at("2024-06-01"), &options).unwrap();
    assert_eq!(*told.lock().unwrap(), [(1, 2), (2, 2)]);
}

#[test]
fn rows_that_repeat_are_counted_for_each_customer() {
    let repeats = |rows: &str| {
        let log = log(&format!("customer_id,time,amount\n{rows}"), |builder| builder);
        (log.report().transactions.rows_kept, log.report().exact_duplicates)
    };
    assert_eq!(repeats("1,2024-01-01,5\n2,2024-01-01,5\n1,2024-01-02,5\n1,2024-01-01,6\n"), (4, 0));
    // Three rows of one customer are two repeats, two of the other are one.
    let one = "1,2024-01-01,5\n".repeat(3);
    let other = "2,2024-01-01,5\n".repeat(2);
    assert_eq!(repeats(&format!("{one}{other}2,2024-01-02,5\n")), (6, 3));
}

#[test]
fn rows_that_are_left_out_are_counted_in_each_table() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    let ids = ["1", "", "", "9", "1", ""];
    let rows = |columns: &str, rest: &str| {
        let rows: String = ids.iter().map(|id| format!("{id},2024-01-02{rest}\n")).collect();
        format!("customer_id,{columns}\n{rows}1,soon{rest}\n")
    };
    std::fs::write(place("tickets.csv"), rows("opened_at", "")).unwrap();
    std::fs::write(place("events.csv"), rows("time,kind", ",visit")).unwrap();
    let log = log("customer_id,time\n1,2024-01-01\n", |builder| {
        let builder = builder.tickets_path(place("tickets.csv")).unwrap();
        let builder = builder.events_path(place("events.csv")).unwrap();
        builder.missing_ids(MissingIds::Drop).bad_rows(BadRows::Drop)
    });
    for table in [log.report().tickets, log.report().events].map(Option::unwrap) {
        assert_eq!((table.rows_read, table.missing_id, table.bad_rows), (7, 3, 1));
        assert_eq!((table.unknown_customer, table.rows_kept), (1, 2));
    }
}
