//! Who is leaving, whom to win back, and who is due.

use super::chart::{Bar, bars};
use super::due::DueRow;
use super::facts::{Facts, RiskGroup, RiskRow};
use super::html::{Cell, Column, Html, Narrow};
use super::texts as t;
use super::words::{Words, clipped};
use crate::campaign::{Arm, Candidate};
use crate::explain::{Group, Reason, no_reason};
use crate::labels::State;
use crate::time::Timestamp;

/// Groups that are shown by themselves; the rest are counted together.
const SHOWN_GROUPS: usize = 8;

fn group_name(words: Words<'_>, group: Option<&Group>) -> String {
    let label = group.map_or(no_reason(words.language), |group| group.label(words.speech()));
    clipped(label)
}

/// Reasons as facts, without the end that they have in common.
fn facts_of<'a>(words: Words<'_>, reasons: impl Iterator<Item = &'a Reason>, marked: bool) -> Cell {
    let lines: Vec<String> = reasons
        .map(|reason| {
            let fact = clipped(reason.fact()).replace(" %", "\u{a0}%");
            match (marked, reason.contribution > 0.0) {
                (false, _) => fact,
                (true, true) => format!("+\u{a0}{fact}"),
                (true, false) => format!("−\u{a0}{fact}"),
            }
        })
        .collect();
    match lines.is_empty() {
        true => Cell::Text(words.text(t::NO_REASON).into()),
        false => Cell::Lines(lines),
    }
}

pub(super) fn leaving(facts: &Facts<'_>, html: &mut Html) {
    let words = facts.words;
    let risk = &facts.risk;
    if risk.customers == 0 {
        html.line("p", words.text(t::LEAVING_NONE));
        facts.of_contracts().iter().for_each(|sentence| html.line("p", sentence));
        return;
    }
    let of = words.count(risk.customers as u64);
    let active = words.count(facts.customers(State::Active));
    html.line("p", &words.say(t::LEAVING_INTRO, &[&facts.window(), &of, &active]));
    facts.of_contracts().iter().for_each(|sentence| html.line("p", sentence));
    let shown = shown_groups(facts);
    html.element("div", &[("class", "pair wide")], |html| {
        let most = shown.iter().map(|row| row.customers).max().unwrap_or(0) as f64;
        let pictured: Vec<Bar> = shown
            .iter()
            .map(|row| Bar {
                class: "s-active",
                name: row.name.clone(),
                value: row.customers as f64,
                shown: words.count(row.customers as u64),
            })
            .collect();
        bars(html, words.text(t::RISK_CHART), &pictured, most);
        html.element("div", &[], |html| group_table(facts, &shown, html));
    });
    let top = words.count(risk.top.len() as u64);
    let head = if facts.has_amounts() { t::RISK_TOP } else { t::RISK_TOP_PLAIN };
    let caption = words.say(head, &[&top, &of]);
    let mut columns = vec![
        Column::text(words.text(t::CUSTOMER)),
        Column::number(words.text(t::CHANCE_LEAVING)),
        Column::whole(words.text(t::LAST_PURCHASE)),
        Column::number(words.text(t::PURCHASES)),
    ];
    if facts.has_amounts() {
        columns.push(Column::number(words.text(t::SPEND_365)));
    }
    columns.push(Column::long(words.text(t::AGAINST)));
    let rows: Vec<Vec<Cell>> = risk.top.iter().map(|row| risk_row(facts, row)).collect();
    html.table(&caption, Narrow::Stack, "", &columns, &rows);
}

fn risk_row(facts: &Facts<'_>, row: &RiskRow) -> Vec<Cell> {
    let words = facts.words;
    let score = &row.at_risk.score;
    let id = facts.log.customers().get(row.at_risk.customer).to_string();
    let mut cells = vec![
        Cell::Text(clipped(&id)),
        Cell::Text(words.percent(score.churn_probability)),
        Cell::Text(row.last_purchase.map(|at| words.short_date(at)).unwrap_or_default()),
        Cell::Text(words.count(score.purchase_count)),
    ];
    if facts.has_amounts() {
        cells.push(Cell::Text(words.money(row.spend)));
    }
    cells.push(facts_of(words, row.reasons.down.iter(), false));
    cells
}

