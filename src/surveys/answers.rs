//! The answers of a log, each with the groups it belongs to.

use std::borrow::Cow;

use rayon::prelude::*;

use super::nps::AnswerKind;
use crate::error::Result;
use crate::groups::{AttributeGroups, TopGroups};
use crate::log::{EventLog, History, NO_CODE, PurchaseBy};
use crate::time::{MICROS_PER_DAY, Timestamp};

/// One answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Given {
    pub(super) customer: u32,
    pub(super) time: i64,
    pub(super) kind: AnswerKind,
    topic: Option<u32>,
    category: Option<u32>,
    channel: Option<u32>,
}

/// All answers from `start` on that were known before `until`, by customer and time.
pub(super) fn collect(log: &EventLog, start: Timestamp, until: Timestamp) -> Vec<Given> {
    let by_day = log.purchase_rules().purchase_by == PurchaseBy::Day;
    let of = |customer: usize| {
        let history = log.history(customer, until);
        // Who comes to be a customer later only is none yet.
        let is_customer = history.lines().next().is_some();
        let answers = history.answers().into_iter().flatten().filter(|_| is_customer);
        let given = |answer: crate::log::Answer| Given {
            customer: customer as u32,
            time: answer.time,
            kind: AnswerKind::of(answer.score),
            topic: answer.topic.filter(|&topic| topic != NO_CODE),
            category: bought_last(&history, history.rows.category, answer.time, by_day, |code| {
                log.category(code)
            }),
            channel: bought_last(&history, history.rows.channel, answer.time, by_day, |code| {
                log.channel(code)
            }),
        };
        answers.filter(|answer| answer.time >= start.micros()).map(given).collect::<Vec<Given>>()
    };
    (0..log.customers().len()).into_par_iter().flat_map_iter(of).collect()
}

/// Category or channel of the last purchase before an instant: of its rows that of the largest
/// amount, then the first by name.
fn bought_last<'a>(
    history: &History<'_>,
    codes: Option<&[u32]>,
    at: i64,
    by_day: bool,
    name: impl Fn(u32) -> &'a str,
) -> Option<u32> {
    let codes = codes?;
    let before = history.purchases().partition_point(|purchase| purchase.time < at);
    let last = history.purchases()[..before].last()?.time;
    let rows = &history.rows;
    let same = |time: i64| match by_day {
        true => time.div_euclid(MICROS_PER_DAY) == last.div_euclid(MICROS_PER_DAY) && time < at,
        false => time == last,
    };
    let amount = |row: usize| rows.amount.map_or(0.0, |amounts| amounts[row]);
    let start = rows.time.partition_point(|&time| time < last && !same(time));
    let same_purchase = (start..codes.len()).take_while(|&row| same(rows.time[row]));
    same_purchase
        .filter(|&row| codes[row] != NO_CODE && history.sees(row))
        .max_by(|&a, &b| {
            amount(a).total_cmp(&amount(b)).then_with(|| name(codes[b]).cmp(name(codes[a])))
        })
        .map(|row| codes[row])
}

/// A way to group answers, and the group of each.
#[derive(Debug)]
pub(super) struct Grouping {
    pub(super) name: String,
    pub(super) labels: Vec<String>,
    pub(super) group: Vec<u8>,
    /// Groups that were put together, if any.
    pub(super) others: usize,
}

/// Name of the grouping that holds all answers, and of its group.
pub(super) const ALL: &str = "all";
/// Name of the grouping by topic.
pub(super) const TOPIC: &str = "topic";

impl Grouping {
    fn new(name: &str, groups: TopGroups) -> Self {
        let TopGroups { labels, group, others } = groups;
        Grouping { name: name.to_owned(), labels, group, others }
    }

    /// All answers; by topic, by category and channel of the last purchase, where the log has these;
    /// and by an attribute, where one is named.
    pub(super) fn all(
        log: &EventLog,
        answers: &[Given],
        attribute: Option<&str>,
    ) -> Result<Vec<Self>> {
        let mut groupings = vec![Grouping {
            name: ALL.to_owned(),
            labels: vec![ALL.to_owned()],
            group: vec![0; answers.len()],
            others: 0,
        }];
        let columns = log.columns();
        type Code = fn(&Given) -> Option<u32>;
        type Name = fn(&EventLog, u32) -> &str;
        let has_topics = answers.iter().any(|answer| answer.topic.is_some());
        for (name, there, code, text) in [
            (TOPIC, has_topics, (|a| a.topic) as Code, EventLog::survey_topic as Name),
            ("category", columns.category, |a| a.category, EventLog::category),
            ("channel", columns.channel, |a| a.channel, EventLog::channel),
        ] {
            if there {
                let codes: Vec<Option<u32>> = answers.iter().map(code).collect();
                let most = codes.iter().flatten().max().map_or(0, |&code| code + 1);
                let texts: Vec<Cow<'_, str>> =
                    (0..most).map(|code| Cow::Borrowed(text(log, code))).collect();
                groupings.push(Grouping::new(name, TopGroups::new(&codes, &texts)));
            }
        }
        if let Some(name) = attribute {
            let groups = AttributeGroups::new(log, name)?;
            let of = |answer: &Given| groups.group[answer.customer as usize];
            groupings.push(Grouping {
                group: answers.iter().map(of).collect(),
                name: groups.name,
                labels: groups.labels,
                others: groups.others,
            });
        }
        Ok(groupings)
    }
}
