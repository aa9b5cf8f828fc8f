//! The effect of a campaign.

use std::fmt::Display;

use super::arms::ArmsOf;
use super::checks::{Alike, check_sizes, contact_notes, contacted, size_notes};
use super::compare::{Comparison, How, compare, tau_of};
use super::looks::looks;
use super::money::{Money, money_of_offers};
use super::options::EffectOptions;
use super::outcomes::{self, Times};
use super::segments::{Heterogeneity, SegmentEffect, segments};
use super::study::{Metric, Study};
use crate::campaign::plan_file::PlanFile;
use crate::churn::ChurnModel;
use crate::error::{Error, Result};
use crate::log::{CustomerTable, EventLog, counted};
use crate::stats::holm;
use crate::time::{Moment, Span, TimeZone, Timestamp};

/// The least τ; the largest is its inverse.
const LEAST_TAU: f64 = 1e-100;

/// What a campaign changed, by intention to treat: every customer counts in the arm that was drawn,
/// reached or not.
///
/// ```
/// use std::sync::Arc;
/// use winback::arrow_array::{ArrayRef, Float64Array, LargeStringArray, RecordBatch};
/// use winback::campaign::{Effect, EffectOptions};
/// use winback::log::CustomerTable;
/// let arms = (0..400).map(|i| Some(if i < 200 { "control" } else { "offer" }));
/// let bought = (0..400).map(|i| f64::from(u8::from(i % 10 < if i < 200 { 2 } else { 4 })));
/// let arms: ArrayRef = Arc::new(LargeStringArray::from_iter(arms));
/// let bought: ArrayRef = Arc::new(Float64Array::from_iter_values(bought));
/// let table = RecordBatch::try_from_iter([("arm", arms), ("bought", bought)])?;
/// let table = CustomerTable::of_batches("arms", [table])?;
/// let options = EffectOptions::default().metrics(["bought"]);
/// let effect = Effect::of_table(&table, None, &options)?;
/// println!("{effect}");
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Effect {
    pub(super) arms: Vec<String>,
    pub(super) sizes: Vec<u64>,
    pub(super) shares: Option<Vec<f64>>,
    pub(super) contacted: Option<Vec<u64>>,
    pub(super) times: Option<Times>,
    /// Of the log's clock.
    pub(super) zone: Option<TimeZone>,
    pub(super) comparisons: Vec<Comparison>,
    /// Of adjusted ones, the same without covariates.
    pub(super) unadjusted: Vec<Comparison>,
    pub(super) p_adjusted: Vec<f64>,
    /// As it looked on days within the window.
    pub(super) over_time: Vec<(Timestamp, Comparison)>,
    pub(super) money: Vec<Money>,
    pub(super) segments: Vec<SegmentEffect>,
    pub(super) heterogeneity: Vec<Heterogeneity>,
    pub(super) alike: Alike,
    pub(super) ratio_p_value: Option<f64>,
    pub(super) taus: Vec<(String, String, f64)>,
    /// Clusters of each arm.
    pub(super) clusters: Option<Vec<u64>>,
    pub(super) plan: Option<PlanFile>,
    pub(super) options: EffectOptions,
    pub(super) is_interim: bool,
    pub(super) is_always_valid: bool,
    pub(super) level: f64,
    pub(super) notes: Vec<String>,
}

impl Effect {
    /// By a log: outcomes are what customers did in the window after the start. `model`, trained
    /// before the start, gives the covariate `purchase_probability`.
    ///
    /// # Errors
    /// [`Error::Argument`] for options out of range, and where nothing is observed yet;
    /// [`Error::Table`] for arms without control, arms that overlap, another list than the plan's,
    /// and a sample-ratio mismatch; [`Error::TooLittleData`] for an arm of one customer.
    pub fn of_log(
        log: &EventLog,
        table: &CustomerTable,
        plan: Option<&PlanFile>,
        model: Option<&ChurnModel>,
        options: &EffectOptions,
    ) -> Result<Self> {
        options.check()?;
        let arms = read_arms(table, plan, options)?;
        let start: Moment = options
            .start
            .or(plan.and_then(|plan| plan.start))
            .ok_or_else(|| Error::missing_argument("start", "when the campaign began"))?;
        let window = options.window.or(plan.map(|plan| plan.window)).unwrap_or(Span::days(30));
        let times = Times::new(log, start.on("start", log.time_zone())?, window)?;
        let mut study = outcomes::study(log, table, arms, times, model, options)?;
        let customers = table.customers_of(log.customers())?;
        let number = options.looks.unwrap_or(0);
        study.looks = looks(log, &customers, times, &study.metrics, number)?;
        if let Some(plan) = plan {
            let own = plan.start.filter(|own| *own != start);
            study.notes.extend(own.map(|own| departs("start", &start, &own)));
            if window != plan.window {
                study.notes.push(departs("window", &window, &plan.window));
            }
        }
        Effect::of_study(study, plan, Some((times, log.time_zone())), options)
    }

