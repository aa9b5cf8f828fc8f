//! Commands, dispatch and exit codes.

mod args;
mod commands;
mod console;
mod failure;
mod over_time;
mod progress;
mod tables;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use commands::{
    backtest, candidates, card, cohorts, concentration, demo, drift, evaluate, explain, features,
    fit, flow, inactivity, loyalty, migration, nps, profit, report, retention, retention_curve,
    score, segments, service, simulate, survey_plan,
};
use failure::Failure;

/// Which customers are leaving, and which of the silent ones are worth winning back.
#[derive(Debug, Parser)]
#[command(version, arg_required_else_help = true, after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Threads to use [default: all cores]; the results are the same on any number
    #[arg(long, value_name = "N", global = true,
          value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
}

const EXAMPLES: &str = "\
Examples:
  See the whole job on simulated customers:
    winback demo

  The whole job on your own orders:
    winback demo --transactions orders.csv --column transactions.amount=total \\
      -o report

  Step by step:
    winback fit --transactions orders.csv --observed-until 2025-01-01 \\
      --until 2024-10-01 -o churn.winback
    winback evaluate --transactions orders.csv --observed-until 2025-01-01 \\
      --model churn.winback --at 2024-10-01
    winback candidates --transactions orders.csv --observed-until 2025-01-01 \\
      --model churn.winback --at 2025-01-01 -o candidates.csv

Exit codes: 0 done, 1 data that cannot be used, 2 wrong usage.";

#[derive(Debug, Subcommand)]
enum Command {
    Demo(demo::Demo),
    Features(features::Features),
    Inactivity(inactivity::Inactivity),
    Segments(segments::Segments),
    Loyalty(loyalty::Loyalty),
    Concentration(concentration::Concentration),
    Nps(nps::Nps),
    SurveyPlan(survey_plan::Plan),
    Service(service::Service),
    Fit(fit::Fit),
    Backtest(backtest::Backtest),
    Evaluate(evaluate::Evaluate),
    Profit(profit::Profit),
    Score(score::Score),
    Candidates(candidates::Candidates),
    Explain(explain::Explain),
    Drift(drift::Drift),
    Card(card::Card),
    Report(report::Report),
    Retention(retention::Retention),
    RetentionCurve(retention_curve::RetentionCurve),
    Cohorts(cohorts::Cohorts),
    Flow(flow::Flow),
    Migration(migration::Migration),
    Simulate(simulate::Simulate),
}

/// Runs the command given in the arguments of this process.
pub(crate) fn run() -> ExitCode {
    let Cli { command, threads } = Cli::parse();
    match set_threads(threads).and_then(|()| command.run()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            console::note(&format!("error: {failure}"));
            failure.exit_code()
        }
    }
}

fn set_threads(threads: Option<u16>) -> Result<(), Failure> {
    let Some(threads) = threads else { return Ok(()) };
    rayon::ThreadPoolBuilder::new()
        .num_threads(usize::from(threads))
        .build_global()
        .map_err(|error| Failure::Threads(error.to_string()))
}

impl Command {
    fn run(self) -> Result<(), Failure> {
        match self {
            Command::Demo(command) => command.run(),
            Command::Features(command) => command.run(),
            Command::Inactivity(command) => command.run(),
            Command::Segments(command) => command.run(),
            Command::Loyalty(command) => command.run(),
            Command::Concentration(command) => command.run(),
            Command::Nps(command) => command.run(),
            Command::SurveyPlan(command) => command.run(),
            Command::Service(command) => command.run(),
            Command::Fit(command) => command.run(),
            Command::Backtest(command) => command.run(),
            Command::Evaluate(command) => command.run(),
            Command::Profit(command) => command.run(),
            Command::Score(command) => command.run(),
            Command::Candidates(command) => command.run(),
            Command::Explain(command) => command.run(),
            Command::Drift(command) => command.run(),
            Command::Card(command) => command.run(),
            Command::Report(command) => command.run(),
            Command::Retention(command) => command.run(),
            Command::RetentionCurve(command) => command.run(),
            Command::Cohorts(command) => command.run(),
            Command::Flow(command) => command.run(),
            Command::Migration(command) => command.run(),
            Command::Simulate(command) => command.run(),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::Cli;

    #[test]
    fn the_arguments_of_all_commands_fit_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_examples_in_the_help_are_valid() {
        let cli = Cli::command();
        let commands: Vec<_> = std::iter::once(&cli).chain(cli.get_subcommands()).collect();
        assert_eq!(commands.len(), 26);

        for command in commands {
            let help = command.get_after_help().unwrap().to_string().replace("\\\n", " ");
            let (_, examples) = help.split_once("Examples:").unwrap();
            let lines: Vec<_> = examples
                .lines()
                .map(str::trim)
                .filter(|line| line.starts_with("winback"))
                .collect();
            assert!(!lines.is_empty(), "{}", command.get_name());
            for line in lines {
                if let Err(error) = Cli::try_parse_from(line.split_whitespace()) {
                    panic!("{line}\n{error}");
                }
            }
        }
    }
}
