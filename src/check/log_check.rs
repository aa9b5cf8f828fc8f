//! What is looked for in a log, and what was found.

use std::fmt;

use arrow_array::RecordBatch;
use serde_json::{Map, Value};

use super::customers as who;
use super::facts::Facts;
use super::finding::{Finding, Severity, Verdict};
use super::judged::Judged;
use super::names::{Role, suits};
use super::rest::STATES;
use super::{alike, contracts, orders, times, values};
use crate::answer::columns::{batch, counts, numbers, texts};
use crate::answer::text_table::wrapped;
use crate::answer::{Analysis, Table, fields, write_notes};
use crate::error::Result;
use crate::log::EventLog;
use crate::log::counted;

/// What is looked for: its name, what it is in words, and how it is found.
type Check = (&'static str, &'static str, fn(&Judged<'_>) -> Verdict);

const CHECKS: [Check; 29] = [
    ("order-restarts", "orders whose numbers start again", orders::restarts),
    ("order-lines", "numbers of lines in place of order ids", orders::lines),
    ("order-long", "orders that go on for more than 24 hours", orders::long),
    ("order-of-many", "one order id for many orders", orders::of_many),
    ("close-purchases", "purchases split into several", times::close_purchases),
    ("dates-alone", "purchases that share a day", times::dates_alone),
    ("default-dates", "placeholder dates", times::default_days),
    ("lone-end", "rows alone at the end", times::lone_end),
    ("lone-start", "rows alone at the start", times::lone_start),
    ("burst", "a day with many of all rows", times::burst),
    ("empty-months", "months without rows", times::empty_months),
    ("ends-early", "an end long before observed_until", times::ends_early),
    ("ends-before-start", "contracts that end before they begin", contracts::ends_before_start),
    (STATES, "orders that were cancelled, refunded or failed", orders::states),
    ("not-positive", "amounts of the wrong sign", values::not_positive),
    ("outlier", "an amount beyond all others", values::outlier),
    ("cents", "whole amounts that are large or end in 00, as cents do", values::cents),
    ("discount-negative", "negative discounts", values::negative_discounts),
    ("discount-large", "discounts above the amount", values::large_discounts),
    ("discount-share", "discounts that are shares", values::fractions),
    ("id-of-nobody", "ids that look like none", who::nobody),
    ("ids-alike", "ids that look the same", alike::ids),
    ("ids-cut-short", "ids that a spreadsheet has cut short", alike::shortened),
    ("one-of-all", "one customer with many of all rows", who::one_of_all),
    ("ticket-strangers", "tickets of unknown customers", who::ticket_strangers),
    ("survey-strangers", "survey answers of unknown customers", who::survey_strangers),
    ("event-strangers", "events of unknown customers", who::event_strangers),
    ("attribute-strangers", "attributes of unknown customers", who::attribute_strangers),
    ("duplicates", "rows that repeat another", who::duplicates),
];

/// Columns that were not used, though one of their meaning is missing.
const UNUSED: (&str, &str) = ("unused-column", "columns not used that seem to be needed");

/// What in a log may mislead: tells such as order numbers that start again, placeholder dates,
/// or one id for all guests.
///
/// ```
/// use winback::{EventLog, simulate::Simulation};
/// let shop = Simulation::default().customers(200).run()?;
/// let log = EventLog::builder()
///     .transactions([shop.transactions])
///     .observed_until("2025-01-01")?
///     .build()?;
/// let check = log.check();
/// println!("{check}");
/// assert!(check.findings.is_empty());
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize)]
#[non_exhaustive]
pub struct LogCheck {
    /// Transaction rows.
    pub rows: u64,
    /// Their customers.
    pub customers: u64,
    /// From when to when.
    span: String,
    /// What was found, the gravest first.
    #[serde(skip)]
    pub findings: Vec<Finding>,
    /// Everything that was looked for.
    #[serde(skip)]
    pub looked_for: Vec<LookedFor>,
    #[serde(skip)]
    notes: Vec<String>,
}

/// Something that was looked for.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct LookedFor {
    /// Its name.
    pub check: &'static str,
    /// What it is.
    pub what: &'static str,
    /// `found`, `not found`, `too few to tell` and how many there are, or why it could not be looked
    /// for.
    pub result: String,
}

const FOUND: &str = "found";
const NOT_FOUND: &str = "not found";
const TOO_FEW: &str = "too few to tell: ";

