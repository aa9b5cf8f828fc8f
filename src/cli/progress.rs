//! Progress, on a terminal only: a pipe or a file gets none of it.

use std::io::{IsTerminal, stderr};
use std::time::Duration;

use indicatif::ProgressBar;

/// Does `work` while a spinner says what is being done.
pub(super) fn during<T>(what: &'static str, work: impl FnOnce() -> T) -> T {
    if !stderr().is_terminal() {
        return work();
    }
    let spinner = ProgressBar::new_spinner().with_message(what);
    spinner.enable_steady_tick(Duration::from_millis(100));
    let result = work();
    spinner.finish_and_clear();
    result
}
