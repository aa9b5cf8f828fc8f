//! Recipes from training tables, and how estimators read their columns.

use std::sync::OnceLock;

use super::learned::Learned;
use super::learner::Inputs;
use super::recipe::{AttributeSpec, Recipe};
use crate::error::{Error, Result};
use crate::features::{ColumnValues, FeatureTable, KindColumns, Place, shared_kinds};
use crate::log::{CustomerIndex, EventLog};
use crate::panel::PanelOptions;
use crate::time::Timestamp;

impl Recipe {
    /// The recipe that reads all columns of a training table. Texts of fewer than `min_level` customers
    /// count as one.
    ///
    /// # Errors
    /// [`Error::Column`] for an attribute that tells customers apart rather than groups of them.
    pub(crate) fn of(
        log: &EventLog,
        table: &FeatureTable,
        options: &PanelOptions,
        learned: Learned,
        latest: Timestamp,
        min_level: usize,
    ) -> Result<Self> {
        let PanelOptions { attributes, kinds, .. } = options;
        let of_kinds = KindColumns::of(kinds, log.columns().events.is_some_and(|e| e.value)).len();
        let (columns, count) = (table.columns(), attributes.len());
        let (features, rest) = columns.split_at(columns.len() - of_kinds - count);
        let attributes = rest[..count].iter().map(|column| {
            let name = column.name.clone();
            let ColumnValues::Texts { codes, texts } = &column.values else {
                return Ok(AttributeSpec { name, levels: None, pooled: 0 });
            };
            let customers = customers_of(table, codes, texts.len());
            let seen: Vec<usize> = (0..texts.len()).filter(|&text| customers[text] > 0).collect();
            tells_groups(&name, seen.len(), customers.iter().sum())?;
            let kept = seen.iter().filter(|&&text| customers[text] >= min_level);
            let levels: Vec<String> = kept.map(|&text| texts[text].clone()).collect();
            let pooled = seen.len() - levels.len();
            Ok(AttributeSpec { name, levels: Some(levels), pooled })
        });
        Ok(Recipe {
            columns: log.columns(),
            rules: log.purchase_rules(),
            features: features
                .iter()
                .filter_map(|c| Place::try_from(c.name.clone()).ok())
                .filter(|place| learned.reads(place.feature()))
                .collect(),
            attributes: attributes.collect::<Result<_>>()?,
            kinds: kinds.clone(),
            seen_kinds: match log.columns().events {
                Some(_) if !kinds.is_empty() => shared_kinds(log, latest, min_level),
                _ => Vec::new(),
            },
            event_roles: log.event_roles().clone(),
            learned,
            ready: OnceLock::new(),
        })
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

/// How many customers of a table have each text, whose codes are those of the table's rows.
fn customers_of(table: &FeatureTable, codes: &[u32], texts: usize) -> Vec<usize> {
    let mut of_customers: Vec<(CustomerIndex, u32)> =
        table.customers().iter().zip(codes).map(|(&customer, &code)| (customer, code)).collect();
    of_customers.sort_unstable();
    of_customers.dedup();
    let mut counts = vec![0; texts];
    for (_, code) in of_customers {
        // A customer without a text has a code beyond all.
        if let Some(count) = counts.get_mut(code as usize) {
            *count += 1;
        }
    }
    counts
}

/// Fewer customers with a text say nothing of how many share it.
const FEW: usize = 20;

/// Refuses an attribute such as an address or a name: no two customers need have the same, so a model
/// learns nothing from it that holds for others, and its file would hold them all.
fn tells_groups(name: &str, texts: usize, customers: usize) -> Result<()> {
    if customers < FEW || 2 * texts <= customers {
        return Ok(());
    }
    let message = format!(
        "{texts} texts of {customers} customers: nearly each has one of its own, as names and \
         addresses are, from which nothing can be learned for others"
    );
    Err(Error::bad_column("customers", name, message))
}
