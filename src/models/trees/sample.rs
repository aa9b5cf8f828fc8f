//! The rows and columns that one tree sees.

use super::binning::Binned;
use super::boosting::Boosting;

/// Sets `rows` to those of `used` that the tree of this round is grown from, and returns the others.
///
/// Every row is drawn by itself, by a hash of the seed, the round and its place.
pub(super) fn rows(params: &Boosting, round: usize, used: &[u32], rows: &mut Vec<u32>) -> Vec<u32> {
    rows.clear();
    if params.subsample >= 1.0 {
        rows.extend_from_slice(used);
        return Vec::new();
    }
    let key = mix(mix(params.seed) ^ round as u64);
    let (drawn, others) =
        used.iter().partition(|&&row| share(key, u64::from(row)) < params.subsample);
    *rows = drawn;
    others
}

/// Whether each column in bins may split; empty when all may.
pub(super) fn columns(params: &Boosting, round: usize, binned: &Binned) -> Vec<bool> {
    let count = binned.columns.len();
    let drawn = ((count as f64 * params.colsample_bytree).round() as usize).max(1);
    if drawn >= count {
        return Vec::new();
    }
    let key = mix(mix(params.seed ^ 0x636f_6c75_6d6e_7300) ^ round as u64);
    let mut places: Vec<(u64, usize)> =
        (0..count).map(|place| (mix(key ^ binned.columns[place].feature as u64), place)).collect();
    places.sort_unstable();
    let mut allowed = vec![false; count];
    places[..drawn].iter().for_each(|&(_, place)| allowed[place] = true);
    allowed
}

/// A number from 0 to below 1.
fn share(key: u64, row: u64) -> f64 {
    (mix(key ^ row) >> 11) as f64 / (1u64 << 53) as f64
}

/// The finaliser of SplitMix64 (Steele, Lea, Flood 2014).
fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
