//! Reactivation candidates: the lapsed customers, ranked by what their return is worth.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, Float64Array, Int64Array, LargeStringArray, RecordBatch, TimestampMicrosecondArray,
};
use rayon::prelude::*;

use crate::churn::ChurnModel;
use crate::churn::score::{ScoreReport, Scored};
use crate::error::{Error, Result};
use crate::explain::{Reason, ReasonOptions, reason_columns};
use crate::hash;
use crate::labels::State;
use crate::log::{CustomerId, grouped};
use crate::snapshot::Snapshot;
use crate::time::Timestamp;

/// How candidates are chosen.
#[derive(Debug, Clone)]
pub struct CandidateOptions {
    /// Keep only so many of the best. Default: all.
    pub top: Option<usize>,
    /// Share of the candidates that is not to be contacted, so that the campaign's effect can be
    /// measured. From 0 to below 1. Default: 0.
    pub control_share: f64,
    /// Text mixed into the draw of the control: the same salt draws the same customers, here and in
    /// a database (the first 52 bits of md5(salt, 0xff, id)). Default: `winback`.
    pub salt: String,
    /// Which reasons are told of each. Default: three.
    pub reasons: ReasonOptions,
}

impl Default for CandidateOptions {
    fn default() -> Self {
        CandidateOptions {
            top: None,
            control_share: 0.0,
            salt: hash::DEFAULT_SALT.into(),
            reasons: ReasonOptions::default(),
        }
    }
}

impl CandidateOptions {
    pub(crate) fn check(&self) -> Result<()> {
        self.reasons.check()?;
        if !(0.0..1.0).contains(&self.control_share) {
            let expected = "from 0 to below 1";
            return Err(Error::argument("control_share", self.control_share, expected));
        }
        match self.top {
            Some(0) => Err(Error::argument("top", 0, "1 or more, or none for all customers")),
            _ => Ok(()),
        }
    }
}

/// What is to be done with a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arm {
    /// To be contacted.
    Contact,
    /// Not to be contacted, for comparison.
    Control,
}

impl Arm {
    /// `contact` or `control`.
    pub const fn name(self) -> &'static str {
        match self {
            Arm::Contact => "contact",
            Arm::Control => "control",
        }
    }
}

/// One lapsed customer.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Candidate {
    /// The customer's number in the log.
    pub customer: u32,
    /// 1 for the best.
    pub rank: u64,
    /// Time of the last purchase.
    pub last_purchase: Timestamp,
    /// Days since the last purchase.
    pub days_since_last_purchase: f64,
    /// Purchases before the cutoff.
    pub purchase_count: u64,
    /// Net spend per purchase; NaN when the log has no amounts.
    pub average_check: f64,
    /// Chance of a purchase inside the outcome window.
    pub return_probability: f64,
    /// Return probability × average check; NaN when the log has no amounts.
    pub expected_value: f64,
    /// Whether the customer is to be contacted.
    pub arm: Arm,
    /// What moves the chance of return most, up or down, the largest first.
    pub reasons: Vec<Reason>,
}

impl Candidate {
    /// What candidates are ranked by.
    pub(crate) fn worth(&self) -> f64 {
        if self.expected_value.is_nan() { self.return_probability } else { self.expected_value }
    }
}

/// Lapsed customers by falling expected value; without amounts by falling return probability.
/// Equal ones come by ascending id.
#[derive(Debug, Clone)]
pub struct Candidates {
    ids: ArrayRef,
    rows: Vec<Candidate>,
    lapsed: usize,
    report: ScoreReport,
    has_amounts: bool,
    reasons: usize,
}

impl Candidates {
    /// The candidates.
    pub fn rows(&self) -> &[Candidate] {
        &self.rows
    }

    /// How many customers the log has in which state.
    pub fn report(&self) -> &ScoreReport {
        &self.report
    }

    /// How many lapsed customers there are, those below `top` included.
    pub fn lapsed(&self) -> usize {
        self.lapsed
    }

    /// What a reader should know: that some are worth nothing, or less.
    pub fn notes(&self) -> Vec<String> {
        let worthless = self.rows.iter().filter(|row| row.expected_value <= 0.0).count();
        let note = match worthless {
            0 => return Vec::new(),
            1 => "1 candidate is worth nothing: all of the purchases went back".to_owned(),
            n => format!(
                "{} candidates are worth nothing: all they bought went back",
                grouped(n as u64)
            ),
        };
        vec![note]
    }

