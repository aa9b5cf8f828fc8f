//! The effect in segments.

use super::super::html::{Cell, Column, Html, Narrow};
use super::super::ranges::{Range, Ranges, ranges};
use super::super::texts as base;
use super::super::words::clipped;
use super::facts::{Estimate, Facts, Unit};
use super::texts as t;

/// Bars of a chart.
const MOST_SHOWN: usize = 12;

/// The effect on one outcome in a segment.
struct Segment {
    arm: String,
    /// The column, and its value.
    segment: String,
    metric: String,
    customers: u64,
    difference: Estimate,
    shrunk: Option<Estimate>,
    p_adjusted: Option<f64>,
}

pub(super) fn segments(facts: &Facts<'_>, html: &mut Html) {
    let words = facts.words;
    let rows = facts.answers.effect.rows("segments").filter_map(|row| {
        Some(Segment {
            arm: row.text("arm").to_owned(),
            segment: format!("{}: {}", row.text("grouping"), row.text("segment")),
            metric: row.text("metric").to_owned(),
            customers: row.count("customers")? + row.count("control_customers")?,
            difference: row.estimate("difference")?,
            shrunk: row.estimate("shrunk"),
            p_adjusted: row.number("p_adjusted"),
        })
    });
    let rows: Vec<Segment> = rows.collect();
    if rows.is_empty() {
        let why = if facts.is_interim { t::SEGMENTS_LATER } else { t::SEGMENTS_NONE };
        html.line("p", words.text(why));
        return;
    }
    html.line("p", words.text(t::SEGMENTS_HOW));
    let main = facts.main_metric();
    html.element("ul", &[], |html| {
        for row in facts.answers.effect.rows("heterogeneity") {
            let Some(p) = row.number("p_value").filter(|_| row.text("metric") == main) else {
                continue;
            };
            let said = if p < facts.level { t::DIFFERS } else { t::DIFFERS_NOT };
            let (grouping, arm) = (clipped(row.text("grouping")), clipped(row.text("arm")));
            html.line("li", &words.say(said, &[&grouping, &arm, &facts.p(p)]));
        }
    });
    let metrics: Vec<&str> = {
        let mut all: Vec<&str> = Vec::new();
        rows.iter().map(|row| row.metric.as_str()).for_each(|own| {
            if !all.contains(&own) {
                all.push(own);
            }
        });
        all
    };
    let of = |metric: &str| rows.iter().filter(|row| row.metric == metric).collect::<Vec<_>>();
    html.element("div", &[], |html| {
        html.element("div", &[], |html| table(facts, main, &of(main), html));
        chart(facts, main, &of(main), html);
    });
    if metrics.iter().any(|metric| *metric != main) {
        html.details(words.text(t::SEGMENTS_DETAILS), |html| {
            for metric in metrics.iter().filter(|metric| **metric != main) {
                table(facts, metric, &of(metric), html);
            }
        });
    }
}

fn unit(facts: &Facts<'_>, metric: &str) -> Unit {
    let row = facts.effects.iter().find(|row| row.metric == metric);
    row.map_or(Unit::Number, |row| row.unit)
}

fn table(facts: &Facts<'_>, metric: &str, rows: &[&Segment], html: &mut Html) {
    let (words, unit) = (facts.words, unit(facts, metric));
    let change = |value| facts.change(unit, value);
    let interval = words.say(t::INTERVAL, &[&facts.confidence()]);
    let mut columns = vec![Column::text(words.text(t::SEGMENT)), Column::text(words.text(t::ARM))];
    columns.extend(
        [
            words.text(base::CUSTOMERS),
            words.text(t::DIFFERENCE),
            &interval,
            words.text(t::SHRUNK),
            &interval,
            words.text(t::P_SEGMENTS),
        ]
        .map(Column::number),
    );
    let row = |row: &&Segment| {
        vec![
            Cell::Text(clipped(&row.segment)),
            Cell::Text(clipped(&row.arm)),
            Facts::exact(row.customers as f64, words.count(row.customers)),
            Facts::exact(row.difference.0, change(row.difference.0)),
            facts.ends(Some(row.difference), change),
            facts.exact_or_none(row.shrunk.map(|own| own.0), change),
            facts.ends(row.shrunk, change),
            facts.exact_or_none(row.p_adjusted, |p| facts.p(p)),
        ]
    };
    let rows: Vec<Vec<Cell>> = rows.iter().map(row).collect();
    let caption = words.say(t::SEGMENTS_TABLE, &[&facts.metric(metric)]);
    html.table(&caption, Narrow::Scroll, "", &columns, &rows);
}

fn chart(facts: &Facts<'_>, metric: &str, rows: &[&Segment], html: &mut Html) {
    let unit = unit(facts, metric);
    let change = |value| facts.change(unit, value);
    let range = |row: &&Segment| {
        let (value, ends) = row.shrunk?;
        let name = format!("{}, {}", row.segment, row.arm);
        Some(Range { name, value, ends, shown: change(value) })
    };
    let rows: Vec<Range> = rows.iter().filter_map(range).take(MOST_SHOWN).collect();
    if !rows.is_empty() {
        let head = facts.words.say(t::SEGMENTS_CHART, &[&facts.metric(metric)]);
        ranges(html, &Ranges { head: &head, rows, limits: &[] }, change);
    }
}
