use approx::assert_relative_eq;
use linfa::Dataset;
use linfa::traits::{Fit, Predict};
use ndarray::{Array1, Array2, ArrayView2, Axis, ShapeBuilder, Slice, array};
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::lbfgs::WIDE;
use super::objective::evaluate;
use super::table::Table;
use super::*;

/// A table with real overlap of the classes; columns are not standardised.
fn random_table(seed: u64, rows: usize, columns: usize) -> (Array2<f64>, Vec<bool>) {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut uniform = || random.random::<f64>() * 2.0 - 1.0;
    let slope: Vec<f64> = (0..columns).map(|_| uniform()).collect();
    let x = Array2::from_shape_simple_fn((rows, columns), || 1.5 * uniform() + 0.3);
    let y = (x.rows().into_iter())
        .map(|row| row.iter().zip(&slope).map(|(x, w)| x * w).sum::<f64>() + 2.0 * uniform() > 0.2)
        .collect();
    (x, y)
}

fn unpenalised() -> Logistic {
    Logistic::scikit_learn().c(f64::INFINITY)
}

fn assert_close(got: &[f64], want: &[f64], tolerance: f64) {
    assert_eq!(got.len(), want.len());
    for (got, want) in got.iter().zip(want) {
        assert!((got - want).abs() <= tolerance * want.abs().max(1e-3), "{got} is not {want}");
    }
}

fn small_table() -> (Array2<f64>, Vec<bool>, Vec<f64>) {
    let x = array![
        [1.2, 30.0],
        [0.4, 12.0],
        [2.2, 45.0],
        [3.1, 5.0],
        [0.9, 60.0],
        [1.7, 22.0],
        [2.8, 33.0],
        [0.1, 48.0],
        [3.6, 15.0],
        [1.1, 9.0]
    ];
    let y = [0, 1, 1, 1, 1, 0, 0, 0, 1, 0].map(|y| y == 1).to_vec();
    (x, y, vec![1.0, 2.0, 0.5, 1.0, 3.0, 1.0, 0.25, 2.0, 1.0, 1.5])
}

/// scikit-learn 1.9.1, LogisticRegression(C=C, tol=1e-15, max_iter=10000,
/// solver="newton-cholesky").fit(x, y, sample_weight=w).
#[test]
fn penalised_weighted_fits_match_scikit_learn() {
    let (x, y, w) = small_table();
    for (c, coefficients, intercept) in [
        (0.1, [0.1562912878698208, 0.010957049904851138], -0.27311705898296723),
        (1.0, [0.5250159167598906, 0.018242639478672964], -0.9525176374912752),
        (50.0, [0.7360851557860464, 0.02210952887726613], -1.3212130875373123),
    ] {
        let fitted = Logistic::scikit_learn().c(c).fit_weighted(x.view(), &y, Some(&w)).unwrap();
        assert_close(fitted.coefficients(), &coefficients, 1e-9);
        assert_relative_eq!(fitted.intercept(), intercept, max_relative = 1e-9);
        assert!(fitted.converged());
    }
    let fitted = Logistic::scikit_learn().c(2.0).fit_intercept(false);
    let fitted = fitted.fit_weighted(x.view(), &y, Some(&w)).unwrap();
    assert_close(fitted.coefficients(), &[0.3112565815674029, 0.0016030310382096635], 1e-9);
    assert_eq!(fitted.intercept(), 0.0);
    assert_eq!(fitted.intercept_standard_error(), None);
}

