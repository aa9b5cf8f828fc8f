//! The texts behind codes.

use super::pool::TextPool;

/// The texts behind the codes of a log.
#[derive(Debug, Clone, Default)]
pub(crate) struct Topics {
    pub(crate) categories: TextPool,
    pub(crate) channels: TextPool,
    pub(crate) tickets: TextPool,
    pub(crate) surveys: TextPool,
    /// Kinds and channels of events.
    pub(crate) events: TextPool,
}
