//! Which columns a model reads, and how they become rows of numbers: from a feature table in a
//! batch, from one history in a service.

use std::fmt;
use std::sync::OnceLock;

use super::adopted::Adopted;
use super::learned::Learned;
use super::ready::Ready;
use crate::error::{Error, Result, number};
use crate::features::{self, Family, Feature, KindColumns, Place, Scratch};
use crate::log::{
    AttributeValue, CustomerHistory, EventRoles, History, LogColumns, PurchaseRules, ZeroAmounts,
    counted,
};
use crate::models::preprocess::{ColumnKind, ColumnSpec};
use crate::time::Timestamp;

/// The inputs of a model. Column `i` of a row is feature `i`, then come the attributes,
/// then the features of kinds of events, and last the columns of what was learned of all customers.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub(crate) struct Recipe {
    pub(crate) columns: LogColumns,
    pub(crate) rules: PurchaseRules,
    pub(crate) features: Vec<Place>,
    pub(crate) attributes: Vec<AttributeSpec>,
    /// Kinds of events with columns of their own.
    #[serde(default)]
    pub(crate) kinds: Vec<String>,
    /// All kinds that training saw, by name.
    #[serde(default)]
    pub(crate) seen_kinds: Vec<String>,
    /// What kinds stand for.
    #[serde(default)]
    pub(crate) event_roles: EventRoles,
    /// What is known of all customers together.
    pub(crate) learned: Learned,
    /// What follows from all this, once it is asked for.
    #[serde(skip)]
    pub(super) ready: OnceLock<Ready>,
}

#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub(crate) struct AttributeSpec {
    pub(crate) name: String,
    /// The texts that enough customers had in training; none for numbers.
    pub(crate) levels: Option<Vec<String>>,
    /// How many other texts training saw: they count as one, which is another text than these.
    #[serde(default)]
    pub(crate) pooled: usize,
}

/// What stands for all texts that are rare or were not seen in training.
pub(super) const OTHER: &str = "other";

impl AttributeSpec {
    /// Names of the levels that estimators know; none for numbers.
    fn known_levels(&self) -> Option<Vec<String>> {
        let mut levels = self.levels.clone()?;
        if self.pooled > 0 {
            levels.push(OTHER.to_owned());
        }
        Some(levels)
    }
}

impl Recipe {
    pub(super) fn ready(&self) -> &Ready {
        self.ready.get_or_init(|| {
            let blank = CustomerHistory::new(self.columns, self.rules)
                .with_event_roles(self.event_roles.clone())
                .with_attribute_names(self.attribute_names().into());
            Ready::new(self.names(), &self.features, blank)
        })
    }

    pub(crate) fn width(&self) -> usize {
        self.ready().width
    }

    /// The column of the average check, if it is read.
    pub(crate) fn average_check(&self) -> Option<usize> {
        self.ready().average_check
    }

