//! One outcome of one arm beside control.

use super::study::{Kind, Metric, Study};
use crate::campaign::balance::standardised;
use crate::error::{Error, Result};
use crate::stats::{
    ClusteredMean, Mean, MeanDifference, Share, adjusted_mean, always_valid_p_value,
    always_valid_reach, exact_sum, fieller_lift_interval, log_lift_interval, narrowest_tau,
    newcombe_interval, normal_quantile, pooled_p_value,
};

/// How outcomes are compared.
#[derive(Debug, Clone, Copy)]
pub(super) struct How {
    pub(super) level: f64,
    pub(super) is_adjusted: bool,
    /// Of always-valid intervals.
    pub(super) tau: Option<f64>,
}

/// An estimate and its interval, which may have no ends.
pub(super) type Interval = (f64, Option<(f64, f64)>);

/// An arm's outcome beside that of control.
#[derive(Debug, Clone)]
pub(super) struct Comparison {
    pub(super) arm: usize,
    pub(super) metric: String,
    pub(super) kind: Kind,
    pub(super) customers: u64,
    pub(super) control_customers: u64,
    pub(super) mean: f64,
    pub(super) control_mean: f64,
    pub(super) difference: Interval,
    /// Over what control has; none where that is 0.
    pub(super) lift: Option<Interval>,
    pub(super) standard_error: f64,
    pub(super) p_value: f64,
    pub(super) method: &'static str,
}

impl Comparison {
    /// The difference over all customers of the arm.
    pub(super) fn total(&self) -> Interval {
        let n = self.customers as f64;
        (n * self.difference.0, self.difference.1.map(|(low, high)| (n * low, n * high)))
    }
}

/// Both arms' means, and their difference.
#[derive(Debug, Clone, Copy)]
pub(super) struct Compared {
    pub(super) one: Mean,
    pub(super) zero: Mean,
    pub(super) is_adjusted: bool,
    /// Of the difference, where errors are clustered.
    degrees: Option<f64>,
}

impl Compared {
    /// Of the values of the arm and of control, adjusted by the study's covariates where there are
    /// any and arms are large enough.
    pub(super) fn new(study: &Study, values: &[f64], arm: usize, is_adjusted: bool) -> Self {
        let all: Vec<usize> = (0..values.len()).collect();
        Self::of_rows(study, values, &all, arm, is_adjusted)
    }

    /// Of some of the customers.
    pub(super) fn of_rows(
        study: &Study,
        values: &[f64],
        rows: &[usize],
        arm: usize,
        is_adjusted: bool,
    ) -> Self {
        let in_arm = |of: usize| -> Vec<usize> {
            rows.iter().copied().filter(|&row| study.arms.of_customer[row] == of).collect()
        };
        let (own, control) = (in_arm(arm), in_arm(0));
        let covariates = if is_adjusted { covariates(study, &own, &control) } else { Vec::new() };
        if !covariates.is_empty()
            && let Some((one, zero, degrees)) = means(study, values, &covariates, &own, &control)
        {
            return Compared { one, zero, is_adjusted: true, degrees };
        }
        if let Some((one, zero, degrees)) = clustered(study, values, &[], &own, &control) {
            return Compared { one, zero, is_adjusted: false, degrees: Some(degrees) };
        }
        let mean = |rows: &[usize]| Mean::of(rows.iter().map(|&row| values[row]));
        Compared { one: mean(&own), zero: mean(&control), is_adjusted: false, degrees: None }
    }

    pub(super) fn difference(&self) -> MeanDifference {
        let found = MeanDifference::new(self.one, self.zero);
        MeanDifference { degrees: self.degrees.unwrap_or(found.degrees), ..found }
    }

    pub(super) fn is_clustered(&self) -> bool {
        self.degrees.is_some()
    }
}

/// The study's covariates of all customers, around 0 in these two groups together; without those that
/// do not vary in them.
fn covariates(study: &Study, own: &[usize], control: &[usize]) -> Vec<Vec<f64>> {
    let mut rows: Vec<usize> = own.iter().chain(control).copied().collect();
    rows.sort_unstable();
    let spread = |(_, values): &(String, Vec<f64>)| {
        let standard = standardised(&rows.iter().map(|&row| values[row]).collect::<Vec<_>>());
        standard.iter().any(|value| *value != 0.0).then(|| {
            let mut all = vec![0.0; values.len()];
            rows.iter().zip(standard).for_each(|(&row, value)| all[row] = value);
            all
        })
    };
    study.covariates.iter().filter_map(spread).collect()
}

/// The means that the arm and control would have if both had the covariates of both together (Lin
/// 2013), and the degrees of freedom of their difference where errors are clustered.
fn means(
    study: &Study,
    values: &[f64],
    covariates: &[Vec<f64>],
    own: &[usize],
    control: &[usize],
) -> Option<(Mean, Mean, Option<f64>)> {
    if study.clusters.is_some() {
        let (one, zero, degrees) = clustered(study, values, covariates, own, control)?;
        return Some((one, zero, Some(degrees)));
    }
    let mean = |rows: &[usize]| adjusted_mean(&picked(covariates, rows), &pick(values, rows));
    Some((mean(own)?, mean(control)?, None))
}

