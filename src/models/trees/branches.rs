//! Leaves that are explained together: what a row adds to them follows from few answers.
//!
//! A branch is some neighbouring leaves of a tree with all questions on their paths. What matters of a
//! column is which of these leaves it lets a row come to; values that let it come to the same ones are
//! a class, and one class of every column a way through the branch. Numbers are in ascending order of
//! their classes' bounds, so that a way is a sum: "from this value on, add so much".

use std::ops::Range;

use super::batch::BatchWalker;
use super::binning::{MISSING, bin_of_value};
use super::paths::{Path, Step, paths};
use super::tree::{Node, Schema, Tree};

/// The most ways through a branch: what they add stays in a core's caches.
const MOST_WAYS: usize = 512;
/// The most ways through a branch of a single leaf; through a longer one rows are followed by themselves.
const MOST_WAYS_TO_A_LEAF: usize = 4_096;
/// The most cells of all branches, 128 MB, so that no file can make a reader ask for endless memory;
/// beyond them rows are followed by themselves.
const MOST_CELLS: usize = 1 << 24;
/// The most leaves of a branch, a bit for each.
const MOST_LEAVES: usize = 64;

/// From a value on, the number of the way changes by `change`, modulo 2¹⁶.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Bound {
    /// Infinity stands for missing values.
    pub(crate) from: f64,
    /// Place among the columns that trees ask.
    pub(crate) slot: u32,
    pub(crate) change: u16,
    /// The same value as it is coded in batches.
    pub(crate) from_code: u8,
}

/// A column of a branch: the leaves that each class lets a row come to, one bit for each.
#[derive(Debug, Clone, PartialEq)]
struct Classes {
    column: usize,
    leaves: Vec<u64>,
}

/// Some leaves of a tree.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Branch {
    pub(crate) tree: usize,
    /// Their places among the tree's paths.
    pub(crate) leaves: Vec<usize>,
    classes: Vec<Classes>,
    /// Number of ways; 0: too many.
    pub(crate) ways: usize,
    pub(crate) bounds: Range<usize>,
    pub(crate) columns: Range<usize>,
    /// Where its ways begin among those of all branches.
    pub(crate) first_way: usize,
    /// Where what its ways add begins among that of all branches.
    pub(crate) first_cell: usize,
}

/// The branches of all trees.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Branches {
    /// By tree.
    pub(crate) paths: Vec<Vec<Path>>,
    pub(crate) all: Vec<Branch>,
    pub(crate) bounds: Vec<Bound>,
    /// Of all branches, by place among the columns that trees ask.
    pub(crate) columns: Vec<usize>,
    /// Number of all ways.
    pub(crate) ways: usize,
    /// Number of all ways' cells, one for each column of a branch.
    pub(crate) cells: usize,
    /// The columns that trees ask, rising, and of categories the place among them.
    pub(crate) asked: Vec<(usize, Option<usize>)>,
}

impl Branches {
    pub(crate) fn new(schema: &Schema, trees: &[Tree], walker: Option<&BatchWalker>) -> Self {
        let mut asked: Vec<usize> =
            trees.iter().flat_map(|tree| tree.nodes.iter().filter_map(Node::column)).collect();
        asked.sort_unstable();
        asked.dedup();
        let asked = asked.into_iter().map(|column| (column, schema.category_of(column))).collect();
        let mut branches = Branches { asked, ..Branches::default() };
        for (t, tree) in trees.iter().enumerate() {
            let paths = paths(tree);
            let maker = Maker { schema, tree, paths: &paths, questions: tree.questions() };
            for leaves in maker.divided() {
                if branches.cells <= MOST_CELLS {
                    branches.push(t, &maker, leaves, walker);
                } else {
                    leaves
                        .into_iter()
                        .for_each(|leaf| branches.push(t, &maker, vec![leaf], walker));
                }
            }
            branches.paths.push(paths);
        }
        branches
    }

    /// Place of a column among those that trees ask.
    pub(crate) fn slot(&self, column: usize) -> usize {
        self.asked.partition_point(|(known, _)| *known < column)
    }

