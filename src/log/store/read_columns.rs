//! Tickets, survey answers and events from the batches of a table.

use arrow_array::RecordBatch;

use super::columns::Columns;
use super::event_columns::{EventColumns, MOST_KINDS, narrow};
use super::pool::{NO_CODE, TextPool};
use super::surveys::SurveyColumns;
use super::tickets::TicketColumns;
use super::values::{NO_TIME, is_count};
use crate::error::{Error, Result, number};
use crate::log::read::cells::{self, Place};
use crate::log::read::schema::{Column, EVENTS};

/// Columns that are read from the batches of a table.
pub(crate) trait ReadColumns: Columns {
    /// No rows of a table with these columns.
    fn of(columns: &[Column]) -> Self;

    /// Reads the rows of a batch, all of which have an id; `topics` are those of the table.
    fn read(
        &mut self,
        topics: &mut TextPool,
        columns: &[Column],
        batch: &RecordBatch,
        place: Place<'_>,
    ) -> Result<()>;
}

impl ReadColumns for TicketColumns {
    fn of(columns: &[Column]) -> Self {
        let has = |name| columns.iter().any(|column| column.name == name);
        TicketColumns {
            opened_at: Vec::new(),
            first_response_at: has("first_response_at").then(Vec::new),
            resolved_at: has("resolved_at").then(Vec::new),
            topic: has("topic").then(Vec::new),
            reopened_count: has("reopened_count").then(Vec::new),
            satisfaction: has("satisfaction").then(Vec::new),
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
        let before = self.opened_at.len();
        for (column, array) in columns.iter().zip(batch.columns()) {
            let place = Place { column: &column.input, ..place };
            let times = |c: &mut Vec<i64>| cells::read_times(array, place, c);
            let numbers = |c: &mut Vec<f64>| cells::read_numbers(array, place, c);
            match column.name {
                "opened_at" => {
                    cells::read_times(array, place, &mut self.opened_at)?;
                    refuse_missing_time(&self.opened_at[before..], place)?;
                }
                "first_response_at" => read_into(&mut self.first_response_at, times)?,
                "resolved_at" => read_into(&mut self.resolved_at, times)?,
                "known_at" => read_into(&mut self.known_at, times)?,
                "topic" => {
                    read_into(&mut self.topic, |c| cells::read_texts(array, place, topics, c))?;
                }
                "reopened_count" => {
                    read_into(&mut self.reopened_count, numbers)?;
                    let counts = self.reopened_count.as_deref().unwrap_or_default();
                    check_counts(&counts[before.min(counts.len())..], place)?;
                }
                "satisfaction" => read_into(&mut self.satisfaction, numbers)?,
                _ => {}
            }
        }
        for (later, name, act) in [
            (&mut self.resolved_at, "resolved_at", "resolved"),
            (&mut self.first_response_at, "first_response_at", "answered"),
        ] {
            let column = columns.iter().find(|column| column.name == name);
            let place = Place { column: column.map_or("", |column| &column.input), ..place };
            refuse_before_opening(later, &self.opened_at, before, place, act)?;
        }
        Ok(())
    }
}

impl ReadColumns for SurveyColumns {
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
}

impl ReadColumns for EventColumns {
    fn of(columns: &[Column]) -> Self {
        let has = |name| columns.iter().any(|column| column.name == name);
        EventColumns {
            time: Vec::new(),
            kind: Vec::new(),
            value: has("value").then(Vec::new),
            channel: has("channel").then(Vec::new),
            known_at: has("known_at").then(Vec::new),
        }
    }

    fn read(
        &mut self,
        texts: &mut TextPool,
        columns: &[Column],
        batch: &RecordBatch,
        place: Place<'_>,
    ) -> Result<()> {
        let before = self.time.len();
        for (column, array) in columns.iter().zip(batch.columns()) {
            let place = Place { column: &column.input, ..place };
            let codes = |texts: &mut TextPool| {
                let mut codes = Vec::with_capacity(array.len());
                cells::read_texts(array, place, texts, &mut codes)?;
                refuse_many(texts, &column.input)?;
                Ok::<_, Error>(codes)
            };
            match column.name {
                "time" => {
                    cells::read_times(array, place, &mut self.time)?;
                    refuse_missing_time(&self.time[before..], place)?;
                }
                "kind" => {
                    let codes = codes(texts)?;
                    if let Some(row) = codes.iter().position(|&code| code == NO_CODE) {
                        return Err(place.bad_cell(row, "is missing"));
                    }
                    self.kind.extend(codes.into_iter().map(narrow));
                }
                "channel" => {
                    let codes = codes(texts)?;
                    read_into(&mut self.channel, |c| {
                        c.extend(codes.into_iter().map(narrow));
                        Ok(())
                    })?;
                }
                "value" => read_into(&mut self.value, |c| cells::read_numbers(array, place, c))?,
                "known_at" => {
                    read_into(&mut self.known_at, |c| cells::read_times(array, place, c))?;
                }
                _ => {}
            }
        }
        Ok(())
    }
}

fn check_counts(counts: &[f64], place: Place<'_>) -> Result<()> {
    match counts.iter().position(|&count| !(count.is_nan() || is_count(count))) {
        Some(i) => {
            Err(place.bad_cell(i, format!("{} is no whole number from 0 on", number(counts[i]))))
        }
        None => Ok(()),
    }
}

fn check_scores(scores: &[f64], place: Place<'_>) -> Result<()> {
    match scores.iter().position(|score| !(0.0..=10.0).contains(score)) {
        Some(i) => Err(place.bad_cell(i, format!("{} lies outside 0 to 10", number(scores[i])))),
        None => Ok(()),
    }
}

/// Refuses times before the opening. In an hour that the log's clock shows twice an earlier time may
/// be a later instant: there it becomes that of the opening.
fn refuse_before_opening(
    later: &mut Option<Vec<i64>>,
    opened_at: &[i64],
    from: usize,
    place: Place<'_>,
    act: &str,
) -> Result<()> {
    let Some(later) = later else { return Ok(()) };
    let zone = place.options.time_zone;
    for i in from..later.len() {
        if later[i] == NO_TIME || later[i] >= opened_at[i] {
            continue;
        }
        if !(zone.shows_twice(later[i]) && zone.shows_twice(opened_at[i])) {
            let message = format!("the ticket is {act} before it is opened");
            return Err(place.bad_cell(i - from, message));
        }
        later[i] = opened_at[i];
    }
    Ok(())
}

/// Refuses a column of more texts than kinds can be.
pub(crate) fn refuse_many(texts: &TextPool, column: &str) -> Result<()> {
    if texts.len() <= MOST_KINDS {
        return Ok(());
    }
    let message = format!(
        "holds more than {MOST_KINDS} different texts, such as {}: a kind is a word such as visit \
         or cart; name another column, or give all rows one kind, as in kind='visit'",
        crate::error::quoted(texts.get(texts.len() as u32 - 1))
    );
    Err(Error::bad_column(EVENTS.name, column, message))
}

/// Reads into a column that is there because the table has it.
pub(crate) fn read_into<T>(
    column: &mut Option<Vec<T>>,
    read: impl FnOnce(&mut Vec<T>) -> Result<()>,
) -> Result<()> {
    column.as_mut().map_or(Ok(()), read)
}

pub(crate) fn refuse_missing_time(times: &[i64], place: Place<'_>) -> Result<()> {
    match times.iter().position(|&time| time == NO_TIME) {
        Some(i) => Err(place.bad_cell(i, "is missing")),
        None => Ok(()),
    }
}
