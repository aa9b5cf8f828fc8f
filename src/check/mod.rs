//! What a table seems to be, and what in a log may mislead.

mod alike;
mod argument;
mod cases;
mod contracts;
mod customers;
mod facts;
mod finding;
mod forms;
mod judged;
mod log_check;
mod made;
mod names;
mod numbers;
mod order_facts;
mod orders;
mod profile;
mod proposal;
mod read;
mod reading;
mod rest;
mod roles;
mod seen;
mod table_check;
mod table_look;
mod table_text;
mod time_forms;
mod times;
mod values;
mod whole;
mod zones;

pub use finding::{Finding, Severity};
pub use log_check::{LogCheck, LookedFor, notes};
pub use reading::Reading;
pub use table_check::{ColumnGuess, TableCheck, TableCheckOptions};
