//! The log as of a cutoff: what every analysis at a cutoff takes.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, TryLockError};

use arrow_array::Float64Array;
use rayon::prelude::*;

use crate::error::Result;
use crate::features::{FeatureTable, WrittenFeatures, available};
use crate::labels::{LifecycleLimits, State};
use crate::log::{CustomerIndex, EventLog, History, IngestReport, LogFacts, Logs, PartitionedLog};
use crate::progress::{Progress, Step};
use crate::time::{IntoTimestamp, Timestamp};

/// A log as of a cutoff, created by [`EventLog::at`].
///
/// It computes features and states when they are first asked for, each once, and caches them. A
/// clone is cheap and shares the cache, even between threads.
///
/// ```
/// use winback::{EventLog, labels::LifecycleLimits, simulate::Simulation};
/// let shop = Simulation::default().customers(50).run()?;
/// let log = EventLog::builder()
///     .transactions([shop.transactions])
///     .observed_until("2025-01-01")?
///     .build()?;
/// let now = log.at("2025-01-01")?;
/// let table = now.features()?;
/// let states = now.states(LifecycleLimits::default())?;
/// assert_eq!(states.len(), table.len());
/// println!("{} is {}", log.customers().get(now.customers()[0]), states[0]);
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(Clone)]
pub struct Snapshot {
    log: EventLog,
    at: Timestamp,
    kept: Arc<Kept>,
}

/// What was computed. Nothing is ever taken out again.
#[derive(Default)]
struct Kept {
    buyers: OnceLock<Buyers>,
    values: Mutex<Values>,
    /// Held by the thread that computes.
    turn: Mutex<()>,
}

/// The customers with a purchase before the cutoff, by ascending id.
struct Buyers {
    customers: Arc<Vec<CustomerIndex>>,
    last_purchases: Vec<Timestamp>,
}

#[derive(Default)]
struct Values {
    /// By place in the feature catalogue.
    features: BTreeMap<usize, Float64Array>,
    states: Vec<(LifecycleLimits, Arc<[State]>)>,
}

impl EventLog {
    /// The log as of a cutoff: what happened strictly before it, as far as it was known then.
    ///
    /// # Errors
    /// [`Error::Argument`](crate::Error::Argument) for a text that is not a time, and for a cutoff
    /// that is not after the first transaction or is after the log's `observed_until`.
    pub fn at(&self, cutoff: impl IntoTimestamp) -> Result<Snapshot> {
        self.at_argument("at", cutoff)
    }

    /// As [`EventLog::at`], with the cutoff given as the argument of this name.
    ///
    /// # Errors
    /// As [`EventLog::at`], with this name.
    pub fn at_argument(&self, name: &'static str, cutoff: impl IntoTimestamp) -> Result<Snapshot> {
        let at = cutoff.into_argument(name, self.time_zone())?;
        self.check_cutoff(name, at)?;
        Ok(Snapshot { log: self.clone(), at, kept: Arc::default() })
    }
}

impl Snapshot {
    /// The log.
    pub fn log(&self) -> &EventLog {
        &self.log
    }

    /// The cutoff.
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// This snapshot, to be given to a call that is to say how far it is, as
    /// [`EventLog::on_progress`]; it shares what was computed.
    ///
    /// ```
    /// # use winback::{ChurnModel, Error, EventLog, simulate::Simulation};
    /// # let shop = Simulation::default().customers(400).run()?;
    /// # let log = EventLog::builder().transactions([shop.transactions])
    /// #     .observed_until("2025-01-01")?.build()?;
    /// # let model = ChurnModel::builder().fit(&log, "2024-10-01")?;
    /// let now = log.at("2025-01-01")?;
    /// let ended = model.score(&now.on_progress(|step| step.done == 0));
    /// assert!(matches!(ended, Err(Error::Interrupted)));
    /// assert!(model.score(&now).is_ok());
    /// # Ok::<(), Error>(())
    /// ```
    #[must_use]
    pub fn on_progress(&self, tell: impl Fn(Step) -> bool + Send + Sync + 'static) -> Snapshot {
        self.with_progress(Progress::to(tell))
    }

