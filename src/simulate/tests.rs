use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Float64Type, Int32Type, Int64Type, TimestampMicrosecondType,
};
use arrow_array::{Array, RecordBatch};

use super::events::KINDS;
use super::*;
use crate::error::Error;
use crate::metrics::roc_auc;
use crate::time::MICROS_PER_DAY;
use crate::time::Timestamp;

fn small() -> Simulation {
    Simulation::default().customers(600)
}

fn column<T: ArrowPrimitiveType>(batch: &RecordBatch, name: &str) -> Vec<Option<T::Native>> {
    batch.column_by_name(name).unwrap().as_primitive::<T>().iter().collect()
}

fn values<T: ArrowPrimitiveType>(batch: &RecordBatch, name: &str) -> Vec<T::Native> {
    column::<T>(batch, name).into_iter().map(Option::unwrap).collect()
}

fn ids(batch: &RecordBatch) -> Vec<usize> {
    values::<Int64Type>(batch, "customer_id").into_iter().map(|id| id as usize).collect()
}

fn times(batch: &RecordBatch, name: &str) -> Vec<i64> {
    values::<TimestampMicrosecondType>(batch, name)
}

/// Purchase times of each customer; index 0 stays empty, ids count from 1.
fn purchases(simulated: &Simulated) -> Vec<Vec<i64>> {
    let table = &simulated.transactions;
    let mut purchases = vec![Vec::new(); simulated.customers.num_rows() + 1];
    let amounts = values::<Float64Type>(table, "amount");
    for ((id, time), amount) in ids(table).into_iter().zip(times(table, "time")).zip(amounts) {
        if amount > 0.0 && purchases[id].last() != Some(&time) {
            purchases[id].push(time);
        }
    }
    purchases
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| small().run().unwrap())
    };
    let one = run(1);
    assert!(one == run(2) && one == run(4));
    assert!(one != small().seed(2).run().unwrap());
}

#[test]
fn a_customer_is_the_same_among_few_and_among_many() {
    let (few, many) = (small().customers(10).run().unwrap(), small().run().unwrap());
    let tables = |s: &Simulated| {
        [&s.transactions, &s.tickets, &s.surveys, &s.customers, &s.truth].map(Clone::clone)
    };
    for (few, many) in tables(&few).into_iter().zip(tables(&many)) {
        assert!(few.num_rows() > 0);
        assert!(few == many.slice(0, few.num_rows()));
    }
}

#[test]
fn events_change_nothing_else_and_stop_before_purchases_do() {
    let (without, with) = (small().run().unwrap(), small().events(true).run().unwrap());
    assert!(without.events.is_none());
    let events = with.events.clone().unwrap();
    assert!(without == Simulated { events: None, ..with.clone() });
    let known = small().start.micros()..small().end.micros();
    assert!(times(&events, "time").iter().all(|t| known.contains(t)));
    // Among customers who leave, visits a purchase in the last 60 days and before.
    let left = column::<TimestampMicrosecondType>(&with.truth, "left_at");
    let bought = purchases(&with);
    let kinds = events.column_by_name("kind").unwrap().as_dictionary::<Int32Type>();
    let visit = KINDS.iter().position(|kind| *kind == "visit").unwrap() as i32;
    let (mut visits, mut orders) = ([0.0; 2], [0.0; 2]);
    let late = |left: i64, t: i64| usize::from(left - t < 60 * MICROS_PER_DAY);
    for ((id, t), kind) in ids(&events).into_iter().zip(times(&events, "time")).zip(kinds.keys()) {
        if let (Some(left), true) = (left[id - 1], kind == Some(visit)) {
            visits[late(left, t)] += 1.0;
        }
    }
    for (id, times) in bought.iter().enumerate().skip(1) {
        let Some(left) = left[id - 1] else { continue };
        times.iter().for_each(|&t| orders[late(left, t)] += 1.0);
    }
    let [before, late] = [0, 1].map(|i| visits[i] / orders[i]);
    assert!(late > 1.0 && late < 0.85 * before, "{before} visits a purchase, then {late}");
}

