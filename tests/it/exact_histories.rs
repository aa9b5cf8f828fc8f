//! What a customer's history takes, keeps and forgets, to the instant and the row. Expected values are
//! worked out by hand.

use winback::EventLog;
use winback::log::{
    AttributeValue, CustomerHistory, EventLogColumns, IdSlice, LogColumns, NewAnswer, NewEvent,
    NewTicket, NewTransaction, PurchaseRules, Pushed, TransactionSlices, ZeroAmounts,
};
use winback::time::Timestamp;

use crate::exact_edges::{at, feature, log};

/// A history with all tables.
fn customer() -> CustomerHistory {
    let columns = LogColumns {
        amount: true,
        tickets: Some(winback::log::TicketLogColumns {
            first_response_at: true,
            resolved_at: true,
            ..Default::default()
        }),
        surveys: true,
        events: Some(EventLogColumns { value: true, ..EventLogColumns::default() }),
        ..LogColumns::default()
    };
    CustomerHistory::new(columns, PurchaseRules::default())
}

fn row(time: &str, amount: f64) -> NewTransaction<'static> {
    NewTransaction { amount: Some(amount), ..NewTransaction::at(at(time).into()) }
}

/// Amounts, in the order in which they are read.
fn amounts(customer: &CustomerHistory) -> Vec<f64> {
    customer.transactions().map(|row| row.amount.unwrap()).collect()
}

#[test]
fn what_is_forgotten_lies_before_the_instant() {
    let just_before = "2024-02-29T23:59:59.999999";
    let push_all = |customer: &mut CustomerHistory, time: &str| {
        let moment = at(time).into();
        [
            customer.push_transaction(row(time, 5.0)).unwrap(),
            customer.push_ticket(NewTicket::opened(moment)).unwrap(),
            customer.push_answer(NewAnswer::at(moment, 9.0)).unwrap(),
            customer.push_event(NewEvent::at(moment, "visit")).unwrap(),
        ]
    };
    let mut customer = customer();
    assert_eq!(push_all(&mut customer, "2024-03-01"), [Pushed::Added; 4]);
    assert_eq!(customer.forget_before("2024-03-01").unwrap(), 0);
    // Nothing was there to be forgotten, so what is earlier may still come.
    assert_eq!(customer.forgotten_before(), None);
    assert_eq!(push_all(&mut customer, just_before), [Pushed::Added; 4]);
    assert_eq!(customer.len(), 8);
    assert_eq!(customer.forget_before("2024-03-01").unwrap(), 4);
    assert_eq!((customer.len(), customer.forgotten_before()), (4, Some(at("2024-03-01"))));
    assert_eq!(push_all(&mut customer, just_before), [Pushed::Forgotten; 4]);
    assert_eq!(push_all(&mut customer, "2024-03-01"), [Pushed::Added; 4]);
    assert_eq!(customer.len(), 8);
    // What was forgotten earlier stays so.
    customer.push_transaction(row("2024-04-01", 5.0)).unwrap();
    assert_eq!(customer.forget_before("2024-01-01").unwrap(), 0);
    assert_eq!(customer.forgotten_before(), Some(at("2024-03-01")));
}

#[test]
fn one_row_may_be_all_that_is_forgotten() {
    let mut customer = customer();
    customer.push_transaction(row("2024-01-01", 5.0)).unwrap();
    customer.push_transaction(row("2024-02-01", 7.0)).unwrap();
    assert_eq!(customer.forget_before("2024-01-15").unwrap(), 1);
    assert_eq!(customer.forgotten_before(), Some(at("2024-01-15")));
    assert_eq!(amounts(&customer), [7.0]);
}

#[test]
fn two_rows_are_read_in_the_order_of_time() {
    let mut customer = customer();
    for (time, amount) in [("2024-02-01", 7.0), ("2024-01-01", 5.0), ("2024-03-01", 9.0)] {
        customer.push_transaction(row(time, amount)).unwrap();
    }
    assert_eq!(amounts(&customer), [5.0, 7.0, 9.0]);
    let mut two = self::customer();
    two.push_transaction(row("2024-02-01", 7.0)).unwrap();
    two.push_transaction(row("2024-01-01", 5.0)).unwrap();
    assert_eq!(amounts(&two), [5.0, 7.0]);
    let bought =
        two.history(at("2024-03-01")).purchases().iter().map(|p| p.check).collect::<Vec<_>>();
    assert_eq!(bought, [5.0, 7.0]);
}

