//! What is counted of a log, in one pass over all of its rows, before anything is judged.

use super::cases::{Cases, Place};
use super::order_facts::OrderFacts;
use crate::log::{CustomerIndex, CustomerIndices, EventLog, History, over_customers};
use crate::time::{MICROS_PER_DAY, Timestamp};

/// Rows by what their amounts are.
#[derive(Debug, Clone, Default)]
pub(super) struct AmountFacts {
    pub(super) negative: u64,
    pub(super) zero: u64,
    /// Whole numbers, and of them those that end in 00.
    pub(super) whole: u64,
    pub(super) hundreds: u64,
    /// The largest in absolute value.
    pub(super) largest: Option<(f64, Place)>,
    /// Rows by the size of their amount, in steps of 1.6 %, the smallest first.
    sizes: Counts,
}

/// The bits of a number that stay: its exponent and six more.
const SIZE_BITS: u32 = 46;

impl AmountFacts {
    fn add(&mut self, customer: CustomerIndex, time: i64, amount: f64) {
        self.negative += u64::from(amount < 0.0);
        self.zero += u64::from(amount == 0.0);
        self.whole += u64::from(amount.fract() == 0.0);
        self.hundreds += u64::from(amount % 100.0 == 0.0);
        let size = amount.abs();
        if self.largest.is_none_or(|(largest, _)| size > largest.abs()) {
            self.largest = Some((amount, Place { customer, time }));
        }
        self.sizes.add((size.to_bits() >> SIZE_BITS) as usize, 1);
    }

    fn merge(&mut self, later: AmountFacts) {
        self.negative += later.negative;
        self.zero += later.zero;
        self.whole += later.whole;
        self.hundreds += later.hundreds;
        let larger = |(ours, _): &(f64, Place)| {
            later.largest.is_none_or(|(theirs, _)| ours.abs() >= theirs.abs())
        };
        self.largest = self.largest.filter(larger).or(later.largest);
        self.sizes.merge(&later.sizes);
    }

    /// Below which this share of the amounts lies in absolute value, 1.6 % too low at most.
    pub(super) fn quantile(&self, share: f64) -> f64 {
        let all: u64 = self.sizes.counted().map(|(_, rows)| rows).sum();
        let wanted = (share * all as f64).ceil().max(1.0) as u64;
        let mut below = 0;
        let place = self.sizes.counted().find(|(_, rows)| {
            below += rows;
            below >= wanted
        });
        place.map_or(f64::NAN, |(size, _)| f64::from_bits((size as u64) << SIZE_BITS))
    }
}

/// Rows by what their discounts are.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct DiscountFacts {
    /// Not zero.
    pub(super) given: u64,
    pub(super) negative: Cases,
    /// Above the amount, which is positive.
    pub(super) above_amount: Cases,
    /// Above 0 and below 1.
    pub(super) fractions: u64,
}

impl DiscountFacts {
    fn add(&mut self, customer: CustomerIndex, time: i64, amount: Option<f64>, discount: f64) {
        self.given += u64::from(discount != 0.0);
        if discount < 0.0 {
            self.negative.add(customer, time);
        }
        if amount.is_some_and(|amount| amount > 0.0 && discount > amount) {
            self.above_amount.add(customer, time);
        }
        self.fractions += u64::from(discount > 0.0 && discount < 1.0);
    }

    fn merge(&mut self, later: DiscountFacts) {
        self.given += later.given;
        self.negative.merge(later.negative);
        self.above_amount.merge(later.above_amount);
        self.fractions += later.fractions;
    }
}

/// All that is counted.
#[derive(Debug, Clone, Default)]
pub(super) struct Facts {
    pub(super) rows: u64,
    /// Rows at the first instant of a day.
    pub(super) midnight: u64,
    /// Rows by UTC day, ascending; known once all are counted.
    pub(super) days: Vec<(i64, u64)>,
    /// Rows by UTC day from the log's first one on.
    by_day: Counts,
    /// The customer with most rows, and how many the next one has.
    pub(super) most_rows: Option<(u64, CustomerIndex)>,
    pub(super) second_rows: u64,
    pub(super) amounts: AmountFacts,
    pub(super) discounts: DiscountFacts,
    pub(super) orders: OrderFacts,
    pub(super) purchases: u64,
    /// Purchases within an hour of the customer's one before, but not at the same instant.
    pub(super) close_purchases: Cases,
    /// Rows at one instant with an earlier one of the same customer.
    pub(super) rows_together: u64,
}

