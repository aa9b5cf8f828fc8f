//! What a campaign earned.

use super::clusters::Clusters;
use super::compare::{Compared, Interval};
use super::options::EffectOptions;
use super::study::Study;
use crate::stats::{holm, student_cdf};

/// An arm in money, over all of its customers.
#[derive(Debug, Clone)]
pub(super) struct Money {
    pub(super) arm: usize,
    pub(super) customers: u64,
    pub(super) buyers: u64,
    pub(super) revenue: Interval,
    pub(super) cost: f64,
    pub(super) profit: Option<Profit>,
}

/// What is left of the incremental revenue after goods and costs.
#[derive(Debug, Clone)]
pub(super) struct Profit {
    pub(super) margin: Interval,
    pub(super) profit: Interval,
    /// Profit per unit of cost; none where nothing was spent.
    pub(super) return_on_cost: Option<f64>,
    /// The chance that the profit is above 0.
    pub(super) paid_chance: f64,
    /// Of a profit so far from 0 if the offer brings what it costs.
    pub(super) p_value: f64,
    /// The same for all offers (Holm).
    pub(super) p_adjusted: f64,
}

/// The money of each offer; of none where no outcome is revenue.
pub(super) fn money_of_offers(study: &Study, options: &EffectOptions) -> Vec<Money> {
    let arms = 1..study.arms.names.len();
    let mut all: Vec<Money> = arms.filter_map(|arm| money(study, options, arm)).collect();
    let profits = || all.iter().filter_map(|own| own.profit.as_ref());
    let p_values: Vec<f64> = profits().map(|profit| profit.p_value).collect();
    let own = all.iter_mut().filter_map(|own| own.profit.as_mut());
    for (profit, adjusted) in own.zip(holm(&p_values)) {
        profit.p_adjusted = adjusted;
    }
    all
}

/// The money of an arm; none where no outcome is revenue.
///
/// Profit is looked at customer by customer: margin × revenue, less what the offer cost, so that its
/// interval knows that those who buy more also cost more.
fn money(study: &Study, options: &EffectOptions, arm: usize) -> Option<Money> {
    let revenue = study.metrics.iter().find(|metric| metric.name == options.revenue)?;
    let name = &study.arms.names[arm];
    let (contact, incentive) = (options.contact_cost.of(name), options.incentive_cost.of(name));
    let bought = study.bought.as_ref()?;
    let is_adjusted = !study.covariates.is_empty();
    let n = study.arms.sizes()[arm] as f64;
    // Who has several rows is contacted once.
    let parts = study.clusters.as_ref().and_then(Clusters::parts_of_customers);
    let part = |row: usize| parts.as_ref().map_or(1.0, |parts| parts[row]);
    let total = |values: &[f64]| {
        let found = Compared::new(study, values, arm, is_adjusted).difference();
        let half = found.reach(options.level) * found.standard_error;
        let ends = (n * (found.difference - half), n * (found.difference + half));
        (found, (n * found.difference, Some(ends)))
    };
    let in_arm = |row: usize| study.arms.of_customer[row] == arm;
    let buyers = (0..bought.len()).filter(|&row| bought[row] && in_arm(row)).count();
    let customers = match (&parts, &study.clusters) {
        (Some(_), Some(clusters)) => clusters.sizes[arm],
        _ => study.arms.sizes()[arm],
    };
    let cost = customers as f64 * contact + buyers as f64 * incentive;
    let profit = options.margin.map(|margin| {
        let margins: Vec<f64> = revenue.values.iter().map(|value| margin * value).collect();
        let profits: Vec<f64> = margins
            .iter()
            .enumerate()
            .map(|(row, own)| match in_arm(row) {
                true => own - contact * part(row) - if bought[row] { incentive } else { 0.0 },
                false => *own,
            })
            .collect();
        let (found, interval) = total(&profits);
        let paid_chance = match found.standard_error > 0.0 {
            true => student_cdf(found.difference / found.standard_error, found.degrees),
            false => f64::from(u8::from(found.difference > 0.0)),
        };
        let p_value = found.p_value();
        Profit {
            margin: total(&margins).1,
            profit: interval,
            return_on_cost: (cost > 0.0).then(|| interval.0 / cost),
            paid_chance,
            p_value,
            p_adjusted: p_value,
        }
    });
    let revenue = total(&revenue.values).1;
    Some(Money { arm, customers, buyers: buyers as u64, revenue, cost, profit })
}
