//! What follows tickets: against a slow twin, leakage, bad input, simulated and real-looking data.

use std::collections::BTreeMap;

use proptest::prelude::*;
use winback::log::{IdSlice, TicketSlices};
use winback::service::{ServiceOptions, ServiceReport};
use winback::simulate::Simulation;
use winback::{EventLog, Span, Timestamp};

use crate::common;
use crate::surveys::{Pair, Shop, UNTIL, check, hour, later, shops};

fn options() -> ServiceOptions {
    ServiceOptions::default()
        .fast_hours(30.0)
        .judged_after(Span::days(10))
        .and_then(|options| options.horizon(Span::days(50)))
        .unwrap()
        .response_hours(vec![5.0, 50.0])
        .quiet_for(Span::days(40))
        .unwrap()
}

fn report(log: &EventLog) -> Result<ServiceReport, String> {
    ServiceReport::build(&log.at(hour(UNTIL)).unwrap(), &options())
        .map_err(|error| error.to_string())
}

/// How each ticket went, by hours.
fn slow(shop: &Shop) -> BTreeMap<(Option<usize>, String), Vec<Pair>> {
    let known = shop.known();
    let mut looks: BTreeMap<(Option<usize>, String), Vec<Pair>> = BTreeMap::new();
    for ask in &known.asks {
        let judged = ask.hour + 10 * 24;
        let times = [ask.hour - 50 * 24, ask.hour, judged, judged + 50 * 24];
        if times[3] > UNTIL || !known.buys.iter().any(|b| b.customer == ask.customer) {
            continue;
        }
        let within = |hours: Option<i64>| hours.filter(|&hours| hours < 10 * 24);
        let how = match within(ask.resolved) {
            None => "unresolved",
            Some(_) if ask.reopened => "reopened",
            Some(hours) if hours <= 30 => "resolved_fast",
            Some(_) => "resolved_slowly",
        };
        let band = match within(ask.answered) {
            None => "not answered",
            Some(hours) if hours <= 5 => "within 5h",
            Some(hours) if hours <= 50 => "5h to 50h",
            Some(_) => "after 50h",
        };
        let quiet = |other: i64| {
            !known
                .asks
                .iter()
                .any(|a| a.customer == other && ask.hour - 40 * 24 <= a.hour && a.hour <= ask.hour)
        };
        let matched = known.matched(ask.customer, ask.hour, quiet);
        let own = known.look(ask.customer, times);
        let other = matched.map(|other| known.look(other, times));
        for topic in [None, Some(ask.topic)] {
            looks.entry((topic, how.into())).or_default().push((own, other));
            looks.entry((topic, band.into())).or_default().push((own, other));
            if let Some(other) = other {
                looks.entry((topic, "no_ticket".into())).or_default().push((other, None));
            }
        }
    }
    if !looks.keys().any(|(topic, _)| topic.is_some_and(|topic| topic < 3)) {
        looks.retain(|(topic, _), _| topic.is_none());
    }
    looks
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn prop_the_report_equals_the_slow_twin(shop in shops()) {
        let mut looks = slow(&shop);
        let report = match report(&shop.log()) {
            Err(error) => {
                prop_assert!(looks.is_empty(), "{error}");
                return Ok(());
            }
            Ok(report) => report,
        };
        for row in &report.rows {
            let topic = row.topic.as_deref().map(|name| {
                ["delivery", "price", "service"].iter().position(|t| *t == name).unwrap_or(3)
            });
            let own = looks.remove(&(topic, row.group.clone())).unwrap_or_default();
            check(&row.afterwards, &own);
        }
        prop_assert!(looks.is_empty(), "{:?} are not in the report", looks.keys());
        let counted: u64 = report.rows.iter()
            .filter(|row| row.topic.is_none() && row.grouping == "handling")
            .map(|row| row.afterwards.cases)
            .sum();
        // Each ticket once, and for each of those that were matched another customer.
        prop_assert_eq!(counted, 2 * (report.tickets - report.unfinished) - report.unmatched);
    }

    #[test]
    fn prop_nothing_known_from_until_on_changes_the_report(shop in shops(), later in later()) {
        prop_assert_eq!(report(&shop.log()), report(&shop.with(&later).log()));
    }

    #[test]
    fn prop_the_order_of_rows_and_threads_change_nothing(shop in shops()) {
        let log = shop.log();
        let expected = report(&log);
        prop_assert_eq!(&report(&shop.turned().log()), &expected);
        prop_assert_eq!(&common::on_threads(1, || report(&log)), &expected);
    }
}

