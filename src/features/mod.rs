//! Features of one customer as of a cutoff. A feature is a pure function of one [`History`](crate::log::History): it
//! contains no statistics of other customers, so a service can compute it for one customer alone.

mod activity;
mod basket;
mod catalogue;
mod compute;
mod contacts;
mod contract;
mod extract;
mod feature;
mod kinds;
mod of_models;
mod paths;
mod reason_group;
mod rfm;
mod rhythm;
mod season;
mod spend;
mod surveys;
mod table;
mod tickets;
mod wanted;
mod windows;
mod write;

pub use catalogue::{catalogue, catalogue_table};
pub use compute::of_history;
pub use feature::{Family, Feature, Unit};
pub use reason_group::ReasonGroup;
pub use table::{ColumnValues, FeatureColumn, FeatureTable};
pub use write::WrittenFeatures;

pub(crate) use activity::{DAYS_SINCE_LAST_EVENT, MEAN_EVENT_GAP_DAYS};
pub(crate) use catalogue::{Place, available, find};
pub(crate) use compute::{EMPTY_ROW, Scratch, compute};
pub(crate) use kinds::{KindColumns, described, known_kinds, most_frequent, of_kind};
pub(crate) use of_models::{
    CALENDAR, LOG_GAP_Z, MBG_NBD_LOG_ODDS, SILENCE_END_LOG_ODDS, is_calendar,
};
pub(crate) use rfm::DAYS_SINCE_LAST_PURCHASE;
pub(crate) use rhythm::MEAN_GAP_DAYS;
pub(crate) use wanted::Wanted;

#[cfg(test)]
mod tests;
