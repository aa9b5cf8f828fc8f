//! What a model was trained on, found in its training table.

use rayon::prelude::*;

use super::training::{Training, TrainingCutoff};
use crate::error::Result;
use crate::features::ColumnValues;
use crate::hash;
use crate::labels::State;
use crate::log::EventLog;
use crate::panel::Panel;
use crate::time::Timestamp;

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
            share: log.share(),
            customers,
            data_hash: format!("{:016x}", hash_of(panel)),
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
