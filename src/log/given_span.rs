//! The span of a whole log, given with the rows of some of its customers.

use super::assemble::LogSpan;
use super::event_log::EventLog;
use super::read::schema::{EVENTS, TRANSACTIONS};
use super::store::customer_index::CustomerIndex;
use super::store::options::ObservedUntil;
use crate::error::{Error, ErrorCode, Result};
use crate::time::{Moment, TimeZone, Timestamp};

/// When the first and the last transaction of all customers were, as they were given.
#[derive(Debug, Clone, Copy)]
pub(super) struct GivenSpan {
    pub(super) first: Moment,
    pub(super) last: Moment,
}

impl GivenSpan {
    /// # Errors
    /// [`Error::Argument`] for a span that ends before it begins or begins at `observed_until`.
    pub(super) fn of(
        self,
        observed_until: ObservedUntil,
        zone: TimeZone,
        of_activity: bool,
    ) -> Result<LogSpan> {
        let [first, last] = [self.first, self.last].map(|time| time.row_argument("span", zone));
        let (first, last) = (first?, last?);
        if last < first {
            let expected = "a last event that is not before the first";
            return Err(Error::argument("span", format!("{first} to {last}"), expected));
        }
        let times = Some((first.micros(), last.micros()));
        LogSpan::between(times, observed_until, zone, of_activity)
    }
}

/// Refuses a log with a transaction outside of the span that was given for it.
pub(super) fn check_inside(log: &EventLog) -> Result<()> {
    let LogSpan { first_event, last_event, of_activity, .. } = log.inner.span;
    let mut before = 0;
    for shard in &log.inner.shards {
        let time = &shard.events.transactions.time;
        for (customer, rows) in shard.transactions.windows(2).enumerate() {
            let outside = |&&time: &&i64| time < first_event.micros() || time > last_event.micros();
            let Some(&time) = time[rows[0]..rows[1]].iter().find(outside) else { continue };
            let time = Timestamp::from_micros(time)?;
            let table = if of_activity { EVENTS.name } else { TRANSACTIONS.name };
            return Err(Error::Data {
                code: ErrorCode::BadCell,
                table,
                column: "time".to_owned(),
                row: None,
                customer: Some(log.inner.ids.get(CustomerIndex::at(before + customer)).to_string()),
                message: format!("{time} is outside of the span, {first_event} to {last_event}"),
            });
        }
        before += shard.transactions.len() - 1;
    }
    Ok(())
}
