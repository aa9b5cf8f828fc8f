//! Features at the very edge of what they count: windows to the instant, one of a thing and none.
//! Expected values are worked out by hand.

use winback::EventLog;
use winback::features::{FeatureTable, of_history};
use winback::log::{
    CustomerHistory, EventLogBuilder, EventRole, LogColumns, NewTicket, PurchaseRules, ZeroAmounts,
};
use winback::time::Timestamp;

use crate::exact_edges::{at, feature, log};

/// Each feature of the only customer at a cutoff is this; NaN where it is not defined.
fn are(log: &EventLog, cutoff: &str, expected: &[(&str, f64)]) {
    for &(name, expected) in expected {
        let found = feature(log, cutoff, name);
        let is_equal =
            (found[0] - expected).abs() < 1e-12 || (found[0].is_nan() && expected.is_nan());
        assert!(is_equal, "{name} at {cutoff}: {found:?}, not {expected}");
    }
}

/// A log with another table, a CSV file of the only customer, whose first column is left out.
fn with_table(
    orders: &str,
    (name, columns, rows): (&str, &str, &[&str]),
    options: impl FnOnce(EventLogBuilder) -> EventLogBuilder,
) -> EventLog {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("table.csv");
    let rows: String = rows.iter().map(|row| format!("1,{row}\n")).collect();
    std::fs::write(&path, format!("customer_id,{columns}\n{rows}")).unwrap();
    log(orders, |builder| {
        options(match name {
            "tickets" => builder.tickets_path(&path).unwrap(),
            _ => builder.events_path(&path).unwrap(),
        })
    })
}

fn with_events(orders: &str, rows: &[&str]) -> EventLog {
    with_table(orders, ("events", "time,kind,value", rows), |builder| {
        builder
            .contacts(["letter"])
            .event_role(EventRole::Opened, ["open"])
            .event_role(EventRole::Visit, ["visit"])
            .event_role(EventRole::Cart, ["cart"])
            .event_role(EventRole::Abandoned, ["stop"])
    })
}

const NAN: f64 = f64::NAN;

#[test]
fn windows_hold_what_happened_exactly_so_many_days_ago() {
    let log = log("customer_id,time,amount\n1,2023-01-01,8\n", |builder| builder);
    for (days, cutoff) in
        [(30, "2023-01-31"), (90, "2023-04-01"), (180, "2023-06-30"), (365, "2024-01-01")]
    {
        let (count, spend) = (format!("purchase_count_{days}d"), format!("total_spend_{days}d"));
        are(&log, cutoff, &[(&count, 1.0), (&spend, 8.0)]);
        are(&log, &format!("{cutoff}T00:00:00.000001"), &[(&count, 0.0), (&spend, 0.0)]);
    }
    are(&log, "2024-01-01", &[("active_months_365d", 1.0)]);
    are(&log, "2024-01-01T00:00:00.000001", &[("active_months_365d", 0.0)]);
}

/// A twelfth of 365 days is 30 days and ten hours.
#[test]
fn a_part_of_the_year_ends_with_its_last_instant() {
    let log = log("customer_id,time\n1,2024-01-01\n1,2024-01-30\n", |builder| builder);
    are(&log, "2024-01-31T10:00", &[("active_months_365d", 1.0)]);
    are(&log, "2024-01-31T10:00:00.000001", &[("active_months_365d", 2.0)]);
}

#[test]
fn trends_compare_what_is_late_with_what_was_before() {
    let log = log("customer_id,time,amount\n1,2023-01-01,8\n1,2023-08-01,24\n", |builder| builder);
    let check_trend = 25f64.ln() - 17f64.ln();
    are(&log, "2023-09-01", &[("check_trend", check_trend), ("purchase_trend", 2f64.ln())]);
    are(&log, "2023-12-01", &[("check_trend", check_trend), ("purchase_trend", -(2f64.ln()))]);
    are(&log, "2024-03-01", &[("check_trend", NAN), ("purchase_trend", 0.0)]);
    are(&log, "2023-02-01", &[("check_trend", 0.0)]);
}

#[test]
fn an_anniversary_needs_a_year_or_nearly_one() {
    let log = log("customer_id,time\n1,2023-01-01\n", |builder| builder);
    are(&log, "2023-01-11", &[("anniversary_due", 0.0), ("purchases_a_year_ago", NAN)]);
    // And a gap needs two purchases.
    are(&log, "2023-01-11", &[("longest_gap_days", NAN), ("mean_gap_days", NAN), ("gap_cv", NAN)]);
}

