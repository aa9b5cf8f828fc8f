//! What the trees of a churn model ask, in readable form.

use super::recipe::OTHER;
use super::{ChurnModel, Fitted};
use crate::error::{Error, Result};
use crate::labels::State;
use crate::models::trees::TreeEnsemble;

impl ChurnModel {
    /// The text attributes, with the texts that enough customers had in training: the model knows each
    /// text by its position in the list, and every other text by the list's length.
    pub fn categories(&self) -> impl Iterator<Item = (&str, &[String])> {
        let attributes = self.recipe.attributes.iter();
        attributes.filter_map(|a| Some((a.name.as_str(), a.levels.as_deref()?)))
    }

    /// The text attributes that had texts of few customers in training, with the number of these
    /// texts: they count as one; see [`ChurnModelBuilder::min_level`](super::ChurnModelBuilder::min_level).
    pub fn pooled_levels(&self) -> impl Iterator<Item = (&str, usize)> {
        self.recipe.pooled_levels()
    }

    /// The trees that score customers of this state as text, all of them or `tree` alone, counted
    /// from 0; see [`TreeEnsemble::text`].
    ///
    /// # Errors
    /// [`Error::Argument`] when the model has no trees or no such tree.
    ///
    /// ```
    /// use winback::{ChurnModel, labels::State, simulate::Simulation};
    /// let shop = Simulation::default().customers(400).run()?;
    /// let log = winback::EventLog::builder()
    ///     .transactions([shop.transactions])
    ///     .observed_until("2025-01-01")?
    ///     .build()?;
    /// let model = ChurnModel::builder().estimator("tree")?.fit(&log, "2024-10-01")?;
    /// assert!(model.tree_text(State::Active, None)?.contains("yes: "));
    /// assert!(model.graphviz(State::Active, 0)?.starts_with("digraph tree_0 {"));
    /// # Ok::<(), winback::Error>(())
    /// ```
    pub fn tree_text(&self, state: State, tree: Option<usize>) -> Result<String> {
        let level = |column, level| self.level_text(column, level);
        self.trees(state)?.text_with(&self.columns(), &level, tree)
    }

    /// One of the trees that score customers of this state, counted from 0, as a graph in the DOT
    /// language of Graphviz.
    ///
    /// # Errors
    /// [`Error::Argument`] when the model has no trees or no such tree.
    pub fn graphviz(&self, state: State, tree: usize) -> Result<String> {
        let level = |column, level| self.level_text(column, level);
        self.trees(state)?.graphviz_with(&self.columns(), &level, tree)
    }

    /// The trees that score customers of this state.
    ///
    /// # Errors
    /// [`Error::Argument`] when the model has no trees.
    pub fn trees(&self, state: State) -> Result<&TreeEnsemble> {
        match self.fitted(state)[..] {
            [(Fitted::Tree(trees) | Fitted::Boosting(trees), _)] => Ok(trees),
            _ => {
                let name = self.estimator().name();
                let expected = "\"tree\" or \"boosting\", which have trees";
                Err(Error::text_argument("estimator", name, expected))
            }
        }
    }

    fn level_text(&self, column: usize, level: u32) -> String {
        let attribute = column.checked_sub(self.recipe.features.len());
        let levels = attribute.and_then(|i| self.recipe.attributes.get(i)?.levels.as_ref());
        let text = levels.and_then(|levels| levels.get(level as usize));
        text.map_or_else(|| OTHER.to_owned(), |text| format!("\"{text}\""))
    }
}
