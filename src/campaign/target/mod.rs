//! Whom to contact with which offer, so that a budget brings most.
//!
//! Each customer gets at most one offer. Where all offers cost the same, customers in the order of
//! what they bring are the best list there is. Else it is a multiple-choice knapsack: the price at
//! which the money runs out decides (its linear relaxation, as by the efficient frontier of each
//! customer's offers), what is left is spent on the changes that bring most for it, and the bound that
//! no list can exceed is told beside.

mod change;
mod curve;
mod exchange;
mod offers;
mod price;
mod problem;
mod report;
mod solve;
mod targets;
#[cfg(test)]
mod tests;

pub use curve::SpendPoint;
pub use offers::{Offer, Offers};
#[cfg(feature = "xlsx")]
pub(in crate::campaign) use problem::ROUNDED;
pub(in crate::campaign) use problem::payable;
pub use targets::{Target, TargetOptions, Targets};
