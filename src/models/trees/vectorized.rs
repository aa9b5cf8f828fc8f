//! Loops for the widest registers of the machine that runs them.

use fearless_simd::{Level, Simd, dispatch};

/// Runs `work`, compiled once for every width of registers: the widest that this machine has.
///
/// Operations stay what they are, one by one, so results are the same on every machine. Only what is
/// inlined into `work` is compiled so: it and what it calls in a loop are `#[inline(always)]`.
#[inline]
pub(crate) fn vectorized<R>(work: impl FnOnce() -> R) -> R {
    dispatch!(Level::new(), simd => simd.vectorize(work))
}
