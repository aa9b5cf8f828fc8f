//! Which periods the report looks back on.

use crate::error::Result;
use crate::labels::LifecycleLimits;
use crate::log::EventLog;
use crate::periods::PeriodOptions;
use crate::retention::{CohortOptions, Cohorts, Flow, FlowOptions, Retention, RetentionOptions};
use crate::time::{Span, Timestamp};

/// Spans that people count in, the longest first.
const SPANS: [Span; 5] =
    [Span::months(12), Span::months(3), Span::months(1), Span::days(7), Span::days(1)];
/// Most periods of the flow, of retention, and of cohorts.
const MOST_FLOW: u32 = 12;
const MOST_RETENTION: u32 = 9;
const MOST_COHORTS: usize = 13;

/// Lengths of periods.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Lengths {
    pub(super) flow: Span,
    pub(super) retention: Span,
}

/// The flow goes by the longest span that is at most half of `lapsed_after`, so that who lapses and
/// comes back is seen to move; retention by the next longer one.
pub(super) fn lengths(limits: LifecycleLimits) -> Lengths {
    let most = limits.lapsed_after.approx_days() / 2.0;
    let short = |span: &Span| span.approx_days() <= most;
    let place = SPANS.iter().position(short).unwrap_or(SPANS.len() - 1);
    Lengths { flow: SPANS[place], retention: SPANS[place.saturating_sub(1)] }
}

/// As many whole periods before `at` as begin at or after `first`, at most `most`, the last one ending
/// with `at`; none where there is not even one.
fn before(
    first: Timestamp,
    at: Timestamp,
    every: Span,
    most: u32,
) -> Result<Option<PeriodOptions>> {
    let from =
        |every: Span, n: u32| at.sub_times("every", every, n).ok().filter(|start| *start >= first);
    for n in (1..=most).rev() {
        let Some(start) = from(every, n) else { continue };
        // Back and forth by months, the end of a month may not be met again.
        if start.add_times("every", every, n)? == at {
            return Ok(Some(PeriodOptions {
                every,
                start: Some(start.into()),
                end: Some(at.into()),
            }));
        }
        let every = Span::days(every.approx_days() as u32);
        let start = (1..=n).rev().find_map(|n| from(every, n));
        return Ok(start.map(|start| PeriodOptions {
            every,
            start: Some(start.into()),
            end: Some(at.into()),
        }));
    }
    Ok(None)
}

/// Only from when on the log is so long that a customer can be lost: before that the states say when
/// the log began, and not how the customers changed.
pub(super) fn flow(
    log: &EventLog,
    at: Timestamp,
    every: Span,
    limits: LifecycleLimits,
) -> Result<Option<Flow>> {
    let Ok(first) = log.first_event().add(limits.lost_after) else { return Ok(None) };
    let options = before(first, at, every, MOST_FLOW)?;
    options.map(|options| Flow::new(log, &FlowOptions { periods: options, limits })).transpose()
}

pub(super) fn retention(log: &EventLog, at: Timestamp, every: Span) -> Result<Option<Retention>> {
    let options = before(log.first_event(), at, every, MOST_RETENTION)?;
    options
        .map(|options| Retention::by_period(log, &RetentionOptions::default().periods(options)))
        .transpose()
}

/// By calendar periods: the shortest of month, quarter and year of which the log has at most thirteen,
/// or the last of its years.
pub(super) fn cohorts(log: &EventLog, at: Timestamp) -> Result<Option<Cohorts>> {
    for every in [Span::months(1), Span::months(3), Span::months(12)] {
        let mut periods = PeriodOptions { every, start: None, end: Some(at.into()) };
        let few = |options: &PeriodOptions| {
            options.periods(log).is_ok_and(|periods| periods.len() <= MOST_COHORTS)
        };
        if !few(&periods) {
            if every != Span::months(12) {
                continue;
            }
            let years = (MOST_COHORTS - 1) as u32;
            periods.start = Some(at.floor(every)?.sub_times("every", every, years)?.into());
        }
        return Ok(Some(Cohorts::new(log, &CohortOptions { periods, ..Default::default() })?));
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::{IdSlice, TransactionSlices};

    fn log(first: &str) -> EventLog {
        let orders = TransactionSlices {
            customer_id: IdSlice::Int(&[1]),
            time: &[first.parse().unwrap()],
            ..TransactionSlices::default()
        };
        let builder = EventLog::builder().transactions([orders.to_batch().unwrap()]);
        builder.observed_until("2024-12-31").unwrap().build().unwrap()
    }

    #[test]
    fn periods_are_shorter_than_the_silence_of_the_lapsed() {
        for (lapsed, flow, retention) in [
            ("3mo", "1mo", "3mo"),
            ("397d", "3mo", "12mo"),
            ("14d", "7d", "1mo"),
            ("1d", "1d", "7d"),
            ("5y", "1y", "1y"),
        ] {
            let limits = LifecycleLimits {
                lapsed_after: lapsed.parse().unwrap(),
                lost_after: Span::months(99),
            };
            let found = lengths(limits);
            assert_eq!(found.flow, flow.parse().unwrap(), "{lapsed}");
            assert_eq!(found.retention, retention.parse().unwrap(), "{lapsed}");
        }
    }

    #[test]
    fn the_last_period_ends_with_the_cutoff() {
        for (first, at, every, count) in [
            ("2020-01-01", "2024-12-01", "1mo", 12),
            ("2024-07-15", "2024-12-01", "1mo", 4),
            ("2020-01-01", "2024-10-31", "1mo", 12),
            ("2020-01-01", "2024-02-29", "1y", 4),
        ] {
            let log = log(first);
            let at: Timestamp = at.parse().unwrap();
            let options =
                before(log.first_event(), at, every.parse().unwrap(), 12).unwrap().unwrap();
            let periods = options.periods(&log).unwrap();
            assert_eq!(periods.window(periods.len() - 1).end, at, "{first} {at}");
            assert_eq!(periods.len(), count);
        }
        let [first, at] = ["2024-11-20", "2024-12-01"].map(|at| at.parse().unwrap());
        assert!(before(first, at, Span::months(1), 12).unwrap().is_none());
        let limits = LifecycleLimits::default();
        let flow = |first| flow(&log(first), at, Span::months(1), limits).unwrap();
        assert!(flow("2024-05-15").is_none());
        assert_eq!(flow("2024-05-01").map(|flow| flow.periods.len()), Some(1));
    }

    #[test]
    fn cohorts_are_few() {
        for (first, every, count) in [
            ("2024-03-05", 1, 10),
            ("2022-05-01", 3, 11),
            ("2013-05-01", 12, 12),
            ("1990-01-01", 12, 13),
        ] {
            let cohorts = cohorts(&log(first), "2024-12-31".parse().unwrap()).unwrap().unwrap();
            assert_eq!(cohorts.len(), count, "{first}");
            let window = cohorts.window(0);
            assert_eq!(window.start.add(Span::months(every)).unwrap(), window.end);
        }
    }
}
