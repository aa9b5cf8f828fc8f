//! The report of a log.

use super::curve::Curve;
use super::options::{HORIZON_SHARE, InactivityOptions, LONGEST_HORIZON, days_of};
use super::report::InactivityReport;
use super::rows::{self, Group, Limit, LimitSource};
use super::silences::{Counts, Seen, Silences};
use crate::error::{Error, Result};
use crate::groups::{Apart, ByGroup, GroupBy, GroupNames, Groups, PURCHASE_BANDS, PURCHASES};
use crate::log::{LogFacts, Mergeable, Part};
use crate::snapshot::{AllCustomersAt, Snapshot};
use crate::time::Span;

/// The silences that the report prints and [`InactivityReport::returns`] holds.
const GRID: [i64; 26] = [
    7, 14, 30, 60, 90, 120, 150, 180, 210, 240, 270, 300, 330, 360, 390, 420, 450, 480, 510, 540,
    570, 600, 630, 660, 690, 720,
];

impl InactivityReport {
    /// Analyses the silences of all customers in what was known at a cutoff.
    ///
    /// A silence begins on each day with a purchase and ends on the customer's next one; the
    /// last one is still going on. Each counts once, so frequent customers count more often.
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
    /// let report = InactivityReport::build(&log.at("2025-01-01")?, &options)?;
    /// println!("{report}");
    /// assert!(report.suggested_lapsed_after.is_some());
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] for a horizon or limits without length; for shares that are not between
    /// 0 and 1, or if the lost share is not the lower one; for an attribute that does not exist or
    /// holds more than 20 different numbers. [`Error::TooLittleData`] without a purchase before the
    /// cutoff.
    pub fn build(snapshot: &impl AllCustomersAt, options: &InactivityOptions) -> Result<Self> {
        options.check(snapshot.facts().cutoff())?;
        let groups = options.group_by.as_ref();
        let groups = groups.map(|by| Part::<GroupNames>::of(snapshot, by)?.finish()).transpose()?;
        Part::of(snapshot, &(options.clone(), groups.unwrap_or_default()))?.finish()
    }

    fn suggested(&self, limit: Limit) -> Option<Span> {
        self.limit(limit, LimitSource::Suggested)?.days.map(Span::days)
    }
}

/// The largest groups of all customers, which are told apart: the first pass.
impl Mergeable for GroupNames {
    const NAME: &'static str = "inactivity_groups";
    type Log = Snapshot;
    type Asked = GroupBy;
    type Sums = ByGroup<u64>;

    fn sums(now: &Snapshot, _: &LogFacts, by: &GroupBy) -> Result<Self::Sums> {
        let groups = Groups::of_customers(now.log(), now.at(), Some(by), "group_by", Apart::Every)?;
        let mut counts = vec![0; groups.names.len()];
        groups.group.iter().for_each(|&group| counts[group as usize] += 1);
        Ok(ByGroup::new(&groups, counts))
    }

    fn merge(sums: &mut Self::Sums, other: Self::Sums) {
        sums.merge(other, |own, other| *own += other);
    }

    fn fits(_: &Self::Sums, _: &LogFacts, _: &GroupBy) -> Result<bool> {
        Ok(true)
    }

    fn finish(sums: Self::Sums, _: &LogFacts, by: &GroupBy) -> Result<Self> {
        GroupNames::of(sums, by.name())
    }
}

impl Mergeable for InactivityReport {
    const NAME: &'static str = "inactivity";
    type Log = Snapshot;
    type Asked = (InactivityOptions, GroupNames);
    type Sums = Silences;

    fn sums(now: &Snapshot, _: &LogFacts, (options, names): &Self::Asked) -> Result<Silences> {
        let (log, at) = (now.log(), now.at());
        options.check(at)?;
        let by = options.group_by.as_ref();
        let places = match by {
            None => Vec::new(),
            by => names.places(&Groups::of_customers(log, at, by, "group_by", Apart::Every)?),
        };
        let seen = Seen::new(at, days_of(options.horizon));
        Ok(Silences::count(log, at, seen, (&places, names.len())))
    }

    fn merge(sums: &mut Silences, other: Silences) {
        sums.merge(other);
    }

    fn fits(sums: &Silences, _: &LogFacts, (_, names): &Self::Asked) -> Result<bool> {
        Ok(sums.has_groups(names.len()))
    }

    fn finish(sums: Silences, facts: &LogFacts, (options, names): &Self::Asked) -> Result<Self> {
        let (at, silences) = (facts.cutoff(), sums.finish());
        if silences.all.customers == 0 {
            return Err(Error::TooLittleData(format!("no customer has a purchase before {at}")));
        }
        let mut groups: Vec<(Group, &Counts)> = vec![(Group::all(), &silences.all)];
        let by_purchases = PURCHASE_BANDS.iter().zip(&silences.by_purchases);
        groups.extend(by_purchases.map(|(name, counts)| (Group::new(PURCHASES, name), counts)));
        let by = options.group_by.as_ref();
        if let Some(by) = by {
            let by_group = names.labels().zip(&silences.by_group);
            groups.extend(by_group.map(|(label, counts)| (Group::new(by.name(), &label), counts)));
        }
        groups.retain(|(_, counts)| counts.customers > 0);

        let horizon = days_of(options.horizon);
        let mut report = InactivityReport::empty(at, options, &silences.all);
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
        report.note(by.filter(|_| names.others > 1));
        Ok(report)
    }
}

fn suggested_horizon(curve: &Curve<'_>) -> Option<Span> {
    let holds = |months: &u32| {
        let share = curve.returns_before(days_of(Span::months(*months)));
        share.is_some_and(|share| share >= HORIZON_SHARE)
    };
    (1..=LONGEST_HORIZON).find(holds).map(Span::months)
}