    fn push(
        &mut self,
        tree: usize,
        maker: &Maker<'_>,
        leaves: Vec<usize>,
        walker: Option<&BatchWalker>,
    ) {
        let found = maker.columns(&leaves);
        let (first_bound, first_column) = (self.bounds.len(), self.columns.len());
        let most = if leaves.len() == 1 { MOST_WAYS_TO_A_LEAF } else { MOST_WAYS };
        let is_full = self.cells > MOST_CELLS;
        let ways = maker.ways(&found).filter(|&ways| !is_full && ways <= most);
        let mut stride: u16 = 1;
        for found in &found {
            let slot = self.slot(found.column);
            self.columns.push(slot);
            if ways.is_some() {
                let mut before = 0;
                for &(from, class) in &found.classes_from {
                    let change = (class as u16).wrapping_sub(before).wrapping_mul(stride);
                    before = class as u16;
                    let from_code = walker.map_or(0, |walker| walker.code_from(slot, from));
                    self.bounds.push(Bound { from, slot: slot as u32, change, from_code });
                }
                stride = stride.wrapping_mul(found.leaves.len() as u16);
            }
        }
        let (bounds, columns) = (first_bound..self.bounds.len(), first_column..self.columns.len());
        let of = |found: Found| Classes { column: found.column, leaves: found.leaves };
        let classes = found.into_iter().map(of).collect();
        let (ways, first_way, first_cell) = (ways.unwrap_or(0), self.ways, self.cells);
        self.ways += ways;
        self.cells += ways * columns.len();
        self.all.push(Branch {
            tree,
            leaves,
            classes,
            ways,
            bounds,
            columns,
            first_way,
            first_cell,
        });
    }

    /// Sets `values` to what the bounds ask of a row: of numbers themselves, of categories their bins,
    /// and infinity where missing.
    pub(crate) fn read(&self, schema: &Schema, row: &[f64], values: &mut Vec<f64>) {
        values.clear();
        values.extend(self.asked.iter().map(|&(column, category)| {
            let value = match category {
                None => return if row[column].is_nan() { f64::INFINITY } else { row[column] },
                Some(category) => bin_of_value(&schema.categories[category].1, row[column]),
            };
            if value == MISSING { f64::INFINITY } else { f64::from(value) }
        }));
    }

    /// The way that a row, as it was read, goes through a branch.
    #[inline]
    pub(crate) fn way(&self, branch: &Branch, values: &[f64]) -> usize {
        let mut way: u16 = 0;
        for bound in &self.bounds[branch.bounds.clone()] {
            // No branch: half of them would be foretold wrongly.
            let over = u16::from(values[bound.slot as usize] >= bound.from).wrapping_neg();
            way = way.wrapping_add(bound.change & over);
        }
        usize::from(way)
    }
}

/// What the ways through a branch follow of the path to one of its leaves.
pub(crate) struct Follows {
    /// The different answers, the first step of the path in the lowest bit of each.
    pub(crate) different: Vec<u64>,
    /// By way its place among them.
    pub(crate) of_way: Vec<u16>,
}

impl Branch {
    /// What each way follows of the path to the leaf at a place of the branch.
    pub(crate) fn follows(&self, place: usize, path: &Path) -> Follows {
        let mut follows = Follows { different: vec![0], of_way: vec![0] };
        for classes in &self.classes {
            let step = path.steps.iter().position(|step| step.column == classes.column);
            // Classes differ in what they say of some leaf, perhaps not of this one.
            let bits: Vec<u64> = match step {
                Some(step) => {
                    classes.leaves.iter().map(|leaf| (leaf >> place & 1) << step).collect()
                }
                None => vec![0; classes.leaves.len()],
            };
            follows.and(&bits);
        }
        follows
    }
}

impl Follows {
    /// Every way so far with every class of a further column, which sets these bits.
    fn and(&mut self, bits: &[u64]) {
        let (count, before) = (self.different.len() as u16, self.of_way.len());
        let (low, high) = bits.iter().fold((u64::MAX, 0), |(a, b), &bit| (a.min(bit), b.max(bit)));
        if low < high {
            self.different.extend_from_within(..);
            self.different[usize::from(count)..].iter_mut().for_each(|follows| *follows |= high);
        } else {
            self.different.iter_mut().for_each(|follows| *follows |= low);
        }
        for &bit in &bits[1..] {
            let further = if bit > low { count } else { 0 };
            self.of_way.extend_from_within(..before);
            let last = self.of_way.len() - before;
            self.of_way[last..].iter_mut().for_each(|place| *place += further);
        }
        if bits[0] > low {
            self.of_way[..before].iter_mut().for_each(|place| *place += count);
        }
    }
}

