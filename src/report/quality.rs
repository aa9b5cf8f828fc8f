//! How good the predictions are, in plain words, with the figures for specialists below.

use super::chart::{Bar, bars};
use super::facts::{Facts, Test};
use super::html::{Cell, Column, Html, Narrow};
use super::texts as t;
use super::words::Words;
use crate::evaluation::{Backtest, BacktestRow, Part, ScoreKind};
use crate::inactivity::Period;
use crate::labels::State;
use crate::language::{Language, Text};
use crate::metrics::Measure;

/// Of the tenth of customers picked in one of three ways, the share with the outcome.
pub(super) struct Hits {
    pub(super) model: f64,
    pub(super) recency: f64,
    /// The share of all.
    pub(super) chance: f64,
}

/// The mean over the test cutoffs; lift in the top tenth × base rate is the share of the tenth.
pub(super) fn hits(backtest: &Backtest, state: State) -> Option<Hits> {
    let share = |score: ScoreKind| {
        let rows: Vec<&BacktestRow> = backtest
            .rows
            .iter()
            .filter(|row| matches!(row.part, Part::Cutoff(_)))
            .filter(|row| (row.state, row.score) == (state, score))
            .collect();
        let of = |row: &&BacktestRow| Some(row.measures.get(Measure::Lift10)? * row.base_rate);
        let found: Vec<f64> = rows.iter().filter_map(of).collect();
        (!found.is_empty()).then(|| found.iter().sum::<f64>() / found.len() as f64)
    };
    let mean = backtest.row(Part::Mean, state, ScoreKind::Model)?;
    Some(Hits {
        model: share(ScoreKind::Model)?,
        recency: share(ScoreKind::Recency)?,
        chance: mean.base_rate,
    })
}

pub(super) fn quality(facts: &Facts<'_>, html: &mut Html) {
    let words = facts.words;
    let limits = facts.model.limits();
    for rhythm in &facts.rhythms {
        let name = match rhythm.period {
            Period::Monthly => t::MONTHLY,
            Period::Quarterly => t::QUARTERLY,
            Period::HalfYearly => t::HALF_YEARLY,
            Period::Yearly => t::YEARLY,
        };
        let spans = [limits.lapsed_after, limits.lost_after].map(|span| words.span(span));
        let text = words.say(t::RHYTHM_WARNING, &[words.text(name), &spans[0], &spans[1]]);
        html.classed("p", "warn", &text);
    }
    match &facts.test {
        Test::NotAsked => html.classed("p", "warn", words.text(t::QUALITY_OFF)),
        Test::TooLittle(why) => {
            html.classed("p", "warn", words.text(t::QUALITY_SHORT));
            html.details(words.text(t::QUALITY_WHY), |html| {
                html.element("p", &[("lang", "en")], |html| html.text(why));
            });
        }
        Test::Done(backtest) => tested(facts, backtest, html),
    }
    if facts.customers(State::Lost) > 0 && !facts.model.training().has_enough(State::Lost) {
        html.line("p", words.text(t::LOST_SCORED));
    }
}

fn tested(facts: &Facts<'_>, backtest: &Backtest, html: &mut Html) {
    let words = facts.words;
    let (horizon, lead) = (words.span(backtest.horizon), words.span(backtest.lead));
    let after = match backtest.lead.is_zero() {
        true => words.say(t::WINDOW_PAST, &[&horizon]),
        false => words.say(t::WINDOW_PAST_LATER, &[&horizon, &lead]),
    };
    let dates: Vec<String> = backtest.cutoffs.iter().map(|&at| words.short_date(at)).collect();
    let tests = words.count(dates.len() as u64);
    html.line("p", &words.say(t::QUALITY_HOW, &[&tests, &dates.join("; "), &after]));
    html.line("p", words.text(t::Q_TENTH));
    let found: Vec<(&BacktestRow, Hits)> = State::ALL
        .into_iter()
        .filter_map(|state| {
            Some((backtest.row(Part::Mean, state, ScoreKind::Model)?, hits(backtest, state)?))
        })
        .collect();
    let is_better =
        |(row, hits): &(&BacktestRow, Hits)| verdict(backtest, row.state, hits) == t::Q_BETTER;
    let all_better = found.iter().all(is_better);
    if all_better {
        html.line("p", words.text(t::Q_BETTER_ALL));
    }
    for (row, hits) in &found {
        of_state(words, row, hits, (!all_better).then(|| verdict(backtest, row.state, hits)), html);
    }
    html.details(words.text(t::SPECIALIST), |html| {
        State::ALL.into_iter().for_each(|state| figures(words, backtest, state, html));
        if !backtest.notes.is_empty() {
            html.element("ul", &[("lang", Language::English.name())], |html| {
                backtest.notes.iter().for_each(|note| html.line("li", note));
            });
        }
    });
}

fn head(state: State) -> Text {
    match state {
        State::Active => t::Q_ACTIVE,
        State::Lapsed => t::Q_LAPSED,
        State::Lost => t::Q_LOST,
    }
}

