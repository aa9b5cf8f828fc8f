//! How regularly the customer buys, on distinct purchase days (UTC).

use super::feature::{Family::Rhythm, Feature, Needs, Unit, place, says};
use super::gaps::Gaps;
use super::reason_group::ReasonGroup;
use crate::log::History;
use crate::time::{MICROS_PER_DAY, day_of};

const NAN: f64 = f64::NAN;
/// The feature that takes longest.
pub(super) const CLUMPINESS: usize = place(&FEATURES, "clumpiness");

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
            "silence against the longest gap so far: {}",
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
        words: says("next purchase due: {}", "следующая покупка ожидается: {}").as_moment(),
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

pub(super) fn compute<'a>(
    history: &History<'_>,
    gaps: &Gaps,
    purchase_days: impl FnOnce() -> &'a [i64],
) -> [f64; FEATURES.len()] {
    let Some(purchase) = history.purchases().last() else {
        return FEATURES.map(|feature| feature.empty);
    };
    let cutoff = history.cutoff().micros();
    let inactivity = (cutoff - purchase.time) as f64 / MICROS_PER_DAY as f64;
    let (mut longer, mut due) = (0, 0);
    if gaps.longest > inactivity {
        // No branch: which gaps are longer cannot be guessed.
        for pair in purchase_days().windows(2) {
            let gap = (pair[1] - pair[0]) as f64;
            longer += u32::from(gap > inactivity);
            due += u32::from(gap > inactivity && gap <= inactivity + DUE_DAYS);
        }
    }
    let (longer, due) = (f64::from(longer), f64::from(due));
    let sum = (gaps.last_day - gaps.first_day) as f64;
    let expected = (sum + PRIOR_GAP_DAYS) / gaps.days as f64;
    // The day of the cutoff is over only where the cutoff is its end.
    let end = day_of(cutoff - 1) + 1;
    [
        gaps.mean,
        gaps.cv,
        gaps.last / gaps.mean,
        inactivity / expected,
        gaps.clumpiness(end),
        gaps.last,
        gaps.longest,
        inactivity / gaps.longest,
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
