//! The summary of a log's events, as tables and to read.

use std::fmt;

use arrow_array::RecordBatch;
use serde_json::{Map, Value};

use super::around::{AroundPurchase, WEEKS, around};
use super::counts::{KindCounts, counted};
use super::options::EventsOptions;
use super::precedes::{Lift, Precedes, cutoffs, precedes};
use crate::answer::columns::{batch, counts, numbers, texts, times, whole, with_ends};
use crate::answer::text_table::{decimals, percent};
use crate::answer::{Analysis, Table, fields, of_activity, write_notes};
use crate::error::{Error, Result};
use crate::followup::text::short;
use crate::log::{EventLog, EventRole, grouped};
use crate::time::Timestamp;

/// The most frequent kinds, of which it is told what they precede and when they are.
const MOST: usize = 50;
/// Kinds in the readable form.
const LINES: usize = 20;

/// Which events a log has, and what comes after them.
///
/// Events are those known when the log ends, of customers that are in the log. What comes after an
/// event of a kind is seen of customers active at several cutoffs: see [`Lift`]. It is what
/// customers with such an event do, not what the event causes.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct EventsSummary {
    /// Events in all.
    pub events: u64,
    /// Customers of the log.
    pub customers: u64,
    /// The cutoffs at which active customers were looked at.
    pub cutoffs: Vec<Timestamp>,
    /// Customers active at a cutoff, over all of them.
    pub rows: u64,
    /// What was looked at.
    pub options: EventsOptions,
    /// The kinds, most events first.
    #[serde(skip)]
    pub kinds: Vec<KindCounts>,
    /// What the first of them precede.
    #[serde(skip)]
    pub precedes: Vec<Precedes>,
    /// When the same kinds are around the last purchase.
    #[serde(skip)]
    pub around: AroundPurchase,
    /// Notes for the reader.
    #[serde(skip)]
    pub notes: Vec<String>,
    /// Whether what are called purchases are acts that stand in place of them.
    pub tells_activity: bool,
}

