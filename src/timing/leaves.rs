//! When customers leave: the chance to be one still at later times, and the silence that tells.

use super::buyer::Buyer;
use super::buyer_table::BuyerTable;
use super::purchase_answers::Predictions;
use super::purchase_model::FittedPurchaseModel;
use crate::answer::columns::{numbers, times};
use crate::answer::options::options;
#[cfg(feature = "cli")]
use crate::answer::value;
use crate::error::{Error, Result};
use crate::log::grouped;
use crate::time::Span;

/// A silence of more than so many times what is known of the customer has no date.
const ENDLESS: f64 = 1e9;
const MOST_STEPS: usize = 200;

options! {
    /// Of which times the chances to be a customer still are told, and what an alarm needs.
    pub struct LeavesOptions {
        /// Spans from the cutoff, such as 1mo,3mo,12mo
        #[values(value_name = "SPAN", value_parser = value::<Span>)]
        #[takes(spans)]
        after: Vec<Span> = vec![Span::months(1), Span::months(3), Span::months(6)],
        /// The chance that a customer has left who has been silent until the alarm date: above 0,
        /// below 1
        #[value(value_name = "SHARE")]
        certainty: f64 = 0.9,
    }
}

impl FittedPurchaseModel {
    /// The chance that a customer is one still after this time, whatever happens until then.
    ///
    /// # Errors
    /// [`Error::Argument`] for a time that is negative or not finite.
    ///
    /// ```
    /// use winback::timing::{Buyer, ModifiedBetaGeo};
    /// let model = ModifiedBetaGeo::default().with_params([0.525, 6.18, 0.891, 1.61])?; // weeks
    /// let buyer = Buyer::new(2.0, 30.43, 38.86)?;
    /// assert_eq!(model.p_alive_after(buyer, 0.0)?, model.p_alive(buyer));
    /// assert!(model.p_alive_after(buyer, 39.0)? < 0.6);
    /// // After 20 weeks more of silence it is more likely than not that they have left.
    /// let wait = model.alarm(buyer, 0.5)?.unwrap();
    /// let silent = Buyer::new(2.0, 30.43, 38.86 + wait)?;
    /// assert!((model.p_alive(silent) - 0.5).abs() < 1e-9 && wait > 10.0);
    /// # Ok::<(), winback::Error>(())
    /// ```
    pub fn p_alive_after(&self, buyer: Buyer, time: f64) -> Result<f64> {
        Ok(self.p_alive(buyer) * self.stays(buyer, time)?)
    }

    /// The time from now until which a customer must be silent to have left with this certainty;
    /// negative where the silence is already longer. None where no silence is long enough, and
    /// where the fit found no sign that customers leave, or too little to tell: how fast a silence
    /// becomes one is then not known.
    ///
    /// It is the T at which the chance to be a customer still, with no further purchase, has fallen
    /// to one minus the certainty; no sooner than the last purchase.
    ///
    /// # Errors
    /// [`Error::Argument`] for a certainty that is not between 0 and 1.
    pub fn alarm(&self, buyer: Buyer, certainty: f64) -> Result<Option<f64>> {
        if !(certainty > 0.0 && certainty < 1.0) {
            return Err(Error::argument("certainty", certainty, "a chance above 0 and below 1"));
        }
        if self.leaving_unknown().is_some() {
            return Ok(None);
        }
        let target = (-certainty).ln_1p();
        let above =
            |silence: f64| self.log_p_alive(buyer.known_for(buyer.recency() + silence)) - target;
        if above(0.0) <= 0.0 {
            return Ok(Some(buyer.recency() - buyer.t()));
        }
        // Falls as the silence grows: enclosed first, then by the Illinois variant of false
        // position, which never leaves what encloses it.
        let scale = self.estimates().params()[1] + buyer.recency();
        let (mut low, mut high) = (0.0, scale);
        let (mut f_low, mut f_high) = (above(low), above(high));
        while f_high > 0.0 {
            if high > ENDLESS * scale {
                return Ok(None);
            }
            (low, f_low) = (high, f_high);
            high *= 4.0;
            f_high = above(high);
        }
        let mut side = 0;
        for _ in 0..MOST_STEPS {
            if high - low <= 1e-13 * high || f_high == 0.0 {
                break;
            }
            let next = (low * f_high - high * f_low) / (f_high - f_low);
            let next = if next > low && next < high { next } else { f64::midpoint(low, high) };
            let f = above(next);
            if f > 0.0 {
                (low, f_low) = (next, f);
                if side == 1 {
                    f_high /= 2.0;
                }
                side = 1;
            } else {
                (high, f_high) = (next, f);
                if side == -1 {
                    f_low /= 2.0;
                }
                side = -1;
            }
        }
        Ok(Some(buyer.recency() + high - buyer.t()))
    }

    /// When each customer leaves: `p_alive`; `p_alive_1mo` and so on, the chances to be a customer
    /// still after the spans of the options; `alarm`, the time from now after which silence means that
    /// the customer has left with the certainty of the options, negative where it has passed; and,
    /// where the table has a cutoff, the same as an instant, `alarm_date`. Null where no silence is
    /// long enough, and for all where the fit found no sign that customers leave, or too little to tell; a
    /// date also beyond the last there is. Notes tell of it.
    ///
    /// # Errors
    /// [`Error::Argument`] for a certainty out of range and for a span that is given twice or ends
    /// after the last time there is.
    pub fn leaves_of(&self, table: &BuyerTable, options: &LeavesOptions) -> Result<Predictions> {
        let LeavesOptions { after, certainty } = options;
        self.alarm(Buyer::NEW, *certainty)?;
        let buyers = table.buyers();
        let now = buyers.each(|buyer| self.p_alive(buyer))?;
        let mut columns = vec![numbers("p_alive", now.iter())];
        for (i, &span) in after.iter().enumerate() {
            if after[..i].contains(&span) {
                return Err(Error::argument("after", span, "each span once"));
            }
            let time = table.length("after", span)?;
            self.stays(Buyer::NEW, time)?;
            let chances =
                buyers.each(|buyer| self.p_alive_after(buyer, time).unwrap_or(f64::NAN))?;
            columns.push(numbers(format!("p_alive_{span}"), chances.iter()));
        }
        let alarms = buyers.each(|buyer| self.alarm(buyer, *certainty).ok().flatten())?;
        columns.push(numbers("alarm", alarms.iter()));
        if table.at().is_some() {
            columns.push(times("alarm_date", alarms.iter().map(|alarm| table.after(alarm?))));
        }
        let mut answer = Predictions::new(table, columns)?;
        if let Some(why) = self.leaving_unknown() {
            answer.note(why.to_owned());
        }
        answer.note_beyond("alarm_date", table, alarms.iter());
        let passed = alarms.iter().flatten().filter(|&alarm| alarm < 0.0).count();
        if passed > 0 {
            answer.note(format!(
                "{} of {} customers have been silent beyond their alarm date: they have left with a \
                 chance of {} % or more",
                grouped(passed as u64),
                grouped(alarms.iter().len() as u64),
                (certainty * 1e4).round() / 100.0
            ));
        }
        self.told(answer)
    }
}
