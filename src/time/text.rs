//! Times from texts. What can be read in more than one way is not read.

use std::borrow::Cow;

use jiff::civil::{Date, DateTime, Time};
use jiff::fmt::temporal::{Pieces, TimeZoneAnnotationKind};
use jiff::tz::Offset;

use super::moment::{By, Moment, timestamp};
use super::unread::Unread;
use super::{TimeZone, Timestamp, micros_of};

/// Seconds; no clock on earth was ever further from UTC.
const LARGEST_OFFSET: i32 = 16 * 3_600;

/// What comes first in dates such as `1/2/2024`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DayOrder {
    DayFirst,
    MonthFirst,
}

/// Which order a date of the form `1/2/2024` shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Evidence {
    Shows(DayOrder),
    /// Both are possible, and differ.
    Either,
    /// Both are possible, and are the same date.
    Same,
}

/// Reads a date (its first instant) or a date and time: ISO 8601, or a date of three numbers with
/// the year first, or last after day and month. With dots the day comes first; otherwise `order`
/// decides where it is not clear.
pub(crate) fn read(text: &str, order: Option<DayOrder>) -> Result<Moment, Unread> {
    let text = text.trim();
    match Pieces::parse(text) {
        Ok(pieces) => moment(&pieces),
        Err(_) => read_other(text, order),
    }
    .and_then(|moment| if may_have_second_60(text) { Ok(moment) } else { Err(Unread::Form) })
}

/// Whether a second 60, if there is one, may be a leap second: they end an hour.
fn may_have_second_60(text: &str) -> bool {
    text.find(":60").is_none_or(|place| text[..place].ends_with(":59"))
}

/// Which order the date of this text shows, if it has the form `1/2/2024` or `1-2-2024`.
pub(crate) fn evidence(text: &str) -> Option<Evidence> {
    match Numbers::of(text.trim())? {
        Numbers { first: a, second: b, separator: b'/' | b'-', form: Form::YearLast, .. } => {
            Some(match (a > 12, b > 12) {
                (true, false) => Evidence::Shows(DayOrder::DayFirst),
                (false, true) => Evidence::Shows(DayOrder::MonthFirst),
                _ if a == b => Evidence::Same,
                _ => Evidence::Either,
            })
        }
        _ => None,
    }
}

fn moment(pieces: &Pieces<'_>) -> Result<Moment, Unread> {
    let civil = DateTime::from_parts(pieces.date(), pieces.time().unwrap_or(Time::midnight()));
    let offset = pieces.offset().map(|offset| offset.to_numeric_offset());
    if offset.is_some_and(|offset| offset.seconds().abs() > LARGEST_OFFSET) {
        return Err(Unread::LargeOffset);
    }
    let instant = |offset: Offset| {
        let at = offset.to_timestamp(civil).map_err(|_| Unread::beyond(civil.year() > 1970))?;
        Ok(Moment { at: timestamp(at)?, by: By::Zone(TimeZone::UTC) })
    };
    let Some(annotation) = pieces.time_zone_annotation() else {
        return match offset {
            Some(offset) => instant(offset),
            None => Ok(Moment { at: clock(civil)?, by: By::Log }),
        };
    };
    let is_zulu = matches!(pieces.offset(), Some(jiff::fmt::temporal::PiecesOffset::Zulu));
    match (annotation.kind(), offset) {
        (TimeZoneAnnotationKind::Offset(own), Some(offset)) if *own != offset && !is_zulu => {
            Err(Unread::Form)
        }
        (TimeZoneAnnotationKind::Offset(own), None) => instant(*own),
        (TimeZoneAnnotationKind::Named(name), offset) => {
            let zone = TimeZone::of_argument("time_zone", name.as_str());
            let zone = zone.map_err(|_| Unread::Zone)?;
            match offset {
                None => Ok(Moment { at: clock(civil)?, by: By::Zone(zone) }),
                Some(offset) if is_zulu || zone.has_offset(civil, offset) => instant(offset),
                Some(_) => Err(Unread::Offset(zone)),
            }
        }
        (_, Some(offset)) => instant(offset),
        _ => Err(Unread::Form),
    }
}

pub(super) fn clock(civil: DateTime) -> Result<Timestamp, Unread> {
    let at = micros_of(civil).and_then(|micros| Timestamp::from_micros(micros).ok());
    at.ok_or_else(|| Unread::beyond(civil.year() > 1970))
}

