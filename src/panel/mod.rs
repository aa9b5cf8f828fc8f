//! The training table: features, states and outcomes of all customers at several cutoffs.

mod options;
#[cfg(feature = "io")]
mod table;

pub use options::PanelOptions;
#[cfg(feature = "io")]
pub use table::{Panel, training_cutoffs, training_cutoffs_of};

#[cfg(feature = "io")]
pub(crate) use table::Spacing;
