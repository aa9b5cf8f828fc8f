//! The rows and columns that one tree sees.

use super::binning::Binned;
use super::boosting::Boosting;
use crate::hash::{draw, share};

/// Sets `rows` to those of `used` that a tree is grown from by this draw, and returns the others.
///
/// Every row is drawn by itself, by a hash of the seed, the number of the draw and its place.
pub(super) fn rows(
    params: &Boosting,
    number: usize,
    used: &[u32],
    rows: &mut Vec<u32>,
) -> Vec<u32> {
    rows.clear();
    if params.subsample >= 1.0 {
        rows.extend_from_slice(used);
        return Vec::new();
    }
    let key = draw(draw(params.seed) ^ number as u64);
    let (drawn, others) =
        used.iter().partition(|&&row| share(draw(key ^ u64::from(row))) < params.subsample);
    *rows = drawn;
    others
}

/// Whether each column in bins may split by this draw; empty when all may.
pub(super) fn columns(params: &Boosting, number: usize, binned: &Binned) -> Vec<bool> {
    let count = binned.columns.len();
    let drawn = ((count as f64 * params.colsample_bytree).round() as usize).max(1);
    if drawn >= count {
        return Vec::new();
    }
    let key = draw(draw(params.seed ^ 0x636f_6c75_6d6e_7300) ^ number as u64);
    let mut places: Vec<(u64, usize)> =
        (0..count).map(|place| (draw(key ^ binned.columns[place].feature as u64), place)).collect();
    places.sort_unstable();
    let mut allowed = vec![false; count];
    places[..drawn].iter().for_each(|&(_, place)| allowed[place] = true);
    allowed
}
