//! Simulated customers.

use pyo3::prelude::*;
use pyo3::types::PyDict;
use winback::arrow_array::RecordBatch;
use winback::simulate::{SimulatedCampaign, Simulation};
use winback::time::TimeZone;

use crate::answer::options;
use crate::campaign::customer_table;
use crate::error::Result;
use crate::long::Watch;
use crate::table::Table;
use crate::values::instant;

/// Transactions, tickets, surveys, customers and the truth, events and a campaign if asked for; what is not given has
/// the core's default. `arms` is a table of the campaign's.
#[pyfunction]
#[pyo3(signature = (
    *, customers=None, start=None, end=None, seed=None, joined_at_start=None,
    purchases_per_year=None, average_check=None, lifetime_years=None, fade_days=None,
    pauses_per_year=None, pause_months=None, december_peak=None, ticket_share=None,
    bad_service_share=None, complaint_effect=None, return_share=None, survey_share=None,
    events=None, campaign=None, arms=None
))]
#[expect(clippy::too_many_arguments, reason = "named in Python")]
pub(crate) fn simulate(
    py: Python<'_>,
    customers: Option<usize>,
    start: Option<&str>,
    end: Option<&str>,
    seed: Option<u64>,
    joined_at_start: Option<f64>,
    purchases_per_year: Option<f64>,
    average_check: Option<f64>,
    lifetime_years: Option<f64>,
    fade_days: Option<f64>,
    pauses_per_year: Option<f64>,
    pause_months: Option<f64>,
    december_peak: Option<f64>,
    ticket_share: Option<f64>,
    bad_service_share: Option<f64>,
    complaint_effect: Option<f64>,
    return_share: Option<f64>,
    survey_share: Option<f64>,
    events: Option<bool>,
    campaign: Option<&Bound<'_, PyDict>>,
    arms: Option<&Bound<'_, PyAny>>,
) -> Result<([Table; 5], Option<Table>, Option<Table>)> {
    let mut simulation = Simulation::default();
    if let Some(start) = start {
        simulation.start = instant("start", start)?.on("start", TimeZone::UTC)?;
    }
    if let Some(end) = end {
        simulation.end = instant("end", end)?.on("end", TimeZone::UTC)?;
    }
    macro_rules! set {
        ($($name:ident)+) => {
            $(if let Some(value) = $name {
                simulation.$name = value;
            })+
        };
    }
    set!(
        customers seed joined_at_start purchases_per_year average_check lifetime_years fade_days
        pauses_per_year pause_months december_peak ticket_share bad_service_share complaint_effect
        return_share survey_share events
    );
    if let Some(campaign) = campaign {
        let campaign: SimulatedCampaign = options(campaign)?;
        simulation.campaign = Some(match arms {
            Some(arms) => campaign.with_arms_of(&customer_table("arms", arms)?)?,
            None => campaign,
        });
    }
    let watch = Watch::calm();
    let simulated = watch.run(py, || simulation.run_telling(watch.ear()))?;
    let tables = [
        simulated.transactions,
        simulated.tickets,
        simulated.surveys,
        simulated.customers,
        simulated.truth,
    ]
    .map(|batch| Table { batch });
    let table = |batch: Option<RecordBatch>| batch.map(|batch| Table { batch });
    Ok((tables, table(simulated.events), table(simulated.campaign)))
}
