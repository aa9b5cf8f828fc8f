//! What, where and at what discount the customer buys. Rows bought are those with a positive
//! amount, or all rows when the log has no amounts.

use super::Scratch;
use super::catalogue::{Family::Basket, Feature, Needs, Unit, feature};
use crate::log::History;

const NAN: f64 = f64::NAN;

pub(super) const FEATURES: [Feature; 6] = [
    feature(
        Basket,
        "category_count",
        "categories bought",
        Unit::Count,
        Needs::Category,
        0.0,
        "Number of different categories of the rows bought.",
    ),
    feature(
        Basket,
        "top_category_share",
        "share of the favourite category",
        Unit::Share,
        Needs::Category,
        NAN,
        "Rows of the most frequent category / rows with a category.",
    ),
    feature(
        Basket,
        "category_entropy",
        "variety of categories",
        Unit::Nats,
        Needs::Category,
        NAN,
        "−Σ p ln p over the shares p of the categories in the rows bought (Shannon entropy).",
    ),
    feature(
        Basket,
        "channel_count",
        "channels used",
        Unit::Count,
        Needs::Channel,
        0.0,
        "Number of different channels of the rows bought.",
    ),
    feature(
        Basket,
        "return_share",
        "share returned",
        Unit::Share,
        Needs::Amount,
        NAN,
        "Value of the negative rows / value of the positive rows.",
    ),
    feature(
        Basket,
        "discount_share",
        "share of discounts",
        Unit::Share,
        Needs::Discount,
        NAN,
        "Discounts / (amounts + discounts) of the rows bought: the part of the price given away.",
    ),
];

pub(super) fn compute(history: &History<'_>, scratch: &mut Scratch, out: &mut [f64]) {
    let Scratch { categories, channels, counts, .. } = scratch;
    categories.clear();
    channels.clear();
    let (mut bought, mut returned, mut given_away) = (0.0, 0.0, 0.0);
    let has_amounts = history.has_amounts();
    for line in history.lines() {
        if has_amounts && line.amount <= 0.0 {
            returned -= line.amount;
            continue;
        }
        bought += line.amount;
        given_away += line.discount;
        categories.extend(line.category);
        channels.extend(line.channel);
    }
    channels.sort_unstable();
    channels.dedup();
    categories.sort_unstable();
    counts.clear();
    counts.extend(categories.chunk_by(|a, b| a == b).map(<[u32]>::len));
    // Sorted, so that the sum has the same bits whatever numbers the categories have.
    counts.sort_unstable();
    let all = categories.len() as f64;
    out[0] = counts.len() as f64;
    out[1] = counts.last().map_or(NAN, |&most| most as f64 / all);
    out[2] = if counts.is_empty() {
        NAN
    } else {
        let entropy: f64 = counts
            .iter()
            .map(|&count| {
                let share = count as f64 / all;
                -share * share.ln()
            })
            .sum();
        // One category: 0, not −0.
        entropy + 0.0
    };
    out[3] = channels.len() as f64;
    out[4] = if bought > 0.0 { returned / bought } else { NAN };
    let price = bought + given_away;
    out[5] = if price == 0.0 { NAN } else { given_away / price };
}