fn of_state(
    words: Words<'_>,
    row: &BacktestRow,
    hits: &Hits,
    verdict: Option<Text>,
    html: &mut Html,
) {
    let state = row.state;
    let leave = state == State::Active;
    html.line("h3", words.text(head(state)));
    html.element("div", &[("class", "pair")], |html| {
        html.element("div", &[], |html| {
            let said = if leave { t::Q_LEFT } else { t::Q_CAME };
            let shares = [hits.model, hits.recency, hits.chance].map(|share| words.percent(share));
            html.line("p", &words.say(said, &[&shares[0], &shares[1], &shares[2]]));
            let level = if leave { t::Q_LEVEL_LEFT } else { t::Q_LEVEL_CAME };
            let expected = words.percent(row.mean_probability.unwrap_or(f64::NAN));
            let level = words.say(level, &[&expected, &words.percent(row.base_rate)]);
            let off = off(row).map(|text| format!(" {}", words.text(text)));
            html.line("p", &format!("{level}{}", off.unwrap_or_default()));
            if let Some(verdict) = verdict {
                html.line("p", words.text(verdict));
            }
        });
        let bar = |class, name: Text, share: f64| Bar {
            class,
            name: words.text(name).into(),
            value: share,
            shown: words.percent(share),
        };
        let silence = if leave { t::BY_LONGEST } else { t::BY_SHORTEST };
        let three = [
            bar("s-active", t::BY_MODEL, hits.model),
            bar("s-lapsed", silence, hits.recency),
            bar("s-lost", t::AT_RANDOM, hits.chance),
        ];
        let head = if leave { t::HIT_CHART_LEFT } else { t::HIT_CHART_CAME };
        bars(html, words.text(head), &three, 1.0);
    });
}

/// Whether the expected share was far from the true one: by more than three percentage points, and by
/// more than a fifth of it.
fn off(row: &BacktestRow) -> Option<Text> {
    let over = row.mean_probability? - row.base_rate;
    let far = over.abs() > 0.03 && over.abs() > 0.2 * row.base_rate;
    far.then_some(if over > 0.0 { t::Q_TOO_HIGH } else { t::Q_TOO_LOW })
}

/// How well the model tells the customers of a state apart: by its AUC, against chance and against the
/// length of silence, and by the tenth that it picks, which the page shows.
fn verdict(backtest: &Backtest, state: State, hits: &Hits) -> Text {
    let auc = |score| backtest.row(Part::Mean, state, score)?.measures.get(Measure::RocAuc);
    let row = backtest.row(Part::Mean, state, ScoreKind::Model);
    let low = row.and_then(|row| row.low.get(Measure::RocAuc));
    let (model, recency) = (auc(ScoreKind::Model), auc(ScoreKind::Recency));
    match (model, recency) {
        (Some(model), _) if low.unwrap_or(model) <= 0.5 => t::Q_NOT_CHANCE,
        (Some(model), Some(recency)) if model <= recency => t::Q_NOT_RECENCY,
        (Some(_), _) if hits.model <= hits.recency.max(hits.chance) => t::Q_BETTER_NOT_FIRST,
        (Some(_), _) => t::Q_BETTER,
        (None, _) => t::Q_NOT_CHANCE,
    }
}

/// The measures of the table, and their decimals.
const MEASURES: [(Measure, Text, usize); 7] = [
    (Measure::RocAuc, t::M_AUC, 3),
    (Measure::AveragePrecision, t::M_AP, 3),
    (Measure::LogLoss, t::M_LOG_LOSS, 3),
    (Measure::BrierScore, t::M_BRIER, 3),
    (Measure::CalibrationSlope, t::M_SLOPE, 2),
    (Measure::ExpectedCalibrationError, t::M_ECE, 3),
    (Measure::Lift10, t::M_LIFT, 2),
];

fn figures(words: Words<'_>, backtest: &Backtest, state: State, html: &mut Html) {
    let of = |score| backtest.row(Part::Mean, state, score);
    let Some(model) = of(ScoreKind::Model) else { return };
    let cell = |row: Option<&BacktestRow>, measure: Measure, decimals: usize| {
        let number = |value: f64| words.number(value, decimals);
        let ends = row.map(|row| [&row.measures, &row.low, &row.high].map(|m| m.get(measure)));
        match ends {
            Some([Some(value), Some(low), Some(high)]) => {
                format!("{} [{}; {}]", number(value), number(low), number(high))
            }
            Some([Some(value), ..]) => number(value),
            _ => words.text(t::JUST_NONE).into(),
        }
    };
    let nothing = || words.text(t::JUST_NONE).to_owned();
    let worst = backtest.row(Part::Worst, state, ScoreKind::Model);
    let mut rows: Vec<[String; 4]> = vec![
        [words.text(t::M_CUSTOMERS).into(), words.number(model.customers, 0), nothing(), nothing()],
        [words.text(t::M_RATE).into(), words.percent(model.base_rate), nothing(), nothing()],
    ];
    for (measure, name, decimals) in MEASURES {
        let cells = ScoreKind::USUAL.map(|score| cell(of(score), measure, decimals));
        let [model, recency, rhythm] = cells;
        rows.push([words.text(name).into(), model, recency, rhythm]);
    }
    rows.push([
        words.text(t::M_WORST).into(),
        cell(worst, Measure::RocAuc, 3),
        nothing(),
        nothing(),
    ]);
    let columns = [
        Column::text(words.text(t::MEASURE)),
        Column::number(words.text(t::MODEL)),
        Column::number(words.text(t::RECENCY)),
        Column::number(words.text(t::MBG_NBD)),
    ];
    let rows: Vec<Vec<Cell>> = rows.into_iter().map(|row| row.map(Cell::Text).into()).collect();
    let caption = match backtest.draws {
        0 => words.text(t::Q_TABLE_PLAIN).to_owned(),
        draws => words.say(t::Q_TABLE, &[&words.count(draws as u64)]),
    };
    let caption = format!("{}. {caption}", words.text(head(state)));
    html.table(&caption, Narrow::Scroll, "", &columns, &rows);
}
