//! Comments and defaults of options, which Python's documentation is made of.

use pyo3::exceptions::PyKeyError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use serde::Serialize;
use winback::campaign::CandidateOptions;
use winback::churn::{ExplainOptions, ScoreOptions};
use winback::evaluation::BacktestOptions;
use winback::inactivity::InactivityOptions;
use winback::labels::LifecycleLimits;
use winback::panel::PanelOptions;
use winback::report::ReportOptions;
use winback::retention::{
    CohortOptions, CurveOptions, FlowOptions, MigrationOptions, RetentionOptions,
};
use winback::segments::{ConcentrationOptions, RfmOptions};
use winback::service::ServiceOptions;
use winback::surveys::{NpsOptions, PlanOptions};
use winback::timing::RfmSummaryOptions;

use crate::error::Result;
use crate::to_python::to_python;

/// Options that are known by the names of their types.
macro_rules! option_fields {
    ($($options:ident,)*) => {
        /// Comment and default of every option, by its name.
        #[pyfunction]
        pub(crate) fn option_fields<'py>(py: Python<'py>, of: &str) -> Result<Bound<'py, PyDict>> {
            match of {
                $(stringify!($options) => fields(py, $options::fields(), &$options::default()),)*
                _ => Err(PyKeyError::new_err(of.to_owned()).into()),
            }
        }
    };
}

option_fields! {
    BacktestOptions,
    CandidateOptions,
    CohortOptions,
    ConcentrationOptions,
    CurveOptions,
    ExplainOptions,
    FlowOptions,
    InactivityOptions,
    LifecycleLimits,
    MigrationOptions,
    NpsOptions,
    PanelOptions,
    PlanOptions,
    ReportOptions,
    RetentionOptions,
    RfmOptions,
    RfmSummaryOptions,
    ScoreOptions,
    ServiceOptions,
}

fn fields<'py>(
    py: Python<'py>,
    comments: Vec<(&'static str, &'static str)>,
    defaults: &impl Serialize,
) -> Result<Bound<'py, PyDict>> {
    let (fields, defaults) = (PyDict::new(py), to_python(py, defaults)?);
    for (name, comment) in comments {
        fields.set_item(name, (comment, defaults.get_item(name)?))?;
    }
    Ok(fields)
}
