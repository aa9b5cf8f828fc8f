//! winback
pub mod error;
pub mod time;
pub use error::{Error, Result};
