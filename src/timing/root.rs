//! Roots of rising functions.

const MOST_STEPS: usize = 200;

/// Where a rising function, below 0 at 0, crosses 0; `of` gives its value and its slope. By Newton's
/// method from `guess`, and by halving where that would leave what is known to enclose the root.
pub(super) fn rising_root(guess: f64, of: impl Fn(f64) -> (f64, f64)) -> f64 {
    let (mut low, mut high) = (0.0, f64::INFINITY);
    let mut at = guess;
    for _ in 0..MOST_STEPS {
        let (value, slope) = of(at);
        if value < 0.0 {
            low = at;
        } else {
            high = at;
        }
        let next = at - value / slope;
        if (next - at).abs() <= 1e-9 * at {
            // The next step would be about the square of this one.
            return next;
        }
        // Where nothing bounds it, a step may go no further than 8 times as far.
        let bound = if high.is_finite() { high } else { 8.0 * at };
        at = if next > low && next < bound {
            next
        } else if high.is_finite() {
            f64::midpoint(low, high)
        } else {
            bound
        };
        if (high.is_finite() && high - low <= 4e-16 * high) || at > 1e300 {
            break;
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    #[test]
    fn roots_are_found_from_bad_guesses() {
        for guess in [1e-6, 0.1, 1.0, 50.0, 1e6] {
            let cubic = rising_root(guess, |x| (x * x * x - 2.0, 3.0 * x * x));
            assert_relative_eq!(cubic, 2f64.cbrt(), max_relative = 1e-14);
            let bent = rising_root(guess, |x| (0.9 - (-x).exp(), (-x).exp()));
            assert_relative_eq!(bent, -0.9f64.ln(), max_relative = 1e-14);
            let flat = rising_root(guess, |x| (x.powi(6) - 1e-9, 6.0 * x.powi(5)));
            assert_relative_eq!(flat, 1e-9f64.powf(1.0 / 6.0), max_relative = 1e-14);
        }
    }
}
