//! How times are written.

use std::collections::HashMap;

use super::seen::Seen;
use crate::time::{DayOrder, MICROS_PER_DAY, TimeFormat, TimeZone, Timestamp, Unread, read_text};

/// So many cells are looked at before all are.
const FEW: usize = 200;

/// A way to write times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TimeForm {
    /// As the log reads it by itself: ISO 8601, or the day first with dots.
    Plain,
    /// By a format that is given.
    Given(TimeFormat),
    /// Numbers with signs between, such as `1/31/2024 2:30 PM`.
    Parts {
        order: DayOrder,
        /// Between the numbers of the date.
        sign: char,
        /// Years of two digits.
        short_year: bool,
        clock: Clock,
    },
    /// As the log reads it by itself where a column shows this order, with or without a time of day.
    Ordered(DayOrder),
    /// Days as eight digits.
    Digits,
    /// Counts since 1970, from seconds to nanoseconds: so many to a second.
    Unix(i64),
}

/// The time of a day: whether it is there, with seconds, and by 12 hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
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
            TimeForm::Given(format) => format.parse(text).ok()?.row(TimeZone::UTC).ok(),
            TimeForm::Ordered(order) => read_text(text, Some(*order)).ok()?.row(TimeZone::UTC).ok(),
            TimeForm::Parts { order, sign, short_year, clock: own } => {
                let ([first, second, year], digits, found, rest) = parts(text)?;
                if found != *sign || (digits == 2) != *short_year {
                    return None;
                }
                let (day, month) = match order {
                    DayOrder::DayFirst => (first, second),
                    DayOrder::MonthFirst => (second, first),
                };
                // As C and Python read years of two digits.
                let year = match (digits, year) {
                    (2, ..=68) => 2000 + year,
                    (2, _) => 1900 + year,
                    _ => year,
                };
                let (micros, _) = clock(rest).filter(|(_, found)| found == own)?;
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
                TimeFormat::counts(*per_second)?.parse(text).ok()?.row(TimeZone::UTC).ok()
            }
        }
    }

    /// The format as strftime writes it; none for what needs none, and where there is none.
    pub(super) fn strftime(&self) -> Option<String> {
        match self {
            TimeForm::Given(format) => Some(format.to_string()),
            TimeForm::Plain | TimeForm::Ordered(_) => None,
            TimeForm::Unix(per_second) => {
                TimeFormat::counts(*per_second).map(|format| format.to_string())
            }
            TimeForm::Digits => Some("%Y%m%d".to_owned()),
            TimeForm::Parts { order, sign, short_year, clock } => {
                let year = if *short_year { "%y" } else { "%Y" };
                let (first, second) = match order {
                    DayOrder::DayFirst => ("%d", "%m"),
                    DayOrder::MonthFirst => ("%m", "%d"),
                };
                let mut format = format!("{first}{sign}{second}{sign}{year}");
                if clock.has_time {
                    format.push_str(if clock.is_12_hours { " %I:%M" } else { " %H:%M" });
                    format.push_str(if clock.has_seconds { ":%S" } else { "" });
                    format.push_str(if clock.is_12_hours { " %p" } else { "" });
                }
                Some(format)
            }
        }
    }

    /// The same with day and month exchanged.
    fn turned(&self) -> Option<TimeForm> {
        let turned = |order: DayOrder| match order {
            DayOrder::DayFirst => DayOrder::MonthFirst,
            DayOrder::MonthFirst => DayOrder::DayFirst,
        };
        match self {
            // With dots the day comes first everywhere.
            TimeForm::Parts { sign: '.', .. } => None,
            TimeForm::Parts { order, sign, short_year, clock } => Some(TimeForm::Parts {
                order: turned(*order),
                sign: *sign,
                short_year: *short_year,
                clock: *clock,
            }),
            TimeForm::Ordered(order) => Some(TimeForm::Ordered(turned(*order))),
            _ => None,
        }
    }

    /// The plainer ones first.
    fn rank(&self) -> usize {
        match self {
            TimeForm::Given(_) => 0,
            TimeForm::Plain => 1,
            TimeForm::Parts { order: DayOrder::DayFirst, .. } => 2,
            TimeForm::Parts { .. } => 3,
            TimeForm::Ordered(DayOrder::DayFirst) => 4,
            TimeForm::Ordered(_) => 5,
            TimeForm::Digits => 6,
            TimeForm::Unix(_) => 7,
        }
    }
}

