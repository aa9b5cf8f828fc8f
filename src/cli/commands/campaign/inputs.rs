//! What the steps of a campaign read.

use std::path::{Path, PathBuf};

use clap::Args;
use winback::campaign::{Effect, EffectOptions, PlanFile};
use winback::log::{CustomerTable, check_spared};

use crate::cli::args::load;
use crate::cli::failure::Failure;
use crate::cli::progress::during;
use crate::cli::tables::Tables;

/// What an effect is made of, beside the log.
#[derive(Debug, Args)]
pub(super) struct EffectOf {
    /// The table of arms: customer_id, the column of the arm and, without a log, outcomes
    #[arg(long, value_name = "FILE")]
    arms: PathBuf,
    /// Plan that `winback campaign assign` wrote: arms must be those that it drew
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,
    /// Model file written by `winback fit`, for the covariate purchase_probability
    #[arg(long, value_name = "FILE", requires = "log")]
    model: Option<PathBuf>,
    #[command(flatten)]
    options: EffectOptions,
}

impl EffectOf {
    /// The files that are read, beside those of the log.
    pub(super) fn inputs(&self) -> Vec<PathBuf> {
        let inputs = [Some(&self.arms), self.plan.as_ref(), self.model.as_ref()];
        inputs.into_iter().flatten().cloned().collect()
    }

    /// The effect, and whether it is one on activity; `looks` are those of a log where none are asked
    /// for.
    pub(super) fn find(
        &self,
        tables: &Tables,
        looks: Option<u32>,
    ) -> Result<(Effect, bool), Failure> {
        let plan = self.plan.as_ref().map(PlanFile::load).transpose()?;
        let model = self.model.as_deref().map(load).transpose()?;
        let log = match has_log(tables) {
            true => Some(tables.read(model.as_ref())?),
            false => None,
        };
        let mut options = self.options.clone();
        options.looks = options.looks.or(looks.filter(|_| log.is_some()));
        let found = during("comparing", || {
            let table = CustomerTable::of_path("arms", &self.arms)?;
            match &log {
                Some(log) => Effect::of_log(log, &table, plan.as_ref(), model.as_ref(), &options),
                None => Effect::of_table(&table, plan.as_ref(), &options),
            }
        })?;
        Ok((found, log.is_some_and(|log| log.columns().tells_activity())))
    }
}

/// Refuses to write over the tables of the log and these other inputs.
pub(super) fn spare(output: &Path, tables: &Tables, others: &[PathBuf]) -> Result<(), Failure> {
    tables.spare(output, None)?;
    Ok(check_spared(output, others)?)
}

/// Whether the tables of a log are given.
pub(super) fn has_log(tables: &Tables) -> bool {
    tables.transactions.is_some() || tables.events.is_some()
}
