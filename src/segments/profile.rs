//! What sets a group of customers apart from all others.

use crate::error::{Error, Result};
use crate::features::{ColumnValues, described};
use crate::groups::{Apart, Groups};
use crate::log::{CustomerIndex, NO_CODE};
use crate::snapshot::Snapshot;
use crate::stats::Z95;
use crate::time::Timestamp;

/// A difference of means in standard deviations, with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct StandardisedDifference {
    /// Hedges' g.
    pub value: f64,
    /// Lower end of its interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl StandardisedDifference {
    /// Hedges' g of two groups of these sizes, means and sums of squared deviations.
    ///
    /// g = J · (x̄₁ − x̄₂) / s with the pooled s² = (SS₁ + SS₂) / (n₁ + n₂ − 2) and
    /// J = 1 − 3 / (4 (n₁ + n₂) − 9); its variance is (n₁ + n₂) / (n₁ n₂) + g² / (2 (n₁ + n₂)), its
    /// interval g ± 1.96 standard errors (Hedges and Olkin 1985, "Statistical Methods for
    /// Meta-Analysis", chapter 5). None where nothing differs inside the groups or either is empty.
    fn of(group: &Moments, rest: &Moments) -> Option<Self> {
        let (a, b) = (group.count as f64, rest.count as f64);
        let all = a + b;
        if group.count == 0 || rest.count == 0 || all < 3.0 {
            return None;
        }
        let deviation = ((group.squares + rest.squares) / (all - 2.0)).sqrt();
        if !(deviation > 0.0 && deviation.is_finite()) {
            return None;
        }
        let value = (1.0 - 3.0 / (4.0 * all - 9.0)) * (group.mean - rest.mean) / deviation;
        let error = (all / (a * b) + value * value / (2.0 * all)).sqrt();
        Some(StandardisedDifference { value, low: value - Z95 * error, high: value + Z95 * error })
    }

    /// Whether the interval excludes zero.
    pub fn is_clear(&self) -> bool {
        self.low > 0.0 || self.high < 0.0
    }
}

/// Number, mean and sum of squared deviations.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Moments {
    count: u64,
    mean: f64,
    squares: f64,
}

impl Moments {
    fn of(values: impl Iterator<Item = f64> + Clone) -> Self {
        let (count, sum) = values.clone().fold((0u64, 0.0), |(n, sum), value| (n + 1, sum + value));
        let mean = sum / count as f64;
        Moments { count, mean, squares: values.map(|value| (value - mean).powi(2)).sum() }
    }
}

/// How a group differs in one column.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct ProfileRow {
    /// Feature or attribute.
    pub column: String,
    /// For a text attribute, the value whose shares are compared; none for numbers.
    pub level: Option<String>,
    /// Unit of the means: the feature's, `share` for a level, `number` for an attribute.
    pub unit: &'static str,
    /// Customers of the group for whom the value is defined.
    pub group_customers: u64,
    /// Other customers for whom it is defined.
    pub rest_customers: u64,
    /// Mean in the group; for a level, the share. None if it is defined for nobody.
    pub group_mean: Option<f64>,
    /// Mean of all others.
    pub rest_mean: Option<f64>,
    /// The difference in standard deviations; none if there is no spread.
    pub difference: Option<StandardisedDifference>,
}

/// What sets a group apart from all other customers, largest differences first.
///
/// Means of all features that the log gives and of the named attributes, over the customers for
/// whom they are defined; for text attributes, the shares of their values (the 20 most frequent,
/// the others together), compared as means of 0 and 1. Differences are in pooled standard
/// deviations (Hedges' g) with 95 % intervals. Each interval stands alone: of twenty columns that
/// do not differ, about one looks as if it did. Columns that define the group differ by
/// construction.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct GroupProfile {
    /// The cutoff.
    pub at: Timestamp,
    /// Name of the group.
    pub group: String,
    /// Its customers.
    pub customers: u64,
    /// All others with a purchase before the cutoff.
    pub rest: u64,
    /// By decreasing size of the difference; columns without one come last.
    #[serde(skip)]
    pub rows: Vec<ProfileRow>,
}

impl GroupProfile {
    /// As [`GroupProfile::build`], of what groups were found in: none where they came in parts.
    pub(super) fn of_group(
        snapshot: Option<&Snapshot>,
        group: &str,
        members: &[CustomerIndex],
        attributes: &[String],
    ) -> Result<Self> {
        let expected =
            "groups of a log in memory, for a profile reads all features of all customers";
        let snapshot = snapshot.ok_or_else(|| Error::argument("log", "one in parts", expected))?;
        Self::build(snapshot, group, members, attributes)
    }