    pub(crate) fn with_progress(&self, progress: Progress) -> Snapshot {
        Snapshot { log: self.log.with_progress(progress), ..self.clone() }
    }

    /// Whom to tell how far long work is.
    pub(crate) fn progress(&self) -> &Progress {
        self.log.progress()
    }

    /// The customers with a purchase before the cutoff, as their places in the log, ascending.
    /// These are the customers who have features and a state.
    pub fn customers(&self) -> &[CustomerIndex] {
        &self.buyers().customers
    }

    /// Each customer's state by these limits, in the order of [`Snapshot::customers`].
    ///
    /// # Errors
    /// As [`LifecycleLimits::at`].
    pub fn states(&self, limits: LifecycleLimits) -> Result<Arc<[State]>> {
        let limits_at = limits.at(self.at)?;
        let is_known = |known: &&(LifecycleLimits, Arc<[State]>)| known.0 == limits;
        if let Some((_, states)) = self.values().states.iter().find(is_known) {
            return Ok(Arc::clone(states));
        }
        let last_purchases = &self.buyers().last_purchases;
        let states = last_purchases.iter().map(|&last| limits_at.state(last)).collect();
        let mut values = self.values();
        values.states.push((limits, Arc::clone(&states)));
        Ok(states)
    }

    /// All features that the log gives, in the order of the catalogue.
    ///
    /// # Errors
    /// [`Error::Interrupted`](crate::Error::Interrupted) where it was told to end.
    pub fn features(&self) -> Result<FeatureTable> {
        self.features_with(&[])
    }

    /// As [`Snapshot::features`], followed by the customers' attributes of these names.
    ///
    /// # Errors
    /// [`Error::Argument`](crate::Error::Argument) for an attribute that is unknown, given twice or
    /// named as another column.
    pub fn features_with(&self, attributes: &[String]) -> Result<FeatureTable> {
        self.table(&available(&self.log.columns()), attributes)
    }

    /// The features of these names, in this order, followed by the customers' attributes of these
    /// names. Nothing else is computed.
    ///
    /// # Errors
    /// As [`Snapshot::features_with`], and [`Error::Argument`](crate::Error::Argument) for a feature
    /// that is unknown, given twice, or that the log cannot give.
    pub fn some_features(
        &self,
        features: &[impl AsRef<str>],
        attributes: &[String],
    ) -> Result<FeatureTable> {
        let places = FeatureTable::places(&self.log, features)?;
        self.table(&places, attributes)
    }

