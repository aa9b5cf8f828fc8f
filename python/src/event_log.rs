//! The event log.

use std::path::PathBuf;

use arrow_array::{RecordBatchIterator, RecordBatchReader};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyBytes, PyDict};
use winback::Span;
use winback::labels::LifecycleLimits;
use winback::log::EventLogBuilder;
use winback::panel::{Panel, PanelOptions, training_cutoffs_of};
use winback::time::Moment;

use crate::answer::Answer;
use crate::arrow::import_stream;
use crate::error::Result;
use crate::long::Watch;
use crate::snapshot::Snapshot;
use crate::table::Table;
use crate::threads::Compute;
use crate::to_python::for_people;
use crate::values::{instant, instants, to_python};

/// All events of all customers, sorted by customer and time.
#[pyclass(frozen, module = "winback._core")]
pub(crate) struct EventLog {
    pub(crate) log: winback::log::EventLog,
}

/// The tables of a log and how they are read, by the names of Python's constructor.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct Input<'py> {
    transactions: Option<Bound<'py, PyAny>>,
    tickets: Option<Bound<'py, PyAny>>,
    surveys: Option<Bound<'py, PyAny>>,
    events: Option<Bound<'py, PyAny>>,
    customers: Option<Bound<'py, PyAny>>,
    /// Roles, and kinds of events that have them.
    roles: Vec<(String, Vec<String>)>,
    /// Names such as `transactions.amount`, and those of the input.
    columns: Vec<(String, String)>,
    missing_ids: String,
    bad_rows: String,
    missing_values: Option<Vec<String>>,
    observed_until: String,
    /// Times of the first and the last transaction of all customers.
    span: Option<(String, String)>,
    /// These three are none where rows are added to a log, which has them.
    purchase_by: Option<String>,
    zero_amounts: Option<String>,
    time_zone: Option<String>,
    /// Formats, each with the column, such as `transactions.time`, that it is of; of all if none.
    time_format: Vec<(Option<String>, String)>,
    decimal: Option<char>,
    thousands: Option<char>,
    csv_separator: Option<u8>,
    skip_rows: usize,
    encoding: Option<String>,
    /// Names of tables and of sheets.
    sheets: Vec<(String, String)>,
    limits: Vec<(String, u64)>,
}

impl Input<'_> {
    pub(crate) fn builder(self, py: Python<'_>) -> Result<EventLogBuilder> {
        let mut builder = winback::log::EventLog::builder()
            .missing_ids(self.missing_ids.parse()?)
            .bad_rows(self.bad_rows.parse()?)
            .observed_until(&self.observed_until)?;
        if let Some((first, last)) = &self.span {
            builder = builder.span(first, last)?;
        }
        for (place, input) in &self.columns {
            builder = builder.column(place, input)?;
        }
        for (role, kinds) in self.roles {
            builder = builder.event_role(role.parse()?, kinds);
        }
        if let Some(texts) = self.missing_values {
            builder = builder.missing_values(texts);
        }
        if let Some(separator) = self.csv_separator {
            builder = builder.csv_separator(separator);
        }
        builder = builder.skip_rows(self.skip_rows);
        if let Some(encoding) = &self.encoding {
            builder = builder.encoding(encoding)?;
        }
        for (table, sheet) in &self.sheets {
            builder = builder.sheet(table, sheet)?;
        }
        for (name, value) in self.limits {
            builder = builder.limit(&name, value)?;
        }
        if let Some(purchase_by) = self.purchase_by {
            builder = builder.purchase_by(purchase_by.parse()?);
        }
        if let Some(zero_amounts) = self.zero_amounts {
            builder = builder.zero_amounts(zero_amounts.parse()?);
        }
        if let Some(time_zone) = &self.time_zone {
            builder = builder.time_zone(time_zone)?;
        }
        for (place, format) in &self.time_format {
            builder = match place {
                Some(place) => builder.column_time_format(place, format)?,
                None => builder.time_format(format)?,
            };
        }
        if let Some(sign) = self.decimal {
            builder = builder.decimal(sign)?;
        }
        if let Some(separator) = self.thousands {
            builder = builder.thousands(separator)?;
        }
        for (name, table, add_stream, add_path) in [
            (
                "tickets",
                self.tickets,
                EventLogBuilder::tickets_stream as AddStream,
                EventLogBuilder::tickets_path as AddPath,
            ),
            (
                "surveys",
                self.surveys,
                EventLogBuilder::surveys_stream,
                EventLogBuilder::surveys_path,
            ),
            ("events", self.events, EventLogBuilder::events_stream, EventLogBuilder::events_path),
            (
                "customers",
                self.customers,
                EventLogBuilder::customers_stream,
                EventLogBuilder::customers_path,
            ),
        ] {
            builder = match table.as_ref().map(|table| source(name, table)).transpose()? {
                // Read to its end at once: a connection to a database has one open stream only.
                Some(Source::Stream(stream)) => add_stream(builder, py.compute(|| read(stream))?),
                Some(Source::Path(path)) => add_path(builder, path)?,
                None => builder,
            };
        }
        let transactions = self.transactions.as_ref().map(|table| source("transactions", table));
        Ok(match transactions.transpose()? {
            Some(Source::Stream(stream)) => builder.transactions_stream(stream),
            Some(Source::Path(path)) => builder.transactions_path(path)?,
            None => builder,
        })
    }
}

#[pymethods]
impl EventLog {
    #[new]
    fn new(py: Python<'_>, input: Input<'_>) -> Result<Self> {
        let watch = Watch::calm(None);
        let builder = input.builder(py)?.on_progress(watch.ear());
        Ok(EventLog { log: watch.run(py, || builder.build())? })
    }

