//! A tree as text for people.

use std::fmt::Write;

use super::tree::{Node, Schema, Tree};

/// What things are called.
pub(crate) struct Words<'a> {
    /// Names of the columns.
    pub(crate) columns: &'a [String],
    /// The name of a level of a column.
    pub(crate) level: &'a dyn Fn(usize, u32) -> String,
    /// A leaf's value in words.
    pub(crate) end: &'a dyn Fn(f64) -> String,
}

/// One line per node, children indented below their parent.
pub(crate) fn text(tree: &Tree, schema: &Schema, words: &Words<'_>) -> String {
    let mut out = String::new();
    let mut open = vec![(0, 0, "")];
    while let Some((at, depth, answer)) = open.pop() {
        let line = line(tree, schema, words, at);
        // Writing into a string cannot fail.
        let _ =
            writeln!(out, "{:depth$}{answer}{line} [{}]", "", tree.cover[at], depth = 2 * depth);
        if let Some(left) = tree.left_child(at) {
            open.push((left + 1, depth + 1, "no: "));
            open.push((left, depth + 1, "yes: "));
        }
    }
    out
}

/// The tree as a graph in the DOT language of Graphviz.
pub(crate) fn graphviz(tree: &Tree, schema: &Schema, words: &Words<'_>, title: &str) -> String {
    let mut out = format!("digraph {title} {{\n  node [shape=box, fontname=\"sans-serif\"];\n");
    for at in 0..tree.nodes.len() {
        let line = line(tree, schema, words, at).replace('\\', "\\\\").replace('"', "\\\"");
        let _ = writeln!(out, "  {at} [label=\"{line}\\nrows {}\"];", tree.cover[at]);
        if let Some(left) = tree.left_child(at) {
            let _ = writeln!(out, "  {at} -> {left} [label=\"yes\"];");
            let _ = writeln!(out, "  {at} -> {} [label=\"no\"];", left + 1);
        }
    }
    out + "}\n"
}

/// The question or the end that a node is.
fn line(tree: &Tree, schema: &Schema, words: &Words<'_>, at: usize) -> String {
    match &tree.nodes[at] {
        Node::Leaf { value } => (words.end)(*value),
        Node::Number { column, missing_left, threshold, .. } => {
            let name = &words.columns[*column as usize];
            let number = number(*threshold);
            match (*threshold == f64::MIN, missing_left) {
                (true, _) => format!("{name} missing?"),
                (false, true) => format!("{name} < {number} or missing?"),
                (false, false) => format!("{name} < {number}?"),
            }
        }
        Node::Category { column, category, set, .. } => {
            let column = *column as usize;
            let set = &tree.sets[*set as usize];
            let levels = schema.categories[*category as usize].1.iter().enumerate();
            let mut inside: Vec<String> = levels
                .filter(|(bin, _)| set.contains(*bin as u8))
                .map(|(_, level)| (words.level)(column, *level))
                .collect();
            if set.contains(super::binning::MISSING) {
                inside.push("missing".to_owned());
            }
            format!("{} one of {}?", words.columns[column], inside.join(", "))
        }
    }
}

/// A threshold in at most 6 digits, or up to the unit, very large and very small ones with an
/// exponent: to be read, not to be computed with.
fn number(threshold: f64) -> String {
    if threshold == 0.0 || (1e-4..1e15).contains(&threshold.abs()) {
        let digits_before = threshold.abs().max(1e-4).log10().floor() as i32 + 1;
        let text = format!("{threshold:.*}", (6 - digits_before).max(1) as usize);
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        format!("{threshold:e}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::trees::split::BinSet;

    #[test]
    fn thresholds_are_as_short_as_people_read_them() {
        for (threshold, text) in [
            (0.0, "0"),
            (-2.5, "-2.5"),
            (10.401_365_740_740_74, "10.4014"),
            (0.000_123_456_789, "0.000123457"),
            (81.764_999_999_999_99, "81.765"),
            (1_234_567.5, "1234567.5"),
            (100_000.0, "100000"),
            (1e-300, "1e-300"),
        ] {
            assert_eq!(number(threshold), text);
        }
    }

    #[test]
    fn every_kind_of_question_reads_well() {
        let mut set = BinSet::default();
        [0, 2, 255].iter().for_each(|&bin| set.insert(bin));
        let ask = |missing_left, left, threshold| Node::Number {
            column: 0,
            missing_left,
            left,
            threshold,
        };
        let tree = Tree {
            nodes: vec![
                ask(true, 1, 1e300),
                ask(true, 3, f64::MIN),
                Node::Category { column: 1, category: 0, set: 0, left: 5 },
                Node::Leaf { value: 1.0 },
                ask(false, 7, 2.5),
                Node::Leaf { value: 2.0 },
                Node::Leaf { value: 3.0 },
                Node::Leaf { value: 4.0 },
                Node::Leaf { value: 5.0 },
            ],
            sets: vec![set],
            cover: vec![8.0, 4.0, 4.0, 1.0, 3.0, 2.0, 2.0, 1.5, 1.5],
            gain: vec![0.0; 9],
        };
        let schema = Schema { columns: 2, categories: vec![(1, vec![4, 6, 9])] };
        tree.check(&schema).unwrap();
        let names = ["silence".to_owned(), "region".to_owned()];
        let expected = "\
silence < 1e300 or missing? [8]
  yes: silence missing? [4]
    yes: value 1 [1]
    no: silence < 2.5? [3]
      yes: value 4 [1.5]
      no: value 5 [1.5]
  no: region one of 4, 9, missing? [4]
    yes: value 2 [2]
    no: value 3 [2]
";
        let (level, end) = (|_, level: u32| level.to_string(), |value| format!("value {value}"));
        let words = Words { columns: &names, level: &level, end: &end };
        assert_eq!(text(&tree, &schema, &words), expected);

        let level = |column, level| format!("\"{column}\\{level}\"");
        let dot = graphviz(&tree, &schema, &Words { level: &level, ..words }, "t");
        assert!(dot.contains(r#"region one of \"1\\4\", \"1\\9\", missing?\nrows 4"#), "{dot}");
    }
}
