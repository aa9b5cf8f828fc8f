//! Converts Arrow arrays of any suitable type to the log's own: times, numbers, ids and texts.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Date64Type, Decimal32Type, Decimal64Type, Decimal128Type,
    Decimal256Type, Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, Int64Array, LargeStringArray};
use arrow_buffer::{ScalarBuffer, i256};
use arrow_schema::{DataType, TimeUnit};

use super::chunk_ids::ChunkIds;
use super::input_options::InputOptions;
use super::texts::Texts;
use super::time_texts::ColumnTimes;
use crate::error::{Error, Result, number, quoted};
use crate::log::store::ids::{IdColumn, IdKeys, int_code};
use crate::log::store::pool::{NO_CODE, TextPool};
use crate::log::store::values::{MAX_AMOUNT, NO_ORDER, NO_TIME, order_number};
use crate::time::{MICROS_PER_DAY, TimeZone, Timestamp};

/// What is wrong with a number that is needed and not there.
const MISSING: &str = "is missing or not a number";
/// What is expected where numbers stand for times.
const NUMBERS_FOR_TIMES: &str = "dates or timestamps; convert the numbers first, or give \
                                 time_format=\"%s\" for seconds since 1970, \"epoch_ms\" for \
                                 milliseconds, \"%Y%m%d\" for days such as 20240131";
/// What is expected where texts stand for numbers, and where such texts come from.
const TEXTS_FOR_NUMBERS: &str = "numbers; convert the texts first (PostgreSQL's numeric arrives as \
                                 text unless the query casts it, as in amount::float8)";

/// Where an array stands in the input, for messages.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) table: &'static str,
    pub(crate) column: &'a str,
    /// Number of rows before this array.
    pub(crate) rows_before: u64,
    /// Where these are only some of the rows that follow, which they are.
    pub(crate) rows: Option<&'a [u32]>,
    /// Whether texts may stand for other types (CSV).
    pub(crate) untyped: bool,
    pub(crate) options: &'a InputOptions,
}

impl Place<'_> {
    pub(crate) fn bad_cell(&self, index: usize, message: impl Into<String>) -> Error {
        Error::data(self.table, self.column, self.row(index), message)
    }

    pub(crate) fn missing_id(&self, index: usize) -> Error {
        Error::missing_id(self.table, self.column, self.row(index))
    }

    /// The number of a row of the array in the input, counted from 1.
    pub(crate) fn row(&self, index: usize) -> u64 {
        let index = self.rows.map_or(index, |rows| rows[index] as usize);
        self.rows_before + index as u64 + 1
    }

    fn wrong_type(&self, array: &dyn Array, expected: &str) -> Error {
        let found = format!("is of type {}; expected {expected}", array.data_type());
        Error::bad_column(self.table, self.column, found)
    }
}

/// Dictionary and run-end encoded arrays by their values.
pub(crate) fn decoded(array: &ArrayRef) -> Result<ArrayRef> {
    let values = decoded_type(array.data_type());
    if values == array.data_type() {
        Ok(array.clone())
    } else {
        Ok(arrow_cast::cast(array, values)?)
    }
}

/// The type of an array's values, however they are encoded. Texts of a dictionary become views of
/// them, which may be many times smaller than the texts.
pub(crate) fn decoded_type(data_type: &DataType) -> &DataType {
    match data_type {
        DataType::Dictionary(_, values) if is_text(values) => &DataType::Utf8View,
        DataType::Dictionary(_, values) => values,
        DataType::RunEndEncoded(_, values) => values.data_type(),
        other => other,
    }
}

/// The type of an array's values that holds those of like types too, without loss.
pub(crate) fn common_type(data_type: &DataType) -> DataType {
    match decoded_type(data_type) {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => DataType::LargeUtf8,
        DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::Int64 => DataType::Int64,
        DataType::UInt8 | DataType::UInt16 | DataType::UInt32 => DataType::Int64,
        DataType::Float16 | DataType::Float32 | DataType::Float64 => DataType::Float64,
        other => other.clone(),
    }
}

