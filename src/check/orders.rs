//! Whether order ids are ids of orders.

use hashbrown::HashMap;

use super::cases::{Cases, Place};
use super::facts::Facts;
use super::finding::{Finding, Severity, Verdict};
use super::judged::Judged;
use super::order_facts::{ONE_IN, OrderFacts};
use super::rest::names_a_state;
use crate::error::quoted;
use crate::log::counted;
use crate::log::{CustomerIndex, EventLog, PurchaseBy};
use crate::time::Timestamp;

/// Fewer rows say nothing of what order ids number.
const FEW_ROWS: u64 = 100;
/// More rows than any order has.
const MANY_ROWS: u64 = 1_000;
/// So many times the rows of the mean order are more than one order of a customer.
const MANY_TIMES: f64 = 5.0;

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
            "{} positive rows 200 days apart or more: order numbers start again, or stand for \
             contracts. The later rows count as adjustments, not as purchases",
            counted(restarted.count, "order has", "orders have")
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
            "{} positive rows more than 24 hours after the first: these are adjustments, and no \
             part of the check",
            counted(long.count, "order has", "orders have")
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
    if rows < FEW_ROWS {
        return judged.too_few(rows, "row", "rows", FEW_ROWS);
    }
    if orders < rows || share < 0.2 {
        return Verdict::Fine;
    }
    judged.cases(beside, rows, |_| Finding {
        severity: Severity::High,
        finding: format!(
            "no order id occurs twice, and {} another one of the same customer at the same \
             instant: order_id seems to number lines, each of which counts as a purchase",
            counted(beside.count, "row has", "rows have")
        ),
        advice: "map the id of the whole order, or none: then rows at one instant are a purchase",
        ..Finding::default()
    })
}

pub(super) fn of_many(judged: &Judged<'_>) -> Verdict {
    if let Some(other) = by_order(judged) {
        return other;
    }
    if judged.facts.orders.rows <= MANY_ROWS {
        return judged.too_few(judged.facts.orders.rows, "row", "rows", MANY_ROWS + 1);
    }
    let Some((rows, customers, first)) = largest_order(judged.log, judged.facts) else {
        return Verdict::Fine;
    };
    // An order is one of a customer: a number that many customers have once each is none of many.
    let OrderFacts { rows: all, orders, .. } = judged.facts.orders;
    let usual = all as f64 / orders.max(1) as f64;
    if rows <= MANY_ROWS || rows as f64 / customers as f64 <= MANY_TIMES * usual {
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

/// Rows and customers of the order id with most rows, of those that the sample suggests.
fn largest_order(log: &EventLog, facts: &Facts) -> Option<(u64, u64, Place)> {
    let sample = &facts.orders.sample;
    // A quarter of what is expected of an id with so many rows.
    let least = MANY_ROWS / ONE_IN / 4;
    let mut counts: HashMap<i64, (Cases, u64, Option<CustomerIndex>)> = sample
        .iter()
        .filter(|(_, rows)| **rows >= least)
        .map(|(&order, _)| (order, Default::default()))
        .collect();
    if counts.is_empty() {
        return None;
    }
    for customer in log.customers().indices() {
        let history = log.history(customer, Timestamp::MAX);
        for (order, time) in history.orders()?.iter().zip(history.times()) {
            if let Some((cases, customers, last)) = counts.get_mut(order) {
                cases.add(customer, *time);
                *customers += u64::from(last.replace(customer) != Some(customer));
            }
        }
    }
    let found = counts.into_values();
    let found =
        found.filter_map(|(cases, customers, _)| Some((cases.count, customers, cases.first?)));
    found.max_by_key(|(rows, _, first)| {
        (*rows, std::cmp::Reverse(first.customer), std::cmp::Reverse(first.time))
    })
}

/// Orders that were undone. Of a column that is not used, a log knows the name only.
pub(super) fn states(judged: &Judged<'_>) -> Verdict {
    let unused = judged.log.report().unused_columns.iter();
    let mut names = unused.filter_map(|place| place.strip_prefix("transactions."));
    let Some(name) = names.find(|name| names_a_state(name)) else {
        return Verdict::NotThere("no column of states");
    };
    Verdict::Found(Finding {
        severity: Severity::Low,
        finding: format!(
            "the column {} is not used: if it marks orders that were cancelled, refunded or failed, \
             they count as purchases",
            quoted(name)
        ),
        count: 1,
        example: Some(format!("transactions.{}", crate::error::shown(name))),
        advice: "leave such rows out, or make their amounts negative if the sale has a row of its own",
        ..Finding::default()
    })
}
