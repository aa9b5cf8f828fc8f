//! Tables of features: who is in them, by which id, and what their columns may be named. Expected
//! values are worked out by hand.

use arrow_array::cast::AsArray;
use arrow_schema::DataType;
use winback::features::FeatureTable;
use winback::log::{EventSlices, IdSlice};
use winback::{Error, EventLog};

use crate::exact_edges::{at, log};

#[test]
fn customers_of_activity_have_ids_of_the_type_that_they_came_with() {
    let time = ["2024-01-01", "2024-01-02"].map(at);
    let events = EventSlices {
        customer_id: IdSlice::Text(&["07", "8"]),
        time: &time,
        kind: &["buy", "buy"],
        ..EventSlices::default()
    };
    let builder = EventLog::builder().events([events.to_batch().unwrap()]).activity(["buy"]);
    let log = builder.observed_until("2024-06-01").unwrap().build().unwrap();
    let ids: Vec<String> =
        log.customers().indices().map(|c| log.customers().get(c).to_string()).collect();
    assert_eq!(ids, ["07", "8"]);
}

#[test]
fn attributes_are_named_as_no_other_column() {
    const ROWS: &str =
        "customer_id,city,purchase_count,state\n1,Ulm,3,new\n2,,1,new\n3,Bonn,1,old\n";
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("customers.csv");
    std::fs::write(&path, ROWS).unwrap();
    let log = log("customer_id,time\n1,2024-01-01\n2,2024-01-01\n3,2024-01-01\n", |b| {
        b.customers_path(&path).unwrap()
    });
    let table = |names: &[&str]| {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        FeatureTable::extract_some(&log, ["2024-02-01"], &["tenure_days"], &names)
    };
    let with_city = table(&["city"]).unwrap();
    assert_eq!(with_city.columns().len(), 2);
    // Texts in their order, and none where none is known.
    let cities = with_city.to_batch(&log).unwrap().column_by_name("city").unwrap().clone();
    let cities = arrow_cast::cast(&cities, &DataType::Utf8).unwrap();
    let cities: Vec<Option<&str>> = cities.as_string::<i32>().iter().collect();
    assert_eq!(cities, [Some("Ulm"), None, Some("Bonn")]);
    for names in [["city", "city"], ["city", "purchase_count"], ["state", "city"]] {
        let refused = table(&names).unwrap_err();
        assert!(matches!(refused, Error::Argument { name: "attributes", .. }), "{refused}");
    }
}

#[test]
fn a_table_without_buyers_is_empty() {
    let log = log("customer_id,time,amount\n1,2024-01-01,-5\n2,2024-03-01,5\n", |b| b);
    let table = |cutoff: &str| {
        FeatureTable::extract_some(&log, [cutoff], &["purchase_count"], &[]).unwrap()
    };
    assert!(table("2024-02-01").is_empty() && !table("2024-04-01").is_empty());
    assert_eq!((table("2024-02-01").len(), table("2024-04-01").len()), (0, 1));
}

#[test]
fn tickets_of_one_instant_come_by_what_is_known_of_them_whatever_their_rows() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tickets.csv");
    let columns =
        "customer_id,opened_at,first_response_at,resolved_at,reopened_count,satisfaction,known_at";
    for [first, second] in [
        ["2024-01-11,2024-01-12,0,4,", "2024-01-11,2024-01-13,0,4,"],
        ["2024-01-11,2024-01-13,0,4,", "2024-01-12,2024-01-13,0,4,"],
        ["2024-01-12,2024-01-13,0,3,", "2024-01-12,2024-01-13,0,4,"],
        ["2024-01-12,2024-01-13,0,4,", "2024-01-12,2024-01-13,1,4,"],
        // What comes first decides.
        ["2024-01-12,2024-01-13,1,3,", "2024-01-11,2024-01-14,0,2,"],
    ] {
        let told = |rows: [&str; 2]| {
            let rows: String = rows.iter().map(|row| format!("1,2024-01-10,{row}\n")).collect();
            std::fs::write(&path, format!("{columns}\n{rows}")).unwrap();
            let log = log("customer_id,time\n1,2024-01-01\n", |b| b.tickets_path(&path).unwrap());
            let history = log.history(0.into(), at("2024-02-01"));
            history.tickets().unwrap().collect::<Vec<_>>()
        };
        let [one, other] = [told([first, second]), told([second, first])];
        assert_eq!(one, other, "{first} {second}");
        assert_ne!(one[0], one[1]);
        let satisfied = |ticket: usize| one[ticket].satisfaction.unwrap().to_string();
        let is_of = |row: &str, ticket: usize| row.split(',').nth(3) == Some(&satisfied(ticket));
        assert!(is_of(first, 0) && is_of(second, 1), "{first} {second}");
    }
}