#[test]
fn what_was_free_is_neither_bought_nor_returned() {
    let of = |rows: &str| {
        let rows = format!("customer_id,time,amount,category,discount\n{rows}");
        log(&rows, |builder| builder.zero_amounts(ZeroAmounts::Purchase))
    };
    let free = of("1,2024-01-01,5,tea,\n1,2024-01-02,0,pot,\n");
    are(&free, "2024-02-01", &[("category_count", 1.0), ("return_share", 0.0)]);
    let returned = of("1,2024-01-01,5,tea,\n1,2024-01-02,0,pot,\n1,2024-01-03,-2,cup,\n");
    are(&returned, "2024-02-01", &[("category_count", 1.0), ("return_share", 0.4)]);
    // Nothing was paid that could be returned.
    let nothing = of("1,2024-01-01,0,tea,\n1,2024-01-02,-5,tea,\n");
    are(&nothing, "2024-02-01", &[("return_share", NAN), ("discount_share", NAN)]);
    // A price of 1.
    let one = of("1,2024-01-01,0.75,tea,0.25\n");
    are(&one, "2024-02-01", &[("discount_share", 0.25)]);
}

#[test]
fn tickets_count_from_their_instant_and_are_slow_after_a_day() {
    let rows = "customer_id,time\n1,2023-01-01\n1,2023-01-02\n";
    let columns = "opened_at,first_response_at,resolved_at,reopened_count,satisfaction";
    let of = |tickets: &[&str]| with_table(rows, ("tickets", columns, tickets), |builder| builder);
    let one = of(&["2023-01-02,2023-01-03,2023-01-04,1,4"]);
    for (days, cutoff) in [(30, "2023-02-01"), (90, "2023-04-02"), (365, "2024-01-02")] {
        let count = format!("ticket_count_{days}d");
        are(&one, cutoff, &[(&count, 1.0)]);
        are(&one, &format!("{cutoff}T00:00:00.000001"), &[(&count, 0.0)]);
    }
    let of_one = [
        ("ticket_count", 1.0),
        ("tickets_per_purchase", 0.5),
        ("slow_ticket_count", 0.0),
        ("days_since_slow_ticket", NAN),
        ("purchases_since_slow_ticket", NAN),
        ("mean_first_response_hours", 24.0),
        ("mean_resolution_hours", 48.0),
        ("reopened_ticket_count", 1.0),
        ("open_ticket_count", 0.0),
        ("last_ticket_satisfaction", 4.0),
    ];
    are(&one, "2023-02-01", &of_one);
    // An instant more is slow; a purchase when it was opened is none since.
    let slow = of(&["2023-01-02,2023-01-03T00:00:00.000001,2023-01-04,0,4"]);
    are(&slow, "2023-02-01", &[("slow_ticket_count", 1.0), ("purchases_since_slow_ticket", 0.0)]);
    are(&slow, "2023-02-01", &[("days_since_slow_ticket", 30.0), ("reopened_ticket_count", 0.0)]);
    let since = with_table(
        "customer_id,time\n1,2023-01-01\n1,2023-01-02T00:00:00.000001\n",
        ("tickets", columns, &["2023-01-02,,,,"]),
        |builder| builder,
    );
    are(&since, "2023-02-01", &[("purchases_since_slow_ticket", 1.0)]);
    // Of two that were resolved at once the one that was opened later; one without a rating is passed.
    let rated = of(&[
        "2023-01-02,,2023-01-20,0,1",
        "2023-01-03,,2023-01-20,0,2",
        "2023-01-04,,2023-01-19,0,3",
        "2023-01-05,,2023-01-21,0,",
    ]);
    are(&rated, "2023-02-01", &[("last_ticket_satisfaction", 2.0)]);
    are(&rated, "2023-02-01", &[("lowest_ticket_satisfaction", 1.0), ("ticket_count", 4.0)]);
}