    /// The columns of kinds of events.
    pub(crate) fn kind_columns(&self) -> KindColumns<'_> {
        KindColumns::of(&self.kinds, self.columns.events.is_some_and(|events| events.value))
    }

    pub(crate) fn attribute_names(&self) -> Vec<String> {
        self.attributes.iter().map(|attribute| attribute.name.clone()).collect()
    }

    pub(crate) fn names(&self) -> Vec<String> {
        let features = self.features.iter().map(|place| place.feature().name.to_owned());
        let kinds = self.kind_columns().names().map(|(name, _)| name);
        let learned = self.learned.columns().map(|column| column.name.to_owned());
        features.chain(self.attribute_names()).chain(kinds).chain(learned).collect()
    }

    /// The text attributes with texts of few customers, and how many texts these are.
    pub(crate) fn pooled_levels(&self) -> impl Iterator<Item = (&str, usize)> {
        let attributes = self.attributes.iter().filter(|attribute| attribute.pooled > 0);
        attributes.map(|attribute| (attribute.name.as_str(), attribute.pooled))
    }

    /// Tells them, a line each.
    pub(crate) fn tell_pooled(&self, min_level: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, texts) in self.pooled_levels() {
            let few = counted(texts as u64, "text", "texts");
            write!(f, "\n{name}: {few} of fewer than {min_level} customers each count as one")?;
        }
        Ok(())
    }

    /// How each column enters a linear model.
    pub(crate) fn specs(&self) -> Result<Vec<ColumnSpec>> {
        let mut specs = Vec::with_capacity(self.width());
        let of = |feature: &Feature, name: &str| {
            let skewed = feature.unit.skewed();
            let kind = if skewed { ColumnKind::Skewed } else { ColumnKind::Number };
            ColumnSpec::new(name, kind)
        };
        for place in &self.features {
            let feature = place.feature();
            specs.push(of(feature, feature.name));
        }
        for attribute in &self.attributes {
            let kind = match attribute.known_levels() {
                None => ColumnKind::Number,
                Some(levels) => ColumnKind::Category { levels },
            };
            specs.push(ColumnSpec::new(&attribute.name, kind));
        }
        specs.extend(self.kind_columns().names().map(|(name, feature)| of(feature, &name)));
        specs.extend(self.learned.columns().map(|column| of(column, column.name)));
        Ok(specs)
    }

    /// Columns that hold categories, with their number of levels.
    pub(crate) fn categories(&self) -> Vec<(usize, usize)> {
        let attributes = self.attributes.iter().enumerate();
        attributes
            .filter_map(|(i, a)| Some((self.features.len() + i, a.known_levels()?.len())))
            .collect()
    }

    /// An empty history of the columns and rules of the training log, and the attributes that are read.
    pub(crate) fn customer_history(&self) -> CustomerHistory {
        self.ready().blank.clone()
    }

    /// Refuses a customer's history that is read by other rules, lacks columns or forgot what a
    /// feature is made of at a cutoff.
    pub(crate) fn check_history(
        &self,
        customer: &CustomerHistory,
        cutoff: Timestamp,
    ) -> Result<()> {
        self.check_roles(customer.columns(), customer.event_roles())?;
        self.check_shape(customer.purchase_rules(), customer.columns(), "history")?;
        let Some(forgotten) = customer.forgotten_before() else { return Ok(()) };
        let made_of_all = |place: &&Place| {
            let from = days_back(place.feature().name);
            // A day more, for an order may have begun before.
            from.is_none_or(|days| cutoff.days_since(forgotten) < days + 1.0)
        };
        match self.features.iter().find(made_of_all).map(|place| place.feature()) {
            None => Ok(()),
            Some(feature) => {
                let name = feature.name;
                let message =
                    format!("the model reads `{name}`, and rows before {forgotten} are forgotten");
                Err(Error::bad_table(table_of(feature), message))
            }
        }
    }

    /// The same customer's history with the columns, rules and attributes that are read.
    pub(crate) fn adopt(&self, customer: &CustomerHistory) -> Result<Adopted> {
        self.check_adoptable(customer)?;
        let mut history = self.customer_history();
        history.copy_rows(customer)?;
        let is_set = |name: &String| history.attributes().any(|(set, _)| set == name);
        let unset_attributes =
            self.attribute_names().into_iter().filter(|name| !is_set(name)).collect();
        Ok(Adopted { history, unset_attributes })
    }

    /// Refuses a customer's history whose rows cannot be read by the model's rules, or lack columns.
    fn check_adoptable(&self, customer: &CustomerHistory) -> Result<()> {
        let (mut rules, mut columns) = (customer.purchase_rules(), customer.columns());
        // What was not dropped can be read by either rule.
        if rules.zero_amounts == ZeroAmounts::Purchase || customer.zero_amounts() == 0 {
            rules.zero_amounts = self.rules.zero_amounts;
        }
        rules.purchase_by = self.rules.purchase_by;
        self.rules.check(rules, "as in training")?;
        if customer.is_empty() {
            return Ok(());
        }
        // Purchases of the one are none of the other.
        if self.columns.tells_activity() != columns.tells_activity() {
            return self.event_roles.check(customer.event_roles(), "as in training");
        }
        if self.columns.order_id {
            same_purchases("order_id", true, columns.order_id)?;
        }
        columns.order_id = self.columns.order_id;
        self.check_features(columns, "history")?;
        if !self.columns.amount && customer.zero_amounts() > 0 {
            let message = "the history left out amounts of 0, and every row counts to the model";
            return Err(Error::bad_column("transactions", "amount", message));
        }
        Ok(())
    }

    /// Refuses other roles of kinds, which some feature may depend on.
    pub(super) fn check_roles(&self, columns: LogColumns, roles: &EventRoles) -> Result<()> {
        let of_activity = self.columns.tells_activity() || columns.tells_activity();
        match (self.columns.events, columns.events) {
            _ if of_activity => self.event_roles.check(roles, "as in training"),
            (Some(_), Some(_)) => self.event_roles.check(roles, "as in training"),
            _ => Ok(()),
        }
    }

    pub(super) fn check_shape(
        &self,
        rules: PurchaseRules,
        columns: LogColumns,
        of: &str,
    ) -> Result<()> {
        self.rules.check(rules, "as in training")?;
        same_purchases("order_id", self.columns.order_id, columns.order_id)?;
        self.check_features(columns, of)?;
        // Without amounts returns are purchases too.
        same_purchases("amount", self.columns.amount, columns.amount)
    }

    /// Refuses columns that lack what features are made of.
    fn check_features(&self, columns: LogColumns, of: &str) -> Result<()> {
        // The usual case, for a service that scores one customer after the other.
        if columns == self.columns {
            return Ok(());
        }
        for place in &self.features {
            let feature = place.feature();
            if !feature.available(&columns) {
                let (name, needs) = (feature.name, feature.lacking_in(&columns));
                let message = format!("the model reads `{name}`, and the {of} lacks {needs}");
                return Err(Error::bad_table(table_of(feature), message));
            }
        }
        let with_values = self.columns.events.is_some_and(|events| events.value);
        if !self.kinds.is_empty() && columns.events.map(|events| events.value) != Some(with_values)
        {
            let there = if with_values { "with" } else { "without" };
            let message = format!("the model was trained on events {there} a value");
            return Err(Error::bad_table("events", message));
        }
        Ok(())
    }

    /// Sets `row` to the row of one customer, of this history, as this model reads it.
    pub(crate) fn row(
        &self,
        customer: &CustomerHistory,
        history: &History<'_>,
        scratch: &mut Scratch,
        row: &mut Vec<f64>,
    ) -> Result<()> {
        let Ready { wanted, width, .. } = self.ready();
        let mut all = features::EMPTY_ROW;
        let purchase_days = features::compute(history, *wanted, scratch, &mut all);
        row.clear();
        row.resize(*width, 0.0);
        let (of_features, rest) = row.split_at_mut(self.features.len());
        let (of_attributes, rest) = rest.split_at_mut(self.attributes.len());
        let columns = self.kind_columns();
        let (of_kinds, of_learned) = rest.split_at_mut(columns.len());
        self.learned.compute(history, purchase_days.iter().copied(), of_learned)?;
        of_features.iter_mut().zip(&self.features).for_each(|(cell, place)| *cell = all[place.0]);
        for (cell, AttributeSpec { name, levels, .. }) in
            of_attributes.iter_mut().zip(&self.attributes)
        {
            *cell = match (customer.attribute(name), levels) {
                (AttributeValue::Missing, _) => f64::NAN,
                (AttributeValue::Number(value), None) => *value,
                (AttributeValue::Text(text), Some(levels)) => level_code(levels, text),
                (_, levels) => return Err(wrong_attribute(name, levels.is_some())),
            };
        }
        if !of_kinds.is_empty() {
            scratch.of_kinds(&columns, history, customer.event_texts(), of_kinds);
        }
        Ok(())
    }

    /// What is wrong with a row that a model could not take for this reason.
    pub(crate) fn unusable(&self, row: &[f64], reason: Error) -> Error {
        let Some(column) = row.iter().position(|value| value.is_infinite()) else {
            // A finite number may be too large for what is computed with it.
            let largest = |a: &usize, b: &usize| row[*a].abs().total_cmp(&row[*b].abs());
            let numbers = (0..row.len()).filter(|&column| !row[column].is_nan());
            return match numbers.max_by(largest) {
                Some(column) if row[column].abs() > 1e100 => self.beyond(column, row[column]),
                _ => reason,
            };
        };
        self.beyond(column, row[column])
    }

    fn beyond(&self, column: usize, value: f64) -> Error {
        match self.features.get(column) {
            Some(place) => {
                let feature = place.feature();
                Error::value(table_of(feature), feature.name, number(value), "a usable number")
            }
            None => {
                let attribute = &self.attributes[column - self.features.len()].name;
                Error::bad_value("customers", attribute, number(value), "a usable number")
            }
        }
    }

    /// Refuses a recipe that cannot be followed, as of a damaged file.
    pub(crate) fn check(&self) -> Result<()> {
        let bad = |message: String| Err(Error::model_file(message));
        for feature in self.features.iter().map(|place| place.feature()) {
            if !feature.available(&self.columns) {
                return bad(format!(
                    "it reads a feature that it cannot have, \"{}\"",
                    feature.name
                ));
            }
        }
        if !self.kinds.is_empty() && self.columns.events.is_none() {
            return bad("it reads events that it cannot have".into());
        }
        self.kind_columns().check().map_err(|error| Error::model_file(error.to_string()))?;
        let mut names = self.names();
        names.sort_unstable();
        if names.is_empty() || names.windows(2).any(|pair| pair[0] == pair[1]) {
            return bad("it reads no columns, or one twice".into());
        }
        Ok(())
    }
}

