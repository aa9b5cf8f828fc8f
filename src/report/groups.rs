//! Loyalty groups, with the rules that decided.

use super::facts::Facts;
use super::html::{Cell, Column, Html, Narrow};
use super::texts as t;
use super::words::Words;
use crate::language::Text;
use crate::segments::{LoyaltyGroup, RuleSummary};

fn group_text(group: LoyaltyGroup) -> Text {
    match group {
        LoyaltyGroup::Loyal => t::LOYAL,
        LoyaltyGroup::Neutral => t::NEUTRAL,
        LoyaltyGroup::Vulnerable => t::VULNERABLE,
    }
}

fn rule_text(words: Words<'_>, name: &str) -> String {
    let known = t::RULES.iter().find(|(rule, _)| *rule == name);
    known.map_or(name, |(_, text)| words.text(*text)).to_owned()
}

pub(super) fn loyalty(facts: &Facts<'_>, html: &mut Html) {
    let words = facts.words;
    let rules = facts.loyalty.rules();
    html.line("p", words.text(t::LOYALTY_HOW));
    let summary = facts.loyalty.summary();
    let has_revenue = summary.iter().any(|group| group.revenue_share.is_some());
    let mut columns = vec![
        Column::text(words.text(t::GROUP)),
        Column::number(words.text(t::CUSTOMERS)),
        Column::number(words.text(t::SHARE)),
        Column::number(words.text(t::OF_THEM_ACTIVE)),
    ];
    if has_revenue {
        columns.push(Column::number(words.text(t::REVENUE_SHARE)));
    }
    columns.push(Column::text(words.text(t::SIGNS)));
    let rows: Vec<Vec<Cell>> = summary
        .iter()
        .map(|group| {
            let mut cells = vec![
                words.text(group_text(group.group)).to_owned(),
                words.count(group.customers),
                words.percent(group.share),
                words.count(facts.loyalty_active[group.group as usize]),
            ];
            if has_revenue {
                let share = group.revenue_share.map(|share| words.percent(share));
                cells.push(share.unwrap_or_else(|| words.text(t::JUST_NONE).into()));
            }
            let mut cells: Vec<Cell> = cells.into_iter().map(Cell::Text).collect();
            cells.push(signs(words, &rules, group.group));
            cells
        })
        .collect();
    html.table(words.text(t::LOYALTY_TABLE), Narrow::Stack, "", &columns, &rows);
    rule_table(words, &rules, html);
}

/// The rules that decided on most customers of a group.
fn signs(words: Words<'_>, rules: &[RuleSummary], group: LoyaltyGroup) -> Cell {
    /// So many of them.
    const SHOWN: usize = 3;
    let mut own: Vec<(&RuleSummary, u64)> = rules
        .iter()
        .filter(|rule| rule.group == group)
        .filter_map(|rule| Some((rule, rule.customers.filter(|count| *count > 0)?)))
        .collect();
    own.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let line = |(rule, count): &(&RuleSummary, u64)| {
        format!("{}: {}", rule_text(words, &rule.rule), words.count(*count))
    };
    let lines: Vec<String> = own.iter().take(SHOWN).map(line).collect();
    match lines.is_empty() {
        true => Cell::Text(words.text(t::JUST_NONE).into()),
        false => Cell::Lines(lines),
    }
}

fn rule_table(words: Words<'_>, rules: &[RuleSummary], html: &mut Html) {
    let columns = [
        Column::text(words.text(t::RULE)),
        Column::text(words.text(t::GROUP)),
        Column::text(words.text(t::CONDITIONS)),
        Column::number(words.text(t::CUSTOMERS)),
    ];
    let row = |rule: &RuleSummary| {
        let conditions = match rule.rule.as_str() {
            "otherwise" => words.text(t::NO_RULE).to_owned(),
            _ => rule.conditions.clone(),
        };
        let customers = rule.customers.map(|count| words.count(count));
        [
            rule_text(words, &rule.rule),
            words.text(group_text(rule.group)).to_owned(),
            conditions,
            customers.unwrap_or_else(|| words.text(t::LEFT_OUT).into()),
        ]
        .map(Cell::Text)
        .into()
    };
    let rows: Vec<Vec<Cell>> = rules.iter().map(row).collect();
    html.details(words.text(t::LOYALTY_DETAILS), |html| {
        html.table(words.text(t::RULES_TABLE), Narrow::Stack, "", &columns, &rows);
    });
}
