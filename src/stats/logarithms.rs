//! Logarithms of small whole numbers, which are what most columns hold: looked up, to the bit what is
//! computed.

use std::sync::LazyLock;

/// Numbers below this are looked up.
const SMALL: usize = 1_024;

/// ln n of a whole number.
#[inline]
pub(crate) fn ln(n: usize) -> f64 {
    static KNOWN: LazyLock<[f64; SMALL]> =
        LazyLock::new(|| std::array::from_fn(|n| (n as f64).ln()));
    KNOWN.get(n).copied().unwrap_or_else(|| (n as f64).ln())
}

/// ln(1 + x) for x from 0 on.
#[inline]
pub(crate) fn ln_1p(x: f64) -> f64 {
    static KNOWN: LazyLock<[f64; SMALL]> =
        LazyLock::new(|| std::array::from_fn(|n| (n as f64).ln_1p()));
    // What is no such number comes to another one.
    match KNOWN.get(x as i64 as usize) {
        Some(&known) if x as i64 as f64 == x => known,
        _ => x.ln_1p(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_looked_up_is_what_is_computed() {
        for n in 0..2 * SMALL {
            let x = n as f64;
            assert_eq!(ln(n), x.ln());
            for x in [x, x + 0.5, x + 1e-9, x * 1e9] {
                assert_eq!(ln_1p(x), x.ln_1p());
            }
        }
        assert_eq!(ln_1p(f64::INFINITY), f64::INFINITY);
        assert!(ln_1p(f64::NAN).is_nan());
    }
}
