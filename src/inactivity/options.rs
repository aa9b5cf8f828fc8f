//! What is looked at.

use crate::error::{Error, Result};
use crate::groups::GroupBy;
use crate::labels::LifecycleLimits;
use crate::time::{Span, Timestamp};

/// Shares of fewer silences than these say little: no limit is suggested from them.
pub const LEAST_SILENCES: u64 = 100;

/// What is looked at, and from which share of returns on a silence is a limit.
#[derive(Debug, Clone, PartialEq)]
pub struct InactivityOptions {
    /// The time after a silence within which a purchase is a return. Default: three months, as
    /// models have it.
    pub horizon: Span,
    /// The limits that are judged beside the suggested ones. Default: three and six months.
    pub limits: LifecycleLimits,
    /// A customer is lapsed once less than this share of the silent return within the horizon.
    /// Default: 0.2, one in five. On CDNOW, the log by which repeat buying is mostly studied, that
    /// is after three months.
    pub lapsed_share: f64,
    /// A customer is lost once less than this share returns. Default: 0.05, one in twenty: to write
    /// to them brings back hardly anybody who would have come anyway.
    pub lost_share: f64,
    /// By what customers are grouped too; groups by number of purchases are always there. Default:
    /// nothing.
    pub group_by: Option<GroupBy>,
}

impl Default for InactivityOptions {
    fn default() -> Self {
        InactivityOptions {
            horizon: Span::months(3),
            limits: LifecycleLimits::default(),
            lapsed_share: 0.2,
            lost_share: 0.05,
            group_by: None,
        }
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

/// A span in days, a month counted as 30.44: silences begin on every day of the year.
pub(super) fn days_of(span: Span) -> i64 {
    span.approx_days().round() as i64
}

/// Shortest whole months that hold this share of the returns are the suggested horizon.
pub(super) const HORIZON_SHARE: f64 = 2.0 / 3.0;
/// Suggested horizons are no longer, in months.
pub(super) const LONGEST_HORIZON: u32 = 24;
