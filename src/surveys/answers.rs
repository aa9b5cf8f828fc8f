//! The answers of a log, each with the groups it belongs to.

use rayon::prelude::*;

use super::nps::AnswerKind;
use crate::error::Result;
use crate::groups::{Apart, GroupBy, Groups, PurchaseText};
use crate::log::{CustomerIndex, EventLog};
use crate::time::Timestamp;

/// One answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Given {
    pub(super) customer: CustomerIndex,
    pub(super) time: i64,
    pub(super) kind: AnswerKind,
    topic: Option<u32>,
    category: Option<u32>,
    channel: Option<u32>,
}

/// All answers from `start` on that were known before `until`, by customer and time.
pub(super) fn collect(log: &EventLog, start: Timestamp, until: Timestamp) -> Vec<Given> {
    let of = |customer: CustomerIndex| {
        let history = log.history(customer, until);
        // Who comes to be a customer later only is none yet.
        let is_customer = history.lines().next().is_some();
        let answers = history.answers().into_iter().flatten().filter(|_| is_customer);
        let given = |answer: crate::log::Answer| Given {
            customer,
            time: answer.time,
            kind: AnswerKind::of(answer.score),
            topic: answer.topic,
            category: PurchaseText::Category.of_last(log, &history, answer.time),
            channel: PurchaseText::Channel.of_last(log, &history, answer.time),
        };
        answers.filter(|answer| answer.time >= start.micros()).map(given).collect::<Vec<Given>>()
    };
    log.customers().par_indices().flat_map_iter(of).collect()
}

/// A way to group answers, and the group of each.
#[derive(Debug)]
pub(super) struct Grouping {
    pub(super) name: String,
    pub(super) groups: Groups,
}

/// Name of the grouping that holds all answers, and of its group.
pub(super) const ALL: &str = "all";
/// Name of the grouping by topic.
pub(super) const TOPIC: &str = "topic";

impl Grouping {
    /// All answers; by topic, by category and channel of the last purchase, where the log has these;
    /// and by customers' groups, where they are asked for.
    pub(super) fn all(
        log: &EventLog,
        until: Timestamp,
        answers: &[Given],
        by: Option<&GroupBy>,
    ) -> Result<Vec<Self>> {
        let all = Groups {
            names: vec![Some(ALL.to_owned())],
            group: vec![0; answers.len()],
            numbers: false,
            others: 0,
        };
        let mut groupings = vec![Grouping { name: ALL.to_owned(), groups: all }];
        let columns = log.columns();
        type Code = fn(&Given) -> Option<u32>;
        type Name = fn(&EventLog, u32) -> Option<&str>;
        let has_topics = answers.iter().any(|answer| answer.topic.is_some());
        for (name, there, code, text) in [
            (TOPIC, has_topics, (|a| a.topic) as Code, EventLog::survey_topic as Name),
            ("category", columns.category, |a| a.category, EventLog::category),
            ("channel", columns.channel, |a| a.channel, EventLog::channel),
        ] {
            if there {
                let codes: Vec<Option<u32>> = answers.iter().map(code).collect();
                let groups = Groups::of_texts(
                    &codes,
                    |code| text(log, code).unwrap_or_default(),
                    Apart::Largest,
                );
                groupings.push(Grouping { name: name.to_owned(), groups });
            }
        }
        if let Some(by) = by {
            let customers = Groups::of_customers(log, until, Some(by), "group_by", Apart::Largest)?;
            let of = |answer: &Given| customers.group[answer.customer.index()];
            let group = answers.iter().map(of).collect();
            let name = by.name().to_owned();
            groupings.push(Grouping { name, groups: Groups { group, ..customers } });
        }
        Ok(groupings)
    }
}
