//! The rows of the report's three tables.

use super::curve::{Curve, Estimate, Returns};
use super::options::{InactivityOptions, LEAST_SILENCES, days_of};

/// The group of silences that a row is about.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Group {
    /// `all`, `purchases` (number of purchases when the silence began) or the attribute's name.
    pub grouping: String,
    /// The group: `all`, `1`, `2-3`, `4-9`, `10+`, or the attribute's value.
    pub name: String,
}

impl Group {
    pub(super) fn all() -> Self {
        Group::new("all", "all")
    }

    pub(super) fn new(grouping: &str, name: &str) -> Self {
        Group { grouping: grouping.to_owned(), name: name.to_owned() }
    }

    /// Whether it stands for all customers.
    pub fn is_all(&self) -> bool {
        self.grouping == "all" && self.name == "all"
    }
}

/// How a distribution of gaps was computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GapMethod {
    /// From the gaps that ended with a purchase. Short gaps are more often seen to end than long
    /// ones, so gaps look too short.
    Completed,
    /// By Kaplan-Meier, with the silences that still last as censored. Customers who never return
    /// have no end, so quantiles that reach into them are missing.
    KaplanMeier,
}

impl GapMethod {
    /// `completed` or `kaplan_meier`.
    pub const fn name(self) -> &'static str {
        match self {
            GapMethod::Completed => "completed",
            GapMethod::KaplanMeier => "kaplan_meier",
        }
    }
}

/// How the gaps between the purchase days of a group are distributed.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct GapRow {
    /// The group.
    pub group: Group,
    /// How it was computed.
    pub method: GapMethod,
    /// Customers of the group.
    pub customers: u64,
    /// Their silences: gaps, and those that still last.
    pub silences: u64,
    /// Their gaps.
    pub gaps: u64,
    /// Days by which the shares in [`GapRow::QUANTILES`] have ended: the shortest gap that at least
    /// this share does not exceed.
    pub quantiles: [Option<f64>; 11],
    /// The share of gaps shorter than each number of months in [`GapRow::MONTHS`].
    pub under: [Option<f64>; 4],
}

impl GapRow {
    /// The shares whose quantiles are given.
    pub const QUANTILES: [f64; 11] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99];
    /// The numbers of months, of 30.44 days each, for which shares are given.
    pub const MONTHS: [u32; 4] = [1, 3, 6, 12];
}

pub(super) fn gaps(group: &Group, curve: &Curve<'_>) -> [GapRow; 2] {
    let row = |method: GapMethod| {
        let ended_only = curve.completed();
        let estimate = match method {
            GapMethod::Completed => ended_only.as_ref(),
            GapMethod::KaplanMeier => curve.estimate.as_ref(),
        };
        let quantile = |q: f64| estimate.and_then(|estimate| estimate.quantile(q).ok().flatten());
        let under = |months: u32| {
            let days = days_of(crate::time::Span::months(months));
            Some(1.0 - estimate?.survival_at((days - 1) as f64)?)
        };
        GapRow {
            group: group.clone(),
            method,
            customers: curve.counts.customers,
            silences: curve.silences(),
            gaps: curve.gaps(),
            quantiles: GapRow::QUANTILES.map(quantile),
            under: GapRow::MONTHS.map(under),
        }
    };
    [row(GapMethod::Completed), row(GapMethod::KaplanMeier)]
}

/// What became of a group's silences that reached a given length.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct ReturnRow {
    /// The group.
    pub group: Group,
    /// The length in days.
    pub days: u32,
    /// What became of them.
    pub returns: Returns,
}

/// Rows as far as any silence reached.
pub(super) fn returns(group: &Group, curve: &Curve<'_>, grid: &[i64]) -> Vec<ReturnRow> {
    grid.iter()
        .map(|&days| ReturnRow {
            group: group.clone(),
            days: days as u32,
            returns: curve.returns(days),
        })
        .filter(|row| row.returns.silences > 0 || row.returns.late_returns.is_some())
        .collect()
}

/// An inactivity limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// From here on a customer is lapsed.
    LapsedAfter,
    /// From here on a customer is lost.
    LostAfter,
}

impl Limit {
    /// Both.
    pub const ALL: [Limit; 2] = [Limit::LapsedAfter, Limit::LostAfter];

    /// `lapsed_after` or `lost_after`.
    pub const fn name(self) -> &'static str {
        match self {
            Limit::LapsedAfter => "lapsed_after",
            Limit::LostAfter => "lost_after",
        }
    }
}

/// Where a limit comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitSource {
    /// From the log.
    Suggested,
    /// From the options, by default three and six months.
    Given,
}

impl LimitSource {
    /// `suggested` or `given`.
    pub const fn name(self) -> &'static str {
        match self {
            LimitSource::Suggested => "suggested",
            LimitSource::Given => "given",
        }
    }
}

/// An inactivity limit for a group, and what it costs.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct LimitRow {
    /// The group.
    pub group: Group,
    /// Customers of the group.
    pub customers: u64,
    /// Which limit.
    pub limit: Limit,
    /// Where it comes from.
    pub source: LimitSource,
    /// The limit in days; none if the log suggests none.
    pub days: Option<u32>,
    /// What became of the silences that reached it: those who returned were wrong alarms.
    pub returns: Option<Returns>,
    /// How many days later than with the given limit a customer who leaves is noticed.
    pub days_later: Option<i64>,
    /// Fewer than 100 silences reached it with the whole horizon after it observed: too few to rely
    /// on.
    pub too_thin: bool,
}

impl LimitRow {
    /// The share of wrong alarms: those who were silent up to the limit and return within the
    /// horizon.
    pub fn wrong_alarms(&self) -> Option<Estimate> {
        self.returns.and_then(|returns| returns.within_horizon)
    }
}

pub(super) fn limits(
    group: &Group,
    curve: &Curve<'_>,
    options: &InactivityOptions,
    not_before: i64,
) -> Vec<LimitRow> {
    let mut rows = Vec::with_capacity(4);
    for (limit, given, share) in [
        (Limit::LapsedAfter, options.limits.lapsed_after, options.lapsed_share),
        (Limit::LostAfter, options.limits.lost_after, options.lost_share),
    ] {
        let given = days_of(given);
        let suggested = curve.limit(share, not_before);
        for (source, days) in
            [(LimitSource::Suggested, suggested), (LimitSource::Given, Some(given))]
        {
            let returns = days.map(|days| curve.returns(days));
            rows.push(LimitRow {
                group: group.clone(),
                customers: curve.counts.customers,
                limit,
                source,
                days: days.and_then(|days| u32::try_from(days).ok()),
                returns,
                days_later: days.map(|days| days - given),
                too_thin: returns.is_none_or(|returns| returns.silences < LEAST_SILENCES),
            });
        }
    }
    rows
}
