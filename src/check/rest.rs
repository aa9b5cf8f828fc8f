//! What columns that no log has say of its rows: that an order was cancelled, or that rows which
//! seem to repeat others differ.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use arrow_array::{Array, LargeStringArray};

use super::finding::{Finding, Severity};
use super::names::words;
use super::numbers::NumberForm;
use super::profile::{Kind, Look, Profile};
use crate::error::{Result, quoted};
use crate::log::counted;
use crate::log::{TableInput, as_texts, scan};

/// Starts of words for orders that came to nothing.
const UNDONE: [&str; 26] = [
    "cancel",
    "annul",
    "storn",
    "refund",
    "erstatt",
    "rückerst",
    "return",
    "retour",
    "fail",
    "fehlgeschl",
    "declin",
    "abgelehnt",
    "void",
    "charge",
    "reject",
    "abandon",
    "unpaid",
    "expire",
    "denied",
    "отмен",
    "возвра",
    "отклон",
    "ошибк",
    "аннул",
    "неоплач",
    "nicht bezahlt",
];
/// A column of more different texts is none of states.
const MOST_STATES: usize = 30;

/// Whether a name is that of a column of states.
pub(super) fn names_a_state(name: &str) -> bool {
    const NAMES: [&str; 5] = ["status", "zustand", "статус", "состояние", "stage"];
    words(name).iter().any(|word| NAMES.iter().any(|own| word.ends_with(own)))
}

fn is_undone(text: &str) -> bool {
    let text = text.to_lowercase();
    UNDONE.iter().any(|start| text.starts_with(start))
        || words(&text).iter().any(|word| UNDONE.iter().any(|start| word.starts_with(start)))
}

/// The column of states, or a flag of what was undone, among those that are not used.
pub(super) fn state_column(profiles: &[Profile], used: &[usize]) -> Option<String> {
    let is_one = |(place, column): &(usize, &Profile)| {
        let is_state = column.kind == Kind::Texts
            && column.distinct <= MOST_STATES
            && (names_a_state(&column.name) || words(&column.name).iter().any(|w| w == "state"));
        !used.contains(place) && (is_state || column.kind == Kind::Flags && is_undone(&column.name))
    };
    profiles.iter().enumerate().find(is_one).map(|(_, column)| column.name.clone())
}

/// What is looked for in the rest of a table.
#[derive(Debug, Default)]
pub(super) struct RestWanted {
    pub(super) states: Option<String>,
    /// The column of amounts: orders of a negative one are returns already.
    pub(super) amount: Option<(String, NumberForm)>,
    pub(super) repeats: bool,
    /// The column of customer ids: rows without one are not looked at.
    pub(super) customer: String,
}

/// What the rest of a table says.
#[derive(Debug, Default)]
pub(super) struct Rest {
    /// Rows that repeat another one in all columns.
    pub(super) repeats: u64,
    pub(super) undone: Option<Finding>,
}

impl Rest {
    pub(super) fn of(input: TableInput<'_>, look: &Look<'_>, wanted: &RestWanted) -> Result<Rest> {
        let (mut rows, mut with_id, mut undone, mut first) = (0u64, 0u64, 0u64, None);
        let mut texts_of_states: Vec<String> = Vec::new();
        let mut seen = HashSet::new();
        scan(input, look.options, |names, batch| {
            let texts: Vec<Option<LargeStringArray>> =
                batch.columns().iter().map(as_texts).collect();
            let column = |wanted: &str| {
                let place = names.iter().position(|name| name == wanted)?;
                texts[place].as_ref()
            };
            let states = wanted.states.as_deref().and_then(column);
            let amounts =
                wanted.amount.as_ref().and_then(|(name, form)| Some((column(name)?, form)));
            let ids = column(&wanted.customer);
            let has_id = |row: usize| {
                ids.is_none_or(|ids| ids.is_valid(row) && look.text(ids.value(row)).is_some())
            };
            for row in (0..batch.num_rows()).filter(|row| has_id(*row)) {
                with_id += 1;
                if wanted.repeats {
                    let mut hash = DefaultHasher::new();
                    for column in texts.iter().flatten() {
                        column.is_valid(row).then(|| column.value(row)).hash(&mut hash);
                    }
                    seen.insert(hash.finish());
                }
                let Some(states) = states.filter(|states| states.is_valid(row)) else { continue };
                let state = states.value(row).trim();
                let name = wanted.states.as_deref().unwrap_or_default();
                let is_flag = is_undone(name) && !names_a_state(name);
                let is_so = match is_flag {
                    true => ["true", "yes", "y", "ja", "да", "1"]
                        .contains(&state.to_lowercase().as_str()),
                    false => is_undone(state),
                };
                let counts = amounts.is_none_or(|(amounts, form)| {
                    !amounts.is_valid(row) || form.read(amounts.value(row).trim()) > Some(0.0)
                });
                if is_so && counts {
                    undone += 1;
                    first.get_or_insert(rows + row as u64 + 1);
                    let text = quoted(state);
                    if !texts_of_states.contains(&text) {
                        texts_of_states.push(text);
                    }
                }
            }
            rows += batch.num_rows() as u64;
            Ok(())
        })?;
        let finding = first.zip(wanted.states.as_ref()).map(|(first, name)| {
            let share = undone as f64 / with_id.max(1) as f64;
            texts_of_states.truncate(4);
            Finding {
                severity: if share >= 0.05 { Severity::High } else { Severity::Medium },
                check: STATES,
                finding: format!(
                    "{} as {} in {}, and counted as a purchase like all others",
                    counted(undone, "row is marked", "rows are marked"),
                    texts_of_states.join(", "),
                    quoted(name)
                ),
                count: undone,
                share: Some(share),
                example: Some(format!("row {first}")),
                advice: "leave these rows out, or make their amounts negative if the sale has a row \
                         of its own",
            }
        });
        let repeats = if wanted.repeats { with_id - seen.len() as u64 } else { 0 };
        Ok(Rest { repeats, undone: finding })
    }
}

/// The name of the check for orders that were undone.
pub(super) const STATES: &str = "status";
