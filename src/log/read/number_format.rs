//! Numbers as texts, of CSV files.

use std::fmt;

use crate::error::{Error, Result, quoted};

/// Separators of thousands, with the characters that count as the same.
const THOUSANDS: [(char, &[char]); 4] = [
    (',', &[',']),
    ('.', &['.']),
    (' ', &[' ', '\u{a0}', '\u{202f}', '\u{2009}']),
    ('\'', &['\'', '\u{2019}']),
];

/// What is taken for a minus sign by people and not by programs.
const DASHES: [char; 3] = ['\u{2010}', '\u{2011}', '\u{2013}'];

/// How numbers are written. Default: a decimal point, and thousands not set apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NumberFormat {
    /// None: a point.
    decimal: Option<char>,
    /// A place in [`THOUSANDS`].
    thousands: Option<usize>,
}

impl Default for NumberFormat {
    fn default() -> Self {
        NumberFormat::PLAIN
    }
}

impl NumberFormat {
    pub(crate) const PLAIN: NumberFormat = NumberFormat { decimal: None, thousands: None };

    pub(crate) fn decimal(&mut self, decimal: char) -> Result<()> {
        if !matches!(decimal, '.' | ',') {
            return Err(Error::argument("decimal", format!("{decimal:?}"), "\".\" or \",\""));
        }
        self.decimal = Some(decimal);
        Ok(())
    }

    pub(crate) fn thousands(&mut self, thousands: char) -> Result<()> {
        let place = THOUSANDS.iter().position(|(_, same)| same.contains(&thousands));
        let expected = "\",\", \".\", \" \" or \"'\"";
        self.thousands = Some(
            place
                .ok_or_else(|| Error::argument("thousands", format!("{thousands:?}"), expected))?,
        );
        Ok(())
    }

    /// With what another says where this says nothing.
    pub(crate) fn or(self, other: NumberFormat) -> NumberFormat {
        NumberFormat {
            decimal: self.decimal.or(other.decimal),
            thousands: self.thousands.or(other.thousands),
        }
    }

    /// What stands before the places behind the point.
    pub(crate) fn decimal_sign(self) -> char {
        self.decimal.unwrap_or('.')
    }

    /// Refuses one character for both.
    pub(crate) fn check(self) -> Result<()> {
        match self.thousands {
            Some(place) if THOUSANDS[place].0 == self.decimal_sign() => {
                let expected =
                    format!("another character than the decimal sign {:?}", self.decimal_sign());
                Err(Error::argument("thousands", format!("{:?}", self.decimal_sign()), expected))
            }
            _ => Ok(()),
        }
    }

    /// The number that a text stands for; thousands are in groups of three throughout. What stands
    /// for a missing one is none.
    pub(crate) fn parse(self, text: &str) -> Option<f64> {
        let text = text.trim();
        if let Some(size) = text.strip_prefix('\u{2212}') {
            return self.parse_size(size).map(|size| -size);
        }
        let plain = text.parse().ok();
        if self.is_plain() || plain.is_some_and(|value: f64| !value.is_finite()) {
            return plain.filter(|value| !value.is_nan());
        }
        let (whole, rest) = match text.find(['e', 'E', self.decimal_sign()]) {
            Some(end) => text.split_at(end),
            None => (text, ""),
        };
        let mut plain = match self.thousands {
            Some(place) => {
                let plain = without_groups(whole, THOUSANDS[place].1)?;
                if plain.len() < whole.len() && rest.contains(['e', 'E']) {
                    return None;
                }
                plain
            }
            None => whole.to_owned(),
        };
        match rest.strip_prefix(self.decimal_sign()) {
            Some(decimals) => {
                plain.push('.');
                plain.push_str(decimals);
            }
            None => plain.push_str(rest),
        }
        // The other sign stands nowhere: after the first comma there is no point.
        let signs = plain.chars().filter(|&c| c == '.').count();
        (signs <= usize::from(rest.starts_with(self.decimal_sign()))).then(|| plain.parse().ok())?
    }

