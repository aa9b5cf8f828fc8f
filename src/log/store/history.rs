//! What feature code and label code get to see of one customer, and nothing else.

use std::borrow::Cow;
use std::ops::Range;

use super::contract_ends::contract_ends;
use super::event_columns::{Act, Event, EventColumns};
use super::event_roles::KindRoles;
use super::log_columns::LogColumns;
use super::options::PurchaseRules;
use super::pool::NO_CODE;
use super::purchases::{Purchase, PurchaseScratch, form_purchases, rows_of_purchase};
use super::surveys::{Answer, SurveyColumns};
use super::tickets::{Ticket, TicketColumns};
use super::transactions::{Rows, TransactionColumns};
#[cfg(doc)]
use super::values::NO_ORDER;
use super::values::NO_TIME;
use crate::time::{Timestamp, day_of};

/// One customer's events strictly before a cutoff, as far as they were known then.
///
/// This is all that feature code ever gets: rows and tickets at or after the cutoff, rows that
/// became known at or after it, and what happened to a ticket at or after it cannot be reached from
/// here.
#[derive(Debug, Clone)]
pub struct History<'a> {
    pub(super) cutoff: Timestamp,
    pub(super) rows: KnownRows<'a>,
    pub(super) purchases: Cow<'a, [Purchase]>,
    pub(super) tickets: Option<(&'a TicketColumns, Range<usize>)>,
    pub(super) surveys: Option<(&'a SurveyColumns, Range<usize>)>,
    pub(super) events: Option<(&'a EventColumns, Range<usize>, &'a KindRoles)>,
}

/// Transaction rows that were known at some instant.
#[derive(Debug, Clone)]
pub(super) enum KnownRows<'a> {
    /// All of those asked about were.
    All(Rows<'a>),
    /// A copy of those that were.
    Some(Box<TransactionColumns>),
}

impl<'a> Rows<'a> {
    /// Those that were known before `at`.
    pub(super) fn known_before(self, at: i64) -> KnownRows<'a> {
        // NO_TIME, the smallest number, stands for "when it happened".
        debug_assert!(NO_TIME < at);
        match self.known_at {
            Some(known) if known.iter().any(|&known| known >= at) => {
                let order: Vec<u32> =
                    (0..known.len() as u32).filter(|&row| known[row as usize] < at).collect();
                KnownRows::Some(Box::new(self.take(&order)))
            }
            _ => KnownRows::All(self),
        }
    }
}

impl KnownRows<'_> {
    #[inline]
    pub(super) fn rows(&self) -> Rows<'_> {
        match self {
            KnownRows::All(rows) => *rows,
            KnownRows::Some(columns) => columns.all(),
        }
    }

    /// The purchases that these rows alone form.
    pub(super) fn purchases(&self, rules: PurchaseRules) -> Vec<Purchase> {
        let mut purchases = Vec::new();
        let scratch = &mut PurchaseScratch::default();
        form_purchases(&self.rows(), rules, scratch, &mut purchases);
        purchases
    }
}

/// One row of a transaction log.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct Line {
    /// When, in microseconds since 1970-01-01 UTC.
    pub time: i64,
    /// Amount in the log's currency, negative for a return. NaN if the log has no amounts.
    pub amount: f64,
    /// Category as a number of the log's categories, if known.
    pub category: Option<u32>,
    /// Channel as a number of the log's channels, if known.
    pub channel: Option<u32>,
    /// Part of the price given away; 0 if not given.
    pub discount: f64,
}

