//! What the records of the catalogue say is what the code does.

use super::compute::FeatureRow;
use super::feature::{NONE, Needs};
use super::*;
use crate::language::{Language, in_language};
use crate::log::{
    CustomerHistory, LogColumns, NewAnswer, NewTicket, NewTransaction, PurchaseRules,
};
use crate::log::{EventLogColumns, EventRole, EventRoles, TicketLogColumns};
use crate::time::Timestamp;

const ALL_COLUMNS: LogColumns = LogColumns {
    events: Some(EventLogColumns {
        activity: false,
        value: true,
        contacts: true,
        visits: true,
        carts: true,
        abandoned: true,
        opened: true,
    }),
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
};

#[test]
fn an_empty_history_has_the_values_of_the_catalogue() {
    let nobody = CustomerHistory::new(ALL_COLUMNS, PurchaseRules::default());
    let of_each = |roles: EventRoles, role: EventRole| roles.with(role, [role.name()]);
    // In place of purchases there are no amounts.
    let others = EventRole::ALL.into_iter().filter(|role| *role != EventRole::Activity);
    let roles = others.fold(EventRoles::default(), of_each);
    let nobody = nobody.with_event_roles(roles);
    let values = of_history(&nobody.history(day(0)));
    assert_eq!(values.len(), catalogue::LEN);
    for (feature, value) in values {
        assert!(
            value == feature.empty || (value.is_nan() && feature.empty.is_nan()),
            "{} is {value}, the catalogue says {}",
            feature.name,
            feature.empty
        );
    }
}

#[test]
fn features_are_there_when_the_log_has_what_they_need() {
    let bare = CustomerHistory::new(LogColumns::default(), PurchaseRules::default());
    let given = of_history(&bare.history(day(0))).into_iter().map(|(feature, _)| feature.name);
    let needing_nothing = catalogue().filter(|feature| feature.needs() == "nothing more");
    let names: Vec<&str> = needing_nothing.map(|feature| feature.name).collect();
    assert_eq!(given.collect::<Vec<&str>>(), names);
    assert!(names.contains(&"purchase_count") && !names.contains(&"total_spend"));
    let mut names: Vec<&str> = catalogue().map(|feature| feature.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), catalogue::LEN);
}

#[test]
fn a_feature_that_needs_two_columns_is_there_only_with_both() {
    let events = |change: fn(&mut EventLogColumns)| {
        let mut events = ALL_COLUMNS.events.unwrap();
        change(&mut events);
        LogColumns { events: Some(events), ..ALL_COLUMNS }
    };
    let tickets = |change: fn(&mut TicketLogColumns)| {
        let mut tickets = ALL_COLUMNS.tickets.unwrap();
        change(&mut tickets);
        LogColumns { tickets: Some(tickets), ..ALL_COLUMNS }
    };
    for (name, without) in [
        ("discount_share", LogColumns { amount: false, ..ALL_COLUMNS }),
        ("discount_share", LogColumns { discount: false, ..ALL_COLUMNS }),
        ("reopened_ticket_count", tickets(|t| t.resolved_at = false)),
        ("reopened_ticket_count", tickets(|t| t.reopened_count = false)),
        ("lowest_ticket_satisfaction", tickets(|t| t.resolved_at = false)),
        ("lowest_ticket_satisfaction", tickets(|t| t.satisfaction = false)),
        ("contact_answered_share", events(|e| e.contacts = false)),
        ("contact_answered_share", events(|e| e.opened = false)),
    ] {
        let feature = catalogue().find(|feature| feature.name == name).unwrap();
        assert!(feature.available(&ALL_COLUMNS), "{name}");
        assert!(!feature.available(&without), "{name}");
    }
}

