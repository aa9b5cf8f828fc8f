//! The survey answers table, read and stored by column.

use std::cmp::Ordering;
use std::ops::Range;

use arrow_array::RecordBatch;

use super::placed::{Columns, names_of};
use super::pool::{NO_CODE, TextPool};
use super::transactions::{append, append_codes, read_into, refuse_missing_time, take};
use crate::error::{Result, number};
use crate::log::read::cells::{self, NO_TIME, Place};
use crate::log::read::schema::Column;

/// Answers by column. Optional columns are absent, not empty.
#[derive(Debug, Clone, Default)]
pub(crate) struct SurveyColumns {
    pub(crate) time: Vec<i64>,
    pub(crate) score: Vec<f64>,
    pub(crate) topic: Option<Vec<u32>>,
    pub(crate) known_at: Option<Vec<i64>>,
}

impl Columns for SurveyColumns {
    fn of(columns: &[Column]) -> Self {
        let has = |name| columns.iter().any(|column| column.name == name);
        SurveyColumns {
            time: Vec::new(),
            score: Vec::new(),
            topic: has("topic").then(Vec::new),
            known_at: has("known_at").then(Vec::new),
        }
    }

    fn read(
        &mut self,
        topics: &mut TextPool,
        columns: &[Column],
        batch: &RecordBatch,
        place: Place<'_>,
    ) -> Result<()> {
        let before = self.time.len();
        for (column, array) in columns.iter().zip(batch.columns()) {
            let place = Place { column: &column.input, ..place };
            match column.name {
                "time" => {
                    cells::read_times(array, place, &mut self.time)?;
                    refuse_missing_time(&self.time[before..], place)?;
                }
                "score" => {
                    cells::read_known_numbers(array, place, &mut self.score)?;
                    check_scores(&self.score[before..], place)?;
                }
                "topic" => {
                    read_into(&mut self.topic, |c| cells::read_texts(array, place, topics, c))?;
                }
                "known_at" => {
                    read_into(&mut self.known_at, |c| cells::read_times(array, place, c))?;
                }
                _ => {}
            }
        }
        Ok(())
    }

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
    pub(crate) fn known_in(
        &self,
        range: Range<usize>,
        cutoff: i64,
    ) -> impl DoubleEndedIterator<Item = Answer> + '_ {
        range.filter_map(move |row| {
            let hidden =
                self.known_at.as_ref().is_some_and(|c| c[row] != NO_TIME && c[row] >= cutoff);
            (self.time[row] < cutoff && !hidden).then(|| Answer {
                time: self.time[row],
                score: self.score[row],
                topic: self.topic.as_ref().map(|c| c[row]).filter(|&topic| topic != NO_CODE),
            })
        })
    }
}

/// One answer to a survey. The time is in microseconds since 1970-01-01 UTC.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Answer {
    /// When it was given.
    pub time: i64,
    /// The score, 0 to 10.
    pub score: f64,
    /// Its topic as a number of the log's topics, if it has one.
    pub topic: Option<u32>,
}

fn check_scores(scores: &[f64], place: Place<'_>) -> Result<()> {
    match scores.iter().position(|score| !(0.0..=10.0).contains(score)) {
        Some(i) => Err(place.bad_cell(i, format!("{} lies outside 0 to 10", number(scores[i])))),
        None => Ok(()),
    }
}
