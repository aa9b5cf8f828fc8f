//! The report.

use std::fmt;

use arrow_array::RecordBatch;
use serde_json::{Map, Value};

use super::rows::{Handling, HowItWent, ServiceRow, band_names};
use crate::answer::columns::{batch, texts};
use crate::answer::options::options;
#[cfg(feature = "cli")]
use crate::answer::value;
use crate::answer::{Analysis, Table, fields, write_notes};
use crate::error::{Error, Result};
use crate::followup::text::{write_afterwards, write_afterwards_head};
use crate::followup::{Afterwards, AllTold, MATCH_DAYS, Of, Told};
use crate::log::{TicketLogColumns, counted, grouped};
use crate::time::{Span, Timestamp};

options! {
    /// How tickets are judged, and what is measured after them.
    pub struct ServiceOptions {
        /// A ticket resolved within this many hours of its opening counts as resolved fast,
        /// including the limit
        #[value(value_name = "HOURS")]
        fast_hours: f64 = 24.0,
        /// How long after its opening a ticket is judged, by what was known then; the horizon
        /// begins then. Customers who leave seldom leave at once: to see them, judge later or use a
        /// longer horizon
        #[value(value_name = "SPAN", value_parser = value::<Span>)]
        #[takes(span)]
        judged_after: Span = Span::days(30),
        /// The time in which purchases are counted
        #[value(value_name = "SPAN", value_parser = value::<Span>)]
        #[takes(span)]
        horizon: Span = Span::months(3),
        /// Upper limits of the first-response bands, in hours, each included; ascending
        #[values(value_name = "HOURS")]
        response_hours: Vec<f64> = vec![1.0, 8.0, 24.0],
        /// Customers without a ticket: those who opened none for this long before
        #[value(value_name = "SPAN", value_parser = value::<Span>)]
        #[takes(span)]
        quiet_for: Span = Span::months(6),
    }
}

/// More bands than anyone reads.
const MOST_BANDS: usize = 20;

impl ServiceOptions {
    pub(super) fn check(&self) -> Result<()> {
        for (name, span) in [
            ("judged_after", self.judged_after),
            ("horizon", self.horizon),
            ("quiet_for", self.quiet_for),
        ] {
            if span.is_zero() {
                return Err(Error::argument(name, span, "more than 0d"));
            }
        }
        let hours = self.judged_after.approx_days() * 24.0;
        if !(self.fast_hours > 0.0 && self.fast_hours < hours) {
            let expected = format!("more than 0 and less than judged_after, {}", self.judged_after);
            return Err(Error::argument("fast_hours", self.fast_hours, expected));
        }
        let limits = &self.response_hours;
        let rising = limits.windows(2).all(|pair| pair[0] < pair[1]);
        let inside = limits.iter().all(|&limit| limit > 0.0 && limit < hours);
        if limits.is_empty() || limits.len() > MOST_BANDS || !rising || !inside {
            let expected = format!(
                "1 to {MOST_BANDS} rising numbers, more than 0 and less than judged_after, {}",
                self.judged_after
            );
            return Err(Error::argument("response_hours", format!("{limits:?}"), expected));
        }
        Ok(())
    }
}

/// Whether customers buy, and how much, after their tickets went well or badly.
///
/// Each ticket counts once, even if a customer has several; the intervals allow for that
/// ([`Afterwards`]). A ticket is judged `judged_after` its opening, by what was known then. The
/// horizon begins then, so nothing in it decides how the ticket went, and a ticket that takes long
/// to resolve has no head start. Only tickets whose horizon was over at the cutoff count.
///
/// Each ticket is matched with a customer without one, reported as `no_ticket`. The candidates are
/// the customers whose last purchase before the instant of opening was at most 7 days apart from
/// that of the ticket's customer, and who had opened none in the `quiet_for` before that instant;
/// the match is the one whose number of purchases over as long a time before as the horizon was
/// most similar, of several the one whose last purchase was nearest in time. Their horizon is the
/// ticket's. Some open a ticket later: leaving these out would select those who buy less from then
/// on.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct ServiceReport {
    /// The cutoff: only what was known before it was used.
    pub at: Timestamp,
    /// How tickets are judged.
    pub options: ServiceOptions,
    /// Tickets opened before the cutoff.
    pub tickets: u64,
    /// Tickets whose horizon was not over; they do not count.
    pub unfinished: u64,
    /// Other tickets for which no matching customer without a ticket was found.
    pub unmatched: u64,
    /// All tickets first, then by topic, most tickets first.
    #[serde(skip)]
    pub rows: Vec<ServiceRow>,
    /// Notes for the reader.
    #[serde(skip)]
    pub notes: Vec<String>,
}

