//! Decimals of few digits in place of values that are some customer's own.

/// The decimal with the fewest significant digits next to `value` that lies strictly between `low` and
/// `high`; `value` where no float does.
///
/// With `value` midway it parts the two just so, and says less of either.
pub(crate) fn shortest_between(low: f64, value: f64, high: f64) -> f64 {
    // 17 digits tell any two floats apart.
    let rounded = (0..17).filter_map(|digits| format!("{value:.digits$e}").parse::<f64>().ok());
    rounded.into_iter().find(|&decimal| low < decimal && decimal < high).unwrap_or(value)
}

/// A number above `low`, at most `high`, midway where floats allow.
fn midpoint(low: f64, high: f64) -> f64 {
    let middle = low * 0.5 + high * 0.5; // the sum of the two may overflow
    if middle > low && middle <= high { middle } else { high }
}

/// The shortest decimal that parts `low` from `high`: above `low`, and not above `high`.
pub(crate) fn parting(low: f64, high: f64) -> f64 {
    shortest_between(low, midpoint(low, high), high)
}

/// A value of so many rows or more is nobody's own, and may be told.
pub(crate) const SHARED: usize = 5;
/// A value moves past fewer than so many others, and past no more than a twentieth of all.
const MOVES: usize = 5;

/// A value among ascending ones in so few digits that at most four of the distinct ones lie between it
/// and the result, and no more than a twentieth; unchanged where `rows`, of which it is the value, are
/// five or more.
///
/// Where neighbours are a cent apart, a value that stays between them would be somebody's own.
pub(crate) fn rounded_among(sorted: &[f64], value: f64, rows: f64) -> f64 {
    if rows >= SHARED as f64 {
        return value;
    }
    let distinct = sorted.chunk_by(|a, b| a == b);
    let moves = (distinct.clone().count() / 20).clamp(1, MOVES);
    let (below, above) = sorted.split_at(sorted.partition_point(|&v| v < value));
    let above = &above[above.partition_point(|&v| v <= value)..];
    let low = below.chunk_by(|a, b| a == b).rev().take(moves).last().map(|run| run[0]);
    let high = above.chunk_by(|a, b| a == b).take(moves).last().map(|run| run[0]);
    match (low, high) {
        (Some(low), Some(high)) => shortest_between(low, value, high),
        // At an end it moves no further than the other way.
        (Some(low), None) => shortest_between(low, value, value + (value - low)),
        (None, Some(high)) => shortest_between(value - (high - value), value, high),
        (None, None) => value,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn as_few_digits_as_part_two_values() {
        let cases = [
            (1.0, 2.0, 1.5),
            (61.3, 92.7, 80.0),
            (95.0, 105.0, 100.0),
            (12.99, 13.49, 13.0),
            (-0.5, 0.5, 0.0),
            (0.0012, 0.0013, 0.00125),
            (-7.25, -7.0, -7.1),
        ];
        for (low, high, expected) in cases {
            assert_eq!(parting(low, high), expected, "{low} {high}");
        }
        let next = 1.0_f64.next_up();
        assert_eq!(parting(1.0, next), next, "no float lies between");
    }

    #[test]
    fn a_value_moves_past_fewer_than_five() {
        let cents: Vec<f64> = (3_580..3_680).map(|cents| f64::from(cents) / 100.0).collect();
        assert_eq!(rounded_among(&cents, 36.32, 1.0), 36.3);
        assert_eq!(rounded_among(&cents, 36.32, 5.0), 36.32, "five have it");
        assert_eq!(rounded_among(&cents[40..75], 36.32, 1.0), 36.32, "few others");
        assert_eq!(rounded_among(&[10.13, 12.99, 25.5], 12.99, 1.0), 13.0);
        assert_eq!(rounded_among(&[3.0, 3.0, 4.0, 9.0], 3.5, 0.0), 3.5);
        assert_eq!(rounded_among(&[12.99, 12.99, 13.5], 12.99, 2.0), 13.0);
        assert_eq!(rounded_among(&[7.123, 7.123], 7.123, 2.0), 7.123);
    }

    proptest! {
        #[test]
        fn prop_a_rounded_value_passes_fewer_than_five(
            cents in proptest::collection::btree_set(0i32..500, 1..200),
            place in any::<proptest::sample::Index>(),
        ) {
            let values: Vec<f64> = cents.iter().map(|&cents| f64::from(cents) / 100.0).collect();
            let value = values[place.index(values.len())];
            let rounded = rounded_among(&values, value, 1.0);
            let (low, high) = (value.min(rounded), value.max(rounded));
            let passed = values.iter().filter(|&&v| low <= v && v <= high && v != value).count();
            prop_assert!(passed < MOVES, "{value} {rounded} {passed}");
        }

        #[test]
        fn prop_a_midpoint_parts_its_neighbours(a in any::<f64>(), b in any::<f64>()) {
            prop_assume!(a.is_finite() && b.is_finite() && a < b);
            let middle = midpoint(a, b);
            prop_assert!(a < middle && middle <= b);
            let parting = parting(a, b);
            prop_assert!(a < parting && parting <= b);
            prop_assert!(parting < b || b == a.next_up() || middle == b);
        }

        /// A slow twin: of all decimals of so many digits around the middle, none shorter lies between.
        #[test]
        fn prop_no_decimal_between_is_shorter(low in -999_999i64..999_999, width in 2i64..5_000) {
            let (a, b) = (low as f64 / 1e3, (low + width) as f64 / 1e3);
            let digits = |v: f64| {
                let text = format!("{v:e}");
                let mantissa = text.split('e').next().unwrap_or_default().replace(['-', '.'], "");
                mantissa.trim_end_matches('0').len().max(1)
            };
            let found = digits(parting(a, b));
            for thousandth in low + 1..low + width {
                prop_assert!(digits(thousandth as f64 / 1e3) >= found, "{a} {b} {thousandth}");
            }
        }
    }
}
