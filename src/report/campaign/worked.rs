//! What the arms did beside control.

use super::super::curves::{Curve, CurvePoint, Curves, curves};
use super::super::html::{Cell, Column, Html, Narrow};
use super::super::ranges::{Range, Ranges, ranges};
use super::super::words::clipped;
use super::facts::{EffectRow, Facts};
use super::texts as t;

/// Bars of a chart.
const MOST_SHOWN: usize = 12;
/// Charts over time.
const MOST_CHARTS: usize = 4;

pub(super) fn worked(facts: &Facts<'_>, html: &mut Html) {
    let words = facts.words;
    html.line("p", words.text(t::WORKED_HOW));
    let covariates = facts.answers.effect.figures.get("covariates").and_then(|own| own.as_array());
    let covariates: Vec<&str> =
        covariates.into_iter().flatten().filter_map(|own| own.as_str()).collect();
    if !covariates.is_empty() {
        html.line("p", &words.say(t::ADJUSTED, &[&clipped(&covariates.join(", "))]));
    }
    effects(facts, &facts.effects, html);
    if !facts.is_interim {
        bought(facts, html);
    }
    html.element("div", &[("class", "pair")], |html| {
        lifts(facts, html);
        over_time(facts, html);
    });
    if !facts.unadjusted.is_empty() {
        html.details(words.text(t::UNADJUSTED_DETAILS), |html| {
            effects(facts, &facts.unadjusted, html);
        });
    }
}

fn effects(facts: &Facts<'_>, rows: &[EffectRow], html: &mut Html) {
    let words = facts.words;
    let mut columns = vec![Column::text(words.text(t::ARM)), Column::text(words.text(t::OUTCOME))];
    let names = [t::IN_ARM, t::IN_CONTROL, t::DIFFERENCE];
    columns.extend(names.map(|name| Column::number(words.text(name))));
    columns.push(Column::number(words.say(t::INTERVAL, &[&facts.confidence()])));
    columns.push(Column::number(words.text(t::LIFT)));
    columns.push(Column::number(words.text(t::P_HOLM)));
    let row = |row: &EffectRow| {
        let value = |value| facts.value(row.unit, value);
        let change = |value| facts.change(row.unit, value);
        vec![
            Cell::Text(clipped(&row.arm)),
            Cell::Text(facts.metric(&row.metric)),
            Facts::exact(row.mean, value(row.mean)),
            Facts::exact(row.control_mean, value(row.control_mean)),
            Facts::exact(row.difference.0, change(row.difference.0)),
            facts.ends(Some(row.difference), change),
            facts.exact_or_none(row.lift.map(|lift| lift.0), |lift| words.change(lift)),
            facts.exact_or_none(row.p_adjusted, |p| facts.p(p)),
        ]
    };
    let rows: Vec<Vec<Cell>> = rows.iter().map(row).collect();
    html.table(words.text(t::EFFECTS_TABLE), Narrow::Stack, "", &columns, &rows);
}

/// Who bought because of the campaign, and who would have bought anyway.
fn bought(facts: &Facts<'_>, html: &mut Html) {
    let words = facts.words;
    let whole = |value: f64| words.number(value, 0);
    html.element("ul", &[], |html| {
        for row in facts.effects.iter().filter(|row| row.metric == "purchased") {
            let n = row.customers as f64;
            let (total, ends) = row.total;
            let ends = ends
                .map_or(String::new(), |ends| format!(" ({})", facts.ends_text(Some(ends), whole)));
            let said = words.say(
                t::BOUGHT,
                &[
                    &clipped(&row.arm),
                    &whole(n * row.mean),
                    &words.count(row.customers),
                    &whole(n * row.control_mean),
                    &whole(total),
                    &ends,
                ],
            );
            html.line("li", &said);
        }
    });
}

fn lifts(facts: &Facts<'_>, html: &mut Html) {
    let words = facts.words;
    let range = |row: &EffectRow| {
        let (value, ends) = row.lift?;
        Some(Range {
            name: format!("{}, {}", row.arm, facts.metric(&row.metric)),
            value,
            ends,
            shown: words.change(value),
        })
    };
    let rows: Vec<Range> = facts.effects.iter().filter_map(range).take(MOST_SHOWN).collect();
    if rows.is_empty() {
        return;
    }
    let head = words.say(t::LIFT_CHART, &[&facts.confidence()]);
    ranges(html, &Ranges { head: &head, rows, limits: &[] }, |lift| words.change(lift));
}

/// The outcome that decides, as it looked on days within the window.
fn over_time(facts: &Facts<'_>, html: &mut Html) {
    let words = facts.words;
    let main = |row: &&EffectRow| row.metric == facts.main_metric();
    let mut is_any = false;
    html.element("div", &[], |html| {
        for row in facts.effects.iter().filter(main).take(MOST_CHARTS) {
            let looks: Vec<_> = (facts.answers.effect.rows("over_time"))
                .filter(|look| look.text("arm") == row.arm && look.text("metric") == row.metric)
                .filter_map(|look| Some((look.time("until")?, look.estimate("difference")?)))
                .collect();
            let (Some(first), Some(last)) = (looks.first(), looks.last()) else { continue };
            is_any = true;
            let point =
                |(until, (value, ends)): &(crate::time::Timestamp, super::facts::Estimate)| {
                    (until.micros() as f64, *value, *ends) as CurvePoint
                };
            let tick = |at: crate::time::Timestamp| (at.micros() as f64, words.short_date(at));
            let mut ticks = vec![tick(first.0)];
            if last.0 > first.0 {
                ticks.push(tick(last.0));
            }
            let metric = facts.metric(&row.metric);
            let picture = Curves {
                head: &words.say(t::OVER_TIME_CHART, &[&clipped(&row.arm), &metric]),
                alt: &words.say(t::OVER_TIME_ALT, &[&facts.effect_text(row.unit, last.1)]),
                curves: vec![Curve {
                    class: "curve",
                    name: words.text(t::DIFFERENCE).to_owned(),
                    points: looks.iter().map(point).collect(),
                }],
                ticks,
            };
            curves(html, &picture, |value| facts.change(row.unit, value));
        }
        if is_any {
            let level = words.percent(facts.level);
            html.line("p", &words.say(t::OVER_TIME_HOW, &[&level]));
        }
    });
}
