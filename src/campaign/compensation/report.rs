//! Who is compensated, in tables and in words.

use std::fmt;

use arrow_array::RecordBatch;
use serde_json::{Map, Value, json};

use super::harms::Harm;
use super::list::{Compensation, Fate, Owed};
use crate::answer::columns::{batch, counts, numbers, texts};
use crate::answer::text_table::of_batch;
use crate::answer::{Analysis, Table, write_notes};
use crate::campaign::profit_report::money;
use crate::error::Result;
use crate::log::{counted, grouped};
use crate::stats::exact_sum;

impl Compensation {
    fn of(&self, fate: Fate) -> impl Iterator<Item = &Owed> + Clone {
        self.owed.iter().filter(move |own| own.fate == fate)
    }

    fn rows<'a>(&self, rows: impl Iterator<Item = &'a Owed> + Clone) -> Result<RecordBatch> {
        let words = |own: &Owed| {
            let told = own.harms.iter().map(|(harm, n)| harm.words(*n, self.options.language));
            told.collect::<Vec<String>>().join("; ")
        };
        let reasons: Vec<String> = rows.clone().map(words).collect();
        let ids = self.log.customers().take(rows.clone().map(|own| own.customer));
        batch([
            ("customer_id".to_owned(), ids),
            texts("arm", rows.clone().map(|own| own.fate.name())),
            numbers("compensation", rows.clone().map(|own| own.amount)),
            texts("by", rows.clone().map(|own| own.by.name())),
            numbers("spend_365d", rows.clone().map(|own| own.spend)),
            counts("harms", rows.map(|own| own.harms.len() as u64)),
            texts("reasons", reasons.iter().map(String::as_str)),
        ])
    }

    fn list(&self) -> Result<RecordBatch> {
        self.rows(self.owed.iter().filter(|own| own.fate != Fate::BeyondFund))
    }

    fn beyond_fund(&self) -> Result<RecordBatch> {
        self.rows(self.of(Fate::BeyondFund))
    }

    fn by_harm(&self) -> Result<RecordBatch> {
        let asked: Vec<Harm> =
            Harm::ALL.into_iter().filter(|harm| self.options.amount(*harm).is_some()).collect();
        let paid = |harm: &Harm| {
            let harm = *harm;
            self.of(Fate::Compensate).filter(move |own| own.by == harm)
        };
        let hurt = |harm: &Harm| {
            let has = |own: &&Owed| own.harms.iter().any(|(own, _)| own == harm);
            self.owed.iter().filter(has).count() as u64
        };
        batch([
            texts("harm", asked.iter().map(|harm| harm.name())),
            numbers("compensation", asked.iter().map(|harm| self.options.amount(*harm))),
            counts("customers", asked.iter().map(hurt)),
            counts("compensated", asked.iter().map(|harm| paid(harm).count() as u64)),
            numbers("cost", asked.iter().map(|harm| exact_sum(paid(harm).map(|own| own.amount)))),
        ])
    }

    fn cost(&self, fate: Fate) -> f64 {
        exact_sum(self.of(fate).map(|own| own.amount))
    }
}

impl Analysis for Compensation {
    /// - `list`: who is compensated, and who is drawn to get nothing, the best customers first:
    ///   `customer_id`, `arm` (`compensate`, `control`), `compensation`, `by` (the harm that decides
    ///   the amount), `spend_365d` (without amounts purchases), `harms`, `reasons`.
    /// - `harms`: `harm`, `compensation`, `customers`, `compensated` (by it), `cost`.
    /// - `beyond_fund`: as `list`, of those whom the fund does not reach.
    const TABLES: &'static [Table<Self>] =
        &[("list", Self::list), ("harms", Self::by_harm), ("beyond_fund", Self::beyond_fund)];
    const IS_REPORT: bool = true;

    fn figures(&self) -> Map<String, Value> {
        let figures = json!({
            "customers": self.owed.len(),
            "compensated": self.of(Fate::Compensate).count(),
            "control": self.of(Fate::Control).count(),
            "beyond_fund": self.of(Fate::BeyondFund).count(),
            "fund": self.options.fund,
            "cost": self.cost(Fate::Compensate),
            "cost_beyond_fund": self.cost(Fate::BeyondFund),
            "gap": self.gap,
            "ratings": self.ratings,
        });
        match figures {
            Value::Object(figures) => figures,
            _ => Map::new(),
        }
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if let Some((low, high)) = self.ratings
            && self.options.bad_rating < low
        {
            notes.push(format!(
                "no ticket was rated {} or lower; ratings go from {low} to {high}",
                self.options.bad_rating
            ));
        }
        if self.owed.is_empty() {
            notes.push("nobody went through any of this".to_owned());
        } else if self.options.control_share == 0.0 {
            notes.push(
                "nobody is drawn to get nothing, so that later it will only be seen what happened, \
                 and not what compensation changed; control_share draws some"
                    .to_owned(),
            );
        }
        notes
    }
}

impl fmt::Display for Compensation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |fate: Fate| self.of(fate).count() as u64;
        let owed = counted(self.owed.len() as u64, "customer was", "customers were");
        write!(f, "{owed} treated badly; {} to compensate", grouped(count(Fate::Compensate)))?;
        write!(f, ", cost {}", money(self.cost(Fate::Compensate)))?;
        if let Some(fund) = self.options.fund {
            write!(f, " of a fund of {}", money(fund))?;
        }
        for fate in Fate::ALL {
            match (fate, count(fate)) {
                (Fate::Compensate, _) | (_, 0) => {}
                (Fate::Control, n) => write!(f, "\n{} drawn to get nothing", grouped(n))?,
                (Fate::BeyondFund, n) => write!(
                    f,
                    "\nthe fund does not reach {}, who would cost {}",
                    grouped(n),
                    money(self.cost(Fate::BeyondFund))
                )?,
            }
        }
        if self.gap > 1e-9 && count(Fate::Compensate) > 0 {
            let gap = 100.0 * self.gap;
            write!(f, "\nthose whom another list reaches bought for at most {gap:.4} % more")?;
        }
        let table = self.by_harm().map_err(|_| fmt::Error)?;
        write!(f, "\n\n{}", of_batch(&table).trim_end())?;
        write_notes(f, &Analysis::notes(self))
    }
}