#[test]
fn tickets_of_no_purchase_or_of_one_are_counted_by_the_purchase() {
    let columns = LogColumns { tickets: Some(Default::default()), ..LogColumns::default() };
    let mut customer = CustomerHistory::new(columns, PurchaseRules::default());
    let first: Timestamp = at("2024-01-01");
    customer.push_ticket(NewTicket::opened(first.into())).unwrap();
    let share = |customer: &CustomerHistory| {
        let features = of_history(&customer.history(at("2024-02-01")));
        features.into_iter().find(|(feature, _)| feature.name == "tickets_per_purchase").unwrap().1
    };
    assert!(share(&customer).is_nan());
    customer.push_transaction(winback::log::NewTransaction::at(first.into())).unwrap();
    assert_eq!(share(&customer), 1.0);
}

#[test]
fn a_contact_is_answered_by_what_is_opened_after_it_and_within_a_week() {
    let orders = "customer_id,time\n1,2024-01-01\n";
    for (rows, share) in [
        (&["2024-02-01,letter,0", "2024-02-08,open,1"][..], 0.0),
        (&["2024-02-01,letter,0", "2024-02-07T23:59:59.999999,open,1"], 1.0),
        // At the same instant, once or twice, is not after it.
        (&["2024-02-01,letter,0", "2024-02-01,open,1"], 0.0),
        (&["2024-02-01,letter,0", "2024-02-01,open,1", "2024-02-01,open,2"], 0.0),
        (&["2024-02-01,letter,0", "2024-02-01,open,1", "2024-02-02,open,1"], 1.0),
        (
            &["2024-02-01,letter,0", "2024-02-01,open,1", "2024-02-01,open,2", "2024-02-02,open,1"],
            1.0,
        ),
        // Something else is no answer; one contact of two is answered.
        (&["2024-02-01,letter,0", "2024-02-02,visit,1"], 0.0),
        (&["2024-01-05,letter,0", "2024-01-06,open,1", "2024-02-01,letter,0"], 0.5),
    ] {
        are(&with_events(orders, rows), "2024-03-01", &[("contact_answered_share", share)]);
    }
}

#[test]
fn a_purchase_at_the_instant_of_a_contact_follows_it() {
    let orders = "customer_id,time\n1,2024-01-01\n";
    let log = with_events(orders, &["2024-01-01,letter,"]);
    are(&log, "2024-03-01", &[("contact_purchase_share", 1.0), ("contact_count_90d", 1.0)]);
    are(&log, "2024-03-31", &[("contact_count_90d", 1.0), ("days_since_last_contact", 90.0)]);
    are(&log, "2024-03-31T00:00:00.000001", &[("contact_count_90d", 0.0)]);
    // One week with a purchase, and five without any.
    are(&log, "2024-02-12", &[("contact_purchase_difference", 1.0)]);
    let none = with_events(orders, &["2024-01-20,visit,"]);
    are(&none, "2024-03-01", &[("contact_purchase_share", NAN), ("contact_count_90d", 0.0)]);
}

#[test]
fn a_visit_at_the_instant_of_a_purchase_leads_to_it() {
    let orders = "customer_id,time\n1,2023-01-01\n1,2023-02-01\n";
    let log = with_events(
        orders,
        &["2023-01-01,visit,", "2023-02-01,visit,", "2023-02-01,cart,", "2023-02-01,stop,"],
    );
    let since =
        [("visits_since_purchase", 0.0), ("open_carts", 0.0), ("abandoned_since_purchase", 0.0)];
    are(&log, "2023-03-01", &since);
    are(&log, "2023-03-01", &[("days_visit_to_purchase", 0.0), ("visits_per_purchase", 1.0)]);
    // Two visits of two purchases, and one of one, once the first is more than 365 days ago.
    are(&log, "2024-01-01", &[("visits_per_purchase", 1.0)]);
    are(&log, "2024-01-01T00:00:00.000001", &[("visits_per_purchase", 1.0)]);
    are(&log, "2024-02-01", &[("visits_per_purchase", 1.0)]);
    are(&log, "2024-02-01T00:00:00.000001", &[("visits_per_purchase", NAN)]);
    let later = with_events(
        "customer_id,time\n1,2023-01-01\n1,2023-02-03\n",
        &["2023-02-01,visit,", "2023-02-02,visit,", "2023-02-04,visit,", "2023-02-05,cart,"],
    );
    // From the first of two visits; and one visit and one cart are left.
    are(&later, "2023-03-01", &[("days_visit_to_purchase", 2.0), ("visits_per_purchase", 1.5)]);
    are(&later, "2023-03-01", &[("visits_since_purchase", 1.0), ("open_carts", 1.0)]);
    are(&later, "2023-03-01", &[("abandoned_since_purchase", 0.0)]);
    // The first purchase is a year ago to the instant, and then is not of the year any more.
    are(&later, "2024-01-01", &[("visits_per_purchase", 1.5)]);
    are(&later, "2024-01-01T00:00:00.000001", &[("visits_per_purchase", 3.0)]);
    // A visit a year ago to the instant.
    are(&later, "2024-02-01", &[("visits_per_purchase", 3.0)]);
    are(&later, "2024-02-01T00:00:00.000001", &[("visits_per_purchase", 2.0)]);
    let never = with_events(orders, &["2023-02-02,visit,"]);
    are(&never, "2023-03-01", &[("days_visit_to_purchase", NAN), ("visits_since_purchase", 1.0)]);
}

