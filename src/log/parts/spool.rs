//! Rows kept on disk for a while, in a file without a name: it disappears with the process,
//! whatever happens.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read};
use std::path::{Path, PathBuf};

use arrow_array::RecordBatch;
use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{ArrowError, Schema};

use crate::error::{Error, Result};

/// Bytes that are read or written at once.
const BUFFER: usize = 1 << 16;
/// Bytes that wait to be written to all files together.
const BUFFERS: usize = 32 << 20;

/// A file that is being filled.
pub(crate) struct Spool {
    writer: StreamWriter<BufWriter<File>>,
    folder: PathBuf,
    rows: u64,
}

/// A file that can be read, any number of times.
#[derive(Debug)]
pub(crate) struct Spooled {
    file: File,
    folder: PathBuf,
    /// Rows in it.
    pub(crate) rows: u64,
}

impl Spool {
    /// An empty file on the disk of `folder`.
    pub(crate) fn new(folder: &Path, schema: &Schema) -> Result<Self> {
        Self::beside(folder, schema, 1)
    }

    /// An empty file, one of so many that are filled side by side.
    pub(crate) fn beside(folder: &Path, schema: &Schema, files: usize) -> Result<Self> {
        let file = tempfile::tempfile_in(folder).map_err(|error| Error::io(folder, error))?;
        let out = BufWriter::with_capacity(BUFFER.min(BUFFERS / files), file);
        let writer = StreamWriter::try_new(out, schema).map_err(|e| of_arrow(folder, e))?;
        Ok(Spool { writer, folder: folder.to_owned(), rows: 0 })
    }

    pub(crate) fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        self.rows += batch.num_rows() as u64;
        self.writer.write(batch).map_err(|error| of_arrow(&self.folder, error))
    }

    pub(crate) fn finish(self) -> Result<Spooled> {
        let Spool { writer, folder, rows } = self;
        let out = writer.into_inner().map_err(|error| of_arrow(&folder, error))?;
        let file = out.into_inner().map_err(|error| Error::io(&folder, error.into_error()))?;
        Ok(Spooled { file, folder, rows })
    }
}

impl Spooled {
    /// All rows, in the batches that were written.
    pub(crate) fn batches(
        &self,
    ) -> Result<impl Iterator<Item = Result<RecordBatch>> + Send + use<>> {
        let folder = self.folder.clone();
        let file = self.file.try_clone().map_err(|error| Error::io(&folder, error))?;
        let file = BufReader::with_capacity(BUFFER, FromStart { file, position: 0 });
        let reader = StreamReader::try_new(file, None).map_err(|e| of_arrow(&folder, e))?;
        Ok(reader.map(move |batch| batch.map_err(|error| of_arrow(&folder, error))))
    }
}

/// Reads a file by position, so that readers of one file do not disturb each other.
struct FromStart {
    file: File,
    position: u64,
}

impl Read for FromStart {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        #[cfg(unix)]
        let read = std::os::unix::fs::FileExt::read_at(&self.file, buffer, self.position)?;
        #[cfg(windows)]
        let read = std::os::windows::fs::FileExt::seek_read(&self.file, buffer, self.position)?;
        self.position += read as u64;
        Ok(read)
    }
}

fn of_arrow(folder: &Path, error: ArrowError) -> Error {
    match error {
        ArrowError::IoError(_, source) => Error::io(folder, source),
        other => Error::Arrow(other),
    }
}
