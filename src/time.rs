//! Instants, spans of calendar time and half-open windows.
//!
//! Everything is in microseconds since 1970-01-01, by the clock of UTC or, in a log read in another
//! time zone, by the wall clock of that zone; nothing here or elsewhere reads the system's clock.
//! Texts and time zones are read by the `jiff` library.

mod calendar;
mod format;
mod into_timestamp;
mod moment;
mod text;
mod unread;
mod zone;

pub use calendar::MICROS_PER_DAY;
pub(crate) use calendar::day_of;
pub(crate) use format::TimeFormat;
pub use into_timestamp::IntoTimestamp;
pub(crate) use into_timestamp::instants;
pub use moment::Moment;
pub(crate) use text::{DayOrder, Evidence, evidence, read as read_text};
pub(crate) use unread::Unread;
pub use zone::TimeZone;

use std::fmt;
use std::str::FromStr;

use jiff::civil::DateTime;
use jiff::tz::Offset;

use crate::error::{Error, Result};

/// Microseconds of one hour.
pub const MICROS_PER_HOUR: i64 = 3_600_000_000;

/// An instant, in microseconds since 1970-01-01 UTC, within the years 1677 to 2262. In a log read
/// in another [`TimeZone`] it is what the wall clock of that zone shows.
///
/// The range is the one that nanosecond clocks (NumPy, pandas) can hold, so every time can be
/// passed on to them. Serde writes it as ISO 8601 text in formats for people (JSON), and as
/// microseconds in others.
///
/// ```
/// use winback::time::Timestamp;
/// let cutoff: Timestamp = "2011-09-01".parse()?;              // a date is its first instant
/// assert_eq!(cutoff, "2011-09-01T02:00:00+02:00".parse()?);   // offsets are converted, naive is UTC
/// assert_eq!(cutoff.to_string(), "2011-09-01");
/// assert!("2011-02-29".parse::<Timestamp>().is_err());
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The earliest instant, 1677-09-22.
    pub const MIN: Timestamp = Timestamp(calendar::FIRST_DAY * MICROS_PER_DAY);
    /// The latest instant, 2262-04-11.
    pub const MAX: Timestamp = Timestamp(-calendar::FIRST_DAY * MICROS_PER_DAY);

    /// The name under which a serializer that is not for people knows an instant.
    pub const SERDE_NAME: &str = "winback::Timestamp";

    /// From microseconds since 1970-01-01 UTC.
    ///
    /// # Errors
    /// [`Error::Argument`] outside [`Timestamp::MIN`] to [`Timestamp::MAX`].
    pub fn from_micros(micros: i64) -> Result<Self> {
        if (Self::MIN.0..=Self::MAX.0).contains(&micros) {
            Ok(Timestamp(micros))
        } else {
            Err(Error::argument("micros", micros, RANGE))
        }
    }

    /// From days since 1970-01-01.
    ///
    /// # Errors
    /// As [`Timestamp::from_micros`].
    pub fn from_days(days: i32) -> Result<Self> {
        let at = Self::from_micros(i64::from(days) * MICROS_PER_DAY);
        at.map_err(|_| Error::argument("days", days, RANGE))
    }

    /// Microseconds since 1970-01-01 UTC.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// The UTC day of this instant, in days since 1970-01-01.
    pub const fn day(self) -> i64 {
        day_of(self.0)
    }

    /// Time from `earlier` to this instant, in days; negative when `earlier` is later.
    pub fn days_since(self, earlier: Timestamp) -> f64 {
        (self.0 - earlier.0) as f64 / MICROS_PER_DAY as f64
    }

    /// The instant `span` later. Months and years are calendar ones, clamped to the end of the
    /// month.
    ///
    /// ```
    /// use winback::time::{Span, Timestamp};
    /// let end_of_january: Timestamp = "2011-01-31".parse()?;
    /// assert_eq!(end_of_january.add("1mo".parse()?)?, "2011-02-28".parse()?);
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] when the result lies outside the years 1677 to 2262.
    #[allow(clippy::should_implement_trait)] // it can fail, `Add` cannot
    pub fn add(self, span: Span) -> Result<Self> {
        self.add_argument("span", span)
    }

    /// The instant `span` earlier; see [`Timestamp::add`].
    ///
    /// # Errors
    /// As [`Timestamp::add`].
    #[allow(clippy::should_implement_trait)]
    pub fn sub(self, span: Span) -> Result<Self> {
        self.sub_argument("span", span)
    }

    /// As [`Timestamp::add`], of a span given as the argument of this name.
    pub(crate) fn add_argument(self, name: &'static str, span: Span) -> Result<Self> {
        self.shifted(name, span, 1, 1)
    }

    /// As [`Timestamp::sub`], of a span given as the argument of this name.
    pub(crate) fn sub_argument(self, name: &'static str, span: Span) -> Result<Self> {
        self.shifted(name, span, -1, 1)
    }

    /// The instant `times` spans earlier, counted from here in one step, so that month ends do not
    /// drift.
    pub(crate) fn sub_times(self, name: &'static str, span: Span, times: u32) -> Result<Self> {
        self.shifted(name, span, -1, times)
    }

    /// The instant `times` spans later; see [`Timestamp::sub_times`].
    pub(crate) fn add_times(self, name: &'static str, span: Span, times: u32) -> Result<Self> {
        self.shifted(name, span, 1, times)
    }

    /// The start of the calendar period that this instant lies in: for months the first day of a
    /// month that a whole number of spans parts from January of the year 0 (so that quarters and
    /// years are the calendar's), for weeks a Monday, for other spans the day itself.
    pub(crate) fn floor(self, span: Span) -> Result<Self> {
        let day = self.day();
        if span.days == 0 && span.months > 0 {
            let date = self.civil().date();
            let month = i64::from(date.year()) * 12 + i64::from(date.month()) - 1;
            let back = u32::try_from(month.rem_euclid(i64::from(span.months))).unwrap_or(0);
            let first = Timestamp((day - i64::from(date.day()) + 1) * MICROS_PER_DAY);
            return first.sub(Span::months(back));
        }
        let whole_weeks = span.months == 0 && span.days.is_multiple_of(7);
        // 1970-01-01 was a Thursday.
        let monday = day - (day + 3).rem_euclid(7);
        Self::from_micros(if whole_weeks { monday } else { day } * MICROS_PER_DAY)
    }

    fn shifted(self, name: &'static str, span: Span, sign: i64, times: u32) -> Result<Self> {
        let moved = || {
            let months = i64::from(span.months).checked_mul(i64::from(times))?;
            let days = i64::from(span.days).checked_mul(i64::from(times))?;
            let day =
                calendar::months_later(self.day(), sign * months)?.checked_add(sign * days)?;
            let of_day = self.0 - self.day() * MICROS_PER_DAY;
            Timestamp::from_micros(day.checked_mul(MICROS_PER_DAY)?.checked_add(of_day)?).ok()
        };
        let out_of_range =
            || Error::argument(name, span, format!("one that leads from {self} to {RANGE}"));
        moved().ok_or_else(out_of_range)
    }

    /// Year, month and day of the UTC day this instant lies on.
    pub(crate) fn date(self) -> (i16, i8, i8) {
        let date = self.civil().date();
        (date.year(), date.month(), date.day())
    }

    pub(crate) fn civil(self) -> DateTime {
        // The range of this type lies well inside jiff's.
        let instant =
            jiff::Timestamp::from_microsecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        Offset::UTC.to_datetime(instant)
    }
}

