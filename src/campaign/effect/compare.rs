//! One outcome of one arm beside control.

use super::study::{Kind, Metric, Study};
use crate::campaign::balance::standardised;
use crate::error::{Error, Result};
use crate::stats::{
    Mean, MeanDifference, Share, adjusted_mean, always_valid_p_value, always_valid_reach,
    exact_sum, fieller_lift_interval, log_lift_interval, narrowest_tau, newcombe_interval,
    normal_quantile, pooled_p_value,
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
}

impl Compared {
    /// Of the values of the arm and of control, adjusted by the study's covariates where there are
    /// any and arms are large enough.
    pub(super) fn new(study: &Study, values: &[f64], arm: usize, is_adjusted: bool) -> Self {
        let adjusted = is_adjusted.then(|| adjusted_means(study, values, arm)).flatten();
        match adjusted {
            Some((one, zero)) => Compared { one, zero, is_adjusted: true },
            None => Compared {
                one: Mean::of(study.of_arm(values, arm)),
                zero: Mean::of(study.of_arm(values, 0)),
                is_adjusted: false,
            },
        }
    }

    pub(super) fn difference(&self) -> MeanDifference {
        MeanDifference::new(self.one, self.zero)
    }
}

/// The means that the arm and control would have if both had the covariates of both together (Lin
/// 2013).
fn adjusted_means(study: &Study, values: &[f64], arm: usize) -> Option<(Mean, Mean)> {
    let rows: Vec<usize> =
        (0..values.len()).filter(|&row| [0, arm].contains(&study.arms.of_customer[row])).collect();
    let covariates: Vec<Vec<f64>> = study
        .covariates
        .iter()
        .map(|(_, own)| standardised(&rows.iter().map(|&row| own[row]).collect::<Vec<_>>()))
        .filter(|own| own.iter().any(|value| *value != 0.0))
        .collect();
    if covariates.is_empty() {
        return None;
    }
    let mean = |of: usize| {
        let own: Vec<usize> =
            (0..rows.len()).filter(|&place| study.arms.of_customer[rows[place]] == of).collect();
        let columns: Vec<Vec<f64>> = covariates
            .iter()
            .map(|column| own.iter().map(|&place| column[place]).collect())
            .collect();
        let outcomes: Vec<f64> = own.iter().map(|&place| values[rows[place]]).collect();
        adjusted_mean(&columns, &outcomes)
    };
    Some((mean(arm)?, mean(0)?))
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
    let is_share = metric.kind == Kind::Share && !compared.is_adjusted;
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
            let method = if compared.is_adjusted { "always_valid_lin_hc2" } else { "always_valid" };
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
            let method = if compared.is_adjusted { "lin_hc2" } else { "welch" };
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