    /// The number behind a minus sign that is no hyphen.
    fn parse_size(self, text: &str) -> Option<f64> {
        text.starts_with(|c: char| c.is_ascii_digit()).then(|| self.parse(text))?
    }

    /// Why a text is no number, and how it might be one.
    pub(crate) fn refusal(self, text: &str) -> String {
        let text = text.trim();
        let is_number = |text: &str| Self::all().any(|format| format.parse(text).is_some());
        let not_a_number = |why: &str| format!("{} is not a number: {why}", quoted(text));
        let number = bare(text);
        if text.starts_with('(') && text.ends_with(')') && is_number(&number) {
            return not_a_number("it is in parentheses; write negative ones with -");
        }
        if text.ends_with('%') && is_number(&number) {
            return not_a_number("it is a percentage; write 12.5 % as 0.125");
        }
        if text.ends_with('-') && is_number(&number) || text.starts_with(DASHES) {
            return not_a_number("write negative ones with - before them");
        }
        // A sign or a code of a currency, such as `руб`.
        let sign = text.trim_matches(is_of_number);
        let is_short = (1..=4).contains(&sign.chars().count());
        let is_beside = text.trim_end_matches('.').ends_with(sign)
            || text.trim_start_matches(['+', '-', ' ']).starts_with(sign);
        if is_short && is_beside && is_number(&number) {
            return not_a_number(&format!("it has the sign {}; remove it", quoted(sign)));
        }
        let own = match self.is_plain() {
            true => String::new(),
            false => format!(" with {self}"),
        };
        let readings: Vec<String> = self
            .other_readings(text)
            .into_iter()
            .enumerate()
            .map(|(i, (format, value))| match i {
                0 => format!("{format} reads it as {value}"),
                _ => format!("{format} as {value}"),
            })
            .collect();
        let colon = if readings.is_empty() { "" } else { ": " };
        format!("{} is not a number{own}{colon}{}", quoted(text), readings.join(", "))
    }

    /// The other formats by which a text is a number that differ in fewest settings, and the number.
    fn other_readings(self, text: &str) -> Vec<(NumberFormat, f64)> {
        if !text.trim_start().starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-')) {
            return Vec::new();
        }
        let all: Vec<_> =
            Self::all().filter_map(|format| Some((format, format.parse(text)?))).collect();
        let least = all.iter().map(|(format, _)| self.changes_to(*format)).min();
        let mut simplest: Vec<_> =
            all.into_iter().filter(|(format, _)| Some(self.changes_to(*format)) == least).collect();
        // The largest first: amounts a thousand times too small would be seen less. Of those that give
        // the same number, the one with fewest settings.
        simplest.sort_by(|(a, x), (b, y)| {
            y.abs().total_cmp(&x.abs()).then(a.settings().cmp(&b.settings()))
        });
        simplest.dedup_by_key(|(_, number)| *number);
        simplest
    }

    /// The first of texts that is no number, where most of them would be numbers if a comma or a
    /// point had another meaning; texts come with what tells their place.
    pub(crate) fn misread<'a, P>(
        self,
        texts: impl Iterator<Item = (P, &'a str)> + Clone,
    ) -> Option<(P, &'a str)> {
        let first = texts.clone().find(|(_, text)| {
            self.parse(text).is_none() && !self.other_readings(text).is_empty()
        })?;
        let mut others = Self::all().filter(|format| {
            !format.is_same(self)
                && (format.decimal_sign() == ',' || format.thousands.is_some_and(|t| t < 2))
        });
        let count = texts.clone().count();
        let is_most = |format: &NumberFormat| {
            2 * texts.clone().filter(|(_, text)| format.parse(text).is_some()).count() > count
        };
        others.any(|format| is_most(&format)).then_some(first)
    }

    fn is_plain(self) -> bool {
        self.is_same(NumberFormat::PLAIN)
    }

    fn is_same(self, other: NumberFormat) -> bool {
        (self.decimal_sign(), self.thousands) == (other.decimal_sign(), other.thousands)
    }

    fn settings(self) -> usize {
        Self::PLAIN.changes_to(self)
    }

    /// How many settings differ.
    fn changes_to(self, other: NumberFormat) -> usize {
        usize::from(self.decimal_sign() != other.decimal_sign())
            + usize::from(self.thousands != other.thousands)
    }

    fn all() -> impl Iterator<Item = NumberFormat> {
        let thousands = || std::iter::once(None).chain((0..THOUSANDS.len()).map(Some));
        let both = ['.', ','].into_iter().flat_map(move |decimal| {
            thousands().map(move |thousands| NumberFormat { decimal: Some(decimal), thousands })
        });
        both.filter(|format| format.check().is_ok())
    }
}

