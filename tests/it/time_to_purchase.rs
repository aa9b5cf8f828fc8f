//! The hazard model of the time to the next purchase.

use std::collections::BTreeMap;
use std::fs::File;

use approx::assert_relative_eq;
use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type, TimestampMicrosecondType};
use ndarray::Array2;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use winback::answer::Answer;
use winback::churn::ExplainOptions;
use winback::hazard::{Periods, PurchaseTimes, PurchaseTimesOptions, TimeToPurchase};
use winback::labels::State;
use winback::log::NewTransaction;
use winback::models::Logistic;
use winback::{ChurnModel, Error, EventLog, Span, Timestamp};

use crate::common;

/// Few cutoffs, for speed.
fn quick() -> winback::hazard::TimeToPurchaseBuilder {
    let learning = ChurnModel::builder().estimator("logistic").unwrap().cutoffs(8);
    TimeToPurchase::builder().learning(learning)
}

fn within(days: &[u32]) -> PurchaseTimesOptions {
    let spans = days.iter().map(|&days| Span::days(days));
    PurchaseTimesOptions::default().within(spans).unwrap()
}

/// Bits, so that what is missing equals itself.
fn bits(times: &PurchaseTimes) -> Vec<Vec<u64>> {
    times.rows().iter().map(|row| row.survival.iter().map(|s| s.to_bits()).collect()).collect()
}

/// CDNOW's sample as published (every row counts, the rows of a date are one purchase, up to
/// 1997-09-30): every silence is a spell in weeks, with the number of purchases so far.
#[test]
#[ignore = "needs the real data in WINBACK_DATA"]
fn person_periods_of_cdnow_equal_the_published_logit() {
    let file = File::open(common::data("cdnow/cdnow_sample.parquet")).unwrap();
    let end = "1997-09-30".parse::<Timestamp>().unwrap();
    let mut days: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for batch in ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap() {
        let batch = batch.unwrap();
        let column = |name: &str, to: &arrow_schema::DataType| {
            arrow_cast::cast(batch.column_by_name(name).unwrap(), to).unwrap()
        };
        let micros = arrow_schema::DataType::Timestamp(arrow_schema::TimeUnit::Microsecond, None);
        let times = column("date", &micros);
        let ids = column("customer_id", &arrow_schema::DataType::Utf8);
        let times = times.as_primitive::<TimestampMicrosecondType>();
        for (id, time) in ids.as_string::<i32>().iter().zip(times) {
            let day = time.unwrap().div_euclid(86_400_000_000);
            if day <= end.day() {
                days.entry(id.unwrap().to_owned()).or_default().push(day);
            }
        }
    }
    let weeks = Periods::new((1..=60).map(|week| 7.0 * f64::from(week)).collect()).unwrap();
    let (mut rows, mut bought, mut spells, mut empty) = (Vec::new(), Vec::new(), 0, 0);
    for days in days.values_mut() {
        days.sort_unstable();
        days.dedup();
        let gaps = days.windows(2).map(|pair| Some(pair[1] - pair[0])).chain([None]);
        for (k, gap) in gaps.enumerate() {
            // A purchase on the seventh day is one of the first week, which here ends at day 7.
            let spell = match gap {
                Some(gap) => weeks.spell(Some(gap as f64 - 1.0), f64::INFINITY),
                None => weeks.spell(None, (end.day() - days[days.len() - 1]) as f64),
            };
            spells += 1;
            empty += usize::from(spell.entered == 0);
            for j in 1..=spell.entered {
                rows.extend([(j as f64).ln(), ((k + 1) as f64).ln()]);
                bought.push(spell.bought && j == spell.entered);
            }
        }
    }
    let events = bought.iter().filter(|&&bought| bought).count();
    assert_eq!((spells, empty, events, bought.len()), (4_814, 58, 2_457, 77_202));
    let both = Array2::from_shape_vec((bought.len(), 2), rows).unwrap();
    let plain = Logistic::default().c(f64::INFINITY);
    let one = both.select(ndarray::Axis(1), &[0]);
    let fitted = plain.fit_weighted(one.view(), &bought, None).unwrap();
    assert_relative_eq!(fitted.intercept(), -1.948_879_374_2, max_relative = 1e-8);
    assert_relative_eq!(fitted.coefficients()[0], -0.775_328_037_8, max_relative = 1e-8);

    let fitted = plain.fit_weighted(both.view(), &bought, None).unwrap();
    let expected = [-2.721_335_089_5, -0.605_265_444_8, 0.889_958_994_2];
    let found = [fitted.intercept(), fitted.coefficients()[0], fitted.coefficients()[1]];
    for (found, expected) in found.into_iter().zip(expected) {
        assert_relative_eq!(found, expected, max_relative = 1e-8);
    }
    let chance = |row: usize| fitted.probability_row(both.row(row).as_slice().unwrap()).unwrap();
    let likelihood: f64 = (0..bought.len())
        .map(|row| if bought[row] { chance(row).ln() } else { (-chance(row)).ln_1p() })
        .sum();
    assert_relative_eq!(likelihood, -9_611.163_188, max_relative = 1e-10);
    for (k, at_weeks, median, if_silent) in [
        (
            1.0_f64,
            [0.938_273_902_0, 0.845_899_854_8, 0.719_254_645_1, 0.624_522_291_4],
            None,
            0.131_709_060_7,
        ),
        (
            5.0,
            [0.783_978_108_3, 0.519_509_676_6, 0.268_506_727_0, 0.150_122_894_9],
            Some(5.0),
            0.440_897_080_9,
        ),
    ] {
        let hazard = |week: i32| fitted.probability_row(&[f64::from(week).ln(), k.ln()]).unwrap();
        let survival = weeks.survival((1..=60).map(hazard));
        let after = |week: usize| survival[week - 1];
        for (week, expected) in [1, 4, 13, 26].into_iter().zip(at_weeks) {
            assert_relative_eq!(after(week), expected, max_relative = 1e-8);
            let chance = weeks.purchase_probability(&survival, 7.0 * week as f64).unwrap();
            assert_relative_eq!(chance, 1.0 - expected, max_relative = 1e-8);
        }
        assert_relative_eq!(1.0 - after(26) / after(13), if_silent, max_relative = 1e-8);
        let week = weeks.wait(&survival, 0.5).map(|days| (days / 7.0).ceil());
        assert_eq!(week.filter(|&week| week <= 52.0), median);
    }
}

