//! Lifecycle states, outcome windows and labels.

use crate::answer::options::options;
#[cfg(feature = "cli")]
use crate::answer::value;
use crate::error::{Error, Result, named_choice};
use crate::time::{Span, Timestamp, Window};

/// A customer's state at a cutoff, by inactivity: cutoff − last purchase.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Inactive for less than `lapsed_after`.
    Active,
    /// Inactive for `lapsed_after` or more, but less than `lost_after`.
    Lapsed,
    /// Inactive for `lost_after` or more.
    Lost,
}

named_choice!(State, "state": Active = "active", Lapsed = "lapsed", Lost = "lost");

/// Which purchases in an outcome window count. Default: [`Label::Purchase`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Label {
    /// All of them.
    #[default]
    Purchase,
    /// Those of orders that were not returned in full within the outcome window.
    KeptPurchase,
}

named_choice!(Label, "label": Purchase = "purchase", KeptPurchase = "kept_purchase");

impl Label {
    /// Refuses the label where nothing says which purchase was returned: that takes orders and amounts.
    pub(crate) fn check(self, tells_returns: bool) -> Result<()> {
        if self == Label::KeptPurchase && !tells_returns {
            let expected = "\"purchase\": which ones were returned is told by the amounts of orders, so the \
                            log needs amount, order_id and purchase_by=\"order\"";
            return Err(Error::text_argument("label", self.name(), expected));
        }
        Ok(())
    }
}

options! {
    /// How long a customer is inactive before counting as lapsed, and as lost.
    ///
    /// ```
    /// use winback::labels::{LifecycleLimits, State};
    /// let limits = LifecycleLimits::default().at("1998-04-01".parse()?)?;
    /// assert_eq!(limits.state("1998-01-02".parse()?), State::Active);
    /// assert_eq!(limits.state("1998-01-01".parse()?), State::Lapsed);   // three months to the day
    /// assert_eq!(limits.state("1997-10-01".parse()?), State::Lost);
    /// # Ok::<(), winback::Error>(())
    /// ```
    #[derive(Copy, Eq)]
    pub struct LifecycleLimits {
        /// Silence after which a customer is lapsed
        #[value(value_name = "SPAN", value_parser = value::<Span>)]
        #[takes(span)]
        lapsed_after: Span = Span::months(3),
        /// Silence after which a customer is lost
        #[value(value_name = "SPAN", value_parser = value::<Span>)]
        #[takes(span)]
        lost_after: Span = Span::months(6),
    }
}

impl LifecycleLimits {
    /// The limits as instants, for one cutoff.
    ///
    /// # Errors
    /// [`Error::Argument`] when `lapsed_after` has no length or is not less than `lost_after`.
    pub fn at(self, cutoff: Timestamp) -> Result<LimitsAt> {
        if self.lapsed_after.is_zero() {
            return Err(Error::argument("lapsed_after", self.lapsed_after, "more than 0d"));
        }
        let limits = LimitsAt {
            lapsed: cutoff.sub_argument("lapsed_after", self.lapsed_after)?,
            lost: cutoff.sub_argument("lost_after", self.lost_after)?,
        };
        if limits.lost >= limits.lapsed {
            let expected = format!("more than lapsed_after, {}", self.lapsed_after);
            return Err(Error::argument("lost_after", self.lost_after, expected));
        }
        Ok(limits)
    }
}

/// [`LifecycleLimits`] at one cutoff.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LimitsAt {
    lapsed: Timestamp,
    lost: Timestamp,
}

impl LimitsAt {
    /// The state of a customer whose last purchase before the cutoff was at this time.
    pub fn state(self, last_purchase: Timestamp) -> State {
        self.state_of(last_purchase.micros())
    }

    /// As [`LimitsAt::state`], in microseconds since 1970-01-01 UTC.
    #[inline]
    pub(crate) fn state_of(self, last_purchase: i64) -> State {
        if last_purchase > self.lapsed.micros() {
            State::Active
        } else if last_purchase > self.lost.micros() {
            State::Lapsed
        } else {
            State::Lost
        }
    }
}

