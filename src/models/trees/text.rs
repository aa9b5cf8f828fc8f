//! A tree as text for people.

use std::fmt::Write;

use super::tree::{Node, Schema, Tree};

/// One line per node, children indented below their parent; `end` puts a leaf's value into words.
pub(crate) fn text(
    tree: &Tree,
    schema: &Schema,
    names: &[String],
    end: impl Fn(f64) -> String,
) -> String {
    let mut out = String::new();
    let mut open = vec![(0, 0, "")];
    while let Some((at, depth, answer)) = open.pop() {
        let (line, left) = match &tree.nodes[at] {
            Node::Leaf { value } => (end(*value), None),
            Node::Number { column, missing_left, left, threshold } => {
                let name = &names[*column as usize];
                let line = match (*threshold == f64::MIN, missing_left) {
                    (true, _) => format!("{name} missing?"),
                    (false, true) => format!("{name} < {threshold} or missing?"),
                    (false, false) => format!("{name} < {threshold}?"),
                };
                (line, Some(*left as usize))
            }
            Node::Category { column, category, set, left } => {
                let set = &tree.sets[*set as usize];
                let levels = schema.categories[*category as usize].1.iter().enumerate();
                let mut inside: Vec<String> = levels
                    .filter(|(bin, _)| set.contains(*bin as u8))
                    .map(|(_, level)| level.to_string())
                    .collect();
                if set.contains(super::binning::MISSING) {
                    inside.push("missing".to_owned());
                }
                let name = &names[*column as usize];
                (format!("{name} one of {}?", inside.join(", ")), Some(*left as usize))
            }
        };
        // Writing into a string cannot fail.
        let _ =
            writeln!(out, "{:depth$}{answer}{line} [{}]", "", tree.cover[at], depth = 2 * depth);
        if let Some(left) = left {
            open.push((left + 1, depth + 1, "no: "));
            open.push((left, depth + 1, "yes: "));
        }
    }
    out
}
