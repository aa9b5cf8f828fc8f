//! Purchases that follow the calendar, such as a gift each December.

use std::fmt;

use super::options::{LEAST_SILENCES, days_of};
use super::silences::{Counts, Seen, Silences};
use crate::labels::LifecycleLimits;
use crate::snapshot::Snapshot;
use crate::time::Span;

/// A calendar rhythm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Period {
    /// 27 to 33 days between purchases.
    Monthly,
    /// 81 to 101 days.
    Quarterly,
    /// 166 to 200 days.
    HalfYearly,
    /// 334 to 396 days.
    Yearly,
}

impl Period {
    /// All four, by length.
    pub const ALL: [Period; 4] =
        [Period::Monthly, Period::Quarterly, Period::HalfYearly, Period::Yearly];

    /// `monthly`, `quarterly`, `half-yearly` or `yearly`.
    pub const fn name(self) -> &'static str {
        match self {
            Period::Monthly => "monthly",
            Period::Quarterly => "quarterly",
            Period::HalfYearly => "half-yearly",
            Period::Yearly => "yearly",
        }
    }

    /// The first and the last day of the gaps that belong to the rhythm: whole weeks, so that
    /// customers who come on one day of the week do not tip the scales.
    pub const fn days(self) -> (usize, usize) {
        match self {
            Period::Monthly => (27, 33),
            Period::Quarterly => (81, 101),
            Period::HalfYearly => (166, 200),
            Period::Yearly => (334, 396),
        }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Returns cluster one calendar period after the last purchase.
///
/// The rule: among those silent on the days of [`Period::days`], at least twice as many return per
/// day as on as many days before, and as on as many days after; there are at least 30 such returns,
/// and they are at least 5 % of all gaps; and at least 100 silences were observed to the end of the
/// days after. Rates of return are compared rather than counts, because fewer and fewer customers
/// are silent for longer.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct CalendarRhythm {
    /// The period.
    pub period: Period,
    /// Gaps of its length.
    pub gaps: u64,
    /// Their share of all gaps.
    pub gap_share: f64,
    /// Return rate per day of those silent on its days, divided by the same rate on as many days
    /// before and after; infinite if nobody returns then.
    pub ratio: f64,
    /// Of the customers inside a contract or paid period at the cutoff, nine in ten bought at most so many
    /// days before: the others have longer contracts. None where fewer than 30 are inside one.
    pub inside_days: Option<u32>,
}

/// How many times the rate of returns before and after.
const LEAST_RATIO: f64 = 2.0;
const LEAST_GAPS: u64 = 30;
const LEAST_GAP_SHARE: f64 = 0.05;
/// Customers inside a contract from which on contracts say how long silence means nothing.
const LEAST_INSIDE: u64 = 30;
/// The share of them who have been silent for as long at most: where contracts are often renewed early,
/// the others are not inside the usual one.
const INSIDE_SHARE: f64 = 0.9;

impl CalendarRhythm {
    /// The calendar rhythms in what was known at a cutoff, by length; usually none.
    ///
    /// ```
    /// use winback::inactivity::CalendarRhythm;
    /// use winback::{EventLog, simulate::Simulation};
    /// let shop = Simulation::default().customers(300).run()?;
    /// let log = EventLog::builder()
    ///     .transactions([shop.transactions])
    ///     .observed_until("2025-01-01")?
    ///     .build()?;
    /// assert!(CalendarRhythm::find(&log.at("2025-01-01")?).is_empty());
    /// # Ok::<(), winback::Error>(())
    /// ```
    pub fn find(snapshot: &Snapshot) -> Vec<CalendarRhythm> {
        of_counts(&silences_at(snapshot).finish().all)
    }

    /// Whether it makes the limits wrong: customers who are only waiting for their next turn would
    /// be lapsed, because `lapsed_after` ends before the rhythm's last day has passed or, where
    /// contracts make the rhythm, while customers are inside one.
    pub fn contradicts(&self, limits: LifecycleLimits) -> bool {
        self.passes(limits.lapsed_after)
    }

