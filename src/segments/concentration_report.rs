//! Concentration as tables and in words.

use std::fmt;

use arrow_array::RecordBatch;
use serde_json::{Map, Value};

use super::concentration::Concentration;
use crate::answer::columns::{batch, counts, numbers};
use crate::answer::text_table::percent;
use crate::answer::{Analysis, Table, fields, write_notes};
use crate::error::Result;
use crate::log::grouped;

impl Concentration {
    fn top_groups(&self) -> Result<RecordBatch> {
        let rows = &self.top;
        batch(vec![
            numbers("top_share", rows.iter().map(|row| row.share)),
            counts("customers", rows.iter().map(|row| row.customers)),
            numbers("revenue", rows.iter().map(|row| row.revenue)),
            numbers("revenue_share", rows.iter().map(|row| row.revenue_share)),
            numbers("threshold", rows.iter().map(|row| row.threshold)),
            counts("customers_at_threshold", rows.iter().map(|row| row.at_threshold)),
        ])
    }

    fn lorenz(&self) -> Result<RecordBatch> {
        let steps = self.lorenz.len() - 1;
        batch(vec![
            numbers("customer_share", (0..=steps).map(|step| step as f64 / steps as f64)),
            numbers("revenue_share", self.lorenz.iter().copied()),
        ])
    }

    fn vip(&self) -> Result<RecordBatch> {
        let list = &self.vip;
        let mut rank = 0;
        let ranks = (0..list.len()).map(|i| {
            if i == 0 || list[i] < list[i - 1] {
                rank = i as u64 + 1;
            }
            rank
        });
        batch(vec![
            ("customer_id".into(), self.vip_ids.clone()),
            counts("rank", ranks),
            numbers("revenue", list.iter().copied()),
            numbers("revenue_share", list.iter().map(|revenue| revenue / self.revenue)),
        ])
    }
}

impl Analysis for Concentration {
    /// - `vip`: the customers of the smallest requested top group, and all who bring as much as the
    ///   last of them: `customer_id`, `rank` (equal for equal revenue), `revenue`, `revenue_share`.
    /// - `top`: the top groups: `top_share`, `customers`, `revenue`, `revenue_share`, `threshold`,
    ///   `customers_at_threshold`.
    /// - `lorenz`: the Lorenz curve: `customer_share` (of those who bring least), `revenue_share`.
    const TABLES: &'static [Table<Self>] =
        &[("vip", Self::vip), ("top", Self::top_groups), ("lorenz", Self::lorenz)];

    fn figures(&self) -> Map<String, Value> {
        fields(self)
    }

    fn notes(&self) -> Vec<String> {
        if self.negative_customers == 0 {
            return Vec::new();
        }
        vec![format!(
            "{} customers returned more than they bought, {:.2} in all; this counts as zero",
            grouped(self.negative_customers),
            -self.negative_revenue
        )]
    }
}

impl fmt::Display for Concentration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |count: u64| grouped(count);
        write!(
            f,
            "Revenue ({}) of {} customers before {}: {:.2}; Gini coefficient {:.3}",
            self.revenue_feature,
            count(self.customers),
            self.at,
            self.revenue,
            self.gini
        )?;
        for top in &self.top {
            write!(
                f,
                "\nthe top {:.4} % (customers: {}, each with {:.2} or more) bring {}",
                // The decimals that a share in per cent has, and no more.
                Trimmed(top.share * 100.0),
                count(top.customers),
                top.threshold,
                percent(top.revenue_share)
            )?;
        }
        write_notes(f, &Analysis::notes(self))
    }
}

/// A number without zeros at its end.
struct Trimmed(f64);

impl fmt::Display for Trimmed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{:.*}", f.precision().unwrap_or(2), self.0);
        f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}
