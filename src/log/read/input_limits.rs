//! How much one file may hold, so that no file takes more memory than it is worth.

use std::path::Path;

use crate::error::{Error, Result};

/// So many times its own size a file may become in memory, whatever that is. Of real tables texts
/// compress to a twentieth, and columns of few values to a fiftieth.
const LEAST_EXPANSION: u64 = 200;
/// The bytes that a cell takes at least, whatever it holds.
pub(crate) const CELL_WIDTH: u64 = 8;

/// What a table in a file may hold at most; a file beyond is refused before memory is taken for it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct InputLimits {
    /// Columns of a table.
    pub(crate) columns: u64,
    /// Bytes of a row of a CSV file.
    pub(crate) record_bytes: u64,
    /// Bytes of a cell.
    pub(crate) cell_bytes: u64,
    /// Bytes in memory of a file that is less than a 200th of them.
    pub(crate) expanded_bytes: u64,
}

impl Default for InputLimits {
    fn default() -> Self {
        InputLimits {
            columns: 10_000,
            record_bytes: 16 << 20,
            cell_bytes: 1 << 20,
            expanded_bytes: 128 << 20,
        }
    }
}

impl InputLimits {
    /// Sets the limit of this name.
    pub(crate) fn set(&mut self, name: &str, value: u64) -> Result<()> {
        let limit = match name {
            "columns" => &mut self.columns,
            "record_bytes" => &mut self.record_bytes,
            "cell_bytes" => &mut self.cell_bytes,
            "expanded_bytes" => &mut self.expanded_bytes,
            _ => {
                let expected = "one of columns, record_bytes, cell_bytes and expanded_bytes";
                return Err(Error::text_argument("limits", name, expected));
            }
        };
        if value == 0 {
            return Err(Error::argument("limits", format!("{name} = 0"), "positive numbers"));
        }
        *limit = value;
        Ok(())
    }

    pub(crate) fn check_columns(&self, path: &Path, columns: u64) -> Result<()> {
        let limit = self.columns;
        if columns <= limit {
            return Ok(());
        }
        let message = format!("has {columns} columns; the limit `columns` is {limit}");
        Err(Error::file(path, message))
    }

    /// What is wrong with a column whose longest text has so many bytes, if anything is.
    pub(crate) fn too_long(&self, longest: u64) -> Option<String> {
        let limit = self.cell_bytes;
        (longest > limit)
            .then(|| format!("has a text of {longest} bytes; the limit `cell_bytes` is {limit}"))
    }

    /// The bytes that a file of this size may become.
    pub(crate) fn expanded(&self, file_bytes: u64) -> u64 {
        self.expanded_bytes.max(file_bytes.saturating_mul(LEAST_EXPANSION))
    }

    /// Refuses a file that becomes many times larger than it is.
    pub(crate) fn check_expansion(&self, path: &Path, file_bytes: u64, bytes: u64) -> Result<()> {
        match bytes <= self.expanded(file_bytes) {
            true => Ok(()),
            false => Err(Error::file(path, self.expands(file_bytes))),
        }
    }

    /// What is wrong with a file that becomes many times larger than it is.
    pub(crate) fn expands(&self, file_bytes: u64) -> String {
        let limit = self.expanded_bytes;
        format!(
            "becomes more than {LEAST_EXPANSION} times its {file_bytes} bytes in memory, as real \
             tables do not; the limit `expanded_bytes` allows {limit} bytes"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_set_by_name() {
        let mut limits = InputLimits::default();
        for name in ["columns", "record_bytes", "cell_bytes", "expanded_bytes"] {
            limits.set(name, 7).unwrap();
            assert!(limits.set(name, 0).is_err());
        }
        let all = InputLimits { columns: 7, record_bytes: 7, cell_bytes: 7, expanded_bytes: 7 };
        assert_eq!(limits, all);
        let error = limits.set("rows", 7).unwrap_err().to_string();
        assert!(error.starts_with("limits: expected one of columns"), "{error}");
    }

    #[test]
    fn large_files_may_become_larger_than_small_ones() {
        let (limits, path) = (InputLimits::default(), Path::new("a.parquet"));
        assert!(limits.check_expansion(path, 1, 128 << 20).is_ok());
        assert!(limits.check_expansion(path, 1, (128 << 20) + 1).is_err());
        assert!(limits.check_expansion(path, 1 << 30, 200 << 30).is_ok());
        assert!(limits.check_expansion(path, 1 << 30, (200 << 30) + 1).is_err());
        assert!(limits.check_columns(path, 10_000).is_ok());
    }
}
