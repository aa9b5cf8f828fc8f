//! Consecutive periods of the calendar.

use crate::answer::options::options;
#[cfg(feature = "cli")]
use crate::answer::value;
use crate::error::{Error, Result};
use crate::log::{AllCustomers, LogFacts};
use crate::time::{Moment, Span, TimeZone, Timestamp, Window};

/// More periods than anyone reads, and fewer than a table of periods by periods can hold.
const MOST: usize = 2_000;

options! {
    /// Which periods to look at.
    #[derive(Copy, Eq)]
    pub struct PeriodOptions {
        /// Length of a period: 1w, 1mo, 1q, 1y or any span
        #[value(value_name = "SPAN", value_parser = value::<Span>)]
        #[takes(span)]
        every: Span = Span::months(1),
        /// Start of the first period; by default, the start of the first transaction's calendar
        /// period: the first day of a month, quarter or year, a Monday for weeks, the day itself
        /// for other spans
        #[option(value_name = "DATE", value_parser = value::<Moment>)]
        #[takes(time)]
        start: Option<Moment> = None,
        /// No period begins at or after this; by default the end of the log. The last period is a
        /// whole one even if it extends past this
        #[option(value_name = "DATE", value_parser = value::<Moment>)]
        #[takes(time)]
        end: Option<Moment> = None,
    }
}

impl PeriodOptions {
    /// The periods that these options select in a log.
    ///
    /// # Errors
    /// As [`Periods::new`]; [`Error::Argument`] for an end after the log's `observed_until`.
    pub fn periods(&self, log: &impl AllCustomers) -> Result<Periods> {
        self.periods_of(&log.facts())
    }

    /// As [`PeriodOptions::periods`], of the log of which this is known.
    pub(crate) fn periods_of(&self, log: &LogFacts) -> Result<Periods> {
        let LogFacts { first_event, observed_until: observed, rules, .. } = *log;
        let zone = rules.time_zone;
        let end = self.end.map_or(Ok(observed), |end| end.on("end", zone))?;
        if end > observed {
            let expected = format!("a time up to {observed}, where the log ends (observed_until)");
            return Err(Error::argument("end", end, expected));
        }
        let start = match self.start {
            Some(start) => start.on("start", zone)?,
            None if self.every.is_zero() => first_event,
            None => first_event.floor(self.every)?,
        };
        Periods::new(start, end, self.every)
    }
}

/// A period, as seen at some instant.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct Period {
    /// From when to when.
    pub window: Window,
    /// Whether it was over by then.
    pub finished: bool,
}

/// Consecutive half-open periods of equal span.
///
/// ```
/// use winback::periods::Periods;
/// let quarters = Periods::new("1997-01-01".parse()?, "1998-07-01".parse()?, "1q".parse()?)?;
/// assert_eq!(quarters.len(), 6);
/// assert_eq!(quarters.window(1).to_string(), "[1997-04-01, 1997-07-01)");
/// assert_eq!(quarters.finished("1998-06-30".parse()?), 5);   // the last one is not over yet
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Periods {
    every: Span,
    /// One more than there are periods, ascending.
    bounds: Vec<Timestamp>,
    /// The period at the start of every day from the first bound's on.
    at_day: Vec<u32>,
}

impl Periods {
    /// Periods of length `every` starting at `start`, as many as begin before `end`.
    ///
    /// Each bound is counted from `start` in one step, so month ends do not drift.
    ///
    /// # Errors
    /// [`Error::Argument`] for a span without length, an end not after the start, or more than
    /// 2,000 periods.
    pub fn new(start: Timestamp, end: Timestamp, every: Span) -> Result<Self> {
        if every.is_zero() {
            return Err(Error::argument("every", every, "more than 0d"));
        }
        if end <= start {
            return Err(Error::argument("end", end, format!("a time after the start, {start}")));
        }
        let mut bounds = vec![start];
        while let Some(&last) = bounds.last()
            && last < end
        {
            if bounds.len() > MOST {
                let expected = format!("at most {MOST} periods from {start} to {end}");
                return Err(Error::argument("every", every, expected));
            }
            bounds.push(start.add_times("every", every, bounds.len() as u32)?);
        }
        Ok(Self::of_bounds(every, bounds))
    }