#[test]
fn chances_grow_with_time_and_end_where_the_outcomes_do() {
    let log = common::simulated_log(1_000);
    let model = quick().max_horizon("6mo").unwrap().fit(&log, "2024-07-01").unwrap();
    let now = log.at("2024-07-01").unwrap();
    let days: Vec<u32> = (1..=200).step_by(3).collect();
    let times = model.score(&now, &within(&days)).unwrap();
    assert_eq!(times.rows().len(), now.customers().len());
    let longest = model.periods().longest();
    assert!((28.0..200.0).contains(&longest), "{longest}");
    for row in times.rows() {
        assert!(row.survival.windows(2).all(|pair| pair[0] >= pair[1]), "{row:?}");
        let known = days.iter().filter(|&&days| f64::from(days) <= longest).count();
        let chances: Vec<f64> = row.purchase_probability.iter().flatten().copied().collect();
        assert_eq!(chances.len(), known);
        assert!(chances.iter().all(|chance| (0.0..=1.0).contains(chance)));
        assert!(chances.windows(2).all(|pair| pair[0] <= pair[1]), "{chances:?}");
        let [low, median, high] =
            [row.next_purchase_low, row.next_purchase, row.next_purchase_high];
        assert!(median.is_none() || low <= median);
        assert!(high.is_none() || median <= high);
        let likely = row.survival.last().is_some_and(|&survival| survival <= 0.5);
        assert_eq!(median.is_some(), likely);
    }
    let notes = times.notes().join("\n");
    assert!(
        notes.contains("nothing is known of 199d") && !notes.contains("known of 1d"),
        "{notes}"
    );
    let survival = times.table("survival").unwrap();
    assert_eq!(survival.num_rows(), times.rows().len() * model.periods().count());
}

#[test]
fn a_service_tells_what_a_batch_tells_to_the_bit() {
    let orders = orders_of(&common::simulated(600).transactions);
    let log = EventLog::builder().transactions([orders.clone()]);
    let log = log.observed_until("2025-01-01").unwrap().build().unwrap();
    let learning = ChurnModel::builder().cutoffs(6);
    let model = TimeToPurchase::builder().learning(learning).fit(&log, "2024-07-01").unwrap();
    let at = "2024-10-01";
    let options = within(&[7, 90]);
    let times = model.score(&log.at(at).unwrap(), &options).unwrap();
    let table = times.main_table().unwrap();
    let scored = int_column(&table, "customer_id");
    let (ids, amounts) = (int_column(&orders, "customer_id"), float_column(&orders, "amount"));
    let bought = orders.column_by_name("time").unwrap();
    let bought = bought.as_primitive::<TimestampMicrosecondType>().values();
    for (id, expected) in scored.iter().zip(times.rows()).step_by(17) {
        let mut customer = model.customer_history();
        for row in (0..ids.len()).filter(|&row| ids[row] == *id) {
            let time = Timestamp::from_micros(bought[row]).unwrap();
            let order =
                NewTransaction { amount: Some(amounts[row]), ..NewTransaction::at(time.into()) };
            customer.push_transaction(order).unwrap();
        }
        let found = model.score_customer(&customer, at, &options).unwrap();
        assert_eq!(found.as_ref(), Some(expected), "{id}");
    }
    let nobody = model.customer_history();
    assert_eq!(model.score_customer(&nobody, at, &options).unwrap(), None);
}

