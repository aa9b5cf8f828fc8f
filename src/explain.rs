//! Reasons in words: which columns move a customer's chance of a purchase, and where to.

use crate::features::{self, Unit};

/// Columns that move the log-odds by less are no reason.
const SMALLEST: f64 = 1e-6;

/// One column's part in one customer's chance of a purchase.
#[derive(Debug, Clone, PartialEq)]
pub struct Reason {
    /// Name of the feature or attribute.
    pub feature: String,
    /// Its value in words; `not known` where it is missing.
    pub value: String,
    /// What it adds to the log-odds of a purchase, against the mean training row.
    pub contribution: f64,
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let label = features::find(&self.feature).map_or(self.feature.as_str(), |(_, f)| f.label);
        let direction = if self.contribution > 0.0 { "raises" } else { "lowers" };
        write!(f, "{label}: {}, {direction} the chance", self.value)
    }
}

/// The columns that move the log-odds most, the largest first; equal ones in the order of the
/// columns.
pub(crate) fn top_reasons(
    names: &[String],
    row: &[f64],
    levels: impl Fn(usize, f64) -> Option<String>,
    contributions: &[f64],
    count: usize,
) -> Vec<Reason> {
    let mut order: Vec<usize> =
        (0..contributions.len()).filter(|&i| contributions[i].abs() >= SMALLEST).collect();
    order.sort_by(|&a, &b| contributions[b].abs().total_cmp(&contributions[a].abs()));
    order.truncate(count);
    let reason = |i: usize| Reason {
        feature: names[i].clone(),
        value: levels(i, row[i]).unwrap_or_else(|| in_words(&names[i], row[i])),
        contribution: contributions[i],
    };
    order.into_iter().map(reason).collect()
}

fn in_words(name: &str, value: f64) -> String {
    if value.is_nan() {
        return "not known".into();
    }
    match features::find(name).map(|(_, feature)| feature.unit) {
        Ok(Unit::Share) => format!("{} %", rounded(value * 100.0, 0)),
        Ok(Unit::Days | Unit::Count) => rounded(value, 1),
        _ => rounded(value, 2),
    }
}

/// At most so many decimals, and none that say nothing.
fn rounded(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    let text = match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.'),
        false => &text,
    };
    if text == "-0" { "0".into() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_said_in_words_largest_first() {
        let names: Vec<String> = ["purchase_count", "top_category_share", "mean_gap_days", "plan"]
            .map(String::from)
            .into();
        let level = |i: usize, value: f64| (i == 3 && value == 1.0).then(|| "basic".to_owned());
        let reasons =
            top_reasons(&names, &[3.0, 0.456, f64::NAN, 1.0], level, &[0.2, -0.5, 1e-9, 0.5], 3);
        let texts: Vec<String> = reasons.iter().map(Reason::to_string).collect();
        assert_eq!(
            texts,
            [
                "share of the favourite category: 46 %, lowers the chance",
                "plan: basic, raises the chance",
                "purchases: 3, raises the chance",
            ]
        );
        assert_eq!(in_words("mean_gap_days", f64::NAN), "not known");
        assert_eq!(in_words("average_check", -0.001), "0");
        assert_eq!(in_words("mean_gap_days", 30.0), "30");
    }
}
