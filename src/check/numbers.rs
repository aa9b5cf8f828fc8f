//! How numbers are written.

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

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}')
}

impl NumberForm {
    pub(super) fn is_plain(self) -> bool {
        self == PLAIN
    }

    /// The number that a text stands for. Groups have three digits each.
    pub(super) fn read(self, text: &str) -> Option<f64> {
        let text: String = text.chars().map(|c| if is_blank(c) { ' ' } else { c }).collect();
        let (whole, part) = match text.split_once(self.decimal) {
            Some((whole, part)) => (whole, Some(part)),
            None => (text.as_str(), None),
        };
        let mut digits = String::with_capacity(text.len());
        match self.thousands.filter(|&sign| whole.contains(sign)) {
            None => digits.push_str(whole),
            Some(sign) => {
                let mut groups = whole.split(sign);
                let first = groups.next()?;
                let length = first.trim_start_matches(['-', '+']).len();
                if !(1..=3).contains(&length) {
                    return None;
                }
                digits.push_str(first);
                for group in groups {
                    if group.len() != 3 || !group.bytes().all(|byte| byte.is_ascii_digit()) {
                        return None;
                    }
                    digits.push_str(group);
                }
            }
        }
        if let Some(part) = part {
            digits.push('.');
            digits.push_str(part);
        }
        let is_number = digits
            .bytes()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+' | b'e' | b'E'));
        if is_number { digits.parse().ok() } else { None }
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
