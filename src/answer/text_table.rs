//! Tables of text with aligned columns.

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;

use crate::error::Result;
use crate::time::Timestamp;

/// The side on which a column's texts are aligned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// At the start of the column.
    Left,
    /// At its end.
    Right,
}

/// A number with so many decimals. Where that rounds to zero, it has no sign.
pub(crate) fn decimals(value: f64, count: usize) -> String {
    unsigned_zero(format!("{value:.count$}"))
}

/// A change with so many decimals and its sign, which zero has not.
pub(crate) fn signed(value: f64, count: usize) -> String {
    unsigned_zero(format!("{value:+.count$}"))
}

fn unsigned_zero(number: String) -> String {
    match number.strip_prefix(['-', '+']) {
        Some(zero) if zero.bytes().all(|byte| matches!(byte, b'0' | b'.')) => zero.to_owned(),
        _ => number,
    }
}

/// A number with one decimal.
pub(crate) fn one_decimal(value: f64) -> String {
    decimals(value, 1)
}

/// A share in percent, with one decimal.
pub(crate) fn percent(share: f64) -> String {
    format!("{} %", one_decimal(share * 100.0))
}

/// Lays out rows under their headings, with two spaces between columns. Each row has one text per
/// heading; one that it lacks is blank, and what is beyond the headings is left out.
/// Where a line would be too long, headings take several lines, broken after underscores, and columns stand
/// nearer to each other.
pub fn aligned(heads: &[(&str, Side)], rows: &[Vec<String>]) -> String {
    let mut head_lines: Vec<Vec<&str>> = heads.iter().map(|(head, _)| vec![*head]).collect();
    let widths_of = |head_lines: &[Vec<&str>]| -> Vec<usize> {
        let width_of = |(i, lines): (usize, &Vec<&str>)| {
            let cells = rows.iter().filter_map(|row| row.get(i)).map(|cell| cell.chars().count());
            cells.chain(lines.iter().map(|line| line.chars().count())).max().unwrap_or(0)
        };
        head_lines.iter().enumerate().map(width_of).collect()
    };
    let mut widths = widths_of(&head_lines);
    if widths.iter().sum::<usize>() + 2 * widths.len() > WIDTH + 2 {
        head_lines = heads.iter().map(|(head, _)| head.split_inclusive('_').collect()).collect();
        widths = widths_of(&head_lines);
    }
    let is_wide = widths.iter().sum::<usize>() + 2 * widths.len() > WIDTH + 2;
    let between = if is_wide { " " } else { "  " };
    let depth = head_lines.iter().map(Vec::len).max().unwrap_or(0);
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let cells = cells.zip(heads).zip(&widths).map(|((cell, (_, side)), &width)| match side {
            Side::Left => format!("{cell:<width$}"),
            Side::Right => format!("{cell:>width$}"),
        });
        cells.collect::<Vec<_>>().join(between).trim_end().to_owned()
    };
    // The last line of each head stands right above its column.
    let mut lines: Vec<String> = (0..depth)
        .map(|place| {
            line(&mut head_lines.iter().map(|parts| {
                (place + parts.len()).checked_sub(depth).map_or("", |part| parts[part])
            }))
        })
        .collect();
    lines.extend(rows.iter().map(|row| line(&mut row.iter().map(String::as_str))));
    lines.join("\n")
}

/// A table with a text below each of its rows.
pub fn with_texts(heads: &[(&str, Side)], rows: &[Vec<String>], texts: &[String]) -> String {
    let table = aligned(heads, rows);
    let above = table.lines().count() - rows.len();
    let below = |line: usize| texts.get(line.checked_sub(above)?);
    let line = |(place, line): (usize, &str)| match below(place) {
        Some(text) => format!("{line}\n{}", wrapped(&format!("    {text}"), "    ")),
        None => line.to_owned(),
    };
    table.lines().enumerate().map(line).collect::<Vec<_>>().join("\n")
}

