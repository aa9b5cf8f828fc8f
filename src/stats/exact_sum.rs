//! Sums of 64-bit floats that are rounded only once: the same bits in whatever order and in however
//! many parts the numbers are added.

/// The exact sum of finite numbers, rounded only when it is asked for ([`ExactSum::value`]).
///
/// As long as two floats hold the sum exactly, as they do for nearly all sums of money, it is those
/// two (the error-free addition of Knuth and Møller); else a fixed-point number as wide as all
/// floats takes over (a superaccumulator, as Kulisch proposed). Infinities and NaN add up as floats
/// do.
#[derive(Debug, Clone, Default)]
pub(crate) struct ExactSum {
    high: f64,
    low: f64,
    wide: Option<Box<Wide>>,
}

/// The sum of `a` and `b` rounded, and what rounding took away.
#[inline]
fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let of_b = sum - a;
    (sum, (a - (sum - of_b)) + (b - of_b))
}

impl ExactSum {
    #[inline]
    pub(crate) fn add(&mut self, value: f64) {
        let (high, rest) = two_sum(self.high, value);
        let (low, lost) = two_sum(self.low, rest);
        // Not after an overflow either, which makes it NaN.
        if lost == 0.0 {
            (self.high, self.low) = (high, low);
        } else {
            self.add_wide(value);
        }
    }

    /// Adds all of some numbers, several times as fast as one by one.
    pub(crate) fn add_all(&mut self, values: &[f64]) {
        let (mut high, mut low, mut is_held) = (self.high, self.low, true);
        for &value in values {
            let (sum, rest) = two_sum(high, value);
            let (more, lost) = two_sum(low, rest);
            (high, low) = (sum, more);
            is_held &= lost == 0.0;
        }
        if is_held {
            (self.high, self.low) = (high, low);
        } else {
            values.iter().for_each(|&value| self.add(value));
        }
    }

    #[cold]
    fn add_wide(&mut self, value: f64) {
        if !(self.high.is_finite() && value.is_finite()) {
            // Whatever else there is, the sum is no number.
            self.high += value;
            return;
        }
        let wide = self.wide.get_or_insert_default();
        [self.high, self.low, value].into_iter().for_each(|part| wide.add(part));
        (self.high, self.low) = (0.0, 0.0);
    }

    /// Adds all that another sum holds.
    #[inline]
    pub(crate) fn merge(&mut self, other: &ExactSum) {
        self.add(other.high);
        self.add(other.low);
        if let Some(other) = &other.wide {
            self.wide.get_or_insert_default().merge(other);
        }
    }

    /// The float next to the sum (of two the even one); 0 for no numbers.
    #[inline]
    pub(crate) fn value(&self) -> f64 {
        match &self.wide {
            Some(wide) if self.high.is_finite() => {
                let mut wide = wide.clone();
                wide.add(self.high);
                wide.add(self.low);
                wide.value()
            }
            // One addition, which rounds as IEEE 754 says.
            _ => self.high + self.low,
        }
    }
}

/// As bits: `[high, low]`, of a wide sum with its digits after them. Not every float is a number in JSON.
impl serde::Serialize for ExactSum {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let wide = self.wide.as_ref().map(|wide| {
            let mut wide = wide.clone();
            wide.carry();
            wide.digits.to_vec()
        });
        (self.high.to_bits(), self.low.to_bits(), wide).serialize(serializer)
    }
}

impl<'de> serde::Deserialize<'de> for ExactSum {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (high, low, digits): (u64, u64, Option<Vec<i64>>) =
            serde::Deserialize::deserialize(deserializer)?;
        let wide = |digits: Vec<i64>| {
            let (last, lower) = digits.split_last()?;
            let carried = |digit: &i64| (0..1 << DIGIT).contains(digit);
            let fits = lower.iter().all(carried) && last.unsigned_abs() < 1 << DIGIT;
            let digits = digits.as_slice().try_into().ok().filter(|_| fits)?;
            Some(Box::new(Wide { digits, added: 0 }))
        };
        let wide = digits.map(|digits| wide(digits).ok_or("digits of no sum")).transpose();
        let wide = wide.map_err(serde::de::Error::custom)?;
        Ok(ExactSum { high: f64::from_bits(high), low: f64::from_bits(low), wide })
    }
}

impl FromIterator<f64> for ExactSum {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        let mut sum = ExactSum::default();
        values.into_iter().for_each(|value| sum.add(value));
        sum
    }
}

/// The sum of some numbers, rounded once.
#[inline]
pub(crate) fn exact_sum(values: impl IntoIterator<Item = f64>) -> f64 {
    ExactSum::from_iter(values).value()
}

/// Bits of a digit.
const DIGIT: u32 = 32;
/// The lowest bit of all floats is 2^-1074, the highest 2^1023, and 2^64 of them need 64 bits more.
const DIGITS: usize = (1074 + 1024 + 64_usize).div_ceil(DIGIT as usize);
/// So many numbers fit between two carries: each adds less than 2^32 to a digit.
const BETWEEN_CARRIES: u32 = 1 << 30;

