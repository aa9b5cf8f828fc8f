//! The table that buy-till-you-die models (BG/NBD, Pareto/NBD, Gamma-Gamma) start from: for each
//! customer how often it bought again, when last, and for how long it has been known.
//!
//! Its columns have the names and the meaning that lifetimes and PyMC-Marketing give them (Fader,
//! Hardie and Lee 2005, "Counting your customers the easy way"), which are not those of this
//! crate's features:
//!
//! | column | meaning | not to be taken for |
//! |---|---|---|
//! | `frequency` | periods with a purchase, less the first: x, repeat purchases | `purchase_count`, all purchases |
//! | `recency` | from the first period with a purchase to the last: t_x; high means lately | `days_since_last_purchase`, where low means lately |
//! | `T` | from the first period with a purchase to the last observed one | `tenure_days`, up to the cutoff |
//! | `monetary_value` | mean of what the periods with a purchase sum to, without the first; 0 where nothing was bought again | `average_check`, net spend per purchase, the first too |
//!
//! All that a customer buys in one period (a day, unless said otherwise) is one purchase.

mod columns;
mod summary;
mod unit;

pub use columns::{SummaryColumns, summarise};
pub use summary::{RfmSummary, RfmSummaryOptions, RfmSummaryRow};
pub use unit::TimeUnit;
