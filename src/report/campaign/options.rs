//! How the page on a campaign looks.

use crate::answer::options::options;
#[cfg(feature = "cli")]
use crate::answer::value;
use crate::error::{Error, Result};
use crate::explain::Language;
use crate::language::check_currency;

/// A longer name is no heading.
const MOST_CHARACTERS: usize = 100;

options! {
    /// How the page on a campaign looks.
    pub struct CampaignReportOptions {
        /// Name of the campaign, for the heading
        #[value(value_name = "TEXT", hide_default_value = true)]
        name: String = String::new(),
        /// Language of the page: en or ru
        #[value(value_name = "NAME", value_parser = value::<Language>)]
        language: Language = Language::English,
        /// Currency of the amounts, such as EUR or $; without it amounts are plain numbers
        #[value(value_name = "NAME", hide_default_value = true)]
        currency: String = String::new(),
    }
}

impl CampaignReportOptions {
    /// Rejects invalid options.
    ///
    /// # Errors
    /// [`Error::Argument`] for a name of more than 100 characters, or what is no currency.
    pub fn check(&self) -> Result<()> {
        if self.name.chars().count() > MOST_CHARACTERS {
            let expected = format!("at most {MOST_CHARACTERS} characters");
            return Err(Error::text_argument("name", &self.name, expected));
        }
        check_currency(&self.currency)
    }
}
