//! What a cell of a sheet says, as a text.

use calamine::{CellErrorType, DataRef, ExcelDateTime};

use super::schema::Column;
use crate::time::{Timestamp, late_day};

/// Days from 1899-12-30, where Excel's count of days begins from March 1900 on, to 1970-01-01.
const DAYS_BEFORE_1970: f64 = 25_569.0;
/// Days from 1899-12-30 to 1904-01-01, where the count of old workbooks of the Macintosh begins.
const DAYS_BEFORE_1904: f64 = 1_462.0;
const MILLIS_PER_DAY: f64 = 86_400_000.0;
/// Excel keeps fifteen digits of a number.
const MAX_ID: f64 = 1e15;

/// The text of a cell in this column, empty where there is none, or what is wrong with it.
pub(crate) fn cell_text(
    value: &DataRef<'_>,
    column: &Column,
    is_1904: bool,
) -> Result<String, String> {
    match value {
        DataRef::Empty => Ok(String::new()),
        // That it is not known when a row became known is no reason to know it at once.
        DataRef::Error(CellErrorType::NA) if column.name != "known_at" => Ok(String::new()),
        DataRef::Error(error) => Err(format!("is the error {error}")),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            Ok(text.clone())
        }
        DataRef::SharedString(text) => Ok((*text).to_owned()),
        DataRef::Bool(value) => Ok(value.to_string()),
        DataRef::Int(value) => number(*value as f64, column),
        DataRef::Float(value) => number(*value, column),
        DataRef::DateTime(time) if time.is_duration() => number(time.as_f64(), column),
        DataRef::DateTime(time) => self::time(*time, is_1904),
    }
}

fn number(value: f64, column: &Column) -> Result<String, String> {
    if column.holds_times() {
        return Err(format!(
            "is the number {value}, not a date; give the column a date format in Excel"
        ));
    }
    if column.holds_ids() && value.abs() >= MAX_ID {
        return Err(format!(
            "is {value}, and Excel keeps only fifteen digits of a number; ids as long as this must \
             be entered as text"
        ));
    }
    // Adding zero makes a negative zero a plain one.
    Ok((value + 0.0).to_string())
}

/// A date or time, rounded to the millisecond as Excel itself shows it.
fn time(time: ExcelDateTime, is_1904: bool) -> Result<String, String> {
    let serial = time.as_f64();
    let days = match is_1904 {
        true => serial + DAYS_BEFORE_1904,
        // Excel takes 1900 for a leap year, so that days before March are one too low.
        false if serial < 60.0 => serial + 1.0,
        false => serial,
    };
    if !is_1904 && serial < 1.0 {
        return Err("is a time of day without a date".to_owned());
    }
    if !is_1904 && (60.0..61.0).contains(&serial) {
        return Err("is 29 February 1900, which never was".to_owned());
    }
    let millis = ((days - DAYS_BEFORE_1970) * MILLIS_PER_DAY).round();
    let micros = millis as i64;
    let time = micros.checked_mul(1_000).and_then(|micros| Timestamp::from_micros(micros).ok());
    // One after all times may be the end of an open contract: whoever reads the column knows.
    let late = || late_day((days - DAYS_BEFORE_1970).floor());
    time.map(|time| time.to_string())
        .or_else(late)
        .ok_or_else(|| "lies outside the years 1677 to 2262".to_owned())
}

/// The name of a cell, such as `B7`, of its row and column counted from 0.
pub(crate) fn cell_name(row: u32, column: u32) -> String {
    let mut letters = Vec::new();
    let mut left = column + 1;
    while left > 0 {
        left -= 1;
        letters.push((b'A' + (left % 26) as u8) as char);
        left /= 26;
    }
    let letters: String = letters.into_iter().rev().collect();
    format!("{letters}{}", row + 1)
}

#[cfg(test)]
mod tests {
    use calamine::ExcelDateTimeType;

    use super::*;

    fn text(value: DataRef<'_>, name: &'static str, is_1904: bool) -> Result<String, String> {
        cell_text(&value, &Column { name, input: name.to_owned(), index: 0 }, is_1904)
    }

    fn serial(days: f64, is_1904: bool) -> Result<String, String> {
        let time = ExcelDateTime::new(days, ExcelDateTimeType::DateTime, is_1904);
        text(DataRef::DateTime(time), "time", is_1904)
    }

    /// Serial numbers as Excel shows them.
    #[test]
    fn dates_are_those_that_excel_shows() {
        for (days, expected) in [
            (45_943.5, "2025-10-13T12:00:00"),
            (45_292.0, "2024-01-01"),
            (45_292.000_011_574_07, "2024-01-01T00:00:01"),
            (45_292.999_999_998, "2024-01-02"),
            (61.0, "1900-03-01"),
            (59.0, "1900-02-28"),
            (1.0, "1900-01-01"),
            // The latest time there is, and days after it.
            (132_320.0, "2262-04-11"),
            (132_321.0, "2262-04-12"),
            (146_099.0, "2300-01-01"),
            (2_958_465.0, "9999-12-31"),
        ] {
            assert_eq!(serial(days, false).as_deref(), Ok(expected), "{days}");
        }
        assert_eq!(serial(43_830.0, true).as_deref(), Ok("2024-01-01"));
        assert_eq!(serial(0.0, true).as_deref(), Ok("1904-01-01"));
        for days in [0.5, 60.0, 60.9, 132_320.5, 1e9, -1.0, f64::MAX] {
            assert!(serial(days, false).is_err(), "{days}");
        }
    }

    #[test]
    fn numbers_are_what_they_are() {
        assert_eq!(text(DataRef::Float(17.0), "customer_id", false).as_deref(), Ok("17"));
        assert_eq!(text(DataRef::Float(0.1), "amount", false).as_deref(), Ok("0.1"));
        assert_eq!(text(DataRef::Float(-0.0), "amount", false).as_deref(), Ok("0"));
        assert_eq!(text(DataRef::Int(-3), "amount", false).as_deref(), Ok("-3"));
        assert!(text(DataRef::Float(1e15), "customer_id", false).unwrap_err().contains("digits"));
        assert!(text(DataRef::Float(45_292.0), "time", false).unwrap_err().contains("date format"));
        assert!(text(DataRef::Error(CellErrorType::Div0), "amount", false).is_err());
        assert_eq!(text(DataRef::Error(CellErrorType::NA), "amount", false).as_deref(), Ok(""));
        assert_eq!(text(DataRef::Bool(true), "topic", false).as_deref(), Ok("true"));
    }

    #[test]
    fn cells_are_named_as_excel_does() {
        for (row, column, expected) in
            [(0, 0, "A1"), (6, 25, "Z7"), (6, 26, "AA7"), (0, 701, "ZZ1"), (0, 702, "AAA1")]
        {
            assert_eq!(cell_name(row, column), expected);
        }
    }
}
