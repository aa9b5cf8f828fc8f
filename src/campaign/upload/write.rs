//! Writes the files.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::budget::{Bought, prices};
use super::options::{UploadOptions, UploadTarget};
use super::rows::{Chosen, LeftOut};
use super::rules::Rules;
use crate::answer::atomic_file::Aside;
use crate::answer::escape::sheet as safe;
use crate::answer::output::check_path;
use crate::error::{Error, Result};
use crate::log::CustomerTable;

/// A file that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) path: PathBuf,
    pub(super) rows: u64,
    pub(super) bytes: u64,
}

/// A list of customers as files of the tool that sends, without control.
///
/// ```
/// use winback::campaign::{Upload, UploadOptions, UploadTarget};
/// use winback::log::CustomerTable;
/// # let folder = tempfile::tempdir().map_err(|e| winback::Error::Shape(e.to_string()))?;
/// # let arms = folder.path().join("arms.csv");
/// # let path = folder.path().join("braze.csv");
/// # std::fs::write(&arms, "customer_id,arm\n007,contact\n8,control\n").unwrap();
/// let list = CustomerTable::texts_of_path("customer_list", &arms)?;
/// let options = UploadOptions::default().target(UploadTarget::Braze);
/// let written = Upload::write(&list, None, &path, &options)?;
/// assert_eq!(std::fs::read_to_string(&path).unwrap(), "external_id\n007\n");
/// println!("{written}");
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Upload {
    pub(super) rules: Rules,
    pub(super) options: UploadOptions,
    pub(super) files: Vec<Written>,
    pub(super) left_out: Vec<Option<LeftOut>>,
    pub(super) repeated: u64,
    pub(super) has_arms: bool,
    pub(super) bought: Option<Bought>,
}

impl Upload {
    /// Writes a list; identifiers other than customer ids are in a column of `identifiers`, or else
    /// of the list. Both are read as texts ([`CustomerTable::texts_of_path`]), so that no id is
    /// altered. Where one file cannot take all, there are several, with numbers behind their names.
    ///
    /// # Errors
    /// [`Error::Argument`] for what the tool does not take; [`Error::Table`] for a list with arms
    /// none of which is control, a customer in two arms, and where nobody is left to write;
    /// [`Error::MissingColumn`], and [`Error::Io`] where files cannot be written.
    pub fn write(
        list: &CustomerTable,
        identifiers: Option<&CustomerTable>,
        path: impl AsRef<Path>,
        options: &UploadOptions,
    ) -> Result<Self> {
        let (path, rules) = (path.as_ref(), Rules::new(options)?);
        check_upload_path(path, options.target)?;
        let Chosen { mut rows, left_out, repeated } =
            Chosen::of(list, identifiers, &rules, options)?;
        let columns: Vec<Vec<Option<String>>> =
            options.with_columns.iter().map(|column| list.texts(column)).collect::<Result<_>>()?;
        let mut bought = None;
        let priced = options.budget.map(|_| prices(list, &mut rows, options)).transpose()?;
        let lines: Vec<Vec<&str>> = rows
            .iter()
            .map(|(identifier, row)| {
                let label = rules.label.iter().map(|(_, label)| label.as_str());
                let others = columns.iter().map(|cells| cells[*row].as_deref().unwrap_or(""));
                std::iter::once(identifier.as_str()).chain(label).chain(others).collect()
            })
            .collect();
        let headers = rules.headers(options);
        let files = match options.target {
            UploadTarget::Xlsx => {
                if lines.len() as u64 > rules.most_rows {
                    let expected = format!("at most {} customers, as a sheet has", rules.most_rows);
                    return Err(Error::argument("customer_list", lines.len(), expected));
                }
                let priced = priced.as_ref().zip(options.budget);
                bought = priced.map(|(prices, budget)| Bought::of(prices, budget));
                vec![write_sheet(path, &headers, &lines, priced)?]
            }
            _ => write_files(path, &headers, &lines, &rules, options.for_people)?,
        };
        Ok(Upload {
            rules,
            options: options.clone(),
            files,
            left_out,
            repeated,
            has_arms: list.has(&options.arm),
            bought,
        })
    }
}

