//! What is learned at the training cutoffs of all customers together.

use rayon::prelude::*;

use super::gap_scale::{GapScale, LogGaps};
use super::learned::Learned;
use super::silences::{CURVES, Counts, Curve, Silences};
use crate::log::EventLog;
use crate::panel::PanelOptions;
use crate::stats::exact_sum;
use crate::time::Timestamp;
use crate::timing::purchases;

/// A model learns the seasons where its training cutoffs are so many days apart, the first from the last:
/// over less, what is due to the time of the year cannot be told from what changes for good.
const SEASONS_FROM_DAYS: f64 = 540.0;

impl Learned {
    /// Of the customers known at the latest of the training cutoffs.
    pub(crate) fn of(log: &EventLog, cutoffs: &[Timestamp], options: &PanelOptions) -> Self {
        let first = cutoffs.iter().min().copied().unwrap_or(Timestamp::MIN);
        let latest = cutoffs.iter().max().copied().unwrap_or(first);
        Learned {
            lead: options.lead,
            horizon: options.horizon,
            season: latest.days_since(first) >= SEASONS_FROM_DAYS,
            purchases: purchases(log, latest),
            silences: Silences::of(log, latest),
            gaps: GapScale::of(log, latest),
        }
    }
}

impl GapScale {
    /// Of the customers known at a cutoff; none where all gaps are equal, or there are none.
    pub(crate) fn of(log: &EventLog, at: Timestamp) -> Option<GapScale> {
        let all = log.customers().par_indices().with_min_len(1_024);
        let gaps: Vec<LogGaps> =
            all.map(|c| LogGaps::of(log.history(c, at).purchase_days())).collect();
        let total = |of: fn(&LogGaps) -> f64| exact_sum(gaps.iter().map(of));
        let count = total(|gaps| gaps.count as f64);
        let mean = total(|gaps| gaps.sum) / count;
        let sd = (total(|gaps| gaps.squares) / count - mean * mean).sqrt();
        Some(GapScale { mean, sd }).filter(|scale| scale.is_sound())
    }
}

impl Silences {
    /// Of the customers known at a cutoff; none where no silence ended yet.
    pub(crate) fn of(log: &EventLog, at: Timestamp) -> Option<Silences> {
        let all = log.customers().par_indices().with_min_len(1_024);
        let counts = all
            .fold(Counts::default, |counts, customer| counts.of(&log.history(customer, at)))
            .reduce(Counts::default, Counts::merge);
        let silences = Silences { curves: counts.0.map(|counts| Curve::of(&counts)) };
        Some(silences).filter(|found| !found.curves[CURVES - 1].days.is_empty())
    }
}
