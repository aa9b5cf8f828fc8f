//! When and how often customers buy: summaries and models of their purchases.
//!
//! [`ModifiedBetaGeo`], [`BetaGeo`] and [`ParetoNBD`] say who is a customer still, who buys again
//! and when; [`GammaGamma`] for how much.

mod beta_geo;
mod beta_geo_future;
mod beta_geo_kernel;
mod buyer;
#[cfg(feature = "io")]
mod buyer_table;
mod buyers;
#[cfg(feature = "io")]
mod contract_periods;
#[cfg(feature = "io")]
mod customer_timing;
mod distinct;
mod estimates;
#[cfg(feature = "io")]
mod estimates_table;
#[cfg(feature = "io")]
mod forecast;
mod gamma_gamma;
mod geometric;
mod geometric_fit;
mod later_purchases;
#[cfg(feature = "io")]
mod leaves;
mod merged;
mod model_bytes;
mod newton;
mod pareto_kernel;
mod pareto_nbd;
mod power_integral;
#[cfg(feature = "io")]
mod purchase_answers;
mod purchase_counts;
mod purchase_model;
mod quadrature;
#[cfg(feature = "io")]
mod renewals;
#[cfg(feature = "io")]
mod rfm_summary;
mod root;
mod spend_model;
#[cfg(feature = "io")]
mod spend_model_fit;
mod spenders;
#[cfg(feature = "io")]
mod summarise;
mod time_unit;
#[cfg(feature = "io")]
mod value_interval;

pub use beta_geo::{BetaGeo, ModifiedBetaGeo, Regularity};
pub use buyer::Buyer;
#[cfg(feature = "io")]
pub use buyer_table::BuyerTable;
pub use buyers::Buyers;
#[cfg(feature = "io")]
pub use customer_timing::CustomerTiming;
#[cfg(feature = "io")]
pub(crate) use customer_timing::{TimedBy, timing_columns};
pub use estimates::Estimates;
#[cfg(feature = "io")]
pub use forecast::{Forecast, ForecastOptions, PurchaseModelKind};
pub use gamma_gamma::{FittedGammaGamma, GammaGamma, LifetimeValue};
pub use geometric::ShiftedBetaGeometric;
#[cfg(feature = "io")]
pub use leaves::LeavesOptions;
pub use pareto_nbd::ParetoNBD;
#[cfg(feature = "io")]
pub use purchase_answers::Predictions;
pub use purchase_model::FittedPurchaseModel;
#[cfg(feature = "io")]
pub use renewals::{AgeRenewals, GroupRenewals, RenewalOptions, Renewals};
#[cfg(feature = "io")]
pub use rfm_summary::{RfmSummary, RfmSummaryOptions, RfmSummaryRow};
pub(crate) use spend_model::Bought;
pub use spend_model::SpendModel;
#[cfg(feature = "io")]
pub(crate) use spend_model_fit::purchases;
#[cfg(feature = "io")]
pub use summarise::{SummaryColumns, summarise_transactions};
pub use time_unit::TimeUnit;