/// statsmodels 0.15.0: Logit(y, x).fit(method="newton", tol=1e-14) and, with weights,
/// GLM(y, x, family=Binomial(), freq_weights=w).fit(tol=1e-15): params, bse, llf.
#[test]
fn unpenalised_fits_match_statsmodels() {
    let (x, y, w) = small_table();
    let check = |fitted: FittedLogistic, params: &[f64], errors: &[f64], likelihood: f64| {
        let intercept = fitted.intercept_standard_error().is_some();
        let got: Vec<f64> = (intercept.then_some(fitted.intercept()).into_iter())
            .chain(fitted.coefficients().iter().copied())
            .collect();
        assert_close(&got, params, 1e-9);
        let got: Vec<f64> = (fitted.intercept_standard_error().into_iter())
            .chain(fitted.standard_errors().iter().flatten().copied())
            .collect();
        // From the point before the last step, which is within `tol` of the optimum.
        assert_close(&got, errors, 3e-6);
        assert_relative_eq!(fitted.log_likelihood(), likelihood, max_relative = 1e-11);
    };
    check(
        unpenalised().fit_weighted(x.view(), &y, None).unwrap(),
        &[-1.337276345733414, 0.6142668192058359, 0.010342499055866086],
        &[1.9729755828766193, 0.6564128865080816, 0.04016646249639183],
        -6.451453831186909,
    );
    check(
        unpenalised().fit_weighted(x.view(), &y, Some(&w)).unwrap(),
        &[-1.332417860424182, 0.7426582462979254, 0.022225627115974648],
        &[1.5745059241991912, 0.6688459037039095, 0.0307846774926173],
        -8.307507297063735,
    );
    check(
        unpenalised().fit_intercept(false).fit_weighted(x.view(), &y, None).unwrap(),
        &[0.2739809660235336, -0.011177696961146162],
        &[0.41242637868323107, 0.024846022077962958],
        -6.696165470316011,
    );
}

/// The derivative as it is taught: differences of the plain sum, in the units of the caller.
#[test]
fn gradient_and_hessian_match_finite_differences() {
    let (x, y) = random_table(3, 500, 4);
    let weights: Vec<f64> = (0..500).map(|i| 0.5 + (i % 5) as f64).collect();
    let table = Table::new(x.view(), &y, Some(&weights), true, 0.3).unwrap();
    let total: f64 = weights.iter().sum();
    let plain = |u: &[f64]| {
        let mut sum = 0.0;
        for (j, column) in table.columns.iter().enumerate() {
            let w = u[j + 1] * column.factor;
            sum += 0.5 * w * w / 0.3;
        }
        for (i, row) in x.rows().into_iter().enumerate() {
            let mut z = u[0];
            for (j, column) in table.columns.iter().enumerate() {
                z += u[j + 1] * (row[j] - column.centre) * column.factor;
            }
            let p = 1.0 / (1.0 + (-z).exp());
            sum -= weights[i] * if y[i] { p.ln() } else { (1.0 - p).ln() };
        }
        sum / total
    };
    let u = [0.2, -0.4, 0.8, 0.1, -0.3];
    let here = evaluate(&table, &u, true, 1);
    assert_relative_eq!(here.value, plain(&u), max_relative = 1e-12);
    let h = 1e-5;
    for j in 0..u.len() {
        let (mut up, mut down) = (u, u);
        up[j] += h;
        down[j] -= h;
        let slope = (plain(&up) - plain(&down)) / (2.0 * h);
        assert_relative_eq!(here.gradient[j], slope, epsilon = 1e-9);
        let (up, down) = (evaluate(&table, &up, false, 1), evaluate(&table, &down, false, 1));
        for i in j..u.len() {
            let curve = (up.gradient[i] - down.gradient[i]) / (2.0 * h);
            assert_relative_eq!(here.hessian[i * u.len() + j], curve, epsilon = 1e-9);
        }
    }
}

#[test]
fn threads_and_memory_layout_do_not_change_a_bit() {
    let (x, y) = random_table(5, 13_001, 7);
    let weights: Vec<f64> = (0..x.nrows()).map(|i| 0.1 + (i % 7) as f64).collect();
    let fit = |threads: usize, x: ArrayView2<'_, f64>, weights: Option<&[f64]>| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let fitted = Logistic::scikit_learn().fit_weighted(x, &y, weights).unwrap();
            let probabilities = fitted.probabilities(x).unwrap();
            (fitted, probabilities)
        })
    };
    let mut columns_first = Array2::zeros(x.raw_dim().f());
    columns_first.assign(&x);
    let mut backwards = x.clone();
    backwards.invert_axis(Axis(1));
    let mut strided = Array2::zeros((x.nrows(), 14));
    let second = Slice::new(0, None, 2);
    strided.slice_axis_mut(Axis(1), second).assign(&x);
    for weights in [None, Some(&weights[..])] {
        let one = fit(1, x.view(), weights);
        assert_eq!(one, fit(2, x.view(), weights));
        assert_eq!(one, fit(4, x.view(), weights));
        assert_eq!(one, fit(2, columns_first.view(), weights));
        assert_eq!(one, fit(2, strided.slice_axis(Axis(1), second), weights));
        assert_eq!(fit(1, backwards.view(), weights), fit(2, backwards.to_owned().view(), weights));
        for (row, p) in x.rows().into_iter().zip(&one.1) {
            assert_eq!(one.0.probability_row(row.as_slice().unwrap()).unwrap(), *p);
        }
    }
}