    /// Everything one customer did, as far as known at the cutoff.
    ///
    /// # Panics
    /// If there is no such customer, as slices do.
    pub fn history(&self, customer: CustomerIndex) -> History<'_> {
        self.log.history(customer, self.at)
    }

    /// The features at these places of the catalogue, and the customers' attributes of these names.
    /// What is interrupted keeps nothing.
    pub(crate) fn table(&self, places: &[usize], attributes: &[String]) -> Result<FeatureTable> {
        FeatureTable::check_attributes(&self.log, attributes)?;
        let customers = &self.buyers().customers;
        let values = match self.known(places) {
            Some(values) => values,
            None => self.compute(places)?,
        };
        let values = places.iter().copied().zip(values);
        FeatureTable::of_values(&self.log, self.at, customers, values, attributes)
    }

    /// As [`Snapshot::table`], with states, of some neighbouring customers of the log. Of all of them
    /// everything is kept; of a part only what is there is used, so that memory stays with the part.
    pub(crate) fn rows(
        &self,
        customers: Range<usize>,
        places: &[usize],
        attributes: &[String],
        limits: LifecycleLimits,
    ) -> Result<(FeatureTable, Arc<[State]>)> {
        if customers == (0..self.log.customers().len()) {
            return Ok((self.table(places, attributes)?, self.states(limits)?));
        }
        let limits = limits.at(self.at)?;
        let table = match self.known(places) {
            Some(values) => self.slice(customers, places, values, attributes)?,
            None => {
                let (log, at) = (&self.log, [self.at]);
                FeatureTable::extract_places(log, &at, places, attributes, customers)?
            }
        };
        let last = |&customer: &CustomerIndex| self.history(customer).last_purchase();
        let last = table.customers().iter().map(|c| last(c).unwrap_or(Timestamp::MIN));
        let states = last.map(|last| limits.state(last)).collect();
        Ok((table, states))
    }

    /// The rows of some neighbouring customers.
    fn slice(
        &self,
        customers: Range<usize>,
        places: &[usize],
        values: Vec<Float64Array>,
        attributes: &[String],
    ) -> Result<FeatureTable> {
        FeatureTable::check_attributes(&self.log, attributes)?;
        let all = self.customers();
        let start = all.partition_point(|customer| customer.index() < customers.start);
        let end = all.partition_point(|customer| customer.index() < customers.end);
        let own = Arc::new(all[start..end].to_vec());
        let values = values.iter().map(|values| values.slice(start, end - start));
        let values = places.iter().copied().zip(values);
        FeatureTable::of_values(&self.log, self.at, &own, values, attributes)
    }

    /// The features at these places, if all of them are there.
    fn known(&self, places: &[usize]) -> Option<Vec<Float64Array>> {
        let values = self.values();
        places.iter().map(|place| values.features.get(place).cloned()).collect()
    }

    /// Computes those of these features that are not there, all in one go.
    fn compute(&self, places: &[usize]) -> Result<Vec<Float64Array>> {
        let _turn = self.turn();
        let missing: Vec<usize> = {
            let values = self.values();
            places.iter().copied().filter(|place| !values.features.contains_key(place)).collect()
        };
        if !missing.is_empty() {
            let all = 0..self.log.customers().len();
            let (log, at) = (&self.log, [self.at]);
            let table = FeatureTable::extract_places(log, &at, &missing, &[], all)?;
            let mut values = self.values();
            for (place, computed) in missing.into_iter().zip(table.into_numbers()) {
                values.features.entry(place).or_insert(computed);
            }
        }
        let values = self.values();
        Ok(places.iter().filter_map(|place| values.features.get(place).cloned()).collect())
    }

    fn buyers(&self) -> &Buyers {
        if let Some(buyers) = self.kept.buyers.get() {
            return buyers;
        }
        let _turn = self.turn();
        if let Some(buyers) = self.kept.buyers.get() {
            return buyers;
        }
        let buyers = Buyers::of(&self.log, self.at);
        self.kept.buyers.get_or_init(|| buyers)
    }

    fn values(&self) -> MutexGuard<'_, Values> {
        self.kept.values.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One thread computes at a time, so that nothing is computed twice. But the worker of a thread
    /// pool does not wait: the one that computes may itself be waiting for this one's pool, or be this
    /// one, which took up other work meanwhile. It computes for itself, to the same result.
    fn turn(&self) -> Option<MutexGuard<'_, ()>> {
        match self.kept.turn.try_lock() {
            Ok(turn) => Some(turn),
            Err(TryLockError::Poisoned(turn)) => Some(turn.into_inner()),
            Err(TryLockError::WouldBlock) if rayon::current_thread_index().is_some() => None,
            Err(TryLockError::WouldBlock) => {
                Some(self.kept.turn.lock().unwrap_or_else(PoisonError::into_inner))
            }
        }
    }
}

impl Buyers {
    fn of(log: &EventLog, at: Timestamp) -> Self {
        let buyer = |customer: CustomerIndex| {
            let last = log.history(customer, at).last_purchase()?;
            Some((customer, last))
        };
        let all = log.customers().par_indices().with_min_len(1_024);
        let (customers, last_purchases) = all.filter_map(buyer).unzip();
        Buyers { customers: Arc::new(customers), last_purchases }
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Snapshot({})", self.at)
    }
}

