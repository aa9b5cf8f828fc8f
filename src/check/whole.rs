//! A whole table, where some of its rows do not tell how it is written.

use super::names::{Role, suits};
use super::numbers::NumberCells;
use super::profile::{Look, without};
use super::time_forms::{TimeCells, is_no_end};
use crate::error::Result;
use crate::log::{TableInput, as_texts, scan};

/// The columns whose cells are looked at.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    pub(super) customer: Option<String>,
    /// Each with the sign of a currency beside its numbers.
    pub(super) numbers: Vec<(String, String)>,
    pub(super) times: Vec<(Role, String)>,
}

/// What all cells of some columns tell.
#[derive(Debug, Default)]
pub(super) struct Whole {
    pub(super) numbers: NumberCells,
    pub(super) times: Vec<(Role, TimeCells)>,
    /// Rows without a customer id.
    pub(super) missing_ids: u64,
}

impl Whole {
    pub(super) fn of(input: TableInput<'_>, look: &Look<'_>, wanted: &Wanted) -> Result<Whole> {
        let mut whole = Whole::default();
        whole.times.extend(wanted.times.iter().map(|(role, _)| (*role, TimeCells::default())));
        let mut rows = 0;
        scan(input, look.options, |names, batch| {
            for (name, array) in names.iter().zip(batch.columns()) {
                let is_customer = wanted.customer.as_ref() == Some(name);
                let number = wanted.numbers.iter().find(|(own, _)| own == name);
                let time = wanted.times.iter().position(|(_, own)| own == name);
                if !is_customer && number.is_none() && time.is_none() {
                    continue;
                }
                let Some(texts) = as_texts(array) else { continue };
                let is_named_so = [Role::Time, Role::OpenedAt, Role::ValidUntil]
                    .iter()
                    .any(|role| suits(name, *role) > 0.0);
                for (row, text) in (rows + 1..).zip(&texts) {
                    let Some(text) = text.and_then(|text| look.text(text)) else {
                        whole.missing_ids += u64::from(is_customer);
                        continue;
                    };
                    if let Some((_, sign)) = number {
                        whole.numbers.add(name, row, &without(text, sign));
                    }
                    let is_open =
                        || suits(name, Role::ValidUntil) > 0.0 && is_no_end(text, look.formats);
                    if let Some(time) = time.filter(|_| !is_open()) {
                        whole.times[time].1.add(name, row, text, is_named_so, look.formats);
                    }
                }
            }
            rows += batch.num_rows() as u64;
            Ok(())
        })?;
        Ok(whole)
    }
}
