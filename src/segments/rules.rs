//! Segments by rules over the scores.

use std::collections::HashSet;

use super::cuts::MOST_SCORES;
use crate::error::{Error, Result, quoted};
#[cfg(feature = "cli")]
use crate::input_file;

/// No business tells more segments apart.
const MOST_RULES: usize = 1_000;

/// Who belongs to a segment: by ranges of the scores, or by a list of scores.
///
/// ```
/// use winback::segments::SegmentRule;
/// let vip = SegmentRule { name: "vip".into(), r: Some((4, 5)), m: Some((5, 5)), ..Default::default() };
/// let rule: SegmentRule = serde_json::from_str(r#"{"name": "vip", "r": [4, 5], "m": [5, 5]}"#).unwrap();
/// assert_eq!(rule, vip);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SegmentRule {
    /// Name of the segment.
    pub name: String,
    /// Lowest and highest score of recency; none for any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub r: Option<(u8, u8)>,
    /// The same for frequency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub f: Option<(u8, u8)>,
    /// The same for monetary value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub m: Option<(u8, u8)>,
    /// Scores of recency, frequency and monetary value, such as `555`; instead of ranges.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scores: Vec<String>,
}

/// Rules, of which the first that fits names the segment; customers whom none fits belong to
/// `other`.
///
/// ```
/// use winback::segments::SegmentRules;
/// let common: SegmentRules = "common".parse()?; // champions, loyal customers ... lost
/// assert_eq!(common.rules.len(), 11);
/// let own = SegmentRules::from_json(
///     r#"[{"name": "best", "r": [4, 5], "f": [4, 5]}, {"name": "gone", "scores": ["111", "112"]}]"#,
/// )?;
/// assert_eq!(own.other, "other");
/// assert!(SegmentRules::from_json(r#"[{"name": "best", "R": [4, 5]}]"#).is_err());
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SegmentRules {
    /// The rules; the first that fits decides.
    pub rules: Vec<SegmentRule>,
    /// The segment of all others. Default: `other`.
    #[serde(default = "other")]
    pub other: String,
}

fn other() -> String {
    "other".to_owned()
}

/// Rules as given on the command line: a preset, or those of a JSON file.
///
/// # Errors
/// What was expected, or what is wrong with the file.
#[cfg(feature = "cli")]
pub fn segment_rules(text: &str) -> std::result::Result<SegmentRules, String> {
    if !text.ends_with(".json") {
        let preset = crate::answer::value(text);
        return preset.map_err(|message| format!("{message}, or a file ending in .json"));
    }
    let json = file_of_rules(text)?;
    SegmentRules::from_json(&json).map_err(crate::answer::failed_in_file)
}

/// The text of a file of rules, of at most a megabyte.
#[cfg(feature = "cli")]
pub(super) fn file_of_rules(path: &str) -> std::result::Result<String, String> {
    input_file::text(path.as_ref(), 1 << 20).map_err(|error| error.in_full())
}

pub(super) fn refused(value: impl std::fmt::Display, expected: impl Into<String>) -> Error {
    Error::argument("segments", value, expected)
}

impl SegmentRules {
    /// Rules from JSON: a list of rules, or an object with `rules` and `other`.
    ///
    /// # Errors
    /// [`Error::Argument`] for any other text.
    pub fn from_json(text: &str) -> Result<Self> {
        let bad = |error: serde_json::Error| {
            let expected = "rules in JSON, as [{\"name\": \"best\", \"r\": [4, 5]}]";
            refused(format!("({error})"), expected)
        };
        if text.trim_start().starts_with('[') {
            let rules = serde_json::from_str(text).map_err(bad)?;
            return Ok(SegmentRules { rules, other: other() });
        }
        serde_json::from_str(text).map_err(bad)
    }

    /// Names of the segments, with the segment of all others last.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let names = self.rules.iter().map(|rule| rule.name.as_str());
        names.chain([self.other.as_str()])
    }

    /// The segment of each combination of so many scores, by [`place`], as a place in
    /// [`SegmentRules::names`].
    pub(super) fn table(&self, scores: [usize; 3]) -> Result<Vec<u16>> {
        if self.rules.is_empty() || self.rules.len() > MOST_RULES {
            let count = format!("{} rules", self.rules.len());
            return Err(refused(count, format!("1 to {MOST_RULES} rules")));
        }
        let mut names = HashSet::new();
        if let Some(name) = self.names().find(|name| name.is_empty() || !names.insert(*name)) {
            return Err(refused(quoted(name), "each name once, and none empty"));
        }
        let unassigned = self.rules.len() as u16;
        let mut table = vec![unassigned; scores.iter().product()];
        for (i, rule) in self.rules.iter().enumerate() {
            let mut decides = false;
            for cell in rule.cells(scores)? {
                let segment = &mut table[place(cell, scores)];
                if *segment == unassigned {
                    *segment = i as u16;
                    decides = true;
                }
            }
            if !decides {
                let expected = "a rule to which the earlier ones leave a score";
                return Err(refused(quoted(&rule.name), expected));
            }
        }
        Ok(table)
    }
}

/// The place of a combination of scores among all.
pub(super) fn place([r, f, m]: [u8; 3], [_, all_f, all_m]: [usize; 3]) -> usize {
    (usize::from(r - 1) * all_f + usize::from(f - 1)) * all_m + usize::from(m - 1)
}

