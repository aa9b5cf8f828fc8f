//! What is looked at.

use crate::answer::options::options;
#[cfg(feature = "cli")]
use crate::answer::value;
use crate::error::{Error, Result};
use crate::groups::GroupBy;
use crate::labels::LifecycleLimits;
use crate::time::{Span, Timestamp};

/// A share of fewer silences than this says little, so no limit is suggested from it.
pub const LEAST_SILENCES: u64 = 100;

options! {
    /// What counts as a return, and which limits to look for.
    pub struct InactivityOptions {
        /// The time after a silence within which a purchase counts as a return, such as 30d, 12w,
        /// 3mo or 1y
        #[value(value_name = "SPAN", value_parser = value::<Span>)]
        #[takes(span)]
        horizon: Span = Span::months(3),
        /// The limits to compare with the suggested ones
        #[flatten(LifecycleLimits)]
        limits: LifecycleLimits = LifecycleLimits::default(),
        /// A customer is lapsed once fewer than this share of equally silent customers return
        /// within the horizon. One in five corresponds to three months on CDNOW
        #[value(value_name = "SHARE")]
        lapsed_share: f64 = 0.2,
        /// A customer is lost once fewer than this share return within the horizon: few of those
        /// you write to would have come back anyway
        #[value(value_name = "SHARE")]
        lost_share: f64 = 0.05,
        /// Group customers, besides by number of purchases, by category or channel of the first
        /// purchase, or by a column of the customers table, which holds today's values;
        /// attribute:category is a column of that name
        #[option(value_name = "WHAT", value_parser = value::<GroupBy>)]
        #[takes(into)]
        group_by: Option<GroupBy> = None,
    }
}

impl InactivityOptions {
    pub(super) fn check(&self, at: Timestamp) -> Result<()> {
        if self.horizon.is_zero() {
            return Err(Error::argument("horizon", self.horizon, "more than 0d"));
        }
        self.limits.at(at)?;
        for (name, share) in [("lapsed_share", self.lapsed_share), ("lost_share", self.lost_share)]
        {
            if !(0.0 < share && share < 1.0) {
                return Err(Error::argument(name, share, "more than 0 and less than 1"));
            }
        }
        if self.lost_share >= self.lapsed_share {
            let expected = format!("less than lapsed_share, {}", self.lapsed_share);
            return Err(Error::argument("lost_share", self.lost_share, expected));
        }
        Ok(())
    }
}

/// The first whole day that is not within a span, a month counted as 30.44 days: silences begin on every
/// day of the year. A gap of 30 days is shorter than a month, and one of 31 is not.
pub(super) fn days_of(span: Span) -> i64 {
    span.approx_days().ceil() as i64
}

/// Shortest whole months that hold this share of the returns are the suggested horizon.
pub(super) const HORIZON_SHARE: f64 = 2.0 / 3.0;
/// Suggested horizons are no longer, in months.
pub(super) const LONGEST_HORIZON: u32 = 24;
