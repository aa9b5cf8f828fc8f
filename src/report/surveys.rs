//! What customers say in surveys, and what they do after support tickets.

use super::chart::{Estimate, Points, points};
use super::facts::Facts;
use super::html::{Cell, Column, Html, Narrow};
use super::texts as t;
use super::words::Words;
use crate::service::{Handling, ServiceReport, ServiceRow};
use crate::surveys::{NpsReport, PeriodRow};

pub(super) fn nps(facts: &Facts<'_>, html: &mut Html) {
    let words = facts.words;
    let Some(report) = &facts.nps else { return };
    let Some(all) = report.groups.first().and_then(|row| row.nps) else { return };
    let periods = periods(report);
    let whole = |value: f64| words.number(value, 0);
    let share = |count: u64| whole(count as f64 / all.answers as f64 * 100.0);
    let values = [
        words.count(all.answers),
        whole(all.score),
        whole(all.low),
        whole(all.high),
        share(all.counts.promoters),
        share(all.counts.detractors),
        periods.first().map_or_else(String::new, |row| words.date(row.period.window.start)),
    ];
    let values: Vec<&str> = values.iter().map(String::as_str).collect();
    html.element("div", &[("class", "pair")], |html| {
        html.line("p", &words.say(t::NPS_TEXT, &values));
        if periods.len() > 1 {
            nps_chart(words, &periods, html);
        }
    });
    nps_table(words, &periods, html);
}

/// The periods of all answers together, from the first one with an answer on.
fn periods(report: &NpsReport) -> Vec<&PeriodRow> {
    let all = report.periods.iter().filter(|row| row.grouping == "all");
    all.skip_while(|row| row.counts.answers() == 0).collect()
}

fn estimate(row: &PeriodRow) -> Option<Estimate> {
    // The interval of very few answers may lie beside the score itself.
    row.nps.map(|nps| (nps.score, nps.low.min(nps.score), nps.high.max(nps.score)))
}

fn nps_chart(words: Words<'_>, periods: &[&PeriodRow], html: &mut Html) {
    let said: Vec<String> = periods
        .iter()
        .filter_map(|row| {
            let score = words.number(row.nps?.score, 0);
            Some(format!("{} {score}", words.short_date(row.period.window.start)))
        })
        .collect();
    let picture = Points {
        head: words.text(t::NPS_CHART),
        alt: &words.say(t::NPS_ALT, &[&said.join("; ")]),
        points: periods
            .iter()
            .map(|row| (words.short_date(row.period.window.start), estimate(row)))
            .collect(),
        range: periods
            .iter()
            .filter_map(|row| estimate(row))
            .fold((0.0, 0.0), |range, estimate| {
                (f64::min(range.0, estimate.1), f64::max(range.1, estimate.2))
            }),
    };
    points(html, &picture, |mark| words.number(mark, 0));
}

fn nps_table(words: Words<'_>, periods: &[&PeriodRow], html: &mut Html) {
    let columns = [
        Column::whole(words.text(t::END_OF_PERIOD)),
        Column::number(words.text(t::ANSWERS)),
        Column::number(words.text(t::SCORE)),
        Column::number(words.text(t::INTERVAL)),
    ];
    let row = |row: &&PeriodRow| {
        let nothing = || words.text(t::JUST_NONE).to_owned();
        let score = row.nps.map(|nps| words.number(nps.score, 0));
        let interval = row.nps.map(|nps| {
            words.say(t::ENDS, &[&words.number(nps.low, 0), &words.number(nps.high, 0)])
        });
        [
            words.days(row.period.window.start, row.period.window.end),
            words.count(row.counts.answers()),
            score.unwrap_or_else(nothing),
            interval.unwrap_or_else(nothing),
        ]
        .map(Cell::Text)
        .into()
    };
    let rows: Vec<Vec<Cell>> = periods.iter().rev().map(row).collect();
    html.details(words.text(t::NPS_DETAILS), |html| {
        html.table(words.text(t::NPS_TABLE), Narrow::Scroll, "", &columns, &rows);
    });
}

pub(super) fn service(facts: &Facts<'_>, html: &mut Html) {
    let words = facts.words;
    let Some(ServiceReport { options, rows, .. }) = &facts.service else { return };
    let horizon = words.say(t::SERVICE_WINDOW, &[&words.span(options.horizon)]);
    let judged = words.span(options.judged_after);
    html.line("p", &words.say(t::SERVICE_TEXT, &[&horizon, &judged]));
    let columns = [
        Column::text(words.text(t::HANDLING)),
        Column::number(words.text(t::TICKETS)),
        Column::number(words.text(t::BOUGHT_AFTER)),
        Column::number(words.text(t::INTERVAL)),
    ];
    let hours = words.number(options.fast_hours, 0);
    let row = |row: &ServiceRow| {
        let handling = Handling::ALL.into_iter().find(|handling| handling.name() == row.group);
        let name = match handling {
            None => words.text(t::NO_TICKET).to_owned(),
            Some(Handling::ResolvedFast) => words.say(t::RESOLVED_FAST, &[&hours]),
            Some(Handling::ResolvedSlowly) => words.text(t::RESOLVED_SLOWLY).to_owned(),
            Some(Handling::Reopened) => words.text(t::REOPENED).to_owned(),
            Some(Handling::Unresolved) => words.text(t::UNRESOLVED).to_owned(),
        };
        let share = row.afterwards.purchase_share?;
        let interval = share
            .interval
            .map(|(low, high)| words.say(t::ENDS, &[&words.percent(low), &words.percent(high)]));
        let cells = [
            name,
            words.count(row.afterwards.cases),
            words.percent(share.value),
            interval.unwrap_or_else(|| words.text(t::JUST_NONE).into()),
        ];
        Some(cells.map(Cell::Text).into())
    };
    let own = rows.iter().filter(|row| row.topic.is_none() && row.grouping == "handling");
    let rows: Vec<Vec<Cell>> = own.filter_map(row).collect();
    html.table(words.text(t::SERVICE_TABLE), Narrow::Stack, "", &columns, &rows);
}
