//! What is known of a log beside its customers.

use super::store::options::PurchaseRules;
use crate::time::Timestamp;

/// What is known of a log beside its customers, and so is the same for every part of it.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct LogFacts {
    /// The first transaction.
    pub first_event: Timestamp,
    /// The last transaction.
    pub last_event: Timestamp,
    /// Up to when all is known (exclusive).
    pub observed_until: Timestamp,
    /// How purchases are formed from rows, and whose wall clock all times are by.
    pub rules: PurchaseRules,
    /// Whether what are called purchases are acts that stand in place of them.
    pub tells_activity: bool,
    /// The share of all customers that it holds, drawn by their ids; 1 for all.
    pub share: f64,
    /// The cutoff, of a snapshot.
    pub at: Option<Timestamp>,
}

impl LogFacts {
    /// The cutoff; of a log itself, up to when all is known.
    pub(crate) fn cutoff(&self) -> Timestamp {
        self.at.unwrap_or(self.observed_until)
    }

    /// That it holds a share of the customers, if it does.
    pub(crate) fn share_note(&self) -> Option<String> {
        share_note(self.share)
    }
}

/// That a log holds a share of the customers, if it does.
pub(super) fn share_note(share: f64) -> Option<String> {
    (share < 1.0).then(|| {
        format!(
            "the log holds a share of {share} of the customers, drawn by their ids: counts are of \
             these alone"
        )
    })
}
