//! How much of the revenue comes from a few customers.

use arrow_array::ArrayRef;
use rayon::prelude::*;

use crate::answer::options::options;
use crate::error::{Error, Result};
use crate::snapshot::Snapshot;
use crate::stats::{ExactSum, exact_sum};
use crate::time::Timestamp;

/// Features that can serve as revenue: total net spend, or net spend in the days before the cutoff.
pub const REVENUES: [&str; 5] =
    ["total_spend", "total_spend_30d", "total_spend_90d", "total_spend_180d", "total_spend_365d"];

/// Parts into which the Lorenz curve is divided.
const STEPS: usize = 100;

options! {
    /// Which revenue to look at, and which top groups.
    pub struct ConcentrationOptions {
        /// Top shares of customers to report, each above 0 and up to 1; the number of customers is
        /// rounded up
        #[values(value_name = "SHARES", allow_negative_numbers = true)]
        top_shares: Vec<f64> = vec![0.01, 0.1, 0.2],
        /// The revenue: total_spend for everything before the cutoff, or total_spend_30d,
        /// total_spend_90d, total_spend_180d or total_spend_365d for the last days before it
        #[value(value_name = "NAME")]
        #[takes(into)]
        revenue: String = REVENUES[0].to_owned(),
    }
}

/// The customers who bring most.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct TopGroup {
    /// The requested share of customers.
    pub share: f64,
    /// The number of customers this is, rounded up.
    pub customers: u64,
    /// Their revenue.
    pub revenue: f64,
    /// Its share of all revenue.
    pub revenue_share: f64,
    /// The lowest revenue in the group; anyone who brings as much belongs to the VIP list.
    pub threshold: f64,
    /// Customers who bring at least that much: more than `customers` if several bring the same.
    pub at_threshold: u64,
}

/// Concentration of revenue among the customers with a purchase before the cutoff.
///
/// With revenues x₁ ≤ … ≤ xₙ the Gini coefficient is Σ (2i − n − 1) xᵢ / (n Σ xᵢ): 0 if all bring
/// the same, (n − 1)/n if one brings everything. The Lorenz curve L(p) is the share of revenue from
/// the share p of customers who bring least, linear between customers (Gastwirth 1972, "The
/// estimation of the Lorenz curve and Gini index").
///
/// A revenue below zero (more returned than bought) counts as zero, because a share of a sum with
/// negative parts is meaningless. The number of such customers and their sum are reported.
///
/// ```
/// use winback::segments::{Concentration, ConcentrationOptions};
/// use winback::{EventLog, simulate::Simulation};
/// let shop = Simulation::default().customers(500).run()?;
/// let log = EventLog::builder()
///     .transactions([shop.transactions])
///     .observed_until("2025-01-01")?
///     .build()?;
/// let options = ConcentrationOptions::default();
/// let concentration = Concentration::build(&log.at("2025-01-01")?, &options)?;
/// println!("{concentration}");
/// assert!(concentration.top[2].revenue_share > 0.2 && concentration.gini > 0.0);
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(Debug, Clone, serde::Serialize)]
pub struct Concentration {
    /// The cutoff.
    pub at: Timestamp,
    /// The feature that is the revenue.
    pub revenue_feature: String,
    /// Customers with a purchase before the cutoff.
    pub customers: u64,
    /// Their revenue, with negative ones counted as zero.
    pub revenue: f64,
    /// Customers whose revenue is below zero.
    pub negative_customers: u64,
    /// The sum of their revenues, which counts as zero.
    pub negative_revenue: f64,
    /// Gini coefficient.
    pub gini: f64,
    /// The top groups, as requested.
    #[serde(skip)]
    pub top: Vec<TopGroup>,
    /// The Lorenz curve at 0, 1, … 100 % of the customers.
    #[serde(skip)]
    pub lorenz: Vec<f64>,
    /// Revenues of the VIP list, falling; of equal ones by ascending id.
    #[serde(skip)]
    pub(super) vip: Vec<f64>,
    #[serde(skip)]
    pub(super) vip_ids: ArrayRef,
}

