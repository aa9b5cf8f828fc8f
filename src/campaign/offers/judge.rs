//! Which ranking would have been right, at a time whose outcome is known.

use super::items::{Sets, bought};
use super::rank::{Method, next};
use crate::groups::PurchaseText;
use crate::log::CustomerIndex;
use crate::snapshot::Snapshot;
use crate::stats::two_sided;

/// How often a ranking was right: over the customers who bought at least one category that was new to
/// them, and known to others.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct OfferQuality {
    /// `popularity` or `cosine`.
    pub method: &'static str,
    /// These customers.
    pub customers: u64,
    /// Of whom at least one of the categories offered was bought.
    pub hits: u64,
    /// Their share.
    pub hit_rate: f64,
    /// Of the categories offered, the share that was bought.
    pub precision: f64,
    /// Of the new categories that a customer bought, the share that was offered; its mean.
    pub recall: f64,
}

/// Both rankings, and whether they differ: McNemar's z over the customers of whom only one was right,
/// above 0 where it is the cosine's, and its p value.
pub(super) struct Judged {
    pub(super) qualities: Vec<OfferQuality>,
    pub(super) z: f64,
    pub(super) p_value: f64,
}

/// What was bought between the cutoffs of two snapshots, against what would have been offered at the
/// first; none where nobody bought anything new.
pub(super) fn judged(then: &Snapshot, now: &Snapshot, most: usize, count: usize) -> Option<Judged> {
    let (items, sets) = bought(then, most);
    let from = then.at().micros();
    let new = |(customer, set): (&CustomerIndex, &Vec<u32>)| {
        let codes = PurchaseText::Category.distinct(&now.history(*customer), from);
        let new = items.places_of(&codes).into_iter();
        new.filter(|item| set.binary_search(item).is_err()).collect::<Vec<u32>>()
    };
    let later: Sets = then.customers().iter().zip(&sets).map(new).collect();
    let buyers = later.iter().filter(|new| !new.is_empty()).count();
    if buyers == 0 {
        return None;
    }
    let mut right = Vec::new();
    let mut qualities = Vec::new();
    for method in Method::ALL {
        let offered = next(method, &items, &sets, count);
        let (mut hits, mut found, mut recall) = (Vec::new(), 0usize, 0.0);
        for (offered, new) in offered.iter().zip(&later).filter(|(_, new)| !new.is_empty()) {
            let own = offered.iter().filter(|item| new.binary_search(item).is_ok()).count();
            hits.push(own > 0);
            found += own;
            recall += own as f64 / new.len() as f64;
        }
        let hit = hits.iter().filter(|hit| **hit).count();
        qualities.push(OfferQuality {
            method: method.name(),
            customers: buyers as u64,
            hits: hit as u64,
            hit_rate: hit as f64 / buyers as f64,
            precision: found as f64 / (buyers * count) as f64,
            recall: recall / buyers as f64,
        });
        right.push(hits);
    }
    let [popularity, cosine] = [&right[0], &right[1]];
    let only = |one: &[bool], other: &[bool]| {
        one.iter().zip(other).filter(|(one, other)| **one && !**other).count() as f64
    };
    let (own, its) = (only(cosine, popularity), only(popularity, cosine));
    let z = if own + its > 0.0 { (own - its) / (own + its).sqrt() } else { 0.0 };
    Some(Judged { qualities, z, p_value: two_sided(z) })
}
