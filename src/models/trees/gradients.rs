//! First and second derivatives of the log loss, packed for histograms.

use rayon::prelude::*;

use super::histogram::Statistics;
use super::vectorized::vectorized;

/// Rows that one task works on.
const BLOCK: usize = 1 << 13;
/// The most units that the sums of absolute values may reach: 31 bits and 32 bits, signs apart.
const MOST_UNITS: [u64; 2] = [i32::MAX as u64, u32::MAX as u64];

/// The most units per 1; derivatives too small for them are none.
const MOST_PER_ONE: f64 = 1e300;

/// Gradient w·(p − y) and hessian w·p·(1 − p) of every row, p = 1 / (1 + e^−margin).
#[derive(Debug)]
pub(crate) struct Gradients<'a> {
    y: &'a [bool],
    /// Weights; a row that takes no part has none.
    weights: Option<&'a [f64]>,
    /// Units per 1 of the gradient and of the hessian: powers of 2, fitted to the sums.
    scales: [f64; 2],
}

/// What packing met: sums in units, and the largest hessian.
#[derive(Debug, Clone, Copy, Default)]
struct Met {
    sums: [u64; 2],
    most_units: u32,
}

impl<'a> Gradients<'a> {
    pub(crate) fn new(y: &'a [bool], weights: Option<&'a [f64]>) -> Self {
        // With these no sum can be too large; they grow at once.
        let total = weights.map_or(y.len() as f64, total);
        let scale = |most: u64, bound: f64| (most as f64 / 2.0 / bound).log2().floor().exp2();
        let scales = [scale(MOST_UNITS[0], total), scale(MOST_UNITS[1], total / 4.0)];
        Gradients { y, weights, scales }
    }

    /// Sets `statistics` to the derivatives at `margins` and returns the largest hessian's units.
    pub(crate) fn refresh(&mut self, margins: &[f64], statistics: &mut Statistics) -> u32 {
        loop {
            let met = self.pack(margins, &mut statistics.packed);
            let factor: [f64; 2] = std::array::from_fn(|i| {
                // Rounding may add half a unit a row once more.
                let has_room = met.sums[i] + margins.len() as u64 <= MOST_UNITS[i] / 4;
                match met.sums[i] {
                    sum if sum >= MOST_UNITS[i] => 0.5,
                    sum if has_room && sum > 0 && self.scales[i] < MOST_PER_ONE => 2.0,
                    _ => 1.0,
                }
            });
            if factor == [1.0; 2] {
                statistics.first_step = 1.0 / self.scales[0];
                statistics.second_step = 1.0 / self.scales[1];
                return met.most_units;
            }
            self.scales = [self.scales[0] * factor[0], self.scales[1] * factor[1]];
        }
    }

    fn pack(&self, margins: &[f64], packed: &mut [u64]) -> Met {
        let blocks = packed
            .par_chunks_mut(BLOCK)
            .zip(margins.par_chunks(BLOCK))
            .zip(self.y.par_chunks(BLOCK))
            .enumerate();
        blocks
            .map(|(block, ((packed, margins), y))| match self.weights {
                None => vectorized(
                    #[inline(always)]
                    || self.pack_block(packed, margins, y, std::iter::repeat(1.0)),
                ),
                Some(weights) => {
                    let weights = &weights[block * BLOCK..];
                    vectorized(
                        #[inline(always)]
                        || self.pack_block(packed, margins, y, weights.iter().copied()),
                    )
                }
            })
            .reduce(Met::default, |a, b| Met {
                sums: [a.sums[0] + b.sums[0], a.sums[1] + b.sums[1]],
                most_units: a.most_units.max(b.most_units),
            })
    }

    #[inline(always)]
    fn pack_block(
        &self,
        packed: &mut [u64],
        margins: &[f64],
        y: &[bool],
        weights: impl Iterator<Item = f64>,
    ) -> Met {
        let [first_scale, second_scale] = self.scales;
        let mut met = Met::default();
        for (((packed, &margin), &y), weight) in packed.iter_mut().zip(margins).zip(y).zip(weights)
        {
            let p = sigmoid(margin);
            // What is too large for the scale must not wrap around: it makes the sums too large.
            let most = MOST_UNITS.map(|most| most as f64);
            let first = (p - f64::from(u8::from(y))) * weight * first_scale;
            let first = whole(first.clamp(-most[0], most[0])) as i32;
            let second = whole((p * (1.0 - p) * weight * second_scale).min(most[1]));
            *packed = u64::from(first as u32) << 32 | u64::from(second);
            met.sums[0] += u64::from(first.unsigned_abs());
            met.sums[1] += u64::from(second);
            met.most_units = met.most_units.max(second);
        }
        met
    }
}

/// The sum of weights, in whole numbers so that it does not depend on their order.
pub(crate) fn total(weights: &[f64]) -> f64 {
    let largest = weights.iter().copied().fold(0.0, f64::max);
    let per_one = (62.0 - (largest * weights.len() as f64).log2().ceil()).exp2();
    weights.iter().map(|weight| (weight * per_one).round() as u64).sum::<u64>() as f64 / per_one
}

/// 1.5 · 2⁵²: a number below 2³¹ that is added to it leaves its nearest whole number in the low bits.
const ROUNDER: f64 = 6_755_399_441_055_744.0;

/// The nearest whole number, modulo 2³²; of two the even one.
#[inline(always)]
fn whole(value: f64) -> u32 {
    (value + ROUNDER).to_bits() as u32
}

