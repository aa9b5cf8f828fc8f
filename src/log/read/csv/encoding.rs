//! Text of any encoding as UTF-8.

use std::io::Read;

use encoding_rs::{Decoder, DecoderResult, Encoding, IBM866, KOI8_R, UTF_8, UTF_16BE, UTF_16LE};
use encoding_rs::{WINDOWS_1251, WINDOWS_1252};

use crate::error::{Error, Result};

/// Stands for what its encoding does not have; UTF-8 has no such byte, so that where it stands is
/// told as any other text that is not UTF-8.
const UNDECODABLE: u8 = 0xff;
/// Bytes that are decoded at once.
const AT_ONCE: usize = 1 << 16;

/// The encoding of this name, such as `utf-16` or `cp1251`: a label of the WHATWG, or as Python
/// writes it.
pub(crate) fn encoding(name: &str) -> Result<&'static Encoding> {
    let label = name.to_ascii_lowercase().replace('_', "-").replace("utf-16-", "utf-16");
    let label = label.strip_suffix("-sig").unwrap_or(&label);
    let known = |label: &str| Encoding::for_label_no_replacement(label.as_bytes());
    known(name)
        .or_else(|| known(label))
        .or_else(|| known(&label.replace('-', "")))
        .filter(|found| *found != encoding_rs::X_USER_DEFINED)
        .ok_or_else(|| {
            let expected = "the name of an encoding, such as utf-8, utf-16, cp1251 or cp1252";
            Error::text_argument("encoding", name, expected)
        })
}

/// The encoding that a text shows by its first bytes, and how many bytes of them are a mark: a byte
/// order mark, or the zeros of ASCII characters in UTF-16.
pub(crate) fn shown_encoding(start: &[u8]) -> Option<(&'static Encoding, usize)> {
    let zeros = |from: usize| start.iter().skip(from).step_by(2).take(16).all(|&byte| byte == 0);
    let ascii = |from: usize| start.iter().skip(from).step_by(2).take(16).all(|&byte| byte != 0);
    if let Some(found) = Encoding::for_bom(start) {
        Some(found)
    } else if start.len() < 4 {
        None
    } else if zeros(1) && ascii(0) {
        Some((UTF_16LE, 0))
    } else if zeros(0) && ascii(1) {
        Some((UTF_16BE, 0))
    } else {
        None
    }
}

/// A text as UTF-8.
pub(crate) fn as_utf8(
    input: Box<dyn Read + Send>,
    encoding: &'static Encoding,
) -> Box<dyn Read + Send> {
    if encoding == UTF_8 {
        return input; // checked cell by cell
    }
    let decoder = encoding.new_decoder_without_bom_handling();
    let (raw, text) = (vec![0; AT_ONCE], Vec::new());
    Box::new(Decoded { input, decoder, raw, text, given: 0, at_end: false })
}

struct Decoded {
    input: Box<dyn Read + Send>,
    decoder: Decoder,
    raw: Vec<u8>,
    /// What is decoded, and how much of it was handed on.
    text: Vec<u8>,
    given: usize,
    at_end: bool,
}

impl Decoded {
    fn decode(&mut self) -> std::io::Result<()> {
        let read = self.input.read(&mut self.raw)?;
        self.at_end = read == 0;
        (self.given, self.text) = (0, std::mem::take(&mut self.text));
        self.text.clear();
        let mut left = &self.raw[..read];
        loop {
            let filled = self.text.len();
            let most = self.decoder.max_utf8_buffer_length_without_replacement(left.len());
            self.text.resize(filled + most.unwrap_or(4 * AT_ONCE), 0);
            let (result, used, written) = self.decoder.decode_to_utf8_without_replacement(
                left,
                &mut self.text[filled..],
                self.at_end,
            );
            self.text.truncate(filled + written);
            left = &left[used..];
            match result {
                DecoderResult::InputEmpty => return Ok(()),
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => self.text.push(UNDECODABLE),
            }
        }
    }
}

impl Read for Decoded {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        while self.given == self.text.len() && !self.at_end {
            self.decode()?;
        }
        let few = buffer.len().min(self.text.len() - self.given);
        buffer[..few].copy_from_slice(&self.text[self.given..self.given + few]);
        self.given += few;
        Ok(few)
    }
}

/// Encodings of Cyrillic texts, the more common first.
const CYRILLIC: [(&str, &Encoding); 3] =
    [("cp1251", WINDOWS_1251), ("cp866", IBM866), ("koi8-r", KOI8_R)];

