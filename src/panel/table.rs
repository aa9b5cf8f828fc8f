//! Features, states and outcomes of all customers at several cutoffs.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Float64Array, LargeStringArray, RecordBatch, TimestampMicrosecondArray,
};
use rayon::prelude::*;

use super::options::PanelOptions;
use crate::error::{Error, Result};
use crate::features::{FeatureTable, available};
use crate::labels::{Label, State, latest_cutoff, outcome_window};
use crate::log::{CustomerIndex, EventLog};
use crate::time::{IntoTimestamp, MICROS_PER_DAY, Span, Timestamp, Window, instants};

/// Features, states and outcomes of every customer with a purchase before the cutoff, at one or
/// several cutoffs.
#[derive(Debug, Clone)]
pub struct Panel {
    features: FeatureTable,
    states: Vec<State>,
    /// Time from the start of the outcome window to the first purchase after it, in microseconds;
    /// none: none was observed.
    next: Vec<Option<i64>>,
    windows: Vec<Window>,
    known_until: Timestamp,
}

impl Panel {
    /// Builds the panel of a log at these cutoffs, from what was known before `until`.
    ///
    /// A row's outcome is the time from `cutoff + lead` to the customer's next purchase, and how
    /// long one was looked for: to `until` or the log's `observed_until`, whichever comes first. It
    /// determines whether the customer purchases inside `[cutoff + lead, cutoff + lead + horizon)`;
    /// this is none (censored) when that window does not end by then.
    ///
    /// # Errors
    /// [`Error::Argument`] for a cutoff outside the log, an unknown attribute, or a horizon or
    /// limits without length.
    pub fn build(
        log: &EventLog,
        cutoffs: impl IntoIterator<Item: IntoTimestamp>,
        until: impl IntoTimestamp,
        options: &PanelOptions,
    ) -> Result<Panel> {
        let zone = log.time_zone();
        let (cutoffs, until) =
            (instants("at", zone, cutoffs)?, until.into_argument("until", zone)?);
        Self::build_at(log, &cutoffs, until, options)
    }

    /// As [`Panel::build`], at times by the log's clock.
    pub(crate) fn build_at(
        log: &EventLog,
        cutoffs: &[Timestamp],
        until: Timestamp,
        options: &PanelOptions,
    ) -> Result<Panel> {
        options.label.check(log.tells_returns())?;
        let windows = cutoffs
            .iter()
            .map(|&cutoff| outcome_window(cutoff, options.lead, options.horizon))
            .collect::<Result<Vec<_>>>()?;
        let limits =
            cutoffs.iter().map(|&cutoff| options.limits.at(cutoff)).collect::<Result<Vec<_>>>()?;
        let (attributes, all) = (&options.attributes, 0..log.customers().len());
        let places = available(&log.columns());
        let features = FeatureTable::extract_places(log, cutoffs, &places, attributes, all)?
            .with_kinds(log, &options.kinds)?;
        let known_until = until.min(log.observed_until());
        let mut states = Vec::with_capacity(features.len());
        let mut next = Vec::with_capacity(features.len());
        for (i, (&cutoff, window)) in cutoffs.iter().zip(&windows).enumerate() {
            let rows: Vec<(State, Option<i64>)> = features.customers()[features.rows_of(i)]
                .par_iter()
                .with_min_len(1_024)
                .map(|&customer| {
                    let last = log.history(customer, cutoff).last_purchase();
                    let last = last.unwrap_or(Timestamp::MIN);
                    (
                        limits[i].state(last),
                        next_purchase(log, customer, *window, until, options.label),
                    )
                })
                .collect();
            log.progress().tell("looking at outcomes", i as u64 + 1, cutoffs.len() as u64)?;
            states.extend(rows.iter().map(|row| row.0));
            next.extend(rows.iter().map(|row| row.1));
        }
        Ok(Panel { features, states, next, windows, known_until })
    }

    /// The features, in the same order of rows.
    pub fn features(&self) -> &FeatureTable {
        &self.features
    }

    /// Each row's state at its cutoff.
    pub fn states(&self) -> &[State] {
        &self.states
    }

    /// Days from `cutoff + lead` to each row's next purchase; none if none was observed.
    pub fn days_to_purchase(&self) -> impl ExactSizeIterator<Item = Option<f64>> {
        self.next.iter().map(|next| next.map(days))
    }

