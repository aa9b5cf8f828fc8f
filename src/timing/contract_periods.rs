//! The paid periods of one customer's contracts, and what became of each.

use super::time_unit::TimeUnit;
use crate::log::{History, NO_TIME};
use crate::time::{Span, Timestamp};

/// What became of a period, as far as is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// Bought again before the period ended, or within the grace after it.
    Renewed,
    /// Not bought again within the grace.
    Ended,
    /// Not over, or still within the grace; or without an end.
    Open,
}

/// One customer's contracts: their periods, contract by contract.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Contracts {
    /// Of every contract when it began, and what became of its periods, the first of which has the
    /// age 1.
    pub(super) contracts: Vec<(i64, Vec<Fate>)>,
    /// Days with purchases whose end is not after their beginning.
    pub(super) void: u64,
}

/// What is bought on one day: when it begins, and its latest end, [`NO_TIME`] if it has none.
struct Bought {
    start: i64,
    end: i64,
}

impl Contracts {
    /// As known at the history's cutoff. A contract is a chain of periods; what is bought on one day
    /// is one period, until the latest end. A period is renewed by the first later purchase that
    /// lasts longer, if it comes at most `grace` after the end; who buys again later begins a new
    /// contract. What became of a period is known when its grace is over, also where it was bought
    /// again before: otherwise only renewals would be known early.
    pub(super) fn of(history: &History<'_>, grace: Span) -> Self {
        let mut found = Contracts::default();
        let Some(ends) = history.contract_ends() else { return found };
        let times = history.times();
        let day = |row: usize| TimeUnit::Day.start(times[row]);
        let rows: Vec<usize> = (0..times.len()).filter(|&row| history.is_bought(row)).collect();
        let cutoff = history.cutoff().micros();
        let mut bought = Vec::new();
        for rows in rows.chunk_by(|&a, &b| day(a) == day(b)) {
            let end = rows.iter().map(|&row| ends[row]).max().unwrap_or(NO_TIME);
            match end != NO_TIME && end <= times[rows[0]] {
                true => found.void += 1,
                false => bought.push(Bought { start: times[rows[0]], end }),
            }
        }
        let mut next = bought.into_iter().peekable();
        while let Some(Bought { start, mut end }) = next.next() {
            let mut periods = Vec::new();
            loop {
                // What does not last longer is bought beside the period.
                while next.next_if(|other| end == NO_TIME || other.ends_by(end)).is_some() {}
                let last = if end == NO_TIME { i64::MAX } else { last_moment(end, grace) };
                let renewal = next.next_if(|other| other.start <= last);
                let fate = match renewal {
                    _ if last >= cutoff => Fate::Open,
                    Some(_) => Fate::Renewed,
                    None => Fate::Ended,
                };
                periods.push(fate);
                match (fate, renewal) {
                    (Fate::Renewed, Some(renewal)) => end = renewal.end,
                    _ => break,
                }
            }
            let is_open = periods.last() == Some(&Fate::Open);
            found.contracts.push((start, periods));
            if is_open {
                break;
            }
        }
        found
    }
}

impl Bought {
    fn ends_by(&self, end: i64) -> bool {
        self.end != NO_TIME && self.end <= end
    }
}

/// The last moment at which a period that ends then can be renewed; a grace that ends after all
/// times is never over.
fn last_moment(end: i64, grace: Span) -> i64 {
    let last = Timestamp::from_micros(end).and_then(|end| end.add(grace));
    last.map_or(i64::MAX, Timestamp::micros)
}