pub(crate) fn is_text(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
}

/// Calls `each` with the texts of a text array.
fn each_text(
    array: &dyn Array,
    mut each: impl FnMut(usize, Option<&str>) -> Result<()>,
) -> Result<()> {
    let texts = Texts::of(array);
    texts.iter().flat_map(Texts::iter).enumerate().try_for_each(|(i, text)| each(i, text))
}

/// Calls `each` with the values of a primitive array.
fn each_value<T: ArrowPrimitiveType>(
    array: &dyn Array,
    mut each: impl FnMut(usize, Option<T::Native>) -> Result<()>,
) -> Result<()> {
    let array = array.as_primitive::<T>();
    if array.null_count() == 0 {
        return array.values().iter().enumerate().try_for_each(|(i, &value)| each(i, Some(value)));
    }
    array.iter().enumerate().try_for_each(|(i, value)| each(i, value))
}

/// Times that Arrow holds as the log does: microseconds by its clock, none of them null or out of
/// range.
fn plain_times(array: &dyn Array, log_zone: TimeZone) -> Option<&ScalarBuffer<i64>> {
    let (DataType::Timestamp(TimeUnit::Microsecond, zone), 0) =
        (array.data_type(), array.null_count())
    else {
        return None;
    };
    if zone.is_some() && !log_zone.is_utc() {
        return None;
    }
    let times = array.as_primitive::<TimestampMicrosecondType>().values();
    let range = times.iter().fold((0, 0), |(low, high), &t| (t.min(low), t.max(high)));
    let fit = Timestamp::from_micros(range.0).is_ok() && Timestamp::from_micros(range.1).is_ok();
    fit.then_some(times)
}

/// The times of an array, [`NO_TIME`] where the cell is null.
pub(crate) fn times(array: &ArrayRef, place: Place<'_>) -> Result<ScalarBuffer<i64>> {
    if let Some(times) = plain_times(array.as_ref(), place.options.time_zone) {
        return Ok(times.clone());
    }
    let mut times = Vec::new();
    read_times(array, place, &mut times)?;
    Ok(times.into())
}

/// The ends of contracts, [`NO_TIME`] where the cell is null or, as 9999-12-31, after all times there
/// are: that stands for no end.
pub(crate) fn ends(array: &ArrayRef, place: Place<'_>) -> Result<ScalarBuffer<i64>> {
    if let Some(times) = plain_times(array.as_ref(), place.options.time_zone) {
        return Ok(times.clone());
    }
    let mut ends = Vec::new();
    read_times_of(Meaning::End, array, place, &mut ends)?;
    Ok(ends.into())
}

/// Reads times into `out`, [`NO_TIME`] where the cell is null.
pub(crate) fn read_times(array: &ArrayRef, place: Place<'_>, out: &mut Vec<i64>) -> Result<()> {
    read_times_of(Meaning::Time, array, place, out)
}

/// What a column of times tells.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Meaning {
    Time,
    /// The end of a contract, which one after all times there are has not.
    End,
}

