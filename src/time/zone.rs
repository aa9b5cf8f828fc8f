//! Time zones, from a database that is part of the program: results do not depend on the machine.

use std::fmt;
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};

use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, Offset, TimeZoneDatabase};

use super::Timestamp;
use crate::error::{Error, Result};

/// A time zone by its name in the IANA database, such as `Europe/Berlin`. Default: UTC.
///
/// The clock of a log: times with an offset or a zone are converted to its wall clock, times
/// without one are read as they stand, so days and months begin when they begin there.
///
/// ```
/// use winback::time::TimeZone;
/// let new_york: TimeZone = "America/New_York".parse()?;
/// let clock = new_york.clock("2024-02-01T01:00:00".parse()?)?;
/// assert_eq!(clock.to_string(), "2024-01-31T20:00:00");   // January is not over there
/// assert!("Mars/Olympus".parse::<TimeZone>().is_err());
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(Clone, Copy, Default)]
pub struct TimeZone(Option<&'static Named>);

struct Named {
    name: String,
    rules: jiff::tz::TimeZone,
}

impl TimeZone {
    /// Coordinated universal time.
    pub const UTC: TimeZone = TimeZone(None);

    /// The zone of this name, given as the argument of another.
    pub(crate) fn of_argument(argument: &'static str, name: &str) -> Result<Self> {
        /// The zones that were asked for. There are at most as many as the database has names.
        static KNOWN: Mutex<Vec<&'static Named>> = Mutex::new(Vec::new());
        let expected = "the name of a time zone, such as Europe/Berlin or America/New_York";
        let fail = |_| Error::text_argument(argument, name, expected);
        let rules = TimeZoneDatabase::bundled().get(name).map_err(fail)?;
        let name = rules.iana_name().unwrap_or("UTC");
        if matches!(name, "UTC" | "UCT" | "Universal" | "Zulu") || name.starts_with("Etc/U") {
            return Ok(TimeZone::UTC);
        }
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(zone) = known.iter().find(|zone| zone.name == name) {
            return Ok(TimeZone(Some(zone)));
        }
        let zone = Box::leak(Box::new(Named { name: name.to_owned(), rules: rules.clone() }));
        known.push(zone);
        Ok(TimeZone(Some(zone)))
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        self.0.map_or("UTC", |zone| zone.name.as_str())
    }

    /// Whether it is UTC.
    pub fn is_utc(self) -> bool {
        self.0.is_none()
    }

    /// What its clocks show at an instant, which is given in UTC.
    ///
    /// # Errors
    /// [`Error::Argument`] where that lies outside the years 1677 to 2262.
    pub fn clock(self, instant: Timestamp) -> Result<Timestamp> {
        Timestamp::from_micros(self.clock_micros(instant.micros()))
    }

    /// As [`TimeZone::clock`], in microseconds, which may lie a day outside the years of
    /// [`Timestamp`].
    pub(crate) fn clock_micros(self, micros: i64) -> i64 {
        let (Some(zone), Ok(at)) = (self.0, jiff::Timestamp::from_microsecond(micros)) else {
            return micros;
        };
        micros + i64::from(zone.rules.to_offset(at).seconds()) * 1_000_000
    }

    /// The instant, in UTC, at which its clocks show this; none where they show it twice or never.
    pub(crate) fn instant(self, clock: DateTime) -> Option<jiff::Timestamp> {
        match self.ambiguous(clock) {
            AmbiguousOffset::Unambiguous { offset } => offset.to_timestamp(clock).ok(),
            AmbiguousOffset::Gap { .. } | AmbiguousOffset::Fold { .. } => None,
        }
    }

    /// Whether its clocks show this twice.
    pub(crate) fn is_twice(self, clock: DateTime) -> bool {
        matches!(self.ambiguous(clock), AmbiguousOffset::Fold { .. })
    }

    /// As [`TimeZone::is_twice`], of what they show in microseconds since 1970.
    pub(crate) fn shows_twice(self, clock_micros: i64) -> bool {
        let clock = jiff::Timestamp::from_microsecond(clock_micros);
        !self.is_utc() && clock.is_ok_and(|at| self.is_twice(Offset::UTC.to_datetime(at)))
    }

    /// Whether its clocks show this at this offset from UTC.
    pub(crate) fn has_offset(self, clock: DateTime, offset: Offset) -> bool {
        match self.ambiguous(clock) {
            AmbiguousOffset::Unambiguous { offset: own } => own == offset,
            AmbiguousOffset::Fold { before, after } => offset == before || offset == after,
            AmbiguousOffset::Gap { .. } => false,
        }
    }

    fn ambiguous(self, clock: DateTime) -> AmbiguousOffset {
        match self.0 {
            None => AmbiguousOffset::Unambiguous { offset: Offset::UTC },
            Some(zone) => zone.rules.to_ambiguous_timestamp(clock).offset(),
        }
    }
}

impl FromStr for TimeZone {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        Self::of_argument("time_zone", name)
    }
}

impl fmt::Display for TimeZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Debug for TimeZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TimeZone({})", self.name())
    }
}

impl PartialEq for TimeZone {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for TimeZone {}

impl serde::Serialize for TimeZone {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> serde::Deserialize<'de> for TimeZone {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
