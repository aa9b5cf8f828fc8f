//! Laws: features know only what was known before the cutoff, labels only the outcome window.

use proptest::prelude::*;
use winback::EventLog;
use winback::features::{ColumnValues, FeatureTable, catalogue};
use winback::log::{
    EventRole, EventSlices, IdSlice, PurchaseBy, SurveySlices, TicketSlices, TransactionSlices,
    ZeroAmounts,
};
use winback::time::{Span, Timestamp, Window};

const HOUR: i64 = 3_600_000_000;
/// Hours since the start; the cutoff lies in the middle of a day, on the instants that rows share.
const CUTOFF: i64 = 400 * 24 + 18;
const END: i64 = 600 * 24;

fn hour(hours: i64) -> Timestamp {
    let start: Timestamp = "2020-01-01".parse().unwrap();
    Timestamp::from_micros(start.micros() + hours * HOUR).unwrap()
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Row {
    customer: i64,
    hour: i64,
    cents: i64,
    order: i64,
    category: usize,
    discount: i64,
    known_after: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct TicketRow {
    customer: i64,
    hour: i64,
    answered_after: Option<i64>,
    resolved_after: Option<i64>,
    reopened: i64,
    rating: Option<i64>,
    known_after: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct AnswerRow {
    customer: i64,
    hour: i64,
    score: i64,
    known_after: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct EventRow {
    customer: i64,
    hour: i64,
    kind: usize,
    value: Option<i64>,
    known_after: Option<i64>,
}

#[derive(Debug, Clone, Default)]
struct Tables {
    rows: Vec<Row>,
    tickets: Vec<TicketRow>,
    answers: Vec<AnswerRow>,
    events: Vec<EventRow>,
}

#[derive(Debug, Clone, Copy)]
struct Rules {
    purchase_by: PurchaseBy,
    zero_amounts: ZeroAmounts,
}

const KINDS: [&str; 6] = ["visit", "cart", "abandoned", "letter", "opened", "review"];
/// Of which there are columns.
const LISTED: [&str; 3] = ["letter", "visit", "review"];
const CATEGORIES: [Option<&str>; 5] = [Some("a"), Some("b"), None, Some("c"), Some("d")];

impl Tables {
    fn log(&self, rules: Rules, shift_days: i64) -> EventLog {
        let shifted = |hours: i64| hour(hours + 24 * shift_days);
        let known = |hours: i64, after: Option<i64>| after.map(|after| shifted(hours + after));
        let ids: Vec<i64> = self.rows.iter().map(|r| r.customer).collect();
        let times: Vec<Timestamp> = self.rows.iter().map(|r| shifted(r.hour)).collect();
        let amounts: Vec<f64> = self.rows.iter().map(|r| r.cents as f64 / 100.0).collect();
        let orders: Vec<i64> = self.rows.iter().map(|r| r.order).collect();
        let categories: Vec<_> = self.rows.iter().map(|r| CATEGORIES[r.category]).collect();
        let discounts: Vec<f64> = self.rows.iter().map(|r| r.discount as f64 / 7.0).collect();
        let row_known: Vec<_> = self.rows.iter().map(|r| known(r.hour, r.known_after)).collect();
        // A contract of one of some lengths, or none.
        let valid: Vec<_> = self
            .rows
            .iter()
            .map(|r| (r.category > 0).then(|| shifted(r.hour + 500 * r.category as i64)))
            .collect();
        let transactions = TransactionSlices {
            customer_id: IdSlice::Int(&ids),
            time: &times,
            amount: Some(&amounts),
            order_id: Some(IdSlice::Int(&orders)),
            category: Some(&categories),
            channel: Some(&categories),
            discount: Some(&discounts),
            valid_until: Some(&valid),
            known_at: Some(&row_known),
        };
        let t = &self.tickets;
        let ticket_ids: Vec<i64> = t.iter().map(|t| t.customer).collect();
        let opened: Vec<Timestamp> = t.iter().map(|t| shifted(t.hour)).collect();
        let answered: Vec<_> = t.iter().map(|t| known(t.hour, t.answered_after)).collect();
        let resolved: Vec<_> = t.iter().map(|t| known(t.hour, t.resolved_after)).collect();
        let reopened: Vec<f64> = t.iter().map(|t| t.reopened as f64).collect();
        let rating: Vec<f64> = t.iter().map(|t| t.rating.map_or(f64::NAN, |r| r as f64)).collect();
        let ticket_known: Vec<_> = t.iter().map(|t| known(t.hour, t.known_after)).collect();
        let tickets = TicketSlices {
            customer_id: IdSlice::Int(&ticket_ids),
            opened_at: &opened,
            first_response_at: Some(&answered),
            resolved_at: Some(&resolved),
            reopened_count: Some(&reopened),
            satisfaction: Some(&rating),
            known_at: Some(&ticket_known),
            ..TicketSlices::default()
        };
        let a = &self.answers;
        let answer_ids: Vec<i64> = a.iter().map(|a| a.customer).collect();
        let given: Vec<Timestamp> = a.iter().map(|a| shifted(a.hour)).collect();
        let scores: Vec<f64> = a.iter().map(|a| a.score as f64).collect();
        let answer_known: Vec<_> = a.iter().map(|a| known(a.hour, a.known_after)).collect();
        let surveys = SurveySlices {
            customer_id: IdSlice::Int(&answer_ids),
            time: &given,
            score: &scores,
            known_at: Some(&answer_known),
            ..SurveySlices::default()
        };
        let e = &self.events;
        let event_ids: Vec<i64> = e.iter().map(|e| e.customer).collect();
        let happened: Vec<Timestamp> = e.iter().map(|e| shifted(e.hour)).collect();
        let kinds: Vec<&str> = e.iter().map(|e| KINDS[e.kind]).collect();
        let values: Vec<f64> = e.iter().map(|e| e.value.map_or(f64::NAN, |v| v as f64)).collect();
        let event_known: Vec<_> = e.iter().map(|e| known(e.hour, e.known_after)).collect();
        let events = EventSlices {
            customer_id: IdSlice::Int(&event_ids),
            time: &happened,
            kind: &kinds,
            value: Some(&values),
            known_at: Some(&event_known),
            ..EventSlices::default()
        };
        EventLog::builder()
            .events([events.to_batch().unwrap()])
            .contacts(["letter"])
            .event_role(EventRole::Visit, ["visit"])
            .event_role(EventRole::Cart, ["cart"])
            .event_role(EventRole::Abandoned, ["abandoned"])
            .event_role(EventRole::Opened, ["opened"])
            .transactions([transactions.to_batch().unwrap()])
            .tickets([tickets.to_batch().unwrap()])
            .surveys([surveys.to_batch().unwrap()])
            .purchase_by(rules.purchase_by)
            .zero_amounts(rules.zero_amounts)
            .observed_until(shifted(END))
            .unwrap()
            .build()
            .unwrap()
    }

    /// Only what was known before the cutoff: rows of then, and of tickets what had happened.
    fn known_before_cutoff(&self) -> Tables {
        let seen = |hour: i64, after: Option<i64>| {
            hour < CUTOFF && after.is_none_or(|after| hour + after < CUTOFF)
        };
        let cut = |hour: i64, after: Option<i64>| after.filter(|after| hour + after < CUTOFF);
        let ticket = |t: &TicketRow| {
            let resolved_after = cut(t.hour, t.resolved_after);
            TicketRow {
                answered_after: cut(t.hour, t.answered_after),
                resolved_after,
                reopened: if resolved_after.is_some() { t.reopened } else { 0 },
                rating: t.rating.filter(|_| resolved_after.is_some()),
                ..*t
            }
        };
        Tables {
            rows: self.rows.iter().filter(|r| seen(r.hour, r.known_after)).copied().collect(),
            tickets: self
                .tickets
                .iter()
                .filter(|t| seen(t.hour, t.known_after))
                .map(ticket)
                .collect(),
            answers: self.answers.iter().filter(|a| seen(a.hour, a.known_after)).copied().collect(),
            events: self.events.iter().filter(|e| seen(e.hour, e.known_after)).copied().collect(),
        }
    }
}

/// All features at the cutoff, as bits, by customer id and column.
fn features(log: &EventLog, shift_days: i64) -> Vec<(String, Vec<u64>)> {
    let cutoff = hour(CUTOFF + 24 * shift_days);
    let table = FeatureTable::extract(log, [cutoff], &[]).unwrap();
    let table = table.with_kinds(log, &LISTED.map(str::to_owned)).unwrap();
    let row = |i: usize| -> Vec<u64> {
        let value = |column: &winback::features::FeatureColumn| match &column.values {
            ColumnValues::Numbers(values) => values.value(i).to_bits(),
            ColumnValues::Texts { .. } => unreachable!("no attributes"),
        };
        table.columns().iter().map(value).collect()
    };
    let id = |i: usize| log.customers().get(table.customers()[i]).to_string();
    (0..table.len()).map(|i| (id(i), row(i))).collect()
}

/// Stands for "as late as the cutoff" among the delays.
const TO_CUTOFF: i64 = -1;

fn after() -> impl Strategy<Value = Option<i64>> {
    prop_oneof![3 => Just(None), 1 => (0..2_000i64).prop_map(Some), 1 => Just(Some(TO_CUTOFF))]
}

/// The delay after `hour`; none where the cutoff lies before.
fn delay(hour: i64, after: Option<i64>) -> Option<i64> {
    match after {
        Some(TO_CUTOFF) => (hour <= CUTOFF).then_some(CUTOFF - hour),
        other => other,
    }
}

/// Any time, the cutoff itself often, and the hours around it, in which it divides orders.
fn any_hour() -> impl Strategy<Value = i64> {
    prop_oneof![1 => Just(CUTOFF), 2 => CUTOFF - 28..CUTOFF + 28, 7 => 0..END]
}

/// The cutoff or later.
fn future() -> impl Strategy<Value = i64> {
    prop_oneof![1 => Just(CUTOFF), 2 => CUTOFF..CUTOFF + 28, 3 => CUTOFF..END]
}

fn row(customers: i64, hours: impl Strategy<Value = i64>) -> impl Strategy<Value = Row> {
    let cents = prop_oneof![6 => 1..9_999i64, 2 => -5_000..0i64, 1 => Just(0)];
    // Few instants, so that rows share them; orders go over several.
    let hour = hours.prop_map(|hour| hour / 7 * 7);
    (0..customers, hour, cents, 0..12i64, 0..CATEGORIES.len(), 0..100i64, after()).prop_map(
        |(customer, hour, cents, order, category, discount, known_after)| Row {
            customer,
            hour,
            cents,
            order,
            category,
            discount,
            known_after: delay(hour, known_after),
        },
    )
}

fn ticket(hours: impl Strategy<Value = i64>) -> impl Strategy<Value = TicketRow> {
    (0..5i64, hours, after(), after(), 0..3i64, proptest::option::of(1..6i64), after()).prop_map(
        |(customer, hour, answered_after, resolved_after, reopened, rating, known_after)| {
            TicketRow {
                customer,
                hour,
                answered_after: delay(hour, answered_after),
                resolved_after: delay(hour, resolved_after),
                reopened,
                rating,
                known_after: delay(hour, known_after),
            }
        },
    )
}

fn answer(hours: impl Strategy<Value = i64>) -> impl Strategy<Value = AnswerRow> {
    (0..5i64, hours, 0..11i64, after()).prop_map(|(customer, hour, score, known_after)| AnswerRow {
        customer,
        hour,
        score,
        known_after,
    })
}

fn event(hours: impl Strategy<Value = i64>) -> impl Strategy<Value = EventRow> {
    let value = proptest::option::of(-3..9i64);
    (0..5i64, hours, 0..KINDS.len(), value, after()).prop_map(
        |(customer, hour, kind, value, known_after)| EventRow {
            customer,
            // Few instants, so that events share them, also with purchases.
            hour: hour / 7 * 7,
            kind,
            value,
            known_after: delay(hour / 7 * 7, known_after),
        },
    )
}

fn tables() -> impl Strategy<Value = Tables> {
    let rows = prop::collection::vec(row(5, any_hour()), 1..60);
    let tickets = prop::collection::vec(ticket(any_hour()), 0..15);
    let answers = prop::collection::vec(answer(any_hour()), 0..15);
    let events = prop::collection::vec(event(any_hour()), 0..60);
    (rows, tickets, answers, events).prop_map(|(mut rows, tickets, answers, events)| {
        // A first purchase at the start of every customer, so that something is before the cutoff.
        rows.extend((0..5).map(|customer| Row {
            customer,
            hour: customer,
            cents: 1_000 + customer,
            order: -1,
            category: 0,
            discount: 0,
            known_after: None,
        }));
        Tables { rows, tickets, answers, events }
    })
}

fn rules() -> impl Strategy<Value = Rules> {
    let by = prop::sample::select(vec![PurchaseBy::Order, PurchaseBy::Timestamp, PurchaseBy::Day]);
    let zero = prop::sample::select(vec![ZeroAmounts::Ignore, ZeroAmounts::Purchase]);
    (by, zero).prop_map(|(purchase_by, zero_amounts)| Rules { purchase_by, zero_amounts })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn nothing_at_or_after_the_cutoff_changes_a_feature(
        before in tables(),
        rules in rules(),
        rows in prop::collection::vec(row(5, future()), 0..30),
        tickets in prop::collection::vec(ticket(future()), 0..10),
        answers in prop::collection::vec(answer(future()), 0..10),
        events in prop::collection::vec(event(future()).prop_filter("later", |e| e.hour >= CUTOFF), 0..20),
    ) {
        // Changed, deleted and added: everything the future holds is replaced.
        let known = before.known_before_cutoff();
        let mut other = known.clone();
        other.rows.extend(rows);
        other.tickets.extend(tickets);
        other.answers.extend(answers);
        other.events.extend(events);
        let expected = features(&known.log(rules, 0), 0);
        prop_assert_eq!(&features(&before.log(rules, 0), 0), &expected);
        prop_assert_eq!(&features(&other.log(rules, 0), 0), &expected);
    }

    #[test]
    fn nothing_before_the_cutoff_changes_a_label_but_orders_that_go_on(
        mut log in tables(),
        rules in rules(),
        other_past in prop::collection::vec(row(5, 0..CUTOFF), 1..40),
        lead in 0..20i64,
    ) {
        let window = Window { start: hour(CUTOFF + 24 * lead), end: hour(CUTOFF + 24 * (lead + 60)) };
        let labels = |log: &EventLog| -> Vec<(String, bool)> {
            let known = log.observed_until();
            log.customers().indices()
                .map(|c| (log.customers().get(c).to_string(), log.outcome(c, window, known).unwrap().purchased()))
                .collect()
        };
        // Orders of the past, none of which goes on in the window.
        log.rows.iter_mut().filter(|row| row.hour < CUTOFF).for_each(|row| row.order -= 100);
        let other_past = other_past.into_iter().map(|row| Row { order: row.order - 100, ..row });
        let mut other = log.clone();
        other.rows.retain(|row| row.hour >= CUTOFF);
        other.rows.extend(other_past);
        // A purchase, should all other rows be of amount zero.
        other.rows.extend(log.rows.iter().find(|row| row.order == -101));
        let other = labels(&other.log(rules, 0));
        let (mut compared, all) = (0, labels(&log.log(rules, 0)));
        for (id, label) in &other {
            if let Some((_, expected)) = all.iter().find(|(other, _)| other == id) {
                prop_assert_eq!(label, expected);
                compared += 1;
            }
        }
        prop_assert!(compared > 0);
    }

    #[test]
    fn the_order_of_rows_changes_nothing(
        (log, shuffled) in tables().prop_flat_map(|tables| {
            let shuffled = (
                Just(tables.rows.clone()).prop_shuffle(),
                Just(tables.tickets.clone()).prop_shuffle(),
                Just(tables.answers.clone()).prop_shuffle(),
                Just(tables.events.clone()).prop_shuffle(),
            );
            (Just(tables), shuffled)
        }),
        rules in rules(),
    ) {
        let (rows, tickets, answers, events) = shuffled;
        let shuffled = Tables { rows, tickets, answers, events };
        prop_assert_eq!(features(&log.log(rules, 0), 0), features(&shuffled.log(rules, 0), 0));
    }

    #[test]
    fn shifting_all_times_by_the_same_days_changes_nothing(
        log in tables(), rules in rules(), days in -20_000..20_000i64,
    ) {
        prop_assert_eq!(features(&log.log(rules, 0), 0), features(&log.log(rules, days), days));
    }

    #[test]
    fn a_window_is_half_open(days in 1..500u32) {
        let cutoff = hour(CUTOFF);
        let window = Window { start: cutoff, end: cutoff.add(Span::days(days)).unwrap() };
        prop_assert!(window.contains(window.start) && !window.contains(window.end));
    }
}

#[test]
fn each_feature_changes_for_some_earlier_event() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let rules = Rules { purchase_by: PurchaseBy::Order, zero_amounts: ZeroAmounts::Ignore };
    let log = tables().new_tree(&mut runner).unwrap().current().log(rules, 0);
    let table = FeatureTable::extract(&log, [hour(CUTOFF)], &[]).unwrap();
    let table = table.with_kinds(&log, &LISTED.map(str::to_owned)).unwrap();
    let names: Vec<&str> = table.columns().iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names.len(), catalogue().count() + 3 * 9 + 7);
    let mut changed = vec![false; names.len()];
    for _ in 0..200 {
        let tables = tables().new_tree(&mut runner).unwrap().current();
        let mut fewer = tables.clone();
        fewer.rows.truncate(fewer.rows.len() / 2);
        // Without the first purchase of customer 0.
        fewer.rows.extend(tables.rows.iter().rev().take(4));
        fewer.tickets.truncate(tables.tickets.len() / 2);
        fewer.answers.truncate(tables.answers.len() / 2);
        fewer.events.truncate(tables.events.len() / 2);
        let all = features(&tables.log(rules, 0), 0);
        for (id, row) in features(&fewer.log(rules, 0), 0) {
            let Some((_, full)) = all.iter().find(|(other, _)| *other == id) else { continue };
            assert_eq!(row.len(), names.len());
            for (i, changed) in changed.iter_mut().enumerate() {
                *changed |= row[i] != full[i];
            }
        }
    }
    let unmoved: Vec<_> = names.iter().zip(&changed).filter(|(_, c)| !**c).collect();
    assert!(unmoved.is_empty(), "no event changes {unmoved:?}");
}
