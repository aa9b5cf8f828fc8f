//! One group, and what sets it apart.

use super::columns::Table;
use super::words::{Difference, told};
use crate::error::Result;
use crate::snapshot::Snapshot;
use crate::stats::{ExactSum, exact_sum};

/// One group.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
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
    // Each has a name of its own, by which its customers can be told.
    let names: Vec<String> = clusters.iter().map(|cluster| cluster.name.clone()).collect();
    for cluster in &mut clusters {
        if names.iter().filter(|name| **name == cluster.name).count() > 1 {
            cluster.name = format!("{} ({})", cluster.name, cluster.cluster);
        }
    }
    let mut places = vec![0; k];
    order.iter().enumerate().for_each(|(place, &group)| places[group] = place);
    Ok((clusters, members.into_iter().map(|group| places[group]).collect()))
}