/// The outcome window [cutoff + lead, cutoff + lead + horizon).
///
/// # Errors
/// [`Error::Argument`] when the horizon has no length or the window lies beyond the year 2262.
pub fn outcome_window(cutoff: Timestamp, lead: Span, horizon: Span) -> Result<Window> {
    let start = cutoff.add_argument("lead", lead)?;
    let end = start.add_argument("horizon", horizon)?;
    if end <= start {
        return Err(Error::argument("horizon", horizon, "more than 0d"));
    }
    Ok(Window { start, end })
}

/// The latest cutoff whose outcome window ends at or before `until`.
///
/// # Errors
/// As [`outcome_window`].
pub fn latest_cutoff(until: Timestamp, lead: Span, horizon: Span) -> Result<Timestamp> {
    let mut cutoff = until.sub_argument("horizon", horizon)?.sub_argument("lead", lead)?;
    // Going back and forth by calendar months may end up to three days apart.
    while outcome_window(cutoff, lead, horizon)?.end > until {
        cutoff = cutoff.sub(Span::days(1))?;
    }
    Ok(cutoff)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn limits_must_have_a_length_and_differ() {
        let cutoff: Timestamp = "2020-01-01".parse().unwrap();
        for (lapsed, lost) in [("0d", "6mo"), ("3mo", "3mo"), ("6mo", "3mo")] {
            let limits = LifecycleLimits {
                lapsed_after: lapsed.parse().unwrap(),
                lost_after: lost.parse().unwrap(),
            };
            assert!(limits.at(cutoff).is_err(), "{lapsed} {lost}");
        }
        assert!(outcome_window(cutoff, Span::ZERO, Span::ZERO).is_err());
        let window = outcome_window(cutoff, Span::days(7), Span::days(1)).unwrap();
        assert_eq!(window.to_string(), "[2020-01-08, 2020-01-09)");
    }

    #[test]
    fn a_customer_is_lapsed_and_lost_from_the_instant_of_the_limit_on() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let limits = LifecycleLimits::default().at(at("2024-07-01")).unwrap();
        for (last, state) in [
            ("2024-04-01T00:00:00.000001", State::Active),
            ("2024-04-01", State::Lapsed),
            ("2024-01-01T00:00:00.000001", State::Lapsed),
            ("2024-01-01", State::Lost),
        ] {
            assert_eq!(limits.state(at(last)), state, "{last}");
        }
    }

    #[test]
    fn the_window_of_the_latest_cutoff_may_end_with_what_is_known() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        for (until, lead, horizon, cutoff) in [
            ("2024-04-01", "0d", "3mo", "2024-01-01"),
            ("2024-04-01", "7d", "1d", "2024-03-24"),
            // A month after January 30 is the last of February; a month before that is the 29th.
            ("2024-02-29", "0d", "1mo", "2024-01-29"),
        ] {
            let [lead, horizon] = [lead, horizon].map(|span| span.parse().unwrap());
            assert_eq!(latest_cutoff(at(until), lead, horizon).unwrap(), at(cutoff), "{until}");
        }
    }

    #[test]
    fn what_is_kept_is_told_only_where_returns_are() {
        for (label, tells_returns, is_taken) in [
            (Label::Purchase, false, true),
            (Label::Purchase, true, true),
            (Label::KeptPurchase, false, false),
            (Label::KeptPurchase, true, true),
        ] {
            assert_eq!(label.check(tells_returns).is_ok(), is_taken, "{label} {tells_returns}");
        }
    }

    proptest! {
        #[test]
        fn the_latest_cutoff_is_the_latest(
            day in 0i32..20_000, lead in 0u32..40, months in 1u32..14,
        ) {
            let until = Timestamp::from_days(day).unwrap();
            let (lead, horizon) = (Span::days(lead), Span::months(months));
            let cutoff = latest_cutoff(until, lead, horizon).unwrap();
            let end = |cutoff| outcome_window(cutoff, lead, horizon).unwrap().end;
            prop_assert!(end(cutoff) <= until);
            // The day after is too late, but for the last days of a month, which share an end.
            prop_assert!(end(cutoff.add(Span::days(4)).unwrap()) > until);
        }
    }
}