    /// Compares customers, by their places in the log, with all others who have a purchase before
    /// the cutoff. Customers without one are left out.
    ///
    /// # Errors
    /// [`Error::Argument`] for an unknown attribute or a customer that the log does not have;
    /// [`Error::TooLittleData`] when the group, or the rest, is empty.
    pub fn build(
        snapshot: &Snapshot,
        group: &str,
        members: &[CustomerIndex],
        attributes: &[String],
    ) -> Result<Self> {
        let (log, at) = (snapshot.log(), snapshot.at());
        let table = snapshot.features_with(attributes)?;
        let mut is_member = vec![false; log.customers().len()];
        for &member in members {
            let all = log.customers().len();
            let place = is_member.get_mut(member.index()).ok_or_else(|| {
                Error::argument(
                    "members",
                    member,
                    format!("places of customers in the log, below {all}"),
                )
            })?;
            *place = true;
        }
        let inside: Vec<bool> = table.customers().iter().map(|&c| is_member[c.index()]).collect();
        let customers = inside.iter().filter(|inside| **inside).count();
        if customers == 0 || customers == table.len() {
            let who = if customers == 0 { "nobody belongs" } else { "everybody belongs" };
            let message = format!("{who} to \"{group}\" at {at}: there is nothing to compare");
            return Err(Error::TooLittleData(message));
        }
        let mut rows = Vec::new();
        for column in table.columns() {
            match &column.values {
                ColumnValues::Numbers(values) => {
                    let unit = described(&column.name).map_or("number", |f| f.unit.name());
                    let value = |row: usize| Some(values.value(row)).filter(|v| v.is_finite());
                    rows.push(row(&column.name, None, unit, &inside, value));
                }
                ColumnValues::Texts { codes, texts } => {
                    levels(&column.name, codes, texts, &inside, &mut rows);
                }
            }
        }
        let size = |row: &ProfileRow| row.difference.map_or(-1.0, |g| g.value.abs());
        rows.sort_by(|a, b| size(b).total_cmp(&size(a)));
        let rest = (table.len() - customers) as u64;
        Ok(GroupProfile { at, group: group.into(), customers: customers as u64, rest, rows })
    }
}

fn row(
    column: &str,
    level: Option<String>,
    unit: &'static str,
    inside: &[bool],
    value: impl Fn(usize) -> Option<f64> + Copy,
) -> ProfileRow {
    let moments = |side: bool| {
        let rows = inside.iter().enumerate().filter(move |(_, inside)| **inside == side);
        Moments::of(rows.filter_map(move |(row, _)| value(row)))
    };
    let (group, rest) = (moments(true), moments(false));
    let mean = |moments: &Moments| (moments.count > 0).then_some(moments.mean);
    ProfileRow {
        column: column.to_owned(),
        level,
        unit,
        group_customers: group.count,
        rest_customers: rest.count,
        group_mean: mean(&group),
        rest_mean: mean(&rest),
        difference: StandardisedDifference::of(&group, &rest),
    }
}

/// A row for each value of a text attribute; customers of whom it is not known are left out.
fn levels(
    column: &str,
    codes: &[u32],
    texts: &[String],
    inside: &[bool],
    rows: &mut Vec<ProfileRow>,
) {
    let codes: Vec<Option<u32>> =
        codes.iter().map(|&code| (code != NO_CODE).then_some(code)).collect();
    let groups = Groups::of_texts(&codes, |code| texts[code as usize].as_str(), Apart::Largest);
    for (level, name) in groups.names.into_iter().enumerate() {
        let Some(name) = name else { continue };
        let is_level = |row: usize| {
            codes[row].map(|_| f64::from(u8::from(groups.group[row] as usize == level)))
        };
        rows.push(row(column, Some(name), "share", inside, is_level));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn difference(a: &[f64], b: &[f64]) -> Option<StandardisedDifference> {
        let moments = |values: &[f64]| Moments::of(values.iter().copied());
        StandardisedDifference::of(&moments(a), &moments(b))
    }

    #[test]
    fn no_difference_without_spread_or_without_others() {
        assert_eq!(difference(&[1.0, 1.0], &[2.0, 2.0]), None);
        assert_eq!(difference(&[1.0], &[2.0]), None);
        assert_eq!(difference(&[], &[2.0, 3.0]), None);
        let none = difference(&[1.0, 3.0], &[1.0, 3.0, 2.0]).unwrap();
        assert!(none.value == 0.0 && !none.is_clear());
        assert!(difference(&[9.0, 9.1, 9.2, 9.0], &[1.0, 1.2, 0.8, 1.0]).unwrap().is_clear());
    }
}
