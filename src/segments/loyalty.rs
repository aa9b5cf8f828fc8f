//! Who is loyal, neutral or vulnerable, by rules.

use std::collections::HashSet;

use super::condition::Condition;
use crate::error::{Error, Result, named_choice, quoted};

const MOST_RULES: usize = 1_000;

/// How loyal a customer is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum LoyaltyGroup {
    /// Buys often and on time, or would recommend.
    Loyal,
    /// Neither loyal nor vulnerable.
    Neutral,
    /// Late, fading, unhappy, or likely to churn.
    Vulnerable,
}

named_choice!(
    LoyaltyGroup, "group":
    Loyal = "loyal",
    Neutral = "neutral",
    Vulnerable = "vulnerable",
);

/// The group of a customer who meets all conditions.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoyaltyRule {
    /// What it says about a customer, in words.
    pub name: String,
    /// The group.
    pub group: LoyaltyGroup,
    /// The conditions, all of which must hold; at least one.
    pub when: Vec<Condition>,
}

/// Rules, of which the first that fits decides.
///
/// A rule that reads what the log does not have (tickets, surveys), or a model's probability if
/// there is no model, is left out, and the result says so. A value that is undefined for a
/// customer, such as the score of a customer who never answered, meets no condition.
///
/// The default rules. Warning signs come first, because a loyal customer with an open complaint may
/// be lost. The limits are conventions, meant as a starting point, not derived from your data:
///
/// | group | rule | conditions |
/// |---|---|---|
/// | vulnerable | detractor | `last_survey_score <= 6` (Reichheld 2003) and answered within 365 days |
/// | vulnerable | waiting for help | `open_ticket_count >= 1`, last ticket 7 to 180 days ago |
/// | vulnerable | help did not last | `reopened_ticket_count >= 1`, last ticket within 90 days |
/// | vulnerable | unhappy with help | `last_ticket_satisfaction <= 2` (of 5), within 180 days |
/// | vulnerable | slow help | `mean_resolution_hours >= 72`, last ticket within 90 days |
/// | vulnerable | long overdue | `overdue_ratio >= 2`: silent for twice the own usual gap |
/// | vulnerable | likely to churn | `churn_probability >= 0.8` |
/// | vulnerable | buys half as often | `purchase_trend <= -0.69` (ln ½), 4 purchases or more |
/// | loyal | promoter | `last_survey_score >= 9` within 365 days, 2 purchases or more |
/// | loyal | buys often and on time | `purchase_count >= 4`, `overdue_ratio < 1.5` |
/// | loyal | likely to stay | `churn_probability <= 0.2`, 2 purchases or more |
///
/// ```
/// use winback::segments::LoyaltyRules;
/// assert_eq!(LoyaltyRules::default().rules.len(), 11);
/// let own = LoyaltyRules::from_json(
///     r#"[{"name": "late", "group": "vulnerable", "when": ["overdue_ratio >= 3"]}]"#,
/// )?;
/// assert_eq!(own.otherwise.name(), "neutral");
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoyaltyRules {
    /// The rules.
    pub rules: Vec<LoyaltyRule>,
    /// The group of a customer whom no rule fits. Default: neutral.
    #[serde(default = "neutral")]
    pub otherwise: LoyaltyGroup,
}

fn neutral() -> LoyaltyGroup {
    LoyaltyGroup::Neutral
}

/// The default rules as the JSON that a user edits.
const DEFAULT: &str = include_str!("loyalty_rules.json");

impl Default for LoyaltyRules {
    fn default() -> Self {
        // A test reads it.
        serde_json::from_str(DEFAULT)
            .unwrap_or(LoyaltyRules { rules: Vec::new(), otherwise: LoyaltyGroup::Neutral })
    }
}

fn refused(value: impl std::fmt::Display, expected: impl Into<String>) -> Error {
    Error::argument("rules", value, expected)
}

