//! One table in CSV: a file, or several. What a text means is decided where its column is read.

mod csv_file;
mod dialect;
pub(crate) mod encoding;
mod records;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::RecordBatch;

pub(crate) use self::csv_file::likely_encoding;
use self::csv_file::{CsvFile, Row};
use super::file_starts::FileStarts;
use super::hive::HiveColumn;
use super::input_options::InputOptions;
use super::several_files::{place_in, refuse_more};
use super::table_files::TableFiles;
use super::text_batch::TextBatch;
use crate::error::{Error, Result};
use crate::log::store::options::BadRows;

/// What separates the cells of a file.
pub(crate) fn separator(path: &Path, options: &InputOptions) -> Result<u8> {
    CsvFile::open(path, options).map(|file| file.separator())
}

/// The files of one table, and the names of their columns.
pub(crate) struct CsvFiles {
    table: &'static str,
    /// Each with its header.
    files: Vec<(PathBuf, Vec<String>)>,
    /// Whether they are those of a folder or a pattern, so that messages must name them.
    are_several: bool,
    /// Columns told by the names of folders; they follow those of the first file.
    hive: Vec<HiveColumn>,
    options: Arc<InputOptions>,
}

/// Where a column of a table is found.
enum Place {
    /// In the file, at this place.
    Cell(usize),
    /// In the names of folders; nothing where they name no value.
    Folder(Option<String>),
}

impl CsvFiles {
    /// Reads the headers of all files.
    pub(crate) fn open(
        found: TableFiles,
        table: &'static str,
        options: &Arc<InputOptions>,
    ) -> Result<Self> {
        let mut files = Vec::new();
        for path in found.files {
            let header = CsvFile::open(&path, options)?.header().to_vec();
            files.push((path, header));
        }
        let paths = files.iter().map(|(path, _)| path.as_path());
        let first = &files[0].1;
        let are_several = found.root.is_some();
        let hive = match &found.root {
            Some(root) => HiveColumn::of(root, paths, |name| first.iter().any(|own| own == name))?,
            None => Vec::new(),
        };
        Ok(CsvFiles { table, files, are_several, hive, options: options.clone() })
    }

    /// The names of all columns.
    pub(crate) fn names(&self) -> Vec<String> {
        let own = self.files[0].1.iter().cloned();
        own.chain(self.hive.iter().map(|column| column.name.clone())).collect()
    }

    /// Refuses files that lack a column at these places of [`CsvFiles::names`], and `known` columns
    /// that only a later file has.
    pub(crate) fn check(&self, wanted: &[usize], known: impl Fn(&str) -> bool) -> Result<()> {
        let names = self.names();
        let (first, own) = &self.files[0];
        for (file, header) in &self.files[1..] {
            for name in wanted.iter().filter_map(|&place| own.get(place)) {
                place_in(file, header.iter(), name, first)?;
            }
            refuse_more(file, header.iter(), &known, &names, first)?;
        }
        Ok(())
    }

    /// The rows of all files, one file after the other, with the columns at these places of
    /// [`CsvFiles::names`]. Of a folder or a pattern, `starts` is told of each file.
    pub(crate) fn batches(
        self,
        wanted: Vec<usize>,
        starts: FileStarts,
    ) -> impl Iterator<Item = Result<RecordBatch>> + Send {
        let names = self.names();
        let mut batch = TextBatch::new(wanted.iter().map(|&place| names[place].as_str()));
        let mut number = 0;
        let mut rows_before = 0;
        let mut open: Option<(CsvFile, Vec<Place>)> = None;
        // What ends the rows comes after those before it, which may have errors of their own.
        let mut failed: Option<Error> = None;
        std::iter::from_fn(move || {
            while failed.is_none() && number < self.files.len() {
                let opened = match open.take() {
                    Some(opened) => Ok(opened),
                    None => self.open_file(number, &wanted).inspect(|_| {
                        if self.are_several {
                            starts.push(rows_before, &self.files[number].0);
                        }
                    }),
                };
                let read = opened.and_then(|(mut file, places)| {
                    let is_full = self.fill(&mut file, &places, rows_before, &mut batch)?;
                    Ok((is_full, file, places))
                });
                match read {
                    Ok((true, file, places)) => {
                        open = Some((file, places));
                        return batch.take();
                    }
                    Ok((false, file, _)) => {
                        rows_before += file.row();
                        number += 1;
                    }
                    Err(error) => failed = Some(error),
                }
            }
            batch.take().or_else(|| {
                number = self.files.len();
                failed.take().map(Err)
            })
        })
    }

    fn open_file(&self, number: usize, wanted: &[usize]) -> Result<(CsvFile, Vec<Place>)> {
        let (first, own) = &self.files[0];
        let (path, header) = &self.files[number];
        let file = CsvFile::open(path, &self.options)?;
        if file.header() != header {
            return Err(Error::file(path, "changed while the table was read"));
        }
        let place = |&place: &usize| match own.get(place) {
            Some(_) if number == 0 => Ok(Place::Cell(place)),
            Some(name) => place_in(path, header.iter(), name, first).map(Place::Cell),
            None => Ok(Place::Folder(self.hive[place - own.len()].values[number].clone())),
        };
        let places = wanted.iter().map(place).collect::<Result<_>>()?;
        Ok((file, places))
    }

    /// Reads rows until the batch is full; false where the file ends before.
    fn fill(
        &self,
        file: &mut CsvFile,
        places: &[Place],
        rows_before: u64,
        batch: &mut TextBatch,
    ) -> Result<bool> {
        while !batch.is_full() {
            match file.next_row(places.len())? {
                None => return Ok(false),
                Some(Row::Even) => {}
                Some(Row::Uneven) if self.options.bad_rows == BadRows::Drop => {
                    batch.end_unusable_row(&file.header()[0], file.uneven());
                    continue;
                }
                Some(Row::Uneven) => return Err(file.uneven_error()),
            }
            for (column, place) in places.iter().enumerate() {
                match place {
                    Place::Folder(value) => batch.push(column, value.as_deref().unwrap_or("")),
                    Place::Cell(index) => {
                        let cell = file.cell(*index).map_err(|message| {
                            let name = file.header()[*index].as_str();
                            Error::data(self.table, name, rows_before + file.row(), message)
                        })?;
                        batch.push(column, &cell);
                    }
                }
            }
            batch.end_row();
        }
        Ok(true)
    }
}
