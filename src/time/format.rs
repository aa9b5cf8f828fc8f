//! Formats of times, as of strptime.

use std::fmt;

use jiff::civil::{DateTime, date};
use jiff::fmt::strtime::BrokenDownTime;

use super::TimeZone;
use super::moment::{By, Moment, timestamp};
use super::text::clock;
use super::unread::Unread;
use crate::error::{Error, Result};

/// Counts since 1970, by the number of them in a second.
const COUNTS: [(&str, i64); 4] =
    [("%s", 1), ("epoch_ms", 1_000), ("epoch_us", 1_000_000), ("epoch_ns", 1_000_000_000)];

/// How times are written, such as `%d.%m.%Y %H:%M`, or what they count since 1970.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TimeFormat(String);

impl TimeFormat {
    /// Refuses a format that does not determine the date, or that cannot be read.
    pub(crate) fn of_argument(name: &'static str, format: &str) -> Result<Self> {
        let own = TimeFormat(format.to_owned());
        if own.per_second().is_some() {
            return Ok(own);
        }
        // Written and read again, a time before and one after noon must be the same.
        let samples = [date(2003, 11, 27).at(14, 5, 36, 0), date(1998, 2, 5).at(0, 59, 7, 0)];
        match samples.iter().all(|&sample| own.keeps(sample)) {
            true => Ok(own),
            false => {
                let expected = "a format that gives year, month and day, such as \"%d.%m.%Y \
                                %H:%M\", or \"epoch_ms\" for milliseconds since 1970";
                Err(Error::text_argument(name, format, expected))
            }
        }
    }

    /// The format of such counts.
    pub(crate) fn counts(per_second: i64) -> Option<TimeFormat> {
        let found = COUNTS.iter().find(|(_, count)| *count == per_second);
        found.map(|(name, _)| TimeFormat((*name).to_owned()))
    }

    /// How many make a second, where it is a count.
    fn per_second(&self) -> Option<i64> {
        COUNTS.iter().find(|(name, _)| *name == self.0).map(|(_, count)| *count)
    }

    /// Whether what it writes of a time is read as that time, as far as it goes.
    fn keeps(&self, sample: DateTime) -> bool {
        let Ok(zoned) = sample.to_zoned(jiff::tz::TimeZone::UTC) else { return false };
        let Ok(text) = jiff::fmt::strtime::format(&self.0, &zoned) else { return false };
        let Ok(read) = self.parse(&text) else { return false };
        let read = read.at.civil();
        let [hour, minute] = [sample.hour(), sample.minute()];
        let down_to = [(hour, minute, sample.second()), (hour, minute, 0), (hour, 0, 0), (0, 0, 0)];
        let time = (read.hour(), read.minute(), read.second());
        read.date() == sample.date() && down_to.contains(&time)
    }

    /// The time that a text stands for.
    pub(crate) fn parse(&self, text: &str) -> Result<Moment, Unread> {
        if let Some(per_second) = self.per_second() {
            let nanos = nanos_of_count(text.trim(), per_second).ok_or(Unread::Form)?;
            let at =
                jiff::Timestamp::from_nanosecond(nanos).map_err(|_| Unread::beyond(nanos > 0))?;
            return Ok(Moment { at: timestamp(at)?, by: By::Zone(TimeZone::UTC) });
        }
        let parts = BrokenDownTime::parse(&self.0, text.trim()).map_err(|_| Unread::Form)?;
        if parts.timestamp().is_some() || parts.offset().is_some() {
            let at = timestamp(parts.to_timestamp().map_err(|_| Unread::Form)?)?;
            return Ok(Moment { at, by: By::Zone(TimeZone::UTC) });
        }
        let by = match parts.iana_time_zone() {
            Some(zone) => By::Zone(zone.parse().map_err(|_| Unread::Zone)?),
            None => By::Log,
        };
        Ok(Moment { at: clock(parts.to_datetime().map_err(|_| Unread::Form)?)?, by })
    }
}

/// The nanoseconds of a count, which may have a fraction.
fn nanos_of_count(text: &str, per_second: i64) -> Option<i128> {
    let (is_negative, text) = match text.strip_prefix('-') {
        Some(text) => (true, text),
        None => (false, text),
    };
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let are_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !are_digits(whole) || !are_digits(fraction) {
        return None;
    }
    let mut unit = i128::from(1_000_000_000 / per_second);
    let mut nanos = i128::from(whole.parse::<i64>().ok()?) * unit;
    for digit in fraction.bytes() {
        unit /= 10;
        nanos += i128::from(digit - b'0') * unit;
    }
    Some(if is_negative { -nanos } else { nanos })
}

impl fmt::Display for TimeFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;

    #[test]
    fn times_are_read_by_a_format() {
        for (text, format, expected) in [
            ("19970101", "%Y%m%d", Some("1997-01-01")),
            ("31.12.2024 23:05", "%d.%m.%Y %H:%M", Some("2024-12-31T23:05")),
            ("12/31/24 11:05 PM", "%m/%d/%y %I:%M %p", Some("2024-12-31T23:05")),
            ("2024-03-01 01:00:00 +0200", "%Y-%m-%d %H:%M:%S %z", Some("2024-02-29T23:00")),
            ("2024-03-01 01:00:00.25", "%Y-%m-%d %H:%M:%S%.f", Some("2024-03-01T01:00:00.25")),
            ("1709287200", "%s", Some("2024-03-01T10:00")),
            ("1709287200250", "epoch_ms", Some("2024-03-01T10:00:00.25")),
            ("1709287200250000", "epoch_us", Some("2024-03-01T10:00:00.25")),
            ("1709287200250000999", "epoch_ns", Some("2024-03-01T10:00:00.25")),
            ("-1", "epoch_ms", Some("1969-12-31T23:59:59.999")),
            ("1709287200250.0", "epoch_ms", Some("2024-03-01T10:00:00.25")),
            ("1709287200.25", "%s", Some("2024-03-01T10:00:00.25")),
            ("1709287200.0000009", "%s", Some("2024-03-01T10:00")),
            ("-0.5", "%s", Some("1969-12-31T23:59:59.5")),
            ("1.709287200e9", "%s", None),
            ("1709287200.", "%s", None),
            ("+1709287200", "%s", None),
            ("1709287200,5", "%s", None),
            ("9223372036854775807", "epoch_ms", None),
            ("2024-13-01", "%Y-%m-%d", None),
            ("2024-02-30", "%Y-%m-%d", None),
            ("2024-03-01 and more", "%Y-%m-%d", None),
        ] {
            let format = TimeFormat::of_argument("time_format", format).unwrap();
            let expected = expected.map(|at| at.parse::<Timestamp>().unwrap());
            let found = format.parse(text).and_then(|at| at.row(TimeZone::UTC));
            assert_eq!(found.ok(), expected, "{text}");
        }
    }

    #[test]
    fn formats_that_lose_the_date_are_refused() {
        for format in [
            "",
            "%H:%M",
            "%d.%m.",
            "%Y",
            "%m/%Y",
            "%Y %H",
            "%nonsense",
            "%Y-%m-%d %I:%M",
            "%Y-%m-%d %Z",
        ] {
            let error = TimeFormat::of_argument("time_format", format).unwrap_err().to_string();
            assert!(
                error.starts_with("time_format: expected a format that gives year"),
                "{format}"
            );
        }
    }
}