impl fmt::Display for NumberFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.decimal_sign(), self.thousands) {
            (decimal, None) => write!(f, "decimal=\"{decimal}\""),
            ('.', Some(place)) => write!(f, "thousands=\"{}\"", THOUSANDS[place].0),
            (decimal, Some(place)) => {
                write!(f, "decimal=\"{decimal}\" and thousands=\"{}\"", THOUSANDS[place].0)
            }
        }
    }
}

/// A whole number without the separators of its groups; none where a group has not three digits.
fn without_groups(whole: &str, separators: &[char]) -> Option<String> {
    let digits = whole.trim_start_matches(['+', '-']);
    let mut groups = digits.split(separators);
    let first = groups.next()?;
    let is_grouped = digits.len() != first.len();
    // A group behind a leading zero is none: `0.500` is a half.
    if is_grouped && (first.is_empty() || first.len() > 3 || first.starts_with('0')) {
        return None;
    }
    let are_digits = |group: &str| group.bytes().all(|byte| byte.is_ascii_digit());
    let fits = groups.all(|group| group.len() == 3 && are_digits(group));
    (are_digits(first) && fits).then(|| whole.replace(separators, ""))
}

fn is_of_number(c: char) -> bool {
    c.is_ascii_digit()
        || c.is_whitespace()
        || matches!(c, '+' | '-' | '.' | ',' | '\'' | '\u{2019}')
}