/// The forms by which a text is a time. Numbers are times only where the name of their column says
/// so.
fn forms_of(text: &str, is_named_so: bool) -> Vec<TimeForm> {
    // Seconds may have a fraction, and frames make floats of whole numbers where one is missing.
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let are_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let mut forms = Vec::new();
    if are_digits(whole) && are_digits(fraction) {
        // Years 1900 to 2099, and instants of 2001 to 2100.
        let within = |form: &TimeForm, low: i64| {
            let days = form.read(text).map(|time| time.micros().div_euclid(MICROS_PER_DAY));
            days.is_some_and(|days| (low..47_482).contains(&days))
        };
        let form = match whole.len() {
            8 if fraction.is_empty() => (TimeForm::Digits, -25_567),
            10 => (TimeForm::Unix(1), 11_323),
            13 => (TimeForm::Unix(1_000), 11_323),
            16 => (TimeForm::Unix(1_000_000), 11_323),
            19 => (TimeForm::Unix(1_000_000_000), 11_323),
            _ => return forms,
        };
        forms.extend(Some(form.0).filter(|own| is_named_so && within(own, form.1)));
        return forms;
    }
    forms.extend(Some(TimeForm::Plain).filter(|form| form.read(text).is_some()));
    let Some((_, digits, sign, rest)) = parts(text) else { return forms };
    let Some((_, clock)) = clock(rest) else { return forms };
    for order in [DayOrder::DayFirst, DayOrder::MonthFirst] {
        let own = TimeForm::Parts { order, sign, short_year: digits == 2, clock };
        let both = [own, TimeForm::Ordered(order)];
        forms.extend(both.into_iter().filter(|form| form.read(text).is_some()));
    }
    forms
}

/// How a column's times are written.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct TimesTold {
    pub(super) form: TimeForm,
    /// Whether day and month may be exchanged.
    pub(super) is_open: bool,
    /// Cells that are times by this form.
    pub(super) read: u64,
}

/// Cells by the forms by which they are times.
#[derive(Debug, Clone, Default)]
pub(super) struct TimeCells {
    kinds: HashMap<String, (Vec<TimeForm>, u64, Seen, bool)>,
}

impl TimeCells {
    pub(super) fn add(
        &mut self,
        column: &str,
        row: u64,
        text: &str,
        is_named_so: bool,
        given: &[TimeFormat],
    ) {
        let mut forms = forms_of(text, is_named_so);
        let given = given.iter().cloned().map(TimeForm::Given);
        forms.extend(given.filter(|form| form.read(text).is_some()));
        // Whether day and month may be exchanged without a difference.
        let is_same = parts(text).is_some_and(|([day, month, _], ..)| day == month);
        let key = format!("{forms:?}{is_same}");
        let seen = || Seen { column: column.to_owned(), row, text: text.to_owned() };
        let kind = self.kinds.entry(key).or_insert_with(|| (forms, 0, seen(), is_same));
        kind.1 += 1;
        if row < kind.2.row {
            kind.2 = seen();
        }
    }

    /// The form by which most cells are times.
    pub(super) fn told(&self) -> Option<TimesTold> {
        let mut counts: Vec<(TimeForm, u64)> = Vec::new();
        for (forms, count, ..) in self.kinds.values() {
            for form in forms {
                match counts.iter_mut().find(|(own, _)| own == form) {
                    Some((_, all)) => *all += count,
                    None => counts.push((form.clone(), *count)),
                }
            }
        }
        let read_by = |form: &TimeForm| {
            counts.iter().find(|(own, _)| own == form).map_or(0, |(_, count)| *count)
        };
        let best = counts.iter().max_by_key(|(form, count)| {
            (*count, std::cmp::Reverse((form.rank(), format!("{form:?}"))))
        });
        let (form, read) = best?.clone();
        let is_open = form.turned().is_some_and(|turned| {
            let differ = self.kinds.values().any(|(forms, _, _, is_same)| {
                !is_same && forms.contains(&form) && forms.contains(&turned)
            });
            differ && read_by(&turned) == read
        });
        Some(TimesTold { form, is_open, read })
    }

