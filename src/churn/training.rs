//! What a model was trained on.

use rayon::prelude::*;

use super::training_rows::{MIN_OUTCOMES, OutcomeCounts};
use crate::error::Result;
use crate::features::ColumnValues;
use crate::hash;
use crate::labels::State;
use crate::log::EventLog;
use crate::panel::Panel;
use crate::time::Timestamp;

/// What a model was trained on.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Training {
    /// Nothing at or after this instant was used.
    pub until: Timestamp,
    /// The cutoffs, ascending, with their rows.
    pub cutoffs: Vec<TrainingCutoff>,
    /// The first transaction of the log.
    pub first_event: Timestamp,
    /// Customers with a purchase before the latest cutoff.
    pub customers: usize,
    /// A fingerprint of the training table, 16 hexadecimal digits, computed from the values that
    /// the model learned from, in the order of cutoffs and customer ids. It changes when any of
    /// them does, and with nothing else. It detects changes; it does not protect against forgery.
    pub data_hash: String,
}

/// Training rows of one cutoff.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct TrainingCutoff {
    /// The cutoff.
    pub cutoff: Timestamp,
    /// Active customers.
    pub active: OutcomeCounts,
    /// Lapsed customers.
    pub lapsed: OutcomeCounts,
    /// Lost customers.
    pub lost: OutcomeCounts,
}

impl Training {
    pub(crate) fn of(panel: &Panel, log: &EventLog, until: Timestamp) -> Result<Training> {
        let mut cutoffs: Vec<TrainingCutoff> = Vec::new();
        let rows = panel.features().row_cutoffs().zip(panel.states()).zip(panel.purchased());
        for ((cutoff, state), purchased) in rows {
            if cutoffs.last().is_none_or(|last| last.cutoff != cutoff) {
                let (active, lapsed, lost) = Default::default();
                cutoffs.push(TrainingCutoff { cutoff, active, lapsed, lost });
            }
            let (Some(last), Some(purchased)) = (cutoffs.last_mut(), purchased) else { continue };
            match state {
                State::Active => last.active.add(purchased),
                State::Lapsed => last.lapsed.add(purchased),
                State::Lost => last.lost.add(purchased),
            }
        }
        let table = panel.features();
        let latest = table.cutoffs().len().checked_sub(1);
        let customers = latest.map_or(0, |latest| table.rows_of(latest).len());
        Ok(Training {
            until,
            cutoffs,
            first_event: log.first_event(),
            customers,
            data_hash: format!("{:016x}", hash_of(panel)),
        })
    }

    /// Whether one state's customers had at least [`MIN_OUTCOMES`] rows of either outcome. If not,
    /// predictions for them rely on other customers.
    pub fn has_enough(&self, state: State) -> bool {
        self.rows(state).least() >= MIN_OUTCOMES
    }

    /// Rows of all cutoffs of the customers of one state.
    pub fn rows(&self, state: State) -> OutcomeCounts {
        let of_state = |cutoff: &TrainingCutoff| match state {
            State::Active => cutoff.active,
            State::Lapsed => cutoff.lapsed,
            State::Lost => cutoff.lost,
        };
        self.cutoffs.iter().map(of_state).fold(OutcomeCounts::default(), |sum, n| OutcomeCounts {
            purchased: sum.purchased + n.purchased,
            not_purchased: sum.not_purchased + n.not_purchased,
        })
    }
}

/// The same for the same values, wherever and on however many threads.
fn hash_of(panel: &Panel) -> u64 {
    let mix = |hash: u64, word: u64| hash::spread(hash.rotate_left(5) ^ word);
    let text = |text: &str| hash::of_bytes(text.bytes());
    let column = |values: &ColumnValues| match values {
        ColumnValues::Numbers(values) => values.values().iter().fold(0, |hash, value| {
            // One bit pattern for all that is missing.
            mix(hash, if value.is_nan() { f64::NAN.to_bits() } else { value.to_bits() })
        }),
        ColumnValues::Texts { codes, texts } => {
            let hashes: Vec<u64> = texts.iter().map(|level| text(level)).collect();
            let of = |code: &u32| hashes.get(*code as usize).copied().unwrap_or(0);
            codes.iter().fold(1, |hash, code| mix(hash, of(code)))
        }
    };
    let columns: Vec<u64> = panel
        .features()
        .columns()
        .par_iter()
        .map(|each| mix(text(&each.name), column(&each.values)))
        .collect();
    let cutoffs = panel.features().row_cutoffs().map(|cutoff| cutoff.micros() as u64);
    let rows = cutoffs.zip(panel.states()).zip(panel.purchased());
    let start = rows.fold(2, |hash, ((cutoff, state), purchased)| {
        let outcome = purchased.map_or(0, |purchased| 1 + u64::from(purchased));
        mix(mix(hash, cutoff), *state as u64 * 3 + outcome)
    });
    columns.into_iter().fold(start, mix)
}
