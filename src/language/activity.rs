//! Texts about purchases as they read in a log of activity, where acts such as log-ins stand in
//! place of purchases. Names of columns, which hold underscores, stay.

use std::sync::{LazyLock, Mutex, PoisonError};

use hashbrown::HashMap;

/// What stands for what, longer phrases before shorter ones that they begin with. Phrases also stand
/// for themselves with a capital letter.
const ENGLISH: &[(&str, &str)] = &[
    ("activity besides purchases", "other events"),
    ("days with a purchase", "active days"),
    ("day with a purchase", "active day"),
    ("days with purchases", "active days"),
    ("day with purchases", "active day"),
    ("purchase days", "active days"),
    ("purchase day", "active day"),
    ("a new purchase", "new activity"),
    ("a purchase", "activity"),
    ("one purchase", "one activity"),
    ("of whom purchased", "of whom active"),
    ("to purchase", "to be active"),
    ("customer purchased", "customer was active"),
    ("purchased", "were active"),
    ("purchases", "activities"),
    ("purchase", "activity"),
    ("customer bought", "customer was active"),
    ("had bought", "had been active"),
    ("first bought", "were first active"),
    ("bought", "were active"),
    ("buys nothing", "is not active"),
    ("to buy nothing", "not to be active"),
    ("to buy", "to be active"),
    ("buys", "is active"),
    ("buy", "are active"),
    ("buying", "being active"),
    ("buyers", "active customers"),
    ("transaction rows read", "rows of activity read"),
    ("transactions go on", "activity goes on"),
    ("transactions", "activities"),
    ("transaction", "activity"),
];

const RUSSIAN: &[(&str, &str)] = &[
    ("активность помимо покупок", "прочие события"),
    ("между покупками", "между днями активности"),
    ("ничего не купят", "не будут активны"),
    ("ничего не купит", "не будет активен"),
    ("строк покупок", "строк активности"),
    ("покупками", "активностью"),
    ("покупкам", "активности"),
    ("покупках", "активности"),
    ("покупкой", "активностью"),
    ("покупок", "активности"),
    ("покупка", "активность"),
    ("покупку", "активность"),
    ("покупке", "активности"),
    ("покупки", "активности"),
    ("покупает", "активен"),
    ("покупают", "активны"),
    ("покупали", "были активны"),
    ("покупал", "был активен"),
    ("купивших", "активных"),
    ("купившие", "активные"),
    ("купили", "были активны"),
    ("купил", "был активен"),
    ("купят", "будут активны"),
    ("купит", "будет активен"),
];

/// A text of the program, about activity. Each is made once, and there are few.
pub(crate) fn of_activity(text: &'static str) -> &'static str {
    static MADE: LazyLock<Mutex<HashMap<&'static str, &'static str>>> =
        LazyLock::new(Mutex::default);
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    made.entry(text).or_insert_with(|| Box::leak(reworded(text).into_boxed_str()))
}

/// Any text, about activity. Columns of a table stay where they are.
pub(crate) fn reworded(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text;
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    while let Some(first) = rest.chars().next() {
        let starts = is_word(first) && !out.ends_with(is_word);
        let found = if starts { phrase(rest, is_word) } else { None };
        match found {
            Some((length, said)) => {
                rest = &rest[length..];
                push_in_place(&mut out, &mut rest, &said, length);
            }
            None => {
                out.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
    }
    out
}

/// The phrase that a text begins with: its length in bytes, and what stands for it.
fn phrase(text: &str, is_word: impl Fn(char) -> bool) -> Option<(usize, String)> {
    ENGLISH.iter().chain(RUSSIAN).find_map(|(phrase, said)| {
        let begins = text.strip_prefix(phrase).map(|rest| (rest, false)).or_else(|| {
            let rest = text.strip_prefix(capital(phrase).as_str())?;
            Some((rest, true))
        });
        let (rest, with_capital) = begins.filter(|(rest, _)| !rest.starts_with(&is_word))?;
        let said = if with_capital { capital(said) } else { (*said).to_owned() };
        Some((text.len() - rest.len(), said))
    })
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}

/// Appends what stands for a phrase; where it stands in a table, blanks beside it make up for a
/// difference in length.
fn push_in_place(out: &mut String, rest: &mut &str, said: &str, length: usize) {
    let longer = said.len().saturating_sub(length);
    let shorter = length.saturating_sub(said.len());
    let after = rest.len() - rest.trim_start_matches(' ').len();
    let before = out.len() - out.trim_end_matches(' ').len();
    if after > longer.max(1) {
        out.push_str(said);
        out.extend(std::iter::repeat_n(' ', shorter));
        *rest = &rest[longer..];
    } else if before > longer.max(1) {
        out.truncate(out.len() - longer);
        out.extend(std::iter::repeat_n(' ', shorter));
        out.push_str(said);
    } else {
        out.push_str(said);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_of_activity_and_names_of_columns_stay() {
        for (text, expected) in [
            ("raises the chance of a purchase", "raises the chance of activity"),
            ("Last purchase, buys less", "Last activity, is active less"),
            ("by purchase_count, repurchase", "by purchase_count, repurchase"),
            ("active: bought in the last {0}", "active: were active in the last {0}"),
            ("Последняя покупка: шанс покупки", "Последняя активность: шанс активности"),
            ("обычно покупает раз в {}", "обычно активен раз в {}"),
            ("kopek, busy", "kopek, busy"),
            ("", ""),
        ] {
            assert_eq!(reworded(text), expected);
        }
        assert_eq!(of_activity("a purchase").as_ptr(), of_activity("a purchase").as_ptr());
    }

    #[test]
    fn columns_of_a_table_stay_where_they_are() {
        assert_eq!(
            reworded("customers  purchases\n        2          3"),
            "customers activities\n        2          3"
        );
        assert_eq!(reworded("  purchases  3"), "  activities 3");
        assert_eq!(reworded("days of purchase   1"), "days of activity   1");
    }
}
