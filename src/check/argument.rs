//! An argument, as Python and the command line write it.

use serde_json::Value;

use crate::error::{Error, Result};
use crate::log::EventLogBuilder;

/// An argument of the log and its value.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Argument {
    /// Its name in Python; on the command line it has dashes.
    pub(super) name: &'static str,
    pub(super) value: Value,
    /// Why, for the reader.
    pub(super) remark: Option<String>,
}

/// Arguments that say how a text file is read, and no other table.
pub(super) const OF_TEXT: [&str; 5] =
    ["decimal", "thousands", "csv_separator", "skip_rows", "encoding"];

/// What may be given beside names of columns, and what is expected of it.
const NAMES: [(&str, &str); 14] = [
    ("missing_ids", "\"error\" or \"drop\""),
    ("bad_rows", "\"error\" or \"drop\""),
    ("missing_values", "a list of texts"),
    ("purchase_by", "\"order\", \"timestamp\" or \"day\""),
    ("zero_amounts", "\"ignore\" or \"purchase\""),
    ("observed_until", "a date or time, or \"last_event\""),
    ("time_zone", "the name of a time zone, such as \"Europe/Berlin\""),
    ("time_format", "a format, or formats by column"),
    ("decimal", "one character"),
    ("thousands", "one character"),
    ("csv_separator", "one ASCII character"),
    ("skip_rows", "a number of lines"),
    ("encoding", "the name of an encoding"),
    ("limits", "numbers by name"),
];

impl Argument {
    pub(super) fn new(name: &'static str, value: impl Into<Value>) -> Argument {
        Argument { name, value: value.into(), remark: None }
    }

    pub(super) fn because(self, remark: impl Into<String>) -> Argument {
        Argument { remark: Some(remark.into()), ..self }
    }

    /// An argument that is given.
    pub(super) fn given(name: &str, value: &Value) -> Result<Argument> {
        let Some((own, _)) = NAMES.iter().find(|(own, _)| *own == name) else {
            let names = NAMES.map(|(own, _)| own).join(", ");
            let expected = format!("arguments of the log: columns, sheets, {names}");
            return Err(Error::text_argument("given", name, expected));
        };
        Ok(Argument::new(own, value.clone()))
    }

    fn text(&self) -> Result<&str> {
        self.value.as_str().ok_or_else(|| self.refused())
    }

    fn character(&self) -> Result<char> {
        let mut all = self.text()?.chars();
        all.next().filter(|_| all.next().is_none()).ok_or_else(|| self.refused())
    }

    fn refused(&self) -> Error {
        let expected = NAMES.iter().find(|(own, _)| *own == self.name);
        let expected = expected.map_or("another value", |(_, expected)| expected);
        Error::argument(self.name, &self.value, expected)
    }

    /// The builder with the argument.
    pub(super) fn apply(&self, mut builder: EventLogBuilder) -> Result<EventLogBuilder> {
        let items = || self.value.as_object().ok_or_else(|| self.refused());
        Ok(match self.name {
            "missing_ids" => builder.missing_ids(self.text()?.parse()?),
            "bad_rows" => builder.bad_rows(self.text()?.parse()?),
            "missing_values" => {
                let texts = self.value.as_array().ok_or_else(|| self.refused())?;
                builder.missing_values(texts.iter().filter_map(Value::as_str))
            }
            "purchase_by" => builder.purchase_by(self.text()?.parse()?),
            "zero_amounts" => builder.zero_amounts(self.text()?.parse()?),
            "observed_until" => builder.observed_until(self.text()?)?,
            "time_zone" => builder.time_zone(self.text()?)?,
            "time_format" => match &self.value {
                Value::Object(formats) => {
                    for (place, format) in formats {
                        let format = format.as_str().ok_or_else(|| self.refused())?;
                        builder = builder.column_time_format(place, format)?;
                    }
                    builder
                }
                _ => builder.time_format(self.text()?)?,
            },
            "decimal" => builder.decimal(self.character()?)?,
            "thousands" => builder.thousands(self.character()?)?,
            "csv_separator" => {
                let separator = u8::try_from(self.character()?).map_err(|_| self.refused())?;
                builder.csv_separator(separator)
            }
            "skip_rows" => {
                let lines = self.value.as_u64().ok_or_else(|| self.refused())?;
                builder.skip_rows(usize::try_from(lines).map_err(|_| self.refused())?)
            }
            "encoding" => builder.encoding(self.text()?)?,
            "sheets" => {
                for (table, sheet) in items()? {
                    builder =
                        builder.sheet(table, sheet.as_str().ok_or_else(|| self.refused())?)?;
                }
                builder
            }
            "limits" => {
                for (name, value) in items()? {
                    builder = builder.limit(name, value.as_u64().ok_or_else(|| self.refused())?)?;
                }
                builder
            }
            _ => builder,
        })
    }

