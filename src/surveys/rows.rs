//! Rows of the report.

use std::iter::once;

use super::clusters::Sample;
use super::nps::{AnswerKind, Nps, NpsCounts, NpsDifference};
use super::topics::{Contribution, Whole};
use crate::error::Result;
use crate::followup::{Afterwards, AllTold, Grouping, Told};
use crate::groups::{GroupBy, PurchaseText};
use crate::log::CustomerIndex;
use crate::periods::{Period, Periods};
use crate::time::Timestamp;

/// A group of answers, compared with the other answers.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct NpsRow {
    /// `all`; `topic`; `category` or `channel`, those of the customer's last purchase before the
    /// answer; or the attribute's name.
    pub grouping: String,
    /// Name of the group.
    pub group: String,
    /// Its answers.
    pub counts: NpsCounts,
    /// The customers who gave them.
    pub customers: u64,
    /// Its score.
    pub nps: Option<Nps>,
    /// Its score − that of all other answers.
    pub against_others: Option<NpsDifference>,
}

/// A group of answers in one period, compared with the previous period.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct PeriodRow {
    /// As in [`NpsRow::grouping`].
    pub grouping: String,
    /// Name of the group.
    pub group: String,
    /// The period.
    pub period: Period,
    /// The answers in it.
    pub counts: NpsCounts,
    /// The customers who gave them.
    pub customers: u64,
    /// Its score; none without answers.
    pub nps: Option<Nps>,
    /// Its score − that of the same group in the previous period.
    pub change: Option<NpsDifference>,
}

/// What the answers about one topic add to the score.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct TopicRow {
    /// The period looked at; none for all answers.
    pub period: Option<Period>,
    /// The topic.
    pub topic: String,
    /// Answers about it.
    pub counts: NpsCounts,
    /// Their share of the answers looked at.
    pub share: f64,
    /// What they add to the difference between the score looked at and the score of all answers.
    pub contribution: Contribution,
}

/// What customers did after answers of one kind.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct AfterwardsRow {
    /// `promoter`, `passive`, `detractor`, or `no_answer` for the matched customers.
    pub answer: &'static str,
    /// What they did.
    pub afterwards: Afterwards,
}

/// Name of the grouping that holds all answers, and of its group.
pub(super) const ALL: &str = "all";
/// Name of the grouping by topic.
pub(super) const TOPIC: &str = "topic";

/// All answers; by topic, by category and channel of the last purchase, where the log has these; and
/// by customers' groups, where they are asked for.
pub(super) fn groupings(
    answers: &AllTold<AnswerKind>,
    by: Option<&GroupBy>,
) -> Result<Vec<Grouping>> {
    let all = Grouping {
        name: ALL.to_owned(),
        labels: vec![ALL.to_owned()],
        group: vec![0; answers.cases.len()],
        others: 0,
    };
    let columns = answers.columns;
    let texts = [
        (TOPIC, answers.is_known(0)),
        (PurchaseText::Category.name(), columns.category),
        (PurchaseText::Channel.name(), columns.channel),
    ];
    let there = texts.into_iter().enumerate().filter(|(_, (_, there))| *there);
    let texts = there.map(|(place, (name, _))| answers.grouping(place, name));
    let by = by.map(|by| answers.grouping(3, by.name()));
    once(Ok(all)).chain(texts).chain(by).collect()
}

/// The rows of one grouping. Those of topics go into `topics` too.
pub(super) fn of_grouping(
    grouping: &Grouping,
    given: &[Told<AnswerKind>],
    (periods, until): (&Periods, Timestamp),
    rows: (&mut Vec<NpsRow>, &mut Vec<PeriodRow>, &mut Vec<TopicRow>),
) {
    let (groups, by_period, topics) = rows;
    let grouped = || given.iter().zip(&grouping.group);
    for (i, label) in grouping.labels.iter().enumerate() {
        let (mut own, mut others) = (Sample::default(), Sample::default());
        let mut parts = vec![Sample::default(); periods.len()];
        for (answer, &group) in grouped() {
            if group as usize != i {
                others.add(answer);
                continue;
            }
            own.add(answer);
            if let Some(period) = periods.of(answer.time) {
                parts[period].add(answer);
            }
        }
        groups.push(NpsRow {
            grouping: grouping.name.clone(),
            group: label.to_owned(),
            counts: own.counts,
            customers: own.customers(),
            nps: own.nps(),
            against_others: own.against(&others),
        });
        for (p, (period, part)) in periods.seen_at(until).zip(&parts).enumerate() {
            let before = p.checked_sub(1).and_then(|before| parts.get(before));
            by_period.push(PeriodRow {
                grouping: grouping.name.clone(),
                group: label.to_owned(),
                period,
                counts: part.counts,
                customers: part.customers(),
                nps: part.nps(),
                change: before.and_then(|before| part.against(before)),
            });
        }
    }
    if grouping.name == TOPIC {
        topics.extend(of_topics(grouping, given, (periods, until)));
    }
}

/// The contributions of topics, of all answers and by period.
fn of_topics(
    grouping: &Grouping,
    given: &[Told<AnswerKind>],
    (periods, until): (&Periods, Timestamp),
) -> Vec<TopicRow> {
    let answers = given.iter().map(|answer| (answer.customer, answer.kind));
    let Some(whole) = Whole::new(answers) else { return Vec::new() };
    let mut parts: Vec<Vec<(CustomerIndex, AnswerKind, u32)>> = vec![Vec::new(); periods.len()];
    let mut all = Vec::with_capacity(given.len());
    for (answer, &group) in given.iter().zip(&grouping.group) {
        let of_answer = (answer.customer, answer.kind, group);
        all.push(of_answer);
        if let Some(period) = periods.of(answer.time) {
            parts[period].push(of_answer);
        }
    }
    let looked_at =
        std::iter::once((None, &all)).chain(periods.seen_at(until).map(Some).zip(&parts));
    let mut rows = Vec::new();
    for (period, part) in looked_at {
        for (i, topic) in grouping.labels.iter().enumerate() {
            let about: Vec<(CustomerIndex, AnswerKind, bool)> =
                part.iter().map(|a| (a.0, a.1, a.2 as usize == i)).collect();
            let Some(contribution) = whole.contribution(&about) else { continue };
            let mut counts = NpsCounts::default();
            about.iter().filter(|a| a.2).for_each(|a| counts.add(a.1));
            let share = counts.answers() as f64 / part.len() as f64;
            rows.push(TopicRow { period, topic: topic.to_owned(), counts, share, contribution });
        }
    }
    rows
}
