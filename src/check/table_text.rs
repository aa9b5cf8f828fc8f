//! What a table seems to be, in readable form.

use std::fmt;

use arrow_array::RecordBatch;

use super::table_check::TableCheck;
use crate::answer::columns::{batch, counts, texts};
use crate::answer::text_table::{of_batch, wrapped};
use crate::answer::write_notes;
use crate::error::{Result, shown};
use crate::log::counted;
use crate::log::grouped;

/// What to do where columns must be added.
const MADE: &str = "On the command line, write the table with the column that it lacks first, as \
                    orders.write_parquet(\"orders.parquet\") does, and check that file.";

/// What to do where no log is seen.
const NO_LOG: &str = "If it is one, say which columns they are: \
                      columns={\"transactions\": {\"customer_id\": ..., \"time\": ...}} in Python, \
                      --column transactions.customer_id=... --column transactions.time=... on the \
                      command line; the table may also be tickets, surveys, events or customers.";

impl fmt::Display for TableCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seen = grouped(self.rows_seen);
        let rows = match self.rows {
            Some(rows) if rows == self.rows_seen => counted(rows, "row", "rows"),
            Some(rows) => format!("{} rows, {seen} of which were looked at", grouped(rows)),
            None => format!("the first {seen} rows were looked at"),
        };
        let rows = match &self.encoding {
            Some(encoding) => format!("{rows}, read as {encoding}, which the file does not say"),
            None => rows,
        };
        match &self.why {
            Some(why) => {
                let text = format!("{} is not a log: {why} ({rows})", self.name);
                writeln!(f, "{}", wrapped(&text, ""))?;
            }
            None => writeln!(f, "{} seems to be a table of {} ({rows})", self.name, self.table)?,
        }
        let table = self.shown_columns().map_err(|_| fmt::Error)?;
        writeln!(f, "\n{}", of_batch(&table))?;
        if let Some(python) = &self.python {
            writeln!(f, "\nTo read it in Python:\n\n{}", indented(python))?;
        }
        if let Some(command_line) = &self.command_line {
            writeln!(f, "\nOn the command line:\n\n{}", indented(command_line))?;
        }
        if self.is_made {
            writeln!(f, "\n{}", wrapped(MADE, ""))?;
        }
        if self.why.is_some() && self.rows != Some(0) {
            writeln!(f, "\n{}", wrapped(NO_LOG, ""))?;
        }
        if let Some(problem) = &self.problem {
            writeln!(f, "\n{}", wrapped(&format!("It cannot be read so: {problem}"), ""))?;
        }
        match (&self.report, &self.log) {
            (Some(report), Some(log)) => {
                writeln!(f, "\nRead so it holds {report}\n")?;
                log.write_findings(f)?;
            }
            (Some(report), None) => writeln!(f, "\nRead so: {report}")?,
            _ => {}
        }
        write_notes(f, &self.notes)
    }
}

impl TableCheck {
    /// The columns, values cut to what fits a line.
    fn shown_columns(&self) -> Result<RecordBatch> {
        let cut = |text: &str| {
            let mut short: String = shown(text).chars().take(CELL).collect();
            if short.chars().count() < text.chars().count() {
                short.push('…');
            }
            short
        };
        let all = &self.columns;
        let names: Vec<String> = all.iter().map(|guess| cut(&guess.column)).collect();
        let examples: Vec<String> =
            all.iter().map(|guess| cut(guess.example.as_deref().unwrap_or("-"))).collect();
        batch(vec![
            texts("column", names.iter().map(String::as_str)),
            texts("seems to be", all.iter().map(|guess| guess.seems_to_be)),
            texts("cells", all.iter().map(|guess| guess.cells)),
            counts("missing", all.iter().map(|guess| guess.missing)),
            counts("distinct", all.iter().map(|guess| guess.distinct)),
            texts("example", examples.iter().map(String::as_str)),
        ])
    }
}

/// Characters of a cell that are shown.
const CELL: usize = 28;

fn indented(text: &str) -> String {
    let lines = text.lines().map(|line| match line {
        "" => String::new(),
        line => format!("    {line}"),
    });
    lines.collect::<Vec<_>>().join("\n")
}
