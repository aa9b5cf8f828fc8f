//! The best question of one column at one node.

use super::binning::{Bins, Column, MISSING};
use super::histogram::{Cells, Statistics, Sums};

/// What a good split is. Boosting and single trees differ here alone.
pub(crate) trait Criterion: Sync {
    /// How well one value within `bounds` fits the rows of a node; the gain of a split is what its
    /// two sides fit better than the node.
    fn fit(&self, node: Sums, bounds: Bounds) -> f64;
    /// How well the two sides of a split fit their rows; negative infinity for sides that may not be.
    fn sides(&self, left: Sums, right: Sums) -> f64;
    /// Whether two sides could come of these rows.
    fn divisible(&self, node: Sums) -> bool;
    /// Where a level of a category stands among the levels of the node.
    fn level_key(&self, level: Sums, node: Sums) -> f64;

    /// As [`sides`](Criterion::sides), for two sets of levels, of a choice of `levels`.
    fn level_sides(&self, left: Sums, right: Sums, _bounds: Bounds, _levels: usize) -> f64 {
        self.sides(left, right)
    }

    /// Whether a level has too few rows in the node to be placed among the others; it then goes where
    /// missing values go.
    fn is_rare(&self, _level: Sums, _node: Sums, _node_rows: usize) -> bool {
        false
    }

    /// As [`sides`](Criterion::sides), where the sides' values must lie within `bounds` and the right
    /// one must not be lower (`direction` 1) or higher (-1) than the left one.
    fn bounded_sides(&self, left: Sums, right: Sums, _bounds: Bounds, _direction: i8) -> f64 {
        self.sides(left, right)
    }

    /// The value within `bounds` that fits the rows of a node best; `levels` is the number of levels
    /// that the split above chose from, 0 when it asked a number.
    fn value(&self, _node: Sums, _bounds: Bounds, _levels: usize) -> f64 {
        0.0
    }
}

/// Between what the values of a node's leaves must lie, so that a monotone split above holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Bounds {
    pub(crate) low: f64,
    pub(crate) high: f64,
}

impl Bounds {
    pub(crate) const NONE: Bounds = Bounds { low: f64::NEG_INFINITY, high: f64::INFINITY };

    /// The bounds of the two sides of a split, whose values are `left` and `right`.
    pub(crate) fn of_sides(self, left: f64, right: f64, direction: i8) -> [Bounds; 2] {
        let middle = 0.5 * left + 0.5 * right;
        match direction {
            1 => [Bounds { high: middle, ..self }, Bounds { low: middle, ..self }],
            -1 => [Bounds { low: middle, ..self }, Bounds { high: middle, ..self }],
            _ => [self, self],
        }
    }
}

/// A set of bins, that of missing values included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub(crate) struct BinSet([u64; 4]);

impl BinSet {
    pub(crate) fn insert(&mut self, bin: u8) {
        self.0[usize::from(bin >> 6)] |= 1 << (bin & 63);
    }

    pub(crate) fn contains(&self, bin: u8) -> bool {
        self.0[usize::from(bin >> 6)] >> (bin & 63) & 1 == 1
    }
}

/// How real values are asked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Question {
    /// Is the value below?
    Below(f64),
    /// Is the level's bin among those of the left side?
    Level,
}

/// A split of a node's rows.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Split {
    pub(crate) gain: f64,
    /// Place among the columns in bins.
    pub(crate) column: usize,
    pub(crate) question: Question,
    /// The bins that go left, that of missing values included.
    pub(crate) left_bins: BinSet,
    /// Packed sums of the left side.
    pub(crate) left: u64,
    /// Levels that were chosen from; 0 for a number.
    pub(crate) levels: usize,
}

/// A node for which splits are sought.
#[derive(Debug)]
pub(crate) struct Seeker<'a, C> {
    pub(crate) criterion: &'a C,
    pub(crate) statistics: &'a Statistics,
    /// Packed sums of the node.
    pub(crate) node: u64,
    pub(crate) bounds: Bounds,
    /// Rows of the node.
    pub(crate) rows: usize,
    /// The gain a split must exceed.
    pub(crate) min_gain: f64,
}

