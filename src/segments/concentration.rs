//! How much of the revenue comes from a few customers.

use arrow_array::ArrayRef;

use super::spread::{ConcentrationOptions, Spread, TopGroup, spends};
use crate::error::Result;
use crate::log::{LogFacts, Mergeable, OwnedId, Part};
use crate::snapshot::{AllCustomersAt, Snapshot};
use crate::time::Timestamp;

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
    /// [`Error::Argument`](crate::Error::Argument) for a share that is not above 0 and up to 1, a revenue that does not
    /// exist or that the log cannot give; [`Error::TooLittleData`](crate::Error::TooLittleData) when no customer has a revenue
    /// above zero.
    pub fn build(snapshot: &impl AllCustomersAt, options: &ConcentrationOptions) -> Result<Self> {
        let spread = Part::<Spread>::of(snapshot, options)?.finish()?;
        Part::of(snapshot, &(options.clone(), spread))?.finish()
    }
}

/// The second pass, once it is known what the last of the best brings: who they are.
impl Mergeable for Concentration {
    const NAME: &'static str = "concentration";
    type Log = Snapshot;
    type Asked = (ConcentrationOptions, Spread);
    type Sums = Vec<(f64, OwnedId)>;

    fn sums(now: &Snapshot, _: &LogFacts, (options, spread): &Self::Asked) -> Result<Self::Sums> {
        let Some((spends, customers)) = spends(now, options)? else { return Ok(Vec::new()) };
        let least = spread.least();
        let all = spends.iter().zip(customers.iter());
        let best = all.filter(|(spend, _)| spend.max(0.0).total_cmp(&least).is_ge());
        let ids = now.log().customers();
        let best = best.map(|(spend, &customer)| (spend.max(0.0), ids.get(customer).into()));
        Ok(best.collect())
    }

    fn merge(sums: &mut Self::Sums, mut other: Self::Sums) {
        sums.append(&mut other);
    }

    fn fits(_: &Self::Sums, _: &LogFacts, _: &Self::Asked) -> Result<bool> {
        Ok(true)
    }

    fn finish(mut sums: Self::Sums, facts: &LogFacts, asked: &Self::Asked) -> Result<Self> {
        let (options, spread) = asked.clone();
        sums.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        let (vip, ids): (Vec<f64>, Vec<OwnedId>) = sums.into_iter().unzip();
        Ok(Concentration {
            at: facts.cutoff(),
            vip_ids: OwnedId::array(&ids),
            revenue_feature: options.revenue,
            customers: spread.customers,
            revenue: spread.revenue,
            negative_customers: spread.negative_customers,
            negative_revenue: spread.negative_revenue,
            gini: spread.gini,
            top: spread.top,
            lorenz: spread.lorenz,
            vip,
        })
    }
}