fn read_times_of(
    meaning: Meaning,
    array: &ArrayRef,
    place: Place<'_>,
    out: &mut Vec<i64>,
) -> Result<()> {
    const RANGE: &str = "lies outside the years 1677 to 2262";
    const OPEN: &str = "; the cell of a contract without an end is empty";
    let array = decoded(array)?;
    let array = array.as_ref();
    out.reserve(array.len());
    let log_zone = place.options.time_zone;
    if let Some(times) = plain_times(array, log_zone) {
        out.extend_from_slice(times);
        return Ok(());
    }
    // With a zone they are instants, without one they are by the log's clock.
    let zone = match array.data_type() {
        DataType::Timestamp(_, Some(_)) => log_zone,
        _ => TimeZone::UTC,
    };
    let no_time = |i: usize, message: &str| {
        let open = if meaning == Meaning::End { OPEN } else { "" };
        place.bad_cell(i, format!("{message}{open}"))
    };
    let mut scaled = |i: usize, value: Option<i64>, factor: i64| {
        let time = value.and_then(|value| value.checked_mul(factor));
        let time = time
            .and_then(|micros| Timestamp::from_micros(zone.clock_micros(micros)).ok())
            .map(Timestamp::micros);
        out.push(match (value, time) {
            (None, _) => NO_TIME,
            (_, Some(time)) => time,
            (Some(1..), None) if meaning == Meaning::End => NO_TIME,
            _ => return Err(no_time(i, RANGE)),
        });
        Ok(())
    };
    let read = |times: ColumnTimes<'_>, text: &str| match meaning {
        Meaning::Time => times.read(text).map(Timestamp::micros),
        Meaning::End => times.read_end(text).map(|end| end.map_or(NO_TIME, Timestamp::micros)),
    };
    match array.data_type() {
        DataType::Date32 => {
            each_value::<Date32Type>(array, |i, v| scaled(i, v.map(i64::from), MICROS_PER_DAY))
        }
        DataType::Date64 => each_value::<Date64Type>(array, |i, v| scaled(i, v, 1_000)),
        DataType::Timestamp(unit, _) => match unit {
            TimeUnit::Second => {
                each_value::<TimestampSecondType>(array, |i, v| scaled(i, v, 1_000_000))
            }
            TimeUnit::Millisecond => {
                each_value::<TimestampMillisecondType>(array, |i, v| scaled(i, v, 1_000))
            }
            TimeUnit::Microsecond => {
                each_value::<TimestampMicrosecondType>(array, |i, v| scaled(i, v, 1))
            }
            TimeUnit::Nanosecond => each_value::<TimestampNanosecondType>(array, |i, v| {
                scaled(i, v.map(|nanos| nanos.div_euclid(1_000)), 1)
            }),
        },
        DataType::Null => {
            out.extend(std::iter::repeat_n(NO_TIME, array.len()));
            Ok(())
        }
        text if is_text(text) => {
            let times = place.options.time_texts.of(place.column, log_zone);
            each_text(array, |i, text| {
                out.push(match text {
                    None => NO_TIME,
                    Some(text) => read(times, text)
                        .map_err(|why| no_time(i, &not_read(text, why, place.options)))?,
                });
                Ok(())
            })
        }
        number if number.is_numeric() => {
            let times = place.options.time_texts.of(place.column, log_zone);
            if !times.are_by_format() {
                return Err(place.wrong_type(array, NUMBERS_FOR_TIMES));
            }
            let mut counted = |i: usize, count: Option<String>| {
                let Some(count) = count else {
                    out.push(NO_TIME);
                    return Ok(());
                };
                let refused = |why| place.bad_cell(i, format!("{count} {why}"));
                out.push(read(times, &count).map_err(refused)?);
                Ok(())
            };
            // The shortest decimal that is the float is what was meant, such as 1709287200.1.
            let text = |value: f64| (!value.is_nan()).then(|| value.to_string());
            match number {
                DataType::Float64 => {
                    each_value::<Float64Type>(array, |i, v| counted(i, v.and_then(text)))
                }
                _ => each_integer(array, place, |i, v| counted(i, v.map(|v| v.to_string()))),
            }
        }
        _ => Err(place.wrong_type(array, "dates or timestamps")),
    }
}

/// Numbers that Arrow holds as the log does: none of them null or infinite.
fn plain_numbers(array: &dyn Array) -> Option<&ScalarBuffer<f64>> {
    let (DataType::Float64, 0) = (array.data_type(), array.null_count()) else { return None };
    let numbers = array.as_primitive::<Float64Type>().values();
    let any_infinite = numbers.iter().fold(false, |any, number| any | number.is_infinite());
    (!any_infinite).then_some(numbers)
}

