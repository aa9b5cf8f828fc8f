//! Features of one customer as known at a cutoff. A feature is a pure function of one
//! [`History`]: no statistics of other customers inside, so that a service can compute it alone.

mod basket;
mod catalogue;
mod rfm;
mod rhythm;
mod surveys;
mod table;
mod tickets;
mod windows;

pub use catalogue::{Family, Feature, Unit, catalogue};
pub use table::{ColumnValues, FeatureColumn, FeatureTable};

pub(crate) use catalogue::{available, find};

use crate::log::History;
use crate::time::MICROS_PER_DAY;

/// Values of the whole catalogue, in its order.
pub(crate) type FeatureRow = [f64; catalogue::LEN];

/// A row before anything is computed.
pub(crate) const EMPTY_ROW: FeatureRow = [f64::NAN; catalogue::LEN];

/// Buffers kept from customer to customer.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    days: Vec<i64>,
    categories: Vec<u32>,
    channels: Vec<u32>,
    counts: Vec<usize>,
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
        if !history.has_amounts() {
            return spend;
        }
        let cutoff = history.cutoff().micros();
        let starts = windows::DAYS.map(|days| cutoff - days * MICROS_PER_DAY);
        for line in history.lines() {
            spend.total += line.amount;
            for (sum, start) in spend.windows.iter_mut().zip(starts) {
                if line.time >= start {
                    *sum += line.amount;
                }
            }
        }
        spend
    }
}

/// Computes the whole catalogue for one customer. Features that the log cannot give are there too,
/// without meaning; who reads a row takes the available ones.
pub(crate) fn compute(history: &History<'_>, scratch: &mut Scratch, row: &mut FeatureRow) {
    let spend = Spend::of(history);
    let (rfm, rest) = row.split_at_mut(rfm::FEATURES.len());
    let (windows, rest) = rest.split_at_mut(windows::FEATURES.len());
    let (rhythm, rest) = rest.split_at_mut(rhythm::FEATURES.len());
    let (basket, rest) = rest.split_at_mut(basket::FEATURES.len());
    let (tickets, surveys) = rest.split_at_mut(tickets::FEATURES.len());
    rfm::compute(history, &spend, rfm);
    windows::compute(history, &spend, windows);
    rhythm::compute(history, scratch, rhythm);
    basket::compute(history, scratch, basket);
    tickets::compute(history, tickets);
    surveys::compute(history, surveys);
}

/// All features of one customer that a log with these columns gives, in the order of the
/// catalogue. For a service; [`FeatureTable`] does it for all customers of a log.
pub fn of_history(history: &History<'_>) -> Vec<(&'static Feature, f64)> {
    let mut row = EMPTY_ROW;
    compute(history, &mut Scratch::default(), &mut row);
    let columns = history.columns();
    catalogue().zip(row).filter(|(feature, _)| feature.available(&columns)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::{CustomerHistory, LogColumns, PurchaseRules, TicketLogColumns};

    const ALL_COLUMNS: LogColumns = LogColumns {
        amount: true,
        order_id: true,
        category: true,
        channel: true,
        discount: true,
        tickets: Some(TicketLogColumns {
            first_response_at: true,
            resolved_at: true,
            reopened_count: true,
            satisfaction: true,
        }),
        surveys: true,
    };

    #[test]
    fn an_empty_history_has_the_values_of_the_catalogue() {
        let nobody = CustomerHistory::new(ALL_COLUMNS, PurchaseRules::default());
        let values = of_history(&nobody.history("2024-01-01".parse().unwrap()));
        assert_eq!(values.len(), catalogue::LEN);
        for (feature, value) in values {
            assert!(
                value == feature.empty || (value.is_nan() && feature.empty.is_nan()),
                "{} is {value}, the catalogue says {}",
                feature.name,
                feature.empty
            );
        }
    }

    #[test]
    fn features_are_there_when_the_log_has_what_they_need() {
        let bare = CustomerHistory::new(LogColumns::default(), PurchaseRules::default());
        let values = of_history(&bare.history("2024-01-01".parse().unwrap()));
        let names: Vec<&str> = values.iter().map(|(feature, _)| feature.name).collect();
        assert_eq!(
            names,
            [
                "days_since_last_purchase",
                "purchase_count",
                "tenure_days",
                "purchase_count_30d",
                "purchase_count_90d",
                "purchase_count_180d",
                "purchase_count_365d",
                "purchase_trend",
                "mean_gap_days",
                "gap_cv",
                "last_gap_ratio",
                "overdue_ratio",
                "clumpiness"
            ]
        );
        let mut names: Vec<&str> = catalogue().map(|feature| feature.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 42);
        for feature in catalogue() {
            assert!(
                !feature.available(&LogColumns::default()) || feature.needs() == "nothing more"
            );
        }
    }
}
