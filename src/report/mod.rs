//! One page for those who read no statistics: how many customers are in which state, who is leaving and
//! why, whom to win back, how good the predictions are, and what the words mean.
//!
//! The page is a single HTML file without scripts, fonts or pictures from elsewhere. Every figure in it
//! is one of the tables of [`ChurnModel`], [`crate::retention`], [`crate::segments`],
//! [`crate::surveys`] or [`crate::service`], rounded; all text of the data is escaped. The same input
//! gives the same bytes.

mod base;
mod chart;
mod facts;
mod groups;
mod html;
mod options;
mod page;
mod people;
mod periods;
mod quality;
mod surveys;
mod texts;
mod words;

pub use options::ReportOptions;

use std::fmt;
use std::path::Path;

use crate::answer::output;
use crate::churn::ChurnModel;
use crate::error::{Error, Result};
use crate::snapshot::Snapshot;
use facts::Facts;

/// A report as a page of HTML; [`ChurnModel::report`] makes one.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    html: String,
}

impl Report {
    /// The page.
    pub fn html(&self) -> &str {
        &self.html
    }

    /// Writes the page to a file, in one piece: a file that is there is replaced once it is complete.
    ///
    /// # Errors
    /// As [`check_report_path`].
    pub fn write(&self, path: impl AsRef<Path>) -> Result<()> {
        check_report_path(&path)?;
        output::write_text(&self.html, path)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.html)
    }
}

/// Refuses a path that [`Report::write`] would refuse, before any work is done.
///
/// ```
/// assert!(winback::report::check_report_path("report.html").is_ok());
/// assert!(winback::report::check_report_path("orders.csv").is_err());
/// ```
///
/// # Errors
/// [`Error::Argument`] for a file that does not end in `.html` or `.htm`, so that no table and no model
/// is ever replaced; [`Error::Io`] when there is no such folder or a folder stands in the file's place.
pub fn check_report_path(path: impl AsRef<Path>) -> Result<()> {
    let path = path.as_ref();
    let ending = path.extension().and_then(|ending| ending.to_str());
    if !ending.is_some_and(|e| ["html", "htm"].iter().any(|html| e.eq_ignore_ascii_case(html))) {
        let expected = "a file ending in .html or .htm";
        return Err(Error::path_argument("path", path, expected));
    }
    output::check_path(path)
}

impl ChurnModel {
    /// A report on all customers at a cutoff, for those who read no statistics.
    ///
    /// The quality in it comes from a backtest: the model's settings, trained anew before each of
    /// several past cutoffs. Where the log has too little past for that, the report says so.
    ///
    /// ```
    /// use winback::{ChurnModel, EventLog, report::ReportOptions, simulate::Simulation};
    /// let shop = Simulation::default().customers(400).run()?;
    /// let log = EventLog::builder()
    ///     .transactions([shop.transactions])
    ///     .observed_until("2025-01-01")?
    ///     .build()?;
    /// let model = ChurnModel::builder().fit(&log, "2025-01-01")?;
    /// let options = ReportOptions::default().top(5).tests(1).draws(0);
    /// let report = model.report(&log.at("2025-01-01")?, &options)?;
    /// assert!(report.html().starts_with("<!DOCTYPE html>"));
    /// report.write(std::env::temp_dir().join("report.html"))?;
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`ReportOptions::check`] and [`ChurnModel::score`]; errors of the estimator.
    pub fn report(&self, snapshot: &Snapshot, options: &ReportOptions) -> Result<Report> {
        options.check()?;
        let facts = Facts::gather(self, snapshot, options)?;
        Ok(Report { html: page::write(&facts) })
    }
}