struct ShownGroup {
    name: String,
    customers: usize,
    churn: f64,
    spend: f64,
}

/// The largest groups, and the others in one.
fn shown_groups(facts: &Facts<'_>) -> Vec<ShownGroup> {
    let groups = &facts.risk.groups;
    let few = groups.len() <= SHOWN_GROUPS;
    let (own, others) = groups.split_at(if few { groups.len() } else { SHOWN_GROUPS - 1 });
    let named = |group: &RiskGroup| ShownGroup {
        name: group_name(facts.words, group.group.as_ref()),
        customers: group.customers,
        churn: group.churn,
        spend: group.spend,
    };
    let mut shown: Vec<ShownGroup> = own.iter().map(named).collect();
    if !others.is_empty() {
        shown.push(ShownGroup {
            name: facts.words.text(t::OTHER_REASONS).into(),
            customers: others.iter().map(|group| group.customers).sum(),
            churn: others.iter().map(|group| group.churn).sum(),
            spend: others.iter().map(|group| group.spend).sum(),
        });
    }
    shown
}

fn group_table(facts: &Facts<'_>, shown: &[ShownGroup], html: &mut Html) {
    let words = facts.words;
    let mut columns = vec![Column::text(words.text(t::MAIN_REASON))];
    columns.extend(
        [t::CUSTOMERS, t::SHARE, t::MEAN_CHANCE].map(|name| Column::number(words.text(name))),
    );
    if facts.has_amounts() {
        columns.push(Column::number(words.text(t::SPEND_365)));
    }
    let all = facts.risk.customers as f64;
    let row = |row: &ShownGroup| {
        let n = row.customers as f64;
        let mut cells: Vec<Cell> = [
            row.name.clone(),
            words.count(row.customers as u64),
            words.percent(n / all),
            words.percent(row.churn / n),
        ]
        .map(Cell::Text)
        .into();
        if facts.has_amounts() {
            cells.push(Cell::Text(words.money(row.spend)));
        }
        cells
    };
    let rows: Vec<Vec<Cell>> = shown.iter().map(row).collect();
    html.table(words.text(t::RISK_GROUPS), Narrow::Stack, "", &columns, &rows);
}

pub(super) fn candidates(facts: &Facts<'_>, html: &mut Html) {
    let words = facts.words;
    let rows = facts.candidates.rows();
    let lapsed = facts.candidates.lapsed();
    if rows.is_empty() {
        html.line("p", words.text(t::CANDIDATES_NONE));
        return;
    }
    let limits = facts.model.limits();
    let intro = match facts.has_amounts() {
        true => t::CANDIDATES_INTRO,
        false => t::CANDIDATES_INTRO_PLAIN,
    };
    let all = words.count(lapsed as u64);
    let spans = [limits.lapsed_after, limits.lost_after].map(|span| words.span(span));
    html.line("p", &words.say(intro, &[&all, &spans[0], &spans[1], &facts.window()]));
    let share = facts.options.control_share;
    if share > 0.0 {
        let control = rows.iter().filter(|row| row.arm == Arm::Control).count() as u64;
        let values = [words.count(control), words.percent(share)];
        html.line("p", &words.say(t::CONTROL_INTRO, &[&values[0], &values[1]]));
    }
    let mut columns = vec![
        Column::text(words.text(t::CUSTOMER)),
        Column::number(words.text(t::RANK)),
        Column::whole(words.text(t::LAST_PURCHASE)),
        Column::number(words.text(t::PURCHASES)),
    ];
    if facts.has_amounts() {
        columns.push(Column::number(words.text(t::AVERAGE_CHECK)));
    }
    columns.push(Column::number(words.text(t::CHANCE_RETURN)));
    if facts.has_amounts() {
        columns.push(Column::number(words.text(t::EXPECTED_VALUE)));
    }
    if share > 0.0 {
        columns.push(Column::whole(words.text(t::WHAT_TO_DO)));
    }
    columns.push(Column::long(words.text(t::WHY_UP_DOWN)));
    let cells: Vec<Vec<Cell>> = rows.iter().map(|row| candidate(facts, row)).collect();
    let caption = words.say(t::CANDIDATES_TABLE, &[&words.count(rows.len() as u64), &all]);
    html.table(&caption, Narrow::Stack, "", &columns, &cells);
    rest(facts, html);
}

