//! The draw of plain arms as an expression of a database, so that it can be repeated there.

use super::shares::Shares;

/// 2^52: the first 13 hexadecimal digits of an md5 are numbers below it.
const WHOLE: &str = "4503599627370496";

/// For DuckDB.
pub(super) fn duckdb(salt: &str, shares: &Shares) -> String {
    let drawn = format!(
        "('0x' || left(md5(encode({}) || '\\xFF'::BLOB || encode(customer_id::VARCHAR)), 13))::BIGINT \
         / {WHOLE}",
        quoted(salt)
    );
    cases(&drawn, "", shares)
}

/// For Spark SQL.
pub(super) fn spark(salt: &str, shares: &Shares) -> String {
    let drawn = format!(
        "CAST(conv(left(md5(concat(encode({}, 'UTF-8'), X'FF', encode(CAST(customer_id AS STRING), \
         'UTF-8'))), 13), 16, 10) AS DOUBLE) / {WHOLE}",
        quoted(salt).replace('\\', "\\\\")
    );
    cases(&drawn, "D", shares)
}

/// The arm that a drawn number falls into.
fn cases(drawn: &str, suffix: &str, shares: &Shares) -> String {
    let names: Vec<String> = shares.iter().map(|(name, _)| quoted(name)).collect();
    let ends = shares.ends();
    let last = names.len() - 1;
    // An exponent makes a number one of floating point, as it is compared here.
    let whens =
        (0..last).map(|arm| format!("WHEN {drawn} < {:e}{suffix} THEN {}", ends[arm], names[arm]));
    format!("CASE {} ELSE {} END", whens.collect::<Vec<_>>().join(" "), names[last])
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