/// 1 / (1 + e^−x) to about 10⁻¹⁵, without a branch or a call, so that several rows are worked on at
/// once.
#[inline(always)]
fn sigmoid(x: f64) -> f64 {
    // e^−x = 2^k · e^r with a whole k and |r| ≤ ln(2) / 2.
    let x = (-x).clamp(-700.0, 700.0);
    let shifted = x * std::f64::consts::LOG2_E + ROUNDER;
    let k = shifted - ROUNDER;
    // ln(2) in two parts, the first with so few digits that its products are exact.
    let r = x - k * 6.931_471_803_691_238e-1 - k * 1.908_214_929_270_587_7e-10;
    const FACTORIALS: [f64; 12] = [
        1.0 / 39_916_800.0,
        1.0 / 3_628_800.0,
        1.0 / 362_880.0,
        1.0 / 40_320.0,
        1.0 / 5_040.0,
        1.0 / 720.0,
        1.0 / 120.0,
        1.0 / 24.0,
        1.0 / 6.0,
        0.5,
        1.0,
        1.0,
    ];
    let series = FACTORIALS.iter().fold(1.0 / 479_001_600.0, |sum, f| sum * r + f);
    let power = f64::from_bits(shifted.to_bits().wrapping_add(1023) << 52);
    1.0 / (1.0 + series * power)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sigmoid_is_that_of_the_standard_library() {
        for i in -80_000..80_000 {
            let x = f64::from(i) * 0.01;
            approx::assert_relative_eq!(sigmoid(x), 1.0 / (1.0 + (-x).exp()), max_relative = 1e-14);
        }
        assert!(sigmoid(f64::MAX) == 1.0 && sigmoid(f64::MIN) > 0.0 && sigmoid(f64::MIN) < 1e-300);
    }

    #[test]
    fn a_sudden_large_derivative_is_not_wrapped_around() {
        // Row 0 hardly counts, row 1 was fitted perfectly and then is not.
        for jump in [-9.0, 0.0, 12.0, 700.0] {
            let (y, weights) = ([true, false], [1e-6, 1.0]);
            let mut statistics = Statistics::blank(2);
            let mut gradients = Gradients::new(&y, Some(&weights));
            gradients.refresh(&[-14.0, -16.0], &mut statistics);
            gradients.refresh(&[-14.0, jump], &mut statistics);
            let p: f64 = 1.0 / (1.0 + f64::exp(-jump));
            let sums = statistics.unpack(statistics.packed[1]);
            assert!((sums.first - p).abs() <= 0.500_001 * statistics.first_step, "{jump}");
            let hessian = p * (1.0 - p);
            assert!((sums.second - hessian).abs() <= 0.500_001 * statistics.second_step, "{jump}");
        }
    }

    #[test]
    fn derivatives_too_small_for_any_unit_are_none() {
        let mut statistics = Statistics::blank(2);
        let mut gradients = Gradients::new(&[false; 2], None);
        for step in 0..100 {
            let margin = -10.0 * f64::from(step);
            gradients.refresh(&[margin; 2], &mut statistics);
            let sums = statistics.unpack(statistics.packed[0]);
            assert!(sums.first.is_finite() && sums.second.is_finite());
            assert!(sums.second > 0.0 || margin < -680.0, "{margin}");
        }
        gradients.refresh(&[0.0; 2], &mut statistics);
        assert_eq!(statistics.unpack(statistics.packed[0]).second, 0.25);
    }

    #[test]
    fn a_total_does_not_depend_on_the_order() {
        let mut weights: Vec<f64> = (1..1000).map(|i| f64::from(i) * 0.1).collect();
        let sum = total(&weights);
        weights.reverse();
        assert_eq!(total(&weights), sum);
        approx::assert_relative_eq!(sum, 49_950.0, max_relative = 1e-14);
        for size in [1e-100, 1e100] {
            approx::assert_relative_eq!(
                total(&[size, 0.0, size]),
                2.0 * size,
                max_relative = 1e-14
            );
        }
    }

    #[test]
    fn derivatives_come_back_within_a_unit_and_use_the_bits() {
        let margins: Vec<f64> = (0..20_000).map(|i| f64::from(i % 97) * 0.1 - 6.0).collect();
        let y: Vec<bool> = (0..20_000).map(|i| i % 3 == 0).collect();
        let weights: Vec<f64> = (0..20_000).map(|i| f64::from(i % 5)).collect();
        for weights in [None, Some(&weights[..])] {
            let mut statistics = Statistics::blank(y.len());
            let mut gradients = Gradients::new(&y, weights);
            let most_units = gradients.refresh(&margins, &mut statistics);
            let (mut sum, mut largest) = (0.0, 0.0f64);
            for row in 0..y.len() {
                let w = weights.map_or(1.0, |w| w[row]);
                let p = 1.0 / (1.0 + (-margins[row]).exp());
                let (first, second) = (w * (p - f64::from(u8::from(y[row]))), w * p * (1.0 - p));
                let sums = statistics.unpack(statistics.packed[row]);
                assert!((sums.first - first).abs() <= 0.500_001 * statistics.first_step);
                assert!((sums.second - second).abs() <= 0.500_001 * statistics.second_step);
                sum += first.abs();
                largest = largest.max(sums.second);
            }
            assert_eq!(largest, f64::from(most_units) * statistics.second_step);
            let units = sum / statistics.first_step;
            assert!((MOST_UNITS[0] as f64 / 5.0..=MOST_UNITS[0] as f64).contains(&units));
        }
    }
}
