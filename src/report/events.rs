//! What customers do besides buying.

use super::facts::Facts;
use super::html::{Cell, Column, Html, Narrow};
use super::texts as t;
use super::words::Words;
use crate::events::Lift;

/// Kinds that are shown.
const MOST: usize = 10;

pub(super) fn events(facts: &Facts<'_>, html: &mut Html) {
    let words = facts.words;
    let Some(found) = &facts.events else { return };
    let options = &found.options;
    let [horizon, silence, within] =
        [options.horizon, options.silence, options.within].map(|span| words.span(span));
    html.line("p", &words.say(t::EVENTS_TEXT, &[&horizon, &silence, &within]));
    let columns = [
        Column::text(words.text(t::KIND)),
        Column::number(words.text(t::EVENTS)),
        Column::number(words.text(t::OF_CUSTOMERS)),
        Column::number(words.text(t::THEN_BOUGHT)),
        Column::number(words.text(t::THEN_SILENT)),
    ];
    let rows = found.kinds.iter().zip(&found.precedes).take(MOST).map(|(kind, precedes)| {
        [
            kind.kind.clone(),
            words.count(kind.events),
            words.percent(kind.share),
            lift(words, precedes.purchase),
            lift(words, precedes.silence),
        ]
        .map(Cell::Text)
        .into()
    });
    let rows: Vec<Vec<Cell>> = rows.collect();
    html.table(words.text(t::EVENTS_TABLE), Narrow::Stack, "", &columns, &rows);
}

fn lift(words: Words<'_>, lift: Lift) -> String {
    let number = |value: f64| words.number(value, 2);
    match (lift.lift, lift.interval) {
        (None, _) => words.text(t::JUST_NONE).to_owned(),
        (Some(value), None) => number(value),
        (Some(value), Some((low, high))) => {
            words.say(t::LIFT, &[&number(value), &number(low), &number(high)])
        }
    }
}
