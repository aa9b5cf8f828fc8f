//! The tables and figures of an effect.

use arrow_array::RecordBatch;
use serde_json::{Map, Value, json};

use super::compare::{Comparison, Interval};
use super::money::Profit;
use super::options::EffectOptions;
use super::outcomes::Times;
use super::report::Effect;
use crate::answer::columns::{Column, batch, counts, numbers, texts, times, with_ends};
use crate::answer::{Analysis, Table};
use crate::campaign::balance::{balance_batch, omnibus_figures};
use crate::error::Result;

impl Effect {
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
        columns.extend(with_ends("relative_lift", rows().map(|row| row.lift)));
        columns.extend(with_ends("total", rows().map(|row| Some(row.total()))));
        columns.push(numbers("p_value", rows().map(|row| row.p_value)));
        if let Some(adjusted) = p_adjusted {
            columns.push(numbers("p_adjusted", adjusted.iter().copied()));
        }
        columns.push(texts("method", rows().map(|row| row.method)));
        batch(columns)
    }

    fn over_time_table(&self) -> Result<RecordBatch> {
        let rows = || self.over_time.iter();
        let mut columns = vec![
            times("until", rows().map(|(until, _)| *until)),
            texts("arm", rows().map(|(_, row)| self.arms[row.arm].as_str())),
            texts("metric", rows().map(|(_, row)| row.metric.as_str())),
            numbers("mean", rows().map(|(_, row)| row.mean)),
            numbers("control_mean", rows().map(|(_, row)| row.control_mean)),
        ];
        columns.extend(with_ends("difference", rows().map(|(_, row)| Some(row.difference))));
        columns.push(numbers("p_value", rows().map(|(_, row)| row.p_value)));
        columns.push(texts("method", rows().map(|(_, row)| row.method)));
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
        columns.push(numbers("p_value", profits().map(|own| own.map(|p| p.p_value))));
        columns.push(numbers("p_adjusted", profits().map(|own| own.map(|p| p.p_adjusted))));
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

impl Analysis for Effect {
    /// - `effects`: one row for each offer and outcome: `arm`, `metric`, `kind` (`share` or `mean`),
    ///   `customers`, `control_customers`, `mean`, `control_mean`, `difference` with its interval,
    ///   `standard_error`, `relative_lift`, `total` (over all customers of the arm), `p_value`, `p_adjusted`
    ///   (Holm, over all rows), `method`.
    /// - `unadjusted`: of adjusted effects the same without covariates.
    /// - `money`: by arm `customers`, `buyers`, `incremental_revenue`, `incremental_margin`, `cost`,
    ///   `profit`, `return_on_cost`, `paid_chance`, `p_value` of a profit so far from 0, `p_adjusted`
    ///   (Holm, over the offers).
    /// - `segments`: `grouping`, `segment`, `arm`, `metric`, customers, `difference`, `shrunk`,
    ///   `p_value`, `p_adjusted` (Benjamini and Hochberg, over the segments of the grouping, for each
    ///   offer and outcome).
    /// - `heterogeneity`: whether segments differ: `mean_effect`, `q`, `p_value`, `i_squared`,
    ///   `variance_between`.
    /// - `balance`: `arm`, `covariate`, `mean`, `control_mean`, `standardised_difference`, `is_off`.
    /// - `arms`: `arm`, `share`, `customers`, `drawn_share`, `contacted`.
    /// - `over_time`: what an interval that may be looked at at any time said on days within the window
    ///   ([`EffectOptions::looks`](super::EffectOptions)): `until`, `arm`, `metric`, `mean`,
    ///   `control_mean`, `difference` with its interval, `p_value`, `method`.
    const TABLES: &'static [Table<Self>] = &[
        ("effects", Self::effects_table),
        ("unadjusted", Self::unadjusted_table),
        ("money", Self::money_table),
        ("segments", Self::segments_table),
        ("heterogeneity", Self::heterogeneity_table),
        ("balance", Self::balance_table),
        ("arms", Self::arms_table),
        ("over_time", Self::over_time_table),
    ];
    const IS_REPORT: bool = true;

    fn figures(&self) -> Map<String, Value> {
        let mut figures = Map::new();
        figures.insert("customers".to_owned(), self.sizes.iter().sum::<u64>().into());
        figures.insert("is_interim".to_owned(), self.is_interim.into());
        figures.insert("is_always_valid".to_owned(), self.is_always_valid.into());
        let times = |pick: fn(Times) -> String| Value::from(self.times.map(pick));
        figures.insert("start".to_owned(), times(|times| times.start.to_string()));
        figures.insert("end".to_owned(), times(|times| times.end.to_string()));
        figures.insert("known_until".to_owned(), times(|times| times.until.to_string()));
        figures.insert("time_zone".to_owned(), self.zone.map(|zone| zone.to_string()).into());
        figures.insert("level".to_owned(), self.level.into());
        figures.insert("sample_ratio_p_value".to_owned(), self.ratio_p_value.into());
        figures.insert("unlike_arms".to_owned(), self.alike.unlike(&self.arms).into());
        figures.insert("balance_tests".to_owned(), omnibus_figures(&self.alike.tests, &self.arms));
        let mut taus: Map<String, Value> = Map::new();
        for (arm, metric, tau) in &self.taus {
            let own = taus.entry(arm.clone()).or_insert_with(|| Map::new().into());
            own[metric] = (*tau).into();
        }
        figures.insert("tau".to_owned(), taus.into());
        let by_arm = |sizes: &Vec<u64>| -> Value {
            let own = self.arms.iter().zip(sizes);
            Value::Object(own.map(|(arm, size)| (arm.clone(), (*size).into())).collect())
        };
        figures.insert("clusters".to_owned(), self.clusters.as_ref().map(by_arm).into());
        let EffectOptions { covariates, revenue, margin, contact_cost, incentive_cost, .. } =
            &self.options;
        let given = json!({
            "covariates": covariates,
            "revenue": revenue,
            "margin": margin,
            "contact_cost": contact_cost,
            "incentive_cost": incentive_cost,
            "plan": self.plan,
        });
        if let Value::Object(given) = given {
            figures.extend(given);
        }
        figures
    }

    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }
}
