//! How many customers are in each state, how that changed, and whether they come back.

use super::chart::{Points, Stacked, points, stacked};
use super::facts::Facts;
use super::html::{Cell, Column, Html, Narrow};
use super::texts as t;
use super::words::Words;
use crate::labels::State;
use crate::language::Text;
use crate::retention::{CohortValue, Cohorts, Flow, FlowCell, FlowPeriod, RetentionRow};
use crate::time::{Timestamp, Window};

/// Classes and names of the states.
const STATES: [(State, &str, Text); 3] = [
    (State::Active, "s-active", t::ACTIVE),
    (State::Lapsed, "s-lapsed", t::LAPSED),
    (State::Lost, "s-lost", t::LOST),
];

/// Customers by state at an instant.
pub(super) struct Stocks {
    pub(super) at: Timestamp,
    pub(super) stocks: [FlowCell; 3],
}

fn stocks(period: &FlowPeriod) -> Option<Stocks> {
    let [active, lapsed, lost] = State::ALL.map(|state| period.stock(state));
    Some(Stocks { at: period.window.end, stocks: [active?, lapsed?, lost?] })
}

/// The states at the beginning of the first and at the end of the last period.
pub(super) fn ends(facts: &Facts<'_>) -> Option<(Stocks, Stocks)> {
    let periods = &facts.flow.as_ref()?.periods;
    let (first, last) = (periods.first()?, periods.last()?);
    let [active, lapsed, lost] = State::ALL.map(|state| first.stock_before(state));
    let begin = Stocks { at: first.window.start, stocks: [active?, lapsed?, lost?] };
    Some((begin, stocks(last)?))
}

pub(super) fn states(facts: &Facts<'_>, html: &mut Html) {
    let words = facts.words;
    state_table(facts, html);
    let Some((flow, (first, last))) = facts.flow.as_ref().zip(ends(facts)) else {
        html.line("p", words.text(t::NO_FLOW));
        return;
    };
    let of = |stocks: &Stocks, i: usize| words.count(stocks.stocks[i].customers);
    html.element("div", &[("class", "pair")], |html| {
        html.element("div", &[], |html| {
            let values: Vec<String> = (0..3).flat_map(|i| [of(&first, i), of(&last, i)]).collect();
            let mut all = vec![words.date(first.at), words.date(last.at)];
            all.extend(values);
            let all: Vec<&str> = all.iter().map(String::as_str).collect();
            html.line("p", &words.say(t::CHANGE_SENTENCE, &all));
            html.line("p", words.text(t::LOST_ADD_UP));
            last_period(facts, flow, html);
            let counted = State::ALL.map(|state| facts.customers(state));
            if last.stocks.map(|stock| stock.customers) != counted {
                html.line("p", &words.say(t::LATE_ROWS, &[&words.date(facts.at)]));
            }
        });
        flow_chart(words, flow, html);
    });
    flow_table(words, flow, html);
}

fn state_table(facts: &Facts<'_>, html: &mut Html) {
    let words = facts.words;
    let limits = facts.model.limits();
    let (lapsed, lost) = (words.span(limits.lapsed_after), words.span(limits.lost_after));
    let mut columns = vec![
        Column::text(words.text(t::STATE)),
        Column::text(words.text(t::MEANS)),
        Column::number(words.text(t::CUSTOMERS)),
        Column::number(words.text(t::SHARE)),
    ];
    if facts.has_amounts() {
        columns.push(Column::number(words.text(t::SPEND_365)));
    }
    let all = facts.states.scored() as u64;
    let row = |name: &str, meaning: String, customers: u64, spend: f64| {
        let share = words.percent(customers as f64 / all.max(1) as f64);
        let cells = [name.to_owned(), meaning, words.count(customers), share];
        let mut cells: Vec<Cell> = cells.map(Cell::Text).into();
        if facts.has_amounts() {
            cells.push(Cell::Text(words.money(spend)));
        }
        cells
    };
    let mut rows: Vec<Vec<Cell>> = STATES
        .iter()
        .map(|&(state, _, name)| {
            let meaning = match state {
                State::Active => words.say(t::MEANS_ACTIVE, &[&lapsed]),
                State::Lapsed => words.say(t::MEANS_LAPSED, &[&lapsed, &lost]),
                State::Lost => words.say(t::MEANS_LOST, &[&lost]),
            };
            row(words.text(name), meaning, facts.customers(state), facts.sums(state).spend)
        })
        .collect();
    let spend = State::ALL.iter().map(|&state| facts.sums(state).spend).sum();
    rows.push(row(words.text(t::ALL_CUSTOMERS), String::new(), all, spend));
    let caption = words.say(t::STATES_TABLE, &[&words.date(facts.at)]);
    html.table(&caption, Narrow::Stack, "", &columns, &rows);
}