#[test]
fn columns_have_the_default_names() {
    let s = small().customers(5).run().unwrap();
    let names = |batch: &RecordBatch| {
        batch.schema().fields().iter().map(|f| f.name().clone()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(
        names(&s.transactions),
        "customer_id time amount order_id category channel discount"
    );
    assert_eq!(
        names(&s.tickets),
        "customer_id opened_at first_response_at resolved_at topic reopened_count satisfaction"
    );
    assert_eq!(names(&s.surveys), "customer_id time score topic");
    assert_eq!(names(&s.customers), "customer_id segment region age");
    assert_eq!(names(&s.truth), "customer_id left_at");
}

#[test]
fn values_lie_in_their_ranges() {
    let simulation = small();
    let s = simulation.run().unwrap();
    let known = simulation.start.micros()..simulation.end.micros();
    for (table, name) in
        [(&s.transactions, "time"), (&s.tickets, "opened_at"), (&s.surveys, "time")]
    {
        assert!(table.num_rows() > 100);
        assert!(times(table, name).iter().all(|t| known.contains(t)));
        let rows: Vec<_> = ids(table).into_iter().zip(times(table, name)).collect();
        assert!(rows.is_sorted(), "by customer and time");
    }
    let customers: Vec<usize> = (1..=600).collect();
    assert_eq!(ids(&s.customers), customers);
    assert_eq!(ids(&s.truth), customers);
    let in_cents = |x: f64| (x * 100.0 - (x * 100.0).round()).abs() < 1e-6;
    let amounts = values::<Float64Type>(&s.transactions, "amount");
    assert!(amounts.iter().all(|&a| a != 0.0 && in_cents(a)));
    let discounts = values::<Float64Type>(&s.transactions, "discount");
    assert!(discounts.iter().all(|&d| d >= 0.0 && in_cents(d)));
    assert!(values::<Int64Type>(&s.surveys, "score").iter().all(|v| (0..=10).contains(v)));
    let rated = column::<Float64Type>(&s.tickets, "satisfaction");
    assert!(rated.iter().flatten().all(|v| (1.0..=5.0).contains(v)));
    assert!(values::<Int64Type>(&s.customers, "age").iter().all(|v| (18..=90).contains(v)));
    for (table, name) in [
        (&s.transactions, "category"),
        (&s.transactions, "channel"),
        (&s.tickets, "topic"),
        (&s.surveys, "topic"),
        (&s.customers, "segment"),
        (&s.customers, "region"),
    ] {
        let texts = table.column_by_name(name).unwrap().as_dictionary::<Int32Type>();
        let mut used: Vec<i32> = texts.keys().values().to_vec();
        used.sort_unstable();
        used.dedup();
        assert_eq!(used.len(), texts.values().len(), "{name}: every text occurs");
    }
}

#[test]
fn an_order_id_belongs_to_one_purchase_and_its_returns() {
    let s = small().return_share(0.2).run().unwrap();
    let table = &s.transactions;
    let orders = values::<Int64Type>(table, "order_id");
    let amounts = values::<Float64Type>(table, "amount");
    let mut placed = std::collections::HashMap::new();
    let (ids, times) = (ids(table), times(table, "time"));
    let (mut purchased, mut returned) = (0, 0);
    for row in 0..orders.len() {
        if amounts[row] > 0.0 {
            purchased += 1;
            let first = placed.entry(orders[row]).or_insert((ids[row], times[row]));
            assert_eq!(*first, (ids[row], times[row]));
        } else {
            returned += 1;
            let (id, time) = placed[&orders[row]];
            assert!(id == ids[row] && times[row] >= time + 2 * MICROS_PER_DAY - 1_000_000);
        }
    }
    let share = f64::from(returned) / f64::from(purchased);
    assert!((0.17..0.22).contains(&share), "{share}");
    let purchases: usize = purchases(&s).iter().map(Vec::len).sum();
    assert_eq!(placed.len(), purchases);
    let lines = f64::from(purchased) / purchases as f64;
    assert!((1.7..2.2).contains(&lines), "{lines}");
}

#[test]
fn tickets_follow_a_purchase_and_resolution_follows_opening() {
    let s = small().run().unwrap();
    let purchases = purchases(&s);
    let opened = times(&s.tickets, "opened_at");
    let answered = column::<TimestampMicrosecondType>(&s.tickets, "first_response_at");
    let resolved = column::<TimestampMicrosecondType>(&s.tickets, "resolved_at");
    let rated = column::<Float64Type>(&s.tickets, "satisfaction");
    for (row, id) in ids(&s.tickets).into_iter().enumerate() {
        assert!(opened[row] >= purchases[id][0]);
        assert!(answered[row].is_none_or(|at| at >= opened[row]));
        assert!(resolved[row].is_none_or(|at| answered[row].is_some_and(|first| at >= first)));
        assert!(resolved[row].is_some() || rated[row].is_none());
    }
    let open = resolved.iter().filter(|at| at.is_none()).count() as f64 / resolved.len() as f64;
    assert!((0.05..0.3).contains(&open), "{open}");
}

#[test]
fn nobody_buys_before_joining_or_after_leaving() {
    let s = small().run().unwrap();
    let left = column::<TimestampMicrosecondType>(&s.truth, "left_at");
    assert!((100..500).contains(&left.iter().flatten().count()));
    for (times, left) in purchases(&s)[1..].iter().zip(left) {
        assert!(!times.is_empty());
        assert!(left.is_none_or(|left| times.iter().all(|t| *t <= left)));
    }
}

#[test]
fn complaints_raise_leaving() {
    let left = |effect, bad| {
        let simulation = Simulation::default().customers(2_000).complaint_effect(effect);
        let s = simulation.bad_service_share(bad).run().unwrap();
        s.truth.num_rows() - s.truth.column(1).null_count()
    };
    let (without, with, all_bad) = (left(0.0, 0.3), left(8.0, 0.3), left(8.0, 1.0));
    assert!(with as f64 > 1.1 * without as f64, "{with} {without}");
    assert!(all_bad as f64 > 1.1 * with as f64, "{all_bad} {with}");
}

#[test]
fn surveys_are_lower_before_leaving() {
    let simulation = Simulation::default().customers(3_000);
    let s = simulation.run().unwrap();
    let left = column::<TimestampMicrosecondType>(&s.truth, "left_at");
    let scores = values::<Int64Type>(&s.surveys, "score");
    let (mut leaving, mut staying) = (Vec::new(), Vec::new());
    for ((id, time), score) in
        ids(&s.surveys).into_iter().zip(times(&s.surveys, "time")).zip(scores)
    {
        match left[id - 1] {
            Some(left) if left - time < 30 * MICROS_PER_DAY => leaving.push(score as f64),
            Some(_) => {}
            None => staying.push(score as f64),
        }
    }
    let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
    assert!(leaving.len() > 50);
    assert!(mean(&leaving) < mean(&staying) - 1.5, "{} {}", mean(&leaving), mean(&staying));
}

#[test]
fn december_has_its_peak_and_can_be_without() {
    let ratio = |peak| {
        let simulation = Simulation::default().customers(3_000).joined_at_start(1.0);
        let s = simulation.lifetime_years(1_000.0).december_peak(peak).run().unwrap();
        // Mid December of 2023, ten days each side, against early October.
        let count = |from: &str| {
            let from = from.parse::<Timestamp>().unwrap().micros();
            let window = from..from + 20 * MICROS_PER_DAY;
            purchases(&s).iter().flatten().filter(|t| window.contains(t)).count() as f64
        };
        count("2023-12-05") / count("2023-10-01")
    };
    assert!((1.4..1.7).contains(&ratio(1.6)), "{}", ratio(1.6));
    assert!((0.9..1.1).contains(&ratio(1.0)), "{}", ratio(1.0));
}

/// A cutoff three months before the end, judged as a user would: what is known before it against
/// the three months after it.
#[test]
fn churn_and_return_are_realistic_and_more_than_silence_tells_them() {
    let s = Simulation::default().run().unwrap();
    let day = |text: &str| text.parse::<Timestamp>().unwrap().micros();
    let (lost, lapsed) = (day("2024-04-01"), day("2024-07-01"));
    let (cutoff, end) = (day("2024-10-01"), day("2025-01-01"));
    let days = |micros: i64| micros as f64 / MICROS_PER_DAY as f64;

    // Tickets that were open for more than four days, per customer.
    let mut late = vec![0.0; s.customers.num_rows() + 1];
    let opened = times(&s.tickets, "opened_at");
    let resolved = column::<TimestampMicrosecondType>(&s.tickets, "resolved_at");
    for ((id, opened), resolved) in ids(&s.tickets).into_iter().zip(opened).zip(resolved) {
        let known_until = resolved.map_or(cutoff, |at| at.min(cutoff));
        late[id] += f64::from(days(known_until - opened) > 4.0);
    }

    let (mut active, mut silent) = (Vec::new(), Vec::new());
    for (id, times) in purchases(&s).iter().enumerate() {
        let Some(&last) = times.iter().rfind(|t| **t < cutoff) else { continue };
        let back = times.iter().any(|t| (cutoff..end).contains(t));
        let silence = days(cutoff - last);
        let row = (!back, silence, (silence + 10.0).ln() + 0.6 * late[id]);
        if last >= lapsed {
            active.push(row);
        } else if last >= lost {
            silent.push(row);
        }
    }
    for (rows, gone, gain) in [(active, 0.25..0.45, 0.02), (silent, 0.65..0.85, 0.06)] {
        let y: Vec<bool> = rows.iter().map(|r| r.0).collect();
        let share = y.iter().filter(|gone| **gone).count() as f64 / y.len() as f64;
        assert!(rows.len() > 300 && gone.contains(&share), "{share} of {}", rows.len());
        let (silence, informed): (Vec<f64>, Vec<f64>) = rows.iter().map(|r| (r.1, r.2)).unzip();
        let silence = roc_auc(&y, &silence, None).unwrap();
        let informed = roc_auc(&y, &informed, None).unwrap();
        assert!((0.55..0.75).contains(&silence), "{silence}");
        assert!(informed > silence + gain, "{informed} {silence}");
    }
}

#[test]
fn bad_parameters_are_refused_by_name() {
    let good = Simulation::default();
    let bad = [
        ("customers", good.clone().customers(0)),
        ("customers", good.clone().customers(100_000_001)),
        ("end", good.clone().end(good.start)),
        ("end", good.clone().start(Timestamp::MIN)),
        ("joined_at_start", good.clone().joined_at_start(1.1)),
        ("purchases_per_year", good.clone().purchases_per_year(0.0)),
        ("average_check", good.clone().average_check(f64::INFINITY)),
        ("lifetime_years", good.clone().lifetime_years(-1.0)),
        ("fade_days", good.clone().fade_days(f64::NAN)),
        ("pauses_per_year", good.clone().pauses_per_year(-0.1)),
        ("pause_months", good.clone().pause_months(0.0)),
        ("december_peak", good.clone().december_peak(0.5)),
        ("ticket_share", good.clone().ticket_share(2.0)),
        ("bad_service_share", good.clone().bad_service_share(-0.1)),
        ("complaint_effect", good.clone().complaint_effect(101.0)),
        ("return_share", good.clone().return_share(1.5)),
        ("survey_share", good.clone().survey_share(f64::NAN)),
    ];
    for (expected, simulation) in bad {
        match simulation.run() {
            Err(Error::Argument { name, .. }) => assert_eq!(name, expected),
            other => panic!("{expected}: {:?}", other.map(|_| ())),
        }
    }
}

#[test]
fn the_limits_of_the_parameters_work() {
    let instant = small().fade_days(0.0).lifetime_years(0.001).run().unwrap();
    assert_eq!(instant.truth.column(1).null_count(), 0);
    let quiet = small()
        .customers(50)
        .purchases_per_year(0.001)
        .pauses_per_year(0.0)
        .ticket_share(0.0)
        .survey_share(0.0)
        .return_share(0.0);
    let quiet = quiet.run().unwrap();
    assert_eq!((quiet.tickets.num_rows(), quiet.surveys.num_rows()), (0, 0));
    assert!(quiet.transactions.num_rows() >= 50);
    let busy = small().customers(5).purchases_per_year(365.0).pauses_per_year(12.0);
    assert!(busy.pause_months(0.001).complaint_effect(100.0).ticket_share(1.0).run().is_ok());
}

/// A shop and the same with a campaign, whose truth has a row for each customer of the list.
fn with_campaign(campaign: SimulatedCampaign) -> (Simulated, Simulated, RecordBatch) {
    let shop = Simulation::default().customers(4_000).seed(3);
    let with = shop.clone().campaign(Some(campaign)).run().unwrap();
    let truth = with.campaign.clone().unwrap();
    (shop.run().unwrap(), with, truth)
}

fn names(batch: &RecordBatch, column: &str) -> Vec<String> {
    let texts = batch.column_by_name(column).unwrap().as_dictionary::<Int32Type>();
    let values = texts.values().as_string::<i32>();
    texts.keys().values().iter().map(|&key| values.value(key as usize).to_owned()).collect()
}

/// Rows of a table by customer, as texts.
fn rows(batch: &RecordBatch, customers: usize) -> Vec<Vec<String>> {
    let options = arrow_cast::display::FormatOptions::default();
    let columns: Vec<_> = batch
        .columns()
        .iter()
        .map(|c| arrow_cast::display::ArrayFormatter::try_new(c.as_ref(), &options).unwrap())
        .collect();
    let mut of = vec![Vec::new(); customers + 1];
    for (row, id) in ids(batch).into_iter().enumerate() {
        of[id].push(columns.iter().map(|c| c.value(row).to_string()).collect::<Vec<_>>().join(" "));
    }
    of
}

#[test]
fn a_campaign_changes_nobody_whom_it_does_not_reach() {
    let (without, with, truth) = with_campaign(SimulatedCampaign::default());
    assert!(without.campaign.is_none());
    assert!(without.customers == with.customers && without.truth == with.truth);
    let arms = names(&truth, "arm");
    let types = names(&truth, "type");
    let mut of = vec![None; 4_001];
    ids(&truth).into_iter().enumerate().for_each(|(row, id)| of[id] = Some(row));
    let (mut changed, mut same) = ([0; 2], 0);
    for (one, other) in [
        (&without.transactions, &with.transactions),
        (&without.tickets, &with.tickets),
        (&without.surveys, &with.surveys),
    ] {
        for (id, (one, other)) in rows(one, 4_000).iter().zip(rows(other, 4_000)).enumerate() {
            if *one == other {
                same += 1;
                continue;
            }
            let row = of[id].expect("on the list");
            assert_eq!(arms[row], "contact");
            match types[row].as_str() {
                "persuadable" => {
                    assert!(one.iter().all(|row| other.contains(row)));
                    changed[0] += 1;
                }
                "sleeping_dog" => {
                    assert!(other.iter().all(|row| one.contains(row)));
                    changed[1] += 1;
                }
                other => panic!("{other} changed"),
            }
        }
    }
    assert!(changed[0] > 50 && changed[1] > 10 && same > 10_000, "{changed:?} {same}");
    // Joined later: on no list.
    assert!(truth.num_rows() > 3_000 && truth.num_rows() < 4_000);
}

#[test]
fn types_are_by_what_is_done_without_the_offer_and_have_its_effect() {
    let campaign = SimulatedCampaign::default().persuaded(0.2).annoyed(0.4);
    let (without, with, truth) = with_campaign(campaign.clone());
    let window = campaign.start.micros()..campaign.start.add(campaign.window).unwrap().micros();
    let bought = |shop: &Simulated| -> Vec<bool> {
        purchases(shop).iter().map(|times| times.iter().any(|t| window.contains(t))).collect()
    };
    let (before, after) = (bought(&without), bought(&with));
    let (types, arms) = (names(&truth, "type"), names(&truth, "arm"));
    let effects = values::<Float64Type>(&truth, "purchased_effect");
    let spends = values::<Float64Type>(&truth, "spend_effect");
    let flags = truth.column_by_name("purchased_without").unwrap().as_boolean().clone();
    let mut changes = std::collections::BTreeMap::<&str, (f64, f64)>::new();
    for (row, id) in ids(&truth).into_iter().enumerate() {
        assert_eq!(flags.value(row), before[id]);
        let (buys, effect) = match types[row].as_str() {
            "persuadable" => (false, 0.2),
            "sure_thing" => (true, 0.0),
            "lost_cause" => (false, 0.0),
            _ => (true, -0.4),
        };
        assert_eq!((before[id], effects[row]), (buys, effect), "{}", types[row]);
        // An order that is returned in full brings nothing.
        assert!(spends[row] * effect >= 0.0 && (effect != 0.0 || spends[row] == 0.0));
        if arms[row] == "contact" {
            let (sum, n) = changes.entry(&types[row]).or_default();
            *sum += f64::from(i8::from(after[id]) - i8::from(before[id]));
            *n += 1.0;
        }
    }
    assert_eq!(changes.len(), 4);
    for (name, effect) in [("persuadable", 0.2_f64), ("sleeping_dog", -0.4)] {
        let (sum, n) = changes[name];
        let error = (effect.abs() * (1.0 - effect.abs()) / n).sqrt();
        assert!((sum / n - effect).abs() < 3.0 * error, "{name}: {} of {n}", sum / n);
    }
    assert_eq!((changes["sure_thing"].0, changes["lost_cause"].0), (0.0, 0.0));
}

/// The mean spend of the contacted changes by the truth's, as far as its own draw lets it.
#[test]
fn spend_changes_by_its_true_effect() {
    let campaign = SimulatedCampaign::default().control_share(0.0);
    let (without, with, truth) = with_campaign(campaign.clone());
    let window = campaign.start.micros()..campaign.start.add(campaign.window).unwrap().micros();
    let spend = |shop: &Simulated| {
        let mut of = vec![0.0; 4_001];
        let amounts = values::<Float64Type>(&shop.transactions, "amount");
        let rows = ids(&shop.transactions).into_iter().zip(times(&shop.transactions, "time"));
        rows.zip(amounts).for_each(|((id, time), amount)| {
            of[id] += if window.contains(&time) { amount } else { 0.0 };
        });
        of
    };
    let (before, after) = (spend(&without), spend(&with));
    let own = values::<Float64Type>(&truth, "spend_without");
    let effects = values::<Float64Type>(&truth, "spend_effect");
    let (mut sum, mut squares) = (0.0, 0.0);
    for (row, id) in ids(&truth).into_iter().enumerate() {
        assert!((own[row] - before[id]).abs() < 1e-9);
        let off = after[id] - before[id] - effects[row];
        sum += off;
        squares += off * off;
    }
    assert!(sum.abs() < 3.0 * squares.sqrt(), "{sum} {}", squares.sqrt());
    assert!(effects.iter().sum::<f64>() > 1_000.0);
}

#[test]
fn arms_are_those_that_assign_draws_or_given() {
    let campaign = SimulatedCampaign::default().control_share(0.3).salt("spring");
    let (_, _, truth) = with_campaign(campaign.clone());
    for (id, arm) in ids(&truth).into_iter().zip(names(&truth, "arm")) {
        assert_eq!(arm == "control", crate::hash::drawn_share("spring", id) < 0.3);
    }
    let given: std::collections::BTreeMap<i64, String> = ids(&truth)
        .into_iter()
        .step_by(3)
        .map(|id| (id as i64, if id % 2 == 0 { "control" } else { "letter" }.to_owned()))
        .collect();
    let (_, with, own) = with_campaign(campaign.clone().arms(Some(given.clone())));
    let arms: std::collections::BTreeMap<i64, String> =
        ids(&own).into_iter().map(|id| id as i64).zip(names(&own, "arm")).collect();
    assert_eq!(arms, given);
    let threads = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let again = threads.install(|| with_campaign(campaign.clone().arms(Some(given.clone()))).1);
    assert!(with == again);
    // Somebody who does not join before the start.
    let new = (1..=4_000).find(|id| !ids(&truth).contains(id)).unwrap() as i64;
    let shop = Simulation::default().customers(4_000).seed(3);
    for wrong in [new, 0, 4_001] {
        let mut arms = given.clone();
        arms.insert(wrong, "letter".to_owned());
        let run = shop.clone().campaign(Some(campaign.clone().arms(Some(arms)))).run();
        assert!(run.unwrap_err().to_string().contains(&format!("customer {wrong}")));
    }
}

#[test]
fn bad_campaigns_are_refused_by_name() {
    let good = SimulatedCampaign::default();
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    for (expected, campaign) in [
        ("campaign_start", good.clone().start(at("2022-01-01"))),
        ("campaign_start", good.clone().start(at("2025-01-01"))),
        ("campaign_window", good.clone().start(at("2024-12-15"))),
        ("campaign_window", good.clone().window(crate::time::Span::ZERO).unwrap()),
        ("campaign_control_share", good.clone().control_share(1.5)),
        ("persuaded", good.clone().persuaded(f64::NAN)),
        ("annoyed", good.clone().annoyed(-0.1)),
    ] {
        match small().campaign(Some(campaign)).run() {
            Err(Error::Argument { name, .. }) => assert_eq!(name, expected),
            other => panic!("{expected}: {:?}", other.map(|_| ())),
        }
    }
}