/// The numbers of an array, NaN where the cell is null or NaN. Infinite values are refused.
pub(crate) fn numbers(array: &ArrayRef, place: Place<'_>) -> Result<ScalarBuffer<f64>> {
    if let Some(numbers) = plain_numbers(array.as_ref()) {
        return Ok(numbers.clone());
    }
    let mut numbers = Vec::new();
    read_numbers(array, place, &mut numbers)?;
    Ok(numbers.into())
}

/// As [`numbers`]; amounts that are missing or above [`MAX_AMOUNT`] are refused too.
pub(crate) fn amounts(array: &ArrayRef, place: Place<'_>) -> Result<ScalarBuffer<f64>> {
    let amounts = numbers(array, place)?;
    // One pass for both, as NaN is within no limits.
    let fits = |amount: &f64| (-MAX_AMOUNT..=MAX_AMOUNT).contains(amount);
    match amounts.iter().position(|amount| !fits(amount)) {
        None => Ok(amounts),
        Some(i) if amounts[i].is_nan() => Err(place.bad_cell(i, MISSING)),
        Some(i) => {
            let message = format!("{:e} is above 1e15 in absolute value", amounts[i]);
            Err(place.bad_cell(i, message))
        }
    }
}

fn refuse_missing(numbers: &[f64], place: Place<'_>) -> Result<()> {
    match numbers.iter().position(|number| number.is_nan()) {
        Some(i) => Err(place.bad_cell(i, MISSING)),
        None => Ok(()),
    }
}

/// Reads numbers into `out`, as [`numbers`].
pub(crate) fn read_numbers(array: &ArrayRef, place: Place<'_>, out: &mut Vec<f64>) -> Result<()> {
    let array = decoded(array)?;
    let array = array.as_ref();
    out.reserve(array.len());
    if let Some(numbers) = plain_numbers(array) {
        out.extend_from_slice(numbers);
        return Ok(());
    }
    let mut number = |i: usize, value: Option<f64>| {
        let value = value.unwrap_or(f64::NAN);
        if value.is_infinite() {
            return Err(place.bad_cell(i, "is infinite"));
        }
        out.push(value);
        Ok(())
    };
    macro_rules! as_f64 {
        ($type:ty) => {
            each_value::<$type>(array, |i, v| number(i, v.map(|v| v as f64)))
        };
    }
    // Decimals up to 2^53 units and 22 places are converted exactly rounded.
    macro_rules! decimal {
        ($type:ty, $scale:expr, $to_f64:expr) => {{
            let unit = 10f64.powi(i32::from($scale));
            each_value::<$type>(array, |i, v| number(i, v.map(|v| $to_f64(v) / unit)))
        }};
    }
    match array.data_type() {
        DataType::Int8 => as_f64!(Int8Type),
        DataType::Int16 => as_f64!(Int16Type),
        DataType::Int32 => as_f64!(Int32Type),
        DataType::Int64 => as_f64!(Int64Type),
        DataType::UInt8 => as_f64!(UInt8Type),
        DataType::UInt16 => as_f64!(UInt16Type),
        DataType::UInt32 => as_f64!(UInt32Type),
        DataType::UInt64 => as_f64!(UInt64Type),
        DataType::Float16 => each_value::<Float16Type>(array, |i, v| number(i, v.map(f64::from))),
        DataType::Float32 => as_f64!(Float32Type),
        DataType::Float64 => as_f64!(Float64Type),
        DataType::Decimal32(_, scale) => decimal!(Decimal32Type, *scale, |v| v as f64),
        DataType::Decimal64(_, scale) => decimal!(Decimal64Type, *scale, |v| v as f64),
        DataType::Decimal128(_, scale) => decimal!(Decimal128Type, *scale, |v| v as f64),
        DataType::Decimal256(_, _) => {
            let floats = arrow_cast::cast(array, &DataType::Float64)?;
            each_value::<Float64Type>(floats.as_ref(), number)
        }
        DataType::Null => (0..array.len()).try_for_each(|i| number(i, None)),
        text if is_text(text) && place.untyped => each_text(array, |i, text| {
            let numbers = place.options.numbers;
            let value = text.map(|text| {
                numbers.parse(text).ok_or_else(|| place.bad_cell(i, numbers.refusal(text)))
            });
            number(i, value.transpose()?)
        }),
        text if is_text(text) => Err(place.wrong_type(array, TEXTS_FOR_NUMBERS)),
        _ => Err(place.wrong_type(array, "numbers")),
    }
}