/// Rows of every bin of a column, and how many a side must have.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Counts<'a> {
    pub(crate) of_bin: &'a [u32; 256],
    pub(crate) least: u32,
}

/// Where missing values are counted.
const MISSING_CELL: usize = MISSING as usize;

/// The bins as they come.
const BIN_ORDER: [u8; 256] = {
    let mut order = [0; 256];
    let mut bin = 0;
    while bin < 256 {
        order[bin] = bin as u8;
        bin += 1;
    }
    order
};

/// The best way to divide an order of bins in two.
struct Best {
    gain: f64,
    /// Bins of the order that go left.
    taken: usize,
    missing_left: bool,
    left: u64,
}

impl<C: Criterion> Seeker<'_, C> {
    /// The best split of a column whose histogram is `cells`; `direction` is 1 when the value must
    /// not fall as the column rises, -1 when it must not rise, else 0.
    ///
    /// With `counts` both sides have their least number of rows; without, nothing is known of rows.
    pub(crate) fn best_of(
        &self,
        place: usize,
        column: &Column,
        direction: i8,
        cells: &Cells,
        counts: Option<Counts<'_>>,
    ) -> Option<Split> {
        // Rows of next to no weight leave no trace in the sums.
        let is_empty = |bin: u8| {
            let bin = usize::from(bin);
            cells[bin] == 0 && counts.is_none_or(|counts| counts.of_bin[bin] == 0)
        };
        match &column.bins {
            Bins::Number(edges) => {
                let last = usize::from((0..=edges.len() as u8).rfind(|&bin| !is_empty(bin))?);
                let filled = &cells[..=last];
                let missing = (!is_empty(MISSING)).then(|| cells[MISSING_CELL]);
                let best = if direction == 0 && self.bounds == Bounds::NONE {
                    let sides = |left, right| self.criterion.sides(left, right);
                    self.divide(filled, &BIN_ORDER, missing, counts, sides, sides)?
                } else {
                    let bounded = |direction| {
                        move |left, right| {
                            self.criterion.bounded_sides(left, right, self.bounds, direction)
                        }
                    };
                    // Whether a value is missing has no direction.
                    let (given, alone) = (bounded(direction), bounded(0));
                    self.divide(filled, &BIN_ORDER, missing, counts, given, alone)?
                };
                let mut left_bins = BinSet::default();
                let threshold = if best.taken == 0 {
                    // Only missing values go left: no number is below.
                    f64::MIN
                } else {
                    // Of the edges between the two sides, the middle one.
                    let next = best.taken as u8..=last as u8;
                    let empty = next.take_while(|&bin| is_empty(bin)).count();
                    let edge = best.taken - 1 + empty / 2;
                    (0..=edge as u8).for_each(|bin| left_bins.insert(bin));
                    edges[edge]
                };
                Some(self.split(place, best, Question::Below(threshold), left_bins))
            }
            Bins::Category(levels) => {
                let node = self.statistics.unpack(self.node);
                let mut missing = (!is_empty(MISSING)).then(|| cells[MISSING_CELL]);
                let mut keyed: Vec<(f64, u8)> = Vec::new();
                for bin in (0..levels.len() as u8).filter(|&bin| !is_empty(bin)) {
                    let packed = cells[usize::from(bin)];
                    let level = self.statistics.unpack(packed);
                    if self.criterion.is_rare(level, node, self.rows) {
                        missing = Some(missing.unwrap_or(0).wrapping_add(packed));
                    } else {
                        keyed.push((self.criterion.level_key(level, node), bin));
                    }
                }
                keyed.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
                let order: Vec<u8> = keyed.into_iter().map(|(_, bin)| bin).collect();
                let ordered: Vec<u64> = order.iter().map(|&bin| cells[usize::from(bin)]).collect();
                let levels = order.len();
                let sides =
                    |left, right| self.criterion.level_sides(left, right, self.bounds, levels);
                let best = self.divide(&ordered, &order, missing, counts, sides, sides)?;
                let mut left_bins = BinSet::default();
                order[..best.taken].iter().for_each(|&bin| left_bins.insert(bin));
                if best.missing_left {
                    // Levels of which the node has no row or few go where missing values go.
                    let others = (0..MISSING).filter(|bin| !order.contains(bin));
                    others.for_each(|bin| left_bins.insert(bin));
                }
                Some(Split { levels, ..self.split(place, best, Question::Level, left_bins) })
            }
        }
    }

    fn split(&self, column: usize, best: Best, question: Question, mut left_bins: BinSet) -> Split {
        if best.missing_left {
            left_bins.insert(MISSING);
        }
        Split { gain: best.gain, column, question, left_bins, left: best.left, levels: 0 }
    }

    /// Tries every prefix of `ordered` as the left side; where rows are `missing` a value, first with missing values on the right, then
    /// on the left, and missing values alone; of equally good ways the first.
    #[inline]
    fn divide(
        &self,
        ordered: &[u64],
        order: &[u8],
        missing: Option<u64>,
        counts: Option<Counts<'_>>,
        sides: impl Fn(Sums, Sums) -> f64,
        sides_of_missing: impl Fn(Sums, Sums) -> f64,
    ) -> Option<Best> {
        let node_fit = self.criterion.fit(self.statistics.unpack(self.node), self.bounds);
        let mut best: Option<Best> = None;
        let starts = [Some((0, false)), missing.map(|missing| (missing, true))];
        let cuts = ordered.len().saturating_sub(1);
        let mut lefts = [0; 256];
        let mut fits = [f64::NEG_INFINITY; 256];
        for (start, missing_left) in starts.into_iter().flatten() {
            // Cut 0 is after the first bin. Missing values alone are the cut before it, kept last.
            let mut left = start;
            for (cut, cell) in lefts[..cuts].iter_mut().zip(ordered) {
                left = left.wrapping_add(*cell);
                *cut = left;
            }
            let parts = |left: u64| {
                let right = self.node.wrapping_sub(left);
                (self.statistics.unpack(left), self.statistics.unpack(right))
            };
            for (fit, &left) in fits[..cuts].iter_mut().zip(&lefts) {
                let (left, right) = parts(left);
                *fit = sides(left, right);
            }
            let mut tried = cuts;
            if missing_left && !ordered.is_empty() {
                let (left, right) = parts(start);
                (lefts[cuts], fits[cuts]) = (start, sides_of_missing(left, right));
                tried += 1;
            }
            if let Some(counts) = counts {
                counts.refuse(&mut fits[..tried], &order[..ordered.len()], missing_left, cuts);
            }
            for (cut, &fit) in fits[..tried].iter().enumerate() {
                let gain = fit - node_fit;
                if gain > best.as_ref().map_or(self.min_gain, |best| best.gain) {
                    let taken = if cut == cuts { 0 } else { cut + 1 };
                    best = Some(Best { gain, taken, missing_left, left: lefts[cut] });
                }
            }
        }
        if let Some(best) = &mut best
            && missing.is_none()
        {
            // Where no row tells, missing values go with the greater part.
            let right = self.statistics.unpack(self.node.wrapping_sub(best.left));
            best.missing_left = self.statistics.unpack(best.left).second >= right.second;
        }
        best
    }
}

impl Counts<'_> {
    /// Refuses the cuts of [`Seeker::divide`] that leave a side too few rows.
    fn refuse(self, fits: &mut [f64], order: &[u8], missing_left: bool, cuts: usize) {
        let of = |bin: u8| self.of_bin[usize::from(bin)];
        let all: u32 = self.of_bin.iter().sum();
        // Rare levels are counted with the missing values.
        let missing = all - order.iter().map(|&bin| of(bin)).sum::<u32>();
        let mut left = if missing_left { missing } else { 0 };
        for (cut, fit) in fits.iter_mut().enumerate() {
            let rows = if cut == cuts {
                missing
            } else {
                left += of(order[cut]);
                left
            };
            if rows < self.least || all - rows < self.least {
                *fit = f64::NEG_INFINITY;
            }
        }
    }
}
