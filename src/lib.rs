//! winback
pub mod error;
pub mod log;
pub mod time;
pub use error::{Error, Result};
