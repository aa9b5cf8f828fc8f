//! The rows as they are kept: by column, customer and time, and the views of one customer.

pub(crate) mod attribute_cells;
pub(crate) mod attributes;
pub(crate) mod customers;
pub(crate) mod dropped;
pub(crate) mod event_columns;
pub(crate) mod event_roles;
pub(crate) mod events;
pub(crate) mod group;
pub(crate) mod history;
pub(crate) mod ids;
pub(crate) mod log_columns;
pub(crate) mod options;
pub(crate) mod placed;
pub(crate) mod pool;
pub(crate) mod purchases;
pub(crate) mod shard;
pub(crate) mod surveys;
pub(crate) mod table_report;
pub(crate) mod tickets;
pub(crate) mod transactions;
