//! Features of a log larger than memory, written part by part.

use std::path::Path;

use arrow_array::RecordBatch;

use super::available;
use super::table::FeatureTable;
use crate::answer::output::TableWriter;
use crate::error::Result;
use crate::log::{IngestReport, PartitionedLog, Spool, Spooled};
use crate::time::{IntoTimestamp, instants};

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct WrittenFeatures {
    /// Rows: one per customer with a purchase before the cutoff, for each cutoff.
    pub rows: u64,
    /// Features and attributes.
    pub columns: usize,
    /// What the log was built from.
    #[serde(rename = "log")]
    pub report: IngestReport,
}

impl FeatureTable {
    /// Computes the features of all customers of a log larger than memory and writes them to a file
    /// ending in `.parquet` or `.csv`: the rows of [`FeatureTable::extract`] or, if names are
    /// given, of [`FeatureTable::extract_some`], in the same order and bit-identical.
    ///
    /// ```
    /// use winback::features::FeatureTable;
    /// # use winback::EventLog;
    /// # use winback::log::PartitionOptions;
    /// # use winback::answer::output::write_table;
    /// # use winback::simulate::Simulation;
    /// # let shop = Simulation::default().customers(50).run()?;
    /// # let folder = tempfile::tempdir().map_err(|e| winback::Error::Shape(e.to_string()))?;
    /// # let orders = folder.path().join("orders.parquet");
    /// # let features = folder.path().join("features.parquet");
    /// # write_table(&shop.transactions, &orders)?;
    /// let log = EventLog::builder()
    ///     .transactions_path(&orders)?
    ///     .observed_until("2025-01-01")?
    ///     .partition(&PartitionOptions::new(2 << 30))?;
    /// let written = FeatureTable::write(&log, ["2025-01-01"], None, &[], &features)?;
    /// assert_eq!(written.report.customers, 50);
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`FeatureTable::extract`] and [`FeatureTable::extract_some`]; [`crate::Error::Argument`]
    /// for a file with another ending, [`crate::Error::Io`] when it or temporary files cannot be
    /// written, [`crate::Error::Interrupted`] where it was told to end. The
    /// file is then left as it was.
    pub fn write(
        log: &PartitionedLog,
        cutoffs: impl IntoIterator<Item: IntoTimestamp>,
        features: Option<&[&str]>,
        attributes: &[String],
        path: impl AsRef<Path>,
    ) -> Result<WrittenFeatures> {
        Self::write_with_kinds(log, cutoffs, features, attributes, &[], path)
    }

    /// As [`FeatureTable::write`], with the columns of [`FeatureTable::with_kinds`].
    ///
    /// # Errors
    /// As there.
    pub fn write_with_kinds(
        log: &PartitionedLog,
        cutoffs: impl IntoIterator<Item: IntoTimestamp>,
        features: Option<&[&str]>,
        attributes: &[String],
        kinds: &[String],
        path: impl AsRef<Path>,
    ) -> Result<WrittenFeatures> {
        let (cutoffs, path) = (&instants("at", log.time_zone(), cutoffs)?, path.as_ref());
        log.check_output(path)?;
        let mut writer: Option<TableWriter> = None;
        // The rows of the first cutoff are written at once, those of later ones wait for their turn.
        let mut waiting: Vec<Option<Spool>> = cutoffs.iter().skip(1).map(|_| None).collect();
        let (mut rows, mut columns) = (0, 0);
        let report = log.for_each(|part, customers| {
            let places = match features {
                Some(names) => FeatureTable::places(part, names)?,
                None => available(&part.columns()),
            };
            let table =
                FeatureTable::extract_places(part, cutoffs, &places, attributes, customers)?
                    .with_kinds(part, kinds)?;
            rows += table.len() as u64;
            columns = table.columns().len();
            let batch = table.to_batch(part)?;
            let of_cutoff = |number: usize| -> RecordBatch {
                let rows = table.rows_of(number);
                batch.slice(rows.start, rows.len())
            };
            let writer = match &mut writer {
                Some(writer) => writer,
                none => none.insert(TableWriter::create(path, &batch.schema())?),
            };
            writer.write(&of_cutoff(0))?;
            for (number, spool) in waiting.iter_mut().enumerate() {
                let spool = match spool {
                    Some(spool) => spool,
                    none => none.insert(Spool::new(log.temp_folder(), &batch.schema())?),
                };
                spool.write(&of_cutoff(number + 1))?;
            }
            Ok(())
        })?;
        let Some(mut writer) = writer else { return Ok(WrittenFeatures { rows, columns, report }) };
        for spool in waiting.into_iter().flatten() {
            let spooled: Spooled = spool.finish()?;
            for batch in spooled.batches()? {
                writer.write(&batch?)?;
            }
        }
        writer.finish()?;
        Ok(WrittenFeatures { rows, columns, report })
    }
}
