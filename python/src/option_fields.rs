//! Comments and defaults of options, which Python's documentation is made of.

use pyo3::exceptions::PyKeyError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use serde::Serialize;

use crate::error::Result;
use crate::to_python::to_python;

/// Options that are known by the names of their types.
macro_rules! option_fields {
    ($($module:ident::$options:ident,)*) => {
        /// Comment and default of every option, by its name.
        #[pyfunction]
        pub(crate) fn option_fields<'py>(py: Python<'py>, of: &str) -> Result<Bound<'py, PyDict>> {
            match of {
                $(
                    stringify!($options) => {
                        use winback::$module::$options;
                        fields(py, $options::fields(), &$options::default())
                    }
                )*
                _ => Err(PyKeyError::new_err(of.to_owned()).into()),
            }
        }
    };
}

option_fields! {
    campaign::AssignOptions,
    campaign::CampaignPlanOptions,
    campaign::CandidateOptions,
    campaign::CategoryOfferOptions,
    campaign::CompensationOptions,
    campaign::CompensationOutcomeOptions,
    campaign::EffectOptions,
    campaign::TargetOptions,
    campaign::UpliftOptions,
    campaign::UploadOptions,
    check::TableCheckOptions,
    churn::ExplainOptions,
    churn::ScoreOptions,
    evaluation::BacktestOptions,
    evaluation::PurchaseBacktestOptions,
    events::EventsOptions,
    explain::ReasonOptions,
    hazard::PurchaseTimesOptions,
    inactivity::InactivityOptions,
    labels::LifecycleLimits,
    log::SampleOptions,
    panel::PanelOptions,
    report::CampaignReportOptions,
    report::ReportOptions,
    retention::CohortOptions,
    retention::CurveOptions,
    retention::FlowOptions,
    retention::MigrationOptions,
    retention::RetentionOptions,
    segments::ClusterOptions,
    segments::ConcentrationOptions,
    segments::RfmOptions,
    service::ServiceOptions,
    simulate::SimulatedCampaign,
    surveys::NpsOptions,
    surveys::PlanOptions,
    timing::BetaGeo,
    timing::ForecastOptions,
    timing::RenewalOptions,
    timing::GammaGamma,
    timing::LeavesOptions,
    timing::ModifiedBetaGeo,
    timing::ParetoNBD,
    timing::RfmSummaryOptions,
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
