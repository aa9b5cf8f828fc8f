//! Runs one case and judges it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

use crate::memory::peak_of;
use crate::target::Target;

/// Longer than this no case may take, however busy the machine: it is run again before it is judged.
const LONGEST: Duration = Duration::from_secs(2);
/// Bytes that a case may take beside so many times those that it unpacks to.
const MEMORY: usize = 200 << 20;
const TIMES: usize = 20;

/// The last panic that nobody told of yet.
static PANIC: Mutex<Option<String>> = Mutex::new(None);

/// Whether a case is running.
static RUNNING: AtomicBool = AtomicBool::new(false);

/// What came of a case.
#[derive(Debug)]
pub(crate) struct Ran {
    /// The error's text; none where the bytes were taken.
    pub(crate) refused: Option<String>,
    pub(crate) took: Duration,
    pub(crate) peak: usize,
}

/// Panics of cases are kept, not printed: readers guard themselves against those of other libraries.
pub(crate) fn keep_panics() {
    let printed = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| match RUNNING.load(Relaxed) {
        true => *PANIC.lock().unwrap() = Some(panic.to_string()),
        false => printed(panic),
    }));
}

/// Runs a case: what came of it, or what is wrong.
pub(crate) fn run(target: &Target, bytes: &[u8]) -> Result<Ran, String> {
    let mut ran = once(target, bytes)?;
    for _ in 0..3 {
        if ran.took > LONGEST {
            ran = once(target, bytes)?;
        }
    }
    if ran.took > LONGEST {
        return Err(format!("took {:.1} s", ran.took.as_secs_f64()));
    }
    let most = MEMORY + TIMES * (target.unpacked)(bytes);
    if ran.peak > most {
        return Err(format!(
            "took {} MB of memory; expected at most {}",
            ran.peak >> 20,
            most >> 20
        ));
    }
    Ok(ran)
}

fn once(target: &Target, bytes: &[u8]) -> Result<Ran, String> {
    RUNNING.store(true, Relaxed);
    let start = Instant::now();
    let (result, peak) = peak_of(|| catch_unwind(AssertUnwindSafe(|| (target.run)(bytes))));
    let took = start.elapsed();
    RUNNING.store(false, Relaxed);
    match result {
        Ok(result) => Ok(Ran { refused: result.err().map(|error| error.in_full()), took, peak }),
        Err(_) => {
            let panic = PANIC.lock().unwrap().take();
            Err(panic.unwrap_or_else(|| "panicked".to_owned()))
        }
    }
}