    /// Number of days from `cutoff + lead` in which each row's next purchase would have been
    /// observed: a row without a purchase is censored there. None if the log ends earlier.
    pub fn days_observed(&self) -> impl Iterator<Item = Option<f64>> {
        let observed = |window: &Window| self.known_until.micros() - window.start.micros();
        self.windows.iter().enumerate().flat_map(move |(cutoff, window)| {
            let observed = Some(observed(window)).filter(|&time| time >= 0).map(days);
            self.features.rows_of(cutoff).map(move |_| observed)
        })
    }

    /// Whether each row's customer purchased in the outcome window; none if censored.
    pub fn purchased(&self) -> Vec<Option<bool>> {
        self.purchased_by(self.windows.iter().map(|window| window.end))
    }

    /// Whether each row's customer purchased within another horizon, counted from `cutoff + lead`;
    /// none if censored.
    ///
    /// # Errors
    /// [`Error::Argument`] for a horizon without length or beyond the year 2262.
    pub fn purchased_within(&self, horizon: Span) -> Result<Vec<Option<bool>>> {
        let end = |window: &Window| Ok(outcome_window(window.start, Span::ZERO, horizon)?.end);
        let ends: Vec<Timestamp> = self.windows.iter().map(end).collect::<Result<_>>()?;
        Ok(self.purchased_by(ends))
    }

    /// Whether a purchase was observed before the end that goes with each cutoff.
    fn purchased_by(&self, ends: impl IntoIterator<Item = Timestamp>) -> Vec<Option<bool>> {
        let mut purchased = Vec::with_capacity(self.next.len());
        for (cutoff, (window, end)) in self.windows.iter().zip(ends).enumerate() {
            let length = end.micros() - window.start.micros();
            let rows = &self.next[self.features.rows_of(cutoff)];
            let within = |next: &Option<i64>| next.is_some_and(|next| next < length);
            let is_known = end <= self.known_until;
            purchased.extend(rows.iter().map(|next| is_known.then(|| within(next))));
        }
        purchased
    }

    /// Splits the rows by cutoff: training rows are those whose outcome window ends at or before
    /// `at`, test rows those with a cutoff at or after it. Rows between the two are in neither,
    /// because their outcomes reach into the test period. There is no random split.
    pub fn split(&self, at: Timestamp) -> (Vec<usize>, Vec<usize>) {
        let (mut train, mut test) = (Vec::new(), Vec::new());
        for (i, &cutoff) in self.features.cutoffs().iter().enumerate() {
            if self.windows[i].end <= at {
                train.extend(self.features.rows_of(i));
            } else if cutoff >= at {
                test.extend(self.features.rows_of(i));
            }
        }
        (train, test)
    }

    /// As an Arrow table: `cutoff`, `customer_id`, `state`; the outcome as `purchased` (null:
    /// censored), `days_to_purchase` (null: none observed) and `days_observed` (null: nothing is);
    /// then the features.
    ///
    /// `log` must be the log the panel was built from.
    ///
    /// # Errors
    /// [`Error::Argument`] for a log of fewer customers, which cannot be that one.
    pub fn to_batch(&self, log: &EventLog) -> Result<RecordBatch> {
        let features = self.features.to_batch(log)?;
        let cutoffs = self.features.row_cutoffs().map(Timestamp::micros);
        let states = self.states.iter().map(|state| state.name());
        let mut columns: Vec<(String, ArrayRef)> = vec![
            ("cutoff".into(), Arc::new(TimestampMicrosecondArray::from_iter_values(cutoffs))),
            (
                "customer_id".into(),
                features
                    .column_by_name("customer_id")
                    .cloned()
                    .ok_or_else(|| Error::Shape("the feature table has no customer_id".into()))?,
            ),
            ("state".into(), Arc::new(LargeStringArray::from_iter_values(states))),
            ("purchased".into(), Arc::new(BooleanArray::from(self.purchased()))),
            ("days_to_purchase".into(), Arc::new(Float64Array::from_iter(self.days_to_purchase()))),
            ("days_observed".into(), Arc::new(Float64Array::from_iter(self.days_observed()))),
        ];
        let schema = features.schema();
        for (field, array) in schema.fields().iter().zip(features.columns()) {
            if field.name() != "cutoff" && field.name() != "customer_id" {
                columns.push((field.name().clone(), array.clone()));
            }
        }
        Ok(RecordBatch::try_from_iter(columns)?)
    }
}

