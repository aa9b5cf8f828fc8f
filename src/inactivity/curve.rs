//! How many silent customers come back after how many days, and which limits that suggests.

use super::options::LEAST_SILENCES;
use super::silences::Counts;
use crate::stats::{IntervalKind, KaplanMeier, wilson_interval};

/// A share and, if available, its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct Estimate {
    /// The share.
    pub share: f64,
    /// Lower and upper end of its interval.
    pub interval: Option<(f64, f64)>,
}

/// What became of the silences that reached a given length.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct Returns {
    /// Silences that lasted at least this many days and for which the whole horizon after that was
    /// observed.
    pub silences: u64,
    /// Those that ended with a purchase inside this horizon.
    pub returned: u64,
    /// Their share, with Wilson's interval; none without silences.
    pub within_horizon: Option<Estimate>,
    /// The share that returns at all, as far as the log can tell: up to the longest silence that at
    /// least 100 reached ([`super::InactivityReport::longest_seen`]). By Kaplan-Meier, so the
    /// silences that still last count for as long as they were observed, with its log-log interval.
    /// None if the horizon after the length reaches beyond that silence.
    pub at_all: Option<Estimate>,
    /// Of all silences that end with a return, as far as the log can tell, the share that last this
    /// long or longer: the returning customers that a limit here would label as lapsed.
    pub late_returns: Option<f64>,
}

/// The silences of one group, ready to be asked.
#[derive(Debug)]
pub(super) struct Curve<'a> {
    pub(super) counts: &'a Counts,
    /// None without silences.
    pub(super) estimate: Option<KaplanMeier>,
    /// The longest silence that at least 100 reached; none where fewer are there.
    pub(super) longest_seen: Option<i64>,
    horizon: i64,
}

impl<'a> Curve<'a> {
    pub(super) fn new(counts: &'a Counts, horizon: i64) -> Self {
        let days = counts.ended.len().max(counts.open.len());
        let at = |values: &[u64], day: usize| values.get(day).copied().unwrap_or(0);
        let by_day =
            (0..days).map(|day| (day as f64, at(&counts.ended, day), at(&counts.open, day)));
        let estimate = KaplanMeier::from_counts(by_day).ok();
        let seen = estimate.as_ref().and_then(|estimate| {
            estimate.steps().iter().rev().find(|step| step.at_risk >= LEAST_SILENCES)
        });
        let longest_seen = seen.map(|step| step.time as i64);
        Curve { counts, estimate, longest_seen, horizon }
    }

    pub(super) fn silences(&self) -> u64 {
        self.counts.ended.iter().chain(&self.counts.open).sum()
    }

    pub(super) fn gaps(&self) -> u64 {
        self.counts.ended.iter().sum()
    }

    /// The estimate from the gaps that ended alone; none without any.
    pub(super) fn completed(&self) -> Option<KaplanMeier> {
        let by_day = self.counts.ended.iter().enumerate();
        KaplanMeier::from_counts(by_day.map(|(day, &ended)| (day as f64, ended, 0))).ok()
    }

    fn watched(&self, days: i64) -> (u64, u64) {
        let at = |values: &[i64]| {
            usize::try_from(days)
                .ok()
                .and_then(|day| values.get(day))
                .map_or(0, |&n| n.max(0) as u64)
        };
        (at(&self.counts.watched), at(&self.counts.returned))
    }

    /// The share of silences that last so many days or longer.
    fn reached(&self, days: i64) -> Option<f64> {
        self.estimate.as_ref()?.survival_at((days - 1) as f64)
    }

    pub(super) fn returns(&self, days: i64) -> Returns {
        let (silences, returned) = self.watched(days);
        let interval = wilson_interval(returned, silences);
        let share = returned as f64 / silences as f64;
        Returns {
            silences,
            returned,
            within_horizon: (silences > 0).then_some(Estimate { share, interval }),
            at_all: self.at_all(days),
            late_returns: self.late_returns(days),
        }
    }

    fn at_all(&self, days: i64) -> Option<Estimate> {
        let seen =
            self.longest_seen.filter(|seen| days.saturating_add(self.horizon) - 1 <= *seen)?;
        let later = self.estimate.as_ref()?.at_least(days as f64)?;
        let interval = later.interval_at(seen as f64, IntervalKind::LogLog);
        Some(Estimate {
            share: 1.0 - later.survival_at(seen as f64)?,
            interval: interval.map(|(low, high)| (1.0 - high, 1.0 - low)),
        })
    }

    fn late_returns(&self, days: i64) -> Option<f64> {
        let seen = self.longest_seen.filter(|seen| days <= *seen)?;
        let never = self.reached(seen + 1)?;
        (never < 1.0).then_some((self.reached(days)? - never) / (1.0 - never))
    }

    /// The shortest silence from `not_before` on after which less than `share` return within the
    /// horizon, provided no longer silence has a clearly higher return rate (the lower end of
    /// Wilson's interval above `share`). Only lengths that 100 silences reached are looked at. None also where less than
    /// `share` return from the first day on: silence then tells nothing that was not so before.
    pub(super) fn limit(&self, share: f64, not_before: i64) -> Option<i64> {
        let mut limit = None;
        for days in not_before..=self.longest_watched()? {
            let (silences, returned) = self.watched(days);
            if wilson_interval(returned, silences).is_some_and(|(low, _)| low >= share) {
                limit = None;
            } else if limit.is_none() && (returned as f64) < share * silences as f64 {
                limit = Some(days);
            }
        }
        limit.filter(|&days| days > 1)
    }

    /// The longest length that 100 silences reached with the whole horizon after it seen.
    pub(super) fn longest_watched(&self) -> Option<i64> {
        let longest = (1..self.counts.watched.len() as i64).rev();
        longest.into_iter().find(|&days| self.watched(days).0 >= LEAST_SILENCES)
    }

    /// The share of the returns that come before so many days; none where the log does not tell.
    pub(super) fn returns_before(&self, days: i64) -> Option<f64> {
        Some(1.0 - self.late_returns(days)?)
    }
}
