//! What a table seems to be, and what in a log may mislead.

mod cases;
mod customers;
mod facts;
mod finding;
mod judged;
mod log_check;
mod names;
mod numbers;
mod order_facts;
mod orders;
mod profile;
mod proposal;
mod roles;
mod table_check;
mod time_forms;
mod times;
mod values;

pub use finding::{Finding, Severity};
pub use log_check::{LogCheck, LookedFor, notes};
pub use table_check::{ColumnGuess, TableCheck, TableCheckOptions};
