//! Who was in which arm.

use crate::campaign::plan_file::{PlanFile, digest};
use crate::error::{Error, Result, names, quoted, shown};
use crate::log::{CustomerTable, grouped};

/// The arms of a table of customers, each of whom is in one.
#[derive(Debug, Clone)]
pub(in crate::campaign) struct ArmsOf {
    /// Control first, the others by name.
    pub(in crate::campaign) names: Vec<String>,
    /// Of each customer, by ascending id.
    pub(in crate::campaign) of_customer: Vec<usize>,
    /// A row of each customer.
    pub(super) first: Vec<usize>,
    /// Rows that say again what another one said.
    pub(super) repeated: u64,
}

/// The arm of each row of a table of customers, each of whom is in one.
#[derive(Debug, Clone)]
pub(in crate::campaign) struct EachArm {
    pub(in crate::campaign) of_row: Vec<String>,
    /// A row of each customer.
    pub(in crate::campaign) first: Vec<usize>,
}

impl EachArm {
    /// Refuses customers without an arm or in two.
    pub(in crate::campaign) fn read(table: &CustomerTable, column: &str) -> Result<Self> {
        let cells = table.texts(column)?;
        let owners = table.owners();
        let id = |row: usize| shown(&table.ids().get(owners[row]).to_string());
        let mut of_row: Vec<String> = Vec::with_capacity(cells.len());
        for (row, cell) in cells.into_iter().enumerate() {
            let Some(arm) = cell else {
                let message = format!("customer {} has no {}", id(row), quoted(column));
                return Err(Error::bad_table(table.name(), message));
            };
            of_row.push(arm);
        }
        let mut first: Vec<usize> = Vec::with_capacity(table.ids().len());
        for row in 0..of_row.len() {
            match first.last() {
                Some(&own) if owners[own] == owners[row] => {
                    if of_row[own] != of_row[row] {
                        let [one, other] = [own, row].map(|row| quoted(&of_row[row]));
                        return Err(Error::bad_table(
                            table.name(),
                            format!("customer {} is in two arms, {one} and {other}", id(row)),
                        ));
                    }
                }
                _ => first.push(row),
            }
        }
        Ok(EachArm { of_row, first })
    }
}

impl ArmsOf {
    /// Refuses customers without an arm or in two, and tables without control.
    pub(in crate::campaign) fn read(
        table: &CustomerTable,
        column: &str,
        control: &str,
    ) -> Result<Self> {
        let EachArm { of_row, first } = EachArm::read(table, column)?;
        let mut found: Vec<&str> = first.iter().map(|&row| of_row[row].as_str()).collect();
        found.sort_unstable();
        found.dedup();
        let others: Vec<&str> = found.iter().copied().filter(|name| *name != control).collect();
        if others.len() == found.len() {
            return Err(Error::bad_table(
                table.name(),
                format!(
                    "has no control arm: none is called {}; found: {}. Without customers who were drawn \
                     at random and not contacted no effect can be measured, for nobody knows who would \
                     have bought anyway. What can be had is a model of who responds",
                    quoted(control),
                    names(found.iter().take(10).copied())
                ),
            ));
        }
        if others.is_empty() {
            let message = format!("has no arm but control, {}", quoted(control));
            return Err(Error::bad_table(table.name(), message));
        }
        if others.len() > 99 {
            let message = format!(
                "has {} different values of {}; expected the names of up to 100 arms",
                found.len(),
                quoted(column)
            );
            return Err(Error::bad_table(table.name(), message));
        }
        let all: Vec<&str> = std::iter::once(control).chain(others).collect();
        let place = |arm: &str| all.iter().position(|name| *name == arm).unwrap_or(0);
        let of_customer = first.iter().map(|&row| place(&of_row[row])).collect();
        Ok(ArmsOf {
            names: all.into_iter().map(str::to_owned).collect(),
            of_customer,
            repeated: (of_row.len() - first.len()) as u64,
            first,
        })
    }

    /// Refuses arms that are not those that the plan drew.
    pub(super) fn check_plan(&self, table: &CustomerTable, plan: &PlanFile) -> Result<()> {
        let arms = table.ids().indices().zip(&self.of_customer);
        let own = digest(arms.map(|(own, &arm)| (table.ids().get(own), &*self.names[arm])));
        if own == plan.digest {
            return Ok(());
        }
        Err(Error::bad_table(
            table.name(),
            format!(
                "is not the list that the plan drew: {}; customers may not be left out or moved \
                 afterwards, whether they were reached or not",
                match self.of_customer.len() as u64 == plan.customers {
                    true => "other customers are on it, or some are in other arms".to_owned(),
                    false => format!(
                        "it has {} customers, the plan {}",
                        grouped(self.of_customer.len() as u64),
                        grouped(plan.customers)
                    ),
                }
            ),
        ))
    }

    /// The same with each row of the table in place of each customer.
    pub(in crate::campaign) fn by_row(&self, table: &CustomerTable) -> Self {
        let owners = table.owners();
        ArmsOf {
            names: self.names.clone(),
            of_customer: owners.iter().map(|&owner| self.of_customer[owner.index()]).collect(),
            first: (0..owners.len()).collect(),
            repeated: 0,
        }
    }

    /// Customers of each arm.
    pub(super) fn sizes(&self) -> Vec<u64> {
        let mut sizes = vec![0; self.names.len()];
        self.of_customer.iter().for_each(|&arm| sizes[arm] += 1);
        sizes
    }
}
