//! Features of one customer as known at a cutoff. A feature is a pure function of one
//! [`History`]: no statistics of other customers inside, so that a service can compute it alone.

mod basket;
mod catalogue;
mod extract;
mod reason_group;
mod rfm;
mod rhythm;
mod surveys;
mod table;
mod tickets;
mod windows;
mod write;

pub use catalogue::{Family, Feature, Unit, catalogue, catalogue_table};
pub use reason_group::ReasonGroup;
pub use table::{ColumnValues, FeatureColumn, FeatureTable};
pub use write::WrittenFeatures;

pub(crate) use catalogue::{Place, available, find};
pub(crate) use rfm::DAYS_SINCE_LAST_PURCHASE;
pub(crate) use rhythm::MEAN_GAP_DAYS;

use std::sync::LazyLock;

use crate::log::History;

/// Values of the whole catalogue, in its order.
pub(crate) type FeatureRow = [f64; catalogue::LEN];

/// A row before anything is computed.
pub(crate) const EMPTY_ROW: FeatureRow = [f64::NAN; catalogue::LEN];

/// Buffers kept from customer to customer.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    days: Vec<i64>,
    categories: basket::Tally,
    channels: basket::Tally,
}

/// Net spend, in all and in windows that end at the cutoff.
#[derive(Debug, Default)]
struct Spend {
    total: f64,
    windows: [f64; windows::DAYS.len()],
}

impl Spend {
    fn of(history: &History<'_>) -> Spend {
        let mut spend = Spend::default();
        let Some(amounts) = history.amounts() else { return spend };
        // The longest window starts first; from its start on a row counts for it, too.
        let mut open = windows::DAYS.len();
        let mut next_start = windows::start(history.cutoff(), open - 1);
        for (&time, &amount) in history.times().iter().zip(amounts) {
            while open > 0 && time >= next_start {
                open -= 1;
                next_start = match open {
                    0 => i64::MAX,
                    _ => windows::start(history.cutoff(), open - 1),
                };
            }
            spend.total += amount;
            spend.windows[open..].iter_mut().for_each(|sum| *sum += amount);
        }
        spend
    }
}

/// Logarithms of small whole numbers, which is what most features take.
fn ln(number: usize) -> f64 {
    static LOGARITHMS: LazyLock<[f64; 1024]> =
        LazyLock::new(|| std::array::from_fn(|number| (number as f64).ln()));
    LOGARITHMS.get(number).copied().unwrap_or_else(|| (number as f64).ln())
}

/// Features to compute, a bit for each place in the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wanted(u64);

impl Wanted {
    pub(crate) const ALL: Wanted = Wanted(u64::MAX);

    /// The features at these places.
    pub(crate) fn places(places: &[usize]) -> Self {
        Wanted(places.iter().fold(0, |bits, place| bits | 1 << place))
    }

    /// Whether one of the first `count` features is wanted.
    fn any(self, count: usize) -> bool {
        self.0 & (u64::MAX >> (64 - count)) != 0
    }

    /// Whether the feature at this place is wanted.
    fn has(self, place: usize) -> bool {
        self.0 >> place & 1 == 1
    }
}
const _: () = assert!(catalogue::LEN < 64);

/// Computes the wanted features of one customer; what else stands in `row` has no meaning. Features
/// that the log cannot give are there too, without meaning; who reads a row takes the available ones.
pub(crate) fn compute(
    history: &History<'_>,
    wanted: Wanted,
    scratch: &mut Scratch,
    row: &mut FeatureRow,
) {
    let (mut wanted, mut rest) = (wanted, &mut row[..]);
    let mut next = |count: usize| {
        let (family, after) = std::mem::take(&mut rest).split_at_mut(count);
        rest = after;
        let of_family = wanted;
        wanted.0 >>= count;
        (of_family, of_family.any(count), family)
    };
    let (_, any_rfm, rfm) = next(rfm::FEATURES.len());
    let (wanted_windows, any_windows, windows) = next(windows::FEATURES.len());
    if any_rfm || any_windows {
        let spend = Spend::of(history);
        rfm.copy_from_slice(&rfm::compute(history, &spend));
        windows.copy_from_slice(&windows::compute(history, wanted_windows, &spend));
    }
    let (wanted_here, any, family) = next(rhythm::FEATURES.len());
    if any {
        family.copy_from_slice(&rhythm::compute(history, wanted_here, scratch));
    }
    let (wanted_here, any, family) = next(basket::FEATURES.len());
    if any {
        family.copy_from_slice(&basket::compute(history, wanted_here, scratch));
    }
    let (_, any, family) = next(tickets::FEATURES.len());
    if any {
        family.copy_from_slice(&tickets::compute(history));
    }
    let (_, any, family) = next(surveys::FEATURES.len());
    if any {
        family.copy_from_slice(&surveys::compute(history));
    }
}

/// All features of one customer that a log with these columns gives, in the order of the
/// catalogue. For a service; [`FeatureTable`] does it for all customers of a log.
pub fn of_history(history: &History<'_>) -> Vec<(&'static Feature, f64)> {
    let mut row = EMPTY_ROW;
    compute(history, Wanted::ALL, &mut Scratch::default(), &mut row);
    let columns = history.columns();
    catalogue().zip(row).filter(|(feature, _)| feature.available(&columns)).collect()
}

#[cfg(test)]
mod tests;
