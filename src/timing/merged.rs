//! Customers as a search for parameters takes them: equal ones once, and of many some first.

use super::buyer::Buyer;
use super::buyers::Buyers;
use crate::error::{Error, Result};
use crate::progress::Progress;
use crate::stats::exact_sum;

/// From so many different customers on a search for parameters begins among one in [`THIN`].
const MANY: usize = 16_384;
const THIN: usize = 16;

/// Equal customers once, with their number, in units of the longest T, by rising frequency.
#[derive(Debug)]
pub(super) struct Merged {
    pub(super) rows: Vec<(Buyer, f64)>,
    pub(super) unit: f64,
    pub(super) customers: f64,
    /// Whom a search among them tells.
    pub(super) progress: Progress,
}

impl Merged {
    /// # Errors
    /// [`Error::TooLittleData`] where nobody bought again.
    pub(super) fn new(buyers: &Buyers) -> Result<Self> {
        let rows = buyers.rows();
        if rows.iter().all(|buyer| buyer.frequency() == 0) {
            return Err(Error::TooLittleData(format!(
                "no repeat purchase by any of {} customers; how often and for how long customers \
                 buy shows in repeat purchases only",
                rows.len()
            )));
        }
        let unit = rows.iter().map(Buyer::t).fold(0.0, f64::max);
        let distinct = buyers.distinct();
        let mut merged: Vec<(Buyer, f64)> =
            distinct.rows.iter().map(|buyer| (buyer.scaled(unit), 0.0)).collect();
        distinct.place.iter().for_each(|&place| merged[place as usize].1 += 1.0);
        let customers = rows.len() as f64;
        Ok(Merged { rows: merged, unit, customers, progress: buyers.progress().clone() })
    }

    /// Every so many of them where there are many.
    pub(super) fn thinned(&self) -> Option<Self> {
        let rows: Vec<(Buyer, f64)> = thinned(&self.rows)?;
        let customers = exact_sum(rows.iter().map(|(_, weight)| *weight));
        Some(Merged { rows, customers, unit: self.unit, progress: self.progress.clone() })
    }

    /// The sum of a number over all customers.
    pub(super) fn total(&self, of: impl Fn(&Buyer) -> f64) -> f64 {
        exact_sum(self.rows.iter().map(|(buyer, weight)| weight * of(buyer)))
    }
}

/// Every so many of many rows: enough to know about where the parameters lie.
pub(super) fn thinned<R: Copy>(rows: &[R]) -> Option<Vec<R>> {
    (rows.len() >= MANY).then(|| rows.iter().step_by(THIN).copied().collect())
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use proptest::prelude::*;

    use super::super::beta_geo_kernel::BetaGeoKernel;
    use super::super::distinct::key;
    use super::super::newton::{End, maximise, starts_from_few};
    use super::*;

    proptest! {
        #[test]
        fn prop_what_is_said_of_equal_customers_is_said_of_each(
            days in prop::collection::vec((0u64..3, 1u64..4, 0u64..3), 0..80),
        ) {
            let row = |&(x, last, silent): &(u64, u64, u64)| {
                let last = if x > 0 { last } else { 0 };
                Buyer::new(x as f64, last as f64, (last + silent) as f64).unwrap()
            };
            let rows: Vec<Buyer> = days.iter().map(row).collect();
            let buyers = Buyers::of(rows.clone());
            prop_assert_eq!(buyers.map(|buyer| buyer), rows.clone());
            let distinct = buyers.distinct();
            prop_assert!(distinct.rows.windows(2).all(|pair| key(&pair[0]) < key(&pair[1])));
            if let Ok(merged) = Merged::new(&buyers) {
                let found: f64 = merged.rows.iter().map(|(_, weight)| weight).sum();
                prop_assert_eq!(found, rows.len() as f64);
            }
        }
    }

    /// Buys and leaves as the MBG/NBD model says, known for a time of their own.
    fn buyer(number: u64) -> Buyer {
        let mut state = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) + 1;
        let mut draw = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            ((state >> 11) as f64 + 0.5) / (1u64 << 53) as f64
        };
        let (rate, stays) = (-draw().ln() / 20.0, draw().sqrt());
        let t = 100.0 + number as f64 / 50.0;
        let (mut now, mut x) = (0.0, 0.0);
        while draw() < stays {
            let gap = -draw().ln() / rate;
            if now + gap > t {
                break;
            }
            (now, x) = (now + gap, x + 1.0);
        }
        Buyer::new(x, now, t).unwrap()
    }

    /// The plain search is the slow twin.
    #[test]
    fn a_search_that_begins_among_few_ends_at_the_same_top() {
        let rows: Vec<Buyer> = (0..20_000).map(buyer).collect();
        let merged = Merged::new(&Buyers::of(rows)).unwrap();
        let few = merged.thinned().unwrap();
        assert_eq!((merged.rows.len(), few.rows.len()), (20_000, 1_250));
        assert_eq!(few.customers, 1_250.0);
        let kernel = BetaGeoKernel { modified: true, k: 1, at: [1.0; 4] };
        let of = |customers: &Merged, at: &[f64; 4]| kernel.with(*at).surface(customers);
        let starts = [[1.0, 0.3, 0.8, 2.0]];
        let plain = maximise(&starts, merged.customers, |at| of(&merged, at)).unwrap();
        let near = starts_from_few(&starts, few.customers, |at| of(&few, at)).unwrap();
        assert_eq!(near.len(), 2);
        let found = maximise(&near, merged.customers, |at| of(&merged, at)).unwrap();
        assert_eq!((plain.end, found.end), (End::Top, End::Top));
        for (one, other) in plain.at.iter().zip(found.at) {
            assert_relative_eq!(*one, other, max_relative = 1e-8);
        }
        // Of fewer there is no need.
        let short = Merged { rows: merged.rows[..100].to_vec(), ..merged };
        assert!(short.thinned().is_none());
    }
}
