//! Options of analyses, declared once: the comment on a field is its documentation in Rust, in
//! `--help` and in Python.

/// Declares a struct of options with its defaults, a setter for each field, and `fields()`, the
/// names and comments of the fields; with the feature `cli` they are also arguments of a command.
///
/// A comment is one paragraph of plain text, without links. Each field says how it is given on the
/// command line, along with anything else clap needs to know:
/// - `#[value(...)]`: one value, whose default is shown;
/// - `#[values(...)]`: several values, separated by commas;
/// - `#[option(...)]`: a value that may be missing, or a flag;
/// - `#[flatten(Type)]`: the fields of other options;
/// - `#[skip(cli)]`: not given on the command line.
macro_rules! options {
    (
        $(#[doc = $about:literal])*
        $(#[derive($($derive:ident),*)])?
        $(#[command($($command:tt)*)])?
        $(#[serde($serde:ident)])?
        pub struct $options:ident {
            $(
                $(#[doc = $doc:literal])*
                $(#[value($($value:tt)*)])?
                $(#[values($($values:tt)*)])?
                $(#[option($($option:tt)*)])?
                $(#[flatten($flatten:ty)])?
                $(#[skip($skip:ident)])?
                $name:ident: $type:ty = $default:expr,
            )*
        }
    ) => {
        $(#[doc = $about])*
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
        $(#[derive($($derive),*)])?
        #[cfg_attr(feature = "cli", derive(clap::Args))]
        $(#[cfg_attr(feature = "cli", command($($command)*))])?
        #[serde(default $(, $serde)?)]
        #[non_exhaustive]
        pub struct $options {
            $(
                $(#[doc = $doc])*
                $(#[cfg_attr(
                    feature = "cli",
                    arg(long, default_value_t = Self::default().$name, $($value)*)
                )])?
                $(#[cfg_attr(
                    feature = "cli",
                    arg(long, default_values_t = Self::default().$name, value_delimiter = ',',
                        $($values)*)
                )])?
                $(#[cfg_attr(feature = "cli", arg(long, $($option)*))])?
                $(
                    #[doc = concat!("See [`", stringify!($flatten), "`].")]
                    #[cfg_attr(feature = "cli", command(flatten))]
                    #[serde(flatten)]
                )?
                $(#[cfg_attr(
                    feature = "cli",
                    arg(skip = { let _ = stringify!($skip); Self::default().$name })
                )])?
                pub $name: $type,
            )*
        }

        impl Default for $options {
            fn default() -> Self {
                $options { $($name: $default,)* }
            }
        }

        impl $options {
            $(
                $(#[doc = $doc])*
                #[doc = concat!("\n\nDefault: `", stringify!($default), "`.")]
                #[must_use]
                pub fn $name(mut self, $name: $type) -> Self {
                    self.$name = $name;
                    self
                }
            )*

            /// Names and comments of the fields, including those of nested options.
            #[allow(clippy::vec_init_then_push)] // what follows the push, only some fields have
            pub fn fields() -> Vec<(&'static str, &'static str)> {
                let mut fields = Vec::new();
                $(
                    fields.push((stringify!($name), concat!($($doc, "\n"),*)));
                    $(
                        fields.pop();
                        fields.extend(<$flatten>::fields());
                    )?
                )*
                fields
            }
        }
    };
}

pub(crate) use options;

/// Reads a value from the command line; its errors do not name the argument.
///
/// # Errors
/// What was expected.
#[cfg(feature = "cli")]
pub fn value<T: std::str::FromStr<Err = crate::Error>>(text: &str) -> Result<T, String> {
    text.parse().map_err(failed)
}

/// What is wrong in a file that a value names, and what it contains there.
#[cfg(feature = "cli")]
pub fn failed_in_file(error: crate::Error) -> String {
    match error {
        crate::Error::Argument { expected, got: Some(got), .. } => {
            format!("expected {expected}, got {got}")
        }
        error => failed(error),
    }
}

/// What is wrong with a value, without its name.
#[cfg(feature = "cli")]
pub fn failed(error: crate::Error) -> String {
    match error {
        crate::Error::Argument { expected, .. } => format!("expected {expected}"),
        error => error.in_full(),
    }
}
