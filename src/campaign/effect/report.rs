//! The effect of a campaign: tables, figures, text.

use std::fmt;

use arrow_array::RecordBatch;
use serde_json::{Map, Value};

use super::arms::ArmsOf;
use super::checks::{Alike, check_sizes, contact_notes, contacted, size_notes};
use super::compare::{Comparison, How, Interval, compare, tau_of};
use super::money::{Money, Profit, money};
use super::options::EffectOptions;
use super::outcomes::{self, Times};
use super::segments::{Heterogeneity, SegmentEffect, segments};
use super::study::{Kind, Study};
use crate::answer::columns::{Column, batch, counts, numbers, texts, with_ends};
use crate::answer::text_table::{Side, aligned, decimals, percent, signed};
use crate::answer::{Analysis, Table, write_notes};
use crate::campaign::assign::{balance_batch, omnibus_figures};
use crate::campaign::plan_file::PlanFile;
use crate::churn::ChurnModel;
use crate::error::{Error, Result};
use crate::log::{CustomerTable, EventLog, counted, grouped};
use crate::stats::holm;
use crate::time::{Moment, Span};

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
/// let options = EffectOptions::default().metrics(vec!["bought".to_owned()]);
/// let effect = Effect::of_table(&table, None, &options)?;
/// println!("{effect}");
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Effect {
    arms: Vec<String>,
    sizes: Vec<u64>,
    shares: Option<Vec<f64>>,
    contacted: Option<Vec<u64>>,
    times: Option<Times>,
    comparisons: Vec<Comparison>,
    /// Of adjusted ones, the same without covariates.
    unadjusted: Vec<Comparison>,
    p_adjusted: Vec<f64>,
    money: Vec<Money>,
    segments: Vec<SegmentEffect>,
    heterogeneity: Vec<Heterogeneity>,
    alike: Alike,
    ratio_p_value: Option<f64>,
    taus: Vec<(String, String, f64)>,
    is_interim: bool,
    is_always_valid: bool,
    level: f64,
    notes: Vec<String>,
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
        if let Some(plan) = plan {
            study.metrics.sort_by_key(|metric| metric.name != plan.metric);
        }
        Effect::of_study(study, plan, Some(times), options)
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
        study: Study,
        plan: Option<&PlanFile>,
        times: Option<Times>,
        options: &EffectOptions,
    ) -> Result<Self> {
        let shares = options.shares.as_ref().or(plan.map(|plan| &plan.arms));
        // Before any effect is looked at.
        let ratio_p_value = check_sizes(&study, shares)?;
        let names = &study.arms.names;
        let known: Vec<&str> = names.iter().map(String::as_str).collect();
        options.contact_cost.check("contact_cost", 0.0, &known)?;
        options.incentive_cost.check("incentive_cost", 0.0, &known)?;
        if let Some(tau) = &options.tau {
            let metrics: Vec<&str> = study.metrics.iter().map(|metric| &*metric.name).collect();
            tau.check("tau", f64::MIN_POSITIVE, &metrics)?;
        }
        let is_always_valid = options.always_valid.unwrap_or(study.is_interim);
        let sizes = study.arms.sizes();
        let is_adjusted = !study.covariates.is_empty();
        let (mut comparisons, mut unadjusted, mut taus) = (Vec::new(), Vec::new(), Vec::new());
        for arm in 1..names.len() {
            for metric in &study.metrics {
                let given = options.tau.as_ref().and_then(|tau| tau.given(&metric.name));
                let pair = (sizes[arm] as f64, sizes[0] as f64);
                let tau = is_always_valid.then(|| tau_of(metric, given, pair)).transpose()?;
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
        let arms_with_offers = (1..names.len()).filter(|_| is_final);
        let mut effect = Effect {
            sizes,
            shares: shares.map(|shares| names.iter().filter_map(|arm| shares.of(arm)).collect()),
            contacted: contacted(&study),
            times,
            p_adjusted: holm(&p_values),
            money: arms_with_offers.filter_map(|arm| money(&study, options, arm)).collect(),
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
        let asks_money = options.margin.is_some();
        if asks_money && !has_revenue {
            notes.push(format!("no money is told: no outcome is called {}", options.revenue));
        }
        self.notes = notes;
    }

    fn effects_table(&self) -> Result<RecordBatch> {
        self.comparisons_table(&self.comparisons, Some(&self.p_adjusted))
    }

    fn unadjusted_table(&self) -> Result<RecordBatch> {
        self.comparisons_table(&self.unadjusted, None)
    }

    fn comparisons_table(
        &self,
        of: &[Comparison],
        p_adjusted: Option<&[f64]>,
    ) -> Result<RecordBatch> {
        let rows = || of.iter();
        let mut columns = vec![
            texts("arm", rows().map(|row| self.arms[row.arm].as_str())),
            texts("metric", rows().map(|row| row.metric.as_str())),
            texts("kind", rows().map(|row| row.kind.name())),
            counts("customers", rows().map(|row| row.customers)),
            counts("control_customers", rows().map(|row| row.control_customers)),
            numbers("mean", rows().map(|row| row.mean)),
            numbers("control_mean", rows().map(|row| row.control_mean)),
        ];
        columns.extend(with_ends("difference", rows().map(|row| Some(row.difference))));
        columns.push(numbers("standard_error", rows().map(|row| row.standard_error)));
        columns.extend(with_ends("lift", rows().map(|row| row.lift)));
        columns.extend(with_ends("total", rows().map(|row| Some(row.total()))));
        columns.push(numbers("p_value", rows().map(|row| row.p_value)));
        if let Some(adjusted) = p_adjusted {
            columns.push(numbers("p_adjusted", adjusted.iter().copied()));
        }
        columns.push(texts("method", rows().map(|row| row.method)));
        batch(columns)
    }

    fn money_table(&self) -> Result<RecordBatch> {
        let rows = || self.money.iter();
        let profits = || rows().map(|row| row.profit.as_ref());
        let of = |pick: fn(&Profit) -> Interval| profits().map(move |own| own.map(pick));
        let mut columns: Vec<Column> = vec![
            texts("arm", rows().map(|row| self.arms[row.arm].as_str())),
            counts("customers", rows().map(|row| row.customers)),
            counts("buyers", rows().map(|row| row.buyers)),
        ];
        columns.extend(with_ends("incremental_revenue", rows().map(|row| Some(row.revenue))));
        columns.extend(with_ends(
            "incremental_margin",
            of(|own| own.margin).collect::<Vec<_>>().into_iter(),
        ));
        columns.push(numbers("cost", rows().map(|row| row.cost)));
        columns.extend(with_ends("profit", of(|own| own.profit).collect::<Vec<_>>().into_iter()));
        columns.push(numbers(
            "return_on_cost",
            profits().map(|own| own.and_then(|p| p.return_on_cost)),
        ));
        columns.push(numbers("paid_chance", profits().map(|own| own.map(|p| p.paid_chance))));
        batch(columns)
    }

    fn segments_table(&self) -> Result<RecordBatch> {
        let rows = || self.segments.iter();
        let mut columns = vec![
            texts("grouping", rows().map(|row| row.grouping.as_str())),
            texts("segment", rows().map(|row| row.segment.as_str())),
            texts("arm", rows().map(|row| self.arms[row.arm].as_str())),
            texts("metric", rows().map(|row| row.metric.as_str())),
            counts("customers", rows().map(|row| row.customers)),
            counts("control_customers", rows().map(|row| row.control_customers)),
        ];
        columns.extend(with_ends("difference", rows().map(|row| Some(row.difference))));
        columns.extend(with_ends("shrunk", rows().map(|row| row.shrunk)));
        columns.push(numbers("p_value", rows().map(|row| row.p_value)));
        columns.push(numbers("p_adjusted", rows().map(|row| row.p_adjusted)));
        batch(columns)
    }

    fn heterogeneity_table(&self) -> Result<RecordBatch> {
        let rows = || self.heterogeneity.iter();
        batch([
            texts("grouping", rows().map(|row| row.grouping.as_str())),
            texts("arm", rows().map(|row| self.arms[row.arm].as_str())),
            texts("metric", rows().map(|row| row.metric.as_str())),
            counts("segments", rows().map(|row| row.segments)),
            numbers("mean_effect", rows().map(|row| row.found.mean)),
            numbers("q", rows().map(|row| row.found.q)),
            numbers("p_value", rows().map(|row| row.found.p_value)),
            numbers("i_squared", rows().map(|row| row.found.i_squared)),
            numbers("variance_between", rows().map(|row| row.found.between)),
        ])
    }

    fn balance_table(&self) -> Result<RecordBatch> {
        balance_batch(&self.alike.rows, &self.arms)
    }

    fn arms_table(&self) -> Result<RecordBatch> {
        let all: u64 = self.sizes.iter().sum();
        let arms = || 0..self.arms.len();
        let contacted = |arm: usize| self.contacted.as_ref().map(|counts| counts[arm]);
        batch([
            texts("arm", self.arms.iter().map(String::as_str)),
            numbers("share", arms().map(|arm| self.shares.as_ref().map(|shares| shares[arm]))),
            counts("customers", self.sizes.iter().copied()),
            numbers("drawn_share", self.sizes.iter().map(|&size| size as f64 / all as f64)),
            counts("contacted", arms().map(contacted)),
        ])
    }
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

impl Analysis for Effect {
    /// - `effects`: one row for each offer and outcome: `arm`, `metric`, `kind` (`share` or `mean`),
    ///   `customers`, `control_customers`, `mean`, `control_mean`, `difference` with its interval,
    ///   `standard_error`, `lift`, `total` (over all customers of the arm), `p_value`, `p_adjusted`
    ///   (Holm, over all rows), `method`.
    /// - `unadjusted`: of adjusted effects the same without covariates.
    /// - `money`: by arm `customers`, `buyers`, `incremental_revenue`, `incremental_margin`, `cost`,
    ///   `profit`, `return_on_cost`, `paid_chance`.
    /// - `segments`: `grouping`, `segment`, `arm`, `metric`, customers, `difference`, `shrunk`,
    ///   `p_value`, `p_adjusted` (Benjamini and Hochberg, within the grouping).
    /// - `heterogeneity`: whether segments differ: `mean_effect`, `q`, `p_value`, `i_squared`,
    ///   `variance_between`.
    /// - `balance`: `arm`, `covariate`, `mean`, `control_mean`, `standardised_difference`, `is_off`.
    /// - `arms`: `arm`, `share`, `customers`, `drawn_share`, `contacted`.
    const TABLES: &'static [Table<Self>] = &[
        ("effects", Self::effects_table),
        ("unadjusted", Self::unadjusted_table),
        ("money", Self::money_table),
        ("segments", Self::segments_table),
        ("heterogeneity", Self::heterogeneity_table),
        ("balance", Self::balance_table),
        ("arms", Self::arms_table),
    ];
    const IS_REPORT: bool = true;

    fn figures(&self) -> Map<String, Value> {
        let mut figures = Map::new();
        figures.insert("customers".to_owned(), self.sizes.iter().sum::<u64>().into());
        figures.insert("is_interim".to_owned(), self.is_interim.into());
        figures.insert("is_always_valid".to_owned(), self.is_always_valid.into());
        let times = |pick: fn(Times) -> String| self.times.map(pick).into();
        figures.insert("start".to_owned(), times(|times| times.start.to_string()));
        figures.insert("end".to_owned(), times(|times| times.end.to_string()));
        figures.insert("known_until".to_owned(), times(|times| times.until.to_string()));
        figures.insert("level".to_owned(), self.level.into());
        figures.insert("sample_ratio_p_value".to_owned(), self.ratio_p_value.into());
        figures.insert("balance_tests".to_owned(), omnibus_figures(&self.alike.tests, &self.arms));
        let mut taus: Map<String, Value> = Map::new();
        for (arm, metric, tau) in &self.taus {
            let own = taus.entry(arm.clone()).or_insert_with(|| Map::new().into());
            own[metric] = (*tau).into();
        }
        figures.insert("tau".to_owned(), taus.into());
        figures
    }

    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }
}

/// An amount or a share of a readable form.
fn shown(kind: Kind, value: f64) -> String {
    match kind {
        Kind::Share => percent(value),
        Kind::Mean => decimals(value, 2),
    }
}

fn change(kind: Kind, value: f64) -> String {
    match kind {
        Kind::Share => format!("{} pp", signed(value * 100.0, 2)),
        Kind::Mean => signed(value, 2),
    }
}

fn whole(value: f64) -> String {
    let sign = if value <= -0.5 { "-" } else { "" };
    format!("{sign}{}", grouped(value.abs().round().min(1e18) as u64))
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.is_interim { "Interim effect" } else { "Effect" };
        writeln!(
            f,
            "{kind} of a campaign on {} customers, by intention to treat",
            grouped(self.sizes.iter().sum())
        )?;
        if let Some(times) = self.times {
            writeln!(f, "outcomes in [{}, {})", times.start, times.until)?;
        }
        let ends = |ends: Option<(f64, f64)>, show: &dyn Fn(f64) -> String| {
            ends.map_or_else(
                || "-".to_owned(),
                |(low, high)| format!("{} to {}", show(low), show(high)),
            )
        };
        let row = |(found, adjusted): (&Comparison, &f64)| {
            let kind = found.kind;
            let lift = found.lift.map_or_else(
                || "-".to_owned(),
                |(lift, _)| format!("{} %", signed(lift * 100.0, 1)),
            );
            vec![
                self.arms[found.arm].clone(),
                found.metric.clone(),
                shown(kind, found.mean),
                shown(kind, found.control_mean),
                change(kind, found.difference.0),
                ends(found.difference.1, &|value| change(kind, value)),
                lift,
                if *adjusted < 1e-4 { "<0.0001".to_owned() } else { format!("{adjusted:.4}") },
            ]
        };
        let rows: Vec<Vec<String>> =
            self.comparisons.iter().zip(&self.p_adjusted).map(row).collect();
        let interval = format!("{} interval", percent(1.0 - self.level));
        let heads = [
            ("arm", Side::Left),
            ("outcome", Side::Left),
            ("arm's", Side::Right),
            ("control", Side::Right),
            ("difference", Side::Right),
            (interval.as_str(), Side::Right),
            ("lift", Side::Right),
            ("p (Holm)", Side::Right),
        ];
        writeln!(f, "\n{}", aligned(&heads, &rows))?;
        if !self.is_interim {
            self.write_bought(f)?;
            self.write_money(f)?;
        }
        write_notes(f, &self.notes)
    }
}

