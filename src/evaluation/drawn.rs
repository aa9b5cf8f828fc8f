//! Customers of a state who are looked at for leaks, drawn by their ids, with all that a model reads of
//! them: the same ones however the customers are spread over parts.

use crate::churn::ChurnModel;
use crate::churn::score::Scored;
use crate::hash;
use crate::labels::State;
use crate::log::EventLog;

/// So many customers of a state with each outcome show whether a column gives it away: an AUC does not
/// depend on how frequent the outcome is. All where there are fewer.
const MOST: usize = 1_500;

/// Tells of one customer after the other whether it is among the first [`MOST`] with its outcome.
fn is_among_most() -> impl FnMut(bool) -> bool {
    let mut counts = [0; 2];
    move |purchased| {
        let count = &mut counts[usize::from(purchased)];
        *count += 1;
        *count <= MOST
    }
}

/// A column that a model reads.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct JudgedColumn {
    pub(super) name: String,
    pub(super) is_text: bool,
}

impl JudgedColumn {
    /// All that a model reads, in its order.
    pub(super) fn all(model: &ChurnModel) -> Vec<JudgedColumn> {
        let recipe = &model.recipe;
        let is_text = |column: usize| {
            let attribute = column.checked_sub(recipe.features.len());
            let attribute = attribute.and_then(|i| recipe.attributes.get(i));
            attribute.is_some_and(|attribute| attribute.levels.is_some())
        };
        let names = recipe.names().into_iter().enumerate();
        names.map(|(column, name)| JudgedColumn { name, is_text: is_text(column) }).collect()
    }
}

/// The customers of one state with the lowest hashes of their ids, of either outcome, by these.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub(super) struct Drawn(Vec<DrawnCustomer>);

#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct DrawnCustomer {
    /// The hash of the id: of 64 bits, so that no two have the same one.
    place: u64,
    purchased: bool,
    #[serde(with = "cells")]
    values: Vec<f64>,
}

impl Drawn {
    /// Of all customers of a log who were scored.
    pub(super) fn of(log: &EventLog, scored: &Scored, purchased: &[bool], state: State) -> Self {
        let place = |row: usize| {
            let id = log.customers().get(scored.customers[row]).to_string();
            hash::of_bytes(id.bytes())
        };
        let rows = (0..scored.rows.len()).filter(|&row| scored.rows[row].state == state);
        let mut places: Vec<(u64, usize)> = rows.map(|row| (place(row), row)).collect();
        places.sort_unstable();
        let mut is_drawn = is_among_most();
        places.retain(|&(_, row)| is_drawn(purchased[row]));
        let customer = |(place, row): (u64, usize)| DrawnCustomer {
            place,
            purchased: purchased[row],
            values: scored.x.row(row).to_vec(),
        };
        Drawn(places.into_iter().map(customer).collect())
    }

    /// Adds those of other customers.
    pub(super) fn merge(&mut self, other: Drawn) {
        self.0.extend(other.0);
        self.0.sort_by_key(|customer| customer.place);
        let mut is_drawn = is_among_most();
        self.0.retain(|customer| is_drawn(customer.purchased));
    }

    /// Whether each has a value of all of so many columns.
    pub(super) fn is_of(&self, columns: usize) -> bool {
        self.0.iter().all(|customer| customer.values.len() == columns)
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether each purchased.
    pub(super) fn purchased(&self) -> impl Iterator<Item = bool> {
        self.0.iter().map(|customer| customer.purchased)
    }

    /// The values of a column.
    pub(super) fn values(&self, column: usize) -> Vec<f64> {
        self.0.iter().map(|customer| customer.values[column]).collect()
    }
}

/// Numbers in JSON, which knows neither NaN nor infinity: null for a missing one, and the bits of others
/// that are not finite.
mod cells {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    #[serde(untagged)]
    enum Cell {
        Bits(u64),
        Number(f64),
    }

    pub(super) fn serialize<S: Serializer>(values: &[f64], to: S) -> Result<S::Ok, S::Error> {
        let cell = |value: &f64| match value.to_bits() {
            bits if bits == f64::NAN.to_bits() => None,
            _ if value.is_finite() => Some(Cell::Number(*value)),
            bits => Some(Cell::Bits(bits)),
        };
        to.collect_seq(values.iter().map(cell))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<f64>, D::Error> {
        let cells = Vec::<Option<Cell>>::deserialize(from)?;
        let value = |cell: Option<Cell>| match cell {
            None => f64::NAN,
            Some(Cell::Number(number)) => number,
            Some(Cell::Bits(bits)) => f64::from_bits(bits),
        };
        Ok(cells.into_iter().map(value).collect())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn drawn(places: impl IntoIterator<Item = u64>) -> Drawn {
        let customer = |place| DrawnCustomer {
            place,
            purchased: place % 3 == 0,
            values: vec![place as f64, -0.5],
        };
        Drawn(places.into_iter().map(customer).collect())
    }

    #[test]
    fn who_is_drawn_does_not_depend_on_the_parts() {
        let places: Vec<u64> = (0..4 * MOST as u64).map(hash::spread).collect();
        // A third of them purchased; of either there are more than are drawn.
        let (mut buyers, mut others): (Vec<u64>, Vec<u64>) =
            places.iter().partition(|&place| place % 3 == 0);
        assert!(buyers.len() > MOST && others.len() > MOST);
        for own in [&mut buyers, &mut others] {
            own.sort_unstable();
            own.truncate(MOST);
        }
        let mut both = [buyers, others].concat();
        both.sort_unstable();
        let expected = drawn(both);
        for size in [700, 2_999, 7_001] {
            let mut found = Drawn::default();
            places.chunks(size).rev().for_each(|part| found.merge(drawn(part.iter().copied())));
            assert_eq!(found, expected);
            assert_eq!((found.len(), found.is_of(2), found.is_of(3)), (2 * MOST, true, false));
        }
    }

    proptest! {
        #[test]
        fn prop_values_read_back_to_the_same_bits(
            mut values in proptest::collection::vec(any::<f64>(), 0..20),
        ) {
            values.extend([0.0, -0.0, 7.0, f64::NAN, -f64::NAN, f64::INFINITY, f64::MAX, 5e-324]);
            let drawn = Drawn(vec![DrawnCustomer { place: u64::MAX, purchased: true, values }]);
            let text = serde_json::to_string(&drawn).unwrap();
            let read: Drawn = serde_json::from_str(&text).unwrap();
            let bits = |drawn: &Drawn| drawn.0[0].values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
            prop_assert_eq!(bits(&read), bits(&drawn));
            prop_assert_eq!(read.0[0].place, u64::MAX);
        }
    }
}