/// The likely encoding of a text that is not UTF-8, and the text read by it. Letters of Cyrillic
/// texts stand side by side; those of other Latin ones stand alone.
pub(crate) fn likely(bytes: &[u8]) -> (&'static str, String) {
    let letters = without_signs(bytes);
    if !stand_in_rows(&letters) {
        return ("cp1252", read_as("cp1252", bytes));
    }
    let mut best = (i64::MIN, CYRILLIC[0].0);
    for (name, encoding) in CYRILLIC {
        let fits = looks_russian(&encoding.decode_without_bom_handling(&letters).0);
        if fits > best.0 {
            best = (fits, name);
        }
    }
    (best.1, read_as(best.1, bytes))
}

/// A text without single bytes beyond ASCII beside a digit: those are blanks between thousands and
/// signs of currencies, no letters.
fn without_signs(bytes: &[u8]) -> Vec<u8> {
    let at =
        |place: Option<usize>| place.and_then(|place| bytes.get(place)).copied().unwrap_or(b' ');
    let is_sign = |place: usize| {
        let around = [at(place.checked_sub(1)), at(Some(place + 1))];
        around.iter().all(u8::is_ascii) && around.iter().any(u8::is_ascii_digit)
    };
    let plain = |(place, byte): (usize, &u8)| match *byte >= 0x80 && is_sign(place) {
        true => b' ',
        false => *byte,
    };
    bytes.iter().enumerate().map(plain).collect()
}

/// A text that is not UTF-8, by the encoding of this name.
pub(crate) fn read_as(name: &str, bytes: &[u8]) -> String {
    let encoding = encoding(name).unwrap_or(WINDOWS_1252);
    encoding.decode_without_bom_handling(bytes).0.into_owned()
}

/// How much a text looks like Russian: its letters speak for it, the common ones most and the rare
/// ones not at all; capitals within a word, most of all behind small letters, and what is no letter
/// against it.
fn looks_russian(text: &str) -> i64 {
    let mut before = ' ';
    let mut fits = 0;
    for c in text.chars() {
        fits += match c {
            _ if c.is_ascii() => 0,
            '№' | '\u{a0}' | '«' | '»' | '–' | '—' | '₽' | '…' => 0,
            _ if !c.is_alphabetic() || c.is_uppercase() && before.is_lowercase() => -12,
            // The letters that make up half of a Russian text.
            _ if c.to_lowercase().any(|c| "оеаинтсрвл".contains(c)) => 8,
            _ if c.to_lowercase().any(|c| "ъёфщэцюшхж".contains(c)) => 0,
            _ => 4,
        };
        fits -= 2 * i64::from(c.is_uppercase() && before.is_uppercase());
        before = c;
    }
    fits
}

