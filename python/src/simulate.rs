//! Simulated customers.

use pyo3::prelude::*;
use pyo3::types::PyDict;
use winback::Error;
use winback::arrow_array::RecordBatch;
use winback::simulate::SimulatedCampaign;
use winback::time::{Moment, TimeZone, Timestamp};

use crate::answer::options;
use crate::campaign::customer_table;
use crate::error::Result;
use crate::long::Watch;
use crate::table::Table;
use crate::values::{instant, instants, span};

/// What to simulate; what is not given has the core's default, and `arms` is a table of the campaign's.
#[pyclass(frozen, module = "winback._core")]
pub(crate) struct Simulation {
    pub(crate) simulation: winback::simulate::Simulation,
}

#[pymethods]
impl Simulation {
    #[new]
    #[pyo3(signature = (
        *, customers=None, start=None, end=None, seed=None, joined_at_start=None,
        purchases_per_year=None, regularity=None, average_check=None, lifetime_years=None, fade_days=None,
        pauses_per_year=None, pause_months=None, december_peak=None, ticket_share=None,
        bad_service_share=None, complaint_effect=None, return_share=None, survey_share=None,
        events=None, campaign=None, arms=None
    ))]
    #[expect(clippy::too_many_arguments, reason = "named in Python")]
    fn new(
        customers: Option<usize>,
        start: Option<&str>,
        end: Option<&str>,
        seed: Option<u64>,
        joined_at_start: Option<f64>,
        purchases_per_year: Option<f64>,
        regularity: Option<u32>,
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
    ) -> Result<Self> {
        let mut simulation = winback::simulate::Simulation::default();
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
            customers seed joined_at_start purchases_per_year regularity average_check lifetime_years fade_days
            pauses_per_year pause_months december_peak ticket_share bad_service_share complaint_effect
            return_share survey_share events
        );
        if let Some(campaign) = campaign {
            let campaign: SimulatedCampaign = options(campaign)?;
            simulation.campaign = Some(match arms {
                Some(arms) => {
                    campaign.with_arms_of(&customer_table("arms", arms)?).map_err(in_campaign)?
                }
                None => campaign,
            });
        }
        Ok(Simulation { simulation })
    }

    /// Transactions, tickets, surveys, customers and the truth, events and a campaign if asked for.
    fn run(&self, py: Python<'_>) -> Result<([Table; 5], Option<Table>, Option<Table>)> {
        let watch = Watch::calm(None);
        let simulation = self.simulation.clone().on_progress(watch.ear());
        let simulated = watch.run(py, || simulation.run().map_err(in_campaign))?;
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

    /// What could be known of purchases after some cutoffs.
    fn oracle(&self, py: Python<'_>, at: Vec<String>, lead: &str, horizon: &str) -> Result<Table> {
        let on = |moment: Moment| moment.on("at", TimeZone::UTC);
        let at: Vec<Timestamp> =
            instants("at", &at)?.into_iter().map(on).collect::<winback::Result<_>>()?;
        let (lead, horizon) = (span("lead", lead)?, span("horizon", horizon)?);
        let watch = Watch::calm(None);
        let simulation = self.simulation.clone().on_progress(watch.ear());
        let batch = watch.run(py, || simulation.oracle(&at, lead, horizon))?;
        Ok(Table { batch })
    }
}

/// An error of an option of the campaign, which in Python is a key of its dict.
fn in_campaign(error: Error) -> Error {
    let Error::Argument { name, expected, got: Some(got), .. } = &error else { return error };
    let name = match *name {
        "campaign_start" => "campaign[\"start\"]",
        "campaign_window" => "campaign[\"window\"]",
        "campaign_control_share" => "campaign[\"control_share\"]",
        "campaign_arms" => "campaign[\"arms\"]",
        "persuaded" => "campaign[\"persuaded\"]",
        "annoyed" => "campaign[\"annoyed\"]",
        _ => return error,
    };
    Error::argument(name, got, expected.as_str())
}
