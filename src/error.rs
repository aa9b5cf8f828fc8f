//! The one error type: data errors carry table, column and row; parameter errors carry name, value
//! and allowed range.

use std::path::{Path, PathBuf};

/// Result of every fallible call in this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, with what is needed to mend it.
///
/// One enum rather than an opaque type, so that a service can tell bad data from a bad parameter.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A value of an input table is not usable.
    #[error("{table}.{column}, row {row}: {message}")]
    Data {
        /// Input table: `transactions`, `tickets`, `surveys` or `customers`.
        table: &'static str,
        /// Column as it is named in the input.
        column: String,
        /// Row number, counted from 1; a header line is not counted.
        row: u64,
        /// What is wrong and what was expected.
        message: String,
    },
    /// A column is missing, twice there, or of a type that cannot be used.
    #[error("{table}.{column}: {message}")]
    Column {
        /// Input table.
        table: &'static str,
        /// Column as it is named in the input.
        column: String,
        /// What is wrong; for a missing column, which columns were found.
        message: String,
    },
    /// A table cannot be used as a whole: no rows, ids of another type than in another table.
    #[error("{table}: {message}")]
    Table {
        /// Input table.
        table: &'static str,
        /// What is wrong.
        message: String,
    },
    /// A parameter lies outside its range.
    #[error("{name} = {value} is not allowed: {allowed}")]
    Parameter {
        /// Name of the parameter.
        name: &'static str,
        /// The value that was given.
        value: String,
        /// What is allowed.
        allowed: String,
    },
    /// Arrays that belong together differ in size, or a matrix holds a value no model can take.
    #[error("{0}")]
    Shape(String),
    /// Too few labelled customers to fit or to judge a model.
    #[error("too little data: {0}")]
    TooLittleData(String),
    /// A fit did not reach its optimum or has none.
    #[error("the fit did not converge: {0}")]
    NotConverged(String),
    /// A model file is damaged, of another version, or not a model file.
    #[error("model file: {0}")]
    ModelFile(String),
    /// A file is damaged or of a kind that cannot be read.
    #[error("{}: {message}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
    /// The operating system refused to read or write a file.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's own error.
        source: std::io::Error,
    },
    /// Who was told of the progress asked to stop.
    #[error("interrupted")]
    Interrupted,
    /// An error of Arrow, for instance from a stream that was handed in.
    #[error("arrow: {0}")]
    Arrow(#[from] arrow_schema::ArrowError),
    /// An error of linfa.
    #[error("linfa: {0}")]
    Linfa(#[from] linfa::Error),
}

/// How the message of a missing column begins.
const NOT_FOUND: &str = "no such column; found: ";

impl Error {
    pub(crate) fn parameter(
        name: &'static str,
        value: impl std::fmt::Display,
        allowed: impl Into<String>,
    ) -> Self {
        Error::Parameter { name, value: value.to_string(), allowed: allowed.into() }
    }

    pub(crate) fn column(
        table: &'static str,
        column: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Error::Column { table, column: column.into(), message: message.into() }
    }

    pub(crate) fn missing_column(table: &'static str, column: &str, found: &[&str]) -> Self {
        Error::column(table, column, format!("{NOT_FOUND}{}", found.join(", ")))
    }

    /// Table and column, where a column of its own name is missing: one of another name may stand for
    /// it, if it is mapped.
    ///
    /// ```
    /// use winback::{EventLog, simulate::Simulation};
    /// let shop = Simulation::default().customers(50).run()?;
    /// let without = shop.transactions.project(&[1])?;
    /// let builder = EventLog::builder().transactions([without]).observed_until("2025-01-01")?;
    /// let error = builder.build().unwrap_err();
    /// assert_eq!(error.is_missing_column(), Some(("transactions", "customer_id")));
    /// # Ok::<(), winback::Error>(())
    /// ```
    pub fn is_missing_column(&self) -> Option<(&'static str, &str)> {
        match self {
            Error::Column { table, column, message } if message.starts_with(NOT_FOUND) => {
                Some((table, column))
            }
            _ => None,
        }
    }

    pub(crate) fn data(
        table: &'static str,
        column: impl Into<String>,
        row: u64,
        message: impl Into<String>,
    ) -> Self {
        Error::Data { table, column: column.into(), row, message: message.into() }
    }

    pub(crate) fn table(table: &'static str, message: impl Into<String>) -> Self {
        Error::Table { table, message: message.into() }
    }

    pub(crate) fn file(path: &Path, message: impl std::fmt::Display) -> Self {
        Error::File { path: path.to_owned(), message: message.to_string() }
    }

    pub(crate) fn io(path: &Path, source: std::io::Error) -> Self {
        Error::Io { path: path.to_owned(), source }
    }
}

impl From<std::convert::Infallible> for Error {
    fn from(never: std::convert::Infallible) -> Self {
        match never {}
    }
}
