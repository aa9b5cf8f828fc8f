//! The cases of some customers, gathered with those of all others.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::de::DeserializeOwned;

use super::matching::{Match, Sought, hash_of, times_of};
use super::standing::matches;
use super::{Around, Of, Seen};
use crate::error::{Error, Result};
use crate::groups::{ByGroup, GroupKey, GroupNames, Groups};
use crate::log::{CustomerIndex, History, LogColumns, OwnedId, ranks};
use crate::snapshot::Snapshot;

/// A case of a log, and what followed.
#[derive(Debug)]
pub(crate) struct Collected<T> {
    pub(crate) customer: CustomerIndex,
    time: i64,
    pub(crate) what: T,
    followed: Option<Followed>,
}

/// What was seen of a case whose horizon is over.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Followed {
    seen: Seen,
    sought: Option<Sought>,
}

/// The cases of a log, by customer; `of_customer` gives those of one, each with its time.
pub(crate) fn collect<T: Send>(
    now: &Snapshot,
    around: &Around,
    of_customer: impl Fn(&History<'_>) -> Result<Vec<(i64, T)>> + Sync,
) -> Result<Vec<Collected<T>>> {
    let log = now.log();
    let of = |customer: CustomerIndex| -> Result<Vec<Collected<T>>> {
        let history = now.history(customer);
        // Who comes to be a customer later only is none yet.
        if history.lines().next().is_none() {
            return Ok(Vec::new());
        }
        let cases = of_customer(&history)?;
        let times: Vec<i64> =
            if cases.is_empty() { Vec::new() } else { times_of(&history).collect() };
        let follow = |time: i64| -> Result<Option<Followed>> {
            let followed = around.case(time, now.at())?.map(|case| Followed {
                seen: case.look(&history),
                sought: Sought::new(&case, &times, hash_of(log, customer)),
            });
            Ok(followed)
        };
        let collected =
            |(time, what)| Ok(Collected { customer, time, what, followed: follow(time)? });
        cases.into_iter().map(collected).collect()
    };
    let all: Vec<Vec<Collected<T>>> =
        log.customers().par_indices().map(of).collect::<Result<_>>()?;
    Ok(all.into_iter().flatten().collect())
}

impl<T> Collected<T> {
    /// Whether its horizon is over.
    pub(crate) fn is_over(&self) -> bool {
        self.followed.is_some()
    }
}

/// For which of the cases of a log customers are sought.
pub(crate) fn sought_for<T>(cases: &[Collected<T>]) -> Vec<Sought> {
    cases.iter().filter_map(|case| case.followed?.sought).collect()
}

/// For which cases of all customers others are sought, by time, each once: what a first pass gives.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub(crate) struct AllSought(Vec<Sought>);

/// By which parts know that they looked for matches of the same cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mark {
    cases: usize,
    check_sum: u32,
}

impl AllSought {
    pub(crate) fn new(mut sought: Vec<Sought>) -> Self {
        sought.sort_unstable();
        sought.dedup();
        AllSought(sought)
    }

    pub(crate) fn mark(&self) -> Mark {
        let mut sum = crc32fast::Hasher::new();
        self.0.iter().for_each(|sought| sought.bytes().iter().for_each(|part| sum.update(part)));
        Mark { cases: self.0.len(), check_sum: sum.finalize() }
    }
}

/// The cases of some customers, what followed them, and the matches that these customers are to the
/// cases of all.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, bound(deserialize = "K: DeserializeOwned"))]
pub struct Followups<K> {
    /// The log's columns; not known of a part without customers.
    columns: Option<LogColumns>,
    /// Customers with a case.
    ids: Vec<OwnedId>,
    cases: Vec<Row<K>>,
    groupings: Vec<CaseGroups>,
    matches: Vec<Option<Match>>,
}

#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Row<K> {
    /// The place among the ids.
    customer: u32,
    time: i64,
    kind: K,
    followed: Option<Followed>,
}

/// The group of each case.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseGroups {
    keys: Vec<GroupKey>,
    of_case: Vec<u32>,
}

impl CaseGroups {
    fn append(&mut self, other: CaseGroups) {
        let mut places: BTreeMap<GroupKey, u32> = self.keys.iter().cloned().zip(0..).collect();
        let mut place = |key: GroupKey| {
            let next = self.keys.len() as u32;
            *places.entry(key.clone()).or_insert_with(|| {
                self.keys.push(key);
                next
            })
        };
        let new: Vec<u32> = other.keys.into_iter().map(&mut place).collect();
        self.of_case.extend(other.of_case.iter().map(|&group| new[group as usize]));
    }

    /// By name, the largest first.
    fn named(&self, order: &[usize], name: &str) -> Result<Grouping> {
        let mut counts = vec![0; self.keys.len()];
        self.of_case.iter().for_each(|&group| counts[group as usize] += 1);
        let counts = ByGroup(self.keys.iter().cloned().zip(counts).collect());
        let names = GroupNames::of(counts, name)?;
        let places: Vec<u32> = self.keys.iter().map(|key| names.place(key) as u32).collect();
        Ok(Grouping {
            name: name.to_owned(),
            labels: names.labels().collect(),
            group: order.iter().map(|&row| places[self.of_case[row] as usize]).collect(),
            others: names.others,
        })
    }
}

/// A way to group cases, and the group of each.
#[derive(Debug)]
pub(crate) struct Grouping {
    pub(crate) name: String,
    pub(crate) labels: Vec<String>,
    pub(crate) group: Vec<u32>,
    /// How many groups were put together.
    pub(crate) others: usize,
}