    /// As an Arrow table: `customer_id`, `rank`, `last_purchase`, `days_since_last_purchase`,
    /// `purchase_count`, `average_check`, `return_probability`, `expected_value`, `arm`, `reason_1`,
    /// `reason_2` and so on (null when there are fewer). Without amounts there is no `average_check` and
    /// no `expected_value`.
    ///
    /// # Errors
    /// None in practice; [`Error::Arrow`] is passed on.
    pub fn to_batch(&self) -> Result<RecordBatch> {
        let number = |value: fn(&Candidate) -> f64| -> ArrayRef {
            Arc::new(Float64Array::from_iter_values(self.rows.iter().map(value)))
        };
        let count = |value: fn(&Candidate) -> u64| -> ArrayRef {
            Arc::new(Int64Array::from_iter_values(self.rows.iter().map(|row| value(row) as i64)))
        };
        let last = self.rows.iter().map(|row| row.last_purchase.micros());
        let mut columns: Vec<(String, ArrayRef)> = vec![
            ("customer_id".into(), self.ids.clone()),
            ("rank".into(), count(|row| row.rank)),
            ("last_purchase".into(), Arc::new(TimestampMicrosecondArray::from_iter_values(last))),
            ("days_since_last_purchase".into(), number(|row| row.days_since_last_purchase)),
            ("purchase_count".into(), count(|row| row.purchase_count)),
        ];
        if self.has_amounts {
            columns.push(("average_check".into(), number(|row| row.average_check)));
        }
        columns.push(("return_probability".into(), number(|row| row.return_probability)));
        if self.has_amounts {
            columns.push(("expected_value".into(), number(|row| row.expected_value)));
        }
        let arms = self.rows.iter().map(|row| row.arm.name());
        columns.push(("arm".into(), Arc::new(LargeStringArray::from_iter_values(arms))));
        columns.extend(reason_columns(self.rows.iter().map(|row| &row.reasons[..]), self.reasons));
        Ok(RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| {
            let nullable = name.starts_with("reason_");
            (name, array, nullable)
        }))?)
    }
}

impl ChurnModel {
    /// The lapsed customers, ranked by return probability × average check, each with reasons.
    ///
    /// # Errors
    /// As [`ChurnModel::score`]; [`Error::Argument`] for a `control_share` outside 0 to below 1
    /// or a `top` of 0.
    pub fn candidates(
        &self,
        snapshot: &Snapshot,
        options: &CandidateOptions,
    ) -> Result<Candidates> {
        options.check()?;
        self.candidates_of(snapshot, &self.scored_all(snapshot)?, options, None)
    }

    /// The candidates among the customers that are scored, only those worth more than `floor` if one
    /// is given.
    pub(crate) fn candidates_of(
        &self,
        snapshot: &Snapshot,
        scored: &Scored,
        options: &CandidateOptions,
        floor: Option<f64>,
    ) -> Result<Candidates> {
        let log = snapshot.log();
        let has_amounts = log.columns().amount;
        let worth = |row: usize| {
            let score = &scored.rows[row];
            let factor = if has_amounts { score.average_check } else { 1.0 };
            score.purchase_probability * factor
        };
        let is_lapsed = |&row: &usize| scored.rows[row].state == State::Lapsed;
        let mut order: Vec<usize> = (0..scored.rows.len()).filter(is_lapsed).collect();
        order.sort_by(|&a, &b| worth(b).total_cmp(&worth(a)));
        let lapsed = order.len();
        order.truncate(options.top.unwrap_or(lapsed));
        if let Some(floor) = floor {
            order.truncate(order.partition_point(|&row| worth(row).total_cmp(&floor).is_gt()));
        }
        let names = self.recipe.names();
        let rows: Vec<Candidate> = order
            .par_iter()
            .enumerate()
            .map(|(i, &row)| {
                let score = &scored.rows[row];
                let customer = scored.customers[row];
                let values = scored.x.row(row).to_vec();
                let last = snapshot.history(customer as usize).last_purchase();
                Ok(Candidate {
                    customer,
                    rank: i as u64 + 1,
                    last_purchase: last.unwrap_or(Timestamp::MIN),
                    days_since_last_purchase: score.days_since_last_purchase,
                    purchase_count: score.purchase_count,
                    average_check: score.average_check,
                    return_probability: score.purchase_probability,
                    expected_value: if has_amounts { worth(row) } else { f64::NAN },
                    arm: arm_of(log.customers().get(customer as usize), options),
                    reasons: self.reasons(
                        score.state,
                        &names,
                        &values,
                        &self.model_of(score.state).contributions(&values)?,
                        &options.reasons,
                    ),
                })
            })
            .collect::<Result<_>>()?;
        let ids = log.customers().take(rows.iter().map(|row| row.customer as usize));
        let reasons = options.reasons.count;
        Ok(Candidates { ids, rows, lapsed, report: scored.report, has_amounts, reasons })
    }
}

/// Draws the arm by salt and id alone, so that it does not depend on the other customers or on the
/// order of the input.
fn arm_of(id: CustomerId<'_>, options: &CandidateOptions) -> Arm {
    let is_control = hash::drawn_share(&options.salt, id) < options.control_share;
    if is_control { Arm::Control } else { Arm::Contact }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_control_has_its_share_and_the_salt_draws_it_anew() {
        let share = |options: &CandidateOptions| {
            let control = |&id: &i64| arm_of(CustomerId::Int(id), options) == Arm::Control;
            (0..20_000_i64).filter(control).collect::<Vec<i64>>()
        };
        let options = CandidateOptions { control_share: 0.1, ..CandidateOptions::default() };
        let first = share(&options);
        // 2,000 ± 4.7 standard deviations of 42.
        assert!((1_800..2_200).contains(&first.len()), "{}", first.len());
        assert_eq!(share(&options), first);
        let other = share(&CandidateOptions { salt: "spring".into(), ..options });
        let both = other.iter().filter(|id| first.contains(id)).count();
        assert!((120..280).contains(&both), "{both} of 200 expected");
        assert!(share(&CandidateOptions::default()).is_empty());
    }
}
