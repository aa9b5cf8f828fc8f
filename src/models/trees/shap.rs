//! Path-dependent TreeSHAP: how much each column moved a prediction away from the mean.
//!
//! Algorithm 2 of Lundberg, Erion, Lee: "Consistent Individualized Feature Attribution for Tree
//! Ensembles" (2018, arXiv:1802.03888). A column that is not known is averaged over by the covers of
//! the nodes; the result is the Shapley value of each column in that game, exactly, in
//! O(leaves x depth²).

use super::tree::{Node, Schema, Tree};

/// One column on the path from the root, with what is needed to take it off again.
#[derive(Debug, Clone, Copy)]
struct Step {
    column: usize,
    /// Share of the cover that flows through when the column is not known.
    unknown: f64,
    /// 1 if the row itself takes this way, else 0.
    known: f64,
    /// Weighted number of subsets of the path's columns of the size of this step's place.
    weight: f64,
}

/// Adds every column's contribution to the tree's value at `row` to `out`.
pub(crate) fn add_contributions(tree: &Tree, schema: &Schema, row: &[f64], out: &mut [f64]) {
    let mut walk = Walk { tree, schema, row, out, steps: Vec::new() };
    // The first step stands for no column; its place in `out` is never used.
    walk.visit(0, 0, Step { column: usize::MAX, unknown: 1.0, known: 1.0, weight: 1.0 });
}

struct Walk<'a> {
    tree: &'a Tree,
    schema: &'a Schema,
    row: &'a [f64],
    out: &'a mut [f64],
    /// The paths of the nodes above, one behind the other; the last is the present one.
    steps: Vec<Step>,
}

impl Walk<'_> {
    /// Visits node `at`, whose path is `steps[start..]` and then `step`. At most as deep as the tree.
    fn visit(&mut self, at: usize, start: usize, step: Step) {
        extend(&mut self.steps, start, step);
        let (column, left) = match self.tree.nodes[at] {
            Node::Leaf { value } => {
                let path = &self.steps[start..];
                for (i, step) in path.iter().enumerate().skip(1) {
                    self.out[step.column] +=
                        weight_without(path, i) * (step.known - step.unknown) * value;
                }
                return;
            }
            Node::Number { column, left, .. } | Node::Category { column, left, .. } => {
                (column as usize, left as usize)
            }
        };
        // A column counts once on a path: an earlier step of it is taken off and merged.
        let (mut unknown, mut known) = (1.0, 1.0);
        if let Some(i) = self.steps[start..].iter().position(|step| step.column == column) {
            (unknown, known) = (self.steps[start + i].unknown, self.steps[start + i].known);
            remove(&mut self.steps, start, i);
        }
        let taken = self.tree.next(self.schema, at, self.row);
        let end = self.steps.len();
        for child in [left, left + 1] {
            let share = self.tree.cover[child] / self.tree.cover[at];
            let known = if taken == Some(child) { known } else { 0.0 };
            self.steps.extend_from_within(start..end);
            self.visit(child, end, Step { column, unknown: unknown * share, known, weight: 0.0 });
            self.steps.truncate(end);
        }
    }
}

/// Appends a step to the path `steps[start..]`.
fn extend(steps: &mut Vec<Step>, start: usize, step: Step) {
    steps.push(step);
    let path = &mut steps[start..];
    let last = path.len() - 1;
    let size = path.len() as f64;
    for i in (0..last).rev() {
        let weight = path[i].weight;
        path[i + 1].weight += step.known * weight * (i + 1) as f64 / size;
        path[i].weight = step.unknown * weight * (last - i) as f64 / size;
    }
}

/// Takes step `i` off the path `steps[start..]`: the inverse of [`extend`].
fn remove(steps: &mut Vec<Step>, start: usize, i: usize) {
    let path = &mut steps[start..];
    let last = path.len() - 1;
    let size = path.len() as f64;
    let Step { unknown, known, .. } = path[i];
    let mut carried = path[last].weight;
    for j in (0..last).rev() {
        if known != 0.0 {
            let weight = path[j].weight;
            path[j].weight = carried * size / ((j + 1) as f64 * known);
            carried = weight - path[j].weight * unknown * (last - j) as f64 / size;
        } else {
            path[j].weight = path[j].weight * size / (unknown * (last - j) as f64);
        }
    }
    for j in i..last {
        path[j] = Step { weight: path[j].weight, ..path[j + 1] };
    }
    steps.pop();
}

/// Sum of the weights that `path` would have without step `i`.
fn weight_without(path: &[Step], i: usize) -> f64 {
    let last = path.len() - 1;
    let size = path.len() as f64;
    let Step { unknown, known, .. } = path[i];
    let mut carried = path[last].weight;
    let mut total = 0.0;
    for j in (0..last).rev() {
        if known != 0.0 {
            let weight = carried * size / ((j + 1) as f64 * known);
            total += weight;
            carried = path[j].weight - weight * unknown * (last - j) as f64 / size;
        } else {
            total += path[j].weight * size / (unknown * (last - j) as f64);
        }
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema(columns: usize) -> Schema {
        Schema { columns, categories: Vec::new() }
    }

    /// A tree of two yes/no columns, asked one after the other, each value equally frequent;
    /// `values` are those of (0,0), (0,1), (1,0), (1,1).
    fn fever_and_cough(values: [f64; 4]) -> Tree {
        let ask = |column, left| Node::Number { column, missing_left: true, left, threshold: 0.5 };
        let [a, b, c, d] = values.map(|value| Node::Leaf { value });
        Tree {
            nodes: vec![ask(0, 1), ask(1, 3), ask(1, 5), a, b, c, d],
            sets: Vec::new(),
            cover: vec![4.0, 2.0, 2.0, 1.0, 1.0, 1.0, 1.0],
            gain: vec![0.0; 7],
        }
    }

    #[test]
    fn the_two_trees_of_the_paper() {
        // Figure 1 of the paper: f = 80·Fever·Cough, and the same + 10·Cough.
        for (values, base, expected) in [
            ([0.0, 0.0, 0.0, 80.0], 20.0, [30.0, 30.0]),
            ([0.0, 10.0, 0.0, 90.0], 25.0, [30.0, 35.0]),
        ] {
            let tree = fever_and_cough(values);
            tree.check(&schema(2)).unwrap();
            let mut out = [0.0; 2];
            add_contributions(&tree, &schema(2), &[1.0, 1.0], &mut out);
            approx::assert_relative_eq!(tree.mean(), base, max_relative = 1e-12);
            approx::assert_relative_eq!(out[..], expected[..], max_relative = 1e-12);
        }
    }
}