    fn of_bounds(every: Span, bounds: Vec<Timestamp>) -> Self {
        let (first, last) = (bounds[0].day(), bounds[bounds.len() - 1].day());
        let mut period = 0;
        let at_day = (first..=last)
            .map(|day| {
                // The last bound is before none of these days.
                while bounds[period + 1].day() < day {
                    period += 1;
                }
                period as u32
            })
            .collect();
        Periods { every, bounds, at_day }
    }

    /// These periods with one more before the first.
    pub(crate) fn with_one_before(&self) -> Result<Self> {
        let mut bounds = vec![self.bounds[0].sub_argument("every", self.every)?];
        bounds.extend_from_slice(&self.bounds);
        Ok(Self::of_bounds(self.every, bounds))
    }

    /// Number of periods; at least one.
    #[expect(clippy::len_without_is_empty, reason = "there is always one")]
    pub fn len(&self) -> usize {
        self.bounds.len() - 1
    }

    /// Length of a period.
    pub fn every(&self) -> Span {
        self.every
    }

    /// Period number `i`, from 0.
    ///
    /// # Panics
    /// When there is no such period, as slices do.
    pub fn window(&self, i: usize) -> Window {
        Window { start: self.bounds[i], end: self.bounds[i + 1] }
    }

    /// How many periods end at or before this instant; the others are unfinished.
    pub fn finished(&self, observed_until: Timestamp) -> usize {
        self.bounds.partition_point(|&bound| bound <= observed_until).saturating_sub(1)
    }

    /// All of them, as seen at an instant.
    pub fn seen_at(&self, until: Timestamp) -> impl Iterator<Item = Period> {
        let finished = self.finished(until);
        (0..self.len()).map(move |i| Period { window: self.window(i), finished: i < finished })
    }

    /// The period in which an instant lies, in microseconds; none before the first or after the
    /// last.
    #[inline]
    pub(crate) fn of(&self, micros: i64) -> Option<usize> {
        let bounds = &self.bounds;
        if micros < bounds[0].micros() || micros >= bounds[bounds.len() - 1].micros() {
            return None;
        }
        let day = micros.div_euclid(crate::time::MICROS_PER_DAY) - bounds[0].day();
        let mut period = self.at_day[day as usize] as usize;
        while micros >= bounds[period + 1].micros() {
            period += 1;
        }
        Some(period)
    }
}

/// The times from a start on and before an end, where they are given.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Between {
    start: Option<Timestamp>,
    end: Option<Timestamp>,
}

impl Between {
    /// By the clock of this zone.
    ///
    /// # Errors
    /// [`Error::Argument`] for an end not after the start.
    pub(crate) fn new(start: Option<Moment>, end: Option<Moment>, zone: TimeZone) -> Result<Self> {
        let start = start.map(|start| start.on("start", zone)).transpose()?;
        let end = end.map(|end| end.on("end", zone)).transpose()?;
        if let (Some(start), Some(end)) = (start, end)
            && end <= start
        {
            return Err(Error::argument("end", end, format!("a time after the start, {start}")));
        }
        Ok(Between { start, end })
    }

    /// Whether a time, in microseconds since 1970, is one of them.
    pub(crate) fn holds(self, micros: i64) -> bool {
        self.start.is_none_or(|start| micros >= start.micros())
            && self.end.is_none_or(|end| micros < end.micros())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn periods_need_a_length_an_end_and_a_reasonable_number() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        for (start, end, every) in [
            ("2020-01-01", "2021-01-01", "0d"),
            ("2020-01-01", "2020-01-01", "1mo"),
            ("2020-01-01", "2040-01-01", "1d"),
            ("2262-01-01", "2262-04-10", "1y"),
        ] {
            let periods = Periods::new(at(start), at(end), every.parse().unwrap());
            assert!(periods.is_err(), "{start} {end} {every}");
        }
    }

