//! How the page was made.

use serde_json::Value;

use super::super::frame::names_and_values;
use super::super::html::Html;
use super::super::texts as base;
use super::super::words::clipped;
use super::facts::Facts;
use super::texts as t;
use crate::language::Text;

pub(super) fn made(facts: &Facts<'_>, html: &mut Html) {
    let (words, effect) = (facts.words, &facts.answers.effect);
    let mut lines: Vec<(Text, String)> = Vec::new();
    if let Some(times) = facts.times {
        let names = [t::M_START, t::M_END, t::M_KNOWN];
        lines.extend(names.into_iter().zip(times.map(|at| words.date(at))));
    }
    let mut methods: Vec<&str> = facts.effects.iter().map(|row| row.method.as_str()).collect();
    methods.sort_unstable();
    methods.dedup();
    lines.extend([
        (t::M_LEVEL, words.percent(facts.level)),
        (t::M_METHODS, methods.join(", ")),
        (t::M_REVENUE, clipped(effect.text("revenue").unwrap_or_default())),
    ]);
    if let Some(margin) = effect.number("margin") {
        lines.push((t::M_MARGIN, words.percent(margin)));
    }
    for (name, text) in
        [("contact_cost", t::M_CONTACT_COST), ("incentive_cost", t::M_INCENTIVE_COST)]
    {
        let cost = match effect.figures.get(name) {
            Some(Value::Number(cost)) => cost.as_f64().map(|cost| words.money(cost)),
            Some(Value::String(costs)) => Some(clipped(costs)),
            _ => None,
        };
        let is_any = |cost: &String| cost.chars().any(|c| ('1'..='9').contains(&c));
        lines.extend(cost.filter(is_any).map(|cost| (text, cost)));
    }
    let taus = effect.figures.get("tau").and_then(Value::as_object);
    for (arm, own) in taus.into_iter().flatten() {
        for (metric, tau) in own.as_object().into_iter().flatten() {
            let tau = words.number(tau.as_f64().unwrap_or(f64::NAN), 4);
            let told = format!("{}, {}: {tau}", clipped(arm), facts.metric(metric));
            lines.push((t::M_TAU, told));
        }
    }
    if let Some(digest) = effect.figures.get("plan").and_then(|plan| plan["digest"].as_str()) {
        lines.push((t::M_DIGEST, clipped(digest)));
    }
    lines.push((base::R_VERSION, format!("winback {}", env!("CARGO_PKG_VERSION"))));
    names_and_values(words, base::MADE_TABLE, lines, html);
}
