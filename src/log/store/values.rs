//! What stands for no value, and the numbers of order ids.

use super::customer_id::{canonical_integer, untyped_integer};
use crate::hash;

/// The largest amount. A larger one is a mistake rather than money, and sums with it lose what is
/// small beside it.
pub(crate) const MAX_AMOUNT: f64 = 1e15;

/// A time that is not known.
pub(crate) const NO_TIME: i64 = i64::MIN;

/// An order id that is not given.
pub(crate) const NO_ORDER: i64 = i64::MIN;

/// The number of an order id that is a text: the integer that it is the usual form of, so that it
/// does not matter by which type a source holds its ids, or one of its own. Only orders of one
/// customer are told apart by it: that two of a thousand share one of 2⁶³ numbers happens to one
/// customer in 10¹³.
pub(crate) fn order_number(id: &str, untyped: bool) -> i64 {
    let integer = if untyped { untyped_integer(id) } else { canonical_integer(id) };
    integer.filter(|&id| id != NO_ORDER).unwrap_or_else(|| (hash::of_bytes(id.bytes()) >> 1) as i64)
}

/// Whether it is a whole number from 0 on.
pub(crate) fn is_count(value: f64) -> bool {
    value >= 0.0 && value.fract() == 0.0
}
