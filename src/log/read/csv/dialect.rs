//! How a CSV file separates its cells.

use std::io::Cursor;

use super::records::Records;
use crate::log::read::input_limits::InputLimits;

const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// So many records are looked at.
const SAMPLE: u64 = 50;

/// The separator that the first line tells, as Excel writes it (`sep=;`), and that line's length.
pub(crate) fn told_separator(start: &[u8]) -> Option<(u8, usize)> {
    let [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', separator, rest @ ..] = start else {
        return None;
    };
    let line = match rest {
        [b'\r', b'\n', ..] => 7,
        [b'\r' | b'\n', ..] => 6,
        [] => 5,
        _ => return None,
    };
    (separator.is_ascii() && !matches!(separator, b'"' | b'\r' | b'\n'))
        .then_some((*separator, line))
}

/// The separator of `, ; tab |` that stands most often in the header, where the lines that follow
/// have as many of it: commas in names or numbers do not. `whole` says that there is no more text
/// than this.
pub(crate) fn guessed_separator(start: &[u8], whole: bool, limits: InputLimits) -> u8 {
    let mut best = (0, SEPARATORS[0]);
    for separator in SEPARATORS {
        let input = Box::new(Cursor::new(start.to_vec()));
        let mut records = Records::new(input, separator, 1, limits);
        let mut counts = Vec::new();
        while counts.len() < SAMPLE as usize && matches!(records.next(), Ok(true)) {
            counts.push(records.cells() as u64 - 1);
        }
        if !whole && counts.len() > 1 && counts.len() < SAMPLE as usize {
            counts.pop(); // it may go on
        }
        let Some(&header) = counts.first() else { continue };
        let like_header = counts.iter().filter(|count| **count == header).count() as u64;
        let score = header * like_header;
        if score > best.0 {
            best = (score, separator);
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn excel_tells_its_separator() {
        assert_eq!(told_separator(b"sep=;\r\nid"), Some((b';', 7)));
        assert_eq!(told_separator(b"SEP=\t\nid"), Some((b'\t', 6)));
        assert_eq!(told_separator(b"sep=;"), Some((b';', 5)));
        for text in ["sep=;;\n", "sep=\n", "sep,time\n", "sep=\"\n", "se"] {
            assert_eq!(told_separator(text.as_bytes()), None, "{text:?}");
        }
    }

    #[test]
    fn separators_stand_as_often_in_every_line() {
        for (text, expected) in [
            ("id,time\n", b','),
            ("id;time;amount\n1;2011-01-01;3,50\n2;2011-01-01;4,50\n", b';'),
            ("\"a,b,c\";\"time,x\"\n1;2\n", b';'),
            ("id;time;amount, net, in EUR\n1;2;3\n4;5;6\n", b';'),
            ("id,time,a|b\n1,2,3\n4,5,6\n", b','),
            ("id\ttime\n1\t2, 3\n", b'\t'),
            ("id|time\n", b'|'),
            ("id\n1\n", b','),
            ("", b','),
            ("id,time,x|y\n1,2\n3,4,a|b\n5,6,c|d\n", b','),
        ] {
            for whole in [true, false] {
                let found = guessed_separator(text.as_bytes(), whole, InputLimits::default());
                assert_eq!(char::from(found), char::from(expected), "{text:?}");
            }
        }
    }
}
