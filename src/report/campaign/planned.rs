//! What was planned, and who was left out before.

use serde_json::Value;

use super::super::frame::names_and_values;
use super::super::html::{Cell, Column, Html, Narrow};
use super::super::texts as base;
use super::super::words::clipped;
use super::facts::Facts;
use super::texts as t;
use crate::language::Text;

const REASONS: [(&str, Text); 4] = [
    ("do_not_contact", t::X_DO_NOT_CONTACT),
    ("open_ticket", t::X_OPEN_TICKET),
    ("contacted", t::X_CONTACTED),
    ("other_campaign", t::X_OTHER_CAMPAIGN),
];

pub(super) fn planned(facts: &Facts<'_>, html: &mut Html) {
    let words = facts.words;
    let Some(plan) = facts.answers.effect.figures.get("plan").filter(|plan| plan.is_object())
    else {
        html.line("p", words.text(t::NO_PLAN));
        return;
    };
    let text = |name: &str| clipped(plan[name].as_str().unwrap_or_default());
    let strata: Vec<&str> = ["strata", "rank_by"]
        .iter()
        .flat_map(|name| plan[*name].as_array().into_iter().flatten())
        .filter_map(Value::as_str)
        .collect();
    let method = match strata.is_empty() {
        true => words.text(t::P_PLAIN).to_owned(),
        false => words.say(t::P_BALANCED, &[&clipped(&strata.join(", "))]),
    };
    let window = text("window");
    let window = window.parse().map_or(window, |span| words.span(span));
    let mut lines: Vec<(Text, String)> = vec![
        (t::P_CUSTOMERS, words.count(plan["customers"].as_u64().unwrap_or(0))),
        (t::P_ARMS, text("arms").replace(',', ", ")),
        (t::P_CONTROL, text("control")),
        (t::P_METHOD, method),
        (t::P_SALT, text("salt")),
        (t::P_METRIC, facts.metric(&text("metric"))),
        (t::P_WINDOW, window),
    ];
    if plan["start"].is_string() {
        lines.push((t::P_START, text("start")));
    }
    names_and_values(words, t::PLAN_TABLE, lines, html);
    excluded(facts, &plan["excluded"], html);
}

fn excluded(facts: &Facts<'_>, excluded: &Value, html: &mut Html) {
    let words = facts.words;
    // A plan of an earlier version does not tell.
    let Some(counts) = excluded.as_object().filter(|counts| !counts.is_empty()) else { return };
    let row = |(reason, text): &(&str, Text)| {
        let count = counts.get(*reason)?.as_u64().filter(|count| *count > 0)?;
        let count = Facts::exact(count as f64, words.count(count));
        Some(vec![Cell::Text(words.text(*text).to_owned()), count])
    };
    let rows: Vec<Vec<Cell>> = REASONS.iter().filter_map(row).collect();
    if rows.is_empty() {
        html.line("p", words.text(t::NOBODY_EXCLUDED));
        return;
    }
    let columns =
        [Column::text(words.text(t::REASON)), Column::number(words.text(base::CUSTOMERS))];
    html.table(words.text(t::EXCLUDED_TABLE), Narrow::Stack, "", &columns, &rows);
}