/// How many days before the cutoff the rows begin that a feature is made of, as its name says; none:
/// it may be made of all.
fn days_back(feature: &str) -> Option<f64> {
    feature.rsplit_once('_')?.1.strip_suffix('d')?.parse().ok()
}

/// Refuses rows with a column that purchases are formed by where the training had none, and the reverse.
fn same_purchases(column: &str, in_training: bool, now: bool) -> Result<()> {
    if in_training == now {
        return Ok(());
    }
    let there = if in_training { "with" } else { "without" };
    let message = format!("the model was trained on purchases formed {there} it");
    Err(Error::bad_column("transactions", column, message))
}

/// The input table from which a feature is made.
fn table_of(feature: &Feature) -> &'static str {
    match feature.family {
        Family::Tickets => "tickets",
        Family::Surveys => "surveys",
        Family::Activity | Family::Paths | Family::Contacts | Family::Kinds => "events",
        Family::Rfm
        | Family::Windows
        | Family::Rhythm
        | Family::Season
        | Family::Basket
        | Family::Contract => "transactions",
    }
}

/// The number of a text among the training texts; one past the last for one that is rare or was not
/// seen then.
pub(super) fn level_code(levels: &[String], text: &str) -> f64 {
    levels.binary_search_by(|level| level.as_str().cmp(text)).unwrap_or(levels.len()) as f64
}

pub(super) fn wrong_attribute(name: &str, trained_on_texts: bool) -> Error {
    let trained = if trained_on_texts { "texts" } else { "numbers" };
    Error::bad_column("customers", name, format!("the model was trained on {trained}"))
}
