//! A comparison of a feature with a number.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Result};
use crate::features::find;

/// The name that conditions use for a model's churn probability.
pub const CHURN_PROBABILITY: &str = "churn_probability";

/// How a value is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// At least.
    AtLeast,
    /// At most.
    AtMost,
    /// More than.
    Above,
    /// Less than.
    Below,
}

impl Comparison {
    /// `>=`, `<=`, `>` or `<`.
    pub const fn sign(self) -> &'static str {
        match self {
            Comparison::AtLeast => ">=",
            Comparison::AtMost => "<=",
            Comparison::Above => ">",
            Comparison::Below => "<",
        }
    }
}

/// A comparison of a feature, or of `churn_probability`, with a number, such as
/// `overdue_ratio >= 2`. A value that is undefined for a customer meets no condition.
///
/// ```
/// use winback::segments::Condition;
/// let late: Condition = "overdue_ratio >= 2".parse()?;
/// assert!(late.holds(2.0) && !late.holds(1.9) && !late.holds(f64::NAN));
/// assert_eq!(late.to_string(), "overdue_ratio >= 2");
/// assert!("lateness >= 2".parse::<Condition>().is_err());
/// # Ok::<(), winback::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Condition {
    feature: String,
    comparison: Comparison,
    value: f64,
}

impl Condition {
    /// The name of the feature, or `churn_probability`.
    pub fn feature(&self) -> &str {
        &self.feature
    }

    /// How it is compared.
    pub fn comparison(&self) -> Comparison {
        self.comparison
    }

    /// With what.
    pub fn value(&self) -> f64 {
        self.value
    }

    /// Whether a value meets the condition.
    pub fn holds(&self, value: f64) -> bool {
        match self.comparison {
            Comparison::AtLeast => value >= self.value,
            Comparison::AtMost => value <= self.value,
            Comparison::Above => value > self.value,
            Comparison::Below => value < self.value,
        }
    }
}

impl FromStr for Condition {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let refused = |expected: &str| Error::text_argument("rules", text, expected);
        let form =
            || refused("a feature, one of >= <= > <, and a number, as \"overdue_ratio >= 2\"");
        let start = text.find(['<', '>']).ok_or_else(form)?;
        let (feature, rest) = text.split_at(start);
        let signs = [Comparison::AtLeast, Comparison::AtMost, Comparison::Above, Comparison::Below];
        let split =
            signs.into_iter().find_map(|sign| Some((sign, rest.strip_prefix(sign.sign())?)));
        let (comparison, value) = split.ok_or_else(form)?;
        let value: f64 = value.trim().parse().map_err(|_| form())?;
        if !value.is_finite() {
            return Err(form());
        }
        let feature = feature.trim();
        if feature != CHURN_PROBABILITY && find(feature).is_err() {
            return Err(refused("a name of the feature catalogue or churn_probability"));
        }
        Ok(Condition { feature: feature.to_owned(), comparison, value })
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.feature, self.comparison.sign(), self.value)
    }
}

impl TryFrom<String> for Condition {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<Condition> for String {
    fn from(condition: Condition) -> String {
        condition.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_read_and_written() {
        for (text, value, holds) in [
            ("purchase_count >= 4", 4.0, true),
            ("purchase_count<=4", 5.0, false),
            (" purchase_trend < -0.7", -0.8, true),
            ("churn_probability > 0.5", 0.5, false),
        ] {
            let condition: Condition = text.parse().unwrap();
            assert_eq!(condition.holds(value), holds, "{text}");
            assert!(!condition.holds(f64::NAN));
            let again: Condition = condition.to_string().parse().unwrap();
            assert_eq!(again, condition);
        }
        for text in
            ["", "purchase_count", "purchase_count = 4", "purchase_count > many", "luck > 3", "> 3"]
        {
            let error = text.parse::<Condition>().unwrap_err().to_string();
            assert!(
                error.starts_with("rules: expected a ")
                    && error.ends_with(&format!(", got \"{text}\"")),
                "{error}"
            );
        }
        assert!("purchase_count > inf".parse::<Condition>().is_err());
    }
}
