//! A backtest: a new model is trained before each of several past cutoffs and tested on what came
//! after.

use rayon::prelude::*;

use super::backtest_report::{Backtest, BacktestRow, Part, ScoreKind, SkillShare, SkillShares};
use super::bootstrap::{Draws, Tested};
use super::group_scores::{GroupScores, outcome_name};
use super::leaks::leaks;
use super::oracle::Oracle;
use super::quality::covered_window;
use super::returns::nothing_returned;
use crate::answer::options::options;
#[cfg(feature = "cli")]
use crate::answer::value;
use crate::churn::ChurnModelBuilder;
use crate::churn::learned::chance;
use crate::churn::score::Scored;
use crate::error::{Error, Result};
use crate::inactivity::contradicting_rhythm;
use crate::labels::State;
use crate::log::{CustomerIndex, EventLog};
use crate::metrics::{Measure, Measures, roc_auc_standard_error};
use crate::models::odds::logit;
use crate::panel::Spacing;
use crate::simulate::Simulation;
use crate::snapshot::Snapshot;
use crate::stats::percentile;
use crate::time::{Moment, Span, Timestamp, instants};
use crate::timing::{Buyer, purchases};

/// Logs from this length on are tested over a year by default.
const TWO_YEARS_DAYS: f64 = 730.0;

/// What is told meanwhile.
const TESTING: &str = "testing cutoffs";

options! {
    /// Cutoffs at which a model is tested, and how intervals are computed.
    #[command(next_help_heading = "Tests")]
    pub struct BacktestOptions {
        /// Test cutoffs, one or several; by default their number and spacing are given, and the
        /// outcome window of the latest ends with the log
        #[option(value_name = "DATE", value_parser = value::<Moment>)]
        #[takes(times)]
        at: Option<Vec<Moment>> = None,
        /// Number of test cutoffs
        #[value(value_name = "N", conflicts_with = "at")]
        tests: usize = 6,
        /// Spacing of the test cutoffs; by default 60 days, so that they cover the seasons, and 30 where
        /// the log is shorter than two years
        #[option(value_name = "SPAN", conflicts_with = "at", value_parser = value::<Span>)]
        #[takes(span)]
        test_stride: Option<Span> = None,
        /// Number of times customers are resampled to compute intervals; 0 for no intervals
        #[value(value_name = "N")]
        draws: usize = 1_000,
        /// Seed of the resampling
        #[value(value_name = "S")]
        seed: u64 = 0,
    }
}