/// Those who went one way in a period.
fn went(period: &FlowPeriod, ways: &[&str]) -> Option<FlowCell> {
    period.sum(|from, to| ways.contains(&Flow::way(from, to)))
}

const BACK: [&str; 2] = ["reactivated_from_lapsed", "reactivated_from_lost"];

fn last_period(facts: &Facts<'_>, flow: &Flow, html: &mut Html) {
    let words = facts.words;
    let Some(period) = flow.periods.last() else { return };
    let Window { start, end } = period.window;
    let counts = [&["new"][..], &["lapsed"], &["lost"], &BACK]
        .map(|ways| went(period, ways).map(|cell| words.count(cell.customers)));
    let [Some(new), Some(lapsed), Some(lost), Some(back)] = counts else { return };
    let days = words.days(start, end);
    html.line("p", &words.say(t::LAST_PERIOD, &[&days, &new, &lapsed, &lost, &back]));
}

fn flow_chart(words: Words<'_>, flow: &Flow, html: &mut Html) {
    let all: Vec<Stocks> = flow.periods.iter().filter_map(stocks).collect();
    let (Some(first), Some(last)) = (all.first(), all.last()) else { return };
    let mut said = vec![words.date(first.at), words.date(last.at)];
    for stocks in [first, last] {
        said.extend(stocks.stocks.iter().map(|stock| words.count(stock.customers)));
    }
    let said: Vec<&str> = said.iter().map(String::as_str).collect();
    let picture = Stacked {
        head: words.text(t::FLOW_CHART),
        alt: &words.say(t::FLOW_CHART_ALT, &said),
        layers: STATES.map(|(_, class, name)| (class, words.text(name))),
        bars: all
            .iter()
            .map(|stocks| {
                let layers = stocks.stocks.map(|stock| stock.customers as f64);
                (words.short_date(stocks.at), layers)
            })
            .collect(),
    };
    stacked(html, words, &picture);
}

fn flow_table(words: Words<'_>, flow: &Flow, html: &mut Html) {
    let mut columns = vec![Column::whole(words.text(t::END_OF_PERIOD))];
    let names =
        [t::ACTIVE, t::LAPSED, t::LOST, t::NEW, t::FELL_SILENT, t::BECAME_LOST, t::CAME_BACK];
    columns.extend(names.map(|name| Column::number(words.text(name))));
    let row = |period: &FlowPeriod| {
        let stocks = stocks(period)?.stocks.map(|stock| stock.customers);
        let ways = [&["new"][..], &["lapsed"], &["lost"], &BACK];
        let ways = ways.map(|ways| went(period, ways).map_or(0, |cell| cell.customers));
        let mut cells = vec![Cell::Text(words.days(period.window.start, period.window.end))];
        cells.extend(stocks.into_iter().chain(ways).map(|n| Cell::Text(words.count(n))));
        Some(cells)
    };
    let rows: Vec<Vec<Cell>> = flow.periods.iter().rev().filter_map(row).collect();
    html.details(words.text(t::FLOW_DETAILS), |html| {
        html.table(words.text(t::FLOW_TABLE), Narrow::Scroll, "", &columns, &rows);
    });
}

pub(super) fn retention(facts: &Facts<'_>, html: &mut Html) {
    let words = facts.words;
    // The first row looks back on a period that may lie before the log.
    let all = facts.retention.iter().flat_map(|retention| &retention.rows);
    let rows: Vec<&RetentionRow> = all.collect();
    let pairs: Vec<(Window, &RetentionRow)> = rows
        .windows(2)
        .map(|pair| (pair[0].window, pair[1]))
        .filter(|(_, row)| row.retained_percent().is_some())
        .collect();
    match pairs.last() {
        None => html.line("p", words.text(t::NO_RETENTION)),
        Some((before, last)) => {
            let rows: Vec<&RetentionRow> = pairs.iter().map(|(_, row)| *row).collect();
            html.element("div", &[("class", "pair")], |html| {
                html.element("div", &[], |html| last_retention(words, *before, last, html));
                retention_chart(words, &rows, html);
            });
            retention_table(words, &rows, html);
        }
    }
    if let Some(cohorts) = &facts.cohorts {
        cohort_table(facts, cohorts, html);
    }
}

fn last_retention(words: Words<'_>, before: Window, row: &RetentionRow, html: &mut Html) {
    let (Some(counts), Some(percent)) = (row.counts, row.retained_percent()) else { return };
    let values = [
        words.count(row.active_before),
        words.days(before.start, before.end),
        words.count(counts.retained),
        words.percent(percent / 100.0),
        words.days(row.window.start, row.window.end),
    ];
    let values: Vec<&str> = values.iter().map(String::as_str).collect();
    html.line("p", &words.say(t::RETENTION_LAST, &values));
    if let Some(nrr) = row.revenue.and_then(|revenue| revenue.nrr()) {
        html.line("p", &words.say(t::RETENTION_MONEY, &[&words.number(nrr, 0)]));
    }
}

