//! Damages bytes: at random places, or by the words that they are made of.

use std::ops::Range;

use rand::{Rng, RngExt};

/// Numbers at which something ends.
const NUMBERS: [&str; 28] = [
    "0",
    "-0",
    "-1",
    "1",
    "255",
    "256",
    "32768",
    "65535",
    "65536",
    "2147483647",
    "2147483648",
    "-2147483649",
    "4294967295",
    "4294967296",
    "9007199254740993",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "1e15",
    "1e308",
    "1e309",
    "-1e309",
    "1e-320",
    "NaN",
    "Infinity",
    "null",
    "0.1",
];
/// Texts that mean something to somebody.
const TEXTS: [&str; 24] = [
    "",
    " ",
    "\"",
    "\"\"",
    ",",
    ";",
    "\t",
    "\r\n",
    "\n",
    "\0",
    "\u{feff}",
    "\u{202e}",
    "\u{1b}[2J",
    "=1+1",
    "é",
    "e\u{301}",
    "2024-02-30",
    "2024-02-29",
    "9999-12-31",
    "0001-01-01",
    "2024-03-31T02:30:00",
    "24:00",
    "true",
    "[[[[[[[[[[[[[[[[",
];
/// What a case may grow to: what it takes is then due to the reader, not to its size.
const MOST_BYTES: usize = 1 << 20;

/// A case made from `from`, with parts of `other`.
pub(crate) fn changed(random: &mut impl Rng, from: &[u8], other: &[u8]) -> Vec<u8> {
    let mut bytes = from.to_vec();
    for _ in 0..1 + random.random_range(0..4_u32) * random.random_range(0..3_u32) {
        change(random, &mut bytes, other);
        bytes.truncate(MOST_BYTES);
    }
    bytes
}

fn change(random: &mut impl Rng, bytes: &mut Vec<u8>, other: &[u8]) {
    let place = place(random, bytes.len());
    match random.random_range(0..14_u32) {
        0 => {
            if let Some(byte) = bytes.get_mut(place) {
                *byte ^= 1 << random.random_range(0..8_u32);
            }
        }
        1 => {
            if let Some(byte) = bytes.get_mut(place) {
                *byte = random.random();
            }
        }
        2 => put_integer(random, bytes, place),
        3 => drop(bytes.drain(range(random, bytes.len()))),
        4 => {
            let part = bytes[range(random, bytes.len())].to_vec();
            bytes.splice(place..place, part);
        }
        5 => {
            let part: Vec<u8> =
                (0..random.random_range(1..9_u32)).map(|_| random.random()).collect();
            bytes.splice(place..place, part);
        }
        6 => bytes.truncate(place),
        7 => {
            let part = &other[range(random, other.len())];
            let to = range(random, bytes.len());
            bytes.splice(to, part.iter().copied());
        }
        8 => {
            let part = bytes[range(random, bytes.len())].repeat(random.random_range(2..2_000));
            bytes.splice(place..place, part.into_iter().take(MOST_BYTES));
        }
        9 => {
            let (one, two) = (word(random, bytes), word(random, bytes));
            let (one, two) = if one.start <= two.start { (one, two) } else { (two, one) };
            if one.end <= two.start {
                let (first, second) = (bytes[one.clone()].to_vec(), bytes[two.clone()].to_vec());
                bytes.splice(two, first);
                bytes.splice(one, second);
            }
        }
        10 => {
            let word = word(random, bytes);
            let part = other[self::word(random, other)].to_vec();
            bytes.splice(word, part);
        }
        11 => drop(bytes.drain(word(random, bytes))),
        12 => {
            let word = word(random, bytes);
            bytes.splice(word, NUMBERS[random.random_range(0..NUMBERS.len())].bytes());
        }
        _ => {
            let word = word(random, bytes);
            bytes.splice(word, TEXTS[random.random_range(0..TEXTS.len())].bytes());
        }
    }
}

/// Anywhere, and often near an end, where headers and footers are.
fn place(random: &mut impl Rng, length: usize) -> usize {
    let near = length.min(1 << random.random_range(3..10_u32));
    match random.random_range(0..4_u32) {
        0 => random.random_range(0..=near),
        1 => length - random.random_range(0..=near),
        _ => random.random_range(0..=length),
    }
}

fn range(random: &mut impl Rng, length: usize) -> Range<usize> {
    let start = place(random, length);
    let most = (length - start).min(1 << random.random_range(0..12_u32));
    start..start + random.random_range(0..=most)
}

/// A run of bytes between two signs, as words, numbers and cells are.
fn word(random: &mut impl Rng, bytes: &[u8]) -> Range<usize> {
    let is_sign = |byte: &u8| b",;:\t\r\n\"'{}[]()<>/= ".contains(byte);
    let at = place(random, bytes.len());
    let start = bytes[..at].iter().rposition(is_sign).map_or(0, |sign| sign + 1);
    let end = bytes[at..].iter().position(is_sign).map_or(bytes.len(), |sign| at + sign);
    start..end
}

fn put_integer(random: &mut impl Rng, bytes: &mut [u8], place: usize) {
    let value: u64 = match random.random_range(0..6_u32) {
        0 => 0,
        1 => u64::MAX,
        2 => i64::MAX as u64,
        3 => 1 << random.random_range(0..64_u32),
        4 => (1_u64 << random.random_range(1..64_u32)) - 1,
        _ => random.random(),
    };
    let width = 1 << random.random_range(0..4_u32);
    let end = bytes.len().min(place + width);
    let little = value.to_le_bytes();
    let big = value.to_be_bytes();
    let from = if random.random() { &little[..width] } else { &big[8 - width..] };
    for (to, from) in bytes[place.min(end)..end].iter_mut().zip(from) {
        *to = *from;
    }
}
