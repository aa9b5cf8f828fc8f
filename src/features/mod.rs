//! Features of one customer as of a cutoff. A feature is a pure function of one [`History`](crate::log::History): it
//! contains no statistics of other customers, so a service can compute it for one customer alone.

mod activity;
mod basket;
mod catalogue;
#[cfg(feature = "io")]
mod catalogue_table;
mod compute;
mod contacts;
mod contract;
#[cfg(feature = "io")]
mod extract;
mod feature;
mod gaps;
mod kinds;
#[cfg(feature = "io")]
mod kinds_of_log;
mod of_models;
mod of_rows;
mod paths;
mod reason_group;
mod rfm;
mod rhythm;
mod season;
mod spend;
mod surveys;
#[cfg(feature = "io")]
mod table;
mod tickets;
mod wanted;
mod windows;
#[cfg(feature = "io")]
mod write;

pub use catalogue::catalogue;
#[cfg(feature = "io")]
pub use catalogue_table::catalogue_table;
pub use compute::of_history;
pub use feature::{Family, Feature, Unit};
pub use reason_group::ReasonGroup;
#[cfg(feature = "io")]
pub use table::{ColumnValues, FeatureColumn, FeatureTable};
#[cfg(feature = "io")]
pub use write::WrittenFeatures;

pub(crate) use activity::{DAYS_SINCE_LAST_EVENT, MEAN_EVENT_GAP_DAYS};
pub(crate) use catalogue::{Place, available, find};
pub(crate) use compute::{EMPTY_ROW, Scratch, compute};
#[cfg(feature = "train")]
pub(crate) use contract::DAYS_TO_RENEWAL;
pub(crate) use kinds::{KindColumns, described, of_kind};
#[cfg(feature = "io")]
pub(crate) use kinds_of_log::{most_frequent, shared_kinds};
pub(crate) use of_models::{
    CALENDAR, LOG_GAP_Z, MBG_NBD_LOG_ODDS, SILENCE_END_LOG_ODDS, is_calendar,
};
pub(crate) use rfm::DAYS_SINCE_LAST_PURCHASE;
pub(crate) use rhythm::MEAN_GAP_DAYS;
pub(crate) use wanted::Wanted;

#[cfg(all(test, feature = "io"))]
mod tests;
