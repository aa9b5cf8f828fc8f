//! What a model knows of all customers together, and the columns that it makes of it: chances of a
//! purchase by how all customers buy, and the time of the year.

use std::f64::consts::TAU;

use super::gap_scale::{GapScale, LogGaps};
use super::silences::Silences;
use crate::error::{Error, Result};
use crate::features::{
    CALENDAR, Family, Feature, LOG_GAP_Z, MBG_NBD_LOG_ODDS, SILENCE_END_LOG_ODDS,
};
use crate::labels::outcome_window;
use crate::log::History;
use crate::models::odds::logit;
use crate::time::{MICROS_PER_DAY, Span, Timestamp, Window};
use crate::timing::{Buyer, FittedPurchaseModel};

/// Days of a year, on average.
const YEAR_DAYS: f64 = 365.2425;

/// Log-odds of models of purchases beyond this are no surer than these.
const SUREST: f64 = 4.0;
/// The same of the short periods of a hazard, in which few buy.
const SUREST_LATER: f64 = 8.0;

/// What was learned at the training cutoffs, to be applied to one customer.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Learned {
    pub(super) lead: Span,
    pub(super) horizon: Span,
    /// Whether training covers the seasons.
    pub(super) season: bool,
    /// How customers buy and leave, times in days; none where it could not be fitted.
    pub(super) purchases: Option<FittedPurchaseModel>,
    /// How long silences last; none where nobody bought on two days.
    pub(super) silences: Option<Silences>,
    /// None where the gaps between purchases are all the same.
    pub(super) gaps: Option<GapScale>,
}

impl Learned {
    /// How customers buy and leave, as known at the latest training cutoff.
    pub(crate) fn purchases(&self) -> Option<&FittedPurchaseModel> {
        self.purchases.as_ref()
    }

    /// Whether a feature of the catalogue enters: those about seasons where training covers them.
    pub(crate) fn reads(&self, feature: &Feature) -> bool {
        self.season || feature.family != Family::Season
    }

    /// The columns, in their order.
    pub(crate) fn columns(&self) -> impl Iterator<Item = &'static Feature> + use<> {
        const PURCHASES: &[Feature] = &[MBG_NBD_LOG_ODDS];
        const SILENCES: &[Feature] = &[SILENCE_END_LOG_ODDS];
        const GAPS: &[Feature] = &[LOG_GAP_Z];
        const SEASON: &[Feature] = &CALENDAR;
        let there = |is: bool, columns: &'static [Feature]| if is { columns } else { &[] }.iter();
        there(self.purchases.is_some(), PURCHASES)
            .chain(there(self.silences.is_some(), SILENCES))
            .chain(there(self.gaps.is_some(), GAPS))
            .chain(there(self.season, SEASON))
    }

    /// Sets `out` to the columns of one customer who bought on these days.
    pub(crate) fn compute(
        &self,
        history: &History<'_>,
        purchase_days: impl Iterator<Item = i64>,
        out: &mut [f64],
    ) -> Result<()> {
        let Window { start, end } = outcome_window(history.cutoff(), self.lead, self.horizon)?;
        let middle = f64::midpoint(start.micros() as f64, end.micros() as f64);
        let days = [0.0, end.days_since(start)];
        let gaps = LogGaps::of(purchase_days);
        self.fill((history, &gaps), days, middle / MICROS_PER_DAY as f64, SUREST, out);
        Ok(())
    }

    /// Sets `out` to the same columns as they are after a customer's silence has gone on for the first
    /// so many days after the cutoff, with the chances of a purchase in the days up to the second.
    pub(crate) fn compute_later(&self, history: &History<'_>, days: [f64; 2], out: &mut [f64]) {
        let middle = history.cutoff().micros() as f64 / MICROS_PER_DAY as f64;
        let middle = middle + f64::midpoint(days[0], days[1]);
        self.fill(
            (history, &LogGaps::of(history.purchase_days())),
            days,
            middle,
            SUREST_LATER,
            out,
        );
    }

    /// `middle`: of the days, since 1970.
    fn fill(
        &self,
        (history, own): (&History<'_>, &LogGaps),
        [from, to]: [f64; 2],
        middle: f64,
        surest: f64,
        out: &mut [f64],
    ) {
        let mut out = out.iter_mut();
        let mut set = |value: f64| {
            if let Some(cell) = out.next() {
                *cell = value;
            }
        };
        let log_odds = |chance: &dyn Fn(f64) -> Option<f64>| {
            let later = || match from {
                0.0 => chance(to),
                _ => chance(to).zip(chance(from)).map(|(to, from)| given_none(to, from)),
            };
            later().map_or(f64::NAN, |chance| logit(chance).clamp(-surest, surest))
        };
        if let Some(model) = &self.purchases {
            let buyer = Buyer::with_repeats(history, own.count);
            set(log_odds(&|days| chance(model, buyer, days)));
        }
        if let Some(silences) = &self.silences {
            set(log_odds(&|days| silences.chance(history, own.count, days)));
        }
        if let Some(gaps) = &self.gaps {
            set(gaps.z(history, own, from));
        }
        if self.season {
            let angle = TAU * (middle / YEAR_DAYS).rem_euclid(1.0);
            set(angle.sin());
            set(angle.cos());
        }
    }

    /// Refuses what no column can be made of, as of a damaged file.
    pub(crate) fn check(&self, at: Timestamp) -> Result<()> {
        outcome_window(at, self.lead, self.horizon).map_err(Error::damaged_model)?;
        if self.silences.as_ref().is_some_and(|silences| !silences.is_sound()) {
            return Err(Error::model_file("its curves of silences are none"));
        }
        match &self.gaps {
            Some(gaps) if !gaps.is_sound() => Err(Error::model_file("its scale of gaps is none")),
            _ => Ok(()),
        }
    }
}

/// The chance of a purchase up to a later time given that there is none up to an earlier one.
fn given_none(later: f64, earlier: f64) -> f64 {
    match earlier < 1.0 {
        true => ((later - earlier) / (1.0 - earlier)).clamp(0.0, 1.0),
        false => 0.0,
    }
}

/// The chance of a purchase within so many days, by a model of purchases; none of nobody.
pub(crate) fn chance(model: &FittedPurchaseModel, buyer: Option<Buyer>, days: f64) -> Option<f64> {
    model.purchase_probability(buyer?, days).ok()
}
