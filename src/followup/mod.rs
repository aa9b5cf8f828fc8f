//! What customers do after something happened to them, compared with customers to whom it did not
//! happen.

pub(crate) mod text;

use std::cmp::Ordering;

use rayon::prelude::*;

use crate::answer::columns::{Column, counts, numbers, whole, with_ends};
use crate::error::Result;
use crate::hash;
use crate::log::{CustomerIndex, EventLog, History};
use crate::snapshot::Snapshot;
use crate::stats::{Z95, effective_number, exact_sum, wilson_of_share};
use crate::time::{MICROS_PER_DAY, Span, Timestamp};

/// An estimate and, if available, its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct Estimated {
    /// The estimate.
    pub value: f64,
    /// Lower and upper end of its interval.
    pub interval: Option<(f64, f64)>,
}

/// What customers did within a horizon after something happened (a case: an answer, a ticket).
///
/// Intervals allow for customers with several cases, which are alike: the variance is that between
/// customers, Σ (sum over the customer's cases of value − mean)² / n² · c / (c − 1) for c
/// customers. For the share, it gives the number of independent cases with the same precision, at
/// most n, for which Wilson's interval is computed (the effective sample size; Korn and Graubard
/// 1998, "Confidence intervals for proportions with small expected number of positive counts",
/// Survey Methodology 24); if nobody or everybody has a purchase, it is the number of customers.
/// For the mean, it gives the normal interval. With one case each, both are the usual ones.
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize)]
#[non_exhaustive]
pub struct Afterwards {
    /// Cases.
    pub cases: u64,
    /// Customers with a case.
    pub customers: u64,
    /// Cases with a purchase within the horizon.
    pub purchased: u64,
    /// Their share; none without cases.
    pub purchase_share: Option<Estimated>,
    /// Mean net spend within the horizon, returns included; none without cases or amounts.
    pub mean_spend: Option<Estimated>,
    /// Mean net spend over an equally long time before: how the customers already differed.
    pub mean_spend_before: Option<f64>,
    /// The matched customers compared with those cases that have one; none if there is none, and
    /// for the matched customers themselves.
    pub beside: Option<Beside>,
}

/// What the customers matched to cases did, from the same instant on.
///
/// Only cases with a matched customer enter the differences, so both sides cover the same instants.
/// Their intervals are normal, using the variance between the cases' customers and between the
/// matched ones, who may be matched several times: V = V(one) + V(other) − V(both at once)
/// (Cameron, Gelbach, Miller 2011, "Robust inference with multiway clustering", Journal of Business
/// & Economic Statistics 29).
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct Beside {
    /// Cases with a matched customer.
    pub matched: u64,
    /// The share of matched customers with a purchase.
    pub purchase_share: Option<Estimated>,
    /// Their mean net spend.
    pub mean_spend: Option<Estimated>,
    /// The share of these cases with a purchase − that of their matched customers.
    pub share_difference: Estimated,
    /// The same for mean net spend; none without amounts.
    pub spend_difference: Option<Estimated>,
}

/// Where to look for one case: outcomes in [`from`, `to`), what was before in [`before`, `at`).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Case {
    pub(crate) customer: CustomerIndex,
    /// When it happened.
    pub(crate) at: i64,
    pub(crate) before: i64,
    pub(crate) from: i64,
    pub(crate) to: i64,
}

/// What was seen of one case.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen {
    customer: CustomerIndex,
    purchased: bool,
    spend: f64,
    spend_before: f64,
}

impl Case {
    /// A case whose outcomes begin at `from`; none where its horizon is not over by `until`.
    pub(crate) fn new(
        customer: CustomerIndex,
        at: Timestamp,
        from: Timestamp,
        horizon: Span,
        until: Timestamp,
    ) -> Result<Option<Self>> {
        if from >= until {
            return Ok(None);
        }
        let to = from.add_argument("horizon", horizon)?;
        let (before, at) = (at.sub_argument("horizon", horizon)?.micros(), at.micros());
        let case = Case { customer, at, before, from: from.micros(), to: to.micros() };
        Ok((to <= until).then_some(case))
    }

