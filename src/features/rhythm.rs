//! How regularly the customer buys, on distinct purchase days (UTC).

use super::feature::{Family::Rhythm, Feature, Needs, Unit, place, says};
use super::reason_group::ReasonGroup;
use super::wanted::{Wanted, ln};
use crate::log::History;
use crate::time::MICROS_PER_DAY;

const NAN: f64 = f64::NAN;
/// The feature that takes longest.
const CLUMPINESS: usize = place(&FEATURES, "clumpiness");

/// A customer without gaps is expected back after so many days; with gaps it counts as one more.
const PRIOR_GAP_DAYS: f64 = 90.0;

/// Name of a feature that sentences know.
pub(crate) const MEAN_GAP_DAYS: &str = "mean_gap_days";

pub(super) const FEATURES: [Feature; 5] = [
    Feature {
        name: MEAN_GAP_DAYS,
        family: Rhythm,
        unit: Unit::Days,
        needs: Needs::Nothing,
        empty: NAN,
        expected_sign: 0,
        group: ReasonGroup::Rhythm,
        meaning: "Mean number of days between successive purchase days; not defined with fewer than two.",
        words: says("usual gap between purchases: {}", "обычно между покупками: {}")
            .missing("only one day with purchases so far", "пока один день с покупками"),
    },
    Feature {
        name: "gap_cv",
        family: Rhythm,
        unit: Unit::Ratio,
        needs: Needs::Nothing,
        empty: NAN,
        expected_sign: 0,
        group: ReasonGroup::Rhythm,
        meaning: "Sample standard deviation of the gaps / their mean; not defined with fewer than two gaps.",
        words: says("regularity of purchases: {}", "регулярность покупок: {}")
            .missing("too few purchases so far", "пока мало покупок")
            .compared(
                ["buys less regularly than most", "покупает менее регулярно, чем большинство"],
                ["buys more regularly than most", "покупает регулярнее, чем большинство"],
            ),
    },
    Feature {
        name: "last_gap_ratio",
        family: Rhythm,
        unit: Unit::Ratio,
        needs: Needs::Nothing,
        empty: NAN,
        expected_sign: 0,
        group: ReasonGroup::Rhythm,
        meaning: "Last gap / mean gap; not defined without gaps.",
        words: says(
            "last gap between purchases against the usual one: {}",
            "последний промежуток к обычному: {}",
        )
        .missing("too few purchases so far", "пока мало покупок")
        .as_multiple(),
    },
    Feature {
        name: "overdue_ratio",
        family: Rhythm,
        unit: Unit::Ratio,
        needs: Needs::Nothing,
        empty: NAN,
        expected_sign: 0,
        group: ReasonGroup::Recency,
        meaning: "Days since the last purchase / ((sum of gaps + 90) / (number of gaps + 1)): how many of \
         the customer's own gaps, with one of 90 days added, the silence lasts.",
        words: says("silent for {} the expected gap", "молчание к ожидаемому промежутку: {}")
            .as_multiple(),
    },
    Feature {
        name: "clumpiness",
        family: Rhythm,
        unit: Unit::Share,
        needs: Needs::Nothing,
        empty: NAN,
        expected_sign: 0,
        group: ReasonGroup::Rhythm,
        meaning: "1 + Σ xᵢ ln xᵢ / ln(n + 1) over the shares xᵢ into which the n purchase days after the \
         first divide the days from the first to the cutoff: 0 evenly spread, towards 1 in clumps \
         (Zhang, Bradlow and Small 2015); not defined for one purchase day.",
        words: says("spread of purchases over time: {}", "распределение покупок во времени: {}")
            .missing("too few purchases so far", "пока мало покупок")
            .compared(
                [
                    "buys in bursts with long pauses between them",
                    "покупает сериями с долгими паузами",
                ],
                [
                    "spreads purchases more evenly over time than most",
                    "покупает равномернее, чем большинство",
                ],
            ),
    },
];

pub(super) fn compute(
    history: &History<'_>,
    wanted: Wanted,
    days: &mut Vec<i64>,
) -> [f64; FEATURES.len()] {
    days.clear();
    days.extend(history.purchases().iter().map(|p| p.time.div_euclid(MICROS_PER_DAY)));
    days.dedup();
    let (Some(&first), Some(&last), Some(purchase)) =
        (days.first(), days.last(), history.purchases().last())
    else {
        return [NAN; FEATURES.len()];
    };
    let gaps = (days.len() - 1) as f64;
    let sum = (last - first) as f64;
    let mean = sum / gaps;
    let cutoff = history.cutoff().micros();
    let inactivity = (cutoff - purchase.time) as f64 / MICROS_PER_DAY as f64;
    let last_gap = days.windows(2).last().map_or(NAN, |pair| (pair[1] - pair[0]) as f64);
    let squares: f64 =
        days.windows(2).map(|pair| ((pair[1] - pair[0]) as f64 - mean).powi(2)).sum();
    let has_gaps = days.len() > 1;
    // The day of the cutoff is over only where the cutoff is its end.
    let unfinished = i64::from(cutoff.rem_euclid(MICROS_PER_DAY) > 0);
    let end = cutoff.div_euclid(MICROS_PER_DAY) + unfinished;
    [
        if has_gaps { mean } else { NAN },
        if days.len() > 2 { (squares / (gaps - 1.0)).sqrt() / mean } else { NAN },
        if has_gaps { last_gap / mean } else { NAN },
        inactivity / ((sum + PRIOR_GAP_DAYS) / (gaps + 1.0)),
        if wanted.has(CLUMPINESS) { clumpiness(days, end) } else { NAN },
    ]
}

/// Zhang, Bradlow and Small (2015) on the purchase days after the first; `end` is the first day
/// after the observed ones.
fn clumpiness(days: &[i64], end: i64) -> f64 {
    if days.len() < 2 {
        return NAN;
    }
    // 1 + Σ s ln s / ln n with the shares s = d / D is 1 + (Σ d ln d / D − ln D) / ln n.
    let d_ln_d = |from: i64, to: i64| (to - from) as f64 * ln((to - from) as usize);
    let inside: f64 = days.windows(2).map(|pair| d_ln_d(pair[0], pair[1])).sum();
    let whole = end - days[0];
    let sum = inside + d_ln_d(days[days.len() - 1], end);
    1.0 + (sum / whole as f64 - ln(whole as usize)) / ln(days.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of the formula in Zhang, Bradlow and Small (2015), `N` = 99: the origin is day 0.
    #[test]
    fn clumpiness_of_published_patterns() {
        let h = |events: &[i64]| {
            let days: Vec<i64> = std::iter::once(0).chain(events.iter().copied()).collect();
            clumpiness(&days, 100)
        };
        let even: Vec<i64> = (1..10).map(|i| i * 10).collect();
        approx::assert_abs_diff_eq!(h(&even), 0.0, epsilon = 1e-12);
        let early: Vec<i64> = (1..10).collect();
        approx::assert_relative_eq!(h(&early), 0.7827276670, max_relative = 1e-9);
        approx::assert_relative_eq!(
            h(&[10, 11, 12, 70, 71, 72]),
            0.4414760269,
            max_relative = 1e-9
        );
    }
}