/// A whole multiple of 2^-1074 in signed digits, the lowest first.
#[derive(Debug, Clone)]
struct Wide {
    digits: [i64; DIGITS],
    /// Numbers added since digits were last carried.
    added: u32,
}

impl Default for Wide {
    fn default() -> Self {
        Wide { digits: [0; DIGITS], added: 0 }
    }
}

impl Wide {
    fn add(&mut self, value: f64) {
        if self.added == BETWEEN_CARRIES {
            self.carry();
        }
        self.added += 1;
        let bits = value.to_bits();
        let exponent = (bits >> 52 & 0x7ff) as u32;
        let fraction = bits & ((1 << 52) - 1);
        // value = mantissa · 2^(place − 1074).
        let (mantissa, place) = match exponent {
            0 => (fraction, 0),
            _ => (fraction | 1 << 52, exponent - 1),
        };
        let mut shifted = u128::from(mantissa) << (place % DIGIT);
        for digit in &mut self.digits[(place / DIGIT) as usize..] {
            if shifted == 0 {
                break;
            }
            let part = (shifted & u128::from(u32::MAX)) as i64;
            *digit += if value.is_sign_negative() { -part } else { part };
            shifted >>= DIGIT;
        }
    }

    fn merge(&mut self, other: &Wide) {
        let mut other = other.clone();
        other.carry();
        self.carry();
        self.digits.iter_mut().zip(other.digits).for_each(|(own, other)| *own += other);
        self.carry();
    }

    /// Brings all digits but the last one to 0 and up to below 2^32; the last one has the sign.
    fn carry(&mut self) {
        let mut carried = 0;
        let last = DIGITS - 1;
        for digit in &mut self.digits[..last] {
            let sum = *digit + carried;
            carried = sum >> DIGIT;
            *digit = sum & i64::from(u32::MAX);
        }
        self.digits[last] += carried;
        self.added = 0;
    }

    fn value(mut self) -> f64 {
        self.carry();
        let sign = if self.digits[DIGITS - 1] < 0 { -1.0 } else { 1.0 };
        if sign < 0.0 {
            self.digits.iter_mut().for_each(|digit| *digit = -*digit);
            self.carry();
        }
        let Some(top) = self.digits.iter().rposition(|&digit| digit != 0) else { return 0.0 };
        // The upper three digits, and whether anything lies below them.
        let least = top.saturating_sub(2);
        let upper = self.digits[least..=top]
            .iter()
            .rev()
            .fold(0_u128, |upper, &digit| upper << DIGIT | digit as u128);
        let below = self.digits[..least].iter().any(|&digit| digit != 0);
        // Of the two lowest digits nothing is rounded but the last bit, which stands for all below;
        // the conversion rounds to the nearest. Below 2^-1022 there is nothing to round.
        let rounded = (upper | u128::from(below)) as f64;
        let exponent = (least as u32 * DIGIT) as i32 - 1074;
        sign * (rounded * power_of_two(exponent))
    }
}