/// Means with errors that are clustered; none without clusters, or of arms that are too small.
fn clustered(
    study: &Study,
    values: &[f64],
    covariates: &[Vec<f64>],
    own: &[usize],
    control: &[usize],
) -> Option<(Mean, Mean, f64)> {
    let clusters = study.clusters.as_ref()?;
    let mean = |rows: &[usize]| {
        let cluster: Vec<u32> = rows.iter().map(|&row| clusters.of_customer[row]).collect();
        ClusteredMean::of(&picked(covariates, rows), &pick(values, rows), &cluster)
    };
    let (one, zero) = (mean(own)?, mean(control)?);
    let is_enough = one.clusters().min(zero.clusters()) >= 2.0;
    is_enough.then(|| ClusteredMean::pair(one, zero))
}

fn pick(values: &[f64], rows: &[usize]) -> Vec<f64> {
    rows.iter().map(|&row| values[row]).collect()
}

fn picked(columns: &[Vec<f64>], rows: &[usize]) -> Vec<Vec<f64>> {
    columns.iter().map(|column| pick(column, rows)).collect()
}

/// An arm's outcome beside that of control.
pub(super) fn compare(study: &Study, metric: &Metric, arm: usize, how: How) -> Result<Comparison> {
    let compared = Compared::new(study, &metric.values, arm, how.is_adjusted);
    let found = compared.difference();
    let share = |arm: usize| Share {
        successes: exact_sum(study.of_arm(&metric.values, arm)),
        n: study.of_arm(&metric.values, arm).count() as f64,
    };
    let (one, zero) = (share(arm), share(0));
    let is_share = metric.kind == Kind::Share && !compared.is_adjusted && !compared.is_clustered();
    // The variance of a share is that of its own p.
    let standard_error = match is_share {
        true => (one.variance() + zero.variance()).sqrt(),
        false => found.standard_error,
    };
    let difference = found.difference;
    let of_reach = |reach: f64| {
        let half = reach * standard_error;
        let ends = (standard_error > 0.0).then_some((difference - half, difference + half));
        (ends, fieller_lift_interval(compared.one, compared.zero, reach))
    };
    let z = normal_quantile(1.0 - how.level / 2.0);
    let (ends, lift, p_value, method) = match how.tau {
        Some(tau) if standard_error > 0.0 => {
            let variance = standard_error * standard_error;
            let reach = always_valid_reach(variance, tau, how.level) / standard_error;
            let (ends, lift) = of_reach(reach);
            let p_value = always_valid_p_value(difference, variance, tau);
            let method = match (compared.is_adjusted, compared.is_clustered()) {
                (true, true) => "always_valid_lin_cluster",
                (true, false) => "always_valid_lin_hc2",
                (false, true) => "always_valid_cluster",
                (false, false) => "always_valid",
            };
            (ends, lift, p_value, method)
        }
        // Nobody did anything yet.
        Some(_) => (None, None, 1.0, "always_valid"),
        None if is_share => (
            Some(newcombe_interval(one, zero, z)),
            log_lift_interval(one, zero, z),
            pooled_p_value(one, zero),
            "newcombe",
        ),
        None => {
            let (ends, lift) = of_reach(found.reach(how.level));
            let method = match (compared.is_adjusted, compared.is_clustered()) {
                (true, true) => "lin_cluster",
                (true, false) => "lin_hc2",
                (false, true) => "cluster",
                (false, false) => "welch",
            };
            (ends, lift, found.p_value(), method)
        }
    };
    let control_mean = compared.zero.mean;
    Ok(Comparison {
        arm,
        metric: metric.name.clone(),
        kind: metric.kind,
        customers: one.n as u64,
        control_customers: zero.n as u64,
        mean: compared.one.mean,
        control_mean,
        difference: (difference, ends),
        lift: (control_mean > 0.0).then(|| (difference / control_mean, lift)),
        standard_error,
        p_value,
        method,
    })
}

/// The τ of an outcome in an arm: as given, or the one whose interval is narrowest at the end if the
/// variance is that of the time before.
pub(super) fn tau_of(metric: &Metric, given: Option<f64>, sizes: (f64, f64)) -> Result<f64> {
    if let Some(tau) = given {
        return Ok(tau);
    }
    match metric.variance_before.filter(|variance| *variance > 0.0) {
        Some(variance) => Ok(narrowest_tau(variance * (1.0 / sizes.0 + 1.0 / sizes.1))),
        None => {
            let expected = format!(
                "the effect on {} for which an interval that may be looked at at any time is narrowest: \
                 nothing before the start tells it",
                metric.name
            );
            Err(Error::missing_argument("tau", expected))
        }
    }
}
