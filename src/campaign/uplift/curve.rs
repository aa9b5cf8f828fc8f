//! What lists of every length would have gained, by customers whom the models have not seen: the gain
//! over the spend (Sverdrup, Wu, Athey and Wager 2024), with standard errors.

use rayon::prelude::*;

use crate::metrics::{Gain, mean_of};
use crate::stats::{exact_sum, percentile};

/// Lists between nobody and everybody.
const POINTS: usize = 40;
/// Points on either side between which the slope of a curve is taken: between neighbours it would be
/// that of a few customers, and mostly chance.
const SLOPE_POINTS: usize = 5;

/// The list at one price.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct GainPoint {
    /// The share of customers who get an offer.
    pub share: f64,
    /// What that costs, for each customer of the test.
    pub spend: f64,
    /// What the offers bring before their cost, for each customer, at this spend.
    pub gain: Gain,
    /// What the same offers bring to as many customers, drawn at random.
    pub at_random: Gain,
    /// How much more the list brings, pair by pair.
    pub over_random: Gain,
}

/// Customers of a test, and offers to them.
pub(super) struct Offered<'a> {
    /// What each offer is expected to bring from each customer, customers × offers.
    pub(super) expected: &'a [f64],
    /// What it brought: doubly robust scores of the difference from control, likewise.
    pub(super) found: &'a [f64],
    /// Of each offer.
    pub(super) costs: &'a [f64],
}

/// What a list gives each customer: the place of his offer.
type List = Vec<Option<usize>>;

impl Offered<'_> {
    fn customers(&self) -> usize {
        self.expected.len() / self.costs.len()
    }

    /// What is spent is counted in contacts where all cost the same, or nothing.
    fn efforts(&self) -> Vec<f64> {
        match self.costs.iter().all(|cost| *cost == self.costs[0]) {
            true => vec![1.0; self.costs.len()],
            false => self.costs.to_vec(),
        }
    }

    /// Each customer's best offer at a price of effort, if it is worth more than 0 there.
    fn list(&self, price: f64, efforts: &[f64]) -> List {
        let offers = self.costs.len();
        let best = |row: usize| {
            let mut best = (None, 0.0);
            for (offer, effort) in efforts.iter().enumerate() {
                let worth = self.expected[row * offers + offer] - price * effort;
                if worth > best.1 {
                    best = (Some(offer), worth);
                }
            }
            best.0
        };
        (0..self.customers()).map(best).collect()
    }

    /// Prices from that of nobody to that of everybody; where costs differ down to that of nothing.
    fn prices(&self, efforts: &[f64]) -> Vec<f64> {
        let offers = self.costs.len();
        let is_equal = efforts.iter().all(|effort| *effort == 1.0);
        let dearest = |row: usize| {
            let own = (0..offers).map(|offer| {
                let gain = self.expected[row * offers + offer];
                if efforts[offer] > 0.0 { gain / efforts[offer] } else { f64::NEG_INFINITY }
            });
            own.fold(f64::NEG_INFINITY, f64::max)
        };
        let mut dearest: Vec<f64> = (0..self.customers())
            .map(dearest)
            .filter(|price| price.is_finite() && (is_equal || *price > 0.0))
            .collect();
        dearest.sort_unstable_by(f64::total_cmp);
        let (Some(&low), Some(&high)) = (dearest.first(), dearest.last()) else {
            return vec![0.0];
        };
        let shares = (0..=POINTS).rev().map(|place| place as f64 / POINTS as f64);
        let mut prices: Vec<f64> = shares.map(|share| percentile(&dearest, share)).collect();
        prices.push(if is_equal { low - (high - low).max(1.0) } else { 0.0 });
        prices.dedup();
        prices
    }
}

