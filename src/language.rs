//! The languages of sentences, and texts in all of them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

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

impl Language {
    /// `en` or `ru`.
    pub const fn name(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::Russian => "ru",
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Language {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "en" => Ok(Language::English),
            "ru" => Ok(Language::Russian),
            _ => Err(Error::text_argument("language", name, "\"en\" or \"ru\"")),
        }
    }
}

/// A text in every language.
pub(crate) type Text = [&'static str; 2];

/// The text in a language.
pub(crate) fn in_language(text: Text, language: Language) -> &'static str {
    text[language as usize]
}
