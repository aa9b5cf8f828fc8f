//! Models of purchases on a test period that they have not seen.

use rayon::prelude::*;

use super::purchase_backtest_report::{
    FrequencyRow, IntervalRow, ModelRow, PurchaseBacktest, TrackRow,
};
use super::quality::covered_window;
use crate::answer::options::options;
use crate::churn::ChurnModel;
use crate::error::{Error, Result};
use crate::hazard::{PurchaseTimesOptions, TimeToPurchase};
use crate::labels::Label;
use crate::log::CustomerIndex;
use crate::metrics::{log_loss, roc_auc};
use crate::snapshot::Snapshot;
use crate::stats::exact_sum;
use crate::time::{MICROS_PER_DAY, Span, Timestamp, Window};
use crate::timing::{Buyer, BuyerTable, FittedPurchaseModel, PurchaseModelKind, TimeUnit};

/// Frequencies from this one on are told together.
const MANY: u64 = 7;
/// Periods of the tracking at most.
const MOST_PERIODS: usize = 1_000;

options! {
    /// The test period, and what is tried on it.
    pub struct PurchaseBacktestOptions {
        /// Length of the test period from the cutoff on, all of it observed
        #[skip(cli)]
        #[takes(span)]
        horizon: Span = Span::months(3),
        /// Length of a period of the tracking
        #[skip(cli)]
        #[takes(span)]
        every: Span = Span::days(7),
        /// The hiatus heuristic: customers silent for so long have left
        #[skip(cli)]
        #[takes(span)]
        hiatus: Span = Span::months(3),
    }
}

/// What each customer did in the test period.
struct Actual {
    /// Days with a purchase, in days from the cutoff on.
    days: Vec<Vec<f64>>,
}

impl Actual {
    fn of(snapshot: &Snapshot, window: Window) -> Self {
        let log = snapshot.log();
        let days = |&customer: &CustomerIndex| {
            let outcome = log.seen(Label::Purchase, customer, window, log.observed_until());
            let mut days: Vec<f64> = Vec::new();
            let mut last = None;
            for purchase in outcome.purchases() {
                let day = purchase.time.div_euclid(MICROS_PER_DAY);
                if last != Some(day) {
                    days.push(
                        (purchase.time - window.start.micros()) as f64 / MICROS_PER_DAY as f64,
                    );
                }
                last = Some(day);
            }
            days
        };
        Actual { days: snapshot.customers().par_iter().with_min_len(1_024).map(days).collect() }
    }

    fn bought(&self) -> Vec<bool> {
        self.days.iter().map(|days| !days.is_empty()).collect()
    }

    fn counts(&self) -> Vec<f64> {
        self.days.iter().map(|days| days.len() as f64).collect()
    }
}

/// What is said of each customer before the test period.
struct Said {
    model: &'static str,
    chance: Vec<f64>,
    count: Option<Vec<f64>>,
}

