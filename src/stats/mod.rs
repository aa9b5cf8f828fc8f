//! Statistics that several rooms need: distributions, intervals, survival.

pub(crate) mod beta;
pub mod rates;
pub(crate) mod special;
pub mod survival;
