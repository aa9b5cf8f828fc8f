//! The model of the time to the next purchase, and what is in it.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use super::builder::TimeToPurchaseBuilder;
use super::hazards::{Hazards, Stretch};
use super::period_columns::PeriodColumns;
use super::periods::Periods;
use super::reference::Reference;
use crate::answer::output::write_aside;
use crate::churn::recipe::Recipe;
use crate::churn::{Adopted, Estimator};
use crate::error::{Error, Result};
use crate::labels::{LifecycleLimits, State};
use crate::log::{CustomerHistory, EventRoles, PurchaseRules, grouped};
use crate::model_file;
use crate::time::{Span, Timestamp};

const FORMAT: &str = "winback time to purchase";
const VERSION: u32 = 3;

/// When customers buy next, by all features: the chance of a purchase within any number of days, from
/// one fit.
///
/// A discrete-time hazard model. The time after a cutoff is cut into periods, of a week at first and
/// longer ones later on. For each, models as those of a [`ChurnModel`](crate::ChurnModel) tell the chance
/// of a purchase in it, given that there was none before: from the features at the cutoff and from what
/// changes as the silence goes on, which are its length, the chances by all customers' purchases and
/// silences, and the season. The chance of no purchase up to a period's end is the product of these, so
/// that it never rises.
///
/// ```
/// use winback::hazard::{PurchaseTimesOptions, TimeToPurchase};
/// use winback::{EventLog, simulate::Simulation};
/// let shop = Simulation::default().customers(400).run()?;
/// let log = EventLog::builder()
///     .transactions([shop.transactions])
///     .observed_until("2025-01-01")?
///     .build()?;
/// let model = TimeToPurchase::builder().max_horizon("6mo")?.fit(&log, "2024-10-01")?;
/// let times = model.score(&log.at("2024-10-01")?, &PurchaseTimesOptions::default())?;
/// let within = &times.rows()[0].purchase_probability; // 30, 90 and 180 days
/// assert!(within[0] <= within[1] && within[1] <= within[2]);
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
#[serde(remote = "Self")]
pub struct TimeToPurchase {
    pub(super) settings: TimeToPurchaseBuilder,
    pub(super) training: HazardTraining,
    pub(super) periods: Periods,
    /// What was learned; shared by all clones.
    #[serde(with = "crate::model_file::shared")]
    pub(super) recipe: Arc<Recipe>,
    #[serde(with = "crate::model_file::shared")]
    pub(super) stretches: Arc<Vec<Stretch>>,
    /// In the order of [`State::ALL`].
    #[serde(with = "crate::model_file::shared")]
    pub(super) references: Arc<[Reference; 3]>,
}

/// What a hazard model was trained on.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct HazardTraining {
    /// Nothing at or after this instant was used.
    pub until: Timestamp,
    /// The cutoffs, ascending.
    pub cutoffs: Vec<Timestamp>,
    /// Customers with a purchase before the latest cutoff.
    pub customers: usize,
    /// The share of the log's customers that it was trained on, drawn by their ids; 1: all.
    #[serde(default = "crate::model_file::all")]
    pub share: f64,
    /// Periods with a purchase.
    pub purchases: usize,
    /// Periods without.
    pub periods_without: usize,
    /// How many of all these periods it learned from.
    pub rows: usize,
}

model_file::checked_serde!(TimeToPurchase);

impl TimeToPurchase {
    /// Starts a description of the model to train.
    pub fn builder() -> TimeToPurchaseBuilder {
        TimeToPurchaseBuilder::default()
    }

    /// The estimator as it was before the fit.
    pub fn estimator(&self) -> &Estimator {
        &self.settings.learning.estimator
    }

    /// The longest time that was to be told.
    pub fn max_horizon(&self) -> Span {
        self.settings.max_horizon
    }

    /// Limits of the lifecycle states.
    pub fn limits(&self) -> LifecycleLimits {
        self.settings.learning.panel.limits
    }

    /// The customers' attributes that it reads.
    pub fn attributes(&self) -> Vec<String> {
        self.recipe.attribute_names()
    }

    /// Whether boosted trees are monotonic where the direction is obvious.
    pub fn monotone(&self) -> bool {
        self.settings.learning.monotone
    }

    /// How many kinds of events were to have columns of their own.
    pub fn most_kinds(&self) -> usize {
        self.settings.learning.most_kinds
    }

    /// Fewest customers who must share a text of an attribute or a kind of events for it to be told apart.
    pub fn min_level(&self) -> usize {
        self.settings.learning.min_level
    }

    /// What it was trained on.
    pub fn training(&self) -> &HazardTraining {
        &self.training
    }

    /// The periods of the time after a cutoff. They end where the outcomes of training do: as long as in
    /// each at least [`MIN_OUTCOMES`](crate::churn::MIN_OUTCOMES) customers bought, and as many did not.
    pub fn periods(&self) -> &Periods {
        &self.periods
    }

    /// Names of the columns it reads: those of a churn model, then those of the period.
    pub fn columns(&self) -> Vec<String> {
        self.period_columns().names()
    }

    /// How the log it was trained on formed purchases; a log that is scored must do the same.
    pub fn purchase_rules(&self) -> PurchaseRules {
        self.recipe.rules
    }

