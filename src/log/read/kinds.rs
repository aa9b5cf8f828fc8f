//! Which Arrow types can be read as one column.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{TimestampMicrosecondType, TimestampNanosecondType};
use arrow_array::{Array, ArrayRef};
use arrow_schema::{DataType, TimeUnit};

use super::cells::{common_type, decoded_type, is_text};
use crate::error::Result;
use crate::time::TimeZone;

/// Types of one kind hold like values.
#[derive(Debug, Clone, PartialEq)]
enum Kind {
    Texts,
    Numbers,
    Times,
    Other(DataType),
}

/// The kind of a type; none for nulls, which are of any kind.
fn kind(data_type: &DataType) -> Option<Kind> {
    match decoded_type(data_type) {
        DataType::Null => None,
        text if is_text(text) => Some(Kind::Texts),
        DataType::Date32 | DataType::Date64 | DataType::Timestamp(..) => Some(Kind::Times),
        number if number.is_numeric() => Some(Kind::Numbers),
        other => Some(Kind::Other(other.clone())),
    }
}

/// Whether two types can be read as one column.
pub(crate) fn agree(a: &DataType, b: &DataType) -> bool {
    kind(a).zip(kind(b)).is_none_or(|(a, b)| a == b)
}

/// The one type that holds what columns of types that agree hold. Ids and codes, which numbers
/// stand for, are whole.
pub(crate) fn kept_type<'a>(
    types: impl Iterator<Item = &'a DataType>,
    are_amounts: bool,
) -> DataType {
    let both = |a: DataType, b: DataType| match (kind(&a), kind(&b)) {
        _ if a == b => a,
        (None, _) => b,
        (_, None) => a,
        (Some(Kind::Times), _) => {
            // Where only some are instants, those become times of the log's clock.
            let zone = (is_instant(&a) && is_instant(&b)).then(|| "UTC".into());
            DataType::Timestamp(TimeUnit::Microsecond, zone)
        }
        (Some(Kind::Numbers), _) if are_amounts => DataType::Float64,
        (Some(Kind::Numbers), _) => DataType::Int64,
        _ => a,
    };
    types.map(common_type).reduce(both).unwrap_or(DataType::Null)
}

fn is_instant(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Timestamp(_, Some(_)))
}

/// An array by the type that its column is kept by, in a log of this zone.
pub(crate) fn as_kept(array: &ArrayRef, kept: &DataType, zone: TimeZone) -> Result<ArrayRef> {
    use TimeUnit::{Microsecond, Nanosecond};
    let micros = match (array.data_type(), kept) {
        (DataType::Timestamp(Nanosecond, _), DataType::Timestamp(Microsecond, _)) => {
            // As where cells are read: before 1970, too, the microsecond that has begun.
            let nanos = array.as_primitive::<TimestampNanosecondType>();
            nanos.unary::<_, TimestampMicrosecondType>(|nanos| nanos.div_euclid(1_000))
        }
        (DataType::Timestamp(_, Some(_)), DataType::Timestamp(Microsecond, None)) => {
            let kept = DataType::Timestamp(Microsecond, None);
            arrow_cast::cast(array, &kept)?.as_primitive::<TimestampMicrosecondType>().clone()
        }
        _ => return Ok(arrow_cast::cast(array, kept)?),
    };
    let times = match (is_instant(array.data_type()), is_instant(kept)) {
        (true, false) => micros.unary(|micros| zone.clock_micros(micros)),
        (_, false) => micros,
        (_, true) => micros.with_timezone("UTC"),
    };
    Ok(Arc::new(times))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_of_one_kind_have_one_that_holds_both() {
        let micros = DataType::Timestamp(TimeUnit::Microsecond, None);
        let nanos = DataType::Timestamp(TimeUnit::Nanosecond, Some("UTC".into()));
        for (a, b, are_amounts, expected) in [
            (DataType::Int32, DataType::Int64, false, DataType::Int64),
            (DataType::Int32, DataType::Float64, true, DataType::Float64),
            (DataType::Int64, DataType::Float64, false, DataType::Int64),
            (DataType::Date32, nanos.clone(), true, micros),
            (nanos.clone(), nanos.clone(), true, nanos),
            (DataType::Null, DataType::Utf8, true, DataType::LargeUtf8),
            (DataType::Null, DataType::Null, true, DataType::Null),
        ] {
            for pair in [[&a, &b], [&b, &a]] {
                assert!(agree(pair[0], pair[1]));
                assert_eq!(kept_type(pair.into_iter(), are_amounts), expected);
            }
        }
        for (a, b) in [
            (DataType::Utf8, DataType::Int64),
            (DataType::Date32, DataType::Int64),
            (DataType::Boolean, DataType::Int8),
        ] {
            assert!(!agree(&a, &b) && !agree(&b, &a));
        }
    }
}