    /// Looks at what this customer did, or at what another did at the same time.
    pub(crate) fn look(&self, history: &History<'_>, customer: CustomerIndex) -> Seen {
        let bought = history.purchases();
        let first = bought.partition_point(|purchase| purchase.time < self.from);
        let spend = |from: i64, to: i64| {
            let times = history.times();
            let first = times.partition_point(|&time| time < from);
            let after = times.partition_point(|&time| time < to).max(first);
            let amounts = history.amounts().map_or(&[][..], |amounts| &amounts[first..after]);
            exact_sum(amounts.iter().copied())
        };
        Seen {
            customer,
            purchased: bought.get(first).is_some_and(|purchase| purchase.time < self.to),
            spend: spend(self.from, self.to),
            spend_before: spend(self.before, self.at),
        }
    }
}

impl Afterwards {
    pub(crate) fn of(mut seen: Vec<Seen>, has_amounts: bool) -> Self {
        seen.sort_by_key(|seen| seen.customer);
        let cases = seen.len() as u64;
        if cases == 0 {
            return Afterwards::default();
        }
        let n = cases as f64;
        let customers = seen.chunk_by(|a, b| a.customer == b.customer);
        let customers_count = customers.clone().count() as u64;
        let mean = |of: fn(&Seen) -> f64| exact_sum(seen.iter().map(of)) / n;
        // The variance of a mean by what differs between customers.
        let variance = |mean: f64, of: fn(&Seen) -> f64| {
            let sum = |own: &[Seen]| own.iter().map(|seen| of(seen) - mean).sum::<f64>();
            customers.clone().map(|own| sum(own).powi(2)).sum::<f64>() / (n * n)
        };
        let purchased = seen.iter().filter(|seen| seen.purchased).count() as u64;
        let share = purchased as f64 / n;
        let between = variance(share, |seen| f64::from(u8::from(seen.purchased)));
        let independent = share * (1.0 - share);
        let effective = effective_number(n, customers_count as f64, independent, between);
        let mean_spend = has_amounts.then(|| {
            let value = mean(|seen| seen.spend);
            let c = customers_count as f64;
            let variance = variance(value, |seen| seen.spend) * c / (c - 1.0);
            let reach = Z95 * variance.sqrt();
            let interval = (customers_count > 1 && reach > rounding(value))
                .then_some((value - reach, value + reach));
            Estimated { value, interval }
        });
        Afterwards {
            cases,
            customers: customers_count,
            purchased,
            purchase_share: Some(Estimated {
                value: share,
                interval: Some(wilson_of_share(share, effective)),
            }),
            mean_spend,
            mean_spend_before: has_amounts.then(|| mean(|seen| seen.spend_before)),
            beside: None,
        }
    }

    /// Of cases, each with what the customer matched to it did, if there is one.
    pub(crate) fn beside(cases: &[(Seen, Option<Seen>)], has_amounts: bool) -> Self {
        let pairs: Vec<(Seen, Seen)> =
            cases.iter().filter_map(|(own, other)| Some((*own, (*other)?))).collect();
        let own = Afterwards::of(cases.iter().map(|case| case.0).collect(), has_amounts);
        let other = Afterwards::of(pairs.iter().map(|pair| pair.1).collect(), has_amounts);
        let beside = (!pairs.is_empty()).then(|| Beside {
            matched: pairs.len() as u64,
            purchase_share: other.purchase_share,
            mean_spend: other.mean_spend,
            share_difference: difference(&pairs, |seen| f64::from(u8::from(seen.purchased))),
            spend_difference: has_amounts.then(|| difference(&pairs, |seen| seen.spend)),
        });
        Afterwards { beside, ..own }
    }