/// Rejects a path that [`Upload::write`] would reject, before any work is done.
fn check_upload_path(path: &Path, target: UploadTarget) -> Result<()> {
    let ending = if target == UploadTarget::Xlsx { "xlsx" } else { "csv" };
    let own = path.extension().and_then(|own| own.to_str()).map(str::to_ascii_lowercase);
    if own.as_deref() != Some(ending) {
        return Err(Error::path_argument("path", path, format!("a file ending in .{ending}")));
    }
    check_path(path)
}

#[cfg(feature = "xlsx")]
fn write_sheet(
    path: &Path,
    headers: &[String],
    lines: &[Vec<&str>],
    priced: Option<(&Vec<(f64, f64)>, f64)>,
) -> Result<Written> {
    let failed = |error| Error::io(path, std::io::Error::other(error));
    let bytes = super::sheet::workbook(headers, lines, priced).map_err(failed)?;
    crate::answer::output::write_aside(path, |out| out.write_all(&bytes))?;
    Ok(Written { path: path.to_owned(), rows: lines.len() as u64, bytes: bytes.len() as u64 })
}

#[cfg(not(feature = "xlsx"))]
fn write_sheet(
    _: &Path,
    _: &[String],
    _: &[Vec<&str>],
    _: Option<(&Vec<(f64, f64)>, f64)>,
) -> Result<Written> {
    Err(Error::argument("target", "xlsx", "another; winback was built without the feature xlsx"))
}

/// A line of CSV.
fn line<'a>(cells: impl Iterator<Item = &'a str>, for_people: bool) -> String {
    let mut line = String::new();
    for (place, cell) in cells.enumerate() {
        if place > 0 {
            line.push(',');
        }
        let cell = if for_people { safe(cell) } else { cell.into() };
        match cell.contains([',', '"', '\n', '\r']) {
            true => line.push_str(&format!("\"{}\"", cell.replace('"', "\"\""))),
            false => line.push_str(&cell),
        }
    }
    line.push('\n');
    line
}

/// Writes CSV files, none of them larger than the tool takes, and puts them in their places once all
/// are complete.
fn write_files(
    path: &Path,
    headers: &[String],
    lines: &[Vec<&str>],
    rules: &Rules,
    for_people: bool,
) -> Result<Vec<Written>> {
    let header = line(headers.iter().map(String::as_str), for_people);
    let mut files: Vec<(Aside, u64, u64)> = Vec::new();
    for cells in lines {
        let line = line(cells.iter().copied(), for_people);
        let length = line.len() as u64;
        let has_room = |(_, rows, bytes): &(Aside, u64, u64)| {
            *rows < rules.most_rows && bytes + length <= rules.most_bytes
        };
        if !files.last().is_some_and(has_room) {
            let first = header.len() as u64;
            if first + length > rules.most_bytes {
                let expected = format!("{} or more, for a header and a row", first + length);
                return Err(Error::argument("max_bytes", rules.most_bytes, expected));
            }
            let mut file = Aside::create(path)?;
            file.write_all(header.as_bytes()).map_err(|error| Error::io(path, error))?;
            files.push((file, 0, first));
        }
        let Some((file, rows, bytes)) = files.last_mut() else { continue };
        file.write_all(line.as_bytes()).map_err(|error| Error::io(path, error))?;
        *rows += 1;
        *bytes += length;
    }
    let count = files.len();
    let place = |number: usize| match count {
        1 => path.to_owned(),
        _ => numbered(path, number),
    };
    let others = match count {
        1 => vec![numbered(path, 1)],
        _ => vec![path.to_owned(), numbered(path, count + 1)],
    };
    if let Some(other) = others.iter().find(|other| other.exists()) {
        let expected = "no file of an earlier list beside this one: whoever uploads all of them \
                        would upload it too";
        return Err(Error::path_argument("path", other, expected));
    }
    let mut written = Vec::new();
    for (number, (file, rows, bytes)) in (1..).zip(files) {
        let path = place(number);
        if path.is_dir() {
            return Err(Error::io(&path, std::io::ErrorKind::IsADirectory.into()));
        }
        file.finish(&path).map_err(|error| Error::io(&path, error))?;
        written.push(Written { path, rows, bytes });
    }
    Ok(written)
}

/// `list-2.csv` of `list.csv`.
fn numbered(path: &Path, number: usize) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let ending = path.extension().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!("{stem}-{number}.{ending}"))
}