/// Who bought when, and for how much.
fn orders_of(transactions: &RecordBatch) -> RecordBatch {
    let place = |name| transactions.schema().index_of(name).unwrap();
    transactions.project(&["customer_id", "time", "amount"].map(place)).unwrap()
}

fn int_column(batch: &RecordBatch, name: &str) -> Vec<i64> {
    batch.column_by_name(name).unwrap().as_primitive::<Int64Type>().values().to_vec()
}

fn float_column(batch: &RecordBatch, name: &str) -> Vec<f64> {
    batch.column_by_name(name).unwrap().as_primitive::<Float64Type>().values().to_vec()
}

#[test]
fn the_same_on_any_number_of_threads_and_after_saving() {
    let log = common::simulated_log(600);
    let fit = || TimeToPurchase::builder().learning(ChurnModel::builder().cutoffs(4));
    let at = log.at("2024-07-01").unwrap();
    let scored = |model: &TimeToPurchase| bits(&model.score(&at, &within(&[30])).unwrap());
    let model = fit().fit(&log, "2024-07-01").unwrap();
    let alone = common::on_threads(1, || fit().fit(&log, "2024-07-01").unwrap());
    assert_eq!(model.to_bytes().unwrap(), alone.to_bytes().unwrap());
    let read = TimeToPurchase::from_bytes(&model.to_bytes().unwrap()).unwrap();
    assert_eq!(read.to_bytes().unwrap(), model.to_bytes().unwrap());
    assert_eq!(scored(&read), common::on_threads(1, || scored(&model)));
    // A file of another kind, and a damaged one.
    let churn = ChurnModel::builder().cutoffs(4).fit(&log, "2024-07-01").unwrap();
    let error = TimeToPurchase::from_bytes(&churn.to_bytes().unwrap()).unwrap_err();
    let told = "model file: not a winback time to purchase, but a winback model";
    assert_eq!(error.to_string(), told);
    let mut bytes = model.to_bytes().unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    assert!(matches!(TimeToPurchase::from_bytes(&bytes), Err(Error::ModelFile { .. })));
}

#[test]
fn nothing_after_the_end_of_training_enters() {
    let log = common::simulated_log(600);
    let shop = common::simulated(600);
    let early = EventLog::builder()
        .transactions([shop.transactions])
        .tickets([shop.tickets])
        .surveys([shop.surveys])
        .customers([shop.customers])
        .observed_until("2024-07-01")
        .unwrap();
    let until = "2024-04-01";
    let of_all = quick().fit(&log, until).unwrap();
    let of_past = quick().fit(&early.build().unwrap(), until).unwrap();
    assert_eq!(of_all.to_bytes().unwrap(), of_past.to_bytes().unwrap());
}

#[test]
fn what_cannot_be_learned_is_an_error_that_says_so() {
    let log = common::simulated_log(600);
    let refused = |builder: winback::hazard::TimeToPurchaseBuilder, until: &str| {
        builder.fit(&log, until).unwrap_err().to_string()
    };
    let lead = quick().learning(ChurnModel::builder().lead("7d").unwrap());
    assert!(refused(lead, "2024-07-01").starts_with("lead: expected none, got"));
    let none = quick().max_horizon("0d").unwrap();
    assert!(refused(none, "2024-07-01").starts_with("max_horizon: expected more than 0d"));
    assert!(refused(quick(), "2026-01-01").starts_with("until: expected a time up to"));
    let few = common::simulated_log(40);
    let error = quick().fit(&few, "2024-07-01").unwrap_err();
    assert!(matches!(error, Error::TooLittleData(_)), "{error}");
    let ended = quick().fit(&log.on_progress(|_| false), "2024-07-01").unwrap_err();
    assert!(matches!(ended, Error::Interrupted));
}