/// Large tables start from a part of the rows, which here differ most from part to part.
#[test]
fn a_large_table_sorted_by_label_gives_the_same_fit() {
    let (x, y) = random_table(31, 10_000, 3);
    let mut order: Vec<usize> = (0..y.len()).collect();
    order.sort_by_key(|i| y[*i]);
    let labels: Vec<bool> = order.iter().map(|i| y[*i]).collect();
    for c in [1e-3, 1.0, f64::INFINITY] {
        let model = Logistic::scikit_learn().c(c);
        let a = model.fit_weighted(x.view(), &y, None).unwrap();
        let b = model.fit_weighted(x.select(Axis(0), &order).view(), &labels, None).unwrap();
        assert_close(a.coefficients(), b.coefficients(), 1e-9);
        assert_relative_eq!(a.log_likelihood(), b.log_likelihood(), max_relative = 1e-12);
        let strict = model.tol(1e-10).fit_weighted(x.view(), &y, None).unwrap();
        assert_close(a.coefficients(), strict.coefficients(), 1e-9);
    }
}

#[test]
fn scales_and_offsets_far_from_1_do_not_matter() {
    let (x, y) = random_table(7, 400, 3);
    let plain = unpenalised().fit_weighted(x.view(), &y, None).unwrap();
    for scale in [1e-300, 1e-200, 1e200, 1e300] {
        let mut far = x.clone();
        far.column_mut(1).mapv_inplace(|v| v * scale);
        let fitted = unpenalised().fit_weighted(far.view(), &y, None).unwrap();
        let want = plain.coefficients();
        assert_close(&[fitted.coefficients()[1] * scale], &[want[1]], 1e-9);
        assert_close(&[fitted.coefficients()[0]], &[want[0]], 1e-9);
        // Penalised, such a column counts for nothing or for its full worth, but never for NaN.
        let fitted = Logistic::scikit_learn().fit_weighted(far.view(), &y, None).unwrap();
        assert!(fitted.probabilities(far.view()).unwrap().iter().all(|p| p.is_finite()));
    }
    // Multiples of 2⁻²⁰ keep all their digits beside 10⁹.
    let x = x.mapv(|v| (v * 1_048_576.0).round() / 1_048_576.0);
    for c in [1.0, f64::INFINITY] {
        let model = Logistic::scikit_learn().c(c);
        let plain = model.fit_weighted(x.view(), &y, None).unwrap();
        let far = x.mapv(|v| v + 1e9);
        let fitted = model.fit_weighted(far.view(), &y, None).unwrap();
        assert_close(fitted.coefficients(), plain.coefficients(), 1e-9);
        let (a, b) = (plain.probabilities(x.view()), fitted.probabilities(far.view()));
        assert_relative_eq!(a.unwrap(), b.unwrap(), max_relative = 1e-9);
    }
}

#[test]
fn constant_columns_get_zero_and_no_standard_error() {
    let (x, y) = random_table(9, 200, 2);
    let plain = Logistic::scikit_learn().fit_weighted(x.view(), &y, None).unwrap();
    let mut wide = Array2::from_elem((200, 4), 0.1);
    wide.column_mut(1).assign(&x.column(0));
    wide.column_mut(3).assign(&x.column(1));
    for c in [1.0, f64::INFINITY] {
        let fitted = Logistic::scikit_learn().c(c).fit_weighted(wide.view(), &y, None).unwrap();
        assert_eq!([fitted.coefficients()[0], fitted.coefficients()[2]], [0.0; 2]);
        let missing: Vec<bool> = fitted.standard_errors().iter().map(Option::is_none).collect();
        assert_eq!(missing, [true, false, true, false]);
        if c == 1.0 {
            let kept = [fitted.coefficients()[1], fitted.coefficients()[3]];
            assert_eq!(kept, plain.coefficients());
        }
    }
    // Without an intercept a constant is a column like any other.
    let model = Logistic::scikit_learn().fit_intercept(false);
    let fitted = model.fit_weighted(wide.view(), &y, None).unwrap();
    assert!(fitted.coefficients()[0] != 0.0 && fitted.standard_errors()[0].is_some());
}

