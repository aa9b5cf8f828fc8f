//! What a report shows.

use crate::answer::options::options;
#[cfg(feature = "cli")]
use crate::answer::value;
use crate::campaign::CandidateOptions;
use crate::error::{Error, Result};
use crate::explain::Language;
use crate::time::Span;

/// Most customers that each list may have, so that the page stays one.
const MOST_LISTED: usize = 200;
/// More tests than anyone waits for.
const MOST_TESTS: usize = 24;
const MOST_DRAWS: usize = 100_000;

options! {
    /// What a report shows.
    pub struct ReportOptions {
        /// Number of customers in each of the two lists, those who are leaving and the candidates:
        /// 1 to 200; the others are only counted
        #[value(value_name = "N")]
        top: usize = 20,
        /// Share of the candidates held out as the control group, not to be contacted: 0 to below
        /// 1; the control group is marked if this is above 0
        #[value(value_name = "SHARE")]
        control_share: f64 = 0.0,
        /// Text that decides who is in the control group; another text draws other customers
        #[value(value_name = "TEXT")]
        #[takes(into)]
        salt: String = CandidateOptions::default().salt,
        /// Language of the page: en or ru
        #[value(value_name = "NAME", value_parser = value::<Language>)]
        language: Language = Language::English,
        /// Currency of the amounts, such as EUR or $; without it amounts are plain numbers
        #[value(value_name = "NAME", hide_default_value = true)]
        #[takes(into)]
        currency: String = String::new(),
        /// Number of past cutoffs at which a new model is trained and tested, up to 24; 0 for no
        /// test. The outcome window of the latest ends at the cutoff of the report
        #[value(value_name = "N")]
        tests: usize = 3,
        /// Spacing of the test cutoffs
        #[value(value_name = "SPAN", value_parser = value::<Span>)]
        #[takes(span)]
        test_stride: Span = Span::days(30),
        /// Number of times customers are resampled to compute the test's intervals, at most
        /// 100,000; 0 for no intervals
        #[value(value_name = "N")]
        draws: usize = 200,
        /// Seed of the resampling
        #[value(value_name = "S")]
        seed: u64 = 0,
    }
}

impl ReportOptions {
    /// Rejects invalid options.
    ///
    /// # Errors
    /// [`Error::Argument`] for a `top` outside 1 to 200, a `control_share` outside 0 to below 1, more
    /// than 24 tests or 100,000 draws, or several tests without a stride.
    pub fn check(&self) -> Result<()> {
        if !(1..=MOST_LISTED).contains(&self.top) {
            let expected =
                format!("1 to {MOST_LISTED}, for score and candidates give all customers");
            return Err(Error::argument("top", self.top, expected));
        }
        self.candidates().check()?;
        if self.tests > MOST_TESTS {
            return Err(Error::argument("tests", self.tests, format!("at most {MOST_TESTS}")));
        }
        if self.tests > 1 && self.test_stride.is_zero() {
            return Err(Error::argument("test_stride", self.test_stride, "more than 0d"));
        }
        if self.draws > MOST_DRAWS {
            return Err(Error::argument("draws", self.draws, "at most 100,000"));
        }
        Ok(())
    }
}
