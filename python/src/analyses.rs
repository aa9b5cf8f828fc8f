//! Analyses: options from a dict, an answer out; and what is fitted.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use serde::de::DeserializeOwned;
use winback::Error;
use winback::campaign::CategoryOffers;
use winback::evaluation::PurchaseBacktest;
use winback::events::EventsSummary;
use winback::inactivity::InactivityReport;
use winback::labels::LifecycleLimits;
use winback::log::SampleOptions;
use winback::retention::{Cohorts, Flow, Labels, Migration, Retention, RetentionCurve};
use winback::segments::{
    Clusters, Concentration, GroupProfile, LoyaltyRules, RfmOptions, SegmentRules,
};
use winback::service::ServiceReport;
use winback::surveys::{NpsCounts, NpsReport, SurveyPlan};
use winback::timing::{Forecast, Renewals, RfmSummary, SummaryColumns};

use crate::answer::{Answer, options};
use crate::arrow::import_stream;
use crate::churn::ChurnModel;
use crate::error::Result;
use crate::event_log::EventLog;
use crate::long::Watch;
use crate::partitioned_log::PartitionedLog;
use crate::snapshot::{PartitionedSnapshot, Snapshot};
use crate::table::Table;
use crate::threads::Compute;
use crate::time_to_purchase::TimeToPurchase;
use crate::to_python::{for_people, to_python};

/// The answer of an analysis of a log or a snapshot.
fn analyse<L: Log + Sync, T: DeserializeOwned + Sync, A: winback::answer::Answer + Send>(
    py: Python<'_>,
    of: &L,
    given: &Bound<'_, PyDict>,
    build: fn(&L, &T) -> winback::Result<A>,
) -> Result<Answer> {
    let options = options(given)?;
    answer_of(py, of, |of| build(of, &options))
}

/// Builds an answer on the package's own threads.
pub(crate) fn answer<A: winback::answer::Answer + Send>(
    py: Python<'_>,
    build: impl FnOnce() -> winback::Result<A> + Send,
) -> Result<Answer> {
    Answer::new(py, &py.compute(build)?)
}

/// As `answer`, of a log or a snapshot; Ctrl-C ends it.
pub(crate) fn answer_of<L: Log, A: winback::answer::Answer + Send>(
    py: Python<'_>,
    of: &L,
    build: impl FnOnce(&L) -> winback::Result<A> + Send,
) -> Result<Answer> {
    Answer::told(py, &watched(py, of, build)?, of.tells_activity())
}

/// Works on a log or a snapshot until Ctrl-C.
pub(crate) fn watched<L: Log, T: Send>(
    py: Python<'_>,
    of: &L,
    work: impl FnOnce(&L) -> winback::Result<T> + Send,
) -> Result<T> {
    let watch = Watch::calm(None);
    let of = of.watched_by(&watch);
    watch.run(py, || work(&of))
}

/// What an analysis may be of.
pub(crate) trait Log: Send + Sync {
    /// Itself, for a call that ends when this watch says so.
    fn watched_by(&self, watch: &Arc<Watch>) -> Self;

    /// Whether it tells of activity in place of purchases.
    fn tells_activity(&self) -> bool;
}

impl Log for winback::EventLog {
    fn watched_by(&self, watch: &Arc<Watch>) -> Self {
        self.on_progress(watch.ear())
    }

    fn tells_activity(&self) -> bool {
        self.columns().tells_activity()
    }
}

impl Log for winback::Snapshot {
    fn watched_by(&self, watch: &Arc<Watch>) -> Self {
        self.on_progress(watch.ear())
    }

    fn tells_activity(&self) -> bool {
        self.log().columns().tells_activity()
    }
}

/// All customers of a log, in memory or in parts.
#[derive(FromPyObject)]
pub(crate) enum AnyLog<'py> {
    Whole(Bound<'py, EventLog>),
    Parts(Bound<'py, PartitionedLog>),
}

impl AnyLog<'_> {
    /// What is learned of it until this watch ends it: of one in parts by those of its customers who are
    /// asked for.
    pub(crate) fn learned<T: Send>(
        &self,
        py: Python<'_>,
        watch: &Arc<Watch>,
        given: &Bound<'_, PyDict>,
        whole: impl FnOnce(&winback::EventLog) -> winback::Result<T> + Send,
        parts: impl FnOnce(&winback::log::PartitionedLog, &SampleOptions) -> winback::Result<T> + Send,
    ) -> Result<T> {
        match self {
            AnyLog::Whole(log) => {
                let log = log.get().log.on_progress(watch.ear());
                watch.run(py, || whole(&log))
            }
            AnyLog::Parts(log) => {
                let (log, sample) = (log.get().log.on_progress(watch.ear()), options(given)?);
                watch.run(py, || parts(&log, &sample))
            }
        }
    }

    /// Whether it tells of activity in place of purchases.
    pub(crate) fn tells_activity(&self) -> bool {
        match self {
            AnyLog::Whole(log) => log.get().log.columns().tells_activity(),
            AnyLog::Parts(log) => log.get().log.tells_activity(),
        }
    }
}

