//! The arms, as large as they should be or not, and how alike they were before.

use super::super::html::{Cell, Column, Html, Narrow};
use super::super::ranges::{Range, Ranges, ranges};
use super::super::texts as base;
use super::super::words::clipped;
use super::facts::Facts;
use super::texts as t;

/// Bars of a chart.
const MOST_SHOWN: usize = 12;
/// Beyond this a standardised difference is doubtful.
const LIMITS: [f64; 2] = [-0.1, 0.1];

pub(super) fn who(facts: &Facts<'_>, html: &mut Html) {
    let words = facts.words;
    let effect = &facts.answers.effect;
    html.element("div", &[("class", "pair")], |html| {
        html.element("div", &[], |html| {
            arms(facts, html);
            html.line(
                "p",
                &match effect.number("sample_ratio_p_value") {
                    Some(p) => words.say(t::RATIO_FITS, &[&facts.p(p)]),
                    None => words.text(t::RATIO_UNKNOWN).to_owned(),
                },
            );
            if let Some(clusters) = effect.figures.get("clusters").and_then(|own| own.as_object()) {
                let told = clusters.iter().map(|(arm, size)| {
                    format!("{}: {}", clipped(arm), words.count(size.as_u64().unwrap_or(0)))
                });
                let told = told.collect::<Vec<String>>().join("; ");
                html.line("p", &words.say(t::CLUSTERED, &[&told]));
            }
        });
        html.element("div", &[], |html| balance(facts, html));
    });
}

fn arms(facts: &Facts<'_>, html: &mut Html) {
    let words = facts.words;
    let rows = || facts.answers.effect.rows("arms");
    let tells_contacts = rows().any(|row| row.count("contacted").is_some());
    let mut columns = vec![
        Column::text(words.text(t::ARM)),
        Column::number(words.text(base::CUSTOMERS)),
        Column::number(words.text(t::PLANNED_SHARE)),
        Column::number(words.text(t::DRAWN_SHARE)),
    ];
    if tells_contacts {
        columns.push(Column::number(words.text(t::CONTACTED)));
    }
    let share = |share| words.percent(share);
    let count = |count: f64| words.count(count as u64);
    let rows: Vec<Vec<Cell>> = rows()
        .map(|row| {
            let mut cells = vec![
                Cell::Text(clipped(row.text("arm"))),
                facts.exact_or_none(row.number("customers"), count),
                facts.exact_or_none(row.number("share"), share),
                facts.exact_or_none(row.number("drawn_share"), share),
            ];
            if tells_contacts {
                cells.push(facts.exact_or_none(row.number("contacted"), count));
            }
            cells
        })
        .collect();
    html.table(words.text(t::ARMS_TABLE), Narrow::Stack, "", &columns, &rows);
}

fn balance(facts: &Facts<'_>, html: &mut Html) {
    let words = facts.words;
    let rows = || facts.answers.effect.rows("balance");
    let mut differences: Vec<(String, f64)> = rows()
        .filter_map(|row| {
            let name = format!("{}, {}", row.text("arm"), row.text("covariate"));
            Some((name, row.number("standardised_difference")?))
        })
        .collect();
    if differences.is_empty() {
        html.line("p", words.text(t::NO_BALANCE));
        return;
    }
    differences.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
    let shown = |value: f64| super::facts::signed(value, words.number(value, 2));
    let range =
        |(name, value): (String, f64)| Range { name, value, ends: None, shown: shown(value) };
    let picture = Ranges {
        head: words.text(t::BALANCE_CHART),
        rows: differences.into_iter().take(MOST_SHOWN).map(range).collect(),
        limits: &LIMITS,
    };
    ranges(html, &picture, shown);
    html.line("p", words.text(t::BALANCE_HOW));
    html.details(words.text(t::BALANCE_DETAILS), |html| {
        let mut columns =
            vec![Column::text(words.text(t::ARM)), Column::text(words.text(t::KNOWN))];
        let names = [t::IN_ARM, t::IN_CONTROL, t::STANDARDISED];
        columns.extend(names.map(|name| Column::number(words.text(name))));
        let number = |value: f64| words.number(value, 3);
        let row = |row: crate::answer::RowOf<'_>| {
            vec![
                Cell::Text(clipped(row.text("arm"))),
                Cell::Text(clipped(row.text("covariate"))),
                facts.exact_or_none(row.number("mean"), number),
                facts.exact_or_none(row.number("control_mean"), number),
                facts.exact_or_none(row.number("standardised_difference"), number),
            ]
        };
        let rows: Vec<Vec<Cell>> = rows().map(row).collect();
        html.table(words.text(t::BALANCE_TABLE), Narrow::Scroll, "", &columns, &rows);
    });
}
