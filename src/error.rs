//! The one error type: data errors carry table, column and row; argument errors carry the name,
//! what was expected and what was given. [`ErrorCode`] lists all codes.

mod choice;
mod code;
mod shown;

use std::fmt::{Display, Write};
use std::path::{Path, PathBuf};

pub(crate) use choice::{choices, named_choice};
pub use code::{ErrorCode, ErrorKind};
pub(crate) use shown::{LONG, names, number, quoted, shown};

/// Result of every fallible call in this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of another library or of the system, kept as the source of one of this crate.
type Source = Box<dyn std::error::Error + Send + Sync>;

/// What went wrong, with the details needed to fix it.
///
/// An enum rather than an opaque type, so that a service can tell bad data from a bad argument: by
/// [`Error::kind`], or in more detail by [`Error::code`]. The text names the row if there is one,
/// otherwise the customer, and shows no cell but the wrong one. It does not repeat the text of
/// [`std::error::Error::source`], which [`Error::in_full`] adds.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A value in an input table cannot be used.
    #[error("{table}.{}{}: {message}", shown(column), place(*row, customer.as_deref()))]
    #[non_exhaustive]
    Data {
        /// Which of the errors of data.
        code: ErrorCode,
        /// Input table: `transactions`, `tickets`, `surveys`, `events` or `customers`.
        table: &'static str,
        /// Column as it is named in the input, or a feature made from the table.
        column: String,
        /// Row number, counted from 1; a header line is not counted. None in a service, which has no
        /// table.
        row: Option<u64>,
        /// Id of the customer, where it is known.
        customer: Option<String>,
        /// What is wrong and what was expected.
        message: String,
    },
    /// A column is missing.
    #[error("{table}.{}: no such column{}; found: {}{}", shown(column), for_column(*given_for),
            names(found.iter().map(String::as_str)), above_header(table, found))]
    #[non_exhaustive]
    MissingColumn {
        /// Input table.
        table: &'static str,
        /// Column that was sought.
        column: String,
        /// The column's own name, where another name was given for it.
        given_for: Option<&'static str>,
        /// The columns that are there.
        found: Vec<String>,
    },
    /// A column occurs twice, or has a type that cannot be used.
    #[error("{table}.{}: {message}", shown(column))]
    #[non_exhaustive]
    Column {
        /// Input table.
        table: &'static str,
        /// Column as it is named in the input.
        column: String,
        /// What is wrong.
        message: String,
    },
    /// A table cannot be used as a whole: it has no rows, or ids of another type than another
    /// table.
    #[error("{table}: {message}")]
    #[non_exhaustive]
    Table {
        /// Input table.
        table: &'static str,
        /// What is wrong.
        message: String,
    },
    /// An argument is missing or outside its range.
    #[error("{name}: expected {expected}, got {}", got.as_deref().unwrap_or("nothing"))]
    #[non_exhaustive]
    Argument {
        /// Name of the argument.
        name: &'static str,
        /// What was expected.
        expected: String,
        /// What was given; none when nothing was.
        got: Option<String>,
    },
    /// Arrays that belong together differ in size, or a matrix holds a value that no model can
    /// take.
    #[error("{0}")]
    Shape(String),
    /// Too few labelled customers to fit or evaluate a model.
    #[error("too little data: {0}")]
    TooLittleData(String),
    /// A fit did not reach its optimum, or has none.
    #[error("the fit did not converge: {0}")]
    NotConverged(String),
    /// A model file is damaged, of another version, or not a model file.
    #[error("{}: {message}", path.as_deref().map_or("model file".to_owned(), path_shown))]
    #[non_exhaustive]
    ModelFile {
        /// The file; none for bytes in memory.
        path: Option<PathBuf>,
        /// What is wrong.
        message: String,
        /// What the reader of the file's content found.
        #[source]
        source: Option<Source>,
    },
    /// A file is damaged or of a kind that cannot be read.
    #[error("{}: {message}", path_shown(path))]
    #[non_exhaustive]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        message: String,
        /// What the reader of the file's content found.
        #[source]
        source: Option<Source>,
    },
    /// The operating system refused to read or write a file.
    #[error("{}: cannot be read or written", path_shown(path))]
    #[non_exhaustive]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's own error.
        source: std::io::Error,
    },
    /// The progress callback asked to stop.
    #[error("interrupted")]
    Interrupted,
    /// An error from Arrow, for instance from a stream that was handed in.
    #[error("an error of Arrow")]
    Arrow(#[from] arrow_schema::ArrowError),
    /// An error from linfa.
    #[error("an error of linfa")]
    Linfa(#[source] Source),
}

fn place(row: Option<u64>, customer: Option<&str>) -> String {
    match (row, customer) {
        (Some(row), _) => format!(", row {row}"),
        (None, Some(customer)) => format!(", customer {}", shown(customer)),
        (None, None) => String::new(),
    }
}

fn for_column(name: Option<&str>) -> String {
    name.map_or(String::new(), |name| format!(" (given for `{name}`)"))
}

/// The tables of a log: their columns may have other names, and rows of theirs may be left out.
pub const LOG_TABLES: [&str; 5] = ["transactions", "tickets", "surveys", "events", "customers"];

/// A header of one name is likely to be a title.
fn above_header(table: &str, found: &[String]) -> &'static str {
    match found {
        [_] if LOG_TABLES.contains(&table) => {
            "; lines above the header of a file are left out by skip_rows"
        }
        _ => "",
    }
}

