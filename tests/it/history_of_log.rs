//! The history of one customer of a log is the one that its rows make when they are pushed, in whatever
//! order, and the log of such histories is the log.

use proptest::prelude::*;
use winback::hazard::{PurchaseTimesOptions, TimeToPurchase};
use winback::log::{
    AttributeValue, CustomerHistory, EventLogColumns, EventRole, EventRoles, LogColumns, NewAnswer,
    NewEvent, NewTicket, NewTransaction, PurchaseRules, TicketLogColumns, ZeroAmounts,
};
use winback::time::{MICROS_PER_DAY, Moment};
use winback::{ChurnModel, Error, EventLog, Timestamp};

use crate::common;
use crate::customer_history::replay;

const UNTIL: &str = "2025-01-01";

#[test]
fn a_service_filled_from_a_log_is_the_one_to_which_rows_were_pushed() {
    let shop = common::simulated_with_events(300);
    let log = common::log_of(&shop);
    let (now, options) = (log.at(UNTIL).unwrap(), PurchaseTimesOptions::default());
    let builder = ChurnModel::builder().attributes(["region", "age"]);
    let model = builder.clone().fit(&log, "2024-10-01").unwrap();
    let times = TimeToPurchase::builder().learning(builder).fit(&log, "2024-10-01").unwrap();
    let (scores, dated) = (model.score(&now).unwrap(), times.score(&now, &options).unwrap());
    assert_eq!(scores.customers().len(), dated.rows().len());
    for (row, &customer) in scores.customers().iter().enumerate() {
        let (id, history) =
            (log.customers().get(customer), log.customer_history(customer).unwrap());
        let score = model.score_customer(&history, UNTIL).unwrap();
        assert_eq!(score, Some(scores.rows()[row]), "{id}");
        assert_eq!(scores.of(id), score.as_ref());
        let time = times.score_customer(&history, UNTIL, &options).unwrap();
        assert_eq!(time.as_ref(), Some(&dated.rows()[row]), "{id}");
        let mut pushed = CustomerHistory::new(log.columns(), log.purchase_rules())
            .with_event_roles(log.event_roles().clone());
        replay(&shop, id.integer().unwrap(), &mut pushed);
        for name in ["region", "age"] {
            assert_eq!(history.attribute(name), pushed.attribute(name), "{id}");
        }
        // The pushed rows have no topics, which no feature reads.
        let tickets = |customer: &CustomerHistory| -> Vec<String> {
            let rows = customer.tickets().map(|row| NewTicket { topic: None, ..row });
            rows.map(|row| format!("{row:?}")).collect()
        };
        let answers = |customer: &CustomerHistory| -> Vec<String> {
            let rows = customer.answers().map(|row| NewAnswer { topic: None, ..row });
            rows.map(|row| format!("{row:?}")).collect()
        };
        assert!(history.transactions().eq(pushed.transactions()), "{id}");
        assert!(history.events().eq(pushed.events()), "{id}");
        assert_eq!(tickets(&history), tickets(&pushed), "{id}");
        assert_eq!(answers(&history), answers(&pushed), "{id}");
        assert!(!model.adopt(&history).unwrap().history.is_empty());
    }
    assert_eq!(scores.of("7"), None, "ids are integers");
    let nobody = (log.customers().len() as u32).into();
    assert!(matches!(log.customer_history(nobody), Err(Error::Argument { name: "customer", .. })));
}

/// A row of some table, whatever it is, of few values so that many tie.
#[derive(Debug, Clone)]
struct Row {
    table: u8,
    day: i64,
    number: i64,
    texts: [u8; 2],
    known: Option<i64>,
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let row = (0..4u8, 0..4i64, -1..3i64, 0..3u8, 0..3u8, prop::option::of(3..5i64));
    let row = row.prop_map(|(table, day, number, a, b, known)| Row {
        table,
        day,
        number,
        texts: [a, b],
        known,
    });
    prop::collection::vec(row, 1..25)
}

fn at(day: i64) -> Moment {
    Timestamp::from_micros((19_700 + day) * MICROS_PER_DAY).unwrap().into()
}

fn blank(zero_amounts: ZeroAmounts) -> CustomerHistory {
    let columns = LogColumns {
        amount: true,
        order_id: true,
        category: true,
        channel: true,
        discount: true,
        valid_until: true,
        tickets: Some(TicketLogColumns {
            first_response_at: true,
            resolved_at: true,
            reopened_count: true,
            satisfaction: true,
        }),
        surveys: true,
        events: Some(EventLogColumns { value: true, ..EventLogColumns::default() }),
    };
    let rules = PurchaseRules { zero_amounts, ..PurchaseRules::default() };
    let roles = EventRoles::default().with(EventRole::Visit, ["visit"]);
    CustomerHistory::new(columns, rules).with_event_roles(roles)
}

