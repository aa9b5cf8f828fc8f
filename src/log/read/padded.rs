//! Customer ids with blanks around them.

use arrow_array::ArrayRef;
use hashbrown::HashMap;

use super::cells::decoded;
use super::meant::trimmed;
use super::texts::Texts;
use crate::error::Result;

/// Ids that were written with blanks around them.
#[derive(Debug, Clone, Default)]
pub(crate) struct PaddedIds {
    /// Rows with such an id.
    pub(crate) rows: u64,
    /// The ids as they were written, and the rows of each.
    written: HashMap<String, u64>,
}

impl PaddedIds {
    /// Of these rows of a column as it was written.
    pub(crate) fn of(ids: &ArrayRef, rows: impl Iterator<Item = usize>) -> Result<Self> {
        let mut padded = PaddedIds::default();
        let Some(texts) = Texts::of(&decoded(ids)?) else { return Ok(padded) };
        for text in rows.filter_map(|row| texts.get(row)) {
            if trimmed(text).len() < text.len() {
                padded.rows += 1;
                *padded.written.entry_ref(text).or_insert(0) += 1;
            }
        }
        Ok(padded)
    }

    pub(crate) fn add(&mut self, other: PaddedIds) {
        self.rows += other.rows;
        for (text, rows) in other.written {
            *self.written.entry(text).or_insert(0) += rows;
        }
    }

    /// How many ids were written in several ways, given all ids, one a row, without blanks.
    pub(crate) fn joined<'a>(&self, ids: impl Iterator<Item = &'a str>) -> u64 {
        if self.written.is_empty() {
            return 0;
        }
        let mut ways: HashMap<&str, (u64, u64)> = HashMap::new();
        for (text, rows) in &self.written {
            let (forms, padded) = ways.entry(trimmed(text)).or_insert((0, 0));
            *forms += 1;
            *padded += rows;
        }
        let mut seen: HashMap<&str, u64> = HashMap::new();
        ids.filter(|id| ways.contains_key(id)).for_each(|id| *seen.entry(id).or_insert(0) += 1);
        let several = |(id, (forms, padded)): (&&str, &(u64, u64))| {
            *forms > 1 || seen.get(id).is_some_and(|rows| rows > padded)
        };
        ways.iter().filter(|&way| several(way)).count() as u64
    }
}
