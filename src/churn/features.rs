//! What a model reads of the customers of a log.

use super::ChurnModel;
use crate::error::Result;
use crate::features::FeatureTable;
use crate::snapshot::Snapshot;

impl ChurnModel {
    /// What the model reads of every customer with a purchase before the cutoff, under the names of
    /// [`ChurnModel::columns`]: features, attributes, the features of its kinds of events, the chance of a
    /// purchase by the training's model of purchases and, where training covers the seasons, the time of
    /// the year.
    ///
    /// # Errors
    /// As [`ChurnModel::score`].
    pub fn features(&self, snapshot: &Snapshot) -> Result<FeatureTable> {
        let log = snapshot.log();
        self.recipe.check_log(log)?;
        let places: Vec<usize> = self.recipe.features.iter().map(|place| place.0).collect();
        let table = snapshot.table(&places, &self.recipe.attribute_names())?;
        self.recipe.complete(table, log)
    }
}
