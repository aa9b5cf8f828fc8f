//! The cells of an attribute, and what kind of values they make it.

use std::fmt;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{Array, ArrayRef, BooleanArray, StringArray};
use arrow_schema::DataType;

use super::attributes::AttributeValues;
use super::pool::TextPool;
use crate::error::{Result, quoted, shown};
use crate::language::{Language, thousands};
use crate::log::read::cells::{self, Place};
use crate::log::read::identified::Identified;
use crate::log::read::missing::as_meant;
use crate::log::read::number_format::NumberFormat;
use crate::log::read::schema::Cells;
use crate::log::read::texts::Texts;
use crate::time::{Unread, read_text};

/// A column of a CSV file whose cells are numbers but for some, because of which it is read as
/// texts.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct OddCells {
    /// Column of the customers table.
    pub column: String,
    /// Cells that are no numbers.
    pub odd: u64,
    /// Cells that are not missing.
    pub cells: u64,
    /// Row number of the first of them, counted from 1.
    pub row: u64,
    /// What stands there.
    pub text: String,
}

impl fmt::Display for OddCells {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let OddCells { column, odd, cells, row, text } = self;
        let [odd, cells] = [odd, cells].map(|n| thousands(&n.to_string(), Language::English));
        write!(f, "customers.{}: {odd} of {cells} cells are not numbers, ", shown(column))?;
        write!(f, "first in row {row} ({}); read as text", quoted(text))
    }
}

/// The least share and number of numbers in a column that ought to be one of numbers.
const MOSTLY: (f64, u64) = (0.95, 3);

/// The cells of one attribute, in pieces with their places.
pub(crate) struct AttributeCells<'a> {
    pieces: Vec<(ArrayRef, Place<'a>)>,
}

impl<'a> AttributeCells<'a> {
    /// Of column number `index` of the table's pieces, each with the number of rows before it.
    pub(crate) fn of(
        pieces: &'a [(u64, Identified)],
        index: usize,
        place: Place<'a>,
    ) -> Result<Self> {
        let piece = |(rows_before, piece): &'a (u64, Identified)| {
            let place = piece.place(Place { rows_before: *rows_before, ..place });
            Ok((cells::decoded(piece.batch.column(index))?, place))
        };
        Ok(AttributeCells { pieces: pieces.iter().map(piece).collect::<Result<_>>()? })
    }

    /// None for a column that is neither of numbers nor of texts.
    pub(crate) fn read(&self) -> Result<Option<(AttributeValues, Option<OddCells>)>> {
        let Some((first, place)) = self.pieces.first() else {
            return Ok(Some((AttributeValues::Numbers(Vec::new()), None)));
        };
        if are_numbers(first.data_type()) {
            return Ok(Some((self.numbers()?, None)));
        }
        if !cells::is_text(first.data_type()) {
            return Ok(None);
        }
        if !place.untyped {
            return Ok(Some((self.texts()?, None)));
        }
        // The cells of a CSV file are texts; a column of which all are numbers holds numbers, and
        // flags and times are what they are where a table has types.
        let (numbers, found) = self.counted()?;
        if found.are_times() {
            return Ok(None);
        }
        Ok(Some(if found.are_numbers() {
            (numbers.numbers()?, None)
        } else if found.are_flags() {
            (numbers.flags().numbers()?, None)
        } else {
            if found.codes == 0 {
                numbers.refuse_misread()?;
            }
            (self.texts()?, found.odd_cells(place.column))
        }))
    }

    /// All values as texts, so that none is altered: numbers by their digits. None for a column that
    /// is neither of numbers nor of texts.
    pub(crate) fn read_as_texts(&self) -> Result<Option<AttributeValues>> {
        let mut pieces = Vec::new();
        for (piece, place) in &self.pieces {
            let kind = piece.data_type();
            let is_whole = kind.is_integer() || kind.is_null() || *kind == DataType::Boolean;
            pieces.push(match kind {
                _ if cells::is_text(kind) => (piece.clone(), *place),
                _ if is_whole => (arrow_cast::cast(piece, &DataType::Utf8)?, *place),
                _ if kind.is_numeric() => (digits(piece, *place)?, *place),
                _ => return Ok(None),
            });
        }
        AttributeCells { pieces }.texts().map(Some)
    }

    fn numbers(&self) -> Result<AttributeValues> {
        let mut values = Vec::new();
        for (piece, place) in &self.pieces {
            read_attribute_numbers(piece, *place, &mut values)?;
        }
        Ok(AttributeValues::Numbers(values))
    }

    /// Texts of flags as booleans.
    fn flags(&self) -> AttributeCells<'a> {
        let piece = |(piece, place): &(ArrayRef, Place<'a>)| {
            let texts = Texts::of(piece);
            let flags: BooleanArray =
                texts.iter().flat_map(Texts::iter).map(|text| text.and_then(flag)).collect();
            (Arc::new(flags) as ArrayRef, *place)
        };
        AttributeCells { pieces: self.pieces.iter().map(piece).collect() }
    }

    fn texts(&self) -> Result<AttributeValues> {
        let (mut codes, mut pool) = (Vec::new(), TextPool::default());
        for (piece, place) in &self.pieces {
            cells::read_texts(piece, *place, &mut pool, &mut codes)?;
        }
        Ok(AttributeValues::Texts { codes, pool })
    }

    /// Refuses a column that would hold numbers if a comma or a point had another meaning.
    fn refuse_misread(&self) -> Result<()> {
        let texts: Vec<Option<Texts>> =
            self.pieces.iter().map(|(piece, _)| Texts::of(piece)).collect();
        let cells = texts.iter().enumerate().flat_map(|(piece, texts)| {
            let rows = texts.iter().flat_map(Texts::iter).enumerate();
            rows.filter_map(move |(row, text)| Some(((piece, row), text?)))
        });
        let Some((_, place)) = self.pieces.first() else { return Ok(()) };
        let numbers = place.options.numbers;
        match numbers.misread(cells) {
            Some(((piece, row), text)) => {
                Err(self.pieces[piece].1.bad_cell(row, numbers.refusal(text)))
            }
            None => Ok(()),
        }
    }

    /// The cells as those of a column of numbers, and what there is among them.
    fn counted(&self) -> Result<(AttributeCells<'a>, Found)> {
        let (mut found, mut pieces) = (Found::default(), Vec::new());
        for (piece, place) in &self.pieces {
            let meant = as_meant(piece, Cells::Values, place.options)?;
            let numbers = meant.map_or_else(|| piece.clone(), |meant| meant.array);
            let [texts, values] = [piece, &numbers].map(|array| Texts::of(array));
            let cells = texts.iter().flat_map(Texts::iter);
            let values = values.iter().flat_map(Texts::iter);
            for (i, (text, value)) in cells.zip(values).enumerate() {
                found.count(text, value, place.options.numbers, || place.row(i));
            }
            pieces.push((numbers, *place));
        }
        Ok((AttributeCells { pieces }, found))
    }
}

