//! Groups of customers, and of what belongs to customers: silences, answers, tickets.

mod keys;
mod purchase;

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use rayon::prelude::*;

use crate::error::{Error, Result, names};
use crate::log::{AttributeValues, CustomerIndex, EventLog, NO_CODE};
use crate::time::Timestamp;

pub use keys::GroupNames;
pub(crate) use keys::{ByGroup, GroupKey};
pub(crate) use purchase::{PURCHASE_BANDS, PURCHASES, PurchaseText, purchase_band};

/// More groups than anyone reads.
const MOST: usize = 1_000;
/// The groups that [`Apart::Largest`] tells apart; the rest is one group.
const LARGEST: usize = 20;

/// How customers are grouped.
///
/// As a text it is `category`, `channel`, or the name of an attribute; an attribute with one of
/// these names is written `attribute:category`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum GroupBy {
    /// By an attribute of the customers table. It holds today's value, which may reveal who stayed
    /// (a status, a tier).
    Attribute(String),
    /// By the category of their first purchase.
    ///
    /// A customer stays in the group of the first purchase whatever follows, so that groups do not
    /// select those who stay. If that purchase has several rows, the one with the largest amount
    /// counts, then the first by name.
    Category,
    /// By the channel of their first purchase, in the same way.
    Channel,
}

impl GroupBy {
    /// The attribute's name, `category` or `channel`.
    pub fn name(&self) -> &str {
        match self {
            GroupBy::Attribute(name) => name,
            GroupBy::Category => PurchaseText::Category.name(),
            GroupBy::Channel => PurchaseText::Channel.name(),
        }
    }
}

/// What stands before the name of an attribute that could be taken for something else.
const ATTRIBUTE: &str = "attribute:";

impl FromStr for GroupBy {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Ok(match text {
            "category" => GroupBy::Category,
            "channel" => GroupBy::Channel,
            name => GroupBy::Attribute(name.strip_prefix(ATTRIBUTE).unwrap_or(name).to_owned()),
        })
    }
}

impl TryFrom<String> for GroupBy {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<GroupBy> for String {
    fn from(by: GroupBy) -> Self {
        by.to_string()
    }
}

impl fmt::Display for GroupBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            GroupBy::Attribute(name) if matches!(name.parse(), Ok(GroupBy::Attribute(_))) => {
                f.write_str(name)
            }
            GroupBy::Attribute(name) => write!(f, "{ATTRIBUTE}{name}"),
            other => f.write_str(other.name()),
        }
    }
}

/// Which groups are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Apart {
    /// All, by name; more than 1,000 are refused.
    All,
    /// All, by name, however many.
    Every,
    /// The largest groups, largest first; if there are more than 20, the rest form one group at the
    /// end.
    Largest,
}

/// Refuses more groups than anyone reads.
pub(crate) fn check_number(argument: &'static str, groups: usize) -> Result<()> {
    if groups <= MOST {
        return Ok(());
    }
    Err(Error::argument(argument, format!("{groups} groups"), format!("at most {MOST}")))
}

/// Refuses an attribute of so many different numbers where only the largest groups are told apart.
fn check_numbers(argument: &'static str, name: &str, distinct: usize) -> Result<()> {
    if distinct <= LARGEST {
        return Ok(());
    }
    let expected = format!(
        "a column of texts, or of at most {LARGEST} different numbers; it holds {distinct}"
    );
    Err(Error::text_argument(argument, name, expected))
}

/// Things (customers, answers, tickets), each in one group.
#[derive(Debug)]
pub(crate) struct Groups {
    /// Of every group; none for the last one, of the things of which it is not known.
    pub(crate) names: Vec<Option<String>>,
    /// The group of each thing.
    pub(crate) group: Vec<u32>,
    /// Whether the names are numbers.
    pub(crate) numbers: bool,
}

impl Groups {
    /// The group of every customer by what was known before `until`; one group without a name where
    /// they are not grouped. `argument` is what errors call the grouping.
    pub(crate) fn of_customers(
        log: &EventLog,
        until: Timestamp,
        by: Option<&GroupBy>,
        argument: &'static str,
        apart: Apart,
    ) -> Result<Self> {
        let customers = log.customers().len();
        let text = match by {
            // A part without customers need not have the column.
            Some(_) if customers == 0 => return Ok(Groups::of_texts(&[], |_| "", apart)),
            None => {
                return Ok(Groups { names: vec![None], group: vec![0; customers], numbers: false });
            }
            Some(GroupBy::Attribute(name)) => {
                return Self::of_attribute(log, name, argument, apart);
            }
            Some(GroupBy::Category) => PurchaseText::Category,
            Some(GroupBy::Channel) => PurchaseText::Channel,
        };
        if !text.is_in(log) {
            let name = text.name();
            let expected = format!("a column of the log; it has no {name}");
            return Err(Error::text_argument(argument, name, expected));
        }
        let first = |customer: CustomerIndex| text.of_first(log, &log.history(customer, until));
        let codes: Vec<Option<u32>> = log.customers().par_indices().map(first).collect();
        Self::of_texts(&codes, |code| text.name_of(log, code), apart).checked(argument, apart)
    }

