//! What followed, in lines to read.

use std::fmt;

use super::{Afterwards, Estimated};
use crate::answer::text_table::{self, decimals, one_decimal, signed};
use crate::log::grouped;

fn percent(estimate: Option<Estimated>) -> String {
    match estimate {
        None => "-".to_owned(),
        Some(Estimated { value, interval: None }) => text_table::percent(value),
        Some(Estimated { value, interval: Some((low, high)) }) => {
            let [low, high] = [low, high].map(|end| one_decimal(end * 100.0));
            format!("{} ({low} to {high})", text_table::percent(value))
        }
    }
}

fn money(value: Option<f64>) -> String {
    value.map_or("-".to_owned(), |value| decimals(value, 2))
}

/// A text cut to a width.
pub(crate) fn short(text: &str, width: usize) -> String {
    text.chars().take(width).collect()
}

/// The head over [`write_afterwards`]; a case is called `cases`.
pub(crate) fn write_afterwards_head(
    f: &mut fmt::Formatter<'_>,
    first: &str,
    cases: &str,
) -> fmt::Result {
    writeln!(
        f,
        "{:<19}{cases:>8}{:>11}{:>23}{:>23}{:>8}{:>8}",
        short(first, 18),
        "customers",
        "with a purchase",
        "against matched",
        "spend",
        "before"
    )
}

pub(crate) fn write_afterwards(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    row: &Afterwards,
) -> fmt::Result {
    let points = row.beside.as_ref().map(|beside| beside.share_difference);
    writeln!(
        f,
        "{:<19}{:>8}{:>11}{:>23}{:>23}{:>8}{:>8}",
        short(name, 18),
        grouped(row.cases),
        grouped(row.customers),
        percent(row.purchase_share),
        points.map_or("-".to_owned(), |points| {
            let of = |share: f64| signed(100.0 * share, 1);
            let ends = points.interval.map(|(low, high)| format!(" ({} to {})", of(low), of(high)));
            format!("{}{}", of(points.value), ends.unwrap_or_default())
        }),
        money(row.mean_spend.map(|spend| spend.value)),
        money(row.mean_spend_before)
    )
}
