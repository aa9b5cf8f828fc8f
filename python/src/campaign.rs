//! Campaigns: how many customers, which arms, and what came of it.

use std::path::PathBuf;

use pyo3::prelude::*;
use pyo3::types::PyDict;
use winback::campaign::{
    AssignOptions, Assignment, CampaignPlan, CampaignPlanOptions, Compensation,
    CompensationOptions, CompensationOutcomeOptions, CompensationOutcomes, Effect, EffectOptions,
    PlanFile, Upload, UploadOptions,
};
use winback::log::CustomerTable;
use winback::report::{CampaignAnswers, CampaignReportOptions, Report, check_report_path};

use crate::analyses::answer_of;
use crate::answer::{Answer, options};
use crate::churn::ChurnModel;
use crate::error::Result;
use crate::event_log::{EventLog, Source, source};
use crate::snapshot::Snapshot;
use crate::threads::Compute;

/// A table of customers, read on the package's own threads.
pub(crate) fn customer_table(
    name: &'static str,
    given: &Bound<'_, PyAny>,
) -> Result<CustomerTable> {
    let py = given.py();
    match source(name, given)? {
        Source::Path(path) => py.compute(|| CustomerTable::of_path(name, path)),
        Source::Stream(stream) => py.compute(|| CustomerTable::of_stream(name, stream)),
    }
}

#[pyfunction]
pub(crate) fn campaign_plan(py: Python<'_>, options: &Bound<'_, PyDict>) -> Result<Answer> {
    let options: CampaignPlanOptions = self::options(options)?;
    Answer::new(py, &py.compute(|| CampaignPlan::build(&options))?)
}

/// `plan` is where the plan is written.
#[pyfunction]
pub(crate) fn campaign_assign(
    py: Python<'_>,
    customer_list: &Bound<'_, PyAny>,
    now: Option<&Snapshot>,
    others: Vec<Bound<'_, PyAny>>,
    plan: Option<PathBuf>,
    options: &Bound<'_, PyDict>,
) -> Result<Answer> {
    let options: AssignOptions = self::options(options)?;
    let list = customer_table("customer_list", customer_list)?;
    let other = |other: &Bound<'_, PyAny>| customer_table("others", other);
    let others: Vec<CustomerTable> = others.iter().map(other).collect::<Result<_>>()?;
    let now = now.map(|now| &now.snapshot);
    let found = py.compute(|| {
        let found = Assignment::build(&list, now, &others, &options)?;
        plan.map_or(Ok(()), |path| found.plan().save(path))?;
        Ok::<_, winback::Error>(found)
    })?;
    Answer::new(py, &found)
}

/// `plan` is where the plan was written.
#[pyfunction]
pub(crate) fn campaign_effect(
    py: Python<'_>,
    arms: &Bound<'_, PyAny>,
    log: Option<&EventLog>,
    plan: Option<PathBuf>,
    model: Option<&ChurnModel>,
    options: &Bound<'_, PyDict>,
) -> Result<Answer> {
    let options: EffectOptions = self::options(options)?;
    let table = customer_table("arms", arms)?;
    let (log, model) = (log.map(|log| &log.log), model.map(|model| &model.model));
    let found = py.compute(|| {
        let plan = plan.map(PlanFile::load).transpose()?;
        match log {
            Some(log) => Effect::of_log(log, &table, plan.as_ref(), model, &options),
            None => Effect::of_table(&table, plan.as_ref(), &options),
        }
    })?;
    let tells_activity = log.is_some_and(|log| log.columns().tells_activity());
    Answer::told(py, &found, tells_activity)
}

/// Writes a page on a campaign.
#[pyfunction]
pub(crate) fn campaign_report(
    py: Python<'_>,
    path: PathBuf,
    found: &Answer,
    recommendation: Option<&Answer>,
    targets: Option<&Answer>,
    options: &Bound<'_, PyDict>,
) -> Result<()> {
    let options: CampaignReportOptions = self::options(options)?;
    check_report_path(&path)?;
    let mut answers = CampaignAnswers::new(found.parts())?;
    if let Some(recommendation) = recommendation {
        answers = answers.recommendation(recommendation.parts())?;
    }
    if let Some(targets) = targets {
        answers = answers.targets(targets.parts())?;
    }
    py.compute(|| Report::of_campaign(&answers, &options)?.write(&path))
}

/// Lists and identifiers are read as texts.
#[pyfunction]
pub(crate) fn campaign_write(
    py: Python<'_>,
    customer_list: &Bound<'_, PyAny>,
    identifiers: Option<&Bound<'_, PyAny>>,
    path: PathBuf,
    options: &Bound<'_, PyDict>,
) -> Result<Answer> {
    let options: UploadOptions = self::options(options)?;
    let table = |name, given: &Bound<'_, PyAny>| match source(name, given)? {
        Source::Path(path) => Ok(py.compute(|| CustomerTable::texts_of_path(name, path))?),
        Source::Stream(stream) => Ok(py.compute(|| CustomerTable::texts_of_stream(name, stream))?),
    };
    let list: Result<CustomerTable> = table("customer_list", customer_list);
    let list = list?;
    let identifiers = identifiers.map(|given| table("identifiers", given)).transpose()?;
    let written = py.compute(|| Upload::write(&list, identifiers.as_ref(), &path, &options))?;
    Answer::new(py, &written)
}

#[pyfunction]
pub(crate) fn compensation(
    py: Python<'_>,
    now: &Snapshot,
    options: &Bound<'_, PyDict>,
) -> Result<Answer> {
    let options: CompensationOptions = self::options(options)?;
    answer_of(py, &now.snapshot, |now| Compensation::build(now, &options))
}

#[pyfunction]
pub(crate) fn compensation_outcomes(
    py: Python<'_>,
    arms: &Bound<'_, PyAny>,
    log: &EventLog,
    options: &Bound<'_, PyDict>,
) -> Result<Answer> {
    let options: CompensationOutcomeOptions = self::options(options)?;
    let table = customer_table("arms", arms)?;
    answer_of(py, &log.log, |log| CompensationOutcomes::build(log, &table, &options))
}
