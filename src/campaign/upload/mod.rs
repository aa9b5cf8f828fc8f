//! Files for the tools that send: a list with the identifiers that they know customers by.

mod budget;
mod options;
mod report;
mod rows;
mod rules;
#[cfg(feature = "xlsx")]
mod sheet;
mod write;

pub use options::{Identifier, UploadOptions, UploadTarget};
pub use write::Upload;