#[test]
fn columns_are_described_by_the_feature_that_they_are_of() {
    for (column, name) in [
        ("purchase_count", Some("purchase_count")),
        ("event_visit_count_7d", Some("count_7d")),
        ("event_a_b_last_value", Some("last_value")),
        ("season_sine", Some("season_sine")),
        ("event__count_7d", None),
        ("event_count_7d", None),
        ("city", None),
    ] {
        assert_eq!(described(column).map(|feature| feature.name), name, "{column}");
    }
    let is_of_times = |name: &str| described(name).unwrap().is_of_purchase_times();
    assert_eq!(["purchase_count", "total_spend"].map(is_of_times), [true, false]);
    assert_eq!(["season_cosine", "season_year_share"].map(is_calendar), [true, false]);
}

#[test]
fn every_feature_has_a_text_in_every_language() {
    for Feature { name, words, .. } in catalogue() {
        for language in [Language::English, Language::Russian] {
            let text = in_language(words.statement, language);
            assert_eq!(text.matches("{}").count(), 1, "{name}: {text}");
            // What stands in place of a missing value is no word of a sentence.
            assert!(words.missing == NONE || text.ends_with(": {}"), "{name}: {text}");
            for text in [text, in_language(words.missing, language)] {
                let cyrillic = text.chars().any(|c| ('а'..='я').contains(&c));
                assert_eq!(cyrillic, language == Language::Russian, "{name}: {text}");
            }
        }
    }
}

/// What one customer did, to be changed one column at a time. Days are counted back from the cutoff.
#[derive(Clone)]
struct Events {
    purchases: Vec<Bought>,
    tickets: Vec<Asked>,
    /// Days before the cutoff, and the score.
    answers: Vec<(i64, f64)>,
}

#[derive(Clone, Copy)]
struct Bought {
    days_ago: i64,
    order: i64,
    amount: f64,
    discount: f64,
    category: &'static str,
    channel: &'static str,
}

#[derive(Clone, Copy)]
struct Asked {
    days_ago: i64,
    answered_days_ago: Option<i64>,
    resolved_days_ago: Option<i64>,
    reopened: f64,
    satisfaction: f64,
}

fn day(days_ago: i64) -> Timestamp {
    let cutoff: Timestamp = "2024-07-01T06:00:00".parse().unwrap();
    Timestamp::from_micros(cutoff.micros() - days_ago * crate::time::MICROS_PER_DAY).unwrap()
}

impl Events {
    fn some() -> Events {
        let bought = |days_ago, amount, category| Bought {
            days_ago,
            order: days_ago,
            amount,
            discount: 1.0,
            category,
            channel: "shop",
        };
        let mut purchases = vec![
            bought(400, 20.0, "tea"),
            bought(300, 35.0, "tea"),
            bought(170, 15.0, "cake"),
            bought(100, 60.0, "tea"),
            bought(80, 25.0, "tea"),
            bought(20, 40.0, "cake"),
        ];
        // A return of the last purchase but one.
        purchases.push(Bought { order: 80, days_ago: 75, ..bought(80, -5.0, "tea") });
        let asked = Asked {
            days_ago: 60,
            answered_days_ago: Some(58),
            resolved_days_ago: Some(55),
            reopened: 0.0,
            satisfaction: 4.0,
        };
        let earlier = Asked {
            days_ago: 200,
            answered_days_ago: Some(199),
            resolved_days_ago: Some(190),
            ..asked
        };
        Events { purchases, tickets: vec![earlier, asked], answers: vec![(150, 7.0), (90, 9.0)] }
    }