/// A column of a branch in the making.
struct Found {
    column: usize,
    /// Of every class the leaves.
    leaves: Vec<u64>,
    /// From which values on which class holds; before them the first.
    classes_from: Vec<(f64, usize)>,
}

/// Divides a tree into branches.
struct Maker<'a> {
    schema: &'a Schema,
    tree: &'a Tree,
    paths: &'a [Path],
    /// The nodes that are questions.
    questions: Vec<usize>,
}

impl Maker<'_> {
    /// Neighbouring leaves, as many together as may be.
    fn divided(&self) -> Vec<Vec<usize>> {
        let mut branches: Vec<Vec<usize>> = Vec::new();
        for leaf in self.tree.leaves_from_left_to_right() {
            if let Some(last) = branches.last_mut() {
                last.push(leaf);
                let few = |ways: usize| ways <= MOST_WAYS;
                if last.len() <= MOST_LEAVES && self.ways(&self.columns(last)).is_some_and(few) {
                    continue;
                }
                last.pop();
            }
            branches.push(vec![leaf]);
        }
        branches
    }

    /// Number of ways; none: beyond numbers.
    fn ways(&self, columns: &[Found]) -> Option<usize> {
        columns.iter().try_fold(1_usize, |ways, column| ways.checked_mul(column.leaves.len()))
    }

    /// The columns on the paths to some leaves, rising.
    fn columns(&self, leaves: &[usize]) -> Vec<Found> {
        let steps = leaves.iter().flat_map(|&leaf| &self.paths[leaf].steps);
        let mut columns: Vec<usize> = steps.map(|step| step.column).collect();
        columns.sort_unstable();
        columns.dedup();
        columns.into_iter().map(|column| self.column(column, leaves)).collect()
    }

    fn column(&self, column: usize, leaves: &[usize]) -> Found {
        let of_leaf = |&leaf: &usize| {
            self.paths[leaf].steps.iter().find(|step: &&Step| step.column == column)
        };
        let steps: Vec<Option<&Step>> = leaves.iter().map(of_leaf).collect();
        let nodes = steps.iter().flatten().flat_map(|step| &step.questions);
        let mut froms: Vec<f64> = Vec::new();
        for &(question, _) in nodes {
            match self.tree.nodes[self.questions[question]] {
                Node::Number { threshold, .. } => froms.push(threshold),
                Node::Category { category, .. } => {
                    let levels = self.schema.categories[category as usize].1.len();
                    froms.extend((1..levels).map(|bin| bin as f64));
                }
                Node::Leaf { .. } => {}
            }
        }
        froms.sort_unstable_by(f64::total_cmp);
        froms.dedup();
        froms.push(f64::INFINITY);
        let mut found = Found { column, leaves: Vec::new(), classes_from: Vec::new() };
        let mut before = 0;
        let first = match self.schema.category_of(column) {
            Some(category) if self.schema.categories[category].1.is_empty() => f64::INFINITY,
            Some(_) => 0.0,
            None => f64::NEG_INFINITY,
        };
        for (place, value) in std::iter::once(first).chain(froms).enumerate() {
            let follows = |step: &Option<&Step>| {
                step.is_none_or(|step| {
                    step.questions.iter().all(|&(q, left)| self.is_left(q, value) == left)
                })
            };
            let bits = steps.iter().enumerate();
            let leaves = bits.map(|(bit, step)| u64::from(follows(step)) << bit).sum();
            let class = found.leaves.iter().position(|known| *known == leaves);
            let class = class.unwrap_or_else(|| {
                found.leaves.push(leaves);
                found.leaves.len() - 1
            });
            if place > 0 && class != before {
                found.classes_from.push((value, class));
            }
            before = class;
        }
        found
    }

    /// Whether a value, as [`Branches::read`] gives it, goes left at a question.
    fn is_left(&self, question: usize, value: f64) -> bool {
        match self.tree.nodes[self.questions[question]] {
            Node::Number { missing_left, threshold, .. } => {
                if value == f64::INFINITY {
                    missing_left
                } else {
                    value < threshold
                }
            }
            Node::Category { set, .. } => {
                let bin = if value == f64::INFINITY { MISSING } else { value as u8 };
                self.tree.sets[set as usize].contains(bin)
            }
            Node::Leaf { .. } => true,
        }
    }
}
