//! The files that a path stands for: itself, those of a folder, or those that a pattern matches.

use std::collections::HashSet;
use std::path::{Component, Path, PathBuf};

use glob::{MatchOptions, Pattern};

use crate::error::{Error, Result};

/// What a table may be in.
const EXPECTED: &str = "a file ending in .parquet, .csv, .tsv, .txt (these three with .gz too), \
                        .xlsx or .xlsm, a folder of .parquet or of .csv files, or a pattern such as \
                        orders/*.csv";

/// `*` stays within a folder, `**` does not; names with a leading dot are matched by a dot.
const MATCHING: MatchOptions = MatchOptions {
    case_sensitive: true,
    require_literal_separator: true,
    require_literal_leading_dot: true,
};

/// A kind of file that can be read, by its ending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileKind {
    Parquet,
    Csv,
    Xlsx,
}

impl FileKind {
    /// The kind of a file; none of other files.
    pub(crate) fn of(path: &Path) -> Option<FileKind> {
        let name = path.to_string_lossy().to_ascii_lowercase();
        let ends = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
        if ends(&[".parquet", ".pq"]) {
            Some(FileKind::Parquet)
        } else if ends(&[".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".txt.gz"]) {
            Some(FileKind::Csv)
        } else if ends(&[".xlsx", ".xlsm"]) {
            Some(FileKind::Xlsx)
        } else {
            None
        }
    }
}

/// The files of one table, all of one kind.
#[derive(Debug, Clone)]
pub(crate) struct TableFiles {
    pub(crate) kind: FileKind,
    pub(crate) files: Vec<PathBuf>,
    /// The folder below which the names of folders may be columns; none for a file by itself.
    pub(crate) root: Option<PathBuf>,
}

impl TableFiles {
    pub(crate) fn of(path: &Path) -> Result<Self> {
        let files = files_of(path)?;
        let root = root_of(path);
        let Some(first) = files.first() else {
            return Err(Error::file(path, "the folder holds no .parquet and no .csv file"));
        };
        let kind = kind_of(first)?;
        for file in &files {
            if kind_of(file)? != kind {
                let message = format!(
                    "holds files of two kinds, {} and {}; name those of one, as in *.csv",
                    first.display(),
                    file.display()
                );
                return Err(Error::file(path, message));
            }
        }
        if root.is_some() && kind == FileKind::Xlsx {
            let message = "sheets are read one file a table; name the file, or save them as CSV";
            return Err(Error::file(path, message));
        }
        Ok(TableFiles { kind, files, root })
    }
}

/// Refuses a path that names neither a file of a kind that can be read nor a folder, and one where
/// nothing is.
pub(crate) fn check_path(path: &Path) -> Result<()> {
    if path.to_str().is_some_and(|path| path.contains("://")) && !path.exists() {
        let expected = format!("{EXPECTED}, on this machine: fetch what lies at an address first");
        return Err(Error::path_argument("path", path, expected));
    }
    if pattern_of(path).is_some() {
        return Ok(());
    }
    let metadata = || std::fs::metadata(path).map_err(|error| Error::io(path, error));
    if path.extension().is_none() {
        metadata()?; // the name may be that of a folder
    }
    if !path.is_dir() {
        kind_of(path)?;
    }
    metadata().map(drop)
}

/// The files that a path stands for, whatever they are, by name.
pub(crate) fn files_of(path: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    if path.is_dir() {
        seen.extend(path.canonicalize());
        list(path, &mut seen, &mut found)?;
        return Ok(found);
    }
    let Some(pattern) = pattern_of(path) else { return Ok(vec![path.to_owned()]) };
    let matches = glob::glob_with(pattern, MATCHING)
        .map_err(|error| Error::path_argument("path", path, format!("a pattern ({error})")))?;
    let mut paths = Vec::new();
    for entry in matches {
        paths.push(entry.map_err(|error| Error::io(path, error.into()))?);
    }
    paths.sort();
    for path in paths {
        add(path, true, &mut seen, &mut found)?;
    }
    if found.is_empty() {
        let error = std::io::Error::new(std::io::ErrorKind::NotFound, "no file matches");
        return Err(Error::io(path, error));
    }
    Ok(found)
}

/// Whether a file at this place, in full, would be one that the path stands for.
pub(crate) fn matches(path: &Path, place: &Path) -> bool {
    let Some(root) = pattern_of(path).and_then(|_| root_of(path)) else { return false };
    let Ok(rest) = path.strip_prefix(&root) else { return false };
    let root = if root.as_os_str().is_empty() { Path::new(".") } else { &root };
    let Ok(root) = root.canonicalize() else { return false };
    let whole = Path::new(&Pattern::escape(&root.to_string_lossy())).join(rest);
    let pattern = Pattern::new(&whole.to_string_lossy());
    pattern.is_ok_and(|pattern| {
        // A folder that is matched stands for the files in it.
        place.ancestors().any(|place| pattern.matches_path_with(place, MATCHING))
    })
}

fn kind_of(path: &Path) -> Result<FileKind> {
    FileKind::of(path).ok_or_else(|| Error::path_argument("path", path, EXPECTED))
}

/// The pattern that a path is, unless it is the name of a file or a folder.
fn pattern_of(path: &Path) -> Option<&str> {
    path.to_str().filter(|text| text.contains(['*', '?', '[']) && !path.exists())
}

/// The folder that all files of a folder or of a pattern are in.
fn root_of(path: &Path) -> Option<PathBuf> {
    if path.is_dir() {
        return Some(path.to_owned());
    }
    pattern_of(path)?;
    let is_plain =
        |part: &Component<'_>| !part.as_os_str().to_string_lossy().contains(['*', '?', '[']);
    Some(path.components().take_while(is_plain).collect())
}

/// Lists the tables below a folder, by name. Names with a leading `.`, `_` or `~` are other
/// programs' own. What is there twice, by links, is read once.
fn list(folder: &Path, seen: &mut HashSet<PathBuf>, found: &mut Vec<PathBuf>) -> Result<()> {
    let entries = std::fs::read_dir(folder).map_err(|error| Error::io(folder, error))?;
    let mut paths = Vec::new();
    for entry in entries {
        paths.push(entry.map_err(|error| Error::io(folder, error))?.path());
    }
    paths.sort();
    paths.into_iter().try_for_each(|path| add(path, false, seen, found))
}

/// Adds a file, or those below a folder. In a folder `.txt` and unknown endings are no tables, but
/// `named` files are.
fn add(
    path: PathBuf,
    named: bool,
    seen: &mut HashSet<PathBuf>,
    found: &mut Vec<PathBuf>,
) -> Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    if name.starts_with(['.', '_', '~']) {
        return Ok(());
    }
    let is_folder = path.is_dir();
    let is_text = name.to_ascii_lowercase().ends_with(".txt");
    if !(is_folder || named || FileKind::of(&path).is_some() && !is_text) {
        return Ok(());
    }
    let place = path.canonicalize().map_err(|error| Error::io(&path, error))?;
    if !seen.insert(place) {
        return Ok(());
    }
    match is_folder {
        true => list(&path, seen, found),
        false => {
            found.push(path);
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_by_the_ending() {
        for (name, kind) in [
            ("a.parquet", Some(FileKind::Parquet)),
            ("A.PQ", Some(FileKind::Parquet)),
            ("a.csv.gz", Some(FileKind::Csv)),
            ("a.TSV", Some(FileKind::Csv)),
            ("a.xlsm", Some(FileKind::Xlsx)),
            ("a.csv.zst", None),
            ("a.xls", None),
            ("a", None),
        ] {
            assert_eq!(FileKind::of(Path::new(name)), kind, "{name}");
        }
    }

    #[test]
    fn a_pattern_begins_where_its_names_do_not_change() {
        assert_eq!(root_of(Path::new("a/year=*/b/*.csv")), Some("a".into()));
        assert_eq!(root_of(Path::new("*.csv")), Some("".into()));
        assert_eq!(root_of(Path::new("a/b.csv")), None);
    }
}
