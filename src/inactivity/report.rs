//! What the silences in a log mean, in words.

use std::fmt;

use super::curve::{Estimate, Returns};
use super::options::{HORIZON_SHARE, InactivityOptions, LEAST_SILENCES, LONGEST_HORIZON};
use super::rhythm::{CalendarRhythm, Period, of_counts};
use super::rows::{GapMethod, GapRow, Limit, LimitRow, LimitSource, ReturnRow};
use super::silences::Counts;
use crate::answer::text_table::wrapped;
use crate::answer::write_notes;
use crate::groups::{GroupBy, PURCHASES};
use crate::labels::LifecycleLimits;
use crate::log::grouped;
use crate::time::{Span, Timestamp};

/// How long customers are silent, who comes back after how long a silence, and which inactivity
/// limits that suggests.
///
/// The 95 % intervals treat silences as independent; those of one customer are not quite
/// independent, so the intervals are somewhat too narrow.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct InactivityReport {
    /// Only what was known before this instant was used.
    pub at: Timestamp,
    /// The time after a silence within which a purchase counts as a return.
    pub horizon: Span,
    /// The limits that are judged.
    pub given: LifecycleLimits,
    /// A customer is lapsed once fewer than this share of equally silent customers return within
    /// the horizon.
    pub lapsed_share: f64,
    /// A customer is lost once fewer than this share return.
    pub lost_share: f64,
    /// Customers with a purchase.
    pub customers: u64,
    /// Silences: one starts on each purchase day.
    pub silences: u64,
    /// Silences that ended with a purchase.
    pub gaps_ended: u64,
    /// Days of the longest silence that at least 100 reached: this is as far as the log can tell.
    pub longest_seen: Option<u32>,
    /// Days of the longest silence that at least 100 reached with the whole horizon after it
    /// observed.
    pub longest_watched: Option<u32>,
    /// The shortest silence after which fewer than `lapsed_share` return within the horizon,
    /// provided no longer silence has a clearly higher return rate (by the lower end of Wilson's
    /// interval), and beyond the days of a calendar rhythm. None if the log shows no such silence,
    /// and if fewer than that share return from the first day on.
    pub suggested_lapsed_after: Option<Span>,
    /// The same for `lost_share`.
    pub suggested_lost_after: Option<Span>,
    /// The shortest whole number of months, up to 24, in which two thirds of the returns come that
    /// the log can observe. A much shorter horizon would count customers as churned who are merely
    /// between two purchases. None if it is longer.
    pub suggested_horizon: Option<Span>,
    /// Calendar rhythms; usually none.
    #[serde(skip)]
    pub rhythms: Vec<CalendarRhythm>,
    /// The distribution of gaps by group, each computed in two ways.
    #[serde(skip)]
    pub gaps: Vec<GapRow>,
    /// Who comes back after how long a silence, by group.
    #[serde(skip)]
    pub returns: Vec<ReturnRow>,
    /// The suggested and the given limits by group, and what they cost.
    #[serde(skip)]
    pub limits: Vec<LimitRow>,
    /// Notes for the reader.
    #[serde(skip)]
    pub notes: Vec<String>,
}

