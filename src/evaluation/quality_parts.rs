//! A model judged by customers who may come in parts: each part gives a row a customer, and what notes are
//! made of.

use super::drawn::{Drawn, JudgedColumn};
use super::group_scores::{GroupScores, Judged};
use super::leaks::leaks;
use super::quality::{GroupQuality, QualityReport, covered_window};
use super::returns::{any_returned, nothing_returned};
use crate::churn::score::Scored;
use crate::churn::{ChurnModel, Estimator, OutcomeCounts, Training};
use crate::error::{Error, Result};
use crate::inactivity::{Silences, contradicting_rhythm, silences_at};
use crate::labels::{Label, LifecycleLimits, State};
use crate::log::{CUSTOMERS_AT_ONCE, CustomerRows, EventLog, LogFacts, Mergeable, Part};
use crate::snapshot::{AllCustomersAt, Beside, Snapshot};
use crate::time::{Span, Window};

impl ChurnModel {
    /// The model's quality at a cutoff that training never saw, by all customers of a log in memory or in
    /// parts, of whom a row each is kept in memory.
    ///
    /// # Errors
    /// [`Error::Argument`] when the cutoff is before the instant up to which training knew
    /// outcomes, or when the log does not reach the end of the outcome window;
    /// [`Error::TooLittleData`] when no group has both outcomes.
    pub fn evaluate(&self, snapshot: &impl AllCustomersAt) -> Result<QualityReport> {
        QualityReport::part(self, snapshot)?.finish()
    }
}

impl QualityReport {
    /// Of some customers, to be merged with those of others.
    ///
    /// # Errors
    /// As [`ChurnModel::evaluate`].
    pub fn part(model: &ChurnModel, snapshot: &impl AllCustomersAt) -> Result<Part<QualityReport>> {
        let asked = AskedQuality::of(model);
        Part::of(&Beside { now: snapshot, what: model.clone() }, &asked)
    }
}

/// What is said of a model beside its scores.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskedQuality {
    estimator: Estimator,
    training: Training,
    lead: Span,
    horizon: Span,
    label: Label,
    limits: LifecycleLimits,
    columns: Vec<JudgedColumn>,
}

impl AskedQuality {
    fn of(model: &ChurnModel) -> Self {
        AskedQuality {
            estimator: model.estimator().clone(),
            training: model.training().clone(),
            lead: model.lead(),
            horizon: model.horizon(),
            label: model.label(),
            limits: model.limits(),
            columns: JudgedColumn::all(model),
        }
    }

    /// The outcome window, which training did not see and the log covers.
    fn window(&self, facts: &LogFacts) -> Result<Window> {
        self.training.check_unseen(facts.cutoff())?;
        covered_window(facts.cutoff(), facts.observed_until, self.lead, self.horizon)
    }
}

const COLUMNS: [&str; 5] = [
    "state",
    "purchased",
    "days_since_last_purchase",
    "purchase_probability",
    "recency_probability",
];

/// What some customers did and were expected to do.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QualitySums {
    rows: CustomerRows,
    /// In the order of [`State::ALL`].
    drawn: [Drawn; 3],
    silences: Silences,
    any_returned: bool,
}

impl Mergeable for QualityReport {
    const NAME: &'static str = "quality";
    type Log = (Snapshot, ChurnModel);
    type Asked = AskedQuality;
    type Sums = QualitySums;

    fn sums(
        (now, model): &Self::Log,
        facts: &LogFacts,
        asked: &AskedQuality,
    ) -> Result<QualitySums> {
        let (window, log) = (asked.window(facts)?, now.log());
        let mut sums = QualitySums {
            rows: CustomerRows::default(),
            drawn: Default::default(),
            silences: silences_at(now),
            any_returned: any_returned(log, asked.label),
        };
        let customers = log.customers().len();
        for first in (0..customers).step_by(CUSTOMERS_AT_ONCE) {
            let some = first..customers.min(first + CUSTOMERS_AT_ONCE);
            let scored = model.all_scored(now, some)?;
            let purchased = model.purchased(log, &scored, window);
            sums.rows.merge(rows(model, log, &scored, &purchased)?);
            for (own, state) in sums.drawn.iter_mut().zip(State::ALL) {
                own.merge(Drawn::of(log, &scored, &purchased, state));
            }
        }
        Ok(sums)
    }

