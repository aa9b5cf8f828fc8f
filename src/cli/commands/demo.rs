//! `winback demo`: everything in one command.

use std::path::{Path, PathBuf};

use clap::Args;
use indicatif::HumanCount;
use winback::answer::Answer;
use winback::answer::output::{write_table, write_text};
use winback::answer::text_table::{Side, with_texts};
use winback::campaign::{Candidate, Candidates};
use winback::explain::Reason;
use winback::labels::latest_cutoff;
use winback::log::ObservedUntil;
use winback::{CandidateOptions, Error, EventLog, Span, Timestamp};

use super::simulate::{Size, make_folder, write_tables};
use crate::cli::args::ModelOptions;
use crate::cli::console::{note, print, told};
use crate::cli::failure::Failure;
use crate::cli::output::json;
use crate::cli::progress::during;
use crate::cli::tables::Tables;

/// Files written to the folder.
const RESULTS: [&str; 5] =
    ["scores.csv", "candidates.csv", "quality.txt", "quality.json", "model.winback"];

/// Characters of a time that are its date.
const DATE: usize = "2025-01-01".len();

/// Candidates that are shown.
const SHOWN: usize = 10;

/// Run everything at once, on simulated customers or your own: train, evaluate, score
#[derive(Debug, Args)]
#[command(mut_args(simulated_only))]
#[command(after_help = "\
Trains on all but the last outcome window, tests the model on that window, then scores everybody
at the end of the log. Without --observed-until the log is taken to end with its last transaction.
Writes to the folder: scores.csv, candidates.csv, quality.txt, quality.json, model.winback, and
simulated/ with the tables if they are simulated. Existing files with these names are replaced.

Examples:
  winback demo
  winback demo --customers-count 20000 --seed 7 --estimator tree -o tree-demo
  winback demo --transactions orders.csv --observed-until 2025-01-01 \\
    --column transactions.customer_id=client --column transactions.time=date \\
    --purchase-by day -o report")]
pub(crate) struct Demo {
    /// Folder to write to; created if it does not exist, and files of the same names there are replaced
    #[arg(short, long, value_name = "FOLDER", default_value = "demo")]
    output: PathBuf,
    #[command(flatten)]
    tables: Tables,
    #[command(flatten)]
    options: ModelOptions,
    #[command(flatten)]
    size: Size,
}

/// The size of the simulation has no meaning for the user's own files.
fn simulated_only(arg: clap::Arg) -> clap::Arg {
    if ["customers_count", "seed"].contains(&arg.get_id().as_str()) {
        arg.conflicts_with("log").help_heading("Simulation, without --transactions")
    } else {
        arg
    }
}

impl Demo {
    pub(crate) fn run(mut self) -> Result<(), Failure> {
        let folder = self.output.clone();
        if folder.exists() && !folder.is_dir() {
            let source = std::io::ErrorKind::NotADirectory.into();
            return Err(Error::io(&folder, source).into());
        }
        for name in RESULTS {
            self.tables.spare(&folder.join(name), None)?;
        }
        if self.tables.transactions.is_none() && self.tables.events.is_none() {
            self.simulate(&folder)?;
        } else if self.tables.observed_until.is_none() {
            note(
                "--observed-until is not given: the log is taken to be complete up to its last \
                 transaction",
            );
            self.tables.observed_until = Some(ObservedUntil::LastEvent);
        }
        let builder = self.options.builder()?;
        let log = self.tables.read(None)?;
        let at = log.observed_until();
        let test = test_cutoff(&log, self.options.lead, self.options.horizon)?;
        let model = during("training", || builder.fit(&log, test))
            .map_err(|error| too_short(error, test))?;
        note(&format!("{model}\n"));
        let quality = during("judging", || model.evaluate(&log.at(test)?))?;
        let now = log.at(at)?;
        let scores = during("scoring", || model.score(&now))?;
        let found = during("ranking", || model.candidates(&now, &CandidateOptions::default()))?;

        make_folder(&folder)?;
        let text = quality.to_string();
        let text = told(text.trim_end());
        write_table(&scores.main_table()?, folder.join("scores.csv"))?;
        write_table(&found.main_table()?, folder.join("candidates.csv"))?;
        write_text(&format!("{text}\n"), folder.join("quality.txt"))?;
        write_text(&json(&quality)?, folder.join("quality.json"))?;
        model.save(folder.join("model.winback"))?;

        print(&format!("{text}\n"))?;
        print(&told(&format!("{found}\n")))?;
        if !found.rows().is_empty() {
            print(&told(&format!("{}\n", first_rows(&found, &log, SHOWN))))?;
        }
        note(&format!("wrote {} to {}", RESULTS.join(", "), folder.display()));
        Ok(())
    }

    /// Puts simulated tables in the place of the user's own.
    fn simulate(&mut self, folder: &Path) -> Result<(), Failure> {
        let simulation = self.size.simulation();
        simulation.validate()?;
        let folder = folder.join("simulated");
        make_folder(&folder)?;
        let simulated = during("simulating", || simulation.run())?;
        write_tables(&simulated, &folder, "csv")?;
        note(&format!(
            "simulated {} customers from {} to {}\n",
            HumanCount(simulation.customers as u64),
            simulation.start,
            simulation.end
        ));
        let path = |name: &str| Some(folder.join(name));
        self.tables.transactions = path("transactions.csv");
        self.tables.tickets = path("tickets.csv");
        self.tables.surveys = path("surveys.csv");
        self.tables.customers = path("customers.csv");
        self.tables.observed_until = Some(ObservedUntil::At(simulation.end.into()));
        Ok(())
    }
}

/// The latest midnight whose outcome window the log covers.
fn test_cutoff(log: &EventLog, lead: Span, horizon: Span) -> Result<Timestamp, Failure> {
    let latest = latest_cutoff(log.observed_until(), lead, horizon)?;
    let day = i32::try_from(latest.day()).unwrap_or(i32::MIN);
    Ok(Timestamp::from_days(day)?)
}

/// The test cutoff is not the user's, so it is the log that is too short for it.
fn too_short(error: Error, test: Timestamp) -> Error {
    match error {
        Error::Argument { name: "until", expected, .. } => Error::TooLittleData(format!(
            "the test cutoff {test}, one outcome window before the end of the log, is too early; \
             expected was {expected}"
        )),
        error => error,
    }
}

/// The first candidates as a table to read.
fn first_rows(found: &Candidates, log: &EventLog, count: usize) -> String {
    let with_amounts = log.columns().amount;
    let mut heads = vec![
        ("rank", Side::Right),
        ("customer", Side::Left),
        ("last purchase", Side::Left),
        ("purchases", Side::Right),
        ("chance of return", Side::Right),
    ];
    if with_amounts {
        heads.extend([("average check", Side::Right), ("expected value", Side::Right)]);
    }
    let row = |candidate: &Candidate| {
        let mut cells = vec![
            candidate.rank.to_string(),
            log.customers().get(candidate.customer).to_string(),
            candidate.last_purchase.to_string().chars().take(DATE).collect(),
            candidate.purchase_count.to_string(),
            format!("{:.1} %", candidate.return_probability * 100.0),
        ];
        if with_amounts {
            cells.push(format!("{:.2}", candidate.average_check));
            cells.push(format!("{:.2}", candidate.expected_value));
        }
        cells
    };
    let rows: Vec<Vec<String>> = found.rows().iter().take(count).map(row).collect();
    let reason = |row: &Candidate| row.reasons.first().map(Reason::to_string).unwrap_or_default();
    let reasons: Vec<String> = found.rows().iter().take(count).map(reason).collect();
    with_texts(&heads, &rows, &reasons)
}
