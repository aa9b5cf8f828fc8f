//! The silences of all customers, counted by length in one pass.
//!
//! A silence begins on each day with a purchase and ends on the customer's next one; the last one
//! still lasts. Its length is counted in days (UTC), as gaps are everywhere.

use crate::groups::{PURCHASE_BANDS, purchase_band};
use crate::log::{CustomerIndices, EventLog, History, over_customers};
use crate::time::{MICROS_PER_DAY, Timestamp};

/// Numbers that the counts hold of some ten years.
const SIZE: usize = 1 << 16;

/// Silences of one group, by whole days.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub(super) struct Counts {
    /// Customers with a silence here.
    pub(super) customers: u64,
    /// Silences that ended with a purchase after so many days.
    pub(super) ended: Vec<u64>,
    /// Silences that still last, by the days seen without a purchase.
    pub(super) open: Vec<u64>,
    /// Those of them inside a contract or paid period. Counted of all customers together.
    pub(super) inside: Vec<u64>,
    /// Silences that reached so many days, with the whole horizon after that day seen.
    pub(super) watched: Vec<i64>,
    /// Those of them that ended inside this horizon.
    pub(super) returned: Vec<i64>,
}

/// One silence, in days since 1970-01-01.
#[derive(Debug, Clone, Copy)]
struct Silence {
    start: i64,
    next: Option<i64>,
}

/// What is seen: up to before this day, and how many days of horizon.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    pub(super) end: i64,
    pub(super) horizon: i64,
}

impl Seen {
    /// A day that is cut by `until` counts as seen.
    pub(super) fn new(until: Timestamp, horizon: i64) -> Self {
        let unfinished = i64::from(until.micros().rem_euclid(MICROS_PER_DAY) > 0);
        Seen { end: until.day() + unfinished, horizon }
    }
}

fn at<T: Copy + Default>(values: &mut Vec<T>, place: i64) -> &mut T {
    let place = place.max(0) as usize;
    if values.len() <= place {
        values.resize(place + 1, T::default());
    }
    &mut values[place]
}

impl Counts {
    /// While counting, `watched` and `returned` hold differences from day to day, so that a silence
    /// costs the same whatever its length.
    fn add(&mut self, silence: Silence, seen: Seen) {
        let Silence { start, next } = silence;
        // The latest length after which the whole horizon was seen; an open silence has reached it.
        let mut last = seen.end - seen.horizon - start;
        match next {
            Some(next) => {
                let gap = next - start;
                *at(&mut self.ended, gap) += 1;
                last = last.min(gap);
                let first = (gap - seen.horizon + 1).max(1);
                if first <= last {
                    *at(&mut self.returned, first) += 1;
                    *at(&mut self.returned, last + 1) -= 1;
                }
            }
            None => *at(&mut self.open, seen.end - 1 - start) += 1,
        }
        if last >= 1 {
            *at(&mut self.watched, 1) += 1;
            *at(&mut self.watched, last + 1) -= 1;
        }
    }

    pub(super) fn merge(&mut self, other: &Counts) {
        fn add<T: Copy + Default + std::ops::AddAssign>(own: &mut Vec<T>, other: &[T]) {
            if own.len() < other.len() {
                own.resize(other.len(), T::default());
            }
            own.iter_mut().zip(other).for_each(|(own, &other)| *own += other);
        }
        self.customers += other.customers;
        add(&mut self.ended, &other.ended);
        add(&mut self.open, &other.open);
        add(&mut self.inside, &other.inside);
        add(&mut self.watched, &other.watched);
        add(&mut self.returned, &other.returned);
    }

    /// Turns the differences into counts.
    fn finish(&mut self) {
        for counts in [&mut self.watched, &mut self.returned] {
            let mut sum = 0;
            for count in counts.iter_mut() {
                sum += *count;
                *count = sum;
            }
        }
    }
}

/// The silences by group.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct Silences {
    pub(super) all: Counts,
    pub(super) by_purchases: Vec<Counts>,
    pub(super) by_group: Vec<Counts>,
}

/// Of each customer its group, and how many groups there are; nothing where there are none.
pub(super) type Places<'a> = (&'a [u32], usize);

impl Silences {
    /// Counts the silences of the customers of a log before `until`, before they are finished.
    pub(super) fn count(log: &EventLog, until: Timestamp, seen: Seen, groups: Places<'_>) -> Self {
        let part = |customers| Silences::part(log, customers, until, seen, groups);
        over_customers(log, SIZE, part, Silences::merge)
    }

    fn part(
        log: &EventLog,
        customers: CustomerIndices,
        until: Timestamp,
        seen: Seen,
        (places, groups): Places<'_>,
    ) -> Self {
        let mut silences = Silences {
            all: Counts::default(),
            by_purchases: vec![Counts::default(); PURCHASE_BANDS.len()],
            by_group: vec![Counts::default(); groups],
        };
        for customer in customers {
            let group = places.get(customer.index()).map(|&group| group as usize);
            silences.add(&log.history(customer, until), seen, group);
        }
        silences
    }

    /// Turns the differences into counts, and sums up all customers.
    pub(super) fn finish(mut self) -> Self {
        let with_purchase = self.all.customers;
        for counts in &self.by_purchases {
            self.all.merge(counts);
        }
        self.all.customers = with_purchase;
        let Silences { all, by_purchases, by_group } = &mut self;
        all.finish();
        by_purchases.iter_mut().chain(by_group).for_each(Counts::finish);
        self
    }

    fn add(&mut self, history: &History<'_>, seen: Seen, group: Option<usize>) {
        let purchases = history.purchases();
        if purchases.is_empty() {
            return;
        }
        self.all.customers += 1;
        let mut own = group.and_then(|group| self.by_group.get_mut(group));
        if let Some(counts) = &mut own {
            counts.customers += 1;
        }
        let day = |purchase: usize| purchases[purchase].time.div_euclid(MICROS_PER_DAY);
        if history.is_valid_at(history.cutoff()) {
            *at(&mut self.all.inside, seen.end - 1 - day(purchases.len() - 1)) += 1;
        }
        let mut before = None;
        for purchase in 0..purchases.len() {
            let start = day(purchase);
            let next = (purchase + 1 < purchases.len()).then(|| day(purchase + 1));
            if next == Some(start) {
                continue;
            }
            let silence = Silence { start, next };
            let group = purchase_band(purchase + 1);
            let counts = &mut self.by_purchases[group];
            counts.customers += u64::from(before != Some(group));
            before = Some(group);
            counts.add(silence, seen);
            if let Some(counts) = &mut own {
                counts.add(silence, seen);
            }
        }
    }

    /// Adds those of other customers.
    pub(super) fn merge(&mut self, other: Silences) {
        self.all.merge(&other.all);
        for (own, other) in
            [(&mut self.by_purchases, &other.by_purchases), (&mut self.by_group, &other.by_group)]
        {
            own.iter_mut().zip(other).for_each(|(own, other)| own.merge(other));
        }
    }
}