#[test]
fn columns_that_depend_on_earlier_ones_are_aliased_without_a_penalty() {
    let (x, y) = random_table(11, 300, 2);
    let plain = unpenalised().fit_weighted(x.view(), &y, None).unwrap();
    let sum = &x.column(0) * 3.0 - x.column(1) + 5.0;
    let wide = ndarray::stack![Axis(1), x.column(0), x.column(1), sum, x.column(0)];
    for solver in [Solver::NewtonCholesky, Solver::Lbfgs] {
        let fitted = unpenalised().solver(solver).fit_weighted(wide.view(), &y, None).unwrap();
        assert_eq!(fitted.aliased(), [2, 3]);
        assert_eq!(fitted.coefficients()[2..], [0.0, 0.0]);
        assert_eq!(fitted.standard_errors()[2..], [None, None]);
        assert_close(&fitted.coefficients()[..2], plain.coefficients(), 1e-4);
    }
    // A penalty shares the weight between equal columns, however weak it is.
    for c in [1.0, 1e6, 1e15] {
        let twice = ndarray::stack![Axis(1), x.column(0), x.column(0)];
        let fitted = Logistic::scikit_learn().c(c).fit_weighted(twice.view(), &y, None).unwrap();
        assert!(fitted.aliased().is_empty());
        assert_close(&fitted.coefficients()[..1], &fitted.coefficients()[1..], 1e-6);
    }
}

#[test]
fn separable_classes_need_a_finite_c() {
    let x = array![[0.0, 1.0], [1.0, 0.0], [2.0, 1.0], [3.0, 0.0], [4.0, 1.0], [5.0, 0.0]];
    let wholly = [false, false, false, true, true, true];
    // The last column is 1 only for positive rows; the others overlap.
    let (mut partly, labels) = random_table(13, 300, 3);
    for (value, label) in partly.column_mut(2).iter_mut().zip(&labels) {
        *value = f64::from(u8::from(*label && *value > 1.2));
    }
    for solver in [Solver::NewtonCholesky, Solver::Lbfgs] {
        for (x, y) in [(&x, &wholly[..]), (&partly, &labels[..])] {
            let error = unpenalised().solver(solver).fit_weighted(x.view(), y, None).unwrap_err();
            assert!(matches!(error, Error::NotConverged(_)), "{error}");
            assert!(error.to_string().contains("separates"), "{solver}: {error}");
        }
    }
    // One unknown: the Hessian vanishes without ever being singular beside its own diagonal.
    let (x1, y1) = (array![[-1.0], [1.0], [2.0]], [false, true, true]);
    let model = unpenalised().fit_intercept(false).max_iter(100);
    let error = model.fit_weighted(x1.view(), &y1, None).unwrap_err();
    assert!(error.to_string().contains("separates"), "{error}");
    for c in [1e-3, 1.0, 1e3, 1e6, 1e10, 1e14, 1e300] {
        for (x, y) in [(&x, &wholly[..]), (&partly, &labels[..])] {
            let fitted = Logistic::scikit_learn().c(c).max_iter(100);
            let fitted = fitted.fit_weighted(x.view(), y, None).unwrap();
            assert!(fitted.converged(), "{c}");
            assert!(
                fitted.probabilities(x.view()).unwrap().iter().all(|p| (0.0..=1.0).contains(p))
            );
        }
    }
}