    /// The columns of these rows; `cases` is what a case is called.
    pub(crate) fn columns<'a>(
        cases: &str,
        rows: impl Iterator<Item = &'a Afterwards> + Clone,
    ) -> Vec<Column> {
        let estimated = |of: fn(&Afterwards) -> Option<Estimated>| {
            rows.clone().map(move |row| of(row).map(|e| (e.value, e.interval)))
        };
        let mut columns = vec![
            counts(cases, rows.clone().map(|row| row.cases)),
            counts("customers", rows.clone().map(|row| row.customers)),
            counts("purchased", rows.clone().map(|row| row.purchased)),
        ];
        columns.extend(with_ends("purchase_share", estimated(|row| row.purchase_share)));
        columns.extend(with_ends("mean_spend", estimated(|row| row.mean_spend)));
        columns.push(numbers("mean_spend_before", rows.clone().map(|row| row.mean_spend_before)));
        let matched = rows.clone().map(|row| row.beside.as_ref().map(|b| b.matched as i64));
        columns.push(whole("matched", matched));
        type Of = fn(&Beside) -> Option<Estimated>;
        for (name, of) in [
            ("base_purchase_share", (|beside| beside.purchase_share) as Of),
            ("base_mean_spend", |beside| beside.mean_spend),
            ("share_difference", |beside| Some(beside.share_difference)),
            ("spend_difference", |beside| beside.spend_difference),
        ] {
            let found = rows.clone().map(move |row| row.beside.as_ref().and_then(of));
            columns.extend(with_ends(name, found.map(|e| e.map(|e| (e.value, e.interval)))));
        }
        columns
    }
}

/// What of a mean's error is rounding: all values are the same, and say nothing of others.
fn rounding(mean: f64) -> f64 {
    1e-12 * mean.abs()
}

/// The mean difference of pairs.
fn difference(pairs: &[(Seen, Seen)], of: fn(&Seen) -> f64) -> Estimated {
    let n = pairs.len() as f64;
    let mut found: Vec<([CustomerIndex; 2], f64)> = pairs
        .iter()
        .map(|(own, other)| ([own.customer, other.customer], of(own) - of(other)))
        .collect();
    let value = found.iter().map(|pair| pair.1).sum::<f64>() / n;
    let mut between = |key: fn(&[CustomerIndex; 2]) -> [CustomerIndex; 2]| {
        found.sort_by_key(|pair| key(&pair.0));
        let same = found.chunk_by(|a, b| key(&a.0) == key(&b.0));
        let count = same.clone().count() as f64;
        let sum =
            |own: &[([CustomerIndex; 2], f64)]| own.iter().map(|pair| pair.1 - value).sum::<f64>();
        let squares = same.map(|own| sum(own).powi(2)).sum::<f64>();
        (squares / (n * n) * count / (count - 1.0), count)
    };
    let (both, _) = between(|pair| *pair);
    let (own, customers) = between(|pair| [pair[0]; 2]);
    let (other, others) = between(|pair| [pair[1]; 2]);
    let reach = Z95 * (own + other - both).max(both).sqrt();
    let is_known = customers > 1.0 && others > 1.0 && reach > rounding(value);
    let interval = is_known.then_some((value - reach, value + reach));
    Estimated { value, interval }
}

/// A customer is matched to one whose last purchase was at most so many days earlier or later.
pub(crate) const MATCH_DAYS: i64 = 7;
/// Of so many such customers it is the one who had made the most similar number of purchases.
pub(crate) const MATCH_OF: usize = 20;
/// They are looked for among so many nearest purchases.
const MATCH_STEPS: usize = 1_000;

/// Purchases by time, to find customers who bought last at about the same time and did not act
/// lately. Acts are what cases are made of: tickets or answers.
#[derive(Debug)]
pub(crate) struct PurchaseTimes {
    entries: Vec<Entry>,
    // By customer, for whole histories are far apart in memory.
    purchases: Times,
    acts: Times,
}

/// Time, a number by hash that puts purchases of one time into no order, customer, and the time of the
/// customer's next later purchase.
type Entry = (i64, u32, CustomerIndex, i64);

/// Times of every customer, ascending: those of customer `c` are `all[starts[c]..starts[c + 1]]`.
#[derive(Debug)]
struct Times {
    starts: Vec<usize>,
    all: Vec<i64>,
}

impl Times {
    fn of_customers(customers: impl Iterator<Item = Vec<i64>>) -> Self {
        let (mut starts, mut all) = (vec![0], Vec::new());
        for times in customers {
            all.extend(times);
            starts.push(all.len());
        }
        Times { starts, all }
    }

    fn of(&self, customer: CustomerIndex) -> &[i64] {
        let customer = customer.index();
        &self.all[self.starts[customer]..self.starts[customer + 1]]
    }
}