impl EventsSummary {
    /// The summary of all events.
    ///
    /// ```
    /// use winback::events::{EventsOptions, EventsSummary};
    /// use winback::{EventLog, simulate::Simulation};
    /// let shop = Simulation::default().customers(300).events(true).run()?;
    /// let log = EventLog::builder()
    ///     .transactions([shop.transactions])
    ///     .events(shop.events)
    ///     .contacts(["email_sent"])
    ///     .observed_until("2025-01-01")?
    ///     .build()?;
    /// let found = EventsSummary::build(&log, &EventsOptions::default())?;
    /// let visit = found.kinds.iter().position(|kind| kind.kind == "visit");
    /// assert!(visit.is_some_and(|visit| found.precedes[visit].purchase.lift > Some(1.0)));
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Table`] for a log without a table of events, [`Error::Argument`] for options out of
    /// range.
    pub fn build(log: &EventLog, options: &EventsOptions) -> Result<Self> {
        Self::before(log, log.observed_until(), options)
    }

    /// As [`EventsSummary::build`], of what was known before an instant.
    pub(crate) fn before(
        log: &EventLog,
        until: Timestamp,
        options: &EventsOptions,
    ) -> Result<Self> {
        options.check()?;
        if log.columns().events.is_none() {
            return Err(Error::bad_table("events", "is not there; give it when the log is built"));
        }
        let (codes, kinds): (Vec<u16>, Vec<KindCounts>) = counted(log, until)?.into_iter().unzip();
        let codes = &codes[..codes.len().min(MOST)];
        let chosen = cutoffs(log, until, options)?;
        let (rows, mut precedes) = precedes(log, &chosen, codes);
        // Activity precedes activity: that is what a model of activity tells, and no lift does.
        let is_activity = |kind: &KindCounts| {
            log.event_roles().iter().any(|own| own == (EventRole::Activity, kind.kind.as_str()))
        };
        for (found, _) in precedes.iter_mut().zip(&kinds).filter(|(_, kind)| is_activity(kind)) {
            *found = Precedes { rows: found.rows, purchase: Lift::NONE, silence: Lift::NONE };
        }
        let mut notes = Vec::new();
        if rows == 0 {
            notes.push(format!(
                "no customer is active at a cutoff after which the log goes on for {} and {}: what \
                 events precede is not known",
                options.horizon, options.silence
            ));
        }
        if kinds.len() > MOST {
            notes.push(format!(
                "of {} kinds it is told what the {MOST} most frequent precede",
                grouped(kinds.len() as u64)
            ));
        }
        Ok(EventsSummary {
            events: kinds.iter().map(|kind| kind.events).sum(),
            customers: log.customers().len() as u64,
            cutoffs: chosen.iter().map(|cutoff| cutoff.at).collect(),
            rows,
            options: options.clone(),
            precedes,
            around: around(log, until, codes),
            kinds,
            notes,
            tells_activity: log.columns().tells_activity(),
        })
    }

    fn kinds_table(&self) -> Result<RecordBatch> {
        let kinds = || self.kinds.iter();
        let precedes = (0..self.kinds.len()).map(|place| self.precedes.get(place));
        let mut columns = vec![
            texts("kind", kinds().map(|kind| kind.kind.as_str())),
            texts("roles", kinds().map(|kind| kind.roles.as_str())),
            counts("events", kinds().map(|kind| kind.events)),
            counts("customers", kinds().map(|kind| kind.customers)),
            numbers("share", kinds().map(|kind| kind.share)),
            times("first", kinds().map(|kind| kind.span.0)),
            times("last", kinds().map(|kind| kind.span.1)),
            counts("rows", precedes.clone().map(|found| found.map(|found| found.rows))),
        ];
        type Of = fn(&Precedes) -> Lift;
        for (name, of) in
            [("purchase", (|found| found.purchase) as Of), ("silence", |found| found.silence)]
        {
            let lifts = precedes.clone().map(move |found| found.map(of));
            let share =
                |pick: fn(Lift) -> Option<f64>| lifts.clone().map(move |l| l.and_then(pick));
            columns.push(numbers(format!("{name}_share"), share(|lift| lift.with_event)));
            columns.push(numbers(format!("{name}_share_without"), share(|lift| lift.without)));
            let found = lifts.clone().map(|lift| lift.and_then(|l| Some((l.lift?, l.interval))));
            columns.extend(with_ends(&format!("{name}_lift"), found));
        }
        batch(columns)
    }

    fn around_table(&self) -> Result<RecordBatch> {
        let kinds = self.kinds.iter().zip(&self.around.events);
        let rows: Vec<(&str, i64, u64)> = kinds
            .flat_map(|(kind, events)| {
                (-WEEKS..).zip(events).map(|(week, &events)| (kind.kind.as_str(), week, events))
            })
            .collect();
        let customers = self.around.customers;
        batch([
            texts("kind", rows.iter().map(|row| row.0)),
            whole("week", rows.iter().map(|row| Some(row.1))),
            counts("customers", rows.iter().map(|_| customers)),
            counts("events", rows.iter().map(|row| row.2)),
            numbers("events_per_customer", rows.iter().map(|row| row.2 as f64 / customers as f64)),
        ])
    }
}

impl Analysis for EventsSummary {
    /// - `kinds`: one row a kind, most events first: `kind`, `roles`, `events`, `customers`, `share`
    ///   (of the log's customers), `first`, `last`; `rows` (customers active at a cutoff with an event
    ///   of the kind in the time before it), `purchase_share` (of those rows with a purchase within the
    ///   horizon), `purchase_share_without` (of the others), `purchase_lift` with its interval, and the
    ///   same of silence: `silence_share`, `silence_share_without`, `silence_lift`. See [`Lift`].
    /// - `around_purchase`: `kind`, `week` (from the last purchase on: 0 the week after it), `customers`
    ///   (whose last purchase was 12 weeks or more before the end), `events`, `events_per_customer`.
    const TABLES: &'static [Table<Self>] =
        &[("kinds", Self::kinds_table), ("around_purchase", Self::around_table)];
    const IS_REPORT: bool = true;
    const SAYS_ACTIVITY: bool = true;

    fn figures(&self) -> Map<String, Value> {
        fields(self)
    }

    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }
}

/// A ratio and its interval.
fn lift(lift: Option<Lift>) -> String {
    match lift.and_then(|lift| Some((lift.lift?, lift.interval))) {
        None => "-".to_owned(),
        Some((value, None)) => decimals(value, 2),
        Some((value, Some((low, high)))) => {
            format!("{} ({} to {})", decimals(value, 2), decimals(low, 2), decimals(high, 2))
        }
    }
}

impl fmt::Display for EventsSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let EventsOptions { within, horizon, silence, .. } = &self.options;
        // Kinds keep their names, so that only what stands around them is of activity.
        let told = |text: String| if self.tells_activity { of_activity(&text) } else { text };
        let head = told(format!(
            "{} events of {} kinds; after one of a kind within {within}, of {} customers active at {} \
             cutoffs,\nhow many times as likely as without: a purchase within {horizon}, silence for \
             {silence}\n",
            grouped(self.events),
            grouped(self.kinds.len() as u64),
            grouped(self.rows),
            self.cutoffs.len(),
        ));
        writeln!(f, "{head}")?;
        writeln!(
            f,
            "{:<20}{:>12}{:>11}{:>9}{:>23}{:>23}",
            "kind",
            "events",
            "customers",
            "share",
            told("purchase".into()),
            "silence"
        )?;
        for (place, kind) in self.kinds.iter().take(LINES).enumerate() {
            let found = self.precedes.get(place);
            writeln!(
                f,
                "{:<20}{:>12}{:>11}{:>9}{:>23}{:>23}",
                short(&kind.kind, 19),
                grouped(kind.events),
                grouped(kind.customers),
                percent(kind.share),
                lift(found.map(|found| found.purchase)),
                lift(found.map(|found| found.silence)),
            )?;
        }
        if self.kinds.len() > LINES {
            writeln!(f, "and {} more kinds", grouped((self.kinds.len() - LINES) as u64))?;
        }
        let end = told(
            "customers are compared with others who had bought as recently and as often; none of this says \
             what\nevents cause"
                .into(),
        );
        write!(f, "{end}")?;
        write_notes(f, &self.notes)
    }
}
