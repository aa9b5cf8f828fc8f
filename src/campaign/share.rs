//! Where customers fall in a draw.

use crate::hash::drawn_share;
use crate::log::CustomerId;

/// Where a customer falls, from 0 to below 1, in the draw with this salt: the first 52 bits of
/// md5(salt, 0xff, id) by 2^52, an integer id in decimal digits. Any database can compute it. Whoever is
/// below a control arm's share is in it, where [`Assignment`](super::Assignment) draws without strata and
/// ranks.
///
/// ```
/// use winback::campaign::share;
/// assert_eq!(share(1480, "spring"), share("1480", "spring"));
/// assert!((0.0..1.0).contains(&share("a", "spring")));
/// ```
pub fn share<'a>(customer: impl Into<CustomerId<'a>>, salt: &str) -> f64 {
    drawn_share(salt, customer.into())
}
