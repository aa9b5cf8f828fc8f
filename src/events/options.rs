//! What is looked at.

use crate::answer::options::options;
#[cfg(feature = "cli")]
use crate::answer::value;
use crate::error::{Error, Result};
use crate::time::Span;

options! {
    /// At which cutoffs customers are looked at, and what counts as before and after.
    pub struct EventsOptions {
        /// How long before a cutoff an event counts as one that comes before what follows
        #[value(value_name = "SPAN", value_parser = value::<Span>)]
        #[takes(span)]
        within: Span = Span::days(30),
        /// The time after a cutoff within which a purchase is looked for
        #[value(value_name = "SPAN", value_parser = value::<Span>)]
        #[takes(span)]
        horizon: Span = Span::days(30),
        /// Customers with a purchase in so long a time before a cutoff are active at it; those without
        /// one in as long a time after it fell silent
        #[value(value_name = "SPAN", value_parser = value::<Span>)]
        #[takes(span)]
        silence: Span = Span::months(3),
        /// Number of cutoffs at which active customers are looked at
        #[value(value_name = "N")]
        cutoffs: usize = 6,
        /// The time from one cutoff to the next
        #[value(value_name = "SPAN", value_parser = value::<Span>)]
        #[takes(span)]
        stride: Span = Span::days(30),
    }
}

impl EventsOptions {
    pub(super) fn check(&self) -> Result<()> {
        for (name, span) in [
            ("within", self.within),
            ("horizon", self.horizon),
            ("silence", self.silence),
            ("stride", self.stride),
        ] {
            if span.is_zero() {
                return Err(Error::argument(name, span, "more than 0d"));
            }
        }
        match self.cutoffs {
            1..=1_000 => Ok(()),
            _ => Err(Error::argument("cutoffs", self.cutoffs, "1 to 1000")),
        }
    }
}
