//! Columns given by the names of folders, as in `year=2024/channel=web/part-0.parquet`.

use std::path::Path;

use arrow_schema::DataType;

use crate::error::{Error, Result};
use crate::log::store::customer_id::canonical_integer;
use crate::time::Timestamp;

/// The name that writers give to a folder of rows without a value.
const NO_VALUE: &str = "__HIVE_DEFAULT_PARTITION__";
const SECONDS_PER_DAY: i64 = 86_400;

/// A column that folders name: one value a file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct HiveColumn {
    pub(crate) name: String,
    pub(crate) values: Vec<Option<String>>,
    /// 64-bit integers, numbers or dates where all values are such, else texts.
    pub(crate) data_type: DataType,
}

impl HiveColumn {
    /// The columns that the folders between `root` and the files name. A column that the files hold
    /// themselves is not taken from there.
    pub(crate) fn of<'a>(
        root: &Path,
        files: impl Iterator<Item = &'a Path>,
        is_own: impl Fn(&str) -> bool,
    ) -> Result<Vec<HiveColumn>> {
        let mut columns: Option<Vec<HiveColumn>> = None;
        for file in files {
            let folders = file.parent().and_then(|folder| folder.strip_prefix(root).ok());
            let parts = folders.into_iter().flat_map(Path::components);
            let pairs: Vec<(String, Option<String>)> =
                parts.filter_map(|part| pair(&part.as_os_str().to_string_lossy())).collect();
            let columns = columns.get_or_insert_with(|| {
                let names = pairs.iter().map(|(name, _)| name.clone());
                let column =
                    |name| HiveColumn { name, values: Vec::new(), data_type: DataType::Utf8 };
                names.map(column).collect()
            });
            if !columns.iter().map(|column| &column.name).eq(pairs.iter().map(|(name, _)| name)) {
                let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
                let message = match names.as_slice() {
                    [] => "lies in a folder named column=value, other files do not".to_owned(),
                    names => format!("lies in other folders than {}=...", names.join("=.../")),
                };
                return Err(Error::file(file, message));
            }
            for (column, (_, value)) in columns.iter_mut().zip(pairs) {
                column.values.push(value);
            }
        }
        let mut columns = columns.unwrap_or_default();
        columns.retain(|column| !is_own(&column.name));
        for column in &mut columns {
            column.data_type = data_type(column.values.iter().flatten());
        }
        Ok(columns)
    }

    /// A date as days since 1970-01-01.
    pub(crate) fn day(&self, date: &str) -> i32 {
        day(date).unwrap_or_default()
    }
}

fn data_type<'a>(values: impl Iterator<Item = &'a String> + Clone) -> DataType {
    if values.clone().next().is_none() {
        DataType::Utf8
    } else if values.clone().all(|value| canonical_integer(value).is_some()) {
        DataType::Int64
    } else if values.clone().all(|value| is_decimal(value)) {
        DataType::Float64
    } else if values.clone().all(|value| day(value).is_some()) {
        DataType::Date32
    } else {
        DataType::Utf8
    }
}

/// Whether a value is a number such as `15.82`; `1e5` or `inf` could be names.
fn is_decimal(value: &str) -> bool {
    let digits = value.strip_prefix('-').unwrap_or(value);
    digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && value.parse::<f64>().is_ok()
}

fn day(date: &str) -> Option<i32> {
    let is_date = date.len() == "2024-01-31".len() && date.as_bytes()[4] == b'-';
    let time: Timestamp = is_date.then(|| date.parse().ok())??;
    i32::try_from(time.micros().div_euclid(1_000_000 * SECONDS_PER_DAY)).ok()
}

/// `name=value` of a folder.
fn pair(folder: &str) -> Option<(String, Option<String>)> {
    let (name, value) = folder.split_once('=')?;
    let value = (value != NO_VALUE).then(|| unescaped(value));
    (!name.is_empty()).then(|| (unescaped(name), value))
}

/// A text in which writers have put `%3A` for a character that cannot stand in a path.
fn unescaped(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let escaped = match (first, after) {
            (b'%', [high, low, ..]) => {
                let digit = |byte: u8| char::from(byte).to_digit(16);
                digit(*high).zip(digit(*low)).map(|(high, low)| (high * 16 + low) as u8)
            }
            _ => None,
        };
        bytes.push(escaped.unwrap_or(first));
        rest = if escaped.is_some() { &after[2..] } else { after };
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn columns(files: &[&str]) -> Result<Vec<HiveColumn>> {
        let files: Vec<PathBuf> = files.iter().map(PathBuf::from).collect();
        HiveColumn::of(Path::new("log"), files.iter().map(PathBuf::as_path), |name| name == "time")
    }

    #[test]
    fn values_are_integers_or_dates_where_all_are() {
        let found = columns(&[
            "log/year=2023/day=2023-01-05/shop=a%2Fb/time=1/price=2/x.parquet",
            "log/year=2024/day=__HIVE_DEFAULT_PARTITION__/shop=7/time=2/price=15.82/y.parquet",
        ]);
        let found = found.unwrap();
        let types: Vec<_> = found.iter().map(|c| (c.name.as_str(), c.data_type.clone())).collect();
        let expected = [
            ("year", DataType::Int64),
            ("day", DataType::Date32),
            ("shop", DataType::Utf8),
            ("price", DataType::Float64),
        ];
        assert_eq!(types, expected);
        assert_eq!(found[1].values, [Some("2023-01-05".to_owned()), None]);
        assert_eq!(found[2].values[0].as_deref(), Some("a/b"));
        assert_eq!(day("1970-01-31"), Some(30));
        assert_eq!(day("1969-12-31"), Some(-1));
    }

    #[test]
    fn plain_folders_name_no_columns() {
        assert_eq!(columns(&["log/2023/a.parquet", "log/b.parquet"]).unwrap(), []);
    }

    #[test]
    fn files_in_folders_of_other_names_are_refused() {
        for files in [
            ["log/year=2023/a.parquet", "log/month=1/a.parquet"],
            ["log/a.parquet", "log/year=2023/a.parquet"],
        ] {
            assert!(columns(&files).unwrap_err().to_string().contains("folder"), "{files:?}");
        }
    }
}
