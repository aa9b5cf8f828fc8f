//! The time zone that offsets such as `+01:00` suggest.

/// Zones by their offsets in minutes, in winter and in summer.
const ZONES: [(&[i64], &str); 13] = [
    (&[0, 60], "Europe/London"),
    (&[60, 120], "Europe/Berlin"),
    (&[120, 180], "Europe/Athens"),
    (&[-210, -150], "America/St_Johns"),
    (&[-240, -180], "America/Halifax"),
    (&[-300, -240], "America/New_York"),
    (&[-360, -300], "America/Chicago"),
    (&[-420, -360], "America/Denver"),
    (&[-480, -420], "America/Los_Angeles"),
    (&[600, 660], "Australia/Sydney"),
    (&[720, 780], "Pacific/Auckland"),
    (&[330], "Asia/Kolkata"),
    (&[345], "Asia/Kathmandu"),
];

/// Offsets of fewer cells are slips.
const SLIPS: f64 = 0.01;

/// The offset in minutes at the end of a text, as `+01:00`, ` +0100` or `Z`.
fn offset(text: &str) -> Option<i64> {
    if text.ends_with(['Z', 'z']) {
        return Some(0);
    }
    let place = text.rfind(['+', '-']).filter(|place| *place > 10)?;
    let digits: String = text[place + 1..].chars().filter(|c| *c != ':').collect();
    let is_offset = digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit());
    let number: i64 = is_offset.then(|| digits.parse().ok())??;
    let minutes = number / 100 * 60 + number % 100;
    Some(if text.as_bytes()[place] == b'-' { -minutes } else { minutes })
}

/// The offsets that most cells have, if it is not that of UTC, and a zone that has them.
pub(super) fn zone_of<'a>(cells: impl Iterator<Item = &'a str>) -> Option<(String, String)> {
    let mut counts = std::collections::BTreeMap::new();
    let mut all = 0;
    for text in cells {
        all += 1;
        if let Some(offset) = offset(text) {
            *counts.entry(offset).or_insert(0u64) += 1;
        }
    }
    let other: u64 = counts.iter().filter(|(offset, _)| **offset != 0).map(|(_, n)| n).sum();
    if other * 2 <= all {
        return None;
    }
    counts.retain(|_, count| *count as f64 >= SLIPS * all as f64);
    let offsets: Vec<i64> = counts.into_keys().collect();
    let zone = ZONES.iter().find(|(own, _)| *own == offsets).map(|(_, zone)| (*zone).to_owned());
    let zone = zone.or_else(|| match offsets.as_slice() {
        // Names by POSIX have the sign turned.
        [one] if one % 60 == 0 => Some(format!("Etc/GMT{:+}", -one / 60)),
        _ => None,
    })?;
    let shown: Vec<String> = offsets
        .iter()
        .map(|o| {
            format!("{}{:02}:{:02}", if *o < 0 { '-' } else { '+' }, o.abs() / 60, o.abs() % 60)
        })
        .collect();
    Some((zone, shown.join(" and ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_suggest_a_zone() {
        for (cells, expected) in [
            (&["2024-01-01T23:30:00-05:00"; 4][..], Some("Etc/GMT+5")),
            (&["2024-01-01 10:00:00 +0100", "2024-07-01 10:00:00 +0200"], Some("Europe/Berlin")),
            (&["2024-01-01T10:00:00+05:30"], Some("Asia/Kolkata")),
            (&["2024-01-01T10:00:00Z", "2024-01-01T10:00:00+00:00"], None),
            (&["2024-01-01", "2024-01-01T10:00"], None),
            (&["2024-01-01T10:00:00+01:00", "2024-01-01", "2024-01-02"], None),
        ] {
            let found = zone_of(cells.iter().copied());
            assert_eq!(found.as_ref().map(|(zone, _)| zone.as_str()), expected, "{cells:?}");
            if let Some((zone, _)) = found {
                assert!(zone.parse::<crate::time::TimeZone>().is_ok(), "{zone}");
            }
        }
    }
}
