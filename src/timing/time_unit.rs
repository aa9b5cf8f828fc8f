//! Units in which time is cut into periods and measured.

use std::str::FromStr;

use crate::error::{Error, Result};
use crate::time::{MICROS_PER_DAY, MICROS_PER_HOUR, Timestamp};

/// The first Monday, 1970-01-05: weeks run from Monday to Sunday.
const MONDAY: i64 = 4 * MICROS_PER_DAY;

/// The length of a period.
///
/// Months and years are not units: they differ in length, so a time counted in them has no exact
/// meaning (pandas refuses them too). Days with a `time_scaler` of 30.436875 or 365.2425 measure in
/// mean months or years, and still count purchases by day.
///
/// ```
/// use winback::timing::TimeUnit;
/// assert_eq!("W".parse::<TimeUnit>()?, TimeUnit::Week);
/// assert!("M".parse::<TimeUnit>().is_err());
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String")]
pub enum TimeUnit {
    /// `W`: weeks from Monday to Sunday.
    #[serde(rename = "W")]
    Week,
    /// `D`: UTC days.
    #[serde(rename = "D")]
    Day,
    /// `h`: hours.
    #[serde(rename = "h")]
    Hour,
    /// `s`: seconds.
    #[serde(rename = "s")]
    Second,
    /// `ms`: milliseconds.
    #[serde(rename = "ms")]
    Millisecond,
    /// `us`: microseconds, the finest that a log holds.
    #[serde(rename = "us")]
    Microsecond,
}

impl TimeUnit {
    /// Its length.
    pub const fn micros(self) -> i64 {
        match self {
            TimeUnit::Week => 7 * MICROS_PER_DAY,
            TimeUnit::Day => MICROS_PER_DAY,
            TimeUnit::Hour => MICROS_PER_HOUR,
            TimeUnit::Second => 1_000_000,
            TimeUnit::Millisecond => 1_000,
            TimeUnit::Microsecond => 1,
        }
    }

    /// The start of the period that an instant lies in, in microseconds since 1970.
    pub(crate) fn start(self, micros: i64) -> i64 {
        let origin = if self == TimeUnit::Week { MONDAY } else { 0 };
        micros - (micros - origin).rem_euclid(self.micros())
    }

    /// The first instant after the period that an instant lies in.
    pub(crate) fn end(self, at: Timestamp) -> Result<Timestamp> {
        Timestamp::from_micros(self.start(at.micros()) + self.micros())
    }
}

impl TryFrom<String> for TimeUnit {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl FromStr for TimeUnit {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        Ok(match name {
            "W" => TimeUnit::Week,
            "D" => TimeUnit::Day,
            "h" => TimeUnit::Hour,
            "s" => TimeUnit::Second,
            "ms" => TimeUnit::Millisecond,
            "us" => TimeUnit::Microsecond,
            _ => {
                return Err(Error::text_argument(
                    "time_unit",
                    name,
                    "one of W, D, h, s, ms, us; months and years differ in length: take D, of which \
                     a mean month has 30.436875 and a mean year 365.2425",
                ));
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_start_on_mondays_before_1970_too() {
        for (at, monday) in [
            ("2024-03-03T23:59:59", "2024-02-26"),
            ("2024-03-04", "2024-03-04"),
            ("1970-01-04", "1969-12-29"),
            ("1970-01-05", "1970-01-05"),
            ("1969-12-28", "1969-12-22"),
        ] {
            let at: Timestamp = at.parse().unwrap();
            let monday: Timestamp = monday.parse().unwrap();
            assert_eq!(TimeUnit::Week.start(at.micros()), monday.micros(), "{at}");
        }
    }

    #[test]
    fn every_unit_starts_where_it_ended() {
        use TimeUnit::{Day, Hour, Microsecond, Millisecond, Second, Week};
        let at: Timestamp = "1969-07-20T20:17:40.123456".parse().unwrap();
        for unit in [Week, Day, Hour, Second, Millisecond, Microsecond] {
            let end = unit.end(at).unwrap();
            assert!(unit.start(at.micros()) <= at.micros() && at < end, "{unit:?}");
            assert_eq!(unit.start(end.micros()), end.micros());
        }
    }
}