impl History<'_> {
    /// The instant before which everything here lies.
    pub fn cutoff(&self) -> Timestamp {
        self.cutoff
    }

    /// The purchases, by time; of several at one instant, the largest check comes last.
    pub fn purchases(&self) -> &[Purchase] {
        &self.purchases
    }

    /// The days with a purchase, rising.
    pub(crate) fn purchase_days(&self) -> impl Iterator<Item = i64> + '_ {
        let mut last = i64::MIN;
        let days = self.purchases.iter().map(|purchase| day_of(purchase.time));
        days.filter(move |&day| std::mem::replace(&mut last, day) != day)
    }

    /// Writes [`History::purchase_days`] in place of what is there.
    pub(crate) fn write_purchase_days(&self, out: &mut Vec<i64>) {
        // Each is written where the last one stands, or behind it: which of them begin a day could not
        // be guessed.
        out.resize(self.purchases.len(), 0);
        let (mut count, mut last) = (0, i64::MIN);
        for purchase in self.purchases.iter() {
            let day = day_of(purchase.time);
            count += usize::from(day != last);
            out[count - 1] = day;
            last = day;
        }
        out.truncate(count);
    }

    /// How many transaction rows and purchases there are. None where some rows were not known yet or the
    /// cutoff divides a purchase: of the others, histories of one customer that agree in it are of the
    /// same rows and purchases.
    pub(crate) fn extent(&self) -> Option<[usize; 2]> {
        match (&self.rows, &self.purchases) {
            (KnownRows::All(rows), Cow::Borrowed(purchases)) => {
                Some([rows.time.len(), purchases.len()])
            }
            _ => None,
        }
    }

    /// Time of the last purchase; none without a purchase.
    pub fn last_purchase(&self) -> Option<Timestamp> {
        self.purchases.last().and_then(|purchase| Timestamp::from_micros(purchase.time).ok())
    }

    /// Which columns the underlying log has.
    pub fn columns(&self) -> LogColumns {
        let rows = self.rows.rows();
        LogColumns {
            amount: rows.amount.is_some(),
            order_id: rows.order.is_some(),
            category: rows.category.is_some(),
            channel: rows.channel.is_some(),
            discount: rows.discount.is_some(),
            valid_until: rows.valid_until.is_some(),
            tickets: self.tickets.as_ref().map(|(tickets, _)| tickets.log_columns()),
            surveys: self.surveys.is_some(),
            events: self.events.as_ref().map(|(events, _, kinds)| events.log_columns(kinds)),
        }
    }

    /// Whether the log has amounts.
    pub fn has_amounts(&self) -> bool {
        self.rows.rows().amount.is_some()
    }

    /// When each of the transaction rows was, ascending. This and the columns that follow hold the
    /// rows before the cutoff that were known then, and no others.
    pub(crate) fn times(&self) -> &[i64] {
        self.rows.rows().time
    }

    /// The amount of each row, if the log has amounts.
    pub(crate) fn amounts(&self) -> Option<&[f64]> {
        self.rows.rows().amount
    }

    /// The category of each row as a number, [`NO_CODE`] where it is not known, if the log has any.
    pub(crate) fn categories(&self) -> Option<&[u32]> {
        self.rows.rows().category
    }

    /// The channel of each row as a number, [`NO_CODE`] where it is not known, if the log has any.
    pub(crate) fn channels(&self) -> Option<&[u32]> {
        self.rows.rows().channel
    }

    /// The order of each row as a number, [`NO_ORDER`] where there is none, if the log has any.
    pub(crate) fn orders(&self) -> Option<&[i64]> {
        self.rows.rows().order
    }

    /// The discount of each row, NaN where it is not given, if the log has any.
    pub(crate) fn discounts(&self) -> Option<&[f64]> {
        self.rows.rows().discount
    }

    /// Until when what was bought is valid: the latest end that any row says, in microseconds since
    /// 1970-01-01 UTC; none where the latest row that is no return says none, for it may be open. A
    /// return that has an end says when what it takes back ends.
    pub fn valid_until(&self) -> Option<i64> {
        let ends = self.contract_ends()?;
        let last = (0..ends.len()).rev().find(|&row| self.is_bought(row))?;
        (ends[last] != NO_TIME).then(|| ends.iter().copied().max()).flatten()
    }

    /// Whether what was bought is valid at an instant.
    pub(crate) fn is_valid_at(&self, at: Timestamp) -> bool {
        self.valid_until().is_some_and(|end| end >= at.micros())
    }

    /// The end of what each row bought, as later returns leave it, [`NO_TIME`] where it says none and
    /// for returns, if the log has any.
    pub(crate) fn contract_ends(&self) -> Option<Cow<'_, [i64]>> {
        contract_ends(self.rows.rows())
    }

    /// Whether a row is no return.
    pub(crate) fn is_bought(&self, row: usize) -> bool {
        self.rows.rows().amount.is_none_or(|amounts| amounts[row] >= 0.0)
    }

    /// The rows of the purchases at `time` that come before an instant.
    pub(crate) fn rows_of_purchase(
        &self,
        rules: PurchaseRules,
        time: i64,
        before: i64,
    ) -> impl Iterator<Item = usize> + '_ {
        rows_of_purchase(self.rows.rows(), rules, time, before)
    }

    /// The transaction rows, by time.
    pub fn lines(&self) -> impl DoubleEndedIterator<Item = Line> + '_ {
        let rows = self.rows.rows();
        let code = |column: Option<&[u32]>, row: usize| {
            column.map(|codes| codes[row]).filter(|&code| code != NO_CODE)
        };
        (0..rows.time.len()).map(move |row| Line {
            time: rows.time[row],
            amount: rows.amount.map_or(f64::NAN, |amounts| amounts[row]),
            category: code(rows.category, row),
            channel: code(rows.channel, row),
            discount: rows.discount.map_or(0.0, |d| if d[row].is_nan() { 0.0 } else { d[row] }),
        })
    }

    /// The tickets, by opening. None if there is no ticket log.
    pub fn tickets(&self) -> Option<impl DoubleEndedIterator<Item = Ticket> + '_> {
        let (columns, range) = self.tickets.as_ref()?;
        Some(columns.known_in(range.clone(), self.cutoff.micros()))
    }

    /// The survey answers, by time. None if there are no surveys.
    pub fn answers(&self) -> Option<impl DoubleEndedIterator<Item = Answer> + '_> {
        let (columns, range) = self.surveys.as_ref()?;
        Some(columns.known_in(range.clone(), self.cutoff.micros()))
    }

    /// The events, by time; of several at one instant, the largest value comes last. None if there
    /// is no table of events.
    pub fn events(&self) -> Option<impl DoubleEndedIterator<Item = Event> + '_> {
        let (columns, range, _) = self.events.as_ref()?;
        Some(columns.known_in(range.clone(), self.cutoff.micros()))
    }

    /// How many events there are at most, known or not. None if there is no table of events.
    pub(crate) fn most_acts(&self) -> Option<usize> {
        self.events.as_ref().map(|(_, range, _)| range.len())
    }

    /// The events as features see them.
    pub(crate) fn acts(&self) -> Option<impl DoubleEndedIterator<Item = Act> + '_> {
        let (columns, range, kinds) = self.events.as_ref()?;
        Some(columns.acts_in(range.clone(), self.cutoff.micros(), kinds))
    }
}

