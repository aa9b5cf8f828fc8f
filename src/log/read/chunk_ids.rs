//! The ids of a chunk of transaction rows, before it is known which customers there are.

use arrow_array::LargeStringArray;
use arrow_buffer::ScalarBuffer;

use super::texts::Texts;
use crate::log::store::customer_id::{CustomerId, untyped_integer};
use crate::log::store::ids::{IdColumn, IdKeys, int_code};
use crate::log::store::pool::NO_CODE;

/// One id a row. What stands for a missing id does not matter: such rows are left out.
#[derive(Debug)]
pub(crate) enum ChunkIds {
    Int(ScalarBuffer<i64>),
    /// `untyped` texts come from a CSV file and may turn out to be integers.
    Text {
        texts: Texts,
        untyped: bool,
    },
}

impl Default for ChunkIds {
    fn default() -> Self {
        ChunkIds::Int(ScalarBuffer::default())
    }
}

impl ChunkIds {
    /// Those of some rows of another table, all of which have one; texts `may_be_integers`.
    pub(crate) fn of_rows(ids: &IdColumn, rows: &[u32], may_be_integers: bool) -> ChunkIds {
        let codes = rows.iter().map(|&row| ids.codes[row as usize]);
        match &ids.keys {
            IdKeys::Int { ids, .. } => {
                ChunkIds::Int(codes.map(|code| ids[code as usize]).collect::<Vec<_>>().into())
            }
            IdKeys::Text { pool, .. } => {
                let texts = LargeStringArray::from_iter_values(codes.map(|code| pool.get(code)));
                ChunkIds::Text { texts: Texts::Large(texts), untyped: may_be_integers }
            }
        }
    }

    /// "integers" or "texts", none where that is open.
    pub(crate) fn is_typed_as(&self) -> Option<&'static str> {
        match self {
            ChunkIds::Int(_) => Some("integers"),
            ChunkIds::Text { untyped: false, .. } => Some("texts"),
            ChunkIds::Text { untyped: true, .. } => None,
        }
    }

    /// Whether every id is an integer.
    pub(crate) fn all_integers(&self) -> bool {
        match self {
            ChunkIds::Int(_) => true,
            ChunkIds::Text { texts, .. } => {
                texts.iter().flatten().all(|text| untyped_integer(text).is_some())
            }
        }
    }

    /// As integers; texts must be integers.
    pub(crate) fn into_integers(self) -> ChunkIds {
        match self {
            ChunkIds::Text { texts, .. } => {
                let integer = |text: Option<&str>| text.and_then(untyped_integer).unwrap_or(0);
                ChunkIds::Int(texts.iter().map(integer).collect::<Vec<_>>().into())
            }
            integers => integers,
        }
    }

    /// The ids that are texts.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        let texts = match self {
            ChunkIds::Int(_) => None,
            ChunkIds::Text { texts, .. } => Some(texts),
        };
        texts.into_iter().flat_map(|texts| texts.iter().flatten())
    }

    /// The bytes that all texts start with, as far as `prefix` goes, if one is given.
    pub(crate) fn common_prefix(&self, prefix: Option<Vec<u8>>) -> Option<Vec<u8>> {
        let ChunkIds::Text { texts, .. } = self else { return prefix };
        let mut texts = texts.iter().flatten().map(str::as_bytes);
        let mut prefix = match prefix {
            Some(prefix) => prefix,
            None => texts.next()?.to_vec(),
        };
        for text in texts {
            if !text.starts_with(&prefix) {
                let same = text.iter().zip(&prefix).take_while(|(a, b)| a == b).count();
                prefix.truncate(same);
            }
        }
        Some(prefix)
    }

    /// Number of rows.
    pub(crate) fn len(&self) -> usize {
        match self {
            ChunkIds::Int(ids) => ids.len(),
            ChunkIds::Text { texts, .. } => texts.len(),
        }
    }

    /// The id of a row; none where a text is missing.
    pub(crate) fn id(&self, row: usize) -> Option<CustomerId<'_>> {
        match self {
            ChunkIds::Int(ids) => Some(CustomerId::Int(ids[row])),
            ChunkIds::Text { texts, .. } => texts.get(row).map(CustomerId::Text),
        }
    }

    /// A number of a row's id, in the order of the ids; different ids may share one. The first
    /// `prefix` bytes of all texts are equal.
    #[inline]
    pub(crate) fn key(&self, row: usize, prefix: usize) -> u64 {
        match self {
            ChunkIds::Int(ids) => ids[row] as u64 ^ 1 << 63,
            ChunkIds::Text { texts, .. } => {
                let rest = texts.get(row).and_then(|text| text.as_bytes().get(prefix..));
                let rest = rest.unwrap_or_default();
                match rest.first_chunk::<8>() {
                    Some(first) => u64::from_be_bytes(*first),
                    None => {
                        let mut key = [0; 8];
                        key.iter_mut().zip(rest).for_each(|(k, b)| *k = *b);
                        u64::from_be_bytes(key)
                    }
                }
            }
        }
    }

    /// The ids of these rows, each stored by itself.
    pub(crate) fn take(&self, rows: &[u32]) -> TakenIds {
        match self {
            ChunkIds::Int(ids) => {
                TakenIds::Int(rows.iter().map(|&row| ids[row as usize]).collect())
            }
            ChunkIds::Text { texts, .. } => {
                let mut bytes = String::new();
                let mut ends = Vec::with_capacity(rows.len() + 1);
                ends.push(0);
                for &row in rows {
                    bytes.push_str(texts.get(row as usize).unwrap_or_default());
                    ends.push(bytes.len());
                }
                TakenIds::Text { bytes, ends }
            }
        }
    }
}

/// Ids of some rows, of which parts are read again and again.
#[derive(Debug)]
pub(crate) enum TakenIds {
    Int(Vec<i64>),
    /// The text of row `i` is `bytes[ends[i]..ends[i + 1]]`.
    Text {
        bytes: String,
        ends: Vec<usize>,
    },
}

impl TakenIds {
    /// A column for ids of this kind.
    pub(crate) fn column(&self) -> IdColumn {
        match self {
            TakenIds::Int(_) => IdColumn::integers(),
            TakenIds::Text { .. } => IdColumn::texts(false),
        }
    }

    /// Appends the ids of some rows to a column of this kind.
    pub(crate) fn append_to(&self, rows: std::ops::Range<usize>, column: &mut IdColumn) {
        match (self, &mut column.keys) {
            (TakenIds::Int(values), IdKeys::Int { ids, codes }) => {
                column.codes.extend(values[rows].iter().map(|&id| int_code(ids, codes, id)));
            }
            (TakenIds::Text { bytes, ends }, IdKeys::Text { pool, .. }) => {
                let code = |row: usize| pool.code(&bytes[ends[row]..ends[row + 1]]);
                column.codes.extend(rows.map(code));
            }
            _ => column.codes.extend(rows.map(|_| NO_CODE)),
        }
    }
}
