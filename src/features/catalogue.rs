//! The available features. Everything about a feature is in one record, in its family's file.

use super::feature::{Family, Feature};
use super::{
    activity, basket, contacts, contract, paths, rfm, rhythm, season, surveys, tickets, windows,
};
use crate::error::{Error, Result};
use crate::log::LogColumns;

const FAMILIES: [&[Feature]; 11] = [
    &rfm::FEATURES,
    &windows::FEATURES,
    &rhythm::FEATURES,
    &season::FEATURES,
    &basket::FEATURES,
    &tickets::FEATURES,
    &surveys::FEATURES,
    &activity::FEATURES,
    &paths::FEATURES,
    &contacts::FEATURES,
    &contract::FEATURES,
];

/// Number of features in the catalogue.
pub(crate) const LEN: usize = {
    let mut total = 0;
    let mut family = 0;
    while family < FAMILIES.len() {
        total += FAMILIES[family].len();
        family += 1;
    }
    total
};

/// The place of the first feature of a family.
pub(super) const fn first(family: Family) -> usize {
    let (mut place, mut at) = (0, 0);
    while FAMILIES[at][0].family as usize != family as usize {
        place += FAMILIES[at].len();
        at += 1;
    }
    place
}

/// All features, in the order of their columns.
///
/// ```
/// let names: Vec<&str> = winback::features::catalogue().map(|f| f.name).collect();
/// assert_eq!(names[..2], ["days_since_last_purchase", "purchase_count"]);
/// ```
pub fn catalogue() -> impl Iterator<Item = &'static Feature> {
    FAMILIES.into_iter().flatten()
}

/// A feature by its place in the catalogue; files hold its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Place(pub(crate) usize);

impl Place {
    pub(crate) fn feature(self) -> &'static Feature {
        let mut place = self.0;
        for family in FAMILIES {
            match family.get(place) {
                Some(feature) => return feature,
                None => place -= family.len(),
            }
        }
        unreachable!("places come from the catalogue")
    }
}

impl TryFrom<String> for Place {
    type Error = String;

    fn try_from(name: String) -> std::result::Result<Self, String> {
        let found = find(&name).map(|(place, _)| Place(place));
        found.map_err(|_| format!("there is no feature \"{name}\""))
    }
}

impl From<Place> for String {
    fn from(place: Place) -> String {
        place.feature().name.to_owned()
    }
}

/// Places in the catalogue of the features that a log with these columns gives.
pub(crate) fn available(columns: &LogColumns) -> Vec<usize> {
    let given = catalogue().enumerate().filter(|(_, feature)| feature.available(columns));
    given.map(|(place, _)| place).collect()
}

/// The feature of this name and its place in the catalogue.
pub(crate) fn find(name: &str) -> Result<(usize, &'static Feature)> {
    catalogue()
        .enumerate()
        .find(|(_, feature)| feature.name == name)
        .ok_or_else(|| Error::text_argument("feature", name, "a name of the feature catalogue"))
}
