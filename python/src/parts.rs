//! Results of some customers, for whoever brings those of all together.

use arrow_array::RecordBatch;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use serde::Serialize;
use serde::de::DeserializeOwned;
use winback::Error;
use winback::evaluation::{Drift, DriftCounts, QualityReport};
use winback::groups::GroupNames;
use winback::inactivity::{InactivityOptions, InactivityReport};
use winback::log::{Mergeable, Part, analysis_of, first_pass_from_bytes, first_pass_to_bytes};
use winback::retention::{Cohorts, Flow, Migration, Retention, RetentionCurve, StateMigration};
use winback::segments::{
    Concentration, ConcentrationOptions, LoyaltyGroups, LoyaltyRules, RfmScores, Spread,
};
use winback::service::{ServiceOptions, ServiceReport, TicketsSought};
use winback::surveys::{AnswersSought, NpsOptions, NpsReport};
use winback::time::IntoTimestamp;

use crate::analyses::{RfmSegments, rfm_options};
use crate::answer::{Answer, options};
use crate::arrow::import_stream;
use crate::churn::ChurnModel;
use crate::error::Result;
use crate::event_log::EventLog;
use crate::snapshot::Snapshot;
use crate::table::Table;
use crate::threads::Compute;
use crate::values::instant;

/// The customers of a part.
#[derive(FromPyObject)]
pub(crate) enum Of<'py> {
    Log(Bound<'py, EventLog>),
    Now(Bound<'py, Snapshot>),
}

impl Of<'_> {
    fn log(&self) -> Result<&winback::EventLog> {
        match self {
            Of::Log(log) => Ok(&log.get().log),
            Of::Now(_) => Err(Error::argument("of", "a snapshot", "an event log").into()),
        }
    }

    fn now(&self) -> Result<&winback::Snapshot> {
        match self {
            Of::Now(now) => Ok(&now.get().snapshot),
            Of::Log(_) => Err(Error::argument("of", "an event log", "a snapshot").into()),
        }
    }
}

