//! Options shared by several commands, and how their values are read.

use std::path::{Path, PathBuf};

use clap::Args;
use winback::answer::value;
use winback::churn::{CalibrationChoice, ChurnModelBuilder};
use winback::hazard::TimeToPurchase;
use winback::labels::{Label, LifecycleLimits};
use winback::time::Moment;
use winback::{ChurnModel, Estimator, Span};

use super::failure::Failure;
use super::progress::during;
use super::tables::ModelRules;

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) =
        text.split_once('=').ok_or("expected a name and a value, as num_leaves=7")?;
    Ok((name.to_owned(), value.to_owned()))
}

/// What every model learns with, and from which cutoffs.
#[derive(Debug, Args)]
#[command(next_help_heading = "Model")]
pub(super) struct Learning {
    /// Model to train: `average` (the mean of regressions and boosted trees), `logistic`, `tree` or
    /// `boosting`
    #[arg(long, value_name = "NAME", default_value = "average", value_parser = value::<Estimator>)]
    estimator: Estimator,
    /// Named set of parameters: `lightgbm` gives boosted trees LightGBM's defaults, which suit
    /// large tables
    #[arg(long, value_name = "NAME")]
    params: Option<String>,
    /// Model parameter, such as num_leaves=7; may be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    param: Vec<(String, String)>,
    /// Drop the monotone constraints of boosted trees: by default, more purchases never lower the
    /// chance of a purchase, and returned goods or badly handled tickets never raise it
    #[arg(long)]
    no_monotone: bool,
    #[command(flatten)]
    limits: LifecycleLimits,
    /// Most training cutoffs; those before the first transaction are left out
    #[arg(long, value_name = "N", default_value = "24")]
    cutoffs: usize,
    /// Spacing of the training cutoffs
    #[arg(long, value_name = "SPAN", default_value = "30d", value_parser = value::<Span>)]
    stride: Span,
    /// How many kinds of events may have columns of their own: the most frequent, as far as their
    /// number says something of purchases to come; all others count as one
    #[arg(long, value_name = "N", default_value = "12")]
    most_kinds: usize,
    /// Fewest customers who must share a text of an attribute or a kind of events for it to be told
    /// apart; all rarer ones count as one, as do those not seen in training
    #[arg(long, value_name = "N", default_value = "5")]
    min_level: usize,
    #[command(flatten)]
    attributes: Attributes,
}

/// What a churn model learns, and from which cutoffs.
#[derive(Debug, Args)]
#[command(next_help_heading = "Model")]
pub(super) struct ModelOptions {
    #[command(flatten)]
    learning: Learning,
    /// How to calibrate probabilities: `none`, `platt`, `isotonic`, `beta`, or `auto`, which
    /// calibrates only if it helped at two later training cutoffs, and never an average
    #[arg(long, value_name = "NAME", default_value = "auto",
          value_parser = value::<CalibrationChoice>)]
    calibration: CalibrationChoice,
    /// Length of the outcome window, the time in which a purchase is predicted: 30d, 12w, 3mo, 1y
    /// ...
    #[arg(long, value_name = "SPAN", default_value = "3mo", value_parser = value::<Span>)]
    pub(super) horizon: Span,
    /// Pause between cutoff and outcome window: time for data to arrive and for you to act
    #[arg(long, value_name = "SPAN", default_value = "0d", value_parser = value::<Span>)]
    pub(super) lead: Span,
    /// Which purchases in the outcome window count: `purchase`, all, or `kept_purchase`, those not
    /// returned in full within it, which takes amounts and order ids
    #[arg(long, value_name = "NAME", default_value = "purchase", value_parser = value::<Label>)]
    label: Label,
}

impl ModelOptions {
    pub(super) fn builder(&self) -> Result<ChurnModelBuilder, Failure> {
        let builder = self.learning.builder()?;
        let builder = builder.horizon(self.horizon)?.lead(self.lead)?;
        Ok(builder.label(self.label).calibration(self.calibration))
    }
}