/// A log in parts as known at a cutoff.
type Parted<'a> = winback::snapshot::PartitionedSnapshot<'a>;

/// All customers as known at a cutoff, of a log in memory or in parts.
#[derive(FromPyObject)]
pub(crate) enum AnySnapshot<'py> {
    Whole(Bound<'py, Snapshot>),
    Parts(Bound<'py, PartitionedSnapshot>),
}

/// Bindings of analyses of all customers of a log, or of all at a cutoff, also in parts.
macro_rules! analyses_of_all {
    ($($name:ident: $of:ident.$field:ident => $build:expr;)*) => {
        $(
            #[pyfunction]
            pub(crate) fn $name(
                py: Python<'_>,
                of: $of<'_>,
                options: &Bound<'_, PyDict>,
            ) -> Result<Answer> {
                let options = self::options(options)?;
                match &of {
                    $of::Whole(whole) => {
                        let whole = &whole.get().$field;
                        answer_of(py, whole, |whole| $build(whole, &options))
                    }
                    $of::Parts(parts) => {
                        let parts = parts.get();
                        let found = parts.watched(py, |parts| $build(parts, &options))?;
                        Answer::told(py, &found, parts.tells_activity())
                    }
                }
            }
        )*
    };
}

analyses_of_all! {
    retention_rates: AnyLog.log => Retention::by_period;
    retention_curve: AnyLog.log => RetentionCurve::new;
    cohorts: AnyLog.log => Cohorts::new;
    flow: AnyLog.log => Flow::new;
    inactivity: AnySnapshot.snapshot => InactivityReport::build;
    concentration: AnySnapshot.snapshot => Concentration::build;
    nps_report: AnySnapshot.snapshot => NpsReport::build;
    service: AnySnapshot.snapshot => ServiceReport::build;
}

/// Bindings of analyses whose only arguments are what they look at and their options.
macro_rules! analyses {
    ($($name:ident: $of:ident.$field:ident => $build:expr;)*) => {
        $(
            #[pyfunction]
            pub(crate) fn $name(
                py: Python<'_>,
                of: &$of,
                options: &Bound<'_, PyDict>,
            ) -> Result<Answer> {
                analyse(py, &of.$field, options, $build)
            }
        )*
    };
}

analyses! {
    events_summary: EventLog.log => EventsSummary::build;
    renewals: EventLog.log => Renewals::new;
    clusters: Snapshot.snapshot => Clusters::build;
    survey_plan: Snapshot.snapshot => SurveyPlan::build;
    forecast: Snapshot.snapshot => Forecast::build;
    offers: Snapshot.snapshot => CategoryOffers::build;
    rfm_summary: Snapshot.snapshot => RfmSummary::of_purchases;
}

/// Models of purchases on a test period, beside fitted models if there are some.
#[pyfunction]
pub(crate) fn purchase_backtest(
    py: Python<'_>,
    now: &Snapshot,
    options: &Bound<'_, PyDict>,
    churn: Option<&ChurnModel>,
    hazard: Option<&TimeToPurchase>,
) -> Result<Answer> {
    let options = self::options(options)?;
    let (churn, hazard) = (churn.map(|model| &model.model), hazard.map(|model| &model.model));
    answer_of(py, &now.snapshot, |now| PurchaseBacktest::build(now, &options, churn, hazard))
}

/// From every row of a table.
#[pyfunction]
pub(crate) fn summarise_transactions(
    py: Python<'_>,
    transactions: &Bound<'_, PyAny>,
    columns: &Bound<'_, PyDict>,
    end: Option<&str>,
    missing_ids: &str,
    options: &Bound<'_, PyDict>,
) -> Result<Answer> {
    let (columns, options): (SummaryColumns, _) =
        (self::options(columns)?, self::options(options)?);
    let end = end.map(|end| columns.instant("observation_period_end", end)).transpose()?;
    let (missing_ids, stream) = (missing_ids.parse()?, import_stream("data", transactions)?);
    answer(py, || {
        winback::timing::summarise_transactions(stream, &columns, missing_ids, end, &options)
    })
}

/// Transitions between lifecycle states.
#[pyfunction]
pub(crate) fn lifecycle_migration(
    py: Python<'_>,
    before: AnySnapshot<'_>,
    after: AnySnapshot<'_>,
    options: &Bound<'_, PyDict>,
) -> Result<Answer> {
    let (limits, options): (LifecycleLimits, _) =
        (self::options(options)?, self::options(options)?);
    migration(
        py,
        (&before, &after),
        |before, after| Migration::lifecycle(before, after, limits, &options),
        |before, after| Migration::lifecycle_of_parts(before, after, limits, &options),
    )
}

/// Transitions between two cutoffs of one log, in memory or in parts.
fn migration(
    py: Python<'_>,
    (before, after): (&AnySnapshot<'_>, &AnySnapshot<'_>),
    whole: impl FnOnce(&winback::Snapshot, &winback::Snapshot) -> winback::Result<Migration> + Send,
    parts: impl FnOnce(&Parted<'_>, &Parted<'_>) -> winback::Result<Migration> + Send,
) -> Result<Answer> {
    match (before, after) {
        (AnySnapshot::Whole(before), AnySnapshot::Whole(after)) => {
            let (before, after) = (&before.get().snapshot, &after.get().snapshot);
            answer_of(py, before, |before| whole(before, after))
        }
        (AnySnapshot::Parts(before), AnySnapshot::Parts(after)) => {
            let (before, after) = (before.get(), after.get());
            let (later, at) = (&after.log.get().log, after.at);
            let found = before.watched(py, |before| parts(before, &later.at(at)?))?;
            Answer::told(py, &found, before.tells_activity())
        }
        _ => {
            let expected = "a snapshot of the log that the first one is of";
            Err(Error::argument("after", "one of another log", expected).into())
        }
    }
}

/// Transitions between the labels given for each customer.
#[pyfunction]
pub(crate) fn label_migration(
    py: Python<'_>,
    before: Vec<Option<String>>,
    after: Vec<Option<String>>,
    revenue: Option<Vec<f64>>,
    options: &Bound<'_, PyDict>,
) -> Result<Answer> {
    // The same names on both sides, so that rows and columns are in one order.
    let names: BTreeSet<&String> = before.iter().chain(&after).flatten().collect();
    let names: Vec<String> = names.into_iter().cloned().collect();
    let labels = |texts: &[Option<String>]| {
        let code = |text: &Option<String>| {
            text.as_ref().and_then(|text| names.binary_search(text).ok()).map(|code| code as u32)
        };
        Labels::new(names.clone(), texts.iter().map(code).collect())
    };
    let (before, after, options) = (labels(&before)?, labels(&after)?, self::options(options)?);
    answer(py, || Migration::between(&before, &after, revenue.as_deref(), &options))
}

/// The default rules, or the rules of a JSON text, checked, as a dict.
#[pyfunction]
pub(crate) fn loyalty_rules<'py>(
    py: Python<'py>,
    rules: Option<&str>,
) -> Result<Bound<'py, PyAny>> {
    let rules = rules.map_or_else(|| Ok(LoyaltyRules::default()), LoyaltyRules::from_json)?;
    to_python(py, &rules)
}

