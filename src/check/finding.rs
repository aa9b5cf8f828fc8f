//! What a check finds.

/// How much a finding may mislead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, serde::Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Severity {
    /// Figures are wrong as long as it stays.
    High,
    /// Some figures may mislead.
    Medium,
    /// Good to know.
    #[default]
    Low,
}

impl Severity {
    /// `high`, `medium` or `low`.
    pub const fn name(self) -> &'static str {
        match self {
            Severity::High => "high",
            Severity::Medium => "medium",
            Severity::Low => "low",
        }
    }
}

/// Something in a log that may mislead.
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// How much it may mislead.
    pub severity: Severity,
    /// Its name, which stays the same from release to release.
    pub check: &'static str,
    /// What was found.
    pub finding: String,
    /// How many rows, orders, days or ids it is about.
    pub count: u64,
    /// Their share of all, if that says anything.
    pub share: Option<f64>,
    /// The first of them.
    pub example: Option<String>,
    /// What to do about it.
    pub advice: &'static str,
}

/// What comes of looking for one thing.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Verdict {
    /// It could not be looked for, and why.
    NotThere(&'static str),
    /// There are too few to tell: how many, and how many it takes.
    TooFew(String),
    Fine,
    Found(Finding),
}
