//! The maps that best fit outcomes.

use ndarray::Array2;

use super::calibrate::{CalibrationMethod, Calibrator, Map};
use super::logistic::Logistic;
use super::odds::{clipped, logit};
use super::rows::check_weights;
use crate::error::{Error, Result};
use crate::stats::shortest_between;

impl CalibrationMethod {
    /// The map that best fits these outcomes `y`, given the probabilities `p` that a model gave to
    /// rows it was not trained on.
    ///
    /// Before logarithms are taken, probabilities are clipped to [ε, 1 − ε], ε = [`f64::EPSILON`].
    /// `weights`: one per row, finite, not negative; none: 1 each.
    ///
    /// # Errors
    /// [`Error::Shape`], [`Error::Argument`] as the measures of [`crate::metrics`];
    /// [`Error::TooLittleData`] when all rows have one outcome, or when the probabilities are
    /// equal, run against the outcomes, or (for beta) separate them completely, so that no
    /// increasing map is best.
    pub fn fit(self, y: &[bool], p: &[f64], weights: Option<&[f64]>) -> Result<Calibrator> {
        check_probabilities(y, p)?;
        check_weights(weights, y.len())?;
        let weight = |row: usize| weights.map_or(1.0, |weights| weights[row]);
        let total = |outcome: bool| -> f64 {
            (0..y.len()).filter(|&row| y[row] == outcome).map(weight).sum()
        };
        if total(true) == 0.0 || total(false) == 0.0 {
            return Err(self.refused("all rows have one outcome"));
        }
        Ok(Calibrator(match self {
            CalibrationMethod::Platt => {
                let scores: Vec<f64> = p.iter().map(|&p| logit(p)).collect();
                let (a, b) = platt(y, &scores, weights)?;
                if a <= 0.0 {
                    return Err(self.refused("the probabilities run against the outcomes"));
                }
                Map::Platt { a, b }
            }
            CalibrationMethod::Isotonic => isotonic(y, p, weight),
            CalibrationMethod::Beta => self.beta(y, p, weights)?,
        }))
    }

    fn refused(self, why: &str) -> Error {
        Error::TooLittleData(format!("no {self} calibration exists: {why}"))
    }

    /// Both terms, or that one which increases where the other would not.
    fn beta(self, y: &[bool], p: &[f64], weights: Option<&[f64]>) -> Result<Map> {
        let term = |row: usize, of: usize| {
            let p = clipped(p[row]);
            if of == 0 { p.ln() } else { -(-p).ln_1p() }
        };
        let fit = |terms: &[usize]| -> Result<(Vec<f64>, f64)> {
            let x = Array2::from_shape_fn((y.len(), terms.len()), |(row, i)| term(row, terms[i]));
            let fitted =
                unpenalised().fit_weighted(x.view(), y, weights).map_err(|error| match error {
                    Error::NotConverged(_) => self.refused("the outcomes are parted completely"),
                    error => error,
                })?;
            Ok((fitted.coefficients().to_vec(), fitted.intercept()))
        };
        let (both, c) = fit(&[0, 1])?;
        let (a, b, c) = match (both[0] >= 0.0, both[1] >= 0.0) {
            (true, true) => (both[0], both[1], c),
            (true, false) => fit(&[0]).map(|(one, c)| (one[0], 0.0, c))?,
            (false, _) => fit(&[1]).map(|(one, c)| (0.0, one[0], c))?,
        };
        if a < 0.0 || b < 0.0 || a + b == 0.0 {
            return Err(self.refused("the probabilities run against the outcomes"));
        }
        Ok(Map::Beta { a, b, c })
    }
}

fn check_probabilities(y: &[bool], p: &[f64]) -> Result<()> {
    if y.len() != p.len() {
        let (n, m) = (y.len(), p.len());
        return Err(Error::Shape(format!("y has {n} values, p has {m}; both need one per row")));
    }
    match p.iter().position(|p| !(0.0..=1.0).contains(p)) {
        Some(i) => {
            let value = format!("{} at index {i}", p[i]);
            Err(Error::argument("p", value, "probabilities from 0 to 1"))
        }
        None => Ok(()),
    }
}