/// Numbers as texts of their digits; refuses whole ones so large that some may be lost already.
fn digits(piece: &ArrayRef, place: Place<'_>) -> Result<ArrayRef> {
    let numbers = arrow_cast::cast(piece, &DataType::Float64)?;
    let numbers = numbers.as_primitive::<Float64Type>();
    let text = |(row, value): (usize, Option<f64>)| match value.filter(|value| !value.is_nan()) {
        Some(value) if value.abs() >= MOST_EXACT => {
            let message = format!(
                "holds {value:e}, of whose digits some may be lost; expected texts or whole numbers"
            );
            Err(place.bad_cell(row, message))
        }
        value => Ok(value.map(|value| value.to_string())),
    };
    let texts = numbers.iter().enumerate().map(text).collect::<Result<StringArray>>()?;
    Ok(Arc::new(texts))
}

/// 2^53: up to here a float holds all whole numbers.
const MOST_EXACT: f64 = 9_007_199_254_740_992.0;

/// What there is among the cells of a column of texts.
#[derive(Default)]
struct Found {
    numbers: u64,
    /// Digits that are no number, for numbers do not start with a zero: codes, such as 01234.
    codes: u64,
    /// Cells that are missing in a column of numbers, and not in one of texts.
    markers: u64,
    flags: u64,
    times: u64,
    /// Cells that are no numbers, flags and times among them.
    odd: u64,
    first_odd: Option<(u64, String)>,
}

impl Found {
    /// Counts a cell, as a text and as a number.
    fn count(
        &mut self,
        text: Option<&str>,
        value: Option<&str>,
        numbers: NumberFormat,
        row: impl Fn() -> u64,
    ) {
        let Some(value) = value else {
            self.markers += u64::from(text.is_some());
            return;
        };
        if is_code(value) {
            self.codes += 1;
        } else if numbers.parse(value).is_some_and(f64::is_finite) {
            self.numbers += 1;
        } else {
            self.flags += u64::from(flag(value).is_some());
            self.times += u64::from(self.times == self.odd && is_time(value));
            self.odd += 1;
            self.first_odd.get_or_insert_with(|| (row(), value.to_owned()));
        }
    }

    fn are_numbers(&self) -> bool {
        let is_one = self.numbers > 0 || self.markers == 0;
        is_one && self.codes == 0 && self.odd == 0
    }

    fn are_flags(&self) -> bool {
        self.are_all(self.flags)
    }

    fn are_times(&self) -> bool {
        self.are_all(self.times)
    }

    /// Whether so many odd cells are all there are.
    fn are_all(&self, cells: u64) -> bool {
        cells > 0 && cells == self.odd && self.numbers + self.codes == 0
    }

    fn odd_cells(self, column: &str) -> Option<OddCells> {
        let cells = self.numbers + self.odd;
        let mostly = self.numbers as f64 >= MOSTLY.0 * cells as f64 && self.numbers >= MOSTLY.1;
        let (row, text) = self.first_odd.filter(|_| mostly && self.codes == 0)?;
        Some(OddCells { column: column.to_owned(), odd: self.odd, cells, row, text })
    }
}

/// What a boolean is in a text file.
fn flag(text: &str) -> Option<bool> {
    let is = |word: &str| text.eq_ignore_ascii_case(word);
    is("true").then_some(true).or_else(|| is("false").then_some(false))
}

/// Whether a text is a date or a time, be it one whose day and month cannot be told apart.
fn is_time(text: &str) -> bool {
    matches!(read_text(text, None), Ok(_) | Err(Unread::Order))
}

/// Whether a text of digits is no number.
fn is_code(text: &str) -> bool {
    text.len() > 1 && text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a column of this type is one of numbers; booleans are 0 and 1.
pub(crate) fn are_numbers(data_type: &DataType) -> bool {
    data_type.is_numeric() || matches!(data_type, DataType::Boolean | DataType::Null)
}

/// Reads numbers into `out`, NaN where there is none.
pub(crate) fn read_attribute_numbers(
    array: &ArrayRef,
    place: Place<'_>,
    out: &mut Vec<f64>,
) -> Result<()> {
    let array = cells::decoded(array)?;
    match array.data_type() {
        DataType::Boolean => {
            let numbers = arrow_cast::cast(&array, &DataType::Float64)?;
            cells::read_numbers(&numbers, place, out)
        }
        _ => cells::read_numbers(&array, place, out),
    }
}