#[test]
fn the_row_of_a_key_is_removed_and_no_other() {
    let mut customer = customer();
    for (key, amount) in [(None, 1.0), (Some("a"), 2.0), (Some("b"), 3.0), (None, 4.0)] {
        let row = NewTransaction { key, ..row("2024-01-01", amount) };
        assert_eq!(customer.push_transaction(row).unwrap(), Pushed::Added);
    }
    assert!(!customer.remove_transaction("c") && !customer.remove_ticket("a"));
    assert!(!customer.remove_answer("a"));
    assert!(customer.remove_transaction("a"));
    assert!(!customer.remove_transaction("a"));
    assert_eq!(amounts(&customer), [1.0, 3.0, 4.0]);
    // The key of another row is still that row's, and the removed one is free.
    let again = |key| NewTransaction { key: Some(key), ..row("2024-02-01", 5.0) };
    assert_eq!(customer.push_transaction(again("b")).unwrap(), Pushed::Known);
    assert_eq!(customer.push_transaction(again("a")).unwrap(), Pushed::Added);
    assert!(customer.remove_transaction("b"));
    assert_eq!(amounts(&customer), [1.0, 4.0, 5.0]);
    let opened = at("2024-01-01").into();
    let ticket = NewTicket { id: Some("t"), ..NewTicket::opened(opened) };
    let answer = NewAnswer { id: Some("s"), ..NewAnswer::at(opened, 9.0) };
    for expected in [Pushed::Added, Pushed::Replaced] {
        assert_eq!(customer.push_ticket(ticket).unwrap(), expected);
        assert_eq!(customer.push_answer(answer).unwrap(), expected);
    }
    assert_eq!((customer.tickets().count(), customer.answers().count()), (1, 1));
    assert!(customer.remove_ticket("t") && customer.remove_answer("s"));
    assert!(!customer.remove_ticket("t") && !customer.remove_answer("s"));
    assert_eq!((customer.tickets().count(), customer.answers().count()), (0, 0));
}

#[test]
fn values_at_the_edge_of_what_is_taken() {
    let mut customer = customer();
    for (amount, is_taken) in [(1e15, true), (-1e15, true), (1.1e15, false), (-1.1e15, false)] {
        assert_eq!(
            customer.push_transaction(row("2024-01-01", amount)).is_ok(),
            is_taken,
            "{amount}"
        );
    }
    let opened = at("2024-01-02");
    for (answered, is_taken) in [("2024-01-02", true), ("2024-01-01T23:59:59.999999", false)] {
        let answered = Some(at(answered).into());
        let first = NewTicket { first_response_at: answered, ..NewTicket::opened(opened.into()) };
        let resolved = NewTicket { resolved_at: answered, ..NewTicket::opened(opened.into()) };
        assert_eq!(customer.push_ticket(first).is_ok(), is_taken);
        assert_eq!(customer.push_ticket(resolved).is_ok(), is_taken);
    }
    for (score, is_taken) in [(0.0, true), (10.0, true), (-0.5, false), (10.5, false)] {
        let answer = NewAnswer::at(opened.into(), score);
        assert_eq!(customer.push_answer(answer).is_ok(), is_taken, "{score}");
    }
}

#[test]
fn rows_keep_when_they_became_known() {
    let mut customer = customer();
    let known = |time: &str, known_at: Option<&str>| {
        let known_at = known_at.map(|time| at(time).into());
        NewTransaction { known_at, ..row(time, 5.0) }
    };
    for (time, known_at) in [
        ("2024-01-01", None),
        ("2024-01-02", Some("2024-02-01")),
        ("2024-01-03", None),
        ("2024-01-04", Some("2024-03-01")),
    ] {
        customer.push_transaction(known(time, known_at)).unwrap();
    }
    let bought = |cutoff: &str| customer.history(at(cutoff)).purchases().len();
    assert_eq!(["2024-01-10", "2024-02-10", "2024-03-10"].map(bought), [2, 3, 4]);
    let times: Vec<Option<String>> =
        customer.transactions().map(|row| row.known_at.map(|at| at.to_string())).collect();
    assert_eq!(times, [None, Some("2024-02-01".into()), None, Some("2024-03-01".into())]);
    let read = CustomerHistory::from_bytes(&customer.to_bytes()).unwrap();
    assert!(read.transactions().eq(customer.transactions()));
}

#[test]
fn what_was_left_out_takes_bytes_only_where_there_was_some() {
    let of = |amounts: &[f64]| {
        let mut customer = customer();
        for &amount in amounts {
            customer.push_transaction(row("2024-01-01", amount)).unwrap();
        }
        (customer.zero_amounts(), customer.to_bytes())
    };
    let (none, bytes) = of(&[5.0]);
    assert_eq!(none, 0);
    for zeros in [1, 2] {
        let mut all = vec![0.0; zeros];
        all.push(5.0);
        let (count, with_zeros) = of(&all);
        // What it is, how long, and the number.
        assert_eq!((count, with_zeros.len()), (zeros as u64, bytes.len() + 3));
        assert_eq!(CustomerHistory::from_bytes(&with_zeros).unwrap().zero_amounts(), zeros as u64);
    }
    assert_eq!(CustomerHistory::from_bytes(&bytes).unwrap().zero_amounts(), 0);
}

