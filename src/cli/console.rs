//! What is printed: results on stdout, remarks on stderr.

use std::io::{ErrorKind, Write, stderr, stdout};
use std::path::Path;

use winback::answer::escape::terminal;

use super::failure::Failure;

/// Prints a result on stdout. A reader that has left, as `head` does, is no failure.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    let mut out = stdout().lock();
    match writeln!(out, "{}", terminal(text)).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::Output(error)),
        _ => Ok(()),
    }
}

/// Prints a remark on stderr; when nobody can read it there is nobody to tell.
pub(super) fn note(text: &str) {
    let _ = writeln!(stderr(), "{}", terminal(text));
}

/// Says where a result is.
pub(super) fn wrote(path: &Path) {
    note(&format!("wrote {}", path.display()));
}
