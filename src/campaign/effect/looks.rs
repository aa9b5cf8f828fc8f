//! How the effect looked on days within the window.

use rayon::prelude::*;

use super::outcomes::{Did, Times};
use super::study::{Look, Metric};
use crate::error::Result;
use crate::log::{CustomerIndex, EventLog};
use crate::time::{Timestamp, Window};

/// What was known of these outcomes at so many instants, evenly spaced from the start to the end of
/// what is known; the last one is that.
pub(super) fn looks(
    log: &EventLog,
    customers: &[Option<CustomerIndex>],
    times: Times,
    metrics: &[Metric],
    number: u32,
) -> Result<Vec<Look>> {
    let (start, length) = (times.start.micros(), times.until.micros() - times.start.micros());
    let look = |place: u32| {
        let part = i128::from(length) * i128::from(place) / i128::from(number);
        let until = Timestamp::from_micros(start + part as i64)?;
        let window = Window { start: times.start, end: until };
        let of = |customer: &Option<CustomerIndex>| {
            customer.map_or_else(Did::default, |c| Did::new(log, c, window, until))
        };
        let did: Vec<Did> = customers.par_iter().map(of).collect();
        let values = |metric: &Metric| did.iter().map(|did| did.of(&metric.name)).collect();
        let metrics =
            metrics.iter().map(|own| Metric { values: values(own), ..own.clone() }).collect();
        Ok(Look { until, metrics })
    };
    (1..=number).map(look).collect()
}