    fn passes(&self, limit: Span) -> bool {
        let last = self.inside_days.map_or(self.period.days().1 as i64, i64::from);
        days_of(limit) <= last
    }

    /// Which limits are wrong, in words.
    pub(super) fn wrong_limits(&self, limits: LifecycleLimits) -> String {
        let LifecycleLimits { lapsed_after, lost_after } = limits;
        match self.passes(lost_after) {
            true => format!("{lapsed_after} and {lost_after} are wrong limits here"),
            false => format!("{lapsed_after} is a wrong limit here"),
        }
    }
}

/// The silences at a cutoff, which tell rhythms once those of all customers are merged.
pub(crate) fn silences_at(snapshot: &Snapshot) -> Silences {
    let (log, at) = (snapshot.log(), snapshot.at());
    Silences::count(log, at, Seen::new(at, 1), (&[], 0))
}

/// The rhythm in silences that contradicts the limits, in words; none mostly.
pub(crate) fn contradicting_rhythm(silences: Silences, limits: LifecycleLimits) -> Option<String> {
    let rhythms = of_counts(&silences.finish().all);
    let wrong = rhythms.iter().find(|rhythm| rhythm.contradicts(limits));
    wrong.map(|rhythm| format!("{rhythm}; {}", rhythm.wrong_limits(limits)))
}

impl fmt::Display for CalendarRhythm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, last) = self.period.days();
        let Self { period, gap_share, ratio, .. } = self;
        let percent = gap_share * 100.0;
        write!(
            f,
            "a {period} rhythm: {percent:.0} % of all gaps last {first} to {last} days, and "
        )?;
        match ratio.is_finite() {
            true => write!(f, "returns are {ratio:.1} times as frequent then as")?,
            false => f.write_str("nobody returns")?,
        }
        write!(f, " in the {} days before and after", last - first + 1)
    }
}

pub(super) fn of_counts(counts: &Counts) -> Vec<CalendarRhythm> {
    let at = |values: &[u64], day: usize| values.get(day).copied().unwrap_or(0);
    let gaps: u64 = counts.ended.iter().sum();
    // Silences that lasted at least so many days.
    let mut silent = vec![0u64; counts.ended.len().max(counts.open.len()) + 1];
    for day in (0..silent.len() - 1).rev() {
        silent[day] = silent[day + 1] + at(&counts.ended, day) + at(&counts.open, day);
    }
    let sums = |first: usize, last: usize| -> (u64, u64) {
        (first..=last).fold((0, 0), |(ended, risk), day| {
            (ended + at(&counts.ended, day), risk + at(&silent, day))
        })
    };
    let rate = |(ended, risk): (u64, u64)| ended as f64 / risk as f64;
    let rhythm = |period: Period| {
        let (first, last) = period.days();
        let width = last - first + 1;
        if at(&silent, last + width) < LEAST_SILENCES {
            return None;
        }
        let inside = sums(first, last);
        let before = sums(first - width, first - 1);
        let after = sums(last + 1, last + width);
        let around = (before.0 + after.0, before.1 + after.1);
        let gap_share = inside.0 as f64 / gaps as f64;
        let piled_up = rate(inside) >= LEAST_RATIO * rate(before)
            && rate(inside) >= LEAST_RATIO * rate(after)
            && inside.0 >= LEAST_GAPS
            && gap_share >= LEAST_GAP_SHARE;
        let ratio = rate(inside) / rate(around);
        let inside_days = inside_days(&counts.inside);
        piled_up.then_some(CalendarRhythm { period, gaps: inside.0, gap_share, ratio, inside_days })
    };
    Period::ALL.into_iter().filter_map(rhythm).collect()
}

/// See [`CalendarRhythm::inside_days`]; of customers inside a contract by the days without a purchase.
fn inside_days(inside: &[u64]) -> Option<u32> {
    let all: u64 = inside.iter().sum();
    if all < LEAST_INSIDE {
        return None;
    }
    let most = (INSIDE_SHARE * all as f64).ceil() as u64;
    let mut sum = 0;
    let day = inside.iter().position(|&count| {
        sum += count;
        sum >= most
    });
    day.and_then(|day| u32::try_from(day).ok())
}
