//! Whether contracts end after they begin.

use super::cases::Cases;
use super::finding::{Finding, Severity, Verdict};
use super::judged::Judged;
use crate::log::{CustomerIndices, NO_TIME, counted, over_customers};
use crate::time::Timestamp;

/// Purchases and those of them that end before they begin.
#[derive(Default)]
struct Ends {
    rows: u64,
    early: Cases,
}

pub(super) fn ends_before_start(judged: &Judged<'_>) -> Verdict {
    if !judged.log.columns().valid_until {
        return Verdict::NotThere("no ends of contracts");
    }
    let of = |customers: CustomerIndices| {
        let mut found = Ends::default();
        for customer in customers {
            let history = judged.log.history(customer, Timestamp::MAX);
            let ends = history.contract_ends().unwrap_or_default();
            for (row, (&time, &end)) in history.times().iter().zip(ends.iter()).enumerate() {
                if history.is_bought(row) && end != NO_TIME {
                    found.rows += 1;
                    if end < time {
                        found.early.add(customer, time);
                    }
                }
            }
        }
        found
    };
    let found = over_customers(judged.log, 0, of, |all, later| {
        all.rows += later.rows;
        all.early.merge(later.early);
    });
    judged.cases(found.early, found.rows, |_| Finding {
        severity: Severity::Medium,
        finding: format!(
            "{} over before it begins: valid_until may be another date, or its day and month swapped",
            counted(found.early.count, "contract is", "contracts are")
        ),
        advice: "look at the column; renewals leave such purchases out",
        ..Finding::default()
    })
}
