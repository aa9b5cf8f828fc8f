//! How times are written.

use crate::time::{MICROS_PER_DAY, Timestamp};

/// So many cells are looked at before all are.
const FEW: usize = 200;

/// The order of a date's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DateOrder {
    DayFirst,
    MonthFirst,
}

/// A way to write times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TimeForm {
    /// As the log reads it by itself: ISO 8601, or the day first with dots.
    Plain,
    /// Numbers with signs between, such as `1/31/2024 2:30 PM`.
    Parts {
        order: DateOrder,
        /// Between the numbers of the date.
        sign: char,
        /// Years of two digits.
        short_year: bool,
        /// Whether the order is clear from the cells.
        is_sure: bool,
    },
    /// Days as eight digits.
    Digits,
    /// Seconds or milliseconds since 1970: so many to a second.
    Unix(i64),
}

/// The time of a day: hours, minutes, seconds, and whether each text had them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Clock {
    pub(super) has_time: bool,
    pub(super) has_seconds: bool,
    pub(super) is_12_hours: bool,
}

/// The numbers of a date and what follows them.
fn parts(text: &str) -> Option<([u32; 3], usize, char, &str)> {
    let sign = text.chars().find(|c| !c.is_ascii_digit())?;
    if !matches!(sign, '.' | '/' | '-') {
        return None;
    }
    let end = text.find([' ', 'T']).unwrap_or(text.len());
    let mut numbers = [0; 3];
    let mut year_digits = 0;
    let mut count = 0;
    for part in text[..end].split(sign) {
        if count == 3 || part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        numbers[count] = part.parse().ok()?;
        let digits = part.len();
        if count < 2 && digits > 2 {
            return None;
        }
        year_digits = digits;
        count += 1;
    }
    (count == 3 && matches!(year_digits, 2 | 4)).then(|| {
        let rest = text[end..].trim_start_matches([' ', 'T']);
        (numbers, year_digits, sign, rest)
    })
}

/// Microseconds of the day that a clock shows, and in which form.
fn clock(text: &str) -> Option<(i64, Clock)> {
    if text.is_empty() {
        return Some((0, Clock::default()));
    }
    let upper = text.to_ascii_uppercase();
    let (time, half) = match (upper.strip_suffix("AM"), upper.strip_suffix("PM")) {
        (Some(time), _) => (time.trim_end().to_owned(), Some(0)),
        (_, Some(time)) => (time.trim_end().to_owned(), Some(12)),
        _ => (upper, None),
    };
    let mut numbers = [0i64; 3];
    let mut count = 0;
    for part in time.split(':') {
        if count == 3 || part.is_empty() || part.len() > 2 {
            return None;
        }
        numbers[count] = part.parse().ok()?;
        count += 1;
    }
    let [mut hours, minutes, seconds] = numbers;
    if let Some(half) = half {
        if !(1..=12).contains(&hours) {
            return None;
        }
        hours = hours % 12 + half;
    }
    if count < 2 || hours > 23 || minutes > 59 || seconds > 59 {
        return None;
    }
    let micros = ((hours * 60 + minutes) * 60 + seconds) * 1_000_000;
    let clock = Clock { has_time: true, has_seconds: count == 3, is_12_hours: half.is_some() };
    Some((micros, clock))
}

impl TimeForm {
    /// The instant that a text stands for.
    pub(super) fn read(&self, text: &str) -> Option<Timestamp> {
        match self {
            TimeForm::Plain => text.parse().ok(),
            TimeForm::Parts { order, sign, short_year, .. } => {
                let ([first, second, year], digits, found, rest) = parts(text)?;
                if found != *sign || (digits == 2) != *short_year {
                    return None;
                }
                let (day, month) = match order {
                    DateOrder::DayFirst => (first, second),
                    DateOrder::MonthFirst => (second, first),
                };
                // As C and Python read years of two digits.
                let year = match (digits, year) {
                    (2, ..=68) => 2000 + year,
                    (2, _) => 1900 + year,
                    _ => year,
                };
                let (micros, _) = clock(rest)?;
                let day: Timestamp = format!("{year:04}-{month:02}-{day:02}").parse().ok()?;
                Timestamp::from_micros(day.micros() + micros).ok()
            }
            TimeForm::Digits => {
                let is_date = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit());
                is_date
                    .then(|| format!("{}-{}-{}", &text[..4], &text[4..6], &text[6..]))?
                    .parse()
                    .ok()
            }
            TimeForm::Unix(per_second) => {
                let count: i64 = text.parse().ok()?;
                let micros = count.checked_mul(1_000_000 / per_second)?;
                Timestamp::from_micros(micros).ok()
            }
        }
    }

    /// The format as strftime writes it, for cells such as this one; none for those that need none.
    pub(super) fn strftime(&self, example: &str) -> Option<String> {
        match self {
            TimeForm::Plain | TimeForm::Unix(_) => None,
            TimeForm::Digits => Some("%Y%m%d".to_owned()),
            TimeForm::Parts { order, sign, short_year, .. } => {
                let year = if *short_year { "%y" } else { "%Y" };
                let (first, second) = match order {
                    DateOrder::DayFirst => ("%d", "%m"),
                    DateOrder::MonthFirst => ("%m", "%d"),
                };
                let mut format = format!("{first}{sign}{second}{sign}{year}");
                let (_, clock) = clock(parts(example)?.3)?;
                if clock.has_time {
                    format.push_str(if clock.is_12_hours { " %I:%M" } else { " %H:%M" });
                    format.push_str(if clock.has_seconds { ":%S" } else { "" });
                    format.push_str(if clock.is_12_hours { " %p" } else { "" });
                }
                Some(format)
            }
        }
    }
}

