//! The effect in segments, each drawn towards what all have in common.

use super::compare::{Compared, Interval};
use super::study::{Grouping, Kind, Metric, Study};
use crate::stats::{
    Effect as Estimate, RandomEffects, Share, benjamini_hochberg, exact_sum, newcombe_interval,
    normal_quantile, pooled_p_value,
};

/// An outcome of an arm beside that of control in one segment.
#[derive(Debug, Clone)]
pub(super) struct SegmentEffect {
    pub(super) grouping: String,
    pub(super) segment: String,
    pub(super) arm: usize,
    pub(super) metric: String,
    pub(super) customers: u64,
    pub(super) control_customers: u64,
    pub(super) difference: Interval,
    pub(super) p_value: f64,
    /// For all segments of the grouping, of this offer and outcome (Benjamini and Hochberg).
    pub(super) p_adjusted: f64,
    pub(super) shrunk: Option<Interval>,
    variance: f64,
}

/// How much the effect differs between the segments of a grouping.
#[derive(Debug, Clone)]
pub(super) struct Heterogeneity {
    pub(super) grouping: String,
    pub(super) arm: usize,
    pub(super) metric: String,
    pub(super) segments: u64,
    pub(super) found: RandomEffects,
}

/// The segments of a grouping, as far as both arms have two customers or more in them, and how much
/// they differ.
pub(super) fn segments(
    study: &Study,
    grouping: &Grouping,
    metric: &Metric,
    arm: usize,
    level: f64,
) -> (Vec<SegmentEffect>, Option<Heterogeneity>) {
    let mut values: Vec<&String> = grouping.of_customer.iter().flatten().collect();
    values.sort_unstable();
    values.dedup();
    let z = normal_quantile(1.0 - level / 2.0);
    let effect = |segment: &&String| {
        let rows: Vec<usize> = (grouping.of_customer.iter().enumerate())
            .filter(|(_, own)| own.as_ref() == Some(*segment))
            .map(|(row, _)| row)
            .collect();
        let of = |arm: usize| -> Vec<f64> {
            let inside = rows.iter().filter(|&&row| study.arms.of_customer[row] == arm);
            inside.map(|&row| metric.values[row]).collect()
        };
        let (one, zero) = (of(arm), of(0));
        if one.len() < 2 || zero.len() < 2 {
            return None;
        }
        let (ends, p_value, variance, difference) = match (metric.kind, &study.clusters) {
            (Kind::Share, None) => {
                let share = |of: &[f64]| Share {
                    successes: exact_sum(of.iter().copied()),
                    n: of.len() as f64,
                };
                let (one, zero) = (share(&one), share(&zero));
                (
                    newcombe_interval(one, zero, z),
                    pooled_p_value(one, zero),
                    one.variance() + zero.variance(),
                    one.share() - zero.share(),
                )
            }
            _ => {
                let compared = Compared::of_rows(study, &metric.values, &rows, arm, false);
                // Of one cluster nobody knows how much it varies.
                if compared.is_clustered() != study.clusters.is_some() {
                    return None;
                }
                let found = compared.difference();
                let half = found.reach(level) * found.standard_error;
                (
                    (found.difference - half, found.difference + half),
                    found.p_value(),
                    found.standard_error.powi(2),
                    found.difference,
                )
            }
        };
        Some(SegmentEffect {
            grouping: grouping.name.clone(),
            segment: (*segment).clone(),
            arm,
            metric: metric.name.clone(),
            customers: one.len() as u64,
            control_customers: zero.len() as u64,
            difference: (difference, Some(ends)),
            p_value,
            p_adjusted: p_value,
            shrunk: None,
            variance,
        })
    };
    let mut effects: Vec<SegmentEffect> = values.iter().filter_map(effect).collect();
    let p_values: Vec<f64> = effects.iter().map(|effect| effect.p_value).collect();
    for (effect, adjusted) in effects.iter_mut().zip(benjamini_hochberg(&p_values)) {
        effect.p_adjusted = adjusted;
    }
    let varied: Vec<usize> = (0..effects.len()).filter(|&i| effects[i].variance > 0.0).collect();
    let estimate =
        |&i: &usize| Estimate { effect: effects[i].difference.0, variance: effects[i].variance };
    let estimates: Vec<Estimate> = varied.iter().map(estimate).collect();
    let found = RandomEffects::of(&estimates);
    for (&i, shrunk) in varied.iter().zip(found.iter().flat_map(|found| &found.shrunk)) {
        let half = z * shrunk.variance.sqrt();
        effects[i].shrunk =
            Some((shrunk.effect, Some((shrunk.effect - half, shrunk.effect + half))));
    }
    let heterogeneity = found.map(|found| Heterogeneity {
        grouping: grouping.name.clone(),
        arm,
        metric: metric.name.clone(),
        segments: varied.len() as u64,
        found,
    });
    (effects, heterogeneity)
}
