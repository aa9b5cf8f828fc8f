//! What sets a group apart, in words.

use super::columns::Column;
use crate::features::Unit;

/// A group differs in what is so far from the mean of all, in standard deviations.
const CLEAR: f64 = 0.5;
/// Silence of so many usual gaps is no delay, whatever that of others is.
const ON_TIME: f64 = 1.2;
/// Values that differ by less, as a share of the larger one, do not set a group apart.
const LEAST: f64 = 0.15;
/// So many differences make a name.
const MOST: usize = 3;

/// What is more and what is less than of all, of the features that have words of their own.
const WORDS: [(&str, [&str; 2]); 5] = [
    ("days_since_last_purchase", ["silent for long", "bought recently"]),
    ("purchase_count", ["buys often", "bought seldom"]),
    ("overdue_ratio", ["overdue", "less overdue than most"]),
    ("average_check", ["large checks", "small checks"]),
    ("discount_share", ["buys at a discount", "pays full prices"]),
];

/// A column, the group's distance from the mean of all in standard deviations, and both values.
pub(super) struct Difference<'a> {
    pub(super) column: &'a Column,
    pub(super) distance: f64,
    pub(super) own: f64,
    pub(super) all: f64,
}

impl Difference<'_> {
    fn words(&self) -> String {
        let is_more = self.distance > 0.0;
        match self.column {
            Column::Text { of, name, .. } => {
                let verb = match (of.name(), is_more) {
                    ("category", true) => "buys",
                    ("category", false) => "buys no",
                    (_, true) => "by",
                    (_, false) => "not by",
                };
                format!("{verb} {name}")
            }
            Column::Feature { name: "overdue_ratio", .. } if self.own <= ON_TIME => {
                "on time".to_owned()
            }
            Column::Feature { name, .. } => match WORDS.iter().find(|(own, _)| own == name) {
                Some((_, words)) => words[usize::from(!is_more)].to_owned(),
                None => format!("{} {name}", if is_more { "high" } else { "low" }),
            },
        }
    }

    /// Whether the values themselves differ, and not only in comparison with a small spread.
    fn is_clear(&self) -> bool {
        let gap = (self.own - self.all).abs();
        let is_late = !matches!(self.column, Column::Feature { name: "overdue_ratio", .. })
            || self.distance < 0.0
            || self.own > ON_TIME;
        self.distance.abs() >= CLEAR
            && gap > LEAST * self.own.abs().max(self.all.abs())
            && (self.own > self.all) == (self.distance > 0.0)
            && is_late
    }

    fn figure(&self, value: f64) -> String {
        match self.column {
            Column::Text { .. } | Column::Feature { unit: Unit::Share, .. } => {
                format!("{:.0} %", value * 100.0)
            }
            Column::Feature { name: "overdue_ratio", .. } => format!("{value:.1}× the usual gap"),
            Column::Feature { unit, .. } => {
                let decimals = if value.abs() >= 10.0 || value.fract() == 0.0 { 0 } else { 1 };
                let unit = if *unit == Unit::Days { " days" } else { "" };
                format!("{value:.decimals$}{unit}")
            }
        }
    }
}

/// The name of a group, and what it is made of with figures: the clearest differences first.
pub(super) fn told(mut differences: Vec<Difference<'_>>) -> (String, String) {
    differences.retain(Difference::is_clear);
    differences.sort_by(|a, b| b.distance.abs().total_cmp(&a.distance.abs()));
    differences.truncate(MOST);
    if differences.is_empty() {
        let name = "as most customers".to_owned();
        return (name.clone(), name);
    }
    let names: Vec<String> = differences.iter().map(Difference::words).collect();
    let figures: Vec<String> = differences
        .iter()
        .map(|d| format!("{} ({}, all {})", d.words(), d.figure(d.own), d.figure(d.all)))
        .collect();
    (names.join(", "), figures.join(", "))
}
