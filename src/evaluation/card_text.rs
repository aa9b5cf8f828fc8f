//! A model card as Markdown.

use std::fmt;

use arrow_array::RecordBatch;
use serde_json::{Map, Value};

use super::backtest_report::ScoreKind;
use super::card::{CardCalibration, CardMetric, ModelCard};
use crate::answer::columns::{batch, numbers, texts};
use crate::answer::text_table::decimals;
use crate::answer::{Analysis, Table, escape, fields};
use crate::churn::{CalibrationTrial, OutcomeCounts};
use crate::error::Result;
use crate::labels::State;
use crate::log::grouped;
use crate::metrics::Measure;

/// The measures of the table; programs get all of them.
const SHOWN: [(Measure, &str); 9] = [
    (Measure::RocAuc, "AUC"),
    (Measure::AveragePrecision, "average precision"),
    (Measure::LogLoss, "log loss"),
    (Measure::BrierScore, "Brier score"),
    (Measure::CalibrationSlope, "calibration slope"),
    (Measure::CalibrationIntercept, "calibration intercept"),
    (Measure::ExpectedCalibrationError, "expected calibration error"),
    (Measure::Lift10, "lift in the top 10 %"),
    (Measure::Capture10, "capture in the top 10 %"),
];

impl Analysis for ModelCard {
    /// - `metrics`: the out-of-time measures: `state`, `outcome`, `score`, `measure`, `mean` over
    ///   the test cutoffs, `low` and `high` (the ends of its 95 % interval; null without
    ///   resampling), `worst`.
    const TABLES: &'static [Table<Self>] = &[("metrics", Self::metrics_table)];
    const IS_REPORT: bool = true;

    fn figures(&self) -> Map<String, Value> {
        fields(self)
    }
}

impl fmt::Display for ModelCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "# Churn model: {}\n", self.estimator.name())?;
        writeln!(f, "Predicts {}.\n", self.label)?;
        writeln!(f, "Scores {}.\n", self.eligibility)?;
        self.write_data(f)?;
        self.write_quality(f)?;
        self.write_calibration(f)?;
        writeln!(f, "## Limits\n")?;
        self.limitations
            .iter()
            .try_for_each(|limit| writeln!(f, "- {}", escape::markdown(limit)))?;
        self.write_columns(f)?;
        writeln!(f, "\n## Versions\n")?;
        writeln!(f, "winback {}, model file {}.", self.winback_version, self.model_file_version)?;
        let parameters = serde_json::to_string(&self.estimator).map_err(|_| fmt::Error)?;
        writeln!(f, "Parameters: `{parameters}`, monotone {}.", self.monotone)
    }
}

impl ModelCard {
    fn metrics_table(&self) -> Result<RecordBatch> {
        let rows = || self.metrics.iter();
        batch([
            texts("state", rows().map(|row| row.state.name())),
            texts("outcome", rows().map(|row| row.outcome)),
            texts("score", rows().map(|row| row.score.name())),
            texts("measure", rows().map(|row| row.measure)),
            numbers("mean", rows().map(|row| row.mean)),
            numbers("low", rows().map(|row| row.low)),
            numbers("high", rows().map(|row| row.high)),
            numbers("worst", rows().map(|row| row.worst)),
        ])
    }

    fn write_data(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let data = &self.data;
        writeln!(f, "## Data\n")?;
        writeln!(
            f,
            "{} customers; transactions from {} on, nothing at or after {} was used. Purchases by \
             {}, zero amounts: {}, times by the clock of {}. Fingerprint of the training table: `{}`.\n",
            grouped(data.customers as u64),
            data.first_event,
            data.until,
            data.purchase_rules.purchase_by,
            data.purchase_rules.zero_amounts,
            data.purchase_rules.time_zone,
            data.data_hash
        )?;
        writeln!(f, "| training cutoff | active, of whom purchased | lapsed | lost |")?;
        writeln!(f, "|---|---|---|---|")?;
        for at in &data.cutoffs {
            let [active, lapsed, lost] = [at.active, at.lapsed, at.lost].map(counts);
            writeln!(f, "| {} | {active} | {lapsed} | {lost} |", at.cutoff)?;
        }
        writeln!(f)
    }