impl Learning {
    pub(super) fn builder(&self) -> Result<ChurnModelBuilder, Failure> {
        let named = match &self.params {
            Some(name) => self.estimator.with_params(name)?,
            None => self.estimator.clone(),
        };
        let estimator = with_params(named, &self.param)?;
        Ok(ChurnModel::builder()
            .estimator(estimator)?
            .limits(self.limits)
            .cutoffs(self.cutoffs)
            .stride(self.stride)?
            .most_kinds(self.most_kinds)
            .min_level(self.min_level)
            .attributes(self.attributes.names.clone())
            .monotone(!self.no_monotone))
    }
}

/// A regression and its parameters.
#[derive(Debug, Args)]
pub(super) struct EstimatorOf {
    /// What learns: `logistic` (least squares for amounts), on standardised columns without gaps,
    /// `boosting`, which takes gaps, or `average`, the mean of both, without gaps
    #[arg(long, value_name = "NAME", default_value = "logistic", value_parser = value::<Estimator>)]
    estimator: Estimator,
    /// Its parameter, such as c=inf or num_leaves=7; may be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    param: Vec<(String, String)>,
}

impl EstimatorOf {
    pub(super) fn read(&self) -> Result<Estimator, Failure> {
        with_params(self.estimator.clone(), &self.param)
    }
}

/// An estimator with parameters by name.
fn with_params(estimator: Estimator, given: &[(String, String)]) -> Result<Estimator, Failure> {
    let set = |estimator: Estimator, (name, value): &(String, String)| {
        estimator.with_param(name, value).map_err(Failure::Param)
    };
    given.iter().try_fold(estimator, set)
}

/// Columns of the customers table to use.
#[derive(Debug, Args)]
pub(super) struct Attributes {
    /// Column of the customers table to use; may be repeated. None by default, because the latest
    /// value of a status or tier may give away the outcome
    #[arg(long = "attribute", value_name = "NAME")]
    pub(super) names: Vec<String>,
}

/// The cutoff.
#[derive(Debug, Args)]
pub(super) struct At {
    /// Cutoff: only what was known before it is used. A date means its first instant
    #[arg(long, value_name = "DATE", value_parser = value::<Moment>)]
    pub(super) at: Moment,
}

/// A model and the cutoff at which it is used.
#[derive(Debug, Args)]
pub(super) struct ModelAt {
    /// Model file written by `winback fit`
    #[arg(long, value_name = "FILE")]
    model: PathBuf,
    /// Cutoff: only what was known before it is used. A date means its first instant
    #[arg(long, value_name = "DATE", value_parser = value::<Moment>)]
    pub(super) at: Moment,
}

impl ModelAt {
    /// The model's file.
    pub(super) fn path(&self) -> &Path {
        &self.model
    }

    pub(super) fn load(&self) -> Result<ChurnModel, Failure> {
        load(&self.model)
    }

    /// A model of any kind.
    pub(super) fn load_any(&self) -> Result<AnyModel, Failure> {
        Ok(during("reading the model", || AnyModel::load(&self.model))?)
    }
}

/// A model that knows when or whether customers buy.
#[derive(Debug)]
pub(super) enum AnyModel {
    Churn(Box<ChurnModel>),
    Times(Box<TimeToPurchase>),
}

impl AnyModel {
    fn load(path: &Path) -> winback::Result<Self> {
        match TimeToPurchase::is_in(path)? {
            true => Ok(AnyModel::Times(Box::new(TimeToPurchase::load(path)?))),
            false => Ok(AnyModel::Churn(Box::new(ChurnModel::load(path)?))),
        }
    }

    /// How it read its log.
    pub(super) fn rules(&self) -> ModelRules<'_> {
        match self {
            AnyModel::Churn(model) => ModelRules::of(model),
            AnyModel::Times(model) => ModelRules::of_times(model),
        }
    }
}

/// Reads a model.
pub(super) fn load(path: &Path) -> Result<ChurnModel, Failure> {
    Ok(during("reading the model", || ChurnModel::load(path))?)
}
