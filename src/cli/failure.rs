//! Why a command failed: one message in the words of the command line, and an exit code.

use std::fmt;
use std::process::ExitCode;

use winback::Error;

/// Why a command failed.
#[derive(Debug)]
pub(super) enum Failure {
    /// An error of the library.
    Library(Error),
    /// The result could not be printed.
    Output(std::io::Error),
    /// The threads could not be started.
    Threads(String),
}

impl Failure {
    /// 2 for wrong usage, 1 for everything else.
    pub(super) fn exit_code(&self) -> ExitCode {
        match self {
            Failure::Library(Error::Parameter { .. }) => ExitCode::from(2),
            _ => ExitCode::FAILURE,
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::Library(error)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Library(Error::Parameter { name, value, allowed }) => {
                f.write_str(&parameter(name, value, allowed))
            }
            Failure::Library(error) => {
                f.write_str(&with_options(&error.to_string()))?;
                error.is_missing_column().map_or(Ok(()), |(table, column)| {
                    write!(f, "; another name is mapped by --column {table}.{column}=NAME")
                })
            }
            Failure::Output(error) => write!(f, "the output cannot be written: {error}"),
            Failure::Threads(message) => write!(f, "the threads cannot be started: {message}"),
        }
    }
}

/// A parameter error of the library, its parameter named as on the command line.
fn parameter(name: &str, value: &str, allowed: &str) -> String {
    let option = match name {
        "path" => return format!("{value}: expected {allowed}"),
        // No options: computed times, and what a model reads.
        "time" => return format!("{name} {value}: {allowed}"),
        "attributes" => "attribute".to_owned(),
        "features" => "feature".to_owned(),
        "columns" => "column".to_owned(),
        "customers" => "customers-count".to_owned(),
        "group" => "profile".to_owned(),
        _ => name.replace('_', "-"),
    };
    format!("--{option} {value} is not allowed: {}", with_options(allowed))
}

/// Puts the spelling of the command line for the library's parameters.
fn with_options(message: &str) -> String {
    message
        .replace("missing_ids=\"drop\"", "--missing-ids drop")
        .replace("(observed_until)", "(--observed-until)")
        .replace("lapsed_after", "--lapsed-after")
        .replace("lapsed_share", "--lapsed-share")
        .replace("judged_after", "--judged-after")
        .replace("`until`", "--until")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(name: &'static str, value: &str, allowed: &str) -> String {
        Failure::from(Error::Parameter { name, value: value.into(), allowed: allowed.into() })
            .to_string()
    }

    #[test]
    fn parameters_are_named_as_on_the_command_line() {
        assert_eq!(
            message("control_share", "2", "from 0 to below 1"),
            "--control-share 2 is not allowed: from 0 to below 1"
        );
        assert_eq!(message("path", "a.xls", "a .csv file"), "a.xls: expected a .csv file");
        assert_eq!(
            message("lost_after", "3mo", "must be more than lapsed_after, 6mo"),
            "--lost-after 3mo is not allowed: must be more than --lapsed-after, 6mo"
        );
    }
}