/// a and b of logit P(y) = a·score + b, fitted to Platt's targets.
fn platt(y: &[bool], scores: &[f64], weights: Option<&[f64]>) -> Result<(f64, f64)> {
    let weight = |row: usize| weights.map_or(1.0, |weights| weights[row]);
    let total =
        |outcome: bool| -> f64 { (0..y.len()).filter(|&row| y[row] == outcome).map(weight).sum() };
    let (yes, no) = ((total(true) + 1.0) / (total(true) + 2.0), 1.0 / (total(false) + 2.0));
    // Every row stands twice, as a yes and as a no, with its target as the weight.
    let x = Array2::from_shape_fn((2 * y.len(), 1), |(row, _)| scores[row / 2]);
    let both: Vec<bool> = (0..2 * y.len()).map(|row| row % 2 == 0).collect();
    let target = |row: usize| if y[row] { yes } else { no };
    let parts: Vec<f64> = (0..2 * y.len())
        .map(|row| {
            let target = target(row / 2);
            weight(row / 2) * if row % 2 == 0 { target } else { 1.0 - target }
        })
        .collect();
    let fitted = unpenalised().fit_weighted(x.view(), &both, Some(&parts))?;
    Ok((fitted.coefficients()[0], fitted.intercept()))
}

/// Pool adjacent violators over rows of equal probability.
fn isotonic(y: &[bool], p: &[f64], weight: impl Fn(usize) -> f64) -> Map {
    /// Neighbouring probabilities that share a rate.
    struct Block {
        low: f64,
        high: f64,
        size: f64,
        positive: f64,
    }
    impl Block {
        fn rate(&self) -> f64 {
            self.positive / self.size
        }
    }
    let mut order: Vec<usize> = (0..y.len()).filter(|&row| weight(row) > 0.0).collect();
    order.sort_unstable_by(|&a, &b| p[a].total_cmp(&p[b]));
    let mut blocks: Vec<Block> = Vec::new();
    for tied in order.chunk_by(|&a, &b| p[a] == p[b]) {
        let at = p[tied[0]];
        let size = tied.iter().map(|&row| weight(row)).sum();
        let positive = tied.iter().filter(|&&row| y[row]).map(|&row| weight(row)).sum();
        let mut block = Block { low: at, high: at, size, positive };
        while let Some(last) = blocks.pop_if(|last| last.rate() >= block.rate()) {
            block.low = last.low;
            block.size += last.size;
            block.positive += last.positive;
        }
        blocks.push(block);
    }
    let (mut points, mut rates) = (Vec::new(), Vec::new());
    for block in &blocks {
        let rate = block.rate().clamp(0.0, 1.0);
        points.push(block.low);
        rates.push(rate);
        if block.high > block.low {
            points.push(block.high);
            rates.push(rate);
        }
    }
    Map::Isotonic { p: points, q: rates }
}

impl Calibrator {
    /// With points of few digits, none of which is a row's own probability; it stays increasing.
    pub(crate) fn rounded(mut self) -> Self {
        if let Map::Isotonic { p, .. } = &mut self.0 {
            let own = p.clone();
            let half = |i: usize, j: usize| f64::midpoint(own[i], own[j]);
            for (i, point) in p.iter_mut().enumerate() {
                let low = if i == 0 { *point / 2.0 } else { half(i - 1, i) };
                let high = if i + 1 == own.len() { point.midpoint(1.0) } else { half(i, i + 1) };
                *point = shortest_between(low, *point, high);
            }
        }
        self
    }
}

