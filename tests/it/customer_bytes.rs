//! A customer's history is saved and read, edited by the caller's keys, and forgets.

use proptest::prelude::*;
use winback::log::{
    AttributeValue, CustomerHistory, EventLogColumns, EventRole, EventRoles, LogColumns, NewAnswer,
    NewEvent, NewTicket, NewTransaction, PurchaseBy, PurchaseRules, Pushed, TicketLogColumns,
    ZeroAmounts,
};
use winback::time::TimeZone;
use winback::{ChurnModel, EventLog, Timestamp};

use crate::common;
use crate::customer_history::replay;

const FIRST_VERSION: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/data/customer_history_v1.bin");
const DAY: i64 = 86_400_000_000;

fn all_columns() -> LogColumns {
    let tickets = TicketLogColumns {
        first_response_at: true,
        resolved_at: true,
        reopened_count: true,
        satisfaction: true,
    };
    LogColumns {
        amount: true,
        order_id: true,
        category: true,
        channel: true,
        discount: true,
        tickets: Some(tickets),
        surveys: true,
        // The first version knew no contracts and no events.
        valid_until: false,
        events: None,
    }
}

fn time(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros).unwrap()
}

/// One of everything.
fn full() -> CustomerHistory {
    let rules = PurchaseRules {
        purchase_by: PurchaseBy::Day,
        zero_amounts: ZeroAmounts::Ignore,
        time_zone: "Europe/Berlin".parse().unwrap(),
    };
    let mut customer = CustomerHistory::new(all_columns(), rules);
    let known_at = Some(time(400 * DAY));
    for (i, amount) in [12.5, -0.1, 1e15, 0.30000000000000004, 0.0].into_iter().enumerate() {
        let key = format!("line {i}");
        let row = NewTransaction {
            amount: Some(amount),
            order_id: Some("A-17".into()),
            category: Some(["books", "Spielzeug"][i % 2]),
            channel: (i > 2).then_some("web"),
            discount: (i > 1).then_some(-0.0),
            known_at: known_at.filter(|_| i == 1).map(Into::into),
            key: (i != 2).then_some(key.as_str()),
            ..NewTransaction::at(time((300 - i as i64) * DAY + i as i64).into())
        };
        customer.push_transaction(row).unwrap();
    }
    let ticket = NewTicket {
        first_response_at: Some(time(311 * DAY).into()),
        resolved_at: Some(time(312 * DAY).into()),
        topic: Some("delivery"),
        reopened_count: Some(2.0),
        satisfaction: Some(4.5),
        known_at: known_at.map(Into::into),
        id: Some("T-1"),
        ..NewTicket::opened(time(310 * DAY).into())
    };
    customer.push_ticket(ticket).unwrap();
    customer.push_ticket(NewTicket::opened(time(5).into())).unwrap();
    let answer = NewAnswer {
        topic: Some("price"),
        known_at: known_at.map(Into::into),
        id: Some("A-1"),
        ..NewAnswer::at(time(7).into(), 9.0)
    };
    customer.push_answer(answer).unwrap();
    customer.set_attribute("region", AttributeValue::Text("north".into())).unwrap();
    customer.set_attribute("age", AttributeValue::Number(41.5)).unwrap();
    customer.set_attribute("plan", AttributeValue::Missing).unwrap();
    customer
}

fn same(a: &CustomerHistory, b: &CustomerHistory) {
    assert!(a.transactions().eq(b.transactions()));
    let bits = |customer: &CustomerHistory| -> Vec<[Option<u64>; 2]> {
        let bits = |number: Option<f64>| number.map(f64::to_bits);
        customer.transactions().map(|row| [row.amount, row.discount].map(bits)).collect()
    };
    assert_eq!(bits(a), bits(b));
    assert!(a.tickets().eq(b.tickets()) && a.answers().eq(b.answers()));
    assert!(a.attributes().eq(b.attributes()));
    assert_eq!((a.columns(), a.purchase_rules()), (b.columns(), b.purchase_rules()));
    assert_eq!((a.zero_amounts(), a.forgotten_before()), (b.zero_amounts(), b.forgotten_before()));
    let at = time(1_000 * DAY);
    assert_eq!(a.history(at).purchases(), b.history(at).purchases());
}