/// How many of ascending times lie in [`from`, `to`).
fn count_in(times: &[i64], from: i64, to: i64) -> usize {
    let before = |end: i64| times.partition_point(|&time| time < end);
    before(to).saturating_sub(before(from))
}

impl PurchaseTimes {
    /// Of all customers at a cutoff; `acts` are the times of a customer's acts, ascending.
    pub(crate) fn new(snapshot: &Snapshot, acts: impl Fn(&History<'_>) -> Vec<i64> + Sync) -> Self {
        let log = snapshot.log();
        let of = |customer: CustomerIndex| {
            let history = snapshot.history(customer);
            let purchases = history.purchases().iter().map(|purchase| purchase.time);
            (purchases.collect::<Vec<i64>>(), acts(&history))
        };
        let found: Vec<(Vec<i64>, Vec<i64>)> = log.customers().par_indices().map(of).collect();
        let (purchases, acts): (Vec<_>, Vec<_>) = found.into_iter().unzip();
        let (purchases, acts) =
            (Times::of_customers(purchases.into_iter()), Times::of_customers(acts.into_iter()));
        let entries = |customer: CustomerIndex| {
            let key = key_of(log, customer);
            let (mut next, mut after) = (i64::MAX, i64::MAX);
            purchases.of(customer).iter().rev().map(move |&time| {
                if time != next {
                    (after, next) = (next, time);
                }
                (time, key, customer, after)
            })
        };
        let mut entries: Vec<Entry> =
            log.customers().par_indices().flat_map_iter(entries).collect();
        entries.par_sort_unstable();
        PurchaseTimes { entries, purchases, acts }
    }

    /// Of the [`MATCH_OF`] customers without an act from `quiet_from` to `case.at` whose last purchase
    /// before `case.at` was nearest in time to that of the case's own customer, at most [`MATCH_DAYS`]
    /// apart, the one whose number of purchases from `case.before` on was most similar; of several the
    /// nearest. None without such a customer, or where the own one had no purchase.
    pub(crate) fn matched(
        &self,
        snapshot: &Snapshot,
        case: &Case,
        quiet_from: i64,
    ) -> Option<CustomerIndex> {
        let entries = &self.entries;
        let own = case.customer;
        let bought = self.purchases.of(own);
        let before = bought.partition_point(|&time| time < case.at);
        let last = *bought[..before].last()?;
        let here =
            entries.partition_point(|e| (e.0, e.1, e.2) < (last, key_of(snapshot.log(), own), own));
        let apart = |entry: &Entry| (entry.0 - last).abs();
        let near = |entry: &&Entry| apart(entry) <= MATCH_DAYS * MICROS_PER_DAY;
        let mut earlier = entries[..here].iter().rev().take_while(near).peekable();
        let mut later = entries[here..].iter().take_while(|e| e.0 < case.at && near(e)).peekable();
        let wanted = count_in(bought, case.before, case.at);
        let (mut found, mut best) = (0, None);
        for _ in 0..MATCH_STEPS {
            let take_earlier = match (earlier.peek(), later.peek()) {
                (None, None) => break,
                (Some(_), None) => true,
                (None, Some(_)) => false,
                (Some(a), Some(b)) => apart(a).cmp(&apart(b)) != Ordering::Greater,
            };
            let &(_, _, customer, next) =
                if take_earlier { earlier.next()? } else { later.next()? };
            // Only a customer's last purchase before the case counts.
            if customer == own || next < case.at {
                continue;
            }
            if count_in(self.acts.of(customer), quiet_from, case.at + 1) > 0 {
                continue;
            }
            let purchases = count_in(self.purchases.of(customer), case.before, case.at);
            let apart = purchases.abs_diff(wanted);
            if best.is_none_or(|(least, _)| apart < least) {
                best = Some((apart, customer));
            }
            found += 1;
            if found == MATCH_OF || apart == 0 {
                break;
            }
        }
        best.map(|(_, customer)| customer)
    }
}

fn key_of(log: &EventLog, customer: CustomerIndex) -> u32 {
    let id = log.customers().get(customer).to_string();
    (hash::of_bytes(id.bytes()) >> 32) as u32
}
