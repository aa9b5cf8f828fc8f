//! winback
pub mod error;
pub mod features;
pub mod labels;
pub mod log;
pub mod panel;
pub mod time;
pub use error::{Error, Result};
