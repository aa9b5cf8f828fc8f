//! How tables become bytes: numbers of variable length, and columns that can be missing.
//! Times are those of the log's clock.
//!
//! Whole numbers are LEB128. A table is its number of rows and then its columns, each a tag, a length
//! in bytes and one value a row; a column of no bytes has no values. A time or an integer is 0 where
//! it is missing, otherwise 1 + its zigzagged difference from the last one that is there. A number is 0
//! where it is missing, 1 before the eight bytes of an f64, otherwise 2 + zigzagged hundredths. A text
//! is 0 where it is missing, otherwise its place among the column's distinct texts, from 1, which come
//! first: how many there are, and of each its length and its bytes.

use crate::error::{Error, Result};
use crate::time::{Moment, Timestamp};

/// The name of the argument that bytes are.
pub(in crate::log) const BYTES: &str = "bytes";

/// What is said of bytes that cannot be read.
pub(in crate::log) fn refused(why: &str) -> Error {
    Error::argument(BYTES, why, "what to_bytes gave")
}

pub(in crate::log) fn damaged() -> Error {
    refused("damaged content")
}

/// The bytes with their CRC-32 behind them.
pub(in crate::log) fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    let sum = crc32fast::hash(&bytes);
    bytes.extend_from_slice(&sum.to_le_bytes());
    bytes
}

/// What is between a mark with a version and the CRC-32 of all before it.
pub(in crate::log) fn unsealed<'a>(
    bytes: &'a [u8],
    mark: &[u8],
    version: u8,
) -> Result<Reader<'a>> {
    let Some(rest) = bytes.strip_prefix(mark) else {
        return Err(refused("something else, or nothing"));
    };
    match rest.first() {
        Some(own) if *own == version => {}
        Some(own) => return Err(refused(&format!("bytes of version {own}"))),
        None => return Err(refused("bytes cut short")),
    }
    let Some((content, sum)) = bytes.split_last_chunk::<4>() else {
        return Err(refused("bytes cut short"));
    };
    if crc32fast::hash(content) != u32::from_le_bytes(*sum) {
        return Err(refused("damaged bytes, or cut short"));
    }
    Ok(Reader(content.get(mark.len() + 1..).unwrap_or_default()))
}

pub(in crate::log) fn put_whole(out: &mut Vec<u8>, mut number: u128) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

pub(in crate::log) fn put_text(out: &mut Vec<u8>, text: &str) {
    put_whole(out, text.len() as u128);
    out.extend_from_slice(text.as_bytes());
}

/// A tagged part of known length.
pub(in crate::log) fn put_section(out: &mut Vec<u8>, tag: u8, content: &[u8]) {
    out.push(tag);
    put_whole(out, content.len() as u128);
    out.extend_from_slice(content);
}

fn zigzag(number: i128) -> u128 {
    (number << 1 ^ number >> 127) as u128
}

fn unzigzag(number: u128) -> i128 {
    (number >> 1) as i128 ^ -((number & 1) as i128)
}

/// One table, column by column.
pub(in crate::log) struct TableWriter {
    bytes: Vec<u8>,
}

impl TableWriter {
    pub(in crate::log) fn new(rows: usize) -> Self {
        let mut bytes = Vec::new();
        put_whole(&mut bytes, rows as u128);
        TableWriter { bytes }
    }

    fn column<T>(
        &mut self,
        tag: u8,
        values: impl Iterator<Item = Option<T>> + Clone,
        mut put: impl FnMut(&mut Vec<u8>, Option<T>),
    ) {
        let mut content = Vec::new();
        if values.clone().any(|value| value.is_some()) {
            values.for_each(|value| put(&mut content, value));
        }
        put_section(&mut self.bytes, tag, &content);
    }

    pub(in crate::log) fn integers(
        &mut self,
        tag: u8,
        values: impl Iterator<Item = Option<i64>> + Clone,
    ) {
        let mut last = 0;
        self.column(tag, values, |out, value| match value.map(i128::from) {
            None => put_whole(out, 0),
            Some(value) => {
                put_whole(out, 1 + zigzag(value - last));
                last = value;
            }
        });
    }

    pub(in crate::log) fn times(
        &mut self,
        tag: u8,
        values: impl Iterator<Item = Option<Moment>> + Clone,
    ) {
        self.integers(tag, values.map(|time| time.map(|time| time.shown().micros())));
    }

