//! Long work: told about meanwhile, and ended by Ctrl-C.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use pyo3::prelude::*;
use winback::Step;

use crate::error::Result;
use crate::threads::pool;

/// How often signals are looked for.
const PATIENCE: Duration = Duration::from_millis(50);

/// Whom one piece of long work tells of its progress, and whether it is to stop.
#[derive(Default)]
pub(crate) struct Watch {
    callback: Option<Py<PyAny>>,
    /// The least time between two calls, and when the last one was.
    pause: Duration,
    last: Mutex<Option<Instant>>,
    stopped: AtomicBool,
    raised: Mutex<Option<PyErr>>,
}

impl Watch {
    /// Every step is told.
    pub(crate) fn new(callback: Option<Py<PyAny>>) -> Arc<Self> {
        Arc::new(Watch { callback, ..Watch::default() })
    }

    /// For work with so many steps that only some are told.
    pub(crate) fn calm(callback: Option<Py<PyAny>>) -> Arc<Self> {
        Arc::new(Watch { callback, pause: Duration::from_millis(100), ..Watch::default() })
    }

    /// Whether it is time to tell again.
    fn is_due(&self) -> bool {
        let mut last = lock(&self.last);
        let is_due = last.is_none_or(|last| last.elapsed() >= self.pause);
        if is_due {
            *last = Some(Instant::now());
        }
        is_due
    }

    /// Tells how far the work is; false when it is to end.
    pub(crate) fn tell(&self, step: Step) -> bool {
        if let Some(callback) = self.callback.as_ref().filter(|_| self.is_due()) {
            let told = Python::attach(|py| callback.call1(py, (step.what, step.done, step.of)));
            if let Err(error) = told {
                self.stop(error);
            }
        }
        self.goes_on()
    }

    /// What the core is to call meanwhile.
    pub(crate) fn ear(self: &Arc<Self>) -> impl Fn(Step) -> bool + Send + Sync + 'static {
        let watch = Arc::clone(self);
        move |step| watch.tell(step)
    }

    /// False when the work is to end.
    pub(crate) fn goes_on(&self) -> bool {
        !self.stopped.load(Ordering::Relaxed)
    }

    fn stop(&self, error: PyErr) {
        lock(&self.raised).get_or_insert(error);
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// Does `work` on winback's threads while this one looks for signals, which Python hands to the
    /// main thread only.
    pub(crate) fn run<T: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce() -> winback::Result<T> + Send,
    ) -> Result<T> {
        let pool = pool(py)?;
        let result = py.detach(|| {
            let (sender, receiver) = channel();
            std::thread::scope(|scope| {
                scope.spawn(move || sender.send(pool.install(work)));
                loop {
                    match receiver.recv_timeout(PATIENCE) {
                        Ok(result) => break Some(result),
                        Err(RecvTimeoutError::Disconnected) => break None,
                        Err(RecvTimeoutError::Timeout) => {
                            if let Err(signal) = Python::attach(|py| py.check_signals()) {
                                self.stop(signal);
                            }
                        }
                    }
                }
            })
        });
        if let Some(callback) = &self.callback
            && let Some(end) = callback.bind(py).getattr_opt("end")?
        {
            end.call0()?;
        }
        if let Some(error) = lock(&self.raised).take() {
            return Err(error.into());
        }
        let ended = || winback::Error::Shape("the work ended without a result".into());
        Ok(result.ok_or_else(ended)??)
    }
}

fn lock<T>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}
