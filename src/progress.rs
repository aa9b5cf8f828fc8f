//! Long work that reports its progress and can be stopped.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::{Error, Result};

/// How far a long piece of work has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Step {
    /// What is being done.
    pub what: &'static str,
    /// How much of it is done.
    pub done: u64,
    /// How much there is in total; 0 if unknown.
    pub of: u64,
}

type Callback = dyn Fn(Step) -> bool + Send + Sync;

/// Whom to tell; by default nobody.
#[derive(Clone, Default)]
pub(crate) struct Progress(Option<Arc<Callback>>);

impl Progress {
    /// Tells `tell`, until it says false.
    pub(crate) fn to(tell: impl Fn(Step) -> bool + Send + Sync + 'static) -> Self {
        Progress(Some(Arc::new(tell)))
    }

    /// Tells how far the work is; [`Error::Interrupted`] where it is to end.
    pub(crate) fn tell(&self, what: &'static str, done: u64, of: u64) -> Result<()> {
        match &self.0 {
            Some(tell) if !tell(Step { what, done, of }) => Err(Error::Interrupted),
            _ => Ok(()),
        }
    }

    /// Whether work goes on whose end nobody knows.
    pub(crate) fn goes_on(&self, what: &'static str) -> bool {
        self.tell(what, 0, 0).is_ok()
    }

    /// Counts pieces that are done, from any thread.
    pub(crate) fn pieces(&self, what: &'static str, of: u64) -> Pieces<'_> {
        Pieces { progress: self, what, done: AtomicU64::new(0), of }
    }

    /// The same end, told in other words: inside a larger piece of work `what` is all that is said.
    pub(crate) fn within(&self, what: &'static str) -> Progress {
        match self.0.clone() {
            Some(tell) => Progress::to(move |_| tell(Step { what, done: 0, of: 0 })),
            None => Progress(None),
        }
    }
}

/// Whom work tells makes no difference to what it gives.
impl PartialEq for Progress {
    fn eq(&self, _: &Progress) -> bool {
        true
    }
}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Progress(told)" } else { "Progress(not told)" })
    }
}

/// How many pieces of some work are done.
pub(crate) struct Pieces<'a> {
    progress: &'a Progress,
    what: &'static str,
    done: AtomicU64,
    of: u64,
}

impl Pieces<'_> {
    /// Tells that so many more are done; [`Error::Interrupted`] where the work is to end.
    pub(crate) fn add(&self, more: usize) -> Result<()> {
        let done = self.done.fetch_add(more as u64, Ordering::Relaxed) + more as u64;
        self.progress.tell(self.what, done.min(self.of), self.of)
    }
}

/// What long work asks now and then, from any thread, whether to go on.
#[derive(Clone, Copy)]
pub(crate) struct Stop<'a>(Option<&'a (dyn Fn() -> bool + Sync)>);

impl<'a> Stop<'a> {
    /// Work that nobody ends.
    pub(crate) const NEVER: Stop<'static> = Stop(None);

    /// Work that ends once `go_on` says false.
    pub(crate) fn unless(go_on: &'a (dyn Fn() -> bool + Sync)) -> Self {
        Stop(Some(go_on))
    }

    /// Whether the work is to end.
    pub(crate) fn asked(self) -> bool {
        self.0.is_some_and(|go_on| !go_on())
    }

    /// [`Error::Interrupted`] where the work is to end.
    pub(crate) fn check(self) -> Result<()> {
        if self.asked() { Err(Error::Interrupted) } else { Ok(()) }
    }
}

impl fmt::Debug for Stop<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Stop(asked)" } else { "Stop(never)" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    #[test]
    fn pieces_are_counted_until_the_work_is_to_end() {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let told = Arc::clone(&seen);
        let progress = Progress::to(move |step| {
            told.lock().unwrap().push((step.what, step.done, step.of));
            step.done < 3
        });
        let pieces = progress.pieces("parts", 4);
        assert!(pieces.add(1).is_ok() && pieces.add(1).is_ok());
        assert!(matches!(pieces.add(1), Err(Error::Interrupted)));
        assert!(progress.goes_on("trees") && progress.within("all").goes_on("trees"));
        let expected = [("parts", 1, 4), ("parts", 2, 4), ("parts", 3, 4)];
        let expected = [&expected[..], &[("trees", 0, 0), ("all", 0, 0)]].concat();
        assert_eq!(*seen.lock().unwrap(), expected);
        assert!(Progress::default().tell("nobody", 1, 1).is_ok());
    }
}
