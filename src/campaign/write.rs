//! Candidates from a log larger than memory, ranked part by part and written to a file.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fmt;
use std::path::Path;

use arrow_array::cast::AsArray;

use super::candidates::{Arm, CandidateOptions, write_counts};
use super::merge::{Worth, merge};
use crate::answer::output::TableWriter;
use crate::answer::{Answer, write_notes};
use crate::churn::write::nobody;
use crate::churn::{ChurnModel, ScoreReport};
use crate::error::Result;
use crate::log::{IngestReport, Spool, Spooled};
use crate::snapshot::PartitionedSnapshot;

/// Rows that are kept in memory of every sorted run while candidates are merged.
const RUN_BATCH: usize = 1_024;

/// What was written for a log larger than memory.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct WrittenCandidates {
    /// How many customers of the log are in each state.
    #[serde(flatten)]
    pub scores: ScoreReport,
    /// Lapsed customers, including those not kept by `top`.
    pub lapsed: usize,
    /// Candidates written.
    pub candidates: usize,
    /// Of them, the control group: those not to be contacted.
    pub control: usize,
    /// What the log was built from.
    pub log: IngestReport,
}

impl fmt::Display for WrittenCandidates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.scores)?;
        write_counts(f, self.candidates, self.lapsed, self.control)?;
        write_notes(f, &self.scores.notes())
    }
}

impl ChurnModel {
    /// Ranks the lapsed customers of a log larger than memory and writes the rows of
    /// [`ChurnModel::candidates`], in the same order and bit-identical, to a file ending in
    /// `.parquet` or `.csv`.
    ///
    /// # Errors
    /// As [`ChurnModel::candidates`] and [`ChurnModel::write_scores`].
    pub fn write_candidates(
        &self,
        snapshot: &PartitionedSnapshot<'_>,
        options: &CandidateOptions,
        path: impl AsRef<Path>,
    ) -> Result<WrittenCandidates> {
        let (log, path) = (snapshot.log(), path.as_ref());
        log.check_output(path)?;
        options.check()?;
        let mut runs: Vec<Spooled> = Vec::new();
        let mut scores = ScoreReport::none(self, snapshot.at());
        let mut schema = None;
        let mut best = Best { top: options.top, worths: BinaryHeap::new() };
        let (mut lapsed, mut control) = (0, 0);
        let report = snapshot.for_each(|part, customers| {
            let scored = self.scored(part, customers)?;
            let some = self.candidates_of(part, &scored, options, best.floor())?;
            scores.add(some.report());
            lapsed += some.lapsed();
            some.rows().iter().for_each(|row| best.add(row.worth()));
            let batch = some.main_table()?;
            schema = Some(batch.schema());
            if batch.num_rows() > 0 {
                let mut run = Spool::new(log.temp_folder(), &batch.schema())?;
                for first in (0..batch.num_rows()).step_by(RUN_BATCH) {
                    run.write(&batch.slice(first, RUN_BATCH.min(batch.num_rows() - first)))?;
                }
                runs.push(run.finish()?);
            }
            Ok(())
        })?;
        let schema = schema.ok_or_else(nobody)?;
        let mut writer = TableWriter::create(path, &schema)?;
        let mut candidates = 0;
        merge(&runs, options.top.unwrap_or(usize::MAX), |batch| {
            candidates += batch.num_rows();
            if let Some(arms) = batch.column_by_name("arm") {
                let arms = arms.as_string::<i64>().iter().flatten();
                control += arms.filter(|arm| *arm == Arm::Control.name()).count();
            }
            writer.write(&batch)
        })?;
        writer.finish()?;
        Ok(WrittenCandidates { scores, lapsed, candidates, control, log: report })
    }
}

/// What the best candidates so far are worth: who is worth less than all of them, or as much with a
/// higher id, needs no reasons.
struct Best {
    top: Option<usize>,
    worths: BinaryHeap<Reverse<Worth>>,
}

impl Best {
    fn floor(&self) -> Option<f64> {
        let is_full = self.top.is_some_and(|top| self.worths.len() >= top);
        is_full.then(|| self.worths.peek().map(|Reverse(Worth(least))| *least))?
    }

    fn add(&mut self, worth: f64) {
        if let Some(top) = self.top {
            self.worths.push(Reverse(Worth(worth)));
            if self.worths.len() > top {
                self.worths.pop();
            }
        }
    }
}