#[test]
fn events_are_saved_and_make_a_log() {
    let columns = EventLogColumns { value: true, ..EventLogColumns::default() };
    let columns = LogColumns { events: Some(columns), ..LogColumns::default() };
    let roles = EventRoles::default().with(EventRole::Contact, ["email"]);
    let mut customer = CustomerHistory::new(columns, PurchaseRules::default());
    customer = customer.with_event_roles(roles.clone());
    customer.push_transaction(NewTransaction::at(time(9 * DAY).into())).unwrap();
    let visit = NewEvent {
        value: Some(2.5),
        channel: Some("web"),
        known_at: Some(time(20 * DAY).into()),
        ..NewEvent::at(time(12 * DAY).into(), "visit")
    };
    let email = NewEvent::at(time(11 * DAY).into(), "email");
    for event in [visit, email] {
        assert_eq!(customer.push_event(event).unwrap(), Pushed::Added);
    }
    assert_eq!(customer.events().collect::<Vec<_>>(), [email, visit]);
    let bytes = customer.to_bytes();
    let read = CustomerHistory::from_bytes(&bytes).unwrap();
    assert!(read.events().eq(customer.events()));
    assert_eq!((read.columns(), read.event_roles()), (customer.columns(), &roles));
    assert_eq!(read.to_bytes(), bytes);
    let builder = EventLog::builder().histories([(7.into(), &read)]).unwrap();
    let log = builder.observed_until(time(30 * DAY)).unwrap().build().unwrap();
    assert_eq!(log.event_roles(), &roles);
    let kinds = |at: i64| -> Vec<&str> {
        let history = log.history(0.into(), time(at * DAY));
        history.events().unwrap().map(|event| log.event_kind(event.kind).unwrap()).collect()
    };
    assert_eq!((kinds(15), kinds(21)), (vec!["email"], vec!["email", "visit"]));
    assert_eq!(customer.forget_before(time(12 * DAY)).unwrap(), 2);
    assert_eq!(customer.events().collect::<Vec<_>>(), [visit]);
    assert!(customer.push_event(NewEvent::at(time(13 * DAY).into(), " ")).is_err());
}

#[test]
fn what_is_read_is_what_was_saved() {
    let mut customer = full();
    assert_eq!((customer.len(), customer.zero_amounts()), (7, 1));
    let bytes = customer.to_bytes();
    let read = CustomerHistory::from_bytes(&bytes).unwrap();
    same(&customer, &read);
    assert_eq!(read.to_bytes(), bytes);
    // Keys are known still.
    let line = NewTransaction {
        amount: Some(1.0),
        key: Some("line 0"),
        ..NewTransaction::at(time(9).into())
    };
    assert_eq!(read.clone().push_transaction(line).unwrap(), Pushed::Known);
    assert_eq!(customer.forget_before(time(298 * DAY)).unwrap(), 3);
    let read = CustomerHistory::from_bytes(&customer.to_bytes()).unwrap();
    same(&customer, &read);
    assert_eq!(read.forgotten_before(), Some(time(298 * DAY)));
    let empty = CustomerHistory::new(LogColumns::default(), PurchaseRules::default());
    same(&empty, &CustomerHistory::from_bytes(&empty.to_bytes()).unwrap());
}

/// What version 1 wrote; it is read by this release and all later ones.
#[test]
fn bytes_of_the_first_version_are_read() {
    let read = CustomerHistory::from_bytes(&std::fs::read(FIRST_VERSION).unwrap()).unwrap();
    same(&full(), &read);
}

#[test]
#[ignore = "writes the bytes of the first version, which are never written again"]
fn write_the_bytes_of_the_first_version() {
    if !std::fs::exists(FIRST_VERSION).unwrap() {
        std::fs::write(FIRST_VERSION, full().to_bytes()).unwrap();
    }
}

#[test]
fn damaged_bytes_are_refused() {
    let bytes = full().to_bytes();
    for end in 0..bytes.len() {
        assert!(CustomerHistory::from_bytes(&bytes[..end]).is_err(), "the first {end} bytes");
    }
    for place in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[place] ^= 0x41;
        assert!(CustomerHistory::from_bytes(&damaged).is_err(), "byte {place}");
        // A right sum over wrong bytes: an error, or a history that may be; never a panic.
        let content = damaged.len() - 4;
        let sum = crc32fast::hash(&damaged[..content]).to_le_bytes();
        damaged[content..].copy_from_slice(&sum);
        if let Ok(read) = CustomerHistory::from_bytes(&damaged) {
            let again = CustomerHistory::from_bytes(&read.to_bytes()).unwrap();
            assert_eq!(again.len(), read.len());
        }
    }
}