/// Reads numbers of which none may be missing.
pub(crate) fn read_known_numbers(
    array: &ArrayRef,
    place: Place<'_>,
    out: &mut Vec<f64>,
) -> Result<()> {
    let before = out.len();
    read_numbers(array, place, out)?;
    refuse_missing(&out[before..], place)
}

/// Reads texts (integers and booleans as texts) into codes of `pool`, [`NO_CODE`] for null.
pub(crate) fn read_texts(
    array: &ArrayRef,
    place: Place<'_>,
    pool: &mut TextPool,
    out: &mut Vec<u32>,
) -> Result<()> {
    out.reserve(array.len());
    let dictionary = array.as_any_dictionary_opt();
    // What is wrong with a float is said with its row, which its place in the dictionary is not.
    if let Some(dictionary) = dictionary.filter(|d| !d.values().data_type().is_floating()) {
        // Only the texts that occur: what a dictionary holds besides is nobody's.
        let mut codes = vec![None; dictionary.values().len()];
        let texts = texts_of(dictionary.values(), place)?;
        let keys = arrow_cast::cast(dictionary.keys(), &DataType::UInt32)?;
        return each_value::<UInt32Type>(keys.as_ref(), |_, key| {
            let mut code =
                |key: u32| texts.get(key as usize).map_or(NO_CODE, |text| pool.code(text));
            out.push(match key {
                Some(key) => *codes[key as usize].get_or_insert_with(|| code(key)),
                None => NO_CODE,
            });
            Ok(())
        });
    }
    let array = decoded(array)?;
    if *array.data_type() == DataType::Null {
        out.extend(std::iter::repeat_n(NO_CODE, array.len()));
        return Ok(());
    }
    let texts = texts_of(&array, place)?;
    out.extend(texts.iter().map(|text| text.map_or(NO_CODE, |text| pool.code(text))));
    Ok(())
}

/// The texts of an array of texts, integers (floats too that are whole) or booleans.
fn texts_of(array: &ArrayRef, place: Place<'_>) -> Result<Texts> {
    let data_type = array.data_type();
    let texts = if data_type.is_integer() || *data_type == DataType::Boolean {
        Texts::of(&arrow_cast::cast(array, &DataType::Utf8)?)
    } else if data_type.is_floating() {
        let mut integers = Vec::with_capacity(array.len());
        each_integer(array.as_ref(), place, |_, integer| {
            integers.push(integer);
            Ok(())
        })?;
        Texts::of(&arrow_cast::cast(&Int64Array::from(integers), &DataType::Utf8)?)
    } else {
        Texts::of(array)
    };
    texts.ok_or_else(|| place.wrong_type(array.as_ref(), "texts or integers"))
}

/// The whole number of 64 bits that a decimal is, if it is one.
fn whole_decimal(units: i128, scale: i8) -> Option<i64> {
    let Some(power) = 10i128.checked_pow(u32::from(scale.unsigned_abs())) else {
        return (units == 0).then_some(0);
    };
    let whole = match scale {
        0.. => (units % power == 0).then_some(units / power)?,
        _ => units.checked_mul(power)?,
    };
    i64::try_from(whole).ok()
}