/// How times are written if most cells are some. Numbers are times only where the name of their
/// column says so.
pub(super) fn time_form(cells: &[&str], most: f64, is_named_so: bool) -> Option<TimeForm> {
    if cells.len() > 2 * FEW && time_form(&cells[..FEW], most * 0.8, is_named_so).is_none() {
        return None;
    }
    let enough = |form: &TimeForm| {
        let read = cells.iter().filter(|text| form.read(text).is_some()).count();
        // In a short column one odd cell is more than a few of a hundred.
        let is_all_but_one = read >= 3 && read + 1 == cells.len();
        is_all_but_one || read > 0 && read as f64 >= most * cells.len() as f64
    };
    if enough(&TimeForm::Plain)
        && cells.iter().any(|text| !text.bytes().all(|b| b.is_ascii_digit()))
    {
        return Some(TimeForm::Plain);
    }
    if let Some((_, digits, sign, _)) = cells.iter().find_map(|text| parts(text)) {
        let form =
            |order, is_sure| TimeForm::Parts { order, sign, short_year: digits == 2, is_sure };
        let [day, month] = [DateOrder::DayFirst, DateOrder::MonthFirst].map(|order| {
            cells.iter().filter(|text| form(order, true).read(text).is_some()).count()
        });
        let order = if month > day { DateOrder::MonthFirst } else { DateOrder::DayFirst };
        // With dots the day comes first everywhere.
        let found = form(order, day != month || sign == '.');
        if enough(&found) {
            return Some(found);
        }
    }
    if !is_named_so {
        return None;
    }
    // Years 1900 to 2099 as digits, and instants of 2001 to 2286.
    let within = |form: &TimeForm, low: i64, high: i64| {
        enough(form)
            && cells
                .iter()
                .filter_map(|text| form.read(text))
                .all(|time| (low..high).contains(&(time.micros() / MICROS_PER_DAY)))
    };
    let digits = |length: usize| {
        let fits = |text: &&&str| text.len() == length && text.bytes().all(|b| b.is_ascii_digit());
        cells.iter().filter(fits).count() as f64 >= most * cells.len() as f64
    };
    if digits(8) && within(&TimeForm::Digits, -25_567, 47_482) {
        return Some(TimeForm::Digits);
    }
    [(10, 1), (13, 1_000)].into_iter().map(|(length, per)| (length, TimeForm::Unix(per))).find_map(
        |(length, form)| (digits(length) && within(&form, 11_323, 47_482)).then_some(form),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_told_and_read() {
        for (cells, expected, format) in [
            (&["2024-01-31", "2024-02-01 10:00"][..], "2024-01-31", None),
            (&["31.01.2024", "01.02.2024"], "2024-01-31", None),
            (&["01.02.2024 14:30"], "2024-02-01T14:30:00", None),
            (
                &["1/31/2024 2:05 PM", "2/1/2024 12:10 AM"],
                "2024-01-31T14:05:00",
                Some("%m/%d/%Y %I:%M %p"),
            ),
            (&["31/1/24", "1/2/24"], "2024-01-31", Some("%d/%m/%y")),
            (&["20240131", "20240201"], "2024-01-31", Some("%Y%m%d")),
            (&["1706659200"], "2024-01-31", None),
            (&["1706659200000"], "2024-01-31", None),
        ] {
            let form = time_form(cells, 0.95, true).unwrap();
            assert_eq!(form.read(cells[0]).unwrap(), expected.parse().unwrap(), "{cells:?}");
            assert_eq!(form.strftime(cells[0]).as_deref(), format, "{cells:?}");
        }
        for cells in [&["12", "13"][..], &["1.5", "2.75"], &["12345678"], &["a.b.c"], &["1.2.3"]] {
            assert_eq!(time_form(cells, 0.95, true), None, "{cells:?}");
        }
        assert_eq!(time_form(&["1706659200"], 0.95, false), None);
        let sure = |cells: &[&str]| match time_form(cells, 0.95, true) {
            Some(TimeForm::Parts { is_sure, .. }) => is_sure,
            _ => panic!("{cells:?}"),
        };
        assert!(!sure(&["01/02/2024", "03/04/2024"]));
        assert!(sure(&["01/02/2024", "13/04/2024"]) && sure(&["01.02.24"]));
    }
}
