//! How tables larger than memory are read.

use std::path::PathBuf;

use crate::error::{Error, Result};

/// The least memory that can be asked for, in bytes.
pub(crate) const LEAST_MEMORY: u64 = 256 << 20;

/// Bytes that a byte of a part's rows, uncompressed, takes at most until its log is built and its
/// customers are scored: three and a third were measured.
pub(super) const BYTES_PER_BYTE: u64 = 4;

/// Bytes that the process takes whatever the parts' size is.
pub(super) const OVERHEAD: u64 = 160 << 20;

/// Most parts: each has a file for every table.
pub(crate) const MAX_PARTS: usize = 2_048;

/// How tables larger than memory are read. The memory has no default and must be given.
#[derive(Debug, Clone)]
pub struct PartitionOptions {
    pub(crate) memory: u64,
    pub(crate) temp_folder: PathBuf,
    pub(crate) least_parts: usize,
}

/// Bytes of a text such as `2GB`, `512 MiB` or `1.5e9`: a number, and KB, MB, GB, TB (powers of
/// 1,000) or KiB, MiB, GiB, TiB (powers of 1,024).
///
/// ```
/// use winback::log::parse_memory;
/// assert_eq!(parse_memory("2GB")?, 2_000_000_000);
/// assert_eq!(parse_memory("1.5 GiB")?, 3 << 29);
/// # Ok::<(), winback::Error>(())
/// ```
///
/// # Errors
/// [`Error::Argument`] for any other text.
pub fn parse_memory(text: &str) -> Result<u64> {
    const UNITS: [(&str, f64); 9] = [
        ("KIB", 1024.0),
        ("MIB", 1_048_576.0),
        ("GIB", 1_073_741_824.0),
        ("TIB", 1_099_511_627_776.0),
        ("KB", 1e3),
        ("MB", 1e6),
        ("GB", 1e9),
        ("TB", 1e12),
        ("", 1.0),
    ];
    let upper = text.trim().to_ascii_uppercase();
    let unit = UNITS.iter().find_map(|(unit, size)| Some((upper.strip_suffix(unit)?, size)));
    let bytes = unit.and_then(|(number, size)| Some(number.trim().parse::<f64>().ok()? * size));
    match bytes {
        Some(bytes) if (1.0..9e18).contains(&bytes) => Ok(bytes as u64),
        _ => {
            let expected = "a number of bytes, as 2GB, 512MB or 1.5GiB";
            Err(Error::text_argument("memory", text, expected))
        }
    }
}

impl PartitionOptions {
    /// Options for this many bytes of memory, at least 256 MiB: the parts are cut so that the
    /// process stays below it. One customer's rows stay together; if those of one alone take too
    /// much, that is an error, which names the customer.
    pub fn new(memory: u64) -> Self {
        PartitionOptions { memory, temp_folder: std::env::temp_dir(), least_parts: 1 }
    }

    /// Cuts into more parts than the memory requires, if there are as many customers: to distribute
    /// them over several machines, or to test what happens at the boundaries. From 1 to 2,048.
    /// Default: 1.
    #[must_use]
    pub fn least_parts(mut self, parts: usize) -> Self {
        self.least_parts = parts;
        self
    }

    /// The folder on whose disk the parts are kept for as long as they are needed, in files without
    /// names: they need about as much space as the columns that are read, uncompressed, and
    /// disappear with the process, whatever happens. Default: the system's folder for temporary
    /// files.
    #[must_use]
    pub fn temp_folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.temp_folder = folder.into();
        self
    }

    /// Bytes that the rows of a part may take without compression.
    pub(crate) fn part_bytes(&self) -> u64 {
        (self.memory - OVERHEAD) / BYTES_PER_BYTE
    }

    /// The memory that a part of so many bytes needs.
    pub(crate) fn memory_for(&self, bytes: u64) -> u64 {
        bytes * BYTES_PER_BYTE + OVERHEAD
    }

    /// Refuses tables of so many bytes, which would need too many parts.
    pub(crate) fn too_little(&self, bytes: u64) -> Error {
        // Parts that are cut by customers are not all full.
        let least = self.memory_for(bytes / MAX_PARTS as u64).max(self.memory) / 4 * 5;
        let expected = format!("at least {least} bytes for tables of this size");
        Error::argument("memory", self.memory, expected)
    }

    pub(crate) fn check(&self) -> Result<()> {
        if self.memory < LEAST_MEMORY {
            let expected = format!("at least {LEAST_MEMORY} bytes (256 MiB)");
            return Err(Error::argument("memory", self.memory, expected));
        }
        if !(1..=MAX_PARTS).contains(&self.least_parts) {
            let expected = format!("from 1 to {MAX_PARTS}");
            return Err(Error::argument("least_parts", self.least_parts, expected));
        }
        let found = std::fs::metadata(&self.temp_folder);
        if !found.map_err(|error| Error::io(&self.temp_folder, error))?.is_dir() {
            return Err(Error::io(&self.temp_folder, std::io::ErrorKind::NotADirectory.into()));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_numbers_with_a_unit() {
        for (text, bytes) in [
            ("300000000", 300_000_000),
            ("2gb", 2_000_000_000),
            (" 1 MiB ", 1 << 20),
            ("1e9", 1_000_000_000),
        ] {
            assert_eq!(parse_memory(text).unwrap(), bytes, "{text}");
        }
        for text in ["", "GB", "2 apples", "-1GB", "nan", "inf", "0", "1e30"] {
            assert!(parse_memory(text).is_err(), "{text}");
        }
    }
}