    #[staticmethod]
    fn from_parts(py: Python<'_>, parts: Vec<PyBackedBytes>) -> Result<Self> {
        Ok(EventLog { log: py.compute(|| winback::log::EventLog::from_parts(&parts))? })
    }

    /// The share of all customers that these are.
    #[getter]
    fn share(&self) -> f64 {
        self.log.share()
    }

    /// The same log, known to hold a share of the customers.
    fn with_share(&self, share: f64) -> Result<Self> {
        Ok(EventLog { log: self.log.with_share(share)? })
    }

    fn to_bytes<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyBytes>> {
        let bytes = py.compute(|| Ok::<_, winback::Error>(self.log.to_bytes()))?;
        Ok(PyBytes::new(py, &bytes))
    }

    /// The log with the rows of these tables added.
    fn append(&self, py: Python<'_>, input: Input<'_>) -> Result<Self> {
        let watch = Watch::calm(None);
        let builder = input.builder(py)?.on_progress(watch.ear());
        Ok(EventLog { log: watch.run(py, || builder.append_to(&self.log))? })
    }

    /// What was read and what was left out, as dicts.
    fn report<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyAny>> {
        to_python(py, self.log.report())
    }

    /// The report in words.
    fn describe(&self) -> String {
        for_people(&self.log.report().to_string())
    }

    /// The notes that are not among those of the report, which come first.
    fn notes(&self) -> Vec<String> {
        let mut notes = winback::check::notes(&self.log);
        let own = notes.split_off(self.log.report().notes().len());
        own.iter().map(|note| for_people(note)).collect()
    }

    /// What in the log may mislead.
    fn check(&self, py: Python<'_>) -> Result<Answer> {
        let found = py.compute(|| Ok::<_, winback::Error>(self.log.check()))?;
        Answer::told(py, &found, self.log.columns().tells_activity())
    }

    /// Whether what are called purchases are acts that stand in place of them.
    #[getter]
    fn tells_activity(&self) -> bool {
        self.log.columns().tells_activity()
    }

    #[getter]
    fn n_customers(&self) -> usize {
        self.log.customers().len()
    }

    #[getter]
    fn time_zone(&self) -> &'static str {
        self.log.time_zone().name()
    }

    #[getter]
    fn first_event<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyAny>> {
        to_python(py, &self.log.first_event())
    }

    #[getter]
    fn last_event<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyAny>> {
        to_python(py, &self.log.last_event())
    }

    #[getter]
    fn observed_until<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyAny>> {
        to_python(py, &self.log.observed_until())
    }

    /// The log as known at a cutoff.
    fn at(&self, cutoff: &str) -> Result<Snapshot> {
        Ok(Snapshot { snapshot: self.log.at(instant("at", cutoff)?)? })
    }

    /// Features, states and outcomes at these cutoffs, or at those to train on before `until`.
    fn panel(
        &self,
        py: Python<'_>,
        at: Option<Vec<String>>,
        until: Option<&str>,
        options: &Bound<'_, PyDict>,
    ) -> Result<Table> {
        let until = match until {
            Some(until) => instant("until", until)?.on("until", self.log.time_zone())?,
            None => self.log.observed_until(),
        };
        let Cutoffs { cutoffs, stride } = crate::answer::options(options)?;
        let limits: LifecycleLimits = crate::answer::options(options)?;
        let panel = crate::answer::options::<PanelOptions>(options)?.limits(limits);
        let cutoffs = match at {
            Some(at) => instants("at", &at)?,
            None => {
                let log = &self.log;
                training_cutoffs_of(log, until, cutoffs, stride, panel.lead, panel.horizon)?
                    .into_iter()
                    .map(Moment::from)
                    .collect()
            }
        };
        let watch = Watch::calm(None);
        let log = self.log.on_progress(watch.ear());
        let build = || Panel::build(&log, &cutoffs, until, &panel)?.to_batch(&log);
        let batch = watch.run(py, build)?;
        Ok(Table { batch })
    }
}

/// How many cutoffs to learn from, and how far apart.
#[derive(serde::Deserialize)]
#[serde(default)]
pub(crate) struct Cutoffs {
    pub(crate) cutoffs: usize,
    pub(crate) stride: Span,
}

impl Default for Cutoffs {
    fn default() -> Self {
        Cutoffs { cutoffs: 6, stride: Span::days(30) }
    }
}

pub(crate) type Stream = Box<dyn RecordBatchReader + Send>;
type AddStream = fn(EventLogBuilder, Stream) -> EventLogBuilder;
type AddPath = fn(EventLogBuilder, PathBuf) -> winback::Result<EventLogBuilder>;

/// An input table: a stream where there is one, else a path.
pub(crate) enum Source {
    Stream(Stream),
    Path(PathBuf),
}

pub(crate) fn source(name: &str, table: &Bound<'_, PyAny>) -> Result<Source> {
    if table.hasattr(intern!(table.py(), "__arrow_c_stream__"))? {
        return Ok(Source::Stream(import_stream(name, table)?));
    }
    Ok(Source::Path(table.extract()?))
}

/// A stream of what another one held.
fn read(stream: Stream) -> Result<Stream, winback::Error> {
    let schema = stream.schema();
    let batches = stream.collect::<std::result::Result<Vec<_>, _>>()?;
    Ok(Box::new(RecordBatchIterator::new(batches.into_iter().map(Ok), schema)))
}