#[test]
fn sections_of_a_later_release_are_refused_by_name() {
    let mut bytes = full().to_bytes();
    bytes.truncate(bytes.len() - 4);
    bytes.extend([99, 1, 0]);
    let sum = crc32fast::hash(&bytes);
    bytes.extend(sum.to_le_bytes());
    let error = CustomerHistory::from_bytes(&bytes).unwrap_err().to_string();
    assert!(error.contains("a section of a later release"), "{error}");
    // A table that says that it has more rows than it can.
    let mut bytes =
        CustomerHistory::new(LogColumns::default(), PurchaseRules::default()).to_bytes();
    bytes.truncate(bytes.len() - 4);
    bytes.extend([2, 8, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f, 1, 0]);
    let sum = crc32fast::hash(&bytes);
    bytes.extend(sum.to_le_bytes());
    assert!(CustomerHistory::from_bytes(&bytes).is_err());
}

#[test]
fn a_row_takes_at_most_forty_bytes_and_scores_stay() {
    let shop = common::simulated(400);
    let log = common::log_of(&shop);
    let model = ChurnModel::builder().fit(&log, "2024-10-01").unwrap();
    let (mut rows, mut bytes) = (0, 0);
    for id in 1..=100 {
        let mut customer = model.customer_history();
        replay(&shop, id, &mut customer);
        let saved = customer.to_bytes();
        let read = CustomerHistory::from_bytes(&saved).unwrap();
        same(&customer, &read);
        assert_eq!(
            model.score_customer(&customer, "2024-12-15").unwrap(),
            model.score_customer(&read, "2024-12-15").unwrap()
        );
        rows += customer.len();
        bytes += saved.len() - model.customer_history().to_bytes().len();
    }
    assert!(rows > 500 && bytes <= 40 * rows, "{bytes} bytes for {rows} rows");
}

#[test]
fn a_row_with_a_key_is_there_once() {
    let mut customer = full();
    let rows: Vec<NewTransaction<'_>> = Vec::new();
    assert_eq!(customer.extend_transactions(rows).unwrap(), 0);
    let saved: Vec<String> =
        customer.transactions().filter_map(|row| row.key.map(str::to_owned)).collect();
    assert_eq!(saved, ["line 3", "line 1", "line 0"]);
    let copy = customer.clone();
    assert_eq!(customer.extend_transactions(copy.transactions()).unwrap(), 1, "the one without");
    assert!(customer.remove_transaction("line 1") && !customer.remove_transaction("line 1"));
    let row = copy.transactions().find(|row| row.key == Some("line 1")).unwrap();
    assert_eq!(customer.push_transaction(row).unwrap(), Pushed::Added);
    let keys: Vec<_> = customer.transactions().map(|row| row.key).collect();
    assert_eq!(keys, [Some("line 3"), None, None, Some("line 1"), Some("line 0")]);
}

#[test]
fn tickets_and_answers_are_replaced_by_id() {
    let mut customer = full();
    let moved =
        NewTicket { id: Some("T-1"), topic: Some("price"), ..NewTicket::opened(time(1).into()) };
    assert_eq!(customer.push_ticket(moved).unwrap(), Pushed::Replaced);
    assert_eq!(customer.tickets().map(|ticket| ticket.id).collect::<Vec<_>>(), [Some("T-1"), None]);
    let bad = NewTicket { resolved_at: Some(time(0).into()), ..moved };
    assert!(customer.push_ticket(bad).is_err());
    assert_eq!(customer.tickets().len(), 2, "a ticket that is refused replaces none");
    let answer = NewAnswer { id: Some("A-1"), ..NewAnswer::at(time(9).into(), 3.0) };
    assert_eq!(customer.push_answer(answer).unwrap(), Pushed::Replaced);
    assert!(customer.answers().eq([answer]));
    assert!(customer.remove_answer("A-1") && customer.remove_ticket("T-1"));
    assert_eq!((customer.answers().len(), customer.tickets().len()), (0, 1));
    customer.clear_tickets();
    assert_eq!(customer.push_ticket(moved).unwrap(), Pushed::Added);
    // Replaced a thousand times, under as many topics, it keeps few of them.
    for i in 0..1_000 {
        let topic = format!("topic {i}");
        customer.push_ticket(NewTicket { topic: Some(&topic), ..moved }).unwrap();
    }
    assert!(customer.ticket_topic(40).is_none());
    assert_eq!(customer.tickets().next().unwrap().topic, Some("topic 999"));
}