impl ChurnModelBuilder {
    /// Trains a new model before each test cutoff, on outcomes that were known by then, and tests
    /// it on the outcomes after the cutoff.
    ///
    /// It is compared with two baselines: one that knows only the days since the last purchase, and the
    /// chance of a purchase by an MBG/NBD model of what was bought before the cutoff.
    /// Intervals of 95 % come from resampling customers with all their rows at all cutoffs
    /// (percentile bootstrap; Efron 1979); the calibration slope and intercept of a draw are one
    /// Newton step from those of all rows. The calibration error of resampled rows is larger than
    /// that of all rows, so its interval may lie above it.
    ///
    /// ```
    /// use winback::{ChurnModel, EventLog};
    /// use winback::evaluation::BacktestOptions;
    /// use winback::simulate::Simulation;
    /// let shop = Simulation::default().customers(600).run()?;
    /// let log = EventLog::builder()
    ///     .transactions([shop.transactions])
    ///     .observed_until("2025-01-01")?
    ///     .build()?;
    /// let options = BacktestOptions::default().tests(2).draws(100);
    /// let backtest = ChurnModel::builder().backtest(&log, &options)?;
    /// assert_eq!(backtest.cutoffs.len(), 2);
    /// println!("{backtest}");
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] for cutoffs outside the log or whose outcome window it does not cover;
    /// [`Error::TooLittleData`] when a model cannot be trained and tested at any cutoff; errors of
    /// the estimator.
    pub fn backtest(&self, log: &EventLog, options: &BacktestOptions) -> Result<Backtest> {
        self.backtest_beside(log, options, None, Turns::AtOnce)
    }

    /// As [`ChurnModelBuilder::backtest`], in the memory of one cutoff at a time.
    pub(crate) fn backtest_in_turn(
        &self,
        log: &EventLog,
        options: &BacktestOptions,
    ) -> Result<Backtest> {
        self.backtest_beside(log, options, None, Turns::OneByOne)
    }

    /// As [`ChurnModelBuilder::backtest`], of simulated customers: beside the baselines stands the
    /// [oracle](Simulation::oracle), and the rows say which share of its skill a score reached. The log is
    /// of the simulation's tables, or of some of them, with the simulation's ids.
    ///
    /// ```
    /// use winback::{ChurnModel, EventLog, evaluation::BacktestOptions, simulate::Simulation};
    /// let simulation = Simulation::default().customers(400);
    /// let log = EventLog::builder()
    ///     .transactions([simulation.run()?.transactions])
    ///     .observed_until("2025-01-01")?
    ///     .build()?;
    /// let options = BacktestOptions::default().tests(1).draws(0);
    /// let builder = ChurnModel::builder().estimator("logistic")?;
    /// let backtest = builder.backtest_simulated(&simulation, &log, &options)?;
    /// println!("{backtest}");
    /// # Ok::<(), winback::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`ChurnModelBuilder::backtest`] and [`Simulation::oracle`]; [`Error::Argument`] for a log of other
    /// customers.
    pub fn backtest_simulated(
        &self,
        simulation: &Simulation,
        log: &EventLog,
        options: &BacktestOptions,
    ) -> Result<Backtest> {
        self.backtest_beside(log, options, Some(simulation), Turns::AtOnce)
    }

    fn backtest_beside(
        &self,
        log: &EventLog,
        options: &BacktestOptions,
        simulation: Option<&Simulation>,
        turns: Turns,
    ) -> Result<Backtest> {
        let cutoffs = self.test_cutoffs(log, options)?;
        let ask = |simulation| {
            let cutoffs: Vec<Timestamp> = cutoffs.iter().map(Snapshot::at).collect();
            Oracle::ask(simulation, log, &cutoffs, &self.panel)
        };
        let oracle = simulation.map(ask).transpose()?;
        // The ends of a 95 % interval are beyond what fewer draws can show.
        if !matches!(options.draws, 0 | 20..=100_000) {
            return Err(Error::argument("draws", options.draws, "0, or 20 to 100,000"));
        }
        let mut tested: Vec<Tested> = Vec::new();
        let mut notes = Vec::new();
        let mut used = Vec::new();
        let told = log.progress().pieces(TESTING, cutoffs.len() as u64);
        let within = log.progress().within(TESTING);
        let test = |snapshot: Snapshot| {
            let snapshot = snapshot.with_progress(within.clone());
            let found = self.at_cutoff(&snapshot, oracle.as_ref());
            (snapshot.at(), told.add(1).and(found))
        };
        let of_cutoffs: Vec<(Timestamp, Result<AtCutoff>)> = match turns {
            Turns::AtOnce => cutoffs.into_par_iter().map(test).collect(),
            Turns::OneByOne => cutoffs.into_iter().map(test).collect(),
        };
        for (at, found) in of_cutoffs {
            match found {
                Ok(found) => {
                    used.push(at);
                    tested.extend(found.tested);
                    notes.extend(found.notes);
                }
                Err(Error::TooLittleData(why)) => {
                    notes
                        .push(format!("{at}: not tested, for before it is too little data: {why}"));
                }
                Err(error) => return Err(error),
            }
        }
        if tested.is_empty() {
            return Err(Error::TooLittleData(format!(
                "no cutoff could be tested; {}",
                notes.join("; ")
            )));
        }
        let draws = Draws::of(&tested, options.draws, options.seed, log.progress())?;
        let mut rows = Vec::new();
        for state in State::ALL {
            for score in ScoreKind::ALL {
                rows.extend(rows_of(&tested, &draws, state, score)?);
            }
        }
        let mut backtest = Backtest {
            estimator: self.estimator.name(),
            lead: self.panel.lead,
            horizon: self.panel.horizon,
            label: self.panel.label,
            limits: self.panel.limits,
            cutoffs: used,
            draws: options.draws,
            seed: options.seed,
            rows,
            notes,
        };
        backtest.note_comparisons();
        if let Some(&latest) = backtest.cutoffs.last() {
            backtest.notes.extend(contradicting_rhythm(&log.at(latest)?, backtest.limits));
        }
        backtest.notes.extend(nothing_returned(log, backtest.label));
        backtest.notes.extend(log.share_note());
        Ok(backtest)
    }

    /// Trains before one cutoff and looks at what came after.
    fn at_cutoff(&self, snapshot: &Snapshot, oracle: Option<&Oracle>) -> Result<AtCutoff> {
        let at = snapshot.at();
        let model = self.fit(snapshot.log(), at)?;
        let (window, scored, purchased) = model.outcomes(snapshot)?;
        let purchases = purchases(snapshot.log(), at);
        let by_purchases = |group: &GroupScores, scored: &Scored, state| {
            let of = |&row: &usize| {
                let history = snapshot.history(scored.customers[row]);
                let days = window.end.days_since(window.start);
                let p = chance(purchases.as_ref()?, Buyer::of(&history), days)?;
                Some(if state == State::Active { 1.0 - p } else { p })
            };
            group.rows.iter().map(of).collect::<Option<Vec<f64>>>()
        };
        let (mut tested, mut notes) = (Vec::new(), Vec::new());
        for state in State::ALL {
            match model.group_scores(&scored, &purchased, state) {
                Ok(group) => {
                    let leaks = leaks(&model, &scored, &group, state).into_iter();
                    notes.extend(leaks.map(|leak| format!("{at}: {leak}")));
                    let customers: Vec<CustomerIndex> =
                        group.rows.iter().map(|&row| scored.customers[row]).collect();
                    let mbg_nbd = by_purchases(&group, &scored, state);
                    let oracle =
                        oracle.map(|oracle| oracle.chances(at, state, &customers)).transpose()?;
                    tested.push(Tested::new(at, state, customers, &group, mbg_nbd, oracle)?);
                }
                Err(Error::TooLittleData(_)) => notes.push(format!(
                    "{at}: {state} customers not judged, for all or none of them purchased"
                )),
                Err(error) => return Err(error),
            }
        }
        Ok(AtCutoff { tested, notes })
    }

    /// The log at the cutoffs that are asked for, ascending.
    pub(super) fn test_cutoffs(
        &self,
        log: &EventLog,
        options: &BacktestOptions,
    ) -> Result<Vec<Snapshot>> {
        let (lead, horizon) = (self.panel.lead, self.panel.horizon);
        let mut cutoffs = match &options.at {
            Some(at) if at.is_empty() => {
                return Err(Error::argument("at", "none", "one or more cutoffs"));
            }
            Some(at) => instants("at", log.time_zone(), at)?,
            None => {
                let known = log.observed_until().days_since(log.first_event());
                let by_default = Span::days(if known < TWO_YEARS_DAYS { 30 } else { 60 });
                let (tests, stride) = (options.tests, options.test_stride.unwrap_or(by_default));
                let spacing = Spacing { count: ("tests", tests), stride: ("test_stride", stride) };
                let cutoffs = spacing.cutoffs(log.observed_until(), lead, horizon)?;
                let is_within =
                    |cutoff: Option<&Timestamp>| cutoff.is_none_or(|&at| log.at(at).is_ok());
                if !is_within(cutoffs.last()) {
                    let (first, until) = (log.first_event(), log.observed_until());
                    let expected =
                        format!("a span that fits after a cutoff between {first} and {until}");
                    return Err(Error::argument("horizon", horizon, expected));
                }
                if !is_within(cutoffs.first()) {
                    let expected =
                        format!("so few, {stride} apart, that the first lies inside the log");
                    return Err(Error::argument("tests", tests, expected));
                }
                cutoffs
            }
        };
        cutoffs.sort_unstable();
        cutoffs.dedup();
        let covered = |at: Timestamp| {
            let snapshot = log.at(at)?;
            covered_window(&snapshot, lead, horizon).map(|_| snapshot)
        };
        cutoffs.into_iter().map(covered).collect()
    }
}

