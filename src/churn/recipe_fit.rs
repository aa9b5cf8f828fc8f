//! Recipes from training tables, and how estimators read their columns.

use std::sync::OnceLock;

use super::learned::Learned;
use super::learner::Inputs;
use super::recipe::{AttributeSpec, Recipe};
use crate::error::Result;
use crate::features::{ColumnValues, FeatureTable, KindColumns, Place, known_kinds};
use crate::log::EventLog;
use crate::panel::PanelOptions;
use crate::time::Timestamp;

impl Recipe {
    /// The recipe that reads all columns of a training table.
    pub(crate) fn of(
        log: &EventLog,
        table: &FeatureTable,
        options: &PanelOptions,
        learned: Learned,
        latest: Timestamp,
    ) -> Self {
        let PanelOptions { attributes, kinds, .. } = options;
        let of_kinds = KindColumns::of(kinds, log.columns().events.is_some_and(|e| e.value)).len();
        let (columns, count) = (table.columns(), attributes.len());
        let (features, rest) = columns.split_at(columns.len() - of_kinds - count);
        let attributes = rest[..count].iter().map(|column| AttributeSpec {
            name: column.name.clone(),
            levels: match &column.values {
                ColumnValues::Numbers(_) => None,
                ColumnValues::Texts { texts, .. } => Some(texts.to_vec()),
            },
        });
        Recipe {
            columns: log.columns(),
            rules: log.purchase_rules(),
            features: features
                .iter()
                .filter_map(|c| Place::try_from(c.name.clone()).ok())
                .filter(|place| learned.reads(place.feature()))
                .collect(),
            attributes: attributes.collect(),
            kinds: kinds.clone(),
            seen_kinds: match log.columns().events {
                Some(_) => known_kinds(log, latest),
                None => Vec::new(),
            },
            event_roles: log.event_roles().clone(),
            learned,
            blank: OnceLock::new(),
        }
    }

    /// The columns as estimators read them.
    pub(crate) fn inputs(&self) -> Result<Inputs> {
        Ok(Inputs { specs: self.specs()?, categories: self.categories() })
    }

    /// The expected sign of every column; 0 where the direction is not obvious.
    pub(crate) fn expected_signs(&self) -> Vec<i8> {
        let signs = self.features.iter().map(|place| place.feature().expected_sign);
        let attributes = self.attributes.iter().map(|_| 0);
        let kinds = self.kind_columns().names().map(|(_, feature)| feature.expected_sign);
        let learned = self.learned.columns().map(|column| column.expected_sign);
        signs.chain(attributes).chain(kinds).chain(learned).collect()
    }
}