const RANGE: &str = "a time within the years 1677 to 2262";

fn micros_of(at: DateTime) -> Option<i64> {
    let nanos = Offset::UTC.to_timestamp(at).ok()?.as_nanosecond();
    i64::try_from(nanos.div_euclid(1_000)).ok()
}

impl FromStr for Timestamp {
    type Err = Error;

    /// Reads an ISO 8601 date (its first instant) or date and time, with `T` or a space between.
    /// An offset (`Z`, `+03:00`) or a zone (`[Europe/Berlin]`) is converted; without one the time is
    /// UTC. `31.01.2024` and `2024/01/31` are dates too.
    fn from_str(text: &str) -> Result<Self> {
        Self::of_argument("time", text)
    }
}

impl Timestamp {
    /// The instant that a text stands for, given as the argument of this name; the forms are those
    /// of [`Timestamp::from_str`].
    ///
    /// ```
    /// use winback::Timestamp;
    /// let error = Timestamp::of_argument("start", "soon").unwrap_err();
    /// assert!(error.to_string().starts_with("start: expected an ISO date or time"));
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] of this name for any other text, and outside the years 1677 to 2262.
    pub fn of_argument(name: &'static str, text: &str) -> Result<Self> {
        Moment::of_argument(name, text)?.on(name, TimeZone::UTC)
    }
}

impl serde::Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match serializer.is_human_readable() {
            true => serializer.collect_str(self),
            false => serializer.serialize_newtype_struct(Self::SERDE_NAME, &self.0),
        }
    }
}

