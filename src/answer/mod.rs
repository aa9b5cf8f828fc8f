//! What an analysis returns: result tables, figures, notes, text, files.

#[cfg(feature = "io")]
mod analysis;
#[cfg(feature = "io")]
pub(crate) mod atomic_file;
#[cfg(feature = "io")]
pub(crate) mod columns;
#[cfg(feature = "io")]
pub mod escape;
pub(crate) mod options;
#[cfg(feature = "io")]
pub mod output;
#[cfg(feature = "io")]
mod parts;
pub(crate) mod text_or_number;
#[cfg(feature = "io")]
pub mod text_table;

#[cfg(feature = "io")]
pub use analysis::{Analysis, Answer, Table};
#[cfg(feature = "cli")]
pub use options::{failed, failed_in_file, value};
#[cfg(feature = "io")]
pub use parts::AnswerParts;
#[cfg(feature = "io")]
pub(crate) use parts::RowOf;

#[cfg(feature = "io")]
pub(crate) use analysis::{fields, notes_text, write_notes, write_table};

use crate::language::reworded;

/// A readable form or a note, of a log in which acts such as log-ins stand in place of purchases
/// ([`EventLogBuilder::activity`](crate::EventLog::builder)): it says activity where it said purchase.
///
/// ```
/// let text = winback::answer::of_activity("customers without a purchase before the cutoff");
/// assert_eq!(text, "customers without activity before the cutoff");
/// ```
pub fn of_activity(text: &str) -> String {
    reworded(text)
}
