//! The score of one customer.

use crate::labels::State;

/// The score of one customer.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct CustomerScore {
    /// State at the cutoff.
    pub state: State,
    /// Days since the last purchase.
    pub days_since_last_purchase: f64,
    /// Purchases before the cutoff.
    pub purchase_count: u64,
    /// Net spend per purchase; NaN when the log has no amounts.
    pub average_check: f64,
    /// Chance of a purchase in the outcome window.
    pub purchase_probability: f64,
    /// One minus the purchase probability.
    pub churn_probability: f64,
}
