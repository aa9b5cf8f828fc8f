//! Texts from the data as they are displayed: in a terminal, in Markdown, in HTML. They must not
//! act there as anything but text.

use std::borrow::Cow;

/// Whether a character moves the cursor or colours the screen, or turns the direction of the text
/// around it.
fn acts(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Replaces the characters that `by` has something else for; without one the text itself.
fn replaced(text: &str, by: impl Fn(char) -> Option<Cow<'static, str>>) -> Cow<'_, str> {
    let Some(first) = text.find(|c| by(c).is_some()) else { return Cow::Borrowed(text) };
    let mut out = text[..first].to_owned();
    for c in text[first..].chars() {
        match by(c) {
            Some(other) => out.push_str(&other),
            None => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// For a terminal: control characters as Rust writes them (`\u{1b}`), except line ends and tabs.
///
/// ```
/// use winback::answer::escape::terminal;
/// assert_eq!(terminal("plan \u{1b}[31mred\r\n"), "plan \\u{1b}[31mred\\r\n");
/// ```
pub fn terminal(text: &str) -> Cow<'_, str> {
    replaced(text, |c| match c {
        '\n' | '\t' => None,
        c => acts(c).then(|| c.escape_default().to_string().into()),
    })
}

/// For a line of Markdown or a cell of a table in it: escapes what would end the cell or the line, or
/// begin a link or HTML.
///
/// ```
/// use winback::answer::escape::markdown;
/// assert_eq!(markdown("a|b\n<script>"), "a\\|b &lt;script&gt;");
/// assert_eq!(markdown("[a](javascript:b)"), "\\[a](javascript:b)");
/// ```
pub fn markdown(text: &str) -> Cow<'_, str> {
    replaced(text, |c| match c {
        '|' => Some("\\|".into()),
        '[' => Some("\\[".into()),
        '&' => Some("&amp;".into()),
        '<' => Some("&lt;".into()),
        '>' => Some("&gt;".into()),
        '\n' | '\t' => Some(" ".into()),
        c => acts(c).then_some("\u{fffd}".into()),
    })
}

/// For HTML, between tags and in quoted attributes; what HTML does not allow becomes `U+FFFD`.
///
/// ```
/// use winback::answer::escape::html;
/// assert_eq!(html("'a' < \u{1b}b"), "&#39;a&#39; &lt; \u{fffd}b");
/// ```
pub fn html(text: &str) -> Cow<'_, str> {
    replaced(text, |c| match c {
        '&' => Some("&amp;".into()),
        '<' => Some("&lt;".into()),
        '>' => Some("&gt;".into()),
        '"' => Some("&quot;".into()),
        '\'' => Some("&#39;".into()),
        '\n' | '\t' => None,
        c => acts(c).then_some("\u{fffd}".into()),
    })
}

/// For a CSV file that people open as a sheet: an apostrophe before what would run as a formula
/// there. It alters the text, so files that programs read go without it.
///
/// ```
/// use winback::answer::escape::sheet;
/// assert_eq!(sheet("=1+1"), "'=1+1");
/// assert_eq!(sheet("Zoë"), "Zoë");
/// ```
pub fn sheet(text: &str) -> Cow<'_, str> {
    match text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => Cow::Owned(format!("'{text}")),
        false => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn plain_texts_stay_as_they_are() {
        for text in ["", "Zoë, 5 €", "日本", "a\tb\nc"] {
            assert!(matches!(terminal(text), Cow::Borrowed(same) if same == text));
            assert!(matches!(html(text), Cow::Borrowed(same) if same == text));
        }
        assert!(matches!(markdown("Zoë, 5 €"), Cow::Borrowed("Zoë, 5 €")));
    }

    #[test]
    fn the_direction_of_text_is_not_turned() {
        assert_eq!(terminal("a\u{202e}b"), "a\\u{202e}b");
        assert_eq!(html("a\u{2066}b"), "a\u{fffd}b");
        assert_eq!(markdown("a\u{2066}b"), "a\u{fffd}b");
    }

    proptest! {
        #[test]
        fn nothing_acts_in_an_escaped_text(text in any::<String>()) {
            let acting = |text: &str| text.contains(|c| acts(c) && c != '\n' && c != '\t');
            prop_assert!(!acting(&terminal(&text)));
            prop_assert!(!acting(&html(&text)) && !html(&text).contains(['<', '>', '"', '\'']));
            let cell = markdown(&text);
            prop_assert!(!acting(&cell) && !cell.contains(['<', '>', '\n']));
            prop_assert_eq!(cell.matches('|').count(), cell.matches("\\|").count());
            prop_assert_eq!(cell.matches('[').count(), cell.matches("\\[").count());
        }
    }
}
