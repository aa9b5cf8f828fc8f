//! The rows of a customer's history, as they were pushed, and in the order in which they are read.

use std::sync::Arc;

use crate::log::store::events::Events;
use crate::log::store::log_columns::LogColumns;
use crate::log::store::options::PurchaseRules;
use crate::log::store::placed::Columns;
use crate::log::store::purchases::{Purchase, PurchaseScratch};
use crate::log::store::surveys::SurveyColumns;
use crate::log::store::tickets::TicketColumns;
use crate::log::store::transactions::TransactionColumns;

/// What reading needs: the rows in their order, if they were not pushed in it, and the purchases.
#[derive(Debug, Clone)]
pub(super) struct Settled {
    pub(super) sorted: Option<Events>,
    pub(super) purchases: Vec<Purchase>,
}

impl Settled {
    pub(super) fn of(pushed: &Events, in_order: bool) -> Self {
        let sorted = (!in_order).then(|| sorted(pushed));
        let events = sorted.as_ref().unwrap_or(pushed);
        let mut purchases = Vec::new();
        let rows = 0..events.transactions.time.len();
        events.purchases(rows, &mut PurchaseScratch::default(), &mut purchases);
        purchases.shrink_to_fit();
        Settled { sorted, purchases }
    }
}

/// No rows of tables with these columns.
pub(super) fn no_rows(columns: LogColumns, rules: PurchaseRules) -> Events {
    Events {
        transactions: Arc::new(TransactionColumns {
            time: Vec::new(),
            amount: columns.amount.then(Vec::new),
            order: columns.order_id.then(Vec::new),
            category: columns.category.then(Vec::new),
            channel: columns.channel.then(Vec::new),
            discount: columns.discount.then(Vec::new),
            known_at: Some(Vec::new()),
        }),
        tickets: columns.tickets.map(|columns| TicketColumns {
            opened_at: Vec::new(),
            first_response_at: columns.first_response_at.then(Vec::new),
            resolved_at: columns.resolved_at.then(Vec::new),
            topic: Some(Vec::new()),
            reopened_count: columns.reopened_count.then(Vec::new),
            satisfaction: columns.satisfaction.then(Vec::new),
            known_at: Some(Vec::new()),
        }),
        surveys: columns.surveys.then(|| SurveyColumns {
            time: Vec::new(),
            score: Vec::new(),
            topic: Some(Vec::new()),
            known_at: Some(Vec::new()),
        }),
        rules,
    }
}

/// Whether the last row of each table comes after the one before it.
pub(super) fn last_in_order(events: &Events) -> bool {
    fn last(rows: usize, is_greater: impl Fn(usize, usize) -> bool) -> bool {
        rows < 2 || !is_greater(rows - 2, rows - 1)
    }
    let rows = &events.transactions;
    last(rows.time.len(), |a, b| rows.compare(a, b).is_gt())
        && events
            .tickets
            .as_ref()
            .is_none_or(|t| last(t.time().len(), |a, b| t.compare(a, b).is_gt()))
        && events
            .surveys
            .as_ref()
            .is_none_or(|s| last(s.time().len(), |a, b| s.compare(a, b).is_gt()))
}

/// The same rows in their order.
fn sorted(events: &Events) -> Events {
    fn order(rows: usize, compare: impl Fn(usize, usize) -> std::cmp::Ordering) -> Vec<u32> {
        let mut order: Vec<u32> = (0..rows as u32).collect();
        order.sort_by(|&a, &b| compare(a as usize, b as usize));
        order
    }
    fn by_order<C: Columns>(table: &C) -> C {
        table.take(&order(table.time().len(), |a, b| table.compare(a, b)))
    }
    let rows = &events.transactions;
    let of_rows = order(rows.time.len(), |a, b| rows.compare(a, b));
    Events {
        transactions: Arc::new(rows.take(&of_rows)),
        tickets: events.tickets.as_ref().map(by_order),
        surveys: events.surveys.as_ref().map(by_order),
        rules: events.rules,
    }
}