impl EventLog {
    /// Looks for what may mislead: see [`LogCheck`].
    pub fn check(&self) -> LogCheck {
        let facts = Facts::of(self);
        let judged = Judged { log: self, facts: &facts };
        let mut findings = Vec::new();
        let mut looked_for = Vec::new();
        for (check, what, look) in CHECKS {
            let result = match look(&judged) {
                Verdict::NotThere(why) => why.to_owned(),
                Verdict::TooFew(count) => format!("{TOO_FEW}{count}"),
                Verdict::Fine => NOT_FOUND.to_owned(),
                Verdict::Found(finding) => {
                    findings.push(Finding { check, ..finding });
                    FOUND.to_owned()
                }
            };
            looked_for.push(LookedFor { check, what, result });
        }
        let unused = unused_columns(self);
        let result = if unused.is_empty() { NOT_FOUND } else { FOUND }.to_owned();
        looked_for.push(LookedFor { check: UNUSED.0, what: UNUSED.1, result });
        findings.extend(unused);
        findings.sort_by_key(|finding| finding.severity);
        LogCheck {
            rows: facts.rows,
            customers: self.customers().len() as u64,
            span: who::span(&judged),
            findings,
            looked_for,
            notes: self.notes(),
        }
    }
}

/// What to know before relying on a log: its notes, and the gravest that a check finds.
///
/// ```
/// use winback::{EventLog, simulate::Simulation};
/// let shop = Simulation::default().customers(200).run()?;
/// let log = EventLog::builder()
///     .transactions([shop.transactions])
///     .observed_until("2025-01-01")?
///     .build()?;
/// assert!(winback::check::notes(&log).is_empty());
/// # Ok::<(), winback::Error>(())
/// ```
pub fn notes(log: &EventLog) -> Vec<String> {
    let LogCheck { mut notes, findings, .. } = log.check();
    let is_told = notes.iter().any(|note| note.starts_with("nothing happened in the last"));
    let grave = findings.into_iter().filter(|finding| {
        finding.severity == Severity::High && !(is_told && finding.check == "ends-early")
    });
    notes.extend(grave.map(|finding| format!("{} ({})", finding.finding, finding.check)));
    notes
}

/// Columns of transactions that were not used, though the log lacks what they seem to be.
fn unused_columns(log: &EventLog) -> Vec<Finding> {
    let columns = log.columns();
    let lacking = [
        (columns.amount, Role::Amount),
        (columns.order_id, Role::OrderId),
        (columns.discount, Role::Discount),
    ];
    let names = log.report().unused_columns.iter();
    let names: Vec<&str> = names.filter_map(|name| name.strip_prefix("transactions.")).collect();
    let mut found = Vec::new();
    for (_, role) in lacking.into_iter().filter(|(is_there, _)| !is_there) {
        let best = names.iter().map(|name| (suits(name, role), *name));
        let best = best.filter(|(suits, _)| *suits >= 0.7);
        let Some((_, name)) = best.reduce(|best, next| if next.0 > best.0 { next } else { best })
        else {
            continue;
        };
        found.push(Finding {
            severity: Severity::Medium,
            check: UNUSED.0,
            finding: format!(
                "the log has no {0}, and the column \"{1}\" is not used: it may be the {0}",
                role.name(),
                crate::error::shown(name)
            ),
            count: 1,
            share: None,
            example: Some(format!("transactions.{}={}", role.name(), crate::error::shown(name))),
            advice: "map it, as in columns= or --column, if it is",
        });
    }
    found
}

impl LogCheck {
    /// Puts what more is known in place of what was found for a check.
    pub(super) fn replace(&mut self, check: &'static str, finding: Option<Finding>) {
        self.findings.retain(|found| found.check != check);
        let result = if finding.is_some() { FOUND } else { NOT_FOUND };
        for looked in self.looked_for.iter_mut().filter(|looked| looked.check == check) {
            looked.result = result.to_owned();
        }
        self.findings.extend(finding);
        self.findings.sort_by_key(|finding| finding.severity);
    }

    /// Says of rows that repeat others how many do so in all columns of the table.
    pub(super) fn tell_repeats(&mut self, repeats: u64) {
        for finding in self.findings.iter_mut().filter(|finding| finding.check == "duplicates") {
            // Rows that were left out may repeat others, too.
            let columns = match repeats.min(finding.count) {
                0 => "in columns that are not used all of them differ".to_owned(),
                repeats => {
                    let so = counted(repeats, "row does so", "rows do so");
                    format!("{so} in all columns of the table")
                }
            };
            let text = finding.finding.split(';').next().unwrap_or_default();
            finding.finding = format!("{text}; {columns}");
            if repeats == 0 {
                finding.severity = Severity::Low;
            }
        }
        self.findings.sort_by_key(|finding| finding.severity);
    }

