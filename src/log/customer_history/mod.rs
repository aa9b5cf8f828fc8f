//! One customer's rows in a service: appended one by one, in any order, and then seen through the
//! same [`History`](super::History) as a customer of a log.

mod bytes;
mod checked;
mod customer;
mod decode;
mod edit;
mod keys;
mod new_rows;
mod push;
pub(super) mod row_tables;
pub(super) mod rows;
mod stored;
pub(super) mod wire;

pub use customer::CustomerHistory;
pub use new_rows::{NewAnswer, NewEvent, NewTicket, NewTransaction, Pushed};
