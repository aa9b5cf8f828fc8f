//! The groups of a snapshot, and how many there are.

use arrow_array::ArrayRef;

use super::cluster::{Cluster, described};
use super::columns::{self, Table};
use super::k_means::{Centres, Rows, adjusted_rand};
use crate::answer::options::options;
#[cfg(feature = "cli")]
use crate::answer::value;
use crate::error::{Error, Result};
use crate::hash::drawn_share;
use crate::log::grouped;
use crate::snapshot::Snapshot;
use crate::time::{Span, Timestamp};

/// Numbers of groups that are looked at where none is given.
const FEW: std::ops::RangeInclusive<usize> = 2..=7;
/// No more groups than a person can name.
const MOST: usize = 20;
/// Groups that agree so well with those found earlier last.
const STABLE: f64 = 0.9;
/// Agreement so much below the best one is as good.
const AS_STEADY: f64 = 0.03;
/// A smaller group is not worth a name.
const LEAST_SHARE: f64 = 0.02;
/// Groups are found among so many customers, drawn by the salted hash of their ids.
const MOST_ROWS: usize = 50_000;
const STARTS: usize = 12;

options! {
    /// By what customers are grouped, and into how many groups.
    pub struct ClusterOptions {
        /// Number of groups, 2 to 20; by default of 2 to 7 those that last best since some time
        /// before
        #[option(value_name = "N")]
        #[takes(into)]
        k: Option<usize> = None,
        /// Features to group by; by default days since the last purchase, number of purchases,
        /// overdue ratio, average check, share of discounts, and the shares of the most frequent
        /// categories and channels, as far as there are any
        #[values(value_name = "NAMES")]
        #[takes(texts)]
        features: Vec<String> = Vec::new(),
        /// How long before the cutoff groups are looked for a second time
        #[value(value_name = "SPAN", value_parser = value::<Span>)]
        #[takes(span)]
        earlier: Span = Span::months(3),
        /// Seed of the places at which the search starts
        #[value(value_name = "N")]
        seed: u64 = 0,
    }
}

/// How good so many groups are.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct ClusterTrial {
    /// Number of groups.
    pub k: usize,
    /// Adjusted Rand index of the groups now and of those that the earlier centres make of the same
    /// customers; none where there is nothing to compare.
    pub stability: Option<f64>,
    /// Customers of the smallest group, as a share of all.
    pub smallest_share: f64,
    /// Sum of squared distances to the centre of the own group, scaled.
    pub inertia: f64,
    /// Whether it was taken.
    pub chosen: bool,
}

/// Groups of customers who are alike in when, how often, for how much, at which price level, what and
/// where they buy: k-means on scaled columns.
///
/// A column x is ln x for the number of purchases, √x for shares, and sign(x) ln(1 + |x|) otherwise,
/// then standardised (n, not n − 1); missing values stand at the mean. The shares of all categories
/// weigh together as one column, and those of all channels. The centres are the best of 12 seeded
/// starts (k-means++), among at most 50,000 customers drawn by their ids.
///
/// Groups cut what is a continuum. How well they last is the adjusted Rand index of the groups of
/// today's customers by the centres of today and by those found `earlier`, by what was known then. The
/// largest number of groups is taken of which it is at most 0.03 below the best, and none of which is
/// smaller than 2 %; an index below 0.9 is told. More groups always fit better, so inertia chooses
/// none.
///
/// ```
/// use winback::segments::{ClusterOptions, Clusters};
/// use winback::{EventLog, simulate::Simulation};
/// let shop = Simulation::default().customers(500).run()?;
/// let log = EventLog::builder()
///     .transactions([shop.transactions])
///     .observed_until("2025-01-01")?
///     .build()?;
/// let found = Clusters::build(&log.at("2025-01-01")?, &ClusterOptions::default())?;
/// for cluster in &found.clusters {
///     println!("{}: {} customers, {}", cluster.cluster, cluster.customers, cluster.name);
/// }
/// assert_eq!(found.clusters.iter().map(|cluster| cluster.customers).sum::<u64>(), found.customers);
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(Debug, Clone, serde::Serialize)]
#[non_exhaustive]
pub struct Clusters {
    /// The cutoff.
    pub at: Timestamp,
    /// Customers with a purchase before it.
    pub customers: u64,
    /// What they were grouped by.
    pub columns: Vec<String>,
    /// Number of groups.
    pub k: usize,
    /// The groups, those with most revenue first (with most customers where there are no amounts).
    #[serde(skip)]
    pub clusters: Vec<Cluster>,
    /// The numbers of groups that were looked at.
    #[serde(skip)]
    pub trials: Vec<ClusterTrial>,
    /// Each customer's group, as a place in `clusters`; customers by ascending id.
    #[serde(skip)]
    pub members: Vec<usize>,
    #[serde(skip)]
    pub(super) ids: ArrayRef,
    #[serde(skip)]
    pub(super) notes: Vec<String>,
}

