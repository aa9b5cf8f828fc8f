//! Segments that are in common use.

use std::str::FromStr;

use super::rules::{SegmentRule, SegmentRules, refused};
use crate::error::{Error, Result};

/// The eleven names and their scores of recency, frequency and monetary value (1 to 5 each), as
/// published by Squeezely, "How to use the RFM app" ("Edit values"), and copied widely; the names and
/// their meaning are those of Putler, "RFM analysis for successful customer segmentation". All 125
/// scores are assigned once.
const COMMON: [(&str, &str); 11] = [
    ("champions", "555 554 544 545 454 455 445"),
    ("loyal customers", "543 444 435 355 354 345 344 335"),
    (
        "potential loyalists",
        "553 551 552 541 542 533 532 531 452 451 442 441 431 453 433 432 423 353 352 351 342 341 \
         333 323",
    ),
    ("new customers", "512 511 422 421 412 411 311"),
    ("promising", "525 524 523 522 521 515 514 513 425 424 413 414 415 315 314 313"),
    ("need attention", "535 534 443 434 343 334 325 324"),
    ("about to sleep", "331 321 312 221 213 231 241 251"),
    (
        "at risk",
        "255 254 245 244 253 252 243 242 235 234 225 224 153 152 145 143 142 135 134 133 125 124",
    ),
    ("cannot lose them", "155 154 144 214 215 115 114 113"),
    ("hibernating", "332 322 233 232 223 222 132 123 122 212 211"),
    ("lost", "111 112 121 131 141 151"),
];

/// Scores are 1 to 4; `_default_rfm_segment_config` of PyMC-Marketing 0.19.2
/// (`pymc_marketing/clv/utils.py`).
const PYMC_MARKETING: [(&str, &str); 5] = [
    ("Premium Customer", "334 443 444 344 434 433 343 333"),
    ("Repeat Customer", "244 234 232 332 143 233 243"),
    ("Top Spender", "424 414 144 314 324 124 224 423 413 133 323 313 134"),
    ("At Risk Customer", "422 223 212 122 222 132 322 312 412 123 214"),
    ("Inactive Customer", "411 111 113 114 112 211 311"),
];

fn rules(preset: &[(&str, &str)], other: &str) -> SegmentRules {
    let rule = |&(name, scores): &(&str, &str)| SegmentRule {
        name: name.to_owned(),
        scores: scores.split(' ').map(str::to_owned).collect(),
        ..SegmentRule::default()
    };
    SegmentRules { rules: preset.iter().map(rule).collect(), other: other.to_owned() }
}

pub(super) fn common() -> SegmentRules {
    rules(&COMMON, "other")
}

pub(super) fn pymc_marketing() -> SegmentRules {
    rules(&PYMC_MARKETING, "Other")
}

impl Default for SegmentRules {
    /// The common eleven: champions, loyal customers, potential loyalists, new customers, promising,
    /// need attention, about to sleep, at risk, cannot lose them, hibernating, lost.
    fn default() -> Self {
        common()
    }
}

impl FromStr for SegmentRules {
    type Err = Error;

    /// A preset: `common` (eleven segments, for scores from 1 to 5) or `pymc-marketing` (six, from 1
    /// to 4).
    fn from_str(name: &str) -> Result<Self> {
        match name {
            "common" => Ok(common()),
            "pymc-marketing" => Ok(pymc_marketing()),
            _ => Err(refused(format!("\"{name}\""), "\"common\" or \"pymc-marketing\"")),
        }
    }
}

impl SegmentRules {
    /// The preset that these rules are, in the form that [`SegmentRules::from_str`] accepts.
    pub fn preset(&self) -> Option<&'static str> {
        let presets = [("common", common()), ("pymc-marketing", pymc_marketing())];
        presets.into_iter().find(|(_, rules)| rules == self).map(|(name, _)| name)
    }

    /// How many scores a figure is parted into unless said otherwise: 4 where these rules are those
    /// of PyMC-Marketing, else 5.
    pub(super) fn default_scores(&self) -> usize {
        if self.preset() == Some("pymc-marketing") { 4 } else { 5 }
    }
}
