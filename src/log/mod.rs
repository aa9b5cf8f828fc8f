//! The event log: all rows by customer and time, and the views that features and labels get.

#[cfg(feature = "io")]
mod activity;
#[cfg(feature = "io")]
mod append;
#[cfg(feature = "io")]
mod assemble;
#[cfg(feature = "io")]
mod builder;
mod counted;
mod customer_history;
#[cfg(feature = "io")]
mod customer_rows;
#[cfg(feature = "io")]
mod customer_table;
#[cfg(feature = "io")]
mod event_log;
#[cfg(feature = "io")]
mod facts;
#[cfg(feature = "io")]
mod fold;
#[cfg(feature = "io")]
mod from_histories;
#[cfg(feature = "io")]
mod given_span;
#[cfg(feature = "io")]
mod history_of_log;
#[cfg(feature = "io")]
mod log_bytes;
#[cfg(feature = "io")]
mod owned_id;
#[cfg(feature = "io")]
mod part;
#[cfg(feature = "io")]
mod part_report;
#[cfg(feature = "io")]
mod parts;
mod read;
#[cfg(feature = "io")]
mod report;
#[cfg(feature = "io")]
mod row_batches;
mod store;
#[cfg(feature = "io")]
mod unmet;

#[cfg(feature = "io")]
pub use self::{
    builder::EventLogBuilder,
    customer_rows::CustomerRows,
    customer_table::CustomerTable,
    event_log::EventLog,
    facts::LogFacts,
    fold::AllCustomers,
    owned_id::OwnedId,
    part::{Mergeable, Part, analysis_of, first_pass_from_bytes, first_pass_to_bytes},
    parts::partition_options::{PartitionOptions, parse_memory},
    parts::partitioned::PartitionedLog,
    parts::sample_options::SampleOptions,
    read::arranged::UNKNOWN_TYPE,
    read::slices::{EventSlices, IdSlice, SurveySlices, TicketSlices, TransactionSlices},
    read::spared::check_spared,
    report::IngestReport,
    store::attribute_cells::OddCells,
    store::customer_index::{CustomerIndex, CustomerIndices},
    store::dropped::DroppedRow,
    store::ids::CustomerIds,
    store::table_report::TableReport,
};
pub use customer_history::{
    CustomerHistory, NewAnswer, NewEvent, NewTicket, NewTransaction, Pushed,
};
pub use store::attributes::AttributeValue;
pub use store::customer_id::CustomerId;
pub use store::event_columns::Event;
pub use store::event_roles::{EventRole, EventRoles};
pub use store::history::{History, Line, Outcome};
pub use store::log_columns::{EventLogColumns, LogColumns, TicketLogColumns};
pub use store::options::{
    BadRows, MissingIds, ObservedUntil, PurchaseBy, PurchaseRules, ZeroAmounts,
};
pub use store::order_id::OrderId;
pub use store::purchases::Purchase;
pub use store::surveys::Answer;
pub use store::tickets::Ticket;

#[cfg(feature = "io")]
pub(crate) use self::{
    customer_rows::ranks,
    customer_table::refuse_misspelt,
    fold::sealed::Logs,
    fold::{known, over_customers},
    parts::partitioned::CUSTOMERS_AT_ONCE,
    parts::sample::Need,
    parts::spool::{Spool, Spooled},
    read::cells::id_array,
    read::input_options::InputOptions,
    read::number_format::NumberFormat,
    read::sample::{GivenType, SampledColumn, TableInput, TableSample, as_texts, scan},
    read::table_files::FileKind,
    store::attributes::AttributeValues,
    store::ids::IdColumn,
    store::values::NO_TIME,
};
#[cfg(feature = "io")]
pub use crate::hash::training_salt;
pub(crate) use counted::{counted, grouped};
pub(crate) use store::event_columns::Act;
pub(crate) use store::pool::{NO_CODE, TextPool};
pub(crate) use store::purchases::{CHECK_LASTS, orders_follow};
pub(crate) use store::values::NO_ORDER;