/// Rules as given on the command line: those of a JSON file.
///
/// # Errors
/// What is wrong with the file.
#[cfg(feature = "cli")]
pub fn loyalty_rules(path: &str) -> std::result::Result<LoyaltyRules, String> {
    LoyaltyRules::from_json(&super::rules::file_of_rules(path)?)
        .map_err(crate::answer::failed_in_file)
}

impl LoyaltyRules {
    /// The default rules as JSON, for editing.
    pub fn default_json() -> &'static str {
        DEFAULT
    }

    /// Rules from JSON: a list of rules, or an object with `rules` and `otherwise`.
    ///
    /// # Errors
    /// [`Error::Argument`] for any other text, or for rules that are not allowed.
    pub fn from_json(text: &str) -> Result<Self> {
        let bad = |error: serde_json::Error| {
            let expected = "rules in JSON, as [{\"name\": \"late\", \"group\": \"vulnerable\", \
                           \"when\": [\"overdue_ratio >= 2\"]}]";
            refused(format!("({error})"), expected)
        };
        let read = if text.trim_start().starts_with('[') {
            let rules = serde_json::from_str(text).map_err(bad)?;
            LoyaltyRules { rules, otherwise: neutral() }
        } else {
            serde_json::from_str(text).map_err(bad)?
        };
        read.check()?;
        Ok(read)
    }

    pub(super) fn check(&self) -> Result<()> {
        if self.rules.is_empty() || self.rules.len() > MOST_RULES {
            let count = format!("{} rules", self.rules.len());
            return Err(refused(count, format!("1 to {MOST_RULES} rules")));
        }
        let mut names = HashSet::from([OTHERWISE]);
        for LoyaltyRule { name, when, .. } in &self.rules {
            if name.is_empty() || !names.insert(name) {
                return Err(refused(quoted(name), "each name once, and none empty"));
            }
            if when.is_empty() {
                return Err(refused(quoted(name), "one or more conditions in each rule"));
            }
        }
        Ok(())
    }
}

/// The rule of a customer whom no other fits.
pub(super) const OTHERWISE: &str = "otherwise";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_rules_are_those_of_the_documentation() {
        let rules = LoyaltyRules::from_json(LoyaltyRules::default_json()).unwrap();
        assert_eq!(rules, LoyaltyRules::default());
        let text = include_str!("loyalty.rs");
        let documented: Vec<(&str, &str)> = text
            .lines()
            .filter_map(|line| line.strip_prefix("/// | "))
            .filter_map(|line| line.split_once(" | "))
            .filter(|(group, _)| group.parse::<LoyaltyGroup>().is_ok())
            .filter_map(|(group, rest)| Some((group, rest.split_once(" | ")?.0)))
            .collect();
        let own = rules.rules.iter().map(|rule| (rule.group.name(), rule.name.as_str()));
        assert_eq!(own.collect::<Vec<_>>(), documented);
        assert_eq!(documented.len(), 11);
    }

    #[test]
    fn bad_rules_are_refused() {
        let late = r#"{"name": "late", "group": "vulnerable", "when": ["overdue_ratio >= 2"]}"#;
        for (text, message) in [
            ("[]".to_owned(), "got 0 rules"),
            (format!("[{late}, {late}]"), "each name once, and none empty, got \"late\""),
            (late.replace("late", "otherwise"), "rules in JSON"),
            (format!("[{}]", late.replace("late", "otherwise")), "\"otherwise\""),
            (format!("[{}]", late.replace("vulnerable", "angry")), "angry"),
            (format!("[{}]", late.replace("overdue_ratio >= 2", "luck >= 2")), "luck"),
            (
                format!("[{}]", late.replace("\"overdue_ratio >= 2\"", "")),
                "one or more conditions in each rule",
            ),
            (format!("[{}]", late.replace("when", "if")), "rules in JSON"),
            (format!("{{\"rules\": [{late}], \"otherwise\": \"gone\"}}"), "gone"),
        ] {
            let error = LoyaltyRules::from_json(&text).unwrap_err().to_string();
            assert!(
                error.starts_with("rules: expected ") && error.contains(message),
                "{text}: {error}"
            );
        }
        assert!("gone".parse::<LoyaltyGroup>().is_err());
    }
}
