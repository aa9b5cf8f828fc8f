//! Texts as they are meant: without the blanks around them, and missing where they say so.

/// What stands for a missing text. `NA` is none of them: it is Namibia.
pub(super) const IN_TEXTS: [&str; 3] = ["NULL", "null", "\\N"];

/// Texts that stand for a missing value, by their first bytes.
pub(super) struct Markers<'a> {
    pub(super) texts: Vec<&'a str>,
    /// Those of them that are numbers, which may be written in other ways: `-999.0`.
    pub(super) numbers: Vec<f64>,
    /// First bytes of these texts and of blanks.
    pub(super) may_start: [bool; 256],
}

impl<'a> Markers<'a> {
    pub(super) fn new(texts: Vec<&'a str>) -> Self {
        let mut may_start = [false; 256];
        // Blanks of one byte, and the first bytes of longer ones.
        let blanks = (9..=13).chain([b' ', 0xc2, 0xe1, 0xe2, 0xe3, 0xef]);
        let firsts = texts.iter().filter_map(|text| text.bytes().next());
        blanks.chain(firsts).for_each(|byte| may_start[usize::from(byte)] = true);
        let numbers: Vec<f64> = texts
            .iter()
            .filter_map(|text| text.parse().ok())
            .filter(|n: &f64| n.is_finite())
            .collect();
        if !numbers.is_empty() {
            b"+-.0123456789".iter().for_each(|&byte| may_start[usize::from(byte)] = true);
        }
        Markers { texts, numbers, may_start }
    }

    pub(super) fn are(&self, text: &str) -> bool {
        let is_number = || text.parse().is_ok_and(|number| self.numbers.contains(&number));
        self.texts.contains(&text) || (!self.numbers.is_empty() && is_number())
    }

    /// The text without blanks around it, none where it is missing. The first and the last byte tell
    /// for most texts that they are what they are.
    #[inline]
    pub(super) fn meant<'t>(&self, text: &'t str) -> Option<&'t str> {
        let (&first, &last) = text.as_bytes().first().zip(text.as_bytes().last())?;
        if !self.may_start[usize::from(first)] && last > b' ' && last < 0x80 {
            return Some(text);
        }
        let text = trimmed(text);
        (!text.is_empty() && !self.are(text)).then_some(text)
    }
}

/// A text as it is meant where no file says what stands for a missing one.
pub(crate) fn meant(text: &str) -> Option<&str> {
    Markers::new(IN_TEXTS.to_vec()).meant(text)
}

/// A text without the blanks around it, among them those that do not break a line, and without a
/// byte order mark.
pub(crate) fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}')
}
