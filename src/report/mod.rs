//! One-page reports for readers without statistics. On the base: how many customers are in each state,
//! who is leaving and why, whom to win back, how good the predictions are, and what the words mean. On
//! a campaign: what was planned, who was in it, did it work, in money, by whom, and what next.
//!
//! A page is a single HTML file without scripts, fonts or pictures from elsewhere. Every figure
//! in it is from one of the tables of [`ChurnModel`], [`crate::retention`], [`crate::segments`],
//! [`crate::surveys`] or [`crate::service`], rounded; all text from the data is escaped. The same
//! input gives the same bytes.

mod base;
mod bilingual;
mod campaign;
mod chart;
mod contracts;
mod curves;
mod due;
mod events;
mod facts;
mod frame;
mod groups;
mod html;
mod options;
mod page;
mod people;
mod periods;
mod quality;
mod ranges;
mod surveys;
mod texts;
mod words;

pub use campaign::{CampaignAnswers, CampaignReportOptions};
pub use options::ReportOptions;

use std::fmt;
use std::path::Path;

use crate::answer::output;
use crate::churn::ChurnModel;
use crate::error::{Error, Result};
use crate::snapshot::Snapshot;
use facts::Facts;

/// A report as an HTML page, created by [`ChurnModel::report`] or [`Report::of_campaign`].
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    html: String,
}

impl Report {
    /// The page.
    pub fn html(&self) -> &str {
        &self.html
    }

    /// Writes the page to a file; an existing file is replaced only once the new one is complete.
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

/// Rejects a path that [`Report::write`] would reject, before any work is done.
///
/// ```
/// assert!(winback::report::check_report_path("report.html").is_ok());
/// assert!(winback::report::check_report_path("orders.csv").is_err());
/// ```
///
/// # Errors
/// [`Error::Argument`] for a file that does not end in `.html` or `.htm`, so that no table and no
/// model is ever replaced; [`Error::Io`] when there is no such folder or the path is a folder.
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
    /// A report on all customers at a cutoff, for readers without statistics.
    ///
    /// Its section on quality comes from a backtest: a new model with the same settings is trained
    /// before each of several past cutoffs. If the log has too little past for that, the report
    /// says so.
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