    /// By a table that has outcomes itself, as of another system: one row a customer, with the
    /// column of the arm and those of `metrics`.
    ///
    /// # Errors
    /// As [`Effect::of_log`]; [`Error::Table`] for missing outcomes.
    pub fn of_table(
        table: &CustomerTable,
        plan: Option<&PlanFile>,
        options: &EffectOptions,
    ) -> Result<Self> {
        options.check()?;
        let arms = read_arms(table, plan, options)?;
        Effect::of_study(Study::of_table(table, arms, options)?, plan, None, options)
    }

    fn of_study(
        mut study: Study,
        plan: Option<&PlanFile>,
        times: Option<(Times, TimeZone)>,
        options: &EffectOptions,
    ) -> Result<Self> {
        let shares = options.shares.as_ref().or(plan.map(|plan| &plan.arms));
        if let Some(plan) = plan {
            let decides = |metric: &Metric| metric.name != plan.metric;
            study.metrics.sort_by_key(decides);
            study.looks.iter_mut().for_each(|look| look.metrics.sort_by_key(decides));
            let first = study.metrics.first().filter(|first| decides(first));
            study.notes.extend(first.map(|first| departs("outcome", &first.name, &plan.metric)));
        }
        // Before any effect is looked at.
        let ratio_p_value = check_sizes(&study, shares)?;
        let names = &study.arms.names;
        let known: Vec<&str> = names.iter().map(String::as_str).collect();
        // Control costs nothing.
        options.contact_cost.check("contact_cost", 0.0, &known[1..])?;
        options.incentive_cost.check("incentive_cost", 0.0, &known[1..])?;
        if let Some(tau) = &options.tau {
            let metrics: Vec<&str> = study.metrics.iter().map(|metric| &*metric.name).collect();
            tau.check("tau", LEAST_TAU, &metrics)?;
        }
        let is_always_valid = options.always_valid.unwrap_or(study.is_interim);
        let sizes = study.arms.sizes();
        let is_adjusted = !study.covariates.is_empty();
        let (mut comparisons, mut unadjusted, mut taus) = (Vec::new(), Vec::new(), Vec::new());
        let mut over_time = Vec::new();
        for arm in 1..names.len() {
            for (place, metric) in study.metrics.iter().enumerate() {
                let given = options.tau.as_ref().and_then(|tau| tau.given(&metric.name));
                let pair = (sizes[arm] as f64, sizes[0] as f64);
                let needs_tau = is_always_valid || !study.looks.is_empty();
                let tau = needs_tau.then(|| tau_of(metric, given, pair)).transpose()?;
                for look in &study.looks {
                    let how = How { level: options.level, is_adjusted, tau };
                    let found = compare(&study, &look.metrics[place], arm, how)?;
                    over_time.push((look.until, found));
                }
                let tau = tau.filter(|_| is_always_valid);
                taus.extend(tau.map(|tau| (names[arm].clone(), metric.name.clone(), tau)));
                let how = How { level: options.level, is_adjusted, tau };
                comparisons.push(compare(&study, metric, arm, how)?);
                if is_adjusted {
                    let how = How { is_adjusted: false, ..how };
                    unadjusted.push(compare(&study, metric, arm, how)?);
                }
            }
        }
        let p_values: Vec<f64> = comparisons.iter().map(|found| found.p_value).collect();
        let (mut all_segments, mut heterogeneity) = (Vec::new(), Vec::new());
        let is_final = !study.is_interim;
        for arm in (1..names.len()).filter(|_| is_final) {
            for grouping in &study.groupings {
                for metric in &study.metrics {
                    let (own, differs) = segments(&study, grouping, metric, arm, options.level);
                    all_segments.extend(own);
                    heterogeneity.extend(differs);
                }
            }
        }
        let mut effect = Effect {
            sizes,
            shares: shares.map(|shares| names.iter().filter_map(|arm| shares.of(arm)).collect()),
            contacted: contacted(&study),
            times: times.map(|(times, _)| times),
            zone: times.map(|(_, zone)| zone),
            p_adjusted: holm(&p_values),
            over_time,
            clusters: study.clusters.as_ref().map(|clusters| clusters.sizes.clone()),
            plan: plan.cloned(),
            options: options.clone(),
            money: if is_final { money_of_offers(&study, options) } else { Vec::new() },
            segments: all_segments,
            heterogeneity,
            alike: Alike::of(&study),
            ratio_p_value,
            taus,
            is_interim: study.is_interim,
            is_always_valid,
            level: options.level,
            notes: Vec::new(),
            arms: names.clone(),
            comparisons,
            unadjusted,
        };
        effect.note(&study, options);
        Ok(effect)
    }

