//! Whether anything that came back says which purchase it was.

use rayon::prelude::*;

use crate::labels::Label;
use crate::log::{CustomerIndex, EventLog};
use crate::time::Window;

/// A note where purchases that were returned in full should not count, and the log has none.
pub(super) fn nothing_returned(log: &EventLog, label: Label) -> Option<String> {
    if label == Label::Purchase {
        return None;
    }
    let (start, end) = (log.first_event(), log.observed_until());
    let purchases = |label, customer| {
        log.outcome_by(label, customer, Window { start, end }, end).purchases().len()
    };
    let took_away = |customer: CustomerIndex| {
        purchases(Label::Purchase, customer) > purchases(Label::KeptPurchase, customer)
    };
    let any = log.customers().par_indices().with_min_len(1_024).any(took_away);
    (!any).then(|| {
        format!(
            "the label {label} counts what {} does, for no order of the log was returned in full: a return \
             says which by bearing the order_id of the purchase",
            Label::Purchase
        )
    })
}