/// Whether several cutoffs are tested at once, each in its own memory.
#[derive(Clone, Copy)]
enum Turns {
    AtOnce,
    OneByOne,
}

/// What was found at one test cutoff.
struct AtCutoff {
    tested: Vec<Tested>,
    notes: Vec<String>,
}

/// The rows of one score of one state: every cutoff, their mean and the worst.
fn rows_of(
    tested: &[Tested],
    draws: &Draws,
    state: State,
    score: ScoreKind,
) -> Result<Vec<BacktestRow>> {
    let places: Vec<usize> =
        (0..tested.len()).filter(|&i| tested[i].state == state && tested[i].has(score)).collect();
    if places.is_empty() {
        return Ok(Vec::new());
    }
    let values: Vec<Measures> = places.iter().map(|&i| tested[i].measures(score, None)).collect();
    let drawn = |draw: usize, place: usize| draws.measures(draw, place, score);
    let mut rows = Vec::new();
    for (&place, &measures) in places.iter().zip(&values) {
        let group = &tested[place];
        let (low, high) = interval(draws.count(), |draw| drawn(draw, place));
        rows.push(BacktestRow {
            part: Part::Cutoff(group.at),
            state,
            outcome: outcome_name(state),
            score,
            customers: group.customers() as f64,
            base_rate: group.base_rate(),
            mean_probability: group.mean_probability(score),
            log_odds_off: group
                .mean_probability(score)
                .map(|predicted| (logit(predicted) - logit(group.base_rate())).abs()),
            measures,
            roc_auc_se: roc_auc_standard_error(&group.outcome, group.ranking(score)).ok(),
            low,
            high,
            skill: skill(tested, draws, &[place], score),
        });
    }
    let over =
        |of: &dyn Fn(&BacktestRow) -> f64| rows.iter().map(of).sum::<f64>() / rows.len() as f64;
    let summary = BacktestRow {
        part: Part::Mean,
        customers: over(&|row| row.customers),
        base_rate: over(&|row| row.base_rate),
        mean_probability: rows[0]
            .mean_probability
            .map(|_| over(&|row| row.mean_probability.unwrap_or(f64::NAN))),
        log_odds_off: rows[0]
            .log_odds_off
            .map(|_| over(&|row| row.log_odds_off.unwrap_or(f64::NAN))),
        measures: mean(&values),
        roc_auc_se: None,
        skill: skill(tested, draws, &places, score),
        ..rows[0].clone()
    };
    let (low, high) = interval(draws.count(), |draw| {
        mean(&places.iter().map(|&place| drawn(draw, place)).collect::<Vec<_>>())
    });
    let worst = BacktestRow {
        part: Part::Worst,
        measures: worst(&values),
        low: Measures::UNDEFINED,
        high: Measures::UNDEFINED,
        customers: f64::NAN,
        base_rate: f64::NAN,
        mean_probability: None,
        skill: None,
        log_odds_off: rows.iter().filter_map(|row| row.log_odds_off).max_by(f64::total_cmp),
        ..summary.clone()
    };
    rows.push(BacktestRow { low, high, ..summary });
    rows.push(worst);
    Ok(rows)
}

