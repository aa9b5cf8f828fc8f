//! What, where and at what discount the customer buys. Rows bought are those with a positive
//! amount, or all rows when the log has no amounts.

use super::feature::{Family::Basket, Feature, Needs, Unit, place, says};
use super::reason_group::ReasonGroup;
use super::wanted::Wanted;
use crate::log::{History, NO_CODE};
use crate::stats::{ExactSum, ln};

const NAN: f64 = f64::NAN;
/// The features of sums, and those for which categories must be sorted.
const RETURN_SHARE: usize = place(&FEATURES, "return_share");
const DISCOUNT_SHARE: usize = place(&FEATURES, "discount_share");
const TOP_CATEGORY_SHARE: usize = place(&FEATURES, "top_category_share");
const CATEGORY_ENTROPY: usize = place(&FEATURES, "category_entropy");

pub(super) const FEATURES: [Feature; 6] = [
    Feature {
        name: "category_count",
        family: Basket,
        unit: Unit::Count,
        needs: Needs::Category,
        empty: 0.0,
        expected_sign: 0,
        group: ReasonGroup::Basket,
        meaning: "Number of different categories of the rows bought.",
        words: says("categories bought: {}", "категорий в покупках: {}"),
    },
    Feature {
        name: "top_category_share",
        family: Basket,
        unit: Unit::Share,
        needs: Needs::Category,
        empty: NAN,
        expected_sign: 0,
        group: ReasonGroup::Basket,
        meaning: "Rows of the most frequent category / rows with a category.",
        words: says(
            "share of purchases in the favourite category: {}",
            "доля любимой категории: {}",
        ),
    },
    Feature {
        name: "category_entropy",
        family: Basket,
        unit: Unit::Nats,
        needs: Needs::Category,
        empty: NAN,
        expected_sign: 0,
        group: ReasonGroup::Basket,
        meaning: "−Σ p ln p over the shares p of the categories in the rows bought (Shannon entropy).",
        words: says("variety of categories bought: {}", "разнообразие категорий: {}").compared(
            [
                "spreads purchases over more categories than most",
                "покупает в большем числе категорий, чем большинство",
            ],
            [
                "keeps to fewer categories than most",
                "покупает в меньшем числе категорий, чем большинство",
            ],
        ),
    },
    Feature {
        name: "channel_count",
        family: Basket,
        unit: Unit::Count,
        needs: Needs::Channel,
        empty: 0.0,
        expected_sign: 0,
        group: ReasonGroup::Basket,
        meaning: "Number of different channels of the rows bought.",
        words: says("channels bought through: {}", "каналов покупки: {}"),
    },
    Feature {
        name: "return_share",
        family: Basket,
        unit: Unit::Share,
        needs: Needs::Amount,
        empty: NAN,
        expected_sign: -1,
        group: ReasonGroup::Returns,
        meaning: "Value of the negative rows / value of the positive rows.",
        words: says("share of goods returned, by value: {}", "доля возвратов по стоимости: {}"),
    },
    Feature {
        name: "discount_share",
        family: Basket,
        unit: Unit::Share,
        needs: Needs::Discount,
        empty: NAN,
        expected_sign: 0,
        group: ReasonGroup::Discounts,
        meaning: "Discounts / (amounts + discounts) of the rows bought: the part of the price given away.",
        words: says("average discount: {}", "средняя скидка: {}"),
    },
];

/// Codes that are counted in a table of fixed size.
const SMALL: usize = 64;

/// Counts codes.
#[derive(Debug)]
pub(super) struct Tally {
    /// Counts of the codes below [`SMALL`], and a bit for each that occurs.
    small: [u32; SMALL],
    small_seen: u64,
    /// Counts of the other codes, and those that occur.
    count_of: Vec<u32>,
    seen: Vec<u32>,
    counts: Vec<u32>,
}

impl Default for Tally {
    fn default() -> Self {
        Tally {
            small: [0; SMALL],
            small_seen: 0,
            count_of: Vec::new(),
            seen: Vec::new(),
            counts: Vec::new(),
        }
    }
}

impl Tally {
    fn clear(&mut self) {
        self.small = [0; SMALL];
        self.small_seen = 0;
        for code in self.seen.drain(..) {
            self.count_of[code as usize] = 0;
        }
    }

