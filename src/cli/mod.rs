//! Commands, dispatch and exit codes.

mod args;
mod commands;
mod console;
mod failure;
mod output;
mod progress;
mod tables;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser};

use commands::Command;
use failure::Failure;

/// Which customers are leaving, and which of the silent ones are worth winning back.
#[derive(Debug, Parser)]
#[command(version, arg_required_else_help = true, after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Number of threads [default: all cores]; it does not change the results
    #[arg(long, value_name = "N", global = true,
          value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
}

const EXAMPLES: &str = "\
Examples:
  Try everything on simulated customers:
    winback demo

  Do the same with your own orders:
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

/// Runs the command given in the arguments of this process.
pub(crate) fn run() -> ExitCode {
    let Cli { command, threads } = parsed(std::env::args_os()).unwrap_or_else(|error| error.exit());
    match set_threads(threads).and_then(|()| command.run()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            console::note(&format!("error: {failure}"));
            failure.exit_code()
        }
    }
}

/// The arguments of a process, the first of which is its name.
fn parsed(arguments: impl IntoIterator<Item = OsString>) -> Result<Cli, clap::Error> {
    let matches = with_negative_spans(Cli::command()).try_get_matches_from(arguments)?;
    Cli::from_arg_matches(&matches)
}

/// A span such as `-3d` is refused as one that cannot be, not taken for an option of its own.
fn with_negative_spans(command: clap::Command) -> clap::Command {
    let below: Vec<String> = command.get_subcommands().map(|c| c.get_name().to_owned()).collect();
    let is_span = |arg: &clap::Arg| {
        arg.get_value_names().is_some_and(|names| names.iter().any(|name| name.starts_with("SPAN")))
    };
    let command = command.mut_args(|arg| match is_span(&arg) {
        true => arg.allow_hyphen_values(true),
        false => arg,
    });
    below
        .into_iter()
        .fold(command, |command, name| command.mut_subcommand(name, with_negative_spans))
}

fn set_threads(threads: Option<u16>) -> Result<(), Failure> {
    let Some(threads) = threads else { return Ok(()) };
    rayon::ThreadPoolBuilder::new()
        .num_threads(usize::from(threads))
        .build_global()
        .map_err(|error| Failure::Threads(error.to_string()))
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
    fn a_negative_span_is_a_value() {
        let line = "winback renewals --transactions x.csv --observed-until 2024-01-01 --grace -3d";
        let error = super::parsed(line.split(' ').map(Into::into)).unwrap_err().to_string();
        assert!(error.contains("invalid value '-3d' for '--grace"), "{error}");
        assert!(error.contains("a length of time such as 30d"), "{error}");
    }

    #[test]
    fn the_examples_in_the_help_are_valid() {
        let cli = Cli::command();
        let below = cli.get_subcommands().flat_map(|command| command.get_subcommands());
        let commands: Vec<_> =
            std::iter::once(&cli).chain(cli.get_subcommands()).chain(below).collect();
        assert!(commands.len() > 30);

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