#[test]
fn rows_and_attributes_are_read_from_bytes_as_they_were() {
    let mut customer = customer();
    // Hundredths and others, small and large, near and far apart.
    let all = [0.01, -0.01, 0.63, 0.64, 81.91, 81.92, 1.005, 1e-9, 1e15, -1e15, 12_345.67];
    let mut time = at("2024-01-01").micros();
    for (place, amount) in all.into_iter().enumerate() {
        time += 1 << (4 * place);
        let time = Timestamp::from_micros(time).unwrap();
        let row = NewTransaction { amount: Some(amount), ..NewTransaction::at(time.into()) };
        customer.push_transaction(row).unwrap();
    }
    let moment = at("2024-01-01").into();
    customer.push_event(NewEvent { value: Some(-0.0), ..NewEvent::at(moment, "a") }).unwrap();
    customer.push_event(NewEvent::at(moment, "b")).unwrap();
    customer.set_attribute("city", "Hamburg").unwrap();
    customer.set_attribute("age", 41.0).unwrap();
    customer.set_attribute("plan", f64::NAN).unwrap();
    customer.set_attribute("age", 42.0).unwrap();
    let read = CustomerHistory::from_bytes(&customer.to_bytes()).unwrap();
    assert_eq!(amounts(&read), all);
    assert!(read.transactions().eq(customer.transactions()));
    let values: Vec<Option<u64>> =
        read.events().map(|event| event.value.map(f64::to_bits)).collect();
    assert_eq!(values.len(), 2);
    assert!(values.contains(&None) && values.contains(&Some((-0.0f64).to_bits())));
    for customer in [&customer, &read] {
        assert_eq!(customer.attribute("city"), &AttributeValue::Text("Hamburg".into()));
        assert_eq!(customer.attribute("age"), &AttributeValue::Number(42.0));
        assert_eq!(customer.attribute("plan"), &AttributeValue::Missing);
        assert_eq!(customer.attribute("name"), &AttributeValue::Missing);
        assert_eq!(customer.attributes().count(), 3);
    }
    assert_eq!(read.to_bytes(), customer.to_bytes());
    assert!(!read.is_empty() && read.len() == all.len() + 2);
}

#[test]
fn channels_and_categories_are_decoded() {
    let columns = LogColumns { category: true, channel: true, ..LogColumns::default() };
    let mut customer = CustomerHistory::new(columns, PurchaseRules::default());
    let (category, channel) = (Some("tea"), Some("web"));
    let row = NewTransaction { category, channel, ..NewTransaction::at(at("2024-01-01").into()) };
    customer.push_transaction(row).unwrap();
    let line = customer.history(at("2024-02-01")).lines().next().unwrap();
    assert_eq!(customer.category(line.category.unwrap()), category);
    assert_eq!(customer.channel(line.channel.unwrap()), channel);
}

#[test]
fn a_history_has_ten_thousand_kinds_and_channels_at_most() {
    let mut customer = customer();
    let moment = at("2024-01-01").into();
    for i in 0..9_998 {
        customer.push_event(NewEvent::at(moment, &format!("kind {i}"))).unwrap();
    }
    let last = NewEvent { channel: Some("web"), ..NewEvent::at(moment, "last kind") };
    assert_eq!(customer.push_event(last).unwrap(), Pushed::Added);
    let refused = customer.push_event(NewEvent::at(moment, "one more")).unwrap_err().to_string();
    assert!(refused.contains("at most 10,000 different kinds and channels"), "{refused}");
}

#[test]
fn customers_of_a_log_keep_how_many_rows_were_left_out() {
    let rows = "customer_id,time,amount\n\
                1,2024-01-01,5\n1,2024-01-02,0\n\
                2,2024-01-01,5\n2,2024-01-02,0\n2,2024-01-03,0\n\
                3,2024-01-01,5\n4,2024-01-01,-5\n";
    let of = |zero_amounts: ZeroAmounts| log(rows, |builder| builder.zero_amounts(zero_amounts));
    let left_out = |log: &EventLog| -> Vec<u64> {
        let ids = log.customers().indices();
        ids.map(|customer| log.customer_history(customer).unwrap().zero_amounts()).collect()
    };
    let ignored = of(ZeroAmounts::Ignore);
    assert_eq!(left_out(&ignored), [1, 2, 0, 0]);
    assert_eq!(ignored.report().transactions.zero_amount, 3);
    assert_eq!((ignored.report().customers, ignored.report().customers_with_purchase), (4, 3));
    assert_eq!(feature(&ignored, "2024-02-01", "purchase_count"), [1.0; 3]);
    // Those of rows that come later are added.
    let times = [at("2024-02-01"), at("2024-02-02")];
    let more = TransactionSlices {
        customer_id: IdSlice::Int(&[1, 5]),
        time: &times,
        amount: Some(&[0.0, 7.0]),
        ..TransactionSlices::default()
    };
    let more = EventLog::builder().transactions([more.to_batch().unwrap()]);
    let more = more.observed_until("2024-07-01").unwrap().append_to(&ignored).unwrap();
    assert_eq!(left_out(&more), [2, 2, 0, 0, 0]);
    let all = log("customer_id,time,amount\n1,2024-01-01,5\n1,2024-01-02,0\n", |builder| builder);
    assert_eq!(left_out(&all), [1]);
    let counted = of(ZeroAmounts::Purchase);
    assert_eq!(left_out(&counted), [0; 4]);
    assert_eq!(feature(&counted, "2024-02-01", "purchase_count"), [2.0, 3.0, 1.0]);
}