    /// As a line of a call of Python.
    pub(super) fn python(&self) -> String {
        let remark = self.remark.as_ref().map_or_else(String::new, |why| format!("  # {why}"));
        format!("{}={},{remark}", self.name, python_value(&self.value))
    }

    /// As options of the command line.
    pub(super) fn options(&self) -> Vec<String> {
        let name = match self.name {
            "sheets" => "--sheet".to_owned(),
            "limits" => "--limit".to_owned(),
            name => format!("--{}", name.replace('_', "-")),
        };
        let option = |value: &str| format!("{name} {}", shell_text(value));
        match &self.value {
            Value::Object(items) => {
                let text =
                    |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                items.iter().map(|(key, value)| option(&format!("{key}={}", text(value)))).collect()
            }
            Value::Array(items) => {
                let texts: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
                vec![option(&texts.join(","))]
            }
            Value::String(text) if text == "\t" => vec![option("tab")],
            Value::String(text) => vec![option(text)],
            other => vec![option(&other.to_string())],
        }
    }
}

fn python_value(value: &Value) -> String {
    match value {
        Value::String(text) => python_text(text),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(python_value).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(items) => {
            let item = |(key, value): (&String, &Value)| {
                format!("{}: {}", python_text(key), python_value(value))
            };
            let items: Vec<String> = items.iter().map(item).collect();
            format!("{{{}}}", items.join(", "))
        }
        other => other.to_string(),
    }
}

/// A text as Python writes it.
pub(super) fn python_text(text: &str) -> String {
    let escaped: String = text
        .chars()
        .map(|c| match c {
            '"' => "\\\"".to_owned(),
            '\\' => "\\\\".to_owned(),
            '\t' => "\\t".to_owned(),
            '\n' => "\\n".to_owned(),
            c if c.is_control() => format!("\\x{:02x}", u32::from(c)),
            c => c.to_string(),
        })
        .collect();
    format!("\"{escaped}\"")
}

/// A text as a shell reads it.
pub(super) fn shell_text(text: &str) -> String {
    let is_plain =
        |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '=' | ':' | ',');
    match !text.is_empty() && text.chars().all(is_plain) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', "'\\''")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn texts_are_quoted_for_their_readers() {
        assert_eq!(python_text("a\"b\\\t"), "\"a\\\"b\\\\\\t\"");
        assert_eq!(shell_text("transactions.time=Дата"), "transactions.time=Дата");
        assert_eq!(shell_text("it's 5 $"), "'it'\\''s 5 $'");
        assert_eq!(shell_text(""), "''");
    }

    #[test]
    fn values_are_written_by_their_type() {
        for (name, value, python, options) in [
            ("encoding", json!("866"), "encoding=\"866\",", "--encoding 866"),
            ("skip_rows", json!(2), "skip_rows=2,", "--skip-rows 2"),
            ("csv_separator", json!("\t"), "csv_separator=\"\\t\",", "--csv-separator tab"),
            (
                "missing_values",
                json!(["x", "-9"]),
                "missing_values=[\"x\", \"-9\"],",
                "--missing-values x,-9",
            ),
            (
                "time_format",
                json!({"transactions.known_at": "%d/%m/%Y"}),
                "time_format={\"transactions.known_at\": \"%d/%m/%Y\"},",
                "--time-format 'transactions.known_at=%d/%m/%Y'",
            ),
            ("limits", json!({"columns": 7}), "limits={\"columns\": 7},", "--limit columns=7"),
        ] {
            let argument = Argument::given(name, &value).unwrap();
            assert_eq!(argument.python(), python);
            assert_eq!(argument.options(), [options]);
            assert!(argument.apply(crate::EventLog::builder()).is_ok(), "{name}");
            let other = Argument::given(name, &json!(true)).unwrap();
            assert!(other.apply(crate::EventLog::builder()).is_err(), "{name}");
        }
        assert!(Argument::given("decimals", &json!(",")).is_err());
    }
}
