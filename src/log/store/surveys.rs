//! The survey answers table, read and stored by column.

use std::cmp::Ordering;
use std::ops::Range;

use super::columns::{Columns, names_of};
use super::pool::NO_CODE;
use super::transactions::{append, append_codes, take};

/// Answers by column. Optional columns are absent, not empty.
#[derive(Debug, Clone, Default)]
pub(crate) struct SurveyColumns {
    pub(crate) time: Vec<i64>,
    pub(crate) score: Vec<f64>,
    pub(crate) topic: Option<Vec<u32>>,
    pub(crate) known_at: Option<Vec<i64>>,
}

impl Columns for SurveyColumns {
    fn optional(&self) -> Vec<&'static str> {
        names_of(&[("topic", self.topic.is_some()), ("known_at", self.known_at.is_some())])
    }

    fn time(&self) -> &[i64] {
        &self.time
    }

    fn take(&self, order: &[u32]) -> SurveyColumns {
        SurveyColumns {
            time: take(&self.time, order),
            score: take(&self.score, order),
            topic: self.topic.as_ref().map(|c| take(c, order)),
            known_at: self.known_at.as_ref().map(|c| take(c, order)),
        }
    }

    fn compare(&self, a: usize, b: usize) -> Ordering {
        let known = |row: usize| self.known_at.as_ref().map(|c| c[row]);
        self.time[a]
            .cmp(&self.time[b])
            .then_with(|| self.score[a].total_cmp(&self.score[b]))
            .then_with(|| known(a).cmp(&known(b)))
    }

    fn append(&mut self, other: &Self, topics: Option<&[u32]>) {
        self.time.extend_from_slice(&other.time);
        self.score.extend_from_slice(&other.score);
        append_codes(&mut self.topic, &other.topic, topics);
        append(&mut self.known_at, &other.known_at);
    }
}

impl SurveyColumns {
    /// Of the answers in some rows, given before `cutoff`, those that are known before it.
    pub(crate) fn known_in(
        &self,
        range: Range<usize>,
        cutoff: i64,
    ) -> impl DoubleEndedIterator<Item = Answer> + '_ {
        range.filter_map(move |row| {
            let is_known = self.known_at.as_ref().is_none_or(|known| known[row] < cutoff);
            is_known.then(|| Answer {
                time: self.time[row],
                score: self.score[row],
                topic: self.topic.as_ref().map(|c| c[row]).filter(|&topic| topic != NO_CODE),
            })
        })
    }
}

/// One answer to a survey. The time is in microseconds since 1970-01-01 UTC.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct Answer {
    /// When it was given.
    pub time: i64,
    /// The score, 0 to 10.
    pub score: f64,
    /// Its topic as a number of the log's topics, if it has one.
    pub topic: Option<u32>,
}
