//! The threads that winback computes on: a pool of its own. A child process that was forked has none
//! of its parent's threads, and makes a pool anew.

use std::sync::{Arc, Mutex, PoisonError};

use pyo3::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::error::Result;

/// The environment variable with the number of threads.
const VARIABLE: &str = "WINBACK_THREADS";
/// More threads than any machine has cores are a slip of the pen.
const MOST: usize = 65_535;

/// The pool, once there is one, and how many threads were asked for.
struct Threads {
    asked: Option<usize>,
    pool: Option<(u32, Arc<ThreadPool>)>,
}

static THREADS: Mutex<Threads> = Mutex::new(Threads { asked: None, pool: None });

/// How many threads winback computes on from now on; none: as WINBACK_THREADS says, else one for each
/// core.
#[pyfunction]
pub(crate) fn set_threads(threads: Option<usize>) -> Result<()> {
    if let Some(threads) = threads {
        check(&threads.to_string())?;
    }
    let mut held = THREADS.lock().unwrap_or_else(PoisonError::into_inner);
    held.asked = threads;
    forget(held.pool.take());
    Ok(())
}

/// Threads of a parent process are not there to be ended; those of this one end on their own.
fn forget(pool: Option<(u32, Arc<ThreadPool>)>) {
    match pool {
        Some((process, pool)) if process != std::process::id() => std::mem::forget(pool),
        _ => (),
    }
}

fn check(threads: &str) -> Result<usize> {
    let expected = format!("a whole number from 1 to {MOST}");
    let wrong = || winback::Error::argument("threads", threads, expected);
    let number = threads.trim().parse().ok().filter(|number| (1..=MOST).contains(number));
    Ok(number.ok_or_else(wrong)?)
}

/// The pool of this process. Asked for before the interpreter is let go, so that no other thread
/// forks while the lock is held.
pub(crate) fn pool(_: Python<'_>) -> Result<Arc<ThreadPool>> {
    let mut held = THREADS.lock().unwrap_or_else(PoisonError::into_inner);
    let process = std::process::id();
    if let Some((of, pool)) = &held.pool
        && *of == process
    {
        return Ok(Arc::clone(pool));
    }
    let threads = match (held.asked, std::env::var(VARIABLE)) {
        (Some(threads), _) => threads,
        (None, Ok(threads)) => check(&threads)?,
        // As many as there are cores.
        (None, Err(_)) => 0,
    };
    let built = ThreadPoolBuilder::new()
        .num_threads(threads)
        .thread_name(|number| format!("winback-{number}"))
        .build();
    let failed = |error| std::io::Error::other(format!("the threads cannot be started: {error}"));
    let pool = Arc::new(built.map_err(failed).map_err(PyErr::from)?);
    forget(held.pool.replace((process, Arc::clone(&pool))));
    Ok(pool)
}

/// Work without the interpreter, on winback's threads.
pub(crate) trait Compute {
    /// What the work gives.
    fn compute<T: Send, E: Send>(
        self,
        work: impl FnOnce() -> std::result::Result<T, E> + Send,
    ) -> Result<T>
    where
        crate::error::BindingError: From<E>;
}

impl Compute for Python<'_> {
    fn compute<T: Send, E: Send>(
        self,
        work: impl FnOnce() -> std::result::Result<T, E> + Send,
    ) -> Result<T>
    where
        crate::error::BindingError: From<E>,
    {
        let pool = pool(self)?;
        Ok(self.detach(|| pool.install(work))?)
    }
}
