//! What customers did after they were compensated, beside those who were not.

use std::fmt;

use arrow_array::RecordBatch;
use serde_json::{Map, Value, json};

use super::options::CompensationOutcomeOptions;
use crate::answer::columns::{batch, counts, numbers, texts};
use crate::answer::text_table::of_batch;
use crate::answer::{Analysis, Table, write_notes};
use crate::campaign::effect::{Did, EachArm, Times};
use crate::error::{Error, Result};
use crate::log::{CustomerTable, EventLog};
use crate::stats::Mean;
use crate::time::{Moment, Window};

/// What happened to a group, before the start and after it.
#[derive(Debug, Clone)]
struct Group {
    arm: String,
    customers: u64,
    before: [f64; 3],
    after: [f64; 3],
}

/// What customers did after compensations were paid, by arm, beside what they did before. This is an
/// observation: who was compensated was chosen, and those who were not differ in what they went
/// through. What compensation changed, only [`Effect`](crate::campaign::Effect) of arms that were
/// drawn at random tells.
#[derive(Debug, Clone)]
pub struct CompensationOutcomes {
    times: Times,
    has_amounts: bool,
    has_control: bool,
    unknown: usize,
    groups: Vec<Group>,
}

impl CompensationOutcomes {
    /// Of a table with `customer_id` and a column that says who was compensated.
    ///
    /// # Errors
    /// [`Error::Argument`] without a start, and where nothing is observed yet; [`Error::Table`] for a
    /// customer in two arms or in none, and for customers none of whom the log knows.
    pub fn build(
        log: &EventLog,
        table: &CustomerTable,
        options: &CompensationOutcomeOptions,
    ) -> Result<Self> {
        let start: Moment = options
            .start
            .ok_or_else(|| Error::missing_argument("start", "when compensations were paid"))?;
        if options.window.is_zero() {
            return Err(Error::argument("window", options.window, "more than 0d"));
        }
        let times = Times::new(log, start.on("start", log.time_zone())?, options.window)?;
        let each = EachArm::read(table, &options.arm)?;
        let customers = table.customers_of(log.customers())?;
        let mut arms: Vec<&str> = each.first.iter().map(|&row| each.of_row[row].as_str()).collect();
        arms.sort_unstable();
        arms.dedup();
        if arms.len() > 20 {
            let message = format!("has {} different arms; expected up to 20", arms.len());
            return Err(Error::bad_table(table.name(), message));
        }
        // As long before the start as it is known after it.
        let length = times.until.micros() - times.start.micros();
        let from = crate::time::Timestamp::from_micros(times.start.micros() - length)?;
        let means = |arm: &str, window: Window, known| {
            let of_arm =
                customers.iter().zip(&each.first).filter(|(_, row)| each.of_row[**row] == arm);
            let did: Vec<Did> = of_arm
                .map(|(customer, _)| {
                    customer.map_or_else(Did::default, |c| Did::new(log, c, window, known))
                })
                .collect();
            let mean = |name| Mean::of(did.iter().map(|did| did.of(name))).mean;
            (did.len() as u64, ["purchased", "spend", "tickets"].map(mean))
        };
        let group = |arm: &&str| {
            let before = Window { start: from, end: times.start };
            let after = Window { start: times.start, end: times.until };
            let (customers, after) = means(arm, after, log.observed_until());
            let (_, before) = means(arm, before, times.start);
            Group { arm: (*arm).to_owned(), customers, before, after }
        };
        Ok(CompensationOutcomes {
            times,
            has_amounts: log.columns().amount,
            has_control: arms.contains(&"control"),
            unknown: customers.iter().filter(|customer| customer.is_none()).count(),
            groups: arms.iter().map(group).collect(),
        })
    }

    fn groups_table(&self) -> Result<RecordBatch> {
        let groups = || self.groups.iter();
        let spend = |value: f64| self.has_amounts.then_some(value);
        batch([
            texts("arm", groups().map(|own| own.arm.as_str())),
            counts("customers", groups().map(|own| own.customers)),
            numbers("purchased_before", groups().map(|own| own.before[0])),
            numbers("purchased", groups().map(|own| own.after[0])),
            numbers("spend_before", groups().map(|own| spend(own.before[1]))),
            numbers("spend", groups().map(|own| spend(own.after[1]))),
            numbers("tickets_before", groups().map(|own| own.before[2])),
            numbers("tickets", groups().map(|own| own.after[2])),
        ])
    }
}

impl Analysis for CompensationOutcomes {
    /// - `groups`: by arm and customer `arm`, `customers`, `purchased_before` (the share, in as long
    ///   a time before the start), `purchased`, `spend_before`, `spend`, `tickets_before`, `tickets`.
    const TABLES: &'static [Table<Self>] = &[("groups", Self::groups_table)];
    const IS_TABLE: bool = true;

    fn figures(&self) -> Map<String, Value> {
        let figures = json!({
            "start": self.times.start,
            "end": self.times.end,
            "known_until": self.times.until,
            "is_over": self.times.is_over(),
        });
        match figures {
            Value::Object(figures) => figures,
            _ => Map::new(),
        }
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = vec![
            "observed, not caused: who was compensated was chosen, and arms that were not drawn at \
             random differ in what they went through"
                .to_owned(),
        ];
        if self.has_control {
            notes.push(
                "control was drawn at random, if it is that of a list of compensations: what \
                 compensation changed against it is what effect says"
                    .to_owned(),
            );
        }
        if !self.times.is_over() {
            notes.push(format!(
                "outcomes are known up to {}, the window ends at {}",
                self.times.until, self.times.end
            ));
        }
        if self.unknown > 0 {
            notes.push(format!(
                "{} are not in the log, and count as having done nothing",
                self.unknown
            ));
        }
        notes
    }
}

impl fmt::Display for CompensationOutcomes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&of_batch(&self.groups_table().map_err(|_| fmt::Error)?))?;
        write_notes(f, &Analysis::notes(self))
    }
}
