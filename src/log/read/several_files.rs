//! What the files of one table must have in common.

use std::path::Path;

use crate::error::{Error, Result};

/// The place of a column that a file must have, as `first` does.
pub(crate) fn place_in<'a>(
    file: &Path,
    names: impl Iterator<Item = &'a String>,
    name: &str,
    first: &Path,
) -> Result<usize> {
    let mut places = names.enumerate().filter(|(_, own)| *own == name);
    match (places.next(), places.next()) {
        (Some((place, _)), None) => Ok(place),
        (Some(_), Some(_)) => Err(Error::file(file, format!("has column `{name}` twice"))),
        (None, _) => {
            let message = format!("has no column `{name}`, which {} has", first.display());
            Err(Error::file(file, message))
        }
    }
}

/// Refuses a file with a column that would be read if `first` had it, too.
pub(crate) fn refuse_more<'a>(
    file: &Path,
    names: impl Iterator<Item = &'a String>,
    is_read: impl Fn(&str) -> bool,
    of_all: &[String],
    first: &Path,
) -> Result<()> {
    let mut more = names.filter(|name| !name.is_empty() && is_read(name) && !of_all.contains(name));
    match more.next() {
        None => Ok(()),
        Some(name) => {
            let message = format!("has a column `{name}`, which {} lacks", first.display());
            Err(Error::file(file, message))
        }
    }
}
