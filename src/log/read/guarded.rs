//! Libraries that panic on some damaged files.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::path::Path;
use std::sync::Once;

use crate::error::{Error, Result};

thread_local! {
    /// Whether a panic of this thread is told of as an error.
    static IS_GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Reads from a file by a library. Some panic on some damaged files; to the caller these are errors
/// as others, and nothing is printed.
pub(crate) fn guarded<T, E: std::error::Error + Send + Sync + 'static>(
    path: &Path,
    read: impl FnOnce() -> std::result::Result<T, E>,
) -> Result<T> {
    silence_guarded();
    let outer = IS_GUARDED.replace(true);
    let read = catch_unwind(AssertUnwindSafe(read));
    IS_GUARDED.set(outer);
    read.map_err(|_| Error::file(path, "the file is damaged"))?
        .map_err(|error| Error::unreadable(path, error))
}

/// All other panics go to the hook that was there before.
fn silence_guarded() {
    static SILENCED: Once = Once::new();
    SILENCED.call_once(|| {
        let others = take_hook();
        set_hook(Box::new(move |panic| {
            if !IS_GUARDED.get() {
                others(panic);
            }
        }));
    });
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn a_guarded_panic_is_an_error_and_prints_nothing() {
        // What it prints is seen from outside: this test runs itself.
        const CHILD: &str = "WINBACK_TEST_GUARDED";
        if std::env::var_os(CHILD).is_some() {
            let read = || -> std::io::Result<()> { panic!("by the guarded library") };
            let error = guarded(Path::new("orders.parquet"), read).unwrap_err();
            assert_eq!(error.to_string(), "orders.parquet: the file is damaged");
            let _ = std::panic::catch_unwind(|| panic!("by another"));
            return;
        }
        let name = "log::read::guarded::tests::a_guarded_panic_is_an_error_and_prints_nothing";
        let mut child = Command::new(std::env::current_exe().unwrap());
        let done = child.args(["--exact", name, "--nocapture"]).env(CHILD, "1").output().unwrap();
        let printed = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{printed}");
        assert!(
            printed.contains("by another") && !printed.contains("guarded library"),
            "{printed}"
        );
    }
}
