//! Which categories come next.

use rayon::prelude::*;

use super::items::{Items, Sets};

/// How categories are ranked for a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    /// By the number of buyers: the same for all but for what each has bought already.
    Popularity,
    /// By the sum of cosines with what the customer has bought.
    Cosine,
}

impl Method {
    pub(super) const ALL: [Method; 2] = [Method::Popularity, Method::Cosine];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Method::Popularity => "popularity",
            Method::Cosine => "cosine",
        }
    }
}

/// The cosine of every two categories as sets of buyers: n(i, j) / √(n(i) n(j)).
struct Cosines {
    values: Vec<f32>,
    count: usize,
}

impl Cosines {
    fn of(items: &Items, sets: &Sets) -> Cosines {
        let count = items.len();
        let mut buyers = vec![Vec::new(); count];
        for (customer, set) in sets.iter().enumerate() {
            set.iter().for_each(|&item| buyers[item as usize].push(customer as u32));
        }
        let mut values = vec![0.0; count * count];
        values.par_chunks_exact_mut(count.max(1)).enumerate().for_each(|(item, row)| {
            for &customer in &buyers[item] {
                sets[customer as usize].iter().for_each(|&other| row[other as usize] += 1.0);
            }
            for (other, value) in row.iter_mut().enumerate() {
                let product = items.buyers[item] as f64 * items.buyers[other] as f64;
                *value =
                    if other == item { 0.0 } else { (f64::from(*value) / product.sqrt()) as f32 };
            }
        });
        Cosines { values, count }
    }

    /// The sums of a customer's cosines into `scores`.
    fn scores(&self, set: &[u32], scores: &mut Vec<f32>) {
        scores.clear();
        scores.resize(self.count, 0.0);
        for &item in set {
            let row = &self.values[item as usize * self.count..][..self.count];
            scores.iter_mut().zip(row).for_each(|(score, cosine)| *score += cosine);
        }
    }
}

/// For each customer the `count` categories with most buyers that are new to the customer.
fn popular(items: &Items, sets: &Sets, count: usize) -> Vec<Vec<u32>> {
    let one = |set: &Vec<u32>| new_to(set, items).take(count).collect();
    sets.par_iter().map(one).collect()
}

fn new_to<'a>(set: &'a [u32], items: &Items) -> impl Iterator<Item = u32> + use<'a> {
    (0..items.len() as u32).filter(|item| set.binary_search(item).is_err())
}

impl Cosines {
    /// For each customer the `count` categories with the largest sums that are new to the customer; of
    /// equal ones the one with more buyers, then the first by name. Where nobody bought two categories,
    /// there may be fewer.
    fn next(&self, items: &Items, sets: &Sets, count: usize) -> Vec<Vec<u32>> {
        let one = |scores: &mut Vec<f32>, set: &Vec<u32>| {
            self.scores(set, scores);
            let mut found: Vec<u32> =
                new_to(set, items).filter(|&item| scores[item as usize] > 0.0).collect();
            let order = |a: &u32, b: &u32| {
                scores[*b as usize].total_cmp(&scores[*a as usize]).then(a.cmp(b))
            };
            if found.len() > count {
                found.select_nth_unstable_by(count, order);
                found.truncate(count);
            }
            found.sort_unstable_by(order);
            found
        };
        sets.par_iter().map_init(Vec::new, one).collect()
    }
}

/// The categories to offer by this ranking.
pub(super) fn next(method: Method, items: &Items, sets: &Sets, count: usize) -> Vec<Vec<u32>> {
    match method {
        Method::Popularity => popular(items, sets, count),
        Method::Cosine => Cosines::of(items, sets).next(items, sets, count),
    }
}