impl Clusters {
    /// Finds the groups of the customers with a purchase before the cutoff.
    ///
    /// # Errors
    /// [`Error::Argument`] for a number of groups out of range and for features that are unknown or
    /// that the log cannot give; [`Error::TooLittleData`] for fewer customers than groups need.
    pub fn build(snapshot: &Snapshot, options: &ClusterOptions) -> Result<Self> {
        if let Some(k) = options.k.filter(|k| !(2..=MOST).contains(k)) {
            return Err(Error::argument("k", k, format!("2 to {MOST}")));
        }
        let least = 10 * options.k.unwrap_or(*FEW.start());
        let customers = snapshot.customers().len();
        if customers < least {
            let message =
                format!("{} customers, {least} needed for groups", grouped(customers as u64));
            return Err(Error::TooLittleData(message));
        }
        let table = Table::of(snapshot, &options.features)?;
        let mut notes = Vec::new();
        let earlier = earlier(snapshot, options.earlier, least);
        let earlier = earlier.map(|then| Table::with(&then, table.columns.clone())).transpose()?;
        if earlier.is_none() {
            notes.push(format!(
                "too few customers were known {} before: whether groups last is not known",
                options.earlier
            ));
        }
        let range = options.k.map_or(FEW, |k| k..=k);
        let search =
            Search { snapshot, table: &table, earlier: earlier.as_ref(), seed: options.seed };
        let mut found: Vec<(Vec<usize>, ClusterTrial)> = range
            .take_while(|k| 10 * k <= customers)
            .map(|k| search.trial(k))
            .collect::<Result<_>>()?;
        let mut trials: Vec<ClusterTrial> = found.iter().map(|(_, trial)| *trial).collect();
        let chosen = choose(&trials);
        trials[chosen].chosen = true;
        let (members, trial) = found.swap_remove(chosen);
        notes.extend(remark(&trial, options));
        if customers > MOST_ROWS {
            notes.push(format!(
                "groups were found among {} customers drawn by their ids, and are of all",
                grouped(MOST_ROWS as u64)
            ));
        }
        let (clusters, members) = described(snapshot, &table, trial.k, members)?;
        Ok(Clusters {
            at: snapshot.at(),
            customers: customers as u64,
            columns: table.columns.iter().map(columns::Column::name).collect(),
            k: clusters.len(),
            ids: snapshot.log().customers().take(snapshot.customers().iter().copied()),
            clusters,
            trials,
            members,
            notes,
        })
    }
}

/// The snapshot some time before, if enough customers had bought by then.
fn earlier(snapshot: &Snapshot, span: Span, least: usize) -> Option<Snapshot> {
    let then = snapshot.log().at(snapshot.at().sub(span).ok()?).ok()?;
    (!span.is_zero() && then.customers().len() >= least).then_some(then)
}

/// The largest number of groups that is about as steady as the steadiest.
fn choose(trials: &[ClusterTrial]) -> usize {
    let stability = |trial: &ClusterTrial| {
        let is_large = trial.smallest_share >= LEAST_SHARE;
        trial.stability.filter(|_| is_large).unwrap_or(f64::NEG_INFINITY)
    };
    let best = trials.iter().map(stability).fold(f64::NEG_INFINITY, f64::max);
    let lasts = |trial: &ClusterTrial| best.is_finite() && stability(trial) >= best - AS_STEADY;
    trials.iter().rposition(lasts).unwrap_or(0)
}

/// What to know of the groups that were taken.
fn remark(trial: &ClusterTrial, options: &ClusterOptions) -> Option<String> {
    let stability = trial.stability?;
    (stability < STABLE).then(|| {
        let those = if options.k.is_some() { "the groups" } else { "even the steadiest groups" };
        format!(
            "{those} differ from those found {} before (adjusted Rand index {stability:.2}, 0.9 is \
             good): do not build on who is in which",
            options.earlier
        )
    })
}

struct Search<'a> {
    snapshot: &'a Snapshot,
    table: &'a Table,
    earlier: Option<&'a Table>,
    seed: u64,
}

impl Search<'_> {
    fn trial(&self, k: usize) -> Result<(Vec<usize>, ClusterTrial)> {
        let rows = self.table.rows();
        let centres = self.centres(self.table, rows, k)?;
        let members = centres.assign(rows);
        // The earlier centres and scale, applied to the customers of today.
        let mut stability = None;
        if let Some(then) = self.earlier {
            let earlier = self.centres(then, then.rows(), k)?;
            let today = self.table.by(then);
            stability = adjusted_rand(&members, &earlier.assign(Rows { values: &today, ..rows }));
        }
        let mut sizes = vec![0usize; k];
        members.iter().for_each(|&member| sizes[member] += 1);
        let smallest = sizes.iter().copied().min().unwrap_or(0);
        let inertia = match rows.len() > MOST_ROWS {
            true => rows.values.chunks_exact(rows.width).map(|row| centres.closest(row).1).sum(),
            false => centres.inertia,
        };
        let trial = ClusterTrial {
            k,
            stability,
            smallest_share: smallest as f64 / members.len() as f64,
            inertia,
            chosen: false,
        };
        Ok((members, trial))
    }

    /// Of all rows, or of some where there are very many.
    fn centres(&self, table: &Table, rows: Rows<'_>, k: usize) -> Result<Centres> {
        let progress = self.snapshot.progress();
        if rows.len() <= MOST_ROWS {
            return Centres::fit(rows, k, STARTS, self.seed, progress);
        }
        let share = MOST_ROWS as f64 / rows.len() as f64;
        let ids = self.snapshot.log().customers();
        let drawn =
            |row: usize| drawn_share("winback/clusters", ids.get(table.customers[row])) < share;
        let values: Vec<f64> = table
            .scaled
            .chunks_exact(rows.width)
            .enumerate()
            .filter(|(row, _)| drawn(*row))
            .flat_map(|(_, row)| row.iter().copied())
            .collect();
        Centres::fit(Rows { values: &values, ..rows }, k, STARTS, self.seed, progress)
    }
}
