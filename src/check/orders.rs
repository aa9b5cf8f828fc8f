//! Whether order ids are ids of orders.

use hashbrown::HashMap;

use super::cases::{Cases, Place};
use super::facts::Facts;
use super::finding::{Finding, Severity, Verdict};
use super::judged::Judged;
use super::order_facts::{ONE_IN, OrderFacts};
use crate::log::{EventLog, PurchaseBy};
use crate::time::Timestamp;

/// More rows than any order has.
const MANY_ROWS: u64 = 1_000;

/// Orders are only looked at where purchases are formed by them.
fn by_order(judged: &Judged<'_>) -> Option<Verdict> {
    let rules = judged.log.purchase_rules();
    if !judged.log.columns().order_id {
        return Some(Verdict::NotThere("no order ids"));
    }
    (rules.purchase_by != PurchaseBy::Order).then_some(Verdict::NotThere("purchases not by order"))
}

pub(super) fn restarts(judged: &Judged<'_>) -> Verdict {
    if let Some(other) = by_order(judged) {
        return other;
    }
    let OrderFacts { orders, restarted, .. } = judged.facts.orders;
    judged.cases(restarted, orders, |share| Finding {
        severity: if share >= 0.01 { Severity::High } else { Severity::Medium },
        finding: format!(
            "{} orders have positive rows 200 days apart or more: their numbers start again, or \
             stand for contracts. The later rows count as adjustments, not as purchases",
            judged.number(restarted.count)
        ),
        advice: "make order ids unique, such as year and number, or leave them out: \
                 purchase_by=\"timestamp\" or \"day\"",
        ..Finding::default()
    })
}

pub(super) fn long(judged: &Judged<'_>) -> Verdict {
    if let Some(other) = by_order(judged) {
        return other;
    }
    let OrderFacts { orders, long, .. } = judged.facts.orders;
    judged.cases(long, orders, |share| Finding {
        severity: if share >= 0.05 { Severity::Medium } else { Severity::Low },
        finding: format!(
            "{} orders have positive rows more than 24 hours after their first: these are \
             adjustments, and no part of the check",
            judged.number(long.count)
        ),
        advice: "if they are purchases of their own, give them order ids of their own",
        ..Finding::default()
    })
}

pub(super) fn lines(judged: &Judged<'_>) -> Verdict {
    if let Some(other) = by_order(judged) {
        return other;
    }
    let OrderFacts { rows, orders, beside, .. } = judged.facts.orders;
    let share = beside.count as f64 / rows.max(1) as f64;
    if rows < 100 || orders < rows || share < 0.2 {
        return Verdict::Fine;
    }
    judged.cases(beside, rows, |_| Finding {
        severity: Severity::High,
        finding: format!(
            "no order id occurs twice, and {} rows have another one of the same customer at the \
             same instant: order_id seems to number lines, each of which counts as a purchase",
            judged.number(beside.count)
        ),
        advice: "map the id of the whole order, or none: then rows at one instant are a purchase",
        ..Finding::default()
    })
}

pub(super) fn of_many(judged: &Judged<'_>) -> Verdict {
    if let Some(other) = by_order(judged) {
        return other;
    }
    let Some((rows, first)) = largest_order(judged.log, judged.facts) else {
        return Verdict::Fine;
    };
    if rows <= MANY_ROWS {
        return Verdict::Fine;
    }
    judged.cases(Cases { count: rows, first: Some(first) }, judged.facts.orders.rows, |_| Finding {
        severity: Severity::Medium,
        finding: format!(
            "one order id has {} rows: it may stand for \"none\", or for a shop or a day",
            judged.number(rows)
        ),
        advice: "leave such ids empty, or map another column",
        ..Finding::default()
    })
}

/// The order with most rows of all customers, of those that the sample suggests.
fn largest_order(log: &EventLog, facts: &Facts) -> Option<(u64, Place)> {
    let sample = &facts.orders.sample;
    // A quarter of what is expected of an id with so many rows.
    let least = MANY_ROWS / ONE_IN / 4;
    let mut counts: HashMap<i64, Cases> = sample
        .iter()
        .filter(|(_, rows)| **rows >= least)
        .map(|(&order, _)| (order, Cases::default()))
        .collect();
    if counts.is_empty() {
        return None;
    }
    for customer in 0..log.customers().len() {
        let history = log.history(customer, Timestamp::MAX);
        for (order, time) in history.orders()?.iter().zip(history.times()) {
            if let Some(cases) = counts.get_mut(order) {
                cases.add(customer, *time);
            }
        }
    }
    let found = counts.into_values().filter_map(|cases| Some((cases.count, cases.first?)));
    found.max_by_key(|(rows, first)| {
        (*rows, std::cmp::Reverse(first.customer), std::cmp::Reverse(first.time))
    })
}
