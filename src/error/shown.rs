//! Values as messages show them: short, and on one line.

/// The longest value that is shown whole.
const LONGEST: usize = 80;
/// A number of more characters is written with an exponent.
pub(crate) const LONG: usize = 24;
/// So many names of a list are shown.
const MOST_NAMES: usize = 30;

/// A value of the input: cut after 80 characters, control characters escaped.
pub(crate) fn shown(value: &str) -> String {
    let mut out = String::new();
    for (place, c) in value.chars().enumerate() {
        if place == LONGEST {
            out.push('…');
            break;
        }
        push(&mut out, c);
    }
    out
}

/// A text of the input in quotes, otherwise as [`shown`].
pub(crate) fn quoted(text: &str) -> String {
    format!("\"{}\"", shown(text))
}

/// A number with at most about twenty digits.
pub(crate) fn number(value: f64) -> String {
    let plain = value.to_string();
    if plain.len() > LONG { format!("{value:e}") } else { plain }
}

/// A message or a path: whole, control characters escaped.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::new();
    text.chars().for_each(|c| push(&mut out, c));
    out
}

/// Names as a list, no more than 30 of them.
pub(crate) fn names<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let mut names = names.into_iter();
    let mut out: Vec<String> = names.by_ref().take(MOST_NAMES).map(shown).collect();
    let more = names.count();
    if more > 0 {
        out.push(format!("and {more} more"));
    }
    out.join(", ")
}

/// Control characters are escaped, and so are those that turn the direction of the text around them.
fn push(out: &mut String, c: char) {
    let turns =
        matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if c.is_control() || turns || matches!(c, '\u{2028}' | '\u{2029}') {
        out.extend(c.escape_default());
    } else {
        out.push(c);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_values_are_cut_and_control_characters_escaped() {
        assert_eq!(shown("plain, \u{e9}"), "plain, \u{e9}");
        assert_eq!(shown("\u{1b}[31m\nred\u{202e}"), "\\u{1b}[31m\\nred\\u{202e}");
        assert_eq!(shown(&"x".repeat(80)), "x".repeat(80));
        assert_eq!(quoted(&"x".repeat(81)), format!("\"{}…\"", "x".repeat(80)));
        assert_eq!(plain(&"x".repeat(81)), "x".repeat(81));
        assert_eq!([number(1e308), number(-0.25), number(1e-300)], ["1e308", "-0.25", "1e-300"]);
        assert_eq!(number(f64::INFINITY), "inf");
        assert_eq!(names(["a", "b\t"]), "a, b\\t");
        assert_eq!(names(["a"; 32]), format!("{}and 2 more", "a, ".repeat(30)));
    }
}
