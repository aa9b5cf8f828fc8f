//! What one customer did, period by period.

use crate::log::History;
use crate::periods::Periods;
use crate::stats::ExactSum;

/// What a customer did in one period.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Deed {
    pub(crate) period: usize,
    /// Purchases made.
    pub(crate) purchases: u32,
    /// Net spend; 0 where the log has no amounts.
    pub(crate) spend: f64,
}

/// Sums up a customer's rows and purchases by period, ascending; periods without a row are left
/// out.
pub(crate) fn deeds(history: &History<'_>, periods: &Periods, out: &mut Vec<Deed>) {
    out.clear();
    if let Some(amounts) = history.amounts() {
        let mut period = 0;
        // Rows come by time: the period is looked up once for all rows before its end.
        let mut until = i64::MIN;
        let mut spend = ExactSum::default();
        for (&time, &amount) in history.times().iter().zip(amounts) {
            if time >= until {
                let Some(found) = periods.of(time) else { continue };
                period = found;
                until = periods.window(period).end.micros();
            }
            if out.last().is_none_or(|deed| deed.period != period) {
                close(out, &mut spend);
                out.push(Deed { period, purchases: 0, spend: 0.0 });
            }
            spend.add(amount);
        }
        close(out, &mut spend);
    }
    let mut place = 0;
    for purchase in history.purchases() {
        let Some(period) = periods.of(purchase.time) else { continue };
        while place < out.len() && out[place].period < period {
            place += 1;
        }
        match out.get_mut(place) {
            Some(deed) => deed.purchases += 1,
            // The log has no amounts: nothing was pushed yet for this period.
            None => out.push(Deed { period, purchases: 1, spend: 0.0 }),
        }
    }
}

/// The last period has no more rows.
fn close(out: &mut [Deed], spend: &mut ExactSum) {
    if let Some(deed) = out.last_mut() {
        deed.spend = std::mem::take(spend).value();
    }
}
