//! What an error means and what to do about it: kinds and codes.

use std::fmt;

use super::Error;

/// What the reader of an error can do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Fix the input: a cell, a column, a table or a data file.
    Data,
    /// Give another argument.
    Argument,
    /// Give more data or choose another model: nothing could be estimated.
    Fit,
    /// Save the model again: its file cannot be used.
    ModelFile,
    /// Check the file system: a file is missing, or may not be read or written.
    Io,
    /// Nothing: the progress callback asked to stop.
    Interrupted,
}

impl ErrorKind {
    /// The kind in lower case, such as `model-file`.
    pub const fn name(self) -> &'static str {
        match self {
            ErrorKind::Data => "data",
            ErrorKind::Argument => "argument",
            ErrorKind::Fit => "fit",
            ErrorKind::ModelFile => "model-file",
            ErrorKind::Io => "io",
            ErrorKind::Interrupted => "interrupted",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The codes with their kind, what they mean and what to do; the documentation's page on errors is
/// checked against this list.
macro_rules! codes {
    ($($variant:ident $name:literal $kind:ident $meaning:literal $advice:literal)+) => {
        /// Which error it is; stable from release to release.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorCode {
            $(#[doc = concat!("`", $name, "`: ", $meaning, ".")] $variant,)+
        }

        impl ErrorCode {
            /// All codes.
            pub const ALL: &'static [ErrorCode] = &[$(ErrorCode::$variant),+];

            /// The code itself, such as `missing-column`.
            pub const fn name(self) -> &'static str {
                match self { $(ErrorCode::$variant => $name,)+ }
            }

            /// What the reader can do about it.
            pub const fn kind(self) -> ErrorKind {
                match self { $(ErrorCode::$variant => ErrorKind::$kind,)+ }
            }

            /// What is wrong.
            pub const fn meaning(self) -> &'static str {
                match self { $(ErrorCode::$variant => $meaning,)+ }
            }

            /// What to do.
            pub const fn advice(self) -> &'static str {
                match self { $(ErrorCode::$variant => $advice,)+ }
            }
        }
    };
}

