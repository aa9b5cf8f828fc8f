//! Grows a tree: finds the best split of a node, divides its rows, goes on with both sides.

use std::ops::Range;

use rayon::prelude::*;

use super::binning::{Binned, TILE};
use super::divide::divide;
use super::histogram::{BLOCK, Cells, Statistics, Sums, second_units, subtract};
use super::split::{Bounds, Counts, Criterion, Question, Seeker, Split};

/// Cells of work below which threads cost more than they bring.
const PARALLEL_WORK: usize = 1 << 15;

/// A node of a grown tree. Its two children lie next to each other, after it.
#[derive(Debug)]
pub(crate) struct GrownNode {
    pub(crate) sums: Sums,
    pub(crate) bounds: Bounds,
    /// Levels that the split above chose from; 0 when it asked a number.
    pub(crate) levels: usize,
    /// Where its rows lie once the tree is grown.
    pub(crate) rows: Range<usize>,
    /// The split and the place of the left child.
    pub(crate) split: Option<(Split, usize)>,
}

/// What a tree is grown from.
#[derive(Debug)]
pub(crate) struct Grower<'a, C> {
    pub(crate) binned: &'a Binned,
    pub(crate) statistics: &'a Statistics,
    pub(crate) criterion: &'a C,
    pub(crate) max_depth: usize,
    /// With a limit the split that gains most comes first, wherever it lies; without, all splits are
    /// made and their order does not matter.
    pub(crate) max_leaves: Option<usize>,
    /// The gain a split must exceed.
    pub(crate) min_gain: f64,
    /// Rows of a leaf.
    pub(crate) min_rows: usize,
    /// No row's second statistic has more units.
    pub(crate) most_units: u32,
    /// Of every column in bins: 1 rising, -1 falling, 0 free; empty when all are free.
    pub(crate) directions: &'a [i8],
    /// Whether every column in bins may split; empty when all may.
    pub(crate) allowed: &'a [bool],
}

/// Memory that one tree hands to the next.
#[derive(Debug, Default)]
pub(crate) struct Spare {
    cells: Vec<Vec<Cells>>,
    moved: Vec<u32>,
}

/// A node that could be split.
struct Open {
    node: usize,
    depth: usize,
    packed: u64,
    cells: Vec<Cells>,
    split: Split,
}

/// A side of a split whose own split is sought, if any can come of it.
struct Side {
    packed: u64,
    bounds: Bounds,
    levels: usize,
    rows: Range<usize>,
    divisible: bool,
}