/// 2^exponent, from -1074 to 1023.
fn power_of_two(exponent: i32) -> f64 {
    match exponent {
        ..=-1023 => f64::from_bits(1 << (exponent + 1074)),
        _ => f64::from_bits(((exponent + 1023) as u64) << 52),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Sums by `math.fsum` of CPython 3.12, as bits.
    #[test]
    fn sums_are_those_of_python() {
        let largest = f64::MAX;
        let least = 5e-324;
        let cases: [(&[f64], u64); 8] = [
            (&[0.1; 10], 0x3ff0000000000000),
            (&[1e100, 1.0, -1e100, 1e-100, 1e50, -1.0, -1e50], 0x2b2bff2ee48e0530),
            // Half way between two floats: the even one, unless anything is left below.
            (&[9007199254740992.0, 1.0], 0x4340000000000000),
            (&[9007199254740992.0, 1.0, least], 0x4340000000000001),
            (&[least, least, least, 2.5e-310, -1e-320], 0x2e055c9a3787),
            (&[-largest, 9.9e307, largest], 0x7fe19f61ba578180),
            (&[1e308, -1e292, 1e-308, 3.7, -1e308, 1e292, 0.1, 1e-320], 0x400e666666666667),
            (&[-1e22, 1e-5, -0.3, 1e22, -7e-200], 0xbfd3330941c8216c),
        ];
        for (values, bits) in cases {
            let sum = exact_sum(values.iter().copied());
            assert_eq!(sum.to_bits(), bits, "{values:?} is {sum:e}");
        }
    }

    /// Numbers of Knuth's generator, as the Python code drew them too.
    fn drawn(of: impl Fn(u64) -> f64) -> Vec<f64> {
        let mut x = 1_u64;
        let mut next = || {
            x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            x
        };
        (0..1000).map(|_| of(next())).collect()
    }

    #[test]
    fn sums_of_many_are_those_of_python() {
        let cents = drawn(|x| (((x >> 33) % 2_000_001) as f64 - 900_000.0) / 100.0);
        assert_eq!(exact_sum(cents.iter().copied()).to_bits(), 0x412bc6d91999999a);
        assert_ne!(cents.iter().sum::<f64>().to_bits(), 0x412bc6d91999999a);
        let spread = drawn(|x| {
            let sign = if x >> 63 == 1 { 1.0 } else { -1.0 };
            let power = power_of_two((x % 2000) as i32 - 1060);
            sign * ((x >> 11) % (1 << 53)) as f64 * power
        });
        assert_eq!(exact_sum(spread).to_bits(), 0x7dcfcf9a463e3e93);
    }

    #[test]
    fn what_is_not_finite_adds_up_as_floats_do() {
        let inf = f64::INFINITY;
        assert_eq!(exact_sum([1.0, inf, -1e300]), inf);
        assert_eq!(exact_sum([-inf, f64::MAX]), -inf);
        assert!(exact_sum([inf, 1.0, -inf]).is_nan());
        assert!(exact_sum([1.0, f64::NAN]).is_nan());
        // As well after a sum that two floats cannot hold.
        assert_eq!(exact_sum([1e300, 1e-300, 3.3, inf, 2.0]), inf);
        let mut sum = ExactSum::from_iter([1e300, 1e-300, 3.3]);
        sum.merge(&ExactSum::from_iter([1e300, 1e-300, 3.3, f64::NAN]));
        assert!(sum.value().is_nan());
        let mut sum = ExactSum::from_iter([1e300, 1e-300]);
        sum.add_all(&[2.0, inf, 1.0]);
        assert_eq!(sum.value(), inf);
        // A sum on the way may be too large, the whole one not.
        assert_eq!(exact_sum([f64::MAX, f64::MAX, -f64::MAX, -1.0]), f64::MAX);
        assert_eq!(exact_sum([f64::MAX, f64::MAX]), inf);
        assert_eq!(exact_sum([-f64::MAX, -f64::MAX, 1.0]), -inf);
    }

    #[test]
    fn a_sum_of_nothing_is_a_positive_zero() {
        for zeros in
            [&[][..], &[-0.0], &[1.5, -1.5], &[-0.0, 0.0], &[1e300, 1e-300, -1e-300, -1e300]]
        {
            assert_eq!(exact_sum(zeros.iter().copied()).to_bits(), 0, "{zeros:?}");
        }
    }

    /// The slow twin: all in the wide form.
    fn wide(values: &[f64]) -> f64 {
        let mut sum = Wide::default();
        values.iter().for_each(|&value| sum.add(value));
        sum.value()
    }

    fn amounts() -> impl Strategy<Value = Vec<f64>> {
        let any = any::<u64>().prop_map(f64::from_bits).prop_filter("finite", |v| v.is_finite());
        let money = (-100_000_000_i64..100_000_000).prop_map(|cents| cents as f64 / 100.0);
        let mixed = prop_oneof![
            3 => money.clone(),
            1 => any.clone(),
            1 => -1e20..1e20_f64,
            1 => -1e-310..1e-310_f64
        ];
        prop_oneof![
            prop::collection::vec(money, 0..60),
            prop::collection::vec(any, 0..60),
            prop::collection::vec(mixed, 0..60)
        ]
    }

    proptest! {
        #[test]
        fn neither_order_nor_parts_change_a_bit(
            (values, shuffled, cuts) in amounts().prop_flat_map(|values| {
                let places = prop::collection::vec(0..=values.len(), 0..6);
                (Just(values.clone()), Just(values).prop_shuffle(), places)
            })
        ) {
            let sum = exact_sum(values.iter().copied()).to_bits();
            prop_assert_eq!(wide(&values).to_bits(), sum);
            prop_assert_eq!(exact_sum(shuffled.iter().copied()).to_bits(), sum);
            let mut cuts = cuts;
            cuts.extend([0, shuffled.len()]);
            cuts.sort_unstable();
            let mut parts: Vec<ExactSum> = cuts
                .windows(2)
                .map(|cut| shuffled[cut[0]..cut[1]].iter().copied().collect())
                .collect();
            let mut in_slices = ExactSum::default();
            cuts.windows(2).for_each(|cut| in_slices.add_all(&shuffled[cut[0]..cut[1]]));
            prop_assert_eq!(in_slices.value().to_bits(), sum);
            // Merged as a tree.
            while parts.len() > 1 {
                let last = parts.pop().unwrap_or_default();
                let middle = parts.len() / 2;
                parts[middle].merge(&last);
            }
            prop_assert_eq!(parts[0].value().to_bits(), sum);
        }

        #[test]
        fn a_sum_of_two_is_their_float_sum(a: f64, b: f64) {
            let (exact, plain) = (exact_sum([a, b]), a + b);
            prop_assert!(exact == plain || (exact.is_nan() && plain.is_nan()));
        }

        #[test]
        fn what_is_added_and_taken_away_leaves_nothing(values in amounts()) {
            let negative = values.iter().rev().map(|value| -value);
            prop_assert_eq!(exact_sum(values.iter().copied().chain(negative)).to_bits(), 0);
        }
    }
}