#[test]
fn a_table_without_columns_gives_the_base_rate() {
    let x = Array2::zeros((4, 0));
    let fitted =
        Logistic::scikit_learn().fit_weighted(x.view(), &[true, false, false, false], None);
    let fitted = fitted.unwrap();
    assert_relative_eq!(fitted.probability_row(&[]).unwrap(), 0.25, max_relative = 1e-12);
    let model = Logistic::scikit_learn().fit_intercept(false);
    let fitted = model.fit_weighted(x.view(), &[true, false, false, false], None).unwrap();
    assert_eq!(fitted.probabilities(x.view()).unwrap().to_vec(), [0.5; 4]);
}

#[test]
fn bad_input_is_named() {
    let (x, y) = random_table(17, 20, 2);
    let fit =
        |weights: Option<&[f64]>| Logistic::scikit_learn().fit_weighted(x.view(), &y, weights);
    let parameter = |model: Logistic, name: &str| {
        let error = model.fit_weighted(x.view(), &y, None).unwrap_err();
        assert!(matches!(&error, Error::Argument { name: n, .. } if *n == name), "{error}");
    };
    for c in [0.0, -1.0, f64::NAN, f64::NEG_INFINITY] {
        parameter(Logistic::scikit_learn().c(c), "c");
    }
    for tol in [0.0, 1.0, f64::NAN] {
        parameter(Logistic::scikit_learn().tol(tol), "tol");
    }
    parameter(Logistic::scikit_learn().max_iter(0), "max_iter");

    let mut weights = vec![1.0; 20];
    assert!(matches!(fit(Some(&weights[1..])), Err(Error::Shape(_))));
    for bad in [-1.0, f64::NAN, f64::INFINITY] {
        weights[3] = bad;
        let error = fit(Some(&weights)).unwrap_err();
        assert!(matches!(error, Error::Argument { name: "weights", .. }));
        assert!(error.to_string().contains("row 3"), "{error}");
    }
    assert!(matches!(fit(Some(&[0.0; 20])), Err(Error::Argument { name: "weights", .. })));
    weights[3] = 2.0;
    let lbfgs = Logistic::scikit_learn().solver(Solver::Lbfgs);
    let error = lbfgs.fit_weighted(x.view(), &y, Some(&weights)).unwrap_err();
    assert!(matches!(error, Error::Argument { name: "solver", .. }));
    assert!(error.to_string().contains("newton-cholesky"));

    for bad in [f64::NAN, f64::INFINITY, -1e307] {
        let mut x = x.clone();
        x[[4, 1]] = bad;
        let error = Logistic::scikit_learn().fit_weighted(x.view(), &y, None).unwrap_err();
        assert!(matches!(error, Error::Shape(_)));
        assert!(error.to_string().contains("x[4, 1]"), "{error}");
        assert!(Logistic::scikit_learn().fit_weighted(x.t().view(), &y, None).is_err());
    }
    let short = Logistic::scikit_learn().fit_weighted(x.view(), &y[1..], None);
    assert!(matches!(short, Err(Error::Shape(_))));
    for labels in [[true; 20], [false; 20]] {
        let one = Logistic::scikit_learn().fit_weighted(x.view(), &labels, None);
        assert!(matches!(one, Err(Error::TooLittleData(_))));
    }
    // The only rows of a class have no weight.
    let only: Vec<f64> = y.iter().map(|y| f64::from(u8::from(*y))).collect();
    assert!(matches!(fit(Some(&only)), Err(Error::TooLittleData(_))));
    let none = Logistic::scikit_learn().fit_weighted(Array2::zeros((0, 2)).view(), &[], None);
    assert!(matches!(none, Err(Error::TooLittleData(_))));

    let fitted = fit(None).unwrap();
    assert!(matches!(fitted.log_odds_row(&[1.0]), Err(Error::Shape(_))));
    assert!(matches!(fitted.probabilities(Array2::zeros((3, 3)).view()), Err(Error::Shape(_))));
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert!(matches!(fitted.probability_row(&[1.0, bad]), Err(Error::Shape(_))));
        let error = fitted.probabilities(array![[0.0, 0.0], [bad, 0.0]].view()).unwrap_err();
        assert!(error.to_string().contains("row 1"), "{error}");
        let mut out = [0.0; 2];
        assert!(fitted.contributions_row(&[0.0, bad], fitted.means(), &mut out).is_err());
        assert!(fitted.contributions_row(&[0.0; 2], &[bad, 0.0], &mut out).is_err());
    }
    assert!(fitted.contributions_row(&[0.0; 2], &[0.0; 2], &mut [0.0]).is_err());
    assert!(fitted.with_names(vec!["a".into()]).is_err());
}

