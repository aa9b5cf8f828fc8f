//! The columns of a model with what reasons say of them, looked up once for all customers.

use super::groups::{Group, grouped};
use super::texts::{ACTIVITY_RHYTHM, RHYTHM};
use crate::features::{
    self, DAYS_SINCE_LAST_EVENT, DAYS_SINCE_LAST_PURCHASE, Feature, MEAN_EVENT_GAP_DAYS,
    MEAN_GAP_DAYS,
};
use crate::language::Text;

/// How long something has not happened, how often it usually does, and how that is said.
const RHYTHMS: [(&str, &str, Text); 2] = [
    (DAYS_SINCE_LAST_PURCHASE, MEAN_GAP_DAYS, RHYTHM),
    (DAYS_SINCE_LAST_EVENT, MEAN_EVENT_GAP_DAYS, ACTIVITY_RHYTHM),
];

/// A model's columns and their groups.
#[derive(Debug, Clone)]
pub(crate) struct DescribedColumns {
    pub(super) all: Vec<DescribedColumn>,
    /// In the order in which they first occur, each with its columns.
    pub(super) groups: Vec<(Group, Vec<usize>)>,
}

#[derive(Debug, Clone)]
pub(super) struct DescribedColumn {
    pub(super) name: String,
    /// None of an attribute.
    pub(super) feature: Option<&'static Feature>,
    /// The kind of events that it tells of.
    pub(super) kind: Option<String>,
    pub(super) silence: Option<Silence>,
}

/// What a column says that tells how long something has not happened.
#[derive(Debug, Clone, Copy)]
pub(super) struct Silence {
    /// The column that tells how often it usually happens.
    pub(super) usual: Option<usize>,
    /// How that is said.
    pub(super) words: Text,
}

impl DescribedColumns {
    pub(crate) fn new(names: Vec<String>) -> Self {
        let (groups, places) = grouped(&names);
        let columns_of = |group: usize| -> Vec<usize> {
            (0..places.len()).filter(|&column| places[column] == group).collect()
        };
        let groups = groups.into_iter().enumerate();
        let groups = groups.map(|(place, group)| (group, columns_of(place))).collect();
        let silence = |name: &str| {
            let (_, usual, words) = RHYTHMS.into_iter().find(|(silence, ..)| *silence == name)?;
            Some(Silence { usual: names.iter().position(|own| own == usual), words })
        };
        let silences: Vec<Option<Silence>> = names.iter().map(|name| silence(name)).collect();
        let columns = names.into_iter().zip(silences);
        let all = columns.map(|(name, silence)| DescribedColumn { silence, ..name.into() });
        DescribedColumns { all: all.collect(), groups }
    }
}

impl From<String> for DescribedColumn {
    /// A column among no others.
    fn from(name: String) -> Self {
        let kind = features::of_kind(&name).map(|(_, kind)| kind.to_owned());
        DescribedColumn { feature: features::described(&name), kind, silence: None, name }
    }
}

impl DescribedColumn {
    /// What is said of a value whose number and typical number mean something only to each other: of one
    /// above it, and of one below.
    pub(super) fn compared(&self) -> Option<[Text; 2]> {
        self.feature?.words.compared
    }
}
