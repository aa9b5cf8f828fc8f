//! Finds the best splits of a node's sides.

use rayon::prelude::*;

use super::binning::TILE;
use super::grow::{Grower, Side};
use super::histogram::{BLOCK, Cells, second_units, subtract};
use super::split::{Counts, Criterion, Seeker, Split};

/// Cells of work below which threads cost more than they bring.
const PARALLEL_WORK: usize = 1 << 15;

impl<C: Criterion> Grower<'_, C> {
    /// Counts the rows of one side into `cells`, takes them from `parent` if given, and finds the
    /// best split of the rows counted and of those that remain.
    pub(crate) fn seek(
        &self,
        [counted_rows, remaining_rows]: [&[u32]; 2],
        cells: &mut [Cells],
        mut parent: Option<&mut [Cells]>,
        [counted, remaining]: [&Side; 2],
    ) -> (Option<Split>, Option<Split>) {
        let parallel = (counted_rows.len() + 256) * cells.len() >= PARALLEL_WORK;
        let in_blocks = counted_rows.len() >= 2 * BLOCK;
        if in_blocks {
            self.statistics.fill(self.binned, 0..self.binned.tiles, counted_rows, cells);
        }
        // Some tiles to each thread.
        let tiles = if parallel {
            self.binned.tiles.div_ceil(rayon::current_num_threads())
        } else {
            self.binned.tiles
        };
        let tiles = tiles.max(1); // no column may be left
        let work = |(group, (cells, parent)): (usize, (&mut [Cells], Option<&mut [Cells]>))| {
            let first = group * tiles;
            if !in_blocks {
                let group = first..first + cells.len() / TILE;
                self.statistics.fill(self.binned, group, counted_rows, cells);
            }
            let of_remaining = parent.map_or_else(Vec::new, |parent| {
                subtract(parent, cells);
                self.best_of_columns(first * TILE, parent, remaining)
            });
            (self.best_of_columns(first * TILE, cells, counted), of_remaining)
        };
        let parents: Vec<Option<&mut [Cells]>> = match parent.as_deref_mut() {
            Some(parent) => parent.chunks_mut(tiles * TILE).map(Some).collect(),
            None => cells.chunks(tiles * TILE).map(|_| None).collect(),
        };
        let tasks: Vec<_> = cells.chunks_mut(tiles * TILE).zip(parents).enumerate().collect();
        let found: Vec<_> = if parallel {
            tasks.into_par_iter().map(work).collect()
        } else {
            tasks.into_iter().map(work).collect()
        };
        let (of_counted, of_remaining): (Vec<_>, Vec<_>) = found.into_iter().unzip();
        let counted_split = self.settle(counted_rows, counted, cells, of_counted.concat());
        let remaining_split = parent.and_then(|parent| {
            self.settle(remaining_rows, remaining, parent, of_remaining.concat())
        });
        (counted_split, remaining_split)
    }

    /// The best split of every column from `first` on that has cells.
    fn best_of_columns(&self, first: usize, cells: &[Cells], side: &Side) -> Vec<Option<Split>> {
        let count = cells.len().min(self.binned.columns.len() - first);
        if !side.divisible {
            return vec![None; count];
        }
        let best = |place: usize| {
            let allowed = self.allowed.get(place).copied().unwrap_or(true);
            allowed.then(|| self.best_of_column(side, place, &cells[place - first], None)).flatten()
        };
        (first..first + count).map(best).collect()
    }

    fn best_of_column(
        &self,
        side: &Side,
        place: usize,
        cells: &Cells,
        counts: Option<Counts<'_>>,
    ) -> Option<Split> {
        let seeker = Seeker {
            criterion: self.criterion,
            statistics: self.statistics,
            node: side.packed,
            bounds: side.bounds,
            rows: side.rows.len(),
            min_gain: self.min_gain,
        };
        let direction = self.directions.get(place).copied().unwrap_or(0);
        seeker.best_of(place, &self.binned.columns[place], direction, cells, counts)
    }

    /// The best of the columns' splits that leaves both sides enough rows.
    ///
    /// Histograms do not count rows. Where the sums cannot vouch for them, the rows of the one column
    /// that looks best are counted and its best split is sought again, until the best one holds.
    fn settle(
        &self,
        rows: &[u32],
        side: &Side,
        cells: &[Cells],
        mut found: Vec<Option<Split>>,
    ) -> Option<Split> {
        let mut is_counted = vec![false; found.len()];
        loop {
            let mut best: Option<(usize, f64)> = None;
            for (place, split) in found.iter().enumerate() {
                if let Some(split) = split
                    && best.is_none_or(|(_, gain)| split.gain > gain)
                {
                    best = Some((place, split.gain));
                }
            }
            let (place, _) = best?;
            let left = found[place].as_ref()?.left;
            let column = &self.binned.columns[place];
            if is_counted[place] || self.surely_enough_rows(left, side.packed.wrapping_sub(left)) {
                return found.swap_remove(place);
            }
            let mut of_bin = [0; 256];
            for &row in rows {
                of_bin[usize::from(column.codes[row as usize])] += 1;
            }
            let counts = Counts { of_bin: &of_bin, least: self.min_rows as u32 };
            found[place] = self.best_of_column(side, place, &cells[place], Some(counts));
            is_counted[place] = true;
        }
    }

    fn surely_enough_rows(&self, left: u64, right: u64) -> bool {
        let least = self.min_rows as u64 * u64::from(self.most_units);
        // A side with any weight has a row.
        self.min_rows <= 1 || second_units(left).min(second_units(right)) >= least
    }
}
