//! What is printed: results on stdout, remarks on stderr.

use std::borrow::Cow;
use std::io::{ErrorKind, Write, stderr, stdout};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use winback::answer::escape::terminal;
use winback::answer::of_activity;

use super::failure::Failure;

/// Whether the log that the command reads is of activity in place of purchases.
static OF_ACTIVITY: AtomicBool = AtomicBool::new(false);

/// Says that results are of activity from now on.
pub(super) fn tell_activity() {
    OF_ACTIVITY.store(true, Ordering::Relaxed);
}

/// A text of a result, about purchases or about activity.
pub(super) fn told(text: &str) -> Cow<'_, str> {
    match OF_ACTIVITY.load(Ordering::Relaxed) {
        true => of_activity(text).into(),
        false => text.into(),
    }
}

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
