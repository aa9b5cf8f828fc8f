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
///
/// and what its setter takes, if not its type: `#[takes(span)]` or `#[takes(time)]`, texts too, so that
/// the setter returns a result; `spans` and `times`, several of them; `into`, what becomes its type;
/// `texts`, several texts.
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
                $(#[takes($takes:ident)])?
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
                $crate::answer::options::setter! {
                    $($takes)?
                    $(#[doc = $doc])*
                    #[doc = concat!("\n\nDefault: `", stringify!($default), "`.")]
                    $name: $type
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

/// The setter of a field by what it takes.
macro_rules! setter {
    (span $(#[$doc:meta])* $name:ident: $type:ty) => {
        $(#[$doc])*
        #[doc = "\n\n# Errors\n[`Error::Argument`](crate::Error::Argument) for a text that is no span."]
        pub fn $name<T: TryInto<crate::time::Span>>(mut self, $name: T) -> crate::Result<Self>
        where
            crate::Error: From<T::Error>,
        {
            let span: crate::time::Span = $name.try_into()?;
            self.$name = span.into();
            Ok(self)
        }
    };
    (spans $(#[$doc:meta])* $name:ident: $type:ty) => {
        $(#[$doc])*
        #[doc = "\n\n# Errors\n[`Error::Argument`](crate::Error::Argument) for a text that is no span."]
        pub fn $name<T: TryInto<crate::time::Span>>(
            mut self,
            $name: impl IntoIterator<Item = T>,
        ) -> crate::Result<Self>
        where
            crate::Error: From<T::Error>,
        {
            let spans = $name.into_iter().map(|span| Ok(span.try_into()?));
            self.$name = spans.collect::<crate::Result<_>>()?;
            Ok(self)
        }
    };
    (time $(#[$doc:meta])* $name:ident: $type:ty) => {
        $(#[$doc])*
        #[doc = "\n\n# Errors\n[`Error::Argument`](crate::Error::Argument) for a text that is no time."]
        pub fn $name(mut self, $name: impl crate::time::IntoTimestamp) -> crate::Result<Self> {
            self.$name = Some($name.into_moment(stringify!($name))?);
            Ok(self)
        }
    };
    (times $(#[$doc:meta])* $name:ident: $type:ty) => {
        $(#[$doc])*
        #[doc = "\n\n# Errors\n[`Error::Argument`](crate::Error::Argument) for a text that is no time."]
        pub fn $name(
            mut self,
            $name: impl IntoIterator<Item: crate::time::IntoTimestamp>,
        ) -> crate::Result<Self> {
            use crate::time::IntoTimestamp;
            let times = $name.into_iter().map(|time| time.into_moment(stringify!($name)));
            self.$name = Some(times.collect::<crate::Result<_>>()?);
            Ok(self)
        }
    };
    (into $(#[$doc:meta])* $name:ident: $type:ty) => {
        $(#[$doc])*
        #[must_use]
        pub fn $name(mut self, $name: impl Into<$type>) -> Self {
            self.$name = $name.into();
            self
        }
    };
    (texts $(#[$doc:meta])* $name:ident: $type:ty) => {
        $(#[$doc])*
        #[must_use]
        pub fn $name<T: Into<String>>(mut self, $name: impl IntoIterator<Item = T>) -> Self {
            self.$name = $name.into_iter().map(Into::into).collect();
            self
        }
    };
    ($(#[$doc:meta])* $name:ident: $type:ty) => {
        $(#[$doc])*
        #[must_use]
        pub fn $name(mut self, $name: $type) -> Self {
            self.$name = $name;
            self
        }
    };
}

pub(crate) use {options, setter};

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
