//! Times as they are given: on the clock of the log, or as instants with an offset or a zone.

use std::fmt;

use super::unread::Unread;
use super::{TimeZone, Timestamp};
use crate::error::{Error, Result};

/// A time as it is given for an argument: without an offset it is one of the log's clock, with an
/// offset (`Z`, `+03:00`) or a zone (`[Europe/Berlin]`) an instant, which becomes what that clock
/// shows then.
///
/// ```
/// use winback::time::{Moment, TimeZone};
/// let berlin: TimeZone = "Europe/Berlin".parse()?;
/// let on_the_clock: Moment = "2024-03-01T10:00".parse()?;
/// let instant: Moment = "2024-03-01T09:00Z".parse()?;
/// assert_eq!(on_the_clock.on("at", berlin)?, instant.on("at", berlin)?);
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// On the clock of `by`.
    pub(super) at: Timestamp,
    pub(super) by: By,
}

/// Whose clock shows a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// The log's, whatever its zone is.
    Log,
    /// That of a zone; UTC for times with an offset.
    Zone(TimeZone),
}

impl Moment {
    /// What the clock of a log of this zone shows then. Errors bear the name of the argument.
    ///
    /// # Errors
    /// [`Error::Argument`] for an instant inside an hour that the clock shows twice: rows of one
    /// hour could not be told from those of the other. Also outside the years 1677 to 2262.
    pub fn on(self, name: &'static str, zone: TimeZone) -> Result<Timestamp> {
        let at = self.row_argument(name, zone)?;
        if self.by != By::Log && zone.is_twice(at.civil()) {
            let expected = format!(
                "a time outside the hour that the clocks of {zone} show twice, in which rows cannot \
                 be told apart"
            );
            return Err(Error::argument(name, self, expected));
        }
        Ok(at)
    }

    /// What its own clock shows: of a time by the log's clock, the time.
    pub(crate) const fn shown(self) -> Timestamp {
        self.at
    }

    /// As [`Moment::row`], given as the argument of this name.
    pub(crate) fn row_argument(self, name: &'static str, zone: TimeZone) -> Result<Timestamp> {
        let refused = |unread: Unread| format!("a time; it {}", unread.why(""));
        self.row(zone).map_err(|unread| Error::argument(name, self, refused(unread)))
    }

    /// As [`Moment::on`], of a row: the hour that clocks show twice is as good as others.
    pub(crate) fn row(self, zone: TimeZone) -> Result<Timestamp, Unread> {
        let utc = match self.by {
            By::Log => return Ok(self.at),
            By::Zone(own) if own == zone => return Ok(self.at),
            By::Zone(own) if own.is_utc() => self.at,
            By::Zone(own) => {
                let instant = own.instant(self.at.civil());
                timestamp(instant.ok_or(Unread::NotOnce(own))?)?
            }
        };
        zone.clock(utc).map_err(|_| Unread::Range)
    }
}

impl From<Timestamp> for Moment {
    fn from(at: Timestamp) -> Self {
        Moment { at, by: By::Log }
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.at.civil();
        match self.by {
            By::Log => write!(f, "{}", self.at),
            By::Zone(zone) if zone.is_utc() => write!(f, "{at}Z"),
            By::Zone(zone) => write!(f, "{at}[{zone}]"),
        }
    }
}

impl serde::Serialize for Moment {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Moment {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Down to whole microseconds.
pub(super) fn timestamp(at: jiff::Timestamp) -> Result<Timestamp, Unread> {
    let micros = i64::try_from(at.as_nanosecond().div_euclid(1_000)).ok();
    let at_micros = micros.and_then(|micros| Timestamp::from_micros(micros).ok());
    at_micros.ok_or_else(|| Unread::beyond(at.as_second() > 0))
}