/// As [`whole_decimal`], of 256 bits.
fn whole_wide_decimal(units: i256, scale: i8) -> Option<i64> {
    let whole = match i256::from_i128(10).checked_pow(u32::from(scale.unsigned_abs())) {
        Some(power) if scale < 0 => units.checked_mul(power)?,
        Some(power) => {
            (units.checked_rem(power)? == i256::ZERO).then_some(units.checked_div(power)?)?
        }
        None => (units == i256::ZERO).then_some(units)?,
    };
    i64::try_from(whole.to_i128()?).ok()
}

/// Whole numbers of integer, float and decimal arrays; floats come from frames that hold missing
/// ids, decimals from databases whose integers are `NUMERIC(38, 0)`.
fn each_integer(
    array: &dyn Array,
    place: Place<'_>,
    mut each: impl FnMut(usize, Option<i64>) -> Result<()>,
) -> Result<()> {
    macro_rules! integer {
        ($type:ty) => {
            each_value::<$type>(array, |i, v| each(i, v.map(i64::from)))
        };
    }
    // Beyond 2^bits the whole numbers that floats hold are not those that were meant.
    let mut whole = |i: usize, value: Option<f64>, bits: i32| {
        let value = value.filter(|v| !v.is_nan());
        match value {
            Some(v) if v.fract() != 0.0 => {
                Err(place.bad_cell(i, format!("{} is not a whole number", number(v))))
            }
            Some(v) if v.abs() > 2f64.powi(bits) => {
                let message = format!("{} is above 2^{bits}, so its digits are lost", number(v));
                Err(place.bad_cell(i, message))
            }
            _ => each(i, value.map(|v| v as i64)),
        }
    };
    macro_rules! decimal {
        ($type:ty, $whole:expr) => {
            each_value::<$type>(array, |i, v| {
                let id = v.map(|v| {
                    $whole(v).ok_or_else(|| place.bad_cell(i, "is not a whole number of 64 bits"))
                });
                each(i, id.transpose()?)
            })
        };
    }
    match array.data_type() {
        DataType::Int8 => integer!(Int8Type),
        DataType::Int16 => integer!(Int16Type),
        DataType::Int32 => integer!(Int32Type),
        DataType::Int64 => integer!(Int64Type),
        DataType::UInt8 => integer!(UInt8Type),
        DataType::UInt16 => integer!(UInt16Type),
        DataType::UInt32 => integer!(UInt32Type),
        DataType::UInt64 => each_value::<UInt64Type>(array, |i, v| {
            let id =
                v.map(|v| i64::try_from(v).map_err(|_| place.bad_cell(i, "is above 2^63 - 1")));
            each(i, id.transpose()?)
        }),
        DataType::Float32 => {
            each_value::<Float32Type>(array, |i, v| whole(i, v.map(f64::from), 24))
        }
        DataType::Float64 => each_value::<Float64Type>(array, |i, v| whole(i, v, 53)),
        DataType::Decimal32(_, s) => decimal!(Decimal32Type, |v| whole_decimal(i128::from(v), *s)),
        DataType::Decimal64(_, s) => decimal!(Decimal64Type, |v| whole_decimal(i128::from(v), *s)),
        DataType::Decimal128(_, s) => decimal!(Decimal128Type, |v| whole_decimal(v, *s)),
        DataType::Decimal256(_, s) => decimal!(Decimal256Type, |v| whole_wide_decimal(v, *s)),
        DataType::Null => (0..array.len()).try_for_each(|i| each(i, None)),
        _ => Err(place.wrong_type(array, "integers or texts")),
    }
}

