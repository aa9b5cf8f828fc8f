//! Why a command failed: one message in the words of the command line, and an exit code.

use std::fmt;
use std::process::ExitCode;

use winback::Error;
use winback::error::{ErrorCode, LOG_TABLES};

/// Why a command failed.
#[derive(Debug)]
pub(super) enum Failure {
    /// An error of the library.
    Library(Error),
    /// A parameter of the model, given by `--param`, is not known or outside its range.
    Param(Error),
    /// The result could not be printed.
    Output(std::io::Error),
    /// The threads could not be started.
    Threads(String),
}

impl Failure {
    /// 2 for wrong usage, 1 for everything else.
    pub(super) fn exit_code(&self) -> ExitCode {
        match self {
            Failure::Library(Error::Argument { .. }) | Failure::Param(_) => ExitCode::from(2),
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
            Failure::Library(error) => f.write_str(&in_options(error)),
            Failure::Param(error) => write!(f, "--param {}", error.in_full()),
            Failure::Output(error) => write!(f, "the output cannot be written: {error}"),
            Failure::Threads(message) => write!(f, "the threads cannot be started: {message}"),
        }
    }
}

/// An error of the library with its argument named as on the command line, and with the option that
/// helps where there is one.
fn in_options(error: &Error) -> String {
    let text = error.in_full();
    match error {
        Error::Argument { name: "path", expected, got: Some(path), .. } => {
            format!("{path}: expected {expected}")
        }
        Error::Argument { name, .. } => format!("{}{}", option(name), &text[name.len()..]),
        Error::MissingColumn { table, column, given_for: None, .. }
            if LOG_TABLES.contains(table) =>
        {
            format!("{text}; another name is mapped by --column {table}.{column}=NAME")
        }
        Error::Data { code: ErrorCode::MissingId, table, .. } if LOG_TABLES.contains(table) => {
            format!("{text}; --missing-ids drop leaves such rows out")
        }
        _ => text,
    }
}

/// The option of an argument: its name with dashes. Options that are given once for each of several
/// values are named in the singular.
fn option(name: &str) -> String {
    match name {
        // A computed time is no option.
        "time" => name.to_owned(),
        "attributes" => "--attribute".to_owned(),
        "features" => "--feature".to_owned(),
        "columns" => "--column".to_owned(),
        "limits" => "--limit".to_owned(),
        "sheets" => "--sheet".to_owned(),
        "roles" => "--role".to_owned(),
        "customers" => "--customers-count".to_owned(),
        "group" => "--profile".to_owned(),
        name => format!("--{}", name.replace('_', "-")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_named_as_on_the_command_line() {
        let message = |error: Error| Failure::from(error).to_string();
        assert_eq!(
            message(Error::argument("control_share", 2, "0 to below 1")),
            "--control-share: expected 0 to below 1, got 2"
        );
        assert_eq!(
            message(Error::argument("path", "a.xls", "a .csv file")),
            "a.xls: expected a .csv file"
        );
        assert_eq!(
            message(Error::missing_argument("transactions", "a table or a path")),
            "--transactions: expected a table or a path, got nothing"
        );
        let param = Failure::Param(Error::argument("subsample", 2, "above 0 to 1"));
        assert_eq!(param.to_string(), "--param subsample: expected above 0 to 1, got 2");
    }
}
