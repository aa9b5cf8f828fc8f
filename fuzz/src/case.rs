//! Runs one case and judges it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

use crate::memory::peak_of;
use crate::target::Target;

/// More computing time than this no case may take.
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
    let ran = once(target, bytes)?;
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
    let (start, computed) = (Instant::now(), computing_time());
    let (result, peak) = peak_of(|| catch_unwind(AssertUnwindSafe(|| (target.run)(bytes))));
    let took = match (computed, computing_time()) {
        (Some(before), Some(after)) => after - before,
        _ => start.elapsed(),
    };
    RUNNING.store(false, Relaxed);
    match result {
        Ok(result) => Ok(Ran { refused: result.err().map(|error| error.in_full()), took, peak }),
        Err(_) => {
            let panic = PANIC.lock().unwrap().take();
            Err(panic.unwrap_or_else(|| "panicked".to_owned()))
        }
    }
}

/// What all threads of this process have computed so far, in hundredths of a second; none where the
/// system does not tell.
fn computing_time() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // Behind the name, which may hold anything, come the state and ten numbers, then these two.
    let fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11).take(2);
    let ticks: u64 = fields.map(|field| field.parse().unwrap_or(0)).sum();
    Some(Duration::from_millis(10 * ticks))
}
