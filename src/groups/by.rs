//! Groups of customers: by an attribute, or by what they bought first.

use rayon::prelude::*;

use crate::error::{Error, Result};
use crate::log::known;
use crate::log::{AttributeValues, EventLog, History, NO_CODE, PurchaseBy};
use crate::time::MICROS_PER_DAY;

/// More groups than anyone reads.
const MOST: usize = 1_000;

/// How customers are grouped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupBy {
    /// By an attribute of the customers table. It is as it is now, and may tell who stayed (a
    /// status, a tier).
    Attribute(String),
    /// By the category of their first purchase.
    ///
    /// A customer stays in the group of the first purchase whatever follows, so that groups do not
    /// choose those who stay. Of several rows the one of the largest amount counts, then the first
    /// by name.
    Category,
    /// By the channel of their first purchase, likewise.
    Channel,
}

/// The group of every customer.
#[derive(Debug)]
pub(crate) struct Groups {
    /// None: not known.
    pub(crate) names: Vec<Option<String>>,
    pub(crate) codes: Vec<u32>,
}

impl Groups {
    pub(crate) fn new(log: &EventLog, by: Option<&GroupBy>) -> Result<Self> {
        let refused = |by: &'static str| {
            Err(Error::parameter("by", format!("\"{by}\""), format!("the log has no {by} column")))
        };
        match by {
            None => Ok(Groups { names: vec![None], codes: vec![0; log.customers().len()] }),
            Some(GroupBy::Attribute(name)) => Self::by_attribute(log, name),
            Some(GroupBy::Category) if !log.columns().category => refused("category"),
            Some(GroupBy::Channel) if !log.columns().channel => refused("channel"),
            Some(GroupBy::Category) => {
                let codes = first_codes(log, |history| history.rows.category, |c| log.category(c));
                Self::of_codes(codes, |code| log.category(code))
            }
            Some(GroupBy::Channel) => {
                let codes = first_codes(log, |history| history.rows.channel, |c| log.channel(c));
                Self::of_codes(codes, |code| log.channel(code))
            }
        }
    }

    fn by_attribute(log: &EventLog, name: &str) -> Result<Self> {
        match &log.attribute_column(name)?.values {
            AttributeValues::Texts { codes, pool } => {
                Self::of_codes(codes.clone(), |code| pool.get(code))
            }
            AttributeValues::Numbers(values) => {
                let mut distinct: Vec<f64> =
                    values.iter().copied().filter(|v| !v.is_nan()).collect();
                distinct.sort_unstable_by(f64::total_cmp);
                distinct.dedup();
                let code = |value: &f64| match value.is_nan() {
                    true => distinct.len() as u32,
                    false => distinct.partition_point(|other| other < value) as u32,
                };
                let codes: Vec<u32> = values.iter().map(code).collect();
                let mut names: Vec<_> = distinct.iter().map(|v| Some(v.to_string())).collect();
                if codes.contains(&(distinct.len() as u32)) {
                    names.push(None);
                }
                Groups { names, codes }.checked()
            }
        }
    }

    /// Groups by their names' order, those without a name last.
    fn of_codes<'a>(mut codes: Vec<u32>, text: impl Fn(u32) -> &'a str) -> Result<Self> {
        let mut used = codes.clone();
        used.sort_unstable();
        used.dedup();
        let unknown = used.last() == Some(&NO_CODE);
        used.truncate(used.len() - usize::from(unknown));
        let mut order: Vec<usize> = (0..used.len()).collect();
        order.sort_unstable_by_key(|&place| text(used[place]));
        let mut rank = vec![0; used.len()];
        order.iter().enumerate().for_each(|(place, &of)| rank[of] = place as u32);
        for code in &mut codes {
            *code = used.binary_search(code).map_or(used.len() as u32, |place| rank[place]);
        }
        let names = order.iter().map(|&place| Some(text(used[place]).to_owned()));
        Groups { names: names.chain(unknown.then_some(None)).collect(), codes }.checked()
    }

    fn checked(self) -> Result<Self> {
        match self.names.len() {
            0..=MOST => Ok(self),
            n => Err(Error::parameter("by", format!("{n} groups"), format!("at most {MOST}"))),
        }
    }
}

/// Of every customer the code of the first purchase.
fn first_codes<'a>(
    log: &EventLog,
    column: impl for<'b> Fn(&History<'b>) -> Option<&'b [u32]> + Sync,
    text: impl Fn(u32) -> &'a str + Sync,
) -> Vec<u32> {
    let by_day = log.purchase_rules().purchase_by == PurchaseBy::Day;
    let code = |customer: usize| {
        let history = known(log, customer);
        column(&history).map_or(NO_CODE, |codes| first_code(&history, codes, by_day, &text))
    };
    (0..log.customers().len()).into_par_iter().map(code).collect()
}

/// The code of the first purchase's row of the largest amount.
fn first_code<'a>(
    history: &History<'_>,
    codes: &[u32],
    by_day: bool,
    text: impl Fn(u32) -> &'a str,
) -> u32 {
    let Some(first) = history.purchases().first() else { return NO_CODE };
    let same = |time: i64| match by_day {
        true => time.div_euclid(MICROS_PER_DAY) == first.time.div_euclid(MICROS_PER_DAY),
        false => time == first.time,
    };
    let amount = |row: usize| history.rows.amount.map_or(0.0, |amounts| amounts[row]);
    let start = history.rows.time.partition_point(|&time| time < first.time && !same(time));
    let rows = (start..codes.len()).take_while(|&row| same(history.rows.time[row]));
    rows.filter(|&row| codes[row] != NO_CODE && history.sees(row))
        .max_by(|&a, &b| {
            amount(a).total_cmp(&amount(b)).then_with(|| text(codes[b]).cmp(text(codes[a])))
        })
        .map_or(NO_CODE, |row| codes[row])
}
