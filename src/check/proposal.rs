//! How to read a table, as a call of Python and as a command line.

use std::path::Path;

use super::argument::{Argument, OF_TEXT, python_text, shell_text};
use super::made::Made;
use crate::log::FileKind;

/// How to read a table.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Proposal {
    /// The name of the table in winback.
    pub(super) table: &'static str,
    /// Columns by their names in winback and in the input, where they differ.
    pub(super) columns: Vec<(String, String)>,
    pub(super) arguments: Vec<Argument>,
    /// Columns to add first.
    pub(super) made: Vec<Made>,
    /// Columns of texts, which polars would take for numbers.
    pub(super) texts: Vec<String>,
    /// What separates the cells of a CSV file.
    pub(super) separator: Option<char>,
    /// The sheet of a workbook.
    pub(super) sheet: Option<String>,
}

/// What a reader has to fill in.
const ORDERS: &str = "YOUR_ORDERS.csv";
const DATE: &str = "YYYY-MM-DD";

impl Proposal {
    /// Whether it is read beside a table of transactions, which is not there.
    fn is_beside(&self) -> bool {
        self.table != "transactions"
    }

    /// A call of Python.
    pub(super) fn python(&self, path: Option<&Path>) -> String {
        let source =
            path.map_or_else(|| "table".to_owned(), |path| python_text(&path.to_string_lossy()));
        let mut lines = vec!["import winback as wb".to_owned(), String::new()];
        let mut table = source.clone();
        if !self.made.is_empty() {
            lines.insert(0, "import polars as pl".to_owned());
            lines.push(format!("orders = {}.with_columns(", self.frame(path, &source)));
            lines.extend(self.made.iter().map(|made| format!("    {},", made.python())));
            lines.push(")".to_owned());
            table = "orders".to_owned();
        }
        lines.push("log = wb.EventLog(".to_owned());
        if self.is_beside() {
            lines.push(format!("    {},  # your transactions", python_text(ORDERS)));
            lines.push(format!("    {}={table},", self.table));
        } else {
            lines.push(format!("    {table},"));
        }
        if !self.columns.is_empty() {
            let name =
                |(own, input): &(String, String)| format!("\"{own}\": {}", python_text(input));
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
        for argument in self.of_log() {
            lines.push(format!("    {}", argument.python()));
        }
        if self.lacks_until() {
            lines.push(format!(
                "    observed_until={},  # the day up to which your transactions are complete",
                python_text(DATE)
            ));
        }
        lines.push(")".to_owned());
        lines.join("\n")
    }

    /// The arguments of the log: a frame to which columns are added is read before.
    pub(super) fn of_log(&self) -> impl Iterator<Item = &Argument> {
        let is_of_log = |argument: &&Argument| {
            self.made.is_empty() || !OF_TEXT.contains(&argument.name) && argument.name != "sheets"
        };
        self.arguments.iter().filter(is_of_log)
    }

    fn lacks_until(&self) -> bool {
        self.is_beside() && self.arguments.iter().all(|argument| argument.name != "observed_until")
    }

    /// The frame of polars to which columns are added.
    fn frame(&self, path: Option<&Path>, source: &str) -> String {
        let mut arguments = vec![source.to_owned()];
        let read = match path.and_then(FileKind::of) {
            _ if path.is_none() => return "pl.DataFrame(table)".to_owned(),
            Some(FileKind::Parquet) => "read_parquet",
            Some(FileKind::Xlsx) => {
                let sheet = self.sheet.as_deref().map(python_text);
                arguments.extend(sheet.map(|sheet| format!("sheet_name={sheet}")));
                "read_excel"
            }
            Some(FileKind::Csv) | None => {
                let separator = self.separator.filter(|separator| *separator != ',');
                let separator = separator.map(|own| python_text(&own.to_string()));
                arguments.extend(separator.map(|own| format!("separator={own}")));
                for argument in &self.arguments {
                    if matches!(argument.name, "encoding" | "skip_rows") {
                        let value = argument.value.as_str().map(python_text);
                        let value = value.unwrap_or_else(|| argument.value.to_string());
                        arguments.push(format!("{}={value}", argument.name));
                    }
                }
                arguments.push("infer_schema_length=None".to_owned());
                let texts: Vec<String> = self
                    .texts
                    .iter()
                    .map(|name| format!("{}: pl.String", python_text(name)))
                    .collect();
                if !texts.is_empty() {
                    arguments.push(format!("schema_overrides={{{}}}", texts.join(", ")));
                }
                "read_csv"
            }
        };
        match arguments.len() {
            1 => format!("pl.{read}({})", arguments[0]),
            _ => format!("pl.{read}(\n    {},\n)", arguments.join(",\n    ")),
        }
    }

    /// Arguments of the command line.
    pub(super) fn command_line(&self, path: &Path) -> String {
        let path = shell_text(&path.to_string_lossy());
        let mut parts = match self.is_beside() {
            false => vec![format!("winback check --transactions {path}")],
            true => {
                vec![format!("winback check --transactions {ORDERS} --{} {path}", self.table)]
            }
        };
        for (own, input) in &self.columns {
            parts
                .push(format!("--column {}", shell_text(&format!("{}.{own}={input}", self.table))));
        }
        parts.extend(self.arguments.iter().flat_map(Argument::options));
        if self.lacks_until() {
            parts.push(format!("--observed-until {DATE}"));
        }
        parts.join(" \\\n  ")
    }
}