fn retention_chart(words: Words<'_>, rows: &[&RetentionRow], html: &mut Html) {
    let estimate = |row: &RetentionRow| {
        let (low, high) = row.retained_interval()?;
        Some((row.retained_percent()?, low, high))
    };
    let said: Vec<String> = rows
        .iter()
        .filter_map(|row| {
            let share = words.percent(row.retained_percent()? / 100.0);
            Some(format!("{} {share}", words.days(row.window.start, row.window.end)))
        })
        .collect();
    let highest = rows.iter().filter_map(|row| Some(row.retained_interval()?.1));
    let picture = Points {
        head: words.text(t::RETENTION_CHART),
        alt: &words.say(t::RETENTION_ALT, &[&said.join("; ")]),
        points: rows
            .iter()
            .map(|row| (words.short_date(row.window.start), estimate(row)))
            .collect(),
        range: (0.0, highest.fold(10.0, f64::max)),
    };
    points(html, &picture, |mark| words.percent(mark / 100.0));
}

fn retention_table(words: Words<'_>, rows: &[&RetentionRow], html: &mut Html) {
    let mut columns = vec![Column::whole(words.text(t::END_OF_PERIOD))];
    let names = [t::BEFORE, t::AGAIN, t::SHARE, t::INTERVAL, t::NEW, t::REACTIVATED];
    columns.extend(names.map(|name| Column::number(words.text(name))));
    let row = |row: &&RetentionRow| {
        let counts = row.counts?;
        let (low, high) = row.retained_interval()?;
        let ends = [low, high].map(|end| words.percent(end / 100.0));
        let interval = words.say(t::ENDS, &[&ends[0], &ends[1]]);
        let cells = [
            words.days(row.window.start, row.window.end),
            words.count(row.active_before),
            words.count(counts.retained),
            words.percent(row.retained_percent()? / 100.0),
            interval,
            words.count(counts.new),
            words.count(counts.reactivated()),
        ];
        Some(cells.map(Cell::Text).into())
    };
    let rows: Vec<Vec<Cell>> = rows.iter().rev().filter_map(row).collect();
    html.details(words.text(t::RETENTION_DETAILS), |html| {
        html.table(words.text(t::RETENTION_TABLE), Narrow::Scroll, "", &columns, &rows);
    });
}

/// The shades of the cohort table, the darkest one for the largest share after the first period.
const SHADES: [&str; 5] = ["h1", "h2", "h3", "h4", "h5"];

fn cohort_table(facts: &Facts<'_>, cohorts: &Cohorts, html: &mut Html) {
    let words = facts.words;
    // Nothing at or after the cutoff is shown, also where the log goes on.
    let share = |cohort: usize, age: usize| {
        let period = cohort + age;
        let over = period < cohorts.len() && cohorts.window(period).end <= facts.at;
        over.then(|| cohorts.value(cohort, age, CohortValue::Share)).flatten()
    };
    let shown: Vec<usize> = (0..cohorts.len())
        .filter(|&cohort| share(cohort, 1).is_some())
        .filter(|&cohort| cohorts.size(cohort).is_some_and(|size| size > 0))
        .collect();
    let Some(&oldest) = shown.first() else { return };
    let ages = (1..cohorts.columns()).take_while(|&age| share(oldest, age).is_some()).count();
    let all = shown.iter().flat_map(|&cohort| (1..=ages).filter_map(move |age| share(cohort, age)));
    let largest = all.fold(0.0, f64::max);
    let mut columns = vec![
        Column::whole(words.text(t::FIRST_PURCHASE)),
        Column::number(words.text(t::CUSTOMERS)),
    ];
    columns.extend((1..=ages).map(|age| Column::number(format!("+{age}"))));
    let row = |&cohort: &usize| {
        let Window { start, end } = cohorts.window(cohort);
        let size = cohorts.size(cohort).map(|size| words.count(size)).unwrap_or_default();
        let mut cells = vec![Cell::Text(words.days(start, end)), Cell::Text(size)];
        cells.extend((1..=ages).map(|age| match share(cohort, age) {
            None => Cell::Text(String::new()),
            Some(share) => {
                let place = share / largest.max(f64::MIN_POSITIVE) * SHADES.len() as f64;
                let shade = SHADES[(place as usize).min(SHADES.len() - 1)];
                Cell::Classed(shade, words.percent(share))
            }
        }));
        cells
    };
    let rows: Vec<Vec<Cell>> = shown.iter().map(row).collect();
    html.line("h3", words.text(t::COHORTS_H));
    html.line("p", words.text(t::COHORTS_HOW));
    html.table(words.text(t::COHORTS_TABLE), Narrow::Scroll, "heat", &columns, &rows);
}
