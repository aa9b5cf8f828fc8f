//! Grows a tree: finds the best split of a node, divides its rows, and continues on both sides.

use std::mem;
use std::ops::Range;

use super::binning::{Binned, TILE};
use super::divide::divide;
use super::histogram::{Cells, Statistics, Sums};
use super::split::{Bounds, Criterion, Question, Split};
use crate::progress::Stop;

/// With more splits than these to come, the second best node will hardly be left unsplit.
const SURE_SPLITS: usize = 2;

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
    /// Asked before every split; a tree that was stopped has fewer of them.
    pub(crate) stop: Stop<'a>,
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
    bounds: Bounds,
    rows: Range<usize>,
    cells: Vec<Cells>,
    split: Split,
    sides: Option<Sides>,
}

/// A side of a split whose own split is sought, if any can come of it.
pub(crate) struct Side {
    pub(crate) packed: u64,
    pub(crate) bounds: Bounds,
    pub(crate) levels: usize,
    pub(crate) rows: Range<usize>,
    pub(crate) divisible: bool,
}

/// Both sides of a split: the rows are divided and the sides' own splits are found.
struct Sides {
    left: Side,
    right: Side,
    left_found: Found,
    right_found: Found,
}

/// The histograms of a side and its best split, if any.
#[derive(Default)]
struct Found {
    cells: Vec<Cells>,
    split: Option<Split>,
}

impl<C: Criterion> Grower<'_, C> {
    /// Grows a tree on `rows`, which it reorders: the rows of a leaf lie together, in their order.
    pub(crate) fn grow(&self, rows: &mut [u32], spare: &mut Spare) -> Vec<GrownNode> {
        spare.moved.resize(rows.len(), 0);
        let root = self.side(self.statistics.sum(rows), Bounds::NONE, 0, 0..rows.len());
        let mut nodes = vec![self.node(&root)];
        let mut open = Vec::new();
        if root.divisible && self.max_depth > 0 {
            let mut cells = self.blank(spare);
            let (split, _) = self.seek([rows, &[]], &mut cells, None, [&root, &root]);
            self.open(0, 0, root, Found { cells, split }, &mut open, spare);
        }
        let most_leaves = self.max_leaves.unwrap_or(usize::MAX);
        while let Some(next) = self.next(&open).filter(|_| !self.stop.asked()) {
            let mut best = open.swap_remove(next);
            let splits_left = most_leaves - nodes.len().div_ceil(2);
            if best.sides.is_none() {
                let ahead = match splits_left > SURE_SPLITS && rayon::current_num_threads() > 1 {
                    true => self.next(&open).filter(|&next| open[next].sides.is_none()),
                    false => None,
                };
                match ahead {
                    Some(ahead) => self.divide_two([&mut best, &mut open[ahead]], rows, spare),
                    None => {
                        let (blank, range) = (self.blank(spare), best.rows.clone());
                        let moved = &mut spare.moved[range.clone()];
                        self.divide(&mut best, &mut rows[range], moved, blank, splits_left > 1);
                    }
                }
            }
            let Some(Sides { left, right, left_found, right_found }) = best.sides else { break };
            let (depth, left_node) = (best.depth + 1, nodes.len());
            nodes.push(self.node(&left));
            nodes.push(self.node(&right));
            nodes[best.node].split = Some((best.split, left_node));
            self.open(left_node + 1, depth, right, right_found, &mut open, spare);
            self.open(left_node, depth, left, left_found, &mut open, spare);
            if splits_left == 1 {
                break;
            }
        }
        for Open { rows: range, cells, sides, .. } in open {
            spare.cells.push(cells);
            if let Some(Sides { left_found, right_found, .. }) = sides {
                // Divided in vain: both sides rise, and merge.
                rows[range].sort();
                spare.cells.extend([left_found.cells, right_found.cells]);
            }
        }
        spare.cells.retain(|cells| !cells.is_empty());
        nodes
    }

    /// Opens a node if it can be split, else keeps its memory.
    fn open(
        &self,
        node: usize,
        depth: usize,
        side: Side,
        found: Found,
        open: &mut Vec<Open>,
        spare: &mut Spare,
    ) {
        let Side { packed, bounds, rows, .. } = side;
        match found {
            Found { cells, split: Some(split) } => {
                open.push(Open { node, depth, packed, bounds, rows, cells, split, sides: None });
            }
            Found { cells, split: None } => spare.cells.push(cells),
        }
    }

    /// Divides the next node and the one that looks like coming after it, each on a thread.
    fn divide_two(&self, [one, two]: [&mut Open; 2], rows: &mut [u32], spare: &mut Spare) {
        let blanks = [self.blank(spare), self.blank(spare)];
        let ranges = [one.rows.clone(), two.rows.clone()];
        let moved = spare.moved.get_disjoint_mut(ranges.clone());
        // Rows of different nodes never overlap.
        if let (Ok([a, b]), Ok([a_moved, b_moved])) = (rows.get_disjoint_mut(ranges), moved) {
            let [a_blank, b_blank] = blanks;
            rayon::join(
                || self.divide(one, a, a_moved, a_blank, true),
                || self.divide(two, b, b_moved, b_blank, true),
            );
        }
    }

    /// Divides the `rows` of a node and finds the splits of both sides if they are `sought`.
    fn divide(
        &self,
        open: &mut Open,
        rows: &mut [u32],
        moved: &mut [u32],
        blank: Vec<Cells>,
        sought: bool,
    ) {
        let split = &open.split;
        let codes = &self.binned.columns[split.column].codes;
        let left_len = divide(rows, moved, codes, &split.left_bins);
        let (start, end) = (open.rows.start, open.rows.end);
        let (left_packed, right_packed) = (split.left, open.packed.wrapping_sub(split.left));
        let [left_bounds, right_bounds] = self.bounds(split, right_packed, open.bounds);
        let left = self.side(left_packed, left_bounds, split.levels, start..start + left_len);
        let right = self.side(right_packed, right_bounds, split.levels, start + left_len..end);
        let mut long = Found { cells: mem::take(&mut open.cells), split: None };
        let mut short = Found { cells: blank, split: None };
        let left_is_short = left.rows.len() <= right.rows.len();
        if sought && open.depth + 1 < self.max_depth && (left.divisible || right.divisible) {
            // Only the shorter side is counted; the other is what remains of the parent.
            let (left_rows, right_rows) = rows.split_at(left_len);
            let (rows, sides) = if left_is_short {
                ([left_rows, right_rows], [&left, &right])
            } else {
                ([right_rows, left_rows], [&right, &left])
            };
            (short.split, long.split) =
                self.seek(rows, &mut short.cells, Some(&mut long.cells), sides);
        }
        let (left_found, right_found) = if left_is_short { (short, long) } else { (long, short) };
        open.sides = Some(Sides { left, right, left_found, right_found });
    }

    /// The place of the node to split next.
    fn next(&self, open: &[Open]) -> Option<usize> {
        if self.max_leaves.is_none() {
            return open.len().checked_sub(1);
        }
        let rank =
            |a: &Open, b: &Open| a.split.gain.total_cmp(&b.split.gain).then(b.node.cmp(&a.node));
        (0..open.len()).max_by(|&a, &b| rank(&open[a], &open[b]))
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
}
