//! The profit of contacting those who score highest, and the most that a score can earn.

use arrow_array::RecordBatch;

use super::economics::{AcceptRate, Economics, Gain};
use super::inputs::check_scores;
use crate::answer::columns::{batch, counts, numbers};
use crate::error::{Error, Result};
use crate::stats::beta_cdf;

/// The most that a score can earn.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct MaximumProfit {
    /// Profit per customer, contacted or not, in the unit of `clv`; never below 0, because nobody
    /// has to be contacted.
    pub profit: f64,
    /// The share of customers to contact, those with the highest scores.
    pub share: f64,
}

/// The profit of contacting everyone from one score up.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct ProfitPoint {
    /// Share of the customers who are contacted.
    pub share: f64,
    /// Their number.
    pub customers: usize,
    /// How many of them churn.
    pub churners: usize,
    /// The lowest score that is contacted; none if nobody is.
    pub threshold: Option<f64>,
    /// Profit per customer, contacted or not.
    pub profit: f64,
    /// Total profit.
    pub total_profit: f64,
}

/// The profit at every threshold, from nobody contacted to everybody.
#[derive(Debug, Clone, PartialEq)]
pub struct ProfitCurve {
    points: Vec<ProfitPoint>,
    best: usize,
}

impl ProfitCurve {
    /// A point for nobody, then one for each distinct score from the highest down.
    pub fn points(&self) -> &[ProfitPoint] {
        &self.points
    }

    /// The point with the highest profit; of equal ones, the one that contacts the fewest.
    pub fn best(&self) -> ProfitPoint {
        self.points[self.best]
    }

    /// The point at which all are contacted.
    pub fn everybody(&self) -> ProfitPoint {
        self.points[self.points.len() - 1]
    }

    /// As an Arrow table: `share`, `customers` (contacted), `churners` (of them), `threshold` (the
    /// lowest score contacted; null for nobody), `profit` (per customer), `total_profit`.
    ///
    /// # Errors
    /// None in practice; [`Error::Arrow`] is passed on.
    pub fn to_batch(&self) -> Result<RecordBatch> {
        let points = || self.points.iter();
        batch([
            numbers("share", points().map(|point| point.share)),
            counts("customers", points().map(|point| point.customers as u64)),
            counts("churners", points().map(|point| point.churners as u64)),
            numbers("threshold", points().map(|point| point.threshold)),
            numbers("profit", points().map(|point| point.profit)),
            numbers("total_profit", points().map(|point| point.total_profit)),
        ])
    }
}

/// The profit of contacting the top of the ranking, at every distinct score.
///
/// `y` says who churns and `score` ranks, with the likeliest churner highest. Contacting a churner
/// earns γ (clv − d) − f, contacting another customer −(d + f), with the accept rate γ, the
/// incentive cost d and the contact cost f. Summed over those contacted and divided by all
/// customers this is, for figures that are the same for all, CLV (γ (1 − δ) − φ) π₀ F₀(t) − CLV
/// (δ + φ) π₁ F₁(t) (Verbraken, Verbeke and Baesens 2013, "A novel profit maximizing metric for
/// measuring classification performance of customer churn prediction models", IEEE TKDE 25).
/// Customers with equal scores are contacted together or not at all. If only the distribution of
/// the accept rate is known, its mean is used: the profit of a share chosen beforehand is linear in
/// the rate.
///
/// ```
/// use winback::metrics::{Economics, profit_curve};
/// let economics = Economics {
///     clv: 200.0.into(),
///     incentive_cost: 10.0.into(),
///     contact_cost: 1.0.into(),
///     accept_rate: 0.3.into(),
/// };
/// let curve = profit_curve(&[true, false, true, false], &[0.9, 0.7, 0.7, 0.1], &economics)?;
/// let profits: Vec<f64> = curve.points().iter().map(|point| point.total_profit.round()).collect();
/// assert_eq!(profits, [0.0, 56.0, 101.0, 90.0]); // the two of score 0.7 together
/// assert_eq!(curve.best().share, 0.75);
/// # Ok::<(), winback::Error>(())
/// ```
///
/// # Errors
/// [`Error::Shape`] when lengths differ; [`Error::Argument`] for a NaN score or a figure out of
/// range; [`Error::TooLittleData`] for no rows.
pub fn profit_curve(y: &[bool], score: &[f64], economics: &Economics<'_>) -> Result<ProfitCurve> {
    let cuts = cuts(y, score, economics)?;
    let n = y.len() as f64;
    let rate = economics.accept_rate.factor();
    let points: Vec<ProfitPoint> = cuts
        .iter()
        .map(|cut| {
            let total_profit = rate * cut.kept - cut.spent;
            ProfitPoint {
                share: cut.customers as f64 / n,
                customers: cut.customers,
                churners: cut.churners,
                threshold: cut.threshold,
                profit: total_profit / n,
                total_profit,
            }
        })
        .collect();
    // A sum that is larger by its rounding alone is no reason to contact more.
    let sizes = cuts.iter().map(|cut| (rate * cut.kept).abs() + cut.spent);
    let rounding = 1e-13 * sizes.fold(0.0, f64::max);
    let mut best = 0;
    for (place, point) in points.iter().enumerate() {
        if point.total_profit > points[best].total_profit + rounding {
            best = place;
        }
    }
    Ok(ProfitCurve { points, best })
}

