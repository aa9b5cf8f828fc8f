//! Groups of several logs: told by their names, for each log numbers its own.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::{Groups, LARGEST, check_number, check_numbers};
use crate::error::Result;

/// A group whatever log it is met in: numbers by value, then texts, at last that of those of whom it is
/// not known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub(crate) enum GroupKey {
    /// The bits of a number, such that they rise with it.
    Number(i64),
    /// A text.
    Text(String),
    /// Not known, or all where there are no groups.
    NotKnown,
}

impl GroupKey {
    fn of(name: Option<&str>, numbers: bool) -> Self {
        match name {
            None => GroupKey::NotKnown,
            Some(name) => match name.parse::<f64>() {
                Ok(number) if numbers => {
                    // One zero, as in one log.
                    let bits = (number + 0.0).to_bits() as i64;
                    GroupKey::Number(bits ^ ((bits >> 63) as u64 >> 1) as i64)
                }
                _ => GroupKey::Text(name.to_owned()),
            },
        }
    }

    /// What it is called; none where it is not known.
    pub(crate) fn name(&self) -> Option<String> {
        match self {
            GroupKey::Number(bits) => {
                let bits = bits ^ ((bits >> 63) as u64 >> 1) as i64;
                Some(f64::from_bits(bits as u64).to_string())
            }
            GroupKey::Text(text) => Some(text.clone()),
            GroupKey::NotKnown => None,
        }
    }
}

impl Groups {
    /// The groups' keys, in the order of their names.
    pub(crate) fn keys(&self) -> impl Iterator<Item = GroupKey> {
        self.names.iter().map(|name| GroupKey::of(name.as_deref(), self.numbers))
    }
}

/// Sums of each group, by name.
#[derive(Debug, Clone, PartialEq)]
pub struct ByGroup<T>(pub(crate) BTreeMap<GroupKey, T>);

impl<T> ByGroup<T> {
    /// Of groups whose sums stand in their order.
    pub(crate) fn new(groups: &Groups, sums: impl IntoIterator<Item = T>) -> Self {
        ByGroup(groups.keys().zip(sums).collect())
    }

    /// Adds those of other customers.
    pub(crate) fn merge(&mut self, other: Self, add: impl Fn(&mut T, T)) {
        for (key, sums) in other.0 {
            match self.0.get_mut(&key) {
                Some(own) => add(own, sums),
                None => {
                    self.0.insert(key, sums);
                }
            }
        }
    }

    /// Refuses more groups than anyone reads.
    pub(crate) fn check(&self, argument: &'static str) -> Result<()> {
        check_number(argument, self.0.len())
    }
}

/// As pairs, for a key is no text.
impl<T: serde::Serialize> serde::Serialize for ByGroup<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(&self.0)
    }
}

impl<'de, T: serde::Deserialize<'de>> serde::Deserialize<'de> for ByGroup<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let pairs: Vec<(GroupKey, T)> = serde::Deserialize::deserialize(deserializer)?;
        Ok(ByGroup(pairs.into_iter().collect()))
    }
}

/// The largest groups of all customers, and the one of the rest if there are more than 20: what a first
/// pass gives where the second is to tell them apart.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct GroupNames {
    keys: Vec<GroupKey>,
    /// How many others are one group.
    pub(crate) others: usize,
    not_known: bool,
}

impl GroupNames {
    /// By how many customers, or what belongs to them, are in each.
    pub(crate) fn of(mut counts: ByGroup<u64>, name: &str) -> Result<Self> {
        let not_known = counts.0.remove(&GroupKey::NotKnown).is_some();
        let numbers = counts.0.keys().filter(|key| matches!(key, GroupKey::Number(_))).count();
        check_numbers("group_by", name, numbers)?;
        let mut order: Vec<(GroupKey, u64)> = counts.0.into_iter().collect();
        order.sort_by_cached_key(|(key, count)| (Reverse(*count), key.name()));
        let others = if order.len() > LARGEST { order.len() - (LARGEST - 1) } else { 0 };
        order.truncate(order.len() - others);
        let keys = order.into_iter().map(|(key, _)| key).collect();
        Ok(GroupNames { keys, others, not_known })
    }

    /// In words, in the order of the groups.
    pub(crate) fn labels(&self) -> impl Iterator<Item = String> {
        let named = self.keys.iter().filter_map(GroupKey::name);
        let others = (self.others > 0).then(|| format!("({} others)", self.others));
        named.chain(others).chain(self.not_known.then(|| "(not known)".to_owned()))
    }

    /// How many groups there are.
    pub(crate) fn len(&self) -> usize {
        self.keys.len() + usize::from(self.others > 0) + usize::from(self.not_known)
    }

    /// The place of a group.
    pub(crate) fn place(&self, key: &GroupKey) -> usize {
        let last = self.len().saturating_sub(1);
        match self.keys.iter().position(|own| own == key) {
            Some(place) => place,
            None if *key == GroupKey::NotKnown => last,
            None => self.keys.len().min(last),
        }
    }

    /// The place of every customer's group, of those that a log has told by its own numbers.
    pub(crate) fn places(&self, groups: &Groups) -> Vec<u32> {
        let places: Vec<u32> = groups.keys().map(|key| self.place(&key) as u32).collect();
        groups.group.iter().map(|&group| places[group as usize]).collect()
    }
}
