//! What customers do after a ticket, by how the ticket went.
//!
//! None of it says that service causes it: who has a ticket buys more than others, and a ticket that
//! is hard to resolve may come from a customer about to leave.

mod report;
mod rows;

pub use report::{ServiceOptions, ServiceReport};
pub use rows::{Handling, ServiceRow};
