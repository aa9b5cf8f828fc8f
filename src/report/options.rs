//! What a report shows.

use crate::campaign::CandidateOptions;
use crate::error::{Error, Result};
use crate::explain::Language;
use crate::time::Span;

/// Most customers that each list may have, so that the page stays one.
const MOST_LISTED: usize = 200;
/// More tests than anyone waits for.
const MOST_TESTS: usize = 24;
const MOST_DRAWS: usize = 100_000;

/// What a report shows, and how it is tested.
#[derive(Debug, Clone, PartialEq)]
pub struct ReportOptions {
    /// Customers in each of the two lists, of those who leave and of the candidates: 1 to 200. The
    /// others are counted; [`ChurnModel::candidates`](crate::ChurnModel::candidates) has them all. Default: 20.
    pub top: usize,
    /// Share of the candidates that is not to be contacted; they are marked where it is above 0. From 0
    /// to below 1. Default: 0.
    pub control_share: f64,
    /// Text that draws these candidates, as in [`CandidateOptions::salt`]. Default: `winback`.
    pub salt: String,
    /// Language of the page. Default: English.
    pub language: Language,
    /// Test cutoffs: the outcome window of the latest ends at the report's cutoff. Up to 24; 0 for no
    /// test. Default: 3.
    pub tests: usize,
    /// Their spacing. Default: 30 days.
    pub test_stride: Span,
    /// Resampled sets of customers by which the intervals of the test are found, at most 100,000; 0 for
    /// none. Default: 200.
    pub draws: usize,
    /// Seed of the draws. Default: 0.
    pub seed: u64,
}

impl Default for ReportOptions {
    fn default() -> Self {
        ReportOptions {
            top: 20,
            control_share: 0.0,
            salt: CandidateOptions::default().salt,
            language: Language::default(),
            tests: 3,
            test_stride: Span::days(30),
            draws: 200,
            seed: 0,
        }
    }
}

impl ReportOptions {
    /// Refuses options that mean nothing.
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
