//! When and how often customers buy: summaries and models of their purchases.
//!
//! [`ModifiedBetaGeo`], [`BetaGeo`] and [`ParetoNBD`] say who is a customer still, who buys again
//! and when; [`GammaGamma`] for how much.

mod beta_geo;
mod beta_geo_future;
mod beta_geo_kernel;
mod buyer;
mod buyer_table;
mod customer_timing;
mod estimates;
mod forecast;
mod gamma_gamma;
mod geometric;
mod later_purchases;
mod leaves;
mod model_bytes;
mod newton;
mod pareto_kernel;
mod pareto_nbd;
mod power_integral;
mod purchase_answers;
mod purchase_model;
mod quadrature;
mod rfm_summary;
mod root;
mod spend_model;
mod summarise;
mod time_unit;

pub use beta_geo::{BetaGeo, ModifiedBetaGeo, Regularity};
pub use buyer::{Buyer, Buyers};
pub use buyer_table::BuyerTable;
pub use customer_timing::CustomerTiming;
pub(crate) use customer_timing::{TimedBy, timing_columns};
pub use estimates::Estimates;
pub use forecast::{Forecast, ForecastOptions, PurchaseModelKind};
pub use gamma_gamma::{FittedGammaGamma, GammaGamma, LifetimeValue};
pub use geometric::ShiftedBetaGeometric;
pub use leaves::LeavesOptions;
pub use pareto_nbd::ParetoNBD;
pub use purchase_answers::Predictions;
pub use purchase_model::FittedPurchaseModel;
pub use rfm_summary::{RfmSummary, RfmSummaryOptions, RfmSummaryRow};
pub use spend_model::SpendModel;
pub(crate) use spend_model::{Bought, purchases};
pub use summarise::{SummaryColumns, summarise_transactions};
pub use time_unit::TimeUnit;
