//! Who is due: active customers whose silence will soon mean that they have left.

use crate::churn::ChurnModel;
use crate::error::Result;
use crate::log::CustomerIndex;
use crate::snapshot::Snapshot;
use crate::time::{Span, Timestamp};
use crate::timing::CustomerTiming;

/// How far ahead alarm dates are looked for.
const AHEAD: Span = Span::days(30);

/// Active customers with an alarm date within the next 30 days.
pub(super) struct Due {
    pub(super) customers: usize,
    pub(super) value: f64,
    /// Those of the highest lifetime value.
    pub(super) top: Vec<DueRow>,
}

pub(super) struct DueRow {
    pub(super) customer: CustomerIndex,
    pub(super) last_purchase: Option<Timestamp>,
    pub(super) timing: CustomerTiming,
}

impl Due {
    /// Of these active customers; none where the model knows nothing of times.
    pub(super) fn find(
        model: &ChurnModel,
        snapshot: &Snapshot,
        customers: &[CustomerIndex],
        top: usize,
    ) -> Result<Option<Self>> {
        let Some(spend) = model.spend().filter(|spend| spend.purchases().is_some()) else {
            return Ok(None);
        };
        let (from, to) = (snapshot.at(), snapshot.at().add(AHEAD)?);
        let timing = spend.timing_of(snapshot, customers);
        let mut due: Vec<(CustomerIndex, CustomerTiming)> = customers
            .iter()
            .copied()
            .zip(timing)
            .filter(|(_, timing)| timing.alarm_date.is_some_and(|at| at >= from && at < to))
            .collect();
        due.sort_by(|a, b| b.1.lifetime_value.total_cmp(&a.1.lifetime_value));
        let row = |&(customer, timing): &(CustomerIndex, CustomerTiming)| DueRow {
            customer,
            last_purchase: snapshot.history(customer).last_purchase(),
            timing,
        };
        Ok(Some(Due {
            customers: due.len(),
            value: due.iter().map(|(_, timing)| timing.lifetime_value).sum(),
            top: due.iter().take(top).map(row).collect(),
        }))
    }
}
