//! What stands for a time: texts, clocks and times themselves.

use std::str::FromStr;
use std::time::{SystemTime, UNIX_EPOCH};

use super::moment::{By, Moment};
use super::unread::Unread;
use super::{RANGE, TimeZone, Timestamp, text};
use crate::error::{Error, Result};

impl Moment {
    /// The time that a text stands for, given as the argument of this name; the forms are those of
    /// [`Timestamp::from_str`].
    ///
    /// # Errors
    /// As [`Timestamp::of_argument`].
    pub fn of_argument(name: &'static str, text: &str) -> Result<Self> {
        text::read(text, None).map_err(|unread| refused(name, text, unread))
    }

    /// As [`Moment::of_argument`], of the end of a contract: none for a day after all times there are,
    /// such as 9999-12-31, which stands for no end.
    ///
    /// ```
    /// use winback::time::Moment;
    /// assert_eq!(Moment::of_end("valid_until", "9999-12-31")?, None);
    /// assert!(Moment::of_end("valid_until", "2025-12-31")?.is_some());
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Moment::of_argument`].
    pub fn of_end(name: &'static str, text: &str) -> Result<Option<Self>> {
        match text::read(text, None) {
            Ok(end) => Ok(Some(end)),
            Err(Unread::Late) => Ok(None),
            Err(unread) => Err(refused(name, text, unread)),
        }
    }
}

fn refused(name: &'static str, text: &str, unread: Unread) -> Error {
    let expected = match unread {
        Unread::Form => "an ISO date or time such as 2011-09-01 or 2011-09-01T12:30:00".to_owned(),
        Unread::Range | Unread::Late => RANGE.to_owned(),
        other => format!("a date or time; it {}", other.why("")),
    };
    Error::text_argument(name, text, expected)
}

impl FromStr for Moment {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::of_argument("time", text)
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