fn push(customer: &mut CustomerHistory, row: &Row) {
    let text = |place: usize| [None, Some("b"), Some("a")][usize::from(row.texts[place])];
    let (number, known_at) = (row.number as f64, row.known.map(at));
    match row.table {
        0 => customer.push_transaction(NewTransaction {
            amount: Some(number),
            order_id: text(1).map(Into::into),
            category: text(0),
            channel: text(1),
            discount: text(0).map(|_| 0.5),
            valid_until: text(1).map(|_| at(row.day + 9)),
            known_at,
            ..NewTransaction::at(at(row.day))
        }),
        1 => customer.push_ticket(NewTicket {
            topic: text(0),
            resolved_at: text(1).map(|_| at(row.day + 1)),
            satisfaction: text(1).map(|_| number),
            known_at,
            ..NewTicket::opened(at(row.day))
        }),
        2 => customer.push_answer(NewAnswer {
            topic: text(0),
            known_at,
            ..NewAnswer::at(at(row.day), number.abs())
        }),
        _ => customer.push_event(NewEvent {
            value: text(1).map(|_| number),
            channel: text(1),
            known_at,
            ..NewEvent::at(at(row.day), ["visit", "cart", "b"][usize::from(row.texts[0])])
        }),
    }
    .unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn prop_a_history_is_its_rows_in_whatever_order(
        (rows, shuffled) in rows().prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle())),
        ignore in any::<bool>(),
    ) {
        let zero_amounts = if ignore { ZeroAmounts::Ignore } else { ZeroAmounts::Purchase };
        let [mut first, mut other] = [blank(zero_amounts), blank(zero_amounts)];
        rows.iter().for_each(|row| push(&mut first, row));
        for row in &shuffled {
            push(&mut other, row);
            // Reading in between changes nothing.
            other.history(Timestamp::MAX);
        }
        for customer in [&mut first, &mut other] {
            customer.set_attribute("city", "a").unwrap();
            customer.set_attribute("age", AttributeValue::Missing).unwrap();
        }
        let saved = first.to_bytes();
        prop_assert_eq!(&other.to_bytes(), &saved);
        let read = CustomerHistory::from_bytes(&saved).unwrap();
        prop_assert_eq!(&read.to_bytes(), &saved);
        prop_assert!(read.transactions().eq(first.transactions()));
        prop_assert!(read.tickets().eq(first.tickets()));
        prop_assert!(read.answers().eq(first.answers()));
        prop_assert!(read.events().eq(first.events()));

        // Of a log it is the same, but that a log of histories counts zeros once.
        if first.transactions().len() == 0 {
            return Ok(());
        }
        let builder = EventLog::builder().histories([(7.into(), &other)]).unwrap();
        let log = builder.observed_until("2024-01-01").unwrap().build().unwrap();
        let own = log.customer_history(0.into()).unwrap();
        prop_assert_eq!(own.zero_amounts(), other.zero_amounts().min(1));
        prop_assert!(own.transactions().eq(first.transactions()));
        prop_assert!(own.tickets().eq(first.tickets()));
        prop_assert!(own.answers().eq(first.answers()));
        prop_assert!(own.events().eq(first.events()));
        prop_assert_eq!(own.attribute("city"), first.attribute("city"));
        prop_assert_eq!(own.event_roles(), first.event_roles());
    }
}

/// Customers of whom all amounts are zero, by the side of one who buys.
#[test]
fn customers_of_nothing_but_zeros_are_customers_wherever_the_log_comes_from() {
    let csv = "customer_id,time,amount\n1,2024-01-05,0\n2,2024-01-06,9.5\n3,2024-01-07,0\n\
               3,2024-01-08,0\n";
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orders.csv");
    std::fs::write(&path, csv).unwrap();
    let until = |builder: winback::log::EventLogBuilder| {
        builder.observed_until(UNTIL).unwrap().build().unwrap()
    };
    let table = until(EventLog::builder().transactions_path(&path).unwrap());
    let ids = |log: &EventLog| -> Vec<String> {
        log.customers().indices().map(|c| log.customers().get(c).to_string()).collect()
    };
    assert_eq!(ids(&table), ["1", "2", "3"]);
    let histories: Vec<CustomerHistory> =
        table.customers().indices().map(|c| table.customer_history(c).unwrap()).collect();
    let zeros: Vec<u64> = histories.iter().map(CustomerHistory::zero_amounts).collect();
    assert_eq!(zeros, [1, 0, 2]);
    let pairs = (1..).map(i64::into).zip(&histories);
    let again = until(EventLog::builder().histories(pairs).unwrap());
    assert_eq!(ids(&again), ids(&table));
    let features = |log: &EventLog| format!("{:?}", log.at(UNTIL).unwrap().features().unwrap());
    assert_eq!(features(&again), features(&table));

    // Parts, one of them of nothing else, and rows that are appended.
    let parts = EventLog::from_parts([table.to_bytes()]).unwrap();
    assert_eq!(ids(&parts), ids(&table));
    assert_eq!(parts.report().transactions, table.report().transactions);
    std::fs::write(&path, "customer_id,time,amount\n0,2024-02-05,0\n3,2024-02-06,0\n").unwrap();
    let more = EventLog::builder().transactions_path(&path).unwrap().observed_until(UNTIL).unwrap();
    let appended = more.append_to(&table).unwrap();
    assert_eq!(ids(&appended), ["0", "1", "2", "3"]);
    let zeros = appended.customers().indices();
    let zeros = zeros.map(|c| appended.customer_history(c).unwrap().zero_amounts());
    assert_eq!(zeros.collect::<Vec<_>>(), [1, 1, 0, 3]);
}