impl Concentration {
    /// Computes the concentration of revenue before a cutoff.
    ///
    /// # Errors
    /// [`Error::Argument`] for a share that is not above 0 and up to 1, a revenue that does not
    /// exist or that the log cannot give; [`Error::TooLittleData`] when no customer has a revenue
    /// above zero.
    pub fn build(snapshot: &Snapshot, options: &ConcentrationOptions) -> Result<Self> {
        let at = snapshot.at();
        let ConcentrationOptions { top_shares: top, revenue: feature } = options;
        if top.is_empty() {
            return Err(Error::argument("top_shares", "none", "one or more shares"));
        }
        if let Some(share) = top.iter().find(|share| !(0.0 < **share && **share <= 1.0)) {
            return Err(Error::argument("top_shares", share, "above 0 and up to 1"));
        }
        if !REVENUES.contains(&feature.as_str()) {
            let expected = format!("one of {}", REVENUES.join(", "));
            return Err(Error::text_argument("revenue", feature, expected));
        }
        if !snapshot.log().columns().amount {
            let expected = "a log with amounts; it lacks transactions.amount";
            return Err(Error::text_argument("revenue", feature, expected));
        }
        let table = snapshot.some_features(&[feature], &[])?;
        let spends = table.numbers(feature)?;
        let negative: Vec<f64> = spends.iter().copied().filter(|spend| *spend < 0.0).collect();
        let mut ranked: Vec<(f64, u32)> = spends
            .iter()
            .zip(table.customers())
            .map(|(spend, &customer)| (spend.max(0.0), customer))
            .collect();
        ranked.par_sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let revenue = exact_sum(ranked.iter().map(|(spend, _)| *spend));
        if revenue <= 0.0 {
            let message = format!("no customer has a {feature} above zero before {at}");
            return Err(Error::TooLittleData(message));
        }
        let top: Vec<TopGroup> =
            top.iter().map(|&share| top_group(&ranked, revenue, share)).collect();
        let customers = ranked.len() as u64;
        let (gini, lorenz) = (gini(&ranked, revenue), lorenz(&ranked, revenue));
        // Only the best are told one by one.
        let smallest = top.iter().min_by(|a, b| a.share.total_cmp(&b.share));
        ranked.truncate(smallest.map_or(0, |top| top.at_threshold as usize));
        let of = ranked.iter().map(|&(_, customer)| customer as usize);
        Ok(Concentration {
            at,
            vip_ids: snapshot.log().customers().take(of),
            revenue_feature: feature.clone(),
            customers,
            revenue,
            negative_customers: negative.len() as u64,
            negative_revenue: exact_sum(negative),
            gini,
            top,
            lorenz,
            vip: ranked.into_iter().map(|(spend, _)| spend).collect(),
        })
    }
}

fn gini(ranked: &[(f64, u32)], revenue: f64) -> f64 {
    let n = ranked.len() as f64;
    // Falling: the i-th from the front (from 0) has the rank n − i.
    let weighted =
        ranked.iter().enumerate().map(|(i, (spend, _))| (n - 1.0 - 2.0 * i as f64) * spend);
    (exact_sum(weighted) / (n * revenue)).max(0.0)
}

/// So many customers are this share of all, rounded up. 7 % of 100 are 7, though 0.07 · 100 is a
/// little more.
fn rounded_up(share: f64, customers: usize) -> usize {
    let exact = share * customers as f64;
    ((exact * (1.0 - 1e-12)).ceil() as usize).clamp(1, customers)
}

fn top_group(ranked: &[(f64, u32)], revenue: f64, share: f64) -> TopGroup {
    let customers = rounded_up(share, ranked.len());
    let own = exact_sum(ranked[..customers].iter().map(|(spend, _)| *spend));
    let threshold = ranked[customers - 1].0;
    TopGroup {
        share,
        customers: customers as u64,
        revenue: own,
        revenue_share: own / revenue,
        threshold,
        at_threshold: ranked.partition_point(|(spend, _)| *spend >= threshold) as u64,
    }
}

fn lorenz(ranked: &[(f64, u32)], revenue: f64) -> Vec<f64> {
    let n = ranked.len();
    let mut curve = Vec::with_capacity(STEPS + 1);
    let (mut sum, mut counted) = (ExactSum::default(), 0);
    for step in 0..=STEPS {
        let (whole, part) = (n * step / STEPS, n * step % STEPS);
        let poorest = |i: usize| ranked[n - 1 - i].0;
        while counted < whole {
            sum.add(poorest(counted));
            counted += 1;
        }
        let next = if part > 0 { poorest(whole) * part as f64 / STEPS as f64 } else { 0.0 };
        curve.push(((sum.value() + next) / revenue).min(1.0));
    }
    curve[STEPS] = 1.0;
    curve
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(revenues: &[f64]) -> (Vec<(f64, u32)>, f64) {
        let mut ranked: Vec<(f64, u32)> = revenues.iter().map(|&revenue| (revenue, 0)).collect();
        ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
        (ranked, revenues.iter().sum())
    }

    #[test]
    fn the_gini_coefficient_of_equals_and_of_one_for_all() {
        let (ranked, all) = of(&[3.0; 5]);
        assert_eq!(gini(&ranked, all), 0.0);
        let (ranked, all) = of(&[0.0, 0.0, 0.0, 8.0]);
        assert_eq!(gini(&ranked, all), 0.75);
        let (ranked, all) = of(&[7.0]);
        assert_eq!(gini(&ranked, all), 0.0);
    }

    #[test]
    fn shares_of_customers_are_rounded_up() {
        assert_eq!(rounded_up(0.07, 100), 7); // 0.07 * 100.0 > 7.0
        assert_eq!(rounded_up(0.01, 23_570), 236);
        assert_eq!(rounded_up(0.001, 5), 1);
        assert_eq!(rounded_up(1.0, 5), 5);
        let (ranked, all) = of(&[5.0, 3.0, 3.0, 3.0, 1.0]);
        let top = top_group(&ranked, all, 0.4);
        assert_eq!((top.customers, top.threshold, top.at_threshold), (2, 3.0, 4));
        assert_eq!(top.revenue_share, 8.0 / 15.0);
    }

    #[test]
    fn the_lorenz_curve_is_linear_between_customers() {
        let (ranked, all) = of(&[1.0, 3.0]);
        let curve = lorenz(&ranked, all);
        assert_eq!((curve.len(), curve[0], curve[50], curve[100]), (101, 0.0, 0.25, 1.0));
        assert!((curve[25] - 0.125).abs() < 1e-15 && (curve[75] - 0.625).abs() < 1e-15);
    }
}