    fn features(&self) -> FeatureRow {
        let mut customer = CustomerHistory::new(ALL_COLUMNS, PurchaseRules::default());
        for bought in &self.purchases {
            let row = NewTransaction {
                amount: Some(bought.amount),
                order_id: Some(bought.order.into()),
                category: Some(bought.category),
                channel: Some(bought.channel),
                discount: Some(bought.discount),
                ..NewTransaction::at(day(bought.days_ago).into())
            };
            customer.push_transaction(row).unwrap();
        }
        for asked in &self.tickets {
            let ticket = NewTicket {
                first_response_at: asked.answered_days_ago.map(day).map(Into::into),
                resolved_at: asked.resolved_days_ago.map(day).map(Into::into),
                reopened_count: Some(asked.reopened),
                satisfaction: Some(asked.satisfaction),
                ..NewTicket::opened(day(asked.days_ago).into())
            };
            customer.push_ticket(ticket).unwrap();
        }
        for &(days_ago, score) in &self.answers {
            customer.push_answer(NewAnswer::at(day(days_ago).into(), score)).unwrap();
        }
        let mut row = EMPTY_ROW;
        compute(&customer.history(day(0)), Wanted::ALL, &mut Scratch::default(), &mut row);
        row
    }
}

/// A feature changes when the columns change that its record says it needs, and with no others.
#[test]
fn features_read_the_columns_that_they_say_they_need() {
    type Change = fn(&mut Events);
    let amounts: Change = |events| {
        for (i, bought) in events.purchases.iter_mut().enumerate() {
            bought.amount *= 1.5 + i as f64;
        }
    };
    let ticket: Change = |events| {
        let last = events.tickets[1];
        let none = Asked { days_ago: 3, answered_days_ago: None, resolved_days_ago: None, ..last };
        events.tickets.push(none);
    };
    let ticket_columns = [Needs::Tickets, Needs::Response, Needs::Resolution, Needs::Reopened];
    // The change, the features that must change, and those that may.
    let changes: [(&str, Change, &[Needs], &[Needs]); 10] = [
        ("amounts", amounts, &[Needs::Amount], &[Needs::Discount]),
        ("categories", |e| e.purchases[3].category = "milk", &[Needs::Category], &[]),
        ("channels", |e| e.purchases[2].channel = "web", &[Needs::Channel], &[]),
        ("discounts", |e| e.purchases[2].discount = 9.0, &[Needs::Discount], &[]),
        ("tickets", ticket, &[Needs::Tickets], &ticket_columns),
        ("answers", |e| e.tickets[1].answered_days_ago = Some(60), &[Needs::Response], &[]),
        (
            "resolutions",
            |e| e.tickets[1].resolved_days_ago = None,
            &[Needs::Resolution],
            &[Needs::Reopened, Needs::Satisfaction],
        ),
        ("reopenings", |e| e.tickets[1].reopened = 2.0, &[Needs::Reopened], &[]),
        ("ratings", |e| e.tickets[1].satisfaction = 1.0, &[Needs::Satisfaction], &[]),
        ("surveys", |e| e.answers.push((30, 2.0)), &[Needs::Surveys], &[]),
    ];
    let before = Events::some().features();
    for (what, change, must, may) in changes {
        let mut events = Events::some();
        change(&mut events);
        let after = events.features();
        for (place, feature) in catalogue().enumerate() {
            let changed = before[place].to_bits() != after[place].to_bits();
            let name = feature.name;
            if must.contains(&feature.needs) {
                assert!(changed, "{name} does not change with the {what}");
            } else if !may.contains(&feature.needs) {
                assert!(!changed, "{name} changes with the {what}");
            }
        }
    }
}

/// Features that need nothing more than transactions change with a purchase.
#[test]
fn features_that_need_nothing_more_change_with_a_purchase() {
    let before = Events::some();
    let bought = |days_ago| Bought { days_ago, order: days_ago, ..before.purchases[0] };
    // More of them, early, a year ago and late; or none for nearly a year.
    let (mut more, mut fewer) = (before.clone(), before.clone());
    more.purchases.extend([700, 340, 2].map(bought));
    fewer.purchases.retain(|bought| bought.days_ago >= 300);
    let [before, more, fewer] = [before, more, fewer].map(|events| events.features());
    for (place, feature) in catalogue().enumerate() {
        if feature.needs == Needs::Nothing {
            let changed = before[place] != more[place] || before[place] != fewer[place];
            assert!(changed, "{}", feature.name);
        }
    }
}
