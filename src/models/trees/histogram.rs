//! Sums of two statistics per bin, as one whole number each.

use std::ops::Range;

use rayon::prelude::*;

use super::binning::{Binned, TILE};

/// The cells of one column: per bin a packed pair of sums.
pub(crate) type Cells = [u64; 256];

/// Rows that one task adds up at least; more tasks than one add exactly, in any order.
pub(crate) const BLOCK: usize = 1 << 14;

/// Rows that are fetched together; they fit into a core's second cache.
const FETCH: usize = 1024;
/// Tiles that are fetched together: half a line of memory.
const STRIP: usize = 4;

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
    pub(crate) packed: Vec<u64>,
    /// What one unit of the first and of the second statistic stands for.
    pub(crate) first_step: f64,
    pub(crate) second_step: f64,
}

/// The second of a packed pair of sums, in units.
pub(crate) fn second_units(packed: u64) -> u64 {
    packed & u64::from(u32::MAX)
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

    /// Room for the statistics of `rows` rows.
    pub(crate) fn blank(rows: usize) -> Self {
        Statistics { packed: vec![0; rows], first_step: 1.0, second_step: 1.0 }
    }

    /// The packed sums of `rows`.
    pub(crate) fn sum(&self, rows: &[u32]) -> u64 {
        let add = |sum: u64, &row: &u32| sum.wrapping_add(self.packed[row as usize]);
        let parts = rows.par_chunks(BLOCK).map(|block| block.iter().fold(0, add));
        parts.reduce(|| 0, u64::wrapping_add)
    }

    /// The sums that `packed` stands for.
    #[inline]
    pub(crate) fn unpack(&self, packed: u64) -> Sums {
        let first = (packed >> 32) as u32 as i32;
        let second = packed as u32;
        Sums {
            first: f64::from(first) * self.first_step,
            second: f64::from(second) * self.second_step,
        }
    }

    /// Sets `cells` to the histograms of some tiles' columns over `rows`.
    pub(crate) fn fill(
        &self,
        binned: &Binned,
        tiles: Range<usize>,
        rows: &[u32],
        cells: &mut [Cells],
    ) {
        cells.fill([0; 256]);
        if rows.len() < 2 * BLOCK {
            return self.add(binned, tiles, rows, cells);
        }
        let blank = || vec![[0; 256]; cells.len()];
        let parts = rows.par_chunks(BLOCK).fold(blank, |mut part, block| {
            self.add(binned, tiles.clone(), block, &mut part);
            part
        });
        let sum = parts.reduce_with(|mut a, b| {
            for (a, b) in a.as_flattened_mut().iter_mut().zip(b.as_flattened()) {
                *a = a.wrapping_add(*b);
            }
            a
        });
        if let Some(sum) = sum {
            cells.copy_from_slice(&sum);
        }
    }

    fn add(&self, binned: &Binned, tiles: Range<usize>, rows: &[u32], cells: &mut [Cells]) {
        let (cells, _) = cells.as_chunks_mut::<TILE>();
        for (first, cells) in tiles.clone().step_by(STRIP).zip(cells.chunks_mut(STRIP)) {
            match cells.len() {
                1 => self.add_strip::<1>(binned, first, rows, cells),
                2 => self.add_strip::<2>(binned, first, rows, cells),
                3 => self.add_strip::<3>(binned, first, rows, cells),
                _ => self.add_strip::<4>(binned, first, rows, cells),
            }
        }
    }

    /// Adds up `W` tiles from `first` on.
    fn add_strip<const W: usize>(
        &self,
        binned: &Binned,
        first: usize,
        rows: &[u32],
        cells: &mut [[Cells; TILE]],
    ) {
        // Rows lie scattered in memory. Fetched by themselves, many are on their way at once.
        let mut statistics = [0; FETCH];
        let mut bins = [[[0; TILE]; W]; FETCH];
        for rows in rows.chunks(FETCH) {
            for ((statistics, bins), &row) in statistics.iter_mut().zip(&mut bins).zip(rows) {
                *statistics = self.packed[row as usize];
                let row = &binned.rows[row as usize * binned.tiles + first..];
                if let Some(tiles) = row.first_chunk::<W>() {
                    *bins = *tiles;
                }
            }
            let (statistics, bins) = (&statistics[..rows.len()], &bins[..rows.len()]);
            for (tile, cells) in cells.iter_mut().enumerate() {
                for (&statistics, bins) in statistics.iter().zip(bins) {
                    for (cells, &bin) in cells.iter_mut().zip(&bins[tile]) {
                        let cell = &mut cells[usize::from(bin)];
                        *cell = cell.wrapping_add(statistics);
                    }
                }
            }
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
        let bins = (0..2 * rows).map(|i| std::array::from_fn(|j| ((i * 31 + j) % 251) as u8));
        let (columns, levels) = (Vec::new(), Vec::new());
        let binned = Binned { columns, tiles: 2, rows: bins.collect(), levels };
        let (mut once, mut blocks) = (vec![[0; 256]; 8], vec![[1; 256]; 8]);
        statistics.add(&binned, 1..2, &all(rows), &mut once);
        statistics.fill(&binned, 1..2, &all(rows), &mut blocks);
        assert_eq!(once, blocks);
        let total = once[3].iter().fold(0u64, |sum, cell| sum.wrapping_add(*cell));
        assert_eq!(statistics.unpack(total).second, 2.0 * rows as f64);
    }
}
