//! What the campaign brought in money.

use super::super::html::{Cell, Column, Html, Narrow};
use super::super::texts as base;
use super::super::words::clipped;
use super::facts::{Estimate, Facts, MoneyRow, signed};
use super::texts as t;
use crate::language::Text;

pub(super) fn money(facts: &Facts<'_>, html: &mut Html) {
    let words = facts.words;
    if facts.money.is_empty() {
        let why = if facts.is_interim { t::MONEY_LATER } else { t::MONEY_NONE };
        html.line("p", words.text(why));
        return;
    }
    html.line("p", words.text(t::MONEY_HOW));
    let has_profit = facts.money.iter().any(|row| row.profit.is_some());
    let mut columns = vec![Column::text(words.text(base::WHAT))];
    columns.extend(facts.money.iter().map(|row| Column::number(clipped(&row.arm))));
    let amount = |value| words.money(value);
    let mut lines: Vec<Vec<Cell>> = Vec::new();
    let mut line = |name: Text, of: &dyn Fn(&MoneyRow) -> Cell| {
        let mut cells = vec![Cell::Text(words.text(name).to_owned())];
        cells.extend(facts.money.iter().map(of));
        lines.push(cells);
    };
    let count = |count: u64| Facts::exact(count as f64, words.count(count));
    let with_ends = |of: Option<Estimate>| facts.with_ends(of, amount);
    line(base::CUSTOMERS, &|row| count(row.customers));
    line(t::BUYERS, &|row| count(row.buyers));
    line(t::INCREMENTAL_REVENUE, &|row| with_ends(Some(row.revenue)));
    if has_profit {
        line(t::INCREMENTAL_MARGIN, &|row| with_ends(row.margin));
        line(t::COST, &|row| Facts::exact(row.cost, amount(row.cost)));
        line(t::PROFIT, &|row| with_ends(row.profit));
        line(t::RETURN, &|row| {
            let shown = |per| signed(per, words.number(per, 2));
            facts.exact_or_none(row.return_on_cost, shown)
        });
        line(t::PAID, &|row| facts.exact_or_none(row.paid_chance, |chance| words.percent(chance)));
    }
    let caption = words.say(t::MONEY_TABLE, &[&facts.confidence()]);
    html.table(&caption, Narrow::Scroll, "", &columns, &lines);
    if !has_profit {
        html.line("p", words.text(t::MONEY_NO_MARGIN));
    }
}