#[test]
fn a_solver_that_stops_too_early_says_so() {
    let (x, y) = random_table(19, 300, 4);
    for solver in [Solver::NewtonCholesky, Solver::Lbfgs] {
        let model = Logistic::scikit_learn().solver(solver).max_iter(1);
        let error = model.fit_weighted(x.view(), &y, None).unwrap_err();
        assert!(matches!(error, Error::NotConverged(_)), "{error}");
    }
    // Scales that L-BFGS can't take: linfa returns a result, which must not be passed on.
    let mut far = x.clone();
    far.column_mut(0).mapv_inplace(|v| v * 1e6);
    far.column_mut(1).mapv_inplace(|v| v * 1e-4);
    let error = Logistic::scikit_learn().solver(Solver::Lbfgs).max_iter(50);
    let error = error.fit_weighted(far.view(), &y, None).unwrap_err();
    assert!(error.to_string().contains("newton-cholesky"), "{error}");
    // An unreachable tolerance still gives the optimum, marked.
    let strict = Logistic::scikit_learn().tol(1e-300).max_iter(30);
    let strict = strict.fit_weighted(x.view(), &y, None).unwrap();
    assert!(!strict.converged());
    let usual = Logistic::scikit_learn().fit_weighted(x.view(), &y, None).unwrap();
    assert_close(strict.coefficients(), usual.coefficients(), 1e-10);
}

#[test]
fn auto_takes_lbfgs_for_wide_tables_that_it_can_fit() {
    let (x, y) = random_table(37, 30, WIDE + 1);
    let auto = Logistic::scikit_learn().c(1e-3);
    let fitted = auto.fit_weighted(x.view(), &y, None).unwrap();
    assert_eq!(fitted.solver(), Solver::Lbfgs);
    assert!(fitted.standard_errors().iter().all(Option::is_none));
    let mut weights = vec![2.0; 30];
    let equal = auto.fit_weighted(x.view(), &y, Some(&weights)).unwrap();
    assert_eq!(equal.solver(), Solver::Lbfgs);
    let newton = auto.clone().solver(Solver::NewtonCholesky);
    let newton = newton.fit_weighted(x.view(), &y, Some(&weights)).unwrap();
    for (a, b) in equal.coefficients().iter().zip(newton.coefficients()) {
        assert_relative_eq!(*a, *b, epsilon = 1e-5);
    }
    weights[0] = 1.0;
    let unequal = auto.fit_weighted(x.view(), &y, Some(&weights)).unwrap();
    assert_eq!(unequal.solver(), Solver::NewtonCholesky);
    let free = unpenalised().solver(Solver::Lbfgs).fit_weighted(x.view(), &y, None);
    assert!(matches!(free, Err(Error::Argument { name: "c", .. })));
}

#[test]
fn linfa_fits_and_predicts_with_its_weights_and_names() {
    let (x, y) = random_table(23, 200, 2);
    let weights: Vec<f64> = (0..200).map(|i| f64::from(i % 3)).collect();
    let dataset = Dataset::new(x.clone(), Array1::from(y.clone()))
        .with_weights(weights.iter().map(|w| *w as f32).collect())
        .with_feature_names(vec!["a", "b"]);
    let fitted = Logistic::scikit_learn().fit(&dataset).unwrap();
    let direct = Logistic::scikit_learn().fit_weighted(x.view(), &y, Some(&weights)).unwrap();
    assert_eq!(fitted.names(), ["a", "b"]);
    assert_eq!(fitted.coefficients(), direct.coefficients());
    let labels = fitted.predict(&x);
    for (label, p) in labels.iter().zip(fitted.probabilities(x.view()).unwrap()) {
        assert_eq!(*label, p >= 0.5);
    }
}

