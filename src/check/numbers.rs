//! How numbers are written.

use std::collections::HashMap;

use super::seen::Seen;
use crate::log::NumberFormat;

/// Decimal and thousands signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NumberForm {
    pub(super) decimal: char,
    pub(super) thousands: Option<char>,
}

const PLAIN: NumberForm = NumberForm { decimal: '.', thousands: None };
/// Ways to write numbers, the plainer ones first. A blank stands for blanks of any kind.
const FORMS: [NumberForm; 7] = [
    PLAIN,
    NumberForm { decimal: ',', thousands: None },
    NumberForm { decimal: '.', thousands: Some(',') },
    NumberForm { decimal: ',', thousands: Some('.') },
    NumberForm { decimal: ',', thousands: Some(' ') },
    NumberForm { decimal: '.', thousands: Some(' ') },
    NumberForm { decimal: '.', thousands: Some('\'') },
];

/// So many cells are looked at before all are.
const FEW: usize = 200;

impl NumberForm {
    pub(super) fn is_plain(self) -> bool {
        self == PLAIN
    }

    /// The number that a text stands for, as the log reads it. No group of thousands begins with a
    /// zero: `0.500` is a half.
    pub(super) fn read(self, text: &str) -> Option<f64> {
        let mut format = NumberFormat::default();
        format.decimal(self.decimal).ok()?;
        if let Some(sign) = self.thousands {
            format.thousands(sign).ok()?;
            let digits = text.trim().trim_start_matches(['+', '-']);
            if digits.starts_with('0') && digits[1..].starts_with(sign) {
                return None;
            }
        }
        format.parse(text).filter(|number| number.is_finite())
    }
}

/// How a column's numbers are written.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct NumbersTold {
    pub(super) form: NumberForm,
    /// Another way by which as many cells are numbers, but other ones, and such a cell.
    pub(super) other: Option<(NumberForm, String)>,
    /// Cells that are numbers by this form.
    pub(super) read: u64,
}

/// Cells by what they are in each form: the first form by which they are the same number.
#[derive(Debug, Clone, Default)]
pub(super) struct NumberCells {
    kinds: HashMap<[Option<usize>; FORMS.len()], (u64, Seen)>,
}

impl NumberCells {
    pub(super) fn add(&mut self, column: &str, row: u64, text: &str) {
        let values = FORMS.map(|form| form.read(text));
        let kind = std::array::from_fn(|form| {
            let value = values[form]?;
            values.iter().position(|other| *other == Some(value))
        });
        let seen = || Seen { column: column.to_owned(), row, text: text.to_owned() };
        let (count, first) = self.kinds.entry(kind).or_insert_with(|| (0, seen()));
        *count += 1;
        if row < first.row {
            *first = seen();
        }
    }

    /// The form by which most cells are numbers. Where two say different things of as many, one with
    /// a decimal comma if commas are likely.
    pub(super) fn told(&self, commas_are_likely: bool) -> Option<NumbersTold> {
        let count = |form: usize| -> u64 {
            let read = self.kinds.iter().filter(|(kind, _)| kind[form].is_some());
            read.map(|(_, (count, _))| count).sum()
        };
        let counts: [u64; FORMS.len()] = std::array::from_fn(count);
        let read = counts.into_iter().max().filter(|most| *most > 0)?;
        let tied: Vec<usize> = (0..FORMS.len()).filter(|form| counts[*form] == read).collect();
        let decimal = if commas_are_likely { ',' } else { '.' };
        // A cell that is another number by another form.
        let differing = |form: usize, other: usize| {
            let mut cells: Vec<&Seen> = self
                .kinds
                .iter()
                .filter(|(kind, _)| kind[form].zip(kind[other]).is_some_and(|(a, b)| a != b))
                .map(|(_, (_, first))| first)
                .collect();
            cells.sort_unstable_by_key(|seen| seen.row);
            cells.first().map(|seen| seen.text.clone())
        };
        let is_open = tied.iter().any(|other| differing(tied[0], *other).is_some());
        let preferred = tied.iter().find(|form| is_open && FORMS[**form].decimal == decimal);
        let form = *preferred.unwrap_or(&tied[0]);
        let other =
            tied.iter().find_map(|other| differing(form, *other).map(|text| (FORMS[*other], text)));
        Some(NumbersTold { form: FORMS[form], other, read })
    }

    /// The first cell that is a number by another form only.
    pub(super) fn misread_by(&self, form: NumberForm) -> Option<Seen> {
        let read = self.kinds.iter().filter(|(kind, _)| kind.iter().any(Option::is_some));
        let misread =
            read.map(|(_, (_, first))| first).filter(|seen| form.read(&seen.text).is_none());
        misread.min_by_key(|seen| seen.row).cloned()
    }
}

/// How numbers are written if most cells are some.
pub(super) fn numbers_told(
    cells: &[&str],
    most: f64,
    commas_are_likely: bool,
) -> Option<NumbersTold> {
    let is_enough = |few: &[&str]| numbers_told(few, most * 0.8, commas_are_likely).is_some();
    if cells.len() > 2 * FEW && !is_enough(&cells[..FEW]) {
        return None;
    }
    let mut all = NumberCells::default();
    cells.iter().zip(1..).for_each(|(text, row)| all.add("", row, text));
    let told = all.told(commas_are_likely)?;
    (told.read as f64 >= most * cells.len() as f64).then_some(told)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_told_by_all_of_their_column() {
        for (cells, decimal, thousands) in [
            (&["1", "2.5", "-3"][..], '.', None),
            (&["1", "2,5", "-3,25"], ',', None),
            (&["1,234", "2", "12,345.50"], '.', Some(',')),
            (&["1,234", "2", "345"], '.', Some(',')),
            (&["1.234,50", "2,00"], ',', Some('.')),
            (&["1 234,50", "2,00"], ',', Some(' ')),
            (&["1\u{a0}234,50", "2,00"], ',', Some(' ')),
            (&["1'234.50", "2"], '.', Some('\'')),
            (&["1.000", "12.500", "0.250"], '.', None),
            (&["1.000", "12,50"], ',', Some('.')),
        ] {
            let told = numbers_told(cells, 0.95, false).unwrap();
            assert_eq!(told.form, NumberForm { decimal, thousands }, "{cells:?}");
            assert_eq!(told.other.is_some(), cells[0] == "1,234" && cells[2] == "345", "{cells:?}");
        }
        for cells in [&["a", "b"][..], &["12 34,5", "1"], &["€ 12", "€ 3"], &["inf", "nan"]] {
            assert_eq!(numbers_told(cells, 0.95, false), None, "{cells:?}");
        }
        assert_eq!(
            NumberForm { decimal: ',', thousands: Some('.') }.read("-1.234,5"),
            Some(-1234.5)
        );
    }

    #[test]
    fn three_digits_behind_a_sign_may_be_thousands_or_decimals() {
        for (commas, decimal, thousands) in [(false, '.', None), (true, ',', Some('.'))] {
            let told = numbers_told(&["1.000", "2", "12.345"], 0.95, commas).unwrap();
            assert_eq!(told.form, NumberForm { decimal, thousands });
            assert_eq!(told.other.unwrap().1, "1.000");
        }
    }
}