impl<'de> serde::Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let read = match deserializer.is_human_readable() {
            true => String::deserialize(deserializer)?.parse(),
            false => Timestamp::from_micros(i64::deserialize(deserializer)?),
        };
        read.map_err(serde::de::Error::custom)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.civil();
        if self.0.rem_euclid(MICROS_PER_DAY) == 0 {
            write!(f, "{}", at.date())
        } else {
            write!(f, "{at}")
        }
    }
}

/// A length of time as polars writes it: `30d`, `12w`, `3mo`, `2q`, `1y`, or several in a row
/// (`1y6mo`). Never negative.
///
/// Months, quarters and years are calendar ones; weeks are seven days. It is shown in months and days,
/// from two years on whole ones in years.
///
/// ```
/// use winback::time::Span;
/// assert_eq!("1q".parse::<Span>()?, Span::months(3));
/// assert_eq!("2w".parse::<Span>()?, Span::days(14));
/// assert_eq!("1y6mo".parse::<Span>()?.to_string(), "18mo");
/// assert_eq!("1200mo".parse::<Span>()?.to_string(), "100y");
/// assert!("3m".parse::<Span>().is_err());
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize,
)]
#[serde(try_from = "String", into = "String")]
pub struct Span {
    months: u32,
    days: u32,
}

impl Span {
    /// No time at all.
    pub const ZERO: Span = Span { months: 0, days: 0 };

    /// A number of days.
    pub const fn days(days: u32) -> Self {
        Span { months: 0, days }
    }

    /// A number of calendar months.
    pub const fn months(months: u32) -> Self {
        Span { months, days: 0 }
    }

    /// Whether the span has no length.
    pub const fn is_zero(self) -> bool {
        self.months == 0 && self.days == 0
    }

    /// Months and days.
    pub(crate) const fn parts(self) -> (u32, u32) {
        (self.months, self.days)
    }

    /// The span in days, counting a month as 365.2425 / 12 days; only for comparing spans.
    pub fn approx_days(self) -> f64 {
        f64::from(self.months) * (365.2425 / 12.0) + f64::from(self.days)
    }
}

impl FromStr for Span {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::of_argument("span", text)
    }
}

impl Span {
    /// The span that a text stands for, given as the argument of this name.
    ///
    /// ```
    /// use winback::Span;
    /// let error = Span::of_argument("horizon", "soon").unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "horizon: expected a length of time such as 30d, 12w, 3mo, 2q or 1y, got \"soon\""
    /// );
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] of this name for any other text.
    pub fn of_argument(name: &'static str, text: &str) -> Result<Self> {
        let fail =
            || Error::text_argument(name, text, "a length of time such as 30d, 12w, 3mo, 2q or 1y");
        let mut rest = text.trim();
        let mut span = Span::ZERO;
        if rest.is_empty() {
            return Err(fail());
        }
        while !rest.is_empty() {
            let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let count: u32 = rest[..digits].parse().map_err(|_| fail())?;
            rest = &rest[digits..];
            let letters =
                rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_alphabetic()).len();
            let (unit, after) = rest.split_at(letters);
            let (field, factor) = match unit {
                "d" => (&mut span.days, 1),
                "w" => (&mut span.days, 7),
                "mo" => (&mut span.months, 1),
                "q" => (&mut span.months, 3),
                "y" => (&mut span.months, 12),
                _ => return Err(fail()),
            };
            *field =
                count.checked_mul(factor).and_then(|n| n.checked_add(*field)).ok_or_else(fail)?;
            rest = after;
        }
        Ok(span)
    }
}

impl TryFrom<&str> for Span {
    type Error = Error;

    fn try_from(text: &str) -> Result<Self> {
        text.parse()
    }
}

impl TryFrom<String> for Span {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<Span> for String {
    fn from(span: Span) -> String {
        span.to_string()
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.months {
            0 => (),
            months if months >= 24 && months % 12 == 0 => write!(f, "{}y", months / 12)?,
            months => write!(f, "{months}mo")?,
        }
        if self.days > 0 || self.months == 0 {
            write!(f, "{}d", self.days)?;
        }
        Ok(())
    }
}

/// A day after all times there are, so many days after 1970-01-01; none for other days and those that
/// have no name.
#[cfg(feature = "xlsx")]
pub(crate) fn late_day(days: f64) -> Option<String> {
    let span = jiff::Span::new().try_days(days as i64).ok()?;
    let day = jiff::civil::date(1970, 1, 1).checked_add(span).ok()?;
    (day > Timestamp::MAX.civil().date()).then(|| day.to_string())
}

/// A half-open stretch of time that includes `start` but not `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Window {
    /// First instant inside.
    pub start: Timestamp,
    /// First instant after.
    pub end: Timestamp,
}

