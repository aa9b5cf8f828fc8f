//! Probabilities and their log-odds.

/// Away from 0 and 1 by [`f64::EPSILON`], so that logarithms are finite.
pub(crate) fn clipped(p: f64) -> f64 {
    p.clamp(f64::EPSILON, 1.0 - f64::EPSILON)
}

/// ln(p / (1 − p)) of the clipped probability.
pub(crate) fn logit(p: f64) -> f64 {
    let p = clipped(p);
    p.ln() - (-p).ln_1p()
}

/// 1 / (1 + exp(−x)), written so that neither end loses digits or overflows.
pub(crate) fn sigmoid(x: f64) -> f64 {
    if x >= 0.0 { 1.0 / (1.0 + (-x).exp()) } else { x.exp() / (1.0 + x.exp()) }
}
