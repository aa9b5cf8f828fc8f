//! What a hazard model learns, and from which cutoffs.

use crate::churn::ChurnModelBuilder;
use crate::error::{Error, Result};
use crate::time::Span;

/// What a [`TimeToPurchase`](super::TimeToPurchase) learns, and from which cutoffs; created by
/// [`TimeToPurchase::builder`](super::TimeToPurchase::builder).
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct TimeToPurchaseBuilder {
    pub(super) learning: ChurnModelBuilder,
    pub(super) max_horizon: Span,
}

impl Default for TimeToPurchaseBuilder {
    fn default() -> Self {
        let learning = ChurnModelBuilder::default();
        TimeToPurchaseBuilder { learning, max_horizon: Span::months(12) }
    }
}

impl TimeToPurchaseBuilder {
    /// Estimator, cutoffs, attributes and limits of states, as of a churn model; its horizon is that of
    /// the columns about a horizon. There is no lead, and calibration is as `auto` or none.
    #[must_use]
    pub fn learning(mut self, learning: ChurnModelBuilder) -> Self {
        self.learning = learning;
        self
    }

    /// The longest time to a purchase that is to be told, a [`Span`] or a text such as `1y`, at most four
    /// years. Default: twelve months. The outcomes of training may reach less far.
    ///
    /// # Errors
    /// [`Error::Argument`] for a text that is no span.
    pub fn max_horizon<T: TryInto<Span>>(mut self, max_horizon: T) -> Result<Self>
    where
        Error: From<T::Error>,
    {
        self.max_horizon = max_horizon.try_into()?;
        Ok(self)
    }
}
