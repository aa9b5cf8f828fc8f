//! Sums of two statistics per bin, as one whole number each.

use rayon::prelude::*;

use super::binning::Tile;

/// The cells of one column: per bin a packed pair of sums.
pub(crate) type Cells = [u64; 256];

/// Rows that one task adds up; more tasks than one add exactly, in any order.
const BLOCK: usize = 1 << 16;

/// A pair of sums over rows.
///
/// For a tree of probabilities: the weight of the positive rows and of all rows. For boosting: the
/// gradients and the hessians of the loss.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Sums {
    pub(crate) first: f64,
    pub(crate) second: f64,
}

/// Two statistics per row in fixed point, packed so that one addition adds both.
///
/// The upper 32 bits hold the first with its sign, the lower 32 bits the second, which is never
/// negative. Whole numbers add exactly, so neither the order of rows nor the number of threads can
/// change a sum, and a sibling's histogram is the parent's minus the other's to the bit.
#[derive(Debug)]
pub(crate) struct Statistics {
    packed: Vec<u64>,
    first_step: f64,
    second_step: f64,
}

impl Statistics {
    /// Packs `first` and `second`; the steps are powers of 2 near 2⁻³¹ of the sums of absolute
    /// values, and equal, so that a pair with equal members stays one.
    pub(crate) fn with_equal_steps(pairs: &[(f64, f64)]) -> Self {
        let total: f64 = pairs.iter().map(|(a, b)| a.abs().max(*b)).sum();
        let scale = scale(total, pairs.len());
        let packed = pairs.iter().map(|(a, b)| pack(a * scale, b * scale)).collect();
        Statistics { packed, first_step: 1.0 / scale, second_step: 1.0 / scale }
    }

    /// The packed sums of `rows`.
    pub(crate) fn sum(&self, rows: &[u32]) -> u64 {
        rows.iter().fold(0, |sum, &row| sum.wrapping_add(self.packed[row as usize]))
    }

    /// The sums that `packed` stands for.
    pub(crate) fn unpack(&self, packed: u64) -> Sums {
        let first = (packed >> 32) as u32 as i32;
        let second = packed as u32;
        Sums {
            first: f64::from(first) * self.first_step,
            second: f64::from(second) * self.second_step,
        }
    }

    /// Sets `cells` to the histograms of a tile's columns over `rows`.
    pub(crate) fn fill(&self, tile: &Tile, rows: &[u32], cells: &mut [Cells]) {
        cells.fill([0; 256]);
        if rows.len() < 2 * BLOCK {
            return self.add(tile, rows, cells);
        }
        let blocks = rows.par_chunks(BLOCK).map(|block| {
            let mut part = vec![[0; 256]; tile.width];
            self.add(tile, block, &mut part);
            part
        });
        let sum = blocks.reduce_with(|mut a, b| {
            for (a, b) in a.as_flattened_mut().iter_mut().zip(b.as_flattened()) {
                *a = a.wrapping_add(*b);
            }
            a
        });
        if let Some(sum) = sum {
            cells.copy_from_slice(&sum);
        }
    }

    fn add(&self, tile: &Tile, rows: &[u32], cells: &mut [Cells]) {
        match tile.width {
            4 => add_rows::<4>(tile, rows, &self.packed, cells),
            8 => add_rows::<8>(tile, rows, &self.packed, cells),
            12 => add_rows::<12>(tile, rows, &self.packed, cells),
            _ => add_rows::<16>(tile, rows, &self.packed, cells),
        }
    }
}

fn add_rows<const W: usize>(tile: &Tile, rows: &[u32], packed: &[u64], cells: &mut [Cells]) {
    let (codes, _) = tile.codes.as_chunks::<W>();
    let Some(cells) = cells.first_chunk_mut::<W>() else { return };
    for &row in rows {
        let statistics = packed[row as usize];
        let bins = &codes[row as usize];
        for (cells, &bin) in cells.iter_mut().zip(bins) {
            let cell = &mut cells[usize::from(bin)];
            *cell = cell.wrapping_add(statistics);
        }
    }
}

/// Takes `part` from `whole`, cell by cell.
pub(crate) fn subtract(whole: &mut [Cells], part: &[Cells]) {
    for (whole, part) in whole.as_flattened_mut().iter_mut().zip(part.as_flattened()) {
        *whole = whole.wrapping_sub(*part);
    }
}

/// The greatest power of 2 by which `count` numbers of sum `total` can be multiplied and rounded
/// without their sum leaving 31 bits.
fn scale(total: f64, count: usize) -> f64 {
    let room = f64::from(i32::MAX) - count as f64;
    let exponent = (room.max(1.0).log2() - total.log2()).floor();
    2f64.powi(exponent.clamp(-1000.0, 1000.0) as i32)
}

fn pack(first: f64, second: f64) -> u64 {
    // The second sum never reaches 2³², so it never carries into the first.
    ((first.round() as i64 as u64) << 32).wrapping_add(second.round() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(rows: usize) -> Vec<u32> {
        (0..rows as u32).collect()
    }

    #[test]
    fn whole_numbers_and_their_halves_add_exactly() {
        let pairs = [(1.0, 1.0), (-2.5, 4.0), (0.0, 0.5)];
        let statistics = Statistics::with_equal_steps(&pairs);
        let sums = statistics.unpack(statistics.sum(&all(3)));
        assert_eq!(sums, Sums { first: -1.5, second: 5.5 });
    }

    #[test]
    fn extreme_magnitudes_keep_their_ratio() {
        for size in [1e-280, 1e-3, 1e280] {
            let statistics = Statistics::with_equal_steps(&[(size, size), (0.0, 3.0 * size)]);
            let sums = statistics.unpack(statistics.sum(&all(2)));
            approx::assert_relative_eq!(sums.first / sums.second, 0.25, max_relative = 1e-8);
            approx::assert_relative_eq!(sums.second, 4.0 * size, max_relative = 1e-8);
        }
    }

    #[test]
    fn blocks_add_to_what_one_pass_gives() {
        let rows = 3 * BLOCK + 17;
        let pairs: Vec<_> = (0..rows).map(|i| (f64::from(i as u32 % 3), 2.0)).collect();
        let statistics = Statistics::with_equal_steps(&pairs);
        let codes = (0..rows * 4).map(|i| (i * 31 % 251) as u8).collect();
        let tile = Tile { first: 0, used: 4, width: 4, codes };
        let (mut once, mut blocks) = (vec![[0; 256]; 4], vec![[1; 256]; 4]);
        statistics.add(&tile, &all(rows), &mut once);
        statistics.fill(&tile, &all(rows), &mut blocks);
        assert_eq!(once, blocks);
        let total = once[3].iter().fold(0u64, |sum, cell| sum.wrapping_add(*cell));
        assert_eq!(statistics.unpack(total).second, 2.0 * rows as f64);
    }
}
