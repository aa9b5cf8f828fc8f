//! What was written, in tables and in words.

use std::fmt;
use std::path::Path;

use arrow_array::RecordBatch;
use serde_json::{Map, Value, json};

use super::options::UploadTarget;
use super::rows::LeftOut;
use super::write::Upload;
use crate::answer::columns::{batch, counts, texts};
use crate::answer::text_table::of_batch;
use crate::answer::{Analysis, Table, write_notes};
use crate::campaign::profit_report::money;
use crate::error::Result;
use crate::log::{counted, grouped};

impl Upload {
    /// The files that were written.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.files.iter().map(|file| file.path.as_path())
    }

    fn files_table(&self) -> Result<RecordBatch> {
        let names: Vec<String> =
            self.files.iter().map(|file| file.path.display().to_string()).collect();
        batch([
            texts("file", names.iter().map(String::as_str)),
            counts("customers", self.files.iter().map(|file| file.rows)),
            counts("bytes", self.files.iter().map(|file| file.bytes)),
        ])
    }

    fn left_out_table(&self) -> Result<RecordBatch> {
        batch([
            texts("reason", LeftOut::ALL.iter().map(|why| why.name())),
            counts("customers", LeftOut::ALL.iter().map(|why| self.count(*why))),
        ])
    }

    fn count(&self, why: LeftOut) -> u64 {
        self.left_out.iter().filter(|own| **own == Some(why)).count() as u64
    }

    fn written(&self) -> u64 {
        self.files.iter().map(|file| file.rows).sum()
    }
}

impl Analysis for Upload {
    /// - `files`: `file`, `customers`, `bytes`.
    /// - `left_out`: `reason` (`control`, `other_arm`, `do_not_contact`, `no_identifier`,
    ///   `unusable_identifier`, `identifier_in_control`, `identifier_twice`), `customers`.
    const TABLES: &'static [Table<Self>] =
        &[("files", Self::files_table), ("left_out", Self::left_out_table)];

    fn figures(&self) -> Map<String, Value> {
        let left_out: Map<String, Value> = LeftOut::ALL
            .iter()
            .map(|why| (why.name().to_owned(), self.count(*why).into()))
            .collect();
        let figures = json!({
            "target": self.options.target,
            "identifier": self.rules.identifier,
            "header": self.rules.header,
            "customers": self.left_out.len(),
            "written": self.written(),
            "left_out": left_out,
            "within_budget": self.bought,
        });
        match figures {
            Value::Object(figures) => figures,
            _ => Map::new(),
        }
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if !self.has_arms {
            notes.push(
                "the list has no arms: nobody is left out for comparison, so nobody will know what the \
                 campaign changed"
                    .to_owned(),
            );
        }
        if self.has_arms && self.count(LeftOut::Control) == 0 && self.options.arms.is_empty() {
            notes.push(
                "nobody on the list is in control, so nobody will know what the campaign changed"
                    .to_owned(),
            );
        }
        let mut tell = |count: u64, one: &str, several: &str| {
            if count > 0 {
                notes.push(counted(count, one, several));
            }
        };
        tell(
            self.count(LeftOut::OfControl),
            "customer is left out whose identifier one in control has too",
            "customers are left out whose identifiers some in control have too",
        );
        tell(
            self.count(LeftOut::Duplicate),
            "customer is left out whose identifier another one has too",
            "customers are left out whose identifiers others have too",
        );
        tell(
            self.repeated,
            "row is of a customer who is on the list already; each is written once",
            "rows are of customers who are on the list already; each is written once",
        );
        if self.options.for_people {
            notes.push("texts may be marked by apostrophes: not a file to upload".to_owned());
        }
        notes
    }
}

impl fmt::Display for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |table: Result<RecordBatch>| table.map(|t| of_batch(&t)).map_err(|_| fmt::Error);
        let target = match self.options.target {
            UploadTarget::Csv | UploadTarget::Xlsx => String::new(),
            target => format!(" for {target}"),
        };
        write!(
            f,
            "{} of {} written{target}, by {} as {}",
            grouped(self.written()),
            counted(self.left_out.len() as u64, "customer", "customers"),
            self.rules.identifier,
            self.rules.header
        )?;
        if let (Some(bought), Some(budget)) = (self.bought, self.options.budget) {
            write!(
                f,
                "\na budget of {} buys the first {} of them: cost {}, expected profit {}",
                money(budget),
                grouped(bought.customers),
                money(bought.cost),
                money(bought.profit)
            )?;
        }
        write!(f, "\n\n{}\n", text(self.files_table())?.trim_end())?;
        write!(f, "\n{}", text(self.left_out_table())?.trim_end())?;
        write_notes(f, &Analysis::notes(self))
    }
}