    /// The first cell that is a time by another form only.
    pub(super) fn misread_by(&self, form: &TimeForm) -> Option<Seen> {
        let misread =
            self.kinds.values().filter(|(forms, ..)| !forms.is_empty() && !forms.contains(form));
        misread.map(|(_, _, first, _)| first).min_by_key(|seen| seen.row).cloned()
    }
}

/// Whether a text stands for no end, as 9999-12-31 does: it is a day after all times there are.
pub(super) fn is_no_end(text: &str, given: &[TimeFormat]) -> bool {
    let orders = [None, Some(DayOrder::DayFirst), Some(DayOrder::MonthFirst)];
    orders.into_iter().any(|order| matches!(read_text(text, order), Err(Unread::Late)))
        || given.iter().any(|format| matches!(format.parse(text), Err(Unread::Late)))
}

/// How times are written if most cells are some, of which there is one at least.
pub(super) fn times_told(
    cells: &[&str],
    most: f64,
    is_named_so: bool,
    given: &[TimeFormat],
) -> Option<TimesTold> {
    if cells.len() > 2 * FEW && times_told(&cells[..FEW], most * 0.8, is_named_so, given).is_none()
    {
        return None;
    }
    let mut all = TimeCells::default();
    for (text, row) in cells.iter().zip(1..) {
        all.add("", row, text, is_named_so, given);
    }
    let told = all.told()?;
    let cells = cells.len() as u64;
    // In a short column one odd cell is more than a few of a hundred.
    let is_all_but_one = told.read >= 3 && told.read + 1 == cells;
    (is_all_but_one || told.read as f64 >= most * cells as f64).then_some(told)
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
            (&["1/31/2024 2:05", "2/1/2024"], "2024-01-31T02:05:00", None),
            (&["20240131", "20240201"], "2024-01-31", Some("%Y%m%d")),
            (&["1706659200"], "2024-01-31", Some("%s")),
            (&["1706659200000"], "2024-01-31", Some("epoch_ms")),
            (&["1706659200000000000"], "2024-01-31", Some("epoch_ns")),
            (&["1706659200.25", "1706659200"], "2024-01-31T00:00:00.25", Some("%s")),
        ] {
            let form = times_told(cells, 0.95, true, &[]).unwrap().form;
            assert_eq!(form.read(cells[0]).unwrap(), expected.parse().unwrap(), "{cells:?}");
            assert_eq!(form.strftime().as_deref(), format, "{cells:?}");
        }
        for cells in [&["12", "13"][..], &["1.5", "2.75"], &["12345678"], &["a.b.c"], &["1.2.3"]] {
            assert_eq!(times_told(cells, 0.95, true, &[]), None, "{cells:?}");
        }
        assert_eq!(times_told(&["1706659200"], 0.95, false, &[]), None);
        let is_open = |cells: &[&str]| times_told(cells, 0.95, true, &[]).unwrap().is_open;
        assert!(is_open(&["01/02/2024", "03/04/2024"]) && !is_open(&["02/02/2024"]));
        assert!(!is_open(&["01/02/2024", "13/04/2024"]) && !is_open(&["01.02.24"]));
    }

    #[test]
    fn a_cell_of_another_form_is_told() {
        let mut cells = TimeCells::default();
        for (text, row) in ["1/2/24", "1/3/24", "13/3/24", "1/4/24 10:00"].iter().zip(1..) {
            cells.add("day", row, text, true, &[]);
        }
        let told = cells.told().unwrap();
        assert_eq!(cells.misread_by(&told.form).unwrap().text, "1/4/24 10:00");
    }
}