/// The gain of lists by rising spend.
///
/// A list is a price: who gets an offer does not depend on who else was in the test. Its gain is the
/// mean of G, what was found of its customers, its effort that of E; at random the same shares pₖ of
/// customers get the offers k, which gains Σ pₖ Γ̄ₖ. In another test of the same kind the price of the
/// same effort would be another one, so that errors at an effort are those of the means of
/// G − ρ E, of R − ρᵣ E with R = Σ (1[k] Γ̄ₖ + pₖ Γₖ), and of their difference, where ρ and ρᵣ are the
/// slopes of the two curves.
pub(super) fn gain_curve(offered: &Offered<'_>) -> Vec<GainPoint> {
    let (n, offers) = (offered.customers(), offered.costs.len());
    let efforts = offered.efforts();
    let found = |row: usize, offer: usize| offered.found[row * offers + offer];
    let gained = |row: usize, own: Option<usize>| own.map_or(0.0, |offer| found(row, offer));
    let mean = |of: &dyn Fn(usize) -> f64| exact_sum((0..n).map(of)) / n as f64;
    let means: Vec<f64> = (0..offers).map(|offer| mean(&|row| found(row, offer))).collect();
    let prices = offered.prices(&efforts);
    let mut lists: Vec<List> =
        prices.par_iter().map(|&price| offered.list(price, &efforts)).collect();
    lists.dedup();
    let of_list = |list: &List, of: &[f64]| {
        exact_sum(list.iter().map(|own| own.map_or(0.0, |offer| of[offer]))) / n as f64
    };
    let places: Vec<(f64, f64)> = lists
        .iter()
        .map(|list| (of_list(list, &efforts), mean(&|row| gained(row, list[row]))))
        .collect();
    let shares: Vec<Vec<f64>> = lists
        .iter()
        .map(|list| {
            let of = |offer| list.iter().filter(|own| **own == Some(offer)).count() as f64;
            (0..offers).map(|offer| of(offer) / n as f64).collect()
        })
        .collect();
    let at_random: Vec<f64> = shares
        .iter()
        .map(|own| exact_sum(own.iter().zip(&means).map(|(share, mean)| share * mean)))
        .collect();
    let slope = |place: usize, of: &dyn Fn(usize) -> f64| {
        let before = place.saturating_sub(SLOPE_POINTS);
        let after = (place + SLOPE_POINTS).min(places.len() - 1);
        let effort = places[after].0 - places[before].0;
        if effort > 0.0 { (of(after) - of(before)) / effort } else { 0.0 }
    };
    let error = |of: &dyn Fn(usize) -> f64| mean_of((0..n).map(of).collect()).standard_error;
    let point = |(place, list): (usize, &List)| {
        let (effort, gain) = places[place];
        let (gain_slope, random_slope) =
            (slope(place, &|at| places[at].1), slope(place, &|at| at_random[at]));
        let too_much = |row: usize| list[row].map_or(0.0, |offer| efforts[offer]) - effort;
        let of_gain = |row: usize| gained(row, list[row]) - gain - gain_slope * too_much(row);
        let of_random = |row: usize| {
            let drawn =
                (0..offers).map(|offer| shares[place][offer] * (found(row, offer) - means[offer]));
            let listed = list[row].map_or(0.0, |offer| means[offer]);
            exact_sum(drawn) + listed - at_random[place] - random_slope * too_much(row)
        };
        GainPoint {
            share: list.iter().flatten().count() as f64 / n as f64,
            spend: of_list(list, offered.costs),
            gain: Gain { value: gain, standard_error: error(&of_gain) },
            at_random: Gain { value: at_random[place], standard_error: error(&of_random) },
            over_random: Gain {
                value: gain - at_random[place],
                standard_error: error(&|row| of_gain(row) - of_random(row)),
            },
        }
    };
    lists.par_iter().enumerate().map(point).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash;

    /// Uniform on 0 to 1, of a seed and two numbers.
    fn uniform(seed: u64, row: u64, what: u64) -> f64 {
        hash::share(hash::draw(hash::draw(seed ^ (row << 20)) ^ what))
    }

    /// Customers with expected gains, and scores around them.
    fn test(seed: u64, n: u64, offers: u64) -> (Vec<f64>, Vec<f64>) {
        let cells = (0..n).flat_map(|row| (0..offers).map(move |offer| (row, offer)));
        cells
            .map(|(row, offer)| {
                let expected = uniform(seed, row, offer) - 0.3 + 0.1 * offer as f64;
                // The model is half right.
                let noise = uniform(seed, row, 10 + offer) - 0.5;
                (expected, 0.5 * expected + 0.1 + noise)
            })
            .unzip()
    }

    fn curve(of: &(Vec<f64>, Vec<f64>), costs: &[f64]) -> Vec<GainPoint> {
        gain_curve(&Offered { expected: &of.0, found: &of.1, costs })
    }

    /// The gain at a spend, between two points.
    fn at(points: &[GainPoint], spend: f64, of: fn(&GainPoint) -> f64) -> f64 {
        let after = points.partition_point(|point| point.spend < spend).clamp(1, points.len() - 1);
        let (a, b) = (&points[after - 1], &points[after]);
        let part = (spend - a.spend) / (b.spend - a.spend);
        of(a) + part * (of(b) - of(a))
    }

    fn deviation(values: &[f64]) -> f64 {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt()
    }

    /// Over 800 tests of the same kind the gain at a spend deviates by what its error says.
    #[test]
    fn errors_are_those_of_other_tests() {
        for (costs, spend) in [(&[1.0][..], 0.4), (&[1.0, 2.5], 0.8)] {
            let curves: Vec<Vec<GainPoint>> =
                (0..800).map(|seed| curve(&test(seed, 200, costs.len() as u64), costs)).collect();
            for (value, error) in [
                (
                    (|point: &GainPoint| point.gain.value) as fn(&GainPoint) -> f64,
                    (|point: &GainPoint| point.gain.standard_error) as fn(&GainPoint) -> f64,
                ),
                (|point| point.over_random.value, |point| point.over_random.standard_error),
            ] {
                let of = |pick: fn(&GainPoint) -> f64| -> Vec<f64> {
                    curves.iter().map(|points| at(points, spend, pick)).collect()
                };
                let (found, told) = (deviation(&of(value)), of(error));
                let told = told.iter().sum::<f64>() / told.len() as f64;
                assert!((told / found - 1.0).abs() < 0.1, "{costs:?} {spend}: {told} of {found}");
            }
        }
    }

    #[test]
    fn the_curve_goes_from_nobody_to_everybody() {
        let of = test(1, 400, 1);
        for costs in [[0.0], [2.0]] {
            let points = curve(&of, &costs);
            let (first, last) = (points[0], points[points.len() - 1]);
            assert_eq!((first.share, first.gain.value), (0.0, 0.0));
            assert_eq!((last.share, last.spend), (1.0, costs[0]));
            let mean = of.1.iter().sum::<f64>() / 400.0;
            assert!((last.gain.value - mean).abs() < 1e-12);
            assert!(last.over_random.value.abs() < 1e-12);
            assert!(last.over_random.standard_error < 1e-12);
            assert!((last.gain.standard_error - deviation(&of.1) / 20.0).abs() < 1e-12);
            assert!(points.windows(2).all(|pair| pair[0].share < pair[1].share));
        }
    }

    /// An offer that is expected to harm is made to nobody where costs differ.
    #[test]
    fn no_offer_is_made_that_is_expected_to_harm() {
        let expected = vec![-1.0, -2.0, 0.5, -1.0];
        let points =
            gain_curve(&Offered { expected: &expected, found: &expected, costs: &[1.0, 3.0] });
        let last = points[points.len() - 1];
        assert_eq!((last.share, last.gain.value), (0.5, 0.25));
        let nobody = gain_curve(&Offered {
            expected: &[-1.0, -2.0],
            found: &[0.0, 0.0],
            costs: &[1.0, 2.0],
        });
        assert_eq!((nobody.len(), nobody[0].share), (1, 0.0));
    }
}