fn read_other(text: &str, order: Option<DayOrder>) -> Result<Moment, Unread> {
    if text.bytes().all(|b| b.is_ascii_digit() || b == b'.') && text.parse::<f64>().is_ok() {
        return Err(Unread::Number);
    }
    let numbers = Numbers::of(text).ok_or(Unread::Form)?;
    let (year, month, day) = numbers.date(order)?;
    let date = Date::new(year, month, day).map_err(|_| Unread::Form)?;
    let written = format!("{date}{}", time_of_day(numbers.rest)?);
    moment(&Pieces::parse(&written).map_err(|_| Unread::Form)?)
}

/// A date of three numbers, and what follows it.
struct Numbers<'a> {
    first: u16,
    second: u16,
    third: u16,
    separator: u8,
    form: Form,
    rest: &'a str,
}

#[derive(PartialEq)]
enum Form {
    YearFirst,
    YearLast,
    ShortYear,
}

impl<'a> Numbers<'a> {
    fn of(text: &'a str) -> Option<Self> {
        let bytes = text.as_bytes();
        let digits =
            |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let first = digits(0);
        let separator = *bytes.get(first).filter(|&&byte| matches!(byte, b'.' | b'/' | b'-'))?;
        let second = digits(first + 1);
        let place = first + 1 + second;
        bytes.get(place).filter(|&&byte| byte == separator)?;
        let third = digits(place + 1);
        let form = match (first, second, third) {
            (4, 1..=2, 1..=2) => Form::YearFirst,
            (1..=2, 1..=2, 4) => Form::YearLast,
            (1..=2, 1..=2, 2) => Form::ShortYear,
            _ => return None,
        };
        let number = |from: usize, digits: usize| text[from..from + digits].parse().ok();
        Some(Numbers {
            first: number(0, first)?,
            second: number(first + 1, second)?,
            third: number(place + 1, third)?,
            separator,
            form,
            rest: &text[place + 1 + third..],
        })
    }

    /// Year, month and day.
    fn date(&self, order: Option<DayOrder>) -> Result<(i16, i8, i8), Unread> {
        let (year, month, day) = match self.form {
            Form::ShortYear => return Err(Unread::ShortYear),
            Form::YearFirst => (self.first, self.second, self.third),
            Form::YearLast => {
                let order = match self.separator {
                    b'.' => DayOrder::DayFirst,
                    _ if self.first == self.second => DayOrder::DayFirst,
                    _ => order.ok_or(Unread::Order)?,
                };
                match order {
                    DayOrder::DayFirst => (self.third, self.second, self.first),
                    DayOrder::MonthFirst => (self.third, self.first, self.second),
                }
            }
        };
        // Of at most four and two digits.
        Ok((year as i16, month as i8, day as i8))
    }
}

/// What follows a date, as ISO 8601 has it: hours of two digits, no blank before an offset.
fn time_of_day(rest: &str) -> Result<Cow<'_, str>, Unread> {
    let Some(separator) = rest.chars().next() else { return Ok("".into()) };
    if !matches!(separator, 'T' | 't' | ' ' | ',') {
        return Err(Unread::Form);
    }
    let time = rest[1..].trim_start();
    let lower = time.to_ascii_lowercase();
    if ["am", "pm", "a.m.", "p.m."].iter().any(|half| lower.ends_with(half)) {
        return Err(Unread::HalfDay);
    }
    let is_short = time.as_bytes().get(1) == Some(&b':');
    let time = utc_suffix(time);
    let time = match time.split_once(' ') {
        Some((time, offset)) if offset.starts_with(['+', '-', '[', 'Z', 'z']) => {
            format!("{time}{offset}")
        }
        _ => time.into_owned(),
    };
    Ok(format!("T{}{time}", if is_short { "0" } else { "" }).into())
}

