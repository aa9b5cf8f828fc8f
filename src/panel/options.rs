//! What a panel holds.

use crate::answer::options::options;
#[cfg(feature = "cli")]
use crate::answer::value;
use crate::labels::{Label, LifecycleLimits};
use crate::time::Span;

options! {
    /// The outcome and the columns of a panel.
    pub struct PanelOptions {
        /// Pause between cutoff and outcome window: time for data to arrive and for you to act
        #[value(value_name = "SPAN", value_parser = value::<Span>)]
        #[takes(span)]
        lead: Span = Span::ZERO,
        /// Length of the outcome window, such as 30d, 12w, 3mo or 1y
        #[value(value_name = "SPAN", value_parser = value::<Span>)]
        #[takes(span)]
        horizon: Span = Span::months(3),
        /// Which purchases in the outcome window count: `purchase`, all, or `kept_purchase`, those not
        /// returned in full within it, which takes amounts and order ids
        #[value(value_name = "NAME", value_parser = value::<Label>)]
        label: Label = Label::Purchase,
        /// Limits of the lifecycle states
        #[skip(cli)]
        limits: LifecycleLimits = LifecycleLimits::default(),
        /// Columns of the customers table to include with the features
        #[option(long = "attribute", value_name = "NAME")]
        #[takes(texts)]
        attributes: Vec<String> = Vec::new(),
        /// Kinds of events that have columns of their own; all other kinds count as other
        #[option(long = "kind", value_name = "NAME")]
        #[takes(texts)]
        kinds: Vec<String> = Vec::new(),
    }
}