#[pyfunction]
pub(crate) fn loyalty(
    py: Python<'_>,
    now: AnySnapshot<'_>,
    rules: &str,
    model: Option<&ChurnModel>,
) -> Result<Answer> {
    let (rules, model) = (LoyaltyRules::from_json(rules)?, model.map(|model| &model.model));
    match &now {
        AnySnapshot::Whole(now) => {
            let now = &now.get().snapshot;
            answer_of(py, now, |now| rules.group(now, model))
        }
        AnySnapshot::Parts(now) => {
            let now = now.get();
            let found = now.watched(py, |now| rules.group_parts(now, model))?;
            Answer::told(py, &found, now.tells_activity())
        }
    }
}

/// Transitions between loyalty groups.
#[pyfunction]
pub(crate) fn loyalty_migration(
    py: Python<'_>,
    before: AnySnapshot<'_>,
    after: AnySnapshot<'_>,
    rules: &str,
    model: Option<&ChurnModel>,
    options: &Bound<'_, PyDict>,
) -> Result<Answer> {
    let (rules, options) = (LoyaltyRules::from_json(rules)?, self::options(options)?);
    let model = model.map(|model| &model.model);
    migration(
        py,
        (&before, &after),
        |before, after| rules.migration(before, after, model, &options),
        |before, after| rules.migration_of_parts(before, after, model, &options),
    )
}