fn path_shown(path: &Path) -> String {
    shown::plain(&path.to_string_lossy())
}

impl Error {
    /// An argument outside its range: what was given and, to follow the word "expected", what was
    /// expected.
    ///
    /// ```
    /// let error = winback::Error::argument("horizon", "0d", "more than 0d");
    /// assert_eq!(error.to_string(), "horizon: expected more than 0d, got 0d");
    /// ```
    pub fn argument(name: &'static str, got: impl Display, expected: impl Into<String>) -> Self {
        let got = got.to_string();
        let number = got.parse().ok().filter(|_| got.len() > LONG).map(number);
        let got = Some(number.unwrap_or_else(|| shown(&got)));
        Error::Argument { name, expected: expected.into(), got }
    }

    /// A text that the argument does not accept; the message shows it in quotes.
    pub fn text_argument(name: &'static str, got: &str, expected: impl Into<String>) -> Self {
        Error::Argument { name, expected: expected.into(), got: Some(quoted(got)) }
    }

    /// A path that cannot be used; the message shows it in full.
    pub fn path_argument(name: &'static str, got: &Path, expected: impl Into<String>) -> Self {
        Error::Argument { name, expected: expected.into(), got: Some(path_shown(got)) }
    }

    /// A required argument that was not given.
    ///
    /// ```
    /// let error = winback::EventLog::builder().observed_until("2025-01-01")?.build().unwrap_err();
    /// let expected = "a table or a path, or activity in their place";
    /// assert_eq!(error.to_string(), format!("transactions: expected {expected}, got nothing"));
    /// # Ok::<(), winback::Error>(())
    /// ```
    pub fn missing_argument(name: &'static str, expected: impl Into<String>) -> Self {
        Error::Argument { name, expected: expected.into(), got: None }
    }

    pub(crate) fn bad_column(
        table: &'static str,
        column: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Error::Column { table, column: column.into(), message: message.into() }
    }

    pub(crate) fn missing_column(
        table: &'static str,
        column: &str,
        given_for: Option<&'static str>,
        found: &[&str],
    ) -> Self {
        let found = found.iter().map(|&name| name.to_owned()).collect();
        Error::MissingColumn { table, column: column.to_owned(), given_for, found }
    }

    /// A cell of a table that was read.
    pub(crate) fn data(
        table: &'static str,
        column: impl Into<String>,
        row: u64,
        message: impl Into<String>,
    ) -> Self {
        let (code, row) = (ErrorCode::BadCell, Some(row));
        let (column, message) = (column.into(), message.into());
        Error::Data { code, table, column, row, customer: None, message }
    }

