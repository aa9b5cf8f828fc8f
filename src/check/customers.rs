//! Whether customers are customers.

use super::cases::{Cases, Place};
use super::finding::{Finding, Severity, Verdict};
use super::judged::{Judged, at};
use crate::error::quoted;
use crate::log::counted;
use crate::log::{CustomerIndex, TableReport};
use crate::time::Timestamp;

/// A number stands for nobody if it has so many times the rows of the mean customer.
const MANY_TIMES: f64 = 50.0;

/// Of fewer rows one customer may have many.
const FEW_ROWS: u64 = 1_000;

/// The number of rows of a customer, and the first of them.
pub(super) fn rows_of(judged: &Judged<'_>, customer: CustomerIndex) -> Cases {
    let history = judged.log.history(customer, Timestamp::MAX);
    let times = history.times();
    let first = times.first().map(|&time| Place { customer, time });
    Cases { count: times.len() as u64, first }
}

pub(super) fn nobody(judged: &Judged<'_>) -> Verdict {
    let customers = judged.log.customers();
    let mean = judged.facts.rows as f64 / customers.len().max(1) as f64;
    let mut names: Vec<String> = Vec::new();
    let mut all = Cases::default();
    for customer in customers.indices() {
        let id = customers.get(customer);
        if !id.is_placeholder() {
            continue;
        }
        let cases = rows_of(judged, customer);
        let text = id.to_string();
        // 0 may be the first of the customers.
        let is_number = text.parse::<i64>().is_ok();
        if !is_number || cases.count as f64 > MANY_TIMES * mean {
            names.push(quoted(&text));
            all.merge(cases);
        }
    }
    if names.is_empty() {
        return Verdict::Fine;
    }
    let few = names.len().min(5);
    judged.cases(all, judged.facts.rows, |share| Finding {
        severity: if share >= 0.01 { Severity::High } else { Severity::Medium },
        finding: format!(
            "{} an id that looks like none, {}: each such id counts as one customer",
            counted(all.count, "row has", "rows have"),
            names[..few].join(", ")
        ),
        advice: "leave the id of such rows empty, or list these texts in missing_values, and take \
                 missing_ids=\"drop\"",
        ..Finding::default()
    })
}

pub(super) fn one_of_all(judged: &Judged<'_>) -> Verdict {
    let facts = judged.facts;
    let Some((rows, customer)) = facts.most_rows else { return Verdict::Fine };
    let share = rows as f64 / facts.rows.max(1) as f64;
    if facts.rows < FEW_ROWS {
        return judged.too_few(facts.rows, "row", "rows", FEW_ROWS);
    }
    if share < 0.02 || rows < 20 * facts.second_rows {
        return Verdict::Fine;
    }
    let cases = rows_of(judged, customer);
    judged.cases(cases, facts.rows, |_| Finding {
        severity: Severity::High,
        finding: format!(
            "one customer has {} rows, {:.0} times as many as the next: guest checkouts, perhaps, \
             or a shop under one id",
            judged.number(rows),
            rows as f64 / facts.second_rows.max(1) as f64
        ),
        advice: "leave the id of such rows empty and take missing_ids=\"drop\"",
        ..Finding::default()
    })
}

/// Rows of another table whose customers have no transactions, where they are more than `share`, or
/// where their ids are seen to be written in another way.
fn strangers(
    judged: &Judged<'_>,
    (name, table): (&str, Option<&TableReport>),
    what: &str,
    least_share: f64,
    missing: &'static str,
) -> Verdict {
    let Some(table) = table else { return Verdict::NotThere(missing) };
    let known = table.rows_read - table.missing_id;
    let share = table.unknown_customer as f64 / known.max(1) as f64;
    let differ = match table.unknown_customer {
        0 => None,
        _ => judged.log.strangers_differ(name),
    };
    if share <= least_share && differ.is_none() {
        return Verdict::Fine;
    }
    let cause = differ.map_or_else(String::new, |(cause, [id, known])| {
        format!("; most of their ids {cause}, such as {} and {}", quoted(&id), quoted(&known))
    });
    let cases = Cases { count: table.unknown_customer, first: None };
    judged.cases(cases, known, |_| Finding {
        severity: Severity::Medium,
        finding: format!(
            "{} of {} {what} {} of customers without transactions{cause}",
            judged.number(table.unknown_customer),
            judged.number(known),
            if table.unknown_customer == 1 { "is" } else { "are" }
        ),
        advice: "compare the ids of both tables: type, leading zeros, case, prefixes",
        ..Finding::default()
    })
}

pub(super) fn ticket_strangers(judged: &Judged<'_>) -> Verdict {
    let report = judged.log.report();
    strangers(judged, ("tickets", report.tickets.as_ref()), "tickets", 0.2, "no tickets")
}

pub(super) fn survey_strangers(judged: &Judged<'_>) -> Verdict {
    let report = judged.log.report();
    strangers(judged, ("surveys", report.surveys.as_ref()), "survey answers", 0.2, "no surveys")
}

/// Most visitors of a site never buy, so nearly all events may be of strangers.
pub(super) fn event_strangers(judged: &Judged<'_>) -> Verdict {
    let report = judged.log.report();
    strangers(judged, ("events", report.events.as_ref()), "events", 0.98, "no events")
}

pub(super) fn attribute_strangers(judged: &Judged<'_>) -> Verdict {
    let table = judged.log.report().customer_attributes.as_ref();
    strangers(
        judged,
        ("customers", table),
        "rows of the customers table",
        0.5,
        "no customers table",
    )
}

pub(super) fn duplicates(judged: &Judged<'_>) -> Verdict {
    let report = judged.log.report();
    let kept = report.transactions.rows_kept;
    if report.exact_duplicates * 100 <= kept {
        return Verdict::Fine;
    }
    let cases = Cases { count: report.exact_duplicates, first: None };
    let unused = report.unused_columns.iter().any(|place| place.starts_with("transactions."));
    judged.cases(cases, kept, |share| Finding {
        severity: repeats(share),
        finding: format!(
            "{} another one in all columns used{}",
            counted(report.exact_duplicates, "row equals", "rows equal"),
            if unused { "; columns that are not used may differ" } else { "" }
        ),
        advice: "two equal lines in an order are common; if the table was loaded twice, drop them",
        ..Finding::default()
    })
}

/// How much rows that repeat others may mislead, by their share.
fn repeats(share: f64) -> Severity {
    match share {
        0.5.. => Severity::High, // as if loaded twice
        0.1.. => Severity::Medium,
        _ => Severity::Low,
    }
}

/// From when to when, for the head of a report.
pub(super) fn span(judged: &Judged<'_>) -> String {
    format!(
        "from {} to {}",
        at(judged.log.first_event().micros()),
        at(judged.log.last_event().micros())
    )
}