/// What an analysis finds in the customers of a part; `first` is what a first pass over all gave, or
/// fitted segments; `model` a model that it needs or may use.
#[pyfunction]
#[pyo3(signature = (analysis, of, options, first=None, model=None))]
pub(crate) fn part<'py>(
    py: Python<'py>,
    analysis: &str,
    of: Of<'py>,
    options: &Bound<'py, PyDict>,
    first: Option<&[u8]>,
    model: Option<&ChurnModel>,
) -> Result<Bound<'py, PyBytes>> {
    let model = model.map(|model| &model.model);
    let bytes = match analysis {
        Retention::NAME => of_log::<Retention>(py, &of, options),
        RetentionCurve::NAME => of_log::<RetentionCurve>(py, &of, options),
        Cohorts::NAME => of_log::<Cohorts>(py, &of, options),
        Flow::NAME => of_log::<Flow>(py, &of, options),
        Migration::NAME => {
            let log = of.log()?;
            let at = |name: &'static str| -> Result<_> {
                let moment = instant(name, &text(options, name)?)?;
                Ok(moment.into_argument(name, log.time_zone())?)
            };
            let (before, after) = (at("before")?, at("after")?);
            let (limits, options) = (self::options(options)?, self::options(options)?);
            let asked = StateMigration::new(before, after, limits, options);
            py.compute(|| Part::<Migration>::of(log, &asked)?.to_bytes())
        }
        InactivityReport::NAME => {
            let (now, options) = (of.now()?, self::options::<InactivityOptions>(options)?);
            match (&options.group_by, first) {
                (Some(by), None) => py.compute(|| Part::<GroupNames>::of(now, by)?.to_bytes()),
                (_, first) => {
                    let groups = first.map(first_pass_from_bytes).transpose()?.unwrap_or_default();
                    let asked = (options, groups);
                    py.compute(|| Part::<InactivityReport>::of(now, &asked)?.to_bytes())
                }
            }
        }
        Concentration::NAME => {
            let (now, options) = (of.now()?, self::options::<ConcentrationOptions>(options)?);
            match first {
                None => py.compute(|| Part::<Spread>::of(now, &options)?.to_bytes()),
                Some(first) => {
                    let asked = (options, first_pass_from_bytes(first)?);
                    py.compute(|| Part::<Concentration>::of(now, &asked)?.to_bytes())
                }
            }
        }
        NpsReport::NAME => {
            let (now, options) = (of.now()?, self::options::<NpsOptions>(options)?);
            py.compute(|| match first.map(first_pass_from_bytes).transpose()? {
                None => Part::<AnswersSought>::of(now, &options)?.to_bytes(),
                Some(sought) => NpsReport::part(now, &options, sought)?.to_bytes(),
            })
        }
        ServiceReport::NAME => {
            let (now, options) = (of.now()?, self::options::<ServiceOptions>(options)?);
            py.compute(|| match first.map(first_pass_from_bytes).transpose()? {
                None => Part::<TicketsSought>::of(now, &options)?.to_bytes(),
                Some(sought) => ServiceReport::part(now, &options, sought)?.to_bytes(),
            })
        }
        winback::segments::RfmSegments::NAME => {
            let (now, options) = (of.now()?, rfm_options(options)?);
            let part = || Part::<winback::segments::RfmSegments>::of(now, &options)?.to_bytes();
            py.compute(part)
        }
        RfmScores::NAME => {
            let missing = || Error::argument("first", "none", "the bytes of fitted segments");
            let fitted = winback::segments::RfmSegments::from_bytes(first.ok_or_else(missing)?)?;
            let now = of.now()?;
            py.compute(|| Part::<RfmScores>::of(now, &fitted)?.to_bytes())
        }
        LoyaltyGroups::NAME => {
            let (now, rules) = (of.now()?, LoyaltyRules::from_json(&text(options, "rules")?)?);
            py.compute(|| rules.part(now, model)?.to_bytes())
        }
        QualityReport::NAME => {
            let (now, model) = (of.now()?, fitted(model)?);
            py.compute(|| QualityReport::part(model, now)?.to_bytes())
        }
        Drift::NAME => {
            let (now, level, model) = (of.now()?, level(options)?, fitted(model)?);
            py.compute(|| match first.map(first_pass_from_bytes).transpose()? {
                None => DriftCounts::part(model, now, level)?.to_bytes(),
                Some(counts) => Drift::part(model, now, level, counts)?.to_bytes(),
            })
        }
        other => return Err(unknown(other).into()),
    };
    Ok(PyBytes::new(py, &bytes?))
}

