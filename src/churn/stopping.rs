//! How many trees boosting grows, chosen at the latest cutoff and never at random.

use ndarray::ArrayView2;

use super::state_model::{MIN_OUTCOMES, OutcomeCounts};
use crate::error::Result;
use crate::models::trees::Boosting;
use crate::time::Timestamp;

/// What a training row is to the choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Its outcome window ends by the latest cutoff: trees are grown from it.
    Grow,
    /// It is of the latest cutoff: it judges.
    Judge,
    /// Its outcome window reaches into the judges' time.
    Neither,
}

impl Role {
    pub(crate) fn of(cutoff: Timestamp, window_end: Timestamp, latest: Timestamp) -> Role {
        match () {
            () if cutoff == latest => Role::Judge,
            () if window_end <= latest => Role::Grow,
            () => Role::Neither,
        }
    }
}

/// The roles of one state's training rows.
#[derive(Debug)]
pub(crate) struct Stopping {
    pub(crate) roles: Vec<Role>,
}

impl Stopping {
    /// The number of trees that predicts the latest cutoff best; none when that is not wanted or
    /// there are too few outcomes to tell.
    pub(crate) fn choose(
        &self,
        params: &Boosting,
        x: ArrayView2<'_, f64>,
        purchased: &[bool],
        categories: &[(usize, usize)],
    ) -> Result<Option<usize>> {
        let enough = |role: Role| {
            let mut counts = OutcomeCounts::default();
            let rows = self.roles.iter().zip(purchased).filter(|(r, _)| **r == role);
            rows.for_each(|(_, &purchased)| counts.add(purchased));
            counts.purchased.min(counts.not_purchased) >= MIN_OUTCOMES
        };
        if !params.stops_early() || !enough(Role::Grow) || !enough(Role::Judge) {
            return Ok(None);
        }
        let weight = |role: &Role| f64::from(u8::from(*role != Role::Neither));
        let weights: Vec<f64> = self.roles.iter().map(weight).collect();
        let held_out: Vec<bool> = self.roles.iter().map(|role| *role == Role::Judge).collect();
        let chosen = params.fit_held_out(x, purchased, Some(&weights), categories, &held_out)?;
        Ok(Some(chosen.tree_count().max(1)))
    }
}
