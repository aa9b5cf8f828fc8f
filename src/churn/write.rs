//! Scores of a log larger than memory, written part by part.

use std::fmt;
use std::path::Path;

use super::model::ChurnModel;
use super::score::{ScoreOptions, ScoreReport};
use crate::answer::output::TableWriter;
use crate::answer::{Answer, write_notes};
use crate::error::{Error, Result};
use crate::log::IngestReport;
use crate::snapshot::PartitionedSnapshot;

/// What was written for a log larger than memory.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct WrittenScores {
    /// How many customers were scored, and how many were not and why.
    #[serde(flatten)]
    pub scores: ScoreReport,
    /// What the log was built from.
    pub log: IngestReport,
}

impl fmt::Display for WrittenScores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.scores.fmt(f)?;
        write_notes(f, &self.scores.notes())
    }
}

impl ChurnModel {
    /// Scores all customers of a log larger than memory and writes the rows of
    /// [`ChurnModel::score_with`], in the same order and bit-identical, to a file ending in
    /// `.parquet` or `.csv`.
    ///
    /// # Errors
    /// As [`ChurnModel::score_with`]; [`Error::Argument`] for a file with another ending,
    /// [`Error::Io`] when it or temporary files cannot be read or written, [`Error::Interrupted`]
    /// where it was told to end. The file is then left as it was.
    pub fn write_scores(
        &self,
        snapshot: &PartitionedSnapshot<'_>,
        options: &ScoreOptions,
        path: impl AsRef<Path>,
    ) -> Result<WrittenScores> {
        let (log, path) = (snapshot.log(), path.as_ref());
        log.check_output(path)?;
        options.reasons.check()?;
        let mut writer: Option<TableWriter> = None;
        let mut scores = ScoreReport::none(self, snapshot.at());
        let report = snapshot.for_each(|part, customers| {
            let some = self.scores_of(part, options, customers)?;
            scores.add(some.report());
            let batch = some.main_table()?;
            match &mut writer {
                Some(writer) => writer.write(&batch),
                none => none.insert(TableWriter::create(path, &batch.schema())?).write(&batch),
            }
        })?;
        let writer = writer.ok_or_else(nobody)?;
        writer.finish()?;
        Ok(WrittenScores { scores, log: report })
    }
}

/// A log has customers, so that this does not happen.
pub(crate) fn nobody() -> Error {
    Error::bad_table("transactions", "has no customers")
}