/// A part of an analysis of which its options are all that is asked.
fn of_log<A>(py: Python<'_>, of: &Of<'_>, given: &Bound<'_, PyDict>) -> Result<Vec<u8>>
where
    A: Mergeable<Log = winback::EventLog>,
    A::Asked: Sync,
{
    let (log, asked) = (of.log()?, options::<A::Asked>(given)?);
    py.compute(|| Part::<A>::of(log, &asked)?.to_bytes())
}

/// An option that is a text.
fn text(options: &Bound<'_, PyDict>, name: &'static str) -> Result<String> {
    let missing = || Error::argument("options", "none", format!("a text, {name}"));
    Ok(options.get_item(name)?.ok_or_else(missing)?.extract()?)
}

/// The model of an analysis that needs one.
fn fitted(model: Option<&winback::ChurnModel>) -> Result<&winback::ChurnModel> {
    Ok(model.ok_or_else(|| Error::argument("model", "none", "a fitted model"))?)
}

/// The level of a test.
fn level(options: &Bound<'_, PyDict>) -> Result<f64> {
    let missing = || Error::argument("options", "none", "a number, level");
    Ok(options.get_item("level")?.ok_or_else(missing)?.extract()?)
}

fn unknown(analysis: &str) -> Error {
    let names = [
        Retention::NAME,
        RetentionCurve::NAME,
        Cohorts::NAME,
        Flow::NAME,
        Migration::NAME,
        InactivityReport::NAME,
        Concentration::NAME,
        NpsReport::NAME,
        ServiceReport::NAME,
        winback::segments::RfmSegments::NAME,
        RfmScores::NAME,
        LoyaltyGroups::NAME,
        QualityReport::NAME,
        Drift::NAME,
    ];
    Error::text_argument("analysis", analysis, format!("one of {}", names.join(", ")))
}

/// What the parts of all customers give together, in whatever order they are: an answer, fitted
/// segments, or what a second pass is to be given.
#[pyfunction]
pub(crate) fn finish<'py>(py: Python<'py>, parts: Vec<Bound<'py, PyBytes>>) -> Result<Py<PyAny>> {
    let bytes: Vec<&[u8]> = parts.iter().map(|part| part.as_bytes()).collect();
    let nothing = || Error::argument("parts", "none", "the parts of all customers, at least one");
    let analysis = analysis_of(bytes.first().ok_or_else(nothing)?)?;
    match analysis.as_str() {
        Retention::NAME => answer::<Retention>(py, &bytes),
        RetentionCurve::NAME => answer::<RetentionCurve>(py, &bytes),
        Cohorts::NAME => answer::<Cohorts>(py, &bytes),
        Flow::NAME => answer::<Flow>(py, &bytes),
        Migration::NAME => answer::<Migration>(py, &bytes),
        InactivityReport::NAME => answer::<InactivityReport>(py, &bytes),
        Concentration::NAME => answer::<Concentration>(py, &bytes),
        NpsReport::NAME => answer::<NpsReport>(py, &bytes),
        ServiceReport::NAME => answer::<ServiceReport>(py, &bytes),
        RfmScores::NAME => answer::<RfmScores>(py, &bytes),
        LoyaltyGroups::NAME => answer::<LoyaltyGroups>(py, &bytes),
        QualityReport::NAME => answer::<QualityReport>(py, &bytes),
        Drift::NAME => answer::<Drift>(py, &bytes),
        DriftCounts::NAME => first_pass::<DriftCounts>(py, &bytes),
        GroupNames::NAME => first_pass::<GroupNames>(py, &bytes),
        Spread::NAME => first_pass::<Spread>(py, &bytes),
        AnswersSought::NAME => first_pass::<AnswersSought>(py, &bytes),
        TicketsSought::NAME => first_pass::<TicketsSought>(py, &bytes),
        winback::segments::RfmSegments::NAME => {
            let fitted = py.compute(|| merged(&bytes)?.finish())?;
            Ok(Py::new(py, RfmSegments { fitted })?.into_any())
        }
        other => Err(unknown(other).into()),
    }
}

/// The rows of candidates of several parts, ranked as those of one log.
#[pyfunction]
pub(crate) fn best_candidates(
    py: Python<'_>,
    candidates: &Bound<'_, PyAny>,
    top: Option<usize>,
) -> Result<Table> {
    let stream = import_stream("candidates", candidates)?;
    let batch = py.compute(|| {
        let schema = stream.schema();
        let mut parts = stream.collect::<std::result::Result<Vec<_>, _>>()?;
        parts.push(RecordBatch::new_empty(schema));
        winback::campaign::best_candidates(&parts, top)
    })?;
    Ok(Table { batch })
}

/// The parts merged.
fn merged<A: Mergeable>(parts: &[&[u8]]) -> winback::Result<Part<A>> {
    let (first, others) = parts.split_first().ok_or_else(|| Error::Shape("no parts".into()))?;
    let mut all = Part::<A>::from_bytes(first)?;
    others.iter().try_for_each(|part| all.merge(Part::from_bytes(part)?))?;
    Ok(all)
}

fn answer<A>(py: Python<'_>, parts: &[&[u8]]) -> Result<Py<PyAny>>
where
    A: Mergeable + winback::answer::Answer + Send,
{
    let (found, tells_activity) = py.compute(|| {
        let all = merged::<A>(parts)?;
        let tells_activity = all.facts().tells_activity;
        Ok::<_, Error>((all.finish()?, tells_activity))
    })?;
    Ok(Py::new(py, Answer::told(py, &found, tells_activity)?)?.into_any())
}

fn first_pass<A>(py: Python<'_>, parts: &[&[u8]]) -> Result<Py<PyAny>>
where
    A: Mergeable + Serialize + DeserializeOwned,
{
    let bytes = py.compute(|| first_pass_to_bytes(&merged::<A>(parts)?.finish()?))?;
    Ok(PyBytes::new(py, &bytes).into_any().unbind())
}