#[test]
fn summary_shows_what_was_fitted() {
    let (x, y, _) = small_table();
    let fitted = unpenalised().fit_weighted(x.view(), &y, None).unwrap();
    let fitted = fitted.with_names(vec!["silence".into(), "age".into()]).unwrap();
    let summary = fitted.summary();
    assert_eq!(summary.rows.len(), 3);
    assert_relative_eq!(summary.rows[1].odds_ratio, fitted.odds_ratios()[0]);
    let (low, high) = summary.rows[1].interval.unwrap();
    assert_relative_eq!(
        low,
        (0.6142668192058359 - 1.96 * 0.6564128865080816f64).exp(),
        max_relative = 1e-4
    );
    assert_relative_eq!(
        high,
        (0.6142668192058359 + 1.96 * 0.6564128865080816f64).exp(),
        max_relative = 1e-4
    );
    assert_eq!(
        summary.to_string(),
        "column       coefficient  std. error  odds ratio  95 % interval\n\
         (intercept)      -1.3373      1.9730      0.2626  0.0055 to 12.5495\n\
         silence           0.6143      0.6564      1.8483  0.5105 to 6.6913\n\
         age               0.0103      0.0402      1.0104  0.9339 to 1.0932\n\
         log-likelihood -6.4515"
    );
}

