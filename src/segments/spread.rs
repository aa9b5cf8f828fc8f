//! How the revenue is spread over all customers, by what each of them brings.

use rayon::prelude::*;

use crate::answer::options::options;
use crate::error::{Error, Result};
use crate::log::{CustomerIndex, LogFacts, Mergeable};
use crate::snapshot::Snapshot;
use crate::stats::{ExactSum, exact_sum};

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
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
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

impl ConcentrationOptions {
    fn check(&self) -> Result<()> {
        let ConcentrationOptions { top_shares: top, revenue: feature } = self;
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
        Ok(())
    }
}

/// What each customer with a purchase brings, and who they are; none of a log without customers, which
/// need not have amounts.
pub(super) fn spends(
    now: &Snapshot,
    options: &ConcentrationOptions,
) -> Result<Option<(Vec<f64>, Vec<CustomerIndex>)>> {
    options.check()?;
    let (log, feature) = (now.log(), &options.revenue);
    if log.customers().is_empty() {
        return Ok(None);
    }
    if !log.columns().amount {
        let expected = "a log with amounts; it lacks transactions.amount";
        return Err(Error::text_argument("revenue", feature, expected));
    }
    let table = now.some_features(&[feature], &[])?;
    Ok(Some((table.numbers(feature)?.to_vec(), table.customers().to_vec())))
}

/// How the revenue of all customers is spread: all of [`Concentration`](super::Concentration) but who the
/// best are.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Spread {
    pub(super) customers: u64,
    pub(super) revenue: f64,
    pub(super) negative_customers: u64,
    pub(super) negative_revenue: f64,
    pub(super) gini: f64,
    pub(super) top: Vec<TopGroup>,
    pub(super) lorenz: Vec<f64>,
}

impl Spread {
    /// What the last of the smallest top group brings.
    pub(super) fn least(&self) -> f64 {
        let smallest = self.top.iter().min_by(|a, b| a.share.total_cmp(&b.share));
        smallest.map_or(f64::INFINITY, |top| top.threshold)
    }
}

/// What every customer brings, and what those bring together who took more back than they bought.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
pub struct SpendSums {
    spends: Vec<f64>,
    negative: (u64, ExactSum),
}

/// The first pass.
impl Mergeable for Spread {
    const NAME: &'static str = "concentration_spread";
    type Log = Snapshot;
    type Asked = ConcentrationOptions;
    type Sums = SpendSums;

    fn sums(now: &Snapshot, _: &LogFacts, options: &ConcentrationOptions) -> Result<SpendSums> {
        let Some((mut spends, _)) = spends(now, options)? else { return Ok(SpendSums::default()) };
        let negative = || spends.iter().copied().filter(|spend| *spend < 0.0);
        let negative = (negative().count() as u64, negative().collect());
        spends.iter_mut().for_each(|spend| *spend = spend.max(0.0));
        Ok(SpendSums { spends, negative })
    }

    fn merge(sums: &mut SpendSums, mut other: SpendSums) {
        sums.spends.append(&mut other.spends);
        sums.negative.0 += other.negative.0;
        sums.negative.1.merge(&other.negative.1);
    }

    fn fits(_: &SpendSums, _: &LogFacts, _: &ConcentrationOptions) -> Result<bool> {
        Ok(true)
    }

    fn finish(sums: SpendSums, facts: &LogFacts, options: &ConcentrationOptions) -> Result<Self> {
        let SpendSums { spends: mut ranked, negative } = sums;
        ranked.par_sort_unstable_by(|a, b| b.total_cmp(a));
        let revenue = exact_sum(ranked.iter().copied());
        if revenue <= 0.0 {
            let (feature, at) = (&options.revenue, facts.cutoff());
            let message = format!("no customer has a {feature} above zero before {at}");
            return Err(Error::TooLittleData(message));
        }
        let top = options.top_shares.iter().map(|&share| top_group(&ranked, revenue, share));
        Ok(Spread {
            customers: ranked.len() as u64,
            revenue,
            negative_customers: negative.0,
            negative_revenue: negative.1.value(),
            gini: gini(&ranked, revenue),
            top: top.collect(),
            lorenz: lorenz(&ranked, revenue),
        })
    }
}

fn gini(ranked: &[f64], revenue: f64) -> f64 {
    let n = ranked.len() as f64;
    // Falling: the i-th from the front (from 0) has the rank n − i.
    let weighted = ranked.iter().enumerate().map(|(i, spend)| (n - 1.0 - 2.0 * i as f64) * spend);
    (exact_sum(weighted) / (n * revenue)).max(0.0)
}

/// So many customers are this share of all, rounded up. 7 % of 100 are 7, though 0.07 · 100 is a
/// little more.
fn rounded_up(share: f64, customers: usize) -> usize {
    let exact = share * customers as f64;
    ((exact * (1.0 - 1e-12)).ceil() as usize).clamp(1, customers)
}

fn top_group(ranked: &[f64], revenue: f64, share: f64) -> TopGroup {
    let customers = rounded_up(share, ranked.len());
    let own = exact_sum(ranked[..customers].iter().copied());
    let threshold = ranked[customers - 1];
    TopGroup {
        share,
        customers: customers as u64,
        revenue: own,
        revenue_share: own / revenue,
        threshold,
        at_threshold: ranked.partition_point(|spend| *spend >= threshold) as u64,
    }
}

fn lorenz(ranked: &[f64], revenue: f64) -> Vec<f64> {
    let n = ranked.len();
    let mut curve = Vec::with_capacity(STEPS + 1);
    let (mut sum, mut counted) = (ExactSum::default(), 0);
    for step in 0..=STEPS {
        let (whole, part) = (n * step / STEPS, n * step % STEPS);
        let poorest = |i: usize| ranked[n - 1 - i];
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

    fn of(revenues: &[f64]) -> (Vec<f64>, f64) {
        let mut ranked = revenues.to_vec();
        ranked.sort_by(|a, b| b.total_cmp(a));
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