    /// What kinds of events stood for in the log it was trained on; a log that is scored must say the
    /// same.
    pub fn event_roles(&self) -> &EventRoles {
        &self.recipe.event_roles
    }

    /// An empty history to which a service appends one customer's events, with the columns and rules of
    /// the log this model was trained on.
    pub fn customer_history(&self) -> CustomerHistory {
        self.recipe.customer_history()
    }

    /// The same customer's history with the columns and rules of this model, as
    /// [`ChurnModel::adopt`](crate::ChurnModel::adopt) makes it.
    ///
    /// # Errors
    /// As it has.
    pub fn adopt(&self, customer: &CustomerHistory) -> Result<Adopted> {
        self.recipe.adopt(customer)
    }

    pub(super) fn period_columns(&self) -> PeriodColumns<'_> {
        PeriodColumns { recipe: &self.recipe, periods: &self.periods }
    }

    pub(super) fn hazards(&self) -> Hazards<'_> {
        Hazards { columns: self.period_columns(), stretches: &self.stretches }
    }

    /// Writes the model to a file, completely or not at all.
    ///
    /// # Errors
    /// [`Error::Io`] when the file cannot be written; nothing half-written stays.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let bytes = self.to_bytes()?;
        write_aside(path.as_ref(), |out| out.write_all(&bytes))
    }

    /// Reads a model that [`TimeToPurchase::save`] wrote; it is bit-identical to the saved one.
    ///
    /// # Errors
    /// [`Error::Io`] when the file cannot be read, [`Error::ModelFile`] when it is damaged, of another
    /// version, or not a file of such a model.
    pub fn load(path: impl AsRef<Path>) -> Result<TimeToPurchase> {
        let path = path.as_ref();
        Self::from_bytes(&model_file::read(path)?).map_err(|error| error.in_model_file(path))
    }

    /// Whether a file says that it holds such a model: which of the models to read it as.
    ///
    /// ```
    /// # let folder = tempfile::tempdir().map_err(|e| winback::Error::Shape(e.to_string()))?;
    /// # let path = folder.path().join("other.winback");
    /// # std::fs::write(&path, "{}").map_err(|e| winback::Error::Shape(e.to_string()))?;
    /// assert!(!winback::hazard::TimeToPurchase::is_in(&path)?);
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Io`] when the file cannot be read.
    pub fn is_in(path: impl AsRef<Path>) -> Result<bool> {
        Ok(model_file::format_in(path.as_ref())?.as_deref() == Some(FORMAT))
    }

    /// The bytes of the model file.
    ///
    /// # Errors
    /// [`Error::ModelFile`] when the model cannot be written, which should not happen.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        model_file::encode(FORMAT, VERSION, self)
    }

    /// A model from the bytes of a model file.
    ///
    /// # Errors
    /// As [`TimeToPurchase::load`].
    pub fn from_bytes(bytes: &[u8]) -> Result<TimeToPurchase> {
        model_file::decode(FORMAT, VERSION, bytes)
    }

    /// Refuses a model that cannot score, as of a damaged file.
    fn check(&self) -> Result<()> {
        self.recipe.check()?;
        self.recipe.learned.check(self.training.until)?;
        if !self.periods.is_sound() {
            return Err(Error::model_file("its periods are none"));
        }
        let modelled: usize = self.stretches.iter().map(|stretch| stretch.periods).sum();
        if modelled != self.periods.count() {
            return Err(Error::model_file("its models are not those of its periods"));
        }
        let width = self.period_columns().width();
        for Stretch { members, .. } in self.stretches.iter() {
            let missing = |state| !members.iter().any(|member| member.whom.includes(state));
            if State::ALL.into_iter().any(missing) {
                return Err(Error::model_file("it has no model of some customers"));
            }
            for member in members {
                if member.estimator.checked_columns()? != width {
                    return Err(Error::model_file("model and recipe differ in their columns"));
                }
                member.check()?;
            }
        }
        let columns = self.period_columns();
        self.references.iter().try_for_each(|reference| reference.check(columns))?;
        self.limits().at(self.training.until).map_err(Error::damaged_model)?;
        Ok(())
    }
}

impl fmt::Display for TimeToPurchase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let HazardTraining { until, cutoffs, share, purchases, periods_without, rows, .. } =
            &self.training;
        writeln!(
            f,
            "{} hazard model of the time to the next purchase: {} periods up to {} days",
            self.estimator().name(),
            self.periods.count(),
            self.periods.longest()
        )?;
        if let (Some(first), Some(last)) = (cutoffs.first(), cutoffs.last()) {
            writeln!(
                f,
                "trained at {} cutoffs from {first} to {last}, on what was known before {until}",
                cutoffs.len()
            )?;
        }
        if *share < 1.0 {
            writeln!(f, "of a share of {share} of the customers, drawn by their ids")?;
        }
        let n = |count: usize| grouped(count as u64);
        write!(
            f,
            "{} periods with a purchase and {} without, of which it learned from {}",
            n(*purchases),
            n(*periods_without),
            n(*rows)
        )?;
        self.recipe.tell_pooled(self.min_level(), f)
    }
}
