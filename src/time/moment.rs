//! Times as they are given: on the clock of the log, or as instants with an offset or a zone.

use std::fmt;
use std::str::FromStr;
use std::time::{SystemTime, UNIX_EPOCH};

use super::text;
use super::{RANGE, TimeZone, Timestamp};
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
    /// The time that a text stands for, given as the argument of this name; the forms are those of
    /// [`Timestamp::from_str`].
    ///
    /// # Errors
    /// As [`Timestamp::of_argument`].
    pub fn of_argument(name: &'static str, text: &str) -> Result<Self> {
        text::read(text, None).map_err(|unread| {
            let expected = match unread {
                text::Unread::Form => {
                    "an ISO date or time such as 2011-09-01 or 2011-09-01T12:30:00".to_owned()
                }
                text::Unread::Range => RANGE.to_owned(),
                other => format!("a date or time; it {}", other.why("")),
            };
            Error::text_argument(name, text, expected)
        })
    }

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

    /// As [`Moment::row`], given as the argument of this name.
    pub(crate) fn row_argument(self, name: &'static str, zone: TimeZone) -> Result<Timestamp> {
        let refused = |unread: text::Unread| format!("a time; it {}", unread.why(""));
        self.row(zone).map_err(|unread| Error::argument(name, self, refused(unread)))
    }

    /// As [`Moment::on`], of a row: the hour that clocks show twice is as good as others.
    pub(crate) fn row(self, zone: TimeZone) -> Result<Timestamp, text::Unread> {
        let utc = match self.by {
            By::Log => return Ok(self.at),
            By::Zone(own) if own == zone => return Ok(self.at),
            By::Zone(own) if own.is_utc() => self.at,
            By::Zone(own) => {
                let instant = own.instant(self.at.civil());
                text::timestamp(instant.ok_or(text::Unread::NotOnce(own))?)?
            }
        };
        zone.clock(utc).map_err(|_| text::Unread::Range)
    }
}

impl From<Timestamp> for Moment {
    fn from(at: Timestamp) -> Self {
        Moment { at, by: By::Log }
    }
}

impl FromStr for Moment {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::of_argument("time", text)
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

/// Anything that stands for a time: a text as [`Timestamp`] reads it, a [`Moment`], a [`Timestamp`]
/// (of the log's clock) or a [`SystemTime`] (an instant), each by value or by reference.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use winback::time::{IntoTimestamp, Timestamp};
/// let day = Duration::from_secs(86_400);
/// assert_eq!((SystemTime::UNIX_EPOCH + day).into_timestamp()?, "1970-01-02".into_timestamp()?);
/// # Ok::<(), winback::Error>(())
/// ```
pub trait IntoTimestamp: sealed::Sealed {
    /// The time by the clock of UTC.
    ///
    /// # Errors
    /// [`Error::Argument`] for a text that is no time, or a time outside the years 1677 to 2262.
    fn into_timestamp(self) -> Result<Timestamp>
    where
        Self: Sized,
    {
        self.into_argument("time", TimeZone::UTC)
    }

    /// The time by the clock of a zone, given for an argument of this name.
    ///
    /// # Errors
    /// As [`IntoTimestamp::into_timestamp`] and [`Moment::on`], with this name.
    fn into_argument(self, name: &'static str, zone: TimeZone) -> Result<Timestamp>
    where
        Self: Sized,
    {
        self.into_moment(name)?.on(name, zone)
    }

    /// The time as it is given, for an argument of this name.
    ///
    /// # Errors
    /// As [`IntoTimestamp::into_timestamp`], with this name.
    fn into_moment(self, name: &'static str) -> Result<Moment>;
}

/// Several times by the clock of a zone, given for an argument of this name. One that is given twice
/// counts once.
pub(crate) fn instants(
    name: &'static str,
    zone: TimeZone,
    all: impl IntoIterator<Item: IntoTimestamp>,
) -> Result<Vec<Timestamp>> {
    let mut instants = Vec::new();
    for at in all {
        let at = at.into_argument(name, zone)?;
        if !instants.contains(&at) {
            instants.push(at);
        }
    }
    Ok(instants)
}

mod sealed {
    pub trait Sealed {}
}

/// Implements [`IntoTimestamp`] for types, given how to make a moment from each.
macro_rules! into_timestamp {
    ($($type:ty: $convert:expr),* $(,)?) => {
        $(
            impl sealed::Sealed for $type {}
            impl IntoTimestamp for $type {
                fn into_moment(self, name: &'static str) -> Result<Moment> {
                    $convert(name, self)
                }
            }
        )*
    };
}

into_timestamp! {
    Moment: |_, at| Ok(at),
    &Moment: |_, at: &Moment| Ok(*at),
    Timestamp: |_, at: Timestamp| Ok(at.into()),
    &Timestamp: |_, at: &Timestamp| Ok((*at).into()),
    &str: Moment::of_argument,
    String: |name, text: String| Moment::of_argument(name, &text),
    &String: |name, text: &String| Moment::of_argument(name, text),
    SystemTime: of_clock,
    &SystemTime: |name, at: &SystemTime| of_clock(name, *at),
}

/// The instant of the system's clock, down to whole microseconds.
fn of_clock(name: &'static str, at: SystemTime) -> Result<Moment> {
    let nanos = match at.duration_since(UNIX_EPOCH) {
        Ok(since) => i128::try_from(since.as_nanos()).unwrap_or(i128::MAX),
        Err(before) => i128::try_from(before.duration().as_nanos()).map_or(i128::MIN, |n| -n),
    };
    let micros = i64::try_from(nanos.div_euclid(1_000)).unwrap_or(i64::MAX);
    let out_of_range = |_| Error::argument(name, format!("{micros} µs since 1970"), RANGE);
    let at = Timestamp::from_micros(micros).map_err(out_of_range)?;
    Ok(Moment { at, by: By::Zone(TimeZone::UTC) })
}
