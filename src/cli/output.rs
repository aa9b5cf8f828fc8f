//! What a command gives: its text on stdout, its tables in files.

use std::borrow::Cow;
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use clap::Args;
use winback::Error;
use winback::answer::{Analysis, Answer, output};

use super::console::{print, told, wrote};
use super::failure::Failure;
use super::tables::Tables;

/// The files that an answer is written to.
#[derive(Debug, Args)]
pub(super) struct Output<A: Analysis> {
    /// File to write to
    #[arg(short, long, value_name = "FILE", help = main_help::<A>())]
    output: Option<PathBuf>,
    /// Another table and the file to write it to
    #[arg(long, value_name = "NAME=FILE", help = table_help::<A>(), hide = A::TABLES.len() == 1,
          value_parser = named::<A>)]
    table: Vec<(&'static str, PathBuf)>,
    #[arg(skip)]
    of: PhantomData<fn() -> A>,
}

fn main_help<A: Analysis>() -> String {
    let main = A::TABLES[0].0;
    let table = format!("File to write the table `{main}` to, ending in .parquet or .csv");
    match A::IS_REPORT {
        false => table,
        true => format!("{table}, the figures beside the tables in .json or the text in .md"),
    }
}

fn table_help<A: Analysis>() -> String {
    let names: Vec<&str> = A::TABLES.iter().map(|table| table.0).collect();
    format!("Write a table to a file of its own; may be repeated. There are {}", names.join(", "))
}

fn named<A: Analysis>(text: &str) -> Result<(&'static str, PathBuf), String> {
    let names = || A::TABLES.iter().map(|table| table.0);
    let given = text.split_once('=');
    let found = given.and_then(|(name, file)| Some((names().find(|known| *known == name)?, file)));
    found.map(|(name, file)| (name, PathBuf::from(file))).ok_or_else(|| {
        let names: Vec<&str> = names().collect();
        format!(
            "expected the name of a table and a file, as {0}={0}.csv; there are {1}",
            names[names.len() - 1],
            names.join(", ")
        )
    })
}

impl<A: Analysis> Output<A> {
    /// Makes sure that the files can be written, before anything is read.
    pub(super) fn check(&self, tables: &Tables, model: Option<&Path>) -> Result<(), Failure> {
        self.check_beside(|path| tables.spare(path, model))
    }

    /// As `check`; what is read is spared by `spare`.
    pub(super) fn check_beside(
        &self,
        spare: impl Fn(&Path) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        if let Some(path) = &self.output {
            match ending(path) {
                _ if !A::IS_REPORT => output::check_table_path(path)?,
                Some("json" | "md" | "parquet" | "csv") => output::check_path(path)?,
                _ => {
                    let expected = "a file ending in .parquet, .csv, .json or .md";
                    return Err(Error::path_argument("path", path, expected).into());
                }
            }
        }
        for (_, path) in &self.table {
            output::check_table_path(path)?;
        }
        let files: Vec<&PathBuf> = self.files().collect();
        for (place, path) in files.iter().enumerate() {
            spare(path)?;
            if files[..place].contains(path) {
                let expected = "a file of its own for each table";
                return Err(Error::path_argument("output", path, expected).into());
            }
        }
        Ok(())
    }

    /// Refuses to write a table where another result is written to.
    pub(super) fn check_apart(&self, other: &Path) -> Result<(), Failure> {
        let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        match self.files().find(|path| absolute(path) == absolute(other)) {
            None => Ok(()),
            Some(path) => {
                let expected = "a file of its own for each result";
                Err(Error::path_argument("output", path, expected).into())
            }
        }
    }

    fn files(&self) -> impl Iterator<Item = &PathBuf> {
        self.output.iter().chain(self.table.iter().map(|(_, path)| path))
    }

    /// Whether this table, or one of these, is to be written.
    pub(super) fn writes(&self, name: &str) -> bool {
        let is_main = self.output.is_some() && A::TABLES[0].0 == name;
        is_main || self.table.iter().any(|table| table.0 == name)
    }

    /// The file of the main table.
    pub(super) fn path(&self) -> Option<&Path> {
        self.output.as_deref()
    }

    /// Prints an answer and writes its tables.
    pub(super) fn show(&self, answer: &A) -> Result<(), Failure> {
        self.show_as(&answer.to_string(), answer)
    }

    /// As `show`, with a text of its own.
    pub(super) fn show_as(&self, text: &str, answer: &A) -> Result<(), Failure> {
        let text = match A::SAYS_ACTIVITY {
            true => Cow::from(text),
            false => told(text),
        };
        let text = text.trim_end();
        print(text)?;
        if let Some(path) = &self.output {
            match ending(path) {
                Some("json") => output::write_text(&json(answer)?, path)?,
                Some("md") => output::write_text(&format!("{text}\n"), path)?,
                _ => output::write_table(&answer.main_table()?, path)?,
            }
        }
        for (name, path) in &self.table {
            output::write_table(&answer.table(name)?, path)?;
        }
        self.files().for_each(|path| wrote(path));
        Ok(())
    }
}

fn ending(path: &Path) -> Option<&str> {
    path.extension().and_then(|ending| ending.to_str())
}

/// All figures of an answer as JSON, for programs.
pub(super) fn json(answer: &dyn Answer) -> Result<String, Failure> {
    let text = serde_json::to_string_pretty(&answer.figures());
    Ok(text.map_err(|error| Failure::Output(error.into()))? + "\n")
}
