//! The languages of sentences, and the texts in each of them.

mod activity;

use serde::{Deserialize, Serialize};

pub(crate) use activity::reworded;

use crate::error::{Error, Result, named_choice};

/// The language of sentences.
///
/// ```
/// use winback::explain::Language;
/// assert_eq!("ru".parse::<Language>()?, Language::Russian);
/// assert!("de".parse::<Language>().is_err());
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Language {
    /// `en`.
    #[default]
    #[serde(rename = "en")]
    English,
    /// `ru`.
    #[serde(rename = "ru")]
    Russian,
}

named_choice!(Language, "language": English = "en", Russian = "ru");

/// Keeps a number and what belongs to it on one line.
pub(crate) const NO_BREAK: char = '\u{a0}';

/// A finite number with so many decimals, its thousands apart.
pub(crate) fn number(value: f64, decimals: usize, language: Language) -> String {
    let text = match decimals {
        // As `format!` rounds, and faster.
        0 if value.abs() < 2f64.powi(53) => (value.round_ties_even() as i64).to_string(),
        _ => format!("{value:.decimals$}"),
    };
    let nothing = text.chars().all(|c| matches!(c, '-' | '0' | '.'));
    let text = if nothing { text.trim_start_matches('-') } else { &text };
    match text.split_once('.') {
        None => thousands(text, language),
        Some((whole, part)) => {
            let point = if language == Language::Russian { ',' } else { '.' };
            format!("{}{point}{part}", thousands(whole, language))
        }
    }
}

/// The digits of a whole number, its thousands apart.
pub(crate) fn thousands(digits: &str, language: Language) -> String {
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |rest| ("−", rest));
    let (apart, least) = match language {
        Language::English => (',', 4),
        Language::Russian => (NO_BREAK, 5),
    };
    let mut text = String::from(sign);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && digits.len() >= least && (digits.len() - place).is_multiple_of(3) {
            text.push(apart);
        }
        text.push(digit);
    }
    text
}

/// Refuses what is no name or sign of a currency.
///
/// # Errors
/// [`Error::Argument`] for more than 12 characters, and for control characters or blanks around it.
pub(crate) fn check_currency(currency: &str) -> Result<()> {
    let is_long = currency.chars().count() > 12;
    if is_long || currency.trim() != currency || currency.contains(char::is_control) {
        let expected = "a name or sign of at most 12 characters, such as EUR or $";
        return Err(Error::text_argument("currency", currency, expected));
    }
    Ok(())
}

/// A finite amount of a currency, which may be empty: with decimals where it is small.
pub(crate) fn amount(value: f64, currency: &str, language: Language) -> String {
    let number = number(value, if value.abs() < 999.5 { 2 } else { 0 }, language);
    let sign_first = language == Language::English && !currency.contains(char::is_alphabetic);
    match (currency, sign_first) {
        ("", _) => number,
        (sign, true) => match number.strip_prefix('−') {
            Some(size) => format!("−{sign}{size}"),
            None => format!("{sign}{number}"),
        },
        (name, false) => format!("{number}{NO_BREAK}{name}"),
    }
}

/// A text in every language.
pub(crate) type Text = [&'static str; 2];

/// The text in a language.
pub(crate) fn in_language(text: Text, language: Language) -> &'static str {
    text[language as usize]
}

/// How sentences are said: in a language, and of purchases or of activity in their place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Speech {
    pub(crate) language: Language,
    pub(crate) of_activity: bool,
}

impl Speech {
    pub(crate) fn text(self, text: Text) -> &'static str {
        match (in_language(text, self.language), self.of_activity) {
            (text, true) => activity::of_activity(text),
            (text, false) => text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Language::{English, Russian};

    #[test]
    fn what_is_no_currency_is_refused() {
        for good in ["", "€", "EUR", "руб.", "US $"] {
            assert!(check_currency(good).is_ok(), "{good:?}");
        }
        for bad in [" ", "\n", "kr ", "a\u{0}b", "thirteen char"] {
            let error = check_currency(bad).unwrap_err();
            assert!(matches!(error, Error::Argument { name: "currency", .. }), "{bad:?}");
        }
    }

    #[test]
    fn whole_numbers_are_rounded_as_rust_writes_them() {
        let largest = 2f64.powi(54);
        let near = (0..40).map(|n| f64::from(n) / 4.0);
        let far = [1e3 + 0.5, 999.5, 1e15 + 0.5, 1e15 - 0.5, largest, largest - 2.0, 0.499_999];
        for value in near.chain(far).flat_map(|value| [value, -value]) {
            let written = format!("{value:.0}").replace('-', "−");
            let written = if written == "−0" { "0" } else { &written };
            assert_eq!(number(value, 0, English).replace(',', ""), written, "{value:e}");
        }
    }

    #[test]
    fn amounts_are_written_as_each_language_writes_them() {
        for (value, currency, english, russian) in [
            (45.1, "", "45.10", "45,10"),
            (-0.001, "", "0.00", "0,00"),
            (1234.5, "€", "€1,234", "1234\u{a0}€"),
            (-12_345.6, "$", "−$12,346", "−12\u{a0}346\u{a0}$"),
            (12_345.6, "EUR", "12,346\u{a0}EUR", "12\u{a0}346\u{a0}EUR"),
            (99.0, "руб.", "99.00\u{a0}руб.", "99,00\u{a0}руб."),
        ] {
            assert_eq!(amount(value, currency, English), english);
            assert_eq!(amount(value, currency, Russian), russian);
        }
    }
}
