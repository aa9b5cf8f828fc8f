//! The transactions table, stored by column.

use std::cmp::Ordering;
use std::ops::Range;

use super::columns::names_of;
use super::pool::NO_CODE;

/// Transaction rows by column. Optional columns are absent, not empty.
#[derive(Debug, Clone, Default)]
pub(crate) struct TransactionColumns {
    pub(crate) time: Vec<i64>,
    pub(crate) amount: Option<Vec<f64>>,
    pub(crate) order: Option<Vec<i64>>,
    pub(crate) category: Option<Vec<u32>>,
    pub(crate) channel: Option<Vec<u32>>,
    pub(crate) discount: Option<Vec<f64>>,
    /// Until when what was bought is valid; [`NO_TIME`]: not said.
    pub(crate) valid_until: Option<Vec<i64>>,
    pub(crate) known_at: Option<Vec<i64>>,
}

/// Some of the rows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rows<'a> {
    pub(crate) time: &'a [i64],
    pub(crate) amount: Option<&'a [f64]>,
    pub(crate) order: Option<&'a [i64]>,
    pub(crate) category: Option<&'a [u32]>,
    pub(crate) channel: Option<&'a [u32]>,
    pub(crate) discount: Option<&'a [f64]>,
    pub(crate) valid_until: Option<&'a [i64]>,
    pub(crate) known_at: Option<&'a [i64]>,
}

impl<'a> Rows<'a> {
    pub(crate) fn part(self, range: Range<usize>) -> Rows<'a> {
        Rows {
            time: &self.time[range.clone()],
            amount: self.amount.map(|c| &c[range.clone()]),
            order: self.order.map(|c| &c[range.clone()]),
            category: self.category.map(|c| &c[range.clone()]),
            channel: self.channel.map(|c| &c[range.clone()]),
            discount: self.discount.map(|c| &c[range.clone()]),
            valid_until: self.valid_until.map(|c| &c[range.clone()]),
            known_at: self.known_at.map(|c| &c[range]),
        }
    }

    /// The same rows in another order, or some of them.
    pub(crate) fn take(&self, order: &[u32]) -> TransactionColumns {
        TransactionColumns {
            time: take(self.time, order),
            amount: self.amount.map(|c| take(c, order)),
            order: self.order.map(|c| take(c, order)),
            category: self.category.map(|c| take(c, order)),
            channel: self.channel.map(|c| take(c, order)),
            discount: self.discount.map(|c| take(c, order)),
            valid_until: self.valid_until.map(|c| take(c, order)),
            known_at: self.known_at.map(|c| take(c, order)),
        }
    }

    /// The names of the optional columns that are there.
    pub(crate) fn optional(&self) -> Vec<&'static str> {
        names_of(&[
            ("amount", self.amount.is_some()),
            ("order_id", self.order.is_some()),
            ("category", self.category.is_some()),
            ("channel", self.channel.is_some()),
            ("discount", self.discount.is_some()),
            ("valid_until", self.valid_until.is_some()),
            ("known_at", self.known_at.is_some()),
        ])
    }
}