/// What one customer did inside an outcome window: all that label code gets.
///
/// An order that began before the window is not a purchase in it. Beyond that, nothing before the
/// window can change a label.
#[derive(Debug, Clone)]
pub struct Outcome<'a> {
    pub(super) purchases: Cow<'a, [Purchase]>,
}

impl Outcome<'_> {
    /// Whether the customer made a purchase inside the window.
    pub fn purchased(&self) -> bool {
        !self.purchases.is_empty()
    }

    /// The purchases inside the window, by time.
    pub fn purchases(&self) -> &[Purchase] {
        &self.purchases
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_history_tells_its_columns_row_by_row_and_its_days_once() {
        let times = vec![0, 10, crate::time::MICROS_PER_DAY];
        let columns = TransactionColumns {
            time: times.clone(),
            amount: Some(vec![1.0, 2.0, 3.0]),
            order: Some(vec![7, 8, 9]),
            category: Some(vec![0, NO_CODE, 1]),
            channel: Some(vec![1, 0, NO_CODE]),
            discount: Some(vec![0.5, f64::NAN, 0.0]),
            ..TransactionColumns::default()
        };
        let bought = |&time: &i64| Purchase { time, check: 1.0 };
        let history = History {
            cutoff: Timestamp::MAX,
            rows: KnownRows::All(columns.all()),
            purchases: times.iter().map(bought).collect::<Vec<_>>().into(),
            tickets: None,
            surveys: None,
            events: None,
        };
        assert_eq!(history.times(), times);
        assert_eq!(history.amounts(), columns.amount.as_deref());
        assert_eq!(history.orders(), columns.order.as_deref());
        assert_eq!(history.categories(), columns.category.as_deref());
        assert_eq!(history.channels(), columns.channel.as_deref());
        assert_eq!(history.discounts().unwrap()[0], 0.5);
        let lines: Vec<_> = history.lines().map(|l| (l.category, l.channel, l.discount)).collect();
        let expected = [(Some(0), Some(1), 0.5), (None, Some(0), 0.0), (Some(1), None, 0.0)];
        assert_eq!(lines, expected);
        assert_eq!(history.purchase_days().collect::<Vec<_>>(), [0, 1]);
        let mut days = vec![5; 9];
        history.write_purchase_days(&mut days);
        assert_eq!(days, [0, 1]);
        assert_eq!(history.last_purchase().map(Timestamp::micros), Some(times[2]));
    }

    #[test]
    fn the_extent_is_told_where_rows_and_purchases_are_those_of_the_log() {
        let columns = TransactionColumns { time: vec![0, 10], ..TransactionColumns::default() };
        let bought = [Purchase { time: 0, check: f64::NAN }];
        let extent = |rows: KnownRows<'_>, purchases: Cow<'_, [Purchase]>| {
            let cutoff = Timestamp::from_micros(20).unwrap();
            History { cutoff, rows, purchases, tickets: None, surveys: None, events: None }.extent()
        };
        let all = || KnownRows::All(columns.all());
        assert_eq!(extent(all(), Cow::Borrowed(&bought)), Some([2, 1]));
        assert_eq!(extent(all(), Cow::Owned(bought.to_vec())), None);
        let some = KnownRows::Some(Box::new(columns.clone()));
        assert_eq!(extent(some, Cow::Borrowed(&bought)), None);
    }

    #[test]
    fn what_was_bought_is_valid_to_its_latest_end_unless_it_is_open() {
        for (amounts, last_end, expected) in [
            (None, 40, Some(50)),
            (None, 50, Some(50)),
            (None, 60, Some(60)),
            (None, NO_TIME, None),
            // Free of charge, and a return of some of what was bought.
            (Some(vec![9.0, 0.0]), NO_TIME, None),
            (Some(vec![9.0, -1.0]), NO_TIME, Some(50)),
            (Some(vec![9.0, -1.0]), 30, Some(30)),
            (Some(vec![-9.0, -1.0]), 30, None),
        ] {
            let columns = TransactionColumns {
                time: vec![0, 10],
                amount: amounts,
                valid_until: Some(vec![50, last_end]),
                ..TransactionColumns::default()
            };
            let history = History {
                cutoff: Timestamp::from_micros(20).unwrap(),
                rows: KnownRows::All(columns.all()),
                purchases: Cow::Borrowed(&[]),
                tickets: None,
                surveys: None,
                events: None,
            };
            assert_eq!(history.valid_until(), expected);
            let valid = |at: i64| history.is_valid_at(Timestamp::from_micros(at).unwrap());
            assert_eq!(valid(0), expected.is_some());
            if let Some(end) = expected {
                assert!(valid(end) && !valid(end + 1));
            }
        }
    }
}
