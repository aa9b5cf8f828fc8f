//! Who is compensated, under the fund.

use rayon::prelude::*;

use super::harms::{Harm, Limits, harms, ratings};
use super::options::CompensationOptions;
use crate::campaign::target::{Offer, Offers, TargetOptions};
use crate::error::{Error, Result};
use crate::log::{CustomerId, CustomerIndex, EventLog, IdSlice};
use crate::metrics::PerCustomer;
use crate::snapshot::Snapshot;
use crate::stats::exact_sum;
use crate::time::{MICROS_PER_HOUR, Span, Timestamp};

/// What becomes of a customer who was treated badly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Compensate,
    /// Drawn at random to get nothing, though the fund would reach him.
    Control,
    BeyondFund,
}

impl Fate {
    pub(super) const ALL: [Fate; 3] = [Fate::Compensate, Fate::Control, Fate::BeyondFund];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Fate::Compensate => "compensate",
            Fate::Control => "control",
            Fate::BeyondFund => "beyond_fund",
        }
    }
}

/// A customer who was treated badly.
#[derive(Debug, Clone)]
pub(super) struct Owed {
    pub(super) customer: CustomerIndex,
    pub(super) harms: Vec<(Harm, f64)>,
    /// The harm that decides the amount.
    pub(super) by: Harm,
    pub(super) amount: f64,
    /// What he bought for in the year before.
    pub(super) spend: f64,
    pub(super) fate: Fate,
}

/// Who gets which compensation for what he went through, the best customers first.
///
/// ```
/// use winback::campaign::{Compensation, CompensationOptions};
/// use winback::{EventLog, simulate::Simulation};
/// let shop = Simulation::default().customers(500).run()?;
/// let log = EventLog::builder()
///     .transactions([shop.transactions])
///     .tickets([shop.tickets])
///     .observed_until("2025-01-01")?
///     .build()?;
/// let options = CompensationOptions::default().unresolved(10.0).fund(100.0);
/// println!("{}", Compensation::build(&log.at("2025-01-01")?, &options)?);
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Compensation {
    pub(super) log: EventLog,
    pub(super) options: CompensationOptions,
    /// The best customers first, by what they bought for in the year before.
    pub(super) owed: Vec<Owed>,
    /// How much more those compensated could have bought for at most by another list, as a part of it.
    pub(super) gap: f64,
    /// The lowest and the highest rating of tickets, where they were asked for.
    pub(super) ratings: Option<(f64, f64)>,
}

impl Compensation {
    /// Of all customers known at the cutoff. Each gets one compensation, the highest of those that he
    /// is owed. If the fund does not reach for all, it goes to those who together bought for most in
    /// the year before, as nearly as [`target`](crate::campaign::Offers::target) finds them; the
    /// figure `gap` says how much more another list could have at most.
    ///
    /// # Errors
    /// [`Error::Argument`](crate::Error::Argument) for options out of range, without any amount, and
    /// for harm that the log cannot tell.
    pub fn build(now: &Snapshot, options: &CompensationOptions) -> Result<Self> {
        let log = now.log();
        options.check(log.columns())?;
        let (limits, year) = (limits(now.at(), options)?, now.at().sub(Span::days(365))?.micros());
        let asked: Vec<Harm> =
            Harm::ALL.into_iter().filter(|harm| options.amount(*harm).is_some()).collect();
        let ratings = match asked.contains(&Harm::BadlyRated) {
            true => rated(now, options)?,
            false => None,
        };
        let owed_to = |&customer: &CustomerIndex| {
            let history = now.history(customer);
            let harms = harms(&history, limits, &asked);
            let amounts = harms
                .iter()
                .filter_map(|(harm, _)| options.amount(*harm).map(|amount| (*harm, amount)));
            let (by, amount) =
                amounts.reduce(|best, own| if own.1 > best.1 { own } else { best })?;
            let recent = || history.lines().filter(|line| line.time >= year);
            let spend = match log.columns().amount {
                true => exact_sum(recent().map(|line| line.amount)),
                false => history.purchases().iter().filter(|own| own.time >= year).count() as f64,
            };
            let fate = Fate::BeyondFund;
            Some(Owed { customer, harms, by, amount, spend, fate })
        };
        let mut owed: Vec<Owed> = now.customers().par_iter().filter_map(owed_to).collect();
        let gap = if owed.is_empty() { 0.0 } else { draw(log, &mut owed, options)? };
        owed.sort_by(|a, b| b.spend.total_cmp(&a.spend).then_with(|| a.customer.cmp(&b.customer)));
        Ok(Compensation { log: log.clone(), options: options.clone(), owed, gap, ratings })
    }
}

/// The lowest and the highest rating. Refuses a bad rating that is as good as the best: it is one of
/// another scale.
fn rated(now: &Snapshot, options: &CompensationOptions) -> Result<Option<(f64, f64)>> {
    let of = |customer: &CustomerIndex| ratings(&now.history(*customer));
    let wider = |(a, b): (f64, f64), (c, d): (f64, f64)| (a.min(c), b.max(d));
    let found = now.customers().par_iter().filter_map(of).reduce_with(wider);
    match found {
        // Where all are the same nobody knows the scale.
        Some((low, high)) if low < high && options.bad_rating >= high => {
            let expected = format!("below {high}, the best of the ratings, which go from {low} on");
            Err(Error::argument("bad_rating", options.bad_rating, expected))
        }
        found => Ok(found),
    }
}

fn limits(at: Timestamp, options: &CompensationOptions) -> Result<Limits> {
    Ok(Limits {
        at: at.micros(),
        since: at.sub_argument("since", options.since)?.micros(),
        opened_before: at.sub_argument("unresolved_after", options.unresolved_after)?.micros(),
        slow: (options.slow_hours * MICROS_PER_HOUR as f64).round() as i64,
        bad_rating: options.bad_rating,
        bad_score: options.bad_score,
    })
}

/// Draws control, and divides the fund among the others; gives how far the list may be from the best.
fn draw(log: &EventLog, owed: &mut [Owed], options: &CompensationOptions) -> Result<f64> {
    let ids: Vec<CustomerId<'_>> =
        owed.iter().map(|own| log.customers().get(own.customer)).collect();
    let amounts: Vec<f64> = owed.iter().map(|own| own.amount).collect();
    // One more, so that somebody without a purchase in the year is worth something too.
    let gains: Vec<f64> = owed.iter().map(|own| own.amount + own.spend.max(0.0) + 1.0).collect();
    let offer = Offer { name: "compensation", gain: &gains, cost: PerCustomer::Each(&amounts) };
    let offers = IdSlice::with("customers", &ids, |ids| Offers::new(ids, &[offer]))?;
    let how = TargetOptions::default()
        .budget(options.fund)
        .control_share(options.control_share)
        .salt(options.salt.clone());
    let found = offers.target(&how)?;
    for row in &found.rows {
        let id = offers.customers().get(row.customer);
        let place = log
            .customers()
            .position(id)
            .and_then(|customer| owed.binary_search_by_key(&customer, |own| own.customer).ok());
        if let Some(place) = place {
            owed[place].fate = match row.arm.name() {
                "control" => Fate::Control,
                _ => Fate::Compensate,
            };
        }
    }
    Ok(if found.bound > 0.0 { found.gap() / found.bound } else { 0.0 })
}
