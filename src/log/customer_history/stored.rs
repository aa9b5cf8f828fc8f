//! The rows of a customer's history, as they were pushed, and in the order in which they are read.

use std::cmp::Ordering;
use std::sync::Arc;

use super::keys::{KeyedTable, RowKeys};
use crate::log::store::columns::Columns;
use crate::log::store::event_columns::EventColumns;
use crate::log::store::events::Events;
use crate::log::store::log_columns::LogColumns;
use crate::log::store::options::PurchaseRules;
use crate::log::store::purchases::{Purchase, PurchaseScratch, form_purchases};
use crate::log::store::surveys::SurveyColumns;
use crate::log::store::tickets::TicketColumns;
use crate::log::store::transactions::TransactionColumns;

/// Rows of all tables, with the keys that the caller gave them.
#[derive(Debug, Clone)]
pub(super) struct StoredRows {
    pub(super) events: Events,
    /// None while no row has any.
    pub(super) keys: Option<Box<RowKeys>>,
}

/// What reading needs: the rows in their order, if they were not pushed in it, and the purchases.
#[derive(Debug, Clone)]
pub(super) struct Settled {
    pub(super) sorted: Option<StoredRows>,
    /// What stands in place of transactions.
    pub(super) activity: Option<TransactionColumns>,
    pub(super) purchases: Vec<Purchase>,
}

impl Settled {
    pub(super) fn of(pushed: &StoredRows, in_order: bool) -> Self {
        let sorted = (!in_order).then(|| pushed.sorted());
        let events = &sorted.as_ref().unwrap_or(pushed).events;
        let activity = events.activity();
        let rows = activity.as_ref().unwrap_or(&events.transactions);
        let mut purchases = Vec::new();
        let scratch = &mut PurchaseScratch::default();
        form_purchases(&rows.rows(0..rows.time.len()), events.rules, scratch, &mut purchases);
        purchases.shrink_to_fit();
        Settled { sorted, activity, purchases }
    }
}

impl StoredRows {
    /// No rows of tables with these columns.
    pub(super) fn none(columns: LogColumns, rules: PurchaseRules) -> Self {
        let events = Events {
            transactions: Arc::new(TransactionColumns {
                time: Vec::new(),
                amount: columns.amount.then(Vec::new),
                order: columns.order_id.then(Vec::new),
                category: columns.category.then(Vec::new),
                channel: columns.channel.then(Vec::new),
                discount: columns.discount.then(Vec::new),
                valid_until: columns.valid_until.then(Vec::new),
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
            events: columns.events.map(EventColumns::with),
            kinds: Arc::default(),
            rules,
        };
        StoredRows { events, keys: None }
    }

    /// How many rows a table has.
    pub(super) fn count(&self, table: KeyedTable) -> usize {
        self.times(table).len()
    }

    /// When each row of a table was.
    pub(super) fn times(&self, table: KeyedTable) -> &[i64] {
        let Events { transactions, tickets, surveys, events, .. } = &self.events;
        match table {
            KeyedTable::Transactions => &transactions.time,
            KeyedTable::Events => events.as_ref().map_or(&[], |events| events.time()),
            KeyedTable::Tickets => tickets.as_ref().map_or(&[], |tickets| tickets.time()),
            KeyedTable::Answers => surveys.as_ref().map_or(&[], |surveys| surveys.time()),
        }
    }

    /// The order of two rows of a table.
    fn compare(&self, table: KeyedTable, a: usize, b: usize) -> Ordering {
        let Events { transactions, tickets, surveys, events, .. } = &self.events;
        let none = Ordering::Equal;
        match table {
            KeyedTable::Events => events.as_ref().map_or(none, |rows| rows.compare(a, b)),
            KeyedTable::Transactions => transactions.compare(a, b),
            KeyedTable::Tickets => tickets.as_ref().map_or(none, |rows| rows.compare(a, b)),
            KeyedTable::Answers => surveys.as_ref().map_or(none, |rows| rows.compare(a, b)),
        }
    }

    /// Whether the last row of a table comes after the one before it.
    pub(super) fn last_in_order(&self, table: KeyedTable) -> bool {
        let rows = self.count(table);
        rows < 2 || self.compare(table, rows - 2, rows - 1).is_le()
    }

    /// Puts the rows of a table into another order, or leaves some out.
    pub(super) fn take(&mut self, table: KeyedTable, order: &[u32]) {
        let Events { transactions, tickets, surveys, events, .. } = &mut self.events;
        match table {
            KeyedTable::Transactions => *transactions = Arc::new(transactions.take(order)),
            KeyedTable::Tickets => take_some(tickets, order),
            KeyedTable::Answers => take_some(surveys, order),
            KeyedTable::Events => take_some(events, order),
        }
        if let Some(keys) = &mut self.keys {
            keys.take(table, order);
        }
    }

    /// The same rows in their order.
    fn sorted(&self) -> Self {
        let mut sorted = self.clone();
        for table in KeyedTable::ALL {
            let mut order: Vec<u32> = (0..self.count(table) as u32).collect();
            let compare = |a: &u32, b: &u32| self.compare(table, *a as usize, *b as usize);
            if !order.is_sorted_by(|a, b| compare(a, b).is_le()) {
                order.sort_by(compare);
                sorted.take(table, &order);
            }
        }
        sorted
    }
}

fn take_some<C: Columns>(columns: &mut Option<C>, order: &[u32]) {
    if let Some(columns) = columns {
        *columns = columns.take(order);
    }
}
