//! The parts of boosting, timed by criterion: `cargo bench --bench tree_parts`.
//!
//! Binning and one tree, every further tree, prediction of many rows and of one, contributions of
//! many rows and of one. `compare_boosting.py` compares whole fits with other libraries.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ndarray::Array2;
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use winback::models::trees::{Boosting, TreeEnsemble};

const ROWS: usize = 50_000;
const COLUMNS: usize = 30;

fn table() -> (Array2<f64>, Vec<bool>) {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    let x = Array2::from_shape_fn((ROWS, COLUMNS), |_| rng.random::<f64>());
    let y =
        x.rows().into_iter().map(|row| row[0] * row[1] + row[2] > rng.random::<f64>()).collect();
    (x, y)
}

fn boosting(trees: usize) -> Boosting {
    Boosting::lightgbm().n_estimators(trees).min_split_gain(0.0)
}

fn fits(criterion: &mut Criterion) {
    let (x, y) = table();
    let mut group = criterion.benchmark_group("fit");
    group.sample_size(10).throughput(Throughput::Elements((ROWS * COLUMNS) as u64));
    for trees in [1, 11] {
        let fit = || boosting(trees).fit_weighted(x.view(), &y, None, &[]).unwrap();
        group.bench_function(format!("{trees} trees"), |bencher| bencher.iter(fit));
    }
}

fn predictions(criterion: &mut Criterion) {
    let (x, y) = table();
    let model: TreeEnsemble = boosting(100).fit_weighted(x.view(), &y, None, &[]).unwrap();
    let mut rows = x.rows().into_iter().cycle();
    let mut next = || rows.next().unwrap().to_slice().unwrap();
    criterion.bench_function("predict one row", |bencher| {
        bencher.iter(|| model.probability_row(black_box(next())).unwrap());
    });
    let mut out = vec![0.0; COLUMNS];
    criterion.bench_function("contributions of one row", |bencher| {
        bencher.iter(|| model.contributions_row(black_box(next()), &mut out).unwrap());
    });
    let mut group = criterion.benchmark_group("many rows");
    group.sample_size(10).throughput(Throughput::Elements(ROWS as u64));
    group.bench_function("predict", |bencher| {
        bencher.iter(|| model.probabilities(x.view()).unwrap())
    });
    group.bench_function("contributions", |bencher| {
        bencher.iter(|| model.contributions(x.view()).unwrap());
    });
}

criterion_group!(parts, fits, predictions);
criterion_main!(parts);