    /// A row without a customer id.
    pub(crate) fn missing_id(table: &'static str, column: impl Into<String>, row: u64) -> Self {
        let (code, row, message) =
            (ErrorCode::MissingId, Some(row), "has no customer id".to_owned());
        Error::Data { code, table, column: column.into(), row, customer: None, message }
    }

    /// A value of a row that a service appends to a customer's history.
    pub(crate) fn value(
        table: &'static str,
        column: &'static str,
        got: impl Display,
        expected: &str,
    ) -> Self {
        Self::bad_value(table, column, got, expected)
    }

    /// A value that cannot be used of a column with a name of the input.
    pub(crate) fn bad_value(
        table: &'static str,
        column: &str,
        got: impl Display,
        expected: &str,
    ) -> Self {
        let message = format!("expected {expected}, got {}", shown(&got.to_string()));
        let (code, column) = (ErrorCode::BadCell, column.to_owned());
        Error::Data { code, table, column, row: None, customer: None, message }
    }

    /// Names the customer of an unusable value, where a service knows whose history it is filling.
    /// Other errors stay as they are.
    ///
    /// ```
    /// use winback::log::{CustomerHistory, LogColumns, NewTransaction, PurchaseRules};
    /// let columns = LogColumns { amount: true, ..LogColumns::default() };
    /// let mut customer = CustomerHistory::new(columns, PurchaseRules::default());
    /// let row = NewTransaction::at("2024-02-01".parse()?);
    /// let error = customer.push_transaction(row).unwrap_err().with_customer(17);
    /// assert_eq!(
    ///     error.to_string(),
    ///     "transactions.amount, customer 17: expected a finite number, got nothing"
    /// );
    /// # Ok::<(), winback::Error>(())
    /// ```
    pub fn with_customer(mut self, id: impl Display) -> Self {
        if let Error::Data { customer, .. } = &mut self {
            *customer = Some(id.to_string());
        }
        self
    }

    pub(crate) fn bad_table(table: &'static str, message: impl Into<String>) -> Self {
        Error::Table { table, message: message.into() }
    }

    pub(crate) fn file(path: &Path, message: impl Into<String>) -> Self {
        Error::File { path: path.to_owned(), message: message.into(), source: None }
    }

    /// A file whose content its reader refused.
    pub(crate) fn unreadable(path: &Path, source: impl Into<Source>) -> Self {
        let message = "cannot be read".to_owned();
        Error::File { path: path.to_owned(), message, source: Some(source.into()) }
    }

    pub(crate) fn model_file(message: impl Into<String>) -> Self {
        Error::ModelFile { path: None, message: message.into(), source: None }
    }

    /// A model file whose content is not what it says.
    pub(crate) fn damaged_model(source: impl Into<Source>) -> Self {
        let message = "its content is damaged".to_owned();
        Error::ModelFile { path: None, message, source: Some(source.into()) }
    }

    /// Names the file of a model that was read.
    pub(crate) fn in_model_file(mut self, file: &Path) -> Self {
        if let Error::ModelFile { path, .. } = &mut self {
            *path = Some(file.to_owned());
        }
        self
    }

    /// A file that the operating system refused to read or write.
    pub fn io(path: &Path, source: std::io::Error) -> Self {
        Error::Io { path: path.to_owned(), source }
    }

    /// The text together with those of its sources, for people to read.
    ///
    /// ```
    /// let error = winback::ChurnModel::load("no-such.winback").unwrap_err();
    /// assert_eq!(error.to_string(), "no-such.winback: cannot be read or written");
    /// assert!(error.in_full().starts_with("no-such.winback: "));
    /// ```
    pub fn in_full(&self) -> String {
        let mut text = match self {
            // The system says what it refused to do.
            Error::Io { path, .. } => path_shown(path),
            _ => self.to_string(),
        };
        let mut source = std::error::Error::source(self);
        while let Some(error) = source {
            let _ = write!(text, ": {}", shown::plain(&error.to_string()));
            source = error.source();
        }
        text
    }
}

impl From<std::convert::Infallible> for Error {
    fn from(never: std::convert::Infallible) -> Self {
        match never {}
    }
}