    fn merge(sums: &mut QualitySums, other: QualitySums) {
        sums.rows.merge(other.rows);
        sums.drawn.iter_mut().zip(other.drawn).for_each(|(own, other)| own.merge(other));
        sums.silences.merge(other.silences);
        sums.any_returned |= other.any_returned;
    }

    fn fits(sums: &QualitySums, facts: &LogFacts, asked: &AskedQuality) -> Result<bool> {
        asked.window(facts)?;
        Ok(sums.rows.is_whole()
            && sums.rows.has(&COLUMNS)
            && sums.drawn.iter().all(|drawn| drawn.is_of(asked.columns.len()))
            && sums.silences.has_groups(0))
    }

    fn finish(sums: QualitySums, facts: &LogFacts, asked: &AskedQuality) -> Result<Self> {
        let (at, window) = (facts.cutoff(), asked.window(facts)?);
        let columns: Vec<Vec<f64>> =
            sums.rows.sorted()?.columns.into_iter().map(|(_, values)| values).collect();
        let ahead = window.end.days_since(at);
        let (mut groups, mut notes) = (Vec::new(), Vec::new());
        for (state, drawn) in State::ALL.into_iter().zip(&sums.drawn) {
            match GroupScores::of(state, &judged(&columns, state)) {
                Ok(scores) => {
                    let group = GroupQuality::of(state, &scores)?;
                    notes.extend(group.notes());
                    let whose = (state, group.model.roc_auc);
                    notes.extend(leaks(&asked.columns, drawn, whose, ahead));
                    groups.push(group);
                }
                Err(Error::TooLittleData(_)) => notes.push(format!(
                    "{state}: not judged, for all or none of the customers purchased"
                )),
                Err(error) => return Err(error),
            }
        }
        let training = &asked.training;
        let thin = groups.iter().map(|group| group.state).filter(|&s| !training.has_enough(s));
        notes.extend(thin.map(|state| {
            let OutcomeCounts { purchased, not_purchased } = training.rows(state);
            format!(
                "{state}: training had few of them ({purchased} rows with a purchase, \
                 {not_purchased} without); their probabilities lean on what other silent customers \
                 did"
            )
        }));
        notes.extend(contradicting_rhythm(sums.silences, asked.limits));
        notes.extend(nothing_returned(asked.label, sums.any_returned));
        notes.extend(facts.share_note());
        if groups.is_empty() {
            return Err(Error::TooLittleData(format!(
                "in no state both outcomes occur after {at}; choose another cutoff or horizon"
            )));
        }
        let Window { start: outcome_from, end: outcome_until } = window;
        Ok(QualityReport {
            at,
            estimator: asked.estimator.name(),
            trained_until: training.until,
            lead: asked.lead,
            horizon: asked.horizon,
            outcome_from,
            outcome_until,
            groups,
            notes,
        })
    }
}

/// A row of each customer.
fn rows(
    model: &ChurnModel,
    log: &EventLog,
    scored: &Scored,
    purchased: &[bool],
) -> Result<CustomerRows> {
    let rows = || scored.rows.iter();
    let recency = rows()
        .map(|row| model.model_of(row.state).recency_probability(row.days_since_last_purchase));
    let columns: [Vec<f64>; 5] = [
        rows().map(|row| f64::from(row.state as u8)).collect(),
        purchased.iter().map(|&purchased| f64::from(u8::from(purchased))).collect(),
        rows().map(|row| row.days_since_last_purchase).collect(),
        rows().map(|row| row.purchase_probability).collect(),
        recency.collect::<Result<_>>()?,
    ];
    let columns = COLUMNS.into_iter().zip(columns.iter().map(Vec::as_slice));
    Ok(CustomerRows::new(log, &scored.customers, columns))
}

/// The customers of a state.
fn judged(columns: &[Vec<f64>], state: State) -> Vec<Judged> {
    // There are no columns where nobody has a row.
    let [states, purchased, days, model, recency] = columns else { return Vec::new() };
    let of_state = (0..states.len()).filter(|&row| states[row] == f64::from(state as u8));
    let judged = |row: usize| Judged {
        row,
        purchased: purchased[row] == 1.0,
        days: days[row],
        model: model[row],
        recency: recency[row],
    };
    of_state.map(judged).collect()
}