impl PurchaseBacktest {
    /// Fits the models of purchases (MBG/NBD, BG/NBD, Pareto/NBD) to what was known at the cutoff,
    /// which ends the calibration period, and compares what they say of the test period after it with
    /// what customers then did; beside the hiatus heuristic, everybody's mean and, if given, a churn
    /// model of the same horizon and a hazard model, whose training ended by the cutoff.
    ///
    /// The heuristic and the mean give the shares and numbers of a period as long before the cutoff;
    /// they are left out where the log does not reach back so far.
    ///
    /// ```
    /// use winback::evaluation::{PurchaseBacktest, PurchaseBacktestOptions};
    /// use winback::{EventLog, simulate::Simulation};
    /// let shop = Simulation::default().customers(500).run()?;
    /// let log = EventLog::builder()
    ///     .transactions([shop.transactions])
    ///     .observed_until("2025-01-01")?
    ///     .build()?;
    /// let options = PurchaseBacktestOptions::default();
    /// let found = PurchaseBacktest::build(&log.at("2024-07-01")?, &options, None, None)?;
    /// assert_eq!(found.models()[0].model, "modified_beta_geo");
    /// println!("{found}");
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] for a test period that was not observed, spans without length and a churn
    /// model of another horizon, with a lead or trained on outcomes after the cutoff, and a hazard model
    /// that does not reach the end of the test period or was trained so;
    /// [`Error::TooLittleData`] where nobody bought on a second day.
    pub fn build(
        snapshot: &Snapshot,
        options: &PurchaseBacktestOptions,
        churn: Option<&ChurnModel>,
        hazard: Option<&TimeToPurchase>,
    ) -> Result<Self> {
        let window = covered_window(
            snapshot.at(),
            snapshot.log().observed_until(),
            Span::ZERO,
            options.horizon,
        )?;
        let ends = ends(window, options.every)?;
        let length = window.end.days_since(window.start);
        let table = BuyerTable::of_snapshot(snapshot, TimeUnit::Day)?;
        let buyers = table.buyers();
        let actual = Actual::of(snapshot, window);
        let mut said = Vec::new();
        let mut fitted = Vec::new();
        for kind in PurchaseModelKind::ALL {
            let model = kind.fit(buyers)?;
            said.push(Said {
                model: kind.name(),
                chance: buyers
                    .map_told(|b| model.purchase_probability(b, length).unwrap_or(f64::NAN))?,
                count: Some(
                    buyers.map_told(|b| model.expected_purchases(b, length).unwrap_or(f64::NAN))?,
                ),
            });
            fitted.push((kind.name(), model));
        }
        said.extend(simple(snapshot, options)?);
        if let Some(churn) = churn {
            said.push(of_churn(snapshot, options, churn)?);
        }
        if let Some(hazard) = hazard {
            said.push(of_hazard(snapshot, options, hazard)?);
        }
        let (bought, counts) = (actual.bought(), actual.counts());
        let models = said.iter().map(|said| row(said, &bought, &counts)).collect::<Result<_>>()?;
        let frequencies: Vec<u64> = buyers.rows().iter().map(Buyer::frequency).collect();
        let interval = |(name, model): &(&'static str, FittedPurchaseModel)| {
            Intervals::of(name, model, &table, &actual, length)
        };
        let intervals: Vec<Intervals> = fitted.iter().map(interval).collect::<Result<_>>()?;
        let notes = fitted.iter().filter_map(|(name, model)| {
            model.estimates().remark().map(|remark| format!("{name}: {remark}"))
        });
        Ok(PurchaseBacktest {
            at: window.start,
            until: window.end,
            models,
            tracking: tracking(&ends, &fitted, &table, &actual, window.start)?,
            by_frequency: by_frequency(&said, &frequencies, &bought, &counts),
            intervals: intervals.iter().map(|of| of.row(None)).collect(),
            intervals_by_frequency: (0..=MANY)
                .flat_map(|frequency| intervals.iter().map(move |of| of.row(Some(frequency))))
                .filter(|row| row.customers > 0)
                .collect(),
            notes: notes.collect(),
        })
    }
}

/// Ends of the periods of the tracking, and whether a period is whole: the last may end with the
/// test.
fn ends(window: Window, every: Span) -> Result<Vec<(Timestamp, bool)>> {
    if every.is_zero() {
        return Err(Error::argument("every", every, "more than 0d"));
    }
    let mut ends: Vec<(Timestamp, bool)> = Vec::new();
    while ends.last().is_none_or(|&(last, _)| last < window.end) {
        if ends.len() == MOST_PERIODS {
            return Err(Error::argument("every", every, "at most 1,000 periods"));
        }
        let end = window.start.add_times("every", every, ends.len() as u32 + 1)?;
        ends.push((end.min(window.end), end <= window.end));
    }
    Ok(ends)
}

