//! How long a silence means that a customer has left: the gaps between purchases, who comes back
//! after which silence, and the limits of inactivity that follow from it.
//!
//! Three and six months are the defaults everywhere ([`LifecycleLimits`]); here they are judged by
//! the log.

mod curve;
mod report;
mod rhythm;
mod rows;
mod silences;
mod table;

pub use curve::{Estimate, Returns};
pub use report::InactivityReport;
pub(crate) use rhythm::contradicting_rhythm;
pub use rhythm::{CalendarRhythm, Period};
pub use rows::{GapMethod, GapRow, Group, Limit, LimitRow, LimitSource, ReturnRow};

use crate::error::{Error, Result};
use crate::groups::{Apart, GroupBy, Groups, PURCHASE_BANDS, PURCHASES};
use crate::labels::LifecycleLimits;
use crate::log::EventLog;
use crate::time::{Span, Timestamp};
use curve::Curve;
use silences::{Counts, Seen, Silences};

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
    fn check(&self, until: Timestamp) -> Result<()> {
        if self.horizon.is_zero() {
            return Err(Error::parameter("horizon", self.horizon, "more than 0d"));
        }
        self.limits.at(until)?;
        for (name, share) in [("lapsed_share", self.lapsed_share), ("lost_share", self.lost_share)]
        {
            if !(0.0 < share && share < 1.0) {
                return Err(Error::parameter(name, share, "more than 0 and less than 1"));
            }
        }
        if self.lost_share >= self.lapsed_share {
            let allowed = format!("must be less than lapsed_share, {}", self.lapsed_share);
            return Err(Error::parameter("lost_share", self.lost_share, allowed));
        }
        Ok(())
    }
}

/// A span in days, a month counted as 30.44: silences begin on every day of the year.
fn days_of(span: Span) -> i64 {
    span.approx_days().round() as i64
}

/// The silences that the report prints and [`InactivityReport::returns`] holds.
const GRID: [i64; 26] = [
    7, 14, 30, 60, 90, 120, 150, 180, 210, 240, 270, 300, 330, 360, 390, 420, 450, 480, 510, 540,
    570, 600, 630, 660, 690, 720,
];

/// Shortest whole months that hold this share of the returns are the suggested horizon.
const HORIZON_SHARE: f64 = 2.0 / 3.0;
/// Suggested horizons are no longer, in months.
const LONGEST_HORIZON: u32 = 24;

impl InactivityReport {
    /// Looks at the silences of all customers in what was known before `until`.
    ///
    /// A silence begins on each day (UTC) with a purchase and ends on the customer's next one; the
    /// last one still lasts. Each counts once, so that frequent customers count more often.
    ///
    /// ```
    /// use winback::inactivity::{InactivityOptions, InactivityReport};
    /// use winback::{EventLog, simulate::Simulation};
    /// let shop = Simulation::default().customers(1_000).run()?;
    /// let log = EventLog::builder()
    ///     .transactions([shop.transactions])
    ///     .observed_until("2025-01-01")?
    ///     .build()?;
    /// let options = InactivityOptions::default();
    /// let report = InactivityReport::build(&log, "2025-01-01".parse()?, &options)?;
    /// println!("{report}");
    /// assert!(report.suggested_lapsed_after.is_some());
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Parameter`] when `until` is not after the first transaction or is after the log's
    /// `observed_until`; for a horizon or limits without length; for shares that do not lie between
    /// 0 and 1 or of which the lost one is not the lower; for an attribute that is not there or
    /// holds more than 20 different numbers. [`Error::TooLittleData`] without a purchase before
    /// `until`.
    pub fn build(log: &EventLog, until: Timestamp, options: &InactivityOptions) -> Result<Self> {
        log.check_cutoff("until", until)?;
        options.check(until)?;
        let by = options.group_by.as_ref();
        let groups_of = |by| Groups::of_customers(log, until, Some(by), "group_by", Apart::Largest);
        let grouped = by.map(groups_of).transpose()?;
        let horizon = days_of(options.horizon);
        let seen = Seen::new(until, horizon);
        let silences = Silences::count(log, until, seen, grouped.as_ref());
        if silences.all.customers == 0 {
            return Err(Error::TooLittleData(format!("no customer has a purchase before {until}")));
        }
        let mut groups: Vec<(Group, &Counts)> = vec![(Group::all(), &silences.all)];
        let by_purchases = PURCHASE_BANDS.iter().zip(&silences.by_purchases);
        groups.extend(by_purchases.map(|(name, counts)| (Group::new(PURCHASES, name), counts)));
        if let (Some(by), Some(grouped)) = (by, &grouped) {
            let by_group = grouped.labels().zip(&silences.by_group);
            groups.extend(by_group.map(|(label, counts)| (Group::new(by.name(), label), counts)));
        }
        groups.retain(|(_, counts)| counts.customers > 0);

        let mut report = InactivityReport::empty(until, options, &silences.all);
        let not_before = report.rhythms.iter().map(|rhythm| rhythm.period.days().1 as i64).max();
        let not_before = not_before.map_or(1, |last| last + 1);
        for (group, counts) in groups {
            let curve = Curve::new(counts, horizon);
            report.gaps.extend(rows::gaps(&group, &curve));
            report.returns.extend(rows::returns(&group, &curve, &GRID));
            report.limits.extend(rows::limits(&group, &curve, options, not_before));
            if group.is_all() {
                report.longest_seen = curve.longest_seen.and_then(|days| u32::try_from(days).ok());
                report.suggested_horizon = suggested_horizon(&curve);
                let longest = curve.longest_watched();
                report.longest_watched = longest.and_then(|days| u32::try_from(days).ok());
            }
        }
        report.suggested_lapsed_after = report.suggested(Limit::LapsedAfter);
        report.suggested_lost_after = report.suggested(Limit::LostAfter);
        report.note(by.filter(|_| grouped.is_some_and(|grouped| grouped.others > 1)));
        Ok(report)
    }

    fn suggested(&self, limit: Limit) -> Option<Span> {
        self.limit(limit, LimitSource::Suggested)?.days.map(Span::days)
    }
}

fn suggested_horizon(curve: &Curve<'_>) -> Option<Span> {
    let holds = |months: &u32| {
        let share = curve.returns_within(days_of(Span::months(*months)));
        share.is_some_and(|share| share >= HORIZON_SHARE)
    };
    (1..=LONGEST_HORIZON).find(holds).map(Span::months)
}