/// A text in which a last `UTC` or `GMT` is written `Z`.
fn utc_suffix(time: &str) -> Cow<'_, str> {
    match time.strip_suffix("UTC").or_else(|| time.strip_suffix("GMT")) {
        Some(time) => format!("{}Z", time.trim_end()).into(),
        None => time.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> Result<String, Unread> {
        read(text, None)?.row(TimeZone::UTC).map(|at| at.to_string())
    }

    #[test]
    fn texts_of_one_meaning_are_read() {
        for (text, expected) in [
            ("2024-03-01", "2024-03-01"),
            ("20240301", "2024-03-01"),
            ("2024/03/01", "2024-03-01"),
            ("2024.3.1", "2024-03-01"),
            ("2024/3/1 9:05", "2024-03-01T09:05:00"),
            ("2024-03-01 9:05:07", "2024-03-01T09:05:07"),
            ("31.01.2024", "2024-01-31"),
            ("1.2.2024", "2024-02-01"),
            ("31.01.2024 14:30", "2024-01-31T14:30:00"),
            ("31.01.2024, 14:30:15,25", "2024-01-31T14:30:15.25"),
            ("2024-03-01T10:00:00,5", "2024-03-01T10:00:00.5"),
            ("2024-03-01 10:00:00 UTC", "2024-03-01T10:00:00"),
            ("2024-03-01T10:00:00Z", "2024-03-01T10:00:00"),
            ("2024-03-01T10:00:00+0300", "2024-03-01T07:00:00"),
            ("2024-03-01 10:00:00 +0300", "2024-03-01T07:00:00"),
            ("2024-03-01 10:00:00 -03:30", "2024-03-01T13:30:00"),
            ("2024-03-01T10:00:00[Europe/Berlin]", "2024-03-01T09:00:00"),
            ("2024-07-01T10:00:00+02:00[Europe/Berlin]", "2024-07-01T08:00:00"),
            ("2024-03-01T10:00:00Z[Europe/Berlin]", "2024-03-01T10:00:00"),
            ("2024-10-27T02:30:00+01:00[Europe/Berlin]", "2024-10-27T01:30:00"),
            ("1969-12-31T23:59:59.9999999", "1969-12-31T23:59:59.999999"),
            ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59"),
            ("2024-03-01T10:00:00+14:00", "2024-02-29T20:00:00"),
        ] {
            assert_eq!(utc(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn texts_of_no_or_several_meanings_are_not_read() {
        let berlin: TimeZone = "Europe/Berlin".parse().unwrap();
        for (text, expected) in [
            ("", Unread::Form),
            ("yesterday", Unread::Form),
            ("12:30", Unread::Form),
            ("2024-03", Unread::Form),
            ("2024-W10-5", Unread::Form),
            ("2024-13-01", Unread::Form),
            ("2024-02-30", Unread::Form),
            ("1.31.2024", Unread::Form),
            ("31.01.2024x", Unread::Form),
            ("2024-03-01 10:00 CET", Unread::Form),
            ("2024-03-01T10:30:60", Unread::Form),
            ("2024-03-01T10:00:00+25:00", Unread::LargeOffset),
            ("2024-03-01T10:00:00-18:30", Unread::LargeOffset),
            ("31.01.24", Unread::ShortYear),
            ("1/31/24 10:00", Unread::ShortYear),
            ("31/01/2024", Unread::Order),
            ("01-02-2024 10:00", Unread::Order),
            ("2024/03/01 2:30 PM", Unread::HalfDay),
            ("31.01.2024 02:30 a.m.", Unread::HalfDay),
            ("1709287200", Unread::Number),
            ("1709287200000", Unread::Number),
            ("1709287200.5", Unread::Number),
            ("45352", Unread::Number),
            ("1500-01-01", Unread::Range),
            ("2262-04-12", Unread::Late),
            ("9999-12-31", Unread::Late),
            ("31.12.9999", Unread::Late),
            ("9999-12-31T23:59:59Z", Unread::Late),
            ("2300-01-01T00:00:00+02:00", Unread::Late),
            ("2024-03-01T10:00:00[Mars/Olympus]", Unread::Zone),
            ("2024-03-01T10:00:00+02:00[Europe/Berlin]", Unread::Offset(berlin)),
            ("2024-10-27T02:30:00[Europe/Berlin]", Unread::NotOnce(berlin)),
            ("2024-03-31T02:30:00[Europe/Berlin]", Unread::NotOnce(berlin)),
        ] {
            assert_eq!(utc(text), Err(expected), "{text}");
        }
    }

    #[test]
    fn the_order_of_day_and_month_decides_and_is_seen() {
        let by = |order| read("02/01/2024", Some(order)).unwrap().at.to_string();
        assert_eq!(by(DayOrder::DayFirst), "2024-01-02");
        assert_eq!(by(DayOrder::MonthFirst), "2024-02-01");
        assert_eq!(read("31/01/2024", Some(DayOrder::MonthFirst)), Err(Unread::Form));
        for (text, expected) in [
            ("31/01/2024", Some(Evidence::Shows(DayOrder::DayFirst))),
            (" 1-31-2024 10:00", Some(Evidence::Shows(DayOrder::MonthFirst))),
            ("02/01/2024", Some(Evidence::Either)),
            ("05/05/2024", Some(Evidence::Same)),
            ("31.01.2024", None),
            ("2024/01/31", None),
            ("31/01/24", None),
        ] {
            assert_eq!(evidence(text), expected, "{text}");
        }
    }
}