/// What of a text may be a number: its digits and the signs among and before them.
fn bare(text: &str) -> String {
    let kept: String = text.chars().filter(|&c| is_of_number(c)).collect();
    let end = kept.trim_end_matches(|c: char| !c.is_ascii_digit());
    end.trim_start_matches(|c: char| !c.is_ascii_digit() && !matches!(c, '+' | '-')).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format(decimal: char, thousands: Option<char>) -> NumberFormat {
        let mut format = NumberFormat::PLAIN;
        format.decimal(decimal).unwrap();
        thousands.iter().for_each(|&thousands| format.thousands(thousands).unwrap());
        format
    }

    #[test]
    fn numbers_are_read_by_their_format() {
        for (text, decimal, thousands, expected) in [
            ("1.234,5", ',', Some('.'), Some(1234.5)),
            ("-1.234.567,50", ',', Some('.'), Some(-1_234_567.5)),
            ("1234,5", ',', Some('.'), Some(1234.5)),
            ("12.34", ',', Some('.'), None),
            ("1.2345", ',', Some('.'), None),
            ("1234.567", ',', Some('.'), None),
            (".123", ',', Some('.'), None),
            ("0.500", ',', Some('.'), None),
            ("01.234", ',', Some('.'), None),
            ("1.234e2", ',', Some('.'), None),
            ("1.234,5e2", ',', Some('.'), None),
            ("\u{2212}1.234,5", ',', Some('.'), Some(-1234.5)),
            ("\u{2212}5", '.', None, Some(-5.0)),
            ("\u{2212}-5", '.', None, None),
            ("1,5.000", ',', Some('.'), None),
            ("3,50", ',', None, Some(3.5)),
            ("1e5", ',', None, Some(1e5)),
            ("1,5e2", ',', None, Some(150.0)),
            ("3.50", ',', None, None),
            ("1 234,5", ',', Some(' '), Some(1234.5)),
            ("1\u{a0}234\u{202f}567,5", ',', Some(' '), Some(1_234_567.5)),
            ("1'234.50", '.', Some('\''), Some(1234.5)),
            ("1\u{2019}234", '.', Some('\''), Some(1234.0)),
            ("1,234", '.', Some(','), Some(1234.0)),
            ("1,23", '.', Some(','), None),
            ("1,,234", '.', Some(','), None),
            ("1e5", '.', None, Some(1e5)),
            ("0x10", '.', None, None),
            ("0x10", ',', None, None),
        ] {
            assert_eq!(format(decimal, thousands).parse(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_number_is_told_with_its_readings() {
        for (text, expected) in [
            (
                "1,234",
                "\"1,234\" is not a number: thousands=\",\" reads it as 1234, decimal=\",\" as 1.234",
            ),
            (
                "1.234,50",
                "\"1.234,50\" is not a number: decimal=\",\" and thousands=\".\" reads it as 1234.5",
            ),
            (
                "1.234.567",
                "\"1.234.567\" is not a number: decimal=\",\" and thousands=\".\" reads it as 1234567",
            ),
            ("3,50", "\"3,50\" is not a number: decimal=\",\" reads it as 3.5"),
            ("1 234", "\"1 234\" is not a number: thousands=\" \" reads it as 1234"),
            ("1'234.5", "\"1'234.5\" is not a number: thousands=\"'\" reads it as 1234.5"),
            ("ten", "\"ten\" is not a number"),
            ("0x10", "\"0x10\" is not a number"),
            ("€ 12", "\"€ 12\" is not a number: it has the sign \"€\"; remove it"),
            ("$12.00", "\"$12.00\" is not a number: it has the sign \"$\"; remove it"),
            ("-$12.00", "\"-$12.00\" is not a number: it has the sign \"$\"; remove it"),
            ("12 USD", "\"12 USD\" is not a number: it has the sign \"USD\"; remove it"),
            ("12,50 ₽", "\"12,50 ₽\" is not a number: it has the sign \"₽\"; remove it"),
            ("1 200 руб.", "\"1 200 руб.\" is not a number: it has the sign \"руб\"; remove it"),
            ("5-", "\"5-\" is not a number: write negative ones with - before them"),
            ("–5", "\"–5\" is not a number: write negative ones with - before them"),
            ("12 %", "\"12 %\" is not a number: it is a percentage; write 12.5 % as 0.125"),
            (
                "(12.50)",
                "\"(12.50)\" is not a number: it is in parentheses; write negative ones with -",
            ),
            (
                "($1,200)",
                "\"($1,200)\" is not a number: it is in parentheses; write negative ones with -",
            ),
        ] {
            assert_eq!(NumberFormat::PLAIN.refusal(text), expected, "{text}");
        }
        let own = format(',', Some('.'));
        let expected = "\"12.34\" is not a number with decimal=\",\" and thousands=\".\": \
                        decimal=\".\" reads it as 12.34";
        assert_eq!(own.refusal("12.34"), expected);
        let expected = "\"1.234\" is not a number with decimal=\",\": decimal=\",\" and \
                        thousands=\".\" reads it as 1234, decimal=\".\" as 1.234";
        assert_eq!(format(',', None).refusal("1.234"), expected);
    }

    #[test]
    fn one_character_is_not_both() {
        assert!(format(',', Some(',')).check().is_err() && format('.', Some('.')).check().is_err());
        assert!(NumberFormat::PLAIN.clone().decimal(';').is_err());
        assert!(NumberFormat::PLAIN.clone().thousands('_').is_err());
    }

    #[test]
    fn columns_of_numbers_by_another_format_are_noticed() {
        let misread = |texts: &[&str]| {
            let found = NumberFormat::PLAIN.misread(texts.iter().copied().enumerate());
            found.map(|(place, _)| place)
        };
        assert_eq!(misread(&["1", "3,50", "4,25"]), Some(1));
        assert_eq!(misread(&["1.234,50", "2.000,00"]), Some(0));
        assert_eq!(misread(&["a", "b", "3,50"]), None);
        assert_eq!(misread(&["110 00", "120 00"]), None);
        assert_eq!(misread(&[]), None);
    }
}
