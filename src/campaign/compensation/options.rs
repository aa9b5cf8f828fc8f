//! What is compensated, by how much, out of which fund.

use super::harms::Harm;
use crate::answer::options::options;
#[cfg(feature = "cli")]
use crate::answer::value;
use crate::error::{Error, Result};
use crate::hash;
use crate::language::Language;
use crate::log::LogColumns;
use crate::time::{Moment, Span};

options! {
    /// What is compensated, by how much, out of which fund. There are no amounts by default.
    pub struct CompensationOptions {
        /// Compensation for a ticket that has been open for longer than unresolved_after
        #[option(value_name = "AMOUNT")]
        #[takes(into)]
        unresolved: Option<f64> = None,
        /// Time after which an open ticket is compensated
        #[value(value_name = "SPAN", value_parser = value::<Span>)]
        #[takes(span)]
        unresolved_after: Span = Span::days(7),
        /// Compensation for a ticket that was reopened
        #[option(value_name = "AMOUNT")]
        #[takes(into)]
        reopened: Option<f64> = None,
        /// Compensation for a ticket whose first answer took longer than slow_hours
        #[option(value_name = "AMOUNT")]
        #[takes(into)]
        slow: Option<f64> = None,
        /// Hours after which a first answer is slow
        #[value(value_name = "HOURS")]
        slow_hours: f64 = 48.0,
        /// Compensation for a ticket that was rated bad_rating or lower
        #[option(value_name = "AMOUNT")]
        #[takes(into)]
        badly_rated: Option<f64> = None,
        /// The highest rating that is bad; below the highest rating that tickets got
        #[value(value_name = "RATING")]
        bad_rating: f64 = 2.0,
        /// Compensation for a latest survey answer of bad_score or lower
        #[option(value_name = "AMOUNT")]
        #[takes(into)]
        low_score: Option<f64> = None,
        /// The highest score that is low, of scores from 0 to 10
        #[value(value_name = "SCORE")]
        bad_score: f64 = 6.0,
        /// Compensation for goods that came back
        #[option(value_name = "AMOUNT")]
        #[takes(into)]
        returned: Option<f64> = None,
        /// How far back from the cutoff harm counts; a ticket that is still open counts however old
        #[value(value_name = "SPAN", value_parser = value::<Span>)]
        #[takes(span)]
        since: Span = Span::days(90),
        /// Most that may be spent; by default there is no limit
        #[option(value_name = "AMOUNT")]
        #[takes(into)]
        fund: Option<f64> = None,
        /// Share of the customers who get nothing, drawn at random, so that what compensation changes
        /// can be known: 0 to below 1
        #[value(value_name = "SHARE")]
        control_share: f64 = 0.0,
        /// Text that decides who gets nothing
        #[value(value_name = "TEXT")]
        #[takes(into)]
        salt: String = hash::DEFAULT_SALT.to_owned(),
        /// Language of the reasons: en or ru
        #[value(value_name = "NAME", value_parser = value::<Language>)]
        language: Language = Language::English,
    }
}

options! {
    /// When outcomes of those who were compensated count.
    pub struct CompensationOutcomeOptions {
        /// Column of the table that says who was compensated
        #[value(value_name = "COLUMN")]
        #[takes(into)]
        arm: String = "arm".to_owned(),
        /// When compensations were paid; outcomes count from there
        #[option(value_name = "DATE", value_parser = value::<Moment>)]
        #[takes(time)]
        start: Option<Moment> = None,
        /// The time after the start in which outcomes count
        #[value(value_name = "SPAN", value_parser = value::<Span>)]
        #[takes(span)]
        window: Span = Span::days(90),
    }
}

impl CompensationOptions {
    /// What a harm is compensated by, if it is.
    pub(super) fn amount(&self, harm: Harm) -> Option<f64> {
        match harm {
            Harm::Unresolved => self.unresolved,
            Harm::Reopened => self.reopened,
            Harm::Slow => self.slow,
            Harm::BadlyRated => self.badly_rated,
            Harm::LowScore => self.low_score,
            Harm::Returned => self.returned,
        }
    }

    /// Refuses amounts that are none, and harms that the log cannot tell.
    pub(super) fn check(&self, columns: LogColumns) -> Result<()> {
        let mut rules = 0;
        for harm in Harm::ALL {
            let Some(amount) = self.amount(harm) else { continue };
            if !(amount > 0.0 && amount <= 1e12) {
                return Err(Error::argument(harm.name(), amount, "above 0, at most 1e12"));
            }
            if let Some(needs) = harm.missing(columns) {
                let expected = format!("nothing, for the log has no {needs}");
                return Err(Error::argument(harm.name(), amount, expected));
            }
            rules += 1;
        }
        if rules == 0 {
            let [first, others @ ..] = Harm::ALL.map(Harm::name);
            let expected = format!("an amount for it or for one of {}", others.join(", "));
            return Err(Error::missing_argument(first, expected));
        }
        for (name, span) in [("unresolved_after", self.unresolved_after), ("since", self.since)] {
            if span.is_zero() {
                return Err(Error::argument(name, span, "more than 0d"));
            }
        }
        // Longer than any ticket, and in microseconds no more than fits.
        if !(self.slow_hours > 0.0 && self.slow_hours <= 1e6) {
            return Err(Error::argument("slow_hours", self.slow_hours, "above 0, at most 1e6"));
        }
        if !self.bad_rating.is_finite() {
            return Err(Error::argument("bad_rating", self.bad_rating, "a finite number"));
        }
        if !(0.0..10.0).contains(&self.bad_score) {
            let expected = "from 0 to below 10, for scores go from 0 to 10";
            return Err(Error::argument("bad_score", self.bad_score, expected));
        }
        if !(0.0..1.0).contains(&self.control_share) {
            let expected = "from 0 to below 1";
            return Err(Error::argument("control_share", self.control_share, expected));
        }
        match self.fund {
            Some(fund) if !(0.0..=1e100).contains(&fund) => {
                Err(Error::argument("fund", fund, "0 or more, at most 1e100"))
            }
            _ => Ok(()),
        }
    }
}
