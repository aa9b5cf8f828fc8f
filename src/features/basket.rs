//! What, where and at what discount the customer buys. Rows bought are those with a positive
//! amount, or all rows when the log has no amounts.

use super::catalogue::{Family::Basket, Feature, Needs, Unit, feature};
use super::{Scratch, Wanted, ln};
use crate::log::{History, NO_CODE};

const NAN: f64 = f64::NAN;

pub(super) const FEATURES: [Feature; 6] = [
    feature(
        Basket,
        "category_count",
        Unit::Count,
        Needs::Category,
        0.0,
        "Number of different categories of the rows bought.",
    ),
    feature(
        Basket,
        "top_category_share",
        Unit::Share,
        Needs::Category,
        NAN,
        "Rows of the most frequent category / rows with a category.",
    ),
    feature(
        Basket,
        "category_entropy",
        Unit::Nats,
        Needs::Category,
        NAN,
        "−Σ p ln p over the shares p of the categories in the rows bought (Shannon entropy).",
    ),
    feature(
        Basket,
        "channel_count",
        Unit::Count,
        Needs::Channel,
        0.0,
        "Number of different channels of the rows bought.",
    ),
    feature(
        Basket,
        "return_share",
        Unit::Share,
        Needs::Amount,
        NAN,
        "Value of the negative rows / value of the positive rows.",
    ),
    feature(
        Basket,
        "discount_share",
        Unit::Share,
        Needs::Discount,
        NAN,
        "Discounts / (amounts + discounts) of the rows bought: the part of the price given away.",
    ),
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

    fn distinct(&self) -> usize {
        self.small_seen.count_ones() as usize + self.seen.len()
    }

    /// The counts, rising: whatever numbers the codes have, they come in this order.
    fn counts(&mut self) -> &[u32] {
        self.counts.clear();
        self.counts.extend(self.small.iter().filter(|&&count| count > 0));
        self.counts.extend(self.seen.iter().map(|&code| self.count_of[code as usize]));
        self.counts.sort_unstable();
        &self.counts
    }
}

pub(super) fn compute(
    history: &History<'_>,
    wanted: Wanted,
    scratch: &mut Scratch,
    out: &mut [f64],
) {
    let Scratch { categories, channels, .. } = scratch;
    let rows = &history.rows;
    categories.clear();
    channels.clear();
    let (mut bought, mut returned, mut given_away) = (0.0, 0.0, 0.0);
    for row in (0..rows.time.len()).filter(|&row| history.sees(row)) {
        if let Some(amounts) = rows.amount {
            let amount = amounts[row];
            if amount <= 0.0 {
                returned -= amount;
                continue;
            }
            bought += amount;
        }
        given_away += history.discount(row);
        if let Some(codes) = rows.category {
            categories.add(codes[row]);
        }
        if let Some(codes) = rows.channel {
            channels.add(codes[row]);
        }
    }
    out[0] = categories.distinct() as f64;
    if wanted.has(1) || wanted.has(2) {
        let counts = categories.counts();
        let all: u32 = counts.iter().sum();
        out[1] = counts.last().map_or(NAN, |&most| f64::from(most) / f64::from(all));
        out[2] = match counts {
            [] => NAN,
            [_] => 0.0,
            counts => {
                // −Σ p ln p with the shares p = c / n is ln n − Σ c ln c / n.
                let sum: f64 = counts.iter().map(|&c| f64::from(c) * ln(c as usize)).sum();
                ln(all as usize) - sum / f64::from(all)
            }
        };
    }
    out[3] = channels.distinct() as f64;
    out[4] = if bought > 0.0 { returned / bought } else { NAN };
    let price = bought + given_away;
    out[5] = if price == 0.0 { NAN } else { given_away / price };
}