/// A case, and what followed it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Told<K> {
    /// The place among all customers with a case.
    pub(crate) customer: CustomerIndex,
    pub(crate) time: i64,
    pub(crate) kind: K,
    /// What was seen of it; none where its horizon is not over.
    pub(crate) own: Option<Of>,
    /// What was seen of the customer matched to it, by the place among all who are matched.
    pub(crate) matched: Option<Of>,
}

/// All cases, by customer, and their groups.
#[derive(Debug)]
pub(crate) struct AllTold<K> {
    pub(crate) columns: LogColumns,
    pub(crate) cases: Vec<Told<K>>,
    order: Vec<usize>,
    groupings: Vec<CaseGroups>,
}

impl<K: Copy> Followups<K> {
    /// Of the cases of a log, in these groups; `acts` are the times of all acts of a customer.
    pub(crate) fn new<T>(
        now: &Snapshot,
        around: &Around,
        (cases, kind): (&[Collected<T>], impl Fn(&T) -> K),
        groupings: impl IntoIterator<Item = Groups>,
        (sought, acts): (&AllSought, impl Fn(&History<'_>) -> Vec<i64> + Sync),
    ) -> Result<Self> {
        let log = now.log();
        let mut ids: Vec<OwnedId> = Vec::new();
        let mut rows: Vec<Row<K>> = Vec::with_capacity(cases.len());
        let mut last = None;
        for case in cases {
            if last != Some(case.customer) {
                ids.push(log.customers().get(case.customer).into());
                last = Some(case.customer);
            }
            let customer = ids.len() as u32 - 1;
            let Collected { time, followed, .. } = *case;
            rows.push(Row { customer, time, kind: kind(&case.what), followed });
        }
        let of =
            |groups: Groups| CaseGroups { keys: groups.keys().collect(), of_case: groups.group };
        Ok(Followups {
            columns: (!log.customers().is_empty()).then(|| log.columns()),
            ids,
            cases: rows,
            groupings: groupings.into_iter().map(of).collect(),
            matches: matches(now, around, &sought.0, acts)?,
        })
    }

    pub(crate) fn merge(&mut self, other: Followups<K>) {
        self.columns = self.columns.or(other.columns);
        let before = self.ids.len() as u32;
        self.ids.extend(other.ids);
        let moved = |row: Row<K>| Row { customer: row.customer + before, ..row };
        self.cases.extend(other.cases.into_iter().map(moved));
        for (own, other) in self.groupings.iter_mut().zip(other.groupings) {
            own.append(other);
        }
        for (own, other) in self.matches.iter_mut().zip(other.matches) {
            *own = Match::of_both(own.take(), other);
        }
    }

    /// Whether they have so many groupings, and are of what this marks.
    pub(crate) fn fits(&self, groupings: usize, mark: Mark) -> bool {
        let fits = |groups: &CaseGroups| {
            let in_keys = |&group: &u32| (group as usize) < groups.keys.len();
            groups.of_case.len() == self.cases.len() && groups.of_case.iter().all(in_keys)
        };
        self.matches.len() == mark.cases
            && self.groupings.len() == groupings
            && self.groupings.iter().all(fits)
            && self.cases.iter().all(|row| (row.customer as usize) < self.ids.len())
    }

    /// Those of all customers; none of no customers.
    pub(crate) fn finish(self, mark: Mark) -> Result<Option<AllTold<K>>> {
        let Followups { columns, ids, cases, groupings, matches } = self;
        let Some(columns) = columns else { return Ok(None) };
        let (_, rank) = ranks(&ids)?;
        let customer = |row: &Row<K>| rank[row.customer as usize];
        let mut order: Vec<usize> = (0..cases.len()).collect();
        order.sort_by_key(|&row| customer(&cases[row]));
        let sought = |row: &Row<K>| row.followed.and_then(|followed| followed.sought);
        let all = AllSought::new(cases.iter().filter_map(sought).collect());
        if all.mark() != mark {
            let expected = "parts of all customers, of which the first pass was";
            return Err(Error::argument("parts", "parts of other cases", expected));
        }
        let mut others: Vec<&OwnedId> = matches.iter().flatten().map(|m| &m.customer).collect();
        others.sort_unstable();
        others.dedup();
        let matched = |row: &Row<K>| {
            let found = matches[all.0.binary_search(&sought(row)?).ok()?].as_ref()?;
            let place = others.partition_point(|other| **other < found.customer);
            Some((CustomerIndex::at(place), found.seen))
        };
        let told = |&row: &usize| {
            let row = &cases[row];
            let customer = CustomerIndex::at(customer(row));
            Told {
                customer,
                time: row.time,
                kind: row.kind,
                own: row.followed.map(|followed| (customer, followed.seen)),
                matched: matched(row),
            }
        };
        Ok(Some(AllTold { columns, cases: order.iter().map(told).collect(), order, groupings }))
    }
}

impl<K> AllTold<K> {
    /// One of the groupings, under this name.
    pub(crate) fn grouping(&self, place: usize, name: &str) -> Result<Grouping> {
        self.groupings[place].named(&self.order, name)
    }

    /// Whether the group of any case is known in one of the groupings.
    pub(crate) fn is_known(&self, place: usize) -> bool {
        self.groupings[place].keys.iter().any(|key| *key != GroupKey::NotKnown)
    }
}
