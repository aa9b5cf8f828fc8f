//! How many customers the next campaign needs.

use super::super::html::{Cell, Column, Html, Narrow};
use super::super::texts as base;
use super::super::words::clipped;
use super::facts::{EffectRow, Facts, Unit};
use super::texts as t;
use crate::campaign::{CampaignPlan, CampaignPlanOptions, Shares};
use crate::stats::exact_sum;

/// What a campaign like this one needs, for one of its offers and one outcome.
struct Size<'a> {
    row: &'a EffectRow,
    needed: Option<u64>,
    smallest: Option<f64>,
}

/// By the plan of the library, for the outcome that decides and for the one that is money.
pub(super) fn table(facts: &Facts<'_>, html: &mut Html) {
    let words = facts.words;
    let is_asked = |row: &&EffectRow| row.metric == facts.main_metric() || row.unit == Unit::Money;
    let offers = facts.effects.iter().filter(|row| row.metric == facts.main_metric()).count();
    let sizes: Vec<Size<'_>> =
        facts.effects.iter().filter(is_asked).filter_map(|row| size(row, offers)).collect();
    if sizes.is_empty() {
        return;
    }
    let mut columns = vec![Column::text(words.text(t::ARM)), Column::text(words.text(t::OUTCOME))];
    let names = [t::SIZE_EFFECT, t::SIZE_NEEDED, base::CUSTOMERS, t::SIZE_SMALLEST];
    columns.extend(names.map(|name| Column::number(words.text(name))));
    let row = |size: &Size<'_>| {
        let change = |value| facts.change(size.row.unit, value);
        let now = size.row.customers + size.row.control_customers;
        let count = |count: f64| words.count(count as u64);
        vec![
            Cell::Text(clipped(&size.row.arm)),
            Cell::Text(facts.metric(&size.row.metric)),
            Facts::exact(size.row.difference.0, change(size.row.difference.0)),
            facts.exact_or_none(size.needed.map(|needed| needed as f64), count),
            Facts::exact(now as f64, words.count(now)),
            facts.exact_or_none(size.smallest, change),
        ]
    };
    let rows: Vec<Vec<Cell>> = sizes.iter().map(row).collect();
    html.table(words.text(t::SIZES_TABLE), Narrow::Stack, "", &columns, &rows);
    html.line("p", words.text(t::SIZES_HOW));
}

/// None of an outcome that does not vary. The level is that of one of so many offers.
fn size(row: &EffectRow, offers: usize) -> Option<Size<'_>> {
    let (own, control) = (row.customers as f64, row.control_customers as f64);
    let arms: Shares = format!("control={control},offer={own}").parse().ok()?;
    let deviation = row.standard_error / exact_sum([1.0 / own, 1.0 / control]).sqrt();
    let options = CampaignPlanOptions::default()
        .baseline(Some(row.control_mean))
        .deviation((row.unit != Unit::Share).then_some(deviation))
        .customers(Some(row.customers + row.control_customers))
        .level(0.05 / offers.max(1) as f64)
        .arms(Some(arms));
    let smallest = CampaignPlan::build(&options).ok()?.smallest_effect;
    let effect = Some(row.difference.0).filter(|effect| *effect != 0.0);
    let needed = effect.and_then(|effect| {
        CampaignPlan::build(&options.effect(Some(effect))).ok().and_then(|plan| plan.needed)
    });
    Some(Size { row, needed, smallest })
}