/// What customers of the same silence, and all, did in a period as long before the cutoff.
fn simple(snapshot: &Snapshot, options: &PurchaseBacktestOptions) -> Result<Vec<Said>> {
    let at = snapshot.at();
    let silent_from = at.sub_argument("hiatus", options.hiatus)?;
    let earlier = at.sub_argument("horizon", options.horizon)?;
    let Ok(before) = snapshot.log().at(earlier) else { return Ok(Vec::new()) };
    let silent_before = earlier.sub_argument("hiatus", options.hiatus)?;
    let window = Window { start: earlier, end: at };
    let actual = Actual::of(&before, window);
    let is_silent = |of: &Snapshot, from: Timestamp| -> Vec<bool> {
        let last = |&customer: &CustomerIndex| of.history(customer).last_purchase();
        of.customers().par_iter().map(|c| last(c).is_none_or(|last| last < from)).collect()
    };
    let (bought, counts) = (actual.bought(), actual.counts());
    let then = is_silent(&before, silent_before);
    // Share and mean of those who were silent, who were not, and of all.
    let mean = |whose: &dyn Fn(bool) -> bool| {
        let rows: Vec<usize> = (0..then.len()).filter(|&row| whose(then[row])).collect();
        let share = rows.iter().filter(|&&row| bought[row]).count() as f64;
        let sum: f64 = rows.iter().map(|&row| counts[row]).sum();
        let n = rows.len().max(1) as f64;
        (share / n, sum / n)
    };
    let (active, silent, all) = (mean(&|silent| !silent), mean(&|silent| silent), mean(&|_| true));
    let now = is_silent(snapshot, silent_from);
    let by = |pick: fn((f64, f64)) -> f64| -> Vec<f64> {
        now.iter().map(|&is_silent| pick(if is_silent { silent } else { active })).collect()
    };
    Ok(vec![
        Said { model: "hiatus", chance: by(|of| of.0), count: Some(by(|of| of.1)) },
        Said { model: "mean", chance: vec![all.0; now.len()], count: Some(vec![all.1; now.len()]) },
    ])
}

fn of_churn(
    snapshot: &Snapshot,
    options: &PurchaseBacktestOptions,
    churn: &ChurnModel,
) -> Result<Said> {
    churn.training().check_unseen(snapshot.at())?;
    if churn.horizon() != options.horizon || !churn.lead().is_zero() {
        let given = format!("horizon {}, lead {}", churn.horizon(), churn.lead());
        let expected = format!("a model with horizon {} and no lead", options.horizon);
        return Err(Error::argument("churn", given, expected));
    }
    let scored = churn.scored_all(snapshot)?;
    let chance = scored.rows.iter().map(|row| row.purchase_probability).collect();
    Ok(Said { model: "churn", chance, count: None })
}

fn of_hazard(
    snapshot: &Snapshot,
    options: &PurchaseBacktestOptions,
    hazard: &TimeToPurchase,
) -> Result<Said> {
    let until = hazard.training().until;
    if until > snapshot.at() {
        let expected = format!("a time from {until} on, up to which the training saw outcomes");
        return Err(Error::argument("at", snapshot.at(), expected));
    }
    let within = PurchaseTimesOptions::default().within([options.horizon])?;
    let times = hazard.score(snapshot, &within)?;
    let chance: Option<Vec<f64>> =
        times.rows().iter().map(|row| row.purchase_probability[0]).collect();
    let of_all = chance.filter(|chance| chance.len() == snapshot.customers().len());
    let Some(chance) = of_all else {
        let given = format!("a model of {} days", hazard.periods().longest());
        let expected = format!("one that tells of everyone the chance within {}", options.horizon);
        return Err(Error::argument("hazard", given, expected));
    };
    Ok(Said { model: "hazard", chance, count: None })
}

fn row(said: &Said, bought: &[bool], counts: &[f64]) -> Result<ModelRow> {
    let n = counts.len() as f64;
    let sum = |values: &[f64]| exact_sum(values.iter().copied());
    let error = |count: &Vec<f64>| {
        exact_sum(count.iter().zip(counts).map(|(said, did)| (said - did).abs())) / n
    };
    Ok(ModelRow {
        model: said.model,
        customers: counts.len() as u64,
        buyers: bought.iter().filter(|&&bought| bought).count() as u64,
        expected_buyers: sum(&said.chance),
        purchases: sum(counts),
        expected_purchases: said.count.as_deref().map(sum),
        mean_absolute_error: said.count.as_ref().map(error),
        log_loss: log_loss(bought, &said.chance, None)?,
        roc_auc: roc_auc(bought, &said.chance, None).ok(),
    })
}