fn share(report: &ServiceReport, group: &str) -> (f64, f64, f64) {
    let row = report.rows.iter().find(|row| row.topic.is_none() && row.group == group).unwrap();
    let share = row.afterwards.purchase_share.unwrap();
    let (low, high) = share.interval.unwrap();
    (share.value, low, high)
}

/// Badly handled tickets make customers leave there, and well handled ones do not.
#[test]
fn the_known_effect_of_bad_service_is_found() {
    let until: Timestamp = "2025-01-01".parse().unwrap();
    let of = |effect: f64| {
        let shop = Simulation::default().customers(4_000).seed(5).complaint_effect(effect).run();
        let log = common::log_of(&shop.unwrap());
        let options = ServiceOptions::default().judged_after(Span::days(90)).unwrap();
        ServiceReport::build(&log.at(until).unwrap(), &options).unwrap()
    };
    let report = of(8.0);
    println!("{report}");
    let fast = share(&report, "resolved_fast");
    for bad in ["resolved_slowly", "unresolved", "not answered", "after 24h"] {
        let bad = share(&report, bad);
        assert!(bad.2 < fast.1, "{bad:?} {fast:?}");
    }
    // With no effect of bad service nothing is to be found.
    let report = of(0.0);
    println!("{report}");
    let fast = share(&report, "resolved_fast");
    for row in report.rows.iter().filter(|row| row.topic.is_none() && row.group != "no_ticket") {
        let found = share(&report, &row.group);
        assert!((found.0 - fast.0).abs() < 0.03, "{row:?}");
        // A ticket follows a purchase; who buys as often and as lately stays as long.
        let difference = row.afterwards.beside.as_ref().unwrap().share_difference.value;
        assert!(difference.abs() < 0.08, "{row:?}");
    }
}

#[test]
#[ignore = "needs the real data in WINBACK_DATA"]
fn a_real_looking_service_desk_is_told() {
    let log = common::saas();
    let until = "2025-01-01";
    let report = ServiceReport::build(&log.at(until).unwrap(), &ServiceOptions::default()).unwrap();
    println!("{report}");
    assert_eq!(report.tickets, 2_000);
    assert!(report.rows.iter().all(|row| row.grouping == "handling" && row.group != "reopened"));
    let fast = share(&report, "resolved_fast");
    assert!(fast.1 < fast.0 && fast.0 < fast.2);
}

#[test]
fn wrong_options_are_refused() {
    let log = common::simulated_log(60);
    let until: Timestamp = "2024-06-01".parse().unwrap();
    let fine = ServiceOptions::default;
    for (options, message) in [
        (fine().judged_after(Span::ZERO).unwrap(), "judged_after: … got 0d"),
        (fine().horizon(Span::ZERO).unwrap(), "horizon: … got 0d"),
        (fine().quiet_for(Span::ZERO).unwrap(), "quiet_for: … got 0d"),
        (fine().fast_hours(0.0), "fast_hours: … got 0"),
        (fine().fast_hours(f64::NAN), "fast_hours: … got NaN"),
        (fine().fast_hours(720.0), "fast_hours: … got 720"),
        (fine().response_hours(vec![]), "response_hours: … got []"),
        (fine().response_hours(vec![5.0, 5.0]), "response_hours: … got [5.0, 5.0]"),
        (fine().response_hours(vec![800.0]), "response_hours: … got [800.0]"),
        (fine().response_hours(vec![f64::NAN]), "response_hours: … got [NaN]"),
    ] {
        let found =
            ServiceReport::build(&log.at(until).unwrap(), &options).unwrap_err().to_string();
        assert!(common::says(&found, message), "{found}");
    }
    assert!(common::says(&log.at("2026-01-01").unwrap_err().to_string(), "at: … got 2026-01-01"));
    let long = fine().horizon(Span::months(60)).unwrap();
    let found = ServiceReport::build(&log.at(until).unwrap(), &long).unwrap_err().to_string();
    assert!(found.starts_with("too little data: no ticket's horizon was over"), "{found}");

    let shop = common::simulated(60);
    let builder = || {
        EventLog::builder()
            .transactions([shop.transactions.clone()])
            .observed_until("2025-01-01")
            .unwrap()
    };
    let found = ServiceReport::build(&builder().build().unwrap().at(until).unwrap(), &fine());
    assert!(found.unwrap_err().to_string().contains("the log has no tickets"));
    let opened = TicketSlices {
        customer_id: IdSlice::Int(&[1]),
        opened_at: &["2024-01-01".parse().unwrap()],
        ..TicketSlices::default()
    };
    let log = builder().tickets([opened.to_batch().unwrap()]).build().unwrap();
    let found = ServiceReport::build(&log.at(until).unwrap(), &fine()).unwrap_err().to_string();
    assert!(found.contains("resolved_at"), "{found}");
}
