//! Categories that are bought together.

use hashbrown::HashMap;

use super::items::Items;
use crate::groups::PurchaseText;
use crate::log::NO_CODE;
use crate::snapshot::Snapshot;
use crate::stats::Z95;

/// Two categories in purchases that have both.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct CategoryPair {
    /// The categories, by name.
    pub categories: [String; 2],
    /// Purchases with both.
    pub together: u64,
    /// Purchases with each.
    pub purchases: [u64; 2],
    /// How many times as often as if neither knew of the other: n(i, j) N / (n(i) n(j)).
    pub lift: f64,
    /// Its 95 % interval, by the logarithm.
    pub interval: (f64, f64),
}

/// Pairs of categories that are each in `least` purchases or more, together in a tenth of that or more,
/// the largest lower end first, at most so many.
pub(super) fn pairs(
    snapshot: &Snapshot,
    items: &Items,
    least: u64,
    most: usize,
) -> Vec<CategoryPair> {
    let log = snapshot.log();
    let baskets: Vec<Vec<u32>> = snapshot
        .customers()
        .iter()
        .flat_map(|&customer| {
            let history = snapshot.history(customer as usize);
            let mut bought = vec![NO_CODE; history.times().len()];
            PurchaseText::Category.of_rows(&history).for_each(|(row, code)| bought[row] = code);
            let mut times: Vec<i64> = history.purchases().iter().map(|p| p.time).collect();
            times.dedup();
            let basket = |time: i64| {
                let own = history.rows_of_purchase(log.purchase_rules(), time, i64::MAX);
                items.places_of(&own.map(|row| bought[row]).collect::<Vec<u32>>())
            };
            times.into_iter().map(basket).collect::<Vec<_>>()
        })
        .collect();
    let all = baskets.iter().filter(|basket| !basket.is_empty()).count() as f64;
    let mut alone = vec![0u64; items.len()];
    baskets.iter().flatten().for_each(|&item| alone[item as usize] += 1);
    let mut together: HashMap<(u32, u32), u64> = HashMap::new();
    for basket in &baskets {
        let frequent: Vec<u32> =
            basket.iter().copied().filter(|&item| alone[item as usize] >= least).collect();
        for (place, &one) in frequent.iter().enumerate() {
            for &other in &frequent[place + 1..] {
                *together.entry((one, other)).or_default() += 1;
            }
        }
    }
    let mut found: Vec<CategoryPair> = together
        .into_iter()
        .filter(|(_, count)| *count * 10 >= least)
        .map(|((one, other), count)| {
            let [a, b] = [one, other].map(|item| alone[item as usize]);
            let mut categories = [one, other].map(|item| items.names[item as usize].clone());
            let mut purchases = [a, b];
            if categories[0] > categories[1] {
                categories.reverse();
                purchases.reverse();
            }
            let [n, a, b] = [count, a, b].map(|count| count as f64);
            let lift = n * all / (a * b);
            let variance = 1.0 / n - 1.0 / a - 1.0 / b + 2.0 * n / (a * b) - 1.0 / all;
            let width = (Z95 * variance.max(0.0).sqrt()).exp();
            let interval = (lift / width, lift * width);
            CategoryPair { categories, together: count, purchases, lift, interval }
        })
        .collect();
    found.sort_by(|a, b| {
        b.interval.0.total_cmp(&a.interval.0).then_with(|| a.categories.cmp(&b.categories))
    });
    found.truncate(most);
    found
}