/// Whether most letters beyond ASCII stand side by side and apart from those of ASCII: as in `чай`,
/// and not as in `Größe`.
fn stand_in_rows(bytes: &[u8]) -> bool {
    let (mut apart, mut among) = (0, 0);
    let mut before = b' ';
    let mut rest = bytes;
    while let Some((&first, after)) = rest.split_first() {
        let length = rest.iter().take_while(|byte| **byte >= 0x80).count();
        if length == 0 {
            (before, rest) = (first, after);
            continue;
        }
        let next = rest.get(length).copied().unwrap_or(b' ');
        match before.is_ascii_alphabetic() || next.is_ascii_alphabetic() || length == 1 {
            true => among += length,
            false => apart += length,
        }
        (before, rest) = (b' ', &rest[length..]);
    }
    apart > among
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(bytes: &[u8], name: &str) -> Vec<u8> {
        let input = Box::new(std::io::Cursor::new(bytes.to_vec()));
        let mut text = Vec::new();
        as_utf8(input, encoding(name).unwrap()).read_to_end(&mut text).unwrap();
        text
    }

    #[test]
    fn names_are_labels_of_the_web_or_of_python() {
        for (name, expected) in [
            ("utf-8", "UTF-8"),
            ("UTF_8", "UTF-8"),
            ("utf-8-sig", "UTF-8"),
            ("utf-16", "UTF-16LE"),
            ("utf_16_be", "UTF-16BE"),
            ("cp1251", "windows-1251"),
            ("Windows-1252", "windows-1252"),
            ("latin_1", "windows-1252"),
            ("cp866", "IBM866"),
            ("shift_jis", "Shift_JIS"),
        ] {
            let found = encoding(name).map(Encoding::name);
            assert_eq!(found.ok(), Some(expected), "{name}");
        }
        for name in ["", "utf", "cp99999", "x-user-defined", "iso-2022-kr"] {
            let error = encoding(name).unwrap_err().to_string();
            assert!(error.starts_with("encoding: expected the name of an encoding"), "{error}");
        }
    }

    /// The bytes are those of Python's codecs.
    #[test]
    fn texts_are_decoded_and_what_cannot_be_is_marked() {
        assert_eq!(decoded(b"\xf7\xe0\xe9;1", "cp1251"), "чай;1".as_bytes());
        assert_eq!(decoded(b"caf\xe9 \x80", "cp1252"), "café €".as_bytes());
        assert_eq!(decoded(b"\x47\x04\x30\x04\x39\x04", "utf-16"), "чай".as_bytes());
        assert_eq!(decoded(b"\x04\x47\x04\x30\x04\x39", "utf-16be"), "чай".as_bytes());
        assert_eq!(decoded(b"a\xd2b", "cp1253"), [b'a', UNDECODABLE, b'b']);
        assert_eq!(decoded(b"\xa7\xe0", "cp866"), "зр".as_bytes());
        let long = "чай, кофе\n".repeat(30_000);
        let (bytes, _, _) = WINDOWS_1251.encode(&long);
        assert_eq!(decoded(&bytes, "cp1251"), long.as_bytes());
    }

    #[test]
    fn utf_16_is_known_by_its_mark_or_by_its_zeros() {
        assert_eq!(shown_encoding(b"\xff\xfea\0"), Some((UTF_16LE, 2)));
        assert_eq!(shown_encoding(b"\xfe\xff\0a"), Some((UTF_16BE, 2)));
        assert_eq!(shown_encoding(b"\xef\xbb\xbfa"), Some((UTF_8, 3)));
        assert_eq!(shown_encoding(b"i\0d\0,\0t\0"), Some((UTF_16LE, 0)));
        assert_eq!(shown_encoding(b"\0i\0d\0,\0t"), Some((UTF_16BE, 0)));
        assert_eq!(shown_encoding(b"id,time"), None);
        assert_eq!(shown_encoding(b"\0\0\0\0"), None);
        assert_eq!(shown_encoding(b""), None);
    }

    #[test]
    fn the_likely_encoding_is_proposed() {
        assert_eq!(likely(b"caf\xe9"), ("cp1252", "café".into()));
        assert_eq!(likely(b"Gr\xf6\xdfe"), ("cp1252", "Größe".into()));
        assert_eq!(likely(b"\xf7\xe0\xe9 \xe8 \xea\xee\xf4\xe5"), ("cp1251", "чай и кофе".into()));
        assert_eq!(likely(b"\xe7\xa0\xa9 \xa8 \xaa\xae\xe4\xa5"), ("cp866", "чай и кофе".into()));
        assert_eq!(likely(b"\xde\xc1\xca \xc9 \xcb\xcf\xc6\xc5"), ("koi8-r", "чай и кофе".into()));
    }

    /// Headers of tables, alone and above amounts whose thousands are set apart by a blank.
    #[test]
    fn a_few_words_tell_the_encoding() {
        let headers = [
            "Код клиента;Дата;Сумма",
            "Клиент;Дата;Сумма",
            "Код;Дата;Сумма",
            "Покупатель;Дата;Сумма",
            "Дата;Код клиента;Сумма",
            "Номер клиента;Дата;Сумма",
            "Код клиента;Дата продажи;Сумма",
            "Код клиента;Номер заказа;Дата;Сумма",
            "ИД клиента;Дата покупки;Сумма заказа;Номер чека;Скидка",
            "Контрагент;Дата;Документ;Выручка;Канал продаж;Город",
            "КЛИЕНТ;ДАТА;СУММА",
        ];
        for header in headers {
            for text in
                [header.to_owned(), format!("{header}\n{}", "7;1;1\u{a0}250,50\n".repeat(99))]
            {
                for (name, encoding) in CYRILLIC {
                    let (bytes, _, is_lossy) = encoding.encode(&text);
                    assert!(!is_lossy);
                    assert_eq!(likely(&bytes).0, name, "{header}");
                }
            }
        }
        for header in ["Kunde;Datum;Erlös", "Käufernummer;Datum;Betrag", "Käufer;Straße;Größe"]
        {
            let text = format!("{header}\n{}", "7;1;12,50 €\n".repeat(99));
            assert_eq!(likely(&WINDOWS_1252.encode(&text).0).0, "cp1252", "{header}");
        }
    }
}
