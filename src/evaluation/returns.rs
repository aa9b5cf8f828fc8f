//! Whether anything that came back says which purchase it was.

use rayon::prelude::*;

use crate::labels::Label;
use crate::log::{CustomerIndex, EventLog};
use crate::time::Window;

/// A note where purchases that were returned in full should not count, and the log has none: `any` says
/// whether it has.
pub(super) fn nothing_returned(label: Label, any: bool) -> Option<String> {
    (label != Label::Purchase && !any).then(|| {
        format!(
            "the label {label} counts what {} does, for no order of the log was returned in full: a return \
             says which by bearing the order_id of the purchase",
            Label::Purchase
        )
    })
}

/// Whether any purchase of the customers of a log was returned in full, where the label asks for it.
pub(super) fn any_returned(log: &EventLog, label: Label) -> bool {
    if label == Label::Purchase {
        return false;
    }
    let (start, end) = (log.first_event(), log.observed_until());
    let purchases =
        |label, customer| log.seen(label, customer, Window { start, end }, end).purchases().len();
    let took_away = |customer: CustomerIndex| {
        purchases(Label::Purchase, customer) > purchases(Label::KeptPurchase, customer)
    };
    log.customers().par_indices().with_min_len(1_024).any(took_away)
}
