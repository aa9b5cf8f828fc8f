//! What follows from a recipe, worked out once for all customers.

use crate::explain::DescribedColumns;
use crate::features::{Place, Wanted};
use crate::log::CustomerHistory;

#[derive(Debug, Clone)]
pub(crate) struct Ready {
    /// Number of columns.
    pub(super) width: usize,
    /// The features that are read.
    pub(super) wanted: Wanted,
    /// The column of the average check, if it is read.
    pub(super) average_check: Option<usize>,
    pub(super) described: DescribedColumns,
    /// A history of no rows, of which others are made: they share what they do not change.
    pub(super) blank: CustomerHistory,
}

impl Ready {
    /// Of columns of these names, the first of which are features.
    pub(super) fn new(names: Vec<String>, features: &[Place], blank: CustomerHistory) -> Self {
        let places: Vec<usize> = features.iter().map(|place| place.0).collect();
        Ready {
            width: names.len(),
            wanted: Wanted::places(&places),
            average_check: names.iter().position(|name| name == "average_check"),
            described: DescribedColumns::new(names),
            blank,
        }
    }
}
