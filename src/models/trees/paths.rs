//! The paths from the root of a tree to its leaves, column by column.

use super::tree::{Node, Schema, Tree};

/// What a path asks of one column, all its questions about it together.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Step {
    pub(crate) column: usize,
    /// Share of the rows that goes this way at the column's questions.
    pub(crate) unknown: f64,
    /// The questions, by their place among the tree's questions, and whether the path goes left.
    pub(crate) questions: Vec<(usize, bool)>,
}

/// One leaf and the columns on the way to it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Path {
    pub(crate) value: f64,
    pub(crate) steps: Vec<Step>,
}

/// All paths of a tree, in the order of its leaves among the nodes.
pub(crate) fn paths(tree: &Tree) -> Vec<Path> {
    let mut above: Vec<Vec<Step>> = vec![Vec::new(); tree.nodes.len()];
    let mut paths = Vec::with_capacity(tree.nodes.len().div_ceil(2));
    let mut question = 0;
    for (at, node) in tree.nodes.iter().enumerate() {
        let (column, left) = match *node {
            Node::Leaf { value } => {
                paths.push(Path { value, steps: std::mem::take(&mut above[at]) });
                continue;
            }
            Node::Number { column, left, .. } | Node::Category { column, left, .. } => {
                (column as usize, left as usize)
            }
        };
        let steps = std::mem::take(&mut above[at]);
        for (child, goes_left) in [(left, true), (left + 1, false)] {
            let mut steps = steps.clone();
            let share = tree.cover[child] / tree.cover[at];
            match steps.iter_mut().find(|step| step.column == column) {
                Some(step) => {
                    step.unknown *= share;
                    step.questions.push((question, goes_left));
                }
                None => {
                    let questions = vec![(question, goes_left)];
                    steps.push(Step { column, unknown: share, questions });
                }
            }
            above[child] = steps;
        }
        question += 1;
    }
    paths
}

/// Sets `answers` to whether `row` goes left at each of the tree's questions.
pub(crate) fn answer(tree: &Tree, schema: &Schema, row: &[f64], answers: &mut Vec<bool>) {
    answers.clear();
    for at in 0..tree.nodes.len() {
        if let (Some(left), Some(next)) = (tree.left_child(at), tree.next(schema, at, row)) {
            answers.push(left == next);
        }
    }
}

impl Path {
    /// All of its steps.
    pub(crate) fn all(&self) -> u64 {
        u64::MAX.checked_shr(64 - self.steps.len() as u32).unwrap_or(0)
    }

    /// Which of the path's columns a row follows, the first column in the lowest bit.
    pub(crate) fn followed(&self, answers: &[bool]) -> u64 {
        let follows = |step: &Step| step.questions.iter().all(|&(q, left)| answers[q] == left);
        self.steps.iter().enumerate().map(|(i, step)| u64::from(follows(step)) << i).sum()
    }

    /// The same for row `row` of many, whose answers have all bits set where they go left.
    pub(crate) fn followed_in<const N: usize>(&self, answers: &[[u8; N]], row: usize) -> u64 {
        let follows =
            |step: &Step| step.questions.iter().all(|&(q, left)| (answers[q][row] != 0) == left);
        self.steps.iter().enumerate().map(|(i, step)| u64::from(follows(step)) << i).sum()
    }
}