/// Reads customer ids into `column`; a missing id is [`NO_CODE`].
pub(crate) fn read_ids(
    array: &ArrayRef,
    place: Place<'_>,
    column: &mut Option<IdColumn>,
) -> Result<()> {
    let array = decoded(array)?;
    let array = array.as_ref();
    let text = is_text(array.data_type());
    let column = column.get_or_insert_with(|| {
        if text { IdColumn::texts(place.untyped) } else { IdColumn::integers() }
    });
    match &mut column.keys {
        IdKeys::Text { pool, .. } if text => each_text(array, |_, id| {
            column.codes.push(id.map_or(NO_CODE, |id| pool.code(id)));
            Ok(())
        }),
        IdKeys::Int { ids, codes } if !text => each_integer(array, place, |_, id| {
            column.codes.push(id.map_or(NO_CODE, |id| int_code(ids, codes, id)));
            Ok(())
        }),
        _ => Err(place.wrong_type(array, "ids of one type throughout")),
    }
}

/// Reads the customer ids of a chunk of rows. What stands for a missing one does not matter.
pub(crate) fn read_chunk_ids(array: &ArrayRef, place: Place<'_>) -> Result<ChunkIds> {
    let array = decoded(array)?;
    if let Some(texts) = Texts::of(&array) {
        return Ok(ChunkIds::Text { texts, untyped: place.untyped });
    }
    if let (DataType::Int64, 0) = (array.data_type(), array.null_count()) {
        return Ok(ChunkIds::Int(array.as_primitive::<Int64Type>().values().clone()));
    }
    let mut ids = Vec::with_capacity(array.len());
    each_integer(array.as_ref(), place, |_, id| {
        ids.push(id.unwrap_or(0));
        Ok(())
    })?;
    Ok(ChunkIds::Int(ids.into()))
}

/// Customer ids as a table of results has them, integers or texts; none may be missing.
pub(crate) fn id_array(
    table: &'static str,
    column: &str,
    rows_before: u64,
    array: &ArrayRef,
) -> Result<ArrayRef> {
    let options = &InputOptions::default();
    let place = Place { table, column, rows_before, rows: None, untyped: false, options };
    let missing = |row| place.bad_cell(row, "has no customer id");
    let array = decoded(array)?;
    if let Some(texts) = Texts::of(&array) {
        let texts = texts.iter().enumerate();
        let texts = texts.map(|(row, id)| id.ok_or_else(|| missing(row)));
        let texts = texts.collect::<Result<Vec<&str>>>()?;
        return Ok(Arc::new(LargeStringArray::from_iter_values(texts)));
    }
    let mut ids = Vec::with_capacity(array.len());
    each_integer(array.as_ref(), place, |row, id| {
        ids.push(id.ok_or_else(|| missing(row))?);
        Ok(())
    })?;
    Ok(Arc::new(Int64Array::from(ids)))
}

/// The order ids of an array: integers as they are, texts as numbers of their own unless they are
/// integers; [`NO_ORDER`] for null.
pub(crate) fn orders(array: &ArrayRef, place: Place<'_>) -> Result<ScalarBuffer<i64>> {
    let array = decoded(array)?;
    if let Some(texts) = Texts::of(&array) {
        let number = |id| order_number(id, place.untyped);
        let orders: Vec<i64> = texts.iter().map(|id| id.map_or(NO_ORDER, number)).collect();
        return Ok(orders.into());
    }
    if let (DataType::Int64, 0) = (array.data_type(), array.null_count()) {
        let orders = array.as_primitive::<Int64Type>().values();
        if !orders.contains(&NO_ORDER) {
            return Ok(orders.clone());
        }
    }
    let mut orders = Vec::with_capacity(array.len());
    each_integer(array.as_ref(), place, |i, id| {
        if id == Some(NO_ORDER) {
            return Err(place.bad_cell(i, "is below -2^63 + 1"));
        }
        orders.push(id.unwrap_or(NO_ORDER));
        Ok(())
    })?;
    Ok(orders.into())
}