impl ServiceReport {
    pub(super) fn told(
        tickets: u64,
        over: &AllTold<HowItWent>,
        at: Timestamp,
        options: &ServiceOptions,
    ) -> Result<Self> {
        let columns = match over.columns.tickets {
            None => return Err(Error::bad_table("tickets", "the log has no tickets")),
            Some(TicketLogColumns { resolved_at: false, .. }) => {
                let message = "is not there: how the tickets went is not known";
                return Err(Error::bad_column("tickets", "resolved_at", message));
            }
            Some(columns) => columns,
        };
        if over.cases.is_empty() {
            return Err(no_ticket(at));
        }
        let matched = over.cases.iter().filter(|ticket| ticket.matched.is_some()).count();
        let mut report = ServiceReport {
            at,
            options: options.clone(),
            tickets,
            unfinished: tickets - over.cases.len() as u64,
            unmatched: (over.cases.len() - matched) as u64,
            rows: Vec::new(),
            notes: Vec::new(),
        };
        let columns = (columns, over.columns.amount);
        report.add(None, &over.cases.iter().collect::<Vec<_>>(), columns);
        if over.is_known(0) {
            let topics = over.grouping(0, "topic")?;
            for (topic, label) in topics.labels.iter().enumerate() {
                let own = over.cases.iter().zip(&topics.group);
                let own = own.filter(|(_, group)| **group as usize == topic);
                let own: Vec<&Told<HowItWent>> = own.map(|(ticket, _)| ticket).collect();
                report.add(Some(label), &own, columns);
            }
            if topics.others > 1 {
                report.notes.push("only the topics with most tickets are told apart".into());
            }
        }
        report.note();
        Ok(report)
    }

    fn add(
        &mut self,
        topic: Option<&str>,
        tickets: &[&Told<HowItWent>],
        (columns, has_amounts): (TicketLogColumns, bool),
    ) {
        let mut push = |grouping: &'static str, group: &str, afterwards: Afterwards| {
            self.rows.push(ServiceRow {
                topic: topic.map(str::to_owned),
                grouping,
                group: group.to_owned(),
                afterwards,
            });
        };
        let of = |wanted: &dyn Fn(&HowItWent) -> bool| {
            let wanted = tickets.iter().filter(|ticket| wanted(&ticket.kind));
            let seen = wanted.filter_map(|ticket| Some((ticket.own?, ticket.matched)));
            let seen: Vec<(Of, Option<Of>)> = seen.collect();
            Afterwards::beside(&seen, has_amounts)
        };
        let matched = tickets.iter().filter_map(|ticket| ticket.matched).collect();
        push("handling", "no_ticket", Afterwards::of(matched, has_amounts));
        for handling in Handling::ALL {
            if handling != Handling::Reopened || columns.reopened_count {
                push("handling", handling.name(), of(&|went| went.handling == handling));
            }
        }
        if columns.first_response_at {
            for (band, name) in band_names(&self.options.response_hours).iter().enumerate() {
                push("first_response", name, of(&|went| went.band == band));
            }
        }
    }

    fn note(&mut self) {
        if self.unfinished > 0 {
            self.notes.push(format!(
                "{}: {} and {} after the opening were not over by {}",
                counted(self.unfinished, "ticket does not count", "tickets do not count"),
                self.options.judged_after,
                self.options.horizon,
                self.at
            ));
        }
        if self.unmatched > 0 {
            self.notes.push(format!(
                "for {} nobody without one for {} had bought within {MATCH_DAYS} days of \
                 that customer's last purchase",
                counted(self.unmatched, "ticket", "tickets"),
                self.options.quiet_for
            ));
        }
    }

    fn rows_table(&self) -> Result<RecordBatch> {
        let rows = &self.rows;
        let mut columns = vec![
            texts("topic", rows.iter().map(|row| row.topic.as_deref())),
            texts("grouping", rows.iter().map(|row| row.grouping)),
            texts("group", rows.iter().map(|row| row.group.as_str())),
        ];
        columns.extend(Afterwards::columns("tickets", rows.iter().map(|row| &row.afterwards)));
        batch(columns)
    }
}

pub(super) fn no_ticket(at: Timestamp) -> Error {
    Error::TooLittleData(format!("no ticket's horizon was over by {at}"))
}

impl Analysis for ServiceReport {
    /// - `rows`: `topic` (null: all tickets), `grouping` (`handling` or `first_response`), `group`,
    ///   `tickets`, `customers`, `purchased`, `purchase_share`, `mean_spend` (each with its
    ///   interval), `mean_spend_before`; for the tickets with a matched customer `matched` (how
    ///   many), that customer's `base_purchase_share` and `base_mean_spend`, and `share_difference`
    ///   and `spend_difference` from it, with intervals; see [`Afterwards`].
    const TABLES: &'static [Table<Self>] = &[("rows", Self::rows_table)];

    fn figures(&self) -> Map<String, Value> {
        fields(self)
    }

    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }
}

impl fmt::Display for ServiceReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ServiceOptions { judged_after, horizon, fast_hours, .. } = &self.options;
        writeln!(
            f,
            "{} before {}, of which {} count\njudged {judged_after} after their opening, \
             purchases within {horizon} from then on (resolved fast: within {fast_hours}h)",
            counted(self.tickets, "ticket", "tickets"),
            self.at,
            grouped(self.tickets - self.unfinished)
        )?;
        let same = |a: &ServiceRow, b: &ServiceRow| a.topic == b.topic && a.grouping == b.grouping;
        for rows in self.rows.chunk_by(same) {
            let Some(first) = rows.first() else { continue };
            // By topic only how the tickets went is printed; the table has the rest.
            if first.topic.is_some() && first.grouping != "handling" {
                continue;
            }
            let head = match (&first.topic, first.grouping) {
                (None, "handling") => "handling",
                (None, _) => "first response",
                (Some(topic), _) => topic,
            };
            writeln!(f)?;
            write_afterwards_head(f, head, "tickets")?;
            for row in rows {
                write_afterwards(f, &row.group.replace('_', " "), &row.afterwards)?;
            }
        }
        writeln!(
            f,
            "no ticket: for each ticket a customer without one who had bought last at about the \
             same time (matched);\nnone of this says what service causes"
        )?;
        write_notes(f, &self.notes)
    }
}
