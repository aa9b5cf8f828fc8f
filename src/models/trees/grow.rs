//! Grows a tree: finds the best split of a node, divides its rows, goes on with both sides.

use std::ops::Range;

use rayon::prelude::*;

use super::binning::{Binned, Tile};
use super::histogram::{Cells, Statistics, Sums, subtract};
use super::split::{BinSet, Criterion, Seeker, Split, better};

/// Cells of work below which threads cost more than they bring.
const PARALLEL_WORK: usize = 1 << 15;

/// A node of a grown tree. Its two children lie next to each other, after it.
#[derive(Debug)]
pub(crate) struct GrownNode {
    pub(crate) sums: Sums,
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
    /// The gain a split must exceed.
    pub(crate) min_gain: f64,
}

/// A node that will be split.
struct Open {
    node: usize,
    depth: usize,
    packed: u64,
    rows: Range<usize>,
    cells: Vec<Cells>,
    split: Split,
}

/// A side of a split whose own split is sought, if any can come of it.
struct Side {
    packed: u64,
    divisible: bool,
}

impl<C: Criterion> Grower<'_, C> {
    /// Grows a tree on `rows`, which it reorders.
    pub(crate) fn grow(&self, rows: &mut [u32]) -> Vec<GrownNode> {
        let packed = self.statistics.sum(rows);
        let mut nodes = vec![self.node(packed)];
        let mut open = Vec::new();
        let mut spare = Vec::new();
        let root = self.side(packed);
        if root.divisible && self.max_depth > 0 {
            let mut cells = self.blank(&mut spare);
            if let (Some(split), _) = self.seek(rows, &mut cells, None, [&root, &root]) {
                open.push(Open { node: 0, depth: 0, packed, rows: 0..rows.len(), cells, split });
            }
        }

        let mut moved = Vec::with_capacity(rows.len());
        while let Some(Open { node, depth, packed, rows: range, cells, split }) = open.pop() {
            let codes = &self.binned.columns[split.column].codes;
            let left_len = divide(&mut rows[range.clone()], &mut moved, codes, &split.left_bins);
            let middle = range.start + left_len;
            let (left_packed, right_packed) = (split.left, packed.wrapping_sub(split.left));
            let left_node = nodes.len();
            nodes.push(self.node(left_packed));
            nodes.push(self.node(right_packed));
            nodes[node].split = Some((split, left_node));

            let (left, right) = (self.side(left_packed), self.side(right_packed));
            if depth + 1 == self.max_depth || !(left.divisible || right.divisible) {
                spare.push(cells);
                continue;
            }
            // Only the shorter side is counted; the other is what remains of the parent.
            let left_is_short = middle - range.start <= range.end - middle;
            let (short, long) = if left_is_short { (&left, &right) } else { (&right, &left) };
            let short_range = if left_is_short { range.start..middle } else { middle..range.end };
            let mut long_cells = cells;
            let mut short_cells = self.blank(&mut spare);
            let (short_split, long_split) = self.seek(
                &rows[short_range],
                &mut short_cells,
                Some(&mut long_cells),
                [short, long],
            );
            let (left, right) = if left_is_short {
                ((short_cells, short_split), (long_cells, long_split))
            } else {
                ((long_cells, long_split), (short_cells, short_split))
            };
            let right = (right, right_packed, middle..range.end, left_node + 1);
            let left = (left, left_packed, range.start..middle, left_node);
            for ((cells, split), packed, rows, node) in [right, left] {
                match split {
                    Some(split) => {
                        open.push(Open { node, depth: depth + 1, packed, rows, cells, split });
                    }
                    None => spare.push(cells),
                }
            }
        }
        nodes
    }

    fn node(&self, packed: u64) -> GrownNode {
        GrownNode { sums: self.statistics.unpack(packed), split: None }
    }

    fn side(&self, packed: u64) -> Side {
        Side { packed, divisible: self.criterion.divisible(self.statistics.unpack(packed)) }
    }

    /// Cells for one node, used ones where there are any; what they hold is overwritten.
    fn blank(&self, spare: &mut Vec<Vec<Cells>>) -> Vec<Cells> {
        spare.pop().unwrap_or_else(|| vec![[0; 256]; self.binned.cell_rows()])
    }

    /// Counts `rows` into `cells`, takes them from `parent` if given, and finds the best split of
    /// the rows counted and of those that remain.
    fn seek(
        &self,
        rows: &[u32],
        cells: &mut [Cells],
        parent: Option<&mut [Cells]>,
        [counted, remaining]: [&Side; 2],
    ) -> (Option<Split>, Option<Split>) {
        let tiles = &self.binned.tiles;
        let parallel = (rows.len() + 256) * cells.len() >= PARALLEL_WORK;
        let parents: Vec<Option<&mut [Cells]>> = match parent {
            Some(parent) => by_tile(tiles, parent).into_iter().map(Some).collect(),
            None => tiles.iter().map(|_| None).collect(),
        };
        let tasks: Vec<_> = tiles.iter().zip(by_tile(tiles, cells)).zip(parents).collect();
        let work = |((tile, cells), parent): ((&Tile, &mut [Cells]), Option<&mut [Cells]>)| {
            self.statistics.fill(tile, rows, cells);
            let remaining_best = parent.and_then(|parent| {
                subtract(parent, cells);
                self.best_of_tile(tile, parent, remaining, parallel)
            });
            (self.best_of_tile(tile, cells, counted, parallel), remaining_best)
        };
        let found: Vec<_> = if parallel {
            tasks.into_par_iter().map(work).collect()
        } else {
            tasks.into_iter().map(work).collect()
        };
        found.into_iter().fold((None, None), |a, b| (better(a.0, b.0), better(a.1, b.1)))
    }

    fn best_of_tile(
        &self,
        tile: &Tile,
        cells: &[Cells],
        side: &Side,
        parallel: bool,
    ) -> Option<Split> {
        if !side.divisible {
            return None;
        }
        let seeker = Seeker {
            criterion: self.criterion,
            statistics: self.statistics,
            node: side.packed,
            min_gain: self.min_gain,
        };
        let columns = &self.binned.columns[tile.first..tile.first + tile.used];
        let best = |(i, (column, cells))| seeker.best_of(tile.first + i, column, cells);
        let found: Vec<Option<Split>> = if parallel {
            columns.par_iter().zip(cells).enumerate().map(best).collect()
        } else {
            columns.iter().zip(cells).enumerate().map(best).collect()
        };
        found.into_iter().fold(None, better)
    }
}

/// The part of every tile.
fn by_tile<'a>(tiles: &[Tile], mut cells: &'a mut [Cells]) -> Vec<&'a mut [Cells]> {
    let mut parts = Vec::with_capacity(tiles.len());
    for tile in tiles {
        let (part, rest) = cells.split_at_mut(tile.width);
        parts.push(part);
        cells = rest;
    }
    parts
}

/// Puts the rows that go left first, both sides in their order, and returns how many they are.
fn divide(rows: &mut [u32], moved: &mut Vec<u32>, codes: &[u8], left_bins: &BinSet) -> usize {
    let goes_left: [bool; 256] = std::array::from_fn(|bin| left_bins.contains(bin as u8));
    moved.clear();
    moved.resize(rows.len(), 0);
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
    rows[left..].copy_from_slice(&moved[..right]);
    left
}
