//! Groups as tables and in words.

use std::fmt;

use arrow_array::RecordBatch;
use serde_json::{Map, Value};

use super::columns::Table;
use super::words::{Difference, told};
use super::{ClusterTrial, Clusters};
use crate::answer::columns::{Column, batch, counts, flags, numbers, texts};
use crate::answer::text_table::percent;
use crate::answer::{Analysis, Table as Named, fields, write_notes};
use crate::error::Result;
use crate::log::grouped;
use crate::snapshot::Snapshot;
use crate::stats::{ExactSum, exact_sum};

/// One group.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Cluster {
    /// Its number, from 1.
    pub cluster: usize,
    /// What sets it apart most, such as "bought recently, buys often".
    pub name: String,
    /// The same with figures: the group's median (of shares the mean), and that of all customers.
    pub description: String,
    /// Its customers.
    pub customers: u64,
    /// As a share of all.
    pub share: f64,
    /// Their net spend before the cutoff, as a share of all; none without amounts.
    pub revenue_share: Option<f64>,
    /// Median of every column in the group; of shares the mean.
    pub values: Vec<f64>,
}

/// The groups in order, named, and the members by their new numbers.
pub(super) fn described(
    snapshot: &Snapshot,
    table: &Table,
    k: usize,
    members: Vec<usize>,
) -> Result<(Vec<Cluster>, Vec<usize>)> {
    let spend = match snapshot.log().columns().amount {
        true => Some(snapshot.some_features(&["total_spend"], &[])?),
        false => None,
    };
    let spend = spend.as_ref().map(|table| table.numbers("total_spend")).transpose()?;
    let all_spend = spend.map(|spend| exact_sum(spend.iter().copied()));
    let mut sizes = vec![0u64; k];
    let mut sums = vec![ExactSum::default(); k];
    for (row, &member) in members.iter().enumerate() {
        sizes[member] += 1;
        if let Some(spend) = spend {
            sums[member].add(spend[row]);
        }
    }
    let revenue: Vec<f64> = sums.iter().map(ExactSum::value).collect();
    let mut order: Vec<usize> = (0..k).filter(|&group| sizes[group] > 0).collect();
    order.sort_by(|&a, &b| revenue[b].total_cmp(&revenue[a]).then(sizes[b].cmp(&sizes[a])));
    let of_all: Vec<f64> = (0..table.width()).map(|place| table.middle(place, |_| true)).collect();
    let mut clusters = Vec::new();
    for (number, &group) in order.iter().enumerate() {
        let is_own = |row: usize| members[row] == group;
        let values: Vec<f64> =
            (0..table.width()).map(|place| table.middle(place, is_own)).collect();
        let difference = |place: usize| Difference {
            column: &table.columns[place],
            distance: table.distance(place, is_own),
            own: values[place],
            all: of_all[place],
        };
        let (name, description) = told((0..table.width()).map(difference).collect());
        clusters.push(Cluster {
            cluster: number + 1,
            name,
            description,
            customers: sizes[group],
            share: sizes[group] as f64 / members.len() as f64,
            revenue_share: all_spend.filter(|all| *all > 0.0).map(|all| revenue[group] / all),
            values,
        });
    }
    let mut places = vec![0; k];
    order.iter().enumerate().for_each(|(place, &group)| places[group] = place);
    Ok((clusters, members.into_iter().map(|group| places[group]).collect()))
}

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
    const TABLES: &'static [Named<Self>] = &[
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
