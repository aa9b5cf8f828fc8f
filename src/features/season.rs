//! Whether the customer buys in the months to come, as earlier years tell. The months to come are the 90
//! days from the cutoff on; the same months of earlier years begin 365 days before it, 730 and so on.

use super::feature::{Family::Season, Feature, Needs, Unit, says};
use super::reason_group::ReasonGroup;
use crate::log::History;
use crate::time::MICROS_PER_DAY;

const NAN: f64 = f64::NAN;
const YEAR: i64 = 365 * MICROS_PER_DAY;
/// Length of the months to come.
const MONTHS: i64 = 90 * MICROS_PER_DAY;
/// An anniversary that passed so recently still counts.
const JUST_PASSED: i64 = 30 * MICROS_PER_DAY;
/// Years that are looked back.
const YEARS: i64 = 4;
/// One year is added to the customer's own, with this chance of a purchase.
const PRIOR_SHARE: f64 = 0.3;

pub(super) const FEATURES: [Feature; 4] = [
    Feature {
        name: "purchases_a_year_ago",
        family: Season,
        unit: Unit::Count,
        needs: Needs::Nothing,
        empty: NAN,
        expected_sign: 1,
        group: ReasonGroup::Season,
        meaning: "Purchases in the 90 days that began 365 days before the cutoff; not defined where the \
         first purchase is later than their beginning.",
        words: says(
            "purchases in these months last year: {}",
            "покупок в эти месяцы год назад: {}",
        )
        .missing("not a customer then", "ещё не был клиентом"),
    },
    Feature {
        name: "season_year_share",
        family: Season,
        unit: Unit::Share,
        needs: Needs::Nothing,
        empty: NAN,
        expected_sign: 1,
        group: ReasonGroup::Season,
        meaning: "Share with a purchase of the 90 days that began at this time of each of the last four \
         years, as far as they ended after the first purchase: (those with one + 0.3) / (their number + 1).",
        words: says(
            "share of years with a purchase in these months: {}",
            "доля лет с покупкой в эти месяцы: {}",
        ),
    },
    Feature {
        name: "season_purchase_share",
        family: Season,
        unit: Unit::Share,
        needs: Needs::Nothing,
        empty: NAN,
        expected_sign: 0,
        group: ReasonGroup::Season,
        meaning: "Share of all purchases that lie in the 90 days that begin at this time of the year.",
        words: says(
            "share of purchases in these months of the year: {}",
            "доля покупок в эти месяцы года: {}",
        ),
    },
    Feature {
        name: "anniversary_due",
        family: Season,
        unit: Unit::Share,
        needs: Needs::Nothing,
        empty: NAN,
        expected_sign: 0,
        group: ReasonGroup::Season,
        meaning: "1 if the last purchase becomes a year old, or several years, within 90 days, or became so \
         within the last 30; otherwise 0.",
        words: says(
            "the anniversary of the last purchase is near: {}",
            "близка годовщина последней покупки: {}",
        )
        .compared(
            ["the anniversary of the last purchase is near", "близка годовщина последней покупки"],
            [
                "the anniversary of the last purchase is not near",
                "годовщина последней покупки не близка",
            ],
        ),
    },
];

pub(super) fn compute(history: &History<'_>) -> [f64; FEATURES.len()] {
    let cutoff = history.cutoff().micros();
    let purchases = history.purchases();
    let (Some(first), Some(last)) = (purchases.first(), purchases.last()) else {
        return FEATURES.map(|feature| feature.empty);
    };
    let (mut year_ago, mut all, mut years) = (0.0, 0.0, 0u32);
    for purchase in purchases {
        let age = cutoff - purchase.time;
        // Whole years from the purchase to the same time of the year after it.
        let year = (age + YEAR - 1) / YEAR;
        if year * YEAR - age < MONTHS {
            all += 1.0;
            if year == 1 {
                year_ago += 1.0;
            }
            if year <= YEARS {
                years |= 1 << year;
            }
        }
    }
    let tenure = cutoff - first.time;
    // Of which the months in question ended after the first purchase.
    let own_years = ((tenure + MONTHS - 1) / YEAR).min(YEARS);
    let since = (cutoff - last.time).rem_euclid(YEAR);
    let near = YEAR - since <= MONTHS || (cutoff - last.time >= YEAR && since <= JUST_PASSED);
    [
        if tenure >= YEAR { year_ago } else { NAN },
        (f64::from(years.count_ones()) + PRIOR_SHARE) / (own_years + 1) as f64,
        all / purchases.len() as f64,
        f64::from(u8::from(near)),
    ]
}