codes! {
    BadCell "bad-cell" Data
        "a cell cannot be what its column says: a text where a number stands, an impossible time"
        "correct the cell; `table`, `column` and `row` say which; or leave such rows out: `bad_rows` = `drop`"
    MissingId "missing-id" Data
        "a row has no customer id"
        "add the id, or leave such rows out: `missing_ids` = `drop`"
    DuplicateCustomer "duplicate-customer" Data
        "a customer stands twice in the table of customers"
        "keep one row for each customer, or leave the others out: `bad_rows` = `drop`"
    MissingColumn "missing-column" Data
        "a column that is needed is not there"
        "add it, or map the name that it has in the input: `columns`"
    BadColumn "bad-column" Data
        "a column is there twice, is of a type that cannot be used, or differs from the one that a \
         log or a model was made with"
        "rename or convert the column"
    BadTable "bad-table" Data
        "a table is empty, has ids of another type than the other tables, or lacks what was asked for"
        "give the table that is meant"
    BadFile "bad-file" Data
        "a file of data is damaged, cut short or of another kind"
        "write the file again"
    ArrowData "arrow-data" Data
        "Arrow could not read or convert the data"
        "see the message; often a stream that was handed in failed"
    BadArgument "bad-argument" Argument
        "an argument is outside its range or is no known name"
        "give what is expected; the message says what was expected and what was given"
    MissingArgument "missing-argument" Argument
        "an argument that is needed was not given"
        "give it"
    BadShape "bad-shape" Argument
        "arrays that belong together differ in size, or a matrix holds a value that no model takes"
        "give arrays of the same length, and finite numbers"
    TooLittleData "too-little-data" Fit
        "too few customers or outcomes to fit or to judge a model"
        "give a longer log, an earlier cutoff or a shorter horizon"
    NotConverged "not-converged" Fit
        "a fit has no optimum or did not reach it"
        "give more data, stronger regularisation or another model"
    SolverFailed "solver-failed" Fit
        "a model of the library linfa failed"
        "see the message"
    BadModelFile "bad-model-file" ModelFile
        "a file is no model, is damaged, or is of another version"
        "save the model again with this release"
    FileAccess "file-access" Io
        "the operating system refused to read or write a file"
        "see the path, its permissions and the space left"
    Interrupted "interrupted" Interrupted
        "the work was stopped on request"
        "start it again"
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Error {
    /// Which error it is, in a short and stable form such as `missing-column`.
    ///
    /// ```
    /// use winback::{Span, error::ErrorKind};
    /// let error = "soon".parse::<Span>().unwrap_err();
    /// assert_eq!(error.code().name(), "bad-argument");
    /// assert_eq!(error.kind(), ErrorKind::Argument);
    /// ```
    pub fn code(&self) -> ErrorCode {
        match self {
            Error::Data { code, .. } => *code,
            Error::MissingColumn { .. } => ErrorCode::MissingColumn,
            Error::Column { .. } => ErrorCode::BadColumn,
            Error::Table { .. } => ErrorCode::BadTable,
            Error::Argument { got: None, .. } => ErrorCode::MissingArgument,
            Error::Argument { .. } => ErrorCode::BadArgument,
            Error::Shape(_) => ErrorCode::BadShape,
            Error::TooLittleData(_) => ErrorCode::TooLittleData,
            Error::NotConverged(_) => ErrorCode::NotConverged,
            Error::ModelFile { .. } => ErrorCode::BadModelFile,
            Error::File { .. } => ErrorCode::BadFile,
            Error::Io { .. } => ErrorCode::FileAccess,
            Error::Interrupted => ErrorCode::Interrupted,
            Error::Arrow(_) => ErrorCode::ArrowData,
            Error::Linfa(_) => ErrorCode::SolverFailed,
        }
    }

    /// What the reader can do about it.
    pub fn kind(&self) -> ErrorKind {
        self.code().kind()
    }

    /// The input table, if the error is about one.
    pub fn table(&self) -> Option<&'static str> {
        match self {
            Error::Data { table, .. }
            | Error::MissingColumn { table, .. }
            | Error::Column { table, .. }
            | Error::Table { table, .. } => Some(table),
            _ => None,
        }
    }

    /// The column, as it is named in the input.
    pub fn column(&self) -> Option<&str> {
        match self {
            Error::Data { column, .. }
            | Error::MissingColumn { column, .. }
            | Error::Column { column, .. } => Some(column),
            _ => None,
        }
    }

    /// The row of the table, counted from 1; a header line is not counted.
    pub fn row(&self) -> Option<u64> {
        match self {
            Error::Data { row, .. } => *row,
            _ => None,
        }
    }

    /// The id of the customer, if known.
    pub fn customer(&self) -> Option<&str> {
        match self {
            Error::Data { customer, .. } => customer.as_deref(),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rows of the page on errors.
    fn rows() -> String {
        let mut rows = String::new();
        for code in ErrorCode::ALL {
            let (kind, meaning, advice) = (code.kind(), code.meaning(), code.advice());
            rows.push_str(&format!("| `{code}` | {kind} | {meaning} | {advice} |\n"));
        }
        rows
    }

    #[test]
    fn the_page_on_errors_lists_all_codes() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/reference/errors.md");
        let page = std::fs::read_to_string(path).unwrap();
        let (_, table) = page.split_once("|---|---|---|---|\n").unwrap();
        let listed = table.split("\n\n").next().unwrap().trim_end();
        assert_eq!(listed, rows().trim_end());
    }

    #[test]
    fn the_page_on_errors_shows_one_of_each_that_python_meets() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/reference/errors.md");
        let page = std::fs::read_to_string(path).unwrap();
        let in_rust = [ErrorCode::BadShape, ErrorCode::SolverFailed, ErrorCode::Interrupted];
        for code in ErrorCode::ALL {
            let is_shown = page.contains(&format!("\n{code}: "));
            assert_eq!(is_shown, !in_rust.contains(code), "{code}");
        }
    }

    #[test]
    fn codes_are_plain_words_and_differ() {
        let names: Vec<&str> = ErrorCode::ALL.iter().map(|code| code.name()).collect();
        for (i, name) in names.iter().enumerate() {
            assert!(!names[..i].contains(name), "{name}");
            assert!(name.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{name}");
        }
    }
}
