//! `winback simulate`: customers who behave by a known process, written as files.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use winback::Timestamp;
use winback::answer::output;
use winback::answer::value;
use winback::log::CustomerTable;
use winback::simulate::{Simulated, SimulatedCampaign, Simulation};

use crate::cli::console::note;
use crate::cli::failure::Failure;
use crate::cli::progress::during;

/// Write simulated transactions, tickets, surveys and customers
#[derive(Debug, Args)]
#[command(after_help = "\
Writes transactions, tickets, surveys and customers to the folder, and also truth: when each
customer left for good, which no real log knows. With --campaign an offer changes what customers do,
by their type: persuadable, sure_thing, lost_cause or sleeping_dog. The same options and seed give
the same files.

Examples:
  winback simulate -o shop
  winback simulate --events -o shop
  A campaign, whose true effect on each customer is in the file campaign.csv:
    winback simulate --campaign --campaign-start 2024-10-01 -o shop
  winback simulate --customers-count 100000 --seed 7 \\
    --start 2020-01-01 --end 2025-01-01 --format parquet -o big-shop")]
pub(crate) struct Simulate {
    #[command(flatten)]
    size: Size,
    /// First instant
    #[arg(long, value_name = "DATE", default_value_t = Simulation::default().start,
          value_parser = value::<Timestamp>)]
    start: Timestamp,
    /// Instant up to which the simulated log is complete (exclusive)
    #[arg(long, value_name = "DATE", default_value_t = Simulation::default().end,
          value_parser = value::<Timestamp>)]
    end: Timestamp,
    /// Simulate visits, carts and letters too, as events
    #[arg(long)]
    events: bool,
    /// Simulate a campaign too
    #[arg(long)]
    campaign: bool,
    #[command(flatten)]
    campaign_options: SimulatedCampaign,
    /// Arms of the campaign, as `winback campaign assign` draws them from customers who joined before
    /// its start, in place of drawn ones
    #[arg(long, value_name = "FILE", requires = "campaign")]
    campaign_arms: Option<PathBuf>,
    /// File format
    #[arg(long, value_enum, default_value_t = Format::Csv)]
    format: Format,
    /// Folder to write to; created if it does not exist, and files of the same names there are replaced
    #[arg(short, long, value_name = "FOLDER")]
    output: PathBuf,
}

/// How many customers are simulated, and which.
#[derive(Debug, Args)]
pub(crate) struct Size {
    /// Number of simulated customers
    #[arg(long, value_name = "N", default_value_t = Simulation::default().customers)]
    pub(crate) customers_count: usize,
    /// Seed of the simulation
    #[arg(long, value_name = "S", default_value_t = Simulation::default().seed)]
    pub(crate) seed: u64,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    Csv,
    Parquet,
}

impl Simulate {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let campaign = self.campaign()?;
        let simulation = self.size.simulation().start(self.start).end(self.end);
        let simulation = simulation.events(self.events).campaign(campaign);
        simulation.validate()?;
        make_folder(&self.output)?;
        let simulated = during("simulating", || simulation.run())?;
        let ending = match self.format {
            Format::Csv => "csv",
            Format::Parquet => "parquet",
        };
        write_tables(&simulated, &self.output, ending)?;
        let truth = self.output.join("truth").with_extension(ending);
        output::write_table(&simulated.truth, truth)?;
        let campaign = self.output.join("campaign").with_extension(ending);
        simulated.campaign.iter().try_for_each(|table| output::write_table(table, &campaign))?;
        let events = if self.events { " events," } else { "" };
        let campaign = if self.campaign { ", campaign" } else { "" };
        note(&format!(
            "wrote transactions, tickets, surveys,{events} customers, truth{campaign} (.{ending}) to {}",
            self.output.display()
        ));
        Ok(())
    }

    fn campaign(&self) -> winback::Result<Option<SimulatedCampaign>> {
        if !self.campaign {
            return Ok(None);
        }
        let campaign = self.campaign_options.clone();
        Ok(Some(match &self.campaign_arms {
            Some(path) => campaign.with_arms_of(&CustomerTable::of_path("campaign_arms", path)?)?,
            None => campaign,
        }))
    }
}

impl Size {
    pub(crate) fn simulation(&self) -> Simulation {
        Simulation::default().customers(self.customers_count).seed(self.seed)
    }
}

/// Makes a folder and those above it, where they are not there.
pub(crate) fn make_folder(folder: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(folder).map_err(|source| winback::Error::io(folder, source))?;
    Ok(())
}

/// Writes the tables that a real business has too.
pub(crate) fn write_tables(
    simulated: &Simulated,
    folder: &Path,
    ending: &str,
) -> Result<(), Failure> {
    let tables = [
        ("transactions", Some(&simulated.transactions)),
        ("tickets", Some(&simulated.tickets)),
        ("surveys", Some(&simulated.surveys)),
        ("events", simulated.events.as_ref()),
        ("customers", Some(&simulated.customers)),
    ];
    for (name, table) in tables.into_iter().filter_map(|(name, table)| Some((name, table?))) {
        let path = folder.join(name).with_extension(ending);
        during("writing", || output::write_table(table, path))?;
    }
    Ok(())
}