    pub(super) fn found(&self) -> Result<RecordBatch> {
        let all = &self.findings;
        batch(vec![
            texts("severity", all.iter().map(|f| f.severity.name())),
            texts("check", all.iter().map(|f| f.check)),
            texts("finding", all.iter().map(|f| f.finding.as_str())),
            counts("count", all.iter().map(|f| f.count)),
            numbers("share", all.iter().map(|f| f.share)),
            texts("example", all.iter().map(|f| f.example.as_deref())),
            texts("advice", all.iter().map(|f| f.advice)),
        ])
    }

    pub(super) fn looked(&self) -> Result<RecordBatch> {
        let all = &self.looked_for;
        batch(vec![
            texts("check", all.iter().map(|looked| looked.check)),
            texts("what", all.iter().map(|looked| looked.what)),
            texts("result", all.iter().map(|looked| looked.result.as_str())),
        ])
    }
}

impl Analysis for LogCheck {
    /// - `findings`: the gravest first: `severity` (`high`, `medium`, `low`), `check`, `finding`,
    ///   `count`, `share`, `example`, `advice`.
    /// - `looked_for`: everything that was looked for: `check`, `what`, `result` (`found`, `not
    ///   found`, `too few to tell` with how many there are, or why it could not be looked for).
    const TABLES: &'static [Table<Self>] =
        &[("findings", LogCheck::found), ("looked_for", LogCheck::looked)];
    const IS_REPORT: bool = true;

    fn figures(&self) -> Map<String, Value> {
        let mut figures = fields(self);
        figures.remove("span");
        for (name, severity) in
            [("high", Severity::High), ("medium", Severity::Medium), ("low", Severity::Low)]
        {
            let count = self.findings.iter().filter(|found| found.severity == severity).count();
            figures.insert(name.to_owned(), count.into());
        }
        figures
    }

    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }
}

impl fmt::Display for LogCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_findings(f)?;
        write_notes(f, &self.notes)
    }
}

impl LogCheck {
    /// The readable form without its notes.
    pub(super) fn write_findings(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = counted(self.rows, "row", "rows");
        let customers = counted(self.customers, "customer", "customers");
        writeln!(f, "{rows} of {customers}, {}\n", self.span)?;
        match self.findings.len() {
            0 => writeln!(f, "Nothing found that may mislead.")?,
            1 => writeln!(f, "1 finding:")?,
            found => writeln!(f, "{found} findings:")?,
        }
        for finding in &self.findings {
            let severity = finding.severity.name();
            let head = format!("{severity:<6}  {}: {}", finding.check, finding.finding);
            writeln!(f, "\n{}", wrapped(&head, INDENT))?;
            if let Some(example) = &finding.example {
                writeln!(f, "{INDENT}for example {example}")?;
            }
            writeln!(f, "{}", wrapped(&format!("{INDENT}{}", finding.advice), INDENT))?;
        }
        let with = |result: &str| -> Vec<&str> {
            let those = self.looked_for.iter().filter(|looked| looked.result == result);
            those.map(|looked| looked.what).collect()
        };
        let not_found = with(NOT_FOUND).join(", ");
        writeln!(f, "\n{}", wrapped(&format!("Not found: {not_found}."), "  "))?;
        let few = self.looked_for.iter().filter_map(|looked| {
            Some(format!("{} ({})", looked.what, looked.result.strip_prefix(TOO_FEW)?))
        });
        let few: Vec<String> = few.collect();
        if !few.is_empty() {
            writeln!(f, "{}", wrapped(&format!("Too few to tell: {}.", few.join(", ")), "  "))?;
        }
        let mut reasons: Vec<&str> =
            self.looked_for.iter().map(|looked| looked.result.as_str()).collect();
        reasons
            .retain(|result| ![FOUND, NOT_FOUND].contains(result) && !result.starts_with(TOO_FEW));
        reasons.sort_unstable();
        reasons.dedup();
        for reason in reasons {
            let what = with(reason).join(", ");
            writeln!(f, "{}", wrapped(&format!("Not looked for ({reason}): {what}."), "  "))?;
        }
        Ok(())
    }
}

const INDENT: &str = "        ";
