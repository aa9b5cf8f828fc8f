//! The readable form of an effect.

use std::fmt;

use super::compare::{Comparison, Interval};
use super::report::Effect;
use super::study::Kind;
use crate::answer::text_table::{Side, aligned, decimals, percent, signed};
use crate::answer::write_notes;
use crate::log::grouped;

/// An amount or a share of a readable form.
fn shown(kind: Kind, value: f64) -> String {
    match kind {
        Kind::Share => percent(value),
        Kind::Mean => decimals(value, 2),
    }
}

fn change(kind: Kind, value: f64) -> String {
    match kind {
        Kind::Share => format!("{} pp", signed(value * 100.0, 2)),
        Kind::Mean => signed(value, 2),
    }
}

fn whole(value: f64) -> String {
    let sign = if value <= -0.5 { "-" } else { "" };
    format!("{sign}{}", grouped(value.abs().round().min(1e18) as u64))
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.is_interim { "Interim effect" } else { "Effect" };
        writeln!(
            f,
            "{kind} of a campaign on {} customers, by intention to treat",
            grouped(self.sizes.iter().sum())
        )?;
        if let Some(times) = self.times {
            writeln!(f, "outcomes in [{}, {})", times.start, times.until)?;
        }
        let ends = |ends: Option<(f64, f64)>, show: &dyn Fn(f64) -> String| {
            ends.map_or_else(
                || "-".to_owned(),
                |(low, high)| format!("{} to {}", show(low), show(high)),
            )
        };
        let row = |(found, adjusted): (&Comparison, &f64)| {
            let kind = found.kind;
            let lift = found.lift.map_or_else(
                || "-".to_owned(),
                |(lift, _)| format!("{} %", signed(lift * 100.0, 1)),
            );
            vec![
                self.arms[found.arm].clone(),
                found.metric.clone(),
                shown(kind, found.mean),
                shown(kind, found.control_mean),
                change(kind, found.difference.0),
                ends(found.difference.1, &|value| change(kind, value)),
                lift,
                if *adjusted < 1e-4 { "<0.0001".to_owned() } else { format!("{adjusted:.4}") },
            ]
        };
        let rows: Vec<Vec<String>> =
            self.comparisons.iter().zip(&self.p_adjusted).map(row).collect();
        let interval = format!("{} interval", percent(1.0 - self.level));
        let heads = [
            ("arm", Side::Left),
            ("outcome", Side::Left),
            ("arm's", Side::Right),
            ("control", Side::Right),
            ("difference", Side::Right),
            (interval.as_str(), Side::Right),
            ("relative lift", Side::Right),
            ("p (Holm)", Side::Right),
        ];
        writeln!(f, "\n{}", aligned(&heads, &rows))?;
        if !self.is_interim {
            self.write_bought(f)?;
            self.write_money(f)?;
        }
        write_notes(f, &self.notes)
    }
}

impl Effect {
    /// Who bought because of the campaign, and who would have bought anyway.
    fn write_bought(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_bought = |found: &&Comparison| found.metric == "purchased";
        // Who bought is counted, not adjusted.
        let counted = if self.unadjusted.is_empty() { &self.comparisons } else { &self.unadjusted };
        let pairs = self.comparisons.iter().zip(counted);
        for (found, counted) in pairs.filter(|(found, _)| is_bought(found)) {
            let n = found.customers as f64;
            let bought = n * counted.mean;
            let (total, ends) = found.total();
            let ends = ends.map_or(String::new(), |(low, high)| {
                format!(" ({} to {})", whole(low), whole(high))
            });
            writeln!(
                f,
                "\n{}: {} of {} customers bought; {} would have bought anyway, the campaign changed that number by {}{ends}",
                self.arms[found.arm],
                whole(bought),
                grouped(found.customers),
                whole(bought - total),
                whole(total),
            )?;
        }
        Ok(())
    }

    fn write_money(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for row in &self.money {
            let with_ends = |(value, ends): Interval| {
                let ends = ends.map_or(String::new(), |(low, high)| {
                    format!(" ({} to {})", whole(low), whole(high))
                });
                format!("{}{ends}", whole(value))
            };
            write!(f, "\n{}: incremental revenue {}", self.arms[row.arm], with_ends(row.revenue))?;
            if let Some(profit) = &row.profit {
                write!(
                    f,
                    "\n  cost {}, profit {}; it paid with a chance of {}",
                    whole(row.cost),
                    with_ends(profit.profit),
                    percent(profit.paid_chance)
                )?;
                if let Some(per) = profit.return_on_cost {
                    write!(f, ", {} for each 1 spent", signed(per, 2))?;
                }
            }
            writeln!(f)?;
        }
        Ok(())
    }
}
