//! Ids of customers that are written in several ways, or that a program has cut short.

use hashbrown::HashMap;
use hashbrown::hash_map::Entry;

use super::cases::Cases;
use super::customers::rows_of;
use super::finding::{Finding, Severity, Verdict};
use super::judged::Judged;
use crate::error::quoted;
use crate::log::counted;
use crate::log::{CustomerId, CustomerIndex};

/// Characters that nobody sees: of width zero, soft hyphens, marks of byte order and direction.
const UNSEEN: [char; 8] =
    ['\u{ad}', '\u{200b}', '\u{200c}', '\u{200d}', '\u{200e}', '\u{200f}', '\u{2060}', '\u{feff}'];

/// What an id looks like to a reader who does not mind case, blanks and how whole numbers are written:
/// with a decimal, or with zeros before them.
fn looks(id: &str) -> String {
    // A whole number as a float, such as 12.0, is what exports make of 12 where some are missing.
    let id = match id.split_once('.') {
        Some((whole, zeros)) if !zeros.is_empty() && zeros.bytes().all(|zero| zero == b'0') => {
            whole
        }
        _ => id,
    };
    let seen = id.chars().filter(|sign| !UNSEEN.contains(sign) && !sign.is_whitespace());
    let plain: String = seen.flat_map(char::to_lowercase).collect();
    match plain.bytes().all(|sign| sign.is_ascii_digit()) {
        true => plain.trim_start_matches('0').to_owned(),
        false => plain,
    }
}

/// Ids that are texts, each with its customer.
fn texts<'a>(judged: &'a Judged<'_>) -> impl Iterator<Item = (CustomerIndex, &'a str)> {
    let customers = judged.log.customers();
    customers.indices().filter_map(|customer| match customers.get(customer) {
        CustomerId::Text(id) => Some((customer, id)),
        CustomerId::Int(_) => None,
    })
}

/// Customers whose ids differ only in case, in blanks, in leading zeros or in signs that are not seen.
pub(super) fn ids(judged: &Judged<'_>) -> Verdict {
    let mut most: HashMap<String, (CustomerIndex, &str)> = HashMap::new();
    let (mut others, mut rows, mut example) = (0, Cases::default(), None);
    for own in texts(judged) {
        match most.entry(looks(own.1)) {
            Entry::Vacant(entry) => {
                entry.insert(own);
            }
            // Rows are counted only here: most ids look like no other.
            Entry::Occupied(mut entry) => {
                let count = |(customer, _): (CustomerIndex, &str)| rows_of(judged, customer);
                // The id of fewer rows is the odd one.
                let is_odd = count(own).count <= count(*entry.get()).count;
                let other = if is_odd { own } else { entry.insert(own) };
                others += 1;
                rows.merge(count(other));
                example.get_or_insert((entry.get().1, other.1));
            }
        }
    }
    let Some((one, other)) = example else { return Verdict::Fine };
    judged.cases(rows, judged.facts.rows, |share| Finding {
        severity: if share >= 0.01 { Severity::High } else { Severity::Medium },
        finding: format!(
            "{} like another but for case, blanks, leading zeros or signs that are not seen, such as {} \
             and {}: each counts as a customer",
            counted(others, "id looks", "ids look"),
            written(one),
            written(other)
        ),
        advice: "write each customer's id in one way before the table is read",
        ..Finding::default()
    })
}

/// In quotes, with what is not seen as its code.
fn written(id: &str) -> String {
    let shown: String = id
        .chars()
        .map(|sign| match UNSEEN.contains(&sign) {
            true => sign.escape_unicode().to_string(),
            false => sign.to_string(),
        })
        .collect();
    quoted(&shown)
}

/// Ids such as `1.23457E+12`, which a spreadsheet makes of long numbers: the digits are lost, and
/// many customers may have become one.
pub(super) fn shortened(judged: &Judged<'_>) -> Verdict {
    let (mut ids, mut rows, mut example) = (0, Cases::default(), None);
    for (customer, id) in texts(judged).filter(|(_, id)| is_shortened(id)) {
        ids += 1;
        rows.merge(rows_of(judged, customer));
        example.get_or_insert(id);
    }
    let Some(example) = example else { return Verdict::Fine };
    judged.cases(rows, judged.facts.rows, |_| Finding {
        severity: Severity::High,
        finding: format!(
            "{} a number that a spreadsheet has cut short, such as {}: several customers may have \
             become one",
            counted(ids, "id is", "ids are"),
            quoted(example)
        ),
        advice: "export the table again with ids as texts",
        ..Finding::default()
    })
}

/// Digits with a point or a comma, and a power of ten of two digits.
fn is_shortened(id: &str) -> bool {
    let Some((digits, power)) = id.split_once(['E', 'e']) else { return false };
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let power = power.strip_prefix('+').filter(|power| power.len() == 2 && are_digits(power));
    let parts = digits.split_once(['.', ',']).unwrap_or((digits, "0"));
    power.is_some() && parts.0.len() == 1 && are_digits(parts.0) && are_digits(parts.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_cut_short_are_told_from_others() {
        for id in ["1.23457E+12", "4,60701E+12", "5E+11", "1.2e+15"] {
            assert!(is_shortened(id), "{id}");
        }
        for id in ["E12", "1E12", "12.5E+11", "a.5E+11", "1.x5E+11", "1.5E+1", "1.5E+1x", "15"] {
            assert!(!is_shortened(id), "{id}");
        }
    }

    #[test]
    fn what_nobody_sees_makes_no_other_look() {
        assert_eq!(looks("A\u{200b}b \u{a0}1"), looks("ab1"));
        assert_ne!(looks("a-1"), looks("a1"));
        assert_eq!(written("a\u{200b}"), "\"a\\u{200b}\"");
    }
}
