//! Long work: told about meanwhile, and ended by Ctrl-C.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use pyo3::prelude::*;
use winback::log::Step;

use crate::error::Result;

/// How often signals are looked for.
const PATIENCE: Duration = Duration::from_millis(50);

/// Whom to tell of the progress, and whether to stop.
#[derive(Default)]
pub(crate) struct Watch {
    callback: Option<Py<PyAny>>,
    stopped: AtomicBool,
    raised: Mutex<Option<PyErr>>,
}

impl Watch {
    pub(crate) fn new(callback: Option<Py<PyAny>>) -> Arc<Self> {
        Arc::new(Watch { callback, ..Watch::default() })
    }

    /// Tells how far the work is; false when it is to end.
    pub(crate) fn tell(&self, step: Step) -> bool {
        if let Some(callback) = &self.callback {
            let told = Python::attach(|py| callback.call1(py, (step.what, step.done, step.of)));
            if let Err(error) = told {
                self.stop(error);
            }
        }
        self.goes_on()
    }

    /// False when the work is to end.
    pub(crate) fn goes_on(&self) -> bool {
        !self.stopped.load(Ordering::Relaxed)
    }

    fn stop(&self, error: PyErr) {
        self.raised.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// Does `work` on another thread while this one looks for signals, which Python hands to the
    /// main thread only.
    pub(crate) fn run<T: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce() -> winback::Result<T> + Send,
    ) -> Result<T> {
        self.stopped.store(false, Ordering::Relaxed);
        let result = py.detach(|| {
            let (sender, receiver) = channel();
            std::thread::scope(|scope| {
                scope.spawn(move || sender.send(work()));
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
        if let Some(error) = self.raised.lock().unwrap_or_else(PoisonError::into_inner).take() {
            return Err(error.into());
        }
        let ended = || winback::Error::Shape("the work ended without a result".into());
        Ok(result.ok_or_else(ended)??)
    }
}
