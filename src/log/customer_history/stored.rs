//! The rows of a customer's history, as they were pushed, and in the order in which they are read.

use std::cmp::Ordering;
use std::sync::{Arc, OnceLock};

use super::keys::{KeyedTable, RowKeys};
use crate::log::store::columns::Columns;
use crate::log::store::event_columns::EventColumns;
use crate::log::store::event_roles::KindRoles;
use crate::log::store::events::Events;
use crate::log::store::log_columns::{EventLogColumns, LogColumns, TicketLogColumns};
use crate::log::store::options::PurchaseRules;
use crate::log::store::pool::TextPool;
use crate::log::store::purchases::{Purchase, PurchaseScratch, form_purchases};
use crate::log::store::surveys::SurveyColumns;
use crate::log::store::tickets::TicketColumns;
use crate::log::store::topics::Topics;
use crate::log::store::transactions::TransactionColumns;

/// Rows of all tables, with the keys that the caller gave them.
#[derive(Debug, Clone)]
pub(super) struct StoredRows {
    pub(super) events: Events,
    /// None while no row has any.
    pub(super) keys: Option<Box<RowKeys>>,
}

/// What reading needs: the purchases, and other rows than those that were pushed, where there are.
#[derive(Debug, Clone)]
pub(super) struct Settled {
    /// The rows in their order, if they were not pushed in it.
    pub(super) sorted: Option<Box<StoredRows>>,
    /// What stands in place of transactions.
    pub(super) activity: Option<Box<TransactionColumns>>,
    pub(super) purchases: Vec<Purchase>,
}

impl Settled {
    pub(super) fn of(pushed: &StoredRows, topics: &Topics, in_order: bool) -> Self {
        let sorted = (!in_order).then(|| Box::new(pushed.sorted(topics)));
        let events = &sorted.as_deref().unwrap_or(pushed).events;
        let activity = events.activity().map(Box::new);
        let rows = activity.as_deref().unwrap_or(&events.transactions);
        let mut purchases = Vec::new();
        let scratch = &mut PurchaseScratch::default();
        form_purchases(&rows.rows(0..rows.time.len()), events.rules, scratch, &mut purchases);
        purchases.shrink_to_fit();
        Settled { sorted, activity, purchases }
    }
}

impl StoredRows {
    /// No rows of tables with these columns. All histories share tables that are empty.
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
                known_at: None,
            }),
            tickets: columns.tickets.map(no_tickets),
            surveys: columns.surveys.then(no_answers),
            events: columns.events.map(no_events),
            kinds: no_kinds(),
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
            KeyedTable::Events => events.as_deref().map_or(&[], Columns::time),
            KeyedTable::Tickets => tickets.as_deref().map_or(&[], Columns::time),
            KeyedTable::Answers => surveys.as_deref().map_or(&[], Columns::time),
        }
    }

    /// The order of two rows of a table. Texts decide last, and by what they say: their codes depend on
    /// which row was pushed first.
    fn compare(&self, topics: &Topics, table: KeyedTable, a: usize, b: usize) -> Ordering {
        let Events { transactions, tickets, surveys, events, .. } = &self.events;
        let none = Ordering::Equal;
        match table {
            KeyedTable::Transactions => transactions
                .compare_values(a, b)
                .then_with(|| by_text(&topics.categories, &transactions.category, a, b))
                .then_with(|| by_text(&topics.channels, &transactions.channel, a, b)),
            KeyedTable::Tickets => tickets.as_ref().map_or(none, |rows| {
                rows.compare(a, b).then_with(|| by_text(&topics.tickets, &rows.topic, a, b))
            }),
            KeyedTable::Answers => surveys.as_ref().map_or(none, |rows| {
                rows.compare(a, b).then_with(|| by_text(&topics.surveys, &rows.topic, a, b))
            }),
            KeyedTable::Events => events.as_ref().map_or(none, |rows| {
                let kind = |row: usize| topics.events.find(rows.kind[row].into());
                rows.compare(a, b)
                    .then_with(|| kind(a).cmp(&kind(b)))
                    .then_with(|| by_text(&topics.events, &rows.channel, a, b))
            }),
        }
    }

    /// Whether the last row of a table comes after the one before it.
    pub(super) fn last_in_order(&self, topics: &Topics, table: KeyedTable) -> bool {
        let rows = self.count(table);
        rows < 2 || self.compare(topics, table, rows - 2, rows - 1).is_le()
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
    fn sorted(&self, topics: &Topics) -> Self {
        let mut sorted = self.clone();
        for table in KeyedTable::ALL {
            let mut order: Vec<u32> = (0..self.count(table) as u32).collect();
            let compare = |a: &u32, b: &u32| self.compare(topics, table, *a as usize, *b as usize);
            if !order.is_sorted_by(|a, b| compare(a, b).is_le()) {
                order.sort_by(compare);
                sorted.take(table, &order);
            }
        }
        sorted
    }
}

/// The order of two texts, given by their codes in a column.
fn by_text<C: Copy + Into<u32>>(
    texts: &TextPool,
    column: &Option<Vec<C>>,
    a: usize,
    b: usize,
) -> Ordering {
    let text = |codes: &Vec<C>, row: usize| texts.find(codes[row].into());
    column.as_ref().map_or(Ordering::Equal, |codes| text(codes, a).cmp(&text(codes, b)))
}

fn take_some<C: Columns>(columns: &mut Option<Arc<C>>, order: &[u32]) {
    if let Some(columns) = columns {
        *columns = Arc::new(columns.take(order));
    }
}

/// No tickets with these optional columns.
fn no_tickets(columns: TicketLogColumns) -> Arc<TicketColumns> {
    static BLANK: [OnceLock<Arc<TicketColumns>>; 16] = [const { OnceLock::new() }; 16];
    let TicketLogColumns { first_response_at, resolved_at, reopened_count, satisfaction } = columns;
    let bits = [first_response_at, resolved_at, reopened_count, satisfaction];
    let place = bits.iter().fold(0, |place, &bit| 2 * place + usize::from(bit));
    let blank = || TicketColumns {
        opened_at: Vec::new(),
        first_response_at: first_response_at.then(Vec::new),
        resolved_at: resolved_at.then(Vec::new),
        topic: Some(Vec::new()),
        reopened_count: reopened_count.then(Vec::new),
        satisfaction: satisfaction.then(Vec::new),
        known_at: Some(Vec::new()),
    };
    Arc::clone(BLANK[place].get_or_init(|| Arc::new(blank())))
}

fn no_answers() -> Arc<SurveyColumns> {
    static BLANK: OnceLock<Arc<SurveyColumns>> = OnceLock::new();
    let blank = || SurveyColumns {
        time: Vec::new(),
        score: Vec::new(),
        topic: Some(Vec::new()),
        known_at: Some(Vec::new()),
    };
    Arc::clone(BLANK.get_or_init(|| Arc::new(blank())))
}

/// No events with these optional columns.
fn no_events(columns: EventLogColumns) -> Arc<EventColumns> {
    static BLANK: [OnceLock<Arc<EventColumns>>; 2] = [const { OnceLock::new() }; 2];
    let blank = &BLANK[usize::from(columns.value)];
    Arc::clone(blank.get_or_init(|| Arc::new(EventColumns::with(columns))))
}

/// Kinds of events that stand for nothing.
fn no_kinds() -> Arc<KindRoles> {
    static NONE: OnceLock<Arc<KindRoles>> = OnceLock::new();
    Arc::clone(NONE.get_or_init(Arc::default))
}