    fn of_attribute(
        log: &EventLog,
        name: &str,
        argument: &'static str,
        apart: Apart,
    ) -> Result<Self> {
        let attribute = log.attribute_column(argument, name).map_err(|error| {
            let texts = [PurchaseText::Category, PurchaseText::Channel].into_iter();
            let texts: Vec<&str> =
                texts.filter(|text| text.is_in(log)).map(PurchaseText::name).collect();
            let (or, known) = (texts.join(" or "), names(log.attribute_names()));
            let expected = match (texts.is_empty(), known.is_empty()) {
                (true, _) => return error,
                (false, true) => format!("{or}, for the log has no customer attributes"),
                (false, false) => format!("one of the log's attributes, {known}, or {or}"),
            };
            Error::text_argument(argument, name, expected)
        })?;
        let groups = match &attribute.values {
            AttributeValues::Texts { codes, pool } => {
                let code = |&code: &u32| (code != NO_CODE).then_some(code);
                let codes: Vec<Option<u32>> = codes.iter().map(code).collect();
                Self::of_texts(&codes, |code| pool.get(code), apart)
            }
            AttributeValues::Numbers(values) => {
                let mut distinct: Vec<f64> =
                    values.iter().copied().filter(|v| !v.is_nan()).collect();
                distinct.sort_unstable_by(f64::total_cmp);
                distinct.dedup();
                let place = |value: f64| distinct.partition_point(|&other| other < value) as u32;
                let code = |value: &f64| (!value.is_nan()).then(|| place(*value));
                let codes: Vec<Option<u32>> = values.iter().map(code).collect();
                let text = |code: u32| distinct[code as usize].to_string();
                Self::of_codes(&codes, text, apart, |a, b| a.cmp(&b))
            }
        };
        let numbers = matches!(attribute.values, AttributeValues::Numbers(_));
        Groups { numbers, ..groups }.checked(argument, apart)
    }

    /// By the number of each thing's text.
    pub(crate) fn of_texts<'a>(
        codes: &[Option<u32>],
        text: impl Fn(u32) -> &'a str,
        apart: Apart,
    ) -> Self {
        Self::of_codes(codes, |code| text(code).to_owned(), apart, |a, b| text(a).cmp(text(b)))
    }

    fn of_codes(
        codes: &[Option<u32>],
        text: impl Fn(u32) -> String,
        apart: Apart,
        by_name: impl Fn(u32, u32) -> Ordering,
    ) -> Self {
        let mut used: Vec<u32> = codes.iter().flatten().copied().collect();
        let unknown = used.len() < codes.len();
        used.sort_unstable();
        // A code, and how many things have it.
        let mut order: Vec<(u32, usize)> =
            used.chunk_by(|a, b| a == b).map(|same| (same[0], same.len())).collect();
        used.dedup();
        let named = match apart {
            Apart::All | Apart::Every => {
                order.sort_unstable_by(|a, b| by_name(a.0, b.0));
                order.len()
            }
            Apart::Largest => {
                order.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| by_name(a.0, b.0)));
                if order.len() > LARGEST { LARGEST - 1 } else { order.len() }
            }
        };
        let others = order.len() - named;
        let mut names: Vec<Option<String>> =
            order[..named].iter().map(|&(code, _)| Some(text(code))).collect();
        if others > 0 {
            names.push(Some(format!("({others} others)")));
        }
        let not_known = names.len() as u32;
        if unknown {
            names.push(None);
        }
        let place = |code: u32| used.partition_point(|&other| other < code);
        let mut group_of_used = vec![0; used.len()];
        for (group, &(code, _)) in order.iter().enumerate() {
            group_of_used[place(code)] = group.min(named) as u32;
        }
        let group = |code: &Option<u32>| code.map_or(not_known, |code| group_of_used[place(code)]);
        Groups { names, group: codes.iter().map(group).collect(), numbers: false }
    }

    fn checked(self, argument: &'static str, apart: Apart) -> Result<Self> {
        if apart == Apart::All {
            check_number(argument, self.names.len())?;
        }
        Ok(self)
    }
}
