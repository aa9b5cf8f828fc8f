//! Which group of customers a silence belongs to.

use std::borrow::Cow;

use crate::error::{Error, Result};
use crate::log::{Attribute, AttributeValues, EventLog, NO_CODE};

/// Name of the grouping by number of purchases, and of its groups.
pub(crate) const PURCHASES: &str = "purchases";
pub(crate) const PURCHASE_GROUPS: [&str; 4] = ["1", "2-3", "4-9", "10+"];

/// The groups of a customer attribute that are told apart; the rest is one group.
const MOST_GROUPS: usize = 20;

/// The group of a silence after so many purchases.
pub(crate) fn purchase_group(purchases: usize) -> usize {
    match purchases {
        0 | 1 => 0,
        2 | 3 => 1,
        4..=9 => 2,
        _ => 3,
    }
}

/// Things grouped by a text each has: the groups with most of them come first, then the others
/// together, then those of which it is not known.
#[derive(Debug)]
pub(crate) struct TopGroups {
    pub(crate) labels: Vec<String>,
    /// Of each thing.
    pub(crate) group: Vec<u8>,
    /// Groups that were put together, if any.
    pub(crate) others: usize,
}

impl TopGroups {
    /// By the number of each thing's text.
    pub(crate) fn new(codes: &[Option<u32>], texts: &[Cow<'_, str>]) -> Self {
        let mut counts = vec![0u64; texts.len()];
        codes.iter().flatten().for_each(|&code| counts[code as usize] += 1);
        let mut order: Vec<usize> = (0..texts.len()).filter(|&code| counts[code] > 0).collect();
        order.sort_by(|&a, &b| counts[b].cmp(&counts[a]).then_with(|| texts[a].cmp(&texts[b])));
        let told_apart = if order.len() > MOST_GROUPS { MOST_GROUPS - 1 } else { order.len() };
        let others = order.len() - told_apart;
        let mut labels: Vec<String> =
            order[..told_apart].iter().map(|&code| texts[code].clone().into_owned()).collect();
        let mut group_of_code = vec![0u8; texts.len()];
        for (group, &code) in order.iter().enumerate() {
            group_of_code[code] = group.min(told_apart) as u8;
        }
        if others > 0 {
            labels.push(format!("({others} others)"));
        }
        let missing = labels.len() as u8;
        if codes.contains(&None) {
            labels.push("(not known)".into());
        }
        let group = codes
            .iter()
            .map(|code| code.map_or(missing, |code| group_of_code[code as usize]))
            .collect();
        TopGroups { labels, group, others }
    }
}

/// Customers grouped by an attribute.
#[derive(Debug)]
pub(crate) struct AttributeGroups {
    pub(crate) name: String,
    pub(crate) labels: Vec<String>,
    /// Of each customer.
    pub(crate) group: Vec<u8>,
    /// Groups that were put together, if any.
    pub(crate) others: usize,
}

impl AttributeGroups {
    /// Groups by a text, or by a number of which there are few; in the order of [`TopGroups`].
    pub(crate) fn new(log: &EventLog, name: &str) -> Result<Self> {
        let attribute = log.attribute_column(name).map_err(|error| match error {
            Error::Parameter { value, allowed, .. } => {
                Error::Parameter { name: "group_by", value, allowed }
            }
            error => error,
        })?;
        let (codes, texts) = codes(attribute)?;
        let TopGroups { labels, group, others } = TopGroups::new(&codes, &texts);
        Ok(AttributeGroups { name: name.to_owned(), labels, group, others })
    }
}

/// Each customer's value as a number of a text, none where it is not known, and the texts.
type Coded<'a> = (Vec<Option<u32>>, Vec<Cow<'a, str>>);

fn codes(attribute: &Attribute) -> Result<Coded<'_>> {
    match &attribute.values {
        AttributeValues::Texts { codes, pool } => {
            let codes = codes.iter().map(|&code| (code != NO_CODE).then_some(code)).collect();
            Ok((codes, pool.iter().map(Cow::Borrowed).collect()))
        }
        AttributeValues::Numbers(values) => {
            let mut known: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
            known.sort_unstable_by(f64::total_cmp);
            known.dedup();
            if known.len() > MOST_GROUPS {
                let value = format!("\"{}\"", attribute.name);
                let allowed = format!(
                    "it holds {} different numbers; a column of texts, or of at most {MOST_GROUPS} \
                     different numbers",
                    known.len()
                );
                return Err(Error::parameter("group_by", value, allowed));
            }
            let place = |v: &f64| known.iter().position(|k| k == v).map(|place| place as u32);
            let codes = values.iter().map(place).collect();
            Ok((codes, known.iter().map(|v| Cow::Owned(v.to_string())).collect()))
        }
    }
}
