//! Which columns measure the same thing, so that their contributions count together.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::features::{self, ReasonGroup};
use crate::language::Speech;

/// What a reason is about: features that measure the same thing, or one attribute.
///
/// ```
/// use winback::explain::Group;
/// use winback::features::ReasonGroup;
/// assert_eq!(Group::of("purchase_count_90d"), Group::Features(ReasonGroup::Frequency));
/// assert_eq!(Group::of("purchase_count_90d"), Group::of("purchase_trend"));
/// assert_eq!(Group::of("plan").to_string(), "plan");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Group {
    /// Features that measure the same thing.
    Features(ReasonGroup),
    /// An attribute of the customer.
    Attribute(String),
}

impl Group {
    /// The group of a feature; for any other column, an attribute of that name.
    pub fn of(column: &str) -> Group {
        match features::described(column) {
            Some(feature) => Group::Features(feature.group),
            None => Group::Attribute(column.to_owned()),
        }
    }

    /// The name in tables: [`ReasonGroup::name`], or the attribute's own name.
    pub fn name(&self) -> &str {
        match self {
            Group::Features(group) => group.name(),
            Group::Attribute(name) => name,
        }
    }

    /// The group in words; an attribute's is its name.
    pub(crate) fn label(&self, speech: Speech) -> &str {
        match self {
            Group::Features(group) => speech.text(group.label()),
            Group::Attribute(name) => name,
        }
    }
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Serialize for Group {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// The groups of these columns in the order in which they first occur, and each column's place
/// among them.
pub(crate) fn grouped(names: &[String]) -> (Vec<Group>, Vec<usize>) {
    let mut groups: Vec<Group> = Vec::new();
    let places = names.iter().map(|name| {
        let group = Group::of(name);
        groups.iter().position(|known| *known == group).unwrap_or_else(|| {
            groups.push(group);
            groups.len() - 1
        })
    });
    let places = places.collect();
    (groups, places)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_one_group_share_a_place() {
        let names = ["last_check", "purchase_count", "plan", "purchase_trend", "region"];
        let (groups, places) = grouped(&names.map(String::from));
        assert_eq!(places, [0, 1, 2, 1, 3]);
        assert_eq!(groups[1], Group::Features(ReasonGroup::Frequency));
        assert_eq!(groups[3], Group::Attribute("region".into()));
    }
}