fn days(micros: i64) -> f64 {
    micros as f64 / MICROS_PER_DAY as f64
}

/// The time from the start of the outcome window to the next purchase, as known before `until`.
fn next_purchase(
    log: &EventLog,
    customer: CustomerIndex,
    window: Window,
    until: Timestamp,
    label: Label,
) -> Option<i64> {
    let known_until = until.min(log.observed_until());
    let first = |end: Timestamp, from: Timestamp| {
        let outcome = log.seen(label, customer, Window { start: window.start, end }, until);
        let purchases = outcome.purchases();
        let next = purchases.iter().find(|purchase| purchase.time >= from.micros())?;
        Some(next.time - window.start.micros())
    };
    // What happens after the window changes nothing in it, not even on a day that it divides.
    let inside = first(window.end.min(known_until), window.start);
    let after = || (window.end < known_until).then(|| first(known_until, window.end)).flatten();
    inside.or_else(after)
}

/// The cutoffs to train on when everything up to `until` is known: the latest one whose outcome
/// window ends by then, and `count` − 1 earlier ones, one `stride` apart, in ascending order.
///
/// ```
/// use winback::{panel::training_cutoffs, time::Span};
/// let cutoffs = training_cutoffs("2011-09-01".parse()?, 3, Span::days(30), Span::ZERO, Span::months(3))?;
/// let texts: Vec<String> = cutoffs.iter().map(|c| c.to_string()).collect();
/// assert_eq!(texts, ["2011-04-02", "2011-05-02", "2011-06-01"]);
/// # Ok::<(), winback::Error>(())
/// ```
///
/// # Errors
/// [`Error::Argument`] for no cutoffs, several without a stride, or a horizon without length.
pub fn training_cutoffs(
    until: Timestamp,
    count: usize,
    stride: Span,
    lead: Span,
    horizon: Span,
) -> Result<Vec<Timestamp>> {
    let spacing = Spacing { count: ("cutoffs", count), stride: ("stride", stride) };
    spacing.cutoffs(until, lead, horizon)
}

/// Those of [`training_cutoffs`] that lie inside a log, after its first transaction.
///
/// # Errors
/// As [`training_cutoffs`]; [`Error::Argument`] when `until` lies outside the log or none of them lies
/// inside.
pub fn training_cutoffs_of(
    log: &EventLog,
    until: Timestamp,
    count: usize,
    stride: Span,
    lead: Span,
    horizon: Span,
) -> Result<Vec<Timestamp>> {
    log.check_cutoff("until", until)?;
    let mut cutoffs = training_cutoffs(until, count, stride, lead, horizon)?;
    let first = log.first_event();
    cutoffs.retain(|&cutoff| cutoff > first);
    if cutoffs.is_empty() {
        let expected = format!(
            "a time that leaves a cutoff, lead {lead} and horizon {horizon} before it, after the first \
             transaction, {first}"
        );
        return Err(Error::argument("until", until, expected));
    }
    Ok(cutoffs)
}

/// How many cutoffs and how far apart, each with the name of its argument.
pub(crate) struct Spacing {
    pub(crate) count: (&'static str, usize),
    pub(crate) stride: (&'static str, Span),
}

impl Spacing {
    /// As [`training_cutoffs`].
    pub(crate) fn cutoffs(
        &self,
        until: Timestamp,
        lead: Span,
        horizon: Span,
    ) -> Result<Vec<Timestamp>> {
        let ((count_name, count), (stride_name, stride)) = (self.count, self.stride);
        if count == 0 || count > 10_000 {
            return Err(Error::argument(count_name, count, "1 to 10,000"));
        }
        if count > 1 && stride.is_zero() {
            return Err(Error::argument(stride_name, stride, "more than 0d"));
        }
        let latest = latest_cutoff(until, lead, horizon)?;
        (0..count as u32).rev().map(|i| latest.sub_times("stride", stride, i)).collect()
    }
}
