//! The list as tables and in words.

use std::fmt;

use arrow_array::RecordBatch;
use serde_json::{Map, Value, json};

use super::targets::{Target, Targets};
use crate::answer::columns::{batch, counts, numbers, texts};
use crate::answer::text_table::{Side, aligned, percent, wrapped};
use crate::answer::{Analysis, Table, write_notes};
use crate::campaign::Arm;
use crate::campaign::profit_report::money;
use crate::error::Result;
use crate::log::{counted, grouped};
use crate::stats::exact_sum;

/// One offer's part of the list.
struct Part<'a> {
    offer: &'a str,
    contacted: u64,
    control: u64,
    spend: f64,
    gain: f64,
}

impl Targets {
    fn list(&self) -> Result<RecordBatch> {
        let rows = || self.rows.iter();
        batch([
            ("customer_id".into(), self.offers.ids.take(rows().map(|row| row.customer))),
            texts("offer", rows().map(|row| self.offer(row))),
            numbers("gain", rows().map(|row| row.gain)),
            numbers("cost", rows().map(|row| row.cost)),
            numbers("profit", rows().map(|row| row.gain - row.cost)),
            texts("arm", rows().map(|row| row.arm.name())),
        ])
    }

    fn by_offer(&self) -> Result<RecordBatch> {
        let parts = self.parts();
        let parts = || parts.iter();
        batch([
            texts("offer", parts().map(|part| part.offer)),
            counts("customers", parts().map(|part| part.contacted)),
            counts("control", parts().map(|part| part.control)),
            numbers("spend", parts().map(|part| part.spend)),
            numbers("gain", parts().map(|part| part.gain)),
            numbers("profit", parts().map(|part| part.gain - part.spend)),
        ])
    }

    fn curve_table(&self) -> Result<RecordBatch> {
        let points = || self.curve.iter();
        batch([
            numbers("spend", points().map(|point| point.spend)),
            numbers("profit", points().map(|point| point.profit)),
            counts("customers", points().map(|point| point.customers)),
            // Where nothing is bought there is no price.
            numbers(
                "price",
                points().map(|point| Some(point.price).filter(|price| *price < 1e100)),
            ),
        ])
    }

    fn parts(&self) -> Vec<Part<'_>> {
        let part = |(offer, name)| {
            let of = |arm: Arm| {
                self.rows.iter().filter(move |row| row.offer as usize == offer && row.arm == arm)
            };
            let sum = |value: fn(&Target) -> f64| exact_sum(of(Arm::Contact).map(value));
            Part {
                offer: name,
                contacted: of(Arm::Contact).count() as u64,
                control: of(Arm::Control).count() as u64,
                spend: sum(|row| row.cost),
                gain: sum(|row| row.gain),
            }
        };
        self.offers.names.iter().map(String::as_str).enumerate().map(part).collect()
    }
}

impl Analysis for Targets {
    /// - `list`: who gets an offer, the most profitable first, and who in control would:
    ///   `customer_id`, `offer`, `gain`, `cost`, `profit`, `arm`.
    /// - `offers`: a row for each offer: `offer`, `customers`, `control`, `spend`, `gain`, `profit`.
    /// - `curve`: lists within other budgets: `spend`, `profit`, `customers`, `price`.
    const TABLES: &'static [Table<Self>] =
        &[("list", Self::list), ("offers", Self::by_offer), ("curve", Self::curve_table)];
    const IS_REPORT: bool = true;

    fn figures(&self) -> Map<String, Value> {
        let (with_more, profit_with_more) = self.with_more;
        let figures = json!({
            "customers": self.offers.ids.len(),
            "contacted": self.contacted,
            "control": self.in_control(),
            "budget": self.options.budget,
            "capacity": self.options.capacity,
            "spend": self.spend,
            "gain": self.profit + self.spend,
            "profit": self.profit,
            "bound": self.bound,
            "gap": self.gap(),
            "price": self.price,
            "more": self.options.more,
            "profit_of_more": profit_with_more - self.profit,
            "customers_of_more": with_more as i64 - self.contacted as i64,
        });
        match figures {
            Value::Object(figures) => figures,
            _ => Map::new(),
        }
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        match (self.lowest_cost, self.options.budget) {
            (None, _) => {
                notes.push("nobody is contacted: no offer brings more than it costs".to_owned());
            }
            (Some(lowest), Some(budget)) if lowest > budget => notes.push(format!(
                "nobody is contacted: the budget is {}, and the cheapest offer that pays costs {}",
                money(budget),
                money(lowest)
            )),
            _ => {}
        }
        if self.options.control_share == 0.0 && self.contacted > 0 {
            notes.push(
                "nobody is left out for comparison, so nobody will know what the campaign brought; \
                 control_share draws a control group"
                    .to_owned(),
            );
        }
        notes
    }
}

impl fmt::Display for Targets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let customers = counted(self.offers.ids.len() as u64, "customer", "customers");
        write!(f, "{} of {customers} to contact", grouped(self.contacted))?;
        match self.in_control() {
            0 => {}
            control => write!(f, "; {} for comparison", grouped(control))?,
        }
        write!(f, "\nspend {}", money(self.spend))?;
        if let Some(budget) = self.options.budget {
            write!(f, " of a budget of {}", money(budget))?;
        }
        writeln!(f, "; expected profit {}", money(self.profit))?;
        match self.gap() / self.bound {
            gap if gap > 1e-9 => writeln!(
                f,
                "no list can bring more than {} (this one misses it by {:.4} % at most)",
                money(self.bound),
                100.0 * gap
            )?,
            _ => writeln!(f, "no list can bring more")?,
        }
        if self.options.budget.is_some() {
            let (with_more, profit) = self.with_more;
            let more = format!(
                "another {} would bring {} and reach {} more; at this budget a unit of money brings {:.4}",
                money(self.options.more),
                money(profit - self.profit),
                grouped(with_more.saturating_sub(self.contacted)),
                self.price
            );
            writeln!(f, "{}", wrapped(&more, ""))?;
        }
        let heads = [
            ("offer", Side::Left),
            ("customers", Side::Right),
            ("control", Side::Right),
            ("spend", Side::Right),
            ("profit", Side::Right),
            ("share of spend", Side::Right),
        ];
        let row = |part: Part<'_>| {
            let share = if self.spend > 0.0 { part.spend / self.spend } else { 0.0 };
            vec![
                part.offer.to_owned(),
                grouped(part.contacted),
                grouped(part.control),
                money(part.spend),
                money(part.gain - part.spend),
                percent(share),
            ]
        };
        let rows: Vec<Vec<String>> = self.parts().into_iter().map(row).collect();
        write!(f, "\n{}", aligned(&heads, &rows).trim_end())?;
        write_notes(f, &Analysis::notes(self))
    }
}
