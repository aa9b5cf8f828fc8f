//! Long work that is asked to end.

use std::fmt;

use crate::error::{Error, Result};

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
