//! The stored events, by column, and the single path from them to a customer's history. The log of
//! all customers and the history of one customer in a service share it.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use super::event_columns::EventColumns;
use super::event_roles::{EventRole, KindRoles};
use super::history::{History, KnownRows, Outcome};
use super::log_columns::LogColumns;
use super::options::{PurchaseBy, PurchaseRules};
use super::purchases::{CHECK_LASTS, Purchase, PurchaseScratch, form_purchases, kept_times};
use super::surveys::SurveyColumns;
use super::tickets::TicketColumns;
use super::transactions::{Rows, TransactionColumns, take};
use crate::labels::Label;
use crate::time::{MICROS_PER_DAY, Timestamp, Window};

#[derive(Debug, Clone, Default)]
pub(crate) struct Events {
    pub(crate) transactions: Arc<TransactionColumns>,
    pub(crate) tickets: Option<Arc<TicketColumns>>,
    pub(crate) surveys: Option<Arc<SurveyColumns>>,
    pub(crate) events: Option<Arc<EventColumns>>,
    pub(crate) kinds: Arc<KindRoles>,
    pub(crate) rules: PurchaseRules,
}

/// The rows of one customer and the purchases that all of them form.
#[derive(Debug, Clone)]
pub(crate) struct CustomerRows<'a> {
    /// The rows that purchases are formed of, and which of them are this customer's.
    pub(crate) columns: &'a TransactionColumns,
    pub(crate) transactions: Range<usize>,
    pub(crate) purchases: &'a [Purchase],
    pub(crate) tickets: Range<usize>,
    pub(crate) surveys: Range<usize>,
    pub(crate) events: Range<usize>,
}

impl Events {
    pub(crate) fn columns(&self) -> LogColumns {
        let t = &self.transactions;
        LogColumns {
            amount: t.amount.is_some(),
            order_id: t.order.is_some(),
            category: t.category.is_some(),
            channel: t.channel.is_some(),
            discount: t.discount.is_some(),
            valid_until: t.valid_until.is_some(),
            tickets: self.tickets.as_ref().map(|tickets| tickets.log_columns()),
            surveys: self.surveys.is_some(),
            events: self.events.as_ref().map(|events| events.log_columns(&self.kinds)),
        }
    }

    /// The events that stand in place of purchases as rows of transactions, if any kind does.
    pub(crate) fn activity(&self) -> Option<TransactionColumns> {
        let events = self.events.as_ref().filter(|_| self.kinds.has(EventRole::Activity))?;
        let rows: Vec<u32> = events.activity(&self.kinds).collect();
        let columns = TransactionColumns {
            time: take(&events.time, &rows),
            known_at: events.known_at.as_ref().map(|known| take(known, &rows)),
            ..TransactionColumns::default()
        };
        let mut order: Vec<u32> = (0..rows.len() as u32).collect();
        order.sort_by(|&a, &b| columns.compare(a as usize, b as usize));
        Some(columns.take(&order))
    }

    /// The purchases that all rows of `range` form, whenever they became known.
    pub(crate) fn purchases(
        &self,
        range: Range<usize>,
        scratch: &mut PurchaseScratch,
        out: &mut Vec<Purchase>,
    ) {
        form_purchases(&self.transactions.rows(range), self.rules, scratch, out);
    }