impl Window {
    /// Whether the instant lies inside.
    pub fn contains(self, at: Timestamp) -> bool {
        self.start <= at && at < self.end
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}, {})", self.start, self.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn times_outside_the_range_or_the_calendar_are_refused() {
        for text in
            ["1677-01-01", "2263-01-01", "2011-13-01", "2011-02-30", "", "yesterday", "12345"]
        {
            assert!(text.parse::<Timestamp>().is_err(), "{text}");
        }
        assert!(Timestamp::from_micros(i64::MAX).is_err());
        assert!(at("2262-04-01").add(Span::months(1)).is_err());
        assert!(at("2011-04-01").sub_times("stride", Span::months(u32::MAX), u32::MAX).is_err());
    }

    #[test]
    fn months_clamp_to_the_month_end_and_do_not_drift() {
        let end = at("2011-05-31");
        assert_eq!(end.sub(Span::months(3)).unwrap(), at("2011-02-28"));
        assert_eq!(end.sub_times("stride", Span::months(1), 2).unwrap(), at("2011-03-31"));
        assert_eq!(at("2012-02-29").add("1y".parse().unwrap()).unwrap(), at("2013-02-28"));
    }

    #[test]
    fn periods_begin_where_the_calendar_begins_them() {
        for (span, start) in [
            ("1mo", "2011-05-01"),
            ("1q", "2011-04-01"),
            ("1y", "2011-01-01"),
            ("1w", "2011-05-09"),
            ("2w", "2011-05-09"),
            ("10d", "2011-05-15"),
            ("1mo1d", "2011-05-15"),
            ("0d", "2011-05-09"),
        ] {
            let found = at("2011-05-15T13:00:00").floor(span.parse().unwrap()).unwrap();
            assert_eq!(found, at(start), "{span}");
        }
    }

    #[test]
    fn a_month_is_a_twelfth_of_a_year_of_the_calendar() {
        let days = |span: &str| span.parse::<Span>().unwrap().approx_days();
        assert_eq!([days("10d"), days("400y"), days("400y1d")], [10.0, 146_097.0, 146_098.0]);
    }

    #[test]
    fn a_window_holds_its_start_and_not_its_end() {
        let window = Window { start: at("2024-01-01"), end: at("2024-02-01") };
        let times = ["2023-12-31T23:59", "2024-01-01", "2024-01-31T23:59", "2024-02-01"];
        let held = times.map(|time| window.contains(at(time)));
        assert_eq!(held, [false, true, true, false]);
    }

    #[test]
    #[cfg(feature = "xlsx")]
    fn a_late_day_comes_after_the_last_instant() {
        let last = Timestamp::MAX.day() as f64;
        assert_eq!(late_day(last), None);
        assert_eq!(late_day(last + 1.0), Some("2262-04-12".to_owned()));
        assert_eq!(late_day(1e12), None);
    }

    #[test]
    fn spans_that_are_no_spans_are_refused() {
        for text in ["", "3", "mo", "-3d", "3m", "1.5d", "99999999999d", "3 mo", "4294967295y"] {
            assert!(text.parse::<Span>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_single_day_is_told_and_none_only_where_there_is_nothing_else() {
        for text in ["0d", "1d", "1mo", "1mo1d", "2y", "2y1d"] {
            assert_eq!(text.parse::<Span>().unwrap().to_string(), text);
        }
        assert_eq!("1mo0d".parse::<Span>().unwrap().to_string(), "1mo");
    }

    proptest! {
        #[test]
        fn printing_and_reading_a_time_is_identity(micros in Timestamp::MIN.0..=Timestamp::MAX.0) {
            let time = Timestamp(micros);
            prop_assert_eq!(time.to_string().parse::<Timestamp>().unwrap(), time);
        }

        #[test]
        fn printing_and_reading_a_span_is_identity(months in 0u32..10_000, days in 0u32..100_000) {
            let span = Span { months, days };
            prop_assert_eq!(span.to_string().parse::<Span>().unwrap(), span);
        }

        #[test]
        fn adding_then_subtracting_days_is_identity(day in -10_000i32..10_000, days in 0u32..10_000) {
            let start = Timestamp::from_days(day).unwrap();
            let span = Span::days(days);
            prop_assert_eq!(start.add(span).unwrap().sub(span).unwrap(), start);
        }
    }
}
