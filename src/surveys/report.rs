//! What the survey answers in a log say.

use rayon::prelude::*;

use super::answers::{self, Given, Grouping};
use super::nps::AnswerKind;
use super::rows::{AfterwardsRow, NpsRow, PeriodRow, TopicRow, of_grouping};
use crate::answer::options::options;
#[cfg(feature = "cli")]
use crate::answer::value;
use crate::error::{Error, Result};
use crate::followup::{Afterwards, Case, MATCH_DAYS, PurchaseTimes, Seen};
use crate::groups::GroupBy;
use crate::log::{CustomerIndex, grouped};
use crate::periods::Periods;
use crate::snapshot::Snapshot;
use crate::time::{Moment, Span, Timestamp};

options! {
    /// Periods, groups, and what is measured after an answer.
    pub struct NpsOptions {
        /// Length of a period: 1w, 1mo, 1q, 1y or any span
        #[value(value_name = "SPAN", value_parser = value::<Span>)]
        #[takes(span)]
        every: Span = Span::months(3),
        /// Start of the first period; answers before it are left out. By default, the start of the
        /// first answer's calendar period: the first day of a month, quarter or year, a Monday for
        /// weeks, the day itself for other spans
        #[option(value_name = "DATE", value_parser = value::<Moment>)]
        #[takes(time)]
        start: Option<Moment> = None,
        /// Group customers by category or channel of the first purchase, or by a column of the
        /// customers table, which holds today's values; attribute:category is a column of that name
        #[option(value_name = "WHAT", value_parser = value::<GroupBy>)]
        #[takes(into)]
        group_by: Option<GroupBy> = None,
        /// The time after an answer in which purchases are counted
        #[value(value_name = "SPAN", value_parser = value::<Span>)]
        #[takes(span)]
        horizon: Span = Span::months(3),
        /// Customers who did not answer: those with no answer for this long before
        #[value(value_name = "SPAN", value_parser = value::<Span>)]
        #[takes(span)]
        quiet_for: Span = Span::months(6),
    }
}

/// The Net Promoter Score of a log's answers by group, period and topic, and what customers did after
/// they answered.
///
/// Every answer counts, even several by one customer. Since these are alike, all intervals and
/// tests use the variance between customers: for a score, it gives the number of independent
/// answers with the same precision, at most all, for which the adjusted Wald interval is computed
/// ([`Nps`]); for a difference, the variance Σ (sum over the customer's answers of ± (value − mean)
/// / n)², which includes customers on both sides. With one answer each it is the usual test.
///
/// [`Nps`]: super::Nps
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct NpsReport {
    /// The cutoff: only what was known before it was used.
    pub at: Timestamp,
    /// The time after an answer in which purchases are counted.
    pub horizon: Span,
    /// Number of answers.
    pub answers: u64,
    /// The scores of groups, all answers first; each group is compared with all other answers.
    #[serde(skip)]
    pub groups: Vec<NpsRow>,
    /// The scores of groups by period; each is compared with the previous period.
    #[serde(skip)]
    pub periods: Vec<PeriodRow>,
    /// Contributions of topics, for all answers first, then by period; empty if answers have no
    /// topic.
    #[serde(skip)]
    pub topics: Vec<TopicRow>,
    /// What customers did within the horizon after an answer, for the answers whose horizon was
    /// over at the cutoff. Each of these answers is matched with a customer who had given none for
    /// `quiet_for`, from the same instant on, reported as `no_answer`: of the 20 whose last
    /// purchase before that instant was nearest in time to that of the customer who answered, at
    /// most 7 days apart, the one whose number of purchases over as long a time before as the
    /// horizon was most similar.
    #[serde(skip)]
    pub afterwards: Vec<AfterwardsRow>,
    /// Notes for the reader.
    #[serde(skip)]
    pub notes: Vec<String>,
}