/// Maximum profit (MPC): the most that contacting the top of the ranking can earn, and the share that
/// earns it.
///
/// The highest point of [`profit_curve`], which has the formula. It is found with the outcomes
/// known, so it is what the score could have earned, not what a share chosen beforehand will. As
/// empulse's `mpc_score` and its `optimal_rate`, except that here a per-customer `clv` is used for
/// each customer, while empulse uses only its mean.
///
/// ```
/// use winback::metrics::{Economics, mpc};
/// let y = [false, true, false, true, false, true, false, true];
/// let score = [0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 0.8, 0.9];
/// let economics = Economics {
///     clv: 200.0.into(),
///     incentive_cost: 10.0.into(),
///     contact_cost: 1.0.into(),
///     accept_rate: 0.3.into(),
/// };
/// let best = mpc(&y, &score, &economics)?;
/// assert_eq!((best.profit, best.share), (23.875, 0.875));
/// # Ok::<(), winback::Error>(())
/// ```
///
/// # Errors
/// As [`profit_curve`].
pub fn mpc(y: &[bool], score: &[f64], economics: &Economics<'_>) -> Result<MaximumProfit> {
    let ProfitPoint { profit, share, .. } = profit_curve(y, score, economics)?.best();
    Ok(MaximumProfit { profit, share })
}

