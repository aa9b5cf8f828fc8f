//! Progress, on a terminal only: a pipe or a file gets none of it.

use std::io::{IsTerminal, stderr};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use winback::Step;

/// The spinner that turns now.
static SPINNER: Mutex<Option<ProgressBar>> = Mutex::new(None);

fn spinner() -> MutexGuard<'static, Option<ProgressBar>> {
    SPINNER.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Does `work` while a spinner says what is being done.
pub(super) fn during<T>(what: &'static str, work: impl FnOnce() -> T) -> T {
    if !stderr().is_terminal() {
        return work();
    }
    let turning = ProgressBar::new_spinner().with_message(what);
    turning.enable_steady_tick(Duration::from_millis(100));
    *spinner() = Some(turning.clone());
    let result = work();
    *spinner() = None;
    turning.finish_and_clear();
    result
}

/// Says beside the spinner how far the work is.
pub(super) fn tell() -> impl Fn(Step) -> bool + Send + Sync + 'static {
    |Step { what, done, of, .. }| {
        if let Some(spinner) = &*spinner() {
            match of {
                0 => spinner.set_message(what),
                of => {
                    spinner.set_message(format!("{what} {:3.0} %", done as f64 / of as f64 * 100.0))
                }
            }
        }
        true
    }
}

/// Shows the steps of work on tables larger than memory, each as a bar.
pub(super) fn steps() -> impl Fn(Step) -> bool + Send + Sync + 'static {
    let shown: Mutex<Option<(&'static str, ProgressBar)>> = Mutex::new(None);
    let is_terminal = stderr().is_terminal();
    move |Step { what, done, of, .. }| {
        if is_terminal {
            let mut shown = shown.lock().unwrap_or_else(PoisonError::into_inner);
            let is_new = shown.as_ref().is_none_or(|(before, _)| *before != what);
            if is_new {
                if let Some((_, bar)) = shown.take() {
                    bar.finish_and_clear();
                }
                *shown = Some((what, bar(what, of)));
            }
            if let Some((_, bar)) = &*shown {
                bar.set_position(done);
                if done == of {
                    bar.finish_and_clear();
                }
            }
        }
        true
    }
}

fn bar(what: &'static str, of: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg} {wide_bar} {percent} %, {eta} left");
    let bar = ProgressBar::new(of).with_message(what);
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
