//! The report of a log.

use std::sync::Arc;

use super::nps::AnswerKind;
use super::report::{NpsOptions, NpsReport};
use crate::error::Result;
use crate::followup::{AllSought, Around, Collected, Followups, Mark, Sought, collect, sought_for};
use crate::groups::{Apart, Groups, PurchaseText};
use crate::log::{EventLog, History, LogFacts, Mergeable, Part};
use crate::snapshot::{AllCustomersAt, Beside, Snapshot};
use crate::time::Timestamp;

/// An answer of one log: what it says, and its texts by the log's own numbers.
#[derive(Debug)]
pub(super) struct Given {
    kind: AnswerKind,
    topic: Option<u32>,
    category: Option<u32>,
    channel: Option<u32>,
}

impl NpsOptions {
    fn around(&self) -> Around {
        let NpsOptions { horizon, quiet_for, .. } = *self;
        Around { judged_after: None, horizon, quiet_for }
    }

    /// The answers of a log that were known at a cutoff, from the start on.
    fn given(&self, now: &Snapshot, facts: &LogFacts) -> Result<Vec<Collected<Given>>> {
        let start = self.check(facts)?.unwrap_or(Timestamp::MIN).micros();
        let log = now.log();
        collect(now, &self.around(), |history| {
            let answers = history.answers().into_iter().flatten();
            let given = |answer: crate::log::Answer| {
                let last = |text: PurchaseText| text.of_last(log, history, answer.time);
                let given = Given {
                    kind: AnswerKind::of(answer.score),
                    topic: answer.topic,
                    category: last(PurchaseText::Category),
                    channel: last(PurchaseText::Channel),
                };
                (answer.time, given)
            };
            Ok(answers.filter(|answer| answer.time >= start).map(given).collect())
        })
    }
}

/// For which answers customers are sought who gave none, found by a first pass over all customers.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct AnswersSought(pub(super) AllSought);

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
    ///
    /// [`Error::Argument`]: crate::Error::Argument
    /// [`Error::Table`]: crate::Error::Table
    /// [`Error::TooLittleData`]: crate::Error::TooLittleData
    pub fn build(snapshot: &impl AllCustomersAt, options: &NpsOptions) -> Result<Self> {
        let sought = Part::<AnswersSought>::of(snapshot, options)?.finish()?;
        NpsReport::part(snapshot, options, sought)?.finish()
    }

    /// What the customers of a log, or of one in parts, give to the report of all; `sought` is what a
    /// first pass over all customers found.
    ///
    /// ```
    /// # use winback::{EventLog, simulate::Simulation};
    /// use winback::log::Part;
    /// use winback::surveys::{AnswersSought, NpsOptions, NpsReport};
    /// # let shop = Simulation::default().customers(300).run()?;
    /// # let log = EventLog::builder().transactions([shop.transactions]).surveys([shop.surveys])
    /// #     .observed_until("2025-01-01")?.build()?;
    /// let (now, options) = (log.at("2025-01-01")?, NpsOptions::default());
    /// let sought = Part::<AnswersSought>::of(&now, &options)?.finish()?; // of all parts, merged
    /// let part = NpsReport::part(&now, &options, sought)?; // of each part, to be merged
    /// assert_eq!(part.finish()?, NpsReport::build(&now, &options)?);
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`NpsReport::build`].
    pub fn part(
        snapshot: &impl AllCustomersAt,
        options: &NpsOptions,
        sought: AnswersSought,
    ) -> Result<Part<NpsReport>> {
        let asked = (options.clone(), sought.0.mark());
        Part::of(&Beside { now: snapshot, what: Arc::new(sought) }, &asked)
    }
}

impl Mergeable for AnswersSought {
    const NAME: &'static str = "nps_answers";
    type Log = Snapshot;
    type Asked = NpsOptions;
    type Sums = Vec<Sought>;

    fn sums(now: &Snapshot, facts: &LogFacts, options: &NpsOptions) -> Result<Vec<Sought>> {
        Ok(sought_for(&options.given(now, facts)?))
    }

    fn merge(sums: &mut Vec<Sought>, mut other: Vec<Sought>) {
        sums.append(&mut other);
    }

    fn fits(_: &Vec<Sought>, facts: &LogFacts, options: &NpsOptions) -> Result<bool> {
        options.check(facts).map(|_| true)
    }

    fn finish(sums: Vec<Sought>, _: &LogFacts, _: &NpsOptions) -> Result<Self> {
        Ok(AnswersSought(AllSought::new(sums)))
    }
}

impl Mergeable for NpsReport {
    const NAME: &'static str = "nps";
    type Log = (Snapshot, Arc<AnswersSought>);
    type Asked = (NpsOptions, Mark);
    type Sums = Followups<AnswerKind>;

    fn sums(
        (now, sought): &Self::Log,
        facts: &LogFacts,
        (options, _): &Self::Asked,
    ) -> Result<Self::Sums> {
        let (log, given) = (now.log(), options.given(now, facts)?);
        type Code = fn(&Given) -> Option<u32>;
        type Name = fn(&EventLog, u32) -> Option<&str>;
        let texts = [
            ((|given| given.topic) as Code, EventLog::survey_topic as Name),
            (|given| given.category, EventLog::category),
            (|given| given.channel, EventLog::channel),
        ];
        let groups = |(code, text): (Code, Name)| {
            let codes: Vec<Option<u32>> = given.iter().map(|given| code(&given.what)).collect();
            Groups::of_texts(&codes, |code| text(log, code).unwrap_or_default(), Apart::Every)
        };
        let mut groupings: Vec<Groups> = texts.into_iter().map(groups).collect();
        if let Some(by) = &options.group_by {
            let by = Groups::of_customers(log, now.at(), Some(by), "group_by", Apart::Every)?;
            let group = given.iter().map(|given| by.group[given.customer.index()]).collect();
            groupings.push(Groups { group, ..by });
        }
        let acts = |history: &History<'_>| {
            history.answers().into_iter().flatten().map(|answer| answer.time).collect()
        };
        let kind = |given: &Given| given.kind;
        let sought = (&sought.0, acts);
        Followups::new(now, &options.around(), (&given, kind), groupings, sought)
    }

    fn merge(sums: &mut Self::Sums, other: Self::Sums) {
        sums.merge(other);
    }

    fn fits(sums: &Self::Sums, facts: &LogFacts, (options, mark): &Self::Asked) -> Result<bool> {
        options.check(facts)?;
        Ok(sums.fits(3 + usize::from(options.group_by.is_some()), *mark))
    }

    fn finish(sums: Self::Sums, facts: &LogFacts, (options, mark): &Self::Asked) -> Result<Self> {
        let nobody = || NpsReport::no_answers(facts.cutoff());
        NpsReport::told(sums.finish(*mark)?.ok_or_else(nobody)?, facts, options)
    }
}