/// From what `score` tells, the mean of the log-odds of a purchase in each period up to so many days.
fn mean_log_odds(survival: &[f64], ends: &[f64], days: f64) -> f64 {
    let (mut sum, mut start, mut before) = (0.0, 0.0, 1.0);
    for (&after, &end) in survival.iter().zip(ends) {
        let chance = 1.0 - after / before;
        sum += (end.min(days) - start).max(0.0) / days * (chance / (1.0 - chance)).ln();
        (start, before) = (end, after);
    }
    sum
}

#[test]
fn reasons_add_up_to_the_chances_that_are_told() {
    let orders = orders_of(&common::simulated(600).transactions);
    let log = EventLog::builder().transactions([orders.clone()]);
    let log = log.observed_until("2025-01-01").unwrap().build().unwrap();
    let learning = ChurnModel::builder().cutoffs(6);
    let model = TimeToPurchase::builder().learning(learning).fit(&log, "2024-07-01").unwrap();
    let (at, options) = ("2024-10-01", ExplainOptions::default());
    let now = log.at(at).unwrap();
    // The last period up to 30 days counts in part.
    for days in [30, 60] {
        let explained = model.explain(&now, Span::days(days), &options).unwrap();
        let times = model.score(&now, &within(&[days])).unwrap();
        assert_eq!(explained.scores().len(), times.rows().len());
        for (row, time) in times.rows().iter().enumerate() {
            let expected = mean_log_odds(&time.survival, model.periods().ends(), f64::from(days));
            assert_relative_eq!(explained.log_odds(row), expected, epsilon = 1e-9);
            let score = explained.scores()[row];
            assert_eq!(Some(score.purchase_probability), time.purchase_probability[0]);
            assert_eq!(score.state, time.state);
        }
        // Beside customers of their own state, half of the active ones are above the mean.
        let active = |row: &usize| explained.scores()[*row].state == State::Active;
        let rows: Vec<usize> = (0..times.rows().len()).filter(active).collect();
        let above = |row: &&usize| explained.contributions().row(**row).sum() > 0.0;
        let share = rows.iter().filter(above).count() as f64 / rows.len() as f64;
        assert!(rows.len() > 100 && (0.25..0.75).contains(&share), "{share} of {}", rows.len());
        let told = |row: &&usize| !explained.reasons()[**row].up.is_empty();
        assert!(rows.iter().filter(told).count() > rows.len() / 2);
    }
    let explained = model.explain(&now, "60d", &options).unwrap();
    let names = explained.columns();
    assert!(names.iter().all(|name| !name.starts_with("period_")) && names.len() > 20);
    // One customer in a service, and one that is chosen, to the bit.
    let (ids, amounts) = (int_column(&orders, "customer_id"), float_column(&orders, "amount"));
    let bought = orders.column_by_name("time").unwrap();
    let bought = bought.as_primitive::<TimestampMicrosecondType>().values();
    for row in (0..explained.customers().len()).step_by(29) {
        let number = explained.customers()[row];
        let id = log.customers().get(number).to_string();
        let mut customer = model.customer_history();
        for order in (0..ids.len()).filter(|&order| ids[order].to_string() == id) {
            let time = Timestamp::from_micros(bought[order]).unwrap();
            let amount = Some(amounts[order]);
            customer
                .push_transaction(NewTransaction { amount, ..NewTransaction::at(time.into()) })
                .unwrap();
        }
        let one = model.explain_customer(&customer, at, "60d", &options.reasons).unwrap().unwrap();
        assert_eq!(one.base.to_bits(), explained.base()[row].to_bits());
        assert_eq!(one.contributions, explained.contributions().row(row).to_vec());
        assert_eq!(one.reasons, explained.reasons()[row]);
        let chosen = options.clone().customers(Some(vec![number]));
        let chosen = model.explain(&now, "60d", &chosen).unwrap();
        assert_eq!(chosen.contributions().row(0), explained.contributions().row(row));
        assert_eq!(chosen.reasons()[0], one.reasons);
    }
    let read = TimeToPurchase::from_bytes(&model.to_bytes().unwrap()).unwrap();
    let again = common::on_threads(1, || read.explain(&now, "60d", &options).unwrap());
    assert_eq!(again.contributions(), explained.contributions());
    assert_eq!(again.reasons(), explained.reasons());
    for beyond in ["0d", "3y"] {
        let error = model.explain(&now, beyond, &options).unwrap_err().to_string();
        assert!(error.starts_with("within: expected more than 0d and at most"), "{error}");
    }
    let nobody = model.customer_history();
    assert_eq!(model.explain_customer(&nobody, at, "60d", &options.reasons).unwrap(), None);
}