    fn write_quality(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "## Quality out of time\n")?;
        write!(f, "Trained anew and tested at {}: the mean", self.tested_at.join(", "))?;
        if self.draws > 0 {
            write!(f, ", in brackets the 95 % interval from {} draws of customers", self.draws)?;
        }
        writeln!(f, ".\n")?;
        for state in State::ALL {
            let Some(first) = self.metrics.iter().find(|metric| metric.state == state) else {
                continue;
            };
            writeln!(f, "### {state} customers: who {}\n", first.outcome)?;
            writeln!(f, "| measure | model | worst cutoff | days since last purchase | MBG/NBD |")?;
            writeln!(f, "|---|---|---|---|---|")?;
            for (measure, words) in SHOWN {
                let of = |score| {
                    self.metrics.iter().find(|metric| {
                        (metric.state, metric.score, metric.measure)
                            == (state, score, measure.name())
                    })
                };
                let cell = |score| of(score).map_or("-".into(), with_interval);
                let worst = of(ScoreKind::Model).and_then(|metric| metric.worst);
                writeln!(
                    f,
                    "| {words} | {} | {} | {} | {} |",
                    cell(ScoreKind::Model),
                    worst.map_or("-".into(), |worst| decimals(worst, 3)),
                    cell(ScoreKind::Recency),
                    cell(ScoreKind::MbgNbd)
                )?;
            }
            writeln!(f)?;
            self.write_tests(f, state)?;
        }
        Ok(())
    }

    fn write_tests(&self, f: &mut fmt::Formatter<'_>, state: State) -> fmt::Result {
        let outcome = self.tests.iter().find(|test| test.state == state).map_or("", |t| t.outcome);
        writeln!(f, "| test cutoff | {state} customers | {outcome} | mean probability |")?;
        writeln!(f, "|---|---|---|---|")?;
        for test in self.tests.iter().filter(|test| test.state == state) {
            let percent = |share: f64| format!("{:.1} %", share * 100.0);
            writeln!(
                f,
                "| {} | {} | {} | {} |",
                test.cutoff,
                grouped(test.customers),
                percent(test.base_rate),
                test.mean_probability.map_or("-".into(), percent)
            )?;
        }
        writeln!(f)
    }

    fn write_calibration(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "## Calibration\n")?;
        writeln!(
            f,
            "Asked for: {}. Judged at the latest training cutoff, of probabilities that a model of \
             earlier cutoffs gave, calibrated by what was known at a cutoff before.\n",
            self.calibration_choice
        )?;
        writeln!(f, "| customers | method | log loss | slope | intercept | calibration error |")?;
        writeln!(f, "|---|---|---|---|---|---|")?;
        for CardCalibration { state, method, before, after } in &self.calibration {
            writeln!(f, "| {state} | as it is |{}", trial(before.as_ref()))?;
            if *method != "none" {
                writeln!(f, "| {state} | {method} |{}", trial(after.as_ref()))?;
            }
        }
        writeln!(f)
    }

    fn write_columns(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n## Columns\n\n| name | family | unit | meaning |\n|---|---|---|---|")?;
        for column in &self.columns {
            let [name, meaning] = [&column.name, column.meaning].map(escape::markdown);
            let (family, unit) = (column.family, column.unit.unwrap_or("-"));
            writeln!(f, "| {name} | {family} | {unit} | {meaning} |")?;
        }
        Ok(())
    }
}

fn counts(counts: OutcomeCounts) -> String {
    let all = counts.all();
    let share = counts.purchased as f64 / all.max(1) as f64 * 100.0;
    format!("{} ({share:.1} %)", grouped(all as u64))
}

fn with_interval(metric: &CardMetric) -> String {
    match (metric.low, metric.high) {
        (Some(low), Some(high)) => {
            let [mean, low, high] = [metric.mean, low, high].map(|value| decimals(value, 3));
            format!("{mean} [{low}, {high}]")
        }
        _ => decimals(metric.mean, 3),
    }
}

fn trial(trial: Option<&CalibrationTrial>) -> String {
    let Some(trial) = trial else { return " not judged: too few cutoffs | - | - | - |".into() };
    let or_dash = |value: Option<f64>| value.map_or("-".into(), |value| format!("{value:.2}"));
    format!(
        " {:.4} | {} | {} | {:.3} |",
        trial.log_loss,
        or_dash(trial.slope),
        or_dash(trial.intercept),
        trial.expected_calibration_error
    )
}
