//! Who is matched to a case: all customers as they stood when it happened.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::matching::{MATCH_DAYS, Match, Sought, Unlike, hash_of, times_of};
use super::{Around, Case};
use crate::error::Result;
use crate::log::{CustomerIndex, History};
use crate::snapshot::Snapshot;
use crate::time::MICROS_PER_DAY;

/// For each case, in the order of time, the best match among these customers: of all without an act
/// from `quiet_from` to the case whose last purchase before it was at most [`MATCH_DAYS`] from that
/// of the case's own customer, the least [`Unlike`]. `acts` are the times of a customer's acts.
pub(super) fn matches(
    now: &Snapshot,
    around: &Around,
    sought: &[Sought],
    acts: impl Fn(&History<'_>) -> Vec<i64> + Sync,
) -> Result<Vec<Option<Match>>> {
    if sought.is_empty() {
        return Ok(Vec::new());
    }
    let customers = Customers::new(now, acts);
    // What is found depends on no other case, so not on how they are dealt out either.
    let at_once = sought.len().div_ceil(rayon::current_num_threads());
    let chunks: Vec<Vec<Option<Match>>> = sought
        .par_chunks(at_once)
        .map(|sought| customers.sweep(now, around, sought))
        .collect::<Result<_>>()?;
    Ok(chunks.into_iter().flatten().collect())
}

/// Something that happened to a customer at a time.
type Happened = (i64, CustomerIndex);

/// Purchases and acts of all customers, by time.
struct Customers {
    hashes: Vec<u64>,
    purchases: Vec<Happened>,
    acts: Vec<Happened>,
}

impl Customers {
    fn new(now: &Snapshot, acts: impl Fn(&History<'_>) -> Vec<i64> + Sync) -> Self {
        let log = now.log();
        let all = |times: &(dyn Fn(&History<'_>) -> Vec<i64> + Sync)| {
            let of = |customer: CustomerIndex| {
                times(&now.history(customer)).into_iter().map(move |time| (time, customer))
            };
            let mut all: Vec<Happened> = log.customers().par_indices().flat_map_iter(of).collect();
            all.par_sort_unstable();
            all
        };
        Customers {
            hashes: log.customers().par_indices().map(|customer| hash_of(log, customer)).collect(),
            purchases: all(&|history| times_of(history).collect()),
            acts: all(&acts),
        }
    }

    fn sweep(
        &self,
        now: &Snapshot,
        around: &Around,
        sought: &[Sought],
    ) -> Result<Vec<Option<Match>>> {
        let mut standing = Standing::new(self);
        let mut found = Vec::with_capacity(sought.len());
        for sought in sought {
            let Some(case) = around.case(sought.at, now.at())? else {
                found.push(None);
                continue;
            };
            standing.move_to(&case);
            found.push(standing.least_unlike(sought).map(|(unlike, customer)| Match {
                unlike,
                customer: now.log().customers().get(customer).into(),
                seen: case.look(&now.history(customer)),
            }));
        }
        Ok(found)
    }
}

/// How all customers stand at a case, kept up from one case to the next.
struct Standing<'a> {
    customers: &'a Customers,
    of: Vec<Stands>,
    /// Those without an act, by number of purchases: the last purchase, the hash of the id, who.
    quiet: BTreeMap<u32, BTreeSet<(i64, u64, CustomerIndex)>>,
    /// How many purchases were before the case, and before the horizon before it.
    bought: [usize; 2],
    /// How many acts were up to the case, and before the quiet time.
    acted: [usize; 2],
}

/// How a customer stands at a case.
#[derive(Debug, Clone, Copy)]
struct Stands {
    /// The last purchase before it.
    last: Option<i64>,
    /// Purchases in the horizon before it.
    purchases: u32,
    /// Acts in the quiet time.
    acts: u32,
}

impl<'a> Standing<'a> {
    /// Before anything happened.
    fn new(customers: &'a Customers) -> Self {
        let nothing = Stands { last: None, purchases: 0, acts: 0 };
        Standing {
            customers,
            of: vec![nothing; customers.hashes.len()],
            quiet: BTreeMap::new(),
            bought: [0; 2],
            acted: [0; 2],
        }
    }

    /// To a case that is not before the one at which they stand.
    fn move_to(&mut self, case: &Case) {
        let Customers { purchases, acts, .. } = self.customers;
        let before = |all: &[Happened], time: i64| all.partition_point(|&(at, _)| at < time);
        let bought = [case.at, case.before].map(|time| before(purchases, time));
        // An act at the instant of the case is one too.
        let acted = [case.at.saturating_add(1), case.quiet_from].map(|time| before(acts, time));
        let from = std::mem::replace(&mut self.bought, bought);
        for &(time, customer) in &purchases[from[0]..bought[0]] {
            self.change(customer, |stands| {
                stands.last = Some(time);
                stands.purchases += 1;
            });
        }
        // A month before several days is the last day of February: a later case may look further back.
        let rising = |one: usize, other: usize| one..other.max(one);
        for &(_, customer) in &purchases[rising(from[1], bought[1])] {
            self.change(customer, |stands| stands.purchases -= 1);
        }
        for &(_, customer) in &purchases[rising(bought[1], from[1])] {
            self.change(customer, |stands| stands.purchases += 1);
        }
        let from = std::mem::replace(&mut self.acted, acted);
        for &(_, customer) in &acts[from[0]..acted[0]] {
            self.change(customer, |stands| stands.acts += 1);
        }
        for &(_, customer) in &acts[rising(from[1], acted[1])] {
            self.change(customer, |stands| stands.acts -= 1);
        }
        for &(_, customer) in &acts[rising(acted[1], from[1])] {
            self.change(customer, |stands| stands.acts += 1);
        }
    }

    fn change(&mut self, customer: CustomerIndex, change: impl FnOnce(&mut Stands)) {
        let stands = &mut self.of[customer.index()];
        let before = *stands;
        change(stands);
        let after = *stands;
        let place = |last: i64| (last, self.customers.hashes[customer.index()], customer);
        if let Stands { last: Some(last), purchases, acts: 0 } = before
            && let Some(same) = self.quiet.get_mut(&purchases)
        {
            same.remove(&place(last));
            if same.is_empty() {
                self.quiet.remove(&purchases);
            }
        }
        if let Stands { last: Some(last), purchases, acts: 0 } = after {
            self.quiet.entry(purchases).or_default().insert(place(last));
        }
    }

    /// The customer least unlike the one of a case at which they stand.
    fn least_unlike(&self, sought: &Sought) -> Option<(Unlike, CustomerIndex)> {
        let mut fewer = self.quiet.range(..sought.purchases).rev().peekable();
        let mut others = self.quiet.range(sought.purchases..).peekable();
        let mut best: Option<(Unlike, CustomerIndex)> = None;
        loop {
            let apart = |next: Option<&(&u32, _)>| next.map(|(n, _)| n.abs_diff(sought.purchases));
            let is_fewer = match (apart(fewer.peek()), apart(others.peek())) {
                (Some(fewer), Some(others)) => fewer < others,
                (fewer, _) => fewer.is_some(),
            };
            let Some((purchases, same)) = (if is_fewer { fewer.next() } else { others.next() })
            else {
                return best;
            };
            let apart = purchases.abs_diff(sought.purchases);
            if best.is_some_and(|(unlike, _)| unlike.0 < apart) {
                return best;
            }
            let found = nearest(same, sought)
                .map(|((time, later, turn), customer)| ((apart, time, later, turn), customer));
            best = best.into_iter().chain(found).min();
        }
    }
}

/// Of customers with the same number of purchases the one whose last purchase was nearest in time.
fn nearest(
    same: &BTreeSet<(i64, u64, CustomerIndex)>,
    sought: &Sought,
) -> Option<((i64, bool, u64), CustomerIndex)> {
    let first = |time: i64, hash: u64| (time, hash, CustomerIndex::at(0));
    let after = first(sought.last.saturating_add(1), 0);
    let earlier = same.range(..after).next_back().map(|own| (sought.last - own.0, false, own.0));
    let later = same.range(after..).next().map(|own| (own.0 - sought.last, true, own.0));
    let (apart, is_later, time) = earlier.into_iter().chain(later).min()?;
    if apart > MATCH_DAYS * MICROS_PER_DAY {
        return None;
    }
    // Of several at this time the next one round by the hash.
    let (own, all) = (first(time, sought.hash), first(time, 0));
    let next = same.range(own..).next().filter(|next| next.0 == time);
    let &(_, hash, customer) = next.or_else(|| same.range(all..).next())?;
    Some(((apart, is_later, hash.wrapping_sub(sought.hash)), customer))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::super::cases::{AllSought, Collected, collect, sought_for};
    use super::*;
    use crate::EventLog;
    use crate::log::{IdSlice, SurveySlices, TransactionSlices};
    use crate::time::{Span, Timestamp};

    /// Who, and how many times six hours after 2024-01-20: months of other lengths are among them.
    type Times = Vec<(i64, i64)>;

    fn log(buys: &Times, says: &Times) -> EventLog {
        let start: Timestamp = "2024-01-20".parse().unwrap();
        let time = |all: &Times| -> Vec<Timestamp> {
            let hours = |quarter: i64| start.micros() + quarter * 6 * 3_600_000_000;
            all.iter().map(|of| Timestamp::from_micros(hours(of.1)).unwrap()).collect()
        };
        let ids = |all: &Times| -> Vec<i64> { all.iter().map(|of| of.0).collect() };
        let (buyers, bought) = (ids(buys), time(buys));
        let orders = TransactionSlices {
            customer_id: IdSlice::Int(&buyers),
            time: &bought,
            ..TransactionSlices::default()
        };
        let (sayers, said) = (ids(says), time(says));
        let answers = SurveySlices {
            customer_id: IdSlice::Int(&sayers),
            time: &said,
            score: &vec![9.0; says.len()],
            ..SurveySlices::default()
        };
        let builder = EventLog::builder().transactions([orders.to_batch().unwrap()]);
        let builder = builder.surveys([answers.to_batch().unwrap()]);
        builder.observed_until("2024-12-01").unwrap().build().unwrap()
    }

    const AROUND: Around =
        Around { judged_after: None, horizon: Span::months(1), quiet_for: Span::months(2) };

    fn answered(history: &History<'_>) -> Vec<i64> {
        history.answers().into_iter().flatten().map(|answer| answer.time).collect()
    }

    fn sought(now: &Snapshot) -> Vec<Sought> {
        let of = |history: &History<'_>| {
            Ok(answered(history).into_iter().map(|time| (time, ())).collect())
        };
        let cases: Vec<Collected<()>> = collect(now, &AROUND, of).unwrap();
        let all = AllSought::new(sought_for(&cases));
        serde_json::from_value(serde_json::to_value(&all).unwrap()).unwrap()
    }

    /// By looking at every customer.
    fn slowly(now: &Snapshot, sought: &Sought) -> Option<(Unlike, i64)> {
        let case = AROUND.case(sought.at, now.at()).unwrap().unwrap();
        let unlike = |customer: CustomerIndex| {
            let history = now.history(customer);
            let times: Vec<i64> = times_of(&history).collect();
            let last = *times.iter().rfind(|&&time| time < case.at)?;
            let is_in = |from: i64, to: i64| move |time: &&i64| from <= **time && **time < to;
            let purchases = times.iter().filter(is_in(case.before, case.at)).count() as u32;
            let acts = answered(&history);
            let is_quiet = acts.iter().filter(is_in(case.quiet_from, case.at + 1)).count() == 0;
            let apart = (last - sought.last).abs();
            let turn = hash_of(now.log(), customer).wrapping_sub(sought.hash);
            (is_quiet && apart <= MATCH_DAYS * MICROS_PER_DAY).then_some((
                (purchases.abs_diff(sought.purchases), apart, last > sought.last, turn),
                customer.index() as i64,
            ))
        };
        now.log().customers().indices().filter_map(unlike).min()
    }

    fn times(most: usize) -> impl Strategy<Value = Times> {
        proptest::collection::vec((0i64..25, 0i64..400), 1..most)
    }

    proptest! {
        #[test]
        fn prop_the_match_is_the_least_unlike_of_all_customers(buys in times(120), says in times(40)) {
            let log = log(&buys, &says);
            let now = log.at("2024-12-01").unwrap();
            let sought = sought(&now);
            let found = matches(&now, &AROUND, &sought, answered).unwrap();
            prop_assert_eq!(found.len(), sought.len());
            for (sought, found) in sought.iter().zip(&found) {
                let expected = slowly(&now, sought);
                prop_assert_eq!(found.as_ref().map(|found| found.unlike), expected.map(|e| e.0));
                let id = |customer: i64| {
                    log.customers().get(CustomerIndex::at(customer as usize)).into()
                };
                let expected = expected.map(|(_, customer)| id(customer));
                prop_assert_eq!(found.as_ref().map(|found| found.customer.clone()), expected);
            }
            // Alone as among the others.
            for (sought, found) in sought.iter().zip(found) {
                let alone = matches(&now, &AROUND, &[*sought], answered).unwrap();
                prop_assert_eq!(&alone, &[found]);
            }
        }
    }

    /// All buy on one day, and half of them answer on another: each is matched to about one other.
    #[test]
    fn customers_of_one_day_are_not_all_matched_to_one() {
        let buys: Times = (0..400).map(|customer| (customer, 0)).collect();
        let says: Times = (0..200).map(|customer| (customer, 40)).collect();
        let now = log(&buys, &says).at("2024-12-01").unwrap();
        let found = matches(&now, &AROUND, &sought(&now), answered).unwrap();
        let found: Vec<String> =
            found.into_iter().flatten().map(|m| m.customer.to_string()).collect();
        assert_eq!(found.len(), 200);
        let distinct: BTreeSet<&String> = found.iter().collect();
        // Of 200 others drawn by chance between 200 places on a circle, 100 are expected.
        assert!((80..=120).contains(&distinct.len()), "{}", distinct.len());
    }
}