/// A log larger than memory as of a cutoff, created by [`PartitionedLog::at`].
#[derive(Debug, Clone, Copy)]
pub struct PartitionedSnapshot<'a> {
    log: &'a PartitionedLog,
    at: Timestamp,
}

impl PartitionedLog {
    /// The log as of a cutoff.
    ///
    /// # Errors
    /// As [`EventLog::at`].
    pub fn at(&self, cutoff: impl IntoTimestamp) -> Result<PartitionedSnapshot<'_>> {
        self.at_argument("at", cutoff)
    }

    /// As [`PartitionedLog::at`], with the cutoff given as the argument of this name.
    ///
    /// # Errors
    /// As [`EventLog::at`], with this name.
    pub fn at_argument(
        &self,
        name: &'static str,
        cutoff: impl IntoTimestamp,
    ) -> Result<PartitionedSnapshot<'_>> {
        let at = cutoff.into_argument(name, self.time_zone())?;
        self.check_cutoff(name, at)?;
        Ok(PartitionedSnapshot { log: self, at })
    }
}

/// All customers as known at a cutoff, of a log in memory or of one in parts. Results from the two are
/// bit-identical.
pub trait AllCustomersAt: Logs<Log = Snapshot> {}

impl<T: Logs<Log = Snapshot>> AllCustomersAt for T {}

/// All customers at a cutoff beside what else is needed to look at them, such as a model.
#[derive(Debug)]
pub(crate) struct Beside<'a, S, M> {
    pub(crate) now: &'a S,
    pub(crate) what: M,
}

impl<S: AllCustomersAt, M: Clone> Logs for Beside<'_, S, M> {
    type Log = (Snapshot, M);

    fn each_log(&self, mut each: impl FnMut(&(Snapshot, M)) -> Result<()>) -> Result<()> {
        self.now.each_log(|now| each(&(now.clone(), self.what.clone())))
    }

    fn facts(&self) -> LogFacts {
        self.now.facts()
    }
}

impl Logs for Snapshot {
    type Log = Snapshot;

    fn each_log(&self, mut each: impl FnMut(&Snapshot) -> Result<()>) -> Result<()> {
        each(self)
    }

    fn facts(&self) -> LogFacts {
        LogFacts { at: Some(self.at), ..self.log.facts() }
    }
}

impl Logs for PartitionedSnapshot<'_> {
    type Log = Snapshot;

    fn each_log(&self, mut each: impl FnMut(&Snapshot) -> Result<()>) -> Result<()> {
        self.log.each_log(|log| each(&log.at(self.at)?))
    }

    fn facts(&self) -> LogFacts {
        LogFacts { at: Some(self.at), ..self.log.facts() }
    }
}

impl<'a> PartitionedSnapshot<'a> {
    /// The log.
    pub fn log(&self) -> &'a PartitionedLog {
        self.log
    }

    /// The cutoff.
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// Writes the rows of [`Snapshot::features_with`] or, if names are given, of
    /// [`Snapshot::some_features`], with the columns of these kinds of events
    /// ([`FeatureTable::with_kinds`]), to a file ending in `.parquet` or `.csv`.
    ///
    /// # Errors
    /// As [`FeatureTable::write`].
    pub fn write_features(
        &self,
        features: Option<&[&str]>,
        attributes: &[String],
        kinds: &[String],
        path: impl AsRef<Path>,
    ) -> Result<WrittenFeatures> {
        let at = [self.at];
        FeatureTable::write_with_kinds(self.log, at, features, attributes, kinds, path)
    }

    /// Calls `each` with every part as known at the cutoff and some neighbouring customers of it, in
    /// the order of their ids. Returns what all parts were made of.
    pub(crate) fn for_each(
        &self,
        mut each: impl FnMut(&Snapshot, Range<usize>) -> Result<()>,
    ) -> Result<IngestReport> {
        self.log.for_each(|part, customers| each(&part.at(self.at)?, customers))
    }
}