/// What the customers of one group of a table, of which each has a row, have in common.
#[pyfunction]
pub(crate) fn profile(
    py: Python<'_>,
    now: &Snapshot,
    groups: &Table,
    column_name: &str,
    group: &str,
    attributes: Vec<String>,
) -> Result<Answer> {
    let now = &now.snapshot;
    let ids = now.log().customers().take(now.customers().iter().copied());
    let column = |name| groups.batch.column_by_name(name);
    let texts = column(column_name).and_then(|column| column.as_string_opt::<i64>());
    let (Some(texts), true) = (texts, column("customer_id") == Some(&ids)) else {
        let expected = "the groups of all customers of this snapshot";
        return Err(Error::argument("groups", "another table", expected).into());
    };
    let names: BTreeSet<&str> = texts.iter().flatten().collect();
    if !names.contains(group) {
        let expected = format!("one of {}", names.into_iter().collect::<Vec<_>>().join(", "));
        return Err(Error::text_argument("group", group, expected).into());
    }
    let members = texts.iter().zip(now.customers()).filter(|(text, _)| *text == Some(group));
    let members: Vec<_> = members.map(|(_, &customer)| customer).collect();
    answer_of(py, now, |now| GroupProfile::build(now, group, &members, &attributes))
}

/// Promoters, passives, detractors.
type Counts = (u64, u64, u64);

fn counts_of((promoters, passives, detractors): Counts) -> NpsCounts {
    NpsCounts { promoters, passives, detractors }
}

/// A score with its interval as a dict; none without answers.
#[pyfunction]
pub(crate) fn nps_of_counts(py: Python<'_>, counts: Counts) -> Result<Option<Bound<'_, PyAny>>> {
    counts_of(counts).nps().map(|nps| to_python(py, &nps)).transpose()
}

/// Promoters, passives and detractors among scores.
#[pyfunction]
pub(crate) fn nps_counts(scores: Vec<f64>) -> Result<Counts> {
    let counts = NpsCounts::from_scores(&scores)?;
    Ok((counts.promoters, counts.passives, counts.detractors))
}

#[pyfunction]
pub(crate) fn nps_difference(
    py: Python<'_>,
    one: Counts,
    other: Counts,
) -> Result<Option<Bound<'_, PyAny>>> {
    let found = winback::surveys::nps_difference(&counts_of(one), &counts_of(other));
    found.map(|found| to_python(py, &found)).transpose()
}

#[pyfunction]
pub(crate) fn smallest_nps_difference(
    n: u64,
    other_n: u64,
    variance: f64,
    level: f64,
    power: f64,
) -> Result<f64> {
    Ok(winback::surveys::smallest_nps_difference(n, other_n, variance, level, power)?)
}

/// Fitted thresholds and rules.
#[pyclass(frozen, module = "winback._core")]
pub(crate) struct RfmSegments {
    pub(crate) fitted: winback::segments::RfmSegments,
}

/// Options with their segments, a preset or JSON, and `other`, the name of all others in place of
/// theirs.
pub(crate) fn rfm_options(options: &Bound<'_, PyDict>) -> Result<RfmOptions> {
    let rest = options.copy()?;
    let text = |name: &str| -> Result<Option<String>> {
        let given = rest.get_item(name)?.filter(|given| !given.is_none());
        if rest.contains(name)? {
            rest.del_item(name)?;
        }
        Ok(given.map(|given| given.extract()).transpose()?)
    };
    let (segments, other) = (text("segments")?, text("other")?);
    let mut segments: SegmentRules = match segments.as_deref() {
        None => SegmentRules::default(),
        Some(rules) if rules.trim_start().starts_with(['[', '{']) => {
            SegmentRules::from_json(rules)?
        }
        Some(preset) => preset.parse()?,
    };
    if let Some(other) = other {
        segments.other = other;
    }
    Ok(self::options::<RfmOptions>(&rest)?.segments(segments))
}