/// Why a text is no time. One that stands for a missing time has become a null, but where an empty
/// cell says more.
fn not_read(text: &str, why: String, options: &InputOptions) -> String {
    let shown = quoted(text);
    match options.is_missing_value(text) {
        true => format!(
            "{shown} does not say when the row became known; leave the cell empty where that was \
             when it happened"
        ),
        false => format!("{shown} {why}"),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use arrow_array::{Decimal128Array, Float64Array, TimestampMicrosecondArray};

    use super::*;

    static OPTIONS: LazyLock<InputOptions> = LazyLock::new(InputOptions::default);

    fn place() -> Place<'static> {
        Place {
            table: "transactions",
            column: "c",
            rows_before: 0,
            rows: None,
            untyped: false,
            options: &OPTIONS,
        }
    }

    #[test]
    fn what_arrow_holds_as_the_log_does_stays_where_it_is() {
        let times = TimestampMicrosecondArray::from(vec![1, 2, 3]).with_timezone("UTC");
        let numbers_in = Float64Array::from(vec![1.5, f64::NAN, -2.0]);
        let ids = Int64Array::from(vec![3, 1, 3]);
        for from in [0, 1] {
            let sliced: ArrayRef = Arc::new(times.slice(from, 2));
            let read = times_address(&sliced);
            assert_eq!(read, times.values()[from..].as_ptr());
            let sliced: ArrayRef = Arc::new(numbers_in.slice(from, 2));
            assert_eq!(
                numbers(&sliced, place()).unwrap().as_ptr(),
                numbers_in.values()[from..].as_ptr()
            );
            let sliced: ArrayRef = Arc::new(ids.slice(from, 2));
            let ChunkIds::Int(read) = read_chunk_ids(&sliced, place()).unwrap() else {
                panic!("integers")
            };
            assert_eq!(read.as_ptr(), ids.values()[from..].as_ptr());
            assert_eq!(orders(&sliced, place()).unwrap().as_ptr(), ids.values()[from..].as_ptr());
        }
    }

    fn times_address(array: &ArrayRef) -> *const i64 {
        times(array, place()).unwrap().as_ptr()
    }

    #[test]
    fn decimals_are_ids_where_they_are_whole() {
        let ids = |units: Vec<i128>, scale| -> Result<ChunkIds> {
            let array = Decimal128Array::from(units).with_precision_and_scale(38, scale)?;
            read_chunk_ids(&(Arc::new(array) as ArrayRef), place())
        };
        let found = |units, scale| match ids(units, scale).unwrap() {
            ChunkIds::Int(ids) => ids.to_vec(),
            ChunkIds::Text { .. } => Vec::new(),
        };
        assert_eq!(found(vec![7, -3], 0), [7, -3]);
        assert_eq!(found(vec![700, -300, 0], 2), [7, -3, 0]);
        assert_eq!(found(vec![7], -2), [700]);
        assert_eq!(found(vec![i128::from(i64::MAX)], 0), [i64::MAX]);
        for (units, scale) in [(701, 2), (1 << 63, 0), (i128::MAX / 100, -3)] {
            let error = ids(vec![units], scale).unwrap_err().to_string();
            assert_eq!(error, "transactions.c, row 1: is not a whole number of 64 bits");
        }
        assert_eq!(whole_decimal(0, 127), Some(0));
        assert_eq!(whole_decimal(1, -128), None);
        let wide = |units: i128, scale| whole_wide_decimal(i256::from_i128(units), scale);
        for (units, scale, expected) in [
            (7, 0, Some(7)),
            (-300, 2, Some(-3)),
            (301, 2, None),
            (7, -2, Some(700)),
            (i128::from(i64::MAX), 0, Some(i64::MAX)),
            (1 << 63, 0, None),
            (0, 127, Some(0)),
            (1, 127, None),
            (1, -128, None),
        ] {
            assert_eq!(wide(units, scale), expected, "{units} by {scale}");
        }
        let seven = i256::from_i128(7).wrapping_mul(i256::from_i128(10).wrapping_pow(60));
        assert_eq!(whole_wide_decimal(seven, 60), Some(7));
    }
}