impl Effect {
    /// Who bought because of the campaign, and who would have bought anyway.
    fn write_bought(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_bought = |found: &&Comparison| found.metric == "purchased";
        for found in self.comparisons.iter().filter(is_bought) {
            let n = found.customers as f64;
            let (total, ends) = found.total();
            let ends = ends.map_or(String::new(), |(low, high)| {
                format!(" ({} to {})", whole(low), whole(high))
            });
            writeln!(
                f,
                "\n{}: {} of {} customers bought; {} would have bought anyway, {}{ends} bought because of it",
                self.arms[found.arm],
                whole(n * found.mean),
                grouped(found.customers),
                whole(n * found.control_mean),
                whole(total),
            )?;
        }
        Ok(())
    }

    fn write_money(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for row in &self.money {
            let with_ends = |(value, ends): Interval| {
                let ends = ends.map_or(String::new(), |(low, high)| {
                    format!(" ({} to {})", whole(low), whole(high))
                });
                format!("{}{ends}", whole(value))
            };
            write!(
                f,
                "\n{}: revenue that there would not have been {}",
                self.arms[row.arm],
                with_ends(row.revenue)
            )?;
            if let Some(profit) = &row.profit {
                write!(
                    f,
                    "\n  cost {}, profit {}; it paid with a chance of {}",
                    whole(row.cost),
                    with_ends(profit.profit),
                    percent(profit.paid_chance)
                )?;
                if let Some(per) = profit.return_on_cost {
                    write!(f, ", {} for each 1 spent", signed(per, 2))?;
                }
            }
            writeln!(f)?;
        }
        Ok(())
    }
}