impl SegmentRule {
    /// The combinations of scores that the rule names.
    fn cells(&self, scores: [usize; 3]) -> Result<Vec<[u8; 3]>> {
        let ranges = [self.r, self.f, self.m];
        let about = |what: String| format!("{} with {what}", quoted(&self.name));
        if ranges.iter().all(Option::is_none) == self.scores.is_empty() {
            let what = if self.scores.is_empty() { "neither" } else { "both" };
            return Err(refused(about(what.into()), "either ranges r, f, m or a list of scores"));
        }
        if !self.scores.is_empty() {
            return self.scores.iter().map(|text| self.cell(text, scores)).collect();
        }
        let mut found: [(u8, u8); 3] = [(1, 1); 3];
        for (i, (name, range)) in ["r", "f", "m"].into_iter().zip(ranges).enumerate() {
            let highest = scores[i].min(MOST_SCORES) as u8;
            let (low, high) = range.unwrap_or((1, highest));
            if !(1 <= low && low <= high && high <= highest) {
                let what = format!("{name} = [{low}, {high}]");
                let expected = format!("lowest and highest score, 1 to {highest}");
                return Err(refused(about(what), expected));
            }
            found[i] = (low, high);
        }
        let [r, f, m] = found.map(|(low, high)| low..=high);
        Ok(r.flat_map(|r| {
            let m = m.clone();
            f.clone().flat_map(move |f| m.clone().map(move |m| [r, f, m]))
        })
        .collect())
    }

    /// A combination written as `555`.
    fn cell(&self, text: &str, scores: [usize; 3]) -> Result<[u8; 3]> {
        let digits: Vec<u8> = text.bytes().map(|byte| byte.wrapping_sub(b'0')).collect();
        let fits = |(&digit, &all): (&u8, &usize)| (1..=all).contains(&usize::from(digit));
        match digits[..] {
            [r, f, m] if digits.iter().zip(&scores).all(fits) => Ok([r, f, m]),
            _ => {
                let [r, f, m] = scores;
                let expected = format!(
                    "three digits: a score of recency, 1 to {r}, of frequency, 1 to {f}, of \
                     monetary value, 1 to {m}"
                );
                Err(refused(format!("{} with {}", quoted(&self.name), quoted(text)), expected))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(name: &str) -> SegmentRule {
        SegmentRule { name: name.into(), ..SegmentRule::default() }
    }

    #[test]
    fn every_common_score_is_assigned() {
        let table = SegmentRules::default().table([5; 3]).unwrap();
        assert_eq!(table.len(), 125);
        assert!(table.iter().all(|&segment| segment < 11));
        assert_eq!(table[place([5, 5, 5], [5; 3])], 0);
        assert_eq!(table[place([1, 5, 1], [5; 3])], 10);
        let unassigned = "pymc-marketing".parse::<SegmentRules>().unwrap().table([4; 3]).unwrap();
        assert_eq!(unassigned.iter().filter(|&&segment| segment == 5).count(), 64 - 46);
    }

    #[test]
    fn the_first_rule_that_fits_decides() {
        let rules = SegmentRules {
            rules: vec![
                SegmentRule { r: Some((3, 3)), ..rule("recent") },
                SegmentRule { f: Some((2, 2)), m: Some((1, 1)), ..rule("often") },
            ],
            other: "rest".into(),
        };
        let scores = [3, 2, 2];
        let table = rules.table(scores).unwrap();
        let names: Vec<&str> = rules.names().collect();
        let name = |cell| names[table[place(cell, scores)] as usize];
        assert_eq!(name([3, 2, 1]), "recent");
        assert_eq!(name([2, 2, 1]), "often");
        assert_eq!(name([2, 2, 2]), "rest");
        assert_eq!(table.len(), 12);
    }

    #[test]
    fn bad_rules_are_refused() {
        let with = |r, scores: &[&str]| SegmentRule {
            r,
            scores: scores.iter().map(|&text| text.to_owned()).collect(),
            ..rule("a")
        };
        for (rules, message) in [
            (vec![], "got 0 rules"),
            (vec![with(None, &[])], "got \"a\" with neither"),
            (vec![with(Some((1, 5)), &["111"])], "got \"a\" with both"),
            (vec![with(Some((1, 6)), &[])], "r = [1, 6]"),
            (vec![with(Some((0, 2)), &[])], "r = [0, 2]"),
            (vec![with(Some((3, 2)), &[])], "r = [3, 2]"),
            (vec![with(None, &["11"])], "with \"11\""),
            (vec![with(None, &["116"])], "with \"116\""),
            (vec![with(None, &["1é"])], "with \"1é\""),
            (
                vec![with(None, &["111"]), with(None, &["112"])],
                "each name once, and none empty, got \"a\"",
            ),
            (
                vec![SegmentRule { r: Some((1, 1)), ..rule("") }],
                "each name once, and none empty, got \"\"",
            ),
            (vec![SegmentRule { r: Some((1, 1)), ..rule("other") }], "\"other\""),
            (
                vec![with(Some((1, 2)), &[]), SegmentRule { r: Some((2, 2)), ..rule("b") }],
                "a rule to which the earlier ones leave a score, got \"b\"",
            ),
        ] {
            let rules = SegmentRules { rules, other: "other".into() };
            let error = rules.table([5; 3]).unwrap_err().to_string();
            assert!(error.contains(message) && error.starts_with("segments: expected "), "{error}");
        }
        for text in ["", "{}", "[1]", "{\"rules\": [], \"else\": 1}", "\"common\""] {
            assert!(SegmentRules::from_json(text).is_err(), "{text}");
        }
        assert!("eleven".parse::<SegmentRules>().is_err());
    }
}
