//! Choices that are made by name.

/// Gives an enum without fields its names: `ALL`, `name`, how they are read and how they are shown.
/// What is read and is none of them is an error of the argument that is named.
macro_rules! named_choice {
    ($type:ident, $argument:literal: $($variant:ident = $name:literal),+ $(,)?) => {
        impl $type {
            /// All of them, in their order.
            pub const ALL: [Self; [$($name),+].len()] = [$($type::$variant),+];

            /// The name used in Python, on the command line and in files.
            pub const fn name(self) -> &'static str {
                match self {
                    $($type::$variant => $name),+
                }
            }
        }

        impl std::str::FromStr for $type {
            type Err = $crate::error::Error;

            fn from_str(name: &str) -> $crate::error::Result<Self> {
                Self::ALL.into_iter().find(|choice| choice.name() == name).ok_or_else(|| {
                    let expected = $crate::error::choices(&[$($name),+]);
                    $crate::error::Error::text_argument($argument, name, expected)
                })
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.name())
            }
        }
    };
}

pub(crate) use named_choice;

/// `"a", "b" or "c"`.
pub(crate) fn choices(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::choices;

    #[test]
    fn choices_are_written_as_a_sentence_has_them() {
        assert_eq!(choices(&[]), "");
        assert_eq!(choices(&["a"]), r#""a""#);
        assert_eq!(choices(&["a", "b"]), r#""a" or "b""#);
        assert_eq!(choices(&["a", "b", "c"]), r#""a", "b" or "c""#);
    }
}
