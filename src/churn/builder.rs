//! What a churn model learns, and from which cutoffs.

use super::calibration::CalibrationChoice;
use super::estimator::Estimator;
use crate::error::{Error, Result};
use crate::labels::{Label, LifecycleLimits};
use crate::panel::PanelOptions;
use crate::time::Span;

/// What a [`ChurnModel`](super::ChurnModel) learns, and from which cutoffs; created by
/// [`ChurnModel::builder`](super::ChurnModel::builder).
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct ChurnModelBuilder {
    pub(crate) estimator: Estimator,
    pub(crate) panel: PanelOptions,
    pub(crate) cutoffs: usize,
    pub(crate) stride: Span,
    #[serde(default)]
    pub(crate) most_kinds: usize,
    #[serde(default)]
    pub(crate) min_level: usize,
    pub(crate) monotone: bool,
    pub(crate) calibration: CalibrationChoice,
}

impl Default for ChurnModelBuilder {
    fn default() -> Self {
        ChurnModelBuilder {
            estimator: Estimator::default(),
            panel: PanelOptions::default(),
            cutoffs: 24,
            stride: Span::days(30),
            most_kinds: 12,
            min_level: 5,
            monotone: true,
            calibration: CalibrationChoice::Auto,
        }
    }
}

impl ChurnModelBuilder {
    /// Model to train, by name or with its parameters. Default: [`Average`](super::Average).
    ///
    /// ```
    /// use winback::{Boosting, ChurnModel};
    /// let by_name = ChurnModel::builder().estimator("boosting")?.horizon("2mo")?.lead("7d")?;
    /// let by_hand = ChurnModel::builder().estimator(Boosting::lightgbm())?;
    /// assert!(ChurnModel::builder().estimator("forest").is_err());
    /// # let _ = (by_name, by_hand);
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] for a text that names none.
    pub fn estimator<T: TryInto<Estimator>>(mut self, estimator: T) -> Result<Self>
    where
        Error: From<T::Error>,
    {
        self.estimator = estimator.try_into()?;
        Ok(self)
    }

    /// Length of the outcome window, a [`Span`] or a text such as `3mo`. Default: three months.
    ///
    /// # Errors
    /// [`Error::Argument`] for a text that is no span.
    pub fn horizon<T: TryInto<Span>>(mut self, horizon: T) -> Result<Self>
    where
        Error: From<T::Error>,
    {
        self.panel.horizon = horizon.try_into()?;
        Ok(self)
    }

    /// Pause between cutoff and outcome window: ingestion delay and time to act. Default: none.
    ///
    /// # Errors
    /// [`Error::Argument`] for a text that is no span.
    pub fn lead<T: TryInto<Span>>(mut self, lead: T) -> Result<Self>
    where
        Error: From<T::Error>,
    {
        self.panel.lead = lead.try_into()?;
        Ok(self)
    }

    /// Which purchases in the outcome window count. Default: all.
    #[must_use]
    pub fn label(mut self, label: Label) -> Self {
        self.panel.label = label;
        self
    }

    /// Limits of the lifecycle states. Default: three and six months.
    #[must_use]
    pub fn limits(mut self, limits: LifecycleLimits) -> Self {
        self.panel.limits = limits;
        self
    }

    /// Customers' attributes that enter the model. Default: none, because the latest value of an
    /// attribute such as a status may give away the outcome. One whose texts tell persons apart, such
    /// as an address, is refused: more than one text for two customers.
    ///
    /// ```
    /// let builder = winback::ChurnModel::builder().attributes(["region", "age"]);
    /// # let _ = builder;
    /// ```
    #[must_use]
    pub fn attributes<S: Into<String>>(mut self, attributes: impl IntoIterator<Item = S>) -> Self {
        self.panel.attributes = attributes.into_iter().map(Into::into).collect();
        self
    }

    /// Most training cutoffs; those before the log's first transaction are left out. Default: 24.
    #[must_use]
    pub fn cutoffs(mut self, cutoffs: usize) -> Self {
        self.cutoffs = cutoffs;
        self
    }

    /// Spacing of the training cutoffs. Default: 30 days.
    ///
    /// # Errors
    /// [`Error::Argument`] for a text that is no span.
    pub fn stride<T: TryInto<Span>>(mut self, stride: T) -> Result<Self>
    where
        Error: From<T::Error>,
    {
        self.stride = stride.try_into()?;
        Ok(self)
    }

    /// How many kinds of events may have columns of their own, at most 200: those with most events known
    /// at the latest training cutoff, and of them those whose number in 30 days or a year says something
    /// of purchases to come (by three standard errors, among customers of one state and about as many
    /// purchases). All others count as one kind, `other`, and so do kinds that training did not see. The
    /// model keeps the list. Default: 12; 0: none.
    #[must_use]
    pub fn most_kinds(mut self, most_kinds: usize) -> Self {
        self.most_kinds = most_kinds;
        self
    }

    /// Fewest customers whose text an attribute's text must be, at the training cutoffs together, to be
    /// told apart: all rarer ones count as one, `other`, and so do texts that training did not see. A
    /// model keeps no text that fewer have. Default: 5; 0: every text is told apart.
    #[must_use]
    pub fn min_level(mut self, min_level: usize) -> Self {
        self.min_level = min_level;
        self
    }

    /// Whether boosted trees are monotonic where the direction is obvious: more purchases never
    /// lower the chance of a purchase, and more returned goods or badly handled tickets never raise
    /// it; the feature catalogue says which
    /// ([`Feature::expected_sign`](crate::features::Feature::expected_sign)). Default: yes. The
    /// estimator's own constraints take precedence.
    #[must_use]
    pub fn monotone(mut self, monotone: bool) -> Self {
        self.monotone = monotone;
        self
    }

    /// How to calibrate probabilities. Default: [`CalibrationChoice::Auto`].
    ///
    /// A model of the same kind is trained on the cutoffs whose outcome windows end before the
    /// latest cutoff. The calibration is fitted to its predictions for that cutoff's customers and
    /// what they then did. The model that scores is trained on all cutoffs. If either part has
    /// fewer than [`MIN_OUTCOMES`](super::MIN_OUTCOMES) rows of an outcome, nothing is calibrated.
    /// [`ChurnModel::calibration`](super::ChurnModel::calibration) says what was done, with figures
    /// before and after.
    #[must_use]
    pub fn calibration(mut self, calibration: CalibrationChoice) -> Self {
        self.calibration = calibration;
        self
    }
}