    pub(in crate::log) fn numbers(
        &mut self,
        tag: u8,
        values: impl Iterator<Item = Option<f64>> + Clone,
    ) {
        self.column(tag, values, |out, value| {
            let Some(value) = value else { return put_whole(out, 0) };
            let hundredths = (value * 100.0).round() as i64;
            if (hundredths as f64 / 100.0).to_bits() == value.to_bits() {
                put_whole(out, 2 + zigzag(hundredths.into()));
            } else {
                put_whole(out, 1);
                out.extend_from_slice(&value.to_le_bytes());
            }
        });
    }

    pub(in crate::log) fn texts<'a>(
        &mut self,
        tag: u8,
        values: impl Iterator<Item = Option<&'a str>> + Clone,
    ) {
        let mut places = hashbrown::HashMap::new();
        let mut distinct = Vec::new();
        for text in values.clone().flatten() {
            places.entry(text).or_insert_with(|| {
                distinct.push(text);
                distinct.len() as u128
            });
        }
        let mut head = Vec::new();
        put_whole(&mut head, distinct.len() as u128);
        distinct.iter().for_each(|text| put_text(&mut head, text));
        self.column(tag, values, |out, text| {
            out.append(&mut head);
            put_whole(out, text.map_or(0, |text| places[text]));
        });
    }

    pub(in crate::log) fn into_section(self, out: &mut Vec<u8>, tag: u8) {
        put_section(out, tag, &self.bytes);
    }
}

/// Bytes that are not read yet.
#[derive(Clone, Copy)]
pub(in crate::log) struct Reader<'a>(pub(in crate::log) &'a [u8]);

impl<'a> Reader<'a> {
    pub(in crate::log) fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    pub(in crate::log) fn bytes(&mut self, count: usize) -> Result<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(count).ok_or_else(damaged)?;
        self.0 = rest;
        Ok(head)
    }

    pub(in crate::log) fn byte(&mut self) -> Result<u8> {
        Ok(self.bytes(1)?[0])
    }

    pub(in crate::log) fn whole(&mut self) -> Result<u128> {
        let mut number = 0;
        for shift in (0..70).step_by(7) {
            let byte = self.byte()?;
            number |= u128::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(damaged())
    }

    pub(in crate::log) fn count(&mut self) -> Result<usize> {
        usize::try_from(self.whole()?).map_err(|_| damaged())
    }

    pub(in crate::log) fn text(&mut self) -> Result<&'a str> {
        let length = self.count()?;
        std::str::from_utf8(self.bytes(length)?).map_err(|_| damaged())
    }

    pub(in crate::log) fn number(&mut self) -> Result<f64> {
        let bytes = self.bytes(8)?;
        Ok(f64::from_le_bytes(bytes.try_into().map_err(|_| damaged())?))
    }

    /// All that is left.
    pub(in crate::log) fn rest(self) -> &'a [u8] {
        self.0
    }

    /// The next tagged part.
    pub(in crate::log) fn section(&mut self) -> Result<(u8, Reader<'a>)> {
        let tag = self.byte()?;
        let length = self.count()?;
        Ok((tag, Reader(self.bytes(length)?)))
    }
}

/// A table whose columns are read by their tags.
pub(in crate::log) struct TableReader<'a> {
    pub(in crate::log) rows: usize,
    columns: Vec<(u8, Reader<'a>)>,
}

impl<'a> TableReader<'a> {
    /// `last`: the highest tag that this release knows.
    pub(in crate::log) fn new(mut bytes: Reader<'a>, last: u8) -> Result<Self> {
        let rows = bytes.count()?;
        let mut columns = Vec::new();
        while !bytes.is_empty() {
            let (tag, content) = bytes.section()?;
            if tag > last {
                return Err(refused("a column of a later release"));
            }
            columns.push((tag, content));
        }
        Ok(TableReader { rows, columns })
    }

