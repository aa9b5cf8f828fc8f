//! Groups as tables and in words.

use std::fmt;

use arrow_array::RecordBatch;
use serde_json::{Map, Value};

use super::found::{ClusterTrial, Clusters};
use crate::answer::columns::{Column, batch, counts, flags, numbers, texts};
use crate::answer::text_table::percent;
use crate::answer::{Analysis, Table, fields, write_notes};
use crate::error::Result;
use crate::log::grouped;

impl Clusters {
    fn rows_table(&self) -> Result<RecordBatch> {
        let members = || self.members.iter().map(|&member| &self.clusters[member]);
        batch(vec![
            ("customer_id".into(), self.ids.clone()),
            counts("cluster", members().map(|cluster| cluster.cluster as u64)),
            texts("group", members().map(|cluster| cluster.name.as_str())),
        ])
    }

    fn clusters_table(&self) -> Result<RecordBatch> {
        let rows = || self.clusters.iter();
        let mut columns: Vec<Column> = vec![
            counts("cluster", rows().map(|row| row.cluster as u64)),
            texts("group", rows().map(|row| row.name.as_str())),
            counts("customers", rows().map(|row| row.customers)),
            numbers("share", rows().map(|row| row.share)),
            numbers("revenue_share", rows().map(|row| row.revenue_share)),
            texts("description", rows().map(|row| row.description.as_str())),
        ];
        for (place, name) in self.columns.iter().enumerate() {
            columns.push(numbers(name, rows().map(|row| row.values[place])));
        }
        batch(columns)
    }

    fn trials_table(&self) -> Result<RecordBatch> {
        let rows = || self.trials.iter();
        batch(vec![
            counts("k", rows().map(|trial| trial.k as u64)),
            numbers("stability", rows().map(|trial| trial.stability)),
            numbers("smallest_share", rows().map(|trial| trial.smallest_share)),
            numbers("inertia", rows().map(|trial| trial.inertia)),
            flags("chosen", rows().map(|trial| trial.chosen)),
        ])
    }

    fn chosen(&self) -> Option<&ClusterTrial> {
        self.trials.iter().find(|trial| trial.chosen)
    }
}

impl Analysis for Clusters {
    /// - `customers`: every customer with a purchase before the cutoff: `customer_id`, `cluster`,
    ///   `group` (its name).
    /// - `clusters`: `cluster`, `group`, `customers`, `share`, `revenue_share`, `description`, then
    ///   the median of every column in the group, of shares the mean.
    /// - `trials`: `k`, `stability`, `smallest_share`, `inertia`, `chosen`.
    const TABLES: &'static [Table<Self>] = &[
        ("customers", Self::rows_table),
        ("clusters", Self::clusters_table),
        ("trials", Self::trials_table),
    ];

    fn figures(&self) -> Map<String, Value> {
        fields(self)
    }

    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }
}

impl fmt::Display for Clusters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let customers = grouped(self.customers);
        write!(f, "{} groups of {customers} customers at {}", self.k, self.at)?;
        if let Some(stability) = self.chosen().and_then(|trial| trial.stability) {
            write!(f, "; adjusted Rand index with the groups found before {stability:.2}")?;
        }
        for row in &self.clusters {
            let share = percent(row.share);
            write!(
                f,
                "\n\n{} {}: {} customers, {share}",
                row.cluster,
                row.name,
                grouped(row.customers)
            )?;
            if let Some(revenue) = row.revenue_share {
                write!(f, " ({} of the revenue)", percent(revenue))?;
            }
            write!(f, "\n  {}", row.description)?;
        }
        write_notes(f, &self.notes)
    }
}
