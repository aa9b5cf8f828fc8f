//! The file that records how the arms of a campaign were drawn, for the day when it is judged.

use std::collections::BTreeMap;
use std::path::Path;

use md5::{Digest, Md5};
use serde::{Deserialize, Serialize};

use super::shares::Shares;
use crate::answer::output::write_text;
use crate::error::{Error, Result, quoted};
use crate::input_file;
use crate::log::CustomerId;
use crate::time::{Moment, Span};

const FORMAT: &str = "winback campaign plan";
const VERSION: u32 = 1;
/// A plan is short; what is longer is none.
const MOST_BYTES: u64 = 1 << 20;

/// How the arms of a campaign were drawn, and what is to be looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct PlanFile {
    format: String,
    version: u32,
    /// The text by which arms were drawn.
    pub salt: String,
    /// `plain` or `balanced`.
    pub method: String,
    /// The arms and their shares.
    pub arms: Shares,
    /// The arm that is not contacted.
    pub control: String,
    /// Columns within whose values arms were drawn.
    pub strata: Vec<String>,
    /// Columns by whose ranks neighbours formed blocks.
    pub rank_by: Vec<String>,
    /// The outcome that decides.
    pub metric: String,
    /// The time after the contact in which outcomes count.
    pub window: Span,
    /// When the campaign begins, if that was known.
    pub start: Option<Moment>,
    /// Customers drawn.
    pub customers: u64,
    /// Customers of the list who were left out, by reason; empty in plans of earlier versions.
    #[serde(default)]
    pub excluded: BTreeMap<String, u64>,
    /// md5 of all ids and arms: whether a list of arms is the one that was drawn.
    pub digest: String,
}

impl PlanFile {
    /// Of arms that were drawn.
    pub(super) fn new(
        (salt, method): (&str, &str),
        (arms, control): (Shares, &str),
        (strata, rank_by): (&[String], &[String]),
        (metric, window, start): (&str, Span, Option<Moment>),
        (customers, excluded, digest): (u64, BTreeMap<String, u64>, String),
    ) -> Self {
        PlanFile {
            format: FORMAT.to_owned(),
            version: VERSION,
            salt: salt.to_owned(),
            method: method.to_owned(),
            arms,
            control: control.to_owned(),
            strata: strata.to_vec(),
            rank_by: rank_by.to_vec(),
            metric: metric.to_owned(),
            window,
            start,
            customers,
            excluded,
            digest,
        }
    }

    /// Writes it as JSON.
    ///
    /// # Errors
    /// [`Error::Io`] when the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let text = serde_json::to_string_pretty(self)
            .map_err(|error| Error::file(path.as_ref(), error.to_string()))?;
        write_text(&(text + "\n"), path)
    }

    /// Reads one.
    ///
    /// # Errors
    /// [`Error::Io`] where there is no such file, [`Error::File`] for one that is no plan, of another
    /// version, or damaged.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let text = input_file::text(path, MOST_BYTES)?;
        let found: serde_json::Value = serde_json::from_str(&text).map_err(|error| {
            Error::file(path, format!("is not the plan of a campaign: {error}"))
        })?;
        if found["format"] != FORMAT {
            let message = "is not the plan of a campaign, as assign writes it with the option plan";
            return Err(Error::file(path, message));
        }
        if found["version"] != VERSION {
            let message = format!("is a plan of version {}; expected {VERSION}", found["version"]);
            return Err(Error::file(path, message));
        }
        let plan: PlanFile = serde_json::from_value(found)
            .map_err(|error| Error::file(path, format!("is a damaged plan: {error}")))?;
        if plan.arms.of(&plan.control).is_none() {
            let message = format!("is a damaged plan: no arm is called {}", quoted(&plan.control));
            return Err(Error::file(path, message));
        }
        Ok(plan)
    }
}

/// The digest of ids and arms by ascending id.
pub(super) fn digest<'a>(arms: impl Iterator<Item = (CustomerId<'a>, &'a str)>) -> String {
    let mut hash = Md5::new();
    for (id, arm) in arms {
        let id = id.to_string();
        // No UTF-8 text holds these bytes.
        hash.update(id.as_bytes());
        hash.update([0xff]);
        hash.update(arm.as_bytes());
        hash.update([0xfe]);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> PlanFile {
        let arms: Shares = "control=0.1,offer=0.9".parse().unwrap();
        PlanFile::new(
            ("spring", "plain"),
            (arms, "control"),
            (&["region".to_owned()], &[]),
            ("purchased", Span::days(30), Some("2025-01-01".parse().unwrap())),
            (1_000, BTreeMap::from([("open_ticket".to_owned(), 3)]), "00".to_owned()),
        )
    }

    #[test]
    fn a_plan_is_read_as_it_was_written_and_nothing_else_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plan.json");
        plan().save(&path).unwrap();
        assert_eq!(PlanFile::load(&path).unwrap(), plan());
        let text = std::fs::read_to_string(&path).unwrap();
        for (from, to, message) in [
            ("campaign plan", "model", "is not the plan"),
            ("\"version\": 1", "\"version\": 2", "of version 2; expected 1"),
            ("\"control\": \"control\"", "\"control\": \"none\"", "no arm is called"),
            ("control=0.1", "control=0.2", "damaged"),
            ("\"salt\"", "\"pepper\"", "damaged"),
            ("{", "", "is not the plan"),
        ] {
            std::fs::write(&path, text.replacen(from, to, 1)).unwrap();
            let error = PlanFile::load(&path).unwrap_err().to_string();
            assert!(error.contains(message), "{error}");
        }
        assert!(matches!(PlanFile::load(folder.path().join("none")), Err(Error::Io { .. })));
    }
}
