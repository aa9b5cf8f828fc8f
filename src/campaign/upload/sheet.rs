//! A list as a sheet of Excel, with a cell for the budget.

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Formula, Workbook, XlsxError};

use super::budget::Bought;
use crate::campaign::target::ROUNDED;

/// Rows above the header where there is a budget.
const ABOVE: u32 = 5;

/// A workbook of one sheet; all cells of the list are texts, so that no id is altered and nothing
/// runs as a formula. `priced` are cost and profit of each row, and the budget.
pub(super) fn workbook(
    headers: &[String],
    lines: &[Vec<&str>],
    priced: Option<(&Vec<(f64, f64)>, f64)>,
) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    // No time of writing, so that the same list gives the same bytes.
    let never = ExcelDateTime::from_ymd(2000, 1, 1)?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&never));
    let sheet = workbook.add_worksheet();
    let bold = Format::new().set_bold();
    let top = if priced.is_some() { ABOVE } else { 0 };
    for (column, header) in (0..).zip(headers) {
        sheet.write_string_with_format(top, column, header, &bold)?;
    }
    for (row, cells) in (top + 1..).zip(lines) {
        for (column, cell) in (0..).zip(cells) {
            if !cell.is_empty() {
                sheet.write_string(row, column, *cell)?;
            }
        }
    }
    sheet.set_column_width(0, 24)?;
    sheet.set_freeze_panes(top + 1, 0)?;
    if let Some((prices, budget)) = priced {
        let first = headers.len() as u16;
        let heads = ["cost", "expected profit", "cost up to here"];
        for (column, head) in (first..).zip(heads) {
            sheet.write_string_with_format(top, column, head, &bold)?;
        }
        let [cost, profit, sum] = [0, 1, 2].map(|offset| letters(first + offset));
        let (from, to) = (top + 2, top + 1 + prices.len() as u32);
        let mut spent = 0.0;
        for (row, (own_cost, own_profit)) in (top + 1..).zip(prices) {
            spent += own_cost;
            sheet.write_number(row, first, *own_cost)?;
            sheet.write_number(row, first + 1, *own_profit)?;
            // Sheets count rows from 1.
            let formula = match row == top + 1 {
                true => format!("={cost}{from}"),
                false => format!("={sum}{row}+{cost}{}", row + 1),
            };
            let formula = Formula::new(formula).set_result(spent.to_string());
            sheet.write_formula(row, first + 2, formula)?;
        }
        let bought = Bought::of(prices, budget);
        sheet.write_string_with_format(0, 0, "budget", &bold)?;
        sheet.write_number(0, 1, budget)?;
        // As `payable` does, of those that bring something.
        let within =
            format!("({sum}{from}:{sum}{to}<=B1*(1+{ROUNDED:E}))*({profit}{from}:{profit}{to}>0)");
        for (row, name, formula, result) in [
            (1, "customers", format!("=SUMPRODUCT({within})"), bought.customers as f64),
            (2, "cost", format!("=SUMPRODUCT({within}*{cost}{from}:{cost}{to})"), bought.cost),
            (
                3,
                "expected profit",
                format!("=SUMPRODUCT({within}*{profit}{from}:{profit}{to})"),
                bought.profit,
            ),
        ] {
            sheet.write_string_with_format(row, 0, name, &bold)?;
            sheet.write_formula(row, 1, Formula::new(formula).set_result(result.to_string()))?;
        }
    }
    workbook.save_to_buffer()
}

/// The name of a column: A to Z, then AA and so on.
fn letters(column: u16) -> String {
    let letter = char::from(b'A' + (column % 26) as u8);
    match column / 26 {
        0 => letter.to_string(),
        more => letters(more - 1) + &letter.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_called_as_sheets_call_them() {
        let names = [0, 25, 26, 51, 52, 701, 702].map(letters);
        assert_eq!(names, ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]);
    }
}