impl TransactionColumns {
    pub(crate) fn rows(&self, range: Range<usize>) -> Rows<'_> {
        fn part<'a, T>(column: &'a Option<Vec<T>>, range: &Range<usize>) -> Option<&'a [T]> {
            column.as_ref().map(|values| &values[range.clone()])
        }
        Rows {
            time: &self.time[range.clone()],
            amount: part(&self.amount, &range),
            order: part(&self.order, &range),
            category: part(&self.category, &range),
            channel: part(&self.channel, &range),
            discount: part(&self.discount, &range),
            valid_until: part(&self.valid_until, &range),
            known_at: part(&self.known_at, &range),
        }
    }

    /// All rows.
    pub(super) fn all(&self) -> Rows<'_> {
        self.rows(0..self.time.len())
    }

    /// The same rows in another order, or some of them.
    pub(crate) fn take(&self, order: &[u32]) -> TransactionColumns {
        self.all().take(order)
    }

    /// The names of the optional columns that are there.
    pub(crate) fn optional(&self) -> Vec<&'static str> {
        self.all().optional()
    }

    /// No rows, with the columns that these rows have.
    pub(crate) fn blank(&self) -> TransactionColumns {
        self.take(&[])
    }

    /// Makes room for as many rows more.
    pub(crate) fn reserve(&mut self, rows: usize) {
        fn reserve<T>(column: &mut Option<Vec<T>>, rows: usize) {
            if let Some(column) = column {
                column.reserve(rows);
            }
        }
        self.time.reserve(rows);
        reserve(&mut self.amount, rows);
        reserve(&mut self.order, rows);
        reserve(&mut self.category, rows);
        reserve(&mut self.channel, rows);
        reserve(&mut self.discount, rows);
        reserve(&mut self.valid_until, rows);
        reserve(&mut self.known_at, rows);
    }

    /// Appends some rows of `other`, which has the same columns; its categories and channels have
    /// the codes `categories` and `channels` here.
    pub(crate) fn extend(&mut self, other: Rows<'_>, categories: &[u32], channels: &[u32]) {
        self.time.extend_from_slice(other.time);
        append(&mut self.amount, &other.amount);
        append(&mut self.order, &other.order);
        append_codes(&mut self.category, &other.category, Some(categories));
        append_codes(&mut self.channel, &other.channel, Some(channels));
        append(&mut self.discount, &other.discount);
        append(&mut self.valid_until, &other.valid_until);
        append(&mut self.known_at, &other.known_at);
    }

    /// The order in which rows of one customer are kept. Rows at one instant come by amount and
    /// discount, so that no sum depends on the order of the input; the rest brings equal rows
    /// together.
    pub(crate) fn compare(&self, a: usize, b: usize) -> Ordering {
        self.compare_values(a, b)
            .then_with(|| by(&self.category, a, b))
            .then_with(|| by(&self.channel, a, b))
    }

    /// As [`TransactionColumns::compare`], by all but the texts.
    pub(crate) fn compare_values(&self, a: usize, b: usize) -> Ordering {
        fn by_number(column: &Option<Vec<f64>>, a: usize, b: usize) -> Ordering {
            column.as_ref().map_or(Ordering::Equal, |c| c[a].total_cmp(&c[b]))
        }
        self.time[a]
            .cmp(&self.time[b])
            .then_with(|| by_number(&self.amount, a, b))
            .then_with(|| by_number(&self.discount, a, b))
            .then_with(|| by(&self.order, a, b))
            .then_with(|| by(&self.valid_until, a, b))
            .then_with(|| by(&self.known_at, a, b))
    }
}

fn by<T: Ord>(column: &Option<Vec<T>>, a: usize, b: usize) -> Ordering {
    column.as_ref().map_or(Ordering::Equal, |c| c[a].cmp(&c[b]))
}

/// Appends the values of a column that both tables have.
pub(crate) fn append<T: Copy>(column: &mut Option<Vec<T>>, other: &Option<impl AsRef<[T]>>) {
    if let (Some(column), Some(other)) = (column, other) {
        column.extend_from_slice(other.as_ref());
    }
}

/// Appends codes; `codes` are those here of the other table's, which else are the same.
pub(crate) fn append_codes(
    column: &mut Option<Vec<u32>>,
    other: &Option<impl AsRef<[u32]>>,
    codes: Option<&[u32]>,
) {
    let (Some(column), Some(other)) = (column, other) else { return };
    match codes {
        None => column.extend_from_slice(other.as_ref()),
        Some(codes) => {
            let code = |&own: &u32| codes.get(own as usize).copied().unwrap_or(NO_CODE);
            column.extend(other.as_ref().iter().map(code));
        }
    }
}

pub(crate) fn take<T: Copy>(column: &[T], order: &[u32]) -> Vec<T> {
    order.iter().map(|&row| column[row as usize]).collect()
}