#[test]
fn json_gives_back_the_model_and_a_damaged_one_is_refused() {
    let (x, y) = random_table(29, 100, 2);
    let fitted = unpenalised().fit_weighted(x.view(), &y, None).unwrap();
    let text = serde_json::to_string(&fitted).unwrap();
    let again: FittedLogistic = serde_json::from_str(&text).unwrap();
    assert_eq!(again, fitted);
    let model = unpenalised().solver(Solver::Lbfgs);
    let text = serde_json::to_string(&model).unwrap();
    assert_eq!(serde_json::from_str::<Logistic>(&text).unwrap(), model);

    let value = serde_json::to_value(&fitted).unwrap();
    let damages = [
        ("coefficients", serde_json::json!([1.0])),
        ("coefficients", serde_json::json!([1.0, 2.0])),
        ("means", serde_json::json!([])),
        ("names", serde_json::json!(["a"])),
        ("standard_errors", serde_json::json!([1.0])),
        ("standard_errors", serde_json::json!([-1.0, 1.0])),
        ("base", serde_json::json!(7.5)),
        ("aliased", serde_json::json!([2])),
        ("aliased", serde_json::json!([0])),
        ("solver", serde_json::json!("auto")),
    ];
    for (field, damage) in damages {
        let mut value = value.clone();
        value[field] = damage;
        let error = serde_json::from_value::<FittedLogistic>(value).unwrap_err().to_string();
        assert!(error.starts_with("logistic regression: "), "{field}: {error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn newton_and_lbfgs_agree(seed in 0u64..1000, columns in 1usize..6, log_c in -3f64..3.0, free: bool) {
        let (x, y) = random_table(seed, 300, columns);
        prop_assume!(y.iter().any(|y| *y) && y.iter().any(|y| !*y));
        let model = Logistic::scikit_learn().c(10f64.powf(log_c)).fit_intercept(free);
        let newton = model.clone().solver(Solver::NewtonCholesky).fit_weighted(x.view(), &y, None).unwrap();
        let lbfgs = model.solver(Solver::Lbfgs).fit_weighted(x.view(), &y, None).unwrap();
        for (a, b) in newton.coefficients().iter().zip(lbfgs.coefficients()) {
            prop_assert!((a - b).abs() < 1e-4, "{} {}", a, b);
        }
        prop_assert!((newton.intercept() - lbfgs.intercept()).abs() < 1e-4);
        prop_assert!((newton.log_likelihood() - lbfgs.log_likelihood()).abs() < 1e-3);
    }

    #[test]
    fn weight_2_is_a_row_twice_and_weight_0_none(seed in 0u64..1000) {
        let (x, y) = random_table(seed, 120, 3);
        let times: Vec<usize> = (0..120).map(|i| i % 3).collect();
        let rows: Vec<usize> = (0..120).flat_map(|i| std::iter::repeat_n(i, times[i])).collect();
        let weights: Vec<f64> = times.iter().map(|t| *t as f64).collect();
        let (long, labels) = (x.select(Axis(0), &rows), rows.iter().map(|i| y[*i]).collect::<Vec<_>>());
        prop_assume!(labels.iter().any(|y| *y) && labels.iter().any(|y| !*y));
        let a = Logistic::scikit_learn().fit_weighted(x.view(), &y, Some(&weights)).unwrap();
        let b = Logistic::scikit_learn().fit_weighted(long.view(), &labels, None).unwrap();
        for (a, b) in a.coefficients().iter().zip(b.coefficients()) {
            prop_assert!((a - b).abs() < 1e-10);
        }
        prop_assert!((a.log_likelihood() - b.log_likelihood()).abs() < 1e-9);
    }

    #[test]
    fn scaling_a_column_scales_its_coefficient(seed in 0u64..1000, power in -8i32..8) {
        let (x, y) = random_table(seed, 200, 3);
        let scale = 10f64.powi(power);
        let mut scaled = x.clone();
        scaled.column_mut(0).mapv_inplace(|v| v * scale);
        let a = unpenalised().fit_weighted(x.view(), &y, None);
        prop_assume!(a.is_ok());
        let (a, b) = (a.unwrap(), unpenalised().fit_weighted(scaled.view(), &y, None).unwrap());
        let (want, got) = (a.coefficients()[0], b.coefficients()[0] * scale);
        prop_assert!((want - got).abs() <= 1e-9 * want.abs().max(1e-2), "{} {}", want, got);
    }

    #[test]
    fn row_order_is_irrelevant(seed in 0u64..1000) {
        let (x, y) = random_table(seed, 150, 3);
        prop_assume!(y.iter().any(|y| *y) && y.iter().any(|y| !*y));
        let order: Vec<usize> = (0..150).map(|i| (i * 67 + 11) % 150).collect();
        let labels: Vec<bool> = order.iter().map(|i| y[*i]).collect();
        let a = Logistic::scikit_learn().fit_weighted(x.view(), &y, None).unwrap();
        let b = Logistic::scikit_learn().fit_weighted(x.select(Axis(0), &order).view(), &labels, None).unwrap();
        for (a, b) in a.coefficients().iter().zip(b.coefficients()) {
            prop_assert!((a - b).abs() < 1e-9);
        }
    }

    #[test]
    fn swapping_classes_negates_everything(seed in 0u64..1000, lbfgs: bool) {
        let (x, y) = random_table(seed, 150, 3);
        prop_assume!(y.iter().any(|y| *y) && y.iter().any(|y| !*y));
        let swapped: Vec<bool> = y.iter().map(|y| !y).collect();
        let (solver, tolerance) =
            if lbfgs { (Solver::Lbfgs, 1e-4) } else { (Solver::NewtonCholesky, 1e-10) };
        let model = Logistic::scikit_learn().solver(solver);
        let a = model.fit_weighted(x.view(), &y, None).unwrap();
        let b = model.fit_weighted(x.view(), &swapped, None).unwrap();
        for (a, b) in a.coefficients().iter().zip(b.coefficients()) {
            prop_assert!((a + b).abs() < tolerance);
        }
        prop_assert!((a.intercept() + b.intercept()).abs() < tolerance);
    }

    #[test]
    fn contributions_and_base_sum_to_the_log_odds(seed in 0u64..1000, free: bool, other: bool) {
        let (x, y) = random_table(seed, 80, 4);
        prop_assume!(y.iter().any(|y| *y) && y.iter().any(|y| !*y));
        let fitted = Logistic::scikit_learn().fit_intercept(free).fit_weighted(x.view(), &y, None).unwrap();
        let row = x.row(3).to_vec();
        let means = if other { x.row(5).to_vec() } else { fitted.means().to_vec() };
        let mut parts = [0.0; 4];
        let base = fitted.contributions_row(&row, &means, &mut parts).unwrap();
        let log_odds = fitted.log_odds_row(&row).unwrap();
        prop_assert!((base + parts.iter().sum::<f64>() - log_odds).abs() < 1e-12);
        let plain = fitted.intercept() + row.iter().zip(fitted.coefficients()).map(|(x, w)| x * w).sum::<f64>();
        prop_assert!((plain - log_odds).abs() < 1e-12);
        prop_assert!(other || base == fitted.base());
    }
}