impl NpsReport {
    /// Analyses the answers that were known at a cutoff.
    ///
    /// ```
    /// use winback::surveys::{NpsOptions, NpsReport};
    /// use winback::{EventLog, simulate::Simulation};
    /// let shop = Simulation::default().customers(500).run()?;
    /// let log = EventLog::builder()
    ///     .transactions([shop.transactions])
    ///     .surveys([shop.surveys])
    ///     .observed_until("2025-01-01")?
    ///     .build()?;
    /// let report = NpsReport::build(&log.at("2025-01-01")?, &NpsOptions::default())?;
    /// println!("{report}");
    /// let sum: f64 = report.topics.iter().take(5).map(|topic| topic.contribution.points).sum();
    /// assert!(sum.abs() < 1e-9);
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] for spans without length, more than 2,000 periods, a start not before
    /// the cutoff, an attribute that does not exist or holds more than 20 different numbers.
    /// [`Error::Table`] when the log has no surveys, [`Error::TooLittleData`] without an answer.
    pub fn build(snapshot: &Snapshot, options: &NpsOptions) -> Result<Self> {
        let (log, at) = (snapshot.log(), snapshot.at());
        for (name, span) in [
            ("every", options.every),
            ("horizon", options.horizon),
            ("quiet_for", options.quiet_for),
        ] {
            if span.is_zero() {
                return Err(Error::argument(name, span, "more than 0d"));
            }
        }
        let start = options.start.map(|start| start.on("start", log.time_zone())).transpose()?;
        if let Some(start) = start.filter(|start| *start >= at) {
            return Err(Error::argument("start", start, format!("a time before the cutoff, {at}")));
        }
        if !log.columns().surveys {
            return Err(Error::bad_table("surveys", "the log has no survey answers"));
        }
        let given = answers::collect(log, start.unwrap_or(Timestamp::MIN), at);
        let Some(first) = given.iter().map(|answer| answer.time).min() else {
            return Err(Error::TooLittleData(format!("no survey was answered before {at}")));
        };
        let start = match start {
            Some(start) => start,
            None => Timestamp::from_micros(first)?.floor(options.every)?,
        };
        let periods = Periods::new(start, at, options.every)?;
        let groupings = Grouping::all(log, at, &given, options.group_by.as_ref())?;
        let mut report = NpsReport {
            at,
            horizon: options.horizon,
            answers: given.len() as u64,
            groups: Vec::new(),
            periods: Vec::new(),
            topics: Vec::new(),
            afterwards: Vec::new(),
            notes: Vec::new(),
        };
        for grouping in &groupings {
            let rows = (&mut report.groups, &mut report.periods, &mut report.topics);
            of_grouping(grouping, &given, (&periods, at), rows);
        }
        report.notes = groupings
            .iter()
            .filter(|grouping| grouping.groups.others > 1)
            .map(|grouping| {
                format!("only the {} groups with most answers are told apart", grouping.name)
            })
            .collect();
        report.follow(snapshot, &given, options)?;
        Ok(report)
    }

    fn follow(&mut self, snapshot: &Snapshot, given: &[Given], options: &NpsOptions) -> Result<()> {
        let (log, until) = (snapshot.log(), snapshot.at());
        let bought = PurchaseTimes::new(snapshot, |history| {
            history.answers().into_iter().flatten().map(|answer| answer.time).collect()
        });
        let look = |answer: &Given| -> Result<Option<(AnswerKind, Seen, Option<Seen>)>> {
            let at = Timestamp::from_micros(answer.time)?;
            let Some(case) = Case::new(answer.customer, at, at, options.horizon, until)? else {
                return Ok(None);
            };
            let quiet_from = at.sub_argument("quiet_for", options.quiet_for)?.micros();
            let matched = bought.matched(snapshot, &case, quiet_from);
            let seen = |customer: CustomerIndex| case.look(&snapshot.history(customer), customer);
            Ok(Some((answer.kind, seen(case.customer), matched.map(seen))))
        };
        let seen: Vec<_> = given.par_iter().map(look).collect::<Result<_>>()?;
        let seen: Vec<_> = seen.into_iter().flatten().collect();
        let has_amounts = log.columns().amount;
        for kind in AnswerKind::ALL {
            let own = seen.iter().filter(|seen| seen.0 == kind);
            let own: Vec<(Seen, Option<Seen>)> = own.map(|seen| (seen.1, seen.2)).collect();
            let afterwards = Afterwards::beside(&own, has_amounts);
            self.afterwards.push(AfterwardsRow { answer: kind.name(), afterwards });
        }
        let matched: Vec<Seen> = seen.iter().filter_map(|seen| seen.2).collect();
        let unmatched = seen.len() - matched.len();
        let afterwards = Afterwards::of(matched, has_amounts);
        self.afterwards.push(AfterwardsRow { answer: "no_answer", afterwards });
        let unfinished = given.len() - seen.len();
        if unfinished > 0 {
            self.notes.push(format!(
                "what followed {} answers is not told: their horizon of {} was not over by {until}",
                grouped(unfinished as u64),
                options.horizon
            ));
        }
        if unmatched > 0 {
            self.notes.push(format!(
                "for {} answers nobody without one for {} had bought within {MATCH_DAYS} days of \
                 that customer's last purchase",
                grouped(unmatched as u64),
                options.quiet_for
            ));
        }
        Ok(())
    }

    /// The row of all answers.
    pub fn all(&self) -> Option<&NpsRow> {
        self.groups.first()
    }
}
