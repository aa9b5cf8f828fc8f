//! What customers do after a ticket, depending on how it was handled.
//!
//! None of it shows that service is the cause: customers with tickets buy more than others, and a
//! ticket that is hard to resolve may come from a customer about to leave.

mod build;
mod report;
mod rows;

pub use build::TicketsSought;
pub use report::{ServiceOptions, ServiceReport};
pub use rows::{Handling, ServiceRow};
