//! What the survey answers in a log say.

use super::nps::AnswerKind;
use super::rows::{AfterwardsRow, NpsRow, PeriodRow, TopicRow, groupings, of_grouping};
use crate::answer::options::options;
#[cfg(feature = "cli")]
use crate::answer::value;
use crate::error::{Error, Result};
use crate::followup::{Afterwards, AllTold, MATCH_DAYS, Of};
use crate::groups::GroupBy;
use crate::log::{LogFacts, counted};
use crate::periods::Periods;
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

impl NpsOptions {
    /// The start, where one is given.
    pub(super) fn check(&self, facts: &LogFacts) -> Result<Option<Timestamp>> {
        for (name, span) in
            [("every", self.every), ("horizon", self.horizon), ("quiet_for", self.quiet_for)]
        {
            if span.is_zero() {
                return Err(Error::argument(name, span, "more than 0d"));
            }
        }
        let at = facts.cutoff();
        let start = self.start.map(|start| start.on("start", facts.rules.time_zone)).transpose()?;
        match start {
            Some(start) if start >= at => {
                let expected = format!("a time before the cutoff, {at}");
                Err(Error::argument("start", start, expected))
            }
            start => Ok(start),
        }
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
    /// `quiet_for`, from the same instant on, reported as `no_answer`: of those whose last
    /// purchase before that instant was at most 7 days apart from that of the customer who
    /// answered, the one whose number of purchases over as long a time before as the horizon was
    /// most similar; of several, the one whose last purchase was nearest in time.
    #[serde(skip)]
    pub afterwards: Vec<AfterwardsRow>,
    /// Notes for the reader.
    #[serde(skip)]
    pub notes: Vec<String>,
}

impl NpsReport {
    pub(super) fn no_answers(at: Timestamp) -> Error {
        Error::TooLittleData(format!("no survey was answered before {at}"))
    }

    pub(super) fn told(
        all: AllTold<AnswerKind>,
        facts: &LogFacts,
        options: &NpsOptions,
    ) -> Result<Self> {
        let (start, at) = (options.check(facts)?, facts.cutoff());
        if !all.columns.surveys {
            return Err(Error::bad_table("surveys", "the log has no survey answers"));
        }
        let Some(first) = all.cases.iter().map(|answer| answer.time).min() else {
            return Err(NpsReport::no_answers(at));
        };
        let start = match start {
            Some(start) => start,
            None => Timestamp::from_micros(first)?.floor(options.every)?,
        };
        let periods = Periods::new(start, at, options.every)?;
        let groupings = groupings(&all, options.group_by.as_ref())?;
        let mut report = NpsReport {
            at,
            horizon: options.horizon,
            answers: all.cases.len() as u64,
            groups: Vec::new(),
            periods: Vec::new(),
            topics: Vec::new(),
            afterwards: Vec::new(),
            notes: Vec::new(),
        };
        for grouping in &groupings {
            let rows = (&mut report.groups, &mut report.periods, &mut report.topics);
            of_grouping(grouping, &all.cases, (&periods, at), rows);
        }
        report.notes = groupings
            .iter()
            .filter(|grouping| grouping.others > 1)
            .map(|grouping| {
                format!("only the {} groups with most answers are told apart", grouping.name)
            })
            .collect();
        report.follow(&all, options);
        Ok(report)
    }

    fn follow(&mut self, all: &AllTold<AnswerKind>, options: &NpsOptions) {
        let has_amounts = all.columns.amount;
        let seen: Vec<(AnswerKind, Of, Option<Of>)> = all
            .cases
            .iter()
            .filter_map(|case| Some((case.kind, case.own?, case.matched)))
            .collect();
        for kind in AnswerKind::ALL {
            let own = seen.iter().filter(|seen| seen.0 == kind);
            let own: Vec<(Of, Option<Of>)> = own.map(|seen| (seen.1, seen.2)).collect();
            let afterwards = Afterwards::beside(&own, has_amounts);
            self.afterwards.push(AfterwardsRow { answer: kind.name(), afterwards });
        }
        let matched: Vec<Of> = seen.iter().filter_map(|seen| seen.2).collect();
        let unmatched = seen.len() - matched.len();
        let afterwards = Afterwards::of(matched, has_amounts);
        self.afterwards.push(AfterwardsRow { answer: "no_answer", afterwards });
        let unfinished = all.cases.len() - seen.len();
        if unfinished > 0 {
            self.notes.push(format!(
                "what followed {} is not told: the horizon of {} was not over by {}",
                counted(unfinished as u64, "answer", "answers"),
                options.horizon,
                self.at
            ));
        }
        if unmatched > 0 {
            self.notes.push(format!(
                "for {} nobody without one for {} had bought within {MATCH_DAYS} days of \
                 that customer's last purchase",
                counted(unmatched as u64, "answer", "answers"),
                options.quiet_for
            ));
        }
    }

    /// The row of all answers.
    pub fn all(&self) -> Option<&NpsRow> {
        self.groups.first()
    }
}