/// Which share of the oracle's skill a score has, over some groups.
fn skill(
    tested: &[Tested],
    draws: &Draws,
    places: &[usize],
    score: ScoreKind,
) -> Option<SkillShares> {
    if !places.iter().all(|&place| tested[place].has(ScoreKind::Oracle)) {
        return None;
    }
    // Skill by AUC and by log loss, of measures and the log loss of a constant.
    let skills = |measures: Measures, constant: f64| {
        let of = |measure: Measure| measures.0[measure as usize];
        [of(Measure::RocAuc) - 0.5, constant - of(Measure::LogLoss)]
    };
    let shares = |of: &dyn Fn(usize, ScoreKind) -> [f64; 2]| {
        let over = |score| {
            places
                .iter()
                .map(|&place| of(place, score))
                .fold([0.0; 2], |[a, b], [c, d]| [a + c, b + d])
        };
        let ([auc, loss], [best_auc, best_loss]) = (over(score), over(ScoreKind::Oracle));
        [auc / best_auc, loss / best_loss]
    };
    let own = shares(&|place, score| {
        let group = &tested[place];
        skills(group.measures(score, None), group.constant_log_loss(None))
    });
    let drawn: Vec<[f64; 2]> = (0..draws.count())
        .map(|draw| {
            shares(&|place, score| {
                skills(draws.measures(draw, place, score), draws.constant_log_loss(draw, place))
            })
        })
        .collect();
    let [roc_auc, log_loss] = [0, 1].map(|skill| {
        let mut drawn: Vec<f64> =
            drawn.iter().map(|shares| shares[skill]).filter(|share| share.is_finite()).collect();
        drawn.sort_unstable_by(f64::total_cmp);
        let is_enough = !drawn.is_empty() && drawn.len() * 10 >= draws.count() * 9;
        let interval = is_enough.then(|| [0.025, 0.975].map(|share| percentile(&drawn, share)));
        SkillShare { share: own[skill], interval }
    });
    Some(SkillShares { roc_auc, log_loss })
}

