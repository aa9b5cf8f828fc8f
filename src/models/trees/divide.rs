//! Divides the rows of a node in place.

use rayon::prelude::*;

use super::split::BinSet;

/// Rows that one task divides.
const BLOCK: usize = 1 << 15;

/// Puts the rows that go left first, both sides in their order, and returns how many they are;
/// `moved` is room for as many rows.
pub(crate) fn divide(
    rows: &mut [u32],
    moved: &mut [u32],
    codes: &[u8],
    left_bins: &BinSet,
) -> usize {
    let goes_left: [bool; 256] = std::array::from_fn(|bin| left_bins.contains(bin as u8));
    if rows.len() < 2 * BLOCK {
        let left = divide_block(rows, moved, codes, &goes_left);
        let right = rows.len() - left;
        rows[left..].copy_from_slice(&moved[..right]);
        return left;
    }
    let blocks = rows.par_chunks_mut(BLOCK).zip(moved.par_chunks_mut(BLOCK));
    let lefts: Vec<usize> =
        blocks.map(|(rows, moved)| divide_block(rows, moved, codes, &goes_left)).collect();
    // The left rows of all blocks close up, then come the right ones.
    let mut end = 0;
    for (block, &left) in lefts.iter().enumerate() {
        rows.copy_within(block * BLOCK..block * BLOCK + left, end);
        end += left;
    }
    let all_left = end;
    for ((block, moved), left) in moved.chunks(BLOCK).enumerate().zip(lefts) {
        let right = BLOCK.min(rows.len() - block * BLOCK) - left;
        rows[end..end + right].copy_from_slice(&moved[..right]);
        end += right;
    }
    all_left
}

/// Leaves the left rows at the start of `rows` and the right ones at the start of `moved`.
fn divide_block(
    rows: &mut [u32],
    moved: &mut [u32],
    codes: &[u8],
    goes_left: &[bool; 256],
) -> usize {
    let moved = &mut moved[..rows.len()];
    let (mut left, mut right) = (0, 0);
    for i in 0..rows.len() {
        // Both are written and one counts: a guess would be wrong half the time. `left` is at most
        // `i`, so no row is lost.
        let row = rows[i];
        let is_left = goes_left[usize::from(codes[row as usize])];
        rows[left] = row;
        moved[right] = row;
        left += usize::from(is_left);
        right += usize::from(!is_left);
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_divide_as_one_would() {
        let rows: Vec<u32> = (0..3 * BLOCK as u32 + 99).filter(|row| row % 5 != 0).collect();
        let codes: Vec<u8> = (0..=*rows.last().unwrap()).map(|row| (row * 7 % 251) as u8).collect();
        let mut left_bins = BinSet::default();
        (0..=255u8).filter(|bin| bin.is_multiple_of(3)).for_each(|bin| left_bins.insert(bin));
        let (left, right): (Vec<u32>, Vec<u32>) =
            rows.iter().partition(|&&row| codes[row as usize].is_multiple_of(3));
        let (mut divided, mut moved) = (rows.clone(), vec![0; rows.len()]);
        assert_eq!(divide(&mut divided, &mut moved, &codes, &left_bins), left.len());
        assert_eq!(divided, [left, right].concat());
    }
}