    #[inline]
    fn add(&mut self, code: u32) {
        if let Some(count) = self.small.get_mut(code as usize) {
            // Whether it is the first of its code is not asked: a guess would often be wrong.
            *count += 1;
            self.small_seen |= 1 << code;
        } else if code != NO_CODE {
            self.add_large(code as usize);
        }
    }

    fn add_large(&mut self, code: usize) {
        if code >= self.count_of.len() {
            self.count_of.resize(code + 1, 0);
        }
        if self.count_of[code] == 0 {
            self.seen.push(code as u32);
        }
        self.count_of[code] += 1;
    }

    fn add_bought(&mut self, codes: Option<&[u32]>, amounts: Option<&[f64]>) {
        of_bought(codes.unwrap_or_default(), amounts, |code| self.add(code));
    }

    fn distinct(&self) -> usize {
        self.small_seen.count_ones() as usize + self.seen.len()
    }

    /// The counts, rising: whatever numbers the codes have, they come in this order.
    fn counts(&mut self) -> &[u32] {
        self.counts.clear();
        let mut rest = self.small_seen;
        while rest > 0 {
            self.counts.push(self.small[rest.trailing_zeros() as usize]);
            rest &= rest - 1;
        }
        self.counts.extend(self.seen.iter().map(|&code| self.count_of[code as usize]));
        self.counts.sort_unstable();
        &self.counts
    }
}

/// Hands on what is there of the rows bought; `amounts` are given where some of them are returns.
#[inline]
fn of_bought<T: Copy>(values: &[T], amounts: Option<&[f64]>, mut take: impl FnMut(T)) {
    match amounts {
        None => values.iter().for_each(|&value| take(value)),
        Some(amounts) => {
            let bought = values.iter().zip(amounts).filter(|(_, amount)| **amount > 0.0);
            bought.for_each(|(&value, _)| take(value));
        }
    }
}

/// `total`: of the amounts of all rows.
pub(super) fn compute(
    history: &History<'_>,
    wanted: Wanted,
    total: ExactSum,
    [categories, channels]: &mut [Tally; 2],
) -> [f64; FEATURES.len()] {
    let (amounts, discounts) = (history.amounts(), history.discounts());
    categories.clear();
    channels.clear();
    let [mut bought, mut returned, mut given_away] =
        [total, ExactSum::default(), ExactSum::default()];
    let has_returns = amounts.is_some_and(|amounts| amounts.iter().any(|&amount| amount <= 0.0));
    let of_sums = wanted.has(RETURN_SHARE) || wanted.has(DISCOUNT_SHARE);
    if has_returns && of_sums {
        bought = ExactSum::default();
        amounts.into_iter().flatten().for_each(|&amount| match amount < 0.0 {
            true => returned.add(-amount),
            false => bought.add(amount),
        });
    }
    let among = amounts.filter(|_| has_returns);
    categories.add_bought(history.categories(), among);
    channels.add_bought(history.channels(), among);
    of_bought(discounts.unwrap_or_default(), among, |discount| {
        if !discount.is_nan() {
            given_away.add(discount);
        }
    });
    let (mut top_share, mut entropy) = (NAN, NAN);
    if wanted.has(TOP_CATEGORY_SHARE) || wanted.has(CATEGORY_ENTROPY) {
        let counts = categories.counts();
        let all: u32 = counts.iter().sum();
        top_share = counts.last().map_or(NAN, |&most| f64::from(most) / f64::from(all));
        entropy = match counts {
            [] => NAN,
            [_] => 0.0,
            counts => {
                // −Σ p ln p with the shares p = c / n is ln n − Σ c ln c / n.
                let sum: f64 = counts.iter().map(|&c| f64::from(c) * ln(c as usize)).sum();
                ln(all as usize) - sum / f64::from(all)
            }
        };
    }
    let (paid, discounts) = (bought.value(), given_away.value());
    bought.merge(&given_away);
    let price = bought.value();
    [
        categories.distinct() as f64,
        top_share,
        entropy,
        channels.distinct() as f64,
        if paid > 0.0 { returned.value() / paid } else { NAN },
        if price == 0.0 { NAN } else { discounts / price },
    ]
}
