//! The best question of one column at one node.

use super::binning::{Bins, Column, MISSING};
use super::histogram::{Cells, Statistics, Sums};

/// What a good split is. Boosting and single trees differ here alone.
pub(crate) trait Criterion: Sync {
    /// How well one value fits the rows of a node; the gain of a split is what its two sides fit
    /// better than the node.
    fn fit(&self, node: Sums) -> f64;
    /// Whether a node may have these rows.
    fn admits(&self, node: Sums) -> bool;
    /// Whether two sides could come of these rows.
    fn divisible(&self, node: Sums) -> bool;
    /// Where a level of a category stands among the levels of the node.
    fn level_key(&self, level: Sums, node: Sums) -> f64;
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
}

/// The better of two splits; of equally good ones the first.
pub(crate) fn better(a: Option<Split>, b: Option<Split>) -> Option<Split> {
    match (a, b) {
        (Some(a), Some(b)) => Some(if b.gain > a.gain { b } else { a }),
        (a, b) => a.or(b),
    }
}

/// A node for which splits are sought.
#[derive(Debug)]
pub(crate) struct Seeker<'a, C> {
    pub(crate) criterion: &'a C,
    pub(crate) statistics: &'a Statistics,
    /// Packed sums of the node.
    pub(crate) node: u64,
    /// The gain a split must exceed.
    pub(crate) min_gain: f64,
}

/// The best way found so far to divide an order of bins in two.
struct Best {
    gain: f64,
    /// Bins of the order that go left.
    taken: usize,
    missing_left: bool,
    left: u64,
}

impl<C: Criterion> Seeker<'_, C> {
    /// The best split of a column whose histogram is `cells`.
    pub(crate) fn best_of(&self, place: usize, column: &Column, cells: &Cells) -> Option<Split> {
        let filled = (0..column.bins.count() as u8).filter(|&bin| cells[usize::from(bin)] != 0);
        match &column.bins {
            Bins::Number(edges) => {
                let filled: Vec<u8> = filled.collect();
                let best = self.best_of_order(&filled, cells)?;
                let mut left_bins = BinSet::default();
                let threshold = if best.taken == 0 {
                    // Only missing values go left: no number is below.
                    f64::MIN
                } else {
                    // Of the edges between the two sides, the middle one.
                    let last = usize::from(filled[best.taken - 1]);
                    let next = filled.get(best.taken).map_or(last + 1, |&bin| usize::from(bin));
                    let edge = (last + next - 1) / 2;
                    (0..=edge as u8).for_each(|bin| left_bins.insert(bin));
                    edges[edge]
                };
                Some(self.split(place, best, Question::Below(threshold), left_bins))
            }
            Bins::Category(_) => {
                let node = self.statistics.unpack(self.node);
                let key = |bin: u8| {
                    let level = self.statistics.unpack(cells[usize::from(bin)]);
                    (self.criterion.level_key(level, node), bin)
                };
                let mut keyed: Vec<(f64, u8)> = filled.map(key).collect();
                keyed.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
                let order: Vec<u8> = keyed.into_iter().map(|(_, bin)| bin).collect();
                let best = self.best_of_order(&order, cells)?;
                let mut left_bins = BinSet::default();
                order[..best.taken].iter().for_each(|&bin| left_bins.insert(bin));
                if best.missing_left {
                    // Levels the node has no row of go where missing values go.
                    let absent = (0..MISSING).filter(|&bin| cells[usize::from(bin)] == 0);
                    absent.for_each(|bin| left_bins.insert(bin));
                }
                Some(self.split(place, best, Question::Level, left_bins))
            }
        }
    }

    fn split(&self, column: usize, best: Best, question: Question, mut left_bins: BinSet) -> Split {
        if best.missing_left {
            left_bins.insert(MISSING);
        }
        Split { gain: best.gain, column, question, left_bins, left: best.left }
    }

    /// Tries every prefix of `order` as the left side, missing values on either.
    fn best_of_order(&self, order: &[u8], cells: &Cells) -> Option<Best> {
        let missing = cells[usize::from(MISSING)];
        let node_fit = self.criterion.fit(self.statistics.unpack(self.node));
        let mut best: Option<Best> = None;
        let mut consider = |left: u64, taken: usize, missing_left: Option<bool>| {
            let left_sums = self.statistics.unpack(left);
            let right_sums = self.statistics.unpack(self.node.wrapping_sub(left));
            if !self.criterion.admits(left_sums) || !self.criterion.admits(right_sums) {
                return;
            }
            let sides = self.criterion.fit(left_sums) + self.criterion.fit(right_sums);
            let gain = sides - node_fit;
            if gain > best.as_ref().map_or(self.min_gain, |best| best.gain) {
                // Where no row tells, missing values go with the greater part.
                let missing_left = missing_left.unwrap_or(left_sums.second >= right_sums.second);
                best = Some(Best { gain, taken, missing_left, left });
            }
        };
        let mut left = 0u64;
        for (i, &bin) in order.iter().enumerate().take(order.len().saturating_sub(1)) {
            left = left.wrapping_add(cells[usize::from(bin)]);
            if missing == 0 {
                consider(left, i + 1, None);
            } else {
                consider(left, i + 1, Some(false));
                consider(left.wrapping_add(missing), i + 1, Some(true));
            }
        }
        if missing != 0 && !order.is_empty() {
            consider(missing, 0, Some(true));
        }
        best
    }
}