impl Facts {
    pub(super) fn of(log: &EventLog) -> Facts {
        let first_day = day_of(log.first_event().micros());
        let days = day_of(log.last_event().micros()) - first_day + 1;
        let part = |customers: CustomerIndices| {
            let mut facts = Facts::default();
            customers.for_each(|customer| {
                facts.add(customer, &log.history(customer, Timestamp::MAX), first_day);
            });
            facts
        };
        // Amounts have few thousand sizes in a row.
        let size = days.unsigned_abs() as usize + (1 << 14);
        let mut facts = over_customers(log, size, part, Facts::merge);
        let days = facts.by_day.counted();
        facts.days = days.map(|(day, rows)| (first_day + day as i64, rows)).collect();
        facts
    }

    fn add(&mut self, customer: CustomerIndex, history: &History<'_>, first_day: i64) {
        let times = history.times();
        self.add_rows(times.len() as u64, customer);
        for day in times.chunk_by(|a, b| day_of(*a) == day_of(*b)) {
            self.by_day.add((day_of(day[0]) - first_day) as usize, day.len() as u64);
        }
        self.midnight +=
            times.iter().filter(|time| time.rem_euclid(MICROS_PER_DAY) == 0).count() as u64;
        self.rows_together += times.windows(2).filter(|pair| pair[0] == pair[1]).count() as u64;
        let amounts = history.amounts();
        if let Some(amounts) = amounts {
            for (&time, &amount) in times.iter().zip(amounts) {
                self.amounts.add(customer, time, amount);
            }
        }
        if let Some(discounts) = history.discounts() {
            let known = discounts.iter().enumerate().filter(|(_, discount)| !discount.is_nan());
            for (row, &discount) in known {
                let amount = amounts.map(|amounts| amounts[row]);
                self.discounts.add(customer, times[row], amount, discount);
            }
        }
        if let Some(orders) = history.orders() {
            self.orders.add(customer, times, orders, amounts);
        }
        let purchases = history.purchases();
        self.purchases += purchases.len() as u64;
        for pair in purchases.windows(2) {
            let apart = pair[1].time - pair[0].time;
            if apart > 0 && apart <= MICROS_PER_DAY / 24 {
                self.close_purchases.add(customer, pair[1].time);
            }
        }
    }

    fn add_rows(&mut self, rows: u64, customer: CustomerIndex) {
        self.rows += rows;
        match self.most_rows {
            Some((most, _)) if rows <= most => self.second_rows = self.second_rows.max(rows),
            before => {
                self.second_rows = before.map_or(0, |(most, _)| most);
                self.most_rows = Some((rows, customer));
            }
        }
    }

    fn merge(&mut self, later: Facts) {
        self.rows += later.rows;
        if let Some((rows, customer)) = later.most_rows {
            self.rows -= rows; // counted again
            self.add_rows(rows, customer);
        }
        self.second_rows = self.second_rows.max(later.second_rows);
        self.midnight += later.midnight;
        self.by_day.merge(&later.by_day);
        self.amounts.merge(later.amounts);
        self.discounts.merge(later.discounts);
        self.orders.merge(later.orders);
        self.purchases += later.purchases;
        self.close_purchases.merge(later.close_purchases);
        self.rows_together += later.rows_together;
    }
}

/// The UTC day of a time, in days since 1970-01-01.
pub(super) fn day_of(time: i64) -> i64 {
    time.div_euclid(MICROS_PER_DAY)
}

/// How often each of many numbers came, from the least one that did on.
#[derive(Debug, Clone, Default)]
struct Counts {
    first: usize,
    counts: Vec<u64>,
}

impl Counts {
    #[inline]
    fn add(&mut self, number: usize, count: u64) {
        match self.counts.get_mut(number.wrapping_sub(self.first)) {
            Some(own) => *own += count,
            None => self.add_beyond(number, count),
        }
    }

    fn add_beyond(&mut self, number: usize, count: u64) {
        if self.counts.is_empty() {
            self.first = number;
        }
        if number < self.first {
            let before = self.first - number;
            self.counts.splice(0..0, std::iter::repeat_n(0, before));
            self.first = number;
        }
        let place = number - self.first;
        if place >= self.counts.len() {
            self.counts.resize(place + 1, 0);
        }
        self.counts[place] += count;
    }

    fn merge(&mut self, other: &Counts) {
        other.counted().for_each(|(number, count)| self.add(number, count));
    }

    /// The numbers that came, ascending, and how often.
    fn counted(&self) -> impl Iterator<Item = (usize, u64)> + '_ {
        let all = self.counts.iter().enumerate();
        all.filter(|(_, count)| **count > 0).map(|(place, &count)| (self.first + place, count))
    }
}
