//! Rows walked in blocks, rows walked one by one, and rows walked step by step.

use super::*;
use crate::models::trees::batch::BatchWalker;
use crate::models::trees::bits::BitWalker;
use crate::models::trees::split::BinSet;
use crate::models::trees::tree::{Node, Schema, Tree};

/// Boosted trees of many leaves on three columns of numbers and one of levels.
fn forest(trees: usize, leaves: usize) -> TreeEnsemble {
    let (mut x, _) = large(3_000, 4);
    x.column_mut(3).mapv_inplace(|value| value % 40.0);
    x.column_mut(2).mapv_inplace(|value| (value % 11.0) - 5.0);
    let y: Vec<bool> =
        (0..3_000).map(|i: usize| i.wrapping_mul(0x9E37_79B9) >> 7 & 1 == 1).collect();
    let params = small().n_estimators(trees).num_leaves(leaves).min_child_samples(1);
    let model = params.fit_weighted(x.view(), &y, None, &[(3, 40)]).unwrap();
    assert_eq!(model.leaf_count(), trees * leaves);
    assert!(model.split_counts().iter().all(|&count| count > 0 || leaves < 10));
    model
}

/// Rows of thresholds, their neighbours, missing values, levels and what is none.
fn rows_at_thresholds(model: &TreeEnsemble, rows: usize) -> Array2<f64> {
    let columns = model.columns();
    let mut values = vec![vec![f64::NAN, -0.0, 0.0, f64::MIN, f64::MAX, 5e-324, 0.5]; columns];
    for node in model.trees.iter().flat_map(|tree| &tree.nodes) {
        if let Node::Number { column, threshold, .. } = *node {
            values[column as usize].extend([threshold, threshold.next_down(), threshold.next_up()]);
        }
    }
    for (column, levels) in &model.schema.categories {
        values[*column].extend(levels.iter().map(|&level| f64::from(level)));
        values[*column].extend([-1.0, 3.5, 1e10]);
    }
    for values in &mut values {
        values.retain(|value| !value.is_infinite());
    }
    Array2::from_shape_fn((rows, columns), |(i, j)| {
        let mixed = (i * 7 + j * 3 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 33;
        values[j][mixed % values[j].len()]
    })
}

fn assert_all_ways_agree(model: &TreeEnsemble, x: &Array2<f64>) {
    let by_steps: Vec<u64> =
        x.rows().into_iter().map(|row| log_odds_by_steps(model, &row.to_vec()).to_bits()).collect();
    for rows in [1, 63, 64, 65, 511, 512, 513, 1500] {
        let rows = rows.min(x.nrows());
        let part = rows_of(x, 0..rows);
        let batch = model.log_odds(part).unwrap();
        let batch: Vec<u64> = batch.iter().map(|value| value.to_bits()).collect();
        assert_eq!(batch, by_steps[..rows], "{rows} rows");
    }
    for (row, &expected) in x.rows().into_iter().zip(&by_steps) {
        assert_eq!(model.log_odds_row(&row.to_vec()).unwrap().to_bits(), expected);
    }
    let p = model.probabilities(x.view()).unwrap();
    assert_eq!(p[0], model.probability_row(&x.row(0).to_vec()).unwrap());
}

#[test]
fn trees_of_any_number_of_leaves_give_the_same_each_way() {
    for (leaves, is_batched) in [
        (2, true),
        (16, true),
        (17, true),
        (31, true),
        (32, true),
        (33, true),
        (65, true),
        (256, true),
        (257, false),
    ] {
        let model = forest(3, leaves);
        let walker = BatchWalker::new(&model.schema, &model.trees);
        assert_eq!(walker.is_some(), is_batched, "{leaves} leaves");
        assert_all_ways_agree(&model, &rows_at_thresholds(&model, 1500));
    }
}

#[test]
fn any_number_of_trees_gives_the_same_each_way() {
    for trees in [1, 7, 8, 9, 16, 17] {
        let model = forest(trees, 6);
        assert_all_ways_agree(&model, &rows_at_thresholds(&model, 1500));
        let only_numbers = {
            let (x, y) = large(500, 3);
            let params = small().n_estimators(trees).learning_rate(0.1).num_leaves(4);
            params.fit_weighted(x.view(), &y, None, &[]).unwrap()
        };
        assert_eq!(only_numbers.tree_count(), trees);
        assert_all_ways_agree(&only_numbers, &rows_at_thresholds(&only_numbers, 600));
    }
}

/// A balanced tree of `count` thresholds of column 0 from `first` on.
fn balanced(first: usize, count: usize) -> Tree {
    let mut nodes = vec![Node::Leaf { value: 0.0 }];
    let mut open = std::collections::VecDeque::from([(0, first, first + count)]);
    let mut cover = vec![0.0];
    while let Some((at, low, high)) = open.pop_front() {
        cover[at] = (high - low + 1) as f64;
        if low == high {
            nodes[at] = Node::Leaf { value: low as f64 * 0.37 - 20.0 };
            continue;
        }
        let middle = low.midpoint(high);
        let (left, threshold) = (nodes.len() as u32, middle as f64);
        nodes[at] = Node::Number { column: 0, missing_left: middle % 2 == 0, left, threshold };
        nodes.extend([Node::Leaf { value: 0.0 }, Node::Leaf { value: 0.0 }]);
        cover.extend([0.0; 2]);
        open.extend([(left as usize, low, middle), (left as usize + 1, middle + 1, high)]);
    }
    let gain = vec![0.0; nodes.len()];
    Tree { nodes, sets: Vec::<BinSet>::new(), cover, gain }
}

#[test]
fn a_column_asked_for_as_many_thresholds_as_there_are_bins() {
    // 254 thresholds make 255 bins; one more and rows are walked one by one.
    for (count, is_batched) in [(253, true), (254, true), (255, false), (300, false)] {
        let schema = Schema { columns: 1, categories: Vec::new() };
        let trees = vec![balanced(0, count / 2), balanced(count / 2, count - count / 2)];
        assert_eq!(BatchWalker::new(&schema, &trees).is_some(), is_batched, "{count}");
        let model = TreeEnsemble::new(schema, -0.25, trees);
        model.check().unwrap();
        assert_all_ways_agree(&model, &rows_at_thresholds(&model, 1500));
    }
}

#[test]
fn few_small_trees_are_scored_by_their_questions() {
    for (trees, thresholds, by_questions) in [(512, 15, true), (513, 15, false), (9, 16, false)] {
        let schema = Schema { columns: 1, categories: Vec::new() };
        let trees: Vec<Tree> = (0..trees).map(|tree| balanced(tree % 40, thresholds)).collect();
        assert_eq!(BitWalker::new(&trees).is_some(), by_questions);
        let model = TreeEnsemble::new(schema, -0.25, trees);
        model.check().unwrap();
        assert_all_ways_agree(&model, &rows_at_thresholds(&model, 600));
    }
}

#[test]
fn other_layouts_in_memory_give_the_same() {
    let model = forest(5, 20);
    let x = rows_at_thresholds(&model, 1500);
    let expected = model.log_odds(x.view()).unwrap();
    let by_column = x.t().as_standard_layout().into_owned().reversed_axes();
    assert!(by_column.as_slice().is_none());
    assert_eq!(model.log_odds(by_column.view()).unwrap(), expected);
    let twice = ndarray::concatenate![Axis(1), x, x];
    let every_third = ndarray::Slice::new(0, None, 3);
    let part = twice.slice_axis(Axis(1), (4..).into());
    let part = part.slice_axis(Axis(0), every_third);
    assert_eq!(model.log_odds(part).unwrap(), expected.slice_axis(Axis(0), every_third));
    assert_eq!(model.log_odds(rows_of(&x, 0..0)).unwrap().len(), 0);
}

proptest! {
    #[test]
    fn prop_every_way_gives_the_same(table in tables(), repeat in 1..30usize) {
        prop_assume!(table.is_mixed_by_weight());
        let model = table.boost_weighted(&small().num_leaves(9));
        let rows: Vec<usize> = (0..repeat * table.y.len()).map(|i| i % table.y.len()).collect();
        let x = table.select(&rows).x;
        let batch = model.log_odds(x.view()).unwrap();
        for (row, value) in x.rows().into_iter().zip(batch) {
            let row = row.to_vec();
            prop_assert_eq!(model.log_odds_row(&row).unwrap().to_bits(), value.to_bits());
            prop_assert_eq!(log_odds_by_steps(&model, &row).to_bits(), value.to_bits());
        }
    }
}
