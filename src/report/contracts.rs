//! Contracts that are running: who is within one buys nothing, and leaves nobody.

use super::texts as t;
use super::words::Words;
use crate::churn::ChurnModel;
use crate::churn::score::Scored;
use crate::error::{Error, Result};
use crate::labels::{State, outcome_window};
use crate::snapshot::Snapshot;
use crate::timing::{RenewalOptions, Renewals};

/// Who is within a contract, of a log that has ends.
pub(super) struct RunningContracts {
    /// Of each customer that is scored, whether the contract goes on after the outcome window.
    outlasts: Vec<bool>,
    /// How many of the active customers that is.
    active: u64,
    /// Lapsed and lost customers whose contract is running at the cutoff.
    silent: u64,
    /// Contract periods that were over before the cutoff, and those of them that were renewed.
    over: u64,
    renewed: u64,
}

impl RunningContracts {
    /// None where no row says an end.
    pub(super) fn find(
        model: &ChurnModel,
        snapshot: &Snapshot,
        scored: &Scored,
    ) -> Result<Option<Self>> {
        let (log, at) = (snapshot.log(), snapshot.at());
        if !log.columns().valid_until {
            return Ok(None);
        }
        let end = outcome_window(at, model.lead(), model.horizon())?.end;
        let valid = |place: usize, at| snapshot.history(scored.customers[place]).is_valid_at(at);
        let outlasts: Vec<bool> = (0..scored.rows.len()).map(|place| valid(place, end)).collect();
        let is_active = |place: &usize| scored.rows[*place].state == State::Active;
        let (active, silent): (Vec<usize>, Vec<usize>) =
            (0..scored.rows.len()).partition(is_active);
        let options = RenewalOptions::default().until(Some(at.into()));
        let (over, renewed) = match Renewals::new(log, &options) {
            Ok(found) => found.totals(),
            Err(Error::TooLittleData(_)) => (0, 0),
            Err(error) => return Err(error),
        };
        Ok(Some(RunningContracts {
            active: active.into_iter().filter(|&place| outlasts[place]).count() as u64,
            silent: silent.into_iter().filter(|&place| valid(place, at)).count() as u64,
            outlasts,
            over,
            renewed,
        }))
    }

    /// Whether the contract of a customer, by its place among those that are scored, goes on after the
    /// outcome window.
    pub(super) fn outlasts(&self, place: usize) -> bool {
        self.outlasts[place]
    }

    /// What is to be said of them.
    pub(super) fn sentences(&self, words: Words<'_>) -> Vec<String> {
        let mut said = Vec::new();
        if self.active > 0 {
            said.push(words.say(t::WITHIN_CONTRACT, &[&words.count(self.active)]));
        }
        if self.silent > 0 {
            said.push(words.say(t::SILENT_WITHIN_CONTRACT, &[&words.count(self.silent)]));
        }
        if self.over > 0 {
            let share = words.percent(self.renewed as f64 / self.over as f64);
            let [over, renewed] = [self.over, self.renewed].map(|count| words.count(count));
            said.push(words.say(t::RENEWED, &[&over, &renewed, &share]));
        }
        said
    }
}