/// Expected maximum profit (EMPC): the mean, over the accept rate's beta distribution, of the most
/// that contacting the top of the ranking can earn when the share suits the rate; and the mean of
/// these shares.
///
/// ∫ maxₜ P(t; γ) h(γ) dγ with P as in [`profit_curve`] and h the density of Beta(α, β) (Verbraken,
/// Verbeke and Baesens 2013). P is linear in γ, so the maximum is the upper envelope of lines,
/// those of the ROC curve's convex hull; between its corners the integral is exact, by incomplete
/// beta functions. Never below [`mpc`] at the mean rate. As empulse's `empc_score` and its
/// `optimal_rate`, with the exception noted at [`mpc`].
///
/// ```
/// use winback::metrics::{AcceptRate, Economics, empc};
/// let y = [false, true, false, true, false, true, false, true];
/// let score = [0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 0.8, 0.9];
/// let economics = Economics {
///     clv: 200.0.into(),
///     incentive_cost: 10.0.into(),
///     contact_cost: 1.0.into(),
///     accept_rate: AcceptRate::Beta { alpha: 6.0, beta: 14.0 },
/// };
/// let best = empc(&y, &score, &economics)?;
/// assert!((best.profit - 23.875593418348124).abs() < 1e-9);
/// assert!((best.share - 0.8743700763487141).abs() < 1e-9);
/// # Ok::<(), winback::Error>(())
/// ```
///
/// # Errors
/// As [`profit_curve`]; [`Error::Argument`] for an accept rate that is taken as known.
pub fn empc(y: &[bool], score: &[f64], economics: &Economics<'_>) -> Result<MaximumProfit> {
    let AcceptRate::Beta { alpha, beta } = economics.accept_rate else {
        let expected = "a distribution, alpha and beta, for the expected maximum profit";
        return Err(Error::argument("accept_rate", "one rate", expected));
    };
    let lines = envelope(cuts(y, score, economics)?);
    let mean = alpha / (alpha + beta);
    let (mut profit, mut customers) = (0.0, 0.0);
    // The chance of a rate below, and the mean rate's part from there.
    let (mut chance_below, mut rate_below) = (0.0, 0.0);
    for (i, line) in lines.iter().enumerate() {
        let (chance, rate) = match lines.get(i + 1) {
            Some(next) => {
                let until = crossing(line, next);
                (beta_cdf(until, alpha, beta), mean * beta_cdf(until, alpha + 1.0, beta))
            }
            None => (1.0, mean),
        };
        profit += line.kept * (rate - rate_below) - line.spent * (chance - chance_below);
        customers += line.customers as f64 * (chance - chance_below);
        (chance_below, rate_below) = (chance, rate);
    }
    let n = y.len() as f64;
    Ok(MaximumProfit { profit: (profit / n).max(0.0), share: (customers / n).clamp(0.0, 1.0) })
}

/// All customers from one score up: contacting them earns γ `kept` − `spent`.
#[derive(Debug, Clone, Copy)]
struct Cut {
    customers: usize,
    churners: usize,
    threshold: Option<f64>,
    kept: f64,
    spent: f64,
}

/// Nobody, then everyone from each distinct score up.
fn cuts(y: &[bool], score: &[f64], economics: &Economics<'_>) -> Result<Vec<Cut>> {
    check_scores(y, score)?;
    let gains = economics.gains(y)?;
    let mut order: Vec<usize> = (0..y.len()).collect();
    // Equal scores by their gains, so that no sum depends on the order of the rows.
    order.sort_unstable_by(|&a, &b| {
        let by_gain = |x: &Gain, y: &Gain| {
            x.kept.total_cmp(&y.kept).then_with(|| x.spent.total_cmp(&y.spent))
        };
        score[b].total_cmp(&score[a]).then_with(|| by_gain(&gains[a], &gains[b]))
    });
    let mut cut = Cut { customers: 0, churners: 0, threshold: None, kept: 0.0, spent: 0.0 };
    let mut cuts = vec![cut];
    for tied in order.chunk_by(|&a, &b| score[a] == score[b]) {
        for &row in tied {
            cut.customers += 1;
            cut.churners += usize::from(y[row]);
            cut.kept += gains[row].kept;
            cut.spent += gains[row].spent;
            cut.threshold = Some(score[row]);
        }
        cuts.push(cut);
    }
    Ok(cuts)
}

/// The cuts that earn most at some rate, by rising rate.
fn envelope(mut cuts: Vec<Cut>) -> Vec<Cut> {
    // Of lines of one slope only the one that costs the least can be on top.
    cuts.sort_by(|a, b| {
        a.kept
            .total_cmp(&b.kept)
            .then_with(|| a.spent.total_cmp(&b.spent))
            .then_with(|| a.customers.cmp(&b.customers))
    });
    cuts.dedup_by(|next, kept| next.kept == kept.kept);
    let mut top: Vec<Cut> = Vec::new();
    for cut in cuts {
        while let [.., before, last] = top[..]
            && crossing(&last, &cut) <= crossing(&before, &last)
        {
            top.pop();
        }
        top.push(cut);
    }
    top
}

/// The rate from which on the steeper line `b` earns more than `a`.
fn crossing(a: &Cut, b: &Cut) -> f64 {
    (b.spent - a.spent) / (b.kept - a.kept)
}

#[cfg(test)]
mod tests;