/// Columns of a readable form.
const WIDTH: usize = 100;

/// A text wrapped to lines of at most 100 characters, as far as its words allow; all but the first
/// begin with `indent`.
pub fn wrapped(text: &str, indent: &str) -> String {
    let mut lines = String::with_capacity(text.len() + 16);
    let mut room = WIDTH;
    for (place, word) in text.split(' ').enumerate() {
        let width = word.chars().count();
        if place > 0 && room < width + 1 {
            lines.push('\n');
            lines.push_str(indent);
            room = WIDTH - indent.len();
        } else if place > 0 {
            lines.push(' ');
            room -= 1;
        }
        lines.push_str(word);
        room = room.saturating_sub(width);
    }
    lines
}

/// A result table in readable form: numbers with four decimals up to 1 and two beyond, `-` for
/// null.
pub fn of_batch(table: &RecordBatch) -> String {
    let side = |data_type: &DataType| match data_type {
        DataType::Int64 | DataType::Float64 => Side::Right,
        _ => Side::Left,
    };
    let fields = table.schema_ref().fields().iter();
    let heads: Vec<_> =
        fields.map(|field| (field.name().as_str(), side(field.data_type()))).collect();
    let row =
        |row: usize| table.columns().iter().map(|column| cell(column.as_ref(), row)).collect();
    aligned(&heads, &(0..table.num_rows()).map(row).collect::<Vec<Vec<String>>>())
}

fn cell(column: &dyn Array, row: usize) -> String {
    if column.is_null(row) {
        return "-".to_owned();
    }
    match column.data_type() {
        DataType::Int64 => column.as_primitive::<Int64Type>().value(row).to_string(),
        DataType::Float64 => match column.as_primitive::<Float64Type>().value(row) {
            small if small.abs() <= 1.0 => decimals(small, 4),
            large => decimals(large, 2),
        },
        DataType::Boolean => if column.as_boolean().value(row) { "yes" } else { "no" }.to_owned(),
        DataType::Timestamp(..) => {
            let micros = column.as_primitive::<TimestampMicrosecondType>().value(row);
            Timestamp::from_micros(micros).map_or_else(|_| "-".to_owned(), |at| at.to_string())
        }
        _ => column.as_string_opt::<i64>().map_or("-", |texts| texts.value(row)).to_owned(),
    }
}

/// The columns of a table that `keep` chooses by name.
pub(crate) fn columns(table: &RecordBatch, keep: impl Fn(&str) -> bool) -> Result<RecordBatch> {
    let fields = table.schema_ref().fields().iter().enumerate();
    let places: Vec<usize> =
        fields.filter(|(_, field)| keep(field.name())).map(|(place, _)| place).collect();
    Ok(table.project(&places)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_rounds_to_zero_has_no_sign() {
        for (share, text) in
            [(-0.0004, "0.0 %"), (-0.0, "0.0 %"), (-0.0006, "-0.1 %"), (0.125, "12.5 %")]
        {
            assert_eq!(percent(share), text);
        }
    }

    #[test]
    fn words_are_wrapped_and_none_is_lost() {
        let text = ["word"; 60].join(" ") + " " + &"x".repeat(120) + " end";
        let lines = wrapped(&text, "  ");
        assert_eq!(lines.replace("\n  ", " "), text);
        let long = |line: &&str| line.chars().count() > 100;
        assert_eq!(lines.lines().filter(long).count(), 1, "{lines}");
        assert!(lines.lines().next().unwrap().len() > 95, "{lines}");
        assert_eq!(wrapped("short", "  "), "short");
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_text() {
        let rows = [vec!["é".into(), "1".into()], vec!["abc".into(), "1,000".into()]];
        let text = aligned(&[("id", Side::Left), ("n", Side::Right)], &rows);
        assert_eq!(text, "id       n\né        1\nabc  1,000");
    }
}
