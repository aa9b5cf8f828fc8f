//! Whether order ids are ids of orders.

use hashbrown::HashMap;

use super::facts::{Cases, Facts, Place};
use super::finding::{Finding, Severity, Verdict};
use super::judged::Judged;
use crate::log::{CHECK_LASTS, EventLog, NO_ORDER, PurchaseBy};
use crate::time::{MICROS_PER_DAY, Timestamp};

/// Positive rows of one order this far apart are two orders with one number.
const RESTARTS: i64 = 200 * MICROS_PER_DAY;
/// More rows than any order has.
const MANY_ROWS: u64 = 1_000;
/// Of the rows with an order, one in so many is looked at to find ids with very many.
const ONE_IN: u64 = 64;

/// Orders by what their rows look like.
#[derive(Debug, Clone, Default)]
pub(super) struct OrderFacts {
    rows: u64,
    orders: u64,
    /// Orders with a positive row 200 days after their first or later, and how far.
    restarted: Cases,
    /// Other orders with a positive row 24 hours after their first or later.
    long: Cases,
    /// Orders of one row at an instant at which the customer has others.
    beside: Cases,
    /// Some of the rows, by order.
    sample: HashMap<i64, u64>,
    scratch: Vec<(i64, usize)>,
}

impl OrderFacts {
    pub(super) fn add(
        &mut self,
        customer: usize,
        times: &[i64],
        orders: &[i64],
        amounts: Option<&[f64]>,
    ) {
        let mut rows = std::mem::take(&mut self.scratch);
        rows.clear();
        rows.extend(orders.iter().copied().zip(0..).filter(|(order, _)| *order != NO_ORDER));
        for (order, row) in &rows {
            if (self.rows + *row as u64).is_multiple_of(ONE_IN) {
                *self.sample.entry(*order).or_default() += 1;
            }
        }
        self.rows += rows.len() as u64;
        rows.sort_unstable();
        for order in rows.chunk_by(|a, b| a.0 == b.0) {
            self.orders += 1;
            let first = order[0].1;
            let positive = |row: usize| amounts.is_none_or(|amounts| amounts[row] > 0.0);
            let last = order.iter().rev().map(|(_, row)| *row).find(|&row| positive(row));
            let lasts = last.map_or(0, |last| times[last] - times[first]);
            if lasts >= RESTARTS {
                self.restarted.add(customer, times[first]);
            } else if lasts >= CHECK_LASTS {
                self.long.add(customer, times[first]);
            }
            let near =
                |row: Option<usize>| row.is_some_and(|row| times.get(row) == Some(&times[first]));
            if order.len() == 1 && (near(first.checked_sub(1)) || near(Some(first + 1))) {
                self.beside.add(customer, times[first]);
            }
        }
        self.scratch = rows;
    }

    pub(super) fn merge(&mut self, later: OrderFacts) {
        self.rows += later.rows;
        self.orders += later.orders;
        self.restarted.merge(later.restarted);
        self.long.merge(later.long);
        self.beside.merge(later.beside);
        for (order, rows) in later.sample {
            *self.sample.entry(order).or_default() += rows;
        }
    }
}

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
