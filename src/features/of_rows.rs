//! What of a customer's features follows from the transaction rows alone, whatever the cutoff.

use super::basket::{self, Tally};
use super::catalogue::first;
use super::feature::Family;
use super::gaps::Gaps;
use super::rhythm::{self, CLUMPINESS};
use super::spend;
use super::wanted::Wanted;
use crate::log::{History, Purchase};

/// Buffers kept from customer to customer.
#[derive(Debug, Default)]
pub(super) struct RowsScratch {
    /// Empty until they are asked for.
    purchase_days: Vec<i64>,
    /// Of categories and channels.
    tallies: [Tally; 2],
}

impl RowsScratch {
    /// Begins with another history.
    pub(super) fn forget(&mut self) {
        self.purchase_days.clear();
    }

    /// The days with a purchase, rising, of the only history since the last was forgotten.
    pub(super) fn purchase_days(&mut self, history: &History<'_>) -> &[i64] {
        if self.purchase_days.is_empty() {
            history.write_purchase_days(&mut self.purchase_days);
        }
        &self.purchase_days
    }
}

/// The places in the catalogue at which families begin that need more than sums.
const RHYTHM: usize = first(Family::Rhythm);
const BASKET: usize = first(Family::Basket);

/// Found once for all cutoffs between which there are no rows.
#[derive(Debug, Clone)]
pub(crate) struct OfRows {
    pub(super) total_spend: f64,
    pub(super) max_check: f64,
    pub(super) gaps: Gaps,
    pub(super) basket: [f64; basket::FEATURES.len()],
}

impl OfRows {
    /// What the wanted features need.
    pub(super) fn of(history: &History<'_>, wanted: Wanted, scratch: &mut RowsScratch) -> Self {
        let (of_rhythm, of_basket) = (wanted.after(RHYTHM), wanted.after(BASKET));
        scratch.forget();
        let total = spend::total(history);
        OfRows {
            total_spend: total.value(),
            max_check: largest(history.purchases()),
            gaps: match of_rhythm.any(rhythm::FEATURES.len()) {
                true => Gaps::between(scratch.purchase_days(history), of_rhythm.has(CLUMPINESS)),
                false => Gaps::default(),
            },
            basket: match of_basket.any(basket::FEATURES.len()) {
                true => basket::compute(history, of_basket, total, &mut scratch.tallies),
                false => basket::FEATURES.map(|feature| feature.empty),
            },
        }
    }
}

/// The largest check; NaN if there is none.
fn largest(purchases: &[Purchase]) -> f64 {
    // Several at a time, for none to wait for the one before.
    let (fours, rest) = purchases.as_chunks::<4>();
    let mut largest = [f64::NAN; 4];
    for four in fours {
        largest.iter_mut().zip(four).for_each(|(most, p)| *most = most.max(p.check));
    }
    rest.iter().map(|purchase| purchase.check).chain(largest).fold(f64::NAN, f64::max)
}
