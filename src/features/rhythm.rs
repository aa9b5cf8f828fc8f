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
/// A gap counts as due if it ends within so many days.
const DUE_DAYS: f64 = 90.0;
/// So many gaps are added to a customer's own, of which this share is due.
const PRIOR_GAPS: f64 = 2.0;
const PRIOR_DUE: f64 = 0.3;
const YEAR: i64 = 365 * MICROS_PER_DAY;

/// Name of a feature that sentences know.
pub(crate) const MEAN_GAP_DAYS: &str = "mean_gap_days";

pub(super) const FEATURES: [Feature; 11] = [
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
    Feature {
        name: "last_gap_days",
        family: Rhythm,
        unit: Unit::Days,
        needs: Needs::Nothing,
        empty: NAN,
        expected_sign: 0,
        group: ReasonGroup::Rhythm,
        meaning: "Days between the last two purchase days; not defined with fewer than two.",
        words: says("last gap between purchases: {}", "последний промежуток между покупками: {}")
            .missing("only one day with purchases so far", "пока один день с покупками"),
    },
    Feature {
        name: "longest_gap_days",
        family: Rhythm,
        unit: Unit::Days,
        needs: Needs::Nothing,
        empty: NAN,
        expected_sign: 0,
        group: ReasonGroup::Rhythm,
        meaning: "Longest gap between successive purchase days; not defined with fewer than two.",
        words: says(
            "longest gap between purchases: {}",
            "самый долгий промежуток между покупками: {}",
        )
        .missing("only one day with purchases so far", "пока один день с покупками"),
    },
    Feature {
        name: "longest_gap_ratio",
        family: Rhythm,
        unit: Unit::Ratio,
        needs: Needs::Nothing,
        empty: NAN,
        expected_sign: 0,
        group: ReasonGroup::Recency,
        meaning: "Days since the last purchase / longest gap; not defined without gaps.",
        words: says(
            "silent for {} the longest gap so far",
            "молчание к самому долгому промежутку: {}",
        )
        .missing("only one day with purchases so far", "пока один день с покупками")
        .as_multiple(),
    },
    Feature {
        name: "due_gap_share",
        family: Rhythm,
        unit: Unit::Share,
        needs: Needs::Nothing,
        empty: NAN,
        expected_sign: 0,
        group: ReasonGroup::Rhythm,
        meaning: "Of the customer's gaps that are longer than the days since the last purchase, the share \
         that is longer by at most 90 days: (those + 0.6) / (all of them + 2), as if there were two more \
         gaps, of which a share of 0.3 is.",
        words: says(
            "chance that this silence ends within 90 days, by the customer's own gaps: {}",
            "шанс, что пауза кончится за 90 дней, по промежуткам самого клиента: {}",
        ),
    },
    Feature {
        name: "days_until_due",
        family: Rhythm,
        unit: Unit::Days,
        needs: Needs::Nothing,
        empty: NAN,
        expected_sign: 0,
        group: ReasonGroup::Recency,
        meaning: "The expected gap, (sum of gaps + 90) / (number of gaps + 1), less the days since the last \
         purchase: in how many days the next purchase is due; negative where it is overdue.",
        words: says("days until the next purchase is due: {}", "до ожидаемой покупки: {}"),
    },
    Feature {
        name: "active_months_365d",
        family: Rhythm,
        unit: Unit::Count,
        needs: Needs::Nothing,
        empty: 0.0,
        expected_sign: 1,
        group: ReasonGroup::Frequency,
        meaning: "Of the twelve parts of the last 365 days, counted from the cutoff, those with a purchase.",
        words: says("months with a purchase of the last 12: {}", "месяцев с покупкой за год: {}"),
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
        return FEATURES.map(|feature| feature.empty);
    };
    let gaps = (days.len() - 1) as f64;
    let sum = (last - first) as f64;
    let mean = sum / gaps;
    let cutoff = history.cutoff().micros();
    let inactivity = (cutoff - purchase.time) as f64 / MICROS_PER_DAY as f64;
    let last_gap = days.windows(2).last().map_or(NAN, |pair| (pair[1] - pair[0]) as f64);
    let (mut squares, mut longest, mut longer, mut due) = (0.0, 0.0_f64, 0.0, 0.0);
    for pair in days.windows(2) {
        let gap = (pair[1] - pair[0]) as f64;
        squares += (gap - mean).powi(2);
        longest = longest.max(gap);
        if gap > inactivity {
            longer += 1.0;
            due += f64::from(u8::from(gap <= inactivity + DUE_DAYS));
        }
    }
    let has_gaps = days.len() > 1;
    let longest = if has_gaps { longest } else { NAN };
    let expected = (sum + PRIOR_GAP_DAYS) / (gaps + 1.0);
    // The day of the cutoff is over only where the cutoff is its end.
    let unfinished = i64::from(cutoff.rem_euclid(MICROS_PER_DAY) > 0);
    let end = cutoff.div_euclid(MICROS_PER_DAY) + unfinished;
    [
        if has_gaps { mean } else { NAN },
        if days.len() > 2 { (squares / (gaps - 1.0)).sqrt() / mean } else { NAN },
        if has_gaps { last_gap / mean } else { NAN },
        inactivity / expected,
        if wanted.has(CLUMPINESS) { clumpiness(days, end) } else { NAN },
        last_gap,
        longest,
        inactivity / longest,
        (due + PRIOR_GAPS * PRIOR_DUE) / (longer + PRIOR_GAPS),
        expected - inactivity,
        f64::from(active_months(history)),
    ]
}

/// In how many of the twelve parts of the last 365 days there is a purchase.
fn active_months(history: &History<'_>) -> u32 {
    let ages = history.purchases().iter().rev().map(|p| history.cutoff().micros() - p.time);
    // A purchase lies before the cutoff: its age is above 0, and 365 days are still the last part.
    let part = |age: i64| (age - 1) * 12 / YEAR;
    ages.map(part)
        .take_while(|&part| part < 12)
        .fold(0u32, |months, part| months | 1 << part)
        .count_ones()
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