    /// The values of a column, all missing where the table has not got it.
    fn column<T>(
        &self,
        tag: u8,
        mut read: impl FnMut(&mut Reader<'a>) -> Result<Option<T>>,
    ) -> Result<Vec<Option<T>>> {
        let found = self.columns.iter().find(|(own, _)| *own == tag);
        let mut values = Vec::new();
        match found.map(|(_, content)| *content).filter(|content| !content.is_empty()) {
            None => values.resize_with(self.rows, || None),
            Some(mut content) => {
                while !content.is_empty() {
                    values.push(read(&mut content)?);
                }
            }
        }
        if values.len() == self.rows { Ok(values) } else { Err(damaged()) }
    }

    pub(in crate::log) fn integers(&self, tag: u8) -> Result<Vec<Option<i64>>> {
        let mut last = 0i128;
        self.column(tag, |content| match content.whole()? {
            0 => Ok(None),
            number => {
                last += unzigzag(number - 1);
                Ok(Some(i64::try_from(last).map_err(|_| damaged())?))
            }
        })
    }

    pub(in crate::log) fn times(&self, tag: u8) -> Result<Vec<Option<Moment>>> {
        let time = |micros: i64| Timestamp::from_micros(micros).map(Moment::from);
        let times = self.integers(tag)?.into_iter().map(|micros| micros.map(time).transpose());
        times.collect::<Result<_>>().map_err(|_| damaged())
    }

    /// A column of which every row has a value. Each takes a byte, so that there are no more rows than
    /// bytes.
    fn known<T>(
        &self,
        tag: u8,
        read: impl FnOnce(&Self, u8) -> Result<Vec<Option<T>>>,
    ) -> Result<Vec<T>> {
        let column = self.columns.iter().find(|(own, _)| *own == tag);
        if column.map_or(0, |(_, content)| content.0.len()) < self.rows {
            return Err(damaged());
        }
        read(self, tag)?.into_iter().collect::<Option<_>>().ok_or_else(damaged)
    }

    /// Times of which every row has one: to be read before the other columns, which may have none.
    pub(in crate::log) fn known_times(&self, tag: u8) -> Result<Vec<Moment>> {
        self.known(tag, Self::times)
    }

    /// Integers of which every row has one.
    pub(in crate::log) fn known_integers(&self, tag: u8) -> Result<Vec<i64>> {
        self.known(tag, Self::integers)
    }

    /// Texts of which every row has one.
    pub(in crate::log) fn known_texts(&self, tag: u8) -> Result<Vec<&'a str>> {
        self.known(tag, Self::texts)
    }

    /// Whether it has values of a column.
    pub(in crate::log) fn has(&self, tag: u8) -> bool {
        self.columns.iter().any(|(own, content)| *own == tag && !content.is_empty())
    }

    pub(in crate::log) fn numbers(&self, tag: u8) -> Result<Vec<Option<f64>>> {
        self.column(tag, |content| match content.whole()? {
            0 => Ok(None),
            1 => Ok(Some(content.number()?)),
            number => Ok(Some(unzigzag(number - 2) as f64 / 100.0)),
        })
    }

    pub(in crate::log) fn texts(&self, tag: u8) -> Result<Vec<Option<&'a str>>> {
        let mut distinct: Option<Vec<&'a str>> = None;
        self.column(tag, |content| {
            if distinct.is_none() {
                let count = content.count()?;
                let texts = (0..count).map(|_| content.text()).collect::<Result<_>>()?;
                distinct = Some(texts);
            }
            let place = content.count()?.checked_sub(1);
            let text = |place: usize| distinct.as_ref()?.get(place).copied();
            place.map(|place| text(place).ok_or_else(damaged)).transpose()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: u128, columns: &[(u8, &[u8])]) -> Vec<u8> {
        let mut bytes = Vec::new();
        put_whole(&mut bytes, rows);
        columns.iter().for_each(|(tag, content)| put_section(&mut bytes, *tag, content));
        bytes
    }

    #[test]
    fn columns_are_read_by_their_tags_and_must_fit_the_rows() {
        let mut numbers = vec![0];
        // 150 hundredths.
        put_whole(&mut numbers, 302);
        let bytes = table(2, &[(1, &[3, 3]), (2, &[]), (3, &numbers), (4, &[3]), (5, &[3, 3, 3])]);
        assert!(TableReader::new(Reader(&bytes), 4).is_err());
        let table = TableReader::new(Reader(&bytes), 5).unwrap();
        assert_eq!(table.rows, 2);
        assert_eq!([1, 2, 3, 6].map(|tag| table.has(tag)), [true, false, true, false]);
        assert_eq!(table.integers(1).unwrap(), [Some(1), Some(2)]);
        assert_eq!(table.known_integers(1).unwrap(), [1, 2]);
        assert_eq!(table.numbers(3).unwrap(), [None, Some(1.5)]);
        for missing in [2, 6] {
            assert_eq!(table.integers(missing).unwrap(), [None, None]);
            assert!(table.known_integers(missing).is_err());
        }
        for (tag, what) in [(3, "a row has no value"), (4, "too few"), (5, "too many")] {
            assert!(table.known_integers(tag).is_err(), "{what}");
        }
        assert!(table.integers(4).is_err() && table.integers(5).is_err());
    }
}
