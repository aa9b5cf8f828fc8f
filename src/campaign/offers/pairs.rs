//! Categories that are bought together.

use hashbrown::HashMap;

use super::items::Items;
use crate::groups::PurchaseText;
use crate::log::{NO_ORDER, PurchaseBy};
use crate::snapshot::Snapshot;
use crate::stats::Z95;
use crate::time::MICROS_PER_DAY;

/// Two categories in purchases that have both.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
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
    let rules = snapshot.log().purchase_rules();
    let baskets: Vec<Vec<u32>> = snapshot
        .customers()
        .iter()
        .flat_map(|&customer| {
            let history = snapshot.history(customer);
            let orders = history.orders().filter(|_| rules.purchase_by == PurchaseBy::Order);
            // Two orders at one instant are two purchases.
            let purchase = |row: usize| {
                let (time, order) = (history.times()[row], orders.map_or(NO_ORDER, |all| all[row]));
                match (rules.purchase_by, order) {
                    (PurchaseBy::Day, _) => (NO_ORDER, time.div_euclid(MICROS_PER_DAY)),
                    (_, NO_ORDER) => (NO_ORDER, time),
                    _ => (order, 0),
                }
            };
            let mut bought: Vec<((i64, i64), u32)> = PurchaseText::Category
                .of_rows(&history)
                .map(|(row, code)| (purchase(row), code))
                .collect();
            bought.sort_unstable();
            let of_one = bought.chunk_by(|a, b| a.0 == b.0);
            let codes =
                |rows: &[((i64, i64), u32)]| rows.iter().map(|row| row.1).collect::<Vec<_>>();
            of_one.map(|rows| items.places_of(&codes(rows))).collect::<Vec<_>>()
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