impl<C: Criterion> Grower<'_, C> {
    /// Grows a tree on `rows`, which it reorders: the rows of a leaf lie together, in their order.
    pub(crate) fn grow(&self, rows: &mut [u32], spare: &mut Spare) -> Vec<GrownNode> {
        let root = self.side(self.statistics.sum(rows), Bounds::NONE, 0, 0..rows.len());
        let mut nodes = vec![self.node(&root)];
        let mut open = Vec::new();
        if root.divisible && self.max_depth > 0 {
            let mut cells = self.blank(spare);
            if let (Some(split), _) = self.seek(rows, &mut cells, None, [&root, &root]) {
                open.push(Open { node: 0, depth: 0, packed: root.packed, cells, split });
            }
        }
        while let Some(Open { node, depth, packed, cells, split }) = self.next(&mut open) {
            let (range, bounds) = (nodes[node].rows.clone(), nodes[node].bounds);
            let codes = &self.binned.columns[split.column].codes;
            let left_len =
                divide(&mut rows[range.clone()], &mut spare.moved, codes, &split.left_bins);
            let middle = range.start + left_len;
            let (left_packed, right_packed) = (split.left, packed.wrapping_sub(split.left));
            let [left_bounds, right_bounds] = self.bounds(&split, right_packed, bounds);
            let left = self.side(left_packed, left_bounds, split.levels, range.start..middle);
            let right = self.side(right_packed, right_bounds, split.levels, middle..range.end);
            let left_node = nodes.len();
            nodes.push(self.node(&left));
            nodes.push(self.node(&right));
            nodes[node].split = Some((split, left_node));

            let is_full = self.max_leaves.is_some_and(|most| nodes.len() >= 2 * most - 1);
            if is_full {
                break;
            }
            if depth + 1 == self.max_depth || !(left.divisible || right.divisible) {
                spare.cells.push(cells);
                continue;
            }
            // Only the shorter side is counted; the other is what remains of the parent.
            let left_is_short = left.rows.len() <= right.rows.len();
            let (short, long) = if left_is_short { (&left, &right) } else { (&right, &left) };
            let mut long_cells = cells;
            let mut short_cells = self.blank(spare);
            let (short_split, long_split) =
                self.seek(rows, &mut short_cells, Some(&mut long_cells), [short, long]);
            let (left_found, right_found) = if left_is_short {
                ((short_cells, short_split), (long_cells, long_split))
            } else {
                ((long_cells, long_split), (short_cells, short_split))
            };
            let sides = [(right, right_found, left_node + 1), (left, left_found, left_node)];
            for (side, (cells, split), node) in sides {
                match split {
                    Some(split) => {
                        open.push(Open {
                            node,
                            depth: depth + 1,
                            packed: side.packed,
                            cells,
                            split,
                        });
                    }
                    None => spare.cells.push(cells),
                }
            }
        }
        spare.cells.extend(open.into_iter().map(|open| open.cells));
        nodes
    }

    /// The node to split next.
    fn next(&self, open: &mut Vec<Open>) -> Option<Open> {
        if self.max_leaves.is_none() {
            return open.pop();
        }
        let rank =
            |a: &Open, b: &Open| a.split.gain.total_cmp(&b.split.gain).then(b.node.cmp(&a.node));
        let best = (0..open.len()).max_by(|&a, &b| rank(&open[a], &open[b]))?;
        Some(open.swap_remove(best))
    }

    fn node(&self, side: &Side) -> GrownNode {
        let sums = self.statistics.unpack(side.packed);
        let Side { bounds, levels, .. } = *side;
        GrownNode { sums, bounds, levels, rows: side.rows.clone(), split: None }
    }

    fn side(&self, packed: u64, bounds: Bounds, levels: usize, rows: Range<usize>) -> Side {
        let divisible = rows.len() >= 2 * self.min_rows
            && self.criterion.divisible(self.statistics.unpack(packed));
        Side { packed, bounds, levels, rows, divisible }
    }

    /// The bounds of a split's sides.
    fn bounds(&self, split: &Split, right: u64, bounds: Bounds) -> [Bounds; 2] {
        let direction = self.directions.get(split.column).copied().unwrap_or(0);
        if direction == 0 || split.question == Question::Below(f64::MIN) {
            return [bounds; 2];
        }
        let value = |packed| self.criterion.value(self.statistics.unpack(packed), bounds, 0);
        bounds.of_sides(value(split.left), value(right), direction)
    }

    /// Cells for one node, used ones where there are any; what they hold is overwritten.
    fn blank(&self, spare: &mut Spare) -> Vec<Cells> {
        spare.cells.pop().unwrap_or_else(|| vec![[0; 256]; self.binned.tiles * TILE])
    }

    /// Counts the rows of one side into `cells`, takes them from `parent` if given, and finds the
    /// best split of the rows counted and of those that remain.
    fn seek(
        &self,
        rows: &[u32],
        cells: &mut [Cells],
        mut parent: Option<&mut [Cells]>,
        [counted, remaining]: [&Side; 2],
    ) -> (Option<Split>, Option<Split>) {
        let counted_rows = &rows[counted.rows.clone()];
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
        let counted_split = self.settle(rows, counted, cells, of_counted.concat());
        let remaining_split =
            parent.and_then(|parent| self.settle(rows, remaining, parent, of_remaining.concat()));
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
            for &row in &rows[side.rows.clone()] {
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
