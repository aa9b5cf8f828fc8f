//! Inputs that no result may replace.

use std::path::{Path, PathBuf};

use super::table_files::{files_of, matches};
use crate::answer::atomic_file::folder_of;
use crate::error::{Error, Result};

/// Refuses to write a result over an input table or among its files.
///
/// ```
/// use std::path::PathBuf;
/// use winback::log::check_spared;
/// let folder = tempfile::tempdir().map_err(|e| winback::Error::Shape(e.to_string()))?;
/// let orders = folder.path().join("orders.csv");
/// std::fs::write(&orders, "customer_id,time\\n").map_err(|e| winback::Error::Shape(e.to_string()))?;
/// assert!(check_spared(&orders, &[orders.clone()]).is_err());
/// assert!(check_spared(&folder.path().join("scores.csv"), &[orders]).is_ok());
/// # Ok::<(), winback::Error>(())
/// ```
///
/// # Errors
/// [`Error::Argument`] when `output` is an input, however it is linked, or is below an input
/// folder, or a pattern among the inputs matches it.
pub fn check_spared(output: &Path, inputs: &[PathBuf]) -> Result<()> {
    let refused = |expected: &str| Err(Error::path_argument("output", output, expected));
    let folder = folder_of(output).canonicalize();
    let place = output.canonicalize();
    for input in inputs {
        let is_below = |folder: &PathBuf| {
            let own = input.canonicalize().is_ok_and(|own| own.is_dir() && folder.starts_with(own));
            // The file may not be there yet, but the next run would read it.
            let name = output.file_name().unwrap_or_default();
            own || matches(input, &folder.join(name))
        };
        if folder.as_ref().is_ok_and(is_below) {
            return refused("a place outside the folders of the input tables");
        }
        let Ok(place) = &place else { continue };
        // An input that is not there is told of when it is read.
        let Ok(files) = files_of(input) else { continue };
        if files.iter().any(|file| file.canonicalize().is_ok_and(|file| file == *place)) {
            return refused("a file that is no input table");
        }
    }
    Ok(())
}
