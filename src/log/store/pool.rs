//! Distinct texts, each stored once and numbered from 0 in order of first appearance.

use hashbrown::{DefaultHashBuilder, HashTable};
use std::hash::BuildHasher;

/// A code that stands for "no value".
pub(crate) const NO_CODE: u32 = u32::MAX;

/// So few texts are compared one by one.
const FEW: usize = 8;

/// Takes the room of a pointer while it is empty, and little with a few texts: a service keeps five
/// for each of its customers.
#[derive(Debug, Clone, Default)]
pub(crate) struct TextPool(Option<Box<Texts>>);

#[derive(Debug, Clone, Default)]
struct Texts {
    bytes: String,
    ends: Vec<usize>,
    /// The codes of more than a few texts, by hash.
    places: Option<Box<Places>>,
}

#[derive(Debug, Clone, Default)]
struct Places {
    table: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl TextPool {
    pub(crate) fn len(&self) -> usize {
        self.0.as_ref().map_or(0, |texts| texts.ends.len())
    }

    /// The text of a code of this pool.
    pub(crate) fn get(&self, code: u32) -> &str {
        match &self.0 {
            Some(texts) => slice(&texts.bytes, &texts.ends, code),
            None => slice("", &[], code),
        }
    }

    /// The text of a code, if it is one.
    pub(crate) fn find(&self, code: u32) -> Option<&str> {
        ((code as usize) < self.len()).then(|| self.get(code))
    }

    /// The code of `text`, a new one when it was not seen before.
    pub(crate) fn code(&mut self, text: &str) -> u32 {
        self.0.get_or_insert_default().code(text)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len() as u32).map(|code| self.get(code))
    }
}

impl Texts {
    fn code(&mut self, text: &str) -> u32 {
        let Texts { bytes, ends, places } = self;
        let new = ends.len() as u32;
        match places {
            Some(places) => {
                let Places { table, hasher } = &mut **places;
                let hash = hasher.hash_one(text);
                if let Some(&code) = table.find(hash, |&code| slice(bytes, ends, code) == text) {
                    return code;
                }
                bytes.push_str(text);
                ends.push(bytes.len());
                table.insert_unique(hash, new, |&code| hasher.hash_one(slice(bytes, ends, code)));
            }
            None => {
                if let Some(code) = (0..new).find(|&code| slice(bytes, ends, code) == text) {
                    return code;
                }
                bytes.push_str(text);
                ends.push(bytes.len());
                *places = (ends.len() > FEW).then(|| Box::new(Places::of(bytes, ends)));
            }
        }
        new
    }
}

impl Places {
    fn of(bytes: &str, ends: &[usize]) -> Self {
        let Places { mut table, hasher } = Places::default();
        let hash = |code: u32| hasher.hash_one(slice(bytes, ends, code));
        for code in 0..ends.len() as u32 {
            table.insert_unique(hash(code), code, |&code| hash(code));
        }
        Places { table, hasher }
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