#[test]
fn a_score_of_what_was_forgotten_is_refused_by_name() {
    let model = ChurnModel::builder().fit(&common::simulated_log(400), "2024-10-01").unwrap();
    let mut customer = model.customer_history();
    for day in ["2019-03-01", "2024-11-01"] {
        let row = NewTransaction::at(day.parse().unwrap());
        customer.push_transaction(NewTransaction { amount: Some(9.0), ..row }).unwrap();
    }
    assert_eq!(customer.forget_before("2019-03-01").unwrap(), 0);
    assert!(model.score_customer(&customer, "2024-12-01").unwrap().is_some());
    assert_eq!(customer.forget_before("2024-01-01").unwrap(), 1);
    let error = model.score_customer(&customer, "2024-12-01").unwrap_err().to_string();
    let expected = "transactions: the model reads `days_since_last_purchase`, and rows before \
                    2024-01-01 are forgotten";
    assert_eq!(error, expected);
    assert!(model.score_customer(&model.adopt(&customer).unwrap().history, "2024-12-01").is_err());
    // It is the first to be told, and not the only one; of the last days all is known.
    let history = customer.history("2024-12-01".parse().unwrap());
    let values = winback::features::of_history(&history);
    assert!(values.iter().any(|(f, value)| f.name == "purchase_count_90d" && *value == 1.0));
}

/// The history as a plain list, sorted and searched anew each time.
#[derive(Default)]
struct Slow(Vec<(i64, i64, Option<u8>)>);

impl Slow {
    fn push(&mut self, row: (i64, i64, Option<u8>)) {
        if row.2.is_none() || self.0.iter().all(|own| own.2 != row.2) {
            self.0.push(row);
        }
    }
}

proptest! {
    #[test]
    fn edits_are_those_of_a_plain_list(
        edits in proptest::collection::vec((0i64..60, 1i64..5, proptest::option::of(0u8..8), 0u8..10), 1..60)
    ) {
        let columns = LogColumns { amount: true, ..LogColumns::default() };
        let mut customer = CustomerHistory::new(columns, PurchaseRules::default());
        let mut slow = Slow::default();
        for (day, cents, key, what) in edits {
            let text = key.map(|key| key.to_string());
            match (what, &text) {
                (0, Some(text)) => {
                    let there = slow.0.iter().any(|row| row.2 == key);
                    prop_assert_eq!(customer.remove_transaction(text), there);
                    slow.0.retain(|row| row.2 != key);
                }
                (1, _) => customer = CustomerHistory::from_bytes(&customer.to_bytes()).unwrap(),
                (2, _) => prop_assert_eq!(customer.history(time(90 * DAY)).lines().count(), slow.0.len()),
                _ => {
                    let amount = Some(cents as f64 / 100.0);
                    let row = NewTransaction { amount, key: text.as_deref(), ..NewTransaction::at(time(day * DAY).into()) };
                    customer.push_transaction(row).unwrap();
                    slow.push((day, cents, key));
                }
            }
        }
        slow.0.sort_by_key(|row| (row.0, row.1));
        let found: Vec<(i64, f64)> =
            customer.transactions().map(|row| (row.time.on("time", TimeZone::UTC).unwrap().micros() / DAY, row.amount.unwrap())).collect();
        let expected: Vec<(i64, f64)> = slow.0.iter().map(|row| (row.0, row.1 as f64 / 100.0)).collect();
        prop_assert_eq!(found, expected);
        let mut keys: Vec<u8> = customer.transactions().filter_map(|row| row.key?.parse().ok()).collect();
        let mut expected: Vec<u8> = slow.0.iter().filter_map(|row| row.2).collect();
        keys.sort_unstable();
        expected.sort_unstable();
        prop_assert_eq!(keys, expected);
    }
}
