//! Shapley values of the columns on the path to one leaf.
//!
//! A tree's value is the sum over its leaves of value · (1 if the row follows every column's step
//! of the path, else 0), and Shapley values add up over leaves. There are two games (Lundberg et
//! al. 2020, "From local explanations to global understanding with explainable AI for trees"):
//!
//! - path-dependent: an unknown column follows its step with the share of the fit's rows that did;
//! - interventional: an unknown column takes the value of a background row.

use std::sync::LazyLock;

use super::paths::Path;

/// Adds to `out`, one number per step of the path, what knowing its column adds to the leaf's part of
/// the tree's value, for a row that follows the steps of `followed`.
///
/// With o = 1 for a step that is followed, else 0, and z the share of a step, the Shapley value of step
/// i is value · (oᵢ − zᵢ) · ∫₀¹ Πⱼ﹦ᵢ (oⱼ t + zⱼ (1 − t)) dt, the product over all others (Owen 1972,
/// "Multilinear extensions of games"). Gauss-Legendre quadrature with half as many nodes as steps is
/// exact for it, and all its terms are positive, so that long paths lose no digits.
pub(crate) fn path_dependent(path: &Path, followed: u64, out: &mut [f64]) {
    out.fill(0.0);
    let known = |i: usize| (followed >> i & 1) as f64;
    for &(t, weight) in quadrature(path.steps.len()) {
        let factor = |i: usize| known(i) * t + path.steps[i].unknown * (1.0 - t);
        let product = (0..path.steps.len()).map(factor).product::<f64>() * weight * path.value;
        for (i, out) in out.iter_mut().enumerate() {
            *out += product / factor(i) * (known(i) - path.steps[i].unknown);
        }
    }
}

/// The same against a background of so many rows, given as the steps that they follow and how many do.
///
/// With the steps that only the row follows (a of them) and those that only the other row does (b),
/// each of the first has value · (a−1)! b! / (a+b)!, each of the second −value · a! (b−1)! / (a+b)!,
/// provided that every step is followed by one of the two.
pub(crate) fn interventional(
    path: &Path,
    followed: u64,
    background: &[(u64, u64)],
    rows: f64,
    out: &mut [f64],
) {
    out.fill(0.0);
    let all = path.all();
    for &(other, count) in background {
        if followed | other != all || followed == other {
            continue;
        }
        let (ours, theirs) = (followed & !other, other & !followed);
        let (a, b) = (ours.count_ones(), theirs.count_ones());
        // (a−1)! b! / (a+b)! = 1 / (a · C(a+b, a)).
        let ways = binomial(a + b, a);
        let part = count as f64 / rows * path.value / ways;
        for (i, out) in out.iter_mut().enumerate() {
            if ours >> i & 1 == 1 {
                *out += part / f64::from(a);
            } else if theirs >> i & 1 == 1 {
                *out -= part / f64::from(b);
            }
        }
    }
}

fn binomial(n: u32, k: u32) -> f64 {
    (1..=k).fold(1.0, |ways, i| ways * f64::from(n - k + i) / f64::from(i))
}

/// Nodes and weights on [0, 1] that are exact for the product of all steps but one.
fn quadrature(steps: usize) -> &'static [(f64, f64)] {
    static RULES: LazyLock<Vec<Vec<(f64, f64)>>> =
        LazyLock::new(|| (0..=super::tree::MAX_DEPTH.div_ceil(2)).map(gauss_legendre).collect());
    &RULES[steps.div_ceil(2).min(RULES.len() - 1)]
}

/// The Gauss-Legendre rule with `count` nodes on [0, 1], by Newton's method.
fn gauss_legendre(count: usize) -> Vec<(f64, f64)> {
    let n = count as f64;
    // The Legendre polynomial of degree `count` at x, and its derivative.
    let legendre = |x: f64| {
        let (mut before, mut value) = (0.0, 1.0);
        for k in 0..count {
            let k = k as f64;
            (before, value) = (value, ((2.0 * k + 1.0) * x * value - k * before) / (k + 1.0));
        }
        (value, n * (x * value - before) / (x * x - 1.0))
    };
    (0..count)
        .map(|i| {
            let mut x = (std::f64::consts::PI * (i as f64 + 0.75) / (n + 0.5)).cos();
            for _ in 0..8 {
                let (value, slope) = legendre(x);
                x -= value / slope;
            }
            let (_, slope) = legendre(x);
            ((1.0 - x) / 2.0, 1.0 / ((1.0 - x * x) * slope * slope))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::trees::paths::{answer, paths};
    use crate::models::trees::tree::{Node, Schema, Tree};

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
        // Figure 1 of Lundberg, Erion, Lee (2018): f = 80·Fever·Cough, and the same + 10·Cough.
        for (values, base, expected) in [
            ([0.0, 0.0, 0.0, 80.0], 20.0, [30.0, 30.0]),
            ([0.0, 10.0, 0.0, 90.0], 25.0, [30.0, 35.0]),
        ] {
            let tree = fever_and_cough(values);
            tree.check(&schema(2)).unwrap();
            approx::assert_relative_eq!(tree.mean(), base, max_relative = 1e-12);
            let mut answers = Vec::new();
            answer(&tree, &schema(2), &[1.0, 1.0], &mut answers);
            let (mut by_cover, mut by_rows) = ([0.0; 2], [0.0; 2]);
            for path in paths(&tree) {
                let followed = path.followed(&answers);
                let mut out = [0.0; 2];
                path_dependent(&path, followed, &mut out);
                path.steps.iter().zip(out).for_each(|(step, out)| by_cover[step.column] += out);
                // Four rows with every pair of answers are the same game.
                let background: Vec<(u64, u64)> = (0..4).map(|row| (row, 1)).collect();
                interventional(&path, followed, &background, 4.0, &mut out);
                path.steps.iter().zip(out).for_each(|(step, out)| by_rows[step.column] += out);
            }
            approx::assert_relative_eq!(by_cover[..], expected[..], max_relative = 1e-12);
            approx::assert_relative_eq!(by_rows[..], expected[..], max_relative = 1e-12);
        }
    }

    #[test]
    fn quadrature_is_exact_for_the_powers_it_promises() {
        for steps in 1..=super::super::tree::MAX_DEPTH {
            let rule = quadrature(steps);
            for power in 0..steps {
                let sum: f64 = rule.iter().map(|(t, w)| w * t.powi(power as i32)).sum();
                approx::assert_relative_eq!(sum, 1.0 / (power + 1) as f64, max_relative = 1e-13);
            }
        }
    }
}