fn unpenalised() -> Logistic {
    Logistic::default().c(f64::INFINITY).tol(1e-9)
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use proptest::prelude::*;

    use super::*;
    use crate::models::odds::sigmoid;

    const Y: [bool; 12] =
        [false, true, false, true, true, false, false, true, false, false, true, false];
    const P: [f64; 12] = [0.1, 0.4, 0.4, 0.35, 0.8, 0.8, 0.2, 0.9, 0.05, 0.4, 0.4, 0.6];
    const WEIGHTS: [f64; 12] = [1.0, 2.0, 0.5, 1.0, 3.0, 0.25, 1.0, 0.0, 2.0, 1.5, 0.75, 4.0];

    fn fit(method: CalibrationMethod, weights: Option<&[f64]>) -> Calibrator {
        method.fit(&Y, &P, weights).unwrap()
    }

    #[test]
    fn platt_agrees_with_scikit_learn() {
        // _sigmoid_calibration of scikit-learn 1.9.1, which stops 2e-9 from the optimum; and its
        // objective solved by Newton's method.
        let scores = [-2.0, -1.5, -1.0, -0.5, 0.0, 0.3, 0.5, 1.0, 1.5, 2.0];
        let y = [false, false, true, false, false, true, false, true, true, true];
        let (a, b) = platt(&y, &scores, None).unwrap();
        assert_relative_eq!(a, 0.7917717183, epsilon = 5e-9);
        assert_relative_eq!(b, -0.0288649830, epsilon = 5e-9);
        for (weights, expected) in
            [(None, [0.49132533, -0.21280917]), (Some(&WEIGHTS[..]), [0.62882141, -0.2679656])]
        {
            let Map::Platt { a, b } = fit(CalibrationMethod::Platt, weights).0 else { panic!() };
            assert_relative_eq!(a, expected[0], epsilon = 1e-8);
            assert_relative_eq!(b, expected[1], epsilon = 1e-8);
        }
    }

    #[test]
    fn isotonic_agrees_with_scikit_learn() {
        // IsotonicRegression(out_of_bounds="clip") of scikit-learn 1.9.1.
        let at = [0.0, 0.05, 0.1, 0.15, 0.3, 0.35, 0.38, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 1.0];
        let third = 1.0 / 3.0;
        let plain = [0., 0., 0., 0., third, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.75, 1., 1.];
        let (low, high) = (5.0 / 13.0, 12.0 / 13.0);
        let weighted = [
            0.0,
            0.0,
            0.0,
            0.0,
            0.25641025641025644,
            low,
            low,
            low,
            low,
            low,
            0.6538461538461539,
            high,
            high,
            high,
            high,
        ];
        for (weights, expected) in [(None, plain), (Some(&WEIGHTS[..]), weighted)] {
            let map = fit(CalibrationMethod::Isotonic, weights);
            for (p, q) in at.into_iter().zip(expected) {
                assert_relative_eq!(map.apply(p), q, epsilon = 1e-12);
            }
        }
    }

    #[test]
    fn beta_agrees_with_an_unpenalised_glm() {
        // GLM of statsmodels 0.15.0 on ln p and −ln(1 − p), tol 1e-14: both coefficients are
        // positive only without the second term, which betacal 1.1.0 drops as well (1.50278, C=1e11).
        let Map::Beta { a, b, c } = fit(CalibrationMethod::Beta, None).0 else { panic!() };
        assert_relative_eq!(a, 1.50282284, epsilon = 1e-8);
        assert_eq!(b, 0.0);
        assert_relative_eq!(c, 1.05631864, epsilon = 1e-8);
        let Map::Beta { a, b, c } = fit(CalibrationMethod::Beta, Some(&WEIGHTS)).0 else {
            panic!()
        };
        assert_relative_eq!(a, 0.98474402, epsilon = 1e-8);
        assert_relative_eq!(b, 0.73579609, epsilon = 1e-8);
        assert_relative_eq!(c, -0.07989191, epsilon = 1e-8);
    }

    #[test]
    fn where_no_increasing_map_is_best_an_error_says_why() {
        let falling = [0.9, 0.8, 0.4, 0.3, 0.7, 0.2];
        let y = [false, false, true, true, false, true];
        for method in [CalibrationMethod::Platt, CalibrationMethod::Beta] {
            let error = method.fit(&y, &falling, None).unwrap_err().to_string();
            assert!(error.contains("run against") || error.contains("parted"), "{error}");
        }
        for method in CalibrationMethod::ALL {
            let error = method.fit(&[true, true], &[0.1, 0.2], None).unwrap_err().to_string();
            assert!(error.contains(&format!("no {method} calibration")), "{error}");
            assert!(matches!(method.fit(&[true], &[0.1, 0.2], None), Err(Error::Shape(_))));
            let wrong = method.fit(&[true, false], &[0.1, 1.2], None);
            assert!(matches!(wrong, Err(Error::Argument { name: "p", .. })));
            assert!(method.fit(&[true, false], &[0.1, 0.2], Some(&[-1.0, 1.0])).is_err());
            assert_eq!(method.name().parse::<CalibrationMethod>().unwrap(), method);
        }
        let parted =
            CalibrationMethod::Beta.fit(&[false, false, true, true], &[0.1, 0.2, 0.7, 0.8], None);
        assert!(parted.unwrap_err().to_string().contains("parted"));
        let equal = CalibrationMethod::Platt.fit(&[false, true], &[0.5, 0.5], None);
        assert!(matches!(equal, Err(Error::TooLittleData(_))));
        assert!("sigmoid".parse::<CalibrationMethod>().is_err());
    }

    #[test]
    fn damaged_maps_are_refused() {
        for map in [
            r#"{"platt":{"a":-1.0,"b":0.0}}"#,
            r#"{"beta":{"a":0.0,"b":0.0,"c":0.0}}"#,
            r#"{"isotonic":{"p":[],"q":[]}}"#,
            r#"{"isotonic":{"p":[0.2,0.1],"q":[0.1,0.2]}}"#,
            r#"{"isotonic":{"p":[0.1,0.2],"q":[0.3,0.2]}}"#,
            r#"{"isotonic":{"p":[0.1],"q":[1.2]}}"#,
        ] {
            let error = serde_json::from_str::<Calibrator>(map).unwrap_err().to_string();
            assert_eq!(error, "its calibration is no increasing map", "{map}");
        }
    }

    /// Least squares over all increasing rates by brute force: each probability's rate is the
    /// largest of the least means of runs around it (the min-max formula).
    fn isotonic_twin(y: &[bool], p: &[f64]) -> Vec<f64> {
        let mut levels = p.to_vec();
        levels.sort_unstable_by(f64::total_cmp);
        levels.dedup();
        let mean = |low: f64, high: f64| {
            let rows = (0..y.len()).filter(|&row| (low..=high).contains(&p[row]));
            let (n, positive) = rows.fold((0, 0), |(n, s), row| (n + 1, s + usize::from(y[row])));
            positive as f64 / f64::from(n)
        };
        let rate = |p: f64| {
            let lows = levels.iter().filter(|&&low| low <= p);
            lows.map(|&low| {
                let highs = levels.iter().filter(|&&high| high >= p);
                highs.map(|&high| mean(low, high)).fold(f64::INFINITY, f64::min)
            })
            .fold(f64::NEG_INFINITY, f64::max)
        };
        p.iter().map(|&p| rate(p)).collect()
    }

    proptest! {
        #[test]
        fn prop_isotonic_is_its_slow_twin(
            rows in proptest::collection::vec((any::<bool>(), 0u8..=10), 2..30),
        ) {
            let y: Vec<bool> = rows.iter().map(|row| row.0).collect();
            let p: Vec<f64> = rows.iter().map(|row| f64::from(row.1) / 10.0).collect();
            prop_assume!(y.contains(&true) && y.contains(&false));
            let map = CalibrationMethod::Isotonic.fit(&y, &p, None).unwrap();
            map.check().unwrap();
            for (p, q) in p.iter().zip(isotonic_twin(&y, &p)) {
                prop_assert!((map.apply(*p) - q).abs() < 1e-12);
            }
        }

        #[test]
        fn prop_maps_never_turn_an_order_round(
            rows in proptest::collection::vec((any::<bool>(), 0.0f64..=1.0), 4..60),
            at in proptest::collection::vec(0.0f64..=1.0, 2..20),
        ) {
            let (y, p): (Vec<bool>, Vec<f64>) = rows.into_iter().unzip();
            let mut at = at;
            at.sort_unstable_by(f64::total_cmp);
            for method in CalibrationMethod::ALL {
                let Ok(map) = method.fit(&y, &p, None) else { continue };
                map.check().unwrap();
                let q: Vec<f64> = at.iter().map(|&p| map.apply(p)).collect();
                prop_assert!(q.iter().all(|q| (0.0..=1.0).contains(q)), "{method} {q:?}");
                prop_assert!(q.windows(2).all(|pair| pair[0] <= pair[1] + 1e-15), "{method} {q:?}");
            }
        }

        #[test]
        fn prop_distorted_log_odds_are_mended(a in 0.4f64..2.5, b in -1.0f64..1.0) {
            // Outcomes in exact proportion to the true probabilities, as weights.
            let truth: Vec<f64> = (1..20).flat_map(|i| [f64::from(i) / 20.0; 2]).collect();
            let y: Vec<bool> = (0..truth.len()).map(|i| i % 2 == 0).collect();
            let w: Vec<f64> =
                truth.iter().zip(&y).map(|(&p, &y)| if y { p } else { 1.0 - p }).collect();
            let p: Vec<f64> = truth.iter().map(|&p| sigmoid((logit(p) - b) / a)).collect();
            let map = CalibrationMethod::Beta.fit(&y, &p, Some(&w)).unwrap();
            for (p, truth) in p.iter().zip(&truth) {
                prop_assert!((map.apply(*p) - truth).abs() < 1e-7);
            }
        }
    }
}
