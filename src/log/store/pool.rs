//! Distinct texts, each stored once and numbered from 0 in order of first appearance.

use hashbrown::{DefaultHashBuilder, HashTable};
use std::hash::BuildHasher;

/// A code that stands for "no value".
pub(crate) const NO_CODE: u32 = u32::MAX;

#[derive(Debug, Clone, Default)]
pub(crate) struct TextPool {
    bytes: String,
    ends: Vec<usize>,
    table: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl TextPool {
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn get(&self, code: u32) -> &str {
        slice(&self.bytes, &self.ends, code)
    }

    /// The text of a code, if it is one.
    pub(crate) fn find(&self, code: u32) -> Option<&str> {
        ((code as usize) < self.len()).then(|| self.get(code))
    }

    /// The code of `text`, a new one when it was not seen before.
    pub(crate) fn code(&mut self, text: &str) -> u32 {
        let hash = self.hasher.hash_one(text);
        let TextPool { bytes, ends, table, hasher } = self;
        if let Some(&code) = table.find(hash, |&code| slice(bytes, ends, code) == text) {
            return code;
        }
        let code = ends.len() as u32;
        bytes.push_str(text);
        ends.push(bytes.len());
        table.insert_unique(hash, code, |&code| hasher.hash_one(slice(bytes, ends, code)));
        code
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len() as u32).map(|code| self.get(code))
    }
}

fn slice<'a>(bytes: &'a str, ends: &[usize], code: u32) -> &'a str {
    let code = code as usize;
    let start = if code == 0 { 0 } else { ends[code - 1] };
    &bytes[start..ends[code]]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_share_a_code() {
        let mut pool = TextPool::default();
        let texts: Vec<String> = (0..1000).map(|i| format!("t{}", i % 137)).collect();
        let codes: Vec<u32> = texts.iter().map(|t| pool.code(t)).collect();
        assert_eq!(pool.len(), 137);
        for (text, &code) in texts.iter().zip(&codes) {
            assert_eq!(pool.get(code), text);
        }
        assert_eq!(pool.code(""), 137);
        assert_eq!(pool.get(137), "");
    }
}