fn candidate(facts: &Facts<'_>, row: &Candidate) -> Vec<Cell> {
    let words = facts.words;
    let id = facts.log.customers().get(row.customer).to_string();
    let mut cells = vec![
        clipped(&id),
        words.count(row.rank),
        words.short_date(row.last_purchase),
        words.count(row.purchase_count),
    ];
    if facts.has_amounts() {
        cells.push(words.money(row.average_check));
    }
    cells.push(words.percent(row.return_probability));
    if facts.has_amounts() {
        cells.push(words.money(row.expected_value));
    }
    if facts.options.control_share > 0.0 {
        let arm = if row.arm == Arm::Control { t::LEAVE_ALONE } else { t::CONTACT };
        cells.push(words.text(arm).into());
    }
    let mut cells: Vec<Cell> = cells.into_iter().map(Cell::Text).collect();
    cells.push(facts_of(words, row.reasons.iter(), true));
    cells
}

/// What is to be said of the candidates that are not listed.
fn rest(facts: &Facts<'_>, html: &mut Html) {
    let words = facts.words;
    let rows = facts.candidates.rows();
    let others = facts.candidates.lapsed() - rows.len();
    if others == 0 {
        return;
    }
    let sums = facts.sums(State::Lapsed);
    let chance: f64 = rows.iter().map(|row| row.return_probability).sum();
    let mean = words.percent((sums.purchase - chance) / others as f64);
    let others = words.count(others as u64);
    html.line(
        "p",
        &match facts.has_amounts() {
            false => words.say(t::CANDIDATES_REST, &[&others, &mean]),
            true => {
                let listed: f64 = rows.iter().map(|row| row.expected_value).sum();
                let values =
                    [words.money(facts.candidates.lapsed_value() - listed), words.money(listed)];
                words.say(t::CANDIDATES_REST_VALUE, &[&others, &mean, &values[0], &values[1]])
            }
        },
    );
}

pub(super) fn due(facts: &Facts<'_>, html: &mut Html) {
    let Some(due) = &facts.due else { return };
    let words = facts.words;
    let count = words.count(due.customers as u64);
    html.line("p", &words.say(t::DUE_INTRO, &[&count, &words.money(due.value)]));
    if due.top.is_empty() {
        return;
    }
    let columns = [
        Column::text(words.text(t::CUSTOMER)),
        Column::whole(words.text(t::LAST_PURCHASE)),
        Column::whole(words.text(t::DUE_NEXT)),
        Column::whole(words.text(t::DUE_ALARM)),
        Column::number(words.text(t::DUE_VALUE)),
    ];
    let cells = |row: &DueRow| -> Vec<Cell> {
        let id = facts.log.customers().get(row.customer).to_string();
        let date = |at: Option<Timestamp>| at.map_or("–".to_owned(), |at| words.short_date(at));
        [
            clipped(&id),
            date(row.last_purchase),
            date(row.timing.next_purchase),
            date(row.timing.alarm_date),
            words.money(row.timing.lifetime_value),
        ]
        .map(Cell::Text)
        .into()
    };
    let rows: Vec<Vec<Cell>> = due.top.iter().map(cells).collect();
    let caption = words.say(t::DUE_TABLE, &[&words.count(rows.len() as u64), &count]);
    html.table(&caption, Narrow::Stack, "", &columns, &rows);
}
