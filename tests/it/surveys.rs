//! Surveys: the report against a slow twin, leakage, bad input and the plan's laws.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use winback::answer::Answer;
use winback::followup::Afterwards;
use winback::groups::GroupBy;
use winback::log::{CustomerIndex, IdSlice, SurveySlices, TicketSlices, TransactionSlices};
use winback::surveys::{
    AnswerKind, Nps, NpsCounts, NpsDifference, NpsOptions, NpsReport, PlanOptions, SurveyPlan,
};
use winback::{EventLog, Span, Timestamp};

use crate::common;

const HOUR: i64 = 3_600_000_000;
/// Hours since the start: in the middle of a day, and of what happens.
pub(crate) const UNTIL: i64 = 300 * 24 + 18;
const TOPICS: [&str; 3] = ["delivery", "price", "service"];

pub(crate) fn hour(hours: i64) -> Timestamp {
    let start: Timestamp = "2020-01-01".parse().unwrap();
    Timestamp::from_micros(start.micros() + hours * HOUR).unwrap()
}

/// Hours; `late` is how many hours later it became known.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Buy {
    pub(crate) customer: i64,
    pub(crate) hour: i64,
    pub(crate) amount: f64,
    pub(crate) late: i64,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Say {
    customer: i64,
    hour: i64,
    score: i64,
    topic: usize,
    late: i64,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Ask {
    pub(crate) customer: i64,
    pub(crate) hour: i64,
    pub(crate) answered: Option<i64>,
    pub(crate) resolved: Option<i64>,
    pub(crate) reopened: bool,
    pub(crate) topic: usize,
    pub(crate) late: i64,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Shop {
    pub(crate) buys: Vec<Buy>,
    pub(crate) says: Vec<Say>,
    pub(crate) asks: Vec<Ask>,
}

impl Shop {
    pub(crate) fn log(&self) -> EventLog {
        let ids: Vec<i64> = self.buys.iter().map(|b| b.customer).collect();
        let times: Vec<_> = self.buys.iter().map(|b| hour(b.hour)).collect();
        let amounts: Vec<f64> = self.buys.iter().map(|b| b.amount).collect();
        let known: Vec<_> = self.buys.iter().map(|b| Some(hour(b.hour + b.late))).collect();
        let channels: Vec<_> =
            self.buys.iter().map(|b| Some(if b.hour % 2 == 0 { "app" } else { "web" })).collect();
        let orders = TransactionSlices {
            customer_id: IdSlice::Int(&ids),
            time: &times,
            amount: Some(&amounts),
            channel: Some(&channels),
            known_at: Some(&known),
            ..TransactionSlices::default()
        };
        let ids: Vec<i64> = self.says.iter().map(|s| s.customer).collect();
        let times: Vec<_> = self.says.iter().map(|s| hour(s.hour)).collect();
        let scores: Vec<f64> = self.says.iter().map(|s| s.score as f64).collect();
        let topics: Vec<_> = self.says.iter().map(|s| TOPICS.get(s.topic).copied()).collect();
        let known: Vec<_> = self.says.iter().map(|s| Some(hour(s.hour + s.late))).collect();
        let surveys = SurveySlices {
            customer_id: IdSlice::Int(&ids),
            time: &times,
            score: &scores,
            topic: Some(&topics),
            known_at: Some(&known),
        };
        let ids: Vec<i64> = self.asks.iter().map(|a| a.customer).collect();
        let times: Vec<_> = self.asks.iter().map(|a| hour(a.hour)).collect();
        let later = |of: fn(&Ask) -> Option<i64>| -> Vec<Option<Timestamp>> {
            self.asks.iter().map(|a| of(a).map(|hours| hour(a.hour + hours))).collect()
        };
        let (answered, resolved) = (later(|a| a.answered), later(|a| a.resolved));
        let known = later(|a| Some(a.late));
        let reopened: Vec<f64> =
            self.asks.iter().map(|a| f64::from(u8::from(a.reopened))).collect();
        let topics: Vec<_> = self.asks.iter().map(|a| TOPICS.get(a.topic).copied()).collect();
        let tickets = TicketSlices {
            customer_id: IdSlice::Int(&ids),
            opened_at: &times,
            first_response_at: Some(&answered),
            resolved_at: Some(&resolved),
            topic: Some(&topics),
            reopened_count: Some(&reopened),
            satisfaction: None,
            known_at: Some(&known),
        };
        EventLog::builder()
            .transactions([orders.to_batch().unwrap()])
            .surveys([surveys.to_batch().unwrap()])
            .tickets([tickets.to_batch().unwrap()])
            .observed_until(hour(900 * 24))
            .unwrap()
            .build()
            .unwrap()
    }

    /// What was known before `UNTIL`.
    pub(crate) fn known(&self) -> Shop {
        let seen = |hour: i64, late: i64| hour < UNTIL && hour + late < UNTIL;
        Shop {
            buys: self.buys.iter().filter(|b| seen(b.hour, b.late)).copied().collect(),
            says: self.says.iter().filter(|s| seen(s.hour, s.late)).copied().collect(),
            asks: self.asks.iter().filter(|a| seen(a.hour, a.late)).copied().collect(),
        }
    }

    pub(crate) fn with(&self, other: &Shop) -> Shop {
        fn both<T: Copy>(a: &[T], b: &[T]) -> Vec<T> {
            a.iter().chain(b).copied().collect()
        }
        Shop {
            buys: both(&self.buys, &other.buys),
            says: both(&self.says, &other.says),
            asks: both(&self.asks, &other.asks),
        }
    }

    pub(crate) fn turned(&self) -> Shop {
        let mut turned = self.clone();
        turned.buys.reverse();
        turned.says.reverse();
        turned.asks.reverse();
        turned
    }

    fn last_buy(&self, customer: i64, before: i64) -> Option<i64> {
        let own = self.buys.iter().filter(|b| b.customer == customer && b.amount > 0.0);
        own.map(|b| b.hour).filter(|&hour| hour < before).max()
    }

    /// What a customer did: a purchase in [from, to), spend there, spend in [before, at).
    pub(crate) fn look(&self, customer: i64, [before, at, from, to]: [i64; 4]) -> Look {
        let own = || self.buys.iter().filter(move |b| b.customer == customer);
        let spend = |from: i64, to: i64| -> f64 {
            own().filter(|b| from <= b.hour && b.hour < to).map(|b| b.amount).sum()
        };
        let bought = own().any(|b| b.amount > 0.0 && from <= b.hour && b.hour < to);
        Look { customer, bought, spend: spend(from, to), before: spend(before, at) }
    }

    /// Of the customers whose last purchase before `at` was at most 7 days from this one's, the one with
    /// the most similar number of purchases in the 50 days before, then the nearest, by looking at all.
    /// Purchases are at different hours; of two equally near ones the earlier comes first.
    pub(crate) fn matched(
        &self,
        customer: i64,
        at: i64,
        quiet: impl Fn(i64) -> bool,
    ) -> Option<i64> {
        let last = self.last_buy(customer, at)?;
        let others: BTreeSet<i64> = self.buys.iter().map(|b| b.customer).collect();
        let purchases = |customer: i64| {
            let own = self.buys.iter().filter(|b| b.customer == customer && b.amount > 0.0);
            own.filter(|b| at - 50 * 24 <= b.hour && b.hour < at).count()
        };
        let wanted = purchases(customer);
        let near = others
            .into_iter()
            .filter(|&other| other != customer && quiet(other))
            .filter_map(|other| Some((self.last_buy(other, at)?, other)))
            .filter(|(hour, _)| (hour - last).abs() <= 7 * 24);
        let unlike = |&(hour, other): &(i64, i64)| {
            (purchases(other).abs_diff(wanted), (hour - last).abs(), hour)
        };
        near.min_by_key(unlike).map(|found| found.1)
    }
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Look {
    customer: i64,
    bought: bool,
    spend: f64,
    before: f64,
}

/// What a customer did, and what the matched one did.
pub(crate) type Pair = (Look, Option<Look>);

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-7 * (1.0 + b.abs())
}

const Z: f64 = 1.959963984540054;

/// The variance of a mean by what differs between those of one key.
fn between<T>(values: &[(T, f64)], key: impl Fn(&T) -> (i64, i64)) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().map(|value| value.1).sum::<f64>() / n;
    let keys: BTreeSet<(i64, i64)> = values.iter().map(|value| key(&value.0)).collect();
    let sum = |one: &(i64, i64)| -> f64 {
        values.iter().filter(|value| key(&value.0) == *one).map(|value| value.1 - mean).sum()
    };
    (keys.iter().map(|one| sum(one).powi(2)).sum::<f64>() / (n * n), keys.len() as f64)
}

/// As how many independent values they count.
fn effective(n: f64, customers: f64, variance: f64, between: f64) -> f64 {
    match customers {
        c if c == n || c == 1.0 || between <= variance * 1e-12 => c,
        c => (variance / (between * c / (c - 1.0))).clamp(1.0, n),
    }
}

/// The twin of [`Afterwards`]: sums customer by customer.
pub(crate) fn check(found: &Afterwards, pairs: &[Pair]) {
    let looks: Vec<Look> = pairs.iter().map(|pair| pair.0).collect();
    let matched: Vec<(Look, Look)> =
        pairs.iter().filter_map(|(own, other)| Some((*own, (*other)?))).collect();
    check_one(found, &looks);
    let Some(beside) = &found.beside else {
        assert!(matched.is_empty());
        return;
    };
    assert_eq!(beside.matched, matched.len() as u64);
    let others: Vec<Look> = matched.iter().map(|pair| pair.1).collect();
    let share = others.iter().filter(|look| look.bought).count() as f64 / others.len() as f64;
    assert!(near(beside.purchase_share.unwrap().value, share));
    for (found, of) in [
        (beside.share_difference, (|look| f64::from(u8::from(look.bought))) as fn(&Look) -> f64),
        (beside.spend_difference.unwrap(), |look| look.spend),
    ] {
        let values: Vec<((i64, i64), f64)> = matched
            .iter()
            .map(|(own, other)| ((own.customer, other.customer), of(own) - of(other)))
            .collect();
        let mean = values.iter().map(|value| value.1).sum::<f64>() / values.len() as f64;
        assert!(near(found.value, mean));
        let ((own, a), (other, b), (both, c)) = (
            between(&values, |ids| (ids.0, 0)),
            between(&values, |ids| (ids.1, 0)),
            between(&values, |ids| *ids),
        );
        let both = both * c / (c - 1.0);
        let variance = own * a / (a - 1.0) + other * b / (b - 1.0) - both;
        let reach = Z * variance.max(both).sqrt();
        match found.interval {
            None => assert!(a == 1.0 || b == 1.0 || reach < 1e-9),
            Some((low, high)) => assert!(near(low, mean - reach) && near(high, mean + reach)),
        }
    }
}

pub(crate) fn check_one(found: &Afterwards, looks: &[Look]) {
    let n = looks.len() as f64;
    assert_eq!(found.cases, looks.len() as u64);
    if looks.is_empty() {
        assert_eq!(found, &Afterwards::default());
        return;
    }
    let values = |of: fn(&Look) -> f64| -> Vec<(i64, f64)> {
        looks.iter().map(|look| (look.customer, of(look))).collect()
    };
    assert_eq!(found.purchased, looks.iter().filter(|look| look.bought).count() as u64);
    let share = found.purchased as f64 / n;
    let bought = values(|look| f64::from(u8::from(look.bought)));
    let (variance, customers) = between(&bought, |id| (*id, 0));
    assert_eq!(found.customers as f64, customers);
    let effective = effective(n, customers, share * (1.0 - share), variance);
    let middle = (share + Z * Z / (2.0 * effective)) / (1.0 + Z * Z / effective);
    let reach = Z / (1.0 + Z * Z / effective)
        * (share * (1.0 - share) / effective + (Z / (2.0 * effective)).powi(2)).sqrt();
    let estimate = found.purchase_share.unwrap();
    let (low, high) = estimate.interval.unwrap();
    assert!(near(estimate.value, share));
    assert!(near(low, (middle - reach).max(0.0)) && near(high, (middle + reach).min(1.0)));
    let mean = looks.iter().map(|look| look.spend).sum::<f64>() / n;
    let before = looks.iter().map(|look| look.before).sum::<f64>() / n;
    let spend = found.mean_spend.unwrap();
    assert!(near(spend.value, mean) && near(found.mean_spend_before.unwrap(), before));
    let (variance, c) = between(&values(|look| look.spend), |id| (*id, 0));
    let reach = Z * (variance * c / (c - 1.0)).sqrt();
    match spend.interval {
        None => assert!(customers == 1.0 || reach < 1e-9),
        Some((low, high)) => assert!(near(low, mean - reach) && near(high, mean + reach)),
    }
}

fn late() -> impl Strategy<Value = i64> {
    prop_oneof![4 => Just(0i64), 1 => 0i64..2_000]
}

/// At most one purchase at an hour, so that no two are equally near.
fn buys() -> impl Strategy<Value = Vec<Buy>> {
    let buy = (0i64..25, 0i64..(310 * 24), -3i64..20, late()).prop_map(
        |(customer, hour, amount, late)| Buy { customer, hour, amount: amount as f64, late },
    );
    proptest::collection::vec(buy, 1..300).prop_map(|mut buys| {
        buys.push(Buy { customer: 0, hour: 0, amount: 5.0, late: 0 });
        buys.retain(|b| b.amount != 0.0);
        buys.sort_by_key(|b| b.hour);
        buys.dedup_by_key(|b| b.hour);
        buys
    })
}

pub(crate) fn shops() -> impl Strategy<Value = Shop> {
    let say = (0i64..27, 0i64..(310 * 24), 0i64..=10, 0usize..4, late()).prop_map(
        |(customer, hour, score, topic, late)| Say { customer, hour, score, topic, late },
    );
    let hours = || proptest::option::weighted(0.8, 0i64..900);
    let ask = (0i64..27, 0i64..(310 * 24), hours(), hours(), any::<bool>(), 0usize..4, late());
    let ask = ask.prop_map(|(customer, hour, answered, resolved, reopened, topic, late)| Ask {
        customer,
        hour,
        answered,
        resolved,
        reopened,
        topic,
        late,
    });
    let says = proptest::collection::vec(say, 0..80);
    let asks = proptest::collection::vec(ask, 0..60);
    (buys(), says, asks).prop_map(|(buys, says, mut asks)| {
        asks.sort_by_key(|a| a.hour);
        Shop { buys, says, asks }
    })
}

/// What happens, or becomes known, from `UNTIL` on.
pub(crate) fn later() -> impl Strategy<Value = Shop> {
    let when = || {
        let after = (UNTIL..(800 * 24)).prop_map(|hour| (hour, 0i64));
        prop_oneof![after, (1i64..UNTIL).prop_map(|hour| (hour, UNTIL - hour))]
    };
    let buy = (0i64..40, when(), 1i64..20).prop_map(|(customer, (hour, late), amount)| Buy {
        customer,
        hour,
        amount: amount as f64,
        late,
    });
    let say = (0i64..40, when(), 0i64..=10, 0usize..4).prop_map(
        |(customer, (hour, late), score, topic)| Say { customer, hour, score, topic, late },
    );
    let ask = (0i64..40, when(), 0i64..100, 0usize..4).prop_map(
        |(customer, (hour, late), resolved, topic)| Ask {
            customer,
            hour,
            answered: None,
            resolved: Some(resolved),
            reopened: true,
            topic,
            late,
        },
    );
    let many = |n| 0usize..n;
    (
        proptest::collection::vec(buy, many(40)),
        proptest::collection::vec(say, many(30)),
        proptest::collection::vec(ask, many(30)),
    )
        .prop_map(|(buys, says, asks)| Shop { buys, says, asks })
}

fn options() -> NpsOptions {
    NpsOptions::default()
        .every(Span::days(60))
        .unwrap()
        .start(hour(30 * 24))
        .unwrap()
        .group_by(None)
        .horizon(Span::days(50))
        .unwrap()
        .quiet_for(Span::days(40))
        .unwrap()
}

fn report(log: &EventLog) -> winback::Result<NpsReport> {
    NpsReport::build(&log.at(hour(UNTIL)).unwrap(), &options())
}

fn counts(says: &[&Say]) -> NpsCounts {
    let of = |wanted: AnswerKind| {
        says.iter().filter(|s| AnswerKind::of(s.score as f64) == wanted).count() as u64
    };
    NpsCounts {
        promoters: of(AnswerKind::Promoter),
        passives: of(AnswerKind::Passive),
        detractors: of(AnswerKind::Detractor),
    }
}

/// By how much the answers differ from their mean, with a sign, each divided by how many they are.
fn parts(says: &[&Say], sign: f64) -> Vec<(i64, f64)> {
    let value = |say: &Say| AnswerKind::of(say.score as f64).value();
    let mean = says.iter().map(|say| value(say)).sum::<f64>() / says.len() as f64;
    says.iter().map(|say| (say.customer, sign * (value(say) - mean) / says.len() as f64)).collect()
}

fn squares(parts: &[(i64, f64)]) -> f64 {
    let customers: BTreeSet<i64> = parts.iter().map(|part| part.0).collect();
    let sum = |id: &i64| -> f64 { parts.iter().filter(|p| p.0 == *id).map(|p| p.1).sum() };
    customers.iter().map(|id| sum(id).powi(2)).sum()
}

fn check_score(found: Option<Nps>, says: &[&Say]) {
    let Some(found) = found else {
        assert!(says.is_empty());
        return;
    };
    let plain = counts(says).nps().unwrap();
    assert!(near(found.score, plain.score) && near(found.variance, plain.variance));
    let n = says.len() as f64;
    let variance = squares(&parts(says, 1.0));
    let effective = effective(n, customers(says) as f64, plain.variance, variance);
    assert!(near(found.effective, effective), "{} {effective}", found.effective);
    assert!(found.high - found.low >= plain.high - plain.low - 1e-9);
    if customers(says) == says.len() as u64 {
        assert!(near(found.low, plain.low) && near(found.high, plain.high));
    }
}

fn check_difference(found: Option<NpsDifference>, one: &[&Say], other: &[&Say]) {
    let Some(found) = found else {
        assert!(one.is_empty() || other.is_empty());
        return;
    };
    let score = |says: &[&Say]| counts(says).nps().unwrap().score;
    assert!(near(found.difference, score(one) - score(other)));
    let both = [parts(one, 1.0), parts(other, -1.0)].concat();
    assert!(near(found.standard_error, 100.0 * squares(&both).sqrt()));
    if customers(one) + customers(other) == both.len() as u64
        && !one.iter().any(|a| other.iter().any(|b| a.customer == b.customer))
    {
        let plain = winback::surveys::nps_difference(&counts(one), &counts(other)).unwrap();
        assert_eq!(found.low.is_some(), plain.low.is_some());
        let ends = [(found.low, plain.low), (found.high, plain.high)];
        assert!(ends.iter().all(|(own, plain)| own.zip(*plain).is_none_or(|(a, b)| near(a, b))));
    }
}

fn customers(says: &[&Say]) -> u64 {
    says.iter().map(|s| s.customer).collect::<BTreeSet<i64>>().len() as u64
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn prop_the_report_equals_the_slow_twin(shop in shops()) {
        let log = shop.log();
        let known = shop.known();
        let is_customer = |id: i64| known.buys.iter().any(|b| b.customer == id);
        let says: Vec<&Say> = known
            .says
            .iter()
            .filter(|s| s.hour >= 30 * 24 && is_customer(s.customer))
            .collect();
        let report = match report(&log) {
            Err(error) => {
                prop_assert!(says.is_empty(), "{error}");
                return Ok(());
            }
            Ok(report) => report,
        };
        prop_assert_eq!(report.answers, says.len() as u64);
        let channel = |s: &Say| match known.last_buy(s.customer, s.hour) {
            None => "(not known)",
            Some(hour) => if hour % 2 == 0 { "app" } else { "web" },
        };
        let topic = |s: &Say| TOPICS.get(s.topic).copied().unwrap_or("(not known)");
        let of = |grouping: &str, group: &str| -> Vec<&Say> {
            says.iter().copied().filter(|s| match grouping {
                "all" => true,
                "topic" => topic(s) == group,
                "channel" => channel(s) == group,
                other => panic!("{other}"),
            }).collect()
        };
        for row in &report.groups {
            let own = of(&row.grouping, &row.group);
            prop_assert_eq!(row.counts, counts(&own));
            prop_assert_eq!(row.customers, customers(&own));
            check_score(row.nps, &own);
            let rest: Vec<&Say> = says.iter().copied()
                .filter(|s| !own.iter().any(|o| std::ptr::eq(*o, *s))).collect();
            check_difference(row.against_others, &own, &rest);
        }
        let mut before: BTreeMap<(&str, &str), Vec<&Say>> = BTreeMap::new();
        for row in &report.periods {
            let window = row.period.window;
            let all = of(&row.grouping, &row.group);
            let own: Vec<&Say> =
                all.into_iter().filter(|s| window.contains(hour(s.hour))).collect();
            prop_assert_eq!(row.counts, counts(&own));
            prop_assert_eq!(row.customers, customers(&own));
            prop_assert_eq!(row.period.finished, window.end <= hour(UNTIL));
            check_score(row.nps, &own);
            let key = (row.grouping.as_str(), row.group.as_str());
            let last = before.insert(key, own.clone()).unwrap_or_default();
            check_difference(row.change, &own, &last);
        }
        let starts: Vec<_> = report.periods.iter().filter(|row| row.grouping == "all")
            .map(|row| row.period.window.start).collect();
        prop_assert_eq!(starts, (0..5).map(|i| hour((30 + 60 * i) * 24)).collect::<Vec<_>>());
        let whole = counts(&says).nps().unwrap().score;
        for period in report.topics.chunk_by(|a, b| a.period == b.period) {
            let own: Vec<&Say> = says.iter().copied().filter(|s| {
                period[0].period.is_none_or(|p| p.window.contains(hour(s.hour)))
            }).collect();
            let sum: f64 = period.iter().map(|row| row.contribution.points).sum();
            let shares: f64 = period.iter().map(|row| row.share).sum();
            prop_assert!((shares - 1.0).abs() < 1e-9);
            prop_assert!((sum - (counts(&own).nps().unwrap().score - whole)).abs() < 1e-9);
        }
        let mut looks: BTreeMap<&str, Vec<Pair>> = BTreeMap::new();
        for say in &says {
            let times = [say.hour - 50 * 24, say.hour, say.hour, say.hour + 50 * 24];
            if times[3] > UNTIL {
                continue;
            }
            let quiet = |other: i64| !known.says.iter().any(|s| {
                s.customer == other && say.hour - 40 * 24 <= s.hour && s.hour <= say.hour
            });
            let other = known.matched(say.customer, say.hour, quiet);
            let other = other.map(|other| known.look(other, times));
            let kind = AnswerKind::of(say.score as f64).name();
            looks.entry(kind).or_default().push((known.look(say.customer, times), other));
            if let Some(other) = other {
                looks.entry("no_answer").or_default().push((other, None));
            }
        }
        prop_assert_eq!(report.afterwards.len(), 4);
        for row in &report.afterwards {
            check(&row.afterwards, looks.get(row.answer).map_or(&[], |looks| looks));
        }
    }

    #[test]
    fn prop_nothing_known_from_until_on_changes_the_report(shop in shops(), later in later()) {
        let before = report(&shop.log()).map_err(|error| error.to_string());
        let after = report(&shop.with(&later).log()).map_err(|error| error.to_string());
        prop_assert_eq!(before, after);
    }

    #[test]
    fn prop_the_order_of_rows_and_threads_change_nothing(shop in shops()) {
        let of = |log: &EventLog| report(log).map_err(|error| error.to_string());
        let expected = of(&shop.log());
        prop_assert_eq!(&of(&shop.turned().log()), &expected);
        let log = shop.log();
        prop_assert_eq!(&common::on_threads(1, || of(&log)), &expected);
    }

    /// Over any days as many as a round has, everyone known is asked once; exactly a round lies
    /// between two questions; who joins is asked within a round; open tickets are left out.
    #[test]
    fn prop_the_plan_keeps_its_promises(
        shop in shops(), round in 1u32..40, first in 20i64..60, salt in "[a-c]{0,3}",
        skip in any::<bool>(),
    ) {
        let log = shop.log();
        let options = PlanOptions::default().share(1.0 / f64::from(round)).salt(salt).min_gap(Span::days(round)).unwrap().skip_open_tickets(skip);
        let mut asked: BTreeMap<CustomerIndex, Vec<i64>> = BTreeMap::new();
        for day in first..first + 3 * i64::from(round) {
            let at = hour(day * 24);
            let plan = SurveyPlan::build(&log.at(at).unwrap(), &options).unwrap();
            prop_assert_eq!(plan.round_days, round);
            prop_assert_eq!(plan.round, at.day().div_euclid(i64::from(round)));
            prop_assert_eq!(plan.due, plan.customers().len() as u64 + plan.open_ticket);
            prop_assert!(skip || plan.open_ticket == 0);
            let known = log.customers().indices()
                .filter(|&c| !log.history(c, at).purchases().is_empty())
                .count();
            prop_assert_eq!(plan.known, known as u64);
            for &customer in plan.customers() {
                let history = log.history(customer, at);
                let mut tickets = history.tickets().unwrap();
                prop_assert!(!skip || tickets.all(|ticket| ticket.resolved_at.is_some()));
                asked.entry(customer).or_default().push(day);
            }
        }
        for customer in log.customers().indices() {
            let days = asked.remove(&customer).unwrap_or_default();
            for pair in days.windows(2) {
                prop_assert_eq!((pair[1] - pair[0]) % i64::from(round), 0);
                prop_assert!(skip || pair[1] - pair[0] == i64::from(round));
            }
            let known = |day: i64| {
                !log.history(customer, hour(day * 24)).purchases().is_empty()
            };
            let joined = (first..first + 3 * i64::from(round)).find(|&day| known(day));
            let Some(joined) = joined.filter(|_| !skip) else { continue };
            let end = first + 3 * i64::from(round);
            let of_first_round = days.iter().filter(|day| **day < joined + i64::from(round));
            if joined + i64::from(round) <= end {
                prop_assert_eq!(of_first_round.count(), 1);
            }
        }
    }

    #[test]
    fn prop_nothing_known_from_the_day_on_changes_the_plan(shop in shops(), later in later()) {
        let day = hour(300 * 24);
        let options =
            PlanOptions::default().share(0.2).skip_open_tickets(true);
        let of = |log: &EventLog| {
            let plan = SurveyPlan::build(&log.at(day).unwrap(), &options).unwrap();
            let ids: Vec<String> = plan
                .customers()
                .iter()
                .map(|&customer| log.customers().get(customer).to_string())
                .collect();
            (ids, plan.known, plan.due, plan.open_ticket)
        };
        let expected = of(&shop.log());
        prop_assert_eq!(of(&shop.turned().log()), expected.clone());
        let mut later = later;
        later.buys.iter_mut().for_each(|b| b.late += 24);
        later.asks.iter_mut().for_each(|a| a.late += 24);
        prop_assert_eq!(of(&shop.with(&later).log()), expected);
    }
}

/// 100,000 customers, 0.5 % a day: over 200 days everyone once, and the next round keeps the gap.
#[test]
fn a_round_of_200_days_asks_100_000_customers_once() {
    let ids: Vec<i64> = (1..=100_000).collect();
    let orders = TransactionSlices {
        customer_id: IdSlice::Int(&ids),
        time: &vec![hour(0); ids.len()],
        ..TransactionSlices::default()
    };
    let log = EventLog::builder()
        .transactions([orders.to_batch().unwrap()])
        .observed_until(hour(900 * 24))
        .unwrap()
        .build()
        .unwrap();
    let options = PlanOptions::default().min_gap(Span::days(200)).unwrap();
    let of_day = |day: i64| SurveyPlan::build(&log.at(hour(day * 24)).unwrap(), &options).unwrap();
    let mut asked_on = vec![None; ids.len()];
    for day in 37..237 {
        let plan = of_day(day);
        // 500 ± 5.5 standard deviations of 22.3.
        assert!((377..=623).contains(&plan.customers().len()), "{plan}");
        for &customer in plan.customers() {
            assert_eq!(asked_on[customer.index()].replace(day), None);
        }
    }
    assert!(asked_on.iter().all(Option::is_some));
    for day in 237..437 {
        for &customer in of_day(day).customers() {
            assert_eq!(asked_on[customer.index()], Some(day - 200));
        }
    }
    let table = of_day(37).main_table().unwrap();
    assert_eq!(table.num_columns(), 3);
    assert!(of_day(37).to_string().starts_with("2020-02-07, day "));
}

#[test]
fn wrong_options_are_refused() {
    let log = common::simulated_log(60);
    let until: Timestamp = "2024-06-01".parse().unwrap();
    let error = |until: Timestamp, options: &NpsOptions| {
        NpsReport::build(&log.at(until).unwrap(), options).unwrap_err().to_string()
    };
    let fine = NpsOptions::default;
    for (options, message) in [
        (fine().every(Span::ZERO).unwrap(), "every: … got 0d"),
        (fine().every(Span::days(1)).unwrap().start("1990-01-01").unwrap(), "every: … got 1d"),
        (fine().horizon(Span::ZERO).unwrap(), "horizon: … got 0d"),
        (fine().quiet_for(Span::ZERO).unwrap(), "quiet_for: … got 0d"),
        (fine().start(until).unwrap(), "start: … got 2024-06-01"),
        (fine().group_by(Some(GroupBy::Attribute("shoe".into()))), "group_by: … got \"shoe\""),
        (fine().group_by(Some(GroupBy::Attribute("age".into()))), "group_by: … got \"age\""),
    ] {
        let found = error(until, &options);
        assert!(common::says(&found, message), "{found}");
    }
    assert!(common::says(&log.at("2026-01-01").unwrap_err().to_string(), "at: … got 2026-01-01"));
    let early = fine().start("2024-05-31T23:59:59").unwrap();
    assert!(error(until, &early).starts_with("too little data: no survey was answered"));
    let shop = common::simulated(60);
    let orders_only = EventLog::builder()
        .transactions([shop.transactions.clone()])
        .observed_until("2025-01-01")
        .unwrap()
        .build()
        .unwrap();
    let found = NpsReport::build(&orders_only.at(until).unwrap(), &fine()).unwrap_err().to_string();
    assert!(found.contains("the log has no survey answers"), "{found}");

    let plan = |log: &EventLog, day: &str, options: &PlanOptions| {
        SurveyPlan::build(&log.at(day).unwrap(), options).unwrap_err().to_string()
    };
    let fine = PlanOptions::default;
    assert!(common::says(
        &plan(&log, "2024-06-01T12:00", &fine()),
        "day: … got 2024-06-01T12:00:00"
    ));
    assert!(common::says(&log.at("2026-06-01").unwrap_err().to_string(), "at: … got 2026-06-01"));
    let none = fine().share(0.0);
    assert!(common::says(&plan(&log, "2024-06-01", &none), "share: … got 0"));
    let skip = fine().skip_open_tickets(true);
    let found = plan(&orders_only, "2024-06-01", &skip);
    assert!(found.contains("the log has no tickets"), "{found}");
    let opened = TicketSlices {
        customer_id: IdSlice::Int(&[1]),
        opened_at: &[until],
        ..TicketSlices::default()
    };
    let unresolved = EventLog::builder()
        .transactions([shop.transactions])
        .tickets([opened.to_batch().unwrap()])
        .observed_until("2025-01-01")
        .unwrap()
        .build()
        .unwrap();
    let found = plan(&unresolved, "2024-06-01", &skip);
    assert!(found.contains("the tickets have no resolved_at"), "{found}");
}

/// Customers whose tickets were badly handled score lower and leave: detractors buy less.
#[test]
fn simulated_detractors_stay_less() {
    let log = common::simulated_log(3_000);
    let options = NpsOptions::default()
        .group_by(Some(GroupBy::Attribute("segment".into())))
        .horizon(Span::months(6))
        .unwrap();
    let report = NpsReport::build(&log.at("2025-01-01").unwrap(), &options).unwrap();
    println!("{report}");
    let share = |name: &str| {
        let row = report.afterwards.iter().find(|row| row.answer == name).unwrap();
        let share = row.afterwards.purchase_share.unwrap();
        (share.value, share.interval.unwrap())
    };
    let (promoters, detractors) = (share("promoter"), share("detractor"));
    assert!(detractors.1.1 < promoters.1.0, "{detractors:?} {promoters:?}");
    // Topics, categories and channels are drawn at random there.
    let whole = report.topics.iter().filter(|row| row.period.is_none());
    for row in whole {
        assert!(row.contribution.low < Some(0.0) && Some(0.0) < row.contribution.high, "{row:?}");
    }
    for row in report.groups.iter().filter(|row| row.grouping != "segment") {
        assert!(row.against_others.is_none_or(|found| found.p_value.unwrap() > 0.001), "{row:?}");
    }
    assert!(report.groups.iter().any(|row| row.grouping == "segment" && row.group == "family"));
    for batch in [
        report.table("groups"),
        report.table("periods"),
        report.table("topics"),
        report.table("afterwards"),
    ] {
        assert!(batch.unwrap().num_rows() >= 4);
    }
}
