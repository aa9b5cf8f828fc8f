//! What was drawn as a whole.

use super::arms::ArmsOf;
use crate::error::{Error, Result, quoted, shown};
use crate::log::CustomerTable;

/// Fewer clusters than these in an arm are few: their errors are too small.
const FEW_CLUSTERS: u64 = 30;

/// The cluster of each customer, or of each row.
#[derive(Debug, Clone)]
pub(super) struct Clusters {
    pub(super) of_customer: Vec<u32>,
    /// Clusters of each arm.
    pub(super) sizes: Vec<u64>,
    /// Whether a cluster is a customer, who has several rows.
    are_customers: bool,
}

/// Whether rows of one customer are a cluster.
pub(super) fn is_customer(column: Option<&str>) -> bool {
    column == Some("customer_id")
}

impl Clusters {
    /// Refuses customers without a cluster, and clusters in two arms: they were not drawn as a whole.
    pub(super) fn read(
        table: &CustomerTable,
        arms: &ArmsOf,
        column: Option<&str>,
    ) -> Result<Option<Self>> {
        let Some(column) = column else { return Ok(None) };
        let of_customer = match is_customer(Some(column)) {
            true => table.owners().iter().copied().map(u32::from).collect(),
            false => numbered(table, arms, column)?,
        };
        let all = of_customer.iter().max().map_or(0, |most| *most as usize + 1);
        let mut arm_of: Vec<Option<usize>> = vec![None; all];
        let mut sizes = vec![0; arms.names.len()];
        for (place, (&cluster, &arm)) in of_customer.iter().zip(&arms.of_customer).enumerate() {
            match arm_of[cluster as usize] {
                None => {
                    arm_of[cluster as usize] = Some(arm);
                    sizes[arm] += 1;
                }
                Some(own) if own != arm => {
                    let cells = table.texts(column)?;
                    let cell = cells[arms.first[place]].as_deref().unwrap_or_default();
                    let [one, other] = [own, arm].map(|arm| quoted(&arms.names[arm]));
                    return Err(Error::bad_table(
                        table.name(),
                        format!(
                            "{} {} is in two arms, {one} and {other}: it was not drawn as a whole, and \
                             then errors need no clusters",
                            quoted(column),
                            shown(cell)
                        ),
                    ));
                }
                Some(_) => {}
            }
        }
        if let Some(few) = sizes.iter().position(|size| *size < 2) {
            return Err(Error::TooLittleData(format!(
                "the arm {} has {} of {}; two or more are needed, and some dozens to see anything",
                arms.names[few],
                sizes[few],
                quoted(column)
            )));
        }
        let are_customers = is_customer(Some(column));
        Ok(Some(Clusters { of_customer, sizes, are_customers }))
    }

    /// The part of its customer that each row is; none where each row is a customer.
    pub(super) fn parts_of_customers(&self) -> Option<Vec<f64>> {
        let most = self.of_customer.iter().max().filter(|_| self.are_customers)?;
        let mut rows = vec![0.0; *most as usize + 1];
        self.of_customer.iter().for_each(|&customer| rows[customer as usize] += 1.0);
        Some(self.of_customer.iter().map(|&customer| 1.0 / rows[customer as usize]).collect())
    }

    /// What a reader must know of few clusters.
    pub(super) fn notes(&self, arms: &[String]) -> Vec<String> {
        let few = arms.iter().zip(&self.sizes).filter(|(_, size)| **size < FEW_CLUSTERS);
        few.map(|(arm, size)| {
            format!(
                "too few: the arm {arm} has {size} clusters, and errors of fewer than {FEW_CLUSTERS} are \
                 too small"
            )
        })
        .collect()
    }
}

/// The values of a column as numbers, in the order of the texts.
fn numbered(table: &CustomerTable, arms: &ArmsOf, column: &str) -> Result<Vec<u32>> {
    let cells = table.texts(column)?;
    let mut own: Vec<&str> = Vec::with_capacity(arms.first.len());
    for &row in &arms.first {
        let Some(cell) = &cells[row] else {
            let id = table.ids().get(table.owners()[row]).to_string();
            let message = format!("customer {} has no {}", shown(&id), quoted(column));
            return Err(Error::bad_table(table.name(), message));
        };
        own.push(cell);
    }
    let mut all = own.clone();
    all.sort_unstable();
    all.dedup();
    Ok(own.iter().map(|cell| all.partition_point(|other| other < cell) as u32).collect())
}