    fn note(&mut self, study: &Study, options: &EffectOptions) {
        let mut notes = Vec::new();
        if self.is_interim {
            let until = self.times.map_or(String::new(), |times| {
                format!(
                    ": outcomes are known up to {}, the window ends at {}",
                    times.until, times.end
                )
            });
            notes.push(format!(
                "interim{until}; there is no verdict on money and on segments before that"
            ));
            if !self.is_always_valid {
                notes.push(
                    "these intervals hold for one look, at the end of the window: who looks before it \
                     and stops at what pleases is misled"
                        .to_owned(),
                );
            }
        }
        if self.ratio_p_value.is_none() {
            notes.push(
                "nobody said by which shares the arms were drawn (shares, or a plan), so that it could \
                 not be checked whether customers are missing"
                    .to_owned(),
            );
        }
        notes.extend(contact_notes(study));
        notes.extend(self.alike.notes(&self.arms));
        notes.extend(size_notes(study, &self.comparisons));
        notes.extend(study.clusters.iter().flat_map(|clusters| clusters.notes(&self.arms)));
        if study.arms.repeated > 0 {
            let rows = counted(study.arms.repeated, "row", "rows");
            notes.push(format!(
                "{rows} of customers who are in the table already; each counts once"
            ));
        }
        notes.extend(study.notes.iter().cloned());
        let is_raw =
            |found: &Comparison| found.standard_error > 0.0 && !found.method.contains("lin");
        if !study.covariates.is_empty() && self.comparisons.iter().any(is_raw) {
            notes.push(
                "some effects are not adjusted: the covariates do not vary, or the arm is too small"
                    .to_owned(),
            );
        }
        let has_revenue = study.metrics.iter().any(|metric| metric.name == options.revenue);
        let costs =
            [("contact_cost", &options.contact_cost), ("incentive_cost", &options.incentive_cost)];
        let has_costs = costs.iter().any(|(_, cost)| cost.is_any());
        if (options.margin.is_some() || has_costs) && !has_revenue {
            notes.push(format!("no money is told: no outcome is called {}", options.revenue));
        } else if options.margin.is_none() && has_costs {
            notes.push(
                "costs are given, and no margin: without it nobody can say what was earned"
                    .to_owned(),
            );
        }
        for (name, cost) in costs {
            let missing = cost.missing(self.arms.iter().skip(1).map(String::as_str));
            if !missing.is_empty() {
                notes.push(format!("no {name} is given of {}: it counts as 0", missing.join(", ")));
            }
        }
        self.notes = notes;
    }
}

/// That an effect is not looked at as it was planned.
fn departs(what: &str, own: &dyn Display, planned: &dyn Display) -> String {
    format!(
        "the {what}, {own}, is not the planned one, {planned}: a {what} that is chosen once outcomes \
         are known proves nothing"
    )
}

fn read_arms(
    table: &CustomerTable,
    plan: Option<&PlanFile>,
    options: &EffectOptions,
) -> Result<ArmsOf> {
    let control = plan.map_or(options.control.as_str(), |plan| plan.control.as_str());
    let arms = ArmsOf::read(table, &options.arm, control)?;
    if let Some(plan) = plan {
        arms.check_plan(table, plan)?;
    }
    Ok(arms)
}