    #[test]
    fn there_may_be_two_thousand_periods() {
        let start: Timestamp = "2020-01-01".parse().unwrap();
        let of_days = |days: u32| Periods::new(start, start.add(Span::days(days))?, Span::days(1));
        assert_eq!(of_days(MOST as u32).unwrap().len(), MOST);
        assert!(of_days(MOST as u32 + 1).is_err());
    }

    #[test]
    fn a_period_holds_its_first_instant_and_is_over_at_the_next_ones() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        // At nine in the morning, and at midnight.
        for start in ["2024-01-01T09:00", "2024-01-01"] {
            let periods = Periods::new(at(start), at("2024-03-01"), Span::months(1)).unwrap();
            let bounds: Vec<i64> =
                (0..2).map(|i| periods.window(i).start).map(Timestamp::micros).collect();
            let end = periods.window(1).end.micros();
            assert_eq!(bounds[1], at(&start.replace("-01-", "-02-")).micros());
            for (micros, period, finished) in [
                (bounds[0] - 1, None, 0),
                (bounds[0], Some(0), 0),
                (bounds[1] - 1, Some(0), 0),
                (bounds[1], Some(1), 1),
                (end - 1, Some(1), 1),
                (end, None, 2),
            ] {
                let until = Timestamp::from_micros(micros).unwrap();
                assert_eq!(periods.of(micros), period, "{until}");
                assert_eq!(periods.finished(until), finished, "{until}");
                let seen: Vec<bool> = periods.seen_at(until).map(|seen| seen.finished).collect();
                assert_eq!(seen, [finished > 0, finished > 1], "{until}");
            }
        }
    }

    #[test]
    fn a_stretch_of_time_holds_its_start_and_not_its_end() {
        let between = |start: Option<&str>, end: Option<&str>| {
            let moment = |text: &str| text.parse::<Moment>().unwrap();
            Between::new(start.map(moment), end.map(moment), TimeZone::default())
        };
        let times = [
            "2024-01-01T23:59:59.999999",
            "2024-01-02",
            "2024-01-02T23:59:59.999999",
            "2024-01-03",
        ];
        let (start, end) = (Some("2024-01-02"), Some("2024-01-03"));
        for (start, end, expected) in [
            (start, end, [false, true, true, false]),
            (start, None, [false, true, true, true]),
            (None, end, [true, true, true, false]),
            (None, None, [true; 4]),
        ] {
            let between = between(start, end).unwrap();
            let held = times.map(|time| between.holds(time.parse::<Timestamp>().unwrap().micros()));
            assert_eq!(held, expected, "{start:?} {end:?}");
        }
        assert!(between(start, start).is_err());
    }

    proptest! {
        #[test]
        fn prop_an_instant_lies_in_the_period_found_for_it(
            start in 0i64..400 * 86_400, months in 0u32..5, days in 0u32..40, count in 1i64..30,
            offset in -100i64..5_000,
        ) {
            prop_assume!(months + days > 0);
            let start = Timestamp::from_micros(start * 1_000_000).unwrap();
            let every = format!("{months}mo{days}d").parse::<Span>().unwrap();
            let end = start.add(Span::days(7 * count as u32)).unwrap();
            let periods = Periods::new(start, end, every).unwrap();
            let at = start.micros() + offset * 40_000_000_000;
            let slow = (0..periods.len()).find(|&i| {
                periods.window(i).contains(Timestamp::from_micros(at).unwrap())
            });
            prop_assert_eq!(periods.of(at), slow);
            let last = periods.window(periods.len() - 1);
            prop_assert!(last.start < end && last.end >= end);
            let longer = periods.with_one_before().unwrap();
            prop_assert_eq!(longer.len(), periods.len() + 1);
            prop_assert_eq!(longer.window(1), periods.window(0));
        }
    }
}