/// The mean of every measure over the cutoffs where it is defined.
fn mean(values: &[Measures]) -> Measures {
    let mut mean = Measures::UNDEFINED;
    for measure in Measure::ALL {
        let defined = values.iter().filter_map(|values| values.get(measure));
        let (count, sum) = defined.fold((0, 0.0), |(count, sum), value| (count + 1, sum + value));
        mean.0[measure as usize] = sum / f64::from(count);
    }
    mean
}

/// The worst value of every measure.
fn worst(values: &[Measures]) -> Measures {
    let mut worst = Measures::UNDEFINED;
    for measure in Measure::ALL {
        let defined = values.iter().filter_map(|values| values.get(measure));
        let by = |a: &f64, b: &f64| measure.badness(*a).total_cmp(&measure.badness(*b));
        worst.0[measure as usize] = defined.max_by(by).unwrap_or(f64::NAN);
    }
    worst
}

/// The 2.5th and the 97.5th percentile of every measure over the draws, where it is defined in nine
/// of ten and they differ. Not of the expected calibration error: customers drawn twice look less calibrated than
/// they are, so that all of the interval may lie above the value.
fn interval(draws: usize, of: impl Fn(usize) -> Measures) -> (Measures, Measures) {
    let all: Vec<Measures> = (0..draws).map(of).collect();
    let (mut low, mut high) = (Measures::UNDEFINED, Measures::UNDEFINED);
    let bounded = |measure: &Measure| *measure != Measure::ExpectedCalibrationError;
    for measure in Measure::ALL.into_iter().filter(bounded) {
        let mut values: Vec<f64> = all.iter().filter_map(|values| values.get(measure)).collect();
        if draws == 0 || values.len() * 10 < draws * 9 {
            continue;
        }
        values.sort_unstable_by(f64::total_cmp);
        let ends = [0.025, 0.975].map(|share| percentile(&values, share));
        // Draws that are all the same say nothing of other customers.
        if ends[0] < ends[1] {
            [low.0[measure as usize], high.0[measure as usize]] = ends;
        }
    }
    (low, high)
}