fn tracking(
    ends: &[(Timestamp, bool)],
    fitted: &[(&'static str, FittedPurchaseModel)],
    table: &BuyerTable,
    actual: &Actual,
    start: Timestamp,
) -> Result<Vec<TrackRow>> {
    let mut rows = Vec::new();
    let mut done = 0.0;
    for (i, &(end, whole)) in ends.iter().enumerate() {
        let until = end.days_since(start);
        let in_period = |day: &&f64| **day >= done && **day < until;
        let purchases = actual.days.iter().flatten().filter(in_period).count() as f64;
        for (model, fitted) in fitted {
            let expected = table.buyers().map_told(|buyer| {
                let at = |time| fitted.expected_purchases(buyer, time).unwrap_or(f64::NAN);
                at(until) - at(done)
            })?;
            let expected_purchases = exact_sum(expected);
            let period = i as u64 + 1;
            rows.push(TrackRow { period, end, whole, model, purchases, expected_purchases });
        }
        done = until;
    }
    Ok(rows)
}

fn by_frequency(
    said: &[Said],
    frequencies: &[u64],
    bought: &[bool],
    counts: &[f64],
) -> Vec<FrequencyRow> {
    let mut rows = Vec::new();
    for frequency in 0..=MANY {
        let own: Vec<usize> =
            (0..frequencies.len()).filter(|&row| frequencies[row].min(MANY) == frequency).collect();
        if own.is_empty() {
            continue;
        }
        let n = own.len() as f64;
        let mean = |of: &dyn Fn(usize) -> f64| exact_sum(own.iter().map(|&row| of(row))) / n;
        for said in said {
            rows.push(FrequencyRow {
                frequency,
                model: said.model,
                customers: own.len() as u64,
                buyer_share: mean(&|row| f64::from(u8::from(bought[row]))),
                expected_buyer_share: mean(&|row| said.chance[row]),
                purchases: mean(&|row| counts[row]),
                expected_purchases: said.count.as_ref().map(|count| mean(&|row| count[row])),
            });
        }
    }
    rows
}

/// The 80 % intervals of the next purchase by one model.
struct Intervals {
    model: &'static str,
    /// Of each customer for whom it ends within the test period: the frequency at the cutoff, the
    /// chance ever to buy again, and whether the next purchase came inside.
    seen: Vec<(u64, f64, bool)>,
}

impl Intervals {
    fn of(
        name: &'static str,
        model: &FittedPurchaseModel,
        table: &BuyerTable,
        actual: &Actual,
        length: f64,
    ) -> Result<Self> {
        let ends = table.buyers().map_told(|buyer| {
            let wait = |u| model.wait_if_ever(buyer, u).ok().flatten();
            let high = wait(0.9).filter(|&high| high <= length)?;
            Some((wait(0.1)?, high, model.p_ever(buyer)))
        })?;
        let rows = ends.into_iter().zip(&actual.days).zip(table.buyers().rows());
        let seen = rows.filter_map(|((ends, days), buyer)| {
            let (low, high, p_ever) = ends?;
            let inside = days.first().is_some_and(|first| *first >= low && *first <= high);
            Some((buyer.frequency().min(MANY), p_ever, inside))
        });
        Ok(Intervals { model: name, seen: seen.collect() })
    }

    /// Of the customers of a frequency, or of all.
    fn row(&self, frequency: Option<u64>) -> IntervalRow {
        let is_one = |(own, ..): &&(u64, f64, bool)| frequency.is_none_or(|wanted| wanted == *own);
        let seen = || self.seen.iter().filter(is_one);
        let customers = seen().count() as u64;
        let inside = seen().filter(|(.., inside)| *inside).count() as f64;
        let ever = exact_sum(seen().map(|(_, p_ever, _)| *p_ever));
        IntervalRow {
            frequency,
            model: self.model,
            customers,
            inside: (customers > 0).then(|| inside / customers as f64),
            expected_inside: (customers > 0).then(|| 0.8 * ever / customers as f64),
            coverage: (ever > 0.0).then(|| inside / ever),
        }
    }
}
