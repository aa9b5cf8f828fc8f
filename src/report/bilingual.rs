//! Tables of texts in English and in Russian. `{0}`, `{1}` and so on are placeholders.

macro_rules! texts {
    ($($name:ident: $english:literal, $russian:literal;)+) => {
        $(pub(super) const $name: Text = [$english, $russian];)+

        #[cfg(test)]
        const ALL: &[(&str, Text)] = &[$((stringify!($name), $name)),+];
    };
}

pub(super) use texts;

/// Fails where a text has other placeholders in the other language, or letters of it; `same` are the
/// names of those that are written alike in both.
#[cfg(test)]
pub(super) fn check(all: &[(&str, crate::language::Text)], same: &[&str]) {
    fn places(text: &str) -> Vec<char> {
        let mut found: Vec<char> =
            text.match_indices('{').filter_map(|(i, _)| text[i + 1..].chars().next()).collect();
        found.sort_unstable();
        found.dedup();
        found
    }
    let cyrillic = |text: &str| text.chars().any(|c| ('а'..='я').contains(&c));
    for (name, [english, russian]) in all {
        assert_eq!(places(english), places(russian), "{name}");
        assert!(!cyrillic(english), "{name}");
        assert!(cyrillic(russian) || same.contains(name), "{name}");
    }
}