#[test]
fn days_of_a_kind_are_counted_back_from_the_cutoff() {
    let log = with_events(
        "customer_id,time\n1,2023-01-01\n",
        &["2023-02-01,visit,3", "2023-02-01T06:00,visit,", "2023-02-01T06:00,call,"],
    );
    let kind = ["visit".to_owned()];
    let counts = |cutoff: &str| {
        let table = FeatureTable::extract_some(&log, [cutoff], &["purchase_count"], &[]).unwrap();
        let table = table.with_kinds(&log, &kind).unwrap();
        let number = |name: &str| table.numbers(&format!("event_visit_{name}")).unwrap()[0];
        ["count_7d", "count_30d", "count_90d", "count_365d", "active_days_90d"].map(number)
    };
    // Six hours apart on one day, and on two where the cutoff lies between their times of day.
    assert_eq!(counts("2023-02-08"), [2.0, 2.0, 2.0, 2.0, 1.0]);
    assert_eq!(counts("2023-02-08T00:00:00.000001"), [1.0, 2.0, 2.0, 2.0, 2.0]);
    assert_eq!(counts("2023-03-03"), [0.0, 2.0, 2.0, 2.0, 1.0]);
    assert_eq!(counts("2023-03-03T00:00:00.000001"), [0.0, 1.0, 2.0, 2.0, 2.0]);
    assert_eq!(counts("2023-05-02"), [0.0, 0.0, 2.0, 2.0, 1.0]);
    assert_eq!(counts("2023-05-02T00:00:00.000001"), [0.0, 0.0, 1.0, 2.0, 1.0]);
    assert_eq!(counts("2024-02-01"), [0.0, 0.0, 0.0, 2.0, 0.0]);
    assert_eq!(counts("2024-02-01T00:00:00.000001"), [0.0, 0.0, 0.0, 1.0, 0.0]);

    let table = FeatureTable::extract_some(&log, ["2023-02-11"], &["purchase_count"], &[]).unwrap();
    let table = table.with_kinds(&log, &kind).unwrap();
    let number = |name: &str| table.numbers(&format!("event_{name}")).unwrap()[0];
    let found = ["visit_days_since_last", "visit_mean_value", "visit_last_value"].map(number);
    assert_eq!(found, [9.75, 3.0, 3.0]);
    assert!((number("visit_trend") - 3f64.ln()).abs() < 1e-12);
    assert_eq!(["other_count_7d", "other_count_30d"].map(number), [0.0, 1.0]);
}

#[test]
fn kinds_of_columns_are_two_hundred_different_ones_at_most() {
    let log = with_events("customer_id,time\n1,2023-01-01\n", &["2023-02-01,visit,3"]);
    let table = FeatureTable::extract_some(&log, ["2023-03-01"], &["purchase_count"], &[]).unwrap();
    let numbered = |count: usize| (0..count).map(|i| format!("kind {i}")).collect::<Vec<_>>();
    // Nine columns of each, seven of all others, and the one before them.
    let wide = table.clone().with_kinds(&log, &numbered(200)).unwrap();
    assert_eq!(wide.columns().len(), 200 * 9 + 7 + 1);
    assert_eq!(table.clone().with_kinds(&log, &[]).unwrap().columns().len(), 1);
    let texts = |kinds: &[&str]| kinds.iter().map(|&kind| kind.to_owned()).collect::<Vec<_>>();
    for kinds in [numbered(201), texts(&["a", "a"]), texts(&["other"]), texts(&["a", " "])] {
        assert!(table.clone().with_kinds(&log, &kinds).is_err(), "{kinds:?}");
    }
}
