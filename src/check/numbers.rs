//! How numbers are written.

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

    /// The number that a text stands for, as the log reads it.
    pub(super) fn read(self, text: &str) -> Option<f64> {
        let mut format = NumberFormat::default();
        format.decimal(self.decimal).ok()?;
        if let Some(sign) = self.thousands {
            format.thousands(sign).ok()?;
        }
        format.parse(text).filter(|number| number.is_finite())
    }
}

/// How numbers are written if most cells are some.
pub(super) fn number_form(cells: &[&str], most: f64) -> Option<NumberForm> {
    if cells.len() > 2 * FEW && number_form(&cells[..FEW], most * 0.8).is_none() {
        return None;
    }
    let read = |form: NumberForm| cells.iter().filter(|text| form.read(text).is_some()).count();
    let counts = FORMS.map(read);
    let best = counts.into_iter().max()?;
    if best == 0 || (best as f64) < most * cells.len() as f64 {
        return None;
    }
    let fits = |form: &NumberForm| read(*form) == best;
    // Commas before three digits each time, and never before others, set thousands apart.
    let [comma, commas] = [FORMS[1], FORMS[2]];
    let grouped = |text: &&&str| text.contains(',') && commas.read(text).is_some();
    let three = cells.iter().filter(|text| text.contains(',')).count();
    if !fits(&PLAIN)
        && fits(&comma)
        && fits(&commas)
        && cells.iter().filter(grouped).count() == three
    {
        return Some(commas);
    }
    FORMS.into_iter().find(fits)
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
        ] {
            assert_eq!(
                number_form(cells, 0.95),
                Some(NumberForm { decimal, thousands }),
                "{cells:?}"
            );
        }
        for cells in [&["a", "b"][..], &["12 34,5", "1"], &["€ 12", "€ 3"], &["inf", "nan"]] {
            assert_eq!(number_form(cells, 0.95), None, "{cells:?}");
        }
        assert_eq!(
            NumberForm { decimal: ',', thousands: Some('.') }.read("-1.234,5"),
            Some(-1234.5)
        );
    }
}