#[pymethods]
impl RfmSegments {
    #[staticmethod]
    fn fit(py: Python<'_>, now: AnySnapshot<'_>, options: &Bound<'_, PyDict>) -> Result<Self> {
        let options = rfm_options(options)?;
        let fitted = match &now {
            AnySnapshot::Whole(now) => {
                let now = &now.get().snapshot;
                watched(py, now, |now| winback::segments::RfmSegments::fit(now, &options))?
            }
            AnySnapshot::Parts(now) => {
                now.get().watched(py, |now| winback::segments::RfmSegments::fit(now, &options))?
            }
        };
        Ok(RfmSegments { fitted })
    }

    fn score(&self, py: Python<'_>, now: AnySnapshot<'_>) -> Result<Answer> {
        match &now {
            AnySnapshot::Whole(now) => {
                let now = &now.get().snapshot;
                answer_of(py, now, |now| self.fitted.score(now))
            }
            AnySnapshot::Parts(now) => {
                let now = now.get();
                let found = now.watched(py, |now| self.fitted.score_parts(now))?;
                Answer::told(py, &found, now.tells_activity())
            }
        }
    }

    /// Transitions between segments.
    fn migration(
        &self,
        py: Python<'_>,
        before: AnySnapshot<'_>,
        after: AnySnapshot<'_>,
        options: &Bound<'_, PyDict>,
    ) -> Result<Answer> {
        let options = self::options(options)?;
        migration(
            py,
            (&before, &after),
            |before, after| self.fitted.migration(before, after, &options),
            |before, after| self.fitted.migration_of_parts(before, after, &options),
        )
    }

    /// The thresholds, as a dict of lists.
    fn cuts<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyAny>> {
        to_python(py, self.fitted.cuts())
    }

    fn fitted_at<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyAny>> {
        to_python(py, &self.fitted.fitted_at())
    }

    /// The options as a dict, and the preset that its segments are.
    fn parameters<'py>(
        &self,
        py: Python<'py>,
    ) -> Result<(Bound<'py, PyAny>, Option<&'static str>)> {
        let options = self.fitted.options();
        Ok((to_python(py, options)?, options.segments.preset()))
    }

    fn describe(&self) -> String {
        for_people(&self.fitted.to_string())
    }

    fn save(&self, py: Python<'_>, path: PathBuf) -> Result<()> {
        py.compute(|| self.fitted.save(path))
    }

    #[staticmethod]
    fn load(py: Python<'_>, path: PathBuf) -> Result<Self> {
        Ok(RfmSegments { fitted: py.compute(|| winback::segments::RfmSegments::load(path))? })
    }

    fn to_bytes<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyBytes>> {
        Ok(PyBytes::new(py, &self.fitted.to_bytes()?))
    }

    #[staticmethod]
    fn from_bytes(bytes: &[u8]) -> Result<Self> {
        Ok(RfmSegments { fitted: winback::segments::RfmSegments::from_bytes(bytes)? })
    }
}

/// A fitted shifted beta-geometric model.
#[pyclass(frozen, module = "winback._core")]
pub(crate) struct ShiftedBetaGeometric {
    model: winback::timing::ShiftedBetaGeometric,
}

#[pymethods]
impl ShiftedBetaGeometric {
    #[staticmethod]
    fn fit(survivors: Vec<f64>) -> Result<Self> {
        let model = winback::timing::ShiftedBetaGeometric::fit(&survivors)?;
        Ok(ShiftedBetaGeometric { model })
    }

    #[staticmethod]
    fn fit_renewals(due: Vec<f64>, renewed: Vec<f64>) -> Result<Self> {
        let model = winback::timing::ShiftedBetaGeometric::fit_renewals(&due, &renewed)?;
        Ok(ShiftedBetaGeometric { model })
    }

    #[getter]
    fn standard_errors(&self) -> [Option<f64>; 2] {
        self.model.standard_errors()
    }

    #[getter]
    fn alpha(&self) -> f64 {
        self.model.alpha()
    }

    #[getter]
    fn beta(&self) -> f64 {
        self.model.beta()
    }

    #[getter]
    fn log_likelihood(&self) -> f64 {
        self.model.log_likelihood()
    }

    fn survival(&self, periods: u16) -> Vec<f64> {
        self.model.survival(periods)
    }

    fn retention_rates(&self, periods: u16) -> Vec<f64> {
        self.model.retention_rates(periods)
    }
}
