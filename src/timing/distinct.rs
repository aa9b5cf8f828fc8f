//! Equal customers once: what is said of one holds for all of them.

use std::sync::Arc;

use rayon::prelude::*;

use super::buyer::Buyer;
use crate::error::{Error, Result};
use crate::progress::Progress;

/// So few customers take less time than to wake other threads.
const FEW: usize = 16;
/// What takes long.
const SAYING: &str = "asking the model";

/// The different customers of a table, by frequency, recency and T, and which of them each row is.
#[derive(Debug)]
pub(super) struct Distinct {
    pub(super) rows: Vec<Buyer>,
    pub(super) place: Vec<u32>,
}

impl Distinct {
    pub(super) fn new(rows: &[Buyer]) -> Self {
        let mut sorted: Vec<(Buyer, u32)> = rows.iter().copied().zip(0..).collect();
        match rows.len() <= FEW {
            true => sorted.sort_unstable_by_key(|(buyer, _)| key(buyer)),
            false => sorted.par_sort_unstable_by_key(|(buyer, _)| key(buyer)),
        }
        let mut found = Distinct { rows: Vec::new(), place: vec![0; rows.len()] };
        for equal in sorted.chunk_by(|a, b| a.0 == b.0) {
            let place = found.rows.len() as u32;
            equal.iter().for_each(|&(_, row)| found.place[row as usize] = place);
            found.rows.push(equal[0].0);
        }
        found
    }
}

/// By frequency, recency and T; none of them is negative, so their bits are in their order.
pub(super) fn key(buyer: &Buyer) -> (u64, u64, u64) {
    (buyer.frequency(), buyer.recency().to_bits(), buyer.t().to_bits())
}

/// What was found of each customer, once for equal ones.
pub(super) struct Each<T> {
    distinct: Arc<Distinct>,
    values: Vec<T>,
}

impl<T: Copy + Send + Sync> Each<T> {
    /// Computed on all threads.
    pub(super) fn new(distinct: Arc<Distinct>, of: impl Fn(Buyer) -> T + Sync) -> Self {
        let rows = &distinct.rows;
        let values = match rows.len() <= FEW {
            true => rows.iter().map(|&buyer| of(buyer)).collect(),
            false => rows.par_iter().with_min_len(256).map(|&buyer| of(buyer)).collect(),
        };
        Each { distinct, values }
    }

    /// The same, as long as the work goes on.
    ///
    /// # Errors
    /// [`Error::Interrupted`] where it is to end.
    pub(super) fn told(
        distinct: Arc<Distinct>,
        progress: &Progress,
        of: impl Fn(Buyer) -> T + Sync,
    ) -> Result<Self> {
        let Each { distinct, values } =
            Each::new(distinct, |buyer| progress.goes_on(SAYING).then(|| of(buyer)));
        let values: Option<Vec<T>> = values.into_iter().collect();
        Ok(Each { distinct, values: values.ok_or(Error::Interrupted)? })
    }

    /// Of all customers, in the order of their rows.
    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = T> + Clone {
        self.distinct.place.iter().map(|&place| self.values[place as usize])
    }
}