impl InactivityReport {
    pub(super) fn empty(at: Timestamp, options: &InactivityOptions, all: &Counts) -> Self {
        InactivityReport {
            at,
            horizon: options.horizon,
            given: options.limits,
            lapsed_share: options.lapsed_share,
            lost_share: options.lost_share,
            customers: all.customers,
            silences: all.ended.iter().chain(&all.open).sum(),
            gaps_ended: all.ended.iter().sum(),
            longest_seen: None,
            longest_watched: None,
            suggested_lapsed_after: None,
            suggested_lost_after: None,
            suggested_horizon: None,
            rhythms: of_counts(all),
            gaps: Vec::new(),
            returns: Vec::new(),
            limits: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// One limit, for all customers.
    pub fn limit(&self, limit: Limit, source: LimitSource) -> Option<&LimitRow> {
        let wanted = |row: &&LimitRow| (row.limit, row.source) == (limit, source);
        self.limits.iter().filter(|row| row.group.is_all()).find(wanted)
    }

    /// `told_apart` is the grouping of which only the largest groups are.
    pub(super) fn note(&mut self, told_apart: Option<&GroupBy>) {
        let mut notes = Vec::new();
        for rhythm in &self.rhythms {
            let wrong = match rhythm.contradicts(self.given) {
                true => format!(
                    "; {}: customers who only wait for their next turn would be taken for lapsed",
                    rhythm.wrong_limits(self.given)
                ),
                false => String::new(),
            };
            notes.push(format!("{rhythm}{wrong}"));
        }
        let seen = self.longest_seen.unwrap_or(0) as usize;
        let (first, last) = Period::Yearly.days();
        if seen < 2 * last - first + 1 {
            notes.push(format!(
                "silences of more than {seen} days are too few to tell ({LEAST_SILENCES} are needed): \
                 a yearly rhythm could not be seen"
            ));
        }
        for (limit, share) in
            [(Limit::LapsedAfter, self.lapsed_share), (Limit::LostAfter, self.lost_share)]
        {
            if self.limit(limit, LimitSource::Suggested).is_none_or(|row| row.days.is_none()) {
                notes.push(self.why_none(limit, share));
            }
        }
        if self.suggested_horizon.is_none() {
            notes.push(format!(
                "no horizon is suggested: in none up to {LONGEST_HORIZON} months come {:.0} % of the \
                 returns, as far as the log can tell",
                HORIZON_SHARE * 100.0
            ));
        }
        if let Some(horizon) =
            self.suggested_horizon.filter(|h| h.approx_days() != self.horizon.approx_days())
        {
            notes.push(format!(
                "two thirds of the returns take up to {horizon}, and the limits are those for a \
                 horizon of {}: look again with {horizon} before they are used together",
                self.horizon
            ));
        }
        if let Some(by) = told_apart {
            let name = by.name();
            notes.push(format!("only the {name} groups with most customers are told apart"));
        }
        self.notes = notes;
    }
}

impl InactivityReport {
    fn why_none(&self, limit: Limit, share: f64) -> String {
        let (name, horizon) = (limit.name(), self.horizon);
        let share = share * 100.0;
        match self.longest_watched {
            None => format!(
                "no {name} is suggested: fewer than {LEAST_SILENCES} silences were seen for {horizon}"
            ),
            Some(days) => format!(
                "no {name} is suggested: the share that returns within {horizon} falls below {share:.0} \
                 % after none of the silences that could be watched, up to {days} days, or lies below \
                 it from the first day on"
            ),
        }
    }
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

fn with_interval(estimate: Option<Estimate>) -> String {
    match estimate {
        None => "-".to_owned(),
        Some(Estimate { share, interval: None }) => percent(share),
        Some(Estimate { share, interval: Some((low, high)) }) => {
            format!("{} ({:.1} to {:.1})", percent(share), low * 100.0, high * 100.0)
        }
    }
}

/// The silences that are printed of those in the table.
const SHOWN: [u32; 9] = [30, 60, 90, 120, 180, 270, 360, 540, 720];

impl InactivityReport {
    fn write_gaps(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{:<29}", "days between purchase days")?;
        let shown = [(0, "10 %"), (2, "30 %"), (4, "50 %"), (6, "70 %"), (8, "90 %"), (9, "95 %")];
        shown.iter().try_for_each(|(_, head)| write!(f, "{head:>6}"))?;
        GapRow::MONTHS.iter().try_for_each(|months| write!(f, "{:>8}", format!("<{months}mo")))?;
        writeln!(f)?;
        for row in self.gaps.iter().filter(|row| row.group.is_all()) {
            let name = match row.method {
                GapMethod::Completed => "gaps that ended",
                GapMethod::KaplanMeier => "with silences still lasting",
            };
            write!(f, "{name:<29}")?;
            for (quantile, _) in shown {
                let days = row.quantiles[quantile].map_or("-".into(), |days| days.to_string());
                write!(f, "{days:>6}")?;
            }
            for share in row.under {
                write!(f, "{:>8}", share.map_or("-".into(), percent))?;
            }
            writeln!(f)?;
        }
        Ok(())
    }

    fn write_returns(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let within = format!("return within {}", self.horizon);
        writeln!(f, "\n{:<12}{:>12}{within:>26}{:>26}", "silent for", "silences", "return at all")?;
        let rows = self.returns.iter().filter(|row| row.group.is_all());
        for ReturnRow { days, returns, .. } in rows.filter(|row| SHOWN.contains(&row.days)) {
            writeln!(
                f,
                "{:<12}{:>12}{:>26}{:>26}",
                format!("{days} days"),
                grouped(returns.silences),
                with_interval(returns.within_horizon),
                with_interval(returns.at_all)
            )?;
        }
        Ok(())
    }

    fn write_limits(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "\nlimits, and what they cost in wrong alarms\n{:<14}{:<11}{:>6}{:>10}{:>23}{:>22}{:>14}",
            "",
            "",
            "limit",
            "silences",
            format!("return within {}", self.horizon),
            "return at all",
            "late returns"
        )?;
        for row in self.limits.iter().filter(|row| row.group.is_all()) {
            write!(f, "{:<14}{:<11}{:>6}", row.limit.name(), row.source.name(), days(row))?;
            match row.returns {
                None => writeln!(f, "{:>10}{:>23}{:>22}{:>14}", "-", "-", "-", "-")?,
                Some(Returns { silences, within_horizon, at_all, late_returns, .. }) => writeln!(
                    f,
                    "{:>10}{:>23}{:>22}{:>14}",
                    grouped(silences),
                    with_interval(within_horizon),
                    with_interval(at_all),
                    late_returns.map_or("-".into(), percent)
                )?,
            }
        }
        if let Some(days) = self.longest_seen {
            writeln!(
                f,
                "at all: by day {days} of silence, as far as the log can tell\n\
                 late returns: of all silences that end by then, those of the limit or longer"
            )?;
        }
        for limit in Limit::ALL {
            self.write_choice(f, limit)?;
        }
        if let Some(horizon) = self.suggested_horizon {
            writeln!(f, "suggested horizon: {horizon}, in which two thirds of the returns come")?;
        }
        Ok(())
    }

    /// What the suggested limit means against the given one.
    fn write_choice(&self, f: &mut fmt::Formatter<'_>, limit: Limit) -> fmt::Result {
        let Some(row) = self.limit(limit, LimitSource::Suggested) else { return Ok(()) };
        let (Some(days), Some(alarms)) = (row.days, row.wrong_alarms()) else { return Ok(()) };
        let given = self.limit(limit, LimitSource::Given).and_then(LimitRow::wrong_alarms);
        let span = match limit {
            Limit::LapsedAfter => self.given.lapsed_after,
            Limit::LostAfter => self.given.lost_after,
        };
        let notice = match row.days_later.unwrap_or(0) {
            0 => "as soon".to_owned(),
            later if later > 0 => format!("{later} days later"),
            sooner => format!("{} days sooner", -sooner),
        };
        let text = format!(
            "suggested {}: {days}d: of 100 customers silent for so long {:.0} return within {}, of \
             those silent for {span} {}; a customer who leaves is noticed {notice}",
            limit.name(),
            alarms.share * 100.0,
            self.horizon,
            given.map_or("none was seen".into(), |given| format!("{:.0}", given.share * 100.0)),
        );
        writeln!(f, "{}", wrapped(&text, "  "))
    }

    fn write_groups(&self, f: &mut fmt::Formatter<'_>, grouping: &str) -> fmt::Result {
        let title = match grouping {
            PURCHASES => "purchases so far",
            name => name,
        };
        let title: String = title.chars().take(18).collect();
        writeln!(f, "\n{title:<20}{:>10}   {:<31}   lost_after", "customers", "lapsed_after")?;
        write!(f, "{:<30}", "")?;
        for given in [self.given.lapsed_after, self.given.lost_after] {
            write!(f, "   {:>9}{:>11}{:>11}", "suggested", "return", format!("at {given}"))?;
        }
        writeln!(f)?;
        let rows: Vec<&LimitRow> =
            self.limits.iter().filter(|row| row.group.grouping == grouping).collect();
        for group in rows.chunk_by(|a, b| a.group == b.group) {
            let Some(first) = group.first() else { continue };
            let name: String = first.group.name.chars().take(18).collect();
            write!(f, "{name:<20}{:>10}", grouped(first.customers))?;
            for pair in group.chunks(2) {
                let [suggested, given] = pair else { continue };
                let share = |row: &LimitRow| match row.wrong_alarms() {
                    Some(alarms) if row.too_thin => format!("({})", percent(alarms.share)),
                    Some(alarms) => percent(alarms.share),
                    None => "-".to_owned(),
                };
                write!(f, "   {:>9}{:>11}{:>11}", days(suggested), share(suggested), share(given))?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

fn days(row: &LimitRow) -> String {
    row.days.map_or("-".into(), |days| format!("{days}d"))
}

impl fmt::Display for InactivityReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "Silences of {} customers before {}: {}, of which {} ended with a purchase\n\
             (a silence begins on each day with a purchase; a month is 30.44 days)",
            grouped(self.customers),
            self.at,
            grouped(self.silences),
            grouped(self.gaps_ended)
        )?;
        self.write_gaps(f)?;
        self.write_returns(f)?;
        self.write_limits(f)?;
        let mut groupings: Vec<&str> =
            self.limits.iter().map(|row| row.group.grouping.as_str()).collect();
        groupings.dedup();
        for grouping in groupings.into_iter().skip(1) {
            self.write_groups(f, grouping)?;
        }
        if self.limits.iter().any(|row| row.too_thin && row.wrong_alarms().is_some()) {
            writeln!(
                f,
                "in brackets: of fewer than {LEAST_SILENCES} silences, too few to rely on"
            )?;
        }
        write_notes(f, &self.notes)
    }
}