    /// One customer's events strictly before the cutoff, as far as known then.
    pub(crate) fn history<'a>(&'a self, of: CustomerRows<'a>, cutoff: Timestamp) -> History<'a> {
        let at = cutoff.micros();
        let rows = of.columns.rows(of.transactions);
        let before = first_not(rows.time, |&time| time < at);
        let divided = self.divides(rows, before, at);
        let rows = rows.part(0..before).known_before(at);
        let purchases = if divided || matches!(rows, KnownRows::Some(_)) {
            Cow::Owned(rows.purchases(self.rules))
        } else {
            let before = first_not(of.purchases, |purchase| purchase.time < at);
            Cow::Borrowed(&of.purchases[..before])
        };
        History {
            cutoff,
            rows,
            purchases,
            tickets: self.tickets.as_deref().map(|columns| {
                let opened = &columns.opened_at[of.tickets.clone()];
                let before = first_not(opened, |&time| time < at);
                (columns, of.tickets.start..of.tickets.start + before)
            }),
            surveys: self.surveys.as_deref().map(|columns| {
                let given = &columns.time[of.surveys.clone()];
                let before = first_not(given, |&time| time < at);
                (columns, of.surveys.start..of.surveys.start + before)
            }),
            events: self.events.as_deref().map(|columns| {
                let happened = &columns.time[of.events.clone()];
                let before = first_not(happened, |&time| time < at);
                (columns, of.events.start..of.events.start + before, self.kinds.as_ref())
            }),
        }
    }

    /// Whether an instant may lie within a purchase, whose check then is that of its rows before;
    /// `before` is the number of rows before the instant.
    fn divides(&self, rows: Rows<'_>, before: usize, at: i64) -> bool {
        let (Some(&last), Some(&next)) =
            (before.checked_sub(1).and_then(|last| rows.time.get(last)), rows.time.get(before))
        else {
            return false;
        };
        let day = |time: i64| time.div_euclid(MICROS_PER_DAY);
        match self.rules.purchase_by {
            PurchaseBy::Order => rows.order.is_some() && next - last < CHECK_LASTS,
            PurchaseBy::Timestamp => false,
            PurchaseBy::Day => day(last) == day(at) && day(next) == day(at),
        }
    }

    /// What one customer did inside the window, as far as known before `known_before`; what was returned
    /// in it counts by the label.
    pub(crate) fn outcome<'a>(
        &'a self,
        of: &CustomerRows<'a>,
        window: Window,
        known_before: Timestamp,
        label: Label,
    ) -> Outcome<'a> {
        let rows = of.columns.rows(of.transactions.clone());
        let (from, to) = (window.start.micros(), window.end.micros());
        let start = rows.time.partition_point(|&time| time < from);
        let end = rows.time.partition_point(|&time| time < to).max(start);
        if start == end {
            return Outcome { purchases: Cow::Borrowed(&[]) };
        }
        let known = rows.part(0..end).known_before(known_before.micros());
        let by_day = self.rules.purchase_by == PurchaseBy::Day;
        let purchases = if by_day && self.divides(rows, start, from) {
            // What is bought later on a day that the window divides is bought in the window.
            let rows = rows.part(start..end).known_before(known_before.micros());
            Cow::Owned(rows.purchases(self.rules))
        } else if matches!(known, KnownRows::Some(_)) || self.divides(rows, end, to) {
            let mut purchases = known.purchases(self.rules);
            purchases.retain(|purchase| purchase.time >= from);
            Cow::Owned(purchases)
        } else {
            let place = |at: i64| of.purchases.partition_point(|purchase| purchase.time < at);
            Cow::Borrowed(&of.purchases[place(from)..place(to)])
        };
        let known = known.rows();
        match (label, known.order) {
            (Label::KeptPurchase, Some(orders)) if !purchases.is_empty() => {
                let mut kept = kept_times(&known, orders, self.rules).into_iter().peekable();
                let mut purchases = purchases.into_owned();
                purchases.retain(|purchase| {
                    while kept.next_if(|&time| time < purchase.time).is_some() {}
                    kept.next_if_eq(&purchase.time).is_some()
                });
                Outcome { purchases: Cow::Owned(purchases) }
            }
            _ => Outcome { purchases },
        }
    }
}

/// The place of the first of sorted rows that is not before, as `partition_point`. Mostly all are:
/// a look at the last one then needs the least memory.
fn first_not<T>(rows: &[T], is_before: impl Fn(&T) -> bool) -> usize {
    match rows.last() {
        Some(last) if !is_before(last) => rows.partition_point(is_before),
        _ => rows.len(),
    }
}
