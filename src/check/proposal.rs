//! How to read a table, as arguments of Python and of the command line.

use std::path::Path;

use crate::log::FileKind;

/// An argument and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Argument {
    /// Its name in Python; on the command line it has dashes.
    pub(super) name: &'static str,
    pub(super) value: String,
    /// Why, for the reader.
    pub(super) remark: Option<&'static str>,
}

impl Argument {
    /// Its value as Python takes it: numbers are numbers.
    pub(super) fn as_json(&self) -> serde_json::Value {
        match self.value.parse::<u64>() {
            Ok(number) => number.into(),
            Err(_) => self.value.clone().into(),
        }
    }
}

/// How to read a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Proposal {
    /// The name of the table in winback.
    pub(super) table: &'static str,
    /// Columns by their names in winback and in the input, where they differ.
    pub(super) columns: Vec<(&'static str, String)>,
    pub(super) arguments: Vec<Argument>,
    /// Price and quantity, whose product is the amount.
    pub(super) product: Option<(String, String)>,
}

/// A text as Python writes it.
fn python_text(text: &str) -> String {
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
fn shell_text(text: &str) -> String {
    let is_plain =
        |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '=' | ':' | ',');
    match !text.is_empty() && text.chars().all(is_plain) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', "'\\''")),
    }
}

impl Proposal {
    /// A call of Python.
    pub(super) fn python(&self, path: Option<&Path>) -> String {
        let source =
            path.map_or_else(|| "table".to_owned(), |path| python_text(&path.to_string_lossy()));
        let mut lines = vec!["import winback as wb".to_owned(), String::new()];
        let mut table = source.clone();
        if let Some((price, quantity)) = &self.product {
            let read = match path.and_then(FileKind::of) {
                Some(FileKind::Parquet) => "read_parquet",
                Some(FileKind::Xlsx) => "read_excel",
                Some(FileKind::Csv) | None => "read_csv",
            };
            lines.insert(0, "import polars as pl".to_owned());
            let frame = match path {
                Some(_) => format!("pl.{read}({source})"),
                None => "table".to_owned(),
            };
            lines.push(format!("orders = {frame}.with_columns("));
            let [quantity, price] = [quantity, price].map(|name| python_text(name));
            lines.push(format!("    amount=pl.col({quantity}) * pl.col({price})"));
            lines.push(")".to_owned());
            table = "orders".to_owned();
        }
        let first = match self.table {
            "transactions" => table,
            name => {
                lines.push("# beside your transactions and their columns".to_owned());
                format!("transactions, {name}={table}")
            }
        };
        lines.push("log = wb.EventLog(".to_owned());
        lines.push(format!("    {first},"));
        if !self.columns.is_empty() {
            let name = |(own, input): &(&str, String)| format!("\"{own}\": {}", python_text(input));
            let names: Vec<String> = self.columns.iter().map(name).collect();
            let one = format!("    columns={{\"{}\": {{{}}}}},", self.table, names.join(", "));
            if one.chars().count() <= 100 {
                lines.push(one);
            } else {
                lines.push("    columns={".to_owned());
                lines.push(format!("        \"{}\": {{", self.table));
                lines.extend(names.iter().map(|name| format!("            {name},")));
                lines.push("        }".to_owned());
                lines.push("    },".to_owned());
            }
        }
        for Argument { name, value, remark } in &self.arguments {
            let remark = remark.map_or_else(String::new, |remark| format!("  # {remark}"));
            let value = match value.parse::<u64>() {
                Ok(number) => number.to_string(),
                Err(_) => python_text(value),
            };
            lines.push(format!("    {name}={value},{remark}"));
        }
        lines.push(")".to_owned());
        lines.join("\n")
    }

    /// Arguments of the command line.
    pub(super) fn command_line(&self, path: &Path) -> String {
        let path = shell_text(&path.to_string_lossy());
        let mut parts = match self.table {
            "transactions" => vec![format!("winback check --transactions {path}")],
            name => vec![format!("winback check --transactions ... --{name} {path}")],
        };
        for (own, input) in &self.columns {
            parts
                .push(format!("--column {}", shell_text(&format!("{}.{own}={input}", self.table))));
        }
        for Argument { name, value, .. } in &self.arguments {
            let value = match value.as_str() {
                "\t" => "tab",
                value => value,
            };
            parts.push(format!("--{} {}", name.replace('_', "-"), shell_text(value)));
        }
        parts.join(" \\\n  ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_quoted_for_their_readers() {
        assert_eq!(python_text("a\"b\\\t"), "\"a\\\"b\\\\\\t\"");
        assert_eq!(shell_text("transactions.time=Дата"), "transactions.time=Дата");
        assert_eq!(shell_text("it's 5 $"), "'it'\\''s 5 $'");
        assert_eq!(shell_text(""), "''");
    }
}
