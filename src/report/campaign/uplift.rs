//! Whether a targeted list would bring more, and whom a budget reaches.

use super::super::curves::{Curve, CurvePoint, Curves, curves};
use super::super::html::{Cell, Column, Html, Narrow};
use super::super::texts as base;
use super::super::words::{Words, clipped};
use super::facts::{Estimate, Facts, signed};
use super::texts as t;
use crate::answer::RowOf;

pub(super) fn uplift(facts: &Facts<'_>, html: &mut Html) {
    let words = facts.words;
    let Some(found) = &facts.answers.recommendation else { return };
    html.line("h3", words.text(t::UPLIFT_HEAD));
    html.line("p", words.text(t::UPLIFT_HOW));
    html.element("div", &[], |html| {
        html.element("div", &[], |html| {
            policies(facts, &found.rows("policies").collect::<Vec<_>>(), html);
        });
        gain_chart(words, &found.rows("curve").collect::<Vec<_>>(), html);
    });
}

/// A policy in words.
fn policy(words: Words<'_>, name: &str) -> String {
    match name.split_once(": ") {
        Some(("everybody", offer)) => format!("{}: {}", words.text(t::EVERYBODY), clipped(offer)),
        _ if name == "nobody" => words.text(t::NOBODY).to_owned(),
        _ if name == "targeted" => words.text(t::TARGETED).to_owned(),
        _ => clipped(name),
    }
}

fn policies(facts: &Facts<'_>, rows: &[RowOf<'_>], html: &mut Html) {
    let words = facts.words;
    let amount = |value: f64| words.number(value, 4);
    let change = |value: f64| signed(value, amount(value));
    let interval = words.say(t::INTERVAL, &[&words.percent(0.95)]);
    let mut columns = vec![Column::text(words.text(t::POLICY))];
    columns.extend(
        [
            words.text(t::CONTACTED_SHARE),
            words.text(t::WORTH),
            words.text(t::OVER_NOBODY),
            &interval,
            words.text(t::TARGETED_GAIN),
            &interval,
        ]
        .map(Column::number),
    );
    let row = |row: &RowOf<'_>| {
        let value = |of: Option<Estimate>| facts.exact_or_none(of.map(|own| own.0), change);
        vec![
            Cell::Text(policy(words, row.text("policy"))),
            facts.exact_or_none(row.number("share"), |share| words.percent(share)),
            facts.exact_or_none(row.number("value"), amount),
            value(row.estimate("over_nobody")),
            facts.ends(row.estimate("over_nobody"), change),
            value(row.estimate("targeted_gain")),
            facts.ends(row.estimate("targeted_gain"), change),
        ]
    };
    let rows: Vec<Vec<Cell>> = rows.iter().map(row).collect();
    html.table(words.text(t::POLICIES_TABLE), Narrow::Scroll, "", &columns, &rows);
}

/// The gain of the list by its length, beside as many at random: a Qini curve, doubly robust.
fn gain_chart(words: Words<'_>, rows: &[RowOf<'_>], html: &mut Html) {
    let of = |name: &str| -> Vec<CurvePoint> {
        rows.iter()
            .filter_map(|row| {
                let (value, ends) = row.estimate(name)?;
                Some((row.number("share")?, value, ends))
            })
            .collect()
    };
    let (listed, random) = (of("gain"), of("at_random"));
    let (Some(last), Some(beside)) = (listed.last(), random.last()) else { return };
    let amount = |value: f64| words.number(value, 3);
    let shares = [0.0, last.0 / 2.0, last.0];
    let picture = Curves {
        head: words.text(t::GAIN_CHART),
        alt: &words.say(t::GAIN_ALT, &[&words.percent(last.0), &amount(last.1), &amount(beside.1)]),
        ticks: shares.iter().map(|&share| (share, words.percent(share))).collect(),
        curves: vec![
            Curve { class: "curve", name: words.text(t::GAIN_TARGETED).to_owned(), points: listed },
            Curve {
                class: "curve-beside",
                name: words.text(t::GAIN_RANDOM).to_owned(),
                points: random,
            },
        ],
    };
    curves(html, &picture, amount);
}

pub(super) fn budget(facts: &Facts<'_>, html: &mut Html) {
    let words = facts.words;
    let Some(found) = &facts.answers.targets else { return };
    html.line("h3", words.text(t::BUDGET_HEAD));
    let number = |name: &str| found.number(name);
    if let (Some(contacted), Some(spend), Some(profit), Some(bound)) =
        (number("contacted"), number("spend"), number("profit"), number("bound"))
    {
        let amounts = [spend, profit, bound].map(|amount| words.money(amount));
        let contacted = words.count(contacted as u64);
        let said = [&contacted, &amounts[0], &amounts[1], &amounts[2]].map(String::as_str);
        html.line("p", &words.say(t::BUDGET_SENTENCE, &said));
    }
    if let (Some(_), Some(more), Some(brings)) =
        (number("budget"), number("more"), number("profit_of_more"))
    {
        let said = [more, brings].map(|amount| words.money(amount));
        html.line("p", &words.say(t::BUDGET_MORE, &[&said[0], &said[1]]));
    }
    let points: Vec<CurvePoint> = (found.rows("curve"))
        .filter_map(|row| Some((row.number("spend")?, row.number("profit")?, None)))
        .collect();
    if let Some(&(spend, profit, _)) = points.last().filter(|last| last.0 > 0.0) {
        let [said_spend, said_profit] = [spend, profit].map(|amount| words.money(amount));
        let picture = Curves {
            head: words.text(t::BUDGET_CHART),
            alt: &words.say(t::BUDGET_ALT, &[&said_spend, &said_profit]),
            ticks: [0.0, spend / 2.0, spend].map(|at| (at, words.number(at, 0))).to_vec(),
            curves: vec![Curve {
                class: "curve",
                name: words.text(t::BUDGET_CURVE).to_owned(),
                points,
            }],
        };
        curves(html, &picture, |amount| words.number(amount, 0));
    }
    let offers: Vec<Vec<Cell>> = (found.rows("offers"))
        .map(|row| {
            let amount = |name: &str| facts.exact_or_none(row.number(name), |v| words.money(v));
            let count = facts.exact_or_none(row.number("customers"), |v| words.count(v as u64));
            vec![Cell::Text(clipped(row.text("offer"))), count, amount("spend"), amount("profit")]
        })
        .collect();
    let mut columns = vec![Column::text(words.text(t::ARM))];
    let names = [base::CUSTOMERS, t::COST, t::PROFIT];
    columns.extend(names.map(|name| Column::number(words.text(name))));
    html.table(words.text(t::BUDGET_HEAD), Narrow::Stack, "", &columns, &offers);
    html.line("p", words.text(t::BUDGET_EXPECTED));
}
